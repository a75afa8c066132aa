"""Where a dataset comes from, for a person and as JSON: manifests, what they say and contradict, hashes, sources."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sbom.profiles import meaningful
from sbom.provenance import (
    ABSENT,
    FIELD_BY_ID,
    FIELDS,
    LINE_ENDINGS,
    MALFORMED,
    MISMATCH,
    STATES,
)
from sbom.report.text import algorithm, plural, short, shown, size
from sbom.resolution import resolve_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sbom.model import Dataset
    from sbom.provenance import Assertion, Declaration, Manifest, Source
    from sbom.resolution import Resolved

#: A label of the table, and its lines.
Block = tuple[str, list[str]]

_LINES = 20
_WIDTH = 110
_VALUES = 3
_CONFLICTS = 3
_VALUE_SHOWN, _VALUES_SHOWN = 200, 60
_PLACE_SHOWN = 80
_NAME_SHOWN = 40
_LOOKED_AT = 2_000
_DIGITS = 12
_SPACE = re.compile(r"\s+")
_BESIDE = re.compile(r" \(.*\)$")
#: States of a declared hash that a person should look at, the worst first.
_BAD = (MISMATCH, MALFORMED, LINE_ENDINGS, ABSENT)


class Declared(NamedTuple):
    """A declaration, the file that it is about, and the digest that the file has by the same algorithm, if known."""

    path: str
    declaration: Declaration
    found: str | None


def known(dataset: Dataset) -> bool:
    """Tell whether anything at all is known of where a dataset comes from."""
    provenance = dataset.provenance
    return bool(
        provenance.manifests
        or provenance.assertions
        or provenance.sources
        or provenance.elsewhere
        or any(entry.declared for entry in dataset.files)
    )


def unknown(dataset: Dataset) -> tuple[str, ...]:
    """Name the fields that nobody says anything about, or only that they are unknown."""
    said = _said(dataset)
    # The document itself has these.
    said |= {name for name, text in (("name", dataset.name), ("version", dataset.version)) if text}
    return tuple(field.id for field in FIELDS if field.id not in said)


def headline(dataset: Dataset) -> str:
    """Return the provenance in one line: how many manifests, fields and contradictions."""
    provenance = dataset.provenance
    nothing = unknown(dataset)
    conflicts = sum(1 for found in resolve_all(provenance).values() if found.conflicting)
    parts = [
        plural(len(provenance.manifests), "manifest"),
        f"{plural(len(_said(dataset)), 'field')} known",
        plural(conflicts, "conflict") if conflicts else "no conflict",
        f"{plural(len(nothing), 'field')} unknown",
    ]
    return ", ".join(parts)


def blocks(dataset: Dataset) -> list[Block]:
    """Return the provenance for the table, each part at most some twenty lines; nothing where nothing is known."""
    if not known(dataset):
        return []
    provenance = dataset.provenance
    parts = [
        ("manifests", _manifests(provenance.manifests)),
        ("known", _fields(dataset)),
        ("of parts", _parts(provenance.assertions)),
        ("declared", _hashes(dataset)),
        ("sources", _limited([_source(source) for source in provenance.sources[:_LINES]], len(provenance.sources))),
        ("unknown", _wrapped(unknown(dataset))),
    ]
    return [(label, lines) for label, lines in parts if lines]


def as_dict(dataset: Dataset) -> dict[str, object]:
    """Return everything that is known as JSON values."""
    provenance = dataset.provenance
    return {
        "manifests": [manifest._asdict() for manifest in provenance.manifests],
        "fields": [
            {
                "field": found.field,
                "title": FIELD_BY_ID[found.field].title,
                "values": [_asserted(one) for one in found.chosen],
                "agreeing": [_asserted(one) for one in found.agreeing],
                "conflicting": [_asserted(one) for one in found.conflicting],
            }
            for found in resolve_all(provenance).values()
            if found.chosen
        ],
        "of_parts": [
            {"field": one.field, "scope": one.scope, **_asserted(one)} for one in provenance.assertions if one.scope
        ],
        "declared": {
            "counts": _counts(dataset),
            "files_not_mentioned": _not_mentioned(dataset),
            "hashes": [
                {"path": item.path, **item.declaration._asdict(), "found": item.found} for item in _declared(dataset)
            ],
        },
        "sources": [source._asdict() | {"digests": dict(source.digests)} for source in provenance.sources],
        "unknown": [{"field": field, "title": FIELD_BY_ID[field].title} for field in unknown(dataset)],
    }


def flat(text: str, limit: int) -> str:
    """Return foreign text in one line, without anything that steers a terminal."""
    return shown(_SPACE.sub(" ", text[:_LOOKED_AT]).strip(), limit)


def place(by: str, pointer: str) -> str:
    """Return who says something, and where."""
    where = flat(by, _PLACE_SHOWN)
    return f"{where} {flat(pointer, _PLACE_SHOWN)}" if pointer else where


def _asserted(one: Assertion) -> dict[str, object]:
    return {"value": one.value, "by": one.manifest, "pointer": one.pointer, "when": one.when}


def _manifests(manifests: Sequence[Manifest]) -> list[str]:
    rows = [(_format(manifest), _manifest(manifest)) for manifest in manifests[:_LINES]]
    return _limited(_columns(rows), len(manifests))


def _format(manifest: Manifest) -> str:
    version = "" if manifest.version is None else f" {flat(manifest.version, _NAME_SHOWN)}"
    return f"{flat(manifest.reader, _NAME_SHOWN)}{version}"


def _manifest(manifest: Manifest) -> str:
    notes = [flat(manifest.path, _PLACE_SHOWN) or "."]
    if manifest.scope:
        notes.append(f"speaks for {flat(manifest.scope, _PLACE_SHOWN)}/ only")
    if not manifest.inside:
        notes.append("lies outside the dataset")
    if manifest.valid is not None:
        notes.append("valid by its own rules" if manifest.valid else "NOT VALID by its own rules")
    return ", ".join(notes)


def _fields(dataset: Dataset) -> list[str]:
    resolved = [found for found in resolve_all(dataset.provenance).values() if found.chosen]
    # Contradictions are what a reader must not miss: they are never among the "more".
    cut = {found.field for found in sorted(resolved, key=lambda found: not found.conflicting)[:_LINES]}
    rows = [(_title(found.field), _field(found)) for found in resolved if found.field in cut]
    return _limited(_columns(rows), len(resolved))


def _title(field: str) -> str:
    return _BESIDE.sub("", FIELD_BY_ID[field].title)


def _field(found: Resolved) -> str:
    limit = _VALUE_SHOWN if len(found.chosen) == 1 else _VALUES_SHOWN
    values = _first([flat(one.value, limit) for one in found.chosen[:_VALUES]], len(found.chosen))
    if not any(map(_says, found.chosen)):
        values = f'unknown: it says only "{values}"'
    first = found.chosen[0]
    by = place(first.manifest, first.pointer)
    others = dict.fromkeys(one.manifest for one in (*found.chosen, *found.agreeing) if one.manifest != first.manifest)
    if others:
        by += f"; also {_first([flat(name, _PLACE_SHOWN) for name in islice(others, _VALUES)], len(others))}"
    against = [
        f"{place(one.manifest, one.pointer)} says {flat(one.value, _VALUES_SHOWN)}"
        for one in found.conflicting[:_CONFLICTS]
    ]
    more = len(found.conflicting) - len(against)
    if more > 0:
        against.append(f"{more:,} more say something else")
    # A dash is meant: it sets off what contradicts.
    return f"{values} ({by})" + (f" – but {', and '.join(against)}" if against else "")  # noqa: RUF001


def _said(dataset: Dataset) -> set[str]:
    return {one.field for one in dataset.provenance.assertions if not one.scope and _says(one)}


def _says(one: Assertion) -> bool:
    """Tell whether an assertion says more than that something is unknown."""
    return meaningful(one.field, one.value)


def _parts(assertions: Iterable[Assertion]) -> list[str]:
    scopes = Counter(one.scope for one in assertions if one.scope)
    if not scopes:
        return []
    named = [f"{flat(scope, _PLACE_SHOWN)}/ ({number:,})" for scope, number in scopes.most_common(_VALUES)]
    statements = plural(scopes.total(), "statement")
    return [f"{statements} about {_first(named, len(scopes))} (-f json lists all)"]


def _declared(dataset: Dataset) -> Iterator[Declared]:
    for entry in dataset.files:
        for declaration in entry.declared:
            found = dict(entry.digests).get(declaration.algorithm) if declaration.algorithm else None
            yield Declared(entry.path, declaration, found)
    for path, declaration in dataset.provenance.elsewhere:
        yield Declared(path, declaration, None)


def _counts(dataset: Dataset) -> dict[str, int]:
    states = Counter(item.declaration.state for item in _declared(dataset))
    return {state: states[state] for state in STATES}


def _not_mentioned(dataset: Dataset) -> int:
    return sum(1 for entry in dataset.files if not entry.declared)


def _hashes(dataset: Dataset) -> list[str]:
    counts = _counts(dataset)
    total = sum(counts.values())
    if not total:
        return []
    lines = [", ".join(f"{number:,} {STATES[state]}" for state, number in counts.items() if number)]
    missing = _not_mentioned(dataset)
    if missing:
        lines[0] += f"; no manifest mentions {missing:,} of {plural(len(dataset.files), 'file')}"
    bad: list[Declared] = []
    for state in _BAD:
        room = _LINES - len(bad)
        if room > 0:
            bad += islice(_in_state(dataset, state), room)
    lines += [_hash(item) for item in bad]
    return _limited(lines, 1 + sum(counts[state] for state in _BAD), _LINES + 1)


def _in_state(dataset: Dataset, state: str) -> Iterator[Declared]:
    return (item for item in _declared(dataset) if item.declaration.state == state)


def _hash(item: Declared) -> str:
    path, declaration, found = item
    digest = f"{algorithm(declaration.algorithm)} {short(declaration.value, _DIGITS)}".strip()
    if declaration.state == MISMATCH:
        digest += f", the data has {'another' if found is None else short(found, _DIGITS)}"
    return (
        f"{STATES[declaration.state]}: {flat(path, _PLACE_SHOWN) or '.'}, {digest}"
        f" ({place(declaration.manifest, declaration.pointer)})"
    )


def _source(source: Source) -> str:
    parts = [flat(source.url, _VALUE_SHOWN)]
    if source.path is not None:
        parts.append(f"became {flat(source.path, _PLACE_SHOWN)}")
    parts.append(
        "time of retrieval not said" if source.retrieved is None else f"retrieved {flat(source.retrieved, _NAME_SHOWN)}"
    )
    parts += [f"{algorithm(name)} {short(value, _DIGITS)}" for name, value in source.digests[:_VALUES]]
    if not source.digests:
        parts.append("no digest")
    if source.size is not None:
        parts.append(size(source.size))
    if source.final_url is not None and source.final_url != source.url:
        parts.append(f"led to {flat(source.final_url, _VALUE_SHOWN)}")
    return f"{', '.join(parts)} ({place(source.manifest, source.pointer)})"


def _wrapped(fields: Iterable[str]) -> list[str]:
    return textwrap.wrap(", ".join(map(_title, fields)), _WIDTH, break_on_hyphens=False)


def _first(texts: list[str], total: int) -> str:
    """Join the texts that are shown of ``total``; the others are only counted."""
    rest = total - len(texts)
    return ", ".join(texts) + (f" and {rest:,} more" if rest > 0 else "")


def _columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(label) for label, _ in rows), default=0)
    return [f"{label:<{width}}  {text}" for label, text in rows]


def _limited(lines: list[str], total: int | None = None, limit: int = _LINES) -> list[str]:
    """Cut a part that is too long; say how much of ``total`` lines is not shown."""
    kept = lines[:limit]
    rest = (len(lines) if total is None else total) - len(kept)
    return [*kept, f"and {rest:,} more (-f json lists all)"] if rest > 0 else kept
