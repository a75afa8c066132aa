"""What a crawl found, for a person or a program: which manifests, what they say, and what became of declared hashes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sbom.provenance import FIELD_BY_ID, MATCH, NOT_DECLARED, STATES
from sbom.report.jsontext import dumps
from sbom.report.text import listed, plural, short, shown
from sbom.resolution import resolve_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.generation import Found
    from sbom.manifests.assemble import Crawled
    from sbom.provenance import Assertion, Declaration

#: Names the form of the JSON; the number changes when a reader of the old form would misread the new one.
FORMAT: Final = "data-sbom-crawl/1"
_SHOWN = 20
_VALUE = 60
_WARNING = 1_300
_UNREMARKABLE = frozenset({MATCH, NOT_DECLARED})


def render(found: Found, data: str, format_name: str) -> str:
    """Return what a crawl found as text that ends in one newline.

    :param data: the dataset, as the caller named it.
    :param format_name: ``table`` or ``json``.
    """
    return dumps(as_dict(found, data)) if format_name == "json" else _table(found)


def as_dict(found: Found, data: str) -> dict[str, object]:
    """Return everything as JSON values."""
    crawled = found.crawled
    provenance = crawled.provenance
    return {
        "format": FORMAT,
        "data": data,
        "manifests": [
            {
                **manifest._asdict(),
                "fields": len(reading.said),
                "declared": len(reading.declared),
                "sources": len(reading.sources),
                "problems": [problem._asdict() for problem in reading.problems],
            }
            for manifest, (_, reading) in zip(provenance.manifests, found.readings, strict=True)
        ],
        "fields": {
            field: {
                "value": [one._asdict() for one in resolved.chosen],
                "agreeing": [one._asdict() for one in resolved.agreeing],
                "conflicting": [one._asdict() for one in resolved.conflicting],
            }
            for field, resolved in resolve_all(provenance).items()
            if resolved.chosen
        },
        "parts": [one._asdict() for one in provenance.assertions if one.scope],
        "unknown": provenance.unknown(),
        "states": _counts(crawled),
        "declared": [{"path": path, **declaration._asdict()} for path, declaration in _declarations(crawled)],
        "mismatches": [one._asdict() for one in crawled.mismatches],
        "rejected": [one._asdict() for one in crawled.rejected],
        "sources": [
            {**one._asdict(), "digests": [{"algorithm": name, "value": value} for name, value in one.digests]}
            for one in provenance.sources
        ],
        "warnings": crawled.warnings,
    }


def _declarations(crawled: Crawled) -> Iterator[tuple[str, Declaration]]:
    for entry in crawled.entries:
        for declaration in entry.declared:
            yield entry.path, declaration
    yield from crawled.provenance.elsewhere


def _counts(crawled: Crawled) -> dict[str, int]:
    counted = Counter(declaration.state for _, declaration in _declarations(crawled))
    return {state: counted[state] for state in STATES if counted[state]}


def _table(found: Found) -> str:
    crawled = found.crawled
    if not found.readings:
        lines = ["no manifest was found: nothing here says where the data comes from"]
        return "\n".join([*lines, *_warnings(crawled)]) + "\n"
    parts = [
        _manifests(found),
        _fields(crawled),
        _hashes(crawled),
        _sources(crawled),
        _warnings(crawled),
        _verdict(crawled),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _manifests(found: Found) -> list[str]:
    rows = []
    for manifest, reading in found.readings:
        declared = sum(1 for one in reading.declared if one.algorithm)
        brought = [
            text
            for number, text in (
                (len(reading.said), plural(len(reading.said), "field")),
                (declared, "1 hash" if declared == 1 else f"{declared:,} hashes"),
                (len(reading.sources), plural(len(reading.sources), "source")),
                (len(reading.problems), plural(len(reading.problems), "problem")),
            )
            if number
        ]
        version = "" if manifest.version is None else f" {shown(manifest.version, _VALUE)}"
        what = ", ".join(brought) or "nothing that could be used"
        rows.append((f"{shown(manifest.reader)}{version}", f"{shown(manifest.path)}  {what}"))
    width = max(len(name) for name, _ in rows[:_SHOWN]) + 2
    return _capped([f"{name:<{width}}{text}" for name, text in rows])


def _fields(crawled: Crawled) -> list[str]:
    rows: list[str] = []
    for field, resolved in resolve_all(crawled.provenance).items():
        rows += [f"{FIELD_BY_ID[field].title}: {_value(one)}  ({shown(one.manifest)})" for one in resolved.chosen]
        rows += [f"  CONFLICT: {_value(one)}  ({shown(one.manifest)})" for one in resolved.conflicting]
    return _capped(rows)


def _value(one: Assertion) -> str:
    return shown(" ".join(one.value.split()), _VALUE)


def _hashes(crawled: Crawled) -> list[str]:
    counted = _counts(crawled)
    if not counted:
        return []
    lines = ["declared hashes: " + ", ".join(f"{number:,} {STATES[state]}" for state, number in counted.items())]
    lines += [
        f"  {STATES[declaration.state].upper()}  {shown(path)}  {shown(declaration.algorithm, _VALUE)}"
        f" {short(declaration.value)}  ({shown(declaration.manifest)})"
        for path, declaration in _declarations(crawled)
        if declaration.state not in _UNREMARKABLE
    ]
    return _capped(lines)


def _sources(crawled: Crawled) -> list[str]:
    urls = list(dict.fromkeys(shown(source.url) for source in crawled.provenance.sources))
    return ["sources: " + listed(urls, 5)] if urls else []


def _warnings(crawled: Crawled) -> list[str]:
    return [f"warning: {shown(warning, _WARNING)}" for warning in crawled.warnings]


def _verdict(crawled: Crawled) -> list[str]:
    bad = len(crawled.mismatches) + len(crawled.rejected)
    if not bad:
        return []
    return [
        *_capped([f"REJECTED  {shown(one.manifest)}  {shown(one.reason)}" for one in crawled.rejected]),
        f"{plural(bad, 'contradiction')} between manifests and data: data-sbom generate would stop here",
    ]


def _capped(lines: list[str]) -> list[str]:
    rest = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {rest:,} more (-f json lists all)"] if rest > 0 else [])]
