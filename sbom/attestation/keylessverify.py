"""A Sigstore bundle verified with Sigstore's own client, and what that client leaves open.

The client checks the certificate (path, SCT, usage), the log entry (inclusion, checkpoint, promise, that it is about
this signature) and the signature. Added here: every timestamp has to hold, not one of them; the log has to be known by
its id; authorities and logs count within their periods only; the checkpoint is one of the tree that the proof is about;
a promise is never left unverified. No socket is opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import struct
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from rfc3161_client import VerificationError as TimestampVerificationError
from rfc3161_client import VerifierBuilder
from sigstore.errors import Error as SigstoreError
from sigstore.errors import VerificationError
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier

from sbom.attestation import fulcio, trustedroot
from sbom.attestation.interface import Attested, SigstoreIdentity
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse
    from sigstore_models.rekor.v1 import TransparencyLogEntry
    from sigstore_models.trustroot.v1 import TrustedRoot as Root

#: What the client, and what it is made of, raises for an input that was made to break it.
BROKEN: Final = (
    SigstoreError,
    TimestampVerificationError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
#: Of a key on the curve P-256, which Sigstore's clients make.
ALGORITHM: Final = "ES256"

_REASON: Final = 200
_AUTHORITY: Final = "timestamp authority"
_LOG: Final = "transparency log"
# Of an entry of Rekor v2, which has one tree.
_V2: Final = "0.0.2"
# The first lines of a checkpoint: origin, size of the tree, its root.
_CHECKPOINT_LINES: Final = 3


class RejectedError(Exception):
    """A bundle does not verify; the message says why, and is escaped."""


class Opened(NamedTuple):
    """A bundle as the client reads it, and whom its certificate names. Nothing is verified.

    :param algorithm: the client knows ECDSA only, with SHA-256 on every curve.
    """

    bundle: Bundle
    identity: SigstoreIdentity
    algorithm: str


class Verified(NamedTuple):
    """What is in a bundle that verifies.

    :param times: each attested by somebody who is trusted; at least one.
    :param spki: SHA-256 (hex) of the key that signed.
    """

    payload_type: str
    payload: bytes
    times: tuple[Attested, ...]
    spki: str


class Exactly(NamedTuple):
    """The client's policy: this identity, vouched for by this issuer, and no other in the same certificate."""

    wanted: SigstoreIdentity

    def verify(self, cert: Certificate) -> None:
        """Refuse a certificate of anybody else."""
        if fulcio.identity(cert) != self.wanted:
            raise VerificationError("the certificate is another identity's")


def read(raw: bytes) -> Opened:
    """Read a bundle.

    :raises RejectedError: when it is none, or one of a kind that cannot be verified.
    """
    try:
        with _quietly():
            bundle = Bundle.from_json(raw)
            key = bundle.signing_certificate.public_key()
            who = fulcio.identity(bundle.signing_certificate)
    except BROKEN as error:
        raise RejectedError(_reason(error)) from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise RejectedError("it is signed with a kind of key that Sigstore's client does not verify")
    return Opened(bundle, who, ALGORITHM if isinstance(key.curve, ec.SECP256R1) else f"ECDSA {key.curve.name} SHA-256")


def verify(opened: Opened, root: Root) -> Verified:
    """Verify a bundle with a DSSE envelope for the identity that its certificate names.

    :raises RejectedError: when it does not verify.
    """
    try:
        with _quietly():
            verifier, times = prepare(opened.bundle, root)
            payload_type, payload = verifier.verify_dsse(opened.bundle, Exactly(opened.identity))
        key = opened.bundle.signing_certificate.public_key()
        spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return Verified(payload_type, payload, times, hashlib.sha256(spki).hexdigest())
    except BROKEN as error:
        raise RejectedError(_reason(error)) from error


def prepare(bundle: Bundle, root: Root) -> tuple[Verifier, tuple[Attested, ...]]:
    """Make all checks that the client does not make, and return the client that has to make the others.

    :returns: it, and the times that it has to find, too. Those of the log are not verified yet.
    :raises ValueError: when a check fails; so does whatever the client's parts raise.
    """
    entry = bundle.log_entry._inner  # noqa: SLF001  # the entry has no public members
    _require_sound(entry)
    stamps = bundle.verification_material.timestamp_verification_data
    times = [_attested(one, bundle.signature, root) for one in (stamps.rfc3161_timestamps if stamps else [])]
    if entry.inclusion_promise is not None and entry.integrated_time:
        times.append(Attested(datetime.fromtimestamp(entry.integrated_time, UTC), _LOG))
    if not times:
        raise ValueError("nobody attests the time of the signature")
    left = trustedroot.narrowed(
        root,
        log=entry.log_id.key_id,
        certificate_log=_seen(bundle.signing_certificate),
        times=[one.time for one in times],
    )
    return Verifier(trusted_root=TrustedRoot(left)), tuple(times)


def _require_sound(entry: TransparencyLogEntry) -> None:
    if entry.inclusion_promise is not None and not entry.integrated_time:
        raise ValueError("its log entry has a promise without the time that it is about")
    proof = entry.inclusion_proof
    if entry.kind_version.version == _V2 and entry.log_index != proof.log_index:
        raise ValueError("its log entry has two positions in the log")
    lines = ("" if proof.checkpoint is None else proof.checkpoint.envelope).split("\n")
    if len(lines) < _CHECKPOINT_LINES or lines[1] != str(proof.tree_size):
        raise ValueError("the checkpoint of its log entry is about another tree than the proof")


def _attested(stamp: TimeStampResponse, signature: bytes, root: Root) -> Attested:
    """Return the time of a timestamp by an authority of the root."""
    time = stamp.tst_info.gen_time
    for authority in TrustedRoot(root).get_timestamp_authorities():
        chain = authority.certificates(allow_expired=True)
        end = authority.validity_period_end
        if len(chain) < 2 or time < authority.validity_period_start or (end is not None and time > end):  # noqa: PLR2004
            continue
        builder = VerifierBuilder(tsa_certificate=chain[0], intermediates=list(chain[1:-1]), roots=[chain[-1]])
        try:
            builder.build().verify_message(stamp, signature)
        except TimestampVerificationError:
            continue
        return Attested(time.astimezone(UTC), _AUTHORITY)
    raise ValueError("a timestamp is not one of a trusted authority about this signature")


def _seen(certificate: Certificate) -> tuple[bytes, datetime]:
    """Return the CT log that saw a certificate, and when."""
    stamps = certificate.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps).value
    found = [(one.log_id, one.timestamp.replace(tzinfo=UTC)) for one in stamps]
    if len(found) != 1:
        raise ValueError(f"its certificate was seen by {len(found)} CT logs, not one")
    return found[0]


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep quiet about what libraries warn of in an odd certificate: it is printed, or raised where warnings are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return display(text, _REASON) if text else type(error).__name__
