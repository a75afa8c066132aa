from __future__ import annotations

import io
import json

import pytest

from sbom import api


def test_table(cli, release):
    ran = cli("inspect", release.bom)
    assert ran.code == 0, ran.text
    assert ran.out.startswith("dataset       penguins 1.0.0\n")
    assert "claimed, not checked" in ran.out
    assert ran.out.rstrip().endswith("not verified: this is what the document says; data-sbom verify checks it")
    assert ran.err == ""


def test_json(cli, release):
    ran = cli("inspect", release.bom, "-f", "json")
    value = json.loads(ran.out)
    assert (value["format"], value["verified"]) == ("data-sbom-description/1", False)
    assert value["dataset"]["root"] == api.Bom.read(release.bom).root
    assert value["dataset"]["files"] == 9


def test_it_shows_what_does_not_verify(cli, release):
    release.bom.write_text(release.bom.read_text().replace('"1.0.0"', '"6.6.6"'))
    ran = cli("inspect", release.bom)
    assert ran.code == 0
    assert "penguins 6.6.6" in ran.out


def test_standard_input(cli, release, monkeypatch):
    class Stream:
        buffer = io.BytesIO(release.bom.read_bytes())

    monkeypatch.setattr("sbom.cyclonedx.document.sys.stdin", Stream)
    ran = cli("inspect", "-")
    assert ran.code == 0
    assert "document      - · CycloneDX 1.7" in ran.out


@pytest.mark.parametrize(("content", "code"), [("{}", 1), ("x", 3)])
def test_what_is_no_data_sbom(cli, tmp_path, content, code):
    path = tmp_path / "x.json"
    path.write_text(content)
    ran = cli("inspect", path)
    assert (ran.code, ran.out) == (code, "")


def test_wrong_calls(cli, release):
    assert cli("inspect").code == 2
    assert cli("inspect", "nowhere.json").code == 2
    assert cli("inspect", release.bom, "-f", "xml").code == 2
