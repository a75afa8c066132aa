"""Dead Simple Signing Envelope (DSSE) 1.0.2: signed bytes of a named type, with their signatures, in one JSON object.

What is signed is the pre-authentication encoding of the payload's type and its bytes (DSSE protocol, "Signature
Definition"); the payload is any bytes, and needs no canonical form. An envelope names no algorithm: "details are agreed
upon out-of-band". Ours are those of Sigstore's and in-toto's tools, chosen by the key alone:

========= =======================================================================================
Ed25519   pure (RFC 8032)
ECDSA     with the curve's hash (P-256: SHA-256, P-384: SHA-384, P-521: SHA-512), the signature in DER (RFC 3279
          section 2.2.3), as cosign and securesystemslib write it; not ``r‖s`` as in JSF
RSA       PKCS #1 v1.5 with SHA-256, which is what cosign signs and verifies; PSS with SHA-256, the default of
          securesystemslib and of some key services, is verified, too, and signed where a service has nothing else
Ed448     pure; only this program knows it
ML-DSA-65 pure, with an empty context (FIPS 204); only this program and few others know it
========= =======================================================================================

The rules of trust are those of :mod:`sbom.signing.trust`. ``keyid`` is "unauthenticated": nothing is believed because
of it. One that is the identity of a given key (SHA-256 of its SPKI) is a claim, though, and a claim that does not hold
fails. Anything else there may be another program's name for a given key, which is then found by trying.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sbom.errors import KeyFileError, NotADocumentError, SignatureError, UsageError
from sbom.names import display
from sbom.signing import algorithms
from sbom.signing.algorithms import CURVES
from sbom.signing.interface import Outcome, SignatureEntry
from sbom.signing.trust import EntryOutcome, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sbom.signing.algorithms import VerifyingKey
    from sbom.signing.interface import Signer
    from sbom.signing.keys import PublicKey

#: More signatures than any envelope needs; each one may cost a hash of the whole payload.
MAX_SIGNATURES: Final = 64

_NAME: Final = "DSSE"
_RSA: Final = ("RS256", "PS256")
_STANDARD: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_SHOWN: Final = 8
_HINT: Final = "give a DSSE envelope (JSON with payload, payloadType and signatures)"


class Signature(NamedTuple):
    """One signature of an envelope: nothing in it is to be believed.

    :param keyid: the signer's name for the key; empty for none.
    """

    keyid: str
    sig: bytes


class Envelope(NamedTuple):
    """An envelope as read; its payload is to be verified before anybody looks into it."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: the pre-authentication encoding (DSSE protocol, "Signature Definition")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, payload_type: str, signer: Signer) -> bytes:
    """Return an envelope with one signature, as JSON with members in sorted order.

    :raises KeyFileError: when no algorithm takes the key.
    :raises SignatureError: when the signature does not verify: the two halves of the key do not belong together.
    :raises UndecidedError: when a key service does not sign.
    """
    return _dump(Envelope(payload_type, payload, (_signed(pae(payload_type, payload), signer),)))


def add(data: bytes, signer: Signer, path: str | None = None) -> bytes:
    """Return the envelope with one more signature; with the same ones when the key has a valid one there already.

    Members that DSSE does not know are not kept.

    :param data: of the envelope.
    :raises UsageError: when there is no room for another one.
    :raises NotADocumentError: see :func:`parse`; so is :class:`~sbom.errors.SignatureError`.
    """
    envelope = parse(data, path)
    if any(outcome.outcome is Outcome.VALID for outcome in evaluate(envelope, (signer.public,))):
        return _dump(envelope)
    if len(envelope.signatures) == MAX_SIGNATURES:
        problem = f"the envelope has {MAX_SIGNATURES} signatures already"
        raise UsageError(problem, path=path, hint="let fewer people sign it")
    new = _signed(pae(envelope.payload_type, envelope.payload), signer)
    return _dump(envelope._replace(signatures=(*envelope.signatures, new)))


def parse(data: bytes, path: str | None = None) -> Envelope:
    """Read an envelope; none of its signatures is verified.

    Members that DSSE does not know are ignored, as it demands ("Parsing rules"); what it does know is there, once, and
    of its type. Either alphabet of base64 is read, with its padding, and in one spelling per value.

    :param path: of the envelope, for messages.
    :raises NotADocumentError: when it is no JSON object at all.
    :raises SignatureError: naming what is malformed.
    """
    members = _object(data, path)
    kind, payload = members.get("payloadType"), members.get("payload")
    if not isinstance(kind, str) or not isinstance(payload, str):
        raise SignatureError("the envelope has no payload, or no payloadType, that is a text", path=path, hint=_HINT)
    entries = members.get("signatures")
    if not isinstance(entries, list) or not entries:
        raise SignatureError("the envelope has no list with at least one signature", path=path, hint=_HINT)
    if len(entries) > MAX_SIGNATURES:
        problem = f"the envelope has {len(entries)} signatures, more than {MAX_SIGNATURES}"
        raise SignatureError(problem, path=path)
    body = _decode(payload, "the payload", path)
    return Envelope(_utf8(kind, path), body, tuple(_entry(entry, index, path) for index, entry in enumerate(entries)))


def evaluate(envelope: Envelope, keys: Sequence[PublicKey]) -> tuple[EntryOutcome, ...]:
    """Return one outcome per signature, in their order; :func:`sbom.signing.trust.valid_keys` counts the signers.

    :param keys: the keys that the caller trusts. Of two equal ones the first gives the label.
    """
    given: dict[str, PublicKey] = {}
    for key in keys:
        given.setdefault(key.spki_sha256, key)
    message = pae(envelope.payload_type, envelope.payload)
    return tuple(_judge(one, index, given, message) for index, one in enumerate(envelope.signatures))


