"""What a trust policy is: frozen values without I/O. ``docs/policy.md`` explains each of them to people.

A signer is a person (or a release workflow) with one or more credentials. Thresholds count signers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.attestation.interface import CERTIFICATE, KEY, SIGSTORE, Identity, SigstoreIdentity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sbom.signing.keys import PublicKey

# The checks, in their order. ``signature.revoked`` is the policy's, too: only it knows who may revoke.
VALID: Final = "policy.valid"
EXPIRY: Final = "policy.expiry"
SIGNERS: Final = "policy.signers"
APPROVALS: Final = "policy.approvals"
ROLES: Final = "policy.roles"
ALGORITHMS: Final = "policy.algorithms"
FILES: Final = "policy.files"
PROVENANCE: Final = "policy.provenance"
LINEAGE: Final = "policy.lineage"
DATASET: Final = "policy.dataset"
PREDECESSOR: Final = "policy.predecessor"
ROLLBACK: Final = "policy.rollback"
REVOCATION: Final = "policy.revocation"
REVOKED: Final = "signature.revoked"
EXCEPTIONS: Final = "policy.exceptions"
CHECKS: Final = (
    VALID, EXPIRY, SIGNERS, APPROVALS, ROLES, ALGORITHMS, FILES, PROVENANCE, LINEAGE, DATASET, PREDECESSOR, ROLLBACK,
    REVOCATION, REVOKED, EXCEPTIONS,
)  # fmt: skip
#: Rules that an exception may be made from. Who has to sign, and which dataset it is, is changed in the policy itself.
EXCEPTABLE: Final = (
    APPROVALS, ROLES, ALGORITHMS, FILES, PROVENANCE, LINEAGE, PREDECESSOR, ROLLBACK, REVOCATION, REVOKED,
)  # fmt: skip
#: Of these only for releases that the exception names: an exception for all of them would be no rule any more.
NAMED_RELEASES_ONLY: Final = (ROLLBACK, REVOKED)

#: In place of the name of a step: each recorded one that the policy does not name.
ANY_STEP: Final = "*"


class Certificate(NamedTuple):
    """A certificate of the caller's authority: ``roots`` are ``(SHA-256 hex, DER)``, ``identity`` is the exact name."""

    roots: tuple[tuple[str, bytes], ...]
    identity: str


