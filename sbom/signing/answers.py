"""The outcomes as answers to the four questions that a verification asks, one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import UsageError
from sbom.signing.interface import Outcome
from sbom.signing.trust import Reason, valid_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.signing.interface import SignatureEntry
    from sbom.signing.keys import PublicKey
    from sbom.signing.trust import EntryOutcome


class Answer(NamedTuple):
    """Whether something holds, and one sentence without a full stop that says so."""

    holds: bool
    sentence: str


def present(entries: Sequence[SignatureEntry]) -> Answer:
    """Answer ``signature.present``: there is at least one signature."""
    if not entries:
        return Answer(holds=False, sentence="the document is not signed")
    return Answer(holds=True, sentence=f"the document carries {_count(len(entries), 'signature')}")


def algorithm(outcomes: Sequence[EntryOutcome]) -> Answer:
    """Answer ``signature.algorithm``: every signature, trusted or not, uses an algorithm that takes its key.

    That the forms are known and cover everything is established by reading them; see :mod:`sbom.signing.forms`.
    """
    bad = [outcome for outcome in outcomes if outcome.reason is Reason.ALGORITHM]
    if bad:
        return Answer(holds=False, sentence=_first(bad))
    return Answer(holds=bool(outcomes), sentence=f"every signature covers the whole document: {_algorithms(outcomes)}")


def valid(outcomes: Sequence[EntryOutcome]) -> Answer:
    """Answer ``signature.valid``: each signature that claims a given key verifies with that key."""
    bad = [outcome for outcome in outcomes if outcome.outcome is Outcome.INVALID]
    if bad:
        return Answer(holds=False, sentence=_first(bad))
    good = [outcome for outcome in outcomes if outcome.outcome is Outcome.VALID]
    if good:
        return Answer(holds=True, sentence=_first(good))
    return Answer(holds=bool(outcomes), sentence="no signature claims a given key")


def threshold(outcomes: Sequence[EntryOutcome], keys: Sequence[PublicKey], required: int = 1) -> Answer:
    """Answer ``signature.threshold``: at least ``required`` distinct given keys have a valid signature.

    :raises UsageError: when ``required`` is less than 1: a verification without a signature does not exist.
    """
    if required < 1:
        raise UsageError("at least one signature is required", hint="give --require-signatures 1 or more")
    given, good = len({key.spki_sha256 for key in keys}), len(valid_keys(outcomes))
    text = f"{good} of {_count(given, 'given key')} signed the document"
    if good >= required:
        return Answer(holds=True, sentence=text if required == 1 else f"{text}, {required} were required")
    return Answer(holds=False, sentence=f"{text} with a valid signature, {required} must")


def _first(outcomes: Sequence[EntryOutcome]) -> str:
    more = f", and {len(outcomes) - 1} more" if len(outcomes) > 1 else ""
    return f"{outcomes[0].sentence}{more}"


def _algorithms(outcomes: Iterable[EntryOutcome]) -> str:
    return ", ".join(sorted({outcome.entry.algorithm for outcome in outcomes})) or "there is none"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
