"""What MLflow recorded of datasets, in its file store and as JSON."""

from __future__ import annotations

import json

import pytest

COLUMNS = json.dumps(
    {"mlflow_colspec": [{"type": "long", "name": "id", "required": True}, {"type": "string", "name": "species"}]}
)
RECORD = {
    "name": "birds",
    "digest": "31ccce44",
    "source_type": "http",
    "source": json.dumps({"url": "https://example.org/birds.csv"}),
    "schema": COLUMNS,
    "profile": json.dumps({"num_rows": 90, "num_elements": 180}),
}


def read(crawl, record, name="dataset.json", **tree):
    content = record if isinstance(record, (str, bytes)) else json.dumps(record)
    found = crawl({name: content, "data.csv": "1\n"} | tree)
    return [one for one in found.readings if one.manifest.reader == "mlflow"]


def said(reading):
    fields = dict.fromkeys(one.field for one in reading.said)
    return {field: [one.value for one in reading.said if one.field == field] for field in fields}


def test_a_record_as_json(crawl):
    ((manifest, reading),) = read(crawl, RECORD)
    assert manifest.scope == ""
    assert said(reading) == {"name": ["birds"], "schema": ["id (long), species (string)"], "record-count": ["90"]}
    assert [(one.url, one.digests) for one in reading.sources] == [("https://example.org/birds.csv", ())]
    assert reading.declared == []
    assert [one.pointer for one in reading.problems] == ["/digest"]
    assert "not cryptographic" in reading.problems[0].message


def test_a_record_in_the_file_store_speaks_for_its_own_directory(crawl):
    yaml = pytest.importorskip("yaml")
    ((manifest, reading),) = read(crawl, yaml.safe_dump(RECORD), "mlruns/0/datasets/ab12/meta.yaml")
    assert manifest.scope == "mlruns/0/datasets/ab12"
    assert said(reading)["record-count"] == ["90"]


@pytest.mark.parametrize(
    "name", ["meta.yaml", "mlruns/0/ab12/meta.yaml", "datasets/meta.yaml", "mlruns/0/models/ab12/meta.yaml"]
)
def test_another_meta_yaml_is_left_alone(crawl, name):
    yaml = pytest.importorskip("yaml")
    assert read(crawl, yaml.safe_dump(RECORD), name) == []


@pytest.mark.parametrize("digest", ["a" * 64, "0" * 32, "31ccce44"])
def test_a_digest_is_never_declared_whatever_it_looks_like(crawl, digest):
    ((_, reading),) = read(
        crawl, RECORD | {"digest": digest, "source": json.dumps({"uri": "data.csv"}), "source_type": "local"}
    )
    assert [one.algorithm for one in reading.declared] == [""]
    assert reading.sources == []


@pytest.mark.parametrize(
    ("kind", "source", "origins", "urls"),
    [
        ("s3", {"uri": "s3://bucket/birds"}, [], ["s3://bucket/birds"]),
        ("local", {"uri": "data.csv"}, ["local data.csv"], []),
        ("local", {"uri": "/home/x/birds.csv"}, ["local /home/x/birds.csv"], []),
        ("local", {"uri": "../../etc/passwd"}, ["local ../../etc/passwd"], []),
        (
            "hugging_face",
            {"path": "org/birds", "config_name": "all", "split": "train", "revision": "abc"},
            ["Hugging Face dataset org/birds, config_name all, split train, revision abc"],
            ["https://huggingface.co/datasets/org/birds"],
        ),
        (
            "delta_table",
            {"delta_table_name": "c.s.birds", "delta_table_version": 3},
            ["delta_table c.s.birds, delta_table_version 3"],
            [],
        ),
        ("code", {"tags": {"mlflow.source.name": "train.py"}}, [], []),
        ("http", {}, [], []),
        ("http", {"url": ["https://example.org"]}, [], []),
    ],
)
def test_sources(crawl, kind, source, origins, urls):
    ((_, reading),) = read(crawl, RECORD | {"source_type": kind, "source": json.dumps(source)})
    assert said(reading).get("origin", []) == origins
    assert [one.url for one in reading.sources] == urls


def test_the_script_that_made_the_data_is_a_tool(crawl):
    source = json.dumps({"tags": {"mlflow.source.name": "train.py", "mlflow.user": "ada"}})
    ((_, reading),) = read(crawl, RECORD | {"source_type": "code", "source": source})
    assert said(reading)["tool"] == ["train.py"]


def test_passwords_do_not_get_into_documents(crawl):
    source = json.dumps({"url": "https://ada:secret@example.org/birds.csv"})
    ((_, reading),) = read(crawl, RECORD | {"source": source})
    assert reading.sources == []
    assert "secret" not in repr((reading.said, reading.problems))
    assert len(reading.problems) == 2


def test_tensors_are_said_as_they_are_written(crawl):
    schema = json.dumps({"mlflow_tensorspec": {"features": [{"type": "tensor"}]}})
    ((_, reading),) = read(crawl, RECORD | {"schema": schema})
    assert said(reading)["schema"] == [schema]


@pytest.mark.parametrize("key", ["source", "schema", "profile"])
@pytest.mark.parametrize("value", ["{broken", "[1]", "17", [1], 17, True])
def test_inner_json_that_is_none_is_a_problem(crawl, key, value):
    ((_, reading),) = read(crawl, RECORD | {key: value})
    assert [one.pointer for one in reading.problems] == ["/digest", f"/{key}"]
    assert said(reading)["name"] == ["birds"]


@pytest.mark.parametrize("missing", ["name", "digest", "source_type", "source"])
def test_what_lacks_a_key_is_another_format(crawl, missing):
    record = {key: value for key, value in RECORD.items() if key != missing} | {"note": f'"{missing}"'}
    assert read(crawl, record) == []


@pytest.mark.parametrize(
    "content", ['["name","digest","source_type","source"]', '{"a": {"name":1,"digest":2,"source_type":3,"source":4}}']
)
def test_such_words_elsewhere_are_another_format(crawl, content):
    assert read(crawl, content) == []
