"""``-f sarif``: SARIF 2.1.0, as GitHub code scanning and other viewers of static analysis take it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sbom.report.jsontext import dumps
from sbom.report.summary import Problem, explained, headline, problems, where
from sbom.report.text import shown
from sbom.verification.catalog import load
from sbom.verification.report import Finding, Status, Verdict

if TYPE_CHECKING:
    from sbom.verification.catalog import Check
    from sbom.verification.report import Report

#: GitHub refuses a run with more results than that.
MAX_RESULTS: Final = 25_000
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Status.FAIL: "error", Status.ERROR: "warning", Status.SKIPPED: "warning", Status.PASS: "note"}
_PLACEHOLDER = re.compile(r"\{(?=\d+\})")


def render(report: Report) -> str:
    """Return one run: the catalog's checks as rules, and every problem as a result."""
    found = problems(report)
    if len(found) > MAX_RESULTS:
        rest = len(found) - MAX_RESULTS + 1
        last = found[MAX_RESULTS - 1]
        message = f"and {rest:,} more problems, which a SARIF run cannot hold (-f json lists all)"
        found = [*found[: MAX_RESULTS - 1], Problem(last.status, Finding(last.finding.check, "MORE", None, message))]
    rules = [_rule(check) for check in load().values()]
    index = {check_id: number for number, check_id in enumerate(load())}
    for _, finding in found:
        if shown(finding.check) not in index:
            index[shown(finding.check)] = len(rules)
            rules.append({"id": shown(finding.check)})
    driver = {"name": "data-sbom", "version": report.tool_version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the directory that data-sbom was started in"}}},
        "results": _results(report, found, index),
        "properties": {"verdict": report.verdict, "summary": headline(report)[1]},
    }
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "shortDescription": {"text": check.means},
        "fullDescription": {"text": check.means},
        "help": {"text": f"{check.do} See data-sbom explain {check.id}"},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["data", "supply-chain"], "required": check.required, "skip": check.skip},
    }


def _invocation(report: Report) -> dict[str, object]:
    invocation: dict[str, object] = {
        "executionSuccessful": report.verdict is not Verdict.UNDECIDED,
        "exitCode": report.exit_code,
        "exitCodeDescription": report.verdict,
        "startTimeUtc": report.started,
        "endTimeUtc": report.finished,
    }
    return {name: value for name, value in invocation.items() if value != ""}


def _results(report: Report, found: list[Problem], index: dict[str, int]) -> list[dict[str, object]]:
    seen: dict[str, int] = {}
    results: list[dict[str, object]] = []
    for status, finding in found:
        fingerprint = _fingerprint(finding)
        seen[fingerprint] = number = seen.get(fingerprint, 0) + 1
        results.append(
            {
                "ruleId": shown(finding.check),
                "ruleIndex": index[shown(finding.check)],
                "level": _LEVELS[status],
                "message": {"text": _message(finding)},
                "locations": [_location(report, finding)],
                # GitHub looks at this name only.
                "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{number}"},
                "properties": _properties(finding),
            }
        )
    return results


def _message(finding: Finding) -> str:
    """Return the message as plain text: no link and no placeholder (SARIF 2.1.0, sections 3.11.5 and 3.11.6)."""
    place = "" if finding.path is None else f" {shown(finding.path)}"
    text = f"{shown(finding.kind)}{place}: {explained(finding)}"
    return _PLACEHOLDER.sub("{{", text).replace("](", "\\](")


def _location(report: Report, finding: Finding) -> dict[str, object]:
    """Return where a result is. GitHub wants a region with a line in every result, of binary files too."""
    path = where(report, finding.path)
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        raw = path.encode("utf-8", "surrogatepass")
    uri = quote(raw, safe="/")
    artifact = {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": 1}}}


def _properties(finding: Finding) -> dict[str, str]:
    pairs = (("expected", finding.expected), ("actual", finding.actual), ("algorithm", finding.algorithm))
    return {"kind": finding.kind} | {name: value for name, value in pairs if value is not None}


def _fingerprint(finding: Finding) -> str:
    """Return what stays the same when the same problem is found again, whatever the file's content is by then."""
    from hashlib import sha256  # noqa: PLC0415  # only a report with problems needs it

    parts = [finding.check, finding.kind, finding.path or "", finding.algorithm or ""]
    if finding.path is None:
        parts.append(finding.message)
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
