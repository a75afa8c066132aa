"""``crawl``: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[2] / "schemas" / "crawl-report.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
CARD = "---\nlicense: mit\n---\n"


def tree_of(root: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def data(tmp_path):
    root = tmp_path / "birds"
    (root / "sub").mkdir(parents=True)
    (root / "a.csv").write_bytes(b"x\n")
    (root / "sub" / "b.csv").write_bytes(b"y\n")
    (root / "README.md").write_text(CARD, encoding="utf-8")
    (root / "SHA256SUMS").write_text(f"{sha256(b'x' + bytes([10])).hexdigest()}  a.csv\n", encoding="utf-8")
    return root


def wrong(data: Path) -> None:
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n", encoding="utf-8")


def test_a_table_on_standard_output_and_nothing_else_anywhere(cli, data):
    before = tree_of(data)
    ran = cli("crawl", data)
    assert (ran.code, ran.err) == (0, "")
    assert "licence: mit  (README.md)" in ran.out
    assert "declared hashes: 1 match" in ran.out
    assert tree_of(data) == before


@pytest.mark.parametrize("flag", ["-f", "--format"])
def test_json(cli, data, flag):
    ran = cli("crawl", data, flag, "json")
    value = json.loads(ran.out)
    VALIDATOR.validate(value)
    assert value["data"] == str(data)
    assert value["states"] == {"match": 1}


@pytest.mark.parametrize(("flags", "code"), [([], 0), (["--exit-code"], 1), (["--exit-code", "-f", "json"], 1)])
def test_a_mismatch(cli, data, flags, code):
    wrong(data)
    ran = cli("crawl", data, *flags)
    assert ran.code == code
    assert "mismatch" in ran.out
    if "json" in flags:
        VALIDATOR.validate(json.loads(ran.out))


def test_what_is_rejected_counts_too(cli, data):
    (data / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", encoding="utf-8")
    assert cli("crawl", data).code == 0
    ran = cli("crawl", data, "--exit-code")
    assert ran.code == 1
    assert "REJECTED  bagit.txt" in ran.out


def test_where_all_is_well_or_only_absent_it_ends_with_0(cli, data):
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  gone\n", encoding="utf-8")
    ran = cli("crawl", data, "--exit-code")
    assert ran.code == 0
    assert "DECLARED, DATA ABSENT  gone" in ran.out


def test_include_and_exclude(cli, data):
    wrong(data)
    assert json.loads(cli("crawl", data, "-f", "json", "--exclude", "SHA256SUMS").out)["states"] == {}
    value = json.loads(cli("crawl", data, "-f", "json", "--include", "*SUMS").out)
    assert value["states"] == {"data-absent": 1}
    assert [one["reader"] for one in value["manifests"]] == ["checksums"]


def test_a_manifest_elsewhere(cli, data, tmp_path):
    other = tmp_path / "other.md5"
    other.write_text(f"{'0' * 32}  birds/sub/b.csv\n", encoding="utf-8")
    ran = cli("crawl", data, "--manifest", other, "--exit-code")
    assert ran.code == 1
    assert "MISMATCH  sub/b.csv  MD5" in ran.out
    ran = cli("crawl", data, "--manifest", tmp_path / "gone")
    assert ran.code == 2
    assert ran.out == ""
    assert "correct --manifest" in ran.err


def test_a_link_out_of_the_data(cli, data, tmp_path):
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\ntitle: T\nmessage: m\nauthors: []\n", encoding="utf-8")
    os.symlink(tmp_path / "CITATION.cff", data / "CITATION.cff")
    assert cli("crawl", data).code == 1
    ran = cli("crawl", data, "--follow-symlinks")
    assert ran.code == 0
    assert "cff" in ran.out


def test_a_manifest_that_is_a_link_inside(cli, data):
    (data / "sub" / "card").write_text("---\nlicense: cc0-1.0\n---\n", encoding="utf-8")
    os.remove(data / "README.md")
    os.symlink("sub/card", data / "README.md")
    assert "licence: cc0-1.0  (README.md)" in cli("crawl", data).out


@pytest.mark.parametrize("arguments", [["-f", "xml"], ["--nonsense"], ["--exclude", "../x"]])
def test_wrong_usage(cli, data, arguments):
    ran = cli("crawl", data, *arguments)
    assert ran.code == 2
    assert ran.out == ""


def test_what_cannot_be_crawled(cli, tmp_path):
    assert cli("crawl", tmp_path / "gone").code == 2
    (tmp_path / "empty").mkdir()
    assert cli("crawl", tmp_path / "empty").code == 1


def test_nothing_in_a_manifest_steers_a_terminal_or_a_log(cli, data):
    text = (
        "---\nlicense: |\n  \\e[2J\x7f\n  ::error::x\nlanguage: ['\u202een', '##[add-path]x']\npretty_name: [{}]\n---\n"
    )
    (data / "README.md").write_text(text.replace("\x7f", ""), encoding="utf-8")
    (data / "::error::.md5").write_text("zz\n", encoding="utf-8")
    (data / "\u202ex.md5").write_text("0 0\n", encoding="utf-8")
    (data / "##[command]x.sha1").write_text(f"{'0' * 40}  ::notice::y\n", encoding="utf-8")
    for flags in ([], ["-f", "json"]):
        ran = cli("crawl", data, *flags)
        assert ran.code == 0, ran.text
        assert all(line.isprintable() for line in ran.text.split("\n"))
        if not flags:
            assert "\u202e" not in ran.text
            assert not any(line.lstrip().startswith("::") for line in ran.text.split("\n"))
            assert "##[" not in ran.text
