"""The value types."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest

from sbom import model, provenance, transformation
from sbom.model import Dataset, FileEntry, Selection


def test_sha256_of_an_entry_wherever_it_is():
    assert FileEntry("a", 1, (("SHA-512", "5"), ("SHA-256", "2"))).sha256 == "2"
    with pytest.raises(ValueError, match="a: an entry without SHA-256"):
        _ = FileEntry("a", 1, (("SHA-512", "5"),)).sha256


def test_dataset():
    files = (FileEntry("a", 1, ()), FileEntry("b", 41, ()))
    dataset = Dataset("n", None, files, "r")
    assert dataset.total_size == 42
    assert dataset.selection == Selection((), (), left_out=False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("module", "ours"),
    [(model, {"sbom.provenance", "sbom.transformation"}), (transformation, {"sbom.provenance"}), (provenance, set())],
)
def test_the_model_knows_nobody(module, ours):
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in getattr(node, "names", ())]
        )
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert imported == {"__future__", "dataclasses", "typing"} | ours
