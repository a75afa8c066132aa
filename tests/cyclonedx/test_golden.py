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
from sbom.lineage import statement
from sbom.provenance import ABSENT, BY_OPTION, MATCH, Assertion, Provenance
from sbom.signing import dsse
from sbom.signing.interface import Outcome
from sbom.signing.keys import load_public
from sbom.signing.trust import valid_keys
from sbom.transformation import Lineage, Observation, Upstream, Word
from sbom.verification.interface import Options

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
DOCUMENTS = [
    ("v1", "golden-1.7.cdx.json", "1.0.0"),
    ("v1", "golden-1.6.cdx.json", "1.1.0"),
    ("v2", "golden-1.7.cdx.json", "1.0.0"),
    ("v2", "golden-1.6.cdx.json", "1.1.0"),
    ("v3", "golden-1.7.cdx.json", "1.0.0"),
    ("v3", "golden-1.6.cdx.json", "1.1.0"),
]
VERSIONS = ["v1", "v2", "v3"]


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


@pytest.mark.parametrize("version", VERSIONS)
def test_the_first_release(version, tmp_path):
    bom = GOLDEN / version / "golden-1.7.cdx.json"
    expect = sbom.Expect(name="golden", version="1.0.0")
    report = sbom.verify(bom, GOLDEN / version / "data", trust=trust(version), expect=expect)
    report.require()
    (tmp_path / "data").mkdir()
    shutil.copytree(GOLDEN / version / "data", tmp_path / "data", dirs_exist_ok=True, symlinks=True)
    (tmp_path / "data" / "notes.txt").write_text("other\n")
    assert sbom.verify(bom, tmp_path / "data", trust=trust(version), expect=expect).exit_code == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_the_second_release_with_its_chain(version, tmp_path):
    report = sbom.verify(
        GOLDEN / version / "golden-1.6.cdx.json",
        table_only(version, tmp_path),
        trust=trust(version),
        expect=sbom.Expect(name="golden", version="1.1.0"),
        options=Options(chain=str(GOLDEN / version)),
    )
    report.require()


@pytest.mark.parametrize("version", VERSIONS)
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
    if version != "v3":
        assert dataset.lineage == Lineage()


def test_what_they_say_about_provenance():
    first, second = (sbom.Bom.read(GOLDEN / "v2" / name).dataset for _, name, _ in DOCUMENTS[2:4])
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


def test_what_they_say_about_lineage():
    first, second = (sbom.Bom.read(GOLDEN / "v3" / name).dataset for _, name, _ in DOCUMENTS[4:])
    clean, notes = first.lineage.steps
    assert (first.lineage.prefix, first.lineage.level) == ("data", "declared")
    assert (clean.name, clean.origin, clean.actor) == ("clean", "clean.step.json", "Jane Doe <jane@example.org>")
    assert clean.argv == ("awk", "-f", "src/clean.awk", "raw.csv")
    assert [script.name for script in clean.scripts] == ["src/clean.awk"]
    assert [(edge.name, edge.words) for edge in clean.inputs] == [
        ("raw.csv", (Word("observed"), Word("declared", "--input")))
    ]
    assert [edge.name for edge in clean.outputs] == ["data/train/penguins.csv"]
    assert [one.name for one in clean.software] == ["awk", "readline"]
    assert clean.observation == Observation("strace", complete=True)
    assert notes.observation == Observation("snapshot", complete=False, gaps=("what was only read is not seen",))
    assert notes.envelope is None
    assert [(one.path, one.url) for one in first.lineage.sources] == [
        ("raw.csv", "https://example.org/penguins/raw.csv")
    ]
    (upstream,) = second.lineage.upstream
    assert second.previous is not None
    assert upstream == Upstream(*second.previous, prefix="previous")
    assert [edge.name for edge in second.lineage.steps[0].inputs][:2] == [
        "previous/notes.txt",
        "previous/train/CITATION.cff",
    ]


def test_their_step_records_are_signed():
    """By whoever ran the step, with keys of their own; the record is what the document says."""
    (clean, _), (copy,) = (sbom.Bom.read(GOLDEN / "v3" / name).dataset.lineage.steps for _, name, _ in DOCUMENTS[4:])
    given = [load_public(GOLDEN / "v3" / name) for name in ("jane.pub", "team.pub")]
    outcomes = dsse.evaluate(dsse.parse(clean.envelope.encode()), given)
    assert [outcome.outcome for outcome in outcomes] == [Outcome.VALID, Outcome.VALID]
    assert valid_keys(outcomes) == {one.spki_sha256 for one in given}
    assert [outcome.entry.algorithm for outcome in outcomes] == ["ES256", "RS256"]
    for step in (clean, copy):
        assert statement.payload_of(step.envelope) == step._replace(envelope=None, origin="")


@pytest.mark.parametrize(("version", "name", "release"), DOCUMENTS)
def test_what_is_read_is_written_in_today_s_format(version, name, release):
    """Reading and writing keep everything: a document of an old format can be published again."""
    dataset = sbom.Bom.read(GOLDEN / version / name).dataset
    origin = write.Origin("1.7", "2026-01-02T03:04:05Z", "0", reproducible=True)
    document = json.loads(write.serialize(write.build(dataset, origin)))
    assert document["metadata"]["component"]["properties"][0]["value"] == spec.FORMAT_VERSION
    assert read.read(document) == dataset


@pytest.mark.parametrize("name", ["golden-1.7.cdx.json", "golden-1.6.cdx.json"])
def test_without_lineage_the_third_format_adds_one_property_to_the_second(name):
    old = json.loads((GOLDEN / "v2" / name).read_text("utf-8"))
    origin = write.Origin(old["specVersion"], old["metadata"]["timestamp"], "0.1.0", reproducible=False)
    new = json.loads(write.serialize(write.build(read.read(old), origin)))
    properties = old["metadata"]["component"]["properties"]
    properties[0]["value"] = "3"
    properties.append({"name": "data-sbom:lineage", "value": "none"})
    del old["serialNumber"], old["signature"], new["serialNumber"]
    assert new == old
