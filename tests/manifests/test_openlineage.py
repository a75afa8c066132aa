"""OpenLineage events: put together to runs, in every form that they are stored in."""

from __future__ import annotations

import copy
import json

import pytest

START = {
    "eventType": "START",
    "eventTime": "2026-01-02T03:00:00Z",
    "producer": "https://example.org/integration/1.2",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    "run": {"runId": "0142c998-3416-49e7-92aa-d025c4c93697"},
    "job": {"namespace": "etl", "name": "clean"},
    "inputs": [
        {
            "namespace": "s3://raw",
            "name": "birds.csv",
            "facets": {
                "dataSource": {"name": "raw", "uri": "s3://raw/birds.csv"},
                "schema": {"fields": [{"name": "raw", "type": "string"}]},
            },
            "inputFacets": {"dataQualityMetrics": {"rowCount": 99}},
        }
    ],
    "outputs": [],
}
COMPLETE = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-02T03:05:00Z",
    "producer": "https://example.org/integration/1.2",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    "run": {
        "runId": "0142c998-3416-49e7-92aa-d025c4c93697",
        "facets": {"processing_engine": {"name": "spark", "version": "3.5.1"}},
    },
    "job": {
        "namespace": "etl",
        "name": "clean",
        "facets": {
            "sourceCodeLocation": {"type": "git", "url": "https://example.org/clean.py", "version": "abc123"},
            "ownership": {"owners": [{"name": "Bo", "type": "MAINTAINER"}]},
        },
    },
    "inputs": [],
    "outputs": [
        {
            "namespace": "file",
            "name": "/data/birds",
            "facets": {
                "documentation": {"description": "Clean birds"},
                "ownership": {"owners": [{"name": "Ada"}]},
                "schema": {"fields": [{"name": "id", "type": "int"}, {"name": "species"}]},
                "version": {"datasetVersion": "7"},
                "lifecycleStateChange": {"lifecycleStateChange": "OVERWRITE"},
            },
            "outputFacets": {"outputStatistics": {"rowCount": 90, "size": 1234}},
        }
    ],
}


def read(crawl, content, name="events.jsonl", **tree):
    text = content if isinstance(content, (str, bytes)) else json.dumps(content)
    found = crawl({name: text, "data.csv": "1\n"} | tree)
    return [reading for manifest, reading in found.readings if manifest.reader == "openlineage"]


def said(reading):
    fields = dict.fromkeys(one.field for one in reading.said)
    return {field: [one.value for one in reading.said if one.field == field] for field in fields}


def lines(*events):
    return "\n".join(json.dumps(event) for event in events) + "\n"


EXPECTED = {
    "preprocessing": [
        (
            "etl.clean: s3://raw/birds.csv → file/data/birds (COMPLETE, 2026-01-02T03:00:00Z to 2026-01-02T03:05:00Z); "
            "code: https://example.org/clean.py at abc123"
        )
    ],
    "tool": ["https://example.org/integration/1.2", "spark 3.5.1"],
    "origin": ["s3://raw/birds.csv"],
    "schema": ["file/data/birds: id (int), species"],
    "description": ["Clean birds"],
    "version": ["7"],
    "update-mechanism": ["OVERWRITE"],
    "record-count": ["90"],
    "contributor": ["Bo (MAINTAINER)"],
    "maintainer": ["Ada"],
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("events.jsonl", lines(START, COMPLETE)),
        ("events.ndjson", lines(START, COMPLETE).replace("\n", "\r\n\r\n")),
        ("events.json", lines(START, COMPLETE)),
        ("events.json", json.dumps([START, COMPLETE], indent=2)),
        ("events.json", lines(COMPLETE, START)),
    ],
)
def test_events_of_one_run_are_put_together_whatever_their_form(crawl, name, content):
    (reading,) = read(crawl, content, name)
    assert said(reading) == EXPECTED
    assert reading.version == "2.0.2"
    assert reading.problems == []
    assert reading.declared == []
    assert [(one.url, one.digests) for one in reading.sources] == [("s3://raw/birds.csv", ())]
    assert [one.when for one in reading.said if one.field == "preprocessing"] == ["2026-01-02T03:05:00Z"]


def test_pointers_say_the_line_or_the_item(crawl):
    (reading,) = read(crawl, lines(START, COMPLETE))
    assert [one.pointer for one in reading.said if one.field == "record-count"] == [
        "L2/outputs/0/outputFacets/outputStatistics/rowCount"
    ]
    (reading,) = read(crawl, [START, COMPLETE], "list.json", **{"events.jsonl": ""})
    assert [one.pointer for one in reading.said if one.field == "origin"] == ["/0/inputs/0"]
    (reading,) = read(crawl, START, "one.json", **{"list.json": ""})
    assert [one.pointer for one in reading.said if one.field == "origin"] == ["/inputs/0"]


