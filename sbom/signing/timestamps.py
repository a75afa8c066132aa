"""RFC 3161 timestamps: asked for, and verified by the roots of the authorities that a caller trusts.

A timestamp counts when it was granted, is about exactly these bytes by SHA-256 or better, and is signed by one
certificate that is for timestamps only (section 2.3). Its path has to keep the rules of :mod:`sbom.signing.paths` at
the time that is stated, and that time must not be in the future.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sbom.errors import MissingExtraError, SignatureError, UndecidedError, UsageError
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from cryptography import x509
    from requests import PreparedRequest
    from rfc3161_client import TimeStampResponse

#: Octets of a response: a chain of certificates, and a signature.
MAX_SIZE: Final = 256 * 1024
#: Seconds to wait for a connection, and for each part of an answer.
TIMEOUT: Final = 20.0
#: How far the clock of an authority may be ahead of the local one.
CLOCK_SKEW: Final = timedelta(minutes=5)

_ACCEPT: Final = "application/timestamp-reply"
_CONTENT: Final = "application/timestamp-query"
#: The names of the digests by their object identifier.
_DIGESTS: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_HINT: Final = "check --timestamp-url, or try again later"


def request(url: str, message: bytes) -> bytes:
    """Ask an authority for a timestamp of ``message``, and return its response (DER).

    The response is one to this request: granted, about these bytes, with its nonce. Its signature is not verified: whom
    to trust is for those to say who verify.

    :raises UsageError: when the URL is none.
    :raises UndecidedError: when there is no such response.
    :raises MissingExtraError: without the extra ``timestamp``.
    """
    client = _client()
    _check_url(url)
    asked = client.TimestampRequestBuilder().data(message).hash_algorithm(client.base.HashAlgorithm.SHA512).build()
    answer = _post(url, asked.as_bytes())
    try:
        nonce = _decode(answer, message).tst_info.nonce
    except SignatureError as error:
        problem = f"the answer of the timestamp authority {error.message}"
        raise UndecidedError(problem, path=url, hint=_HINT) from error
    if nonce != asked.nonce:
        raise UndecidedError("the timestamp authority answered another request (nonce)", path=url, hint=_HINT)
    return answer


def verify(response: bytes, message: bytes, roots: Sequence[bytes], now: datetime | None = None) -> datetime:
    """Return the time that a timestamp of ``message`` attests, in UTC.

    :param response: DER of the whole response.
    :param roots: DER certificates of the authorities' roots.
    :param now: the current time by default.
    :raises SignatureError: saying why it attests nothing.
    :raises MissingExtraError: without the extra ``timestamp``.
    """
    from sbom.signing import paths  # noqa: PLC0415  # only where there are certificates

    client = _client()
    decoded = _decode(response, message)
    path = paths.order(*_certificates(decoded))
    given = [paths.parse(root, "a root of a timestamp authority") for root in roots]
    try:
        client.VerifierBuilder(roots=given).build().verify_message(decoded, message)
    except (client.VerificationError, ValueError) as error:
        raise SignatureError("has a signature that does not verify with a given timestamp authority") from error
    time = decoded.tst_info.gen_time.astimezone(UTC)
    paths.check_path(path, roots, time, paths.TIMESTAMPING)
    if time > (now or datetime.now(UTC)) + CLOCK_SKEW:
        problem = f"states a time in the future: {time:%Y-%m-%dT%H:%M:%SZ}"
        raise SignatureError(problem)
    return time


def _client() -> ModuleType:
    try:
        import rfc3161_client.base  # noqa: PLC0415  # an extra
        import rfc3161_client.errors  # noqa: PLC0415  # an extra
        import rfc3161_client.verify  # noqa: PLC0415  # an extra
    except ImportError as error:
        problem = "timestamps need rfc3161-client, which is not installed"
        raise MissingExtraError(problem, hint="install it: pip install 'data-sbom[timestamp]'") from error
    return rfc3161_client


def _decode(data: bytes, message: bytes) -> TimeStampResponse:
    """Read a response, and check all of it that needs no certificate.

    :raises SignatureError: saying what is wrong.
    """
    client = _client()
    if len(data) > MAX_SIZE:
        problem = f"has more than {MAX_SIZE:,} bytes"
        raise SignatureError(problem)
    try:
        response: TimeStampResponse = client.decode_timestamp_response(data)
        granted = response.status == 0
        imprint = response.tst_info.message_imprint if granted else None
    except (ValueError, KeyError) as error:
        raise SignatureError("is no timestamp response (RFC 3161)") from error
    if imprint is None:
        raise SignatureError("does not grant a timestamp")
    name = _DIGESTS.get(imprint.hash_algorithm.dotted_string)
    if name is None:
        raise SignatureError("uses a weak or unknown hash function")
    if not hmac.compare_digest(hashlib.new(name, message).digest(), imprint.message):
        raise SignatureError("is about something else")
    return response


def _certificates(response: TimeStampResponse) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """Return the certificate of the signer, and the others that came with it."""
    from sbom.signing import paths  # noqa: PLC0415  # loaded already

    try:
        signers = [(one.issuer, one.serial_number) for one in response.signed_data.signer_infos]
        found = [bytes(one) for one in response.signed_data.certificates]
    except (ValueError, KeyError) as error:
        raise SignatureError("is signed in a form that cannot be read") from error
    if len(signers) != 1 or not 1 <= len(found) <= paths.MAX_PATH:
        problem = f"has not exactly one signer with 1 to {paths.MAX_PATH} certificates"
        raise SignatureError(problem)
    parsed = [paths.parse(der, "it") for der in found]
    leaves = [one for one in parsed if (one.issuer, one.serial_number) == signers[0]]
    if len(leaves) != 1:
        raise SignatureError("does not hold the certificate of its signer")
    return leaves[0], parsed


def _check_url(url: str) -> None:
    hint = "give --timestamp-url with the address of an RFC 3161 authority"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise UsageError(f"{display(url, 80)} is no address", hint=hint) from error
    if not usable:
        raise UsageError(f"{display(url, 80)} is no address that begins with http:// or https://", hint=hint)
    if parts.username is not None or parts.password is not None:
        raise UsageError("the address of the timestamp authority holds a password", hint=hint)


def _post(url: str, body: bytes) -> bytes:
    """Post a request, follow no redirect, and read no more than a response has."""
    import requests  # noqa: PLC0415  # takes time to load

    headers = {"Content-Type": _CONTENT, "Accept": _ACCEPT}
    try:
        with (
            requests.Session() as session,
            session.post(
                url, data=body, headers=headers, timeout=TIMEOUT, stream=True, allow_redirects=False, auth=_nobody
            ) as answer,
        ):
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if answer.status_code != requests.codes.ok or kind != _ACCEPT:
                problem = f"the timestamp authority answered with status {answer.status_code} ({display(kind, 40)})"
                raise UndecidedError(problem, path=url, hint=_HINT)
            data = b""
            for part in answer.iter_content(16 * 1024):
                data += part
                if len(data) > MAX_SIZE:
                    problem = f"the timestamp authority answered with more than {MAX_SIZE:,} bytes"
                    raise UndecidedError(problem, path=url, hint=_HINT)
            return data
    except (requests.RequestException, OSError) as error:
        problem = f"the timestamp authority cannot be reached: {display(str(error), 200)}"
        raise UndecidedError(problem, path=url, hint=_HINT) from error


def _nobody(prepared: PreparedRequest) -> PreparedRequest:
    """Take the place of the passwords in a ``.netrc``, which are for others."""
    return prepared
