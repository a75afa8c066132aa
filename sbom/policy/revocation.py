"""The rules on who took a release back. Pure.

A revocation counts by whom the policy names, and by nobody else; with whatever algorithm it is made, because all that
it can do is to refuse. A revocation that was seen once counts for good. That there is none proves nothing: only a
signed list, new enough, tells that nobody revoked.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.names import display
from sbom.policy.facts import Found, Problem, Remembered, Seen
from sbom.policy.model import REVOCATION, REVOKED
from sbom.policy.people import by_identity
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sbom.attestation.interface import Signed
    from sbom.policy.facts import Facts, RevocationList
    from sbom.policy.model import Policy

#: How far the clock of whoever issues a list may be ahead.
_AHEAD: Final = timedelta(minutes=5)
_DAY: Final = timedelta(days=1)
_LISTED: Final = 100


class _Counted(NamedTuple):
    """A revocation by somebody who may revoke."""

    entry: Remembered
    how: str


def revoked(policy: Policy, facts: Facts) -> Found:
    """Judge whether the release was taken back."""
    counted = [one for one in _counted(policy, facts) if _is_meant(one.entry, facts)]
    evidence = {"ignored": list(_ignored(policy, facts))[:_LISTED]}
    if not (policy.revocation.revokers or policy.revocation.list_signers or counted):
        return Found(
            REVOKED, None, evidence=evidence, idle="revocation not checked: the policy names nobody who may revoke"
        )
    problems = (*(Problem(_sentence(policy, one)) for one in counted), *_lapsed(policy, facts))
    return Found(REVOKED, "nobody who may revoke the release is known to have done so", problems, evidence)


def listed(policy: Policy, facts: Facts) -> Found:
    """Judge whether there is a list of revocations that is new enough."""
    limit = policy.revocation.list_max_age
    if limit is None:
        return Found(REVOCATION, None, idle="revocation not checked: the policy demands no signed list")
    newest = _newest(policy, facts)
    oldest = None if facts.seen is None else facts.seen.list_issued
    why = None
    if newest is None:
        why = "there is no revocation list by whom the policy names"
    elif facts.now - newest > timedelta(seconds=limit):
        age, allowed = (facts.now - newest) / _DAY, timedelta(seconds=limit) / _DAY
        why = f"the revocation list is {age:.1f} days old, and at most {allowed:g} are allowed"
    elif oldest is not None and newest < oldest:
        why = f"the revocation list is older than one that was seen: of {_text(newest)}, not {_text(oldest)}"
    problems = () if why is None else (Problem(f"{why}: get the newest", undecided=True),)
    evidence = {"issued": None if newest is None else _text(newest)}
    return Found(REVOCATION, "the revocation list is new enough", problems, evidence)


def remember(policy: Policy, facts: Facts, seen: Seen) -> Seen:
    """Remember every revocation that counts, of whatever release, and when the newest list was issued."""
    kept = {(one.sha256, one.root): one for one in seen.revocations}
    for one in _counted(policy, facts):
        kept.setdefault((one.entry.sha256, one.entry.root), one.entry)
    newest = _newest(policy, facts)
    times = [time for time in (seen.list_issued, newest) if time is not None]
    return Seen(
        max(seen.policy_version, policy.version),
        seen.releases,
        seen.older,
        tuple(kept.values()),
        max(times) if times else None,
    )


def _counted(policy: Policy, facts: Facts) -> Iterator[_Counted]:
    """Yield every revocation that counts: by a statement, by a list, and from memory."""
    for one in facts.revocations:
        who = _by(policy, one.signed, policy.revocation.revokers)
        if who is not None:
            yield _Counted(Remembered(one.sha256, one.root, who, one.reason, one.time), "")
    for one_list in facts.lists:
        who = _by(policy, one_list.signed, policy.revocation.list_signers)
        if who is not None:
            for entry in one_list.entries:
                issued = "" if one_list.issued.tzinfo is None else _text(one_list.issued)
                yield _Counted(Remembered(entry.sha256, entry.root, who, entry.reason, issued), "in a list")
    if facts.seen is not None:
        for remembered in facts.seen.revocations:
            yield _Counted(remembered, "as was seen before")


def _lapsed(policy: Policy, facts: Facts) -> Iterator[Problem]:
    """Yield revocations by a certificate that has expired since: they prove nothing, and are not passed over."""
    said = [(one.signed, policy.revocation.revokers) for one in facts.revocations]
    said += [
        (one.signed, policy.revocation.list_signers)
        for one in facts.lists
        if any(_is_meant(Remembered(entry.sha256, entry.root, "", "", ""), facts) for entry in one.entries)
    ]
    signers = by_identity(policy.signers)
    for signed, roles in said:
        signer = None if signed.identity is None else signers.get(signed.identity)
        if signed.outcome is Outcome.NOT_TRUSTED and signer in policy.members(roles):
            text = (
                f"a revocation by {display(str(signed.identity), 200)} cannot be verified any more: {signed.sentence}"
            )
            yield Problem(text, undecided=True)


def _by(policy: Policy, signed: Signed, roles: tuple[str, ...]) -> str | None:
    """Return the id of the signer, when the signature is valid and the signer has one of the roles."""
    if signed.outcome is not Outcome.VALID or signed.identity is None:
        return None
    signer = by_identity(policy.signers).get(signed.identity)
    return signer if signer in policy.members(roles) else None


def _is_meant(entry: Remembered, facts: Facts) -> bool:
    return entry.sha256 == facts.sha256 or (entry.root != "" and entry.root == facts.dataset.root)


def _ignored(policy: Policy, facts: Facts) -> Iterator[str]:
    for one in facts.revocations:
        if _by(policy, one.signed, policy.revocation.revokers) is None:
            yield f"{display(one.signed.sentence, 300)}: a revocation by nobody who may revoke changes nothing"
    for one_list in facts.lists:
        if _by(policy, one_list.signed, policy.revocation.list_signers) is None:
            yield f"{display(one_list.signed.sentence, 300)}: a list by nobody who may sign one changes nothing"


def _newest(policy: Policy, facts: Facts) -> datetime | None:
    """Return when the newest list that counts was issued. One from the future is as good as none."""
    return max(
        (
            one.issued
            for one in facts.lists
            if _by(policy, one.signed, policy.revocation.list_signers) is not None and _is_past(one, facts)
        ),
        default=None,
    )


def _is_past(one: RevocationList, facts: Facts) -> bool:
    return one.issued.tzinfo is not None and one.issued <= facts.now + _AHEAD


def _sentence(policy: Policy, one: _Counted) -> str:
    names = {signer.id: signer.name for signer in policy.signers}
    who = display(names.get(one.entry.by, one.entry.by), 80)
    how = f", {one.how}" if one.how else ""
    when = f" on {display(one.entry.time, 40)}" if one.entry.time else ""
    why = f": {display(one.entry.reason, 300)}" if one.entry.reason else ""
    return f"{who} revoked it{when}{how}{why}"


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
