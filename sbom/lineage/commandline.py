"""The words of a command line, sorted into options and operands, and what a program says by them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sbom.lineage.expansion import Word
from sbom.lineage.paths import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A file on another machine, as scp and rsync name it.
_REMOTE: Final = re.compile(r"[\w.@-]+:")
_FLAG: Final = Word("", known=True)


class Given(Protocol):
    """What a program is given, and where it says what it does."""

    #: The here-document or here-string that is its standard input.
    stdin: Word | None

    def read(self, word: Word) -> None:
        """Say that it reads a file, directory or URL."""

    def write(self, word: Word) -> None:
        """Say that it writes one."""

    def is_directory(self, word: Word) -> bool:
        """Tell whether a word names a directory that is there."""

    def input_file(self) -> Word | None:
        """Return the file that is its standard input and a script: then it is not read as data."""

    def script(self, word: Word, arguments: Sequence[Word]) -> None:
        """Say that it runs a script of the workspace."""

    def inline(self, language: str, word: Word, arguments: Sequence[Word]) -> None:
        """Say that it runs a text: ``python`` or ``shell``."""

    def module(self, name: str, arguments: Sequence[Word]) -> None:
        """Say that it runs a Python module of the workspace."""

    def run(self, words: Sequence[Word]) -> None:
        """Say that it runs another program."""

    def sql(self, word: Word, dialect: str, database: Word | None = None, *, is_file: bool = False) -> None:
        """Say that it runs SQL: a text or, with ``is_file``, a script."""

    def problem(self, what: str) -> None:
        """Say what could not be understood."""


class Words(NamedTuple):
    """Words, sorted: options with their values, and the rest."""

    options: list[tuple[str, Word]]
    operands: list[Word]

    def values(self, *names: str) -> list[Word]:
        """Return the values of some options, in their order."""
        return [value for name, value in self.options if name in names]

    def value(self, *names: str) -> Word | None:
        """Return the value that the last of some options gives."""
        return next(reversed(self.values(*names)), None)

    def has(self, *names: str) -> bool:
        """Tell whether an option is there."""
        return any(name in names for name, _ in self.options)


class Program(NamedTuple):
    """What the operands and options of a program are.

    :param values: options that take a value, separated by spaces.
    :param skip: operands at the start that are no files, unless one of ``instead`` is given.
    :param last: the last operand is written.
    :param reads: whether the other operands are read.
    :param ins: options whose value is read; ``outs``: written.
    """

    values: str = ""
    skip: int = 0
    instead: str = ""
    last: bool = False
    reads: bool = True
    ins: str = ""
    outs: str = ""


def sort(words: Sequence[Word], values: str, *, clusters: bool = False) -> Words:
    """Sort words into options and operands (POSIX.1-2017, 12.2, and GNU's long options).

    :param values: options that take a value, separated by spaces.
    :param clusters: options of one letter can be written as one word: ``-xzf``.
    """
    taking = frozenset(values.split())
    found = Words([], [])
    waiting = iter(words)
    for word in waiting:
        text = word.text if word.known else word.start
        if text == "--" and word.known:
            found.operands.extend(waiting)
        elif not text.startswith("-") or text == "-":
            found.operands.append(word)
        elif text in taking:
            value = next(waiting, None)
            if value is not None:
                found.options.append((text, value))
        elif text.startswith("--"):
            name, sign, _ = text.partition("=")
            found.options.append((name, cut(word, len(name) + 1) if sign else _FLAG))
        elif clusters:
            _cluster(word, text, taking, waiting, found)
        elif text[:2] in taking:
            found.options.append((text[:2], cut(word, 2)))
        else:
            found.options.append((text, _FLAG))
    return found


def _cluster(word: Word, text: str, taking: frozenset[str], waiting: Iterable[Word], found: Words) -> None:
    """Take ``-xzf`` apart; what follows an option that takes a value is that."""
    for at, letter in enumerate(text[1:], 2):
        name = f"-{letter}"
        if name not in taking:
            found.options.append((name, _FLAG))
            continue
        value = cut(word, at) if at < len(text) or not word.known else next(iter(waiting), None)
        if value is not None:
            found.options.append((name, value))
        return


def cut(word: Word, start: int) -> Word:
    """Return a word without the first characters of it."""
    return word._replace(text=word.text[start:], start=word.start[start:])


def by_table(program: Program, words: Sequence[Word], given: Given) -> None:
    """Say what a program does whose operands and options are all there is to it; first what it reads."""
    found = sort(words, program.values)
    operands = found.operands
    if program.skip and not found.has(*program.instead.split()):
        operands = operands[program.skip :]
    operands = [word for word in operands if not is_remote(word)]
    targets = found.values(*program.outs.split())
    if program.last and (len(found.operands) > 1 or not program.reads):
        target = found.operands[-1:]
        targets += [word for word in target if not is_remote(word)]
        operands = [word for word in operands if word not in target]
    for word in (*found.values(*program.ins.split()), *(operands if program.reads else ())):
        given.read(word)
    for word in targets:
        given.write(word)


def copy(words: Sequence[Word], given: Given, values: str = "") -> None:
    """Say what a program does that copies or moves to its last operand: in a directory, each source gets its name."""
    found = sort(words, f"{values} -t --target-directory")
    sources = found.operands
    target = found.value("-t", "--target-directory")
    if target is None and len(sources) > 1:
        *sources, last = sources
        target = last
        into = len(sources) > 1 or last.text.endswith("/")
        whole = len(sources) == 1 and given.is_directory(sources[0])
        into = into or (given.is_directory(last) and not whole)
    else:
        into = True
    for word in sources:
        if not is_remote(word):
            given.read(word)
    if target is not None and not is_remote(target):
        for word in sources if into else ():
            # A slash at the end: what is in it is copied (rsync).
            given.write(as_directory(target) if word.text.endswith("/") else inside(target, word, given))
        if not into:
            given.write(as_directory(target) if given.is_directory(sources[0]) else target)


def inside(directory: Word, word: Word, given: Given) -> Word:
    """Return what a file or directory is called in another directory."""
    if not directory.known or not word.known or word.pattern:
        return as_directory(directory)
    name = posixpath.basename(word.text.rstrip("/").partition("?")[0] if is_url(word.text) else word.text)
    end = "/" if given.is_directory(word) else ""
    return directory._replace(text=posixpath.join(directory.text, name) + end, inferred=True)


def is_remote(word: Word) -> bool:
    """Tell whether a word names a file on another machine (``host:path``)."""
    return not is_url(word.text) and _REMOTE.match(word.text) is not None


def as_directory(word: Word) -> Word:
    """Return a word that names a directory."""
    if not word.known:
        return word._replace(start=word.start if word.start.endswith("/") else f"{word.start}/") if word.text else word
    return word._replace(text=word.text if word.text.endswith("/") else f"{word.text}/")
