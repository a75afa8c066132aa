"""Documents to read and to break; makes ``refusals`` importable for the tests of this room."""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sbom.cyclonedx import write
from sbom.inventory import merkle
from sbom.model import Dataset, FileEntry, GitState, ReleaseLink, Selection, TableStats

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.append(str(Path(__file__).resolve().parent))

from provenances import FILES, SAMPLE  # found by the line above

ORIGIN = write.Origin("1.7", "2026-01-02T03:04:05Z", "0.1.0", reproducible=False)
PREVIOUS = ReleaseLink("urn:uuid:11111111-2222-4333-8444-555555555555", 3, "ef" * 32, "penguins", "0.9")
ENTRIES = (
    FileEntry("a/b.csv", 10, (("SHA-256", "ab" * 32), ("SHA-512", "cd" * 64)), None, "text/csv", TableStats(3, None)),
    FileEntry("a/link", 10, (("SHA-256", "ab" * 32),), "b.csv", "application/octet-stream"),
    FileEntry("ünï \U0001f427.bin", 0, (("SHA-256", "00" * 32),)),
)


def make_dataset(**changes: Any) -> Dataset:
    settings: dict[str, Any] = {
        "name": "penguins",
        "version": "1.0",
        "files": ENTRIES,
        "selection": Selection((), ("*.log", "tmp/"), left_out=True),
        "previous": PREVIOUS,
        "git": GitState("0123456789012345678901234567890123456789", "main"),
        **changes,
    }
    settings.setdefault("root", merkle.root(settings["files"]))
    return Dataset(**settings)


@pytest.fixture
def origin() -> write.Origin:
    return ORIGIN


@pytest.fixture
def dataset() -> Callable[..., Dataset]:
    """Make a dataset that has everything; keywords change it."""
    return make_dataset


_FULL = write.build(make_dataset(), ORIGIN)


@pytest.fixture
def document() -> Any:
    """A document with everything in it, the test's own to break."""
    return copy.deepcopy(_FULL)


_SAID = {
    version: write.build(
        make_dataset(files=FILES, provenance=SAMPLE, selection=Selection(), previous=None, git=None),
        ORIGIN._replace(spec_version=version),
    )
    for version in ("1.7", "1.6")
}


@pytest.fixture
def said() -> Any:
    """A document with provenance, the test's own to break."""
    return copy.deepcopy(_SAID["1.7"])


@pytest.fixture
def said_in_16() -> Any:
    """The same in CycloneDX 1.6."""
    return copy.deepcopy(_SAID["1.6"])
