"""Predecessors, and what was seen before: order by the predecessor relation alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from policies import answer, dataset, decision, digest, facts, policy

from sbom.policy import history
from sbom.policy.facts import Ancestry, Answer, Seen
from sbom.policy.history import Relation

NEVER_OLDER = policy("[predecessor]\nnever-older = true")
REQUIRED = policy("[predecessor]\nrequired = true")


def release(number, *, known=(), complete=False, content=None, seen=None, **of):
    """Return facts about document ``d<number>``; ``known`` are the verified documents before it, nearest first.

    ``of``: ``version``, ``previous`` and ``root`` of the dataset.
    """
    root = digest(of.pop("root", f"root {number}"))
    made = dataset(of.pop("version", f"{number}.0"), of.pop("previous", None), root=root, **of)
    about = facts("ada", document=f"d{number}", dataset=made, seen=seen)
    about = replace(about, ancestry=Ancestry(tuple(map(digest, known)), complete))
    return about if content is None else replace(about, content=digest(content))


def accepted(*releases):
    seen = Seen()
    for one in releases:
        seen = history.accept(seen, one)
    return seen


FIRST = release(1)
SECOND = release(2, previous="d1")
THIRD = release(3, previous="d2")
LINE = accepted(FIRST, SECOND)


@pytest.mark.parametrize(
    ("seen", "presented", "relation"),
    [
        (Seen(), SECOND, Relation.FIRST),
        (LINE, SECOND, Relation.SAME),
        (LINE, THIRD, Relation.NEWER),
        (LINE, release(5, previous="d4", known=["d4", "d3", "d2"]), Relation.NEWER),
        (LINE, FIRST, Relation.OLDER),
        (accepted(SECOND), FIRST, Relation.OLDER),  # named as its predecessor only
        (accepted(release(3, previous="d2", known=["d2", "d1"])), FIRST, Relation.OLDER),
        (LINE, release(9, previous="d1"), Relation.FORK),
        (LINE, release(9, previous="d8", known=["d8", "d1"]), Relation.FORK),
        (LINE, release(9), Relation.FORK),  # another first release
        (LINE, release(9, previous="d8", known=["d8"], complete=True), Relation.FORK),
        (LINE, release(9, previous="d8"), Relation.UNKNOWN),
        (LINE, release(9, previous="d8", known=["d7", "d2"]), Relation.UNKNOWN),  # documents of some other line
        (LINE, release(3, previous="d2", version="2.0"), Relation.CLASH),
        (LINE, release(3, previous="d2", version="1.0"), Relation.CLASH),
    ],
)
def test_relations(seen, presented, relation):
    assert history.compare(seen, presented) is relation


def reformatted(one, number):
    """The same document with another white space or signature: other bytes, the same content."""
    return release(
        number,
        previous={"1.0": None, "2.0": "d1"}[one.dataset.version],
        version=one.dataset.version,
        root=f"root {one.dataset.version[0]}",
        content=f"content of d{one.dataset.version[0]}",
    )


def test_other_bytes_of_what_was_seen_are_the_same_release():
    assert history.compare(LINE, reformatted(SECOND, 22)) is Relation.SAME
    assert history.compare(LINE, reformatted(FIRST, 11)) is Relation.OLDER


def test_a_successor_of_either_form_is_newer():
    seen = accepted(FIRST, reformatted(SECOND, 22))
    assert history.compare(seen, THIRD) is Relation.UNKNOWN
    seen = history.accept(seen, SECOND)
    assert history.compare(seen, THIRD) is Relation.NEWER
    assert history.compare(seen, release(3, previous="d22")) is Relation.NEWER
    assert history.compare(seen, FIRST) is Relation.OLDER


def test_a_release_without_a_version_clashes_with_none():
    first = facts("ada", document="d1", dataset=dataset(None))
    second = facts("ada", document="d2", dataset=dataset(None, "d1", root=digest("x")))
    assert history.compare(accepted(first), second) is Relation.NEWER


def test_other_datasets_are_other_lines():
    other = facts("ada", document="d9", dataset=dataset(name="gulls"))
    assert history.compare(LINE, other) is Relation.FIRST
    seen = history.accept(LINE, other)
    assert set(seen.releases) == {"penguins", "gulls"}


@pytest.mark.parametrize("presented", [FIRST, SECOND, release(9, previous="d1"), release(9, previous="d8")])
def test_what_is_not_newer_changes_nothing(presented):
    assert history.accept(LINE, presented) == LINE


def test_accepting_remembers_the_line():
    seen = accepted(release(3, previous="d2", known=["d2", "d1"], complete=True))
    assert seen.older["penguins"] == {digest("d1"), digest("d2")}


@pytest.mark.parametrize(
    ("seen", "presented", "expected", "words"),
    [
        (Seen(), FIRST, Answer.HOLDS, "first release that is seen"),
        (LINE, THIRD, Answer.HOLDS, "it follows from the newest"),
        (LINE, FIRST, Answer.FAILS, "it is older than version 2.0"),
        (LINE, release(9, previous="d1"), Answer.FAILS, "a fork"),
        (LINE, release(3, previous="d2", version="2.0"), Answer.FAILS, "same version with another root"),
        (LINE, release(9, previous="d8"), Answer.UNDECIDED, "--chain"),
        (None, FIRST, Answer.UNDECIDED, "there is no state file"),
    ],
)
def test_rollback(seen, presented, expected, words):
    found = decision(NEVER_OLDER, replace(presented, seen=seen), "policy.rollback")
    assert found.answer is expected
    assert words in found.sentence


def test_without_the_rule_age_is_not_asked():
    assert answer(policy(), release(1, seen=LINE), "policy.rollback") is Answer.NOT_ASKED
    assert answer(policy(), release(1), "policy.predecessor") is Answer.NOT_ASKED


@pytest.mark.parametrize(
    ("presented", "expected"),
    [
        (FIRST, Answer.FAILS),
        (SECOND, Answer.UNDECIDED),
        (release(2, previous="d1", known=["d1"]), Answer.HOLDS),
        (release(2, previous="d1", known=["d0"]), Answer.UNDECIDED),
    ],
)
def test_a_predecessor_is_required(presented, expected):
    assert answer(REQUIRED, presented, "policy.predecessor") is expected


@pytest.mark.parametrize(
    ("presented", "expected"),
    [
        (release(2, previous="d1"), Answer.HOLDS),  # itself
        (THIRD, Answer.HOLDS),
        (release(5, previous="d4", known=["d4", "d3", "d2"]), Answer.HOLDS),
        (release(5, previous="d4", known=["d4"]), Answer.UNDECIDED),
        (release(5, previous="d4", known=["d4"], complete=True), Answer.FAILS),
        (FIRST, Answer.FAILS),
    ],
)
def test_descends_from(presented, expected):
    wanted = policy(f'[predecessor]\ndescends-from = ["{digest("d2")}"]')
    assert answer(wanted, presented, "policy.predecessor") is expected


def test_the_first_release_is_named():
    wanted = policy(f'[predecessor]\nrequired = true\ndescends-from = ["{digest("d1")}"]')
    assert answer(wanted, FIRST, "policy.predecessor") is Answer.HOLDS
    assert answer(wanted, release(9), "policy.predecessor") is Answer.FAILS
