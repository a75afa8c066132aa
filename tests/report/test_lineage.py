"""How a dataset came about, as ``inspect`` and ``generate`` tell it."""

from __future__ import annotations

import json

import pytest

from sbom.model import Dataset
from sbom.provenance import Source
from sbom.report import lineage as reporting
from sbom.report.jsontext import dumps
from sbom.transformation import (
    DECLARED,
    NONE,
    OBSERVED,
    Edge,
    Lineage,
    Observation,
    Revision,
    Rows,
    Script,
    Software,
    Step,
    Upstream,
    Word,
)

A = "a" * 64
CLEAN = Step(
    "clean",
    "clean.step.json",
    commands=("python clean.py",),
    scripts=(Script("clean.py", A, 3),),
    inputs=(Edge("raw.csv", (Word(OBSERVED),), A, 1), Edge("x.csv", (Word(DECLARED, "dvc.yaml:1"),))),
    outputs=(Edge("data/x.csv", (Word(OBSERVED),), A, 1),),
    parameters=(("seed", "7"),),
    software=(Software("library", "pandas", "2.2"),),
    revision=Revision("c" * 40, dirty=True),
    actor="Jane",
    started="2026-01-01T00:00:00Z",
    finished="2026-01-01T00:00:01Z",
    exit_code=3,
    observation=Observation("strace", complete=False, gaps=("x",)),
    envelope="{}",
)
SPLIT = Step("split", "dvc.yaml", outputs=(Edge("y", (Word(DECLARED, "dvc.yaml:2"),)),))
BIRDS = Upstream("urn:uuid:x", 1, A, "birds", "7", "up")


def dataset(*steps, **more):
    return Dataset("d", "1", (), "0" * 64, lineage=Lineage("data", steps, **more))


def text(made):
    return "\n".join(f"{label}: {line}" for label, lines in reporting.blocks(made) for line in lines)


@pytest.mark.parametrize(
    ("lineage", "line"),
    [
        (Lineage(), "unknown: no step that made it was recorded or declared"),
        (Lineage("", (CLEAN,)), "1 recorded step"),
        (Lineage("", (CLEAN, SPLIT, SPLIT)), "1 recorded step, 2 steps read from pipelines and scripts"),
        (Lineage("", (SPLIT,), (BIRDS,)), "1 step read from pipelines and scripts, 1 upstream dataset"),
        (Lineage("", (), (), (Source("https://x", "m"),)), "1 source"),
    ],
)
def test_headline(lineage, line):
    assert reporting.headline(lineage) == line


def test_blocks():
    said = text(dataset(CLEAN, SPLIT, upstream=(BIRDS, BIRDS._replace(release=None)), level=DECLARED))
    for line in (
        "lineage: declared: every file comes from a step that was recorded or declared",
        "step 1: clean · recorded at 2026-01-01T00:00:01Z by Jane (strace, incomplete), the record is signed, ended with exit code 3",
        "step 1: runs python clean.py",
        "step 1: reads raw.csv, x.csv (declared)",
        "step 1: writes data/x.csv",
        "step 1: by clean.py at commit cccccccccc…, with changes that are not committed",
        "step 2: split · from dvc.yaml",
        "step 2: writes y (declared)",
        "upstream: birds 7, document sha256 aaaaaaaaaaaaaaaa…",
        "upstream: birds, document sha256 aaaaaaaaaaaaaaaa…",
    ):
        assert line in said
    assert text(dataset()).startswith("lineage: unknown")


@pytest.mark.parametrize(
    ("revision", "end"),
    [
        (None, "by clean.py"),
        (Revision(None, dirty=None), "by clean.py"),
        (Revision("c" * 40, dirty=False), "cccccccccc…"),
        (Revision("c" * 40, dirty=None), "unknown whether unchanged"),
    ],
)
def test_commits(revision, end):
    bare = CLEAN._replace(revision=revision, actor=None, finished=None, exit_code=0, envelope=None)
    bare = bare._replace(observation=Observation("strace", complete=True))
    said = text(dataset(bare, level=OBSERVED))
    assert said.endswith(end)
    assert "clean · recorded (strace, complete)\n" in said


def test_many_steps_are_counted():
    said = text(dataset(*(SPLIT._replace(name=str(number)) for number in range(25)), level=NONE))
    assert said.endswith("and 5 steps more (-f json lists all)")


def test_json():
    rows = (Rows("data/x.csv", A, b"\0" * 16),)
    value = json.loads(
        dumps(
            reporting.as_dict(dataset(CLEAN, SPLIT, upstream=(BIRDS,), sources=(Source("https://x", "m"),), rows=rows))
        )
    )
    clean, split = value["steps"]
    assert (clean["signed"], split["signed"]) == (True, False)
    assert "envelope" not in clean
    assert clean["parameters"] == {"seed": "7"}
    assert clean["inputs"][1]["words"] == [{"kind": "declared", "where": "dvc.yaml:1"}]
    assert (clean["revision"]["dirty"], split["revision"], split["observation"]) == (True, None, None)
    assert value["upstream"][0]["name"] == "birds"
    assert value["sources"][0]["url"] == "https://x"
    assert value["tables_with_row_digests"] == ["data/x.csv"]


def test_hostile_names():
    evil = CLEAN._replace(name="\x1b[31m\u202e", commands=("\x1b\n::error::",), actor="\x9b")
    assert not {"\x1b", "\u202e", "\x9b"}.intersection(text(dataset(evil)))
