"""Make the stages of one pipeline say the same of directories.

A stage is read by itself, and so each one is told what it does from its own script. Together they know more: what one
writes as a set, in a directory, the next one reads from there, file by file, and means the set. Where one unpacks an
archive, of which nobody knows what is in it, the others name what came out of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from sbom.lineage.origins import Above
from sbom.transformation import INFERRED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.lineage.interface import Access, Found


def consistent(stages: Sequence[Found], declared: frozenset[str] = frozenset()) -> list[Found]:
    """Return what was found in the stages of a pipeline, with one name for what is one thing.

    :param stages: what each stage's scripts seem to do; nothing that anybody declared or observed.
    :param declared: names that the pipeline itself has for things; they stay.
    """
    unpacked = {name: other for name, other in _unpacked(stages).items() if name not in declared}
    narrowed = [_renamed(found, unpacked, writes=True) for found in stages]
    written = _Written(narrowed, declared)
    return [_renamed(found, written.sets(found), writes=False) for found in narrowed]


def _unpacked(stages: Sequence[Found]) -> dict[str, str]:
    """Return, for directories whose content nobody knows, the only thing in each that another stage reads or writes."""
    writers: dict[str, set[int]] = defaultdict(set)
    members: dict[str, frozenset[str]] = {}
    for number, access in _accesses(stages):
        if _is_whole(access):
            writers[access.name].add(number)
            members[access.name] = access.members
    above = Above(writers)
    entries: dict[str, set[str]] = defaultdict(set)
    for number, access in _accesses(stages):
        for directory in above.of(access.name):
            if writers[directory] - {number}:
                entries[directory].add(access.name if access.writes else _entry(access.name, directory))
        if not access.writes and access.name in writers:
            entries[access.name].add(access.name)
    return {
        directory: name
        for directory, names in entries.items()
        if len(writers[directory]) == 1 and len(names) == 1 and _is_open(directory, members[directory])
        for name in names - members[directory]
    }


class _Written:
    """What the stages of a pipeline write: files, and directories as a whole with their members.

    :param declared: names that stay.
    """

    def __init__(self, stages: Sequence[Found], declared: frozenset[str]) -> None:
        self._kept = set(declared)
        #: Directory → how many stages may write anything there, under its own name, and each of its members.
        self._written: dict[str, Counter[str]] = defaultdict(Counter)
        for found in stages:
            for access in found.accesses:
                if _is_whole(access):
                    self._written[access.name].update(_members(access))
                elif access.writes:
                    self._kept.add(access.name)
        self._above = Above(self._written)

    def sets(self, reader: Found) -> dict[str, str]:
        """Return, for what a stage reads, the nearest directory that another one writes and that it is a part of."""
        own = {one.name: _members(one) for one in reader.accesses if _is_whole(one)}
        names: dict[str, str] = {}
        for access in reader.accesses:
            if access.writes or access.name in self._kept:
                continue
            for directory in self._above.of(access.name):
                mine = own.get(directory, frozenset())
                if any(self._written[directory][name] > (name in mine) for name in (directory, access.name)):
                    names[access.name] = directory
                    break
        return names


def _accesses(stages: Sequence[Found]) -> Iterator[tuple[int, Access]]:
    """Yield what each stage does, with its number."""
    for number, found in enumerate(stages):
        for access in found.accesses:
            yield number, access


def _is_whole(access: Access) -> bool:
    """Tell whether something is a directory that is written; all of the workspace is none."""
    return access.writes and access.name.endswith("/") and access.name != "./"


def _members(access: Access) -> frozenset[str]:
    """Return what a directory is known to stand for; itself where there may be more."""
    return access.members or frozenset((access.name,))


def _is_open(directory: str, members: frozenset[str]) -> bool:
    """Tell whether a directory that is written may hold more than is known."""
    return not members or directory in members


def _entry(name: str, directory: str) -> str:
    """Return what of a directory a name lies in: the first thing below it."""
    first, slash, _ = name[len(directory) :].partition("/")
    return directory + first + slash


def _renamed(found: Found, names: dict[str, str], *, writes: bool) -> Found:
    """Return what was found, with other names for some of what is read, or written; each name once."""
    kept: dict[tuple[str, bool], Access] = {}
    for access in found.accesses:
        name = names.get(access.name) if access.writes is writes else None
        one = access if name is None else access._replace(name=name, kind=INFERRED)
        kept.setdefault((one.name, one.writes), one)
    return replace(found, accesses=list(kept.values()))
