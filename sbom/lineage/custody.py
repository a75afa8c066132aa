"""The rules of the chain of custody. Pure: no I/O, no keys; linear in files and edges.

A *contradiction* is what cannot be true, and always fails. A *gap* is what nobody says, and fails where completeness is
demanded or claimed (ADR 0016). The default is deny: what is not explained by an explicit match is a gap. A gap is told
once, where it is: what was made from something unexplained is not called unexplained again.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage import sequence
from sbom.lineage.join import predecessors
from sbom.lineage.origins import SOURCE, STEP, UNKNOWN, UPSTREAM, Above, Origin, Origins, effective, products
from sbom.transformation import DECLARED, LEVELS, NONE, OBSERVED, STRACE, TABLE, inside, under

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.model import Dataset
    from sbom.transformation import Edge, Script, Step

STEPS: Final = "lineage.steps"
SCRIPTS: Final = "lineage.scripts"
MATERIALS: Final = "lineage.materials"
PRODUCTS: Final = "lineage.products"
UPSTREAMS: Final = "lineage.upstream"

#: What a file or step can be worth: the place of its level among :data:`LEVELS`.
_NONE: Final = LEVELS.index(NONE)
_DECLARED: Final = LEVELS.index(DECLARED)
_OBSERVED: Final = LEVELS.index(OBSERVED)
#: By who says so. Static reading is a guess, and opens no gate.
_KINDS: Final = {OBSERVED: _OBSERVED, DECLARED: _DECLARED}
#: Reasons of an incomplete observation that are named.
_SHOWN: Final = 3


class Break(NamedTuple):
    """A place where the chain does not hold.

    :param check: the check that it fails.
    :param step: the step that it is about; ``None`` for the dataset.
    :param name: the file (of the workspace; for :data:`PRODUCTS` without a step, of the dataset), or empty.
    :param what: a clause for people, as in ``was read with sha256 … but step export wrote …``.
    :param gap: something is missing; else something is wrong.
    :param level: of a gap: the highest level that holds in spite of it.
    """

    check: str
    step: str | None
    name: str
    what: str
    gap: bool
    level: str = NONE


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
    :return: :data:`NONE` for a dataset of which nobody says anything, and for one without files.
    """
    return _Judging(dataset, Origins(dataset, upstream, assume=assume)).judged()


def contributing(dataset: Dataset) -> frozenset[str]:
    """Return the names of the steps that files of a dataset come from, directly or through others."""
    steps = [
        step._replace(inputs=tuple(effective(step.inputs, step)), outputs=tuple(products(step)))
        for step in dataset.lineage.steps
    ]
    before = predecessors(steps)
    origins = Origins(dataset)
    prefix = dataset.lineage.prefix
    found = (origins.origin(under(prefix, entry.path), entry.sha256).written for entry in dataset.files)
    kept = {one.step for one in found if one is not None}
    waiting = list(kept)
    while waiting:
        more = before[waiting.pop()] - kept
        kept |= more
        waiting += more
    return frozenset(steps[number].name for number in kept)


