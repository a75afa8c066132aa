"""The rules by which a path of X.509 certificates leads to a given root.

They are those of RFC 5280 section 6.1, without the parts that a signer of data does not need: what is not understood is
refused. A path holds when, at the time of the signature,

* it has at most :data:`MAX_PATH` certificates, the signer's first, each issued by the next one, and the last is one of
  the given roots or issued by one; the order is not repaired, and nothing is fetched;
* every element, the root too, is X.509 version 3, within its validity, and has a key that is not weak; every element
  below the root has a signature by SHA-256 or better;
* every certificate above the signer's may issue (basicConstraints CA, and keyCertSign where keyUsage is there), with a
  path length that suffices; self-issued ones are counted, too;
* the signer's own may not issue, and may sign (keyUsage digitalSignature, which has to be there);
* extendedKeyUsage, where it is there, names what the path is used for, in every element below the root;
* there are no name constraints, and no critical extension that is not in this list.

Revocation is not asked for: nothing here opens a socket. Give roots that issue for short times.
"""

from __future__ import annotations

import hashlib
import itertools
import warnings
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from sbom.errors import SignatureError
from sbom.names import display
from sbom.signing.algorithms import is_verifying_key, weakness
from sbom.signing.keys import PublicKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sbom.signing.algorithms import VerifyingKey

#: Certificates of a path, without the root.
MAX_PATH: Final = 10
#: Octets of one certificate.
MAX_CERTIFICATE: Final = 64 * 1024


class Purpose(NamedTuple):
    """What a path is used for.

    :param usages: extendedKeyUsage has to name one of them, where it is there.
    :param exclusive: the signer's certificate has to have it, critical, with nothing else in it.
    """

    usages: frozenset[x509.ObjectIdentifier]
    exclusive: bool = False


#: Signing data: code signing, or document signing (RFC 9336).
SIGNING: Final = Purpose(frozenset({ExtendedKeyUsageOID.CODE_SIGNING, x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")}))
#: Timestamps (RFC 3161 section 2.3).
TIMESTAMPING: Final = Purpose(frozenset({ExtendedKeyUsageOID.TIME_STAMPING}), exclusive=True)

_KNOWN: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,  # without policyConstraints they restrict nothing (RFC 5280 section 6.1.1)
    }
)
_E = TypeVar("_E", bound=x509.ExtensionType)

#: What reading a certificate raises.
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,
)
_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512, hashes.SHA3_256, hashes.SHA3_384, hashes.SHA3_512)


class Holder(NamedTuple):
    """Whom a path that holds leads to.

    :param key: the key of the signer's certificate.
    :param root: SHA-256 (hex) of the DER of the root that the path ends in.
    """

    key: PublicKey
    root: str


def parse(der: bytes, what: str) -> x509.Certificate:
    """Read one certificate; it is not judged.

    :param what: where it was found, for the error.
    :raises SignatureError: when it is none.
    """
    if len(der) > MAX_CERTIFICATE:
        problem = f"{what} holds a certificate of more than {MAX_CERTIFICATE // 1024} KiB"
        raise SignatureError(problem)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", CryptographyDeprecationWarning)  # serial numbers that are not positive, …
            certificate = x509.load_der_x509_certificate(der)
            serial = certificate.serial_number
            # Much is read late: reading it here means that nothing of it can fail later.
            certificate.extensions, certificate.subject, certificate.issuer  # noqa: B018  # for what they raise
    except _UNREADABLE as error:
        problem = f"{what} is not a readable X.509 certificate"
        raise SignatureError(problem) from error
    if certificate.version is not x509.Version.v3 or serial <= 0:
        problem = f"{what} is not an X.509 certificate of version 3 with a positive serial number"
        raise SignatureError(problem)
    return certificate


def leaf_key(der: bytes, what: str) -> PublicKey:
    """Return the key of a certificate, of a kind that may be used.

    :raises SignatureError: when it has none of these.
    """
    return PublicKey.of(key_of(parse(der, what), what))


def check_path(path: Sequence[x509.Certificate], roots: Sequence[bytes], at: datetime, purpose: Purpose) -> Holder:
    """Return whom a path leads to, when it holds at that time: everything is checked but the name.

    :param path: the signer's certificate first.
    :param roots: DER certificates that the caller trusts.
    :param at: when the signature was there for certain: an attested time, else now. Aware.
    :raises SignatureError: saying why the path does not hold.
    """
    if len(path) > MAX_PATH:
        problem = f"has a path of more than {MAX_PATH} certificates"
        raise SignatureError(problem)
    reason = order_refusal(path)
    if reason is not None:
        raise SignatureError(reason)
    first: str | None = None
    for root in _find_roots(path[-1], roots):  # an authority may have renewed its root: same name, same key
        reason = _whole_refusal([*path] if path[-1] == root else [*path, root], at, purpose)
        if reason is None:
            der = root.public_bytes(Encoding.DER)
            return Holder(PublicKey.of(key_of(path[0], "the certificate")), hashlib.sha256(der).hexdigest())
        first = first or reason
    raise SignatureError(first or "has a path that does not end in a given root")