def _judge(one: Signature, index: int, given: Mapping[str, PublicKey], message: bytes) -> EntryOutcome:
    claimed = given.get(one.keyid.lower())
    for key in given.values() if claimed is None else (claimed,):
        algorithm = _verifies(key.key, one.sig, message)
        if algorithm is not None:
            text = f"({algorithm}) is valid: key {_name(key)}"
            return _result(one, index, message, (Reason.VERIFIED, key, algorithm, text))
    if claimed is not None:
        text = f"claims the key {_name(claimed)}, but does not verify with it"
        return _result(one, index, message, (Reason.SIGNATURE, claimed, "unknown", text))
    named = f' (key id "{display(one.keyid, 2 * _SHOWN)}")' if one.keyid else ""
    text = f"verifies with none of the given keys{named}"
    return _result(one, index, message, (Reason.UNKNOWN, None, "unknown", text))


def _result(
    one: Signature, index: int, message: bytes, found: tuple[Reason, PublicKey | None, str, str]
) -> EntryOutcome:
    reason, key, algorithm, text = found
    outcome = {Reason.VERIFIED: Outcome.VALID, Reason.SIGNATURE: Outcome.INVALID}.get(reason, Outcome.NOT_TRUSTED)
    entry = SignatureEntry(
        form=_NAME,
        index=index,
        algorithm=algorithm,
        key_id=one.keyid or None,
        jwk=None,
        certificate_path=(),
        value=one.sig,
        message=lambda: message,
    )
    identity = None if key is None else key.spki_sha256
    return EntryOutcome(entry, outcome, reason, key, identity, f"signature {index + 1} {text}")


def _verifies(key: VerifyingKey, sig: bytes, message: bytes) -> str | None:
    """Return the algorithm by which the signature is the key's; ``None`` when it is not."""
    value = sig
    if isinstance(key, ec.EllipticCurvePublicKey):
        try:
            value = algorithms.from_der(sig, CURVES[key.curve.name])
        except ValueError:
            return None
    return next((name for name in _names(key) if algorithms.verify(key, name, value, message)), None)


def _signed(message: bytes, signer: Signer) -> Signature:
    key = signer.public.key
    name = next((name for name in _names(key) if name in signer.algorithms), None)
    if name is None:
        raise KeyFileError("no signature algorithm of DSSE takes this key", hint="sign with another key")
    value = signer.sign(name, message)
    if not algorithms.verify(key, name, value, message):
        raise SignatureError("the signature that was just made does not verify: private and public key do not match")
    is_ecdsa = isinstance(key, ec.EllipticCurvePublicKey)
    return Signature(signer.public.spki_sha256, algorithms.to_der(value) if is_ecdsa else value)


def _names(key: VerifyingKey) -> tuple[str, ...]:
    """Return the algorithms that the key may have signed with, the one to sign with first."""
    return _RSA if isinstance(key, rsa.RSAPublicKey) else algorithms.usable(key)


def _dump(envelope: Envelope) -> bytes:
    signatures = [{"keyid": one.keyid, "sig": _encode(one.sig)} for one in envelope.signatures]
    members = {"payload": _encode(envelope.payload), "payloadType": envelope.payload_type, "signatures": signatures}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _entry(entry: object, index: int, path: str | None) -> Signature:
    keyid, sig = (entry.get("keyid", ""), entry.get("sig")) if isinstance(entry, dict) else (None, None)
    if not isinstance(keyid, str) or not isinstance(sig, str):
        problem = f"signature {index + 1} of the envelope has no sig that is a text, or a keyid that is none"
        raise SignatureError(problem, path=path, hint=_HINT)
    return Signature(_utf8(keyid, path), _decode(sig, f"signature {index + 1}", path))


def _utf8(text: str, path: str | None) -> str:
    """Return the text, which JSON can make of lone surrogates: those have no bytes that could be signed."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SignatureError("the envelope holds a text that is not UTF-8", path=path) from error
    return text


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str, what: str, path: str | None) -> bytes:
    """Decode base64 in either alphabet: two spellings of one value would be two envelopes that both verify."""
    standard = text if "+" in text or "/" in text else text.replace("-", "+").replace("_", "/")
    if len(standard) % 4 == 0 and _STANDARD.fullmatch(standard) is not None:
        data = binascii.a2b_base64(standard)
        if _encode(data) == standard:
            return data
    problem = f"{what} of the envelope is not canonical base64 (RFC 4648, section 4 or 5, with padding)"
    raise SignatureError(problem, path=path)


def _object(data: bytes, path: str | None) -> dict[str, object]:
    """Parse one JSON object, refusing what readers disagree about: a key that is there twice."""

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(items)
        if len(found) != len(items):
            raise SignatureError("the envelope has a key twice in one object", path=path)
        return found

    def number(_text: str) -> int:
        return 0  # none of the members that are read; converting a long one would take long

    try:
        value = json.loads(
            str(data, "utf-8"), object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=number
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise NotADocumentError(f"is not JSON: {display(reason)}", path=path, hint=_HINT) from error
    if not isinstance(value, dict):
        raise NotADocumentError("is JSON, but not an object", path=path, hint=_HINT)
    return value


def _name(key: PublicKey) -> str:
    start = f"{key.spki_sha256[:_SHOWN]}…"
    return f'{start} "{key.label}"' if key.label else start
