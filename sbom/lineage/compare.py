"""What differs between two lineages: steps, with their scripts, parameters, packages and products; sources; claims.

Nothing here is verified. When a step ran, and which file its record was, are no differences: they change with each run.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage.join import predecessors
from sbom.lineage.origins import Above
from sbom.model import SHA256
from sbom.transformation import is_file, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sbom.model import Dataset
    from sbom.transformation import Edge, Lineage, Software, Step

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"

#: What a thing is that nobody knows a digest, version or value of.
_UNKNOWN: Final = "unknown"
#: Steps that are gone through, all together, to find what comes from those that changed.
_MAX_FOLLOWED: Final = 1_000_000


class Detail(NamedTuple):
    """One thing that is not what it was.

    :param what: ``script``, ``parameter``, ``package``, ``command``, ``input``, ``source``, …
    :param name: of the thing; empty for what there is only one of.
    :param old: digest (hex), version or value; ``unknown`` where nobody says it; ``None`` where it was not there.
    :param new: the same, now.
    """

    what: str
    name: str
    old: str | None
    new: str | None


class StepChange(NamedTuple):
    """A step that is not what it was.

    :param state: :data:`ADDED`, :data:`REMOVED` or :data:`CHANGED`.
    :param details: empty for a step that was added or removed.
    :param files: paths of files of the dataset that differ and come from it, directly or through other steps, sorted;
        ``None`` where there are too many steps to follow.
    """

    name: str
    state: str
    details: tuple[Detail, ...]
    files: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class LineageChange:
    """The difference of two lineages.

    :param claims: what is said of the whole: the level, the place in the workspace.
    :param steps: in the order in which they ran; those that are gone come last.
    :param sources: of files, those that manifests declare included; ``upstream``: other datasets that steps read from.
    """

    claims: tuple[Detail, ...] = ()
    steps: tuple[StepChange, ...] = ()
    sources: tuple[Detail, ...] = ()
    upstream: tuple[Detail, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.claims or self.steps or self.sources or self.upstream)


def compare(old: Dataset, new: Dataset, files: Iterable[str]) -> LineageChange:
    """Compare how two datasets came about.

    :param files: paths of their files that differ.
    """
    paths = sorted(set(files))
    before, after = ({step.name: step for step in one.lineage.steps} for one in (old, new))
    in_old, in_new = _Descent(old.lineage, paths), _Descent(new.lineage, paths)
    steps: list[StepChange] = []
    for name, step in after.items():
        if name not in before:
            steps.append(StepChange(name, ADDED, (), in_new.files(name)))
        elif details := tuple(_step(before[name], step)):
            steps.append(StepChange(name, CHANGED, details, in_new.files(name)))
    steps += [StepChange(name, REMOVED, (), in_old.files(name)) for name in before if name not in after]
    return LineageChange(
        claims=tuple(_things("", _claims(old.lineage), _claims(new.lineage))),
        steps=tuple(steps),
        sources=tuple(_things("source", _sources(old), _sources(new))),
        upstream=tuple(_things("upstream", _upstream(old.lineage), _upstream(new.lineage))),
    )


class _Descent:
    """Answers which of some files come from a step."""

    def __init__(self, lineage: Lineage, paths: Sequence[str]) -> None:
        self._lineage = lineage
        self._paths = paths
        self._numbers = {step.name: number for number, step in enumerate(lineage.steps)}
        #: By number of step: those that read what it wrote, and the files that it wrote itself.
        self._after: list[list[int]] = []
        self._wrote: list[list[str]] = []
        self._room = _MAX_FOLLOWED

    def files(self, name: str) -> tuple[str, ...] | None:
        """Return the paths of those that come from a step; ``None`` when it would take too long."""
        if not self._after:
            self._index()
        waiting = [self._numbers[name]]
        seen = set(waiting)
        found: set[str] = set()
        while waiting:
            number = waiting.pop()
            self._room -= 1 + len(self._after[number]) + len(self._wrote[number])
            if self._room < 0:
                return None
            found.update(self._wrote[number])
            waiting += [one for one in self._after[number] if one not in seen]
            seen.update(self._after[number])
        return tuple(sorted(found))

    def _index(self) -> None:
        steps = self._lineage.steps
        self._after = [[] for _ in steps]
        self._wrote = [[] for _ in steps]
        for number, before in enumerate(predecessors(steps)):
            for one in before:
                self._after[one].append(number)
        writers: defaultdict[str, list[int]] = defaultdict(list)
        for number, step in enumerate(steps):
            for edge in step.outputs:
                writers[edge.name].append(number)
        above = Above(name for name in writers if name.endswith("/"))
        for path in self._paths:
            name = under(self._lineage.prefix, path)
            for one in {number for written in (name, *above.of(name)) for number in writers.get(written, ())}:
                self._wrote[one].append(path)


def _things(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Detail]:
    """Yield what differs between two collections of named things; without ``what``, each name is what it is."""
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield Detail(what or name, name if what else "", old.get(name), new.get(name))


def _step(old: Step, new: Step) -> Iterator[Detail]:
    """Yield what differs between two steps of one name, what somebody changed before what came of it."""
    yield from _things("script", _digests(old.scripts), _digests(new.scripts))
    yield from _things("parameter", dict(old.parameters), dict(new.parameters))
    yield from _things("package", _packages(old), _packages(new))
    yield from _things("", _facts(old), _facts(new))
    yield from _things("input", _edges(old.inputs), _edges(new.inputs))
    yield from _things("output", _edges(old.outputs), _edges(new.outputs))


def _digests(items: Iterable[tuple[str, str | None, int | None]]) -> dict[str, str]:
    return {name: sha256 or _UNKNOWN for name, sha256, _ in items}


def _edges(edges: Iterable[Edge]) -> dict[str, str]:
    """Return what is known of each thing that is read or written: its digest, or of what has none, who says so."""
    return {edge.name: edge.sha256 or (_UNKNOWN if is_file(edge.name) else edge.kind) for edge in edges}


def _packages(step: Step) -> dict[str, str]:
    return _joined((one.name, _version(one)) for one in step.software)


def _version(one: Software) -> str:
    """Return the version of a package; with its purl, where that says something else."""
    version = one.version or _UNKNOWN
    usual = f"pkg:pypi/{one.name.lower().replace('_', '-')}@{version}"
    return version if one.purl in {None, usual} else f"{version} ({one.purl})"


def _joined(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Put together what is said of each name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in said:
        found[name].add(value)
    return {name: ", ".join(sorted(values)) for name, values in found.items()}


def _facts(step: Step) -> dict[str, str]:
    """Return what a step says of itself, once each."""
    revision, observation = step.revision, step.observation
    states = {True: "with changes", False: "without changes", None: "perhaps with changes"}
    facts = {
        "command": "\n".join(step.commands),
        "arguments": " ".join(step.argv) if step.argv else "",
        "directory": step.directory,
        "commit": "" if revision is None else f"{revision.commit or _UNKNOWN} {states[revision.dirty]}",
        "run by": step.actor or "",
        "exit code": "" if step.exit_code is None else str(step.exit_code),
        "known from": "a recorded run" if step.recorded else step.origin,
        "observation": ""
        if observation is None
        else f"{observation.method}, {'complete' if observation.complete else 'incomplete'}",
        "record": ("signed" if step.envelope is not None else "not signed") if step.recorded else "",
    }
    return {name: value for name, value in facts.items() if value}


def _claims(lineage: Lineage) -> dict[str, str]:
    return {"level": lineage.level, "place in the workspace": lineage.prefix or "./"} if lineage else {}


def _sources(dataset: Dataset) -> dict[str, str]:
    """Return the sources of files, by name in the workspace and URL, with the SHA-256 of what lies there."""
    lineage = dataset.lineage

    def said() -> Iterator[tuple[str, str]]:
        for prefix, sources in ((lineage.prefix, dataset.provenance.sources), ("", lineage.sources)):
            for one in sources:
                name = one.url if one.path is None else f"{under(prefix, one.path)} from {one.url}"
                yield name, next((value for algorithm, value in one.digests if algorithm == SHA256), _UNKNOWN)

    return _joined(said())


def _upstream(lineage: Lineage) -> dict[str, str]:
    """Return other datasets by name, with their releases and the SHA-256 of their documents."""
    releases = ((one, "" if one.release is None else f"{one.release} ") for one in lineage.upstream)
    return _joined((one.name, f"{release}(document sha256 {one.sha256})") for one, release in releases)
