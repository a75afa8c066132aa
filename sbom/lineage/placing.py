"""Where a dataset lies in the workspace that its steps ran in: found by the digests that both name.

A record may come from another machine; what it calls ``data/train.csv`` is the dataset's ``train.csv`` when both have
the same bytes. The place that most files agree on counts, and it is written into the document.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.model import FileEntry
    from sbom.transformation import Edge

#: Edges that are looked at; the rest agrees with them, or is not believed anyway.
_EDGES = 20_000
#: Files with the same content that are tried for one edge.
_TWINS = 16


def place(files: Sequence[FileEntry], edges: Iterable[Edge], default: str | None) -> str | None:
    """Return where ``files`` lie in the workspace.

    :param edges: what steps read or wrote, with names relative to the workspace.
    :param default: counts where several places are equally good, or none is known.
    """
    known = [edge for edge in islice(edges, _EDGES) if edge.sha256 is not None and edge.is_file]
    if not known:
        return default
    wanted = {edge.sha256 for edge in known}
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for entry in files:
        if entry.sha256 in wanted and len(paths[entry.sha256]) < _TWINS:
            paths[entry.sha256].append(entry.path)
    votes: Counter[str] = Counter()
    for edge in known:
        for path in paths.get(edge.sha256 or "", ()):
            if edge.name == path:
                votes[""] += 1
            elif edge.name.endswith(f"/{path}"):
                votes[edge.name[: -len(path) - 1]] += 1
    if not votes:
        return default
    best = max(votes.values())
    places = sorted(prefix for prefix, number in votes.items() if number == best)
    return default if default in places else places[0]
