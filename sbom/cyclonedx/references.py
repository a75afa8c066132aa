"""References inside a document: every ``bom-ref`` is unique, and every reference points to one.

The official schema checks neither. BOM-Links (``urn:cdx:``) point to other documents and are not followed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SINGLE = frozenset({"ref"})
_LISTS = frozenset({"dependsOn", "provides", "assemblies", "dependencies", "vulnerabilities", "subjects"})
_SHOWN = 5
_TEXT = 80


def problems(document: dict[str, object]) -> list[str]:
    """Name the first few references that are ambiguous or lead nowhere."""
    defined: set[str] = set()
    used: dict[str, None] = {}
    found: list[str] = []
    for kind, value in _references(document):
        if kind == "use":
            used[value] = None
        elif value in defined:
            found.append(f"the bom-ref {value[:_TEXT]!r} is given to two things")
        else:
            defined.add(value)
        if len(found) >= _SHOWN:
            return found
    found.extend(
        f"a reference to {value[:_TEXT]!r}, which the document does not define"
        for value in used
        if value not in defined and not value.startswith("urn:cdx:")
    )
    return found[:_SHOWN]


def _references(document: dict[str, object]) -> Iterator[tuple[str, str]]:
    waiting: list[object] = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
            continue
        if not isinstance(item, dict):
            continue
        for key, value in item.items():
            if isinstance(value, str):
                if key == "bom-ref":
                    yield "define", value
                elif key in _SINGLE:
                    yield "use", value
            elif isinstance(value, (dict, list)):
                if key in _LISTS and isinstance(value, list):
                    yield from (("use", part) for part in value if isinstance(part, str))
                waiting.append(value)
