"""The rules of a release chain, on releases as they would come out of trusted documents."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.cyclonedx.document import Document
from sbom.model import Dataset, ReleaseLink
from sbom.verification import chain
from sbom.verification.chain import Ignored, Release


def release(ident, version=None, previous=None, *, name="penguins", bom_link=None):
    serial, number = bom_link or (f"urn:{ident}", 1)
    return Release(f"{ident}.json", digest(ident), serial, number, name, version, "0" * 64, previous)


def digest(ident):
    return ident.encode().hex().rjust(64, "0")


def link(before, **changes):
    whole = ReleaseLink(before.serial_number, before.document_version, before.sha256, before.name, before.version)
    return whole._replace(**changes)


ONE = release("one", "1")
TWO = release("two", "2", link(ONE))
THREE = release("three", "3", link(TWO))
FOUR = release("four", "4", link(THREE))
LINE = (ONE, TWO, THREE, FOUR)
UNSEEN = Ignored("dark.json", "it cannot be read", undecided=True)


def statuses(results):
    return {result.id.removeprefix("chain."): str(result.status) for result in results}


def judged(presented, others, ignored=()):
    results = chain.check(presented, list(others), list(ignored))
    sentences = {result.id.removeprefix("chain."): result.sentence for result in results}
    return statuses(results), sentences


def whole(releases, ignored=()):
    found = chain.check_whole(list(releases), list(ignored))
    return statuses(found.results), {result.id: result.sentence for result in found.results}, found


def test_checks_are_skipped_unless_asked_for():
    assert {(str(result.status), result.required) for result in chain.not_asked()} == {("skipped", False)}
    assert {str(result.status) for result in chain.undecided("it is gone")} == {"error"}
    assert [result.id for result in chain.not_asked()] == list(chain.CHECKS)


def test_the_newest_of_a_line_holds():
    got, sentences = judged(FOUR, LINE)
    assert set(got.values()) == {"pass"}
    assert sentences["continuity"] == "4 releases in one line"
    assert sentences["rollback"].endswith("3 other releases of it known")


@pytest.mark.parametrize("others", [(), (ONE,)])
def test_a_first_release_alone_holds(others):
    got, sentences = judged(ONE, others)
    assert set(got.values()) == {"pass"}
    assert sentences["continuity"] == "1 release in one line"


@pytest.mark.parametrize("presented", LINE[:-1])
def test_an_older_release_is_a_rollback(presented):
    got, sentences = judged(presented, LINE)
    assert got["rollback"] == "fail"
    assert " → " in sentences["rollback"]


def test_a_successor_is_found_whatever_it_calls_itself():
    renamed = release("renamed", "2", link(ONE), name="birds")
    got, sentences = judged(ONE, [renamed])
    assert got["rollback"] == "fail"
    assert got["continuity"] == "fail"
    assert "2 different datasets" in sentences["continuity"]


def test_a_document_that_was_signed_again_does_not_hide_its_successor():
    again = ONE._replace(sha256=digest("again"))
    got, _ = judged(again, [TWO])
    assert got["rollback"] == "fail"
    assert got["continuity"] == "fail"


def test_a_missing_predecessor():
    got, sentences = judged(TWO, [THREE])
    assert got == {"previous": "fail", "continuity": "fail", "rollback": "fail"}
    assert "predecessor penguins 1 " in sentences["previous"]
    assert "is missing" in sentences["previous"]


def test_a_gap_further_back():
    got, sentences = judged(FOUR, [ONE, THREE])
    assert got == {"previous": "pass", "continuity": "fail", "rollback": "pass"}
    assert "penguins 2" in sentences["continuity"]


def test_a_gap_in_front_of_the_presented_one():
    got, sentences = judged(ONE, [THREE])
    assert got["continuity"] == "fail"
    assert "of penguins 3" in sentences["continuity"]


def test_a_replaced_predecessor_is_named():
    again = ONE._replace(sha256=digest("again"), path="again.json")
    got, sentences = judged(TWO, [again])
    assert got["previous"] == "fail"
    assert "was replaced: again.json" in sentences["previous"]


def test_an_untrusted_predecessor_is_named():
    got, sentences = judged(TWO, [], [Ignored("one.json", "nobody you trust signed it", sha256=ONE.sha256)])
    assert got["previous"] == "fail"
    assert "is not trusted: one.json: nobody you trust signed it" in sentences["previous"]


def test_what_could_not_be_looked_at_is_undecided_not_wrong():
    got, sentences = judged(TWO, [], [UNSEEN])
    assert got == {"previous": "error", "continuity": "error", "rollback": "error"}
    got, sentences = judged(TWO, [ONE], [UNSEEN, UNSEEN])
    assert got == {"previous": "pass", "continuity": "error", "rollback": "error"}
    assert "dark.json: it cannot be read, and 1 more" in sentences["rollback"]


def test_a_contradiction_is_wrong_whatever_could_not_be_looked_at():
    got, _ = judged(ONE, LINE, [UNSEEN])
    assert got["rollback"] == "fail"
    got, _ = judged(TWO, [ONE, release("fork", "2b", link(ONE))], [UNSEEN])
    assert got["continuity"] == "fail"


def test_a_fork_beside_the_presented_one():
    got, sentences = judged(TWO, [ONE, release("fork", "2b", link(ONE))])
    assert got["continuity"] == "fail"
    assert "the chain forks" in sentences["continuity"]
    assert "both follow the same release" in sentences["continuity"]


def test_two_first_releases():
    got, sentences = judged(FOUR, [*LINE, release("other", "0")])
    assert got["continuity"] == "fail"
    assert "both are first releases" in sentences["continuity"]


def test_one_version_with_two_contents():
    got, sentences = judged(release("again", "2", link(TWO)), [ONE, TWO])
    assert got["continuity"] == "fail"
    assert "two releases have the version 2" in sentences["continuity"]


def test_releases_without_versions_are_no_twins():
    first = release("first")
    got, _ = judged(release("second", None, link(first)), [first])
    assert set(got.values()) == {"pass"}


def test_one_serial_number_for_two_documents():
    again = release("again", "3", link(TWO), bom_link=(TWO.serial_number, 1))
    got, sentences = judged(again, [ONE, TWO])
    assert got["continuity"] == "fail"
    assert "same serial number" in sentences["continuity"]


def test_one_serial_number_with_counted_versions_is_fine():
    second = release("second", "2", link(ONE), bom_link=(ONE.serial_number, 2))
    got, _ = judged(second, [ONE])
    assert set(got.values()) == {"pass"}


@pytest.mark.parametrize("changes", [{"serial_number": "urn:other"}, {"version": 2}])
def test_a_link_with_the_right_digest_and_another_bom_link(changes):
    got, sentences = judged(release("two", "2", link(ONE, **changes)), [ONE])
    assert got["previous"] == "fail"
    assert got["continuity"] == "fail"
    assert "another BOM-Link" in sentences["previous"]


@pytest.mark.parametrize("changes", [{"release": "9"}, {"name": "puffins"}, {"name": "puffins", "release": None}])
def test_a_link_that_calls_its_predecessor_something_else(changes):
    got, sentences = judged(release("two", "2", link(ONE, **changes)), [ONE])
    assert got["previous"] == "fail"
    assert "but that is penguins 1" in sentences["previous"]


def test_a_link_may_leave_the_version_out():
    got, _ = judged(release("two", "2", link(ONE, release=None)), [ONE])
    assert set(got.values()) == {"pass"}


def test_a_false_link_of_a_successor():
    got, sentences = judged(TWO, [ONE, release("three", "3", link(TWO, release="9"))])
    assert got["continuity"] == "fail"
    assert "calls its predecessor penguins 9" in sentences["continuity"]


def test_a_release_that_is_its_own_predecessor():
    loop = release("loop", "1", ReleaseLink("urn:loop", 1, digest("loop"), "penguins", "1"))
    got, sentences = judged(loop, [])
    assert got == {"previous": "fail", "continuity": "fail", "rollback": "pass"}
    assert "its own predecessor" in sentences["previous"]


def ring(*idents):
    """Releases that follow each other in a circle: only a broken hash could make one."""
    bare = {ident: release(ident, ident) for ident in idents}
    after = dict(zip(idents, (*idents[1:], idents[0]), strict=True))
    return [bare[ident]._replace(previous=link(bare[after[ident]])) for ident in idents]


def test_a_cycle():
    releases = ring("a", "b", "c")
    got, sentences = judged(releases[0], releases)
    assert got["continuity"] == "fail"
    assert "its own predecessor" in sentences["continuity"]


def test_a_cycle_beside_the_line():
    got, sentences = judged(FOUR, [*LINE, *ring("a", "b", "c")])
    assert got["continuity"] == "fail"
    assert "its own predecessor" in sentences["continuity"]


def test_other_datasets_are_listed_and_do_no_harm():
    foreign = [release("x", "1", name="puffins"), release("y", "1", name="terns")]
    results = chain.check(FOUR, [*LINE, *foreign], [Ignored("README.md", "it is not JSON")])
    assert set(statuses(results).values()) == {"pass"}
    ignored = results[1].evidence["ignored"]
    assert [item["path"] for item in ignored] == ["README.md", "x.json", "y.json"]
    assert "another dataset: puffins 1" in ignored[1]["reason"]


def test_the_chain_is_part_of_the_evidence():
    evidence = chain.check(THREE, LINE, [])[1].evidence
    assert [item["path"] for item in evidence["chain"]] == ["one.json", "two.json", "three.json"]
    assert [item["path"] for item in evidence["others"]] == ["four.json"]


@given(st.permutations(LINE))
def test_order_is_of_no_account(releases):
    got, _, found = whole(releases)
    assert set(got.values()) == {"pass"}
    assert found.line.releases == LINE
    assert found.outside == ()


BROKEN = {
    "gap": ((ONE, THREE), "is missing"),
    "oldest names one that is not given": ((TWO, THREE), "is missing"),
    "single with predecessor": ((FOUR,), "is missing"),
    "fork": ((*LINE, release("fork", "2b", link(ONE))), "forks"),
    "two first": ((ONE, release("other", "0")), "both are first releases"),
    "foreign": ((*LINE, release("x", "7", name="puffins")), "2 different datasets"),
    "foreign that follows": ((*LINE, release("x", "7", link(FOUR), name="puffins")), "2 different datasets"),
    "replaced": ((ONE._replace(sha256=digest("again")), TWO), "was replaced"),
    "both of a replaced one": ((*LINE, ONE._replace(sha256=digest("again"))), "same serial number"),
    "version twice": ((ONE, TWO, release("again", "1", link(TWO))), "the version 1"),
    "cycle": (tuple(ring("a", "b", "c")), "its own predecessor"),
    "cycle beside": ((*LINE, *ring("a", "b")), "its own predecessor"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_one_chain_fails_in_any_order(name):
    releases, expected = BROKEN[name]
    answers = set()
    for order in itertools.islice(itertools.permutations(releases), 24):
        got, sentences, found = whole(order)
        assert got["continuity"] == "fail"
        assert expected in sentences["chain.continuity"]
        assert {*found.line.releases, *found.outside} == set(releases)
        answers.add((found.line.releases, found.outside))
    assert len(answers) == 1 or "cycle" in name


def test_a_document_that_was_not_trusted_leaves_a_gap():
    got, _, _ = whole((ONE, THREE), [Ignored("two.json", "nobody signed it", sha256=TWO.sha256)])
    assert got == {"previous": "fail", "continuity": "fail"}
    got, _, _ = whole((ONE, THREE), [UNSEEN])
    assert got == {"previous": "error", "continuity": "error"}
    got, _, _ = whole(LINE, [UNSEEN])
    assert got == {"previous": "pass", "continuity": "error"}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5), st.sampled_from("pq")), min_size=1, max_size=6))
def test_only_one_plain_line_passes(spec):
    releases = {}
    for ident, before, name in spec:
        linked = None if before < 0 else ReleaseLink(f"urn:{before}", 1, digest(str(before)), name, None)
        releases[ident] = release(str(ident), None, linked, name=name)
    found = chain.check_whole(list(releases.values()), [])
    passes = all(result.status == "pass" for result in found.results)
    at = [one for one in releases.values() if one.previous is None]
    walked = set()
    while len(at) == 1 and at[0].sha256 not in walked:
        walked.add(at[0].sha256)
        at = [one for one in releases.values() if one.previous and one.previous.sha256 == at[0].sha256]
    one_line = not at and len(walked) == len(releases) and len({one.name for one in releases.values()}) == 1
    assert passes == one_line


def test_a_release_is_taken_from_its_document():
    tree = {"serialNumber": "urn:uuid:x", "specVersion": "1.6", "metadata": {"timestamp": "2026-01-01T00:00:00Z"}}
    made = chain.release_of(Document("p", "0" * 64, tree), Dataset("n", None, (), "0" * 64))
    assert (made.document_version, made.spec_version, made.timestamp) == (1, "1.6", "2026-01-01T00:00:00Z")
    made = chain.release_of(Document("p", "0" * 64, {"version": 3.0}), Dataset("n", None, (), "0" * 64))
    assert (str(made.document_version), made.timestamp) == ("3", "")
    assert made.label == "n (00000000…)"
