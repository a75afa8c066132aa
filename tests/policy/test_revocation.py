"""Who may take a release back, and how it is known that nobody did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from policies import (
    NOW,
    answer,
    dataset,
    decision,
    digest,
    facts,
    policy,
    revocation,
    revocations,
    signed,
)

from sbom.policy import revocation as rules
from sbom.policy.facts import Answer, Entry, Remembered, RevocationList, Seen
from sbom.signing.interface import Outcome

REVOKERS = policy('[revocation]\nrevokers = ["security"]')
LISTED = policy('[revocation]\nrevokers = ["security"]\nlist-signers = ["legal"]\nlist-max-age-days = 7')
REMEMBERED = Remembered(digest("document"), "", "grace", "it is poisoned", "2026-05-01T00:00:00Z")


def test_nobody_may_revoke():
    found = decision(policy(), facts("ada", revocations=(revocation("grace"),)), "signature.revoked")
    assert found.answer is Answer.NOT_ASKED
    assert "revocation not checked" in found.sentence
    assert len(found.evidence["ignored"]) == 1
    listed = decision(REVOKERS, facts("ada"), "policy.revocation")
    assert (listed.answer, listed.sentence[:22]) == (Answer.NOT_ASKED, "revocation not checked")


def test_nobody_did():
    assert answer(REVOKERS, facts("ada"), "signature.revoked") is Answer.HOLDS


@pytest.mark.parametrize(
    "one",
    [revocation("grace"), revocation("grace", "other", dataset().root), revocation(signed("ada", algorithm="RS256"))],
)
def test_a_named_revoker_revokes(one):
    found = decision(REVOKERS, facts("ada", revocations=(one,)), "signature.revoked")
    assert found.answer is Answer.FAILS
    assert found.sentence.endswith(" revoked it on 2026-05-01T00:00:00Z: it is poisoned")


@pytest.mark.parametrize(
    "one",
    [
        revocation("mallory"),
        revocation(signed("grace", Outcome.INVALID)),
        revocation(signed("grace", Outcome.NOT_TRUSTED)._replace(identity=None)),
        revocation(signed("grace")._replace(identity=None)),
    ],
)
def test_nobody_else_does(one):
    found = decision(REVOKERS, facts("ada", revocations=(one,)), "signature.revoked")
    assert found.answer is Answer.HOLDS
    assert "changes nothing" in found.evidence["ignored"][0]


def test_a_revocation_by_a_certificate_that_has_expired():
    lapsed = signed("grace", Outcome.NOT_TRUSTED)
    listed = policy('[revocation]\nrevokers = ["legal"]\nlist-signers = ["security"]')
    for head, about in (
        (REVOKERS, facts("ada", revocations=(revocation(lapsed),))),
        (listed, facts("ada", lists=(RevocationList(lapsed, NOW, (Entry(facts("ada").sha256),)),))),
    ):
        found = decision(head, about, "signature.revoked")
        assert found.answer is Answer.UNDECIDED
        assert "cannot be verified any more" in found.sentence
    other = facts("ada", lists=(RevocationList(lapsed, NOW, (Entry("ab" * 32),)),))
    assert decision(listed, other, "signature.revoked").answer is Answer.HOLDS


def test_a_revocation_of_something_else():
    about = facts("ada", revocations=(revocation("grace", "other", digest("other root")),))
    assert answer(REVOKERS, about, "signature.revoked") is Answer.HOLDS


def test_a_list_revokes():
    found = decision(LISTED, facts("ada", lists=(revocations("joan", "other", "document"),)), "signature.revoked")
    assert found.answer is Answer.FAILS
    assert "in a list" in found.sentence
    by_root = revocations("joan")._replace(entries=(Entry(digest("other"), dataset().root),))
    assert answer(LISTED, facts("ada", lists=(by_root,)), "signature.revoked") is Answer.FAILS


def test_a_stale_list_still_revokes():
    about = facts("ada", lists=(revocations("joan", "document", age=timedelta(days=300)), revocations("joan")))
    assert answer(LISTED, about, "signature.revoked") is Answer.FAILS


def test_a_list_by_somebody_else_does_not():
    found = decision(LISTED, facts("ada", lists=(revocations("grace", "document"),)), "signature.revoked")
    assert found.answer is Answer.HOLDS
    assert len(found.evidence["ignored"]) == 1


def test_what_was_seen_stays_seen():
    found = decision(REVOKERS, facts("ada", seen=Seen(revocations=(REMEMBERED,))), "signature.revoked")
    assert found.answer is Answer.FAILS
    assert found.sentence == "Grace revoked it on 2026-05-01T00:00:00Z, as was seen before: it is poisoned"
    assert answer(policy(), facts("ada", seen=Seen(revocations=(REMEMBERED,))), "signature.revoked") is Answer.FAILS


def test_somebody_who_left_is_named_by_id():
    left = Seen(revocations=(REMEMBERED._replace(by="ken", reason="", time=""),))
    assert (
        decision(REVOKERS, facts("ada", seen=left), "signature.revoked").sentence
        == "ken revoked it, as was seen before"
    )


def days(number):
    return revocations("joan", age=timedelta(days=number))


@pytest.mark.parametrize(
    ("lists", "seen", "expected", "words"),
    [
        ((), None, Answer.UNDECIDED, "there is no revocation list"),
        ((days(1),), None, Answer.HOLDS, "new enough"),
        ((days(7),), None, Answer.HOLDS, "new enough"),
        ((days(8),), None, Answer.UNDECIDED, "8.0 days old, and at most 7 are allowed"),
        ((days(8), days(2)), None, Answer.HOLDS, "new enough"),
        ((revocations("grace"),), None, Answer.UNDECIDED, "there is no revocation list by whom the policy names"),
        ((revocations(signed("joan", Outcome.INVALID)),), None, Answer.UNDECIDED, "there is no revocation list"),
        ((days(-1),), None, Answer.UNDECIDED, "there is no revocation list"),
        (
            (revocations("joan", issued=NOW.replace(tzinfo=None)),),
            None,
            Answer.UNDECIDED,
            "there is no revocation list",
        ),
        ((revocations("joan", issued=NOW + timedelta(minutes=4)),), None, Answer.HOLDS, "new enough"),
        ((days(3),), Seen(list_issued=NOW - timedelta(days=2)), Answer.UNDECIDED, "older than one that was seen"),
        ((days(3),), Seen(list_issued=NOW - timedelta(days=3)), Answer.HOLDS, "new enough"),
    ],
)
def test_a_new_list_is_demanded(lists, seen, expected, words):
    found = decision(LISTED, facts("ada", lists=lists, seen=seen), "policy.revocation")
    assert found.answer is expected
    assert words in found.sentence


def test_remembering():
    about = facts(
        "ada",
        revocations=(revocation("grace", "other"), revocation("mallory", "third"), revocation("grace", "other")),
        lists=(revocations("joan", "fourth"), revocations("ada", "fifth"), days(-9)),
    )
    seen = rules.remember(LISTED, about, Seen())
    assert {one.sha256 for one in seen.revocations} == {digest("other"), digest("fourth")}
    assert len(seen.revocations) == 2
    assert seen.list_issued == NOW - timedelta(days=1)
    assert seen.policy_version == 2
    again = rules.remember(LISTED, facts("ada"), replace(seen, policy_version=9))
    assert again.revocations == seen.revocations
    assert again.list_issued == seen.list_issued
    assert again.policy_version == 9


def test_a_list_without_a_zone_is_remembered_without_a_time():
    odd = revocations("joan", "x", issued=NOW.replace(tzinfo=None))
    assert rules.remember(LISTED, facts("ada", lists=(odd,)), Seen()).revocations[0].time == ""
