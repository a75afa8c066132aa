"""The graph of a trace while it is made: nodes that are made once, links that are there once."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from sbom.errors import LimitError
from sbom.lineage.origins import Origins
from sbom.provenance import Source
from sbom.tracing.interface import FILES, SOURCE, STEP, Link, Node
from sbom.transformation import KINDS, Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.model import FileEntry
    from sbom.tracing.interface import Documents

MAX_LINKS: Final = 1_000_000
#: Parts of an edge, for loops over a hundred thousand of them.
NAME: Final = itemgetter(0)
SHA256: Final = itemgetter(2)
_WORDS: Final = itemgetter(1)
_RANKS: Final = {kind: rank for rank, kind in enumerate(KINDS)}


class Graph:
    """Nodes and links of one trace, and an index of each document that it needs."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.nodes: list[Node] = []
        self._links: dict[tuple[int, int, str], Link] = {}
        self._steps: dict[tuple[int, int], int] = {}
        self._origins: dict[int, Origins] = {}
        self._numbers = documents.numbers()

    def add(self, node: Node) -> int:
        """Add a node; return its number."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def files(self, document: int, items: Iterable[Edge], *, why: str = "", released: bool = False) -> int:
        """Add a group of files."""
        return self.add(Node(FILES, document, tuple(items), why=why, released=released))

    def sources(self, document: int, sources: Iterable[Source], items: Iterable[Edge] = ()) -> int:
        """Add places that data was downloaded from; with ``items`` where a step read them by their URLs."""
        return self.add(Node(SOURCE, document, tuple(items), sources=tuple(dict.fromkeys(sources))))

    def step(self, document: int, number: int) -> tuple[int, bool]:
        """Return the node of a step, and whether it is new."""
        known = self._steps.get((document, number))
        if known is not None:
            return known, False
        step = self.documents.every[document].dataset.lineage.steps[number]
        found = self._steps[document, number] = self.add(Node(STEP, document, step=step))
        return found, True

    def link(self, before: int, after: int, how: str, kind: str = "", *, exact: bool = True) -> None:
        """Add a link; of two that are the same, the less certain one counts.

        :raises LimitError: when there are too many: honest pipelines have a few for each step.
        """
        known = self._links.get((before, after, how))
        if known is not None:
            kind, exact = weakest((kind, known.kind)), exact and known.exact
        elif len(self._links) == MAX_LINKS:
            raise LimitError(f"the trace has more than {MAX_LINKS:,} links", hint="ask about something smaller")
        self._links[before, after, how] = Link(before, after, how, kind, exact)

    def links(self) -> tuple[Link, ...]:
        """Return all links, in the order in which they were found."""
        return tuple(self._links.values())

    def origins(self, document: int) -> Origins:
        """Index who wrote what, of one document, when that is first asked for."""
        found = self._origins.get(document)
        if found is None:
            dataset = self.documents.every[document].dataset
            upstream = {
                (one.serial_number, one.version): self.documents.every[self._numbers[one.sha256]].dataset
                for one in dataset.lineage.upstream
                if one.sha256 in self._numbers
            }
            found = self._origins[document] = Origins(dataset, upstream)
        return found

    def number(self, sha256: str) -> int | None:
        """Return the number of a document by the SHA-256 of its bytes."""
        return self._numbers.get(sha256)


def weakest(kinds: Iterable[str]) -> str:
    """Return the least trusted kind; empty when there is none."""
    return max((kind for kind in kinds if kind), key=_RANKS.__getitem__, default="")


def kind_of(items: Sequence[Edge]) -> str:
    """Return the least trusted kind of those that say that items are read or written."""
    # Nearly all items have the very same words.
    if len(set(map(id, map(_WORDS, items)))) == 1:
        return items[0].kind if items[0].words else ""
    return weakest({one[1][0][0] for one in items if one[1]})


def is_exact(items: Sequence[Edge]) -> bool:
    """Tell whether items are known by name and digest; a URL is what it is."""
    return None not in map(SHA256, items) or all(one.sha256 is not None or "://" in one.name for one in items)


def item(name: str, entry: FileEntry) -> Edge:
    """Return a file of a dataset as an item of a node: nobody reads or writes it here."""
    return Edge(name, (), entry.sha256, entry.size)


def place(url: str, by: str) -> Source:
    """Return a URL that a step reads as a place that data was downloaded from."""
    return Source(url, by)
