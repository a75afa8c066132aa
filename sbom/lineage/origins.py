"""Who wrote what: an index over the steps of a dataset, its sources, and the datasets that it was made from.

A name in the workspace may be written several times; which of its contents a step read is decided by the order of the
steps and by the digest. Two missing digests never match.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage.join import directories_of
from sbom.transformation import OBSERVED, inside, under

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sbom.model import Dataset
    from sbom.provenance import Source
    from sbom.transformation import Edge, Step, Upstream

STEP: Final = "step"
SOURCE: Final = "source"
UPSTREAM: Final = "upstream"
UNKNOWN: Final = "unknown"


class Written(NamedTuple):
    """That a step wrote something: the number of the step, and the edge."""

    step: int
    edge: Edge


class Origin(NamedTuple):
    """Where a file comes from.

    :param kind: :data:`STEP`, :data:`SOURCE`, :data:`UPSTREAM` or :data:`UNKNOWN`.
    :param exact: by name and SHA-256; else only by name.
    :param written: for a step.
    :param source: for a source.
    :param upstream: for a file of another dataset; its path there is ``path``.
    :param contradiction: the last step that wrote this name wrote something else.
    """

    kind: str
    exact: bool = False
    written: Written | None = None
    source: Source | None = None
    upstream: Upstream | None = None
    path: str | None = None
    contradiction: Written | None = None


class Origins:
    """Answers where files of the workspace come from, and where they go.

    :param upstream: documents of the datasets that the lineage names, by ``(serial number, version)``.
    :param assume: take for granted that what should be in a document that is not at hand is in it.
    """

    def __init__(
        self, dataset: Dataset, upstream: Mapping[tuple[str, int], Dataset] | None = None, *, assume: bool = False
    ) -> None:
        self._assume = assume
        self.dataset = dataset
        self.steps: tuple[Step, ...] = dataset.lineage.steps
        self._written: defaultdict[str, list[Written]] = defaultdict(list)
        self._read: defaultdict[str, list[Written]] | None = None
        self._below: defaultdict[str, dict[int, None]] | None = None
        self._directories: defaultdict[str, list[Written]] = defaultdict(list)
        for number, step in enumerate(self.steps):
            for edge in step.outputs:
                if step.recorded and not counts(edge, step):
                    continue
                self._written[edge.name].append(Written(number, edge))
                if edge.name.endswith("/"):
                    self._directories[edge.name].append(Written(number, edge))
        self._sources = {one.path: one for one in dataset.lineage.sources if one.path is not None}
        prefix = dataset.lineage.prefix
        for one in dataset.provenance.sources:
            if one.path is not None:
                self._sources.setdefault(under(prefix, one.path), one)
        given = upstream or {}
        self._upstream = [(one, given.get((one.serial_number, one.version))) for one in dataset.lineage.upstream]
        self._files: dict[int, dict[str, str]] = {}

    def writers(self, name: str) -> tuple[Written, ...]:
        """Return who wrote a name, in the order of the steps."""
        return tuple(self._written.get(name, ()))

    def readers(self, name: str) -> tuple[Written, ...]:
        """Return who read a name, in the order of the steps."""
        if self._read is None:
            self._read = defaultdict(list)
            for number, step in enumerate(self.steps):
                for edge in step.inputs:
                    self._read[edge.name].append(Written(number, edge))
        return tuple(self._read.get(name, ()))

    def above(self, name: str) -> Iterator[Written]:
        """Yield who wrote a directory that a name lies in, as a whole, the nearest directory first."""
        if self._directories and "://" not in name:
            for directory in directories_of(name):
                yield from self._directories.get(directory, ())

    def below(self, directory: str) -> tuple[int, ...]:
        """Return the numbers of the steps that wrote something below a directory, in their order."""
        if self._below is None:
            self._below = defaultdict(dict)
            for name, found in self._written.items():
                for above in directories_of(name) if "://" not in name else ():
                    self._below[above].update(dict.fromkeys(one.step for one in found))
        return tuple(sorted(self._below.get(directory, ())))

    def origin(self, name: str, sha256: str | None, before: int | None = None) -> Origin:
        """Return where a file comes from.

        :param sha256: of its content; ``None`` where nobody knows.
        :param before: number of the step that read it; ``None`` for a file of the dataset, which is read after all.
        """
        found = self._written.get(name, ())
        end = len(found) if before is None else bisect_left(found, before, key=attrgetter("step"))
        last = found[end - 1] if end else None
        if last is not None:
            if last.edge.sha256 is not None and last.edge.sha256 == sha256:
                return Origin(STEP, exact=True, written=last)
            if last.edge.sha256 is not None and sha256 is not None:
                return Origin(UNKNOWN, contradiction=last)
        other = self._elsewhere(name, sha256)
        if other is not None and other.exact:
            return other
        covering = None if last is not None else self._covering(name, before)
        if last is not None or covering is not None:
            return Origin(STEP, written=last or covering)
        return other or Origin(UNKNOWN)

    def _covering(self, name: str, before: int | None) -> Written | None:
        return next((one for one in self.above(name) if before is None or one.step < before), None)

    def _elsewhere(self, name: str, sha256: str | None) -> Origin | None:
        """Look for a file among those of other datasets, and for its source."""
        if sha256 is not None:
            for number, (one, other) in enumerate(self._upstream):
                path = None if one.prefix is None else inside(one.prefix, name)
                if path is None:
                    continue
                if self._assume if other is None else self._files_of(number, other).get(path) == sha256:
                    return Origin(UPSTREAM, exact=True, upstream=one, path=path)
        source = self._sources.get(name)
        if source is None:
            return None
        stated = dict(source.digests).get("SHA-256")
        if stated is None:
            return Origin(SOURCE, source=source)
        return Origin(SOURCE, exact=True, source=source) if stated == sha256 else None

    def _files_of(self, number: int, other: Dataset) -> dict[str, str]:
        """Index the files of another dataset when one of them is first asked for."""
        if number not in self._files:
            self._files[number] = {entry.path: entry.sha256 for entry in other.files}
        return self._files[number]

    def claimed(self, name: str) -> Upstream | None:
        """Return the dataset that a name would belong to, whose document is not at hand."""
        for one, other in self._upstream:
            if other is None and one.prefix is not None and inside(one.prefix, name) is not None:
                return one
        return None


def counts(edge: Edge, step: Step) -> bool:
    """Tell whether an edge of a recorded step is what its run did.

    What is only declared or inferred counts for a run that was not observed completely, and not against one that was.
    """
    return edge.kind == OBSERVED or step.observation is None or not step.observation.complete
