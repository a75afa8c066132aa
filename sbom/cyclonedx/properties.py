"""Our own properties of any part of a document: those that are given once, and those that may repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sbom.cyclonedx import spec
from sbom.cyclonedx.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def single_valued(properties: Iterable[dict[str, Any]], repeatable: Collection[str]) -> dict[str, str]:
    """Collect our properties, refusing one that is given twice and not repeatable."""
    values: dict[str, str] = {}
    for item in properties:
        name = item["name"]
        if not name.startswith(spec.PREFIX) or name in repeatable:
            continue
        if name in values:
            refuse(f"the property {name[:80]} is given twice")
        values[name] = item.get("value", "")
    return values


def repeated(properties: Iterable[dict[str, Any]], name: str) -> tuple[str, ...]:
    """Return the values of a property that may repeat, in their order."""
    return tuple(item.get("value", "") for item in properties if item["name"] == name)
