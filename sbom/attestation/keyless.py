"""Bundles that are signed by a Sigstore identity: made, and judged by the identities that a caller trusts.

Light: Sigstore's client takes two seconds to load, and is an extra.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Final

from sbom.attestation.interface import SIGSTORE, Identity, Signed
from sbom.errors import MissingExtraError
from sbom.names import display
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from sbom.attestation.bundle import Bundle
    from sbom.attestation.interface import Anchors

_NEEDED: Final = ("sigstore", "rfc3161_client")


def sign(statement: bytes, *, token: str | None, trust_config: str | None) -> bytes:
    """Return a bundle around a Statement, signed by whoever an OpenID Connect token says.

    :param statement: its exact bytes.
    :param token: the token; ``None`` for that of the CI job, or else the one that a login in the browser gives.
    :param trust_config: path of the client trust configuration of an instance; ``None`` for the public good one.
    :raises MissingExtraError: when Sigstore's client is not installed.
    :raises UsageError: when the configuration or the token cannot be used.
    :raises UndecidedError: when a service cannot be reached, or refuses.
    :raises SignatureError: when what the services answered does not verify.
    """
    _require()
    from sbom.attestation import keylesssign  # noqa: PLC0415  # takes two seconds to load

    return keylesssign.sign(statement, token=token, trust_config=trust_config)


def evaluate(bundle: Bundle, anchors: Anchors, path: str) -> Signed:
    """Judge a bundle with a Fulcio certificate and an entry of a transparency log. No socket is opened.

    :param path: of the bundle.
    :raises MissingExtraError: when Sigstore's client is not installed.
    :raises UsageError: when the caller's trusted root cannot be used.
    """
    _require()
    from sbom.attestation import keylessverify, trustedroot  # noqa: PLC0415  # take two seconds to load

    root = trustedroot.load(anchors.trusted_root, anchors.trust_config, anchors.trusted_root_sha256)
    shown = display(path)
    try:
        opened = keylessverify.read(bundle.raw)
    except keylessverify.RejectedError as error:
        return Signed(Outcome.INVALID, f"{shown} cannot be verified: {error}", "unknown", where=path)
    who = Identity(SIGSTORE, opened.identity.identity, opened.identity.issuer)
    name = f"{display(who.value)} ({display(who.issuer)})"
    if opened.identity not in anchors.sigstore:
        sentence = f"{shown} is signed by {name}, an identity that is not given"
        return Signed(Outcome.NOT_TRUSTED, sentence, opened.algorithm, where=path)
    try:
        found = keylessverify.verify(opened, root)
    except keylessverify.RejectedError as error:
        sentence = f"{shown} claims to be signed by {name}, but does not verify: {error}"
        return Signed(Outcome.INVALID, sentence, opened.algorithm, who, where=path)
    if (found.payload_type, found.payload) != (bundle.envelope.payload_type, bundle.envelope.payload):
        sentence = f"{shown} holds two statements, one of which is signed by {name}"
        return Signed(Outcome.INVALID, sentence, opened.algorithm, who, where=path)
    sentence = f"{shown} ({opened.algorithm}) is signed by {name}"
    return Signed(Outcome.VALID, sentence, opened.algorithm, who, None, found.times, path, found.spki)


def _require() -> None:
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise MissingExtraError("Sigstore signatures need the sigstore extra", hint="pip install 'data-sbom[sigstore]'")
