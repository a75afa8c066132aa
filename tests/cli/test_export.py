from __future__ import annotations

import hashlib
import io
import json

import pytest

from sbom import __version__, api
from sbom.export import FORMATS


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format(cli, release, format_name):
    ran = cli("export", release.bom, "--format", format_name)
    assert ran.code == 0, ran.text
    for entry in api.Bom.read(release.bom).dataset.files:
        assert entry.sha256 in ran.out
    assert ran.err.rstrip().endswith("9 files, as the document lists them; not verified")


def test_it_names_the_exact_document(cli, release):
    value = json.loads(cli("export", release.bom, "-f", "datapackage").out)["data-sbom"]
    assert value["documentSha256"] == hashlib.sha256(release.bom.read_bytes()).hexdigest()
    assert value["document"] == json.loads(release.bom.read_text())["serialNumber"]
    assert f"data-sbom {__version__}" in value["comment"]


def test_quiet(cli, release):
    ran = cli("export", release.bom, "-f", "croissant", "-q")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["name"] == "penguins"


def test_notes_and_payload_do_not_mix(cli, release):
    ran = cli("export", release.bom, "-f", "spdx3")
    json.loads(ran.out)
    assert "note: SPDX asks for originatedBy" in ran.err


def test_to_a_file(cli, release, tmp_path):
    target = tmp_path / "SHA256SUMS"
    ran = cli("export", release.bom, "-f", "sha256sums", "-o", target)
    assert (ran.code, ran.out) == (0, "")
    assert str(target) in ran.err
    assert target.read_text() == cli("export", release.bom, "-f", "sha256sums", "-o", "-").out


def test_nothing_is_overwritten_by_accident(cli, release, tmp_path):
    target = tmp_path / "out.json"
    target.write_text("mine")
    ran = cli("export", release.bom, "-f", "croissant", "-o", target)
    assert (ran.code, target.read_text()) == (2, "mine")
    assert "--force" in ran.err
    assert cli("export", release.bom, "-f", "croissant", "-o", target, "--force").code == 0
    assert json.loads(target.read_text())["@type"] == "sc:Dataset"


def test_the_document_itself_is_never_overwritten(cli, release, tmp_path):
    before = release.bom.read_bytes()
    other = tmp_path / "same.json"
    other.hardlink_to(release.bom)
    link = tmp_path / "link.json"
    link.symlink_to(release.bom)
    for target in (release.bom, other, link, tmp_path):
        assert cli("export", release.bom, "-f", "croissant", "-o", target, "--force").code == 2
    assert release.bom.read_bytes() == before


def test_a_failed_export_leaves_no_file(cli, release, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    assert cli("export", bad, "-f", "croissant", "-o", tmp_path / "out").code == 1
    assert cli("export", release.bom, "-f", "croissant", "-o", tmp_path / "no" / "out").code == 2
    assert not (tmp_path / "out").exists()


def test_standard_input(cli, release, monkeypatch):
    class Stream:
        buffer = io.BytesIO(release.bom.read_bytes())

    monkeypatch.setattr("sbom.cyclonedx.document.sys.stdin", Stream)
    assert cli("export", "-", "-f", "bagit-manifest").out.count("  data/") == 9


def test_it_exports_what_does_not_verify_and_says_so(cli, release):
    release.bom.write_text(release.bom.read_text().replace('"1.0.0"', '"6.6.6"'))
    ran = cli("export", release.bom, "-f", "croissant")
    assert json.loads(ran.out)["version"] == "6.6.6"
    assert "not verified" in ran.err


def test_wrong_calls(cli, release):
    assert cli("export", release.bom).code == 2
    assert cli("export", "-f", "croissant").code == 2
    assert cli("export", release.bom, "-f", "cyclonedx").code == 2
    assert cli("export", "nowhere.json", "-f", "croissant").code == 2


def test_the_formats_are_those_of_the_library(cli):
    shown = cli("export", "--help").out.replace("\n", " ")
    assert all(name in shown for name in FORMATS)
