from __future__ import annotations

import json

import pytest

from sbom import api


@pytest.fixture
def newer(release):
    """The next release of ``release``: a changed file, a new one, a renamed one."""
    (release.data / "train" / "0002.csv").write_bytes(b"species,mass\nChinstrap,3500\nChinstrap,3600\n")
    (release.data / "new.txt").write_text("new")
    (release.data / "blob.bin").rename(release.data / "data.bin")
    bom = api.generate(release.data, version="1.1.0", previous=release.bom, previous_keys=[release.pub], cache=False)
    path = release.home / "newer.cdx.json"
    bom.write(path)
    return path


def test_table(cli, release, newer):
    ran = cli("diff", release.bom, newer)
    assert ran.code == 0, ran.text
    for words in ("MODIFIED    train/0002.csv", "rows 1 → 2 (+1)", "ADDED       new.txt", "RENAMED     blob.bin"):
        assert words in ran.out
    assert "NEW names OLD as its predecessor" in ran.out
    assert "not verified" in ran.out
    assert ran.err == ""


def test_exit_code(cli, release, newer):
    assert cli("diff", release.bom, newer, "--exit-code").code == 1
    assert cli("diff", release.bom, release.bom, "--exit-code").code == 0


def test_json(cli, release, newer):
    value = json.loads(cli("diff", release.bom, newer, "-f", "json").out)
    assert (value["verified"], value["different"], value["relation"]) == (False, True, "new-follows-old")
    assert [entry["path"] for entry in value["added"]] == ["new.txt"]
    back = json.loads(cli("diff", newer, release.bom, "-f", "json").out)
    assert back["relation"] == "old-follows-new"
    assert [entry["path"] for entry in back["removed"]] == ["new.txt"]


def test_a_predecessor_that_was_signed_again_is_noticed(cli, release, newer):
    again = release.home / "again.cdx.json"
    again.write_bytes(release.bom.read_bytes() + b"\n")
    value = json.loads(cli("diff", again, newer, "-f", "json").out)
    assert value["relation"] == "old-was-replaced"


def test_markdown(cli, release, newer):
    ran = cli("diff", release.bom, newer, "-f", "markdown")
    assert ran.out.startswith("## data-sbom diff: DIFFERENT")


def test_errors_are_not_differences(cli, release, tmp_path):
    (tmp_path / "x.json").write_text("x")
    (tmp_path / "y.json").write_text("{}")
    assert cli("diff", release.bom, tmp_path / "x.json", "--exit-code").code == 3
    assert cli("diff", tmp_path / "y.json", release.bom).code == 1
    assert cli("diff", release.bom, "nowhere").code == 2
    assert cli("diff", release.bom).code == 2
    assert cli("diff", release.bom, release.bom, "-f", "sarif").code == 2


def test_a_script_that_changed(cli, release):
    (release.home / "Makefile").write_text("data/blob.bin: make.sh\n\tsh make.sh\n")
    boms = []
    for name in ("old", "new"):
        (release.home / "make.sh").write_text(f"echo {name} > data/blob.bin\n")
        boms.append(release.home / f"{name}.json")
        api.generate(release.data, workspace=release.home, cache=False).write(boms[-1])
    ran = cli("diff", *boms, "--exit-code")
    assert ran.code == 1, ran.text
    assert "STEP        data/blob.bin   changed; no file that differs comes from it" in ran.out
    assert "script make.sh   sha256" in ran.out
