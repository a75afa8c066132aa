"""Programs that pack, compress and expand."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sbom.lineage.commandline import as_directory, sort

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.lineage.commandline import Given
    from sbom.lineage.expansion import Word

_MODES = {"c": ("-c", "--create", "-r", "--append", "-u", "--update"), "x": ("-x", "--extract", "--get"),
          "t": ("-t", "--list")}  # fmt: skip


def tar(words: Sequence[Word], given: Given) -> None:
    """``tar``, in each of its three ways to write options."""
    plain = list(words)
    if plain and plain[0].known and not plain[0].text.startswith("-"):
        plain[0] = plain[0]._replace(text=f"-{plain[0].text}")
    found = sort(plain, "-f --file -C --directory -T -X --exclude -I", clusters=True)
    mode = next((one for one, options in _MODES.items() if found.has(*options)), "")
    archives = [word for word in found.values("-f", "--file") if word.text != "-"]
    directory = found.value("-C", "--directory")
    if mode == "c":
        for word in found.operands:
            given.read(word if directory is None else _under(directory, word))
        for word in archives:
            given.write(word)
    elif mode:
        for word in archives:
            given.read(word)
        if directory is not None and mode == "x":
            given.write(as_directory(directory))


def _under(directory: Word, word: Word) -> Word:
    if not directory.known or not word.known:
        return as_directory(directory)
    return word._replace(text=posixpath.join(directory.text, word.text), inferred=True)


def compress(suffix: str, *, expands: bool = False) -> Callable[[Sequence[Word], Given], None]:
    """Return how a program that compresses to files with a suffix, or expands these, does it."""

    def program(words: Sequence[Word], given: Given) -> None:
        found = sort(words, "-S -T -o -p", clusters=True)
        backwards = expands or found.has("-d", "--decompress", "--uncompress")
        named = found.values("-o")
        for word in found.operands:
            given.read(word)
            if not named and word.known and not word.pattern and not found.has("-c", "--stdout", "--to-stdout"):
                text = word.text.removesuffix(suffix) if backwards else word.text + suffix
                given.write(word._replace(text=text, inferred=True))
        for word in named:
            given.write(word)

    return program


def pack(words: Sequence[Word], given: Given) -> None:
    """``zip``."""
    found = sort(words, "-x -i -b -t")
    for word in found.operands[1:]:
        given.read(word)
    for word in found.operands[:1]:
        given.write(word if posixpath.splitext(word.text)[1] else word._replace(text=f"{word.text}.zip"))


def unzip(words: Sequence[Word], given: Given) -> None:
    """``unzip``."""
    found = sort(words, "-d -x")
    for word in found.operands[:1]:
        given.read(word)
    for word in found.values("-d"):
        given.write(as_directory(word))


def seven(words: Sequence[Word], given: Given) -> None:
    """``7z``: a command, an archive, files."""
    found = sort(words, "-o")
    command = found.operands[0].text if found.operands else ""
    rest = found.operands[1:]
    if command in {"a", "u"}:
        for word in rest[1:]:
            given.read(word)
        for word in rest[:1]:
            given.write(word)
    elif command in {"x", "e", "l", "t"}:
        for word in rest[:1]:
            given.read(word)
        for word in found.values("-o"):
            given.write(as_directory(word))
