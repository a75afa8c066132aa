"""Signing a statement: with a key, with a certificate of the caller's own authority, or with a Sigstore identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.attestation import bundle as bundles
from sbom.attestation import keyed
from sbom.attestation.interface import Anchors
from sbom.errors import SignatureError, UsageError
from sbom.signing import dsse
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from sbom.attestation.bundle import Bundle
    from sbom.signing.interface import Signer


class Means(NamedTuple):
    """What a person signs with: a signer, or Sigstore.

    :param chain: DER certificates, that of the signer first; empty for a bare key.
    :param timestamp_url: of an RFC 3161 timestamp authority.
    :param token: an OIDC identity token; ``None``: what the surroundings give, in CI, or a browser.
    :param trust_config: path of the trust configuration of a private Sigstore.
    """

    signer: Signer | None = None
    chain: tuple[bytes, ...] = ()
    timestamp_url: str | None = None
    sigstore: bool = False
    token: str | None = None
    trust_config: str | None = None


def sign(statement: bytes, means: Means) -> bytes:
    """Return a bundle around a statement.

    :raises UsageError: when there is nothing to sign with, or what is given does not fit together.
    :raises Error: when it cannot be signed.
    """
    if means.sigstore:
        if means.signer is not None or means.chain or means.timestamp_url is not None:
            raise UsageError("Sigstore brings key, certificate and time of its own", hint="give --sigstore, or --key")
        from sbom.attestation import keyless  # noqa: PLC0415  # takes two seconds to load

        return keyless.sign(statement, token=means.token, trust_config=means.trust_config)
    if means.token is not None or means.trust_config is not None:
        raise UsageError("--identity-token and --trust-config are for --sigstore", hint="give --sigstore")
    if means.signer is None:
        raise UsageError("nothing to sign with was given", hint="give --key KEY, or --sigstore")
    if means.chain:
        from sbom.attestation import certified  # noqa: PLC0415  # only where there are certificates

        return certified.sign(statement, means.signer, means.chain, means.timestamp_url)
    if means.timestamp_url is not None:
        raise UsageError(
            "a timestamp is for a certificate, which ends one day", hint="give --certificate-chain PEM too"
        )
    return keyed.sign(statement, means.signer)


def require_same(old: Bundle, new: bytes, means: Means, path: str) -> None:
    """Make sure that a bundle is by whoever has just signed another one.

    :param new: what :func:`sign` has returned for ``means``.
    :param path: of the old one.
    :raises SignatureError: when it is not, or has been changed.
    """
    if means.signer is not None:
        same = dsse.evaluate(old.envelope, (means.signer.public,))[0].outcome
    else:
        from sbom.attestation import keyless, keylessverify  # noqa: PLC0415  # take two seconds to load

        who = keylessverify.read(bundles.read(new, path).raw).identity
        same = keyless.evaluate(old, Anchors(sigstore=(who,), trust_config=means.trust_config), path).outcome
    if same is not Outcome.VALID:
        problem = "is not signed by whoever is to sign it now, or was changed"
        raise SignatureError(problem, path=path, hint="start a new file, and revoke again what has to stay revoked")
