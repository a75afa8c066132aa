"""The ``signature.*`` checks: who signed this document, in it or beside it, and whether that is enough."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from sbom.attestation import sidecars
from sbom.attestation.interface import CERTIFICATE, KEY, Identity, Signed, signers
from sbom.cyclonedx.canonical import canonical
from sbom.errors import RefusedError, UndecidedError
from sbom.names import display
from sbom.signing import answers, forms, trust
from sbom.signing.interface import Outcome
from sbom.verification.interface import Gathered, errored, failed, passed, skipped
from sbom.verification.report import SignerResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.cyclonedx.document import Document
    from sbom.model import Dataset
    from sbom.signing.trust import EntryOutcome
    from sbom.verification.report import CheckResult
    from sbom.verification.whom import Whom

_PRESENT = "signature.present"


class Signatures(NamedTuple):
    """The results, one line for each signature of the release, and all that was found.

    :param signed: every signature of the release, in the document and beside it.
    """

    results: list[CheckResult]
    signers: tuple[SignerResult, ...]
    signed: tuple[Signed, ...] = ()
    gathered: Gathered = Gathered()


def check(document: Document, dataset: Dataset | None, whom: Whom) -> Signatures:
    """Make every check on the signatures of a release.

    :param dataset: what the document describes; ``None``, where nobody knows, leaves out what lies beside the document.
    """
    results: list[CheckResult] = []
    outcomes: tuple[EntryOutcome, ...] = ()
    if "signature" in document.tree:
        try:
            entries = forms.read(document.tree, canonical)
            outcomes = trust.evaluate(entries, whom.anchors.keys, whom.anchors.certificates)
        except RefusedError as error:
            results.append(passed(_PRESENT, "the document carries a signature"))
            results.append(failed("signature.algorithm", error.message))
            return Signatures(results, ())
    found = Gathered() if dataset is None else _beside(document, dataset, whom)
    signed = (*map(_signed, outcomes), *found.releases)
    results.append(_present(outcomes, found))
    if signed:
        if outcomes:
            results.append(_answer("signature.algorithm", answers.algorithm(outcomes)))
        else:
            results.append(passed("signature.algorithm", "every signature covers the whole document"))
        results.append(_valid(outcomes, found, signed))
        results.append(_threshold(signed, whom))
        results.append(_time(signed))
    elif found.problems or found.undecided:
        results.append(_valid(outcomes, found, signed))
    return Signatures(results, tuple(map(_signer, signed)), signed, found)


def _beside(document: Document, dataset: Dataset, whom: Whom) -> Gathered:
    """Judge what lies beside a document; where nothing does, there is nothing to load for it."""
    try:
        places = sidecars.find(document.path, whom.attestations)
    except UndecidedError as error:
        return Gathered(undecided=(f"{display(error.path or '')} {error.message}",))
    if not places:
        return Gathered()
    from sbom.attestation.predicates import About  # noqa: PLC0415  # see above
    from sbom.verification import attestations  # noqa: PLC0415  # see above

    about = About(os.path.basename(document.path), document.sha256, dataset.root, document.tree)
    return attestations.gather(places, about, whom)


def _signed(outcome: EntryOutcome) -> Signed:
    """Return a signature in the document as one among all."""
    who = None
    if outcome.anchor is not None:
        who = Identity(CERTIFICATE, outcome.anchor.identity, outcome.identity or "")
    elif outcome.identity is not None:
        who = Identity(KEY, outcome.identity)
    label = None if outcome.key is None else outcome.key.label
    spki = "" if outcome.key is None else outcome.key.spki_sha256
    return Signed(outcome.outcome, outcome.sentence, outcome.entry.algorithm, who, label, spki=spki)


def _signer(one: Signed) -> SignerResult:
    who = one.identity
    return SignerResult(
        None if who is None or who.kind != KEY else who.value,
        one.label,
        one.algorithm,
        one.outcome.value,
        identity=None if who is None or who.kind == KEY else who.value,
        issuer=None if who is None or who.kind == KEY else who.issuer,
        time=one.times[0].time.strftime("%Y-%m-%dT%H:%M:%SZ") if one.times else None,
        bundle=one.where or None,
    )


def _present(outcomes: Sequence[EntryOutcome], found: Gathered) -> CheckResult:
    if outcomes or not found.releases:
        return _answer(_PRESENT, answers.present([outcome.entry for outcome in outcomes]))
    count = "1 signature" if len(found.releases) == 1 else f"{len(found.releases)} signatures"
    return passed(_PRESENT, f"the document has {count} beside it")


def _valid(outcomes: Sequence[EntryOutcome], found: Gathered, signed: Sequence[Signed]) -> CheckResult:
    """Answer ``signature.valid``, for approvals and revocations, too: no claim of a trusted name may be false."""
    check_id = "signature.valid"
    false = [one.sentence for one in (*signed, *found.signed) if one.outcome is Outcome.INVALID]
    false += found.problems
    if false:
        return failed(check_id, _first(false))
    if found.undecided:
        return errored(check_id, _first(found.undecided))
    good = [one.sentence for one in signed if one.outcome is Outcome.VALID]
    if good and not outcomes:
        return passed(check_id, _first(good))
    return _answer(check_id, answers.valid(outcomes))


def _threshold(signed: Sequence[Signed], whom: Whom) -> CheckResult:
    """Answer ``signature.threshold``: enough distinct identities that the caller named have a valid signature."""
    anchors = whom.anchors
    keys = len({key.spki_sha256 for key in anchors.keys})
    others = len({*anchors.sigstore}) + len({*anchors.certificates})
    given = keys + others
    good = signers(signed)
    what = "named signer" if others else "given key"
    text = f"{good} of {given} {what}{'' if given == 1 else 's'} signed the document"
    if good >= whom.required >= 1:
        return passed("signature.threshold", text if whom.required == 1 else f"{text}, {whom.required} were required")
    return failed("signature.threshold", f"{text} with a valid signature, {whom.required} must")


def _time(signed: Sequence[Signed]) -> CheckResult:
    attested = [time for one in signed if one.outcome is Outcome.VALID for time in one.times]
    if not attested:
        return skipped("signature.time", "no signature carries a time that somebody else attests", required=False)
    first = min(attested, key=lambda one: one.time)
    when = first.time.strftime("%Y-%m-%dT%H:%M:%SZ")
    return passed("signature.time", f"it was signed at {when}, as a {first.by} attests", time=when, by=first.by)


def _first(sentences: Iterable[str]) -> str:
    first, *more = sentences
    return f"{first}, and {len(more)} more" if more else first


def _answer(check_id: str, answer: answers.Answer) -> CheckResult:
    """Turn an answer into a result: it passes by an explicit ``True`` only."""
    if answer.holds is True:
        return passed(check_id, answer.sentence)
    return failed(check_id, answer.sentence)
