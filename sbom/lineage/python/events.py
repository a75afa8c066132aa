"""From what a program did, in its order, to what its step reads and writes.

A program that writes a set of like files into a directory that it made writes that directory: the set is one thing,
and the next program is given it as one. So is what a loop writes there, file by file. Files whose whole names stand in
the program, or that it finds from its own place, are things of their own. A program that reads from a directory that
its command line names, or that is one dataset under version control (``data.dvc``), reads that directory.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage.interface import Access
from sbom.lineage.paths import is_url, resolve
from sbom.lineage.python import texts
from sbom.lineage.python.machine import Effect
from sbom.transformation import INFERRED, LITERAL, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sbom.lineage.interface import Call, Found, Workspace
    from sbom.lineage.python.machine import Event

_READS = frozenset({Effect.READ, Effect.READ_DIRECTORY, Effect.MOVE})
_WRITES = frozenset({Effect.WRITE, Effect.WRITE_DIRECTORY})
_DIRECTORY = frozenset({Effect.READ_DIRECTORY, Effect.WRITE_DIRECTORY, Effect.MAKE_DIRECTORY})
#: Files that are no data, whoever reads them.
_CODE = (".py", ".ipynb", ".sh", ".log", ".pyc", ".lock", ".gitignore", ".gitkeep", ".dockerignore")
_NO_OUTPUT = (".log", ".gitignore", ".gitkeep")
#: Directories whose files are things of their own, however many there are.
_COLLECTIONS = re.compile(
    r"(?:saved_?)?models?|metrics?|plots?|figures?|figs?|images?|videos?|reports?|results?|outputs?|outs?|artifacts?"
    r"|logs?"
)
_WILD = re.compile(r"[*?\[]")
#: ``models:/name``, ``dbfs:/path``: names in stores of their own.
_STORE = re.compile(r"[a-z]{2,10}:/(?!/)")
#: Names of which a set is made of, at least.
_SET: Final = 2
#: What stands beside a file or directory that DVC keeps as one thing.
_POINTER: Final = ".dvc"


class Named(NamedTuple):
    """An access with its name in the workspace.

    :ivar partial: the name is a directory in which something with an unknown name lies.
    :ivar looped: it comes from a loop over several known values.
    :ivar above: it is a directory that was made because a certain file lies in it (``os.path.dirname(path)``).
    :ivar anchored: it is a ``pathlib`` path that starts at the workspace, found from the script's own place.
    """

    effect: Effect
    name: str
    kind: str
    where: str
    partial: bool = False
    looped: bool = False
    above: bool = False
    anchored: bool = False


def name_event(event: Event, beside: str) -> Named | None:
    """Return the name in the workspace of what an event is about; ``None`` when it has none.

    :param beside: the script's directory. Who leaves the workspace by ``../`` meant to be run from there.
    """
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
    anchored = known.startswith(texts.ROOT)
    if anchored:
        known = known[len(texts.ROOT) :]
        if known[:1] not in {"", "/"}:
            return None
        known, base = known.lstrip("/") or ".", ""
    if (partial and not known) or _STORE.match(known):
        return None
    name = resolve(known, base, is_directory=directory)
    if name is None and not anchored and known.startswith(("../", "..\\")):
        name = resolve(known, beside, is_directory=directory)
    if name is None or name == "./" or name.startswith(".git/"):
        return None
    kind = LITERAL if event.name.literal and not partial else INFERRED
    return Named(
        event.effect, name, kind, event.where, partial, event.looped, event.name.above, anchored and event.name.path
    )


def settle(events: Sequence[Event], call: Call, workspace: Workspace, found: Found) -> None:
    """Put what the events say into what was found."""
    beside = posixpath.dirname(call.script)
    named = _together([one for event in events if (one := name_event(event, beside)) is not None])
    named = _databases(named, workspace)
    said = _said(call)
    outputs = _outputs(named, said)
    members: defaultdict[str, set[str]] = defaultdict(set)
    for name, directory in outputs.items():
        members[directory].add(name)
    whole = {one.name for one in named if one.effect is Effect.READ_DIRECTORY or (one.partial and one.effect in _READS)}
    whole.update(f"{name}/" for name in said)
    written: set[str] = set()
    for one in named:
        if one.effect is Effect.CONFIGURATION:
            if workspace.is_file(one.name):
                found.scripts.append(one.name)
        elif one.effect in _WRITES:
            written.add(one.name.rstrip("/"))
            if one.name in outputs:
                name = outputs[one.name]
                written.add(name.rstrip("/"))
                _add(found, one, name, workspace, frozenset(members[name] if name.endswith("/") else ()))
        elif one.effect in _READS and outputs.get(one.name, one.name) != one.name:
            # What a run before this one left in the directory that this one writes.
            continue
        elif one.effect in _READS and _is_input(one, written, members, workspace):
            _add(found, one, _above(one.name, whole) or _pointed(one.name, workspace), workspace)


def _add(found: Found, one: Named, name: str, workspace: Workspace, members: frozenset[str] = frozenset()) -> None:
    kind = one.kind if name == one.name else INFERRED
    if not (name.endswith("/") or _is_elsewhere(name)) and workspace.is_directory(name):
        name = f"{name}/"
    found.accesses.append(Access(name, one.effect in _WRITES, kind, one.where, members))


def _is_elsewhere(name: str) -> bool:
    return "://" in name or name.startswith(TABLE)


def _pointed(name: str, workspace: Workspace) -> str:
    """Return the directory above a name that is under version control as one thing; the name where there is none."""
    if _is_elsewhere(name):
        return name
    above = name.rstrip("/")
    while above:
        if workspace.is_file(above + _POINTER):
            return name if above == name.rstrip("/") else f"{above}/"
        above = posixpath.dirname(above)
    return name


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


def _together(named: Sequence[Named]) -> list[Named]:
    """Put directories together that one statement goes through in a loop: ``train/``, ``test/`` are what lies above."""
    places: defaultdict[tuple[Effect, str], set[str]] = defaultdict(set)
    for one in named:
        if _is_place(one):
            places[one.effect, one.where].add(one.name)
    common = {key: posixpath.commonpath(names) for key, names in places.items() if len(names) >= _SET}

    def moved() -> Iterator[Named]:
        for one in named:
            above = common.get((one.effect, one.where)) if _is_place(one) else None
            yield one._replace(name=f"{above}/", partial=True) if above else one

    return list(moved())


def _is_place(one: Named) -> bool:
    return one.looped and (one.partial or one.effect is Effect.READ_DIRECTORY) and not _is_elsewhere(one.name)


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


def _is_input(one: Named, written: set[str], outputs: Iterable[str], workspace: Workspace) -> bool:
    """Tell whether what is read was there before.

    :param outputs: all that is written, sooner or later: who only looks what lies there reads nothing of it.
    """
    name = one.name.rstrip("/")
    if name.lower().endswith(_CODE) and workspace.is_file(name):
        return False
    if name in written or (one.effect is Effect.READ_DIRECTORY and one.name in outputs):
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
    writes = [
        one
        for one in named
        if one.effect in _WRITES and one.name not in moved and not one.name.lower().endswith(_NO_OUTPUT)
    ]
    whole = {one.name for one in writes if one.name.endswith("/")}
    made: defaultdict[str, list[Named]] = defaultdict(list)
    for one in named:
        if one.effect is Effect.MAKE_DIRECTORY:
            made[one.name].append(one)
    whole |= {
        directory
        for directory, makers in made.items()
        if _is_set(makers, [one for one in writes if one.name.startswith(directory)], said)
    }
    return {one.name: _above(one.name, whole) or one.name for one in writes}


def _is_set(makers: Sequence[Named], inside: Sequence[Named], said: set[str]) -> bool:
    """Tell whether what is written into a directory is a set of like files.

    :param makers: what made the directory.
    :param said: directories that the command line names.
    """
    directory = makers[0].name
    above = all(one.above for one in makers)
    statements: defaultdict[str, set[str]] = defaultdict(set)
    for one in inside:
        statements[one.where].add(one.name)
    names = {one.name for one in inside}
    # A name that stands in the program as a whole: somebody thinks of that file.
    if len(names) < _SET or any(one.kind == LITERAL for one in inside):
        return False
    if not above and all(one.looped and len(statements[one.where]) >= _SET for one in inside):
        return True
    if directory[:-1] not in said and (
        _COLLECTIONS.fullmatch(posixpath.basename(directory[:-1]).lower()) or any(one.anchored for one in makers)
    ):
        return False
    return len({posixpath.splitext(name)[1] for name in names}) == 1 and (not above or len(statements) == 1)
