"""What differs between two lineages, and which files come from what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sbom.lineage import compare as comparing
from sbom.lineage.compare import ADDED, CHANGED, REMOVED, Detail, LineageChange, StepChange, compare
from sbom.model import Dataset, FileEntry
from sbom.provenance import Provenance, Source
from sbom.transformation import (
    DECLARED,
    OBSERVED,
    Edge,
    Lineage,
    Observation,
    Revision,
    Script,
    Software,
    Step,
    Upstream,
    Word,
)

SEEN = (Word(OBSERVED),)
ONE, TWO = "1" * 64, "2" * 64
PATHS = ("test.csv", "train.csv")


def edge(name, sha256=ONE):
    return Edge(name, SEEN, sha256, 1)


CLEAN = Step(
    "clean",
    "clean.step.json",
    commands=("python clean.py",),
    argv=("python", "clean.py"),
    directory="src",
    scripts=(Script("clean.py", ONE),),
    inputs=(edge("raw.csv"),),
    outputs=(edge("clean.csv"),),
    parameters=(("seed", "7"),),
    software=(Software("library", "scikit-learn", "1.5", "pkg:pypi/scikit-learn@1.5"),),
    revision=Revision("a" * 40, dirty=False),
    actor="Jane",
    started="2026-01-01T00:00:00Z",
    finished="2026-01-01T00:00:01Z",
    exit_code=0,
    observation=Observation("strace", complete=True),
    envelope="{}",
)
SPLIT = Step("split", "dvc.yaml", inputs=(edge("clean.csv"),), outputs=(edge("data/test.csv"), edge("data/train.csv")))


def dataset(*steps, sources=(), **lineage):
    files = tuple(FileEntry(path, 1, (("SHA-256", ONE),)) for path in PATHS)
    made = Lineage("data", steps, **{"level": OBSERVED} | lineage)
    return Dataset("d", "1", files, "0" * 64, provenance=Provenance(sources=sources), lineage=made)


def changed(old, new, files=PATHS):
    return compare(dataset(*old), dataset(*new), files).steps


def test_nothing_differs():
    again = CLEAN._replace(started="2027-01-01T00:00:00Z", finished=None, origin="x", envelope='{"other": 1}')
    assert not compare(dataset(CLEAN, SPLIT), dataset(SPLIT, again), PATHS)
    assert not LineageChange()
    assert not compare(Dataset("d", "1", (), ""), Dataset("d", "2", (), ""), ())


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ({"scripts": (Script("clean.py", TWO),)}, [("script", "clean.py", ONE, TWO)]),
        ({"scripts": (Script("clean.py"),)}, [("script", "clean.py", ONE, "unknown")]),
        (
            {"scripts": (Script("evil.py", ONE),)},
            [("script", "clean.py", ONE, None), ("script", "evil.py", None, ONE)],
        ),
        ({"parameters": (("seed", "8"),)}, [("parameter", "seed", "7", "8")]),
        ({"parameters": ()}, [("parameter", "seed", "7", None)]),
        ({"software": ()}, [("package", "scikit-learn", "1.5", None)]),
        (
            {"software": (Software("library", "scikit-learn", "1.6", "pkg:pypi/scikit-learn@1.6"),)},
            [("package", "scikit-learn", "1.5", "1.6")],
        ),
        (
            {"software": (Software("library", "scikit-learn", "1.5", "pkg:evil/scikit-learn@1.5"),)},
            [("package", "scikit-learn", "1.5", "1.5 (pkg:evil/scikit-learn@1.5)")],
        ),
        (
            {"software": (*CLEAN.software, Software("application", "scikit-learn"))},
            [("package", "scikit-learn", "1.5", "1.5, unknown")],
        ),
        ({"commands": ("python clean.py -x",)}, [("command", "", "python clean.py", "python clean.py -x")]),
        ({"argv": ("python", "-c", "1")}, [("arguments", "", "python clean.py", "python -c 1")]),
        ({"directory": ""}, [("directory", "", "src", None)]),
        (
            {"revision": Revision(None, dirty=None)},
            [("commit", "", f"{'a' * 40} without changes", "unknown perhaps with changes")],
        ),
        ({"revision": None, "actor": None}, [("commit", "", f"{'a' * 40} without changes", None), ("run by", "", "Jane", None)]),
        ({"exit_code": 1}, [("exit code", "", "0", "1")]),
        (
            {"observation": Observation("snapshot", complete=False, gaps=("x",))},
            [("observation", "", "strace, complete", "snapshot, incomplete")],
        ),
        ({"envelope": None}, [("record", "", "signed", "not signed")]),
        ({"inputs": (edge("raw.csv", TWO),)}, [("input", "raw.csv", ONE, TWO)]),
        (
            {"outputs": (edge("clean.csv", None), Edge("s3://b/x", (Word(DECLARED, "a:1"),)))},
            [("output", "clean.csv", ONE, "unknown"), ("output", "s3://b/x", None, DECLARED)],
        ),
    ],
)  # fmt: skip
def test_each_thing_of_a_step(change, details):
    (step,) = changed([CLEAN, SPLIT], [CLEAN._replace(**change), SPLIT])
    assert (step.name, step.state) == ("clean", CHANGED)
    assert step.details == tuple(Detail(*one) for one in details)


def test_a_step_that_is_no_longer_recorded():
    bare = Step("clean", "dvc.yaml", inputs=CLEAN.inputs, outputs=CLEAN.outputs)
    (step,) = changed([CLEAN], [bare])
    assert Detail("known from", "", "a recorded run", "dvc.yaml") in step.details
    assert {detail.what for detail in step.details} >= {"record", "observation", "script", "arguments"}


def test_the_files_that_come_from_it():
    new = CLEAN._replace(scripts=())
    assert changed([CLEAN, SPLIT], [new, SPLIT])[0].files == PATHS
    assert changed([CLEAN, SPLIT], [new, SPLIT], ["train.csv"])[0].files == ("train.csv",)
    whole = SPLIT._replace(outputs=(Edge("data/", SEEN),))
    assert changed([CLEAN, whole], [new, whole])[0].files == PATHS
    assert changed([CLEAN], [new])[0].files == ()


def test_steps_that_come_and_go():
    extra = SPLIT._replace(name="extra")
    assert changed([CLEAN, SPLIT], [CLEAN, extra]) == (
        StepChange("extra", ADDED, (), PATHS),
        StepChange("split", REMOVED, (), PATHS),
    )


def test_a_loop_ends():
    a = Step("a", "x", inputs=(edge("2"),), outputs=(edge("1"),))
    b = Step("b", "x", inputs=(edge("1"),), outputs=(edge("2"), edge("data/test.csv")))
    assert changed([a, b], [a._replace(parameters=(("x", "1"),)), b])[0].files == ("test.csv",)


def test_too_many_to_follow_is_said(monkeypatch):
    monkeypatch.setattr(comparing, "_MAX_FOLLOWED", 4)
    new = [CLEAN._replace(scripts=()), SPLIT._replace(parameters=(("x", "1"),))]
    assert [step.files for step in changed([CLEAN, SPLIT], new)] == [None, None]


def test_sources():
    url = "https://example.org/raw.csv"
    old = (Source(url, "m", path="raw.csv", digests=(("SHA-256", ONE),)), Source(url, "m"))
    new = (Source(url, "m", path="raw.csv", digests=(("SHA-256", TWO),)), Source(url, "m"))
    said = Source(url, "m", path="train.csv", digests=(("MD5", "0" * 32),))
    difference = compare(dataset(sources=old[:0]), dataset(sources=(said,)), ())
    assert difference.sources == (Detail("source", f"data/train.csv from {url}", None, "unknown"),)
    difference = compare(
        replace(dataset(), lineage=Lineage("", (), (), old)), replace(dataset(), lineage=Lineage("", (), (), new)), ()
    )
    assert difference.sources == (Detail("source", f"raw.csv from {url}", ONE, TWO),)
    assert not difference.steps


def test_other_datasets():
    birds = Upstream("urn:uuid:x", 1, ONE, "birds", "1.0", None)
    difference = compare(dataset(upstream=(birds,)), dataset(upstream=(birds._replace(sha256=TWO, release=None),)), ())
    assert difference.upstream == (
        Detail("upstream", "birds", f"1.0 (document sha256 {ONE})", f"(document sha256 {TWO})"),
    )


def test_claims():
    assert compare(dataset(CLEAN), dataset(CLEAN, level=DECLARED), ()).claims == (
        Detail("level", "", OBSERVED, DECLARED),
    )
    gone = compare(dataset(CLEAN), replace(dataset(), lineage=Lineage()), ())
    assert [(one.what, one.new) for one in gone.claims] == [("level", None), ("place in the workspace", None)]
    assert [step.state for step in gone.steps] == [REMOVED]
