"""The ``policy.*`` checks and ``signature.revoked``: what a trust policy says of a release, once all else is known.

Rules of trust: the policy comes from the caller's command line, and what it names may not lie inside the data. What it
has seen is written only after everything held.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sbom import profiles
from sbom.attestation import evaluation, predicates, sidecars
from sbom.attestation.interface import KEY, Anchors, Identity
from sbom.cyclonedx.canonical import canonical
from sbom.errors import Error, RefusedError, UndecidedError, UsageError
from sbom.policy import facts as known
from sbom.policy import read, state
from sbom.policy.decide import decide
from sbom.policy.facts import Ancestry, Answer, Facts
from sbom.policy.model import CHECKS, ROLLBACK, Wanted
from sbom.policy.model import Policy as Model
from sbom.signing import dsse, trust
from sbom.signing.certificates import CertificateAnchor
from sbom.signing.interface import Outcome
from sbom.transformation import LEVELS, NONE
from sbom.verification.interface import errored, failed, passed, skipped
from sbom.verification.report import CheckResult, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sbom.cyclonedx.document import Document
    from sbom.model import Dataset
    from sbom.policy.facts import Decision, Seen
    from sbom.profiles import Fact
    from sbom.signing.keys import PublicKey
    from sbom.transformation import Lineage
    from sbom.verification.chain import Release
    from sbom.verification.interface import Options, Trust
    from sbom.verification.signatures import Signatures

_T = TypeVar("_T")
#: Problems of one check that the report lists.
_LISTED = 1_000


class InUse(NamedTuple):
    """A policy that a verification keeps to.

    :param state: the path of its state file; ``None``: it needs none.
    :param signed: whether it is signed by a key that was demanded; ``None``: none was.
    """

    policy: Model
    state: str | None
    signed: bool | None

    @property
    def pinned(self) -> bool:
        """Whether it says which dataset is wanted."""
        return self.policy.dataset != Wanted()

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that it trusts: none of them may lie inside the data."""
        trusted_root = self.policy.trusted_root
        return (*self.policy.paths, *(one for one in (trusted_root, self.state) if one is not None))


class Said(NamedTuple):
    """What is kept of a document's tree for the policy: a digest of what was signed, and the facts that are known."""

    content: str
    known: Mapping[str, Fact] | None


def use(given: Trust, keys: Sequence[PublicKey]) -> InUse | None:
    """Load the policy that a caller names; ``None`` when there is none.

    :param keys: by one of which the policy has to be signed; empty: by nobody.
    :raises UsageError: when it is malformed, or needs a state file and there is none.
    """
    if given.policy is None:
        return None
    path = os.fspath(given.policy)
    data = read.content(path)
    policy = read.parse(data, path)
    signed = _is_signed(path, policy, keys) if keys else None
    chosen = policy.state if given.state is None else os.fspath(given.state)
    return InUse(policy, state.required(policy, chosen), signed)


def anchors(used: InUse, given: Anchors) -> Anchors:
    """Add to those whom the caller names those whom the policy names.

    :raises UsageError: when the key of somebody who may revoke is not there.
    """
    policy = used.policy
    keys = _once((*given.keys, *(key for signer in policy.signers for key in signer.keys)))
    _require_revokers(policy, keys)
    certificates = [
        CertificateAnchor(tuple(der for _, der in one.roots), one.identity)
        for signer in policy.signers
        for one in signer.certificates
    ]
    sigstore = [one for signer in policy.signers for one in signer.sigstore]
    return Anchors(
        keys=keys,
        certificates=_once((*given.certificates, *certificates)),
        sigstore=_once((*given.sigstore, *sigstore)),
        timestamp_roots=_once((*given.timestamp_roots, *policy.timestamp_roots)),
        trusted_root=given.trusted_root or policy.trusted_root,
        trusted_root_sha256=None if given.trusted_root else policy.trusted_root_sha256,
        trust_config=given.trust_config,
        offline=given.offline,
    )


def options(used: InUse, given: Options) -> Options:
    """Add to what the caller demands what the policy demands, and what it lets pass."""
    level = max(given.require_lineage, used.policy.lineage.level or NONE, key=LEVELS.index)
    extras = (*given.allow_extra, *(used.policy.files.extras or ()))
    return replace(given, require_lineage=level, allow_extra=extras)


def said(used: InUse, document: Document, dataset: Dataset) -> Said:
    """Keep what the policy will want to know of a document whose tree is dropped."""
    bare = {name: value for name, value in document.tree.items() if name != "signature"}
    wanted = used.policy.provenance.required or used.policy.provenance.profiles
    found = profiles.facts(dataset, document.tree) if wanted else None
    return Said(hashlib.sha256(canonical(bare)).hexdigest(), found)


class Known(NamedTuple):
    """All that a verification has found out for the policy."""

    dataset: Dataset
    presented: Release
    said: Said
    signatures: Signatures
    results: Sequence[CheckResult]
    line: Sequence[Release]
    allowed_extra: tuple[str, ...]
    options: Options
    keys: Sequence[PublicKey]


class Judged(NamedTuple):
    """The results, and what to remember."""

    results: list[CheckResult]
    used: InUse
    facts: Facts | None = None


