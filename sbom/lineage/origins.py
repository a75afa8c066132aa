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
from sbom.model import SHA256
from sbom.transformation import OBSERVED, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sbom.model import Dataset
    from sbom.provenance import Source
    from sbom.transformation import Edge, Step, Upstream

STEP: Final = "step"
SOURCE: Final = "source"
UPSTREAM: Final = "upstream"
UNKNOWN: Final = "unknown"

_BY_STEP: Final = attrgetter("step")
#: Longer names are no paths of any system (PATH_MAX of Linux); a hostile one may lie in a million directories.
_MAX_PATH: Final = 4096


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

    def of(self, name: str) -> tuple[str, ...]:
        """Return those that a file or directory lies in, the nearest first."""
        if not self._directories or "://" in name or len(name) > _MAX_PATH:
            return ()
        parent = name.rstrip("/").rpartition("/")[0]
        found = self._known.get(parent)
        if found is None:
            above = directories_of(f"{parent}/x" if parent else "x")
            found = self._known[parent] = tuple(one for one in above if one in self._directories)
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
        self._written: defaultdict[str, list[Written]] = defaultdict(list)
        self._read: defaultdict[str, list[Written]] | None = None
        self._below: dict[str, list[Written]] | None = None
        self._versions: dict[str, defaultdict[str | None, list[Written]]] = {}
        for number, step in enumerate(self.steps):
            for edge in effective(step.outputs, step):
                self._written[edge.name].append(Written(number, edge))
        self._directories = Above(name for name in self._written if name.endswith("/"))
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
        for directory in self._directories.of(name):
            yield from self._written[directory]

    def below(self, directory: str) -> Sequence[Written]:
        """Return who wrote something below a directory that a step reads, in the order of the steps."""
        if self._below is None:
            read = Above(edge.name for step in self.steps for edge in step.inputs if edge.name.endswith("/"))
            found: defaultdict[str, list[Written]] = defaultdict(list)
            for name, written in self._written.items():
                for above in read.of(name):
                    found[above].extend(written)
            self._below = {name: sorted(several, key=_BY_STEP) for name, several in found.items()}
        return self._below.get(directory, ())

    def last(self, name: str, before: int | None = None) -> Written | None:
        """Return who wrote a name last, before a step or at all."""
        return _last(self._written.get(name, ()), before)

    def covering(self, name: str, before: int | None = None) -> Written | None:
        """Return who wrote a directory that a name lies in, the nearest one, last before a step or at all."""
        found = (_last(self._written[directory], before) for directory in self._directories.of(name))
        return next((one for one in found if one is not None), None)

    def dependency(self, edge: Edge, reader: int) -> int | None:
        """Return the number of the step that wrote what a step read; ``None`` where none did.

        By name and digest, where a digest that is not known fits any; else by directory. The last one before the
        reader counts; only where there is none, the first one after it, and then the order is wrong. Nothing is known
        of what is behind a URL.
        """
        if "://" in edge.name:
            return None
        found = self._written.get(edge.name)
        number = None if found is None else self._fitting(edge, found, reader)
        if number is not None:
            return number
        wider = [_around(self._written[above], reader) for above in self._directories.of(edge.name)]
        if edge.name.endswith("/"):
            wider.append(_around(self.below(edge.name), reader))
        return _nearest(wider, reader)

    def _fitting(self, edge: Edge, found: Sequence[Written], reader: int) -> int | None:
        if len(found) == 1 or edge.sha256 is None:
            sha256 = edge.sha256 and found[0].edge.sha256
            return _around(found, reader) if sha256 is None or sha256 == edge.sha256 else None
        versions = self._versions.get(edge.name)
        if versions is None:
            versions = self._versions[edge.name] = defaultdict(list)
            for one in found:
                versions[one.edge.sha256].append(one)
        return _nearest((_around(versions.get(fitting, ()), reader) for fitting in (edge.sha256, None)), reader)

    def origin(self, name: str, sha256: str | None, before: int | None = None) -> Origin:
        """Return where a file comes from.

        :param sha256: of its content; ``None`` where nobody knows.
        :param before: number of the step that read it; ``None`` for a file of the dataset, which is read after all.
        """
        found = self._written.get(name)
        last = None if found is None else _last(found, before)
        if last is not None:
            if last.edge.sha256 is not None and last.edge.sha256 == sha256:
                return Origin(STEP, exact=True, written=last)
            if last.edge.sha256 is not None and sha256 is not None:
                return Origin(UNKNOWN, contradiction=last)
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


def effective(edges: Sequence[Edge], step: Step) -> Sequence[Edge]:
    """Return those edges of a step that are what its run did.

    What is only declared or inferred counts for a run that was not observed completely, and not against one that was.
    """
    if step.observation is None or not step.observation.complete:
        return edges
    return [edge for edge in edges if edge.words[0].kind == OBSERVED]


def _by_path(sources: Iterable[Source], prefix: str) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    for one in sources:
        if one.path is not None:
            found.setdefault(under(prefix, one.path), []).append(one)
    return found


def _last(found: Sequence[Written], before: int | None) -> Written | None:
    end = len(found) if before is None else bisect_left(found, before, key=_BY_STEP)
    return found[end - 1] if end else None


def _around(found: Sequence[Written], reader: int) -> int | None:
    """Return the last of the steps before the reader, else the first after it."""
    at = bisect_left(found, reader, key=_BY_STEP)
    if at:
        return found[at - 1].step
    return next((one.step for one in found[at : at + 2] if one.step != reader), None)


def _nearest(steps: Iterable[int | None], reader: int) -> int | None:
    """Return the last of some steps that is before the reader, else the first of them."""
    known = [one for one in steps if one is not None]
    return max((one for one in known if one < reader), default=min(known, default=None))
