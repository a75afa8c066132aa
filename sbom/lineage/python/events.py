"""From what a program did, in its order, to what its step reads and writes."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from sbom.lineage.interface import Access
from sbom.lineage.paths import is_url, resolve
from sbom.lineage.python import texts
from sbom.lineage.python.machine import Effect
from sbom.transformation import INFERRED, LITERAL, TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.interface import Found, Workspace
    from sbom.lineage.python.machine import Event

_READS = frozenset({Effect.READ, Effect.READ_DIRECTORY, Effect.MOVE})
_WRITES = frozenset({Effect.WRITE, Effect.WRITE_DIRECTORY})
_DIRECTORY = frozenset({Effect.READ_DIRECTORY, Effect.WRITE_DIRECTORY, Effect.MAKE_DIRECTORY})
_CODE = (".py", ".ipynb", ".sh", ".log", ".pyc", ".lock", ".gitignore", ".gitkeep", ".dockerignore")
_WILD = re.compile(r"[*?\[]")


class Named(NamedTuple):
    """An access with its name in the workspace.

    :ivar partial: the name is a directory in which something with an unknown name lies.
    """

    effect: Effect
    name: str
    kind: str
    where: str
    partial: bool


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
    if not partial and not known.strip():
        return None
    name = resolve(known, base, is_directory=directory)
    if name is None or name == "./" or name.startswith(".git/"):
        return None
    kind = LITERAL if event.name.literal and not partial else INFERRED
    return Named(event.effect, name, kind, event.where, partial)


def settle(events: Sequence[Event], workspace: Workspace, found: Found) -> None:
    """Put what the events say into what was found."""
    named = [one for event in events if (one := name_event(event)) is not None]
    made = {one.name for one in named if one.effect is Effect.MAKE_DIRECTORY}
    outputs = _outputs(named, made, workspace)
    renamed = {one.name.rstrip("/"): new for one, new in outputs}
    written: set[str] = set()
    removed = {one.name.rstrip("/") for one in named if one.effect is Effect.REMOVE}
    del removed
    for one in named:
        if one.effect is Effect.CONFIGURATION:
            if workspace.is_file(one.name):
                found.scripts.append(one.name)
            continue
        if one.effect in _WRITES:
            written.add(one.name.rstrip("/"))
            name = renamed.get(one.name.rstrip("/"))
            if name is not None:
                kind = one.kind if name == one.name else INFERRED
                found.accesses.append(Access(name, writes=True, kind=kind, where=one.where))
        elif one.effect in _READS and _is_input(one, written, workspace):
            found.accesses.append(
                Access(_as_directory(one.name, workspace), writes=False, kind=one.kind, where=one.where)
            )


def _as_directory(name: str, workspace: Workspace) -> str:
    if name.endswith("/") or "://" in name or name.startswith(TABLE):
        return name
    return f"{name}/" if workspace.is_directory(name) else name


def _is_input(one: Named, written: set[str], workspace: Workspace) -> bool:
    name = one.name.rstrip("/")
    if name.lower().endswith(_CODE) and workspace.is_file(name):
        return False
    if name in written:
        return False
    if one.name.endswith("/") and any(other.startswith(one.name) for other in written):
        return False
    above = posixpath.dirname(name)
    while above:
        if above in written:
            return False
        above = posixpath.dirname(above)
    return True


def _outputs(named: Sequence[Named], made: set[str], workspace: Workspace) -> list[tuple[Named, str]]:
    """Return what is written under which name."""
    del made
    moved = {one.name for one in named if one.effect is Effect.MOVE}
    directories = {one.name for one in named if one.effect in _WRITES and one.name.endswith("/")}
    result = []
    for one in named:
        if one.effect not in _WRITES or one.name in moved or one.name.lower().endswith((".log", ".py")):
            continue
        inside = next((d for d in sorted(directories, key=len) if one.name.startswith(d) and one.name != d), None)
        result.append((one, _as_directory(one.name, workspace) if inside is None else inside))
    return result
