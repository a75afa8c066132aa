"""What a report comes to: its problems, its verdict in one line, and what to do next.

Every format says the same thing, because every format gets it from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.report.text import algorithm, listed, plural, short, shown, size
from sbom.verification.report import Finding, Status, Verdict

if TYPE_CHECKING:
    from sbom.verification.report import CheckResult, Report, SignerResult

#: Stands in for a check id where no check was made at all.
NO_CHECK = "verify"
_KINDS = {Status.FAIL: "FAIL", Status.ERROR: "ERROR", Status.SKIPPED: "SKIPPED"}
_NAMED_KEYS = 3
_LISTED = 5
_NAME_SHOWN = 80
_STRANGER_DIGITS = 16


class Problem(NamedTuple):
    """One finding, with the status of the check that it belongs to."""

    status: Status
    finding: Finding


def problems(report: Report) -> list[Problem]:
    """Return everything that is wrong: all findings, and the checks that have none but did not hold."""
    if not report.checks:
        return [Problem(Status.ERROR, Finding(NO_CHECK, "ERROR", None, "no check was made"))]
    blocking = {check.id for check in blocking_skips(report)}
    found: list[Problem] = []
    for check in report.checks:
        if check.findings:
            found.extend(Problem(check.status, finding) for finding in check.findings)
        elif check.status in {Status.FAIL, Status.ERROR} or check.id in blocking:
            found.append(Problem(check.status, Finding(check.id, _KINDS[check.status], None, check.sentence)))
    return found


def unmade(report: Report) -> list[CheckResult]:
    """Return the required checks that were skipped."""
    return [check for check in report.checks if check.required and check.status is Status.SKIPPED]


def blocking_skips(report: Report) -> list[CheckResult]:
    """Return the required checks whose skipping decided the verdict: behind a failure they are only its consequence."""
    if any(check.status in {Status.FAIL, Status.ERROR} for check in report.checks):
        return []
    return unmade(report)


def decisive(report: Report) -> CheckResult | None:
    """Return the check that the verdict hangs on: the first that failed, else erred, else was skipped unlawfully."""
    for status in (Status.FAIL, Status.ERROR):
        for check in report.checks:
            if check.status is status:
                return check
    return next(iter(unmade(report)), None)


def values(finding: Finding) -> str:
    """Return the two digests, sizes or texts of a finding in short: ``sha256 aade78… → 06c04e…``; empty without any."""
    pair = [short(value) for value in (finding.expected, finding.actual) if value is not None]
    if not pair:
        return ""
    return (f"{algorithm(finding.algorithm)} " if finding.algorithm else "") + " → ".join(pair)


def explained(finding: Finding) -> str:
    """Return a finding's message and its values in one clause."""
    message, pair = shown(finding.message), values(finding)
    return f"{message} ({pair})" if message and pair else message or pair


def where(report: Report, path: str | None) -> str:
    """Return the path of a file as the caller would type it; the document's where a problem has no file."""
    if path is None:
        return report.document.path or "-"
    data = report.data.removeprefix("./").rstrip("/")
    if data in {"", "."}:
        return f"/{path}" if report.data.startswith("/") else path or "."
    if report.counts.files_listed == 1 and data.rpartition("/")[2] == path:
        return data  # DATA is that single file
    return f"{data}/{path}"


def key(signer: SignerResult) -> str:
    """Return ``key 9f2c… "release"``; more digits for a stranger's, which has no label to know it by."""
    if signer.identity is not None:
        return f"{shown(signer.identity, _NAME_SHOWN)} by {short(shown(signer.issuer or '', _NAME_SHOWN), 4)}"
    if signer.key is None:
        name = "unknown key"
    else:
        name = f"key {short(signer.key, 4 if signer.label is not None else _STRANGER_DIGITS)}"
    return name if signer.label is None else f'{name} "{shown(signer.label, _NAME_SHOWN)}"'


