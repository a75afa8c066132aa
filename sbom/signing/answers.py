"""The outcomes as answers to the questions that a verification asks of them, one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.signing.interface import Outcome
from sbom.signing.trust import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.signing.interface import SignatureEntry
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


def _first(outcomes: Sequence[EntryOutcome]) -> str:
    more = f", and {len(outcomes) - 1} more" if len(outcomes) > 1 else ""
    return f"{outcomes[0].sentence}{more}"


def _algorithms(outcomes: Iterable[EntryOutcome]) -> str:
    return ", ".join(sorted({outcome.entry.algorithm for outcome in outcomes})) or "there is none"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
