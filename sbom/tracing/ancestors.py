"""The way back: from files through the steps that wrote them to what those read, and so on, to the sources.

Each file is followed by name and SHA-256 to the last step that wrote it before it was read, else to its source, to the
dataset upstream that it belongs to, or to the release before, when that holds the same bytes under the same path. What
cannot be followed says why. Nothing is followed twice, and steps lead to earlier steps only, so that no document can
make a loop; the time is linear in what is read.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage import origins as known
from sbom.lineage.origins import Above, effective
from sbom.names import display
from sbom.tracing.graph import Graph, is_exact, kind_of, place, weakest
from sbom.tracing.interface import DOWNLOADED, READ, SAME, WRITTEN
from sbom.transformation import TABLE, Edge, inside, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.lineage.origins import Origin, Origins, Written
    from sbom.model import FileEntry
    from sbom.provenance import Source

_STEPS: Final = "steps"
_SOURCES: Final = "sources"
_URLS: Final = "urls"
_DOCUMENT: Final = "document"
_NOWHERE: Final = "nowhere"


class _Way(NamedTuple):
    """Where files lead: what those with the same one share.

    :param steps: numbers of steps that wrote them.
    :param document: number of the document that has the same bytes.
    :param why: they lead nowhere.
    """

    kind: str
    steps: tuple[int, ...] = ()
    document: int = -1
    why: str = ""


class _Group:
    """Files that lead the same way."""

    def __init__(self) -> None:
        self.items: list[Edge] = []
        self.exact = True
        self.kinds: set[str] = set()
        self.sources: list[Source] = []
        #: Names in the document that the way leads to.
        self.there: list[str] = []


class Ancestors:
    """Follows files back."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._before = dict(graph.documents.predecessors)
        self._entries: dict[int, dict[str, FileEntry]] = {}
        self._below: dict[int, _Below] = {}
        self._made: dict[tuple[object, ...], int] = {}
        self._todo: deque[tuple[int, int, int]] = deque()

    def follow(self, document: int, items: Sequence[Edge], *, released: bool) -> list[int]:
        """Follow files, in a document as it is released, as far as possible; return the nodes that they are."""
        start = self._files(document, items, None, released=released)
        while self._todo:
            node, where, number = self._todo.popleft()
            step = self._graph.documents.every[where].dataset.lineage.steps[number]
            for group in self._files(where, effective(step.inputs, step), number):
                read = self._graph.nodes[group].items
                self._graph.link(group, node, READ, kind_of(read), exact=is_exact(read))
        return start

    def entries(self, document: int) -> dict[str, FileEntry]:
        """Index the files of a dataset by path."""
        found = self._entries.get(document)
        if found is None:
            files = self._graph.documents.every[document].dataset.files
            found = self._entries[document] = {entry.path: entry for entry in files}
        return found

    def _files(self, document: int, items: Sequence[Edge], before: int | None, *, released: bool = False) -> list[int]:
        """Make nodes of files, one for each way that they lead, and go on there.

        Through other documents, too: each time the files go to one that is named by this one.
        """
        start: list[int] = []
        todo = deque([(document, items, before, released, -1)])
        while todo:
            where, files, limit, shown, after = todo.popleft()
            for way, group in self._ways(where, files, limit).items():
                key = (where, way, shown, tuple((one[0], one[2]) for one in group.items))
                node = self._made.get(key)
                new = node is None
                if node is None and way.kind == _URLS:
                    node = self._made[key] = self._graph.sources(where, group.sources, group.items)
                elif node is None:
                    node = self._graph.files(where, group.items, why=way.why, released=shown)
                    self._made[key] = node
                if after >= 0:
                    self._graph.link(node, after, SAME)
                else:
                    start.append(node)
                if not new:
                    continue
                if way.kind == _DOCUMENT:
                    names = zip(group.items, group.there, strict=True)
                    further = [one._replace(name=name, words=()) for one, name in names]
                    todo.append((way.document, further, None, True, node))
                else:
                    self._join(where, node, way, group)
        return start

    def _join(self, document: int, node: int, way: _Way, group: _Group) -> None:
        """Link a node to the steps or sources that it comes from."""
        if way.kind == _SOURCES:
            self._graph.link(self._graph.sources(document, group.sources), node, DOWNLOADED, exact=group.exact)
        for number in way.steps:
            step, new = self._graph.step(document, number)
            self._graph.link(step, node, WRITTEN, weakest(group.kinds), exact=group.exact)
            if new:
                self._todo.append((step, document, number))

    def _ways(self, document: int, items: Iterable[Edge], before: int | None) -> dict[_Way, _Group]:
        """Part files by where they lead."""
        origins = self._graph.origins(document)
        found: defaultdict[_Way, _Group] = defaultdict(_Group)
        direct: dict[int, _Group] = {}
        for one in items:
            last = origins.last(one.name, before)
            # Nearly all files take this short way: the last step that wrote the name wrote this content.
            if last is not None and last.edge.sha256 is not None and last.edge.sha256 == one.sha256:
                group = direct.get(last.step)
                if group is None:
                    group = direct[last.step] = found[_Way(_STEPS, (last.step,))]
                group.items.append(one)
                group.kinds.add(last.edge.words[0].kind)
                continue
            self._slow(document, origins, one, before, found)
        return found

    def _slow(
        self, document: int, origins: Origins, one: Edge, before: int | None, found: defaultdict[_Way, _Group]
    ) -> None:
        if not one.is_file:
            self._other(document, origins, one, before, found)
            return
        origin = origins.origin(one.name, one.sha256, before)
        if origin.kind == known.STEP and origin.written is not None:
            group = found[_Way(_STEPS, (origin.written.step,))]
            group.kinds.add(origin.written.edge.kind)
            group.exact = group.exact and origin.exact
        elif origin.kind == known.SOURCE and origin.source is not None:
            group = found[_Way(_SOURCES)]
            group.sources.append(origin.source)
            group.exact = group.exact and origin.exact
        else:
            group = self._elsewhere(document, origins, origin, one, found)
        group.items.append(one)

    def _elsewhere(
        self, document: int, origins: Origins, origin: Origin, one: Edge, found: defaultdict[_Way, _Group]
    ) -> _Group:
        """Return the group of a file of another document, or of one that leads nowhere."""
        if origin.kind == known.UPSTREAM and origin.upstream is not None and origin.path is not None:
            number = self._graph.number(origin.upstream.sha256)
            if number is not None:
                return self._there(found, number, origin.path)
        number = self._before.get(document)
        path = inside(self._graph.documents.every[document].dataset.lineage.prefix, one.name)
        if number is not None and path is not None and one.sha256 is not None:
            entry = self.entries(number).get(path)
            if entry is not None and entry.sha256 == one.sha256:
                return self._there(found, number, path)
        return found[_Way(_NOWHERE, why=_why(origins, origin, one.name))]

    def _there(self, found: defaultdict[_Way, _Group], document: int, path: str) -> _Group:
        group = found[_Way(_DOCUMENT, document=document)]
        group.there.append(under(self._graph.documents.every[document].dataset.lineage.prefix, path))
        return group

    def _other(
        self, document: int, origins: Origins, one: Edge, before: int | None, found: defaultdict[_Way, _Group]
    ) -> None:
        """Follow a URL, a table or a directory."""
        if "://" in one.name:
            group = found[_Way(_URLS)]
            group.sources.append(place(one.name, one.words[0].where if one.words else ""))
            group.items.append(one)
            return
        writer = origins.last(one.name, before)
        if writer is None and not one.name.startswith(TABLE):
            writer = origins.covering(one.name, before)
        if writer is not None:
            written: Sequence[Written] = (writer,)
        else:
            written = self._below_of(document, origins).written(one.name, before)
        if written:
            group = found[_Way(_STEPS, tuple(dict.fromkeys(each.step for each in written)))]
            group.kinds.update(each.edge.kind for each in written)
            group.exact = False
        else:
            sources = self._below_of(document, origins).sources(one.name)
            group = found[_Way(_SOURCES) if sources else _Way(_NOWHERE, why=origins.unexplained(one.name))]
            group.sources.extend(sources)
            group.exact = group.exact and not sources
        group.items.append(one)

    def _below_of(self, document: int, origins: Origins) -> _Below:
        found = self._below.get(document)
        if found is None:
            found = self._below[document] = _Below(origins)
        return found


