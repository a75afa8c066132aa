"""``-f json``: everything that the report holds, as ``schemas/verification-report.schema.json`` says."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from sbom.report.jsontext import dumps

if TYPE_CHECKING:
    from sbom.verification.report import CheckResult, Finding, Report

#: Names the schema and its version; the number changes when a reader of the old form would misread the new one.
FORMAT: Final = "data-sbom-verification-report/1"


def render(report: Report) -> str:
    """Return the report as a JSON object."""
    return dumps(as_dict(report))


def as_dict(report: Report) -> dict[str, object]:
    """Return the report as the JSON values of its schema; strings are still as the data and the document give them."""
    document, dataset, counts = report.document, report.dataset, report.counts
    return {
        "format": FORMAT,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "tool": {"name": "data-sbom", "version": report.tool_version},
        "started": report.started,
        "finished": report.finished,
        "document": {
            "path": document.path,
            "sha256": document.sha256,
            "serial_number": document.serial_number,
            "spec_version": document.spec_version,
        },
        "dataset": None
        if dataset is None
        else {"name": dataset.name, "version": dataset.version, "root": dataset.root, "pinned": dataset.pinned},
        "data": report.data,
        "only": report.only,
        "counts": {
            "files_checked": counts.files_checked,
            "bytes_checked": counts.bytes_checked,
            "files_listed": counts.files_listed,
            "files_allowed_extra": counts.files_allowed_extra,
        },
        "signers": [asdict(signer) for signer in report.signers],
        "checks": [_check(check) for check in report.checks],
        "allowed_extra": report.allowed_extra,
        "notes": report.notes,
    }


def _check(check: CheckResult) -> dict[str, object]:
    return {
        "id": check.id,
        "status": check.status,
        "required": check.required,
        "sentence": check.sentence,
        "evidence": check.evidence,
        "findings": [_finding(finding) for finding in check.findings],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "kind": finding.kind,
        "path": finding.path,
        "message": finding.message,
        "expected": finding.expected,
        "actual": finding.actual,
        "algorithm": finding.algorithm,
    }