def test_what_one_run_hands_to_the_next_is_neither_origin_nor_result(crawl):
    second = copy.deepcopy(COMPLETE)
    second["run"] = {"runId": "2"}
    second["job"] = {"namespace": "etl", "name": "split"}
    second["inputs"] = [{"namespace": "file", "name": "/data/birds"}]
    second["outputs"] = [{"namespace": "file", "name": "/data/train"}, {"namespace": "file", "name": "/data/test"}]
    (reading,) = read(crawl, lines(START, COMPLETE, second))
    assert said(reading)["origin"] == ["s3://raw/birds.csv"]
    assert said(reading)["preprocessing"][1].startswith(
        "etl.split: file/data/birds → file/data/train, file/data/test ("
    )
    for field in ("description", "version", "record-count", "schema", "maintainer"):
        assert field not in said(reading)  # the words about an intermediate result, or about one of several


def test_a_failed_run_is_told_as_failed(crawl):
    (reading,) = read(crawl, lines(START, COMPLETE | {"eventType": "FAIL"}))
    assert "(FAIL, " in said(reading)["preprocessing"][0]


@pytest.mark.parametrize(
    "uri",
    [
        "jdbc:postgresql://db.example:5432/birds?user=ada&password=secret",
        "postgres://ada:secret@db.example:5432/birds",
        "https://example.org/birds.csv?X-Amz-Signature=secret",
    ],
)
def test_passwords_in_addresses_do_not_get_into_documents(crawl, uri):
    event = copy.deepcopy(START)
    event["inputs"][0]["facets"]["dataSource"]["uri"] = uri
    (reading,) = read(crawl, lines(event))
    assert reading.sources == []
    assert len(reading.problems) == 1
    assert "secret" not in repr((reading.said, reading.problems, reading.sources))


def test_static_events_have_no_run(crawl):
    schema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent"
    dataset = {"eventTime": "2026-01-02T03:00:00Z", "schemaURL": schema, "dataset": COMPLETE["outputs"][0]}
    job = {"eventTime": "2026-01-02T03:00:00Z", "schemaURL": schema, "job": COMPLETE["job"], "inputs": START["inputs"]}
    (reading,) = read(crawl, lines(dataset, job))
    assert said(reading)["version"] == ["7"]
    assert said(reading)["preprocessing"][0].startswith(
        "etl.clean: s3://raw/birds.csv → nothing (2026-01-02T03:00:00Z)"
    )


def test_unknown_versions_are_read_as_far_as_possible(crawl):
    strange = START | {"schemaURL": "https://openlineage.io/spec/9-0-0/OpenLineage.json#/$defs/RunEvent"}
    (reading,) = read(crawl, lines(*[strange] * 3))
    assert [one.pointer for one in reading.problems] == ["L1/schemaURL"]
    assert said(reading)["origin"] == ["s3://raw/birds.csv"]


def test_one_bad_line_does_not_spoil_the_others(crawl):
    text = lines(START) + "{broken\n" + '{"eventTime": "2026-01-02", "job": {}, "run": {}}\n[]\n17\n' + lines(COMPLETE)
    (reading,) = read(crawl, text)
    assert [one.pointer for one in reading.problems] == ["L2", "L3/job", "L4", "L5"]
    assert said(reading) == EXPECTED


@pytest.mark.parametrize("time", ["yesterday", "2026-13-45T00:00:00Z", ""])
def test_a_time_that_is_none_is_a_problem(crawl, time):
    (reading,) = read(crawl, lines(START | {"eventTime": time}))
    assert [one.pointer for one in reading.problems] == ["/eventTime"]
    assert [one.when for one in reading.said if one.field == "preprocessing"] == [None]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data.json", '{"eventTime": 1, "rows": []}'),
        ("data.json", '{"eventType": "click", "job": "x", "run": "y"}'),
        ("data.jsonl", '{"eventTime": "2026-01-02", "job": "plumber", "run": "5 km"}\n'),
        ("data.json", '[["eventTime", "job", "run"]]'),
        ("data.txt", json.dumps(START)),
    ],
)
def test_data_that_has_such_words_is_left_alone(crawl, name, content):
    assert read(crawl, content, name) == []


def test_thousands_of_runs_are_bounded(crawl):
    events = (START | {"run": {"runId": str(number)}, "job": {"name": f"j{number}"}} for number in range(3_000))
    (reading,) = read(crawl, lines(*events))
    assert len(said(reading)["preprocessing"]) == 1_000
    assert "more than 1000 values of preprocessing" in reading.problems[0].message


def test_many_inputs_are_counted_not_listed(crawl):
    event = START | {"inputs": [{"name": f"i{number}"} for number in range(100)]}
    (reading,) = read(crawl, lines(event))
    assert "i19 and 80 more → nothing" in said(reading)["preprocessing"][0]
