"""What FILE means."""

from __future__ import annotations

import pytest
from workshop import edge, entry, sha, step

from sbom.errors import UsageError
from sbom.model import Dataset
from sbom.provenance import Source
from sbom.tracing.resolve import resolve
from sbom.transformation import Edge, Lineage

STEPS = (
    step("one", ["raw.csv"], [edge("x.csv", "1"), "dir/"]),
    step("two", [edge("x.csv", "1")], [edge("x.csv", "2"), "data/x.csv"]),
)
SOURCES = (Source("https://e.org/y", "me", path="y.csv", digests=(("SHA-256", sha("y")),)),)
DATASET = Dataset(
    "d", None, (entry("a/x.csv"), entry("a/y.csv"), entry("x.csv")), "", lineage=Lineage("data", STEPS, sources=SOURCES)
)


@pytest.mark.parametrize(
    ("asked", "names", "released"),
    [
        ("x.csv", ["data/x.csv"], True),
        ("data/x.csv", ["data/x.csv"], True),
        ("./data/x.csv", ["data/x.csv"], True),
        ("./x.csv", ["x.csv"], False),
        ("a", ["data/a/x.csv", "data/a/y.csv"], True),
        ("a/", ["data/a/x.csv", "data/a/y.csv"], True),
        ("data/a", ["data/a/x.csv", "data/a/y.csv"], True),
        ("data", ["data/a/x.csv", "data/a/y.csv", "data/x.csv"], True),
        ("raw.csv", ["raw.csv"], False),
        ("dir", ["dir/"], False),
        ("dir/", ["dir/"], False),
        ("one.py", ["one.py"], False),
        ("y.csv", ["y.csv"], False),
        ("https://e.org/y", ["https://e.org/y"], False),
    ],
)
def test_what_a_name_means(asked, names, released):
    found = resolve(asked, DATASET)
    assert [one.name for one in found.items] == names
    assert found.released == released
    assert all(not one.words for one in found.items)


def test_of_several_contents_the_last_one_is_meant_and_that_is_said():
    found = resolve("./x.csv", DATASET)
    assert found.items[0].sha256 == sha("2")
    assert found.note == "x.csv was written with 2 different contents: the last one is meant"


def test_a_name_of_two_things():
    assert resolve("x.csv", DATASET).note.endswith("by that name: ./x.csv")
    assert resolve("a/x.csv", DATASET).note is None


def test_a_source_is_known_by_its_digest_or_its_url():
    assert resolve("y.csv", DATASET).items == (Edge("y.csv", (), sha("y")),)
    assert resolve("https://e.org/y", DATASET).items[0].sha256 is None


@pytest.mark.parametrize("asked", ["", "./", "nowhere", "a/x", "../x.csv", "/x.csv", "da", "a//x.csv", "x.csv/"])
def test_the_name_of_nothing(asked):
    with pytest.raises(UsageError, match="is no file of the dataset"):
        resolve(asked, DATASET)
