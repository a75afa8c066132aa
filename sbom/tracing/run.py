"""One trace from start to end: documents, graph, row, signatures of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.errors import UsageError
from sbom.names import display
from sbom.tracing import resolve, rows, signers
from sbom.tracing.ancestors import Ancestors
from sbom.tracing.descendants import Descendants
from sbom.tracing.graph import Graph
from sbom.tracing.interface import ANCESTORS, DESCENDANTS, STEP, Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.signing.keys import PublicKey
    from sbom.tracing.interface import Documents, Node


def trace(documents: Documents, asked: str, *, descendants: bool = False, record: int | None = None) -> Trace:
    """Answer where something comes from, or what came of it.

    :param documents: as :func:`sbom.tracing.load.load` returns them.
    :param asked: a path of the dataset, or a name in the workspace.
    :param record: number of a row, from 1.
    :raises UsageError: when it is the name of nothing.
    :raises Error: see :func:`sbom.tracing.rows.history`.
    """
    meant = resolve.resolve(asked, documents.every[0].dataset)
    graph = Graph(documents)
    row, where, items, released = None, 0, meant.items, meant.released
    if record is not None:
        if len(items) != 1:
            raise UsageError("is a directory", path=asked, hint="--record is for one table")
        row, tables = rows.history(graph, items[0], record)
        # The steps that wrote the row are those of the release that brought it.
        where, items = row.first, tuple(tables)
    if descendants:
        start = [graph.files(0, items, released=released)]
        Descendants(graph, start[0]).follow()
    else:
        start = Ancestors(graph).follow(where, items, released=released)
    notes = (*documents.notes, *(() if meant.note is None else (meant.note,)))
    direction = DESCENDANTS if descendants else ANCESTORS
    return Trace(asked, direction, documents, tuple(start), tuple(graph.nodes), graph.links(), row, notes)


def with_signatures(found: Trace, keys: Sequence[PublicKey]) -> Trace:
    """Judge the signatures of the records of the steps in a trace.

    :param keys: every one that the caller gave.
    """
    problems: list[str] = []
    nodes: list[Node] = []
    for node in found.nodes:
        if node.kind != STEP or node.step is None:
            nodes.append(node)
            continue
        judged = signers.judge(node.step, keys)
        nodes.append(node._replace(signature=judged.says))
        if judged.problem is not None:
            path = found.documents.every[node.document].release.path
            problems.append(f"{display(path)}: step {display(node.step.name, 80)} {display(judged.problem)}")
    return Trace(
        found.asked, found.direction, found.documents, found.start, tuple(nodes), found.links, found.row, found.notes,
        tuple(problems),
    )  # fmt: skip
