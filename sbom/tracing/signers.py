"""Who signed the records of the steps in a trace, as far as the caller's keys can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.errors import RefusedError, UndecidedError
from sbom.names import display
from sbom.signing import dsse
from sbom.signing.interface import Outcome
from sbom.verification.lineage import altered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.signing.keys import PublicKey
    from sbom.transformation import Step

_DIGITS: Final = 16


class Signature(NamedTuple):
    """What is known of the signature of a record.

    :param says: a clause for people; empty for a step that nobody recorded.
    :param problem: why the step must not be believed, as a clause; ``None`` where nothing speaks against it.
    """

    says: str
    problem: str | None = None


def judge(step: Step, keys: Sequence[PublicKey]) -> Signature:
    """Compare a step with its signed record, and its signatures with keys.

    :param keys: of the caller; a signature by another key is told, and proves nothing.
    """
    if not step.recorded:
        return Signature("")
    if step.envelope is None:
        return Signature("the record is not signed")
    problem = altered(step)
    if problem is not None:
        return Signature("the record says something else", problem)
    try:
        return _signed(dsse.parse(step.envelope.encode()), keys)
    except (RefusedError, UndecidedError) as error:
        return Signature("the record cannot be read", f"has a record that cannot be read: {error.message}")


def _signed(envelope: dsse.Envelope, keys: Sequence[PublicKey]) -> Signature:
    outcomes = dsse.evaluate(envelope, keys)
    wrong = next((one.sentence for one in outcomes if one.outcome is Outcome.INVALID), None)
    if wrong is not None:
        return Signature("the signature of the record is wrong", wrong)
    valid = [one.key for one in outcomes if one.outcome is Outcome.VALID and one.key is not None]
    if valid:
        named = ", ".join(f'key {key.spki_sha256[:_DIGITS]}… "{display(key.label or "")}"' for key in valid)
        return Signature(f"the record is signed by {named}")
    claimed = [display(one.keyid[:_DIGITS]) for one in envelope.signatures if one.keyid]
    by = f" by key {', '.join(claimed)}… as it says" if claimed else ""
    return Signature(f"the record is signed{by}, which was not checked")
