"""What the pictures of a trace show: boxes with a few lines of text, and arrows. Not yet escaped for their format."""

from __future__ import annotations

from collections import defaultdict, deque
from textwrap import wrap
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.report import tracing_words as words
from sbom.report.text import shown
from sbom.tracing.interface import ANCESTORS, FILES, SOURCE, STEP

if TYPE_CHECKING:
    from sbom.tracing.interface import Node, Trace

#: Boxes of one picture: with more of them, nobody sees anything.
BOXES: Final = 150
ARROWS: Final = 600
_LINE: Final = 48
#: Lines that one text may take.
_PARTS: Final = 3
#: A box for what is left out.
MORE: Final = "more"


class Box(NamedTuple):
    """A box.

    :param kind: that of its node, or :data:`MORE`.
    :param lines: at least one; text for people, without control characters.
    :param start: it is what was asked about.
    :param open: nobody knows where it comes from.
    """

    kind: str
    lines: tuple[str, ...]
    start: bool = False
    open: bool = False


class Arrow(NamedTuple):
    """The way of data between two boxes, by their numbers; the label may be empty."""

    before: int
    after: int
    label: str


class Picture(NamedTuple):
    """Boxes and arrows, the title, and the sentences below it."""

    title: str
    captions: tuple[str, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def picture(trace: Trace) -> Picture:
    """Choose what to show: everything, or what is nearest to the start."""
    near: defaultdict[int, list[int]] = defaultdict(list)
    back = trace.direction == ANCESTORS
    for link in trace.links:
        near[link.after if back else link.before].append(link.before if back else link.after)
    number: dict[int, int] = {}
    todo = deque(trace.start)
    while todo and len(number) < BOXES:
        at = todo.popleft()
        if at not in number:
            number[at] = len(number)
            todo.extend(near[at])
    boxes = [_box(trace, trace.nodes[at], start=at in trace.start) for at in number]
    arrows = [
        Arrow(number[link.before], number[link.after], words.how(link))
        for link in trace.links
        if link.before in number and link.after in number
    ]
    trust = "signatures of all documents checked" if trace.documents.checked else words.NOT_CHECKED
    if len(arrows) > ARROWS:
        trust += f"; {len(arrows) - ARROWS:,} arrows are left out"
        del arrows[ARROWS:]
    left = len(trace.nodes) - len(number)
    if left:
        boxes.append(Box(MORE, (f"and {left:,} more", "-f json lists all")))
        cut = {link.after if back else link.before for link in trace.links if _cut(link.before, link.after, number)}
        last = len(boxes) - 1
        edge = sorted(number[one] for one in cut if one in number)
        arrows += [Arrow(last, at, "") if back else Arrow(at, last, "") for at in edge]
    way = "Where it comes from" if back else "What came of it"
    document = words.title(trace.documents.every[0])
    captions = [*words.row(trace), trust, *map(shown, trace.problems[:_PARTS])]
    return Picture(f"{way}: {shown(trace.asked)} ({document})", tuple(captions), tuple(boxes), tuple(arrows))


def _cut(before: int, after: int, number: dict[int, int]) -> bool:
    return (before in number) != (after in number)


def _box(trace: Trace, node: Node, *, start: bool) -> Box:
    lines: list[str] = []
    if node.kind == STEP and node.step is not None:
        step = node.step
        lines.append(f"step {shown(step.name)}")
        lines += [words.script(one) for one in step.scripts[: words.NAMED]]
        lines.append("not recorded" if step.observation is None else shown(step.started or "recorded"))
        lines += [] if step.actor is None else [f"by {shown(step.actor)}"]
        lines += [shown(node.signature)] if node.signature else []
    elif node.kind == SOURCE:
        lines += [words.source(one) for one in node.sources[: words.NAMED]]
        rest = len(node.sources) - words.NAMED
        lines += [f"and {rest:,} more"] if rest > 0 else []
    else:
        lines += [words.files(trace, node._replace(items=(one,))) for one in node.items[: words.NAMED]]
        rest = len(node.items) - words.NAMED
        lines += [f"and {rest:,} more"] if rest > 0 else []
        one = node.items[0]
        lines += [f"sha256 {one.sha256[: words.DIGITS]}…"] if len(node.items) == 1 and one.sha256 else []
    if node.document or (node.kind == FILES and node.released):
        lines.append(words.title(trace.documents.every[node.document]))
    lines += [shown(node.why)] if node.why else []
    return Box(node.kind, tuple(part for line in lines for part in _wrapped(line)), start, bool(node.why))


def _wrapped(line: str) -> list[str]:
    """Break a long line at spaces into a few; what is still too long is cut."""
    parts = wrap(line, _LINE, max_lines=_PARTS, placeholder="…", break_on_hyphens=False) or [""]
    return [part if len(part) <= _LINE else f"{part[: _LINE - 1]}…" for part in parts]
