"""The history of one row: which release brought it, and which step or source wrote it there.

A row is found again by its digest, so a row that was changed is a new one. Presence is proved by a digest; absence is
proved only by the digests of the whole table. Where digests are missing, that is said, and nothing is concluded.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from sbom.errors import ChainError, DocumentError, UndecidedError, UsageError
from sbom.inventory import mediatypes, stats
from sbom.lineage import origins as known
from sbom.lineage.origins import effective
from sbom.lineage.rows import find
from sbom.names import display
from sbom.tracing.graph import item as item_of
from sbom.tracing.interface import HELD, OPEN, PASSED, WROTE, Hop, Row, Seen
from sbom.transformation import ROW_DIGEST, Edge, inside, under

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.lineage.origins import Origin
    from sbom.tracing.graph import Graph
    from sbom.transformation import Rows, Step

_HINT: Final = "make the documents with data-sbom generate --record-digests GLOB"
_SHOWN: Final = 5


def history(graph: Graph, item: Edge, number: int) -> tuple[Row, list[Edge]]:
    """Find out where a row of a table comes from.

    :param item: the table, as the document that is asked about knows it.
    :param number: of the row, from 1.
    :return: the history, and the tables that hold the row in the release that brought it.
    :raises UsageError: when it is no table, or has no such row.
    :raises UndecidedError: when the document has no digests of its rows.
    :raises Error: when what documents say of rows cannot be true.
    """
    return _History(graph, item, number).row()


class _Digests:
    """The digests of rows in all documents, by the format and the content of the table."""

    def __init__(self, graph: Graph) -> None:
        self._known: dict[tuple[str, str], bytes] = {}
        self._contents = {one.sha256 for document in graph.documents.every for one in document.dataset.lineage.rows}
        for document in graph.documents.every:
            if not document.dataset.lineage.rows:
                continue
            counted = {
                (_kind(entry.path), entry.sha256): entry.stats.rows
                for entry in document.dataset.files
                if entry.stats is not None and entry.stats.rows is not None
            }
            for one in document.dataset.lineage.rows:
                key = (_kind(one.name), one.sha256)
                number = len(one.digests) // ROW_DIGEST
                stated = counted.get(key, number)
                if stated != number:
                    problem = f"has {number:,} digests of the {stated:,} rows of {display(one.name)}"
                    raise DocumentError(problem, path=document.release.path)
                if self._known.setdefault(key, one.digests) != one.digests:
                    problem = f"has other digests of the rows of {display(one.name)} than another document"
                    raise ChainError(problem, path=document.release.path)

    def has(self, sha256: str) -> bool:
        """Tell whether there may be digests of the rows of a file: a quick look that spares most files another."""
        return sha256 in self._contents

    def of(self, name: str, sha256: str | None) -> bytes | None:
        """Return the digests of the rows of a table; ``None`` where nobody has them."""
        return None if sha256 is None else self._known.get((_kind(name), sha256))


class _History:
    """One question."""

    def __init__(self, graph: Graph, item: Edge, number: int) -> None:
        if not _kind(item.name):
            raise UsageError("is no table", path=item.name, hint="--record is for CSV, TSV, JSON Lines and Parquet")
        self._graph = graph
        self._item = item
        self._digests = _Digests(graph)
        digests = self._digests.of(item.name, item.sha256)
        if digests is None:
            raise UndecidedError("the document has no digests of its rows", path=item.name, hint=_HINT)
        count = len(digests) // ROW_DIGEST
        if not 1 <= number <= count:
            raise UsageError(f"has no row {number:,}: its rows are 1 to {count:,}", path=item.name, hint="see --record")
        dataset = graph.documents.every[0].dataset
        path = inside(dataset.lineage.prefix, item.name)
        #: In the dataset; ``None`` for a table that only its steps know.
        self._path = path if any(entry.path == path for entry in dataset.files) else None
        self._number = number
        self._digest = digests[(number - 1) * ROW_DIGEST : number * ROW_DIGEST]

    def row(self) -> tuple[Row, list[Edge]]:
        """Answer it."""
        releases = tuple(self._releases())
        first, certain = self._first(releases)
        start = self._tables_of(next(one for one in releases if one.document == first))
        hops = tuple(self._hops(first, start))
        row = Row(self._item.name, self._number, self._digest.hex(), releases, first, certain, hops)
        return row, [table for table, _ in start]

    def _releases(self) -> Iterator[Seen]:
        """Say of each release, newest first, whether it holds the row."""
        before = dict(self._graph.documents.predecessors)
        number: int | None = 0
        while number is not None:
            yield self._seen(number)
            number = before.get(number)

    def _seen(self, number: int) -> Seen:
        dataset = self._graph.documents.every[number].dataset
        rows: tuple[int, ...] = ()
        elsewhere: list[tuple[str, int]] = []
        is_known: bool | None = None
        for entry in dataset.files:
            if entry.path != self._path and not self._digests.has(entry.digests[0][1]):
                continue
            digests = self._digests.of(entry.path, entry.sha256)
            if entry.path == self._path:
                is_known, rows = digests is not None, tuple(find(digests or b"", self._digest))
            elif digests is not None and (found := find(digests, self._digest)):
                elsewhere.append((entry.path, found[0]))
        if is_known is None and self._path is None:
            # No file of the dataset, but one that its steps know.
            tables = self._tables(number)
            is_known, rows = bool(tables), tuple(row for one in tables for row in find(one.digests, self._digest))
        return Seen(number, is_known is not False, rows, tuple(elsewhere))

    def _tables(self, number: int) -> list[Rows]:
        """Return what the steps of a release had under the name of the table."""
        tables = [
            one for one in self._graph.documents.every[number].dataset.lineage.rows if one.name == self._item.name
        ]
        return [one for one in tables if number or one.sha256 == self._item.sha256]

    def _first(self, releases: Sequence[Seen]) -> tuple[int, bool]:
        """Return the release that brought the row, and whether that is certain."""
        first, certain = releases[0].document, False
        for one in releases:
            if one.there:
                first, certain = one.document, False
            elif one.known:
                return first, self._follows(releases, first)
        last = self._graph.documents.every[releases[-1].document].release
        return first, certain or (first == releases[-1].document and last.previous is None)

    @staticmethod
    def _follows(releases: Sequence[Seen], first: int) -> bool:
        """Tell whether the release before the first one is known not to hold the row."""
        at = next(at for at, one in enumerate(releases) if one.document == first)
        return releases[at + 1].known and not releases[at + 1].there

    def _tables_of(self, seen: Seen) -> list[tuple[Edge, int]]:
        """Return the tables of a release that hold the row, each with its number there."""
        dataset = self._graph.documents.every[seen.document].dataset
        if seen.rows and self._path is None:
            table = next(one for one in self._tables(seen.document) if find(one.digests, self._digest))
            return [(Edge(table.name, (), table.sha256), seen.rows[0])]
        places = dict([(self._path or "", seen.rows[0])] if seen.rows else seen.elsewhere)
        found = [entry for entry in dataset.files if entry.path in places]
        return [(item_of(under(dataset.lineage.prefix, one.path), one), places[one.path]) for one in found]

    def _hops(self, first: int, start: Sequence[tuple[Edge, int]]) -> Iterator[Hop]:
        """Follow the row back, table by table, in the release that brought it."""
        todo: deque[tuple[int, str, str | None, int, int | None]] = deque()
        todo.extend((first, table.name, table.sha256, row, None) for table, row in start)
        done: set[tuple[int, str, str | None, int | None]] = set()
        while todo:
            document, name, sha256, row, before = todo.popleft()
            if (document, name, sha256, before) in done:
                continue
            done.add((document, name, sha256, before))
            origin = self._graph.origins(document).origin(name, sha256, before)
            if origin.kind == known.STEP and origin.written is not None:
                number = origin.written.step
                hop, held = self._step(document, number, name, row, origin)
                yield hop
                todo.extend((document, one.name, one.sha256, at, number) for one, at in held)
                continue
            yield self._end(document, name, row, origin)
            other = None if origin.upstream is None else self._graph.number(origin.upstream.sha256)
            if origin.kind == known.UPSTREAM and other is not None:
                prefix = self._graph.documents.every[other].dataset.lineage.prefix
                todo.append((other, under(prefix, origin.path or ""), sha256, row, None))

    def _step(
        self, document: int, number: int, name: str, row: int, origin: Origin
    ) -> tuple[Hop, list[tuple[Edge, int]]]:
        """Say whether the step that wrote a table wrote the row, or passed it on."""
        step = self._graph.documents.every[document].dataset.lineage.steps[number]
        held: list[tuple[Edge, int]] = []
        without: list[str] = []
        unknown: list[str] = []
        scripts = {script.name for script in step.scripts}
        for one in effective(step.inputs, step):
            digests = self._digests.of(one.name, one.sha256)
            if digests is not None:
                found = find(digests, self._digest)
                held += [(one, found[0])] if found else []
                without += [] if found else [one.name]
            elif one.name not in scripts:
                unknown.append(one.name)
        verdict, says = _judged(step, [one.name for one, _ in held], without, unknown, exact=origin.exact)
        return Hop(name, row, document, step.name, verdict, says), held

    def _end(self, document: int, name: str, row: int, origin: Origin) -> Hop:
        """Say where a table comes from that no step wrote."""
        if origin.kind == known.SOURCE and origin.source is not None:
            how = "was downloaded with it from" if origin.exact else "seems to have been downloaded with it from"
            return Hop(name, row, document, None, HELD, f"{how} {display(origin.source.url)}")
        if origin.kind == known.UPSTREAM and origin.upstream is not None:
            return Hop(name, row, document, None, HELD, f"came with the dataset {display(origin.upstream.name)}")
        why = self._graph.origins(document).unexplained(name)
        return Hop(name, row, document, None, OPEN, f"cannot be followed: {display(why)}")


def _judged(
    step: Step, held: Sequence[str], without: Sequence[str], unknown: Sequence[str], *, exact: bool
) -> tuple[str, str]:
    """Return the verdict on a step, and the clause that says so."""
    if not exact:
        return OPEN, "was written by it, as the name says, but nobody knows whether with this content"
    if held:
        return PASSED, f"was passed on from {_listed(held)}"
    if unknown:
        more = f"; {_listed(without)} does not hold it" if without else ""
        return OPEN, f"was written or passed on: there are no digests of the rows of {_listed(unknown)}{more}"
    read = f"{_listed(without)}, which it read, does not hold it" if without else "it read no table"
    complete = step.observation is not None and step.observation.complete
    doubt = "" if complete else " (but what it read was not observed completely)"
    return WROTE, f"was written by it: {read}{doubt}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{', '.join(display(name, 100) for name in names[:_SHOWN])}{more}"


def _kind(name: str) -> str:
    return stats.kind_of(mediatypes.media_type(name))
