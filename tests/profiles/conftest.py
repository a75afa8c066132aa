"""Datasets that are made by hand, and their documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sbom.cyclonedx import write
from sbom.model import Dataset, FileEntry, TableStats
from sbom.profiles import facts
from sbom.provenance import Assertion, Provenance

if TYPE_CHECKING:
    from collections.abc import Callable

ORIGIN = write.Origin("1.7", "2026-01-01T00:00:00Z", "0.1.0", reproducible=False)
FILES = (
    FileEntry("a.csv", 2_000, (("SHA-256", "a" * 64),), media_type="text/csv", stats=TableStats(1_500, 3)),
    FileEntry("b.bin", 3_000, (("SHA-256", "b" * 64),)),
)


def make(*assertions, files=FILES, **parts):
    """Return a dataset about which somebody says something; ``field=value`` pairs are croissant.json's."""
    said = tuple(Assertion(*one) for one in assertions)
    provenance = Provenance(
        assertions=said,
        **{name: parts.pop(name) for name in list(parts) if name in {"sources", "elsewhere", "manifests"}},
    )
    return Dataset("penguins", parts.pop("version", "1.0"), files, "0" * 64, provenance=provenance, **parts)


def document(dataset):
    return write.build(dataset, ORIGIN)


@pytest.fixture
def known() -> Callable[..., dict[str, list[tuple[str, str]]]]:
    """Return the facts of a dataset, with its own document or another, as ``id → [(value, by), …]``."""

    def collect(dataset, tree=None):
        found = facts(dataset, document(dataset) if tree is None else tree)
        return {name: [(stated.value, stated.by) for stated in fact.values] for name, fact in found.items()}

    return collect


@pytest.fixture(name="make")
def _make():
    return make


@pytest.fixture(name="document")
def _document():
    return document