class _Below:
    """What is known of files in directories that steps read as a whole."""

    def __init__(self, origins: Origins) -> None:
        lineage = origins.dataset.lineage
        above = Above(edge.name for step in origins.steps for edge in step.inputs if edge.name.endswith("/"))
        self._written: defaultdict[str, list[Written]] = defaultdict(list)
        for number, step in enumerate(origins.steps):
            for edge in effective(step.outputs, step):
                for directory in above.of(edge.name):
                    of = self._written[directory]
                    if not of or of[-1].step != number:
                        of.append(known.Written(number, edge))
        self._sources: defaultdict[str, list[Source]] = defaultdict(list)
        for source in lineage.sources:
            for directory in above.of(source.path or ""):
                self._sources[directory].append(source)

    def written(self, directory: str, before: int | None) -> Sequence[Written]:
        """Return one file of each step that wrote below a directory, before a step or at all."""
        return [one for one in self._written.get(directory, ()) if before is None or one.step < before]

    def sources(self, directory: str) -> Sequence[Source]:
        """Return the sources of files below a directory."""
        return self._sources.get(directory, ())


def _why(origins: Origins, origin: Origin, name: str) -> str:
    """Say why a file cannot be followed, as a clause."""
    if origin.contradiction is not None:
        step = origins.steps[origin.contradiction.step].name
        return f"it is not what step {display(step)} wrote under its name"
    if origin.stated is not None and origin.upstream is not None:
        return f"it is not what the dataset {display(origin.upstream.name)} holds under its name"
    if origin.stated is not None:
        return "it is not what was downloaded under its name"
    return display(origins.unexplained(name))
