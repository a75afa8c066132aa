"""``-f mermaid``: a flowchart for a page or a pull request that renders Mermaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sbom.report.tracing_picture import MORE, picture
from sbom.tracing.interface import FILES, SOURCE, STEP

if TYPE_CHECKING:
    from sbom.tracing.interface import Trace

# Everything that Mermaid, Markdown or HTML might take for more than text becomes an entity code of Mermaid's
# ("Entity codes to escape characters", flowchart syntax). A word of Mermaid's own is harmless within quotes.
_HARMLESS: Final = re.compile(r"[\w .,()…·–-]")  # noqa: RUF001  # a dash is meant
_SHAPES: Final = {FILES: ("[", "]"), STEP: ("([", "])"), SOURCE: ("[(", ")]"), MORE: ("[", "]")}


def render(trace: Trace) -> str:
    """Return the trace as a Mermaid flowchart."""
    found = picture(trace)
    lines = ["flowchart LR", *(f"    %% {_comment(line)}" for line in (found.title, *found.captions))]
    for number, box in enumerate(found.boxes):
        opening, closing = _SHAPES[box.kind]
        label = "<br/>".join(escape(line) for line in box.lines)
        style = ":::start" if box.start else ":::open" if box.open else ""
        lines.append(f'    n{number}{opening}"{label}"{closing}{style}')
    for arrow in found.arrows:
        label = f'|"{escape(arrow.label)}"|' if arrow.label else ""
        lines.append(f"    n{arrow.before} -->{label} n{arrow.after}")
    lines += ["    classDef start stroke-width:4px", "    classDef open stroke-dasharray:5 5"]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return foreign text that stays text within the quotes of a label."""
    return "".join(char if _HARMLESS.match(char) else f"#{ord(char)};" for char in text)


def _comment(text: str) -> str:
    return "".join(char if _HARMLESS.match(char) else "_" for char in text)
