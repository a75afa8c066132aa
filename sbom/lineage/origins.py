"""Who wrote what: an index over the steps of a dataset, its sources, and the datasets that it was made from.

A name in the workspace may be written several times; which of its contents a step read is decided by the order of the
steps and by the digest. Two missing digests never match.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import repeat
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.model import SHA256
from sbom.transformation import OBSERVED, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sbom.model import Dataset
    from sbom.provenance import Source
    from sbom.transformation import Edge, Step, Upstream, Word

STEP: Final = "step"
SOURCE: Final = "source"
UPSTREAM: Final = "upstream"
UNKNOWN: Final = "unknown"

#: What the words of a record name instead of a file and a line.
_OF_RECORDS: Final = frozenset({"", "--input", "--output"})

_BY_STEP: Final = attrgetter("step")
_NAME: Final = itemgetter(0)
_WORDS: Final = itemgetter(1)
#: A hostile name may lie in a million directories: those that are deeper than this explain nothing.
_MAX_DEPTH: Final = 128


class Written(NamedTuple):
    """That a step wrote (or read) something: the number of the step, and the edge."""

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
    :param stated: nobody wrote this name, and what ``source`` or ``upstream`` has under it is something else: that
        SHA-256 (hex).
    """

    kind: str
    exact: bool = False
    written: Written | None = None
    source: Source | None = None
    upstream: Upstream | None = None
    path: str | None = None
    contradiction: Written | None = None
    stated: str | None = None


class Above:
    """Directories out of a fixed set, by what lies in them; an answer costs the same however many there are."""

    def __init__(self, directories: Iterable[str]) -> None:
        """Take directories as edges name them: each ends in ``/``."""
        self._directories = frozenset(directories)
        self._known: dict[str, tuple[str, ...]] = {}

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return bool(self._directories)

    def of(self, name: str) -> tuple[str, ...]:
        """Return those that a file or directory lies in, the nearest first."""
        if not self._directories or "://" in name:
            return ()
        parent = name.rstrip("/").rpartition("/")[0]
        found = self._known.get(parent)
        if found is None:
            above = tuple(one for one in _above(parent) if one in self._directories)
            found = self._known[parent] = above[::-1]
        return found


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
        #: By name: who wrote it, for nearly all names once.
        self._once: dict[str, Written] = {}
        self._several: dict[str, list[Written]] = {}
        for number, step in enumerate(self.steps):
            self._add(number, products(step))
        self._directories = Above(name for name in self._once if name.endswith("/"))
        self._versions: dict[str, defaultdict[str | None, list[int]]] = {}
        self._read: defaultdict[str, list[Written]] | None = None
        self._sources = _by_path(dataset.lineage.sources, "")
        self._declared = _by_path(dataset.provenance.sources, dataset.lineage.prefix)
        given = upstream or {}
        self._places: defaultdict[str, list[tuple[Upstream, Dataset | None]]] = defaultdict(list)
        for other in dataset.lineage.upstream:
            if other.prefix is not None:
                place = f"{other.prefix}/" if other.prefix else "./"
                self._places[place].append((other, given.get((other.serial_number, other.version))))
        self._mounted = Above(self._places)
        self._files: dict[int, dict[str, str]] = {}

    def _add(self, number: int, edges: Sequence[Edge]) -> None:
        """Index what a step wrote."""
        made = dict(zip(map(_NAME, edges), map(Written, repeat(number), edges), strict=True))
        for name in self._once.keys() & made.keys():
            self._several.setdefault(name, [self._once[name]]).append(made.pop(name))
        self._once.update(made)

    def writers(self, name: str) -> Sequence[Written]:
        """Return who wrote a name, in the order of the steps."""
        several = self._several.get(name)
        if several is not None:
            return several
        once = self._once.get(name)
        return () if once is None else (once,)

    def readers(self, name: str) -> Sequence[Written]:
        """Return who read a name, in the order of the steps."""
        if self._read is None:
            self._read = defaultdict(list)
            for number, step in enumerate(self.steps):
                for edge in step.inputs:
                    self._read[edge.name].append(Written(number, edge))
        return self._read.get(name, ())

    def above(self, name: str) -> Iterator[Written]:
        """Yield who wrote a directory that a name lies in, as a whole, the nearest directory first."""
        for directory in self._directories.of(name):
            yield from self.writers(directory)

    def last(self, name: str, before: int | None = None) -> Written | None:
        """Return who wrote a name last, before a step or at all."""
        several = self._several.get(name)
        if several is None:
            once = self._once.get(name)
            return once if once is None or before is None or once.step < before else None
        end = len(several) if before is None else bisect_left(several, before, key=_BY_STEP)
        return several[end - 1] if end else None

    def later(self, name: str, sha256: str, after: int) -> int | None:
        """Return the number of the first recorded step after another one that wrote a name with this content."""
        versions = self._versions.get(name)
        if versions is None:
            versions = self._versions[name] = defaultdict(list)
            for number, edge in self.writers(name):
                if self.steps[number].recorded:
                    versions[edge.sha256].append(number)
        found = versions.get(sha256, ())
        at = bisect_right(found, after)
        return found[at] if at < len(found) else None

    def covering(self, name: str, before: int | None = None) -> Written | None:
        """Return who wrote a directory that a name lies in, the nearest one, last before a step or at all."""
        found = (self.last(directory, before) for directory in self._directories.of(name))
        return next((one for one in found if one is not None), None)

    def origin(self, name: str, sha256: str | None, before: int | None = None) -> Origin:
        """Return where a file comes from.

        :param sha256: of its content; ``None`` where nobody knows.
        :param before: number of the step that read it; ``None`` for a file of the dataset, which is read after all.
        """
        last = self.last(name, before)
        if last is not None and last.edge.sha256 is not None and sha256 is not None:
            exact = last.edge.sha256 == sha256
            return Origin(STEP, exact=True, written=last) if exact else Origin(UNKNOWN, contradiction=last)
        other = self._elsewhere(name, sha256)
        written = None if other.exact else last or self.covering(name, before)
        return other if written is None else Origin(STEP, written=written)

    def _elsewhere(self, name: str, sha256: str | None) -> Origin:
        """Look for a file among those of other datasets, and for its source."""
        wrong = Origin(UNKNOWN)
        for place in self._mounted.of(name) if sha256 is not None else ():
            path = name if place == "./" else name[len(place) :]
            for one, other in self._places[place]:
                stated = sha256 if other is None and self._assume else self._files_of(other).get(path)
                if stated == sha256:
                    return Origin(UPSTREAM, exact=True, upstream=one, path=path)
                if stated is not None:
                    wrong = Origin(UNKNOWN, upstream=one, path=path, stated=stated)
        # What a manifest says lies behind a URL may be an archive of the file, so that another digest means nothing.
        for sources, binding in ((self._sources, True), (self._declared, False)):
            for source in sources.get(name, ()):
                stated = next((value for algorithm, value in source.digests if algorithm == SHA256), None)
                if stated is not None and stated == sha256:
                    return Origin(SOURCE, exact=True, source=source)
                if stated is None or sha256 is None:
                    wrong = wrong if wrong.stated is not None else Origin(SOURCE, source=source)
                elif binding:
                    wrong = Origin(UNKNOWN, source=source, stated=stated)
        return wrong

    def _files_of(self, other: Dataset | None) -> dict[str, str]:
        """Index the files of another dataset when one of them is first asked for."""
        if other is None:
            return {}
        if id(other) not in self._files:
            self._files[id(other)] = {entry.path: entry.sha256 for entry in other.files}
        return self._files[id(other)]

    def claimed(self, name: str) -> Upstream | None:
        """Return the dataset that a name would belong to, whose document is not at hand."""
        for place in self._mounted.of(name):
            for one, other in self._places[place]:
                if other is None:
                    return one
        return None

    def unexplained(self, name: str) -> str:
        """Say of a file whose origin is unknown what is missing, as a clause."""
        claimed = self.claimed(name)
        if claimed is not None:
            return f"the document of {claimed.name}, which it should belong to, is not at hand"
        writers = self.writers(name)
        if writers:
            return f"step {self.steps[writers[0].step].name} wrote it later, and nobody says where it came from before"
        return "nobody says where it comes from"


