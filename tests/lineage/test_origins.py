"""Who wrote what: by name, order and digest."""

from __future__ import annotations

import pytest

from sbom.lineage.origins import SOURCE, STEP, UNKNOWN, UPSTREAM, Above, Origin, Origins, effective
from sbom.model import Dataset, FileEntry
from sbom.provenance import Provenance, Source
from sbom.transformation import DECLARED, OBSERVED, Edge, Lineage, Observation, Step, Upstream, Word

A, B, C = "a" * 64, "b" * 64, "c" * 64
URL = "https://example.org/x"
LINK = ("urn:uuid:x", 1)


def edge(name, sha256=A, kind=OBSERVED):
    return Edge(name, (Word(kind),), sha256, 1)


def step(name, inputs=(), outputs=(), *, complete=True):
    observation = None if complete is None else Observation("strace", complete)
    return Step(name, name, inputs=tuple(inputs), outputs=tuple(outputs), observation=observation)


def dataset(*steps, prefix="", declared=(), **lineage):
    made = Lineage(prefix, steps, **lineage)
    return Dataset("d", "1", (), "0" * 64, provenance=Provenance(sources=declared), lineage=made)


def origins(*steps, **more):
    return Origins(dataset(*steps, **more))


def test_the_last_writer_counts():
    found = origins(step("one", [], [edge("x")]), step("two", [], [edge("x", B)]), step("three", [], [edge("x")]))
    assert [one.step for one in found.writers("x")] == [0, 1, 2]
    assert found.writers("y") == ()
    assert [None if one is None else one.step for one in (found.last("x"), found.last("x", 1), found.last("x", 0))] == [
        2,
        0,
        None,
    ]
    assert found.last("y") is None
    assert found.origin("x", A, 1).written.step == 0
    assert found.origin("x", B, 1) == Origin(UNKNOWN, contradiction=found.writers("x")[0])
    assert found.later("x", B, 0) == 1
    assert (found.later("x", B, 1), found.later("x", C, 0)) == (None, None)


def test_one_writer():
    found = origins(step("one", [], [edge("x")]))
    assert found.last("x", 1).step == 0
    assert found.last("x", 0) is None
    assert found.origin("x", A) == Origin(STEP, exact=True, written=found.writers("x")[0])
    assert found.origin("x", None) == Origin(STEP, written=found.writers("x")[0])


def test_two_missing_digests_never_match():
    found = origins(step("one", [], [edge("x", None)]))
    assert not found.origin("x", None).exact
    assert not found.origin("x", A).exact


def test_directories():
    steps = [
        step("one", [], [edge("d/", None)]),
        step("two", [], [edge("d/e/", None)]),
        step("far", [], [edge("./", None)]),
    ]
    found = origins(*steps)
    assert [one.step for one in found.above("d/e/f")] == [1, 0, 2]
    assert found.covering("d/e/f", 1).step == 0
    assert found.covering("d/e/f", 0) is None
    assert found.covering("other").step == 2
    assert found.origin("d/x", A) == Origin(STEP, written=found.writers("d/")[0])
    assert list(origins().above("d/x")) == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a/b/c", ("a/b/", "a/", "./")),
        ("a/b/", ("a/", "./")),
        ("x", ("./",)),
        ("https://a/b/c", ()),
        ("ab/c", ("./",)),
        ("/".join("d" * 1_000), ("./",)),
    ],
)
def test_what_lies_above(name, found):
    above = Above(["a/", "a/b/", "./", "/".join("d" * 500) + "/"])
    assert above.of(name) == found
    assert above.of(name) == found
    assert Above([]).of(name) == ()


def test_sources():
    good = Source(URL, "m", path="x", digests=(("MD5", "0"), ("SHA-256", A)))
    found = origins(sources=(good, Source(URL, "m")))
    assert found.origin("x", A) == Origin(SOURCE, exact=True, source=good)
    assert found.origin("x", B) == Origin(UNKNOWN, source=good, stated=A)
    assert found.origin("x", None) == Origin(SOURCE, source=good)
    assert found.origin("y", A) == Origin(UNKNOWN)
    bare = Source(URL, "m", path="x")
    assert origins(sources=(bare,)).origin("x", A) == Origin(SOURCE, source=bare)
    assert origins(sources=(bare, good)).origin("x", B) == Origin(UNKNOWN, source=good, stated=A)
    assert origins(sources=(good, bare)).origin("x", B).stated == A


def test_what_a_manifest_declares_binds_nobody():
    declared = (Source(URL, "m", path="x", digests=(("SHA-256", A),)),)
    found = origins(declared=declared, prefix="data")
    assert found.origin("data/x", A).exact
    assert found.origin("data/x", B) == Origin(UNKNOWN)
    assert found.origin("x", A) == Origin(UNKNOWN)


def test_other_datasets():
    other = Dataset("u", "1", (FileEntry("x", 1, (("SHA-256", A),)),), "0" * 64)
    named = Upstream(*LINK, A, "u", "1", "raw")
    nowhere, root = named._replace(prefix=None), named._replace(prefix="")
    found = Origins(dataset(upstream=(named, nowhere)), {LINK: other})
    assert found.origin("raw/x", A) == Origin(UPSTREAM, exact=True, upstream=named, path="x")
    assert found.origin("raw/x", B) == Origin(UNKNOWN, upstream=named, path="x", stated=A)
    assert found.origin("raw/y", A) == Origin(UNKNOWN)
    assert found.origin("x", A) == Origin(UNKNOWN)
    assert found.claimed("raw/x") is None
    assert Origins(dataset(upstream=(root,)), {LINK: other}).origin("x", A).exact


def test_a_document_that_is_not_at_hand():
    named = Upstream(*LINK, A, "u", "1", "raw")
    found = Origins(dataset(upstream=(named,)))
    assert found.origin("raw/x", A) == Origin(UNKNOWN)
    assert found.claimed("raw/x") == named
    assert found.claimed("x") is None
    assert Origins(dataset(upstream=(named,)), assume=True).origin("raw/x", A).exact
    assert not Origins(dataset(upstream=(named,)), assume=True).origin("raw/x", None).exact


def test_only_what_a_complete_run_did_counts():
    edges = (edge("a"), edge("b", kind=DECLARED))
    assert effective(edges, step("s", complete=True)) == [edges[0]]
    assert effective(edges, step("s", complete=False)) == edges
    assert effective(edges, step("s", complete=None)) == edges


def test_readers():
    found = origins(step("one", [edge("x")]), step("two", [edge("x"), edge("y")]))
    assert [one.step for one in found.readers("x")] == [0, 1]
    assert found.readers("z") == ()


def test_what_is_unexplained():
    named = Upstream(*LINK, A, "u", "1", "raw")
    found = Origins(dataset(step("one", [], [edge("x")]), upstream=(named,)))
    assert "the document of u" in found.unexplained("raw/x")
    assert "step one wrote it later" in found.unexplained("x")
    assert found.unexplained("y") == "nobody says where it comes from"
