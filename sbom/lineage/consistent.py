"""Make the stages of one pipeline say the same of directories.

A stage is read by itself, and so each one is told what it does from its own script. Together they know more: what one
writes as a set, in a directory, the next one reads from there, file by file, and means the set. Where one unpacks an
archive, of which nobody knows what is in it, the others name what came out of it.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from sbom.lineage.join import directories_of
from sbom.transformation import INFERRED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.interface import Access, Found


def consistent(stages: Sequence[Found], declared: frozenset[str] = frozenset()) -> list[Found]:
    """Return what was found in the stages of a pipeline, with one name for what is one thing.

    :param stages: what each stage's scripts seem to do; nothing that anybody declared or observed.
    :param declared: names that the pipeline itself has for things; they stay.
    """
    unpacked = {name: other for name, other in _unpacked(stages).items() if name not in declared}
    narrowed = [_renamed(found, unpacked, writes=True) for found in stages]
    sets = [_sets(narrowed, found) for found in narrowed]
    return [
        _renamed(found, {name: other for name, other in names.items() if name not in declared}, writes=False)
        for found, names in zip(narrowed, sets, strict=True)
    ]


def _unpacked(stages: Sequence[Found]) -> dict[str, str]:
    """Return, for directories whose content nobody knows, the only thing in each that another stage reads."""
    writers: defaultdict[str, list[Found]] = defaultdict(list)
    for found in stages:
        for access in found.accesses:
            if access.writes and access.name.endswith("/"):
                writers[access.name].append(found)
    entries: defaultdict[str, set[str]] = defaultdict(set)
    for found in stages:
        for access in found.accesses:
            for directory in _above(access):
                if any(one is not found for one in writers.get(directory, ())):
                    entries[directory].add(access.name if access.writes else _entry(access.name, directory))
            if not access.writes and access.name in writers:
                entries[access.name].add(access.name)
    known = {one.name: one.members for found in stages for one in found.accesses if one.writes}
    return {
        directory: name
        for directory, names in entries.items()
        if len(writers[directory]) == 1 and len(names) == 1 and _is_open(directory, known[directory])
        for name in names - known[directory]
    }


def _is_open(directory: str, members: frozenset[str]) -> bool:
    """Tell whether a directory that is written may hold more than is known."""
    return not members or directory in members


def _sets(stages: Sequence[Found], reader: Found) -> dict[str, str]:
    """Return, for what a stage reads, the directory that another one writes as a whole and that it lies in."""
    files = {one.name for found in stages for one in found.accesses if one.writes and not one.name.endswith("/")}
    wholes = {
        one.name: one.members
        for found in stages
        if found is not reader
        for one in found.accesses
        if one.writes and one.name.endswith("/")
    }
    names: dict[str, str] = {}
    for access in reader.accesses:
        if access.writes or access.name in files:
            continue
        for directory in _above(access):
            members = wholes.get(directory)
            if members is not None and (_is_open(directory, members) or access.name in members):
                names[access.name] = directory
                break
    return names


def _above(access: Access) -> list[str]:
    """Return the directories that something lies in, the nearest one first; the workspace is none."""
    return [] if "://" in access.name else [one for one in directories_of(access.name) if one != "./"]


def _entry(name: str, directory: str) -> str:
    """Return what of a directory a name lies in: the first thing below it."""
    first, slash, _ = name[len(directory) :].partition("/")
    return posixpath.join(directory, first) + slash


def _renamed(found: Found, names: dict[str, str], *, writes: bool) -> Found:
    """Return what was found, with other names for some of what is read, or written; each name once."""
    kept: dict[tuple[str, bool], Access] = {}
    for access in found.accesses:
        name = names.get(access.name) if access.writes is writes else None
        one = access if name is None else access._replace(name=name, kind=INFERRED)
        kept.setdefault((one.name, one.writes), one)
    return replace(found, accesses=list(kept.values()))
