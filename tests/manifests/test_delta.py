"""Delta tables: only active files, whatever the log has seen before; and logs that lie."""

from __future__ import annotations

import json

import pytest

from sbom.manifests import delta_checkpoint
from sbom.manifests.errors import ManifestError
from sbom.provenance import NOT_DECLARED

SCHEMA = json.dumps({"type": "struct", "fields": [{"name": "id", "type": "long"}, {"name": "day", "type": "date"}]})
PROTOCOL = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}
METADATA = {
    "metaData": {
        "id": "c23cd784-bc31-46e5-a95b-73bcbe1111a5",
        "name": "birds",
        "description": "All birds",
        "format": {"provider": "parquet"},
        "schemaString": SCHEMA,
        "partitionColumns": ["day"],
        "createdTime": 1_767_323_045_000,
    }
}


def add(path, size=4, records=2, **more):
    stats = None if records is None else json.dumps({"numRecords": records})
    return {"add": {"path": path, "size": size, "partitionValues": {}, "dataChange": True, "stats": stats, **more}}


def remove(path, **more):
    return {"remove": {"path": path, "deletionTimestamp": 1, "dataChange": True, **more}}


def info(operation, timestamp, mode=None):
    parameters = {"mode": mode} if mode else {}
    return {
        "commitInfo": {
            "operation": operation,
            "timestamp": timestamp,
            "operationParameters": parameters,
            "engineInfo": "Spark/3.5",
        }
    }


def log(*commits, table="", first=0):
    prefix = f"{table}/" if table else ""
    return {
        f"{prefix}_delta_log/{version:020}.json": "".join(json.dumps(action) + "\n" for action in actions)
        for version, actions in enumerate(commits, first)
    }


def files(*names):
    return dict.fromkeys(names, b"PAR1")


def read(crawl, tree, **options):
    found = crawl(tree, **options)
    return [one for one in found.readings if one.manifest.reader == "delta"], found


def said(reading):
    fields = dict.fromkeys(one.field for one in reading.said)
    return {field: [one.value for one in reading.said if one.field == field] for field in fields}


BASE = (
    [PROTOCOL, METADATA, add("a.parquet"), add("b.parquet"), info("WRITE", 1_767_323_045_000, "Append")],
    [remove("a.parquet"), add("c.parquet", records=3), info("OPTIMIZE", 1_767_323_105_999)],
)


def test_only_active_files_count(crawl):
    tree = log(*BASE) | files("a.parquet", "b.parquet", "c.parquet")
    (one,), found = read(crawl, tree)
    assert one.manifest.path == "_delta_log/00000000000000000000.json"
    assert (one.manifest.scope, one.manifest.version) == ("", "1")
    assert [(item.path, item.size, item.state) for item in one.reading.declared] == [
        ("b.parquet", 4, NOT_DECLARED),
        ("c.parquet", 4, NOT_DECLARED),
    ]
    assert said(one.reading) == {
        "identifier": ["c23cd784-bc31-46e5-a95b-73bcbe1111a5"],
        "name": ["birds"],
        "description": ["All birds"],
        "built-date": ["2026-01-02T03:04:05Z"],
        "schema": ["id (long), day (date)", "partitioned by day"],
        "preprocessing": ["version 0: WRITE (Append)", "version 1: OPTIMIZE"],
        "tool": ["Spark/3.5"],
        "modified-date": ["2026-01-02T03:05:05Z"],
        "record-count": ["5"],
    }
    assert [item.when for item in one.reading.said if item.field == "preprocessing"] == [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:05:05Z",
    ]
    assert [problem.message for problem in one.reading.problems] == ["1 parquet file is not active in the table"]
    assert {entry.path for entry in found.crawled.entries if entry.declared} == {"b.parquet", "c.parquet"}


def test_parquet_files_that_the_log_never_knew_are_reported(crawl):
    strange = files(
        "planted.parquet", "day=1/planted.PARQUET", "_change_data/cdc.parquet", ".hidden/x.parquet", "note.txt"
    )
    (one,), _ = read(crawl, log(*BASE) | files("b.parquet", "c.parquet") | strange)
    assert [problem.message for problem in one.reading.problems] == ["2 parquet files are not active in the table"]


def test_paths_are_percent_encoded_and_relative_to_the_table(crawl):
    tree = log([PROTOCOL, METADATA, add("day=2026%20x/p%23h%25.parquet")], table="tables/birds")
    (one,), found = read(crawl, tree | files("tables/birds/day=2026 x/p#h%.parquet"))
    assert one.manifest.scope == "tables/birds"
    assert [entry.path for entry in found.crawled.entries if entry.declared] == ["tables/birds/day=2026 x/p#h%.parquet"]
    assert one.reading.problems == []


