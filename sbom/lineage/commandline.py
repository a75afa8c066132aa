"""The words of a command line, sorted into options and operands, and what a program says by them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sbom.lineage.expansion import Word

if TYPE_CHECKING:
    from collections.abc import Sequence


class Given(Protocol):
    """What a program is given, and where it says what it does."""

    #: The here-document or here-string that is its standard input.
    stdin: str | None

    def read(self, word: Word) -> None:
        """Say that it reads a file, directory or URL."""

    def write(self, word: Word) -> None:
        """Say that it writes one."""

    def script(self, word: Word, arguments: Sequence[Word]) -> None:
        """Say that it runs a script of the workspace."""

    def inline(self, language: str, text: str, arguments: Sequence[Word]) -> None:
        """Say that it runs a text: ``python``, ``shell`` or ``sql``."""

    def module(self, name: str, arguments: Sequence[Word]) -> None:
        """Say that it runs a Python module of the workspace."""

    def run(self, words: Sequence[Word]) -> None:
        """Say that it runs another program."""

    def sql(self, text: str, dialect: str) -> None:
        """Say that it runs SQL."""

    def problem(self, what: str) -> None:
        """Say what could not be understood."""


class Words(NamedTuple):
    """Words, sorted: options with their values, and the rest."""

    options: list[tuple[str, Word]]
    operands: list[Word]

    def values(self, *names: str) -> list[Word]:
        """Return the values of some options, in their order."""
        return [value for name, value in self.options if name in names]

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


_FLAG: Final = Word("", known=True)


def sort(words: Sequence[Word], values: str) -> Words:
    """Sort words into options and operands (POSIX.1-2017, 12.2, and GNU's long options)."""
    taking = frozenset(values.split())
    found = Words([], [])
    waiting = iter(words)
    for word in waiting:
        text = word.text
        if text == "--":
            found.operands.extend(waiting)
        elif not text.startswith("-") or text == "-" or not word.known:
            found.operands.append(word)
        elif text in taking:
            value = next(waiting, None)
            if value is not None:
                found.options.append((text, value))
        elif text.startswith("--"):
            name, sign, value_text = text.partition("=")
            found.options.append((name, Word(value_text, known=True) if sign else _FLAG))
        elif text[:2] in taking:
            found.options.append((text[:2], Word(text[2:], known=True)))
        else:
            found.options.append((text, _FLAG))
    return found


def by_table(program: Program, words: Sequence[Word], given: Given) -> None:
    """Say what a program does whose operands and options are all there is to it."""
    found = sort(words, program.values)
    for value in found.values(*program.ins.split()):
        given.read(value)
    for value in found.values(*program.outs.split()):
        given.write(value)
    operands = found.operands
    if program.skip and not found.has(*program.instead.split()):
        operands = operands[program.skip :]
    operands = [word for word in operands if word.text != "-"]
    if program.last and len(operands) > 1:
        *operands, target = operands
        _target(operands, target, given)
    elif program.last and not program.reads:
        for word in operands[-1:]:
            given.write(word)
    if program.reads:
        for word in operands:
            given.read(word)


def _target(sources: Sequence[Word], target: Word, given: Given) -> None:
    """Write a target: in a directory that is named as one, each source gets its own name."""
    if (
        target.text.endswith("/")
        and target.known
        and all(word.known and not word.text.endswith("/") for word in sources)
    ):
        for word in sources:
            given.write(Word(target.text + posixpath.basename(word.text), known=True))
    else:
        given.write(target)


def as_directory(word: Word) -> Word:
    """Return a word that names a directory."""
    return word._replace(text=word.text if word.text.endswith("/") else f"{word.text}/")
