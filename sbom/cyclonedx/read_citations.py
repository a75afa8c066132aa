"""Citations → assertions: each value of a field, with what its only citation says about it."""

from __future__ import annotations

import re
from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sbom.cyclonedx import spec
from sbom.cyclonedx.embedded import members
from sbom.cyclonedx.refusal import refuse
from sbom.provenance import BY_CONFIGURATION, BY_OPTION, FIELD_BY_ID, Assertion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sbom.model import FileEntry
    from sbom.provenance import Manifest

Json = dict[str, Any]

#: Names of the properties that hold the value of a field.
FIELDS = frozenset(spec.FIELD + field for field in FIELD_BY_ID)

_PROPERTY = re.compile(r"/metadata/component/properties/(0|[1-9][0-9]{0,8})").fullmatch
_CALLERS = {"option": BY_OPTION, "configuration": BY_CONFIGURATION}
_NOTE = {"by": str, "manifest": str, "pointer": str, "scope": str, "when": str}
_CITATION = {"pointers": list, "timestamp": str, "attributedTo": str, "note": str}


def entry_of(files: Sequence[FileEntry], path: str) -> FileEntry | None:
    """Find a file in a sorted inventory; ``None`` where it is not listed."""
    place = bisect_left(files, path, key=itemgetter(0))
    return files[place] if place < len(files) and files[place].path == path else None


def _citations(document: Json, properties: Iterable[Json]) -> Iterator[Json]:
    """Yield the citations, wherever the version of CycloneDX has its place for them."""
    yield from document.get("citations", ())
    for item in properties:
        if item["name"] == spec.CITATION:
            said = members(item.get("value", ""), spec.CITATION, _CITATION, "pointers", "timestamp", "attributedTo")
            if not all(isinstance(pointer, str) for pointer in said["pointers"]):
                refuse(f"a pointer in {spec.CITATION} is not a text")
            yield said


def assertions(
    document: Json, properties: Sequence[Json], manifests: Iterable[Manifest], files: Sequence[FileEntry]
) -> Iterator[Assertion]:
    """Yield the values of fields in their order, each with what its only citation says about it."""
    fields = {number: item for number, item in enumerate(properties) if item["name"] in FIELDS}
    outside = {one.path for one in manifests if not one.inside}
    timestamp = document["metadata"].get("timestamp")
    found: dict[int, Assertion] = {}
    for citation in _citations(document, properties):
        origin: Assertion | None = None
        for pointer in citation.get("pointers", ()):
            match = _PROPERTY(pointer)
            item = None if match is None else fields.get(int(match[1]))
            if match is None or item is None:
                continue
            if int(match[1]) in found:
                refuse(f"two citations say who asserts {item['name']}")
            if origin is None:
                origin = _origin(citation, timestamp, outside, files)
            field = item["name"].removeprefix(spec.FIELD)
            found[int(match[1])] = origin._replace(field=field, value=item.get("value", ""))
    for number, item in fields.items():
        if number not in found:
            refuse(f"no citation says who asserts {item['name']}")
        yield found[number]


def _origin(citation: Json, timestamp: str | None, outside: Collection[str], files: Sequence[FileEntry]) -> Assertion:
    """Read who asserted something, where, when and about what; field and value are still empty."""
    note: Json = members(citation["note"], "a citation's note", _NOTE) if "note" in citation else {}
    reference: str = citation.get("attributedTo", "")
    manifest: str | None = None
    if reference == spec.CALLER_REF:
        manifest = _CALLERS.get(note.pop("by", ""))
    elif reference == spec.TOOL_REF:
        manifest = note.pop("manifest", None)
    elif reference.startswith(spec.FILE_REF):
        path = reference.removeprefix(spec.FILE_REF)
        manifest = None if entry_of(files, path) is None else path
    elif reference.startswith(spec.MANIFEST_REF):
        path = reference.removeprefix(spec.MANIFEST_REF)
        manifest = path if path in outside else None
    if not manifest or "by" in note or "manifest" in note:
        refuse(f"a citation does not say which manifest, or caller, {reference[:80]!r} is")
    when = note.get("when")
    if when is None and citation["timestamp"] != timestamp:
        when = citation["timestamp"]
    return Assertion("", "", manifest, note.get("pointer", ""), when, note.get("scope", ""))
