"""The rules of the chain of custody, one by one: what is a contradiction, what is a gap, and what a lineage is worth."""

from __future__ import annotations

import pytest

from sbom.lineage import custody
from sbom.lineage.custody import contributing, judge
from sbom.model import Dataset, FileEntry
from sbom.provenance import Source
from sbom.transformation import (
    DECLARED,
    LITERAL,
    NONE,
    OBSERVED,
    Edge,
    Lineage,
    Observation,
    Revision,
    Script,
    Step,
    Upstream,
    Word,
)

A, B, C = "a" * 64, "b" * 64, "c" * 64
FULL = Observation("strace", complete=True)
PART = Observation("snapshot", complete=False, gaps=("w", "x", "y", "z"))
URL = "https://example.org/x"


def seen(name, sha256=A, kind=OBSERVED, where=""):
    return Edge(name, (Word(kind, where),), sha256, 1)


def said(name, sha256=None, kind=DECLARED):
    return seen(name, sha256, kind, "dvc.yaml:2")


def ran(name, inputs=(), outputs=(), **more):
    given = {
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:00:00Z",
        "exit_code": 0,
        "observation": FULL,
    } | more
    return Step(name, name, inputs=tuple(sorted(inputs)), outputs=tuple(sorted(outputs)), **given)


def stage(name, inputs=(), outputs=()):
    return Step(name, "dvc.yaml", inputs=tuple(sorted(inputs)), outputs=tuple(sorted(outputs)))


def dataset(*steps, files=(("x", A),), prefix="", **lineage):
    entries = tuple(FileEntry(path, 1, (("SHA-256", sha256),)) for path, sha256 in files)
    return Dataset("d", "1", entries, "0" * 64, lineage=Lineage(prefix, steps, **lineage))


def said_of(*steps, **more):
    """Return the level, and ``(check, step, name, what, gap)`` of each break."""
    judged = judge(dataset(*steps, **more))
    return judged.level, [
        (one.check.removeprefix("lineage."), one.step, one.name, one.what, one.gap) for one in judged.breaks
    ]


GET = ran("get", [said(URL)._replace(words=(Word(OBSERVED),))], [seen("raw")])
MAKE = ran("make", [seen("raw")], [seen("x")])


def test_a_good_chain():
    assert said_of(GET, MAKE) == (OBSERVED, [])
    assert said_of(GET, MAKE, files=()) == (NONE, [])


