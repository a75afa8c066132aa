"""The order of steps: none is there twice, and each comes after those whose products it reads, in the list and in time.

Only recorded steps and equal digests prove an order: a file that several steps rewrite has one name all the time.
Linear in steps and edges: of each thing that a step reads, one writer counts.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from sbom.lineage.origins import effective

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.lineage.origins import Origins
    from sbom.transformation import Edge, Step

#: How far the clocks of two machines may be apart.
CLOCKS: Final = timedelta(minutes=5)


def problems(origins: Origins) -> Iterator[tuple[str, str]]:
    """Yield ``(step, what)`` for what cannot be true of the order of the steps."""
    steps = origins.steps
    seen: set[str] = set()
    for step in steps:
        if step.name in seen:
            yield step.name, "is there twice"
        seen.add(step.name)
    before = [_dependencies(number, step, origins) for number, step in enumerate(steps)]
    for writer, reader in pairwise(_loop(before)):
        yield steps[reader].name, f"is part of a loop: it reads what step {steps[writer].name} wrote"
    times = [(time(step.started), time(step.finished)) for step in steps]
    for number, step in enumerate(steps):
        began = times[number][0]
        for other in sorted(before[number]):
            ended = times[other][1]
            if other > number:
                yield step.name, f"stands before step {steps[other].name}, which wrote what it reads"
            elif began is not None and ended is not None and ended > began + CLOCKS:
                yield step.name, f"began before step {steps[other].name} had ended, which wrote what it reads"


def wrote(step: Step, edge: Edge) -> bool:
    """Tell whether a step wrote what it read, with the same content: it may have been the same before."""
    at = bisect_left(step.outputs, edge.name, key=attrgetter("name"))
    return at < len(step.outputs) and (step.outputs[at].name, step.outputs[at].sha256) == (edge.name, edge.sha256)


def time(text: str | None) -> datetime | None:
    """Return the time that a text (RFC 3339, UTC) says; ``None`` where it says none."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _dependencies(number: int, step: Step, origins: Origins) -> set[int]:
    """Return the numbers of the steps that wrote what a step read: before it; else after it, which cannot be."""
    found: set[int] = set()
    if not step.recorded:
        return found
    for edge in effective(step.inputs, step):
        name, sha256 = edge.name, edge.sha256
        if sha256 is None:
            continue
        last = origins.last(name, number)
        if last is not None and last.edge.sha256 == sha256:
            if origins.steps[last.step].recorded:
                found.add(last.step)
            continue
        later = None if wrote(step, edge) else origins.later(name, sha256, number)
        if later is not None and not origins.origin(name, sha256, number).exact:
            found.add(later)
    return found


def _loop(before: Sequence[set[int]]) -> list[int]:
    """Return the numbers of the steps of one loop, each reading what the one before it wrote; empty without one."""
    try:
        TopologicalSorter(dict(enumerate(before))).prepare()
    except CycleError as error:
        numbers: list[int] = error.args[1]
        return numbers
    return []