@pytest.mark.parametrize(
    "path",
    [
        "../x.parquet",
        "%2e%2e/x.parquet",
        "..%2Fx.parquet",
        "a/../../x.parquet",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        "a%00b",
        "a%0Ab",
        "%ff",
    ],
)
def test_paths_that_lead_out_are_problems_and_nothing_else(crawl, path):
    (one,), _ = read(crawl, log([PROTOCOL, METADATA, add(path)], table="t") | files("x.parquet"))
    assert one.reading.declared == []
    assert one.reading.sources == []
    assert "lead out of the table" in one.reading.problems[0].message


def test_absolute_addresses_are_sources(crawl):
    (one,), _ = read(crawl, log([PROTOCOL, METADATA, add("s3://bucket/b%20c.parquet", size=17)]))
    assert [(item.url, item.size) for item in one.reading.sources] == [("s3://bucket/b%20c.parquet", 17)]
    assert one.reading.declared == []


def test_a_file_and_its_deletion_vector_are_one_key(crawl):
    vector = {
        "storageType": "u",
        "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^",
        "offset": 4,
        "sizeInBytes": 40,
        "cardinality": 2,
    }
    commits = (
        [PROTOCOL, METADATA, add("a.parquet", records=5)],
        [add("a.parquet", records=5, deletionVector=vector), remove("a.parquet")],
    )
    (one,), _ = read(crawl, log(*commits) | files("a.parquet"))
    assert [item.path for item in one.reading.declared] == ["a.parquet"]
    assert said(one.reading)["record-count"] == ["3"]
    assert "2 records of 1 active files are deleted" in one.reading.problems[0].message


def test_records_are_not_counted_when_one_file_does_not_say(crawl):
    (one,), _ = read(
        crawl,
        log([PROTOCOL, METADATA, add("a.parquet"), add("b.parquet", records=None)]) | files("a.parquet", "b.parquet"),
    )
    assert "record-count" not in said(one.reading)


def test_a_gap_in_the_log_ends_it_and_what_follows_is_reported(crawl):
    tree = log(*BASE) | log([remove("b.parquet")], first=3) | files("b.parquet", "c.parquet")
    ours, _ = read(crawl, tree)
    assert [one.manifest.path[-6:] for one in ours] == ["0.json", "3.json"]
    assert [item.path for item in ours[0].reading.declared] == ["b.parquet", "c.parquet"]
    assert "the commit before this one is missing" in ours[1].reading.problems[0].message
    assert ours[1].reading.declared == []


def test_a_log_without_its_beginning_and_without_a_checkpoint_is_reported_once(crawl):
    ours, _ = read(crawl, log([add("a.parquet")], [add("b.parquet")], first=7) | files("a.parquet", "b.parquet"))
    assert [one.manifest.path[-6:] for one in ours] == ["7.json"]
    assert ours[0].reading.declared == []


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ({"version": 5, "size": 3}, "checkpoint 5"),
        ({"version": 5, "size": 3, "parts": 10**9}, "parts"),
        ({"version": "x"}, "does not say"),
        ([], "does not say"),
    ],
)
def test_a_checkpoint_that_cannot_be_read_makes_nothing_up(crawl, note, message):
    tree = (
        {"_delta_log/_last_checkpoint": json.dumps(note)}
        | log([add("b.parquet")], first=6)
        | files("a.parquet", "b.parquet")
    )
    (one,), _ = read(crawl, tree)
    assert one.manifest.path == "_delta_log/_last_checkpoint"
    assert message in one.reading.problems[0].message
    assert not any("not active" in problem.message for problem in one.reading.problems)
    assert "record-count" not in said(one.reading)


def checkpoint(path, rows):
    pyarrow = pytest.importorskip("pyarrow", reason="the extra parquet")
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet")
    vector = pyarrow.struct([("storageType", pyarrow.string()), ("cardinality", pyarrow.int64())])
    added = pyarrow.struct(
        [("path", pyarrow.string()), ("size", pyarrow.int64()), ("stats", pyarrow.string()), ("deletionVector", vector)]
    )
    meta = pyarrow.struct(
        [("id", pyarrow.string()), ("name", pyarrow.string()), ("partitionColumns", pyarrow.list_(pyarrow.string()))]
    )
    schema = pyarrow.schema(
        [("add", added), ("metaData", meta), ("remove", pyarrow.struct([("path", pyarrow.string())]))]
    )
    table = pyarrow.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=schema)
    parquet.write_table(table, path)
    return path.read_bytes()


