"""``-f junit``: one test case per check id, for the test tab of a CI system."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sbom.report.summary import NO_CHECK, blocking_skips, explained, headline
from sbom.report.text import shown
from sbom.verification.report import CheckResult, Status

if TYPE_CHECKING:
    from sbom.verification.report import Finding, Report

_CAP = 1000
# The report has the time of the whole run only, and readers of JUnit want the attribute.
_NO_TIME = "0.000"


def render(report: Report) -> str:
    """Return a ``testsuites`` element with one suite.

    A skipped check that leaves the verdict undecided is an error here, because JUnit's ``skipped`` counts as success.
    Names are shown escaped, as in the table: XML 1.0 (section 2.2) has no way to write most control characters.
    """
    checks = report.checks or (CheckResult(NO_CHECK, Status.ERROR, "no check was made", required=True),)
    blocking = {check.id for check in blocking_skips(report)}
    suite = ET.Element("testsuite")
    totals = dict.fromkeys(("failure", "error", "skipped"), 0)
    for check in checks:
        family = f"data-sbom.{check.id.partition('.')[0]}"
        case = ET.SubElement(suite, "testcase", classname=shown(family), name=shown(check.id), time=_NO_TIME)
        tag = _tag(check, blocking)
        if tag is None:
            continue
        totals[tag] += 1
        outcome = ET.SubElement(case, tag, message=shown(check.sentence), type=shown(check.id))
        outcome.text = "\n".join(_lines(check)) or None
    ET.SubElement(suite, "system-out").text = ": ".join(headline(report))
    attributes = {
        "name": "data-sbom verify",
        "tests": str(len(checks)),
        "failures": str(totals["failure"]),
        "errors": str(totals["error"]),
        "skipped": str(totals["skipped"]),
        "time": _seconds(report),
    }
    suite.attrib.update(attributes, timestamp=shown(report.started))
    suites = ET.Element("testsuites", attributes)
    suites.append(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _tag(check: CheckResult, blocking: set[str]) -> str | None:
    match check.status:
        case Status.PASS:
            return None
        case Status.FAIL:
            return "failure"
        case Status.ERROR:
            return "error"
        case _:
            return "error" if check.id in blocking else "skipped"


def _lines(check: CheckResult) -> list[str]:
    lines = [_line(finding) for finding in check.findings[:_CAP]]
    rest = len(check.findings) - _CAP
    return [*lines, f"and {rest:,} more (-f json lists all)"] if rest > 0 else lines


def _line(finding: Finding) -> str:
    place = "" if finding.path is None else f" {shown(finding.path)}"
    return f"{shown(finding.kind)}{place}: {explained(finding)}"


def _seconds(report: Report) -> str:
    try:
        spent = datetime.fromisoformat(report.finished) - datetime.fromisoformat(report.started)
    except (ValueError, TypeError):  # no times, or only one of them with a zone
        return _NO_TIME
    return f"{max(spent, timedelta()).total_seconds():.3f}"
