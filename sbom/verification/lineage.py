"""The ``lineage.*`` checks: how the dataset came about, as far as the document says, and whether that can be true.

Rules of trust: the document's own level is a claim, which is computed anew; a step's signature counts only by a key
that the caller gave for that step; a dataset that steps read from counts only by a document whose bytes the release
names and whose signature is by a key that the caller gave for it. A contradiction fails always; a gap fails where the
caller demands completeness, or the document claims it (ADR 0016).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sbom.errors import RefusedError, UndecidedError
from sbom.lineage import custody, statement
from sbom.lineage.custody import Break
from sbom.lineage.join import recorded_part
from sbom.names import display
from sbom.signing import dsse, trust
from sbom.signing.interface import Outcome
from sbom.transformation import DECLARED, LEVELS, NONE, inside, is_file
from sbom.verification import upstream
from sbom.verification.interface import ANY_STEP, errored, failed, passed, skipped
from sbom.verification.report import CheckResult, Finding, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.lineage.custody import Judged
    from sbom.model import Dataset
    from sbom.signing.keys import PublicKey
    from sbom.transformation import Lineage, Step
    from sbom.verification.interface import Options

SIGNATURES: Final = "lineage.signatures"
COMPLETE: Final = "lineage.complete"
#: Every check of this family, in their order.
CHECKS: Final = (
    custody.STEPS, custody.SCRIPTS, custody.MATERIALS, custody.PRODUCTS, custody.UPSTREAMS, SIGNATURES, COMPLETE,
)  # fmt: skip
_HOLDS: Final = {
    custody.STEPS: "no step is there twice, fails, or runs before what it reads was written",
    custody.SCRIPTS: "every recorded script has one digest wherever it is named",
    custody.MATERIALS: "what steps read is what was written before them",
    custody.PRODUCTS: "files of the dataset are what the steps wrote",
}
#: Problems of one check that the report lists.
_LISTED: Final = 1_000
_KIND: Final = "LINEAGE"
_ASIDE: Final = "is there, but no file of the dataset comes from it, and a key is given for it"


class Keys(NamedTuple):
    """Whom the caller trusts: ``(step, key)`` for records, and keys for documents of other datasets."""

    steps: tuple[tuple[str, PublicKey], ...] = ()
    upstream: tuple[PublicKey, ...] = ()


def check(dataset: Dataset, keys: Keys, options: Options) -> list[CheckResult]:
    """Make every check of the family."""
    lineage = dataset.lineage
    required = options.require_lineage
    known = bool(lineage) or (required != NONE and any(one.path is not None for one in dataset.provenance.sources))
    if not known:
        return list(_nothing(dataset, keys, required))
    found = upstream.find(lineage.upstream, options.chain, keys.upstream, options.limits)
    # What the caller demands is proved; what the document claims is compared as far as its documents are at hand.
    assume = required == NONE
    judged = custody.judge(dataset, found.trusted, assume=assume)
    wanted = max(required, lineage.level, key=LEVELS.index)
    listed = [one for one in judged.breaks if not one.gap or _falls_short(judged.level, one.level, wanted)]
    breaks: defaultdict[str, list[Break]] = defaultdict(list)
    for one in listed:
        breaks[one.check].append(one)
    results = [_result(check_id, breaks[check_id], lineage) for check_id in _HOLDS]
    results.append(_upstream(lineage, found, keys, options, breaks[custody.UPSTREAMS]))
    results.append(_signatures(dataset, keys))
    results.append(_complete(lineage, judged, required, listed, assumed=assume and not found.complete))
    return results


def _falls_short(found: str, possible: str, wanted: str) -> bool:
    """Tell whether a gap keeps the lineage from the wanted level, which it has not reached."""
    return max(LEVELS.index(found), LEVELS.index(possible)) < LEVELS.index(wanted)


def _nothing(dataset: Dataset, keys: Keys, required: str) -> Iterator[CheckResult]:
    """Answer for a document that says nothing of steps."""
    lineage = dataset.lineage
    for check_id in CHECKS[:-2]:
        yield skipped(check_id, "the document says nothing of how the dataset was made", required=False)
    yield _signatures(dataset, keys)
    if lineage.level != NONE:
        yield failed(COMPLETE, f"the document claims the level {lineage.level}, and says nothing of any step")
    elif required == NONE:
        yield skipped(COMPLETE, "the document says nothing of how the dataset was made", required=False)
    else:
        yield failed(COMPLETE, f"the level {required} is required, and the document says nothing of any step")


def _result(check_id: str, breaks: Sequence[Break], lineage: Lineage) -> CheckResult:
    if not breaks:
        return passed(check_id, _HOLDS[check_id], steps=len(lineage.steps))
    return failed(check_id, _sentence(breaks), _findings(breaks, lineage), problems=len(breaks))


def _sentence(breaks: Sequence[Break]) -> str:
    more = f", and {len(breaks) - 1:,} more" if len(breaks) > 1 else ""
    return f"{_said(breaks[0])}{more}"


def _said(one: Break) -> str:
    step = "" if one.step is None else f"step {display(one.step, 80)}: "
    name = "" if not one.name else f"{display(one.name, 200)} "
    return f"{step}{name}{display(one.what, 300)}"


def _findings(breaks: Sequence[Break], lineage: Lineage) -> Iterator[Finding]:
    for one in breaks[:_LISTED]:
        path = one.name if one.check == custody.PRODUCTS else inside(lineage.prefix, one.name)
        yield Finding(one.check, _KIND, path if path and is_file(path) else None, _said(one))


def _upstream(
    lineage: Lineage, found: upstream.Found, keys: Keys, options: Options, breaks: Sequence[Break]
) -> CheckResult:
    check_id = custody.UPSTREAMS
    if breaks:
        return _result(check_id, breaks, lineage)
    if not lineage.upstream:
        return skipped(check_id, "no step read from another dataset that is named", required=False)
    if found.undecided is not None:
        return errored(check_id, display(found.undecided))
    if not found.complete:
        return _untrusted(found, keys, options)
    count = "1 named document is" if len(lineage.upstream) == 1 else f"{len(lineage.upstream):,} named documents are"
    return passed(check_id, f"{count} at hand, and signed by a key given for other datasets")


def _untrusted(found: upstream.Found, keys: Keys, options: Options) -> CheckResult:
    """Answer for a document that is not there, or not signed by whom the caller trusts."""
    check_id = custody.UPSTREAMS
    if found.refused:
        one, reason = found.refused[0]
        return failed(check_id, f"the document of {display(one.name)} is not trusted: {display(reason)}")
    what = f"the document of {display(found.missing[0].name)} (sha256 {found.missing[0].sha256})"
    if keys.upstream and options.chain is not None:
        return failed(check_id, f"{what} is not among those of --chain: another one is no substitute")
    required = bool(keys.upstream) or options.require_lineage != NONE
    return skipped(check_id, f"{what} was not checked; give --chain DIR and --upstream-key PUB", required=required)


def _signatures(dataset: Dataset, keys: Keys) -> CheckResult:
    """Check that tasks say what the signed records say, and that the wanted keys signed them.

    Whoever gives a key for a step insists that the dataset went through it: a record that only lies beside the chain is
    as good as none.
    """
    lineage = dataset.lineage
    problems: list[Break] = []
    allowed: defaultdict[str, list[PublicKey]] = defaultdict(list)
    for name, key in keys.steps:
        allowed[name].append(key)
    everybody = [key for _, key in keys.steps]
    names = {step.name for step in lineage.steps}
    missing = [name for name in allowed if name != ANY_STEP and name not in names]
    problems.extend(_problem(name, "is not there, but a key is given for it") for name in missing)
    named = names.intersection(allowed)
    aside = sorted(named - custody.contributing(dataset)) if named else []
    problems.extend(_problem(name, _ASIDE) for name in aside)
    if ANY_STEP in allowed and not lineage.steps:
        problems.append(_problem(None, "the document names no step, so nobody signed one"))
    wanted: list[str] = []
    for step in lineage.steps:
        for_it = allowed.get(step.name) or allowed.get(ANY_STEP, [])
        wanted += [step.name] if for_it else []
        what = altered(step) or (_unsigned(step, for_it, everybody) if everybody else None)
        if what is not None:
            problems.append(_problem(step.name, what))
    if problems:
        return failed(SIGNATURES, _sentence(problems), _findings(problems, lineage), problems=len(problems))
    if not wanted:
        signed = any(step.envelope is not None for step in lineage.steps)
        sentence = "no --step-key was given" if signed else "the document holds no signed record of a step"
        return skipped(SIGNATURES, sentence, required=False)
    count = "1 step is" if len(wanted) == 1 else f"{len(wanted):,} steps are"
    return passed(SIGNATURES, f"{count} signed by a key that was given for it", steps=sorted(wanted))


def _problem(step: str | None, what: str) -> Break:
    return Break(SIGNATURES, step, "", what, gap=False)


def altered(step: Step) -> str | None:
    """Say why what a task says is not what its signed record says; ``None`` when it is, or there is none."""
    if step.envelope is None:
        return None
    try:
        record = statement.payload_of(step.envelope)
    except (RefusedError, UndecidedError) as error:
        return f"has a record that cannot be read: {error.message}"
    stated = recorded_part(step)._replace(envelope=None, origin=record.origin)
    if stated == record:
        return None
    parts = [name for name, one, other in zip(step._fields, stated, record, strict=True) if one != other]
    return f"is not what its signed record says: {', '.join(parts)} differ"


def _unsigned(step: Step, allowed: Sequence[PublicKey], everybody: Sequence[PublicKey]) -> str | None:
    """Say why a step is not signed by any of the keys that are given for it; ``None`` when it is, or needs not be.

    :param everybody: every key that was given for a step: who claims one of them has to have signed.
    """
    if step.envelope is None:
        how = "is not signed" if step.recorded else "was not recorded, so nobody signed it"
        return how if allowed else None
    try:
        outcomes = dsse.evaluate(dsse.parse(step.envelope.encode()), everybody)
    except (RefusedError, UndecidedError) as error:
        return f"has a record that cannot be read: {error.message}"
    for outcome in outcomes:
        if outcome.outcome is Outcome.INVALID:
            return outcome.sentence
    signed = trust.valid_keys(outcomes).intersection(key.spki_sha256 for key in allowed)
    return "is not signed by any key that was given for it" if allowed and not signed else None


def _complete(
    lineage: Lineage, judged: Judged, required: str, listed: Sequence[Break], *, assumed: bool
) -> CheckResult:
    """Compare the level that holds with what is claimed and what is required."""
    found = LEVELS.index(judged.level)
    evidence: dict[str, Any] = {"claimed": lineage.level, "found": judged.level, "required": required}
    first = f": {_said(listed[0])}" if listed else ""
    if found < LEVELS.index(required):
        return failed(COMPLETE, f"the level {required} is required, but {_level(judged.level)}{first}", **evidence)
    if found < LEVELS.index(lineage.level):
        return failed(
            COMPLETE, f"the document claims the level {lineage.level}, but {_level(judged.level)}{first}", **evidence
        )
    if required != NONE:
        return passed(COMPLETE, f"{_level(judged.level)}, as is required", **evidence)
    condition = ", if other datasets hold what is said of them" if assumed and judged.level != NONE else ""
    status = Status.SKIPPED if judged.level == NONE else Status.PASS
    sentence = f"no level is required; {_level(judged.level)}{condition}"
    return CheckResult(COMPLETE, status, sentence, required=False, evidence=evidence)


def _level(level: str) -> str:
    if level == NONE:
        return "not everything can be followed to where it comes from"
    return f"everything is at least {level}" if level == DECLARED else f"everything is {level}"
