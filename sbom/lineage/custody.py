"""The rules of the chain of custody. Pure: no I/O, no keys; linear in files and edges.

A *contradiction* is what cannot be true, and always fails. A *gap* is what nobody says, and fails where completeness is
demanded or claimed (ADR 0016). The default is deny: what is not explained by an explicit match is a gap.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage.join import predecessors
from sbom.lineage.origins import SOURCE, STEP, UPSTREAM, Origin, Origins, counts
from sbom.transformation import DECLARED, LEVELS, NONE, OBSERVED, TABLE, inside, under

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.model import Dataset
    from sbom.transformation import Edge, Step

STEPS: Final = "lineage.steps"
SCRIPTS: Final = "lineage.scripts"
MATERIALS: Final = "lineage.materials"
PRODUCTS: Final = "lineage.products"
UPSTREAMS: Final = "lineage.upstream"

#: How far the clocks of two machines may be apart.
CLOCKS: Final = timedelta(minutes=5)
_STATIC: Final = 0
_DECLARED: Final = 1
_OBSERVED: Final = 2
_RANKS: Final = {NONE: _STATIC, DECLARED: _DECLARED, OBSERVED: _OBSERVED}


class Break(NamedTuple):
    """A place where the chain does not hold.

    :param check: the check that it fails.
    :param step: the step that it is about; ``None`` for the dataset.
    :param name: the file (name in the workspace), or empty.
    :param what: a clause for people, as in ``read sha256 … but step export wrote …``.
    :param gap: something is missing; else something is wrong.
    """

    check: str
    step: str | None
    name: str
    what: str
    gap: bool


class Judged(NamedTuple):
    """What became of a lineage.

    :param level: the highest level that holds.
    """

    breaks: tuple[Break, ...]
    level: str


def judge(
    dataset: Dataset, upstream: Mapping[tuple[str, int], Dataset] | None = None, *, assume: bool = False
) -> Judged:
    """Judge the lineage of a dataset.

    :param upstream: documents of the datasets that it names, verified by the caller, by ``(serial number, version)``.
    :param assume: take for granted that what should be in a document that is not at hand is in it: this is what can be
        said of a claim without that document.
    """
    if not dataset.lineage:
        return Judged((), NONE)
    return _Judging(dataset, upstream or {}, assume=assume).judged()


class _Judging:
    """One judgement: the steps in their order, each with the rank that what it writes can have."""

    def __init__(self, dataset: Dataset, upstream: Mapping[tuple[str, int], Dataset], *, assume: bool) -> None:
        self._dataset = dataset
        self._steps = dataset.lineage.steps
        self._upstream = upstream
        self._origins = Origins(dataset, upstream, assume=assume)
        self._assume = assume
        self._breaks: list[Break] = []
        #: By number of step: what its products can be worth.
        self._ranks: list[int] = []
        prefix = dataset.lineage.prefix
        scripts = {inside(prefix, script.name) for step in self._steps for script in step.scripts}
        self._listed = {under(prefix, one.path): one.sha256 for one in dataset.files if one.path in scripts}
        #: What the step that is looked at wrote.
        self._own: set[tuple[str, str | None]] = set()
        self._committed: dict[tuple[str, str], tuple[str, str]] = {}

    def judged(self) -> Judged:
        """Judge all of it."""
        self._order()
        for number, step in enumerate(self._steps):
            self._scripts(number, step)
            self._ranks.append(min(self._step(step), self._materials(number, step)))
        rank = self._products()
        for one in self._dataset.lineage.upstream:
            if not self._assume and (one.serial_number, one.version) not in self._upstream:
                self._gap(UPSTREAMS, None, "", f"the document of {one.name} (sha256 {one.sha256}) is not at hand")
        if any(not one.gap for one in self._breaks):
            rank = _STATIC
        return Judged(tuple(self._breaks), LEVELS[rank])

    def _wrong(self, check: str, step: str | None, name: str, what: str) -> None:
        self._breaks.append(Break(check, step, name, what, gap=False))

    def _gap(self, check: str, step: str | None, name: str, what: str) -> None:
        self._breaks.append(Break(check, step, name, what, gap=True))

    def _order(self) -> None:
        """Insist that no step is there twice, and that each comes after those that it depends on."""
        seen: set[str] = set()
        for step in self._steps:
            if step.name in seen:
                self._wrong(STEPS, step.name, "", "is there twice")
            seen.add(step.name)
        before = predecessors(self._steps)
        for one, following in pairwise(_loop(before)):
            writer, reader = self._steps[one].name, self._steps[following].name
            self._wrong(STEPS, reader, "", f"is part of a loop: it reads what {writer} wrote")
        for number, step in enumerate(self._steps):
            for other in sorted(before[number]):
                name = self._steps[other].name
                if other > number:
                    self._wrong(STEPS, step.name, "", f"stands before {name}, which wrote what it reads")
                elif self._late(self._steps[other], step):
                    self._wrong(STEPS, step.name, "", f"began before {name} had ended")

    @staticmethod
    def _late(writer: Step, reader: Step) -> bool:
        ended, began = _time(writer.finished), _time(reader.started)
        return ended is not None and began is not None and ended > began + CLOCKS

    def _step(self, step: Step) -> int:
        """Judge a step by itself; return what it can be worth."""
        if step.observation is None:
            return _DECLARED
        began, ended = _time(step.started), _time(step.finished)
        if began is None or ended is None:
            self._wrong(STEPS, step.name, "", "does not say when it ran")
        elif ended < began:
            self._wrong(STEPS, step.name, "", "ended before it began")
        if step.exit_code != 0:
            self._wrong(STEPS, step.name, "", f"failed: it ended with exit code {step.exit_code}")
        if not step.observation.complete:
            gaps = "; ".join(step.observation.gaps[:3]) or "it does not say why"
            self._gap(STEPS, step.name, "", f"was not observed completely: {gaps}")
            return _DECLARED
        return _OBSERVED

    def _scripts(self, number: int, step: Step) -> None:
        """Judge the scripts of a step by what the dataset and other steps say of the same files."""
        commit = None if step.revision is None or step.revision.dirty is not False else step.revision.commit
        for script in step.scripts:
            if script.sha256 is None:
                if step.recorded:
                    self._wrong(SCRIPTS, step.name, script.name, "has no digest")
                continue
            others = []
            if (listed := self._listed.get(script.name)) is not None:
                others.append((listed, "the dataset has"))
            origin = self._origins.origin(script.name, script.sha256, number)
            if step.recorded and origin.contradiction is not None:
                writer = self._steps[origin.contradiction.step]
                others.append((origin.contradiction.edge.sha256 or "", f"step {writer.name} wrote"))
            if commit is not None:
                # One commit has one content of a file.
                sha256, name = self._committed.setdefault((commit, script.name), (script.sha256, step.name))
                others.append((sha256, f"at the same commit step {name} had"))
            for sha256, who in others:
                if sha256 != script.sha256:
                    self._wrong(SCRIPTS, step.name, script.name, f"ran with sha256 {script.sha256}, but {who} {sha256}")

    def _materials(self, number: int, step: Step) -> int:
        """Judge what a step read; return what its products can be worth by that."""
        rank = _OBSERVED
        self._own = {(edge.name, edge.sha256) for edge in step.outputs}
        for edge in step.inputs:
            if step.recorded and not counts(edge, step):
                continue
            rank = min(rank, self._material(number, step, edge))
        return rank

    def _material(self, number: int, step: Step, edge: Edge) -> int:
        if not edge.is_file:
            return self._other_material(number, step, edge)
        if edge.sha256 is None and edge.kind == OBSERVED:
            self._wrong(MATERIALS, step.name, edge.name, "was read, but has no digest")
            return _STATIC
        origin = self._origins.origin(edge.name, edge.sha256, number)
        rank = self._rank(origin)
        if origin.contradiction is not None:
            writer = self._steps[origin.contradiction.step]
            what = (
                f"was read with sha256 {edge.sha256}, but step {writer.name} wrote {origin.contradiction.edge.sha256}"
            )
            if step.recorded and writer.recorded:
                self._wrong(MATERIALS, step.name, edge.name, what)
            else:
                self._gap(MATERIALS, step.name, edge.name, what)
            return _STATIC
        if rank == _STATIC:
            if step.recorded and (edge.name, edge.sha256) in self._own:
                self._wrong(STEPS, step.name, edge.name, "is read and written by this step only: a loop of one")
            self._gap(MATERIALS, step.name, edge.name, f"was read, but {self._unexplained(origin, edge.name)}")
        return min(rank, _kind(edge))

    def _other_material(self, number: int, step: Step, edge: Edge) -> int:
        """Judge a URL, a table or a directory."""
        if "://" in edge.name:
            return _OBSERVED if step.recorded else _kind(edge)
        writers = [one for one in self._origins.writers(edge.name) if one.step < number]
        if not edge.name.startswith(TABLE):
            writers += [one for one in self._origins.above(edge.name) if one.step < number]
            below = [other for other in self._origins.below(edge.name) if other < number]
            if not writers and below:
                return min(_DECLARED, _kind(edge), *(self._ranks[other] for other in below))
        if not writers:
            self._gap(MATERIALS, step.name, edge.name, "was read, but nobody says where it comes from")
            return _STATIC
        return min(_DECLARED, _kind(edge), self._ranks[writers[-1].step])

    def _rank(self, origin: Origin) -> int:
        """Return what an origin is worth."""
        if origin.kind == STEP and origin.written is not None:
            written = origin.written
            step = self._steps[written.step]
            own = _OBSERVED if origin.exact and step.recorded and written.edge.kind == OBSERVED else _DECLARED
            return min(own, _kind(written.edge), self._ranks[written.step])
        if origin.kind == UPSTREAM:
            return _OBSERVED
        if origin.kind == SOURCE:
            return _OBSERVED if origin.exact else _DECLARED
        return _STATIC

    def _unexplained(self, origin: Origin, name: str) -> str:
        if origin.kind == STEP and origin.written is not None:
            return f"where step {self._steps[origin.written.step].name} had it from is not known"
        claimed = self._origins.claimed(name)
        if claimed is not None:
            return f"the document of {claimed.name}, which it should belong to, is not at hand"
        return "nobody says where it comes from"

    def _products(self) -> int:
        """Judge where the files of the dataset come from; return what the whole is worth."""
        rank = _OBSERVED
        prefix = self._dataset.lineage.prefix
        for entry in self._dataset.files:
            name = under(prefix, entry.path)
            origin = self._origins.origin(name, entry.sha256)
            if origin.contradiction is not None:
                writer = self._steps[origin.contradiction.step]
                what = f"has sha256 {entry.sha256}, but step {writer.name} wrote {origin.contradiction.edge.sha256}"
                self._wrong(PRODUCTS, writer.name, entry.path, what)
                rank = _STATIC
                continue
            worth = self._rank(origin)
            if worth == _STATIC:
                step = None if origin.written is None else self._steps[origin.written.step].name
                self._gap(PRODUCTS, step, entry.path, self._unexplained(origin, name))
            rank = min(rank, worth)
        return rank


def _kind(edge: Edge) -> int:
    """Return what an edge is worth by who says so: static reading is a guess, and opens no gate."""
    return {OBSERVED: _OBSERVED, DECLARED: _DECLARED}.get(edge.kind, _STATIC)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _loop(before: list[set[int]]) -> list[int]:
    """Return the numbers of the steps of one loop, each reading what the one before it wrote; empty without one."""
    try:
        TopologicalSorter(dict(enumerate(before))).prepare()
    except CycleError as error:
        numbers: list[int] = error.args[1]
        return numbers
    return []
