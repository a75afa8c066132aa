"""Whom a caller trusts, and what one signature means to them. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sbom.signing.certificates import CertificateAnchor
    from sbom.signing.keys import PublicKey

# Kinds of identity.
KEY = "key"
CERTIFICATE = "certificate"
SIGSTORE = "sigstore"


class Identity(NamedTuple):
    """Who signed: compared exactly, and counted once however often it signed.

    :param kind: :data:`KEY`, :data:`CERTIFICATE` or :data:`SIGSTORE`.
    :param value: of a key its SHA-256 (SPKI, hex); of a certificate the name in it that the caller asked for; of
        Sigstore the identity in the certificate.
    :param issuer: of a certificate the SHA-256 (hex) of the root certificate's DER; of Sigstore the OIDC issuer; of a
        key nothing.
    """

    kind: str
    value: str
    issuer: str = ""

    def __str__(self) -> str:
        """Return it as people read it, unescaped."""
        return f"{self.value[:8]}…" if self.kind == KEY else self.value


class Attested(NamedTuple):
    """The time of a signature, attested by somebody other than the signer.

    :param time: aware, in UTC.
    :param by: ``timestamp authority`` or ``transparency log``.
    """

    time: datetime
    by: str


class Signed(NamedTuple):
    """One signature as it was judged. Only :attr:`Outcome.VALID` counts for anything.

    :param sentence: the outcome and its reason for a person, without a full stop.
    :param identity: whose signature it is, or claims to be; of one that is not trusted, whose it was before the
        certificate expired. ``None`` where nobody can say.
    :param label: what the caller calls that identity.
    :param where: the path of the sidecar; empty for a signature inside the document.
    :param spki: SHA-256 (hex) of the key that made the signature, where it is known: one key is one signer, whatever
        names it is given.
    """

    outcome: Outcome
    sentence: str
    algorithm: str
    identity: Identity | None = None
    label: str | None = None
    times: tuple[Attested, ...] = ()
    where: str = ""
    spki: str = ""


class SigstoreIdentity(NamedTuple):
    """An identity and who vouched for it; both are compared exactly."""

    identity: str
    issuer: str


class Anchors(NamedTuple):
    """Whom the caller trusts, and with what it is checked.

    :param timestamp_roots: DER certificates of the roots of timestamp authorities, for ``certificates``.
    :param trusted_root: path of a Sigstore trusted root (JSON); ``None``: that of the public good instance, which comes
        with this program.
    :param trusted_root_sha256: of that file (hex), where it was looked at before: another one is not used.
    :param trust_config: path of a Sigstore client trust configuration (JSON) that holds a trusted root.
    :param offline: open no socket.
    """

    keys: tuple[PublicKey, ...] = ()
    certificates: tuple[CertificateAnchor, ...] = ()
    sigstore: tuple[SigstoreIdentity, ...] = ()
    timestamp_roots: tuple[bytes, ...] = ()
    trusted_root: str | None = None
    trusted_root_sha256: str | None = None
    trust_config: str | None = None
    offline: bool = False

    def __bool__(self) -> bool:
        """Tell whether there is anybody."""
        return bool(self.keys or self.certificates or self.sigstore)


def identities(signed: Iterable[Signed]) -> frozenset[Identity]:
    """Return the distinct identities with a valid signature."""
    return frozenset(one.identity for one in signed if one.outcome is Outcome.VALID and one.identity is not None)


def signers(signed: Iterable[Signed]) -> int:
    """Count the distinct signers: identities with a valid signature, those that share a key being one.

    So are the certificates of one name, whichever of the given roots they come from: it is one name that was given.
    """
    groups: list[set[str | Identity]] = []
    for one in signed:
        if one.outcome is not Outcome.VALID or one.identity is None:
            continue
        who = one.identity._replace(issuer="") if one.identity.kind == CERTIFICATE else one.identity
        names: set[str | Identity] = {who, one.spki} if one.spki else {who}
        for group in [group for group in groups if group & names]:
            names |= group
            groups.remove(group)
        groups.append(names)
    return len(groups)
