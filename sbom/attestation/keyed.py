"""Bundles that are signed by a key: made, and judged by the keys that a caller trusts.

The bundle names the key by a hint, base64 of the SHA-256 of its SPKI, as cosign writes it and passes over when it is
given the key. Here a hint, like the ``keyid`` of the envelope, is a claim: one that names a given key, and whose
signature is not that key's, is invalid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from sbom.attestation import bundle as bundles
from sbom.attestation.interface import KEY, Identity, Signed
from sbom.attestation.statement import PAYLOAD_TYPE
from sbom.names import display
from sbom.signing import dsse
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from sbom.attestation.bundle import Bundle
    from sbom.attestation.interface import Anchors
    from sbom.signing.interface import Signer

_SHOWN: Final = 8


def sign(statement: bytes, signer: Signer) -> bytes:
    """Return a bundle around a Statement, signed by a key.

    :param statement: its exact bytes.
    :raises SignatureError: when the signature does not verify; and what the signer raises.
    """
    envelope = orjson.loads(dsse.sign(statement, PAYLOAD_TYPE, signer))
    for one in envelope["signatures"]:
        one["keyid"] = ""  # the hint says it: cosign takes one that it does not know for another key
    return bundles.write(orjson.dumps(envelope), hint=_hint(signer.public.spki_sha256))


def evaluate(bundle: Bundle, anchors: Anchors, path: str) -> Signed:
    """Judge a bundle with the name of a key.

    :param path: of the bundle.
    """
    given = {key.spki_sha256: key for key in reversed(anchors.keys)}
    claimed = {identity(bundle.hint), identity(bundle.envelope.signatures[0].keyid)} & given.keys()
    outcome = dsse.evaluate(bundle.envelope, anchors.keys)[0]
    algorithm, key = outcome.entry.algorithm, outcome.key
    signed = outcome.outcome is Outcome.VALID and key is not None
    if claimed and not (signed and key is not None and claimed == {key.spki_sha256}):
        name = min(claimed)
        sentence = f"{display(path)} claims the key {name[:_SHOWN]}…, but is not signed by it"
        return Signed(Outcome.INVALID, sentence, algorithm, Identity(KEY, name), given[name].label, where=path)
    if not signed or key is None:
        sentence = f"{display(path)} is signed by a key that is not given"
        return Signed(Outcome.NOT_TRUSTED, sentence, algorithm, where=path)
    sentence = f"{display(path)} ({algorithm}) is signed by the key {_named(key.spki_sha256, key.label)}"
    who = Identity(KEY, key.spki_sha256)
    return Signed(Outcome.VALID, sentence, algorithm, who, key.label, where=path, spki=key.spki_sha256)


def _named(identity: str, label: str) -> str:
    return f'{identity[:_SHOWN]}… "{label}"' if label else f"{identity[:_SHOWN]}…"


def _hint(spki_sha256: str) -> str:
    return bundles.encode(bytes.fromhex(spki_sha256))


def identity(name: str) -> str:
    """Return the identity that a hint or key id may name: it is written in hexadecimal, or in base64."""
    import binascii  # noqa: PLC0415  # small

    try:
        return binascii.a2b_base64(name, strict_mode=True).hex() if len(name) == 44 else name.lower()  # noqa: PLR2004
    except ValueError:
        return name.lower()