def test_a_table_goes_on_from_its_checkpoint(crawl, tmp_path):
    rows = [
        {"metaData": {"id": "i", "name": "birds", "partitionColumns": ["day"]}},
        {"add": {"path": "a.parquet", "size": 4, "stats": '{"numRecords": 2}'}},
        {"add": {"path": "b.parquet", "size": 4, "stats": '{"numRecords": 2}'}},
        {"remove": {"path": "old.parquet"}},
    ]
    content = checkpoint(tmp_path / "c.parquet", rows)
    tree = {
        "_delta_log/_last_checkpoint": json.dumps({"version": 5}),
        "_delta_log/00000000000000000005.checkpoint.parquet": content,
        **log([PROTOCOL], [remove("a.parquet"), add("c.parquet")], first=5),
        **files("a.parquet", "b.parquet", "c.parquet"),
    }
    (one,), _ = read(crawl, tree)
    assert [item.path for item in one.reading.declared] == ["b.parquet", "c.parquet"]
    assert said(one.reading)["name"] == ["birds"]
    assert said(one.reading)["record-count"] == ["4"]
    assert [problem.message for problem in one.reading.problems] == ["1 parquet file is not active in the table"]


@pytest.mark.parametrize("limit", ["_MAX_ROWS", "_MAX_UNPACKED", "_MAX_PART"])
def test_checkpoints_are_bounded(tmp_path, monkeypatch, limit):
    content = checkpoint(tmp_path / "c.parquet", [{"add": {"path": "a"}}] * 2)
    monkeypatch.setattr(delta_checkpoint, limit, 1)

    class Given:
        def other(self, path, most):
            if len(content) > most:
                raise ManifestError("larger")
            return content

    with pytest.raises(ManifestError, match=r"large"):
        list(delta_checkpoint.actions(Given(), "_delta_log", 1, None))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\x00" * 100 + b"PAR1", b"PAR1\xff\xff\xff\x7fPAR1"])
def test_a_checkpoint_that_is_no_parquet(content):
    pytest.importorskip("pyarrow", reason="the extra parquet")

    class Given:
        def other(self, path, most):
            return content

    with pytest.raises(ManifestError, match="not Parquet"):
        list(delta_checkpoint.actions(Given(), "_delta_log", 1, None))


def test_without_pyarrow_it_says_what_to_install(crawl, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    tree = {
        "_delta_log/_last_checkpoint": json.dumps({"version": 5}),
        "_delta_log/00000000000000000005.checkpoint.parquet": b"PAR1",
        **files("a.parquet"),
    }
    (one,), _ = read(crawl, tree)
    assert 'install the extra "parquet"' in one.reading.problems[0].message


def test_unknown_versions_and_features_are_named(crawl):
    protocol = {
        "protocol": {
            "minReaderVersion": 9,
            "minWriterVersion": 9,
            "readerFeatures": ["timeTravel", "deletionVectors", 3],
        }
    }
    (one,), _ = read(crawl, log([protocol, METADATA, add("a.parquet")]) | files("a.parquet"))
    assert [problem.message for problem in one.reading.problems] == [
        "version 9 is not known; read as far as it is understood",
        "needs features that are not known: 3, timeTravel",
    ]
    assert [item.path for item in one.reading.declared] == ["a.parquet"]


def test_a_broken_line_is_a_problem_and_leaves_the_count_out(crawl):
    tree = log([PROTOCOL, METADATA, add("a.parquet")]) | files("a.parquet", "b.parquet")
    tree["_delta_log/00000000000000000000.json"] += "{broken\n"
    (one,), _ = read(crawl, tree)
    assert [(problem.pointer, "is not JSON" in problem.message) for problem in one.reading.problems] == [("L4", True)]
    assert "record-count" not in said(one.reading)


def test_other_files_of_the_log_are_no_manifests(crawl):
    tree = log(*BASE) | {
        f"_delta_log/{name}": "{}" for name in ("00000000000000000001.crc", "x.json", "1.json", "000.checkpoint.json")
    }
    ours, _ = read(crawl, tree)
    assert len(ours) == 1


def test_a_log_that_is_larger_than_we_read_is_not_replayed_halfway_in_silence(crawl, monkeypatch):
    monkeypatch.setattr("sbom.manifests.delta.MAX_SIZE", 800)
    (one,), _ = read(crawl, log(*BASE, [add("d" * 400)]) | files("a.parquet", "b.parquet"))
    assert "cannot be read any further" in one.reading.problems[0].message
    assert "record-count" not in said(one.reading)
    assert not any("not active" in problem.message for problem in one.reading.problems)
