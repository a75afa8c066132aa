from __future__ import annotations

import json

import pytest

INFO = {
    "description": "Abstracts.",
    "citation": "@x{y}",
    "homepage": "https://example.org",
    "license": "CC-BY-4.0",
    "dataset_name": "jnlpba",
    "version": {"version_str": "1.2.0", "major": 1, "minor": 2, "patch": 0},
    "features": {
        "id": {"dtype": "string", "_type": "Value"},
        "tags": {"feature": {"names": ["O"], "_type": "ClassLabel"}, "_type": "Sequence"},
        "label": {"names": ["a", "b"], "_type": "ClassLabel"},
        "list": [{"dtype": "string", "_type": "Value"}],
        "struct": {"a": {"dtype": "string", "_type": "Value"}},
    },
    "splits": {"train": {"name": "train", "num_examples": 14691}, "test": {"name": "test", "num_examples": 9}},
    "download_checksums": {
        "https://example.org/a.zip": {"num_bytes": 5, "checksum": "ab" * 32},
        "https://example.org/b~/c.zip": {"num_bytes": 6, "checksum": None},
    },
    "task_templates": [{"task": "text-classification"}],
}


def only(found):
    (one,) = found.readings
    return one


def said(found):
    got: dict[str, list[str]] = {}
    for one in only(found).reading.said:
        got.setdefault(one.field, []).append(one.value)
    return got


EXPECTED = {
    "name": ["jnlpba"],
    "description": ["Abstracts."],
    "citation": ["@x{y}"],
    "homepage": ["https://example.org"],
    "license": ["CC-BY-4.0"],
    "version": ["1.2.0"],
    "task": ["text-classification"],
    "schema": ["id: string", "tags: Sequence", "label: class label (2 classes)", "list: list", "struct: struct"],
    "split": ["train: 14691 records", "test: 9 records"],
    "record-count": ["14700"],
}


@pytest.mark.parametrize(
    ("name", "tree", "base"),
    [
        ("dataset_infos.json", {"a/b": INFO}, "/a~1b"),
        ("dataset_info.json", INFO, ""),
        ("dataset_info.json", {"x": INFO}, "/x"),
    ],
)
def test_both_files_are_read(crawl, name, tree, base):
    found = crawl({name: json.dumps(tree)})
    assert said(found) == EXPECTED
    assert only(found).manifest.reader == "dataset-infos"
    first, second = only(found).reading.sources
    assert (first.url, first.size, first.digests) == ("https://example.org/a.zip", 5, (("SHA-256", "ab" * 32),))
    assert (second.size, second.digests) == (6, ())
    assert second.pointer == f"{base}/download_checksums/https:~1~1example.org~1b~0~1c.zip"
    assert not only(found).reading.problems
    assert not only(found).reading.declared


def test_configurations_say_what_they_share_once(crawl):
    found = crawl({"dataset_infos.json": json.dumps({"a": INFO, "b": {**INFO, "license": "MIT"}})})
    got = said(found)
    assert got["description"] == ["Abstracts."]
    assert got["license"] == ["CC-BY-4.0", "MIT"]
    assert got["record-count"] == ["a: 14700", "b: 14700"]
    assert got["split"][0] == "a/train: 14691 records"
    assert got["schema"][0] == "a/id: string"


@pytest.mark.parametrize(
    "tree",
    [
        {"name": "mnist", "fileFormat": "tfrecord", "splits": [{"name": "train", "shardLengths": ["1"]}]},
        {"splits": [{"name": "train"}]},
    ],
)
def test_tfds_has_a_reader_of_its_own(crawl, tree):
    found = crawl({"dataset_info.json": json.dumps(tree)})
    assert only(found).manifest.reader == "tfds"


@pytest.mark.parametrize("tree", [{}, {"alpaca": {"file_name": "a.json", "file_sha1": "x"}}, {"a": 1}])
def test_what_else_has_that_name_is_left_alone(crawl, tree):
    assert crawl({"dataset_info.json": json.dumps(tree), "dataset_infos.json": json.dumps(tree)}).readings == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[1]", "is a list, not an object"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_object_is_reported(crawl, content, message):
    found = crawl({"dataset_infos.json": content})
    assert message in only(found).reading.problems[0].message


def test_digests_and_urls_that_are_none_are_reported(crawl):
    checksums = {
        "https://x.org/a": {"checksum": "ab" * 16},
        "https://x.org/b": {"checksum": ["a"]},
        "/home/me/c.zip": {"checksum": "ab" * 32},
        "https://x.org/d": None,
    }
    found = crawl({"dataset_info.json": json.dumps({**INFO, "download_checksums": checksums})})
    messages = [one.message for one in only(found).reading.problems]
    assert len(messages) == 3
    assert messages[2] == "a source is not a URL"
    assert [one.digests for one in only(found).reading.sources] == [(), (), ()]


@pytest.mark.parametrize("version", ["1.2.0", {"major": 1, "minor": "2", "patch": 0}])
def test_versions_in_all_forms(crawl, version):
    found = crawl({"dataset_info.json": json.dumps({**INFO, "version": version})})
    assert said(found)["version"] == ["1.2.0"]


def test_wrong_kinds_are_problems_and_the_rest_is_read(crawl):
    wrong = {
        "version": {"major": []},
        "features": 5,
        "splits": "x",
        "download_checksums": [1],
        "description": {"a": 1},
        "task_templates": 7,
    }
    found = crawl({"dataset_infos.json": json.dumps({"a": {**INFO, **wrong}, "b": 5, "c": []})})
    assert said(found) == {key: EXPECTED[key] for key in ("name", "citation", "homepage", "license")}
    assert len(only(found).reading.problems) == 4
