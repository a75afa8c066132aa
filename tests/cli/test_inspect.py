from __future__ import annotations

import io
import json

import pytest

from sbom import api
from sbom.profiles import ids


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


def test_a_profile(cli, release):
    ran = cli("inspect", release.bom, "--profile", "g7")
    assert ran.code == 0, ran.text
    assert "G7 SBOM for AI (--profile g7)" in ran.out
    assert " of 10 required elements (" in ran.out
    assert "--set license=" in ran.out
    assert ran.err == ""


def test_the_signature_of_a_release_fills_its_element(cli, release):
    ran = cli("inspect", release.bom, "--profile", "g7", "-f", "json")
    (profile,) = json.loads(ran.out)["profiles"]
    (element,) = [one for one in profile["elements"] if one["id"] == "sbom-signature"]
    assert element["filled"] is True
    assert element["facts"][0]["values"][0]["value"].endswith("not verified")


def test_every_profile(cli, release):
    ran = cli("inspect", release.bom, "--profile", "all", "-f", "json")
    assert ran.code == 0
    assert [one["id"] for one in json.loads(ran.out)["profiles"]] == ["cisa", "dps", "g7", "spdx"]


@pytest.mark.parametrize("name", ["", "g8", "G7", "../profile.schema", "g7.json", "\x1b[31m"])
def test_a_profile_that_is_not_there(cli, name):
    """It is wrong usage whatever the document is, and nothing is read."""
    ran = cli("inspect", "nowhere.json", "--profile", name)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no profile" in ran.err
    assert "cisa, dps, g7, spdx" in ran.err
    assert "\x1b" not in ran.err


def test_the_profiles_that_the_help_names_are_there(cli):
    ran = cli("inspect", "--help")
    for name in ("all", *ids()):
        assert name in ran.out
