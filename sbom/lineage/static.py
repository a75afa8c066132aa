"""Read what one stage does, through all that it runs: commands, scripts, and what these run in turn.

Nothing is executed. Bounded in the number of scripts, and in how deep one may lead to another.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage import registry
from sbom.lineage.consistent import consistent
from sbom.lineage.interface import MAX_SCRIPTS, Access, Call, Found, ScriptError, Stage, words
from sbom.lineage.join import directories_of, merge
from sbom.transformation import KINDS, Edge, Script, Step, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sbom.lineage.interface import Workspace

#: How many scripts one may lead to another.
MAX_DEPTH: Final = 8
_ORDER: Final = {kind: number for number, kind in enumerate(KINDS)}
_TEXT = 2_000


class _Key(NamedTuple):
    """What makes two calls the same: a script that calls itself is read once."""

    script: str
    arguments: tuple[str, ...]
    directory: str
    text: str | None


class _Reading:
    """One reading of a stage."""

    def __init__(self, workspace: Workspace, parameters: Mapping[str, object]) -> None:
        self._workspace = workspace
        self._parameters = parameters
        self._seen: set[_Key | tuple[str, str]] = set()
        self.found = Found()

    def command(self, text: str, directory: str, where: str, depth: int = 0) -> None:
        """Read a shell text."""
        if not self._is_new((text, directory), where.rpartition(":")[0]):
            return
        from sbom.lineage.shell import read_command  # noqa: PLC0415  # only where there is a command

        try:
            found = read_command(text, directory, self._workspace, self._parameters, where)
        except ScriptError as error:
            self.found.problems.append((where.rpartition(":")[0], f"a command {error}"))
            return
        self._take(found, depth)

    def call(self, call: Call, depth: int = 0) -> None:
        """Read a script as it is called."""
        if not self._is_new(_Key(call.script, call.arguments, call.directory, call.text), call.script):
            return
        if call.text is None:
            self.found.scripts.append(call.script)
        reader = registry.script_reader_named(call.language) if call.language else registry.script_reader(call.script)
        if reader is None:
            self._problem(call.script, "is in a language that is not read")
            return
        try:
            found = reader.read(call, self._workspace)
        except ScriptError as error:
            self._problem(call.script, str(error))
            return
        self._take(found, depth)

    def _is_new(self, key: _Key | tuple[str, str], path: str) -> bool:
        """Tell whether something was not read before, and may be."""
        if key in self._seen:
            return False
        self._seen.add(key)
        if len(self._seen) > MAX_SCRIPTS:
            self._problem(path, f"leads to more than {MAX_SCRIPTS} scripts; the rest was not read")
        return len(self._seen) <= MAX_SCRIPTS

    def _take(self, found: Found, depth: int) -> None:
        self.found.scripts += found.scripts
        self.found.problems += found.problems
        if depth >= MAX_DEPTH and (found.calls or found.commands):
            self.found.accesses += found.accesses
            path = found.calls[0].script if found.calls else found.commands[0][2].rpartition(":")[0]
            self._problem(path, f"is called more than {MAX_DEPTH} scripts deep; it was not read")
            return
        done = 0
        for call in found.calls:
            # In their order: what a script writes is no input of what comes after it.
            before = len(found.accesses) if call.after is None else call.after
            self.found.accesses += found.accesses[done:before]
            done = max(done, before)
            known = call if call.parameters else call._replace(parameters=self._parameters)
            self.call(known, depth + 1)
        self.found.accesses += found.accesses[done:]
        for text, directory, where in found.commands:
            self.command(text, directory, where, depth + 1)

    def _problem(self, path: str, what: str) -> None:
        if (path, what) not in self.found.problems:
            self.found.problems.append((path, what))


def read_stage(stage: Stage, workspace: Workspace) -> Found:
    """Read what a stage does: its commands and calls, and all that they lead to.

    What it declares is not part of the result. Each name is there once for reading and once for writing.
    """
    reading = _Reading(workspace, stage.parameters)
    for text in stage.commands:
        reading.command(text, stage.directory, stage.where)
    for call in stage.calls:
        reading.call(call if call.parameters else call._replace(parameters=stage.parameters))
    return settled(reading.found, stage.scripts)


def read_stages(stages: Iterable[Stage], workspace: Workspace) -> list[Found]:
    """Read what each stage of a pipeline does, and make what they say of directories agree: also with the pipeline."""
    every = list(stages)
    declared = frozenset(access.name for stage in every for access in stage.accesses)
    return consistent([_spread(read_stage(stage, workspace), declared) for stage in every], declared)


def _spread(found: Found, declared: frozenset[str]) -> Found:
    """Return what was found, with the files of a directory instead of it where somebody declares these."""
    accesses: list[Access] = []
    for access in found.accesses:
        if access.name not in declared and access.members & declared and access.name not in access.members:
            accesses += [access._replace(name=name, members=frozenset()) for name in sorted(access.members)]
        else:
            accesses.append(access)
    return replace(found, accesses=accesses)


def settled(found: Found, code: Iterable[str]) -> Found:
    """Return what was found with each name once; what was written first and read later is only written.

    :param code: further files that say what is done, and are no data.
    """
    scripts = words((*code, *found.scripts))
    no_data = set(scripts)
    kept: dict[tuple[str, bool], Access] = {}
    written: set[str] = set()
    for access in found.accesses:
        if access.name in no_data:
            continue
        if access.writes:
            written.add(access.name)
        elif (access.name, False) not in kept and _is_in(access.name, written):
            continue
        known = kept.get((access.name, access.writes))
        if known is None or _ORDER[access.kind] < _ORDER[known.kind]:
            kept[access.name, access.writes] = access
    return Found(list(kept.values()), list(scripts), [], [], list(dict.fromkeys(found.problems)))


def _is_in(name: str, written: set[str]) -> bool:
    """Tell whether something, or a directory above it, was written before."""
    if name in written:
        return True
    return "://" not in name and any(directory in written for directory in directories_of(name) if directory != "./")


def to_step(stage: Stage, found: Found, origin: str) -> Step:
    """Return a stage as a step: what it declares and what was found, one edge for each name.

    :param found: from :func:`read_stage`.
    :param origin: the pipeline file.
    """
    accesses = [*stage.accesses, *found.accesses]
    return Step(
        name=stage.name,
        origin=origin,
        commands=tuple(stage.commands),
        directory=stage.directory,
        scripts=tuple(Script(name) for name in sorted({*found.scripts, *stage.scripts})),
        inputs=_edges(accesses, writes=False),
        outputs=_edges(accesses, writes=True),
        parameters=tuple(sorted((name, _text(value)) for name, value in stage.parameters.items())),
    )


def _edges(accesses: Iterable[Access], *, writes: bool) -> tuple[Edge, ...]:
    return merge(Edge(one.name, (Word(one.kind, one.where),)) for one in accesses if one.writes is writes)


def _text(value: object) -> str:
    """Write a parameter's value: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value[:_TEXT]
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)[:_TEXT]
    except (ValueError, TypeError, RecursionError):
        return str(type(value).__name__)