@dataclass(frozen=True, slots=True)
class Signer:
    """A person, or a workflow.

    :param id: how roles name them.
    :param name: for people.
    :param fingerprints: SHA-256 (hex) of the SPKI of each of their keys, those in ``keys`` among them.
    :param keys: those that the policy brings along. Others have to be given by the caller.
    """

    id: str
    name: str
    fingerprints: tuple[str, ...] = ()
    keys: tuple[PublicKey, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    sigstore: tuple[SigstoreIdentity, ...] = ()

    def identities(self) -> Iterator[Identity]:
        """Yield every identity that is theirs."""
        for fingerprint in self.fingerprints:
            yield Identity(KEY, fingerprint)
        for certificate in self.certificates:
            for digest, _ in certificate.roots:
                yield Identity(CERTIFICATE, certificate.identity, digest)
        for identity, issuer in self.sigstore:
            yield Identity(SIGSTORE, identity, issuer)


class Role(NamedTuple):
    """A role, and the ids of the signers who have it."""

    name: str
    members: tuple[str, ...]


class Threshold(NamedTuple):
    """How many distinct signers of a role are needed."""

    role: str
    needed: int


@dataclass(frozen=True, slots=True)
class Algorithms:
    """Which signature algorithms count; ``None``: every one that this program takes.

    :param required: each of them has to be among those that the release is signed with.
    """

    allowed: tuple[str, ...] | None = None
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Files:
    """What the files of a dataset must be like. ``None`` demands nothing; sizes are bytes.

    :param extras: globs of files that may be there without being listed.
    :param hashes: CycloneDX names of digests that each file must have.
    :param complete: nothing was left out, by whoever described the dataset or by whoever looks at it.
    """

    extras: tuple[str, ...] | None = None
    hashes: tuple[str, ...] = ()
    max_files: int | None = None
    max_file_size: int | None = None
    max_total_size: int | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """What must be known of where a dataset comes from: ids of facts, and ids of profiles."""

    required: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """How much must be known of how a dataset was made, and who may sign the record of which step.

    :param level: one of :data:`sbom.transformation.LEVELS`.
    :param signers: ``(step, roles)``; :data:`ANY_STEP` is any other recorded one.
    """

    level: str | None = None
    signers: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dataset this is about; empty is any. All are compared exactly."""

    names: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What must have come before a release.

    :param required: each but the one that ``descends_from`` names has to name a predecessor, which has to be there.
    :param descends_from: SHA-256 (hex) of documents: the release is it, or follows from it; from each of them.
    :param never_older: nothing older than what was accepted before, by the state file.
    """

    required: bool = False
    descends_from: tuple[str, ...] = ()
    never_older: bool = False


@dataclass(frozen=True, slots=True)
class Revocation:
    """Who may take a release back.

    :param revokers: roles.
    :param list_signers: roles whose revocation lists count.
    :param list_max_age: seconds; ``None``: no list is demanded.
    """

    revokers: tuple[str, ...] = ()
    list_signers: tuple[str, ...] = ()
    list_max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """A problem that is let pass, for a reason and a time.

    :param rule: one of :data:`EXCEPTABLE`.
    :param versions: of the dataset; with ``roots`` empty: any release.
    :param files: globs; for :data:`FILES` only.
    :param names: fields, steps, roles or algorithms that it is about; empty: whatever the rule is about.
    """

    rule: str
    reason: str
    expires: datetime
    versions: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A trust policy, as somebody wrote it and :mod:`sbom.policy.read` accepted it.

    :param id: by which the state file knows it.
    :param version: counts up; an older one than was seen is refused.
    :param expires: aware, UTC; from then on it accepts nothing.
    :param sha256: of its exact bytes (hex).
    :param trusted_root_sha256: of the file's bytes (hex), as it was when the policy was read.
    :param paths: every file that was read for it, itself first: none of them may lie inside the data.
    :param state: path of the state file.
    :param separate: no person counts for two roles.
    :param timestamp: only signatures with an attested time count.
    """

    id: str
    version: int
    name: str
    expires: datetime
    sha256: str
    signers: tuple[Signer, ...]
    roles: tuple[Role, ...]
    release: tuple[Threshold, ...]
    approvals: tuple[Threshold, ...] = ()
    paths: tuple[str, ...] = ()
    state: str | None = None
    separate: bool = True
    timestamp: bool = False
    timestamp_roots: tuple[bytes, ...] = ()
    trusted_root: str | None = None
    trusted_root_sha256: str | None = None
    algorithms: Algorithms = Algorithms()  # frozen
    files: Files = Files()  # frozen
    provenance: Provenance = Provenance()  # frozen
    lineage: Lineage = Lineage()  # frozen
    dataset: Wanted = Wanted()  # frozen
    predecessor: Predecessor = Predecessor()  # frozen
    revocation: Revocation = Revocation()  # frozen
    exceptions: tuple[Exemption, ...] = ()

    @property
    def anchors(self) -> str:
        """SHA-256 (hex) of the keys and roots that were read from the files that the policy names."""
        lines = [f"{one.id} key {key.spki_sha256}" for one in self.signers for key in one.keys]
        lines += [
            f"{one.id} root {digest}" for one in self.signers for each in one.certificates for digest, _ in each.roots
        ]
        lines += [f"timestamp-root {hashlib.sha256(der).hexdigest()}" for der in self.timestamp_roots]
        lines.append(f"sigstore-root {self.trusted_root_sha256}")
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def members(self, roles: tuple[str, ...]) -> frozenset[str]:
        """Return the ids of the signers who have any of these roles."""
        return frozenset(member for role in self.roles if role.name in roles for member in role.members)

    def signer(self, signer_id: str) -> Signer:
        """Return a signer by id.

        :raises KeyError: when there is none.
        """
        for signer in self.signers:
            if signer.id == signer_id:
                return signer
        raise KeyError(signer_id)
