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
from sbom.transformation import DECLARED, LEVELS, NONE, inside
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


class Keys(NamedTuple):
    """Whom the caller trusts: ``(step, key)`` for records, and keys for documents of other datasets."""

    steps: tuple[tuple[str, PublicKey], ...] = ()
    upstream: tuple[PublicKey, ...] = ()


def check(dataset: Dataset, keys: Keys, options: Options) -> list[CheckResult]:
    """Make every check of the family."""
    lineage = dataset.lineage
    required = options.require_lineage
    if not lineage:
        return list(_nothing(lineage, keys, required))
    found = upstream.find(lineage.upstream, options.chain, keys.upstream, options.limits)
    # What the caller demands is proved; what the document claims is compared as far as its documents are at hand.
    demanded = required != NONE
    judged = custody.judge(dataset, found.trusted, assume=not demanded)
    wanted = max(required, lineage.level, key=LEVELS.index)
    short = LEVELS.index(judged.level) < LEVELS.index(wanted)
    breaks: defaultdict[str, list[Break]] = defaultdict(list)
    for one in judged.breaks:
        if short or not one.gap:
            breaks[one.check].append(one)
    results = [_result(check_id, breaks[check_id], lineage) for check_id in _HOLDS]
    results.append(_upstream(lineage, found, keys, required=demanded))
    results.append(_signatures(lineage, keys))
    results.append(_complete(lineage, judged, required))
    return results


def _nothing(lineage: Lineage, keys: Keys, required: str) -> Iterator[CheckResult]:
    """Answer for a document that says nothing of steps."""
    for check_id in CHECKS[:-2]:
        yield skipped(check_id, "the document says nothing of how the dataset was made", required=False)
    if keys.steps:
        yield _signatures(lineage, keys)
    else:
        yield skipped(SIGNATURES, "the document holds no record of a step", required=False)
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
        yield Finding(one.check, _KIND, path or None, _said(one))


def _upstream(lineage: Lineage, found: upstream.Found, keys: Keys, *, required: bool) -> CheckResult:
    check_id = custody.UPSTREAMS
    if not lineage.upstream:
        return skipped(check_id, "no step read from another dataset that is named", required=False)
    if found.undecided is not None:
        return errored(check_id, display(found.undecided))
    if found.refused and keys.upstream:
        one, reason = found.refused[0]
        return failed(check_id, f"the document of {display(one.name)} is not trusted: {display(reason)}")
    missing = [*found.missing, *(one for one, _ in found.refused)]
    if not missing:
        return passed(
            check_id, f"{len(lineage.upstream)} named documents are at hand, and signed by a key given for them"
        )
    what = f"the document of {display(missing[0].name)} (sha256 {missing[0].sha256})"
    if keys.upstream:
        return failed(check_id, f"{what} is not among those of --chain: another one is no substitute")
    sentence = f"{what} was not checked; give --chain DIR and --upstream-key PUB"
    return skipped(check_id, sentence, required=required)


def _signatures(lineage: Lineage, keys: Keys) -> CheckResult:
    """Check that tasks say what the signed records say, and that the wanted keys signed them."""
    steps = {step.name: step for step in lineage.steps}
    problems = [Break(SIGNATURES, step.name, "", what, gap=False) for step in lineage.steps for what in _altered(step)]
    wanted: defaultdict[str, list[PublicKey]] = defaultdict(list)
    for name, key in keys.steps:
        for one in [name] if name != ANY_STEP else [step.name for step in lineage.steps if step.recorded]:
            wanted[one].append(key)
    if any(name == ANY_STEP for name, _ in keys.steps) and not any(step.recorded for step in lineage.steps):
        problems.append(Break(SIGNATURES, None, "", "no step was recorded, so nobody signed one", gap=False))
    altered = {one.step for one in problems}
    for name, allowed in wanted.items():
        what = "is not there" if name not in steps else _unsigned(steps[name], allowed)
        if what is not None and name not in altered:
            problems.append(Break(SIGNATURES, name, "", what, gap=False))
    if problems:
        return failed(SIGNATURES, _sentence(problems), _findings(problems, lineage), problems=len(problems))
    signed = sum(step.envelope is not None for step in lineage.steps)
    if not wanted:
        sentence = "no --step-key was given" if signed else "the document holds no signed record of a step"
        return skipped(SIGNATURES, sentence, required=False)
    return passed(SIGNATURES, f"{len(wanted)} steps are signed by a key that was given for them", steps=sorted(wanted))


def _altered(step: Step) -> Iterator[str]:
    """Yield why what a task says is not what its signed record says."""
    if step.envelope is None:
        return
    try:
        record = statement.payload_of(step.envelope)
    except (RefusedError, UndecidedError) as error:
        yield f"has a record that cannot be read: {error.message}"
        return
    stated = recorded_part(step)._replace(envelope=None, origin=record.origin)
    if stated != record:
        parts = [name for name, one, other in zip(step._fields, stated, record, strict=True) if one != other]
        yield f"is not what its signed record says: {', '.join(parts)} differ"


def _unsigned(step: Step, allowed: Sequence[PublicKey]) -> str | None:
    """Say why a step is not signed by any of the keys that are allowed to; ``None`` when it is."""
    if step.envelope is None:
        return "is not signed"
    try:
        outcomes = dsse.evaluate(dsse.parse(step.envelope.encode()), allowed)
    except (RefusedError, UndecidedError) as error:
        return f"has a record that cannot be read: {error.message}"
    for outcome in outcomes:
        if outcome.outcome is Outcome.INVALID:
            return outcome.sentence
    return None if trust.valid_keys(outcomes) else "is not signed by any key that was given for it"


def _complete(lineage: Lineage, judged: Judged, required: str) -> CheckResult:
    """Compare the level that holds with what is claimed and what is required."""
    found = LEVELS.index(judged.level)
    evidence: dict[str, Any] = {"claimed": lineage.level, "found": judged.level, "required": required}
    gaps = [one for one in judged.breaks if one.gap]
    first = f": {_said(gaps[0])}" if gaps else ""
    if found < LEVELS.index(required):
        return failed(COMPLETE, f"the level {required} is required, and {_level(judged.level)}{first}", **evidence)
    if found < LEVELS.index(lineage.level):
        return failed(
            COMPLETE, f"the document claims the level {lineage.level}, but {_level(judged.level)}{first}", **evidence
        )
    if required == NONE:
        sentence = f"no level is required; {_level(judged.level)}"
        return _optional(sentence, evidence, holds=judged.level != NONE)
    return passed(COMPLETE, f"{_level(judged.level)}, as is required", **evidence)


def _level(level: str) -> str:
    if level == NONE:
        return "not everything can be followed to where it comes from"
    return f"everything is at least {level}" if level == DECLARED else f"everything is {level}"


def _optional(sentence: str, evidence: dict[str, Any], *, holds: bool) -> CheckResult:
    status = Status.PASS if holds else Status.SKIPPED
    return CheckResult(COMPLETE, status, sentence, required=False, evidence=evidence)
