"""Model → CycloneDX document (docs/format.md says what is written where)."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import orjson

from sbom.cyclonedx import spec, write_lineage
from sbom.cyclonedx.canonical import canonical
from sbom.cyclonedx.write_provenance import Written

if TYPE_CHECKING:
    from sbom.model import Dataset, FileEntry

#: Namespace of the serial numbers of reproducible documents (UUIDv5, RFC 9562, section 5.5).
NAMESPACE = uuid.UUID("8f0a3f0e-6d5b-5c0e-9d1c-2b7f4f0f5a11")
#: Up to this many files a document is indented; larger ones are read by programs only.
_INDENT_UP_TO = 5_000


class Origin(NamedTuple):
    """Who writes the document, and when.

    :param timestamp: RFC 3339, UTC.
    :param tool_version: of data-sbom.
    :param reproducible: derive the serial number from the content instead of drawing it at random.
    """

    spec_version: str
    timestamp: str
    tool_version: str
    reproducible: bool


def build(dataset: Dataset, origin: Origin) -> dict[str, object]:
    """Build the unsigned document."""
    written = Written(dataset, origin.spec_version, origin.timestamp)
    components: list[object] = [_file(entry, written) for entry in dataset.files]
    stubs = _stubs(dataset)
    components.extend(stubs)
    document: dict[str, object] = {
        "$schema": f"http://cyclonedx.org/schema/bom-{origin.spec_version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": origin.spec_version,
        "serialNumber": "",
        "version": 1,
        "metadata": {
            "timestamp": origin.timestamp,
            "lifecycles": [{"phase": "post-build"}],
            "tools": {
                "components": [
                    {
                        "type": "application",
                        "bom-ref": spec.TOOL_REF,
                        "name": "data-sbom",
                        "version": origin.tool_version,
                    }
                ]
            },
            **({"authors": written.authors} if written.authors else {}),
            "component": _dataset(dataset, written),
        },
        "components": components,
    }
    if stubs:
        document["dependencies"] = [{"ref": spec.DATASET_REF, "dependsOn": [stub["bom-ref"] for stub in stubs]}]
    aggregate = "incomplete" if dataset.selection.left_out else "complete"
    document["compositions"] = [{"aggregate": aggregate, "assemblies": [spec.DATASET_REF]}]
    formulation = [*written.formulation, *write_lineage.formula(dataset)]
    if formulation:
        document["formulation"] = formulation
    if written.citations:
        document["citations"] = written.citations
    document["serialNumber"] = _serial(document, origin)
    return document


def serialize(document: dict[str, object]) -> bytes:
    """Write a document as bytes, indented unless it is large."""
    components = document.get("components")
    large = isinstance(components, list) and len(components) > _INDENT_UP_TO
    option = orjson.OPT_APPEND_NEWLINE if large else orjson.OPT_APPEND_NEWLINE | orjson.OPT_INDENT_2
    return orjson.dumps(document, option=option)


def _serial(document: dict[str, object], origin: Origin) -> str:
    if not origin.reproducible:
        return f"urn:uuid:{uuid.uuid4()}"
    bare = {key: value for key, value in document.items() if key not in {"serialNumber", "signature"}}
    digest = hashlib.sha1(NAMESPACE.bytes + canonical(bare), usedforsecurity=False).digest()
    return f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=5)}"


def _property(name: str, value: object) -> dict[str, str]:
    return {"name": name, "value": str(value)}


def _file(entry: FileEntry, written: Written) -> dict[str, object]:
    properties = [{"name": spec.SIZE, "value": str(entry.size)}]
    if entry.link is not None:
        properties.append({"name": spec.LINK, "value": entry.link})
    if entry.stats is not None:
        properties.append(_property(spec.ROWS, "unknown" if entry.stats.rows is None else entry.stats.rows))
        properties.append(_property(spec.COLUMNS, "unknown" if entry.stats.columns is None else entry.stats.columns))
    component: dict[str, object] = {"type": "file", "bom-ref": spec.FILE_REF + entry.path, "name": entry.path}
    if entry.media_type is not None:
        component["mime-type"] = entry.media_type
    component["hashes"] = [{"alg": name, "content": value} for name, value in entry.digests]
    written.add_to_file(entry, component, properties)
    component["properties"] = properties
    return component


def _dataset(dataset: Dataset, written: Written) -> dict[str, object]:
    component: dict[str, object] = {"type": "data", "bom-ref": spec.DATASET_REF, "name": dataset.name}
    if dataset.version is not None:
        component["version"] = dataset.version
    component.update(written.component)
    component["data"] = [written.data]
    properties = [
        _property(spec.FORMAT, spec.FORMAT_VERSION),
        _property(spec.ROOT, dataset.root),
        _property(spec.FILE_COUNT, len(dataset.files)),
        _property(spec.TOTAL_SIZE, dataset.total_size),
        _property(spec.SYMLINKS, spec.FOLLOWED if dataset.symlinks_followed else spec.RECORDED),
        *(_property(spec.INCLUDE, rule) for rule in dataset.selection.include),
        *(_property(spec.EXCLUDE, rule) for rule in dataset.selection.exclude),
    ]
    if dataset.git is not None:
        properties.append(_property(spec.GIT_COMMIT, dataset.git.commit or "unknown"))
        if dataset.git.branch is not None:
            properties.append(_property(spec.GIT_BRANCH, dataset.git.branch))
    types = Counter(entry.media_type for entry in dataset.files if entry.media_type is not None)
    properties.extend(_property(spec.MEDIA_TYPE + name, number) for name, number in sorted(types.items()))
    shapes = [entry.stats for entry in dataset.files if entry.stats is not None]
    if shapes:
        rows = [shape.rows for shape in shapes if shape.rows is not None]
        properties.append(_property(spec.ROWS, sum(rows) if len(rows) == len(shapes) else "unknown"))
    written.add_to_dataset(properties)
    properties.extend(write_lineage.properties_of(dataset.lineage))
    component["properties"] = properties
    return component


def _stubs(dataset: Dataset) -> list[dict[str, object]]:
    """Describe the other datasets that this one was made of: the previous release, and what steps read from."""
    stubs: list[dict[str, object]] = []
    if dataset.previous is not None:
        ref = spec.RELEASE_REF + dataset.previous.serial_number.removeprefix("urn:uuid:")
        stubs.append(write_lineage.bom_stub(ref, dataset.previous, spec.PREVIOUS))
    stubs.extend(map(write_lineage.upstream_stub, dataset.lineage.upstream))
    return stubs
