"""Provenance → our own properties, citations, and the manifests that are no files of the inventory."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sbom.cyclonedx import spec
from sbom.cyclonedx.embedded import dump, utf8
from sbom.cyclonedx.write_fields import CALLERS, Fields, References, reference
from sbom.provenance import BY_OPTION, STATES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.model import Dataset, FileEntry
    from sbom.provenance import Assertion, Manifest, Provenance, Source

Json = dict[str, Any]
#: Manifest, pointer in it, time, and scope of assertions that share a citation.
Origin = tuple[str, str, str | None, str]

_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)


def is_date_time(text: str) -> bool:
    """Tell whether a text is a date-time that every validator takes (RFC 3339, section 5.6, without leap seconds)."""
    if _DATE_TIME.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


class Written:
    """What a document says about the provenance of a dataset.

    :ivar component: members of ``metadata.component`` besides ``name``, ``version``, ``data`` and ``properties``.
    :ivar data: the element of its ``data``.
    :ivar authors: ``metadata.authors``; not to be written where it is empty, as ``formulation`` and ``citations``.
    """

    def __init__(self, dataset: Dataset, spec_version: str, timestamp: str) -> None:
        self._spec_version = spec_version
        self._timestamp = timestamp
        self._files = dataset.files
        provenance = dataset.provenance
        self._provenance = provenance
        self._manifests = _cleaned(provenance.manifests)
        self._assertions = _cleaned(provenance.assertions)
        at_dataset = self._place_sources(provenance)
        fields = Fields(dataset, spec_version, [source for _, source in at_dataset])
        self.component = fields.component
        self.data = fields.data
        self.authors = fields.authors
        self.formulation = self._outside()
        self.citations: list[Json] = []
        self._cited = fields.cited
        self._sources = at_dataset

    def _place_sources(self, provenance: Provenance) -> list[tuple[int, Source]]:
        """Return the sources of the dataset with their numbers; keep those of files of the inventory by path."""
        self._at_files: dict[str, list[tuple[int, Source]]] = {}
        at_dataset: list[tuple[int, Source]] = []
        paths = {entry.path for entry in self._files} if provenance.assertions or provenance.sources else frozenset()
        self._paths = paths
        for number, source in enumerate(provenance.sources):
            if source.path is not None and source.path in paths:
                self._at_files.setdefault(source.path, []).append((number, source))
            else:
                at_dataset.append((number, source))
        return at_dataset

    def add_to_file(self, entry: FileEntry, component: Json, properties: list[Json]) -> None:
        """Add what manifests say of one file. Cheap where they say nothing."""
        if entry.declared:
            properties.extend({"name": spec.DECLARED, "value": dump([*one])} for one in entry.declared)
        if self._at_files and (sources := self._at_files.get(entry.path)) is not None:
            references = References()
            for number, source in sources:
                references.add(reference("distribution-intake", source.url, source.digests))
                properties.append(source_property(number, source, at_file=True))
            if references.items:
                component["externalReferences"] = references.items

    def add_to_dataset(self, properties: list[Json]) -> None:
        """Add the properties of the dataset; and make the citations, which point at them: none may move later."""
        provenance = self._provenance
        known = bool(self._assertions or provenance.sources)
        # Said explicitly: NIST SP 800-218A, PW.3.2 asks to document data without known provenance.
        properties.append(_property(spec.PROVENANCE, spec.ASSERTED if known else spec.UNKNOWN))
        counts = Counter(one.state for entry in self._files if entry.declared for one in entry.declared)
        counts.update(one.state for _, one in provenance.elsewhere)
        properties.extend(
            _property(spec.DECLARED_COUNT + state, str(counts[state])) for state in STATES if state in counts
        )
        properties.extend(_property(spec.MANIFEST, _manifest(one)) for one in self._manifests)
        first = len(properties)
        properties.extend(_property(spec.FIELD + one.field, one.value) for one in self._assertions)
        if self._manifests or self._assertions:
            properties.extend(_property(spec.UNKNOWN_FIELD, field) for field in provenance.unknown())
        properties.extend(source_property(number, source, at_file=False) for number, source in self._sources)
        properties.extend(_property(spec.DECLARED_ELSEWHERE, dump([path, *one])) for path, one in provenance.elsewhere)
        if self._assertions:
            citations = self._cite(first)
            if self._spec_version == "1.6":
                properties.extend(_property(spec.CITATION, dump(one)) for one in citations)
            else:
                self.citations = citations

    def _outside(self) -> list[Json]:
        """Describe the manifests that are no files of the inventory."""
        components: dict[str, Json] = {}
        for one in self._manifests:
            if not one.inside and one.path not in components:
                component: Json = {"type": "file", "bom-ref": spec.MANIFEST_REF + one.path, "name": one.path}
                if one.sha256 is not None:
                    component["hashes"] = [{"alg": "SHA-256", "content": one.sha256}]
                components[one.path] = component
        return [{"components": list(components.values())}] if components else []

    def _cite(self, first: int) -> list[Json]:
        """Say of each assertion whose word it is, with the properties and standard fields that hold it.

        :param first: number of the first assertion's property.
        """
        groups: dict[Origin, list[str]] = {}
        for number, one in enumerate(self._assertions, first):
            groups.setdefault(_origin(one), []).append(f"/metadata/component/properties/{number}")
        for one, pointer in self._cited:
            groups[_origin(one)].append(pointer)
        # The first manifest of a path counts, should there be one inside and one outside.
        inside = {one.path: one.inside for one in reversed(self._manifests)}
        return [self._citation(origin, pointers, inside) for origin, pointers in groups.items()]

    def _citation(self, origin: Origin, pointers: list[str], inside: dict[str, bool]) -> Json:
        manifest, pointer, when, scope = origin
        note: dict[str, str] = {}
        if manifest in CALLERS:
            attributed = spec.CALLER_REF
            note["by"] = "option" if manifest == BY_OPTION else "configuration"
        elif not inside.get(manifest, True):
            attributed = spec.MANIFEST_REF + manifest
        elif manifest in self._paths:
            attributed = spec.FILE_REF + manifest
        else:
            attributed = spec.TOOL_REF
            note["manifest"] = manifest
        timestamp = self._timestamp
        if when is not None and when != timestamp and is_date_time(when):
            timestamp = when
        elif when is not None:
            note["when"] = when
        if pointer:
            note["pointer"] = pointer
        if scope:
            note["scope"] = scope
        citation: Json = {"pointers": pointers, "timestamp": timestamp, "attributedTo": attributed}
        if note:
            citation["note"] = dump(note)
        return citation


def _origin(one: Assertion) -> Origin:
    return utf8(one.manifest), utf8(one.pointer), None if one.when is None else utf8(one.when), utf8(one.scope)


def _cleaned(items: Iterable[Any]) -> list[Any]:
    """Take lone surrogates out of tuples of texts: a path of the command line may hold them, a document may not."""
    return [one._make(utf8(part) if isinstance(part, str) else part for part in one) for one in items]


def _property(name: str, value: str) -> Json:
    return {"name": name, "value": value}


def _manifest(one: Manifest) -> str:
    said: Json = {"path": one.path, "reader": one.reader}
    if one.version is not None:
        said["version"] = one.version
    if one.scope:
        said["scope"] = one.scope
    if one.sha256 is not None:
        said["sha256"] = one.sha256
    if not one.inside:
        said["inside"] = False
    if one.valid is not None:
        said["valid"] = one.valid
    return dump(said)


def source_property(number: int, one: Source, *, at_file: bool) -> Json:
    """Write a source.

    :param number: its place among all sources, which are written at different components.
    """
    said: Json = {"url": one.url, "manifest": one.manifest, "number": number}
    if one.pointer:
        said["pointer"] = one.pointer
    if one.digests:
        said["digests"] = one.digests
    more = (
        ("path", None if at_file else one.path),
        ("size", one.size),
        ("retrieved", one.retrieved),
        ("etag", one.etag),
        ("final-url", one.final_url),
    )
    said.update((name, value) for name, value in more if value is not None)
    return _property(spec.SOURCE, dump(said))
