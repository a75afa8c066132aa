"""Sigstore bundles 0.1 to 0.3 (``sigstore_bundle.proto``, as JSON), read strictly, and written in version 0.3.

A bundle holds one DSSE envelope and what it is verified with: the name of a key, or certificates; entries of a
transparency log; RFC 3161 timestamps. Reading checks the form only. Log entries are Sigstore's own business: they stay
in :attr:`Bundle.raw` for its client, and count for nothing elsewhere.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from sbom.cyclonedx import strict_json
from sbom.errors import Error, NotADocumentError, SignatureError
from sbom.names import display
from sbom.signing import dsse

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Bytes of a bundle: a Statement of the largest size, twice in base64 (a log entry may repeat it), and some more.
MAX_SIZE: Final = 64 << 20
MAX_CERTIFICATES: Final = 10
MAX_TIMESTAMPS: Final = 8
#: The media type of version 0.3; the older ones end in their version.
MEDIA_TYPE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"
#: In this version a whole chain of certificates has room; 0.3 holds the leaf only.
CHAIN_MEDIA_TYPE: Final = "application/vnd.dev.sigstore.bundle+json;version=0.2"
MEDIA_TYPES: Final = frozenset(
    {
        MEDIA_TYPE,
        CHAIN_MEDIA_TYPE,
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",  # as some clients wrote 0.3 at first
    }
)
# What the signature is verified with.
PUBLIC_KEY: Final = "publicKey"
CERTIFICATE: Final = "certificate"
CHAIN: Final = "x509CertificateChain"

_KINDS: Final = (PUBLIC_KEY, CERTIFICATE, CHAIN)
_LOG: Final = "tlogEntries"
_TIMESTAMPS: Final = "timestampVerificationData"
#: Members of log entries that are octets; so are ``hashes``, one by one.
_OCTETS: Final = frozenset({"keyId", "rootHash", "canonicalizedBody", "signedEntryTimestamp"})
_HINT: Final = "give a Sigstore bundle with a DSSE envelope, as data-sbom sign writes it"


class Bundle(NamedTuple):
    """A bundle as read; nothing in it is verified.

    :param raw: its exact bytes.
    :param material: :data:`PUBLIC_KEY`, :data:`CERTIFICATE` or :data:`CHAIN`.
    :param certificates: DER, the signer's first.
    :param hint: of a key: its name.
    :param timestamps: DER of RFC 3161 responses.
    :param has_log: there are entries of a transparency log.
    """

    raw: bytes
    media_type: str
    envelope: dsse.Envelope
    material: str
    certificates: tuple[bytes, ...] = ()
    hint: str = ""
    timestamps: tuple[bytes, ...] = ()
    has_log: bool = False


def read(data: bytes, path: str) -> Bundle:
    """Read a bundle.

    :param path: of its file, for messages.
    :raises NotADocumentError: when it is no JSON object at all.
    :raises SignatureError: naming what is malformed, unknown or not supported.
    """
    try:
        tree = strict_json.loads(data, strict_json.Limits(size=MAX_SIZE), path=path)
    except NotADocumentError as error:
        raise NotADocumentError(error.message, path=path, hint=_HINT) from error
    except Error as error:
        raise SignatureError(f"is a bundle that {error.message}", path=path, hint=_HINT) from error
    media_type = tree.get("mediaType")
    if not isinstance(media_type, str) or media_type not in MEDIA_TYPES:
        raise _malformed(f"has the media type {display(str(media_type), 80)}, which is not known", path)
    if "messageSignature" in tree:
        raise _malformed("signs a bare digest; a signed statement (dsseEnvelope) is needed", path)
    _members(tree, "the bundle", {"mediaType", "verificationMaterial", "dsseEnvelope"}, set(), path)
    material = _members(tree["verificationMaterial"], "verificationMaterial", set(), {*_KINDS, _LOG, _TIMESTAMPS}, path)
    kinds = [kind for kind in _KINDS if kind in material]
    if len(kinds) != 1:
        raise _malformed("names not exactly one of a key, a certificate and a chain", path)
    kind = kinds[0]
    if (kind == CHAIN) is (".v0.3" in media_type or media_type.endswith("=0.3")) and kind != PUBLIC_KEY:
        raise _malformed(f"has a {kind}, which its version does not have", path)
    log = _list(material.get(_LOG, []), _LOG, path)
    _require_canonical(log, path)
    return Bundle(
        raw=data,
        media_type=media_type,
        envelope=_envelope(tree["dsseEnvelope"], path),
        material=kind,
        certificates=_certificates(kind, material[kind], path),
        hint=_hint(material[kind], path) if kind == PUBLIC_KEY else "",
        timestamps=_timestamps(material.get(_TIMESTAMPS, {}), path),
        has_log=bool(log),
    )


def write(
    envelope: bytes, *, hint: str | None = None, certificates: Sequence[bytes] = (), timestamps: Sequence[bytes] = ()
) -> bytes:
    """Return a bundle around an envelope, without entries of a log.

    :param envelope: DSSE, as JSON.
    :param hint: the name of the key; else ``certificates`` (DER, the signer's first) verify it.
    :param timestamps: DER of RFC 3161 responses about the signature's bytes.
    """
    material: dict[str, Any] = {}
    media_type = MEDIA_TYPE
    raw = [{"rawBytes": encode(one)} for one in certificates]
    if hint is not None:
        material[PUBLIC_KEY] = {"hint": hint}
    elif len(raw) == 1:
        material[CERTIFICATE] = raw[0]
    else:
        media_type = CHAIN_MEDIA_TYPE
        material[CHAIN] = {"certificates": raw}
    material[_LOG] = []
    if timestamps:
        material[_TIMESTAMPS] = {"rfc3161Timestamps": [{"signedTimestamp": encode(one)} for one in timestamps]}
    tree = {"mediaType": media_type, "verificationMaterial": material, "dsseEnvelope": orjson.loads(envelope)}
    return orjson.dumps(tree) + b"\n"


def encode(data: bytes) -> str:
    """Return standard base64 (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def _envelope(value: object, path: str) -> dsse.Envelope:
    """Read the envelope: bundles hold exactly one signature ("the DSSE envelope MUST contain exactly one")."""
    members = _members(value, "dsseEnvelope", {"payload", "payloadType", "signatures"}, set(), path)
    envelope = dsse.parse(orjson.dumps(members), path)
    if len(envelope.signatures) != 1:
        raise _malformed("holds more than one signature", path)
    return envelope


def _certificates(kind: str, value: object, path: str) -> tuple[bytes, ...]:
    if kind == PUBLIC_KEY:
        return ()
    chain = [value]
    if kind == CHAIN:
        chain = _list(_members(value, kind, {"certificates"}, set(), path)["certificates"], kind, path)
    if not 1 <= len(chain) <= MAX_CERTIFICATES:
        raise _malformed(f"holds no certificate, or more than {MAX_CERTIFICATES}", path)
    return tuple(_decode(_members(one, kind, {"rawBytes"}, set(), path)["rawBytes"], kind, path) for one in chain)


def _hint(value: object, path: str) -> str:
    hint = _members(value, PUBLIC_KEY, set(), {"hint"}, path).get("hint", "")
    if not isinstance(hint, str):
        raise _malformed("names a key by something else than a text", path)
    return hint


def _timestamps(value: object, path: str) -> tuple[bytes, ...]:
    name = "rfc3161Timestamps"
    found = _list(_members(value, _TIMESTAMPS, set(), {name}, path).get(name, []), name, path)
    if len(found) > MAX_TIMESTAMPS:
        raise _malformed(f"holds more than {MAX_TIMESTAMPS} timestamps", path)
    member = "signedTimestamp"
    return tuple(_decode(_members(one, name, {member}, set(), path)[member], name, path) for one in found)


def _require_canonical(log: list[Any], path: str) -> None:
    """Refuse octets in entries of a log that are spelled in another way than one: other readers skip what is no base64.

    :param log: no deeper than a strict reader lets anything be.
    """
    waiting: list[Any] = [log]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            for name, item in value.items():
                octets = item if name == "hashes" and isinstance(item, list) else [item] if name in _OCTETS else []
                for one in octets:
                    _decode(one, _LOG, path)
                waiting.append(item)


def _members(value: object, what: str, required: set[str], optional: set[str], path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _malformed(f"has a {what} that is no object", path)
    for name in value:
        if name not in required and name not in optional:
            raise _malformed(f"has the unknown member {display(name, 40)} in {what}", path)
    for name in sorted(required):
        if name not in value:
            raise _malformed(f"has no {name} in {what}", path)
    return value


def _list(value: object, what: str, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _malformed(f"has a {what} that is no list", path)
    return value


def _decode(value: object, what: str, path: str) -> bytes:
    if isinstance(value, str):
        try:
            data = binascii.a2b_base64(value, strict_mode=True)
        except ValueError:
            data = b""
        if data and encode(data) == value:
            return data
    raise _malformed(f"has a value in {what} that is not canonical base64", path)


def _malformed(problem: str, path: str) -> SignatureError:
    return SignatureError(problem, path=path, hint=_HINT)
