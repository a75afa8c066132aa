"""``-f dot``: a graph for Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.report.tracing_picture import MORE, picture
from sbom.tracing.interface import FILES, SOURCE, STEP

if TYPE_CHECKING:
    from sbom.tracing.interface import Trace

_SHAPES: Final = {FILES: "note", STEP: "box", SOURCE: "cylinder", MORE: "plaintext"}
# The two characters that mean something within quotes (DOT language, "ID"; escString), and the one that starts an
# entity of HTML.
_SPECIAL: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})


def render(trace: Trace) -> str:
    """Return the trace in the DOT language."""
    found = picture(trace)
    lines = [
        "digraph trace {",
        "  rankdir=LR;",
        f"  label={quoted((found.title, *found.captions))};",
        '  node [fontname="monospace", fontsize=10];',
        '  edge [fontname="monospace", fontsize=9];',
    ]
    for number, box in enumerate(found.boxes):
        style = ", penwidth=3" if box.start else ', style="dashed"' if box.open else ""
        rounded = ', style="rounded"' if box.kind == STEP else ""
        lines.append(f"  n{number} [shape={_SHAPES[box.kind]}, label={quoted(box.lines)}{rounded}{style}];")
    for arrow in found.arrows:
        label = f" [label={quoted((arrow.label,))}]" if arrow.label else ""
        lines.append(f"  n{arrow.before} -> n{arrow.after}{label};")
    return "\n".join([*lines, "}"]) + "\n"


def quoted(texts: tuple[str, ...]) -> str:
    """Return lines of foreign text as one quoted label."""
    return '"' + "\\n".join(text.translate(_SPECIAL) for text in texts) + '"'
