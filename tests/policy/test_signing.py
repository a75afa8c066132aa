"""The rules on who has signed and approved, and with what."""

from __future__ import annotations

import pytest
from policies import answer, approval, decision, digest, facts, keyless, policy, signed

from sbom.policy.facts import Answer
from sbom.policy.signing import is_hmac
from sbom.signing.interface import Outcome

TWO = "[release]\nrequire = {security = 2}"
APPROVED = "[approvals]\nrequire = {security = 1, legal = 1}"


def test_a_member_of_the_role_signs():
    found = decision(policy(), facts("ada"), "policy.signers")
    assert found.answer is Answer.HOLDS
    assert found.sentence == "the release is signed by 1 of releaser"
    assert found.evidence["signers"] == {"releaser": ["Ada"]}
    assert answer(policy(), facts(keyless()), "policy.signers") is Answer.HOLDS


def test_nobody_signs():
    found = decision(policy(), facts(), "policy.signers")
    assert found.answer is Answer.FAILS
    assert found.sentence == "1 of releaser is needed, and nobody signed"


def test_too_few_sign():
    found = decision(policy(release=TWO), facts("ada", "ada-2"), "policy.signers")
    assert found.answer is Answer.FAILS
    assert found.sentence == "2 of security are needed, and Ada signed"
    assert answer(policy(release=TWO), facts("ada", "joan"), "policy.signers") is Answer.HOLDS


def test_a_stranger_is_listed():
    found = decision(policy(), facts("ada", "mallory"), "policy.signers")
    assert found.answer is Answer.HOLDS
    assert len(found.evidence["ignored"]) == 1


def test_a_false_claim_fails_in_spite_of_a_good_signature():
    found = decision(policy(), facts("ada", signed("grace", Outcome.INVALID)), "policy.signers")
    assert found.answer is Answer.FAILS
    assert "claims to be Grace's" in found.sentence
    assert answer(policy(), facts("ada", signed("mallory", Outcome.INVALID)), "policy.signers") is Answer.HOLDS


def test_one_key_under_two_identities_is_said():
    joan = keyless("joan@acme.example", "https://accounts.acme.example", spki=digest("grace"))
    found = decision(policy(release=TWO), facts("grace", joan), "policy.signers")
    assert found.answer is Answer.FAILS
    assert [one.text for one in found.problems if "one and the same key" in one.text]


def test_no_approval_is_asked_for():
    found = decision(policy(), facts("ada", approvals=(approval("mallory", "legal"),)), "policy.approvals")
    assert found.answer is Answer.NOT_ASKED
    assert len(found.evidence["ignored"]) == 1


def test_approvals_are_counted_by_role():
    about = facts("ada", approvals=(approval("grace", "security"), approval("joan", "legal")))
    found = decision(policy(APPROVED), about, "policy.approvals")
    assert found.answer is Answer.HOLDS
    assert found.evidence["approvals"] == {"security": ["Grace"], "legal": ["Joan"]}


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (approval("grace", "legal"), "Grace does not have the role legal"),
        (approval("joan", "security"), None),
        (approval("joan", "legal", sha256=digest("other")), "another document"),
        (approval("joan", "legal", root=digest("other")), "another document"),
        (approval("mallory", "legal"), "does not count"),
        (approval(signed("joan", Outcome.INVALID), "legal"), "not valid"),
    ],
)
def test_an_approval_that_does_not_count(one, why):
    found = decision(policy(APPROVED), facts("ada", approvals=(approval("grace", "security"), one)), "policy.approvals")
    assert found.answer is Answer.FAILS
    assert found.sentence.startswith("1 of legal is needed, and nobody approved")
    assert len(found.evidence["ignored"]) == (why is not None)
    assert why is None or why in found.evidence["ignored"][0]


def test_nobody_counts_for_two_roles():
    both = (approval("ada", "security"), approval("joan", "legal"))
    found = decision(policy(APPROVED), facts("ada", approvals=both), "policy.roles")
    assert found.answer is Answer.FAILS
    assert "nobody is left for security (approval)" in found.sentence
    more = (*both, approval("grace", "security"))
    assert answer(policy(APPROVED), facts("ada", approvals=more), "policy.roles") is Answer.HOLDS
    assert answer(policy(APPROVED), facts(keyless(), approvals=both), "policy.roles") is Answer.HOLDS


def test_somebody_may_count_for_two_roles_where_the_policy_says_so():
    loose = policy(APPROVED, head=policy_head("separate-duties = false"))
    about = facts("ada", approvals=(approval("ada", "security"), approval("joan", "legal")))
    assert answer(loose, about, "policy.roles") is Answer.NOT_ASKED
    assert answer(policy(), facts("ada"), "policy.roles") is Answer.NOT_ASKED


def policy_head(line):
    from policies import HEAD  # noqa: PLC0415  # beside its only use

    return HEAD + line


@pytest.mark.parametrize("name", ["HS256", "hs512", "HMAC-SHA256", "Hs384"])
def test_an_hmac_is_refused_whoever_signed(name):
    assert is_hmac(name)
    about = facts("ada", signed("mallory", Outcome.NOT_TRUSTED, name))
    found = decision(policy(), about, "policy.algorithms")
    assert found.answer is Answer.FAILS
    assert "an HMAC can be forged by everybody who can verify it" in found.sentence


def test_uncovered_parts_are_refused():
    found = decision(policy(), facts("ada", excludes=("components",)), "policy.algorithms")
    assert found.answer is Answer.FAILS
    assert '("excludes": components)' in found.sentence


def test_only_allowed_algorithms():
    strict = policy('[algorithms]\nallowed = ["Ed25519"]', APPROVED)
    good = (approval("grace", "security"), approval("joan", "legal"))
    assert answer(strict, facts("ada", approvals=good), "policy.algorithms") is Answer.HOLDS
    found = decision(strict, facts(keyless(), approvals=good), "policy.algorithms")
    assert found.sentence == "workflow signed with ES256, which the policy does not allow"
    assert answer(strict, facts("ada", signed("mallory", algorithm="ES256")), "policy.algorithms") is Answer.HOLDS
    weak = (approval(signed("grace", algorithm="RS256"), "security"), approval("joan", "legal"))
    assert "Grace signed with RS256" in decision(strict, facts("ada", approvals=weak), "policy.algorithms").sentence


def test_a_required_algorithm():
    both = policy('[algorithms]\nrequired = ["Ed25519", "ES256"]')
    assert answer(both, facts("ada", keyless()), "policy.algorithms") is Answer.HOLDS
    found = decision(both, facts("ada", signed("mallory", algorithm="ES256")), "policy.algorithms")
    assert found.sentence == "no signer of the policy signed the release with ES256, which it demands"
