"""What an output format is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sbom.verification.report import Report


class Formatter(Protocol):
    """Turns a report into text.

    It reads nothing but the report, writes nothing, and never fails, whatever the names in the report are. The text
    ends in exactly one newline and can be encoded as UTF-8.
    """

    def __call__(self, report: Report) -> str:
        """Return the text of ``report``."""
        ...
