"""What a check id means, from the table of checks; for ``data-sbom explain``."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sbom.verification.catalog import get, load

if TYPE_CHECKING:
    from sbom.verification.catalog import Check

_WIDTH = 100
_LABEL = 10
_STATUSES = {
    "pass": "it held: exit code 0, when everything else that is required held too",
    "fail": "it did not hold: exit code 1",
    "error": "it could not be decided: exit code 3, unless another check failed",
    "skipped": "it was not made: exit code 3 where it is required, unless another check failed; else no effect",
}


def render(check_id: str | None) -> str:
    """Return what one check id means, or one line for each of them.

    :raises UsageError: when there is no such check.
    """
    return _all() if check_id is None else _one(get(check_id))


def _one(check: Check) -> str:
    lines = [check.id, *_paragraph("means", check.means), *_paragraph("required", check.required)]
    lines += [*_paragraph("skipped", check.skip), *_paragraph("do", check.do), ""]
    for status, meaning in _STATUSES.items():
        lines += _paragraph(status, meaning)
    return "\n".join(lines) + "\n"


def _all() -> str:
    width = max(map(len, load())) + 2
    lines = [f"{check.id:<{width}}{_line(check.means, _WIDTH - width)}" for check in load().values()]
    return "\n".join([*lines, "", "data-sbom explain CHECK says when it is required and what to do"]) + "\n"


def _line(text: str, width: int) -> str:
    return textwrap.shorten(text, width, placeholder=" …", break_on_hyphens=False)


def _paragraph(label: str, text: str) -> list[str]:
    indent = " " * (_LABEL + 2)
    first = f"  {label:<{_LABEL}}"
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
