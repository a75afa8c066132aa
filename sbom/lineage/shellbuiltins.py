"""The commands of a shell that change its own state: its variables, its directory, its positional parameters."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from sbom.lineage.expansion import ROOT, UNKNOWN, Word, placed
from sbom.lineage.interface import ScriptError
from sbom.lineage.shellsays import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.lineage.shellwalk import Walk

_MAX_DIGITS = 9


def evaluate(walk: Walk, words: Sequence[Word]) -> None:
    """``eval``: read a text in this shell."""
    if all(word.known for word in words):
        walk.nested(" ".join(word.text for word in words[1:]), walk.here())
    else:
        walk.problem("evaluates a text that is not known")


def source(walk: Walk, words: Sequence[Word]) -> None:
    """``source``: read a script in this shell, so that what it sets is known after it."""
    word = placed(words[1], walk.directory) if len(words) > 1 else UNKNOWN
    path = walk.path(word)
    if path is None or not walk.workspace.is_file(path):
        if not word.known or word.text.endswith(".sh"):
            walk.problem("reads a script that is unknown or not there: what it sets is not known")
        return
    if path not in walk.found.scripts:
        walk.found.scripts.append(path)
    try:
        text = walk.workspace.text(path)
    except ScriptError as error:
        walk.found.problems.append((path, str(error)))
        return
    walk.nested(text, Origin(path, 1))


def _set(walk: Walk, words: Sequence[Word]) -> None:
    """``export`` and its like."""
    for word in words[1:]:
        name, sign, value = word.text.partition("=")
        if sign and name.isidentifier():
            start = word.start.partition("=")[2]
            walk.assign(name, (word._replace(text=value, start=start),))


def _unset(walk: Walk, words: Sequence[Word]) -> None:
    for word in words[1:]:
        walk.assign(word.text, (Word("", known=True),))


def _shift(walk: Walk, words: Sequence[Word]) -> None:
    text = words[1].text if len(words) > 1 else "1"
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else 0
    walk.positional(walk.variables.get("@", ())[number:])


def _positionals(walk: Walk, words: Sequence[Word]) -> None:
    """``set -- words``."""
    at = next((at for at, word in enumerate(words) if word.text == "--"), None)
    if at is not None:
        walk.positional(words[at + 1 :])


def _asks(walk: Walk, words: Sequence[Word]) -> None:
    """``read`` sets variables to what is not known."""
    for word in words[1:]:
        if word.text.isidentifier():
            walk.assign(word.text, (UNKNOWN,))


def _change(walk: Walk, words: Sequence[Word]) -> None:
    """``cd`` and ``pushd``."""
    operands = [placed(word, walk.directory) for word in words[1:] if word.text[:1] != "-" or not word.known]
    before = walk.directory
    path = None
    if words[-1].text == "-" and walk.stack:
        path = walk.stack[-1]
    elif operands and operands[0].known and before is not None and operands[0].text[:1] not in {"/", "~"}:
        path = posixpath.normpath(posixpath.join(before, operands[0].text))
    walk.stack.append(before)
    _enter(walk, path)


def _back(walk: Walk, _: Sequence[Word]) -> None:
    """``popd``."""
    if walk.stack:
        _enter(walk, walk.stack.pop())


def _enter(walk: Walk, path: str | None) -> None:
    if path is None or path.startswith(".."):
        walk.directory = None
        walk.assign("PWD", (UNKNOWN,))
        walk.problem("changes to a directory that is unknown or outside; relative names after it are not known")
    else:
        walk.directory = "" if path == "." else path
        walk.assign("PWD", (Word(f"{ROOT}{walk.directory}", known=True),))


BUILTINS: Final[dict[str, Callable[[Walk, Sequence[Word]], None]]] = {
    **dict.fromkeys(("export", "local", "readonly", "declare", "typeset"), _set),
    "eval": evaluate, "source": source, ".": source, "unset": _unset, "shift": _shift, "set": _positionals,
    "read": _asks, "cd": _change, "pushd": _change, "popd": _back,
}  # fmt: skip
