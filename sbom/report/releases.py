"""A verified chain of releases: oldest to newest, the verdict, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.report import json_
from sbom.report.jsontext import dumps
from sbom.report.markdown import code, prose
from sbom.report.summary import advice, explained, problems, signatures
from sbom.report.text import plural, short, shown
from sbom.verification.report import Status, Verdict

if TYPE_CHECKING:
    from sbom.verification.chain import Release
    from sbom.verification.releasechain import ChainVerification
    from sbom.verification.report import Report

#: Names the form of the JSON; the number changes when a reader of the old form would misread the new one.
FORMAT: Final = "data-sbom-chain-report/1"
_TABLE_CAP = 20
_MARKDOWN_CAP = 100
_DIGITS = 12
_NAME_SHOWN = 80
_KIND_WIDTH = 10
_RED, _GREEN, _YELLOW = "31", "32", "33"
_UNSEEN = "the data of the releases was not looked at: data-sbom verify does that; times are the documents' own claims"
#: Stands for the position of a release that is not on the line.
_OUTSIDE = "–"  # noqa: RUF001  # a dash is meant


def render(verified: ChainVerification, format_name: str, *, color: bool = False) -> str:
    """Return a chain's verification as text that ends in one newline.

    :param format_name: ``table``, ``json`` or ``markdown``.
    :param color: emphasise in the table (ECMA-48, section 8.3.117).
    """
    match format_name:
        case "json":
            return dumps(as_dict(verified))
        case "markdown":
            return _markdown(verified)
        case _:
            return _table(verified, color=color)


def as_dict(verified: ChainVerification) -> dict[str, object]:
    """Return everything as JSON values; ``report`` has the form of ``schemas/verification-report.schema.json``."""
    report = verified.report
    return {
        "format": FORMAT,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "releases": [_release(release) for release in verified.releases],
        "outside": [_release(release) for release in verified.outside],
        "report": json_.as_dict(report),
    }


def _release(release: Release) -> dict[str, object]:
    return {
        "path": release.path,
        "name": release.name,
        "version": release.version,
        "timestamp": release.timestamp or None,
        "root": release.root,
        "sha256": release.sha256,
        "serial_number": release.serial_number,
        "document_version": release.document_version,
        "predecessor": None if release.previous is None else release.previous._asdict(),
        "signers": [
            {"key": signer.key, "label": signer.label, "algorithm": signer.algorithm, "status": signer.status}
            for signer in release.signers
        ],
    }


def _cells(verified: ChainVerification) -> list[tuple[str, Release]]:
    """Return every trusted release with its position."""
    line = [(str(position), release) for position, release in enumerate(verified.releases, 1)]
    return line + [(_OUTSIDE, release) for release in verified.outside]


def _table(verified: ChainVerification, *, color: bool) -> str:
    report = verified.report
    rows = [
        (
            position,
            shown(release.name, _NAME_SHOWN),
            _OUTSIDE if release.version is None else shown(release.version, _NAME_SHOWN),
            shown(release.timestamp, _NAME_SHOWN) or _OUTSIDE,
            f"root {short(release.root, _DIGITS)}",
            f"document {short(release.sha256, _DIGITS)}",
            shown(release.path),
        )
        for position, release in _cells(verified)
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    found = problems(report)
    for problem in found[:_TABLE_CAP]:
        paint = _RED if problem.status is Status.FAIL else _YELLOW
        place = problem.finding.check if problem.finding.path is None else problem.finding.path
        kind = _paint(f"{shown(problem.finding.kind):<{_KIND_WIDTH}}", paint, color=color)
        lines.append(f"{kind}{shown(place)}   {explained(problem.finding)}")
    indent = " " * _KIND_WIDTH
    lines += [indent + text for text in _more(len(found), _TABLE_CAP)]
    good = report.verdict is Verdict.VERIFIED
    word = _paint(
        f"{report.verdict.upper():<{_KIND_WIDTH}}",
        f"1;{_GREEN if good else _RED if report.verdict is Verdict.FAILED else _YELLOW}",
        color=color,
    )
    lines += [word + _headline(verified), *(indent + text for text in _next(report))]
    return "\n".join(lines) + "\n"


def _markdown(verified: ChainVerification) -> str:
    report = verified.report
    lines = [f"## data-sbom chain: {report.verdict.upper()}", "", prose(_headline(verified)), ""]
    lines += ["| | Dataset | Version | Time | Root | Document SHA-256 | Path |", "|---|---|---|---|---|---|---|"]
    for position, release in _cells(verified):
        cells = (release.name, release.version, release.timestamp, release.root, release.sha256, release.path)
        lines.append(f"| {position} | {' | '.join(code(cell) for cell in cells)} |")
    found = problems(report)
    if found:
        lines += ["", f"### {plural(len(found), 'problem')}", "", "| Check | Document | What |", "|---|---|---|"]
    for _, finding in found[:_MARKDOWN_CAP]:
        lines.append(f"| {code(finding.check)} | {code(finding.path)} | {prose(explained(finding))} |")
    lines += ["", *_more(len(found), _MARKDOWN_CAP)] if len(found) > _MARKDOWN_CAP else []
    return "\n".join([*lines, "", *(f"- {prose(text)}" for text in _next(report))]) + "\n"


def _headline(verified: ChainVerification) -> str:
    report = verified.report
    parts: list[str] = []
    if report.verdict is Verdict.VERIFIED:
        parts.append(f"{plural(len(verified.releases), 'release')} in one line")
    else:
        parts.append(plural(len(problems(report)), "problem"))
    if report.dataset is not None:
        version = "" if not report.dataset.version else f" {shown(report.dataset.version, _NAME_SHOWN)}"
        which = "newest" if report.verdict is Verdict.VERIFIED else "last of the line"
        parts.append(f"{which} {shown(report.dataset.name, _NAME_SHOWN)}{version}".replace(" · ", " \\xb7 "))
        parts.append(f"root {short(report.dataset.root)}")
    return " · ".join([*parts, signatures(report)])


def _next(report: Report) -> list[str]:
    """Return what to do next, and what else to know."""
    said = [] if report.verdict is Verdict.VERIFIED else advice(report)
    notes = [f"note: {shown(note)}" for note in report.notes[:_TABLE_CAP]]
    return [*said, *notes, _UNSEEN]


def _more(count: int, cap: int) -> list[str]:
    return [f"and {count - cap:,} more (-f json lists all)"] if count > cap else []


def _paint(text: str, code_: str, *, color: bool) -> str:
    return f"\x1b[{code_}m{text}\x1b[0m" if color else text
