"""The ``signature.*`` checks: who signed this document, and whether that is enough for the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.cyclonedx.canonical import canonical
from sbom.errors import RefusedError
from sbom.signing import answers, forms, trust
from sbom.verification.interface import failed, passed, skipped
from sbom.verification.report import SignerResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.cyclonedx.document import Document
    from sbom.signing.keys import PublicKey
    from sbom.verification.report import CheckResult


class Signatures(NamedTuple):
    """The results, and one line for each signature."""

    results: list[CheckResult]
    signers: tuple[SignerResult, ...]


def check(document: Document, keys: Sequence[PublicKey], required: int) -> Signatures:
    """Make every check on the document's signatures.

    :param required: how many distinct keys must have signed.
    """
    results: list[CheckResult] = []
    signers: tuple[SignerResult, ...] = ()
    if "signature" not in document.tree:
        results.append(_answer("signature.present", answers.present(())))
        return Signatures(results, signers)
    try:
        entries = forms.read(document.tree, canonical)
        results.append(_answer("signature.present", answers.present(entries)))
        outcomes = trust.evaluate(entries, keys)
    except RefusedError as error:
        if not results:
            results.append(passed("signature.present", "the document carries a signature"))
        results.append(failed("signature.algorithm", error.message))
        return Signatures(results, signers)
    results.append(_answer("signature.algorithm", answers.algorithm(outcomes)))
    results.append(_answer("signature.valid", answers.valid(outcomes)))
    results.append(_answer("signature.threshold", answers.threshold(outcomes, keys, required)))
    results.append(skipped("signature.time", "a plain key signature carries no attested time", required=False))
    signers = tuple(
        SignerResult(
            outcome.identity,
            outcome.key.label if outcome.key is not None else None,
            outcome.entry.algorithm,
            outcome.outcome.value,
        )
        for outcome in outcomes
    )
    return Signatures(results, signers)


def _answer(check_id: str, answer: answers.Answer) -> CheckResult:
    """Turn an answer into a result: it passes by an explicit ``True`` only."""
    if answer.holds is True:
        return passed(check_id, answer.sentence)
    return failed(check_id, answer.sentence)
