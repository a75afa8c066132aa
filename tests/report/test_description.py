from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from sbom import api
from sbom.cyclonedx import write
from sbom.model import Dataset, FileEntry, GitState, ReleaseLink, Selection, TableStats
from sbom.provenance import Assertion, Manifest, Provenance
from sbom.report.description import FORMAT, describe, render
from sbom.signing import base64url, keys

ORIGIN = write.Origin("1.7", "2026-01-01T00:00:00Z", "0.1.0", reproducible=False)
HOSTILE = "\x1b[31m\u202e\n::error::x"
FILES = (
    FileEntry("a.csv", 2_000, (("SHA-256", "a" * 64),), media_type="text/csv", stats=TableStats(1_500, 3)),
    FileEntry("b.bin", 3_000_000, (("SHA-256", "b" * 64),)),
)
DATASET = Dataset("penguins", "1.0", FILES, "0" * 64)


def table(dataset=DATASET, change=None, **given):
    tree = write.build(dataset, ORIGIN)
    if change is not None:
        change(tree)
    text = render(describe(api.Bom(tree, dataset, **given), "penguins.cdx.json"), "table")
    assert all(line.isprintable() for line in text.split("\n"))
    rows = {line[:14].strip(): line[14:] for line in text.splitlines() if line[:14].strip()}
    return rows, text


def test_table():
    rows, text = table(sha256="c" * 64)
    assert rows["dataset"] == "penguins 1.0"
    assert rows["root"] == "0" * 64
    assert rows["files"] == "2, 3.0 MB"
    assert rows["media types"] == "text/csv 1; no type 1"
    assert rows["rows"] == "1,500, in 1 table"
    assert rows["largest files"] == "b.bin 3.0 MB, a.csv 2.0 kB"
    assert rows["completeness"] == "complete: it claims that nothing was left out"
    assert rows["symlinks"] == "recorded as links"
    assert rows["licence"] == "not said"
    assert rows["provenance"] == "unknown"
    assert rows["git commit"] == "not said"
    assert rows["predecessor"].startswith("none")
    assert rows["signatures"].startswith("none")
    assert rows["made by"] == "data-sbom 0.1.0"
    assert rows["made at"] == "2026-01-01T00:00:00Z"
    assert rows["document"] == "penguins.cdx.json · CycloneDX 1.7"
    assert f"sha256 {'c' * 64}" in text
    assert text.endswith("\nnot verified: this is what the document says; data-sbom verify checks it\n")


def test_what_else_a_dataset_may_say():
    link = ReleaseLink("urn:uuid:1", 1, "d" * 64, "penguins", "0.9")
    rows, text = table(
        replace(
            DATASET,
            version=None,
            selection=Selection(("*.csv",), ("x", "y"), left_out=True),
            symlinks_followed=True,
            git=GitState("e" * 40, "main"),
            previous=link,
        )
    )
    assert rows["dataset"] == "penguins"
    assert rows["completeness"].startswith("incomplete on purpose")
    assert (rows["include"], rows["exclude"]) == ("*.csv", "x, y")
    assert rows["symlinks"].startswith("followed")
    assert rows["git commit"] == f"{'e' * 40} on main"
    assert rows["predecessor"] == "penguins 0.9"
    assert f"sha256 {'d' * 64}\n" in text
    rows, _ = table(replace(DATASET, git=GitState(None, None), previous=link._replace(release=None)))
    assert (rows["git commit"], rows["predecessor"]) == ("unknown", "penguins")


def test_rules_that_left_nothing_out():
    rows, _ = table(replace(DATASET, selection=Selection((), ("*.tmp",))))
    assert rows["completeness"].endswith("the rules applied to nothing")


def test_rows_that_nobody_counted():
    assert table(replace(DATASET, files=FILES[1:]))[0]["rows"] == "no tables were counted"
    unknown = FILES[0]._replace(stats=TableStats(None, None))
    assert table(replace(DATASET, files=(unknown,)))[0]["rows"] == "unknown, in 1 table"


def test_only_typed_files():
    assert table(replace(DATASET, files=FILES[:1]))[0]["media types"] == "text/csv 1"


def test_other_producers():
    def change(tree):
        tree["metadata"]["tools"] = [{"vendor": "v", "name": "old", "version": "3"}]
        tree["metadata"]["component"]["licenses"] = [
            {"license": {"id": "CC0-1.0"}},
            {"license": {"name": "House rules"}},
            {"expression": "MIT OR Apache-2.0"},
            {"license": {}},
        ]
        tree["metadata"]["component"].pop("properties")
        del tree["metadata"]["timestamp"]

    rows, _ = table(change=change)
    assert rows["made by"] == "old 3"
    assert rows["licence"] == "CC0-1.0, House rules, MIT OR Apache-2.0, unnamed"
    assert (rows["made at"], rows["provenance"]) == ("not said", "not said")


def test_services_are_tools():
    def change(tree):
        tree["metadata"]["tools"] = {"services": [{"name": "maker"}]}

    assert table(change=change)[0]["made by"] == "maker"
    assert table(change=lambda tree: tree["metadata"].pop("tools"))[0]["made by"] == "not said"


