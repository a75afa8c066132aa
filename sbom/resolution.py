"""Which of several assertions counts, and which of them contradict it.

Order decides, and nothing else: the caller's own word, then manifests that speak for the whole dataset by the
precedence of their formats. What does not count is kept, never dropped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sbom import spdx
from sbom.provenance import FIELD_BY_ID, FIELDS

if TYPE_CHECKING:
    from sbom.provenance import Assertion, Provenance

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SPACE = re.compile(r"\s+")
_DATES = frozenset({"built-date", "release-date", "modified-date"})


class Resolved(NamedTuple):
    """What is known of one field.

    :param chosen: what counts, each value once; empty when nobody says anything.
    :param agreeing: others that say the same.
    :param conflicting: others that say something else where only one value can be right.
    """

    field: str
    chosen: tuple[Assertion, ...] = ()
    agreeing: tuple[Assertion, ...] = ()
    conflicting: tuple[Assertion, ...] = ()


def comparable(field: str, value: str) -> str:
    """Return what values of a field are compared by: SPDX identifier, date, or text whatever its spaces and case."""
    if field == "license":
        known = spdx.expression(value)
        if known is not None:
            return known
    if field in _DATES and (day := _DATE.match(value)) is not None:
        return day[0]
    return _SPACE.sub(" ", value).strip().casefold()


def resolve(provenance: Provenance, field: str) -> Resolved:
    """Decide one field of the whole dataset."""
    return _decide(field, provenance.about(field))


def resolve_all(provenance: Provenance) -> dict[str, Resolved]:
    """Decide every field, in the order of :data:`sbom.provenance.FIELDS`; unknown ones have nothing chosen."""
    by_field: dict[str, list[Assertion]] = {field.id: [] for field in FIELDS}
    for one in provenance.assertions:
        if not one.scope:
            by_field[one.field].append(one)
    return {field: _decide(field, tuple(found)) for field, found in by_field.items()}


def _decide(field: str, found: tuple[Assertion, ...]) -> Resolved:
    if not found:
        return Resolved(field)
    first = found[0].manifest
    single = FIELD_BY_ID[field].single
    seen: set[str] = set()
    chosen: list[Assertion] = []
    agreeing: list[Assertion] = []
    conflicting: list[Assertion] = []
    for one in found:
        value = comparable(field, one.value)
        if value in seen:
            agreeing.append(one)
        elif not single or one.manifest == first:
            seen.add(value)
            chosen.append(one)
        else:
            conflicting.append(one)
    return Resolved(field, tuple(chosen), tuple(agreeing), tuple(conflicting))
