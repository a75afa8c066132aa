"""The way forward: what was made from files, a source or a script, in every document that is at hand.

What has the same bytes as something tainted is tainted, in whichever document and under whichever name, unless it is
empty. So is all that a step wrote that read something tainted, or ran a script that is. Where a digest is missing, the
name decides, within its document. Documents come after those that they name, and steps in their order: one pass does.

There may be a million files: loops over all of them are left to sets and dictionaries wherever those can do it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import repeat
from operator import eq
from typing import TYPE_CHECKING, NamedTuple

from sbom.lineage.origins import effective
from sbom.model import SHA256 as ALGORITHM
from sbom.tracing.graph import NAME, SHA256, Graph, is_exact, kind_of
from sbom.tracing.interface import DOWNLOADED, FILES, RAN, READ, SAME, WRITTEN
from sbom.tracing.load import in_order
from sbom.tracing.taint import EMPTY, VAGUE, Taint
from sbom.transformation import TABLE, Edge, under

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sbom.model import Dataset
    from sbom.transformation import Script


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
        #: Tainted contents of all documents so far.
        self.contents: set[str | None] = set(map(SHA256, self.asked.items)) - VAGUE
        self._asked_for = frozenset(self.contents)
        self._names = {one.name for one in self.asked.items}
        self._holders: dict[str | None, int] = {}
        self._indexed = 0

    def follow(self) -> None:
        """Look at every document."""
        for number in in_order(self.graph.documents):
            _InDocument(self, number).follow()

    def is_asked(self, script: Script, document: int) -> bool:
        """Tell whether a script is what was asked about."""
        if script.sha256 in self._asked_for:
            return True
        doubtful = script.sha256 is None or not self._asked_for
        return doubtful and document == self.asked.document and script.name in self._names

    def holder(self, sha256: str | None) -> int:
        """Return the first node that holds a content; what is tainted by its name only comes from the start."""
        nodes = self.graph.nodes
        for number in range(self._indexed, len(nodes)):
            if nodes[number].kind == FILES:
                for content in map(SHA256, nodes[number].items):
                    self._holders.setdefault(content, number)
        self._indexed = len(nodes)
        return self.start if sha256 in VAGUE else self._holders.get(sha256, self.start)


class _InDocument:
    """What is tainted in one document."""

    def __init__(self, whole: Descendants, document: int) -> None:
        self._whole = whole
        self._graph = whole.graph
        self._document = document
        self._dataset: Dataset = whole.graph.documents.every[document].dataset
        self._steps = self._dataset.lineage.steps
        self._place = under(self._dataset.lineage.prefix, "")
        self._taint = Taint(self._steps, whole.contents)
        #: Nodes of tainted names of this document, and of what lies in a directory that is read. Names are indexed when
        #: one is looked for.
        self._homes_by_name: dict[str, int] = {}
        self._pending: list[tuple[Sequence[Edge], int]] = []
        #: One step wrote all that is tainted of the dataset.
        self._complete = False
        self._inside: defaultdict[str, dict[int, None]] = defaultdict(dict)

    def follow(self) -> None:
        """Find the tainted steps in their order; then make nodes of them, and of what they read and wrote."""
        downloaded = [*self._downloaded()]
        asked = self._asked()
        self._taint.add([*asked, *downloaded])
        hits = [*self._hits()]
        released = self._released()
        self._settle(asked, self._whole.start)
        for edge in downloaded:
            node = self._graph.files(self._document, [edge], released=released.get(edge.name) == edge.sha256)
            self._graph.link(self._whole.start, node, DOWNLOADED)
            self._settle([edge], node)
        readers = _readers(hits)
        for at, hit in enumerate(hits):
            self._made(hit, readers[at], released)
        if not self._complete:
            home = self._home
            self._foreign([Edge(name, (), released[name]) for name in released if name not in home], released)
        self._whole.contents |= self._taint.contents

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

    def _hits(self) -> Iterator[_Hit]:
        """Yield the tainted steps."""
        for number, step in enumerate(self._steps):
            read = self._taint.among(effective(step.inputs, step))
            ran = any(self._whole.is_asked(script, self._document) for script in step.scripts)
            if read or ran:
                written = effective(step.outputs, step)
                self._taint.add(written)
                yield _Hit(number, read, written, ran)

    def _released(self) -> dict[str, str]:
        """Return the tainted files of the dataset: their names in the workspace, and their SHA-256."""
        place = self._place
        files = self._dataset.files
        here, there = self._taint.contents, self._whole.contents
        contents = [entry[2][0][1] for entry in files]
        pairs = zip(map(place.__add__, map(NAME, files)), contents, strict=True)
        if all(map(here.__contains__, contents)):
            found = dict(pairs)
        else:
            found = {name: sha256 for name, sha256 in pairs if sha256 in here or sha256 in there}
        if self._taint.doubtful and len(found) < len(files):
            for entry in files:
                name, sha256 = place + entry.path, entry.sha256
                if name not in found and self._taint.has(Edge(name, (), sha256)):
                    # Unless it is known to be something else: the product of another step, or of a source.
                    origin = self._graph.origins(self._document).origin(name, sha256)
                    if not origin.exact or sha256 == EMPTY:
                        found[name] = sha256
        return found

    # Nodes.

    def _settle(self, items: Sequence[Edge], node: int) -> None:
        """Remember which node holds what."""
        self._pending.append((items, node))
        if self._taint.partly:
            for name in map(NAME, items):
                for directory in self._taint.read_above(name):
                    self._inside[directory][node] = None

    @property
    def _home(self) -> dict[str, int]:
        """Nodes by the names that they hold."""
        for items, node in self._pending:
            self._homes_by_name.update(zip(map(NAME, items), repeat(node)))
        self._pending.clear()
        return self._homes_by_name

    def _made(self, hit: _Hit, readers: Mapping[str, int], released: Mapping[str, str]) -> None:
        """Make the nodes of a step and of what it wrote, and link what it read."""
        node, _ = self._graph.step(self._document, hit.number)
        if hit.ran:
            self._graph.link(self._whole.start, node, RAN)
        for home, items in self._by_home(hit.read, released).items():
            self._graph.link(home, node, READ, kind_of(items), exact=is_exact(items))
        for shown, items in self._groups(hit.written, readers, released):
            written = self._graph.files(self._document, items, released=shown)
            self._graph.link(node, written, WRITTEN, kind_of(items), exact=is_exact(items))
            self._settle(items, written)

    def _by_home(self, read: Sequence[Edge], released: Mapping[str, str]) -> Mapping[int, Sequence[Edge]]:
        """Part what a step read by the nodes that hold it; make nodes for what has none here."""
        if self._pending and _same_names(self._pending[-1][0], read):
            return {self._pending[-1][1]: read}
        if not self._home.keys() >= set(map(NAME, read)):
            self._foreign([one for one in read if not self._homes(one)], released)
        found: defaultdict[int, list[Edge]] = defaultdict(list)
        for one in read:
            for home in self._homes(one):
                found[home].append(one)
        return found

    def _groups(
        self, written: Sequence[Edge], readers: Mapping[str, int], released: Mapping[str, str]
    ) -> Iterator[tuple[bool, Sequence[Edge]]]:
        """Part what a step wrote by who reads it, and by whether it is a file of the dataset."""
        if not readers and written:
            # Nearly always all of it is released as it is, or nothing.
            first = bisect_left(written, self._place, key=NAME)
            if first == len(written) or not written[first].name.startswith(self._place):
                yield False, written
                return
            same = len(written) == len(released) and all(map(eq, map(NAME, written), released))
            if same and all(map(eq, map(SHA256, written), released.values())):
                self._complete = True
                yield True, written
                return
        groups: defaultdict[tuple[int, bool], list[Edge]] = defaultdict(list)
        for one in written:
            is_shown = one.name in released and one.sha256 in {None, released[one.name]}
            groups[readers.get(one.name, 0), is_shown].append(one)
        yield from ((shown_, items) for (_, shown_), items in groups.items())

    def _homes(self, one: Edge) -> Sequence[int]:
        """Return the nodes of this document that hold something, or from which it comes; nothing for a stranger."""
        if one.name in self._home:
            return (self._home[one.name],)
        nearest = [self._home[directory] for directory in self._taint.covering(one.name) if directory in self._home]
        return nearest[:1] or tuple(self._inside.get(one.name, ()))

    def _foreign(self, items: Sequence[Edge], released: Mapping[str, str]) -> None:
        """Make nodes of what other nodes hold under other names, or in other documents."""
        groups: defaultdict[tuple[int, bool], list[Edge]] = defaultdict(list)
        for one in items:
            found = self._whole.holder(one.sha256)
            if found == self._whole.start:
                found = next(iter(self._homes(one)), found)
            groups[found, released.get(one.name) == one.sha256].append(one)
        for (found, shown), group in groups.items():
            node = self._graph.files(self._document, group, released=shown)
            self._graph.link(found, node, SAME)
            self._settle(group, node)


def _readers(hits: Sequence[_Hit]) -> list[dict[str, int]]:
    """Return for each step: by name of what it wrote, a number that stands for the set of steps that read it.

    Who reads a name reads what was written last under it. Where a step reads all of it, nothing is parted.
    """
    found: list[dict[str, int]] = [{} for _ in hits]
    numbers: dict[tuple[int, int], int] = {}
    last: dict[str, int] = {}
    wrote: dict[int, set[str]] = {}
    indexed = 0
    for at, hit in enumerate(hits):
        # Nearly always a step reads all that the one before it wrote.
        if not at or _same_names(hits[at - 1].written, hit.read):
            continue
        for number in range(indexed, at):
            last.update(zip(map(NAME, hits[number].written), repeat(number)))
        indexed = at
        read = set(map(NAME, hit.read))
        for writer in {last[name] for name in read if name in last}:
            if writer not in wrote:
                wrote[writer] = set(map(NAME, hits[writer].written))
            written = wrote[writer]
            if written <= read:
                continue
            for name in read & written:
                if last[name] == writer:
                    before = found[writer].get(name, 0)
                    found[writer][name] = numbers.setdefault((before, at), len(numbers) + 1)
    return found


def _same_names(one: Sequence[Edge], other: Sequence[Edge]) -> bool:
    return len(one) == len(other) and all(map(eq, map(NAME, one), map(NAME, other)))
