"""``-f github``: annotations by workflow commands, and the summary of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.report import markdown
from sbom.report.summary import explained, headline, problems, where
from sbom.report.text import plural, shown
from sbom.verification.report import Status

if TYPE_CHECKING:
    from sbom.report.summary import Problem
    from sbom.verification.report import Report

#: GitHub drops what a step annotates beyond ten errors and ten warnings, without a word.
_CAP = 10


def render(report: Report) -> str:
    """Return one workflow command per problem and a last line with the verdict, for the log of a step."""
    found = problems(report)
    errors = [problem for problem in found if problem.status is Status.FAIL]
    warnings = [problem for problem in found if problem.status is not Status.FAIL]
    lines = [_command("error", report, problem) for problem in errors[:_CAP]]
    lines += [_command("warning", report, problem) for problem in warnings[:_CAP]]
    rest = max(len(errors) - _CAP, 0) + max(len(warnings) - _CAP, 0)
    word, text = headline(report)
    more = f" · {plural(rest, 'problem')} without an annotation (-f json lists all)" if rest else ""
    # The word at its start keeps this line from being a command.
    lines.append(f"{word}  {shown(text, len(text))}{more}")
    return "\n".join(lines) + "\n"


def step_summary(report: Report) -> str:
    """Return Markdown to append to the file that ``GITHUB_STEP_SUMMARY`` names."""
    return markdown.render(report)


def _command(name: str, report: Report, problem: Problem) -> str:
    finding = problem.finding
    title = f"{finding.kind} ({finding.check})"
    place = "" if finding.path is None else f"{shown(finding.path)}: "
    message = f"{place}{explained(finding)}"
    return f"::{name} file={_value(where(report, finding.path))},title={_value(title)}::{_data(message)}"


def _data(text: str) -> str:
    return shown(text, len(text)).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
