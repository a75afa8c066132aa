"""From what a program did, in its order, to what its step reads and writes.

A program that writes a set of like files into a directory that it made writes that directory: the set is one thing,
and the next program is given it as one. A directory that was only made because a file lies in it
(``os.path.dirname(path)``) does not count as made. A program that reads from a directory that its command line names
reads that directory.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage.interface import Access
from sbom.lineage.paths import is_url, resolve
from sbom.lineage.python import texts
from sbom.lineage.python.machine import Effect
from sbom.transformation import INFERRED, LITERAL, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.lineage.interface import Call, Found, Workspace
    from sbom.lineage.python.machine import Event

_READS = frozenset({Effect.READ, Effect.READ_DIRECTORY, Effect.MOVE})
_WRITES = frozenset({Effect.WRITE, Effect.WRITE_DIRECTORY})
_DIRECTORY = frozenset({Effect.READ_DIRECTORY, Effect.WRITE_DIRECTORY, Effect.MAKE_DIRECTORY})
#: Files that are no data, whoever reads them.
_CODE = (".py", ".ipynb", ".sh", ".log", ".pyc", ".lock", ".gitignore", ".gitkeep", ".dockerignore")
_NO_OUTPUT = (".log", ".py", ".gitignore", ".gitkeep")
#: Directories whose files are things of their own, however many there are.
_COLLECTIONS = re.compile(
    r"(?:saved_?)?models?|metrics?|plots?|figures?|figs?|images?|reports?|results?|outputs?|outs?|artifacts?|logs?"
)
_WILD = re.compile(r"[*?\[]")
#: ``models:/name``, ``dbfs:/path``: names in stores of their own.
_STORE = re.compile(r"[a-z]{2,10}:/(?!/)")
#: Names of which a set is made of, at least.
_SET: Final = 2


class Named(NamedTuple):
    """An access with its name in the workspace.

    :ivar partial: the name is a directory in which something with an unknown name lies.
    """

    effect: Effect
    name: str
    kind: str
    where: str
    partial: bool = False


def name_event(event: Event) -> Named | None:
    """Return the name in the workspace of what an event is about; ``None`` when it has none."""
    parts = event.name.parts
    if not parts or parts[0] is None:
        return None
    known = event.name.known
    directory = event.effect in _DIRECTORY
    partial = False
    if known is None or (_WILD.search(known) and not is_url(known)):
        # What stands before the gap is a directory as far as it goes.
        known = _WILD.split(parts[0], maxsplit=1)[0]
        if is_url(known):
            return None
        known = known[: known.rfind("/") + 1]
        partial = directory = True
    base = event.directory
    if known.startswith(texts.ROOT):
        known = known[len(texts.ROOT) :]
        if known[:1] not in {"", "/"}:
            return None
        known, base = known.lstrip("/") or ".", ""
    if (partial and not known) or _STORE.match(known):
        return None
    name = resolve(known, base, is_directory=directory)
    if name is None or name == "./" or name.startswith(".git/"):
        return None
    kind = LITERAL if event.name.literal and not partial else INFERRED
    return Named(event.effect, name, kind, event.where, partial)


def settle(events: Sequence[Event], call: Call, workspace: Workspace, found: Found) -> None:
    """Put what the events say into what was found."""
    relevant = (event for event in events if not (event.effect is Effect.MAKE_DIRECTORY and event.name.above))
    named = [one for event in relevant if (one := name_event(event)) is not None]
    named = _databases(named, workspace)
    said = _said(call)
    outputs = _outputs(named, said)
    whole = {one.name for one in named if one.effect is Effect.READ_DIRECTORY} | {f"{name}/" for name in said}
    written: set[str] = set()
    for one in named:
        if one.effect is Effect.CONFIGURATION:
            if workspace.is_file(one.name):
                found.scripts.append(one.name)
        elif one.effect in _WRITES:
            written.add(one.name.rstrip("/"))
            name = outputs.get(one.name)
            if name is not None:
                written.add(name.rstrip("/"))
                _add(found, one, name, workspace, writes=True)
        elif one.effect in _READS and _is_input(one, written, workspace):
            _add(found, one, _above(one.name, whole) or one.name, workspace, writes=False)


def _add(found: Found, one: Named, name: str, workspace: Workspace, *, writes: bool) -> None:
    kind = one.kind if name == one.name else INFERRED
    if not (name.endswith("/") or _is_elsewhere(name)) and workspace.is_directory(name):
        name = f"{name}/"
    found.accesses.append(Access(name, writes=writes, kind=kind, where=one.where))


def _is_elsewhere(name: str) -> bool:
    return "://" in name or name.startswith(TABLE)


def _said(call: Call) -> set[str]:
    """Return the directories that the command line may name: words without a suffix."""
    found = set()
    for word in call.arguments:
        name = resolve(word.rpartition("=")[2], call.directory)
        if name is not None and not _is_elsewhere(name):
            name = name.rstrip("/")
            if not posixpath.splitext(name)[1]:
                found.add(name)
    return found


def _above(name: str, directories: Iterable[str]) -> str | None:
    """Return the topmost of some directories that a name lies in."""
    if _is_elsewhere(name):
        return None
    return min((one for one in directories if name.startswith(one) and name != one), key=len, default=None)


def _databases(named: Sequence[Named], workspace: Workspace) -> list[Named]:
    """Settle what was only connected to: a database is read where nothing else is known, or made."""
    used = {one.name for one in named if one.effect in _READS | _WRITES}
    found = []
    for one in named:
        if one.effect is not Effect.DATABASE:
            found.append(one)
        elif one.name not in used:
            is_there = workspace.is_file(one.name)
            found.append(one._replace(effect=Effect.READ if is_there else Effect.WRITE))
    return found


def _is_input(one: Named, written: set[str], workspace: Workspace) -> bool:
    name = one.name.rstrip("/")
    if name.lower().endswith(_CODE) and workspace.is_file(name):
        return False
    if name in written:
        return False
    if one.name.endswith("/") and any(other.startswith(one.name) for other in written):
        return False
    above = posixpath.dirname(name)
    while above and above not in written:
        above = posixpath.dirname(above)
    return not above


def _outputs(named: Sequence[Named], said: set[str]) -> dict[str, str]:
    """Return what is written, and under which name: its own, or that of a directory."""
    moved = {one.name for one in named if one.effect is Effect.MOVE}
    names = [
        one.name
        for one in named
        if one.effect in _WRITES and one.name not in moved and not one.name.lower().endswith(_NO_OUTPUT)
    ]
    made = {one.name for one in named if one.effect is Effect.MAKE_DIRECTORY}
    whole = {name for name in names if name.endswith("/")}
    spelt = {one.name for one in named if one.effect in _WRITES and one.kind == LITERAL}
    whole |= {name for name in made if _is_set(name, names, spelt, named=name[:-1] in said)}
    return {name: _above(name, whole) or name for name in names}


def _is_set(directory: str, names: Sequence[str], spelt: set[str], *, named: bool) -> bool:
    """Tell whether what is written into a directory is a set of like files.

    :param spelt: names that stand in the program as a whole: somebody thinks of that file.
    :param named: the command line names the directory.
    """
    inside = {name for name in names if name.startswith(directory)}
    if (
        len(inside) < _SET
        or inside & spelt
        or (not named and _COLLECTIONS.fullmatch(posixpath.basename(directory[:-1]).lower()))
    ):
        return False
    return len({posixpath.splitext(name)[1] for name in inside}) == 1
