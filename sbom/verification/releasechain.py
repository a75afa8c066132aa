"""Verify a chain of releases given as documents: each one signed, and all of them one line, oldest to newest.

Every document that is given has to be trusted and has to be on the line; their order is of no account. The data is not
looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom import __version__
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import UsageError
from sbom.verification import catalog, chain, releases, whom
from sbom.verification.interface import passed, skipped
from sbom.verification.report import CheckResult, Counts, DatasetIdentity, DocumentIdentity, Finding, Report, Status
from sbom.verification.run import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.verification.interface import Trust
    from sbom.verification.report import SignerResult

_RANK = {Status.PASS: 0, Status.SKIPPED: 1, Status.ERROR: 2, Status.FAIL: 3}
_OPTIONAL = frozenset({"signature.time"})
#: Which dataset is wanted, and what was revoked, is asked where one release is about to be used.
_OF_ONE_RELEASE = frozenset({"bom.expected", "signature.revoked"})


class ChainVerification(NamedTuple):
    """A report on a chain.

    :param releases: the line behind the newest trusted release, oldest first.
    :param outside: trusted releases that are not on it; there are none when the chain verified.
    """

    report: Report
    releases: tuple[chain.Release, ...]
    outside: tuple[chain.Release, ...]


def verify_chain(paths: Sequence[str], trust: Trust, limits: Limits | None = None) -> ChainVerification:
    """Verify documents as one release chain.

    :param paths: documents in any order; one that is given twice counts once.
    :raises UsageError: when no document is given, or one does not exist.
    :raises UndecidedError: when one cannot be read.
    """
    if not paths:
        raise UsageError("no document was given", hint="name the documents of the releases")
    started = now()
    trusted = whom.load(trust)
    found: dict[str, chain.Release] = {}
    untrusted: list[chain.Ignored] = []
    notes: list[str] = []
    made: dict[str, list[tuple[str, CheckResult]]] = {}
    documents = tuple(dict.fromkeys(paths))
    for path in documents:
        release, results = releases.judge(path, trusted, limits or Limits())
        for result in results:
            made.setdefault(result.id, []).append((path, result))
        if release is None:
            failed = any(result.status is Status.FAIL for result in results)
            untrusted.append(releases.ignored(path, results, undecided=not failed))
        elif release.sha256 in found:
            notes.append(f"{path} is the same document as {found[release.sha256].path}: it counts once")
        else:
            found[release.sha256] = release
    checks = [_fold(check_id, made.get(check_id, []), len(documents)) for check_id in _of_documents()]
    whole = chain.check_whole(tuple(found.values()), untrusted) if found else None
    line = () if whole is None else whole.line.releases
    if whole is None:
        reason = "no document could be trusted, so it was not made"
        checks.extend(skipped(check_id, reason, required=True) for check_id in ("chain.previous", "chain.continuity"))
    else:
        checks.extend(whole.results)
    checks.append(skipped("chain.rollback", "the newest of the given documents is what is looked at", required=False))
    newest = line[-1] if line else None
    report = Report(
        checks=tuple(checks),
        document=DocumentIdentity(newest.path, newest.sha256, newest.serial_number, newest.spec_version)
        if newest is not None
        else DocumentIdentity(documents[-1], "", "", ""),
        dataset=None if newest is None else DatasetIdentity(newest.name, newest.version, newest.root, pinned=False),
        signers=_signers(found.values()),
        counts=Counts(),
        data="",
        started=started,
        finished=now(),
        tool_version=__version__,
        notes=tuple(notes),
    )
    return ChainVerification(report, line, () if whole is None else whole.outside)


def _of_documents() -> list[str]:
    """Return the checks that are made on each document."""
    return [
        check_id
        for check_id in catalog.load()
        if check_id.startswith(("bom.", "signature.", "inventory.")) and check_id not in _OF_ONE_RELEASE
    ]


def _fold(check_id: str, results: list[tuple[str, CheckResult]], documents: int) -> CheckResult:
    """Make one result of a check that was made on several documents: the worst, with a finding for each bad one."""
    if not results:
        required = check_id not in _OPTIONAL
        return skipped(check_id, "an earlier check failed, so it was not made", required=required)
    worst = max((result for _, result in results), key=lambda result: (_RANK[result.status], result.required))
    number = "1 document" if documents == 1 else f"{documents:,} documents"
    if worst.status is Status.PASS:
        if len(results) == documents:
            return passed(check_id, f"held for {number}")
        sentence = f"held for {len(results):,} of {number}; an earlier check of the others failed"
        return skipped(check_id, sentence, required=True)
    findings = tuple(
        Finding(check_id, result.status.upper(), path, result.sentence)
        for path, result in results
        if result.status in {Status.FAIL, Status.ERROR}
    )
    return CheckResult(check_id, worst.status, worst.sentence, worst.required, worst.evidence, findings)


def _signers(found: Iterable[chain.Release]) -> tuple[SignerResult, ...]:
    """Return who signed any of the releases, each once."""
    return tuple(dict.fromkeys(signer for release in found for signer in release.signers))
