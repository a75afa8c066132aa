"""What differs of how two datasets came about, as ``diff`` tells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.report.markdown import code, prose
from sbom.report.text import listed, plural, short, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.lineage.compare import Detail, LineageChange, StepChange

_FILES_SHOWN: Final = 5
#: What is shown of one step, so that it leaves room for others.
_DETAILS_SHOWN: Final = 12
_VALUE_SHOWN: Final = 80
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Line(NamedTuple):
    """One line about lineage: the kind, what it is about, and what became of it; all three are shown already."""

    kind: str
    name: str
    what: str


def lines(change: LineageChange, cap: int) -> list[Line]:
    """Return what differs as lines for a person: at most ``cap`` of them, and one that counts the rest."""
    found = list(_lines(change))
    rest = len(found) - cap
    return [*found[:cap], Line("", "", f"and {rest:,} more (-f json lists all)")] if rest > 0 else found


def _lines(change: LineageChange) -> Iterator[Line]:
    yield from (_line("LINEAGE", detail) for detail in change.claims)
    for step in change.steps:
        yield Line("STEP", shown(step.name), f"{step.state}{_files(step)}")
        yield from (_line("", detail) for detail in step.details[:_DETAILS_SHOWN])
        rest = len(step.details) - _DETAILS_SHOWN
        if rest > 0:
            yield Line("", "", f"and {rest:,} more of this step (-f json lists all)")
    yield from (_line("SOURCE", detail) for detail in change.sources)
    yield from (_line("UPSTREAM", detail) for detail in change.upstream)


def _files(step: StepChange) -> str:
    """Say which of the files that differ come from a step."""
    if step.files is None:
        return "; there are too many steps to say which files come from it"
    if not step.files:
        return "; no file that differs comes from it"
    return f"; files that differ and come from it: {listed([shown(path) for path in step.files], _FILES_SHOWN)}"


def _line(kind: str, detail: Detail) -> Line:
    name = shown(detail.name) if kind else f"{detail.what} {shown(detail.name)}".rstrip()
    return Line(kind, name or detail.what, _arrow(detail))


def _arrow(detail: Detail) -> str:
    old, new = (_value(value) for value in (detail.old, detail.new))
    if detail.old is None:
        return f"new: {new}"
    return f"gone: {old}" if detail.new is None else f"{old} → {new}"


def _value(value: str | None) -> str:
    text = value or ""
    return f"sha256 {short(text)}" if _DIGEST.fullmatch(text) else shown(text, _VALUE_SHOWN)


def summary(change: LineageChange) -> list[str]:
    """Count what differs, for the last line of a report; nothing where nothing does."""
    counts = ((len(change.steps), "step"), (len(change.sources), "source"), (len(change.upstream), "upstream dataset"))
    return [f"{plural(number, noun)} changed" for number, noun in counts if number]


def markdown(change: LineageChange, cap: int) -> list[str]:
    """Return a section for a pull request; empty where nothing differs."""
    if not change:
        return []
    rows = [
        f"| {line.kind} | {code(line.name) if line.name else ''} | {prose(line.what)} |" for line in lines(change, cap)
    ]
    return ["### Lineage", "", "| Kind | What | Change |", "|---|---|---|", *rows]


def as_dict(change: LineageChange) -> dict[str, object]:
    """Return all of it as JSON values."""
    return {
        "claims": [detail._asdict() for detail in change.claims],
        "steps": [
            {
                "name": step.name,
                "state": step.state,
                "details": [detail._asdict() for detail in step.details],
                "files": None if step.files is None else list(step.files),
            }
            for step in change.steps
        ],
        "sources": [detail._asdict() for detail in change.sources],
        "upstream": [detail._asdict() for detail in change.upstream],
    }
