from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sbom.report.json_ import FORMAT, render
from sbom.report.jsontext import dumps
from sbom.verification.report import Counts

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas" / "verification-report.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)


def reports(samples):
    return (
        samples.good,
        samples.tampered(),
        samples.report(checks=()),
        samples.report(only=("a",), counts=Counts(1, 2, 3, 4), allowed_extra=("x",)),
        samples.report(samples.check("bom.parse", "error"), dataset=None, signers=()),
        samples.hostile("\udcff"),
    )


def objects(schema):
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == FORMAT
    assert {"$id", "title", "description"} <= SCHEMA.keys()


def test_the_schema_is_closed_and_described():
    for schema in objects(SCHEMA):
        if "properties" in schema and schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert sorted(schema["required"]) == sorted(schema["properties"])
            for name, inner in schema["properties"].items():
                assert "description" in inner, name


def test_every_report_is_valid(samples):
    for report in reports(samples):
        VALIDATOR.validate(json.loads(render(report)))


@pytest.mark.parametrize(("verdict", "code"), [("verified", 1), ("failed", 0), ("undecided", 0), ("failed", 3)])
def test_the_schema_ties_verdict_and_exit_code(samples, verdict, code):
    value = json.loads(render(samples.good)) | {"verdict": verdict, "exit_code": code}
    assert not VALIDATOR.is_valid(value)


def test_success_without_checks_or_dataset_is_invalid(samples):
    value = json.loads(render(samples.good))
    assert not VALIDATOR.is_valid(value | {"checks": []})
    assert not VALIDATOR.is_valid(value | {"dataset": None})


def test_content(samples):
    value = json.loads(render(samples.tampered()))
    assert (value["verdict"], value["exit_code"]) == ("failed", 1)
    assert value["tool"] == {"name": "data-sbom", "version": "0.1.0"}
    assert value["dataset"]["pinned"] is True
    assert value["counts"]["bytes_checked"] == 1_234_567
    assert value["signers"][0]["label"] == "release"
    by_id = {check["id"]: check for check in value["checks"]}
    assert by_id["files.modified"]["findings"] == [
        {
            "check": "files.modified",
            "kind": "MODIFIED",
            "path": "train/0007.parquet",
            "message": "the content differs",
            "expected": "aade78" + "2" * 58,
            "actual": "06c04e" + "3" * 58,
            "algorithm": "SHA-256",
        }
    ]


def test_lone_surrogates_are_written_out():
    assert json.loads(dumps({"a\udc80": "\ud800b"})) == {"a\\udc80": "\\ud800b"}


def test_unprintable_characters_are_escaped_and_others_are_not():
    text = "数é\x7f\x9b\u202e\U000e0041\x1b\n"
    encoded = dumps(text)
    assert encoded == '"数é\\u007f\\u009b\\u202e\\udb40\\udc41\\u001b\\n"\n'
    assert json.loads(encoded) == text


def test_values_that_json_does_not_have():
    deep = []
    for _ in range(1000):
        deep = [deep]
    value = json.loads(dumps({"huge": 2**64, "low": -(2**63) - 1, "top": 2**64 - 1, "nan": float("nan"), 1: {2j}}))
    assert value == {
        "huge": "0x10000000000000000",
        "low": "-0x8000000000000001",
        "top": 2**64 - 1,
        "nan": None,
        "1": "{2j}",
    }
    assert "…" in dumps(deep)


def test_json_keeps_plain_values():
    assert json.loads(dumps([True, None, 1.5, 0, "x"])) == [True, None, 1.5, 0, "x"]
