"""Programs that work on texts and files, and say by more than options and operands what they read and write."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from sbom.lineage.commandline import as_directory, cut, sort
from sbom.lineage.expansion import UNKNOWN, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.commandline import Given

# POSIX.1-2017, awk: output is redirected, and input is read, by a text behind one of these.
_AWK: Final = re.compile(r'(>{1,2}|getline[^;{}"<\n]{0,100}<)\s*"([^"\\\n]{1,1000})"')
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
_STARTS: Final = frozenset({"-exec", "-execdir", "-ok", "-okdir"})

# Options that take a value.
_XARGS: Final = frozenset({"-I", "-n", "-P", "-d", "-L", "-a", "-E", "-s", "--max-args", "--max-procs", "--delimiter"})
_PARALLEL: Final = frozenset({"-j", "--jobs", "-a", "--arg-file", "--colsep", "-C"})


def awk(words: Sequence[Word], given: Given) -> None:
    """``awk``: a program, or a file with one, and files; the program may redirect to files of its own."""
    found = sort(words, "-F -v -f --file --assign --field-separator")
    programs = found.values("-f", "--file")
    operands = found.operands
    if not programs:
        texts, operands = operands[:1], operands[1:]
        for sign, name in (match for text in texts for match in _AWK.findall(text.text)):
            (given.write if sign.startswith(">") else given.read)(Word(name, known=True))
    for word in programs:
        given.script(word, ())
    for word in operands:
        if not _ASSIGNMENT.match(word.text):
            given.read(word)


def sed(words: Sequence[Word], given: Given) -> None:
    """``sed``."""
    found = sort(words, "-e -f --expression --file -l")
    operands = found.operands if found.has("-e", "-f", "--expression", "--file") else found.operands[1:]
    in_place = any(name.startswith(("-i", "--in-place")) for name, _ in found.options)
    for word in operands:
        given.read(word)
        if in_place:
            given.write(word)


def tee(words: Sequence[Word], given: Given) -> None:
    """``tee``."""
    for word in sort(words, "").operands:
        given.write(word)


def dd(words: Sequence[Word], given: Given) -> None:
    """``dd``."""
    for name, say in (("if=", given.read), ("of=", given.write)):
        for word in words:
            if word.text.startswith(name):
                say(cut(word, len(name)))


def split(words: Sequence[Word], given: Given) -> None:
    """``split``: the pieces are called like the second operand, and something unknown behind it."""
    operands = sort(words, "-l -b -n -a -C --lines --bytes --number --additional-suffix --filter").operands
    for word in operands[:1]:
        given.read(word)
    for word in operands[1:2]:
        given.write(Word(word.text, known=False, start=word.text if word.known else word.start))


def link(words: Sequence[Word], given: Given) -> None:
    """``ln``: what a symbolic link leads to is relative to where the link is."""
    found = sort(words, "-t -S", clusters=True)
    if len(found.operands) != 2:  # noqa: PLR2004  # a target and a link
        return
    target, name = found.operands
    if found.has("-s", "--symbolic") and target.known and name.known:
        target = target._replace(text=posixpath.join(posixpath.dirname(name.text), target.text))
    given.read(target)
    given.write(name)


def find(words: Sequence[Word], given: Given) -> None:
    """``find``: directories, and commands that are run with what is in them."""
    end = next((at for at, word in enumerate(words) if word.text[:1] in {"-", "(", "!"}), len(words))
    for word in words[:end]:
        given.read(as_directory(word))
    inner = UNKNOWN._replace(start=f"{words[0].text.rstrip('/')}/" if end == 1 and words[0].known else "")
    for at, word in enumerate(words):
        if word.text in _STARTS:
            last = next((i for i in range(at, len(words)) if words[i].text in {";", "+"}), len(words))
            given.run([_filled(one, "{}", inner) for one in words[at + 1 : last]])


def xargs(words: Sequence[Word], given: Given) -> None:
    """``xargs``: a command, and words that are not known."""
    at, mark = 0, ""
    while at < len(words) and words[at].text.startswith("-"):
        text = words[at].text
        if text == "-I" and at + 1 < len(words):
            mark = words[at + 1].text
        elif text[:2] in {"-I", "-i"}:
            mark = text[2:] or "{}"
        at += 2 if text in _XARGS else 1
    rest = list(words[at:])
    given.run([_filled(word, mark, UNKNOWN) for word in rest] if mark else [*rest, UNKNOWN] if rest else [])


def parallel(words: Sequence[Word], given: Given) -> None:
    """``parallel``: a command for each word behind ``:::``."""
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text in _PARALLEL else 1
    end = next((i for i in range(at, len(words)) if words[i].text.startswith(":::")), len(words))
    command = [_filled(word, "{}", UNKNOWN) for word in words[at:end]]
    if command:
        given.run(command if any(not word.known for word in command) else [*command, UNKNOWN])


def _filled(word: Word, mark: str, value: Word) -> Word:
    """Return a word with something unknown in the place of a mark."""
    before, found, _ = word.text.partition(mark)
    if not found or not word.known:
        return word
    return Word(before, known=False, start=before + value.start, inferred=True)
