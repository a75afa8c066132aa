"""A policy in words, for ``data-sbom policy explain``: what must hold, and who is who. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.attestation.interface import CERTIFICATE, KEY
from sbom.names import display
from sbom.policy import model
from sbom.policy.model import ANY_STEP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sbom.attestation.interface import Identity
    from sbom.policy.model import Exemption, Policy, Threshold

_DAY: Final = 24 * 60 * 60


class Sentence(NamedTuple):
    """What one check demands."""

    check: str
    text: str


def demands(policy: Policy) -> list[Sentence]:
    """Say what must hold, in the order of the checks."""
    return [Sentence(check, text) for check, text in _demands(policy) if text]


def people(policy: Policy) -> list[str]:
    """Say who the signers are: one line for each, one for each of their credentials, and one for each role."""
    lines = []
    for signer in policy.signers:
        lines.append(f"{signer.id}: {display(signer.name, 200)}")
        lines += [f"  {_credential(identity)}" for identity in signer.identities()]
    lines += [f"role {role.name}: {', '.join(role.members)}" for role in policy.roles]
    return lines


def advice(policy: Policy, now: datetime) -> list[str]:
    """Say what is allowed, and what its writer may not have meant.

    :param now: aware.
    """
    found = []
    if not (policy.dataset.names or policy.dataset.roots):
        found.append("it accepts any dataset that these people sign: say which one with [dataset] names")
    if not policy.predecessor.never_older and not policy.predecessor.descends_from and not policy.dataset.versions:
        found.append("it accepts an older release after a newer one: see never-older and descends-from")
    if not policy.revocation.revokers:
        found.append("nobody can revoke a release: see [revocation]")
    elif policy.revocation.list_max_age is None:
        found.append("a revocation that is held back is not noticed: see list-max-age-days")
    if policy.predecessor.never_older and policy.state is None:
        found.append("it needs a state file: say which with state, or give --state")
    if policy.expires.year > now.year + _YEARS:
        found.append(f"it expires in {policy.expires.year} only: who will look at it before?")
    used = {member for role in policy.roles for member in role.members}
    unused = [signer.id for signer in policy.signers if signer.id not in used]
    found += [f"the signer {one} has no role" for one in unused]
    return found


_YEARS: Final = 3


def _demands(policy: Policy) -> Iterator[tuple[str, str]]:
    yield model.VALID, "No newer version of this policy was seen; with --policy-key, it is signed by that key."
    yield model.EXPIRY, f"It is not yet {_time(policy.expires)}."
    stamped = ", with a time that somebody else attests" if policy.timestamp else ""
    yield model.SIGNERS, f"The release is signed by {_needed(policy, policy.release)}{stamped}."
    if policy.approvals:
        yield model.APPROVALS, f"Exactly this document is approved by {_needed(policy, policy.approvals)}."
    if policy.separate and len(policy.release) + len(policy.approvals) > 1:
        yield model.ROLES, "Nobody counts for two roles."
    yield model.ALGORITHMS, _algorithms(policy)
    yield model.FILES, _files(policy)
    yield model.PROVENANCE, _provenance(policy)
    yield model.LINEAGE, _lineage(policy)
    yield model.DATASET, _dataset(policy)
    yield model.PREDECESSOR, _predecessor(policy)
    if policy.predecessor.never_older:
        yield model.ROLLBACK, "It is not older than a release that was accepted before, and no fork of it."
    yield from _revocation(policy)
    for one in policy.exceptions:
        yield model.EXCEPTIONS, _exception(one)


def _algorithms(policy: Policy) -> str:
    allowed, required = policy.algorithms.allowed, policy.algorithms.required
    text = "Signatures are never by an HMAC, and cover the whole document"
    if allowed is not None:
        text += f"; signers use {_or(allowed)}"
    if required:
        text += f"; the release is signed with {_and(required)}"
    return f"{text}."


def _files(policy: Policy) -> str:
    files = policy.files
    parts = []
    if files.extras is not None:
        named = f"but those that match {_or(files.extras)}" if files.extras else ""
        parts.append(f"there is no file that the document does not list {named}".rstrip())
    if files.hashes:
        parts.append(f"each file has a digest by {_and(files.hashes)}")
    for limit, text in (
        (files.max_files, "there are at most {:,} files"),
        (files.max_file_size, "no file has more than {:,} bytes"),
        (files.max_total_size, "all files have at most {:,} bytes together"),
    ):
        if limit is not None:
            parts.append(text.format(limit))
    if files.complete:
        parts.append("nothing was left out of the document, and all of it is verified")
    return _sentence(parts)


def _provenance(policy: Policy) -> str:
    parts = []
    if policy.provenance.required:
        parts.append(f"the document says {_and(policy.provenance.required)}")
    if policy.provenance.profiles:
        parts.append(f"the required elements of {_and(policy.provenance.profiles)} are there")
    return _sentence(parts)


def _lineage(policy: Policy) -> str:
    parts = []
    if policy.lineage.level is not None:
        parts.append(f"the lineage is at least {policy.lineage.level}")
    for step, roles in policy.lineage.signers:
        what = "every other recorded step" if step == ANY_STEP else f"step {display(step, 80)}"
        parts.append(f"the record of {what} is signed by somebody who is {_or(roles)}")
    return _sentence(parts)


def _dataset(policy: Policy) -> str:
    wanted = policy.dataset
    parts = [
        f"{what} is {_or(values)}"
        for what, values in (("its name", wanted.names), ("its version", wanted.versions), ("its root", wanted.roots))
        if values
    ]
    return _sentence(parts)


def _predecessor(policy: Policy) -> str:
    wanted = policy.predecessor
    parts = [f"it is the document {sha256}, or follows from it" for sha256 in wanted.descends_from]
    if wanted.required:
        parts.append("it names a predecessor, whose document is verified")
    return _sentence(parts)


def _revocation(policy: Policy) -> Iterator[tuple[str, str]]:
    rule = policy.revocation
    if rule.list_max_age is not None:
        days = rule.list_max_age // _DAY
        signers = f"somebody who is {_or(rule.list_signers)}"
        yield model.REVOCATION, f"There is a revocation list by {signers}, not older than {days} days."
    if rule.revokers:
        yield model.REVOKED, f"Nobody who is {_or(rule.revokers)} has revoked it."


def _exception(one: Exemption) -> str:
    limits = [
        f"{what} {_or(values)}"
        for what, values in (
            ("version", one.versions), ("root", one.roots), ("files", one.files), ("for", one.names),
        )
        if values
    ]  # fmt: skip
    where = f" ({', '.join(limits)})" if limits else ""
    return f"Until {_time(one.expires)}, {one.rule} is let pass{where}: {display(one.reason, 300)}"


def _needed(policy: Policy, thresholds: Iterable[Threshold]) -> str:
    parts = []
    for role, needed in thresholds:
        members = [display(policy.signer(one).name, 80) for one in sorted(policy.members((role,)))]
        parts.append(f"at least {needed} of {role} ({', '.join(members)})")
    return " and ".join(parts)


def _credential(identity: Identity) -> str:
    if identity.kind == KEY:
        return f"key {identity.value}"
    if identity.kind == CERTIFICATE:
        return f"certificate of {display(identity.value, 200)} below the root {identity.issuer}"
    return f"Sigstore identity {display(identity.value, 200)}, by {display(identity.issuer, 200)}"


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _or(values: Iterable[str]) -> str:
    return " or ".join(display(value, 80) for value in values)


def _and(values: Iterable[str]) -> str:
    return " and ".join(display(value, 80) for value in values)


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
