from __future__ import annotations

import json
import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom import names
from sbom.export import Facts, export, render
from sbom.export.datapackage import slug
from sbom.model import Dataset, FileEntry
from sbom.provenance import Provenance

#: "path" of the official profile of version 2.0.
OFFICIAL_PATH = re.compile(r"^((?=[^./~])(?!file:)((?!\/\.\.\/)(?!\\)(?!:\/\/).)*|(http|ftp)s?:\/\/.*)$")
#: "name" of version 1.
STRICT_NAME = re.compile(r"[-a-z0-9._]+")
PATHS = st.text(min_size=1, max_size=20).filter(lambda path: names.refusal(path) is None)
FACTS = Facts("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "1.0", "2026-03-01T12:00:00.5+01:00")
#: What any program may be asked to read as it is, so that the reference implementation has nothing to say of the content.
TABLES = {
    "README.md": b"# penguins\n",
    "train/0001.csv": b"species,mass\nAdelie,3750\nGentoo,5000\n",
    "notes.txt": b"",
    "blob.bin": b"\x00\xff",
}


@pytest.fixture(scope="session")
def frictionless():
    """The reference implementation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("frictionless", reason="the library of data packages is not installed")


@pytest.fixture
def validate(frictionless, samples, tmp_path):
    """Lay out files and a descriptor, and say what the reference implementation finds wrong."""

    def run(data: bytes, files: dict[str, bytes]) -> list[list[str]]:
        samples.write(tmp_path, files)
        path = tmp_path / "datapackage.json"
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = frictionless.Package(str(path)).validate()
        return report.flatten(["type", "note"])

    return run


def package(dataset, facts=FACTS):
    return json.loads(render(dataset, facts, "datapackage"))


def test_it_is_valid_with_the_data(validate, samples, facts):
    dataset = samples.dataset(TABLES)
    assert validate(render(dataset, facts, "datapackage"), TABLES) == []


def test_odd_names_are_valid_with_the_data(validate, hostile_dataset, hostile_files, facts):
    assert validate(render(hostile_dataset, facts, "datapackage"), hostile_files) == []


def test_everything_known_is_valid(validate, rich_dataset, samples, facts):
    value = package(rich_dataset, facts)
    value["resources"] = [one for one in value["resources"] if not one["path"].endswith(".jsonl")]
    files = samples.small | {"train/link.csv": samples.small["train/0001.csv"]}
    assert validate(json.dumps(value).encode(), files) == []


@pytest.mark.parametrize(
    "content", [b"species,mass\nAdelie,3751\nGentoo,5000\n", b"", TABLES["train/0001.csv"] + b"x,1\n"]
)
def test_changed_data_is_found(validate, samples, facts, content):
    dataset = samples.dataset(TABLES)
    found = validate(render(dataset, facts, "datapackage"), TABLES | {"train/0001.csv": content})
    assert "hash-count" in {kind for kind, _ in found}


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["resources"][0].pop("name"),
        lambda value: value["resources"][0].update(name=value["resources"][1]["name"]),
        lambda value: value["resources"][0].update(path="../x"),
        lambda value: value["resources"][0].update(bytes="9"),
        lambda value: value.update(licenses=[{"title": "x"}]),
        lambda value: value.update(created="yesterday"),
    ],
)
def test_the_check_can_fail(validate, frictionless, samples, facts, change):
    value = package(samples.dataset(TABLES), facts)
    change(value)
    try:
        assert validate(json.dumps(value).encode(), TABLES) != []
    except frictionless.FrictionlessException as error:
        assert error.reasons or error.error  # noqa: PT017  # either way of refusing will do


def test_what_it_says(rich_dataset, facts):
    value = package(rich_dataset, facts)
    assert value["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert (value["name"], value["title"], value["version"]) == ("penguins", "penguins", "1.2.0")
    assert value["created"] == "2026-03-01T12:00:00Z"
    assert value["licenses"] == [{"name": "CC0-1.0", "path": "https://spdx.org/licenses/CC0-1.0"}]
    assert {"title": "Palmer Station LTER", "roles": ["publisher"]} in value["contributors"]
    assert {"title": "Alison Hill", "roles": ["creator"]} in value["contributors"]
    assert value["keywords"] == ["penguins", "iris"]
    assert value["id"] == "10.5281/zenodo.3960218"
    assert [one["title"] for one in value["sources"]] == [
        "https://example.org/raw.zip",
        "javascript:alert(1) //",
        "https://example.org/raw",
        "the archive in the cellar",
    ]
    assert [one.get("path") for one in value["sources"]] == [
        "https://example.org/raw.zip",
        None,
        "https://example.org/raw",
        None,
    ]
    resource = next(one for one in value["resources"] if one["path"] == "train/0001.csv")
    assert (resource["name"], resource["format"], resource["mediatype"]) == ("train-0001.csv", "csv", "text/csv")
    assert [one.get("path") for one in resource["sources"]] == [None, None]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("MIT OR Apache-2.0", {"name": "MIT-OR-Apache-2.0", "title": "MIT OR Apache-2.0"}),
        ("ask Bob", {"name": "ask-Bob", "title": "ask Bob"}),
        ("\u65e5\u672c", {"name": "other", "title": "\u65e5\u672c"}),
        ("https://example.org/terms", {"path": "https://example.org/terms", "title": "https://example.org/terms"}),
    ],
)
def test_licences_without_an_identifier(samples, said, written):
    dataset = samples.dataset(TABLES, provenance=Provenance(assertions=samples.said(license=said)))
    assert package(dataset)["licenses"] == [written]


def test_forbidden_names_are_listed_beside_and_said(hostile_dataset, facts):
    done = export(hostile_dataset, facts, "datapackage")
    value = json.loads(done.data)
    beside = {one["path"] for one in value["data-sbom"]["unlisted"]}
    assert {".git/HEAD", "sub/.hidden/x", "~user", "$HOME", "file:x", "urn:uuid:x", "a../b", "*star"} <= beside
    assert not {"sub/.gitkeep", "100%.txt", "-rf", "#comment", "a b/c d.csv", "plain.txt"} & beside
    assert f"{len(beside)} files are no resources" in done.notes[0]


@given(st.lists(PATHS, min_size=1, max_size=12, unique=True))
@settings(deadline=None)
def test_any_names(paths):
    paths = ["plain", *(path for path in paths if path != "plain")]
    entries = tuple(FileEntry(path, 0, (("SHA-256", "00" * 32),)) for path in paths)
    value = package(Dataset("x", None, entries, "00" * 32))
    listed = [one["path"] for one in value["resources"]]
    assert sorted([*listed, *(one["path"] for one in value["data-sbom"].get("unlisted", ()))]) == sorted(paths)
    assert all(OFFICIAL_PATH.fullmatch(path) for path in listed)
    given_names = [one["name"] for one in value["resources"]]
    assert len(set(given_names)) == len(given_names)
    assert all(STRICT_NAME.fullmatch(name) for name in given_names)


def test_names_that_become_the_same():
    paths = ("a b", "a-b", "a-b-2", "a-b-3", "A B", "a?b", "a#b")
    entries = tuple(FileEntry(path, 0, (("SHA-256", "00" * 32),)) for path in paths)
    given_names = [one["name"] for one in package(Dataset("x", None, entries, "00" * 32))["resources"] if "path" in one]
    assert given_names == ["a-b", "a-b-2", "a-b-2-2", "a-b-3", "a-b-4", "a-b-5"]
    assert slug("\u65e5\u672c", "dataset") == "dataset"
