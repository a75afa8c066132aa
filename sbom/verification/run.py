"""One verification from start to end: the order of the checks, and the report they make."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sbom import __version__
from sbom.cyclonedx.document import STDIN
from sbom.errors import UndecidedError, UsageError
from sbom.inventory.walk import locate, relative
from sbom.transformation import NONE
from sbom.verification import catalog, chain, declared, document, files, releases, signatures, trustroot, whom
from sbom.verification.interface import skipped
from sbom.verification.report import Counts, DatasetIdentity, DocumentIdentity, Report, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from sbom.cyclonedx.document import Raw
    from sbom.model import Dataset
    from sbom.signing.keys import PublicKey
    from sbom.verification import policy
    from sbom.verification.interface import Expect, Gathered, Options, Progress, Trust
    from sbom.verification.report import CheckResult

#: Checks that need no doing when nobody asked for them.
_OPTIONAL = frozenset({"bom.expected", "signature.time", "manifest.declared", "sources.online", *chain.CHECKS})
_LINEAGE = "lineage."
_POLICY = "policy."
_REVOKED = "signature.revoked"


class Verification(NamedTuple):
    """A report, and the state of the data that it is about (``None`` when the data was not looked at)."""

    report: Report
    watch: files.Watch | None


def now() -> str:
    """Return the time, RFC 3339 in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def verify(  # noqa: PLR0913, PLR0917  # what the API was given
    raw: Raw, data: str, trust: Trust, expect: Expect, options: Options, progress: Progress
) -> Verification:
    """Verify a document, its signatures, the data and (where asked) the release chain and what a policy demands.

    :param raw: the document's exact bytes.
    :param data: directory or file.
    :raises UsageError: when the call itself is wrong: nobody to trust, no such data, a key inside the data.
    """
    started = now()
    used = _policy(trust)
    people = whom.load(trust, used, offline=options.offline)
    options = options if used is None else _policies().options(used, options)
    further = _further(trust)
    place = locate(data)
    mine = whom.files(trust, used)
    _refuse_inner(trust, mine, lambda path: trustroot.leads_through(place, path))
    judged = _judge(raw, people, used, options)
    # Left out of the inventory are the document itself and the bundles that this run has verified, and nothing else.
    beside = {**judged.signatures.gathered.verified, **({} if raw.path == STDIN else {raw.path: raw.sha256})}
    omit = {inner: sha256 for path, sha256 in beside.items() if (inner := relative(place, path)) is not None}
    del raw  # it may be large, and the data is still to be walked
    results = judged.results
    checked = files.Checked([], Counts(), (), None)
    dataset = judged.dataset
    notes: tuple[str, ...] = ()
    decided = None
    if dataset is not None and judged.presented is not None:
        results.append(document.expected(dataset, expect))
        trusted = all(result.status is Status.PASS or not result.required for result in results)
        results.append(files.root(dataset))
        checked = files.check(dataset, place, omit, options, progress, given=data)
        results.extend(checked.results)
        nodes = () if checked.watch is None else checked.watch.tree.files.values()
        _refuse_inner(trust, mine, lambda path: trustroot.is_among(nodes, path))
        line, found = _chain(judged.presented, people, options)
        results.extend(found)
        results.extend(_lineage(dataset, further, options))
        results.append(declared.check(dataset))
        notes = declared.notes(results[-1])
        results.extend(_sources(dataset, options, progress, trusted=trusted))
        if used is not None and judged.said is not None:
            keys = people.anchors.keys
            known = _policies().Known(
                dataset,
                judged.presented,
                judged.said,
                judged.signatures,
                results,
                line,
                checked.allowed_extra,
                options,
                keys,
            )
            decided = _policies().judge(used, known)
            results.extend(decided.results)
    if used is None:
        results.extend(_no_policy(judged.signatures.gathered))
        notes = (*notes, *_unheard(judged.signatures.gathered))
    report = Report(
        checks=_complete(results, options, expect, further, used),
        document=judged.identity,
        dataset=_identity(dataset, pinned=expect.pinned or (used is not None and used.pinned)),
        signers=judged.signatures.signers,
        counts=checked.counts,
        data=data,
        started=started,
        finished=now(),
        tool_version=__version__,
        allowed_extra=checked.allowed_extra,
        only=options.only,
        notes=notes,
    )
    if decided is not None:
        report = _remembered(report, decided)
    return Verification(report, checked.watch)


class _Judged(NamedTuple):
    """What is left of a document when its own checks are done: not its tree, which may take hundreds of megabytes.

    :param said: what a policy will want to know of it.
    """

    results: list[CheckResult]
    signatures: signatures.Signatures
    identity: DocumentIdentity
    dataset: Dataset | None = None
    presented: chain.Release | None = None
    said: policy.Said | None = None


def _judge(raw: Raw, trusted: whom.Whom, used: policy.InUse | None, options: Options) -> _Judged:
    """Make the checks of the document and its signatures."""
    examined = document.examine(raw, options.limits)
    parsed, results = examined.document, list(examined.results)
    found = signatures.Signatures([], ())
    if parsed is None:
        return _Judged(results, found, DocumentIdentity(raw.path, raw.sha256, "", ""))
    if examined.valid:
        found = signatures.check(parsed, examined.dataset, trusted)
        results.extend(found.results)
    identity = DocumentIdentity(raw.path, parsed.sha256, parsed.text("serialNumber"), parsed.text("specVersion"))
    dataset = examined.dataset
    if dataset is None:
        return _Judged(results, found, identity)
    said = None if used is None else _policies().said(used, parsed, dataset)
    return _Judged(results, found, identity, dataset, chain.release_of(parsed, dataset), said)


