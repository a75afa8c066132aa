"""Our own properties and citations: whose word each value is, and what nobody knows."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from provenances import FILES, SAMPLE

from sbom.cyclonedx import spec, write, write_provenance
from sbom.model import Dataset
from sbom.provenance import (
    BY_CONFIGURATION,
    BY_OPTION,
    FIELDS,
    MATCH,
    Assertion,
    Declaration,
    Manifest,
    Provenance,
    Source,
)

ORIGIN = write.Origin("1.7", "2026-01-02T03:04:05Z", "0.1.0", reproducible=False)


def build(provenance, version="1.7", files=FILES):
    dataset = Dataset("penguins", "1.0", files, "ab" * 32, provenance=provenance)
    return write.build(dataset, ORIGIN._replace(spec_version=version))


def values(component, name):
    return [item["value"] for item in component["properties"] if item["name"] == name]


def test_nothing_known_is_said_in_one_word():
    document = build(Provenance(), files=tuple(entry._replace(declared=()) for entry in FILES))
    names = [item["name"] for item in document["metadata"]["component"]["properties"]]
    assert values(document["metadata"]["component"], spec.PROVENANCE) == ["unknown"]
    assert names[-2:] == [spec.PROVENANCE, spec.LINEAGE]
    assert not any(name.startswith((spec.FIELD, spec.UNKNOWN_FIELD, spec.DECLARED)) for name in names)


@pytest.mark.parametrize(
    ("provenance", "summary", "unknown"),
    [
        (Provenance(), "unknown", 0),
        (Provenance(manifests=(Manifest("SHA256SUMS", "checksums"),)), "unknown", len(FIELDS)),
        (Provenance(sources=(Source("https://a.org", "x"),)), "asserted", 0),
        (Provenance(assertions=(Assertion("license", "MIT", "x"),)), "asserted", len(FIELDS) - 1),
        (Provenance(assertions=(Assertion("license", "MIT", "x", scope="train"),)), "asserted", len(FIELDS)),
    ],
)
def test_what_is_unknown_is_said(provenance, summary, unknown):
    component = build(provenance)["metadata"]["component"]
    assert values(component, spec.PROVENANCE) == [summary]
    assert values(component, spec.UNKNOWN_FIELD) == list(provenance.unknown())[: unknown or None] * bool(unknown)


def test_properties_of_the_dataset():
    component = build(SAMPLE)["metadata"]["component"]
    assert values(component, spec.FIELD + "license") == ["cc-by-4.0", "other", "MIT"]
    assert values(component, spec.FIELD + "version") == ["1.0"]
    assert values(component, spec.MANIFEST)[1:3] == [
        '{"path":"README.md","reader":"huggingface-card","sha256":"' + "ab" * 32 + '"}',
        '{"path":"train","reader":"huggingface-cache","scope":"train","valid":true}',
    ]
    assert [json.loads(text)["number"] for text in values(component, spec.SOURCE)] == [1, 2]
    assert json.loads(values(component, spec.SOURCE)[0]) == {
        "url": "https://example.org/all.zip",
        "manifest": "README.md",
        "number": 1,
        "digests": [["SHA-256", "34" * 32]],
        "size": 99,
        "retrieved": "2024-05-01T00:00:00Z",
        "etag": '"e"',
        "final-url": "https://cdn.example.org/1",
    }
    assert json.loads(values(component, spec.SOURCE)[1])["path"] == "gone.csv"
    assert values(component, spec.DECLARED_ELSEWHERE)[2] == '["gone.csv","not-declared","","","README.md",""]'
    counts = {
        item["name"]: item["value"] for item in component["properties"] if item["name"].startswith(spec.DECLARED_COUNT)
    }
    assert counts == {
        spec.DECLARED_COUNT + state: "1"
        for state in ("match", "mismatch", "data-absent", "malformed", "not-declared", "live")
    }


def test_properties_of_files():
    components = build(SAMPLE)["components"]
    assert values(components[0], spec.DECLARED) == []
    assert values(components[1], spec.DECLARED) == [
        '["match","SHA-256","' + "cd" * 32 + '","SHA256SUMS","L1"]',
        '["mismatch","MD5","' + "ef" * 16 + '","a.csv.dvc","/outs/0"]',
    ]
    assert [json.loads(text) for text in values(components[1], spec.SOURCE)] == [
        {"url": "https://example.org/a.csv", "manifest": "a.csv.dvc", "number": 0, "pointer": "/deps/0",
         "digests": [["MD5", "ef" * 16], ["XXH64", "1" * 16]], "size": 20},
        {"url": "https://example.org/mirror/a.csv", "manifest": "README.md", "number": 3, "pointer": "/y"},
    ]  # fmt: skip


# -- who asserted it --------------------------------------------------------------------------------------------------

MANIFESTS = (
    Manifest("README.md", "card"),
    Manifest("/elsewhere/c.json", "croissant", inside=False, sha256="12" * 32),
    Manifest("a layout", "huggingface-cache"),
    Manifest("train/a.csv", "card", inside=False),
)


@pytest.mark.parametrize(
    ("manifest", "attributed", "note"),
    [
        ("README.md", "file:README.md", None),
        ("/elsewhere/c.json", "manifest:/elsewhere/c.json", None),
        ("train/a.csv", "manifest:train/a.csv", None),
        ("train/b.csv", "file:train/b.csv", None),
        ("a layout", "data-sbom", '{"manifest":"a layout"}'),
        ("nowhere", "data-sbom", '{"manifest":"nowhere"}'),
        (BY_OPTION, "caller", '{"by":"option"}'),
        (BY_CONFIGURATION, "caller", '{"by":"configuration"}'),
    ],
)
def test_who_asserted_it(manifest, attributed, note):
    document = build(Provenance(MANIFESTS, (Assertion("origin", "x", manifest),)))
    (citation,) = document["citations"]
    number = next(
        n
        for n, item in enumerate(document["metadata"]["component"]["properties"])
        if item["name"] == spec.FIELD + "origin"
    )
    assert citation.pop("note", None) == note
    assert citation == {
        "pointers": [f"/metadata/component/properties/{number}"],
        "timestamp": "2026-01-02T03:04:05Z",
        "attributedTo": attributed,
    }


def test_where_when_and_about_what_is_in_the_note():
    one = Assertion("origin", "x", "README.md", '/a"b', "2024-05-01", "train")
    (citation,) = build(Provenance(MANIFESTS, (one,)))["citations"]
    assert json.loads(citation["note"]) == {"pointer": '/a"b', "scope": "train", "when": "2024-05-01"}
    assert citation["timestamp"] == "2026-01-02T03:04:05Z"


def test_a_time_of_its_own_is_the_citation_s():
    one = Assertion("origin", "x", "README.md", when="2024-05-01T10:00:00+02:00")
    (citation,) = build(Provenance(MANIFESTS, (one,)))["citations"]
    assert citation["timestamp"] == "2024-05-01T10:00:00+02:00"
    assert "note" not in citation


def test_one_citation_for_what_has_one_origin():
    many = tuple(Assertion("keyword", str(n), "README.md", "/tags") for n in range(5))
    other = Assertion("keyword", "x", "README.md", "/labels")
    document = build(Provenance(MANIFESTS, (*many, other)))
    assert [len(one["pointers"]) for one in document["citations"]] == [10, 2]  # the property, and the tag


def test_manifests_outside_are_components_of_the_formulation():
    document = build(Provenance((*MANIFESTS, MANIFESTS[1])))
    assert document["formulation"] == [
        {
            "components": [
                {
                    "type": "file",
                    "bom-ref": "manifest:/elsewhere/c.json",
                    "name": "/elsewhere/c.json",
                    "hashes": [{"alg": "SHA-256", "content": "12" * 32}],
                },
                {"type": "file", "bom-ref": "manifest:train/a.csv", "name": "train/a.csv"},
            ]
        }
    ]
    assert "formulation" not in build(Provenance(MANIFESTS[:1]))


def test_in_16_citations_are_properties():
    new, old = build(SAMPLE), build(SAMPLE, "1.6")
    assert "citations" not in old
    found = [json.loads(text) for text in values(old["metadata"]["component"], spec.CITATION)]
    assert found == new["citations"]
    assert values(new["metadata"]["component"], spec.CITATION) == []
    assert [item["name"] for item in old["metadata"]["component"]["properties"][-2:]] == [spec.CITATION, spec.LINEAGE]


def test_the_same_dataset_gives_the_same_document():
    fixed = ORIGIN._replace(reproducible=True)
    dataset = Dataset("penguins", "1.0", FILES, "ab" * 32, provenance=SAMPLE)
    assert write.serialize(write.build(dataset, fixed)) == write.serialize(write.build(dataset, fixed))


# -- how much -----------------------------------------------------------------------------------------------------------


def test_each_source_is_looked_at_once_however_many_files_there_are(monkeypatch):
    """Counts steps instead of time: with 300 files and sources, 300 sources are written."""
    files = tuple(FILES[2]._replace(path=f"{n:03}", declared=()) for n in range(300))
    sources = tuple(Source(f"https://a.org/{n}", "x", path=f"{n:03}") for n in range(300))
    calls = []
    original = write_provenance.source_property
    monkeypatch.setattr(
        write_provenance, "source_property", lambda *args, **named: calls.append(1) or original(*args, **named)
    )
    document = build(Provenance(sources=sources), files=files)
    assert len(calls) == 300
    assert all(len(values(component, spec.SOURCE)) == 1 for component in document["components"])


def test_declarations_of_one_state_are_counted():
    declared = (Declaration(MATCH, "MD5", "ab" * 16, "x"),) * 3
    files = tuple(entry._replace(declared=declared) for entry in FILES)
    component = build(Provenance(elsewhere=(("a", declared[0]),)), files=files)["metadata"]["component"]
    assert values(component, spec.DECLARED_COUNT + "match") == ["10"]


# -- times --------------------------------------------------------------------------------------------------------------

TAKEN = jsonschema_rs.Draft7Validator({"type": "string", "format": "date-time"}, validate_formats=True)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2024-05-01T10:00:00Z", True),
        ("2024-05-01T10:00:00.123456789Z", True),
        ("2024-05-01T10:00:00-11:30", True),
        ("2024-02-29T23:59:59Z", True),
        ("2024-05-01", False),
        ("2024-05-01T10:00:00", False),
        ("2024-05-01 10:00:00Z", False),
        ("2024-05-01T10:00:00Z\n", False),
        ("2023-02-29T10:00:00Z", False),
        ("2024-05-01T24:00:00Z", False),
        ("2024-05-01T23:59:60Z", False),
        ("0000-05-01T10:00:00Z", False),
        ("٢٠٢٤-05-01T10:00:00Z", False),
        ("2024-05-01T10:00:00+24:00", False),
    ],
)
def test_date_times(text, taken):
    assert write_provenance.is_date_time(text) is taken
    assert not taken or TAKEN.is_valid(text)


@given(st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", fullmatch=True))
def test_date_times_are_those_of_validators(text):
    assert not write_provenance.is_date_time(text) or TAKEN.is_valid(text)
