from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from sbom.model import ReleaseLink
from sbom.report.releases import FORMAT, render
from sbom.verification.chain import Release
from sbom.verification.releasechain import ChainVerification
from sbom.verification.report import SignerResult

HOSTILE = "\x1b[31m|`<b>\u202e\n::error::x @me"
SIGNER = SignerResult("9f2c" + "0" * 60, "release", "Ed25519", "valid")
LINK = ReleaseLink("urn:uuid:1", 1, "a" * 64, "penguins", "1.0")
ONE = Release("1.json", "a" * 64, "urn:uuid:1", 1, "penguins", "1.0", "b" * 64, None, "1.7", "2026-01-01T00:00:00Z")
TWO = Release("2.json", "c" * 64, "urn:uuid:2", 1, "penguins", None, "d" * 64, LINK, signers=(SIGNER,))


@pytest.fixture
def good(samples):
    return ChainVerification(replace(samples.good, data=""), (ONE, TWO), ())


@pytest.fixture
def bad(samples):
    finding = samples.finding("signature.threshold", "FAIL", "3.json", "nobody signed it")
    report = samples.report(
        samples.check("signature.threshold", "fail", finding),
        samples.check("chain.continuity", "fail", sentence="the chain forks"),
        samples.check("chain.previous", "error", sentence="it could not be read"),
        notes=("a note",),
    )
    return ChainVerification(report, (ONE,), (TWO,))


def test_table(good):
    lines = render(good, "table").splitlines()
    expected = "1  penguins  1.0  2026-01-01T00:00:00Z  root bbbbbbbbbbbb…  document aaaaaaaaaaaa…  1.json"
    assert lines[0] == expected
    assert re.sub(" +", " ", lines[1]) == "2 penguins – – root dddddddddddd… document cccccccccccc… 2.json"  # noqa: RUF001
    assert lines[2].startswith("VERIFIED  2 releases in one line · newest penguins 1.2.0 · root 06c04e… · signature")
    assert "data-sbom verify does that" in lines[3]


def test_a_dataset_without_version(good):
    unversioned = good._replace(report=replace(good.report, dataset=replace(good.report.dataset, version=None)))
    assert "newest penguins · root" in render(unversioned, "table")


def test_failure(bad):
    text = render(bad, "table")
    lines = text.splitlines()
    assert lines[1].startswith("–  penguins")  # noqa: RUF001  # a dash is meant
    assert "FAIL      3.json   nobody signed it" in lines
    assert "FAIL      chain.continuity   the chain forks" in lines
    assert "ERROR     chain.previous   it could not be read" in lines
    assert any(line.startswith("FAILED    3 problems · last of the line penguins 1.2.0") for line in lines)
    assert "see data-sbom explain signature.threshold" in text
    assert "note: a note" in text


def test_undecided_without_any_release(samples):
    report = samples.report(samples.check("bom.parse", "error"), dataset=None)
    text = render(ChainVerification(report, (), ()), "table")
    assert text.splitlines()[1].startswith("UNDECIDED 1 problem · signature")


def test_colors(good, bad, samples):
    undecided = ChainVerification(samples.report(samples.check("bom.parse", "error")), (), ())
    for verified, code in ((good, "1;32"), (bad, "1;31"), (undecided, "1;33")):
        colored = render(verified, "table", color=True)
        assert f"\x1b[{code}m" in colored
        assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == render(verified, "table")


def test_json(good, bad):
    value = json.loads(render(good, "json"))
    assert (value["format"], value["verdict"], value["exit_code"]) == (FORMAT, "verified", 0)
    assert [release["path"] for release in value["releases"]] == ["1.json", "2.json"]
    assert value["releases"][0]["predecessor"] is None
    assert value["releases"][1]["predecessor"]["sha256"] == "a" * 64
    assert value["releases"][1]["timestamp"] is None
    assert value["releases"][1]["signers"][0]["label"] == "release"
    assert value["report"]["verdict"] == "verified"
    value = json.loads(render(bad, "json"))
    assert [release["path"] for release in value["outside"]] == ["2.json"]


def test_markdown(good, bad):
    text = render(good, "markdown")
    assert text.startswith("## data-sbom chain: VERIFIED\n")
    assert "| 1 | `penguins` | `1.0` |" in text
    assert "problem" not in text
    text = render(bad, "markdown")
    assert "### 3 problems" in text
    assert "| `signature.threshold` | `3.json` | nobody signed it |" in text


@pytest.mark.parametrize(("format_name", "cap"), [("table", 20), ("markdown", 100)])
def test_long_lists_are_cut_and_counted(samples, format_name, cap):
    found = [samples.finding("bom.parse", "FAIL", f"{n}.json", "it is broken") for n in range(150)]
    report = samples.report(samples.check("bom.parse", "fail", *found))
    text = render(ChainVerification(report, (), ()), format_name)
    assert text.count("it is broken") == cap
    assert f"and {150 - cap} more (-f json lists all)" in text


@pytest.mark.parametrize("format_name", ["table", "json", "markdown"])
def test_hostile_texts(samples, format_name):
    release = Release(
        HOSTILE, "a" * 64, HOSTILE, 1, HOSTILE, HOSTILE, "b" * 64, LINK, timestamp=HOSTILE, signers=(SIGNER,)
    )
    text = render(ChainVerification(samples.hostile(HOSTILE), (release,), (release,)), format_name)
    assert all(line.isprintable() for line in text.split("\n"))
    if format_name == "markdown":
        bare = re.sub(r"`[^`|\\]*`", "", text)
        assert "<b>" not in bare
        assert "@me" not in bare
