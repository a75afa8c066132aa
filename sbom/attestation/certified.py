"""Bundles that are signed by a certificate of the caller's own authority: made, and judged.

The certificates travel in the bundle, and so do timestamps, which are about the bytes of the signature (as in every
Sigstore bundle). The path has to hold at the earliest time that a timestamp attests, and without one now. Where the
caller names timestamp authorities, each timestamp in the bundle has to be one of theirs, about this signature; where
not, timestamps count for nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from sbom.attestation import bundle as bundles
from sbom.attestation.interface import CERTIFICATE, Attested, Identity, Signed
from sbom.attestation.statement import PAYLOAD_TYPE
from sbom.errors import SignatureError
from sbom.names import display
from sbom.signing import certificates, dsse, paths
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.attestation.bundle import Bundle
    from sbom.attestation.interface import Anchors
    from sbom.signing.interface import Signer


def sign(statement: bytes, signer: Signer, chain: Sequence[bytes], timestamp_url: str | None = None) -> bytes:
    """Return a bundle around a Statement, signed by a key with its certificates.

    :param statement: its exact bytes.
    :param chain: DER, that of the key first; a root at its end is left out.
    :param timestamp_url: of an RFC 3161 authority; ``None`` for no timestamp.
    :raises UsageError: when the certificates are not for this key, or cannot sign now.
    :raises UndecidedError: when there is no timestamp, or a key service does not sign.
    """
    certified = certificates.certify(signer, chain)
    envelope = orjson.loads(dsse.sign(statement, PAYLOAD_TYPE, certified))
    stamps: list[bytes] = []
    if timestamp_url is not None:
        from sbom.signing import timestamps  # noqa: PLC0415  # only where one is asked for

        value = dsse.parse(orjson.dumps(envelope)).signatures[0].sig
        stamps.append(timestamps.request(timestamp_url, value))
    for one in envelope["signatures"]:
        one["keyid"] = ""  # the certificate says it
    return bundles.write(orjson.dumps(envelope), certificates=certified.certificates, timestamps=stamps)


def evaluate(bundle: Bundle, anchors: Anchors, path: str) -> Signed:
    """Judge a bundle with certificates, and without entries of a log.

    :param path: of the bundle.
    :raises MissingExtraError: when there are timestamps to verify, and the extra ``timestamp`` is missing.
    """
    now = datetime.now(UTC)
    try:
        times = _times(bundle, anchors, now)
    except SignatureError as error:
        sentence = f"{display(path)} has a timestamp that {error.message}"
        return Signed(Outcome.INVALID, sentence, "unknown", where=path)
    at = min((one.time for one in times), default=now)
    try:
        anchor, holder = certificates.find(bundle.certificates, anchors.certificates, at)
    except SignatureError as error:
        sentence = f"{display(path)} is signed by a certificate that {error.message}"
        who = None if times else _lapsed(bundle, anchors, now)
        return Signed(Outcome.NOT_TRUSTED, sentence, "unknown", who, where=path)
    outcome = dsse.evaluate(bundle.envelope, (holder.key,))[0]
    valid = outcome.outcome is Outcome.VALID
    verdict = "is signed by" if valid else "holds, but is not signed by,"
    sentence = (
        f"{display(path)} ({outcome.entry.algorithm}) {verdict} the certificate of {display(anchor.identity, 200)}"
    )
    return Signed(
        Outcome.VALID if valid else Outcome.INVALID,
        sentence,
        outcome.entry.algorithm,
        Identity(CERTIFICATE, anchor.identity, holder.root),
        None,
        times,
        path,
        holder.key.spki_sha256,
    )


def _lapsed(bundle: Bundle, anchors: Anchors, now: datetime) -> Identity | None:
    """Return whose signature it was while the certificates were valid: it is no proof, but a reason to ask."""
    roots = {root for anchor in anchors.certificates for root in anchor.roots}
    try:
        ends = {paths.parse(der, "the path").not_valid_after_utc for der in (*bundle.certificates, *roots)}
    except SignatureError:
        return None
    for at in sorted(end for end in ends if end < now):
        try:
            anchor, holder = certificates.find(bundle.certificates, anchors.certificates, at)
        except SignatureError:
            continue
        if dsse.evaluate(bundle.envelope, (holder.key,))[0].outcome is Outcome.VALID:
            return Identity(CERTIFICATE, anchor.identity, holder.root)
    return None


def _times(bundle: Bundle, anchors: Anchors, now: datetime) -> tuple[Attested, ...]:
    if not bundle.timestamps or not anchors.timestamp_roots:
        return ()
    from sbom.signing import timestamps  # noqa: PLC0415  # only where there are any

    value = bundle.envelope.signatures[0].sig
    found = (timestamps.verify(one, value, anchors.timestamp_roots, now) for one in bundle.timestamps)
    return tuple(Attested(time, "timestamp authority") for time in found)
