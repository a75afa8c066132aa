"""What a verification is given, and how a check says what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sbom.cyclonedx.strict_json import Limits
from sbom.verification.report import CheckResult, Finding, Status

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sbom.attestation.interface import Signed
    from sbom.attestation.predicates import Approval, Revocation, RevocationList
    from sbom.signing.keys import PublicKey

#: In place of the name of a step: each step that was recorded.
ANY_STEP = "*"
#: Called with bytes done since the last call, and the total in bytes.
Progress: TypeAlias = "Callable[[int, int], None]"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the caller trusts.

    :param keys: public keys, or paths of PEM files.
    :param require_signatures: how many distinct ones must have signed.
    :param step_keys: ``(step, key)``: the record of that step, or of every one for :data:`ANY_STEP`, must be signed by
        one of the keys given for it.
    :param upstream_keys: for the documents of datasets that steps read from.
    :param identities: ``(identity, issuer)`` of Sigstore, compared exactly.
    :param certificate_roots: PEM files of certificate authorities; ``certificate_identities``: the exact names (e-mail
        address, URI or DNS name) in the certificates that may sign.
    :param timestamp_roots: PEM files of the roots of timestamp authorities, for certificates.
    :param trusted_root: a Sigstore trusted root; default: the public good instance's, which comes with the program.
    :param trust_config: a Sigstore client trust configuration of a private deployment.
    :param attestations: directory with bundles; what lies beside the document is read anyway.
    :param policy: a trust policy; ``policy_keys``: one of them must have signed it.
    :param state: what this policy has seen so far; default: where the policy says.
    :param allow_key_in_data: accept a key file inside the data: whoever changes one can change the other.
    """

    keys: tuple[PublicKey | str | os.PathLike[str], ...] | list[PublicKey | str | os.PathLike[str]] = ()
    require_signatures: int = 1
    allow_key_in_data: bool = False
    step_keys: tuple[tuple[str, PublicKey | str | os.PathLike[str]], ...] = ()
    upstream_keys: tuple[PublicKey | str | os.PathLike[str], ...] = ()
    identities: tuple[tuple[str, str], ...] = ()
    certificate_roots: tuple[str | os.PathLike[str], ...] = ()
    certificate_identities: tuple[str, ...] = ()
    timestamp_roots: tuple[str | os.PathLike[str], ...] = ()
    trusted_root: str | os.PathLike[str] | None = None
    trust_config: str | os.PathLike[str] | None = None
    attestations: str | os.PathLike[str] | None = None
    policy: str | os.PathLike[str] | None = None
    policy_keys: tuple[PublicKey | str | os.PathLike[str], ...] = ()
    state: str | os.PathLike[str] | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """Which dataset the caller wants; ``None`` is any. ``root`` is the Merkle root in hex."""

    name: str | None = None
    version: str | None = None
    root: str | None = None

    @property
    def pinned(self) -> bool:
        """Whether the caller said anything."""
        return (self.name, self.version, self.root) != (None, None, None)


@dataclass(frozen=True, slots=True)
class Options:
    """How to verify.

    :param allow_extra: globs of files that may be there without being listed.
    :param only: globs that restrict hashing and the look for missing and extra files.
    :param chain: directory with the documents of other releases.
    :param processes: worker processes at most; ``None`` is one per core.
    :param offline: open no socket at all.
    :param online: fetch the recorded sources again, and compare; without it no socket is opened.
    :param allow_private: of these also such at loopback, private and link-local addresses.
    :param require_lineage: how complete the lineage has to be: ``none``, ``declared`` or ``observed``.
    """

    allow_extra: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    follow_symlinks: bool = False
    chain: str | None = None
    processes: int | None = None
    limits: Limits = field(default_factory=Limits)
    offline: bool = False
    online: bool = False
    allow_private: bool = False
    require_lineage: str = "none"


class Gathered(NamedTuple):
    """The bundles beside a document; of each statement what it says, and who signed it.

    :param releases: signatures of this release.
    :param problems: bundles that cannot be read, or do not mean what they should: each fails the run.
    :param undecided: what could not be looked at.
    :param others: how many bundles are about something else.
    :param verified: bundles of which this run has verified all that is in them: SHA-256 (hex) of their bytes, by path.
    """

    releases: tuple[Signed, ...] = ()
    approvals: tuple[tuple[Approval, Signed], ...] = ()
    revocations: tuple[tuple[Revocation, Signed], ...] = ()
    lists: tuple[tuple[RevocationList, Signed], ...] = ()
    problems: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    others: int = 0
    verified: Mapping[str, str] = {}  # never changed

    @property
    def signed(self) -> Iterator[Signed]:
        """Every signature."""
        yield from self.releases
        for group in (self.approvals, self.revocations, self.lists):
            yield from (one for _, one in group)


def passed(check: str, sentence: str, **evidence: object) -> CheckResult:
    """Say that a check held."""
    return CheckResult(check, Status.PASS, sentence, required=True, evidence=evidence)


def failed(check: str, sentence: str, findings: Iterable[Finding] = (), **evidence: object) -> CheckResult:
    """Say that a check did not hold."""
    return CheckResult(check, Status.FAIL, sentence, required=True, evidence=evidence, findings=tuple(findings))


def errored(check: str, sentence: str, findings: Iterable[Finding] = (), **evidence: object) -> CheckResult:
    """Say that a check could not be made."""
    return CheckResult(check, Status.ERROR, sentence, required=True, evidence=evidence, findings=tuple(findings))


def skipped(check: str, sentence: str, *, required: bool, **evidence: object) -> CheckResult:
    """Say that a check was not made, and whether it had to be."""
    return CheckResult(check, Status.SKIPPED, sentence, required=required, evidence=evidence)
