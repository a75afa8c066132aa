"""Which elements of standards a document fills, as a table and as JSON. Nothing of it is verified, and it says so."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from sbom.profiles import BY_DOCUMENT, evaluate, facts, hints, ids, load, missing_required
from sbom.report.jsontext import dumps
from sbom.report.provenance import flat, place
from sbom.report.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.api import Bom
    from sbom.profiles import Count, Evaluation, Result

#: Names the form of the JSON; the number changes when a reader of the old form would misread the new one.
FORMAT: Final = "data-sbom-profiles/1"
#: Stands for every profile.
ALL: Final = "all"
_FILLED, _MISSING = "✓", "–"  # noqa: RUF001  # a dash is meant
_WIDTH = 110
_VALUE_SHOWN, _COLUMN = 48, 60
_INDENT = "  "
_UNVERIFIED = (
    "filled means that the document says something, not that it is true; not verified: data-sbom verify checks it"
)


def check(profile_id: str) -> None:
    """Make sure that there is such a profile, before anything is read.

    :raises UsageError: when there is not.
    """
    if profile_id != ALL:
        load(profile_id)


def evaluations(bom: Bom, profile_id: str) -> tuple[Evaluation, ...]:
    """Evaluate one profile, or :data:`ALL` of them.

    :raises UsageError: when there is no such profile.
    """
    profiles = [load(one) for one in (ids() if profile_id == ALL else (profile_id,))]
    known = facts(bom.dataset, bom.document)
    return tuple(evaluate(profile, known) for profile in profiles)


def render(found: Sequence[Evaluation], bom: Bom, path: str, format_name: str) -> str:
    """Return evaluations as text that ends in one newline.

    :param path: how the caller named the document.
    :param format_name: ``table`` or ``json``.
    """
    if format_name == "json":
        return dumps(as_dict(found, bom, path))
    version = "" if bom.dataset.version is None else f" {shown(bom.dataset.version)}"
    lines = [f"{shown(bom.dataset.name)}{version} · {shown(path)}"]
    for evaluation in found:
        lines += ["", *_table(evaluation)]
    return "\n".join([*lines, "", _UNVERIFIED]) + "\n"


def as_dict(found: Sequence[Evaluation], bom: Bom, path: str) -> dict[str, object]:
    """Return everything as JSON values."""
    return {
        "format": FORMAT,
        "verified": False,
        "document": {"path": path, "sha256": bom.sha256, "serial_number": bom.document.get("serialNumber")},
        "dataset": {"name": bom.dataset.name, "version": bom.dataset.version, "root": bom.dataset.root},
        "profiles": [_profile(evaluation) for evaluation in found],
    }


def _profile(evaluation: Evaluation) -> dict[str, object]:
    profile = evaluation.profile
    return {
        "id": profile.id,
        "title": profile.title,
        "standard": profile.standard._asdict(),
        "note": profile.note,
        "required": _number(evaluation.required),
        "overall": _number(evaluation.overall),
        "missing_required": [result.element.id for result in missing_required(evaluation)],
        "elements": [_element(result) for result in evaluation.results],
    }


def _number(count: Count) -> dict[str, int]:
    return {"filled": count.filled, "total": count.total, "percent": count.percent}


def _element(result: Result) -> dict[str, object]:
    element = result.element
    return {
        "id": element.id,
        "title": element.title,
        "required": element.required,
        "reference": element.reference,
        "note": element.note,
        "filled": result.filled,
        "facts": [{"fact": fact.id, "values": [stated._asdict() for stated in fact.values]} for fact in result.facts],
        "write": list(hints(result)),
    }


def _table(evaluation: Evaluation) -> list[str]:
    profile = evaluation.profile
    standard = profile.standard
    lines = [
        f"{profile.title} (--profile {profile.id})",
        f"{_INDENT}{standard.name}, {standard.version}, {standard.publisher}, {standard.date}",
    ]
    width = max(len(result.element.title) for result in evaluation.results)
    values = {result.element.id: _value(result) for result in evaluation.results}
    value_width = min(_COLUMN, max(map(len, values.values())))
    for heading, required in (("required", True), ("recommended", False)):
        results = [result for result in evaluation.results if result.element.required is required]
        if results:
            lines.append(f"{_INDENT}{heading}")
        for result in results:
            mark = _FILLED if result.filled else _MISSING
            value = values[result.element.id]
            line = f"{_INDENT}{mark} {result.element.title:<{width}}  {value:<{value_width}}  {_from(result)}"
            lines.append(line.rstrip())
    lines += [f"{_INDENT}{_verdict(evaluation)}", *_wanted(evaluation)]
    return lines


def _value(result: Result) -> str:
    """Return the first value, and how many there are besides."""
    if not result.filled:
        return "missing"
    fact = result.facts[0]
    more = len(fact.values) - 1
    return flat(fact.values[0].value, _VALUE_SHOWN) + (f" and {more:,} more" if more else "")


def _from(result: Result) -> str:
    if not result.filled:
        return ""
    stated = result.facts[0].values[0]
    return BY_DOCUMENT if stated.by == BY_DOCUMENT else place(stated.by, stated.pointer)


def _verdict(evaluation: Evaluation) -> str:
    """Return what both counts are: of what is required, and of everything."""
    required, overall = evaluation.required, evaluation.overall
    text = f"{required.filled} of {required.total} required elements ({required.percent} %)"
    if overall.total == required.total:
        return text
    return f"{text}, {overall.filled} of all {overall.total} ({overall.percent} %)"


def _wanted(evaluation: Evaluation) -> list[str]:
    """Say what to write for the required elements that are missing, and count the others."""
    missing = missing_required(evaluation)
    lines = [f"{_INDENT}to fill what is required and missing:"] if missing else []
    for result in missing:
        joint = "; and " if result.element.every else "; or "
        lines += textwrap.wrap(
            f"{result.element.title}: {joint.join(hints(result))}",
            _WIDTH,
            initial_indent=_INDENT * 2,
            subsequent_indent=_INDENT * 3,
            break_on_hyphens=False,
            break_long_words=False,
        )
    return lines
