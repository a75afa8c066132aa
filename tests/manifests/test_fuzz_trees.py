"""Anything put anywhere into a valid manifest, and arbitrary bytes, end in a reading or a ManifestError."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import NamedTuple

import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from sbom.inventory.walk import Node, Place
from sbom.manifests import dataset_infos, dvc, huggingface_cache, huggingface_card, mosaicml, tfds
from sbom.manifests.dvc_directory import directory_md5
from sbom.manifests.errors import ManifestError
from sbom.manifests.given import Opened
from sbom.manifests.reading import Reading

HEX = "0123456789abcdef"
COMMIT = HEX * 2 + HEX[:8]
SHA256 = HEX * 4
MD5 = HEX * 2
LISTED = json.dumps([{"md5": MD5, "relpath": "x"}])
KEPT = directory_md5([("x", MD5)])


class Memory:
    """An inventory that was never on a disk."""

    def __init__(self, tree):
        self.tree = tree
        self.nodes = {path: Node(path, len(data), (0,) * 6, None, path) for path, data in tree.items()}

    def below(self, directory):
        prefix = f"{directory}/" if directory else ""
        return (path for path in sorted(self.nodes) if path.startswith(prefix))

    def read(self, path, limit):
        if path not in self.tree:
            raise ManifestError("is not a file of the dataset")
        return self.tree[path]


class Manifest(Opened):
    inside = True

    def __init__(self, tree, path, scope):
        super().__init__(Place("/data/dataset", None), Memory(tree), path, path.rpartition("/")[0])
        self.speaks_for(scope)

    def data(self, limit=0):
        return self._inventory.tree[self.path]

    def head(self, limit):
        return self._inventory.tree[self.path][:limit]


class Case(NamedTuple):
    reader: object
    path: str
    tree: object
    dump: object


def as_yaml(tree):
    return yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "replace")


def as_json(tree):
    return json.dumps(tree).encode()


def as_card(tree):
    return b"---\n" + as_yaml(tree) + b"---\n- **Homepage:** https://x.org\n# Summary\nText\n"


ENTRY = {
    "path": "d/a",
    "md5": MD5,
    "size": 1,
    "hash": "md5",
    "nfiles": 1,
    "files": [{"relpath": "x", "md5": MD5, "size": 1}],
}
DIRECTORY = {"path": "d/b", "md5": f"{KEPT}.dir"}
IMPORT = {"path": "x", "repo": {"url": "https://x.org/r", "rev_lock": COMMIT}}
URL = {"path": "https://x.org/a", "etag": "e", "size": 1, "md5": MD5}
STAGE = {
    "cmd": ["a", "b"],
    "deps": ["d/a"],
    "outs": [{"d/a": {"cache": False}}],
    "params": [{"p": ["a"]}],
    "wdir": ".",
    "desc": "d",
}
FEATURES = {
    "a": {"dtype": "string", "_type": "Value"},
    "b": {"names": ["x"], "_type": "ClassLabel"},
    "c": [{"dtype": "x"}],
}
INFO = {
    "description": "d",
    "version": {"version_str": "1", "major": 1, "minor": 0, "patch": 0},
    "features": FEATURES,
    "splits": {"train": {"num_examples": 1}},
    "download_checksums": {"https://x.org/a": {"num_bytes": 1, "checksum": SHA256}},
    "task_templates": [{"task": "t"}],
}
CARD = {
    "license": "other",
    "license_name": "n",
    "language": ["en"],
    "tags": ["a", "doi:b"],
    "annotations_creators": ["no-annotation"],
    "language_creators": {"a": ["b"]},
    "configs": [{"config_name": "c", "data_files": [{"split": "train", "path": "p"}]}],
    "dataset_info": [
        {
            "config_name": "c",
            "features": [
                {"name": "a", "dtype": {"class_label": {"names": {"0": "x"}}}},
                {"name": "b", "sequence": "int8"},
            ],
            "splits": [{"name": "t", "num_examples": 1}],
        }
    ],
}
TFDS = {
    "name": "n",
    "fileFormat": "tfrecord",
    "splits": [
        {"name": "train", "shardLengths": ["1"], "filepathTemplate": "{DATASET}", "statistics": {"numExamples": "1"}}
    ],
    "location": {"urls": ["u"]},
    "redistributionInfo": {"license": "l"},
    "schema": {"feature": [{"name": "a", "type": "INT"}]},
    "downloadChecksums": {"https://x.org/a": {"checksum": SHA256, "size": "1"}},
}
FEATURED = {
    "pythonClassName": "tensorflow_datasets.x",
    "featuresDict": {"features": {"a": {"pythonClassName": "b.c"}}},
    "content": {"a": {"type": "x"}},
}
SHARD = {
    "column_names": ["a"],
    "column_encodings": ["int"],
    "raw_data": {"basename": "d/a", "bytes": 1, "hashes": {"sha1": COMMIT, "xxh64": HEX}},
    "zip_data": {"basename": "d/b", "bytes": 1, "hashes": {}},
    "samples": 1,
}

CASES = [
    Case(
        dvc.READER,
        "a.dvc",
        {
            "wdir": "d",
            "outs": [ENTRY, DIRECTORY],
            "deps": [URL, IMPORT, {"db": {"query": "q"}}],
            "cmd": "c",
            "desc": "d",
        },
        as_yaml,
    ),
    Case(
        dvc.READER,
        "d/dvc.lock",
        {"schema": "2.0", "stages": {"s": {"cmd": "c", "deps": [ENTRY, URL], "outs": [DIRECTORY]}}},
        as_yaml,
    ),
    Case(dvc.READER, "dvc.lock", {"s": {"cmd": "c", "deps": [ENTRY], "outs": [DIRECTORY]}}, as_yaml),
    Case(
        dvc.READER,
        "dvc.yaml",
        {
            "stages": {"s": STAGE, "m": {"foreach": [1], "do": STAGE}},
            "artifacts": {"a": {"type": "dataset", "desc": "d", "labels": ["l"]}},
            "datasets": [{"url": "https://x.org", "rev": "r"}],
        },
        as_yaml,
    ),
    Case(huggingface_card.READER, "README.md", CARD, as_card),
    Case(dataset_infos.READER, "dataset_infos.json", {"c": INFO}, as_json),
    Case(dataset_infos.READER, "dataset_info.json", INFO, as_json),
    Case(tfds.READER, "dataset_info.json", TFDS, as_json),
    Case(tfds.READER, "features.json", FEATURED, as_json),
    Case(mosaicml.READER, "index.json", {"version": 2, "shards": [SHARD]}, as_json),
]
AROUND = {
    "d/a": b"1",
    "d/b/x": b"",
    "d/dvc.yaml": as_yaml({"stages": {"s": {"cmd": "c", "wdir": "."}}}),
    ".dvc/config": b"",
    f".dvc/cache/files/md5/{KEPT[:2]}/{KEPT[2:]}.dir": LISTED.encode(),
}
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            ".",
            "..",
            "../x",
            "/x",
            "a/../..",
            "s3://b/k",
            f"{MD5}.dir",
            ".dir",
            MD5,
            "${x}",
            "\0",
            "a\\b",
            "~0/",
            "1e400",
            "@",
            "---",
        ]
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def places(tree, path=()):
    yield path
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


def put(tree, path, value):
    if not path:
        return value
    changed = copy.deepcopy(tree)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def read(reader, path, data):
    """Read as the crawl does; return what was collected, and check what holds of every reading."""
    tree = {**AROUND, path: data}
    manifest = Manifest(tree, path, reader.scope(path))
    reading = Reading()
    if not reader.accepts(path, data[: 64 << 10]):
        return None
    with suppress(ManifestError):  # the one thing that may come out
        reader.read(manifest, reading)
    scope = reader.scope(path)
    for one in [*reading.declared, *reading.sources]:
        where = one.path
        if where is not None:
            assert where
            assert not where.startswith(("/", "../"))
            assert ".." not in where.split("/")
            assert not scope or where.startswith(f"{scope}/")
    return reading


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.reader.name}:{case.path}")
def test_the_samples_are_read_without_problems(case):
    reading = read(case.reader, case.path, case.dump(case.tree))
    assert reading is not None
    assert not reading.problems
    assert reading.said


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.reader.name}:{case.path}")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_anything_anywhere_raises_nothing_else(case, data):
    where = data.draw(st.sampled_from(list(places(case.tree))))
    changed = put(case.tree, where, data.draw(VALUES))
    try:
        dumped = case.dump(changed)
    except (UnicodeEncodeError, yaml.YAMLError):
        reject()
    read(case.reader, case.path, dumped)


PATHS = {
    dvc.READER: ("a.dvc", "d/dvc.lock", "dvc.yaml"),
    huggingface_card.READER: ("README.md",),
    huggingface_cache.READER: ("datasets--a--b/refs/main", "d/.cache/huggingface/download/x.metadata"),
    dataset_infos.READER: ("dataset_infos.json",),
    tfds.READER: ("dataset_info.json", "features.json", "checksums.tsv", "url_checksums/x.txt"),
    mosaicml.READER: ("index.json",),
}
STARTS = [
    b"",
    b"---\nlicense: ",
    b"outs:\n- path: ",
    COMMIT.encode(),
    COMMIT.encode() + b"\n",
    f"http://x 1 {SHA256}\n".encode(),
    b'{"shards": [{"raw_data": ',
    b'{"splits": ',
    b'["tensorflow_datasets"',
]


@pytest.mark.parametrize(("reader", "path"), [(reader, path) for reader, paths in PATHS.items() for path in paths])
@settings(max_examples=100, deadline=None)
@given(
    start=st.sampled_from(STARTS),
    data=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")),
)
def test_arbitrary_bytes_raise_nothing_else(reader, path, start, data):
    read(reader, path, start + data)
