"""``-f table``: problems, the verdict, what to do next; for a person at a terminal."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

from sbom.report.summary import advice, explained, headline, problems, values
from sbom.report.text import shown
from sbom.verification.report import Status, Verdict

if TYPE_CHECKING:
    from sbom.report.summary import Problem
    from sbom.verification.report import Finding, Report

_CAP = 20
_WIDTH = 110
_KIND_WIDTH, _KIND_SHOWN = 8, 20
_PATH_WIDTH = 48
_RED, _GREEN, _YELLOW, _DIM = "31", "32", "33", "2"
_COLORS = {
    Verdict.VERIFIED: _GREEN,
    Verdict.SUBSET: _YELLOW,
    Verdict.FAILED: _RED,
    Verdict.UNDECIDED: _YELLOW,
}
#: Kinds that say everything together with a path.
_PLAIN = frozenset({"MISSING", "EXTRA"})


def render(report: Report, *, color: bool = False) -> str:
    """Return the table.

    :param color: emphasise by SGR sequences of ECMA-48, section 8.3.117.
    """
    found = problems(report)
    word, rest = headline(report)
    rows = [_cells(problem) for problem in found[:_CAP]]
    allowed = [(_YELLOW, "ALLOWED", shown(path), "") for path in report.allowed_extra[:_CAP]]
    kind_width = max([_KIND_WIDTH, len(word), *(len(kind) for _, kind, _, _ in rows)])
    path_width = min(_PATH_WIDTH, max((_columns(path) for _, _, path, _ in rows), default=0))
    indent = " " * (kind_width + 2)

    def line(paint: str, kind: str, text: str) -> str:
        padded = kind + " " * (kind_width + 2 - len(kind))
        return _paint(padded, paint, color=color) + text

    lines = [line(paint, kind, _pad(path, text, path_width)) for paint, kind, path, text in rows]
    lines += _rest(indent, len(found))
    lines += [line(paint, kind, path) for paint, kind, path, _ in allowed]
    lines += _rest(indent, len(report.allowed_extra))
    lines.append(line(f"1;{_COLORS[report.verdict]}", word, rest))
    said = advice(report) + [f"note: {shown(note)}" for note in report.notes[:_CAP]]
    for paragraph in said:
        wrapped = textwrap.wrap(paragraph, _WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
        lines += [indent + _paint(text, _DIM, color=color) for text in wrapped]
    lines += _rest(indent, len(report.notes), "notes")
    return "\n".join(lines) + "\n"


def _cells(problem: Problem) -> tuple[str, str, str, str]:
    finding = problem.finding
    paint = _RED if problem.status is Status.FAIL else _YELLOW
    place = finding.check if finding.path is None else finding.path
    return paint, shown(finding.kind, _KIND_SHOWN), shown(place), _detail(finding)


def _detail(finding: Finding) -> str:
    if finding.path is not None:
        if finding.kind in _PLAIN:
            return ""
        if finding.kind == "MODIFIED" and finding.algorithm and finding.expected and finding.actual:
            return values(finding)
    return explained(finding)


def _rest(indent: str, count: int, noun: str = "") -> list[str]:
    return [f"{indent}and {count - _CAP:,} more{noun and ' ' + noun} (-f json lists all)"] if count > _CAP else []


def _pad(path: str, text: str, width: int) -> str:
    return f"{path}{' ' * max(width - _columns(path), 0)}   {text}" if text else path


def _columns(text: str) -> int:
    """Return the columns that ``text`` takes on a terminal (UAX #11; combining characters take none)."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(bool(unicodedata.combining(char)) for char in text)


def _paint(text: str, code: str, *, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text