def judge(used: InUse, what: Known) -> Judged:
    """Make every check of the family."""
    seen: Seen | None = None
    if used.state is not None:
        try:
            seen = state.load(used.state, used.policy)
        except UndecidedError as error:
            sentence = f"the state file {error.message}"
            return Judged([errored(check_id, sentence) for check_id in CHECKS], used)
    facts = _facts(used, what, seen)
    return Judged([_result(one) for one in decide(used.policy, facts)], used, facts)


def remember(judged: Judged, *, success: bool) -> CheckResult | None:
    """Remember what was seen, and, when everything held, that the release was accepted.

    :return: what to say in place of success when that cannot be; ``None`` when all is well.
    """
    if judged.used.state is None or judged.facts is None:
        return None
    try:
        state.record(judged.used.state, judged.used.policy, judged.facts, success=success)
    except Error as error:
        say = failed if isinstance(error, RefusedError) else errored
        return say(ROLLBACK, f"what was seen cannot be remembered: {error.message}")
    return None


def _facts(used: InUse, what: Known, seen: Seen | None) -> Facts:
    gathered, presented = what.signatures.gathered, what.presented
    line = what.line[1:]
    sha256s = tuple(one.sha256 for one in line)
    complete = bool(what.line) and what.line[-1].previous is None
    return Facts(
        now=datetime.now(UTC),
        dataset=what.dataset,
        sha256=presented.sha256,
        content=what.said.content,
        signatures=what.signatures.signed,
        approvals=tuple(
            known.Approval(signed, one.role, presented.sha256, what.dataset.root, one.reason)
            for one, signed in gathered.approvals
        ),
        revocations=tuple(
            known.Revocation(signed, one.sha256, one.root, one.reason, one.created)
            for one, signed in gathered.revocations
        ),
        lists=tuple(
            known.RevocationList(
                signed,
                predicates.moment(one.created),
                tuple(known.Entry(entry.sha256, entry.root, entry.reason) for entry in one.revoked),
            )
            for one, signed in gathered.lists
        ),
        allowed_extra=what.allowed_extra,
        only=what.options.only,
        known=what.said.known,
        lineage_level=_level(what),
        step_signers=_step_signers(what.dataset.lineage, what.keys),
        aside=_aside(used.policy, what.dataset),
        ancestry=Ancestry(sha256s, complete),
        seen=seen,
        policy_signed=used.signed,
    )


def _level(what: Known) -> str | None:
    """Return the level of lineage that was found."""
    made = next((one for one in what.results if one.id == "lineage.complete"), None)
    found = None if made is None else made.evidence.get("found")
    if isinstance(found, str):
        return found
    return None if what.dataset.lineage else NONE


def _aside(policy: Model, dataset: Dataset) -> frozenset[str]:
    """Return the steps that only lie beside the chain, where the policy wants somebody to have signed a step."""
    if not policy.lineage.signers:
        return frozenset()
    from sbom.lineage import custody  # noqa: PLC0415  # only where steps are asked for

    return frozenset(step.name for step in dataset.lineage.steps) - custody.contributing(dataset)


def _step_signers(lineage: Lineage, keys: Sequence[PublicKey]) -> dict[str, frozenset[Identity]]:
    """Return who of the given has validly signed the record of each step."""
    found: dict[str, frozenset[Identity]] = {}
    for step in lineage.steps:
        names: frozenset[str] = frozenset()
        if step.envelope is not None:
            try:
                names = trust.valid_keys(dsse.evaluate(dsse.parse(step.envelope.encode()), keys))
            except (RefusedError, UndecidedError):
                names = frozenset()  # lineage.signatures says what is wrong with it, and fails
        found[step.name] = frozenset(Identity(KEY, name) for name in names)
    return found


def _result(one: Decision) -> CheckResult:
    match one.answer:
        case Answer.HOLDS:
            return passed(one.check, one.sentence, **one.evidence)
        case Answer.NOT_ASKED:
            return skipped(one.check, one.sentence, required=False, **one.evidence)
        case Answer.FAILS:
            return failed(one.check, one.sentence, _findings(one), **one.evidence)
        case _:
            return errored(one.check, one.sentence, _findings(one), **one.evidence)


def _findings(one: Decision) -> Iterable[Finding]:
    return (Finding(one.check, "POLICY", None, problem.text) for problem in one.problems[:_LISTED])


def _require_revokers(policy: Model, keys: Iterable[PublicKey]) -> None:
    """Make sure that every revocation that counts can be verified: one that cannot would be passed over."""
    known = {key.spki_sha256 for key in keys}
    for signer_id in sorted(policy.members((*policy.revocation.revokers, *policy.revocation.list_signers))):
        for fingerprint in policy.signer(signer_id).fingerprints:
            if fingerprint not in known:
                problem = f"{signer_id} may revoke by the key {fingerprint[:12]}…, which is not there"
                raise UsageError(problem, path=policy.paths[0], hint="give it with --public-key, or keys in the policy")


def _is_signed(path: str, policy: Model, keys: Sequence[PublicKey]) -> bool:
    """Tell whether a policy has a bundle beside it, by one of these keys: about its bytes, and whom its files name."""
    given = Anchors(keys=tuple(keys))
    for one in sidecars.load(sidecars.find(path, None)):
        if isinstance(one, sidecars.Unreadable):
            continue  # only a good one counts, and nothing that is unreadable is
        if predicates.policy_refusal(one.statement, policy.sha256, policy.anchors) is not None:
            continue
        signed = evaluation.evaluate(one.bundle, given, one.path)
        if signed.outcome is Outcome.VALID:
            return True
    return False


def _once(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))
