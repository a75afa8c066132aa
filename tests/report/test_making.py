"""What a person is told about a document that was made."""

from __future__ import annotations

from dataclasses import replace

import pytest

import sbom
from sbom.model import ReleaseLink, Selection
from sbom.provenance import Assertion, Declaration, Manifest, Provenance
from sbom.report.making import generated, hints

HEX = "0" * 64


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    root = tmp_path_factory.mktemp("birds")
    for path in ("a.csv", ".git/HEAD", "sub/.git/config", "sub/__pycache__/.cache/x.pyc", "x/.cache"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x\n")
    return sbom.generate(root, name="birds", cache=False, stats="none")


@pytest.fixture
def made(plain):
    """Return a document of a dataset that differs in some ways."""

    def change(**changes):
        return sbom.Bom(plain.document, replace(plain.dataset, **changes))

    return change


def test_what_people_usually_exclude_is_counted_by_its_outermost_directory(plain):
    assert hints(plain) == [
        "hint: 2 files of .git (a git repository) are part of the inventory; --exclude '.git' leaves them out",
        "hint: 1 file of __pycache__ (compiled Python) are part of the inventory; --exclude '__pycache__' leaves them out",
    ]


def test_a_plain_one(made):
    lines = generated(made(), "b.json", signed=False)
    assert lines[0].startswith("wrote     b.json · birds · 5 files, 10 B · root ")
    assert lines[1:] == ["          not signed yet: data-sbom sign b.json --key KEY"]


def test_a_signed_release_that_left_files_out_and_follows_another(made):
    previous = ReleaseLink("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", 1, HEX, "birds\u202e", "1")
    selection = Selection((), ("x",), left_out=True)
    lines = generated(made(version="2\x1b", previous=previous, selection=selection), "b.json", signed=True)
    assert "birds 2\\x1b" in lines[0]
    assert "incomplete on purpose" in lines[1]
    assert lines[2] == "          follows birds\\u202e 1 (00000000…)"
    assert "signed; check it with" in lines[3]
    bare = generated(made(previous=previous._replace(release=None)), "b.json", signed=True)
    assert bare[1] == "          follows birds\\u202e (00000000…)"


def test_what_manifests_brought(made):
    provenance = Provenance(
        manifests=tuple(Manifest(f"m{number}", f"r{number % 7}") for number in range(14)),
        assertions=(
            Assertion("license", "MIT", "m0"),
            Assertion("license", "CC0-1.0", "m1"),
            Assertion("version", "1", "m0"),
            Assertion("version", "1", "m1"),
        ),
        elsewhere=(("gone", Declaration("data-absent", "MD5", "0" * 32, "m0")),) * 1000,
    )
    entry = made().dataset.files[0]
    declared = entry._replace(declared=(Declaration("match", "MD5", "0" * 32, "m0"),) * 2)
    lines = generated(made(provenance=provenance, files=(declared,)), "b.json", signed=False)
    assert lines[1:4] == [
        "          14 manifests read (r0, r1, r2, r3, r4 and 2 more)",
        "          declared hashes: 2 match, 1,000 declared, data absent",
        "          manifests disagree about license; data-sbom inspect shows it",
    ]


def test_one_manifest_that_declares_nothing(made):
    lines = generated(made(provenance=Provenance((Manifest("m", "dvc"),))), "b.json", signed=False)
    assert lines[1] == "          1 manifest read (dvc)"
    assert len(lines) == 3


def test_the_caller_s_word_alone_is_no_manifest(made):
    said = Provenance(assertions=(Assertion("license", "MIT", "the caller"),))
    assert len(generated(made(provenance=said), "b.json", signed=False)) == 2