class _Judging:
    """One judgement: the steps in their order, each with what its products are worth."""

    def __init__(self, dataset: Dataset, origins: Origins) -> None:
        self._dataset = dataset
        self._steps = dataset.lineage.steps
        self._origins = origins
        self._breaks: list[Break] = []
        #: By number of step: what its products are worth.
        self._worth: list[int] = []
        #: The least of them, by directory that a step reads as a whole.
        self._below: dict[str, int] = {}
        self._read = Above(edge.name for step in self._steps for edge in step.inputs if edge.name.endswith("/"))
        prefix = dataset.lineage.prefix
        scripts = {inside(prefix, script.name) for step in self._steps for script in step.scripts}
        self._listed = {under(prefix, one.path): one.sha256 for one in dataset.files if one.path in scripts}
        self._committed: dict[tuple[str, str], tuple[str, str]] = {}

    def judged(self) -> Judged:
        """Judge all of it."""
        for name, what in sequence.problems(self._origins):
            self._wrong(STEPS, name, "", what)
        for number, step in enumerate(self._steps):
            worth = min(self._run(step), self._scripts(number, step), self._materials(number, step))
            self._worth.append(min(worth, self._outputs(step)))
            for edge in step.outputs:
                for directory in self._read.of(edge.name):
                    self._below[directory] = min(self._worth[number], self._below.get(directory, _OBSERVED))
        self._upstream()
        level = self._products()
        if any(not one.gap for one in self._breaks):
            level = _NONE
        return Judged(tuple(self._breaks), LEVELS[level])

    def _wrong(self, check: str, step: str | None, name: str, what: str) -> int:
        self._breaks.append(Break(check, step, name, what, gap=False))
        return _NONE

    def _gap(self, check: str, step: str | None, name: str, what: str, level: int = _NONE) -> int:
        self._breaks.append(Break(check, step, name, what, gap=True, level=LEVELS[level]))
        return level

    def _run(self, step: Step) -> int:
        """Judge a step by itself; return what it can be worth."""
        if step.observation is None:
            return self._gap(STEPS, step.name, "", "was not recorded", _DECLARED)
        began, ended = sequence.time(step.started), sequence.time(step.finished)
        if began is None or ended is None:
            self._wrong(STEPS, step.name, "", "does not say when it ran")
        elif ended < began:
            self._wrong(STEPS, step.name, "", "ended before it began")
        if step.exit_code != 0:
            how = "without an exit code" if step.exit_code is None else f"with exit code {step.exit_code}"
            self._wrong(STEPS, step.name, "", f"failed: it ended {how}")
        method, complete, gaps = step.observation
        if complete and not gaps and method == STRACE:
            return _OBSERVED
        why = "; ".join(gaps[:_SHOWN]) or (f"{method} does not see everything" if complete else "it does not say why")
        return self._gap(STEPS, step.name, "", f"was not observed completely: {why}", _DECLARED)

    def _scripts(self, number: int, step: Step) -> int:
        """Judge the scripts of a step by what the dataset and other steps say of the same files."""
        worth = _OBSERVED
        commit = None if step.revision is None or step.revision.dirty is not False else step.revision.commit
        for script in step.scripts:
            if script.sha256 is not None:
                self._script(number, step, script, commit)
            elif step.recorded:
                worth = self._gap(SCRIPTS, step.name, script.name, "ran, but has no digest", _DECLARED)
        return worth

    def _script(self, number: int, step: Step, script: Script, commit: str | None) -> None:
        others = [(self._listed.get(script.name), "the dataset has")]
        if step.recorded:
            others.append(self._contradiction(self._origins.origin(script.name, script.sha256, number)))
            at = bisect_left(step.inputs, script.name, key=attrgetter("name"))
            if at < len(step.inputs) and step.inputs[at].name == script.name:
                others.append((step.inputs[at].sha256, "it also read it with"))
        if commit is not None:
            # One commit has one content of a file.
            sha256, name = self._committed.setdefault((commit, script.name), (script.sha256 or "", step.name))
            others.append((sha256, f"at the same commit step {name} had"))
        for other, who in others:
            if other is not None and other != script.sha256:
                self._wrong(SCRIPTS, step.name, script.name, f"ran with sha256 {script.sha256}, but {who} {other}")

    def _contradiction(self, origin: Origin) -> tuple[str | None, str]:
        """Return the digest that something should have, and who says so; ``None`` where that is nobody."""
        if origin.contradiction is not None:
            writer = self._steps[origin.contradiction.step]
            return origin.contradiction.edge.sha256, f"step {writer.name} wrote"
        if origin.upstream is not None:
            return origin.stated, f"the dataset {origin.upstream.name} has"
        return origin.stated, "" if origin.source is None else f"what was downloaded from {origin.source.url} has"

    def _materials(self, number: int, step: Step) -> int:
        """Judge what a step read; return what its products can be worth by that."""
        worth = _OBSERVED
        for edge in effective(step.inputs, step):
            if not edge.is_file:
                worth = min(worth, self._other(number, step, edge))
            elif edge.sha256 is None or edge.kind != OBSERVED:
                worth = min(worth, self._file(number, step, edge))
            else:
                found = self._exactly(edge.name, edge.sha256, number)
                worth = min(worth, self._file(number, step, edge) if found is None else found)
        return worth

    def _exactly(self, name: str, sha256: str, before: int | None) -> int | None:
        """Return what a file is worth that a step wrote with this content: nearly all are, and take this short way."""
        last = self._origins.last(name, before)
        if last is None or last.edge.sha256 != sha256:
            return None
        kind = _KINDS.get(last.edge.kind)
        return None if kind is None else min(kind, self._worth[last.step])

    def _file(self, number: int, step: Step, edge: Edge) -> int:
        if edge.sha256 is None and edge.kind == OBSERVED:
            return self._without_digest(MATERIALS, step, edge, "was read, but has no digest")
        origin = self._origins.origin(edge.name, edge.sha256, number)
        stated, who = self._contradiction(origin)
        if stated is not None:
            what = f"was read with sha256 {edge.sha256}, but {who} {stated}"
            # The digest of what nobody recorded was taken later, when the file may have been another one.
            writer = None if origin.contradiction is None else self._steps[origin.contradiction.step]
            certain = step.recorded and (writer is None or writer.recorded)
            return (self._wrong if certain else self._gap)(MATERIALS, step.name, edge.name, what)
        if origin.kind == UNKNOWN:
            if sequence.wrote(step, edge):
                what = "was read and written by this step, and by none before it: a loop of one"
                return self._gap(STEPS, step.name, edge.name, what)
            return self._gap(MATERIALS, step.name, edge.name, f"was read, but {self._origins.unexplained(edge.name)}")
        if edge.kind not in _KINDS:
            return self._gap(MATERIALS, step.name, edge.name, f"was read, as only {_where(edge)} seems to say")
        return min(_KINDS[edge.kind], self._origin(MATERIALS, step.name, edge.name, origin))

    def _other(self, number: int, step: Step, edge: Edge) -> int:
        """Judge a URL, a table or a directory."""
        if edge.kind not in _KINDS:
            return self._gap(MATERIALS, step.name, edge.name, f"was read, as only {_where(edge)} seems to say")
        if "://" in edge.name:
            return _KINDS[edge.kind]
        writer = self._origins.last(edge.name, number)
        if writer is None and not edge.name.startswith(TABLE):
            writer = self._origins.covering(edge.name, number)
        worth = self._below.get(edge.name) if writer is None else self._worth[writer.step]
        if worth is None:
            return self._gap(MATERIALS, step.name, edge.name, f"was read, but {self._origins.unexplained(edge.name)}")
        if step.recorded:
            self._gap(MATERIALS, step.name, edge.name, "was read, and nobody knows its content", _DECLARED)
        return min(_DECLARED, worth)

    def _outputs(self, step: Step) -> int:
        worth = _OBSERVED
        for edge in step.outputs:
            if edge.sha256 is None and step.recorded and edge.kind == OBSERVED and edge.is_file:
                worth = self._without_digest(PRODUCTS, step, edge, "was written, but has no digest")
        return worth

    def _without_digest(self, check: str, step: Step, edge: Edge, what: str) -> int:
        """Two missing digests never match. Who observed everything has seen the content, too."""
        complete = step.observation is not None and step.observation.complete
        return (self._wrong if complete else self._gap)(check, step.name, edge.name, what)

    def _origin(self, check: str, step: str | None, name: str, origin: Origin) -> int:
        """Return what a file is worth by where it comes from; say what is missing there."""
        if origin.kind == SOURCE and not origin.exact:
            url = "a source" if origin.source is None else origin.source.url
            return self._gap(check, step, name, f"comes from {url}, but nobody says with which SHA-256", _DECLARED)
        if origin.kind == UPSTREAM or origin.written is None:
            return _OBSERVED
        writer, edge = self._steps[origin.written.step], origin.written.edge
        worth = self._worth[origin.written.step]
        if edge.kind not in _KINDS:
            return self._gap(
                check, step, name, f"was written by step {writer.name}, as only {_where(edge)} seems to say"
            )
        if writer.recorded and worth == _OBSERVED and not origin.exact:
            self._gap(check, step, name, f"was written by step {writer.name}, but nobody knows with what", _DECLARED)
        return min(worth, _KINDS[edge.kind], _OBSERVED if origin.exact else _DECLARED)

    def _upstream(self) -> None:
        """Insist that one BOM-Link stands for one document."""
        known: dict[tuple[str, int], str] = {}
        for one in self._dataset.lineage.upstream:
            sha256 = known.setdefault((one.serial_number, one.version), one.sha256)
            if sha256 != one.sha256:
                what = f"the document of {one.name} is named with two digests: {sha256} and {one.sha256}"
                self._wrong(UPSTREAMS, None, "", what)

    def _products(self) -> int:
        """Judge where the files of the dataset come from; return the level of the whole."""
        level = _OBSERVED if self._dataset.files else _NONE
        prefix = self._dataset.lineage.prefix
        for entry in self._dataset.files:
            name = under(prefix, entry.path)
            found = self._exactly(name, entry.sha256, None)
            if found is not None:
                level = min(level, found)
                continue
            origin = self._origins.origin(name, entry.sha256)
            stated, who = self._contradiction(origin)
            if stated is not None:
                writer = None if origin.contradiction is None else self._steps[origin.contradiction.step].name
                what = f"has sha256 {entry.sha256}, but {who} {stated}"
                level = self._wrong(PRODUCTS, writer, entry.path, what)
            elif origin.kind == UNKNOWN:
                level = self._gap(PRODUCTS, None, entry.path, self._origins.unexplained(name))
            else:
                step = None if origin.kind != STEP or origin.written is None else self._steps[origin.written.step].name
                level = min(level, self._origin(PRODUCTS, step, entry.path, origin))
        return level


def _where(edge: Edge) -> str:
    return edge.words[0].where or edge.kind
