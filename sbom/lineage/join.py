"""Put together what is known of the same steps: recorded runs, pipelines, and what scripts say.

Observed beats declared beats inferred: of a step that was recorded, the record is what happened, and what pipelines and
scripts say besides stays visible beside it, as words of an edge that name a file and a line. Of a run that was observed
completely, what scripts only seem to say is left out.
"""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sbom.errors import UsageError
from sbom.lineage.origins import Above, of_record
from sbom.names import display
from sbom.transformation import DECLARED, KINDS, OBSERVED, Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sbom.transformation import Step

_ORDER = {kind: number for number, kind in enumerate(KINDS)}


def join(recorded: Sequence[Step], read: Sequence[Step]) -> tuple[Step, ...]:
    """Return each step once, in an order in which they can have run.

    :param recorded: from step records.
    :param read: from pipelines and scripts; a step of the same name is the same step.
    :raises UsageError: when there are two records of one step.
    """
    named: dict[str, Step] = {}
    for step in recorded:
        if step.name in named:
            raise UsageError(
                f"there are two records of the step {display(step.name)}",
                path=step.origin,
                hint="give the record of the run that made the data",
            )
        named[step.name] = step
    for step in unique(read):
        known = named.get(step.name)
        named[step.name] = step if known is None else _with_words(known, step)
    return ordered(tuple(named.values()))


def unique(steps: Iterable[Step]) -> Iterator[Step]:
    """Give steps of several pipelines, and of one, that have the same name different ones."""
    seen: set[str] = set()
    again: Counter[str] = Counter()
    for step in steps:
        name = base = step.name if step.name not in seen else f"{step.origin}:{step.name}"
        while name in seen:
            again[base] += 1
            name = f"{base} {again[base] + 1}"
        seen.add(name)
        yield step._replace(name=name)


