"""Programs that pack, compress and expand."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sbom.lineage.commandline import as_directory, sort
from sbom.lineage.expansion import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.lineage.commandline import Given

#: A dash and one letter.
_BUNDLE = 2


def tar(words: Sequence[Word], given: Given) -> None:
    """``tar``, in each of its three ways to write options."""
    plain = list(words)
    if plain and plain[0].known and not plain[0].text.startswith("-"):
        plain[0] = plain[0]._replace(text=f"-{plain[0].text}")
    found = sort([part for word in plain for part in _bundled(word)], "-f --file -C --directory -T -X --exclude")
    modes = {"c": ("-c", "--create", "-r", "-u"), "x": ("-x", "--extract", "--get"), "t": ("-t", "--list")}
    mode = next((one for one, options in modes.items() if found.has(*options)), "")
    archives = found.values("-f", "--file")
    if mode == "c":
        for word in found.operands:
            given.read(word)
        for word in archives:
            given.write(word)
    elif mode:
        for word in archives:
            given.read(word)
        for word in found.values("-C", "--directory") if mode == "x" else ():
            given.write(as_directory(word))


def _bundled(word: Word) -> list[Word]:
    """Take ``-xzf`` apart into ``-x -z -f``."""
    text = word.text
    if not text.startswith("-") or text.startswith("--") or not word.known or len(text) <= _BUNDLE:
        return [word]
    return [word._replace(text=f"-{letter}") for letter in text[1:]]


def compress(suffix: str) -> Callable[[Sequence[Word], Given], None]:
    """Return how a program that compresses to files with a suffix does it."""

    def program(words: Sequence[Word], given: Given) -> None:
        found = sort(words, "-S -T -o")
        to_stdout = found.has("-c", "--stdout", "--to-stdout") or any(
            "c" in name[1:] for name, _ in found.options if name[:2] != "--"
        )
        expands = any(
            name in {"-d", "--decompress"} or "d" in name[1:3] for name, _ in found.options if name[:2] != "--"
        )
        for word in found.operands:
            given.read(word)
            target = word.text.removesuffix(suffix) if expands else word.text + suffix
            if not to_stdout and word.known:
                given.write(Word(target, known=True))
        for word in found.values("-o"):
            given.write(word)

    return program


def expand(words: Sequence[Word], given: Given) -> None:
    """``gunzip``."""
    compress(".gz")([Word("-d", known=True), *words], given)


def pack(words: Sequence[Word], given: Given) -> None:
    """``zip``."""
    found = sort(words, "-x -i -b -t")
    for word in found.operands[:1]:
        given.write(word if posixpath.splitext(word.text)[1] else word._replace(text=f"{word.text}.zip"))
    for word in found.operands[1:]:
        given.read(word)


def unzip(words: Sequence[Word], given: Given) -> None:
    """``unzip``."""
    found = sort(words, "-d -x")
    for word in found.operands[:1]:
        given.read(word)
    for word in found.values("-d"):
        given.write(as_directory(word))
