"""Facts and a policy → what the policy says by each of its rules. Pure.

A release passes when every rule that is asked holds, by explicit success. ``checks.json`` says in words what each rule
means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.policy import contents, history, revocation, signing
from sbom.policy.exceptions import Exceptions
from sbom.policy.facts import Found, Problem
from sbom.policy.model import EXPIRY, VALID

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.policy.facts import Decision, Facts
    from sbom.policy.model import Policy


def decide(policy: Policy, facts: Facts) -> tuple[Decision, ...]:
    """Return one decision for each of :data:`sbom.policy.model.CHECKS`, in their order.

    :raises ValueError: when ``facts.now`` has no time zone: that is a mistake of the caller, and no fact.
    """
    if facts.now.tzinfo is None:
        raise ValueError("a time without a zone is no time to decide by")
    exceptions = Exceptions(policy, facts)
    decisions = [exceptions.settle(rule(policy, facts)) for rule in _RULES]
    return (*decisions, exceptions.decision())


def valid(policy: Policy, facts: Facts) -> Found:
    """Judge the policy itself: whose it is, and whether there was a newer one."""
    problems = []
    if facts.policy_signed is False:
        problems.append(Problem("the policy is not signed by the key that --policy-key demands"))
    if facts.seen is not None and policy.version < facts.seen.policy_version:
        newer = facts.seen.policy_version
        problems.append(Problem(f"the policy has version {policy.version}, and version {newer} was seen before"))
    signed = " and signed" if facts.policy_signed else ""
    holds = f"the policy {policy.id} version {policy.version} is well-formed{signed}"
    evidence = {"id": policy.id, "version": policy.version, "sha256": policy.sha256}
    return Found(VALID, holds, tuple(problems), evidence)


def expiry(policy: Policy, facts: Facts) -> Found:
    """Judge whether the time of the policy is over."""
    when = policy.expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    over = facts.now >= policy.expires
    problems = (Problem(f"the policy expired at {when}: have it renewed"),) if over else ()
    return Found(EXPIRY, f"the policy is good until {when}", problems, {"expires": when})


_RULES: Final[tuple[Callable[[Policy, Facts], Found], ...]] = (
    valid,
    expiry,
    signing.signers,
    signing.approvals,
    signing.roles,
    signing.algorithms,
    contents.files,
    contents.provenance,
    contents.lineage,
    contents.dataset,
    history.predecessor,
    history.rollback,
    revocation.listed,
    revocation.revoked,
)
