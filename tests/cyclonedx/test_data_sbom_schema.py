"""``schemas/data-sbom.schema.json``: it takes every document of ours, and refuses what the product refuses."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lineages import FILES as TRACED
from lineages import LINEAGES
from lineages import SAMPLE as LINEAGE
from provenances import INVENTORIES, PROVENANCES
from refusals import LINEAGE_REFUSALS, PROVENANCE_REFUSALS, REFUSALS, dataset_of, prop

from sbom import api
from sbom.cyclonedx import canonical, read, spec, write
from sbom.errors import DocumentError, SignatureError
from sbom.model import Dataset
from sbom.provenance import FIELDS
from sbom.signing import forms, keys
from sbom.signing.algorithms import ALGORITHMS

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "data-sbom.schema.json").read_text("utf-8"))
FAST = jsonschema_rs.validator_for(SCHEMA)
STANDARD = jsonschema.Draft202012Validator(SCHEMA)
# What is for data-sbom verify to check: sums and uniqueness that a schema cannot state.
NOT_FOR_A_SCHEMA = {
    "count: other",
    "size: other",
    "a file less",
    "file: twice",
}


def accepted(document):
    """Ask two validators, which have to agree."""
    fast = FAST.is_valid(document)
    assert fast == STANDARD.is_valid(document)
    return fast


@pytest.fixture
def signed(document):
    key = keys.generate()
    bom = api.Bom(document, read.read(document))
    assert bom.sign(key)
    return bom.document


def test_is_a_schema_that_needs_nothing_else():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].startswith("urn:data-sbom:")
    text = json.dumps(SCHEMA)
    assert all(part.startswith("#/$defs/") for part in _references(SCHEMA))
    assert "http" not in text.replace(SCHEMA["$schema"], "")


def _references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_every_definition_is_used():
    used = {reference.removeprefix("#/$defs/") for reference in _references(SCHEMA)}
    assert used == set(SCHEMA["$defs"])


@pytest.mark.parametrize("version", spec.SPEC_VERSIONS)
def test_takes_what_is_written(dataset, origin, version):
    for described in (
        dataset(),
        dataset(version=None, previous=None, git=None, symlinks_followed=True, selection=read.Selection()),
        dataset(previous=dataset().previous._replace(release=None)),
    ):
        assert accepted(write.build(described, origin._replace(spec_version=version)))


def test_takes_what_generate_writes(tmp_path):
    data = tmp_path / "data"
    (data / "train").mkdir(parents=True)
    (data / "train" / "a.csv").write_bytes(b"a,b\n1,2\n")
    (data / "train" / "b.jsonl").write_bytes(b"")
    (data / "link").symlink_to("train/a.csv")
    (data / "empty").write_bytes(b"")
    key = keys.generate("ecdsa-p256")
    for number, options in enumerate(
        [
            {},
            {"exclude": ["empty"]},
            {"include": ["*.csv"]},
            {"hashes": ["sha512", "sha3-256"]},
            {"spec_version": "1.6"},
        ]
    ):
        bom = api.generate(data, name="d", version=str(number), cache=False, **options)
        assert accepted(bom.document)
        bom.sign(key)
        bom.sign(keys.generate("rsa-3072") if not number else keys.generate())
        assert accepted(json.loads(bom.to_bytes()))


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses_what_the_reader_refuses(document, case):
    change, reason = REFUSALS[case]
    change(document)
    with pytest.raises(DocumentError, match=reason):
        read.read(document)
    assert accepted(document) is (case in NOT_FOR_A_SCHEMA)


def test_takes_provenance(said, said_in_16):
    assert accepted(said)
    assert accepted(said_in_16)


@settings(deadline=None, max_examples=40)
@given(PROVENANCES, INVENTORIES, st.sampled_from(spec.SPEC_VERSIONS))
def test_takes_any_provenance_that_is_written(provenance, files, version):
    described = Dataset("d", None, files, "ab" * 32, provenance=provenance)
    origin = write.Origin(version, "2026-01-02T03:04:05Z", "0.1.0", reproducible=False)
    assert accepted(json.loads(write.serialize(write.build(described, origin))))


@pytest.mark.parametrize("case", PROVENANCE_REFUSALS)
def test_refuses_provenance_that_the_reader_refuses(said, case):
    change, reason, stated = PROVENANCE_REFUSALS[case]
    change(said)
    with pytest.raises(DocumentError, match=reason):
        read.read(said)
    assert accepted(said) is not stated


def test_properties_of_provenance_mean_nothing_in_the_first_format(document):
    dataset_of(document)["properties"] = [
        {**item, "value": "1"} if item["name"] == spec.FORMAT else item
        for item in dataset_of(document)["properties"]
        if item["name"] != spec.PROVENANCE
    ]
    dataset_of(document)["properties"] += [prop(spec.FIELD + "colour", "red"), prop(spec.MANIFEST, "x")]
    document["components"][0]["properties"].append(prop(spec.DECLARED, "x"))
    read.read(document)
    assert accepted(document)


@settings(deadline=None, max_examples=60)
@given(LINEAGES, st.sampled_from(spec.SPEC_VERSIONS))
def test_takes_any_lineage_that_is_written(lineage, version):
    described = Dataset("d", None, TRACED, "ab" * 32, lineage=lineage)
    origin = write.Origin(version, "2026-01-02T03:04:05Z", "0.1.0", reproducible=False)
    assert accepted(json.loads(write.serialize(write.build(described, origin))))


@pytest.mark.parametrize("case", LINEAGE_REFUSALS)
def test_refuses_lineage_that_the_reader_refuses(origin, case):
    change, reason, stated = LINEAGE_REFUSALS[case]
    document = json.loads(write.serialize(write.build(Dataset("d", None, TRACED, "ab" * 32, lineage=LINEAGE), origin)))
    assert accepted(document)
    change(document)
    with pytest.raises(DocumentError, match=reason):
        read.read(document)
    assert accepted(document) is not stated
    document["metadata"]["component"]["properties"][0]["value"] = spec.FORMAT_VERSION_2
    assert accepted(document)


def test_every_field_is_listed():
    listed = SCHEMA["$defs"]["field"]["enum"]
    assert listed == [field.id for field in FIELDS]
    assert f"(?:{'|'.join(listed)})" in json.dumps(SCHEMA["$defs"]["dataset-provenance"])


@pytest.mark.parametrize(
    "path", ["", "/x", "a/", "a//b", "a\\b", "c:x", "..", "a/../b", "./a", "a/.", "a\x7f", "a\nb", "x\n"]
)
def test_refuses_names_that_no_inventory_holds(document, path):
    document["components"][0]["name"] = path
    with pytest.raises(DocumentError):
        read.read(document)
    assert not accepted(document)


@pytest.mark.parametrize("path", ["...", "a/..b", ".hidden", "bc/d:", "日本/\U0001f427", "a b", "~"])
def test_takes_other_names(document, path):
    document["components"][0]["name"] = path
    read.read(document)
    assert accepted(document)


@pytest.mark.parametrize("algorithm", spec.DIGEST_LENGTHS)
@pytest.mark.parametrize("change", [-2, 0, 2])
def test_digests_have_their_length(document, algorithm, change):
    hashes = [] if algorithm == "SHA-256" else [{"alg": "SHA-256", "content": "ab" * 32}]
    content = "a" * (spec.DIGEST_LENGTHS[algorithm] + change)
    document["components"][0]["hashes"] = [*hashes, {"alg": algorithm, "content": content}]
    assert accepted(document) is (not change)


@pytest.mark.parametrize("size", ["-1", "1.0", "01", "", "1\n", "1" * 17, "unknown"])
def test_sizes_are_numbers(document, size):
    document["components"][0]["properties"][0]["value"] = size
    assert not accepted(document)


def test_every_algorithm_that_signs_is_listed():
    assert set(SCHEMA["$defs"]["signature-entry"]["properties"]["algorithm"]["enum"]) == set(ALGORITHMS)
    assert set(SCHEMA["$defs"]["hashes"]["items"]["properties"]["alg"]["enum"]) == set(spec.DIGEST_LENGTHS)


def test_takes_every_form_of_signature(signed):
    entry = signed["signature"]["signers"][0]
    for signature in (entry, {"signers": [entry]}, {"chain": [entry, entry]}, {"signers": [{**entry, "keyId": "k"}]}):
        signed["signature"] = signature
        forms.read(signed, canonical.canonical)
        assert accepted(signed)


@pytest.mark.parametrize(
    "change",
    [
        lambda _s: None,
        lambda _s: [],
        lambda _s: {},
        lambda _s: {"signers": []},
        lambda _s: {"signers": {}},
        lambda _s: {"chain": []},
        lambda s: {**s, "chain": s["signers"]},
        lambda s: {**s, "excludes": ["components"]},
        lambda s: {**s["signers"][0], "excludes": ["components"]},
        lambda s: {"signers": [{**s["signers"][0], "excludes": ["components"]}]},
        lambda s: {"signers": [{**s["signers"][0], "extensions": ["x"], "x": 1}]},
        lambda s: {"signers": [{**s["signers"][0], "unknown": 1}]},
        lambda s: {"signers": [{**s["signers"][0], "algorithm": "HS256"}]},
        lambda s: {"signers": [{**s["signers"][0], "algorithm": "none"}]},
        lambda s: {"signers": [{**s["signers"][0], "algorithm": "ed25519"}]},
        lambda s: {"signers": [{**s["signers"][0], "value": "AA=="}]},
        lambda s: {"signers": [{**s["signers"][0], "value": "A A"}]},
        lambda s: {"signers": [{**s["signers"][0], "value": "AAAA\n"}]},
        lambda s: {"signers": [{**s["signers"][0], "value": 1}]},
        lambda s: {"signers": [{**s["signers"][0], "keyId": 1}]},
        lambda s: {"signers": [{**s["signers"][0], "publicKey": {"kty": "oct", "k": "AAAA"}}]},
        lambda s: {"signers": [{**s["signers"][0], "publicKey": {}}]},
        lambda s: {"signers": [{**s["signers"][0], "certificatePath": []}]},
        lambda s: {"signers": [{k: v for k, v in s["signers"][0].items() if k != "value"}]},
        lambda s: {"signers": [{k: v for k, v in s["signers"][0].items() if k != "algorithm"}]},
        lambda s: {"signers": s["signers"] * 65},
    ],
)
def test_refuses_signatures_that_the_product_refuses(signed, change):
    signed["signature"] = change(signed["signature"])
    with pytest.raises(SignatureError):
        forms.read(signed, canonical.canonical)
    assert not accepted(signed)
