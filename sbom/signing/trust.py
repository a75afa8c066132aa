"""What the signatures of a document mean to somebody who trusts certain keys. No I/O, no state.

The rules:

* A key is one identity: the SHA-256 of its SubjectPublicKeyInfo (RFC 5280 section 4.1). Two files with the same key are
  one key, and one key counts once however often it signed.
* A signature *claims* a given key when its key id is that identity (hexadecimal, in either case) or when its embedded
  key is that key. It is valid only if its algorithm takes the given key and it verifies with **the given key**. A claim
  that does not hold is invalid, and fails the run; so does a claim of two given keys at once.
* A signature with an embedded key that was not given, and no claim, is not trusted. Nothing is computed with that key.
* A signature without an embedded key and without a claim is tried with each given key that its algorithm takes. It is
  valid for the one that verifies it, and not trusted otherwise.
* An embedded certificate stands for its key in all of these. A signature that claims no given key is then valid for a
  given certificate identity whose rules its path keeps (:mod:`sbom.signing.paths`), now: this form has no room
  for a timestamp. A path that does not hold makes it not trusted; a path that holds below a value that does not verify
  makes it invalid. One signature counts for one identity.
* An algorithm that does not take the signature's own embedded key is invalid whoever signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sbom.errors import SignatureError
from sbom.names import display
from sbom.signing.algorithms import describe, fits, verify
from sbom.signing.interface import Outcome, SignatureEntry
from sbom.signing.jwk import from_jwk
from sbom.signing.keys import PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sbom.signing.certificates import CertificateAnchor

_SHOWN = 8


class Reason(StrEnum):
    """Why a signature has its outcome."""

    VERIFIED = "verified"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"
    TWO_KEYS = "two-keys"
    STRANGER = "stranger"
    UNKNOWN = "unknown"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """The outcome of one signature.

    :param entry: the signature.
    :param key: the given key that it is valid for, or that it claims without being valid; with ``anchor`` the key of
        the certificate.
    :param identity: SHA-256 of the SPKI of ``key``, else of the embedded key, else ``None``; with ``anchor`` the
        SHA-256 (hex) of the root certificate that the path ends in.
    :param sentence: the outcome and its reason for a person, without a full stop.
    :param anchor: the given certificate identity whose path holds.
    """

    entry: SignatureEntry
    outcome: Outcome
    reason: Reason
    key: PublicKey | None
    identity: str | None
    sentence: str
    anchor: CertificateAnchor | None = None


def evaluate(
    entries: Sequence[SignatureEntry],
    keys: Sequence[PublicKey],
    certificates: Sequence[CertificateAnchor] = (),
    now: datetime | None = None,
) -> tuple[EntryOutcome, ...]:
    """Return one outcome per entry, in their order.

    :param keys: the keys that the caller trusts. Of two equal ones the first gives the label.
    :param certificates: the identities that the caller trusts when a certificate vouches for them.
    :param now: the time at which certificates have to be valid; the current one by default.
    :raises SignatureError: when an embedded key is not a key; a form that reads it has refused it before.
    """
    given: dict[str, PublicKey] = {}
    for key in keys:
        given.setdefault(key.spki_sha256, key)
    return tuple(_judge(entry, given, certificates, now) for entry in entries)


def embedded_key(entry: SignatureEntry) -> PublicKey | None:
    """Return the key that a signature brings along, in a certificate or bare; it proves nothing."""
    if entry.certificate_path:
        from sbom.signing.paths import leaf_key  # noqa: PLC0415  # takes time to load

        return leaf_key(entry.certificate_path[0], "the embedded certificate")
    return None if entry.jwk is None else PublicKey.of(from_jwk(entry.jwk))


def valid_keys(outcomes: Sequence[EntryOutcome]) -> frozenset[str]:
    """Return the distinct identities of the given keys that have a valid signature."""
    return frozenset(
        outcome.key.spki_sha256
        for outcome in outcomes
        if outcome.outcome is Outcome.VALID and outcome.key is not None and outcome.anchor is None
    )


def _judge(
    entry: SignatureEntry,
    given: Mapping[str, PublicKey],
    certificates: Sequence[CertificateAnchor],
    now: datetime | None,
) -> EntryOutcome:
    embedded = embedded_key(entry)
    names = {(entry.key_id or "").lower(), "" if embedded is None else embedded.spki_sha256}
    claims = [given[name] for name in sorted(names) if name in given]
    if len(claims) > 1:
        text = f"claims two given keys at once: {' and '.join(_name(key) for key in claims)}"
        return _result(entry, Reason.TWO_KEYS, None, embedded, text)
    claimed = claims[0] if claims else None
    for key in (claimed, embedded):
        if key is not None and not fits(key.key, entry.algorithm):
            text = f"uses an algorithm that does not take its {describe(key.key)}"
            return _result(entry, Reason.ALGORITHM, claimed, embedded, text)
    if claimed is None and entry.certificate_path and certificates:
        return _judge_path(entry, certificates, now or datetime.now(UTC))
    if claimed is None:
        return _judge_unclaimed(entry, given, embedded)
    if _verifies(entry, (claimed,)) is None:
        text = f"claims the key {_name(claimed)}, but does not verify with it"
        return _result(entry, Reason.SIGNATURE, claimed, embedded, text)
    return _result(entry, Reason.VERIFIED, claimed, embedded, f"is valid: key {_name(claimed)}")


def _judge_unclaimed(entry: SignatureEntry, given: Mapping[str, PublicKey], embedded: PublicKey | None) -> EntryOutcome:
    if embedded is not None:
        return _result(entry, Reason.STRANGER, None, embedded, f"is by a key that is not given: {_name(embedded)}")
    key = _verifies(entry, tuple(given.values()))
    if key is None:
        return _result(entry, Reason.UNKNOWN, None, None, "carries no key, and verifies with none of the given ones")
    return _result(entry, Reason.VERIFIED, key, None, f"is valid: key {_name(key)}")


def _judge_path(entry: SignatureEntry, certificates: Sequence[CertificateAnchor], now: datetime) -> EntryOutcome:
    from sbom.signing.certificates import find  # noqa: PLC0415  # loaded already

    try:
        anchor, holder = find(entry.certificate_path, certificates, now)
    except SignatureError as error:
        text = f"is by a certificate that {error.message}"
        return _result(entry, Reason.PATH, None, embedded_key(entry), text)
    valid = _verifies(entry, (holder.key,)) is not None
    verdict = "is valid: certificate" if valid else "does not verify with the certificate"
    sentence = f"signature {entry.index + 1} ({entry.algorithm}) {verdict} of {display(anchor.identity, 200)}"
    reason = Reason.VERIFIED if valid else Reason.SIGNATURE
    return EntryOutcome(entry, _OUTCOMES[reason], reason, holder.key, holder.root, sentence, anchor)


def _verifies(entry: SignatureEntry, keys: Sequence[PublicKey]) -> PublicKey | None:
    """Return the first of ``keys`` that the entry verifies with. The message is computed once, and only if needed."""
    usable = [key for key in keys if fits(key.key, entry.algorithm)]
    if not usable or entry.value is None:
        return None
    message = entry.message()
    return next((key for key in usable if verify(key.key, entry.algorithm, entry.value, message)), None)


_OUTCOMES = {
    Reason.VERIFIED: Outcome.VALID,
    Reason.ALGORITHM: Outcome.INVALID,
    Reason.SIGNATURE: Outcome.INVALID,
    Reason.TWO_KEYS: Outcome.INVALID,
    Reason.STRANGER: Outcome.NOT_TRUSTED,
    Reason.UNKNOWN: Outcome.NOT_TRUSTED,
    Reason.PATH: Outcome.NOT_TRUSTED,
}


def _result(
    entry: SignatureEntry, reason: Reason, key: PublicKey | None, embedded: PublicKey | None, text: str
) -> EntryOutcome:
    known = key or embedded
    identity = None if known is None else known.spki_sha256
    sentence = f"signature {entry.index + 1} ({entry.algorithm}) {text}"
    return EntryOutcome(entry, _OUTCOMES[reason], reason, key, identity, sentence)


def _name(key: PublicKey) -> str:
    start = f"{key.spki_sha256[:_SHOWN]}…"
    return f'{start} "{key.label}"' if key.label else start