def signatures(report: Report) -> str:
    """Return what the signatures are worth. "good" is said only when every check of signatures says so."""
    made = {check.id: check.status for check in report.checks if check.id.startswith("signature.")}
    for status, words in ((Status.FAIL, "signature not good"), (Status.ERROR, "signature not decided")):
        broken = [check_id for check_id, found in made.items() if found is status]
        if broken:
            unsigned = broken[0] == "signature.present" and status is Status.FAIL
            return "not signed" if unsigned else f"{words} ({shown(broken[0])})"
    valid = [signer for signer in report.signers if signer.status == "valid"]
    good = list({(signer.key, signer.identity, signer.issuer): key(signer) for signer in valid}.values())
    held = all(made.get(check) is Status.PASS for check in ("signature.valid", "signature.threshold"))
    if not (good and held):
        return "signature not checked"
    count = "signature" if len(good) == 1 else f"{len(good):,} signatures"
    return f"{count} good ({listed(good, _NAMED_KEYS)})"


def dataset(report: Report) -> str:
    """Return name and version, so that neither can pass for another part of the verdict line."""
    if report.dataset is None:
        return "dataset unknown"
    words = [shown(report.dataset.name, _NAME_SHOWN) or "(no name)"]
    if report.dataset.version:
        words.append(shown(report.dataset.version, _NAME_SHOWN))
    return " ".join(words).replace(" · ", " \\xb7 ")


def headline(report: Report) -> tuple[str, str]:
    """Return the verdict's word in capitals, and the rest of the verdict line."""
    parts = [_scope(report), dataset(report), signatures(report)]
    if report.dataset is not None and not report.dataset.pinned:
        parts += [f"root {short(report.dataset.root)}", "dataset not pinned"]
    return report.verdict.upper(), " · ".join(parts)


def advice(report: Report) -> list[str]:
    """Return what to do next and what else to know, one paragraph each."""
    said: list[str] = []
    check = decisive(report)
    if check is not None:
        said += _remedy(check)
        left = [shown(other.id) for other in unmade(report) if other is not check]
        if left:
            said.append(f"not checked either: {listed(left, _LISTED)}")
    if report.only:
        unseen = max(report.counts.files_listed - report.counts.files_checked, 0)
        patterns = listed([shown(pattern) for pattern in report.only], _LISTED)
        said.append(f"only what matches {patterns} was looked at; {plural(unseen, 'listed file')} not")
    if check is None and report.checks and report.dataset is not None and not report.dataset.pinned:
        said.append("the signature says who, not which dataset: pin it with --expect-name and --expect-version, or")
        said.append(f"--expect-root {shown(report.dataset.root)}")
    strangers = [key(signer) for signer in report.signers if signer.status == "not-trusted"]
    if strangers:
        noun = plural(len(strangers), "signature")
        said.append(f"ignored, because not trusted: {noun} ({listed(strangers, _NAMED_KEYS)})")
    return said


def _remedy(check: CheckResult) -> list[str]:
    from sbom.verification.catalog import load  # noqa: PLC0415  # a verification that succeeds needs no table

    entry = load().get(check.id)
    explain = [] if entry is None else [f"see data-sbom explain {check.id}"]
    if check.status is not Status.FAIL:
        return ["This is no verdict on the data. Remove what stopped the check, and verify again.", *explain]
    return explain if entry is None else [entry.do, *explain]


def _scope(report: Report) -> str:
    counts = report.counts
    match report.verdict:
        case Verdict.VERIFIED:
            return f"{plural(counts.files_checked, 'file')}, {size(counts.bytes_checked)}"
        case Verdict.SUBSET:
            of = plural(counts.files_listed, "file")
            return f"{counts.files_checked:,} of {of}, {size(counts.bytes_checked)}"
        case Verdict.FAILED:
            number = plural(len(problems(report)), "problem")
            return f"{number} in {plural(counts.files_listed, 'file')}" if counts.files_listed else number
        case _:
            check = decisive(report)
            return "no check was made" if check is None else f"{shown(check.sentence).rstrip('.')} ({shown(check.id)})"
