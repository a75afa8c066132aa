"""Where the boxes of a picture stand: in columns, each right of those that it comes from (Sugiyama's method).

An arrow that spans several columns passes through a place of its own in each, so that it crosses no box.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sbom.report.tracing_picture import Arrow

_SWEEPS: Final = 6
_GAP: Final = 24
_COLUMN_GAP: Final = 70
_LANE: Final = 12


class Place(NamedTuple):
    """A rectangle in pixels, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The y of its middle."""
        return self.y + self.height / 2


class Layout(NamedTuple):
    """Places of the boxes, and for each arrow the places between that it passes through."""

    boxes: tuple[Place, ...]
    ways: tuple[tuple[Place, ...], ...]
    width: float
    height: float


def layout(sizes: Sequence[tuple[float, float]], arrows: Sequence[Arrow]) -> Layout:
    """Place boxes.

    :param sizes: width and height of each, in pixels.
    :param arrows: without a loop.
    """
    columns = _columns(len(sizes), arrows)
    sizes = list(sizes)
    column_of = dict(enumerate(columns))
    ways: list[list[int]] = []
    joined: list[tuple[int, int]] = []
    for arrow in arrows:
        way = [arrow.before]
        for column in range(columns[arrow.before] + 1, columns[arrow.after]):
            column_of[len(sizes)] = column
            way.append(len(sizes))
            sizes.append((0.0, float(_LANE)))
        way.append(arrow.after)
        joined += pairwise(way)
        ways.append(way[1:-1])
    places = _placed(_ordered(column_of, joined), sizes)
    boxes = tuple(places[number] for number in range(len(columns)))
    width = max((one.x + one.width for one in places.values()), default=0.0)
    height = max((one.y + one.height for one in places.values()), default=0.0)
    return Layout(boxes, tuple(tuple(places[one] for one in way) for way in ways), width, height)


def _columns(count: int, arrows: Sequence[Arrow]) -> list[int]:
    """Put each box right of all that it comes from."""
    after: defaultdict[int, list[int]] = defaultdict(list)
    waiting = [0] * count
    for arrow in arrows:
        after[arrow.before].append(arrow.after)
        waiting[arrow.after] += 1
    columns = [0] * count
    todo = [number for number in range(count) if not waiting[number]]
    while todo:
        number = todo.pop()
        for following in after[number]:
            columns[following] = max(columns[following], columns[number] + 1)
            waiting[following] -= 1
            if not waiting[following]:
                todo.append(following)
    return columns


def _ordered(column_of: Mapping[int, int], joined: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Order each column so that few arrows cross: by the mean place of the neighbours, to and fro."""
    order: list[list[int]] = [[] for _ in range(max(column_of.values(), default=-1) + 1)]
    for number, place in column_of.items():
        order[place].append(number)
    left: defaultdict[int, list[int]] = defaultdict(list)
    right: defaultdict[int, list[int]] = defaultdict(list)
    for before, after in joined:
        right[before].append(after)
        left[after].append(before)
    at = {number: nth for column in order for nth, number in enumerate(column)}
    for sweep in range(_SWEEPS):
        neighbours = right if sweep % 2 else left
        for column in order[::-1] if sweep % 2 else order:
            means = {
                number: sum(at[one] for one in neighbours[number]) / len(neighbours[number])
                for number in column
                if neighbours[number]
            }
            column.sort(key=lambda number: means.get(number, at[number]))  # used within this turn only
            at.update((number, nth) for nth, number in enumerate(column))
    return order


def _placed(order: Sequence[Sequence[int]], sizes: Sequence[tuple[float, float]]) -> dict[int, Place]:
    """Stack the boxes of each column, the columns centred on each other."""
    heights = [sum(sizes[number][1] for number in column) + _GAP * (len(column) - 1) for column in order]
    tallest = max(heights, default=0.0)
    found: dict[int, Place] = {}
    x = 0.0
    for column, height in zip(order, heights, strict=True):
        width = max(sizes[number][0] for number in column)
        y = (tallest - height) / 2
        for number in column:
            own, tall = sizes[number]
            found[number] = Place(x + (width - own) / 2, y, own, tall)
            y += tall + _GAP
        x += width + _COLUMN_GAP
    return found
