from __future__ import annotations

import hashlib
import json

import pytest

from sbom.provenance import ABSENT, MATCH, MISMATCH, NOT_DECLARED

INFO = {
    "name": "mnist",
    "version": "3.0.1",
    "description": "Digits.",
    "citation": "@article{l}",
    "fileFormat": "tfrecord",
    "moduleName": "tensorflow_datasets.image_classification.mnist",
    "location": {"urls": ["http://yann.lecun.com/exdb/mnist/"]},
    "redistributionInfo": {"license": "CC-BY-SA-3.0"},
    "releaseNotes": {"3.0.1": "New"},
    "splits": [
        {
            "name": "test",
            "numBytes": "1",
            "shardLengths": ["10000"],
            "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
        },
        {"name": "train", "shardLengths": ["30000", 30000]},
    ],
}


def only(found):
    (one,) = found.readings
    return one


def said(found):
    got: dict[str, list[str]] = {}
    for one in only(found).reading.said:
        got.setdefault(one.field, []).append(one.value)
    return got


def messages(found):
    return [one.message for one in only(found).reading.problems]


def states(found):
    inside = [(entry.path, one) for entry in found.crawled.entries for one in entry.declared]
    return {path: one.state for path, one in [*inside, *found.crawled.provenance.elsewhere]}


def test_what_tfds_writes_is_read(crawl):
    found = crawl(
        {
            "d/dataset_info.json": json.dumps(INFO),
            "d/mnist-test.tfrecord-00000-of-00001": "",
            "d/mnist-train.tfrecord-00001-of-00002": "",
            "d/mnist-train.tfrecord-00002-of-00002": "not one of them",
        }
    )
    assert said(found) == {
        "name": ["mnist"],
        "version": ["3.0.1"],
        "description": ["Digits."],
        "citation": ["@article{l}"],
        "homepage": ["http://yann.lecun.com/exdb/mnist/"],
        "license": ["CC-BY-SA-3.0"],
        "tool": ["TensorFlow Datasets (tensorflow_datasets.image_classification.mnist)"],
        "split": ["test: 10000 records", "train: 60000 records"],
        "record-count": ["70000"],
    }
    assert states(found) == {
        "d/mnist-test.tfrecord-00000-of-00001": NOT_DECLARED,
        "d/mnist-train.tfrecord-00001-of-00002": NOT_DECLARED,
    }
    assert not messages(found)


def test_older_files_are_read(crawl):
    old = {
        "name": "x",
        "sizeInBytes": "9",
        "downloadChecksums": {"https://x.org/a": {"checksum": "ab" * 32, "size": "7"}, "https://x.org/b": {}},
        "schema": {"feature": [{"name": "image", "type": "INT"}, {"name": "label"}, {}]},
        "splits": [{"name": "train", "statistics": {"numExamples": "5"}}],
    }
    found = crawl({"dataset_info.json": json.dumps(old)})
    assert said(found) == {
        "name": ["x"],
        "schema": ["image: INT", "label: unknown"],
        "split": ["train: 5 records"],
        "record-count": ["5"],
    }
    assert [(one.url, one.size, one.digests) for one in only(found).reading.sources] == [
        ("https://x.org/a", 7, (("SHA-256", "ab" * 32),)),
        ("https://x.org/b", None, ()),
    ]


def test_hugging_face_has_a_reader_of_its_own(crawl):
    found = crawl({"dataset_info.json": json.dumps({"builder_name": "x", "splits": {"train": {"num_examples": 1}}})})
    assert only(found).manifest.reader == "dataset-infos"


@pytest.mark.parametrize(
    "name", ["../../secret-{SPLIT}", "/etc/passwd", "{DATASET}" * 500, "{SHARD_X_OF_Y}/../../x", "{0}{a.b}"]
)
def test_templates_lead_nowhere_else(crawl, name):
    info = {**INFO, "splits": [{"name": "test", "shardLengths": ["1"], "filepathTemplate": name}]}
    found = crawl({"d/dataset_info.json": json.dumps(info), "secret-test": "", "x": ""})
    assert states(found) == {}
    assert not messages(found)


def test_wrong_kinds_are_problems_and_the_rest_is_read(crawl):
    wrong = {
        "name": [[{}]],
        "location": 5,
        "redistributionInfo": "x",
        "schema": [1],
        "splits": {"a": 1},
        "downloadChecksums": [],
    }
    found = crawl({"dataset_info.json": json.dumps({**INFO, **wrong})})
    assert said(found)["version"] == ["3.0.1"]
    assert messages(found) == ["name is an object, not a text", "splits is an object, not a list"]
    splits = [5, {}, {"name": "a", "shardLengths": [[], -1]}, {"name": "b", "shardLengths": "7", "statistics": []}]
    found = crawl({"dataset_info.json": json.dumps({**INFO, "splits": splits})}, name="other")
    assert messages(found) == ["a split has no name"] * 2
    assert said(found)["split"] == ["a", "b"]
    assert "record-count" not in said(found)


