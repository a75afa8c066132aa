"""The difference of two documents, for a person, a program or a pull request. It trusts neither, and says so."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.diff import Total, total
from sbom.model import SHA256
from sbom.report import lineage_difference as lineage
from sbom.report.jsontext import dumps
from sbom.report.markdown import code, prose
from sbom.report.text import listed, plural, short, shown, size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.api import Bom
    from sbom.diff import Change, Difference, Pair, Value
    from sbom.model import FileEntry

#: Names the form of the JSON; the number changes when a reader of the old form would misread the new one.
FORMAT: Final = "data-sbom-difference/1"
_TABLE_CAP = 20
_MARKDOWN_CAP = 100
_LINEAGE_CAP = 40
_RULES_SHOWN = 5
_KIND_WIDTH = 12
_PATH_WIDTH = 48
_DIGITS = 12
_DIGEST = re.compile("[0-9a-f]{64}")
_UNVERIFIED = "not verified: this is what the two documents say; data-sbom verify checks each"


class Relation(StrEnum):
    """How the new document relates to the old one, by the SHA-256 of exact bytes."""

    SAME = "same-document"
    FOLLOWS = "new-follows-old"
    PRECEDES = "old-follows-new"
    REPLACED = "old-was-replaced"
    NONE = "none"


_RELATIONS: Final = {
    Relation.SAME: "OLD and NEW are the same document, byte for byte",
    Relation.FOLLOWS: "NEW names OLD as its predecessor, by the SHA-256 of OLD's exact bytes",
    Relation.PRECEDES: "OLD names NEW as its predecessor: NEW is the older one of the two",
    Relation.REPLACED: "NEW names OLD's serial number as its predecessor's, but other bytes: OLD was changed, or signed"
    " again, after NEW linked to it",
    Relation.NONE: "NEW does not name OLD as its predecessor",
}


class Side(NamedTuple):
    """One of the two documents, and the path that it was given by."""

    path: str
    bom: Bom


class Row(NamedTuple):
    """One difference, as every format for a person shows it."""

    kind: str
    path: str
    detail: str


def relation(old: Bom, new: Bom) -> Relation:
    """Tell how two documents relate."""
    if old.sha256 is not None and old.sha256 == new.sha256:
        return Relation.SAME
    link, back = new.dataset.previous, old.dataset.previous
    if link is not None and link.sha256 == old.sha256:
        return Relation.FOLLOWS
    if back is not None and back.sha256 == new.sha256:
        return Relation.PRECEDES
    if link is not None and link.serial_number == old.document.get("serialNumber"):
        return Relation.REPLACED
    return Relation.NONE


def render(difference: Difference, old: Side, new: Side, format_name: str) -> str:
    """Return the difference as text that ends in one newline.

    :param format_name: ``table``, ``json`` or ``markdown``.
    """
    match format_name:
        case "json":
            return dumps(as_dict(difference, old, new))
        case "markdown":
            return _markdown(difference, old, new)
        case _:
            return _table(difference, old, new)


def as_dict(difference: Difference, old: Side, new: Side) -> dict[str, object]:
    """Return everything as JSON values."""
    return {
        "format": FORMAT,
        "verified": False,
        "different": difference.different,
        "relation": relation(old.bom, new.bom),
        "old": _document(old, total(difference.old)),
        "new": _document(new, total(difference.new)),
        "changes": [{"what": change.what, "old": change.old, "new": change.new} for change in difference.changes],
        "counts": {name: len(found) for name, found in _groups(difference).items()}
        | {"unchanged": difference.unchanged},
        "added": [_file(entry) for entry in difference.added],
        "removed": [_file(entry) for entry in difference.removed],
        **{
            name: [{"old": _file(pair.old), "new": _file(pair.new)} for pair in found]
            for name, found in _pairs(difference).items()
        },
        "lineage": lineage.as_dict(difference.lineage),
    }


def _document(side: Side, sums: Total) -> dict[str, object]:
    dataset = side.bom.dataset
    return {
        "path": side.path,
        "sha256": side.bom.sha256,
        "serial_number": side.bom.document.get("serialNumber"),
        "name": dataset.name,
        "version": dataset.version,
        "root": dataset.root,
        "files": sums.files,
        "bytes": sums.bytes,
        "tables": sums.tables,
        "rows": sums.rows,
    }


def _file(entry: FileEntry) -> dict[str, object]:
    return {
        "path": entry.path,
        "size": entry.size,
        "digests": dict(entry.digests),
        "link": entry.link,
        "media_type": entry.media_type,
        "rows": None if entry.stats is None else entry.stats.rows,
        "columns": None if entry.stats is None else entry.stats.columns,
    }


def _pairs(difference: Difference) -> dict[str, tuple[Pair, ...]]:
    return {
        "modified": difference.modified,
        "renamed": difference.renamed,
        "relinked": difference.relinked,
        "redescribed": difference.redescribed,
    }


def _groups(difference: Difference) -> dict[str, tuple[object, ...]]:
    return {"added": difference.added, "removed": difference.removed, **_pairs(difference)}


def _table(difference: Difference, old: Side, new: Side) -> str:
    rows = list(_rows(difference, _TABLE_CAP))
    width = min(_PATH_WIDTH, max((len(shown(row.path)) for row in rows), default=0))
    lines = [f"{kind:<{_KIND_WIDTH}}{_named(side)}" for kind, side in (("OLD", old), ("NEW", new))]
    lines += [f"{'CHANGED':<{_KIND_WIDTH}}{change.what}: {_change(change)}" for change in difference.changes]
    lines += [f"{row.kind:<{_KIND_WIDTH}}{shown(row.path):<{width}}   {row.detail}".rstrip() for row in rows]
    indent = " " * _KIND_WIDTH
    lines += [indent + text for text in _rest(difference, _TABLE_CAP)]
    lines += [
        f"{line.kind:<{_KIND_WIDTH}}{line.name}{'   ' if line.name else ''}{line.what}"
        for line in lineage.lines(difference.lineage, _LINEAGE_CAP)
    ]
    lines.append(f"{_word(difference):<{_KIND_WIDTH}}{_summary(difference)}")
    lines += [f"{indent}{_RELATIONS[relation(old.bom, new.bom)]}", indent + _UNVERIFIED]
    return "\n".join(lines) + "\n"


def _markdown(difference: Difference, old: Side, new: Side) -> str:
    sections = [
        [f"## data-sbom diff: {_word(difference)}", "", prose(_summary(difference))],
        _sides(old, new),
        ["### Dataset", "", "| What | Old | New |", "|---|---|---|"]
        + [
            f"| {change.what} | {code(_value(change.old))} | {code(_value(change.new))} |"
            for change in difference.changes
        ]
        if difference.changes
        else [],
        _files(difference),
        lineage.markdown(difference.lineage, _MARKDOWN_CAP),
        [f"- {prose(_RELATIONS[relation(old.bom, new.bom)])}", f"- {prose(_UNVERIFIED)}"],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _sides(old: Side, new: Side) -> list[str]:
    rows = [
        ("Document", old.path, new.path),
        ("Document SHA-256", old.bom.sha256, new.bom.sha256),
        ("Dataset", old.bom.dataset.name, new.bom.dataset.name),
        ("Version", old.bom.dataset.version, new.bom.dataset.version),
        ("Merkle root", old.bom.root, new.bom.root),
    ]
    return ["| | Old | New |", "|---|---|---|", *(f"| {what} | {code(one)} | {code(two)} |" for what, one, two in rows)]


def _files(difference: Difference) -> list[str]:
    rows = list(_rows(difference, _MARKDOWN_CAP))
    if not rows:
        return []
    lines = ["### Files", "", "| Kind | File | What |", "|---|---|---|"]
    lines += [f"| {row.kind} | {code(row.path)} | {prose(row.detail)} |" for row in rows]
    rest = _rest(difference, _MARKDOWN_CAP)
    return [*lines, "", *rest] if rest else lines


def _named(side: Side) -> str:
    dataset = side.bom.dataset
    version = "" if dataset.version is None else f" {shown(dataset.version)}"
    return f"{shown(dataset.name)}{version} · root {short(dataset.root)} · {shown(side.path)}"


def _word(difference: Difference) -> str:
    return "DIFFERENT" if difference.different else "SAME"


def _summary(difference: Difference) -> str:
    counts = [f"{len(found):,} {name}" for name, found in _groups(difference).items() if found]
    old, new = total(difference.old), total(difference.new)
    parts = [
        ", ".join([*counts, f"{difference.unchanged:,} unchanged"]),
        _arrow(plural(old.files, "file"), plural(new.files, "file")),
        _arrow(size(old.bytes), size(new.bytes)) + _delta(old.bytes, new.bytes, "B"),
    ]
    if old.tables or new.tables:
        parts.append(f"rows {_arrow(_count(old.rows), _count(new.rows))}{_delta(old.rows, new.rows)}")
    return " · ".join([*parts, *lineage.summary(difference.lineage)])


def _rest(difference: Difference, cap: int) -> list[str]:
    number = sum(len(found) for found in _groups(difference).values())
    return [f"and {number - cap:,} more (-f json lists all)"] if number > cap else []


def _rows(difference: Difference, cap: int) -> Iterable[Row]:
    """Yield at most ``cap`` rows, what a reader has to know first."""
    left = cap
    for kind, pairs in (("MODIFIED", difference.modified), ("RELINKED", difference.relinked)):
        yield from (Row(kind, pair.new.path, _detail(pair)) for pair in pairs[:left])
        left = max(left - len(pairs), 0)
    for kind, entries in (("REMOVED", difference.removed), ("ADDED", difference.added)):
        yield from (Row(kind, entry.path, _single(entry)) for entry in entries[:left])
        left = max(left - len(entries), 0)
    for pair in difference.renamed[:left]:
        detail = "; ".join(text for text in (f"→ {shown(pair.new.path)}", _detail(pair)) if text)
        yield Row("RENAMED", pair.old.path, detail)
    left = max(left - len(difference.renamed), 0)
    yield from (Row("REDESCRIBED", pair.new.path, _detail(pair)) for pair in difference.redescribed[:left])


def _single(entry: FileEntry) -> str:
    parts = [size(entry.size)]
    if entry.stats is not None:
        parts.append(f"{_count(entry.stats.rows)} rows")
    if entry.link is not None:
        parts.append(f"link to {shown(entry.link)}")
    return ", ".join(parts)


def _detail(pair: Pair) -> str:
    """Say everything in which two descriptions of a file differ."""
    old, new = pair
    parts: list[str] = []
    given = dict(new.digests)
    for name, value in old.digests:
        if given.get(name, value) != value:
            label = "sha256" if name == SHA256 else shown(name).lower()
            parts.append(f"{label} {short(value)} → {short(given[name])}")
            break
    if old.size != new.size:
        parts.append(f"{size(old.size)} → {size(new.size)}{_delta(old.size, new.size, 'B')}")
    if old.link != new.link:
        parts.append(f"link {_text(old.link)} → {_text(new.link)}")
    if old.stats != new.stats:
        before, after = ((None, None) if stats is None else stats for stats in (old.stats, new.stats))
        if before[0] != after[0]:
            parts.append(f"rows {_count(before[0])} → {_count(after[0])}{_delta(before[0], after[0])}")
        if before[1] != after[1]:
            parts.append(f"columns {_count(before[1])} → {_count(after[1])}")
    if old.media_type != new.media_type:
        parts.append(f"media type {_text(old.media_type)} → {_text(new.media_type)}")
    if {name for name, _ in old.digests} != set(given):
        parts.append(f"digests {_algorithms(old)} → {_algorithms(new)}")
    return ", ".join(parts)


def _algorithms(entry: FileEntry) -> str:
    return "+".join(shown(name) for name, _ in entry.digests)


def _change(change: Change) -> str:
    return f"{_brief(change.old)} → {_brief(change.new)}"


def _brief(value: Value) -> str:
    text = _value(value) or "none"
    return short(text, _DIGITS) if _DIGEST.fullmatch(text) else shown(text)


def _value(value: Value) -> str:
    if isinstance(value, tuple):
        return listed([shown(item) for item in value], _RULES_SHOWN)
    return "" if value is None else value


def _text(value: str | None) -> str:
    return "none" if value is None else shown(value)


def _arrow(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


def _count(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def _delta(old: int | None, new: int | None, unit: str = "") -> str:
    if old is None or new is None or old == new:
        return ""
    return f" ({new - old:+,}{unit and ' ' + unit})"
