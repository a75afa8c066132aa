"""Verify a chain of releases given as documents: each one signed, and all of them one line, oldest to newest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom import __version__
from sbom.errors import UsageError
from sbom.verification import chain, releases
from sbom.verification.interface import failed, load_keys, passed, skipped
from sbom.verification.report import CheckResult, Counts, DatasetIdentity, DocumentIdentity, Finding, Report, Status
from sbom.verification.run import now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.cyclonedx.strict_json import Limits
    from sbom.verification.interface import Trust

_RANK = {Status.PASS: 0, Status.SKIPPED: 1, Status.ERROR: 2, Status.FAIL: 3}


class ChainVerification(NamedTuple):
    """A report on a chain, and its trusted releases, oldest first."""

    report: Report
    releases: tuple[chain.Release, ...]


def verify_chain(paths: Sequence[str], trust: Trust, limits: Limits) -> ChainVerification:
    """Verify documents as one release chain.

    :raises UsageError: when no document is given, or one does not exist.
    """
    if not paths:
        raise UsageError("no document was given", hint="name the documents of the releases")
    started = now()
    keys = load_keys(trust)
    found: dict[str, chain.Release] = {}
    by_check: dict[str, list[tuple[str, CheckResult]]] = {}
    for path in paths:
        release, results = releases.judge(path, keys, trust.require_signatures, limits)
        for result in results:
            by_check.setdefault(result.id, []).append((path, result))
        if release is not None:
            found.setdefault(release.sha256, release)
    checks = [_fold(check_id, results) for check_id, results in by_check.items()]
    line = _line(list(found.values()))
    if line is None:
        reason = "no document could be trusted" if not found else "the documents have no single newest release"
        checks.extend((failed("chain.previous", reason), failed("chain.continuity", reason)))
        ordered: tuple[chain.Release, ...] = tuple(found.values())
    else:
        outside = [release for release in found.values() if release not in line.releases]
        checks.extend(chain.check(line.releases[-1], [*found.values()], [])[:1])
        checks.append(
            failed("chain.continuity", f"{outside[0].label} is not on the line")
            if outside
            else chain.continuity(line, [])
        )
        ordered = line.releases
    checks.append(skipped("chain.rollback", "the newest of the given documents is what is looked at", required=False))
    newest = ordered[-1] if ordered else None
    report = Report(
        checks=tuple(checks),
        document=DocumentIdentity(newest.path, newest.sha256, newest.serial_number, "")
        if newest is not None
        else DocumentIdentity(paths[-1], "", "", ""),
        dataset=None if newest is None else DatasetIdentity(newest.name, newest.version, newest.root, pinned=True),
        signers=(),
        counts=Counts(),
        data="",
        started=started,
        finished=now(),
        tool_version=__version__,
    )
    return ChainVerification(report, ordered)


def _fold(check_id: str, results: list[tuple[str, CheckResult]]) -> CheckResult:
    """Make one result of a check that was made on several documents: the worst, with a finding for each bad one."""
    worst = max((result for _, result in results), key=lambda result: _RANK[result.status])
    if worst.status is Status.PASS:
        return passed(check_id, f"held for {len(results)} of {len(results)} documents")
    findings = tuple(
        Finding(check_id, result.status.upper(), path, result.sentence)
        for path, result in results
        if result.status in {Status.FAIL, Status.ERROR}
    )
    return CheckResult(check_id, worst.status, worst.sentence, worst.required, worst.evidence, findings)


def _line(found: list[chain.Release]) -> chain.Line | None:
    """Trace the line of the one release that no other names as its predecessor; ``None`` unless there is one."""
    named = {release.previous.sha256 for release in found if release.previous is not None}
    newest = [release for release in found if release.sha256 not in named]
    return chain.trace(newest[0], found) if len(newest) == 1 else None