def order(leaf: x509.Certificate, others: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return the path that begins with ``leaf``, of certificates that come in no order."""
    path, rest = [leaf], [other for other in others if other != leaf]
    while len(path) <= MAX_PATH and path[-1].issuer != path[-1].subject:
        above = next((other for other in rest if _issued(path[-1], other)), None)
        if above is None:
            break
        path.append(above)
        rest.remove(above)
    return path


def parse_all(chain: Sequence[bytes]) -> list[x509.Certificate]:
    """Read a path.

    :raises SignatureError: when it is none, or too long.
    """
    if not 1 <= len(chain) <= MAX_PATH:
        problem = f"has a path of no certificate, or of more than {MAX_PATH}"
        raise SignatureError(problem)
    return [parse(der, "the path") for der in chain]


def order_refusal(path: Sequence[x509.Certificate]) -> str | None:
    """Say which certificate was not issued by the one that follows it."""
    for one, above in itertools.pairwise(path):
        if not _issued(one, above):
            return f"has a path in which {name_of(one)} was not issued by {name_of(above)}, which follows"
    return None


def _find_roots(last: x509.Certificate, roots: Sequence[bytes]) -> list[x509.Certificate]:
    given = [parse(der, "a root") for der in roots]
    return [root for root in given if root == last] or [root for root in given if _issued(last, root)]


def _whole_refusal(whole: Sequence[x509.Certificate], at: datetime, purpose: Purpose) -> str | None:
    """Say why a path, from the signer to the root, does not hold."""
    if len(whole) == 1:
        return "is its own root: a root issues certificates, and signs nothing else"
    for depth, certificate in enumerate(whole):
        below_root = depth < len(whole) - 1
        refusal = _element_refusal(certificate, at, purpose if below_root else None) or (
            issuer_refusal(certificate, depth - 1) if depth else leaf_refusal(certificate, purpose)
        )
        if refusal is not None:
            return refusal if depth == 0 else f"has a path in which {name_of(certificate)} {refusal}"
    return None


def _issued(one: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _element_refusal(certificate: x509.Certificate, at: datetime, purpose: Purpose | None) -> str | None:
    """Say what is wrong with a certificate wherever it is in a path.

    :param purpose: ``None`` for a root, whose own signature and extended usage say nothing.
    """
    for one in certificate.extensions:
        if one.oid == ExtensionOID.NAME_CONSTRAINTS:
            return "has name constraints, which are not supported"
        if one.critical and one.oid not in _KNOWN:
            return f"has a critical extension that is not known ({one.oid.dotted_string})"
    try:
        key_of(certificate, "it")
    except SignatureError as error:
        return f"cannot be used: {error.message}"
    refusal = None if purpose is None else _below_root_refusal(certificate, purpose)
    return refusal or validity_refusal(certificate, at)


def _below_root_refusal(certificate: x509.Certificate, purpose: Purpose) -> str | None:
    digest = certificate.signature_hash_algorithm  # None: the algorithm brings its own, as EdDSA does
    if digest is not None and not isinstance(digest, _HASHES):
        return f"is signed with the weak hash function {digest.name}"
    named = extension(certificate, x509.ExtendedKeyUsage)
    if named is not None and not (purpose.usages | {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}) & {*named}:
        return "is for another usage (extendedKeyUsage)"
    return None


def validity_refusal(certificate: x509.Certificate, at: datetime) -> str | None:
    """Say that a certificate is not valid at a time."""
    if at < certificate.not_valid_before_utc:
        return f"is valid only from {_when(certificate.not_valid_before_utc)}, and this was signed at {_when(at)}"
    if at > certificate.not_valid_after_utc:
        return f"expired at {_when(certificate.not_valid_after_utc)}, and nothing attests that it was signed before"
    return None


def issuer_refusal(certificate: x509.Certificate, below: int) -> str | None:
    """Say why a certificate may not issue.

    :param below: how many certificates of issuers are between it and the signer's.
    """
    basic, usage = extension(certificate, x509.BasicConstraints), extension(certificate, x509.KeyUsage)
    if basic is None or not basic.ca:
        return "may not issue certificates (basicConstraints)"
    if usage is not None and not usage.key_cert_sign:  # RFC 5280 section 6.1.4 (n): where it is present
        return "may not sign certificates (keyUsage)"
    if basic.path_length is not None and below > basic.path_length:
        return f"allows {basic.path_length} authorities below it, and there are {below}"
    return None


def leaf_refusal(certificate: x509.Certificate, purpose: Purpose) -> str | None:
    """Say why a certificate may not sign."""
    basic, usage = extension(certificate, x509.BasicConstraints), extension(certificate, x509.KeyUsage)
    if basic is not None and basic.ca:
        return "is that of an authority, not of a signer"
    if usage is None or not usage.digital_signature:
        return "may not sign (keyUsage has no digitalSignature)"
    if purpose.exclusive:
        found = [one for one in certificate.extensions if isinstance(one.value, x509.ExtendedKeyUsage)]
        if not found or not found[0].critical or {*found[0].value} != purpose.usages:
            return "is not for this usage only (a critical extendedKeyUsage)"
    return None


def key_of(certificate: x509.Certificate, what: str) -> VerifyingKey:
    """Return the key of a certificate.

    :raises SignatureError: when it is of a kind that may not be used.
    """
    try:
        key = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        problem = f"{what} has a key of a kind that cannot be used"
        raise SignatureError(problem) from error
    if not is_verifying_key(key):
        problem = f"{what} has a key of a kind that cannot be used"
        raise SignatureError(problem)
    weak = weakness(key)
    if weak is not None:
        problem = f"{what} has {weak}"
        raise SignatureError(problem)
    return key


def extension(certificate: x509.Certificate, kind: type[_E]) -> _E | None:
    """Return an extension of a certificate."""
    return next((one.value for one in certificate.extensions if isinstance(one.value, kind)), None)


def name_of(certificate: x509.Certificate) -> str:
    """Return the subject of a certificate, for a message."""
    return f'"{display(certificate.subject.rfc4514_string(), 80)}"'


def _when(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