FEATURES = "tensorflow_datasets.core.features."


@pytest.mark.parametrize(
    "tree",
    [
        {
            "pythonClassName": f"{FEATURES}features_dict.FeaturesDict",
            "featuresDict": {"features": {"image": {"pythonClassName": f"{FEATURES}image_feature.Image"}, "x": 5}},
        },
        {
            "type": f"{FEATURES}features_dict.FeaturesDict",
            "content": {"image": {"type": f"{FEATURES}image_feature.Image"}, "x": {}},
        },
    ],
)
def test_features_are_the_schema(crawl, tree):
    assert said(crawl({"features.json": json.dumps(tree)})) == {"schema": ["image: Image", "x: unknown"]}


def test_other_features_are_left_alone_and_broken_ones_reported(crawl):
    assert crawl({"features.json": '{"type": "FeatureCollection"}'}, name="a").readings == ()
    assert messages(crawl({"features.json": '["tensorflow_datasets"]'}, name="b")) == ["is a list, not an object"]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_recorded_downloads_are_sources_and_declare_what_lies_beside(crawl):
    lines = [
        f"http://x.org/a.zip\t1\t{sha256('a')}\ta.zip",
        f"http://x.org/b.zip\t1\t{sha256('b')}\tb.zip",
        "",
        f"http://x.org/c.zip\t1\t{sha256('c')}\tc.zip\r",
        f"http://x.org/d.zip\t1\t{sha256('d')}",
        f"http://x.org/e.zip\t1\t{sha256('e')}\t../e.zip",
        "http://x.org/f.zip\t1",
        "http://x.org/g.zip\tone\tnone\tg.zip",
    ]
    found = crawl({"d/checksums.tsv": "\n".join(lines), "d/a.zip": "a", "d/b.zip": "B", "e.zip": "e"})
    assert only(found).manifest.reader == "tfds"
    assert states(found) == {"d/a.zip": MATCH, "d/b.zip": MISMATCH}
    sources = only(found).reading.sources
    assert [one.url[-5:] for one in sources] == ["a.zip", "b.zip", "c.zip", "d.zip", "e.zip", "g.zip"]
    assert (sources[0].path, sources[0].size, sources[0].digests) == ("d/a.zip", 1, (("SHA-256", sha256("a")),))
    assert [one.path for one in sources[2:]] == [None] * 4
    assert [(one.message, one.pointer) for one in only(found).reading.problems] == [
        ("a line is not URL, size and SHA-256", "L7"),
        ("the digest of the source http://x.org/g.zip is malformed", "L8"),
    ]
    assert ABSENT not in states(found).values()


def test_the_older_form_has_spaces(crawl):
    found = crawl(
        {
            "url_checksums/x.txt": f"http://x.org/a b 1 {sha256('a')}\n",
            "url_checksums/y.txt": f"http://x.org/a 12 {sha256('a')}\n",
        }
    )
    (one,) = found.readings
    assert [(source.url, source.size) for source in one.reading.sources] == [("http://x.org/a", 12)]


def test_a_download_with_the_name_of_the_record_or_of_the_builder_is_not_that_file(crawl):
    lines = [f"http://x.org/{name}\t1\t{sha256('a')}\t{name}\n" for name in ("c4.txt", "README.md", "x.py")]
    found = crawl({"url_checksums/c4.txt": "".join(lines), "url_checksums/README.md": "r", "url_checksums/x.py": "p"})
    assert states(found) == {}
    assert [one.path for one in only(found).reading.sources] == [None] * 3


def test_addresses_with_spaces_comments_and_files_fetched_by_hand_are_understood(crawl):
    text = (
        f"http://x.org/The Tower.npy\t1\t{sha256('a')}\tThe Tower.npy\n"
        "# signed, and therefore fetched by hand\n"
        f"here.csv\t1\t{sha256('h')}\trequest\naway.csv\t1\t{sha256('h')}\trequest\n../out.csv\t1\t{sha256('h')}\n"
    )
    found = crawl({"d/checksums.tsv": text, "d/here.csv": "h"})
    (source,) = only(found).reading.sources
    assert (source.url, source.digests) == ("http://x.org/The%20Tower.npy", (("SHA-256", sha256("a")),))
    assert states(found) == {"d/here.csv": MATCH, "d/away.csv": ABSENT}
    assert [(one.message, one.pointer) for one in only(found).reading.problems] == [("a source is not a URL", "L5")]


@pytest.mark.parametrize("text", ["a\tb\tc\n", "url\tsize\tsha256\n", "", "x " * 30_000])
def test_other_tables_are_left_alone(crawl, text):
    assert crawl({"checksums.tsv": text}).readings == ()
