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
* An algorithm that does not take the signature's own embedded key is invalid whoever signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sbom.signing.algorithms import describe, fits, verify
from sbom.signing.interface import Outcome, SignatureEntry
from sbom.signing.jwk import from_jwk
from sbom.signing.keys import PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN = 8


class Reason(StrEnum):
    """Why a signature has its outcome."""

    VERIFIED = "verified"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"
    TWO_KEYS = "two-keys"
    STRANGER = "stranger"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """The outcome of one signature.

    :param entry: the signature.
    :param key: the given key that it is valid for, or that it claims without being valid.
    :param identity: SHA-256 of the SPKI of ``key``, else of the embedded key, else ``None``.
    :param sentence: the outcome and its reason for a person, without a full stop.
    """

    entry: SignatureEntry
    outcome: Outcome
    reason: Reason
    key: PublicKey | None
    identity: str | None
    sentence: str


def evaluate(entries: Sequence[SignatureEntry], keys: Sequence[PublicKey]) -> tuple[EntryOutcome, ...]:
    """Return one outcome per entry, in their order.

    :param keys: the keys that the caller trusts. Of two equal ones the first gives the label.
    :raises SignatureError: when an embedded key is not a key; a form that reads it has refused it before.
    """
    given: dict[str, PublicKey] = {}
    for key in keys:
        given.setdefault(key.spki_sha256, key)
    return tuple(_judge(entry, given) for entry in entries)


def valid_keys(outcomes: Sequence[EntryOutcome]) -> frozenset[str]:
    """Return the distinct identities of the given keys that have a valid signature."""
    return frozenset(
        outcome.key.spki_sha256 for outcome in outcomes if outcome.outcome is Outcome.VALID and outcome.key is not None
    )


def _judge(entry: SignatureEntry, given: Mapping[str, PublicKey]) -> EntryOutcome:
    embedded = None if entry.jwk is None else PublicKey.of(from_jwk(entry.jwk))
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
