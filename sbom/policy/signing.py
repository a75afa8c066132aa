"""The rules on who has signed, and with what. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.names import display
from sbom.policy.facts import Found, Problem
from sbom.policy.model import ALGORITHMS, APPROVALS, ROLES, SIGNERS
from sbom.policy.people import People, Place, unfilled
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sbom.policy.facts import Approval, Facts
    from sbom.policy.model import Policy, Threshold

#: How JSF (RFC 7518 section 3.1) and others start the names of algorithms whose verifier can forge.
_HMAC: Final = ("HS", "HMAC")
_ONCE: Final = 2
#: Signatures that do not count and are listed.
_LISTED: Final = 100


def signers(policy: Policy, facts: Facts) -> Found:
    """Judge whether enough signers of each role have signed the release."""
    people = People(policy, facts)
    places = _released(policy, facts, people)
    problems = [
        Problem(f"a signature that claims to be {_name(policy, signer)}'s is not: {one.sentence}")
        for one in facts.signatures
        if one.outcome is Outcome.INVALID and (signer := people.signer(one)) is not None
    ]
    problems += [*_lacking(policy, places, policy.release, "signed"), *_shared(policy, facts, people)]
    ignored = [display(why, 300) for one in facts.signatures if (why := people.doubt(one)) is not None]
    evidence = {"signers": _named(policy, places), "ignored": ignored[:_LISTED]}
    return Found(SIGNERS, f"the release is signed by {_counted(policy.release)}", tuple(problems), evidence)


def approvals(policy: Policy, facts: Facts) -> Found:
    """Judge whether enough signers of each role approve of the release."""
    people = People(policy, facts)
    ignored = [
        f"{display(one.signed.sentence, 300)}: {why}"
        for one in facts.approvals
        if (why := _not_counted(policy, facts, people, one)) is not None
    ]
    if not policy.approvals:
        return Found(APPROVALS, None, evidence={"ignored": ignored[:_LISTED]}, idle="the policy asks for no approval")
    places = _approved(policy, facts, people)
    problems = tuple(_lacking(policy, places, policy.approvals, "approved"))
    evidence = {"approvals": _named(policy, places), "ignored": ignored[:_LISTED]}
    return Found(APPROVALS, f"the release is approved by {_counted(policy.approvals)}", problems, evidence)


def roles(policy: Policy, facts: Facts) -> Found:
    """Judge whether no person is needed for two roles."""
    if not policy.separate:
        return Found(ROLES, None, idle="the policy lets one person count for several roles")
    if len(policy.release) + len(policy.approvals) < _ONCE:
        return Found(ROLES, None, idle="the policy asks for one role only")
    people = People(policy, facts)
    both = (*_released(policy, facts, people), *_approved(policy, facts, people))
    # How many are missing altogether is said by the other rules.
    places = [place._replace(needed=min(place.needed, len(place.persons))) for place in both]
    problems = tuple(
        Problem(f"nobody is left for {place.title} when each person counts for one role only", place.title.split()[0])
        for place in unfilled(places)
    )
    return Found(ROLES, "nobody counts for two roles", problems)


def algorithms(policy: Policy, facts: Facts) -> Found:
    """Judge what the signatures are made with."""
    people = People(policy, facts)
    problems = list(_unsafe(facts))
    allowed = policy.algorithms.allowed
    released = people.counting(facts.signatures)
    approved = people.counting(one.signed for one in facts.approvals)
    problems += [
        Problem(
            f"{_name(policy, signer)} signed with {display(one.algorithm, 60)}, which the policy does not allow",
            one.algorithm,
        )
        for signer, one in (*released, *approved)
        if allowed is not None and one.algorithm not in allowed
    ]
    used = sorted({one.algorithm for _, one in released})
    problems += [
        Problem(f"no signer of the policy signed the release with {algorithm}, which it demands", algorithm)
        for algorithm in policy.algorithms.required
        if algorithm not in used
    ]
    holds = "every signature is by a key pair, covers the whole document, and uses an algorithm that is allowed"
    return Found(ALGORITHMS, holds, tuple(problems), {"algorithms": used})


def is_hmac(algorithm: str) -> bool:
    """Tell whether a signature algorithm is one of those that whoever can verify can also forge."""
    return algorithm.upper().startswith(_HMAC)


def _unsafe(facts: Facts) -> Iterator[Problem]:
    for one in facts.signatures:
        if is_hmac(one.algorithm):
            text = (
                f"a signature uses {display(one.algorithm, 60)}: an HMAC can be forged by everybody who can verify it"
            )
            yield Problem(text, one.algorithm, final=True)
    if facts.excludes:
        named = ", ".join(display(one, 60) for one in facts.excludes[:5])
        yield Problem(f'a signature leaves parts of the document uncovered ("excludes": {named})', final=True)


def _released(policy: Policy, facts: Facts, people: People) -> list[Place]:
    """Return who signed the release, by role."""
    ids = [signer for signer, _ in people.counting(facts.signatures)]
    return [Place(f"{one.role} (signature)", one.needed, people.with_role(ids, one.role)) for one in policy.release]


def _approved(policy: Policy, facts: Facts, people: People) -> list[Place]:
    """Return who approves of the release, by the role that they say and have."""
    counted = [one for one in facts.approvals if _not_counted(policy, facts, people, one) is None]
    return [
        Place(
            f"{threshold.role} (approval)",
            threshold.needed,
            people.with_role(
                [str(people.signer(one.signed)) for one in counted if one.role == threshold.role], threshold.role
            ),
        )
        for threshold in policy.approvals
    ]


def _not_counted(policy: Policy, facts: Facts, people: People, one: Approval) -> str | None:
    """Say why an approval does not count; ``None`` when it does."""
    why = people.doubt(one.signed)
    if why is not None:
        return "its signature does not count" if one.signed.outcome is Outcome.VALID else "it is not valid"
    if (one.sha256, one.root) != (facts.sha256, facts.dataset.root):
        return "it is about another document"
    signer = str(people.signer(one.signed))
    if signer not in policy.members((one.role,)):
        return f"{_name(policy, signer)} does not have the role {display(one.role, 60)}"
    return None


def _lacking(policy: Policy, places: Sequence[Place], wanted: Iterable[Threshold], did: str) -> Iterator[Problem]:
    for place, (role, count) in zip(places, wanted, strict=True):
        if len(place.persons) < count:
            who = ", ".join(_name(policy, one) for one in sorted(place.persons)) or "nobody"
            yield Problem(f"{count} of {role} {'is' if count == 1 else 'are'} needed, and {who} {did}", role)


def _shared(policy: Policy, facts: Facts, people: People) -> Iterator[Problem]:
    """Say that signers used one key, where one of them is missing because of it: it is hard to see otherwise."""
    ids = {signer for signer, _ in people.counting(facts.signatures)}
    for place, (role, count) in zip(_released(policy, facts, people), policy.release, strict=True):
        named = sorted(ids & policy.members((role,)))
        if len(place.persons) < min(count, len(named)):
            names = " and ".join(_name(policy, one) for one in named)
            yield Problem(f"{names} signed with one and the same key, and count as one person", role)


def _name(policy: Policy, signer_id: str) -> str:
    return display(policy.signer(signer_id).name, 80)


def _named(policy: Policy, places: Iterable[Place]) -> dict[str, list[str]]:
    return {place.title.split()[0]: sorted(policy.signer(one).name for one in place.persons) for place in places}


def _counted(thresholds: Iterable[Threshold]) -> str:
    return " and ".join(f"{one.needed} of {one.role}" for one in thresholds)
