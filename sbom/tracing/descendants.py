"""The way forward: what was made from files, a source or a script, in every document that is at hand.

What has the same bytes as something tainted is tainted, in whichever document and under whichever name, unless it is
empty. So is all that a step wrote that read something tainted, or ran a script that is. Where a digest is missing, the
name decides, within its document. Documents come after those that they name, and steps in their order: one pass does.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage.origins import Above, effective
from sbom.model import SHA256 as ALGORITHM
from sbom.tracing.graph import NAME, SHA256, Graph, is_exact, item, kind_of
from sbom.tracing.interface import DOWNLOADED, RAN, READ, SAME, WRITTEN
from sbom.tracing.load import in_order
from sbom.transformation import TABLE, Edge, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sbom.model import Dataset, FileEntry
    from sbom.transformation import Script

#: SHA-256 of nothing: two empty files have nothing in common.
EMPTY: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class _Hit(NamedTuple):
    """A tainted step: what it read that is tainted, all that it wrote, and whether what it ran is tainted."""

    number: int
    read: Sequence[Edge]
    written: Sequence[Edge]
    ran: bool


class Descendants:
    """Follows what was asked about forward.

    :param start: number of its node.
    """

    def __init__(self, graph: Graph, start: int) -> None:
        self.graph = graph
        self.start = start
        self.asked = graph.nodes[start]
        #: Nodes by the SHA-256 of what they hold.
        self.tainted: dict[str | None, int] = {}
        self._contents = {one.sha256 for one in self.asked.items} - {None, EMPTY}
        self._names = {one.name for one in self.asked.items}
        self.take(self.asked.items, start)

    def follow(self) -> None:
        """Look at every document."""
        for number in in_order(self.graph.documents):
            _InDocument(self, number).follow()

    def is_asked(self, script: Script, document: int) -> bool:
        """Tell whether a script is what was asked about."""
        if script.sha256 in self._contents:
            return True
        doubtful = script.sha256 is None or not self._contents
        return doubtful and document == self.asked.document and script.name in self._names

    def take(self, items: Sequence[Edge], node: int) -> None:
        """Remember the contents of a node, for all documents; the first one that has them counts."""
        for sha256 in map(SHA256, items):
            if sha256 is not None and sha256 != EMPTY:
                self.tainted.setdefault(sha256, node)


class _InDocument:
    """What is tainted in one document."""

    def __init__(self, whole: Descendants, document: int) -> None:
        self._whole = whole
        self._graph = whole.graph
        self._document = document
        self._dataset: Dataset = whole.graph.documents.every[document].dataset
        self._steps = self._dataset.lineage.steps
        #: Tainted names, with the SHA-256 that they are tainted with; ``None`` is any.
        self._names: dict[str, str | None] = {}
        self._contents: set[str | None] = set()
        self._read = Above(edge.name for step in self._steps for edge in step.inputs if edge.name.endswith("/"))
        #: Directories with something tainted in them that are read, and those that are tainted as a whole.
        self._partly: set[str] = set()
        self._wholly: set[str] = set()
        self._written = Above(edge.name for step in self._steps for edge in step.outputs if edge.name.endswith("/"))
        #: Nodes of tainted names of this document, and of what lies in a directory.
        self._home: dict[str, int] = {}
        self._inside: defaultdict[str, dict[int, None]] = defaultdict(dict)

    def follow(self) -> None:
        """Find the tainted steps in their order; then make nodes of them, and of what they read and wrote."""
        downloaded = [*self._downloaded()]
        self._taint([*self._asked(), *downloaded])
        hits = [*self._hits()]
        released = {under(self._dataset.lineage.prefix, one.path): one.sha256 for one in self._released()}
        self._settle(self._asked(), self._whole.start)
        for edge in downloaded:
            node = self._graph.files(self._document, [edge], released=released.get(edge.name) == edge.sha256)
            self._graph.link(self._whole.start, node, DOWNLOADED)
            self._settle([edge], node)
        readers = _readers(hits)
        for at, hit in enumerate(hits):
            self._made(hit, readers[at], released)
        left = [Edge(name, (), sha256) for name, sha256 in released.items() if name not in self._home]
        self._foreign(left, released)

    def _asked(self) -> list[Edge]:
        """Return what was asked about, as far as its name means the same here."""
        asked = self._whole.asked
        if self._document == asked.document:
            return [*asked.items]
        same = self._dataset.name == self._graph.documents.every[asked.document].dataset.name
        return [one for one in asked.items if "://" in one.name or (same and one.name.startswith(TABLE))]

    def _downloaded(self) -> Iterator[Edge]:
        """Yield the files that were downloaded from what was asked about."""
        urls = {one.name for one in self._whole.asked.items if "://" in one.name}
        if not urls:
            return
        prefix = self._dataset.lineage.prefix
        found = [(one, one.path) for one in self._dataset.lineage.sources]
        found += [(one, under(prefix, one.path or "")) for one in self._dataset.provenance.sources if one.path]
        seen: set[str] = set()
        for one, name in found:
            if name is not None and one.url in urls and name not in seen:
                seen.add(name)
                yield Edge(name, (), dict(one.digests).get(ALGORITHM), one.size)

    # What is tainted: only names and digests, no nodes yet.

    def _taint(self, items: Sequence[Edge]) -> None:
        self._names.update(zip(map(NAME, items), map(SHA256, items), strict=True))
        self._contents.update(map(SHA256, items))
        self._contents -= {None, EMPTY}
        for name in map(NAME, items):
            if name.endswith("/"):
                self._wholly.add(name)
            self._partly.update(self._read.of(name))

    def _is_tainted(self, one: Edge) -> bool:
        name, sha256 = one.name, one.sha256
        if sha256 in self._contents or sha256 in self._whole.tainted:
            return True
        if name in self._names and (sha256 is None or self._names[name] in {None, sha256}):
            return True
        return name in self._partly or any(self._covering(name))

    def _covering(self, name: str) -> Iterator[str]:
        """Yield the directories that were written as a whole, are tainted, and hold a name, the nearest first."""
        return (directory for directory in self._written.of(name) if directory in self._wholly)

    def _hits(self) -> Iterator[_Hit]:
        """Yield the tainted steps."""
        for number, step in enumerate(self._steps):
            inputs = effective(step.inputs, step)
            ran = any(self._whole.is_asked(script, self._document) for script in step.scripts)
            clean = (
                not self._partly
                and not self._wholly
                and self._names.keys().isdisjoint(map(NAME, inputs))
                and self._contents.isdisjoint(map(SHA256, inputs))
                and self._whole.tainted.keys().isdisjoint(map(SHA256, inputs))
            )
            read = () if clean else [one for one in inputs if self._is_tainted(one)]
            if read or ran:
                written = effective(step.outputs, step)
                self._taint(written)
                yield _Hit(number, read, written, ran)

    def _released(self) -> Iterator[FileEntry]:
        """Yield the tainted files of the dataset."""
        prefix = self._dataset.lineage.prefix
        contents, others = self._contents, self._whole.tainted
        doubtful = bool(self._wholly) or None in self._names.values() or EMPTY in self._names.values()
        for entry in self._dataset.files:
            sha256 = entry.digests[0][1]
            if sha256 in contents or sha256 in others:
                yield entry
            elif doubtful and self._is_tainted(item(under(prefix, entry.path), entry)):
                # Unless it is known to be something else: the product of another step, or of a source.
                origin = self._graph.origins(self._document).origin(under(prefix, entry.path), sha256)
                if not origin.exact or sha256 == EMPTY:
                    yield entry

    # Nodes.

    def _settle(self, items: Sequence[Edge], node: int) -> None:
        """Remember which node holds what."""
        self._home.update(zip(map(NAME, items), repeat(node)))  # one is endless
        self._whole.take(items, node)
        if self._partly:
            for name in map(NAME, items):
                for directory in self._read.of(name):
                    self._inside[directory][node] = None

    def _made(self, hit: _Hit, readers: dict[str, int], released: dict[str, str]) -> None:
        """Make the nodes of a step and of what it wrote, and link what it read."""
        node, _ = self._graph.step(self._document, hit.number)
        if hit.ran:
            self._graph.link(self._whole.start, node, RAN)
        self._foreign([one for one in hit.read if not self._is_home(one)], released)
        read: defaultdict[int, list[Edge]] = defaultdict(list)
        for one in hit.read:
            for home in self._homes(one):
                read[home].append(one)
        for home, items in read.items():
            self._graph.link(home, node, READ, kind_of(items), exact=is_exact(items))
        groups: defaultdict[tuple[int, bool], list[Edge]] = defaultdict(list)
        for one in hit.written:
            shown = one.name in released and one.sha256 in {None, released[one.name]}
            groups[readers.get(one.name, 0), shown].append(one)
        for (_, shown), items in groups.items():
            written = self._graph.files(self._document, items, released=shown)
            self._graph.link(node, written, WRITTEN, kind_of(items), exact=is_exact(items))
            self._settle(items, written)

    def _is_home(self, one: Edge) -> bool:
        """Tell whether something has a node in this document already."""
        return one.name in self._home or bool(self._inside.get(one.name)) or any(self._covering(one.name))

    def _homes(self, one: Edge) -> Iterable[int]:
        """Return the nodes of what a step read."""
        if one.name in self._home:
            return (self._home[one.name],)
        nearest = [self._home[directory] for directory in self._covering(one.name) if directory in self._home]
        return nearest[:1] or self._inside.get(one.name, ())

    def _foreign(self, items: Sequence[Edge], released: dict[str, str]) -> None:
        """Make nodes of what other documents hold, too."""
        groups: defaultdict[tuple[int, bool], list[Edge]] = defaultdict(list)
        for one in items:
            found = self._whole.tainted.get(one.sha256)
            if found is None:
                found = next(iter(self._homes(one)), self._whole.start)
            groups[found, released.get(one.name) == one.sha256].append(one)
        for (found, shown), group in groups.items():
            node = self._graph.files(self._document, group, released=shown)
            self._graph.link(found, node, SAME)
            self._settle(group, node)


def _readers(hits: Sequence[_Hit]) -> list[dict[str, int]]:
    """Return for each step: by name of what it wrote, a number that stands for the set of steps that read it.

    Who reads a name reads what was written last under it.
    """
    found: list[dict[str, int]] = [{} for _ in hits]
    numbers: dict[tuple[int, int], int] = {}
    last: dict[str, int] = {}
    for at, hit in enumerate(hits):
        for name in map(NAME, hit.read):
            writer = last.get(name)
            if writer is not None:
                before = found[writer].get(name, 0)
                found[writer][name] = numbers.setdefault((before, at), len(numbers) + 1)
        last.update(zip(map(NAME, hit.written), repeat(at)))  # one is endless
    return found
