"""``-f svg``: a picture for a report. Self-contained: no script, no style sheet, font or image from elsewhere."""

from __future__ import annotations

import unicodedata
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sbom.report.tracing_layout import Place, layout
from sbom.report.tracing_picture import MORE, picture
from sbom.tracing.interface import FILES, SOURCE, STEP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.report.tracing_layout import Layout
    from sbom.report.tracing_picture import Box, Picture
    from sbom.tracing.interface import Trace

_FONT: Final = 12
_FAMILY: Final = "DejaVu Sans Mono, Menlo, Consolas, monospace"
_ADVANCE: Final = 7.3
_LINE: Final = 16
_PADDING: Final = 10
_MARGIN: Final = 20
_HEAD: Final = 32
_MIN_WIDTH: Final = 420
_FILLS: Final = {FILES: "#ffffff", STEP: "#e8f0fe", SOURCE: "#e6f4ea", MORE: "#f5f5f5"}
_OPEN: Final = "#fdecea"
_INK, _GREY, _ASKED = "#202124", "#5f6368", "#d93025"
_TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    f'<path d="M0 0L8 4L0 8z" fill="{_GREY}"/></marker></defs>'
)


def render(trace: Trace) -> str:
    """Return the trace as SVG 1.1, which is well-formed XML whatever the names in it are."""
    found = picture(trace)
    placed = layout([_size(box) for box in found.boxes], found.arrows)
    width = max(placed.width, _MIN_WIDTH, _length(found.title) * 1.2, *map(_length, found.captions)) + 2 * _MARGIN
    head = _HEAD + len(found.captions) * _LINE
    height = placed.height + head + 2 * _MARGIN
    left, top, size = _MARGIN, _MARGIN + _FONT, f'width="{width:.0f}" height="{height:.0f}"'
    box = f'viewBox="0 0 {width:.0f} {height:.0f}" {size}'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="{_FAMILY}" font-size="{_FONT}" fill="{_INK}">',
        f"<title>{text(found.title)}</title>",
        _TIP,
        f'<rect {size} fill="#ffffff"/>',
        f'<text x="{left}" y="{top}" font-size="{_FONT + 2}" font-weight="bold">{text(found.title)}</text>',
        *(
            f'<text x="{left}" y="{top + 4 + number * _LINE}" fill="{_GREY}">{text(line)}</text>'
            for number, line in enumerate(found.captions, 1)
        ),
        f'<g transform="translate({left} {_MARGIN + head})">',
        *_arrows(found, placed),
        *(line for one, place in zip(found.boxes, placed.boxes, strict=True) for line in _box(one, place)),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def text(value: str) -> str:
    """Return foreign text as character data: what comes in holds no control character (:func:`shown` took care)."""
    return escape(value, quote=True)


def _length(value: str) -> float:
    """Return about how many pixels a text takes; East Asian letters take twice the space."""
    return _ADVANCE * sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in value)


def _size(box: Box) -> tuple[float, float]:
    return max(_length(line) for line in box.lines) + 2 * _PADDING, len(box.lines) * _LINE + 2 * _PADDING - 4.0


def _box(box: Box, place: Place) -> Iterable[str]:
    fill = _OPEN if box.open else _FILLS[box.kind]
    radius = 12 if box.kind == STEP else 2
    stroke = f'stroke="{_ASKED}" stroke-width="2.5"' if box.start else f'stroke="{_GREY}"'
    dashes = ' stroke-dasharray="5 4"' if box.open or box.kind == MORE else ""
    yield (
        f'<rect x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" height="{place.height:.1f}" '
        f'rx="{radius}" fill="{fill}" {stroke}{dashes}/>'
    )
    for number, line in enumerate(box.lines):
        weight = ' font-weight="bold"' if number == 0 else ""
        y = place.y + _PADDING + _FONT - 2 + number * _LINE
        yield f'<text x="{place.x + _PADDING:.1f}" y="{y:.1f}"{weight}>{text(line)}</text>'


def _arrows(found: Picture, placed: Layout) -> Iterable[str]:
    for arrow, between in zip(found.arrows, placed.ways, strict=True):
        before, after = placed.boxes[arrow.before], placed.boxes[arrow.after]
        points = [(before.x + before.width, before.middle), *((one.x, one.middle) for one in between)]
        points.append((after.x, after.middle))
        yield f'<path d="{_curve(points)}" fill="none" stroke="{_GREY}" marker-end="url(#tip)"/>'
        if arrow.label:
            (x, y), (u, v) = points[-2:]
            yield (
                f'<text x="{(x + u) / 2:.1f}" y="{(y + v) / 2 - 4:.1f}" font-size="{_FONT - 2}" fill="{_GREY}" '
                f'text-anchor="middle">{text(arrow.label)}</text>'
            )


def _curve(points: Sequence[tuple[float, float]]) -> str:
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (u, v) in pairwise(points):
        half = (x + u) / 2
        parts.append(f"C{half:.1f} {y:.1f} {half:.1f} {v:.1f} {u:.1f} {v:.1f}")
    return "".join(parts)
