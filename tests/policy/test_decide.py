"""The order of the rules, the policy itself, and what makes a release pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from policies import MINIMAL, NOW, answer, decision, facts, policy, signed

from sbom.policy import read
from sbom.policy.decide import decide
from sbom.policy.facts import Answer, Seen, accepted
from sbom.policy.model import CHECKS


def test_every_check_is_decided_once_and_in_order():
    assert tuple(one.check for one in decide(policy(), facts("ada"))) == CHECKS


def test_acceptance_is_explicit():
    assert accepted(decide(policy(), facts("ada")))
    assert not accepted(decide(policy(), facts("mallory")))
    assert not accepted(decide(policy("[predecessor]\nnever-older = true"), facts("ada")))
    assert not accepted(())


def test_decisions_are_functions():
    of, about = policy(), facts("ada", "mallory")
    assert decide(of, about) == decide(of, about)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOW, Answer.HOLDS),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), Answer.HOLDS),
        (datetime(2027, 1, 1, tzinfo=UTC), Answer.FAILS),
        (datetime(2027, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))), Answer.HOLDS),
        (datetime(2026, 12, 31, 23, tzinfo=timezone(-timedelta(hours=2))), Answer.FAILS),
    ],
)
def test_expiry(now, expected):
    assert answer(policy(), facts("ada", now=now), "policy.expiry") is expected


def test_a_time_without_a_zone_is_a_mistake():
    with pytest.raises(ValueError, match="without a zone"):
        decide(policy(), facts("ada", now=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize(("signed_by", "expected"), [(None, Answer.HOLDS), (True, Answer.HOLDS), (False, Answer.FAILS)])
def test_the_policy_s_own_signature(signed_by, expected):
    found = decision(policy(), facts("ada", policy_signed=signed_by), "policy.valid")
    assert found.answer is expected
    assert ("and signed" in found.sentence) is (signed_by is True)


def test_an_older_policy_than_was_seen():
    assert answer(policy(), facts("ada", seen=Seen(policy_version=2)), "policy.valid") is Answer.HOLDS
    found = decision(policy(), facts("ada", seen=Seen(policy_version=3)), "policy.valid")
    assert (found.answer, found.sentence) == (Answer.FAILS, "the policy has version 2, and version 3 was seen before")


def test_a_policy_knows_its_bytes():
    one = read.parse(MINIMAL.encode(), "policy.toml")
    other = read.parse((MINIMAL + "\n# more").encode(), "policy.toml")
    assert one.sha256 != other.sha256
    assert replace(other, sha256=one.sha256) == one


def test_a_signer_is_found_by_id():
    assert policy().signer("ada").name == "Ada"
    with pytest.raises(KeyError):
        policy().signer("mallory")


def test_identity_texts_do_not_reach_the_sentence_unescaped():
    evil = signed("ada")._replace(sentence="a\x1b[31m")
    found = decision(policy(), facts(evil._replace(identity=None)), "policy.signers")
    assert "\x1b" not in "".join(found.evidence["ignored"])
