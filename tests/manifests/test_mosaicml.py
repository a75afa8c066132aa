from __future__ import annotations

import hashlib
import json

import pytest

from sbom.provenance import ABSENT, MALFORMED, MATCH, MISMATCH, NOT_DECLARED


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def shard(name="shard.00000.mds", *, hashes=None, samples=3, compressed=None, **more):
    return {
        "column_encodings": ["int32", "str"],
        "column_names": ["id", "text"],
        "column_sizes": [4, None],
        "compression": None,
        "format": "mds",
        "hashes": list(hashes or {}),
        "raw_data": {"basename": name, "bytes": 1, "hashes": hashes or {}},
        "samples": samples,
        "size_limit": 67108864,
        "version": 2,
        "zip_data": compressed,
        **more,
    }


def index(*shards, version=2):
    return json.dumps({"shards": list(shards), "version": version})


def only(found):
    (one,) = found.readings
    return one


def messages(found):
    return [one.message for one in only(found).reading.problems]


def said(found):
    return [(one.field, one.value) for one in only(found).reading.said]


def states(found):
    inside = [(entry.path, one) for entry in found.crawled.entries for one in entry.declared]
    return {(path, one.algorithm): one.state for path, one in [*inside, *found.crawled.provenance.elsewhere]}


def test_shards_are_declared_and_counted(crawl):
    found = crawl(
        {
            "d/index.json": index(
                shard("0.mds", hashes={"sha1": sha1("a")}),
                shard("1.mds", hashes={"sha1": sha1("b")}),
                shard("in/2.mds", hashes={"sha1": sha1("c")}),
            ),
            "d/0.mds": "a",
            "d/1.mds": "x",
        }
    )
    assert states(found) == {
        ("d/0.mds", "SHA-1"): MATCH,
        ("d/1.mds", "SHA-1"): MISMATCH,
        ("d/in/2.mds", "SHA-1"): ABSENT,
    }
    assert said(found) == [("schema", "id: int32"), ("schema", "text: str"), ("record-count", "9")]
    declared = only(found).reading.declared[0]
    assert (declared.size, declared.pointer) == (1, "/shards/0/raw_data/hashes/sha1")
    assert only(found).reading.version == "2"
    assert not messages(found)


def test_xxhash_is_compared(crawl):
    # XXH64 of nothing with seed 0, from the algorithm's own specification.
    found = crawl({"index.json": index(shard("a", hashes={"xxh64": "ef46db3751d8e999"})), "a": ""})
    assert states(found) == {("a", "XXH64"): MATCH}


def test_compressed_shards_may_be_alone(crawl):
    packed = {"basename": "a.mds.zstd", "bytes": 1, "hashes": {"sha1": sha1("z")}}
    found = crawl({"index.json": index(shard("a.mds", compressed=packed)), "a.mds.zstd": "z"})
    assert states(found) == {("a.mds.zstd", "SHA-1"): MATCH}
    meta = {"basename": "a.csv.meta", "bytes": 1, "hashes": {}}
    text = shard("a.csv", format="csv", raw_meta=meta, columns=["x", "y"], column_types=["int"])
    for key in ("column_names", "column_encodings"):
        del text[key]
    found = crawl({"index.json": index(text), "a.csv": "1", "a.csv.meta": "2"}, name="text")
    assert states(found) == {("a.csv", ""): NOT_DECLARED, ("a.csv.meta", ""): NOT_DECLARED}
    assert said(found)[:2] == [("schema", "x: int"), ("schema", "y: unknown")]


def test_unknown_algorithms_and_malformed_digests(crawl):
    found = crawl(
        {
            "index.json": index(
                shard("a", hashes={"xxh3_128": "ab" * 16, "sha1": "short"}), shard("b", hashes={"crc32": 5})
            ),
            "a": "",
            "b": "",
        }
    )
    assert states(found) == {("a", "sha1"): MALFORMED, ("b", ""): NOT_DECLARED}
    assert messages(found) == [
        "the algorithm 'xxh3_128' is not one that is compared",
        "the algorithm 'crc32' is not one that is compared",
    ]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", "a\\b", None, 5, ["a"], "x/../../secret", "a\0b"])
def test_basenames_that_lead_away_declare_nothing(crawl, name):
    found = crawl({"d/index.json": index(shard(name, hashes={"sha1": sha1("s")})), "secret": "s"})
    assert states(found) == {}
    assert messages(found) == ["a shard has no usable basename"]


@pytest.mark.parametrize(
    "text",
    ['{"shards": 1}', "[]", "{}", '{"routes": []}', '{"a": {"shards": 1, "raw_data": 2}}', '["shards", "raw_data"]'],
)
def test_other_indexes_are_left_alone(crawl, text):
    assert crawl({"index.json": text}).readings == ()


def test_unknown_versions_are_reported_and_read(crawl):
    for number, version in enumerate((3, "x", None, [2])):
        found = crawl(
            {"index.json": index(shard("a", hashes={"sha1": sha1("a")}), version=version), "a": "a"}, name=f"d{number}"
        )
        assert "is unknown; it is read like 2" in messages(found)[0]
        assert states(found) == {("a", "SHA-1"): MATCH}


def test_wrong_kinds_are_problems_and_the_rest_is_read(crawl):
    wrong = shard("b", samples="many", column_names=7, column_encodings={}, zip_data=5)
    wrong["raw_data"]["hashes"] = ["sha1"]
    found = crawl({"index.json": index(5, wrong, shard("a", hashes={"sha1": sha1("a")})), "a": "a", "b": ""})
    assert states(found) == {("a", "SHA-1"): MATCH, ("b", ""): NOT_DECLARED}
    assert messages(found) == [
        "a shard is a number, not an object",
        "hashes is a list, not an object",
        "a shard has no usable basename",
        "some shards do not say how many samples they have",
    ]
    assert not [value for field, value in said(found) if field == "record-count"]
    broken = crawl({"index.json": '{"shards": {"raw_data": 1}}'}, name="broken")
    assert messages(broken)[-1] == "shards is an object, not a list"
    assert "is not JSON" in messages(crawl({"index.json": '{"shards": [{"raw_data"'}, name="cut"))[0]