def merge(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return one edge for each name, sorted, with everybody's words; the first that has a digest gives it."""
    found: dict[str, Edge] = {}
    for edge in edges:
        known = found.get(edge.name)
        if known is None:
            found[edge.name] = edge
            continue
        together = dict.fromkeys((*known.words, *edge.words))
        base = known if known.sha256 is not None else edge
        found[edge.name] = base._replace(words=tuple(sorted(together, key=lambda word: _ORDER[word.kind])))
    return tuple(found[name] for name in sorted(found))


def recorded_part(step: Step) -> Step:
    """Return a recorded step as its record has it: without what pipelines and scripts say besides."""

    def kept(edges: tuple[Edge, ...]) -> tuple[Edge, ...]:
        if all(of_record(word) for edge in edges for word in edge.words):
            return edges
        stripped = (edge._replace(words=tuple(filter(of_record, edge.words))) for edge in edges)
        return tuple(edge for edge in stripped if edge.words)

    return step._replace(inputs=kept(step.inputs), outputs=kept(step.outputs))


def _with_words(record: Step, read: Step) -> Step:
    """Add to a record what is said of the same step elsewhere."""
    certain = record.observation is not None and record.observation.complete

    def edges(of_record: tuple[Edge, ...], others: tuple[Edge, ...]) -> tuple[Edge, ...]:
        names = {edge.name for edge in of_record}
        said = [
            Edge(edge.name, edge.words)
            for edge in others
            if edge.name in names or not certain or edge.kind in {OBSERVED, DECLARED}
        ]
        return merge((*of_record, *said))

    return record._replace(inputs=edges(record.inputs, read.inputs), outputs=edges(record.outputs, read.outputs))


def disagreements(step: Step) -> Iterator[tuple[str, str]]:
    """Yield ``(name, what)`` where those who say something about a recorded step do not say the same."""
    if not step.recorded:
        return
    for edges, verb, past in ((step.inputs, "read", "read"), (step.outputs, "write", "written")):
        directories = [edge for edge in edges if edge.name.endswith("/")]
        declares = any(word.kind == DECLARED for edge in edges for word in edge.words)
        covering = {edge.name for edge in directories if any(word.kind == DECLARED for word in edge.words)}
        touched = {edge.name for edge in edges if edge.kind == OBSERVED}
        above = {directory for name in touched for directory in directories_of(name)}
        for edge in edges:
            said = {word.kind: word for word in edge.words}
            if OBSERVED not in said and edge.name not in above and "://" not in edge.name:
                word = edge.words[0]
                yield edge.name, f"is said to be {past} ({word.where or word.kind}), but the run did not {verb} it"
            elif declares and OBSERVED in said and DECLARED not in said:
                undeclared = covering.isdisjoint(directories_of(edge.name))
                yield from [(edge.name, f"was {past}, but nobody declares it")] if undeclared else ()


def directories_of(name: str) -> Iterator[str]:
    """Yield the names of the directories that something lies in, as edges have them."""
    parent = posixpath.dirname(name.rstrip("/"))
    while parent:
        yield f"{parent}/"
        parent = posixpath.dirname(parent)
    yield "./"


def ordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Sort steps so that each one comes after those whose products it reads; in a loop, by time and as given."""
    by_time = sorted(range(len(steps)), key=lambda index: (steps[index].started or "", index))
    rank = {index: place for place, index in enumerate(by_time)}
    after = predecessors(steps)
    result: list[int] = []
    state: dict[int, bool] = {}  # False while its predecessors are looked at, True when it is placed
    for first in by_time:
        stack = [first]
        while stack:
            index = stack[-1]
            if state.get(index):
                stack.pop()
                continue
            waiting = [one for one in after[index] if one not in state] if index not in state else []
            state[index] = False
            if waiting:
                stack.extend(sorted(waiting, key=lambda one: rank[one], reverse=True))
            else:
                state[index] = True
                result.append(index)
                stack.pop()
    return tuple(steps[index] for index in result)


def predecessors(steps: Sequence[Step]) -> list[set[int]]:
    """Return for each step the numbers of those that wrote what it reads; a step is not its own predecessor."""
    writers: defaultdict[str, list[tuple[int, str | None]]] = defaultdict(list)
    inner: defaultdict[str, set[int]] = defaultdict(set)
    # Only directories that somebody reads or writes as a whole count: a hostile name lies in a million of them.
    read = Above(edge.name for step in steps for edge in step.inputs if edge.name.endswith("/"))
    written = Above(edge.name for step in steps for edge in step.outputs if edge.name.endswith("/"))
    for index, step in enumerate(steps):
        for edge in step.outputs:
            writers[edge.name].append((index, edge.sha256))
            for directory in read.of(edge.name):
                inner[directory].add(index)
    found: list[set[int]] = []
    for index, step in enumerate(steps):
        before: set[int] = set()
        for edge in step.inputs:
            before.update(_wrote(edge, writers))
            before.update(inner.get(edge.name, ()))
            before.update(one for directory in written.of(edge.name) for one, _ in writers[directory])
        before.discard(index)
        found.append(before)
    return found


def _wrote(edge: Edge, writers: Mapping[str, list[tuple[int, str | None]]]) -> Iterator[int]:
    """Yield the steps that may have written what an edge reads, under its name."""
    found = writers.get(edge.name, ())
    exact = [index for index, sha256 in found if sha256 is not None and sha256 == edge.sha256]
    # Who wrote other bytes under the same name did so at another time.
    yield from exact or (index for index, sha256 in found if sha256 is None or edge.sha256 is None)


def relevant(steps: Sequence[Step], names: Iterable[str]) -> tuple[Step, ...]:
    """Return the steps that any of ``names`` comes from, and all that were recorded."""
    wanted = set(names)
    above = {directory for name in wanted for directory in directories_of(name)} | wanted
    after = predecessors(steps)
    waiting = [
        index
        for index, step in enumerate(steps)
        if step.recorded or any(_concerns(edge, wanted, above) for edge in step.outputs)
    ]
    kept: set[int] = set()
    while waiting:
        index = waiting.pop()
        if index not in kept:
            kept.add(index)
            waiting.extend(after[index] - kept)
    return tuple(step for index, step in enumerate(steps) if index in kept)


def _concerns(edge: Edge, wanted: set[str], above: set[str]) -> bool:
    return edge.name in wanted or (edge.name.endswith("/") and edge.name in above)
