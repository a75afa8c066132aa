"""A trace as text: one file per output format, registered here.

A new format is a module with a ``render`` that takes a :class:`~sbom.tracing.interface.Trace` and returns text that
ends in one newline; it never fails, whatever the names in the trace are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sbom.tracing.interface import Trace

_MODULES: Final = {
    "table": "tracing_table",
    "json": "tracing_json",
    "mermaid": "tracing_mermaid",
    "dot": "tracing_dot",
    "svg": "tracing_svg",
}

#: The names that ``-f`` takes, the default first.
FORMATS: Final = tuple(_MODULES)


def render(trace: Trace, format_name: str, *, color: bool = False) -> str:
    """Return a trace as text that ends in one newline.

    :param format_name: one of :data:`FORMATS`.
    :param color: colour the table for a terminal.
    """
    module = import_module(f"sbom.report.{_MODULES[format_name]}")
    text: str = module.render(trace, color=color) if format_name == "table" else module.render(trace)
    return text
