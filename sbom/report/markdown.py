"""``-f markdown``: for a pull request, a step summary, or an auditor's file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.report.summary import advice, blocking_skips, explained, headline, key, problems
from sbom.report.text import plural, shown, size

if TYPE_CHECKING:
    from sbom.verification.report import Report

_CAP = 100
_FEW = 20
#: What ends a code span, or a table cell inside it.
_CODE_ENDS = re.compile(r"[`|\\]")
#: Everything that is markup, or that GitHub makes a link, a mention or mathematics of.
_MARKUP = re.compile(r"\A(?:-|\d+[.)])|[^\w\s.,;'\"()%…→·–-]|_|(?<=www)\.", re.IGNORECASE)  # noqa: RUF001  # a dash is meant
_MENTION = re.compile(r"(&#64;|&#35;)")


def prose(text: str) -> str:
    """Return foreign text that stays text: no markup, link, mention or reference in it, and no line break."""
    entities = _MARKUP.sub(lambda match: _entities(match[0]), shown(text).strip())
    return _MENTION.sub(r"\1<!-- -->", entities)


def code(text: str | None) -> str:
    """Return foreign text in a fixed-width font, in one table cell."""
    if not text:
        return "–"  # noqa: RUF001  # a dash is meant
    name = shown(text)
    if not _CODE_ENDS.search(name):
        return f"`{name}`"
    return "<code>" + "".join(c if c.isalnum() else _entities(c) for c in name) + "</code>"


def _entities(text: str) -> str:
    return "".join(f"&#{ord(char)};" for char in text)


def render(report: Report) -> str:
    """Return the report as GitHub-flavored Markdown, without raw HTML that comes from the data."""
    word, rest = headline(report)
    sections = [
        [f"## data-sbom verify: {word}", "", prose(rest)],
        _identity(report),
        _checks(report),
        _problems(report),
        _items("Allowed extra files", [code(path) for path in report.allowed_extra], _CAP),
        _items("Next", [prose(text) for text in advice(report)], _FEW),
        _items("Notes", [prose(note) for note in report.notes], _FEW),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _identity(report: Report) -> list[str]:
    document, dataset, counts = report.document, report.dataset, report.counts
    rows = [("Dataset", "unknown")]
    if dataset is not None:
        rows = [
            ("Dataset", code(dataset.name)),
            ("Version", code(dataset.version)),
            ("Merkle root", code(dataset.root)),
            ("Pinned by the caller", "yes" if dataset.pinned else "no"),
        ]
    signers = [f"{prose(s.status)}: {prose(key(s))}, {code(s.algorithm)}, {code(s.key)}" for s in report.signers]
    rows += [
        ("Data", code(report.data)),
        ("Document", code(document.path)),
        ("Document SHA-256", code(document.sha256)),
        ("Serial number", code(document.serial_number)),
        ("CycloneDX", code(document.spec_version)),
        ("Files checked", f"{counts.files_checked:,} of {counts.files_listed:,}, {size(counts.bytes_checked)}"),
        ("Restricted to", ", ".join(code(pattern) for pattern in report.only[:_FEW]) or "nothing: all files"),
        ("Signatures", "<br>".join([*signers[:_FEW], *_more(len(signers), _FEW)]) or "none"),
        ("Started", code(report.started)),
        ("Finished", code(report.finished)),
        ("Tool", code(f"data-sbom {report.tool_version}")),
    ]
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def _checks(report: Report) -> list[str]:
    blocking = blocking_skips(report)
    lines = ["### Checks", "", "| Check | Status | Required | Result |", "|---|---|---|---|"]
    for check in report.checks:
        status = f"**{check.status}**" if check.status in {"fail", "error"} or check in blocking else check.status
        required = "yes" if check.required else "no"
        lines.append(f"| {code(check.id)} | {status} | {required} | {prose(check.sentence)} |")
    return lines if report.checks else []


def _problems(report: Report) -> list[str]:
    found = problems(report)
    if not found:
        return []
    lines = [f"### {plural(len(found), 'problem')}", "", "| Kind | File | Check | What |", "|---|---|---|---|"]
    for _, finding in found[:_CAP]:
        cells = [prose(finding.kind), code(finding.path), code(finding.check), prose(explained(finding))]
        lines.append(f"| {' | '.join(cells)} |")
    rest = _more(len(found), _CAP)
    return [*lines, "", *rest] if rest else lines


def _items(title: str, items: list[str], cap: int) -> list[str]:
    lines = [f"- {item}" for item in [*items[:cap], *_more(len(items), cap)]]
    return [f"### {title}", "", *lines] if lines else []


def _more(count: int, cap: int) -> list[str]:
    return [f"and {count - cap:,} more (-f json lists all)"] if count > cap else []
