"""Exceptions: for one rule, a reason and a time; over is over."""

from __future__ import annotations

import pytest
from policies import answer, dataset, decision, digest, facts, policy, revocation, revocations, signed

from sbom.policy.facts import Answer

EXPIRES = "expires = 2026-12-01T00:00:00Z"
OVER = "expires = 2026-06-01T12:00:00Z"
SMALL = "[files]\nmax-file-size = 9"


def exception(rule, *more, expires=EXPIRES):
    return "\n".join((f'[[exceptions]]\nrule = "{rule}"\nreason = "known, #12"', expires, *more))


def test_without_exceptions_none_is_judged():
    assert answer(policy(), facts("ada"), "policy.exceptions") is Answer.NOT_ASKED


def test_a_problem_is_let_pass_and_said():
    of = policy(SMALL, exception("policy.files"))
    found = decision(of, facts("ada"), "policy.files")
    assert (found.answer, found.sentence) == (Answer.HOLDS, "2 problems let pass by exception: known, #12")
    used = decision(of, facts("ada"), "policy.exceptions")
    assert used.sentence == "1 of 1 exceptions used: policy.files (known, #12)"
    assert used.evidence["used"] == [
        {"rule": "policy.files", "reason": "known, #12", "expires": "2026-12-01T00:00:00Z", "problems": 2}
    ]


def test_an_exception_that_is_not_used_is_not_listed():
    found = decision(policy(exception("policy.files")), facts("ada"), "policy.exceptions")
    assert (found.answer, found.sentence) == (Answer.HOLDS, "0 of 1 exceptions used")


def test_one_whose_time_is_over_fails_used_or_not():
    for more in ((), (SMALL,)):
        of = policy(*more, exception("policy.files", expires=OVER))
        found = decision(of, facts("ada"), "policy.exceptions")
        assert found.answer is Answer.FAILS
        assert found.sentence == 'the exception from policy.files "known, #12" expired at 2026-06-01T12:00:00Z'
    assert answer(of, facts("ada"), "policy.files") is Answer.FAILS
    two = policy(exception("policy.files", expires=OVER), exception("policy.lineage", expires=OVER))
    assert decision(two, facts("ada"), "policy.exceptions").sentence.endswith(", and 1 more")


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ('files = ["*.csv"]', Answer.HOLDS),
        ('files = ["a.csv"]', Answer.FAILS),
        ('versions = ["1.0.0"]', Answer.HOLDS),
        ('versions = ["1.0.1"]', Answer.FAILS),
        (f'roots = ["{dataset().root}"]', Answer.HOLDS),
        (f'roots = ["{digest("x")}"]', Answer.FAILS),
        (f'versions = ["1.0.0"]\nroots = ["{digest("x")}"]', Answer.FAILS),
    ],
)
def test_limits(limit, expected):
    assert answer(policy(SMALL, exception("policy.files", limit)), facts("ada"), "policy.files") is expected


def test_a_glob_is_for_files_and_for_no_other_problem():
    of = policy("[files]\nmax-files = 1", exception("policy.files", 'files = ["**"]'))
    assert answer(of, facts("ada"), "policy.files") is Answer.FAILS


def test_names():
    asked = '[provenance]\nrequired = ["license", "creator"]'
    one = policy(asked, exception("policy.provenance", 'names = ["license"]'))
    found = decision(one, facts("ada", known={}), "policy.provenance")
    assert (found.answer, found.sentence) == (Answer.FAILS, "creator is not known")
    both = policy(asked, exception("policy.provenance", 'names = ["license", "creator"]'))
    assert answer(both, facts("ada", known={}), "policy.provenance") is Answer.HOLDS


def test_what_is_not_known_can_be_let_pass():
    listed = '[revocation]\nrevokers = ["security"]\nlist-max-age-days = 1'
    assert answer(policy(listed), facts("ada"), "policy.revocation") is Answer.UNDECIDED
    assert answer(policy(listed, exception("policy.revocation")), facts("ada"), "policy.revocation") is Answer.HOLDS


def test_a_failure_is_said_before_what_is_not_known():
    of = policy('[lineage]\nlevel = "declared"\nsigners = { clean = ["security"] }')
    found = decision(of, facts("ada"), "policy.lineage")
    assert found.answer is Answer.FAILS
    assert found.sentence.startswith("step clean was not recorded")
    assert [one.undecided for one in found.problems] == [False, True]


def test_a_revoked_release_may_be_named():
    of = policy('[revocation]\nrevokers = ["security"]', exception("signature.revoked", 'versions = ["1.0.0"]'))
    about = facts("ada", revocations=(revocation("grace"),))
    assert answer(of, about, "signature.revoked") is Answer.HOLDS
    other = facts("ada", dataset=dataset("2.0"), revocations=(revocation("grace"),))
    assert answer(of, other, "signature.revoked") is Answer.FAILS


def test_no_exception_makes_an_hmac_good():
    of = policy('[algorithms]\nallowed = ["ES256"]', exception("policy.algorithms"))
    assert answer(of, facts("ada"), "policy.algorithms") is Answer.HOLDS
    assert answer(of, facts(signed("ada", algorithm="HS256")), "policy.algorithms") is Answer.FAILS
    assert answer(of, facts("ada", excludes=("x",)), "policy.algorithms") is Answer.FAILS


def test_an_exception_from_one_rule_is_none_from_another():
    of = policy(SMALL, exception("policy.revocation"), '[revocation]\nrevokers = ["legal"]')
    about = facts("ada", lists=(revocations("joan", "document"),))
    assert answer(of, about, "policy.files") is Answer.FAILS
    assert answer(of, about, "signature.revoked") is Answer.FAILS
