"""A dataset in the formats of others: one file per format, registered here.

Stable: :data:`FORMATS`, :class:`Facts`, :func:`render` and :func:`export`. A new format is a module with a ``render``
that is an :class:`~sbom.export.interface.Exporter`, and a line in the table below. ``docs/export.md`` says what goes
where.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from sbom.errors import UsageError
from sbom.export.interface import Exporter, Facts, Rendered

if TYPE_CHECKING:
    from sbom.model import Dataset

__all__ = ["FORMATS", "Exporter", "Facts", "Rendered", "export", "exporter", "render"]

_MODULES: Final = {
    "croissant": "croissant",
    "spdx3": "spdx3",
    "datapackage": "datapackage",
    "sha256sums": "sha256sums",
    "bagit-manifest": "bagit_manifest",
}

#: The names that ``--format`` takes.
FORMATS: Final = tuple(_MODULES)


def exporter(format_name: str) -> Exporter:
    """Return the exporter of one format; only its module is imported.

    :raises UsageError: when there is no such format.
    """
    module = _MODULES.get(format_name)
    if module is None:
        msg = f"there is no export format {format_name!a}"
        raise UsageError(msg, hint=f"the formats are {', '.join(FORMATS)}")
    found: Exporter = import_module(f"{__name__}.{module}").render
    return found


def export(dataset: Dataset, facts: Facts, format_name: str) -> Rendered:
    """Return ``dataset`` in another format, and what a person should know about it.

    :param facts: about the document that describes the dataset.
    :param format_name: one of :data:`FORMATS`.
    :raises UsageError: when there is no such format.
    :raises RefusedError: when the format cannot say this dataset at all.
    """
    return exporter(format_name)(dataset, facts)


def render(dataset: Dataset, facts: Facts, format_name: str) -> bytes:
    """Return the bytes of :func:`export`."""
    return export(dataset, facts, format_name).data
