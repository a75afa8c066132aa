"""Signing with a Sigstore identity: a key that lives for one signature, certified for whoever a token says.

Everything that the services answer is verified before it is returned: a bundle that nobody can verify is worth nothing,
and its identity token is spent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import requests
from sigstore._internal.fulcio.client import ExpiredCertificate, FulcioClientError
from sigstore._internal.rekor import RekorClientError
from sigstore.dsse import Statement
from sigstore.errors import Error as SigstoreError
from sigstore.errors import NetworkError, VerificationError
from sigstore.models import ClientTrustConfig, InvalidBundle
from sigstore.oidc import ExpiredIdentity, IdentityError, IdentityToken, Issuer, IssuerError, detect_credential
from sigstore.sign import SigningContext

from sbom.attestation import keylessverify, trustedroot
from sbom.errors import SignatureError, UndecidedError, UsageError
from sbom.names import display

if TYPE_CHECKING:
    from sigstore.models import Bundle

_REASON: Final = 200
_AGAIN: Final = "give a fresh token for the audience sigstore with --identity-token"
_SERVICE_HINT: Final = "try again, or see whether the service is up"


def sign(statement: bytes, *, token: str | None, trust_config: str | None) -> bytes:
    """Sign a Statement; see :func:`sbom.attestation.keyless.sign`."""
    config = _config(trust_config)
    identity = _identity(token, config)
    try:
        context = SigningContext.from_trust_config(config)
        with context.signer(identity) as signer:
            bundle = signer.sign_dsse(Statement(statement))
    except (VerificationError, InvalidBundle) as error:
        raise SignatureError(f"what Sigstore answered does not verify: {_reason(error)}") from error
    except ExpiredIdentity as error:
        raise UsageError("the identity token has expired", hint=_AGAIN) from error
    except FulcioClientError as error:
        problem = f"Fulcio issued no certificate: {_reason(error)}"
        raise UndecidedError(problem, hint=f"{_AGAIN}, from an issuer that it knows") from error
    except (RekorClientError, ExpiredCertificate) as error:
        raise UndecidedError(f"the transparency log took no entry: {_reason(error)}", hint=_SERVICE_HINT) from error
    except requests.RequestException as error:
        raise UndecidedError(f"a Sigstore service cannot be reached: {_reason(error)}", hint=_SERVICE_HINT) from error
    except keylessverify.BROKEN as error:
        raise UndecidedError(f"a Sigstore service answered nonsense: {_reason(error)}", hint=_SERVICE_HINT) from error
    return _verified(bundle, config)


def _config(path: str | None) -> ClientTrustConfig:
    if path is not None:
        config = trustedroot.load_config(path)
        try:
            config.signing_config.get_fulcio()
        except (SigstoreError, ValueError) as error:
            raise UsageError(f"names no usable services: {_reason(error)}", path=path) from error
        return config
    try:
        return ClientTrustConfig.production()
    except (SigstoreError, ValueError, OSError) as error:
        problem = f"the services of the public good Sigstore instance are not known: {_reason(error)}"
        raise UndecidedError(problem, hint="a network is needed, or --trust-config of another instance") from error


def _identity(token: str | None, config: ClientTrustConfig) -> IdentityToken:
    """Return the token that was given, the one of the CI job, or one of a login in the browser."""
    try:
        raw = token or detect_credential()
        return IdentityToken(raw) if raw else Issuer(config.signing_config.get_oidc_url()).identity_token()
    except (NetworkError, IssuerError) as error:
        problem = f"the identity provider did not answer: {_reason(error)}"
        raise UndecidedError(problem, hint=_AGAIN) from error
    except (IdentityError, EOFError) as error:
        raise UsageError(f"there is no usable identity token: {_reason(error)}", hint=_AGAIN) from error
    except SigstoreError as error:
        raise UsageError(f"nobody can be logged in: {_reason(error)}", hint=_AGAIN) from error


def _verified(bundle: Bundle, config: ClientTrustConfig) -> bytes:
    """Return a bundle that verifies, with a timestamp of every authority that the configuration names.

    The client goes on without one that it could not get.
    """
    raw = bundle.to_json().encode()
    stamps = bundle.verification_material.timestamp_verification_data
    try:
        root = config.trusted_root._inner  # noqa: SLF001  # it has no other way out
        keylessverify.verify(keylessverify.read(raw), root)
    except keylessverify.RejectedError as error:
        raise SignatureError(f"what Sigstore answered does not verify: {error}") from error
    wanted, got = len(config.signing_config.get_tsas()), len(stamps.rfc3161_timestamps) if stamps else 0
    if got < wanted:
        problem = f"{got} of {wanted} timestamp authorities answered"
        raise UndecidedError(problem, hint=_SERVICE_HINT)
    return raw + b"\n"


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return display(text, _REASON) if text else type(error).__name__
