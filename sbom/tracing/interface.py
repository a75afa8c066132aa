"""What a trace is made of: frozen values that every output format and the API read.

A trace is a graph without loops. Its nodes are groups of files that share their history, runs of steps, and places that
data was downloaded from; its links point the way that the data went. Files are grouped, because a step may read a
hundred thousand of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from sbom.model import Dataset
    from sbom.provenance import Source
    from sbom.transformation import Edge, Step
    from sbom.verification.chain import Release

# What a document is to the one that was asked about.
ASKED: Final = "asked"
PREDECESSOR: Final = "predecessor"
UPSTREAM: Final = "upstream"
#: Found beside it: a later release, a dataset that was made from this one, or any other one.
OTHER: Final = "other"

# Directions.
ANCESTORS: Final = "ancestors"
DESCENDANTS: Final = "descendants"

# Kinds of nodes.
FILES: Final = "files"
STEP: Final = "step"
SOURCE: Final = "source"

# How the data went from one node to the next.
READ: Final = "read"
WRITTEN: Final = "written"
DOWNLOADED: Final = "downloaded"
#: The same bytes in another document.
SAME: Final = "same"
#: A script that a step ran.
RAN: Final = "ran"


class Document(NamedTuple):
    """A document that the trace may use.

    :param role: one of :data:`ASKED`, :data:`PREDECESSOR`, :data:`UPSTREAM`, :data:`OTHER`.
    :param release: what its release chain is made of; its signers are empty where signatures were not checked.
    """

    role: str
    release: Release
    dataset: Dataset


@dataclass(frozen=True, slots=True)
class Documents:
    """Every document of a trace; the one that was asked about is the first.

    :param checked: the signatures of all of them were checked, by keys that the caller gave.
    :param predecessors: number of a document → number of the release before it, where that is at hand.
    :param notes: what a person should know: documents that are missing, or were left aside.
    """

    every: tuple[Document, ...]
    checked: bool
    predecessors: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()

    def numbers(self) -> dict[str, int]:
        """Return numbers of documents by the SHA-256 of their bytes."""
        return {one.release.sha256: number for number, one in enumerate(self.every)}


class Node(NamedTuple):
    """One place of the graph.

    :param kind: :data:`FILES`, :data:`STEP` or :data:`SOURCE`.
    :param document: number of the document that says so.
    :param items: of files: name in the workspace, who says so, SHA-256 and size. Of sources: the URLs,
        where a step read them itself.
    :param step: of a step.
    :param signature: of a step: what is known of the signature of its record, for people.
    :param sources: where data was downloaded from, each once.
    :param why: of files that cannot be followed further back: the reason, as a clause. Empty where they can be.
    :param released: of files: they are files of the dataset, all of them.
    """

    kind: str
    document: int
    items: tuple[Edge, ...] = ()
    step: Step | None = None
    signature: str = ""
    sources: tuple[Source, ...] = ()
    why: str = ""
    released: bool = False


class Link(NamedTuple):
    """The way that data went: numbers of two nodes, and how.

    :param how: :data:`READ`, :data:`WRITTEN`, :data:`DOWNLOADED`, :data:`SAME` or :data:`RAN`.
    :param kind: who says so: the least trusted of :data:`~sbom.transformation.KINDS`; empty for equal digests.
    :param exact: by name and digest; else only by name.
    """

    before: int
    after: int
    how: str
    kind: str = ""
    exact: bool = True


class Seen(NamedTuple):
    """What one release says of a row.

    :param document: number of the document.
    :param known: it has digests of the rows of the table, so that its silence means that the row is not there.
    :param rows: numbers of the row in the table, from 1.
    :param elsewhere: ``(path, number)`` in other tables of the dataset.
    """

    document: int
    known: bool
    rows: tuple[int, ...] = ()
    elsewhere: tuple[tuple[str, int], ...] = ()

    @property
    def there(self) -> bool:
        """Whether the release holds the row."""
        return bool(self.rows or self.elsewhere)


class Hop(NamedTuple):
    """A table on the way of a row, in the release that brought it.

    :param name: of the table in the workspace.
    :param number: of the row, from 1.
    :param document: number of the document that says so.
    :param step: name of the step that wrote the table; ``None`` where no step is known.
    :param verdict: :data:`WROTE`, :data:`PASSED`, :data:`HELD` or :data:`OPEN`.
    :param says: the same for a person, as a clause about the row.
    """

    name: str
    number: int
    document: int
    step: str | None
    verdict: str
    says: str


#: The step wrote the row: no table that it read holds it.
WROTE: Final = "wrote"
#: The step passed the row on: a table that it read holds it.
PASSED: Final = "passed"
#: The source held the row.
HELD: Final = "held"
#: Nobody can tell: digests or steps are missing.
OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Row:
    """The history of one row.

    :param table: name in the workspace; ``number`` counts from 1.
    :param digest: hex.
    :param releases: newest first.
    :param first: number of the document of the release that brought it: the oldest without a gap in between.
    :param certain: the release before that one is known not to hold it, or there is none.
    :param hops: from the table backwards, in the release that brought it.
    """

    table: str
    number: int
    digest: str
    releases: tuple[Seen, ...]
    first: int
    certain: bool
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The answer.

    :param asked: what the caller called it.
    :param direction: :data:`ANCESTORS` or :data:`DESCENDANTS`.
    :param start: numbers of the nodes that it starts from.
    :param links: ordered by the node that is nearer to the start.
    :param row: for a row of a table.
    :param notes: what a person should know.
    :param problems: steps that are not what their signed records say.
    """

    asked: str
    direction: str
    documents: Documents
    start: tuple[int, ...]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    row: Row | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 when something in it contradicts what was signed, else 0."""
        return 1 if self.problems else 0
