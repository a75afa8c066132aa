"""Documents that earlier versions wrote and signed: today's code verifies them, and reads what they say.

``tests/golden/vN`` holds the releases 1.0.0 (CycloneDX 1.7, the whole directory) and 1.1.0 (CycloneDX 1.6, the table only)
of one dataset, in format version N, with the public key of their publisher. They are never written again.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import sbom
from sbom.cyclonedx import read, spec, write
from sbom.provenance import ABSENT, BY_OPTION, MATCH, Assertion, Provenance
from sbom.verification.interface import Options

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
DOCUMENTS = [
    ("v1", "golden-1.7.cdx.json", "1.0.0"),
    ("v1", "golden-1.6.cdx.json", "1.1.0"),
    ("v2", "golden-1.7.cdx.json", "1.0.0"),
    ("v2", "golden-1.6.cdx.json", "1.1.0"),
]


def trust(version):
    return sbom.Trust((GOLDEN / version / "release.pub",))


def table_only(version, tmp_path):
    """Lay out the data that the second release describes."""
    (tmp_path / "data").mkdir()
    shutil.copytree(GOLDEN / version / "data" / "train", tmp_path / "data" / "train")
    return tmp_path / "data"


def test_there_are_documents_of_every_format():
    assert {f"v{version}" for version in spec.FORMAT_VERSIONS} == {version for version, _, _ in DOCUMENTS}
    assert {path.name for path in GOLDEN.iterdir()} == {version for version, _, _ in DOCUMENTS}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_first_release(version, tmp_path):
    bom = GOLDEN / version / "golden-1.7.cdx.json"
    expect = sbom.Expect(name="golden", version="1.0.0")
    report = sbom.verify(bom, GOLDEN / version / "data", trust=trust(version), expect=expect)
    report.require()
    (tmp_path / "data").mkdir()
    shutil.copytree(GOLDEN / version / "data", tmp_path / "data", dirs_exist_ok=True, symlinks=True)
    (tmp_path / "data" / "notes.txt").write_text("other\n")
    assert sbom.verify(bom, tmp_path / "data", trust=trust(version), expect=expect).exit_code == 1


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_second_release_with_its_chain(version, tmp_path):
    report = sbom.verify(
        GOLDEN / version / "golden-1.6.cdx.json",
        table_only(version, tmp_path),
        trust=trust(version),
        expect=sbom.Expect(name="golden", version="1.1.0"),
        options=Options(chain=str(GOLDEN / version)),
    )
    report.require()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_they_are_one_chain(cli, version):
    documents = [GOLDEN / version / name for folder, name, _ in DOCUMENTS if folder == version]
    ran = cli("chain", *documents, "--public-key", GOLDEN / version / "release.pub")
    assert ran.code == 0
    assert "2 releases in one line" in ran.text


@pytest.mark.parametrize(("version", "name", "release"), DOCUMENTS)
def test_a_changed_byte_is_noticed(version, name, release, tmp_path):
    text = (GOLDEN / version / name).read_text("utf-8")
    changed = tmp_path / name
    changed.write_text(text.replace(f'"version": "{release}"', '"version": "1.0.1"', 1))
    report = sbom.verify(changed, GOLDEN / version / "data", trust=trust(version))
    assert report.exit_code == 1
    assert any(check.id == "signature.valid" and check.status == "fail" for check in report.checks)


@pytest.mark.parametrize(("version", "name", "release"), DOCUMENTS)
def test_what_they_say(version, name, release):
    dataset = sbom.Bom.read(GOLDEN / version / name).dataset
    assert (dataset.name, dataset.version) == ("golden", release)
    assert dataset.git is not None
    assert (dataset.previous is None) is (release == "1.0.0")
    if version == "v1":
        assert dataset.provenance == Provenance()


def test_what_they_say_about_provenance():
    first, second = (sbom.Bom.read(GOLDEN / "v2" / name).dataset for _, name, _ in DOCUMENTS[2:])
    said = first.provenance
    assert {one.path for one in said.manifests if one.inside} == {
        "README.md", "SHA256SUMS", "raw.csv.dvc", "train/CITATION.cff", "train/penguins.csv.sha256",
    }  # fmt: skip
    assert [one.path for one in said.manifests if not one.inside] == ["CITATION.cff"]
    assert said.about("license") == (
        Assertion("license", "cc-by-4.0", "README.md", "/license"),
        Assertion("license", "CC0-1.0", "CITATION.cff", "/license"),
    )
    assert said.about("personal-data") == (Assertion("personal-data", "none", BY_OPTION),)
    assert Assertion("license", "MIT OR CC0-1.0", "train/CITATION.cff", "/license", None, "train") in said.assertions
    table = next(entry for entry in first.files if entry.path == "train/penguins.csv")
    assert [(one.state, one.manifest, one.pointer) for one in table.declared] == [
        (MATCH, "SHA256SUMS", "L1"),
        (MATCH, "train/penguins.csv.sha256", "L1"),
    ]
    assert {(path, one.state, one.algorithm) for path, one in said.elsewhere} == {
        ("raw.csv", ABSENT, "MD5"),
        ("train/gone.csv", ABSENT, "SHA-256"),
    }
    (source,) = said.sources
    assert (source.url, source.path, source.size) == ("https://example.org/penguins/raw.csv", "raw.csv", 12)
    assert second.provenance.about("supplier") == (Assertion("supplier", "Palmer Station", BY_OPTION),)
    assert [one.path for one in second.provenance.manifests] == [
        "CITATION.cff", "train/CITATION.cff", "train/penguins.csv.sha256",
    ]  # fmt: skip


@pytest.mark.parametrize(("version", "name", "release"), DOCUMENTS)
def test_what_is_read_is_written_in_today_s_format(version, name, release):
    """Reading and writing keep everything: a document of an old format can be published again."""
    dataset = sbom.Bom.read(GOLDEN / version / name).dataset
    origin = write.Origin("1.7", "2026-01-02T03:04:05Z", "0", reproducible=True)
    document = json.loads(write.serialize(write.build(dataset, origin)))
    assert document["metadata"]["component"]["properties"][0]["value"] == spec.FORMAT_VERSION
    assert read.read(document) == dataset