CASES = {
    "not recorded": ([GET, stage("make", [said("raw")], [said("x")])], DECLARED, "steps", "make", "was not recorded", True),
    "incomplete": ([GET, MAKE._replace(observation=PART)], DECLARED, "steps", "make", "not observed completely: w; x; y", True),
    "no reason": ([GET, MAKE._replace(observation=Observation("strace", complete=False))], DECLARED, "steps", "make",
                  "it does not say why", True),
    "wrong method": ([GET, MAKE._replace(observation=Observation("audit-hook", complete=True))], DECLARED, "steps", "make",
                     "audit-hook does not see everything", True),
    "no time": ([GET, MAKE._replace(started=None)], NONE, "steps", "make", "does not say when it ran", False),
    "bad time": ([GET, MAKE._replace(started="x")], NONE, "steps", "make", "does not say when it ran", False),
    "no zone": ([GET, MAKE._replace(started="2026-01-01T00:00:00")], NONE, "steps", "make", "does not say when it ran", False),
    "backwards": ([GET, MAKE._replace(started="2026-01-02T00:00:00Z")], NONE, "steps", "make", "ended before it began", False),
    "failed": ([GET, MAKE._replace(exit_code=-9)], NONE, "steps", "make", "failed: it ended with exit code -9", False),
    "no exit code": ([GET, MAKE._replace(exit_code=None)], NONE, "steps", "make", "without an exit code", False),
    "loop of one": ([ran("make", [seen("y")], [seen("y"), seen("x")])], NONE, "steps", "make", "a loop of one", True),
    "twice": ([GET, MAKE, MAKE], NONE, "steps", "make", "is there twice", False),
    "no digest of a script": ([GET, MAKE._replace(scripts=(Script("m.py"),))], DECLARED, "scripts", "make", "ran, but has no digest", True),
    "script that was read": ([GET, MAKE._replace(scripts=(Script("raw", B),))], NONE, "scripts", "make", "also read it with", False),
    "other material": ([GET, ran("make", [seen("raw", B)], [seen("x")])], NONE, "materials", "make", "but step get wrote", False),
    "other material, declared": ([GET, stage("make", [said("raw", B)], [said("x")])], NONE, "materials", "make", "but step get wrote", True),
    "from nowhere": ([MAKE], NONE, "materials", "make", "nobody says where it comes from", True),
    "too late": ([MAKE._replace(observation=None), GET], NONE, "materials", "make", "step get wrote it later", True),
    "only seems": ([GET, stage("make", [said("raw", A, LITERAL)], [said("x")])], NONE, "materials", "make", "as only dvc.yaml:2 seems", True),
    "table": ([ran("make", [Edge("table:t", (Word(OBSERVED),))], [seen("x")])], NONE, "materials", "make", "table:t was read", True),
    "guessed directory": ([stage("make", [said("d/", None, LITERAL)], [said("x")])], NONE, "materials", "make", "as only dvc.yaml:2", True),
    "no digest read": ([GET, ran("make", [seen("raw", None)], [seen("x")])], NONE, "materials", "make", "was read, but has no digest", False),
    "no digest read, partly": ([GET, ran("make", [seen("raw", None)], [seen("x")], observation=PART)], NONE, "materials", "make",
                               "was read, but has no digest", True),
    "no digest written": ([GET, ran("make", [seen("raw")], [seen("x"), seen("y", None)])], NONE, "products", "make",
                          "was written, but has no digest", False),
    "other product": ([GET, ran("make", [seen("raw")], [seen("x", B)])], NONE, "products", "make", "but step make wrote", False),
    "no product": ([GET], NONE, "products", None, "nobody says where it comes from", True),
    "guessed product": ([GET, stage("make", [said("raw")], [said("x", None, LITERAL)])], NONE, "products", "make", "as only dvc.yaml:2", True),
    "guessed product, same": ([GET, stage("make", [said("raw")], [said("x", A, LITERAL)])], NONE, "products", "make", "as only dvc.yaml:2", True),
    "covered": ([GET, ran("make", [seen("raw")], [Edge("./", (Word(OBSERVED),))])], DECLARED, "products", "make", "nobody knows with what", True),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_rule(case):
    steps, level, check, step, what, gap = CASES[case]
    found, breaks = said_of(*steps)
    assert found == level
    named = [one for one in breaks if one[0] == check and one[1] == step and what in f"{one[2]} {one[3]}"]
    assert [one[4] for one in named[:1]] == [gap], breaks


@pytest.mark.parametrize(
    ("steps", "level", "what"),
    [
        ([GET, ran("make", [Edge("./", (Word(OBSERVED),))], [seen("x")])], DECLARED, "nobody knows its content"),
        ([GET, stage("make", [said("./")], [said("x")])], DECLARED, "was not recorded"),
        (
            [stage("get", [said(URL)], [said("d/")]), stage("make", [said("d/y")], [said("x")])],
            DECLARED,
            "was not recorded",
        ),
        ([stage("get", [said(URL)], [said("table:t")]), stage("make", [said("table:t")], [said("x")])], DECLARED, ""),
        ([stage("get", [said(URL)], [said("d/")]), stage("make", [said("d/e/")], [said("x")])], DECLARED, ""),
        ([stage("make", [said("d/e/")], [said("x")])], NONE, "nobody says where it comes from"),
    ],
)
def test_directories_and_tables(steps, level, what):
    found, breaks = said_of(*steps)
    assert found == level
    assert any(what in one[3] for one in breaks)


def test_scripts_at_one_commit():
    def at(name, sha256, commit="c" * 40, *, dirty=False, **more):
        return ran(name, **more, scripts=(Script("common.py", sha256),), revision=Revision(commit, dirty))

    parts = {"outputs": [seen("x")]}
    assert said_of(at("one", A), at("two", A, **parts))[0] == OBSERVED
    level, breaks = said_of(at("one", A), at("two", B, **parts))
    assert (level, breaks[0][:3]) == (NONE, ("scripts", "two", "common.py"))
    assert "at the same commit step one had" in breaks[0][3]
    for other in (
        at("two", B, dirty=True, **parts),
        at("two", B, dirty=None, **parts),
        at("two", B, "d" * 40, **parts),
    ):
        assert said_of(at("one", A), other)[0] == OBSERVED


def test_scripts_of_the_dataset():
    step = ran("make", outputs=[seen("d/x")], scripts=(Script("d/s.py", B),))
    level, breaks = said_of(step, files=(("s.py", A), ("x", A)), prefix="d")
    assert level == NONE
    assert ("scripts", "make", "d/s.py", f"ran with sha256 {B}, but the dataset has {A}", False) in breaks


def test_a_script_of_a_stage_is_compared_with_the_dataset_only():
    made = stage("make", [], [said("x")])._replace(scripts=(Script("s.py", B),))
    assert said_of(ran("other", outputs=[seen("s.py", A)]), made)[0] == DECLARED


def test_sources():
    source = Source(URL, "m", path="raw", digests=(("SHA-256", A),))
    assert said_of(MAKE, sources=(source,)) == (OBSERVED, [])
    level, breaks = said_of(MAKE, sources=(source._replace(digests=()),))
    assert level == DECLARED
    assert "comes from https://example.org/x, but nobody says with which SHA-256" in breaks[0][3]
    level, breaks = said_of(MAKE, sources=(source._replace(digests=(("SHA-256", B),)),))
    assert (level, breaks[0][4]) == (NONE, False)
    level, breaks = said_of(sources=(source._replace(path="x", digests=(("SHA-256", B),)),))
    assert (level, breaks) == (
        NONE,
        [("products", None, "x", f"has sha256 {A}, but what was downloaded from {URL} has {B}", False)],
    )


def test_other_datasets():
    named = Upstream("urn:uuid:x", 1, C, "birds", "1", "up")
    step = ran("make", [seen("up/raw")], [seen("x")])
    other = dataset(files=(("raw", A),))
    link = {("urn:uuid:x", 1): other}
    assert judge(dataset(step, upstream=(named,)), link).level == OBSERVED
    assert judge(dataset(step, upstream=(named,)), assume=True).level == OBSERVED
    judged = judge(dataset(step, upstream=(named,)))
    assert (judged.level, judged.breaks[0].what) == (
        NONE, "was read, but the document of birds, which it should belong to, is not at hand",
    )  # fmt: skip
    wrong = judge(dataset(step, upstream=(named,)), {("urn:uuid:x", 1): dataset(files=(("raw", B),))})
    assert "but the dataset birds has" in wrong.breaks[0].what
    twin = judge(dataset(step, upstream=(named, named._replace(sha256=B))), link)
    assert any(one.check == custody.UPSTREAMS and "two digests" in one.what for one in twin.breaks)


def test_what_a_dataset_comes_from():
    aside = ran("aside", [seen("raw")], [seen("plot")])
    assert contributing(dataset(GET, MAKE, aside)) == {"get", "make"}
    assert contributing(dataset(GET, MAKE, aside, files=(("raw", A),))) == {"get"}
    assert contributing(dataset(GET, MAKE, files=(("x", B),))) == frozenset()
    remark = aside._replace(outputs=(*aside.outputs, said("x", A)), envelope="{}", observation=PART)
    assert contributing(dataset(GET, remark)) == frozenset()
    loop = [ran("a", [seen("q")], [seen("p"), seen("x")]), ran("b", [seen("p")], [seen("q")])]
    assert contributing(dataset(*loop)) == {"a", "b"}
