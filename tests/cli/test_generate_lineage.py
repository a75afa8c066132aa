"""``generate`` with records, sources and the documents of other datasets."""

from __future__ import annotations

import hashlib
import json

import pytest

from sbom import generation
from sbom.lineage import statement
from sbom.signing import keys
from sbom.transformation import OBSERVED, Edge, Observation, Step, Word

SEEN = (Word(OBSERVED),)


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def made(release):
    """A dataset that a recorded step made of a file of ``release``, which lies at ``data`` in the workspace."""
    out = release.home / "out"
    out.mkdir()
    (out / "x.csv").write_text("x\n")
    read = Edge("data/train/0001.csv", SEEN, sha(release.data / "train" / "0001.csv"), 1)
    step = Step(
        "make",
        "",
        inputs=(read,),
        outputs=(Edge("out/x.csv", SEEN, sha(out / "x.csv"), 2),),
        started="2026-01-01T00:00:00Z",
        finished="2026-01-01T00:00:00Z",
        exit_code=0,
        observation=Observation("strace", complete=True),
    )
    (release.home / "make.step.json").write_bytes(statement.dump(step))
    return out


def generate(cli, release, made, *more):
    """Generate without a signature; return how it ended, and the lineage that the document states."""
    bom = release.home / "made.cdx.json"
    words = ("generate", made, "-o", bom, "--workspace", release.home, "--step", release.home / "make.step.json")
    ran = cli(*words, "--no-cache", "--no-crawl", *more)
    if ran.code:
        return ran, None
    return ran, json.loads(cli("inspect", bom, "-f", "json").out)["lineage"]


def test_another_dataset(cli, release, made):
    ran, lineage = generate(cli, release, made, "--source-bom", release.bom, "--upstream-key", release.pub)
    assert "lineage observed: 1 recorded step, 1 upstream dataset" in ran.text
    (named,) = lineage["upstream"]
    assert (named["name"], named["prefix"], named["sha256"]) == ("penguins", "data", sha(release.bom))
    assert "was not checked" not in ran.text


def test_without_a_key_nobody_vouches_for_it(cli, release, made):
    ran, lineage = generate(cli, release, made, "--source-bom", release.bom)
    assert "its signature was not checked; give --upstream-key PUB" in ran.err
    assert lineage["level"] == OBSERVED


def test_without_it_the_chain_has_a_gap(cli, release, made):
    assert generate(cli, release, made)[1]["level"] == "none"


def test_a_source_fills_it(cli, release, made):
    ran, lineage = generate(cli, release, made, "--source", "data/train/0001.csv=https://example.org/a.csv")
    assert (ran.code, lineage["level"]) == (0, OBSERVED)
    assert generate(cli, release, made, "--source", "none.csv=https://example.org/a.csv")[0].code == 2
    assert generate(cli, release, made, "--source", "data/train/0001.csv=a.csv")[0].code == 2


def test_a_document_that_does_not_verify(cli, release, made):
    stranger = keys.write_pair(release.home / "stranger", keys.generate(), None)[1]
    for key in ((), ("--upstream-key", release.pub)):
        (release.home / "bad.json").write_bytes(
            release.bom.read_bytes().replace(b'"train/0001.csv"', b'"train/9999.csv"')
        )
        ran, _ = generate(cli, release, made, "--source-bom", release.home / "bad.json", *key)
        assert ran.code == 1
        assert "the upstream dataset does not verify" in ran.err
    assert generate(cli, release, made, "--source-bom", release.bom, "--upstream-key", stranger)[0].code == 1
    (release.home / "bad.json").write_text("[]")
    assert generate(cli, release, made, "--source-bom", release.home / "bad.json")[0].code in {1, 3}
    assert generate(cli, release, made, "--source-bom", release.home / "none.json")[0].code == 2


def test_what_is_linked_to_is_what_was_verified(cli, release, made, monkeypatch):
    """The file is read once: whoever swaps it after that changes nothing."""
    real = generation.documents.read_bytes
    good = release.bom.read_bytes()

    def read_bytes(path, limits):
        raw = real(path, limits)
        release.bom.write_text("{}")
        return raw

    monkeypatch.setattr(generation.documents, "read_bytes", read_bytes)
    _, lineage = generate(cli, release, made, "--source-bom", release.bom, "--upstream-key", release.pub)
    monkeypatch.undo()
    assert lineage["upstream"][0]["sha256"] == hashlib.sha256(good).hexdigest()


def test_a_record_that_is_none(cli, release, made):
    (release.home / "make.step.json").write_text("{}")
    ran, _ = generate(cli, release, made)
    assert ran.code == 1
    assert "no record of a step" in ran.err
