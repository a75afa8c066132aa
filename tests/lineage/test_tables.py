"""Row digests of the tables that the caller names: of the dataset, and of what steps left behind."""

from __future__ import annotations

import hashlib

import pytest
from pipeline_trees import write

from sbom.errors import DataError, UnreadableError, UnstableError, UsageError
from sbom.lineage.tables import digest
from sbom.model import Dataset, FileEntry
from sbom.transformation import Edge, Step, Word

TABLE = "a,b\n1,2\n"
FILES = {"data/x.csv": TABLE, "data/n.txt": "n", "raw/in.csv": "a\n3\n", "raw/gone.csv": "a\n", "odd.jsonl": "{"}


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def dataset(name="x.csv", text=TABLE, link=None, media_type="text/csv"):
    entry = FileEntry(name, len(text), (("SHA-256", sha(text)),), link, media_type)
    other = FileEntry("n.txt", 1, (("SHA-256", sha("n")),), None, "text/plain")
    return Dataset("d", None, (other, entry), "0" * 64)


def step(*edges):
    made = tuple(Edge(name, (Word("recorded", "s"),), digest_) for name, digest_ in edges)
    return Step(name="s", origin="o", inputs=made)


@pytest.fixture
def run(tmp_path):
    root = write(tmp_path, FILES)

    def digested(*globs, of=None, steps=()):
        found = digest(globs, str(root / "data"), str(root), "data", of or dataset(), steps)
        return [(one.name, one.sha256) for one in found]

    return digested


def test_nothing_is_wanted(run) -> None:
    assert run() == []


@pytest.mark.parametrize("glob", ["x.csv", "data/x.csv", "*.csv"])
def test_tables_of_the_dataset(run, glob) -> None:
    assert run(glob) == [("data/x.csv", sha(TABLE))]


def test_tables_that_steps_left_behind(run, tmp_path) -> None:
    (tmp_path / "raw/gone.csv").unlink()
    known = [("raw/in.csv", sha("a\n3\n")), ("raw/in.csv", sha("a\n3\n")), ("data/x.csv", sha(TABLE))]
    unknown = [
        ("raw/in.csv", sha("changed")), ("raw/gone.csv", sha("a\n")), ("odd.jsonl", sha("{")), ("raw/", sha("")),
        ("https://e.org/x.csv", sha("")), ("n.csv", None), ("data/n.txt", sha("n")),
    ]  # fmt: skip
    assert run("*", "**", steps=[step(*known), step(*unknown)]) == [
        ("data/x.csv", sha(TABLE)),
        ("raw/in.csv", sha("a\n3\n")),
    ]


def test_what_is_refused(run, tmp_path) -> None:
    with pytest.raises(UsageError, match="no table matches --record-digests"):
        run("*.parquet")
    with pytest.raises(UsageError):
        run("x.csv", of=dataset(link="y.csv"))
    with pytest.raises(UnstableError, match="changed while it was read"):
        run("x.csv", of=dataset(text="a,b\n1,3\n"))
    with pytest.raises(DataError):
        run("n.txt", of=dataset("n.txt", "n", media_type="application/x-ndjson"))
    (tmp_path / "data/x.csv").unlink()
    with pytest.raises(UnreadableError, match="cannot be read: No such file"):
        run("x.csv")
    (tmp_path / "data/x.csv").symlink_to("/etc/passwd")
    with pytest.raises(UnreadableError):
        run("x.csv")