def _policy(trust: Trust) -> policy.InUse | None:
    """Load the policy, where there is one."""
    return None if trust.policy is None else _policies().use(trust, whom.load_keys(trust.policy_keys))


def _policies() -> ModuleType:
    """Return the family of checks that a policy asks for; who has none does not pay for it."""
    from sbom.verification import policy  # noqa: PLC0415  # see above

    return policy


def _no_policy(found: Gathered) -> list[CheckResult]:
    """Skip what only a policy asks for."""
    revoked = "revocation not checked: no policy says who may revoke"
    evidence = {"ignored": [signed.sentence for _, signed in (*found.revocations, *found.lists)]}
    results = [skipped(one, "no policy was given", required=False) for one in catalog.load() if one.startswith(_POLICY)]
    return [*results, skipped(_REVOKED, revoked, required=False, **evidence)]


def _unheard(found: Gathered) -> Iterator[str]:
    """Tell of revocations that nobody was named for: they change nothing, and a person should look at them."""
    for said, signed in found.revocations:
        why = "no policy says who may revoke"
        yield f"revocation not checked, because {why}: {signed.sentence}, and says: {said.reason}"


def _remembered(report: Report, decided: policy.Judged) -> Report:
    """Remember what was seen; return the report, which is no success when that cannot be done."""
    problem = _policies().remember(decided, success=report.verdict is Verdict.VERIFIED)
    if problem is None:
        return report
    checks = tuple(problem if check.id == problem.id else check for check in report.checks)
    return replace(report, checks=checks)


def _refuse_inner(trust: Trust, mine: Sequence[str], is_inside: Callable[[str], bool]) -> None:
    """Refuse what whoever changes the data can change too, whatever name it is given by.

    :param mine: files that the caller trusts, besides keys.
    """
    for path in whom.key_files(trust):
        if not trust.allow_key_in_data and is_inside(path):
            raise UsageError(
                "the public key lies inside the data that it is to vouch for",
                path=path,
                hint="keep it elsewhere; --allow-key-in-data takes the risk",
            )
    for path in mine:
        if is_inside(path):
            raise UsageError("lies inside the data that it is to judge", path=path, hint="keep it elsewhere")


def _identity(dataset: Dataset | None, *, pinned: bool) -> DatasetIdentity | None:
    if dataset is None:
        return None
    return DatasetIdentity(dataset.name, dataset.version, dataset.root, pinned)


def _chain(
    presented: chain.Release, trusted: whom.Whom, options: Options
) -> tuple[Sequence[chain.Release], list[CheckResult]]:
    """Return the release and those behind it, as far as they are trusted, and the results."""
    if options.chain is None:
        return (presented,), chain.not_asked()
    try:
        others, ignored = releases.load_directory(options.chain, trusted, options.limits)
    except UndecidedError as error:
        return (presented,), chain.undecided(f"the directory of releases {error.message}")
    return chain.trace(presented, others).releases, chain.check(presented, others, ignored)


class _Further(NamedTuple):
    """Keys for steps and for other datasets."""

    steps: tuple[tuple[str, PublicKey], ...]
    upstream: tuple[PublicKey, ...]


def _further(trust: Trust) -> _Further:
    """Load the keys for steps and other datasets."""
    if not trust.step_keys and not trust.upstream_keys:
        return _Further((), ())
    names = [name for name, _ in trust.step_keys]
    loaded = whom.load_keys((*(key for _, key in trust.step_keys), *trust.upstream_keys))
    return _Further(tuple(zip(names, loaded, strict=False)), loaded[len(names) :])


def _lineage(dataset: Dataset, further: _Further, options: Options) -> list[CheckResult]:
    """Check how the dataset came about; where nothing is said and nothing is asked, there is nothing to load for it."""
    if not dataset.lineage and dataset.lineage.level == NONE and not further.steps and options.require_lineage == NONE:
        sentence = "the document says nothing of how the dataset was made"
        return [skipped(one, sentence, required=False) for one in catalog.load() if one.startswith(_LINEAGE)]
    from sbom.verification import lineage  # noqa: PLC0415  # see above

    return lineage.check(dataset, lineage.Keys(further.steps, further.upstream), options)


def _sources(dataset: Dataset, options: Options, progress: Progress, *, trusted: bool) -> list[CheckResult]:
    """Fetch the sources again, where that was asked for.

    :param trusted: the document is the wanted one, and signed. A stranger's must not choose what is connected to.
    """
    if not options.online:
        return [skipped("sources.online", "nobody asked to fetch the sources again", required=False)]
    if not trusted:
        return []
    from sbom.verification import sources  # noqa: PLC0415  # opens sockets: only where it is asked for

    return [sources.check(dataset, options, progress)]


def _complete(
    results: list[CheckResult], options: Options, expect: Expect, further: _Further, used: policy.InUse | None
) -> tuple[CheckResult, ...]:
    """Put the results in the order of the table, and say of every check that was not made whether it had to be."""
    made = {result.id: result for result in results}
    complete: list[CheckResult] = []
    for check_id in catalog.load():
        result = made.pop(check_id, None)
        if result is None:
            asked = (
                (check_id.startswith("chain.") and options.chain is not None)
                or (check_id == "bom.expected" and expect.pinned)
                or (check_id == "sources.online" and options.online)
                or (check_id == "lineage.complete" and options.require_lineage != NONE)
                or (check_id == "lineage.signatures" and bool(further.steps))
                or (check_id.startswith((_POLICY, _REVOKED)) and used is not None)
            )
            optional = check_id in _OPTIONAL or check_id.startswith((_LINEAGE, _POLICY, _REVOKED))
            required = asked or not optional
            result = skipped(check_id, "an earlier check failed, so it was not made", required=required)
        complete.append(result)
    return (*complete, *made.values())
