"""A report as text: one file per output format, registered here.

Stable: :data:`FORMATS` and :func:`render`. A new format is a module with a ``render`` that is a
:class:`~sbom.report.interface.Formatter`, and a line in the table below.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from sbom.errors import UsageError

if TYPE_CHECKING:
    from sbom.report.interface import Formatter
    from sbom.verification.report import Report

_MODULES: Final = {
    "table": "table",
    "json": "json_",
    "sarif": "sarif",
    "markdown": "markdown",
    "junit": "junit",
    "github": "github",
}

#: The names that ``-f`` takes, the default first.
FORMATS: Final = tuple(_MODULES)


def formatter(format_name: str) -> Formatter:
    """Return the formatter of one format; only its module is imported.

    :raises UsageError: when there is no such format.
    """
    module = _MODULES.get(format_name)
    if module is None:
        msg = f"there is no output format {format_name!a}"
        raise UsageError(msg, hint=f"the formats are {', '.join(FORMATS)}")
    found: Formatter = import_module(f"{__name__}.{module}").render
    return found


def render(report: Report, format_name: str, *, color: bool = False) -> str:
    """Return ``report`` as text that ends in one newline.

    :param format_name: one of :data:`FORMATS`.
    :param color: colour the table for a terminal; the other formats have no colours.
    :raises UsageError: when there is no such format.
    """
    if color and format_name == "table":
        from sbom.report import table  # noqa: PLC0415  # loaded when it is asked for, as the others are

        return table.render(report, color=True)
    return formatter(format_name)(report)