def effective(edges: Sequence[Edge], step: Step) -> Sequence[Edge]:
    """Return those edges of a step that are what its run did.

    What is only declared or inferred counts for a run that was not observed completely, and not against one that was.
    """
    if step.observation is None or not step.observation.complete:
        return edges
    # Nearly all edges have the very same words.
    if len(set(map(id, map(_WORDS, edges)))) == 1:
        return edges if edges[0].kind == OBSERVED else []
    return [edge for edge in edges if edge[1][0][0] == OBSERVED]


def products(step: Step) -> Sequence[Edge]:
    """Return those products of a step that explain a file: of a signed record, what was signed, no remark beside it.

    Remarks on what a step read stay: they only ask for more.
    """
    edges = effective(step.outputs, step)
    return edges if step.envelope is None else [edge for edge in edges if any(map(of_record, edge.words))]


def of_record(word: Word) -> bool:
    """Tell whether a word is of a record; else a pipeline or a script says so besides."""
    return word.kind == OBSERVED or word.where in _OF_RECORDS


def _above(directory: str) -> Iterator[str]:
    """Yield the directories that something in a directory lies in, as edges name them, the farthest first."""
    yield "./"
    end = -1
    for _ in range(_MAX_DEPTH if directory else 0):
        end = directory.find("/", end + 1)
        yield f"{directory[:end]}/" if end >= 0 else f"{directory}/"
        if end < 0:
            return


def _by_path(sources: Iterable[Source], prefix: str) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    for one in sources:
        if one.path is not None:
            found.setdefault(under(prefix, one.path), []).append(one)
    return found
