"""The outcome of a guarded run: lines for a person, and JSON (``schemas/guard-report.schema.json``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.report import json_, jsontext
from sbom.report.text import shown
from sbom.verification.guard import as_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.verification.guard import Guarded

_SHOWN = 20


def lines(guarded: Guarded) -> list[str]:
    """Say what happened around the command; nothing when all went well."""
    out: list[str] = []
    for moves, when in ((guarded.moves.before, "before CMD started"), (guarded.moves.during, "while CMD ran")):
        out.extend(f"MOVED     {shown(path or 'DATA')}   {shown(what)}" for path, what in moves[:_SHOWN])
        if len(moves) > _SHOWN:
            out.append(f"          and {len(moves) - _SHOWN:,} more (--report lists all)")
        if moves:
            out.append(f"FAILED    the data moved {when}: what it was used for does not count as verified")
    if guarded.reason is not None:
        out.append(f"GUARD     CMD was not started: {shown(guarded.reason)}")
    return out


def as_json(guarded: Guarded, command: Sequence[str]) -> str:
    """Return the report as JSON."""
    return jsontext.dumps(as_dict(guarded, command, json_.as_dict(guarded.report)))
