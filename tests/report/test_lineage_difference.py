"""The lineage part of ``diff``, in each format."""

from __future__ import annotations

import json

import pytest

from sbom import api
from sbom.cyclonedx import write
from sbom.diff import compare
from sbom.lineage.compare import CHANGED, Detail, LineageChange, StepChange
from sbom.model import Dataset, FileEntry
from sbom.report import lineage_difference
from sbom.report.difference import Side, render
from sbom.transformation import DECLARED, OBSERVED, Edge, Lineage, Observation, Script, Step, Word

ONE, TWO = "1" * 64, "2" * 64
HOSTILE = "\x1b[31m|`<b>\u202e\n ::error::x @me"


def side(path, script, level=OBSERVED, content=ONE, name="clean"):
    seen = (Word(OBSERVED),)
    step = Step(
        name,
        "x",
        scripts=(Script("clean.py", script, 1),),
        outputs=(Edge("data/train.csv", seen, content, 1),),
        started="2026-01-01T00:00:00Z",
        finished="2026-01-01T00:00:00Z",
        exit_code=0,
        observation=Observation("strace", complete=True),
    )
    files = (FileEntry("train.csv", 1, (("SHA-256", content),)),)
    dataset = Dataset("d", "1", files, content, lineage=Lineage("data", (step,), level=level))
    origin = write.Origin("1.7", "2026-01-01T00:00:00Z", "0.1.0", reproducible=False)
    return Side(path, api.Bom(write.build(dataset, origin), dataset, sha256=path[0].encode().hex() * 32))


def text(old, new, format_name="table"):
    return render(compare(old.bom.dataset, new.bom.dataset), old, new, format_name)


def test_table():
    lines = text(side("o", ONE), side("n", TWO, content=TWO)).splitlines()
    assert "STEP        clean   changed; files that differ and come from it: train.csv" in lines
    assert "            script clean.py   sha256 111111… → sha256 222222…" in lines
    assert "            output data/train.csv   sha256 111111… → sha256 222222…" in lines
    assert any(line.endswith("· 1 step changed") for line in lines)
    assert "STEP" not in text(side("o", ONE), side("n", ONE))


def test_lineage_alone_is_a_difference():
    old, new = side("o", ONE), side("n", ONE, level=DECLARED)
    assert compare(old.bom.dataset, new.bom.dataset).different
    assert "LINEAGE     level   observed → declared" in text(old, new)
    assert "DIFFERENT" in text(old, new)


def test_markdown():
    out = text(side("o", ONE), side("n", TWO), "markdown")
    assert "### Lineage" in out
    assert "| STEP | `clean` | changed; no file that differs comes from it |" in out
    assert "|  | `script clean.py` | sha256 111111… → sha256 222222… |" in out
    assert "### Lineage" not in text(side("o", ONE), side("n", ONE), "markdown")


def test_json():
    value = json.loads(text(side("o", ONE), side("n", TWO), "json"))
    assert value["different"] is True
    detail = {"what": "script", "name": "clean.py", "old": ONE, "new": TWO}
    step = {"name": "clean", "state": "changed", "details": [detail], "files": []}
    assert value["lineage"] == {"claims": [], "steps": [step], "sources": [], "upstream": []}


def test_long_lists_are_cut_and_counted():
    details = tuple(Detail("script", f"{n}.py", None, ONE) for n in range(20))
    step = StepChange("clean", CHANGED, details, None)
    sources = tuple(Detail("source", f"{n}", "x", None) for n in range(30))
    upstream = (Detail("upstream", "birds", "1", "2"),)
    change = LineageChange(steps=(step,), sources=sources, upstream=upstream)
    lines = lineage_difference.lines(change, 20)
    assert lines[0].what == "changed; there are too many steps to say which files come from it"
    assert lines[1] == ("", "script 0.py", "new: sha256 111111…")
    assert lines[13].what == "and 8 more of this step (-f json lists all)"
    assert lines[14] == ("SOURCE", "0", "gone: x")
    assert lines[20].what == "and 25 more (-f json lists all)"
    assert len(lines) == 21
    assert lineage_difference.lines(change, 100)[-1] == ("UPSTREAM", "birds", "1 → 2")
    assert lineage_difference.summary(change) == ["1 step changed", "30 sources changed", "1 upstream dataset changed"]
    assert len(lineage_difference.as_dict(change)["steps"][0]["details"]) == 20
    assert lineage_difference.as_dict(change)["steps"][0]["files"] is None


@pytest.mark.parametrize("format_name", ["table", "markdown"])
def test_hostile_texts(format_name):
    details = (Detail("parameter", HOSTILE, HOSTILE, HOSTILE), Detail("command", "", HOSTILE, HOSTILE))
    change = LineageChange(steps=(StepChange(HOSTILE, CHANGED, details, (HOSTILE,)),))
    lines = lineage_difference.lines(change, 20)
    out = "\n".join(" ".join(line) for line in lines)
    if format_name == "markdown":
        out = "\n".join(lineage_difference.markdown(change, 20))
        assert "<b>" not in out
    assert not {"\x1b", "\u202e"}.intersection(out)
    assert out.count("\n") == (2 if format_name == "table" else 6)
    assert " ::error" not in out
