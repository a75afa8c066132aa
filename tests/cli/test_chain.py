from __future__ import annotations

import json

import pytest

from sbom import api


@pytest.fixture
def line(release):
    """Three releases that follow each other; the first is ``release`` itself."""
    key = api.load_private_key(release.key)
    paths = [release.bom]
    for version in ("1.1.0", "1.2.0"):
        (release.data / "version.txt").write_text(version)
        bom = api.generate(release.data, version=version, previous=paths[-1], previous_keys=[release.pub], cache=False)
        bom.sign(key)
        paths.append(release.home / f"{version}.cdx.json")
        bom.write(paths[-1])
    return paths


def test_oldest_to_newest_whatever_the_order(cli, release, line):
    ran = cli("chain", *reversed(line), "--public-key", release.pub)
    assert ran.code == 0, ran.text
    lines = ran.out.splitlines()
    assert [text.split()[:3] for text in lines[:3]] == [
        ["1", "penguins", "1.0.0"],
        ["2", "penguins", "1.1.0"],
        ["3", "penguins", "1.2.0"],
    ]
    assert lines[3].startswith("VERIFIED  3 releases in one line · newest penguins 1.2.0")
    assert "signature good (key " in lines[3]


def test_twice_the_same_document(cli, release, line):
    ran = cli("chain", *line, line[0], f"{line[1].parent}/./{line[1].name}", "--public-key", release.pub)
    assert ran.code == 0
    assert "counts once" in ran.out


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_release(cli, release, line, missing):
    given = [path for number, path in enumerate(line) if number != missing]
    ran = cli("chain", *given, "--public-key", release.pub, "-f", "json")
    assert ran.code == 1
    value = json.loads(ran.out)
    assert value["verdict"] == "failed"
    assert "missing" in next(c["sentence"] for c in value["report"]["checks"] if c["id"] == "chain.continuity")


def test_the_newest_may_be_left_out(cli, release, line):
    assert cli("chain", *line[:2], "--public-key", release.pub).code == 0


def test_an_untrusted_release(cli, release, line, tmp_path):
    line[1].write_bytes(line[1].read_bytes().replace(b"Ed25519", b"Ed448", 1))
    ran = cli("chain", *line, "--public-key", release.pub, "-f", "markdown")
    assert ran.code == 1
    assert ran.out.startswith("## data-sbom chain: FAILED")


def test_what_is_no_document(cli, release, line, tmp_path):
    (tmp_path / "x.json").write_text("x")
    ran = cli("chain", *line, tmp_path / "x.json", "--public-key", release.pub)
    assert ran.code == 3
    assert "UNDECIDED" in ran.out


def test_colors(cli, release, line):
    assert "\x1b[1;32mVERIFIED" in cli("chain", *line, "--public-key", release.pub, "--color", "always").out


def test_wrong_calls(cli, release, line):
    assert cli("chain", "--public-key", release.pub).code == 2
    assert cli("chain", *line).code == 2
    assert cli("chain", *line, "nowhere.json", "--public-key", release.pub).code == 2
    assert cli("chain", *line, "--public-key", release.pub, "--require-signatures", "2").code == 2
    assert cli("chain", *line, "--public-key", release.pub, "-f", "xml").code == 2


def test_no_configuration_is_looked_for(cli, release, line, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data-sbom.toml").write_text(f'[chain]\npublic-key = ["{release.pub}"]\n')
    assert cli("chain", *line).code == 2
    assert cli("chain", *line, "--config", tmp_path / "data-sbom.toml").code == 0