def signed(*signers):
    def change(tree):
        tree["signature"] = {"signers": list(signers)}

    return table(change=change)[0]["signatures"]


def certificate():
    """Return a certificate as JSF embeds it."""
    own, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=own.public_key())
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=1))
    return base64url.encode(builder.sign(own, hashes.SHA256()).public_bytes(Encoding.DER))


def test_signatures_are_claims():
    pair = keys.generate()
    bom = api.Bom(write.build(DATASET, ORIGIN), DATASET)
    bom.sign(pair)
    text = render(describe(bom, "-"), "table")
    assert f"Ed25519, key {pair.public.spki_sha256[:16]}… – claimed, not checked" in text  # noqa: RUF001  # a dash
    value = json.loads(render(describe(bom, "-"), "json"))
    expected = {"algorithm": "Ed25519", "key": pair.public.spki_sha256, "embedded": True, "certificate": False}
    assert value["signatures"] == [expected]
    assert signed({"algorithm": "ES256", "keyId": "me", "value": "AA"}).startswith("ES256, key id me ")
    certified = {"algorithm": "ES256", "certificatePath": [certificate()], "value": "AA"}
    assert signed(certified).startswith("ES256, no key named, with a certificate path")


def test_signatures_that_cannot_be_read():
    assert signed({"algorithm": "HS256", "value": "AA"}).startswith("not readable: ")
    tree = write.build(DATASET, ORIGIN) | {"signature": "x"}
    value = json.loads(render(describe(api.Bom(tree, DATASET), "-"), "json"))
    assert value["signatures"] == []
    assert "not a JSON object" in value["signature_problem"]


def test_json():
    value = json.loads(render(describe(api.Bom(write.build(DATASET, ORIGIN), DATASET), "x.json"), "json"))
    assert value["format"] == FORMAT
    assert value["verified"] is False
    assert value["document"]["path"] == "x.json"
    assert value["document"]["sha256"] is None
    assert value["document"]["tools"] == ["data-sbom 0.1.0"]
    assert value["dataset"]["rows"] == 1_500
    assert value["dataset"]["provenance"] == "unknown"
    assert value["completeness"] == {"complete": True, "include": [], "exclude": []}
    assert value["media_types"] == [{"media_type": "text/csv", "files": 1}]
    assert value["largest_files"][0] == {"path": "b.bin", "size": 3_000_000}
    assert value["predecessor"] is None
    assert value["provenance"]["manifests"] == value["provenance"]["fields"] == []
    assert "license" in [one["field"] for one in value["provenance"]["unknown"]]
    followed = replace(DATASET, previous=ReleaseLink("urn:uuid:1", 1, "d" * 64, "penguins", "0.9"))
    value = json.loads(render(describe(api.Bom(write.build(followed, ORIGIN), followed), "x"), "json"))
    assert value["predecessor"]["sha256"] == "d" * 64


def test_where_the_data_comes_from():
    said = (
        Assertion("license", "CC-BY-4.0", "README.md", "/license"),
        Assertion("license", "MIT", "croissant.json", "/license"),
    )
    known = Provenance((Manifest("README.md", "huggingface-card"),), said)
    rows, text = table(replace(DATASET, provenance=known))
    assert rows["provenance"].startswith("1 manifest, 1 field known, 1 conflict, ")
    assert rows["manifests"] == "huggingface-card  README.md"
    assert rows["known"].startswith("licence  CC-BY-4.0 (README.md /license)")
    assert rows["known"].endswith(" but croissant.json /license says MIT")
    assert rows["unknown"].startswith("description, unique identifier, ")
    assert text.index("\ndocument ") < text.index("\n\nmanifests ") < text.index("\n\nnot verified: ")


def test_a_dataset_without_any_manifest_is_described_on_one_screen():
    rows, text = table()
    assert {"manifests", "known", "declared", "sources", "unknown"} & set(rows) == set()
    assert len(text.splitlines()) < 25


@pytest.mark.parametrize("format_name", ["table", "json"])
def test_hostile_texts(format_name):
    entry = FILES[0]._replace(path=HOSTILE, media_type=HOSTILE)
    link = ReleaseLink(HOSTILE, 1, "d" * 64, HOSTILE, HOSTILE)
    dataset = Dataset(HOSTILE, HOSTILE, (entry,), "0" * 64, Selection((HOSTILE,), (HOSTILE,)), link)
    tree = write.build(dataset, write.Origin(HOSTILE, HOSTILE, HOSTILE, reproducible=False))
    tree["signature"] = {"algorithm": "ES256", "keyId": HOSTILE, "value": "AA"}
    tree["metadata"]["component"]["licenses"] = [{"expression": HOSTILE}]
    tree["metadata"]["component"]["properties"] += [{"name": "data-sbom:git:commit", "value": HOSTILE}]
    text = render(describe(api.Bom(tree, dataset), HOSTILE), format_name)
    assert all(line.isprintable() for line in text.split("\n"))
    assert format_name == "json" or " ::error" not in text
