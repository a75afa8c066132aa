"""Who counts: persons, once each, and for one role each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import approval, facts, keyless, policy, signed, stamped

from sbom.policy.people import People, Place, by_identity, unfilled
from sbom.signing.interface import Outcome


def names(of, about, role="security"):
    people = People(of, about)
    return people.with_role([signer for signer, _ in people.counting(about.signatures)], role)


def test_a_person_counts_once():
    assert names(policy(), facts("ada", "ada-2", "ada")) == {"ada"}
    assert names(policy(), facts("ada", "grace")) == {"ada", "grace"}


@pytest.mark.parametrize("outcome", [Outcome.INVALID, Outcome.NOT_TRUSTED])
def test_only_valid_signatures_count(outcome):
    assert names(policy(), facts(signed("ada", outcome))) == frozenset()


def test_strangers_and_nobody_count_for_nothing():
    about = facts("mallory", signed("ada")._replace(identity=None), "grace")
    assert names(policy(), about) == {"grace"}
    doubts = [People(policy(), about).doubt(one) for one in about.signatures]
    assert "no signer of the policy" in doubts[0]
    assert "no signer of the policy" in doubts[1]
    assert doubts[2] is None


def test_only_members_of_the_role_count():
    assert names(policy(), facts("ada", "grace"), "legal") == frozenset()
    assert names(policy(), facts("ada", "grace"), "no-such-role") == frozenset()


def test_a_demanded_time_is_demanded():
    timely = policy(release="[release]\nrequire = {releaser = 1}\ntimestamp = true")
    assert names(timely, facts("ada", stamped("grace"))) == {"grace"}
    assert "attested time" in People(timely, facts("ada")).doubt(signed("ada"))


def test_signers_who_share_a_key_are_one_person():
    about = facts(
        signed("grace"),
        keyless("joan@acme.example", "https://accounts.acme.example", spki=signed("grace").identity.value),
    )
    assert len(names(policy(), about)) == 1
    assert (
        len(
            names(
                policy(), facts("grace", keyless("joan@acme.example", "https://accounts.acme.example", spki="f" * 64))
            )
        )
        == 2
    )


def test_sharing_is_passed_on():
    shared = facts(
        signed("ada", spki="1"),
        keyless("joan@acme.example", "https://accounts.acme.example", spki=signed("ada").identity.value),
        keyless("joan@acme.example", "https://accounts.acme.example", spki=signed("grace").identity.value),
        "grace",
    )
    assert names(policy(), shared) == {"ada"}


def test_sharing_is_seen_across_approvals():
    joan = keyless("joan@acme.example", "https://accounts.acme.example", spki=signed("grace").identity.value)
    about = facts("grace", approvals=(approval(joan, "legal"),))
    assert People(policy(), about).with_role(["joan"], "legal") == {"grace"}


def test_identities_belong_to_signers():
    owners = by_identity(policy().signers)
    assert set(owners.values()) == {"ada", "grace", "joan", "workflow"}
    assert len(owners) == 6


def place(title, needed, *persons):
    return Place(title, needed, frozenset(persons))


def test_somebody_makes_room():
    assert unfilled([place("a", 1, "x", "y"), place("b", 1, "x")]) == []
    assert unfilled([place("a", 1, "x"), place("b", 1, "x", "y"), place("c", 1, "y", "z")]) == []
    assert unfilled([place("a", 2, "x", "y"), place("b", 1, "x", "z")]) == []


def test_nobody_is_left():
    assert [one.title for one in unfilled([place("a", 1, "x"), place("b", 1, "x")])] == ["b"]
    assert [one.title for one in unfilled([place("a", 2, "x")])] == ["a"]
    assert [one.title for one in unfilled([place("a", 1)])] == ["a"]


@given(st.lists(st.tuples(st.integers(1, 2), st.frozensets(st.sampled_from("uvwxyz"))), max_size=4))
def test_it_finds_an_assignment_exactly_when_there_is_one(rows):
    places = [Place(str(number), needed, persons) for number, (needed, persons) in enumerate(rows)]

    def fits(seats, taken):
        return not seats or any(fits(seats[1:], taken | {one}) for one in seats[0] - taken)

    assert (unfilled(places) == []) == fits([one.persons for one in places for _ in range(one.needed)], frozenset())
