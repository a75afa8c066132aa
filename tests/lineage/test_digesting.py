from __future__ import annotations

import hashlib
import os

import pytest

from sbom.errors import UnstableError
from sbom.lineage import digesting
from sbom.lineage.digesting import Digests
from sbom.model import FileEntry
from sbom.transformation import DECLARED, Edge, Script, Word

A = "a" * 64
WORDS = (Word(DECLARED, "dvc.yaml:1"),)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_files_of_the_dataset_are_not_read_again(tmp_path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_bytes(b"other")
    inventory = {"a.csv": FileEntry("a.csv", 7, (("SHA-256", A),))}
    with Digests(str(tmp_path), "data", inventory) as digests:
        assert digests.of("data/a.csv") == (A, 7)
        assert digests.edge(Edge("data/a.csv", WORDS)).sha256 == A


def test_other_files_are_hashed(tmp_path) -> None:
    (tmp_path / "raw.csv").write_bytes(b"raw")
    with Digests(str(tmp_path), "data", {}) as digests:
        assert digests.edge(Edge("raw.csv", WORDS)) == Edge("raw.csv", WORDS, sha256(b"raw"), 3)
        assert digests.script(Script("raw.csv")) == Script("raw.csv", sha256(b"raw"), 3)


@pytest.mark.parametrize("name", ["none.csv", "link.csv", "loop/raw.csv", "pipe", "sub"])
def test_what_is_no_plain_file_of_the_workspace_has_no_digest(tmp_path, name) -> None:
    (tmp_path / "raw.csv").write_bytes(b"raw")
    (tmp_path / "link.csv").symlink_to("/etc/hostname")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with Digests(str(tmp_path), "", {}) as digests:
        assert digests.of(name) is None
        assert digests.edge(Edge(name, WORDS)) == Edge(name, WORDS)


def test_names_that_are_no_files_are_left_alone(tmp_path) -> None:
    with Digests(str(tmp_path), "", {}) as digests:
        for name in ("https://example.org/a", "table:x", "d/"):
            assert digests.edge(Edge(name, WORDS)) == Edge(name, WORDS)


def test_what_has_a_digest_keeps_it(tmp_path) -> None:
    (tmp_path / "raw.csv").write_bytes(b"raw")
    with Digests(str(tmp_path), "", {}) as digests:
        assert digests.edge(Edge("raw.csv", WORDS, A, 1)).sha256 == A
        assert digests.script(Script("raw.csv", A, 1)).sha256 == A


def test_a_file_that_changes_meanwhile_is_undecided(tmp_path, monkeypatch) -> None:
    path = tmp_path / "raw.csv"
    path.write_bytes(b"raw")

    class Hasher:
        def update(self, data: bytes) -> None:
            path.write_bytes(b"changed")

    monkeypatch.setattr(digesting.hashlib, "sha256", Hasher)
    with Digests(str(tmp_path), "", {}) as digests, pytest.raises(UnstableError, match="changed"):
        digests.of("raw.csv")
