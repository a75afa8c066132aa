"""What a few commands print, by their words alone: for the values of ``$(…)``."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from sbom.lineage.expansion import MAX_WORDS, ROOT, UNKNOWN, Word, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MAX_DIGITS = 9


def printed(words: Sequence[Word], directory: str | None) -> Word:
    """Return what a command prints, without the end of its last line."""
    program = _PRINTERS.get(words[0].text) if words else None
    if program is None or not all(word.known for word in words):
        return UNKNOWN
    texts = [word.text for word in words[1:]]
    found = program(texts, directory)
    pattern = any(word.pattern for word in words)
    return UNKNOWN if found is None else Word(found, known=True, pattern=pattern, inferred=True)


def _echo(texts: list[str], _: str | None) -> str | None:
    while texts and texts[0] in {"-n", "-e", "-E"}:
        texts = texts[1:]
    found = joined([Word(text, known=True) for text in texts])
    return found.text if found.known and "\\" not in found.text else None


def _pwd(texts: list[str], directory: str | None) -> str | None:
    return None if directory is None or not set(texts) <= {"-P", "-L"} else f"{ROOT}{directory}"


def _dirname(texts: list[str], _: str | None) -> str | None:
    if texts[:1] == ["--"]:
        texts = texts[1:]
    if len(texts) != 1:
        return None
    root = ROOT if texts[0].startswith(ROOT) else ""
    path = texts[0].removeprefix(root).rstrip("/")
    if root:
        return f"{root}{posixpath.dirname(path)}" if path else None
    return posixpath.dirname(path) or "."


def _basename(texts: list[str], _: str | None) -> str | None:
    match texts:
        case [text]:
            return posixpath.basename(text.rstrip("/"))
        case [text, suffix] | ["-s", suffix, text]:
            return posixpath.basename(text.rstrip("/")).removesuffix(suffix)
        case _:
            return None


def _realpath(texts: list[str], directory: str | None) -> str | None:
    operands = [text for text in texts if not text.startswith("-")]
    if len(operands) != 1 or directory is None:
        return None
    if operands[0].startswith(("/", "~", ROOT)):
        return operands[0] if operands[0].startswith(ROOT) else None
    return f"{ROOT}{posixpath.join(directory, operands[0])}"


def _git(texts: list[str], _: str | None) -> str | None:
    return ROOT if texts == ["rev-parse", "--show-toplevel"] else None


def _seq(texts: list[str], _: str | None) -> str | None:
    if not 1 <= len(texts) <= 3 or not all(_is_number(text) for text in texts):  # noqa: PLR2004  # first, step, last
        return None
    numbers = [int(text) for text in texts]
    first = numbers[0] if len(numbers) > 1 else 1
    step = numbers[1] if len(numbers) > 2 else 1  # noqa: PLR2004  # as above
    if not step:
        return None
    found = range(first, numbers[-1] + (1 if step > 0 else -1), step)
    return "\n".join(map(str, found)) if len(found) <= MAX_WORDS else None


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS


_PRINTERS: Final[dict[str, Callable[[list[str], str | None], str | None]]] = {
    "echo": _echo, "pwd": _pwd, "dirname": _dirname, "basename": _basename, "realpath": _realpath,
    "readlink": _realpath, "git": _git, "seq": _seq,
}  # fmt: skip
