"""SPDX 3.0.1 as JSON-LD: the profiles Core, Software, SimpleLicensing, Extension and Dataset.

What SPDX has no property for goes into its CycloneDX properties extension. What a dataset package must say and nobody
knows is left out and named in its comment; conformance to the Dataset profile is then not claimed. Nothing is invented.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

from sbom.errors import DocumentError
from sbom.export.interface import Facts, Rendered
from sbom.export.shared import Known, Sources, filled, iri, licence, moment, serialize, text, told, web

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.model import Dataset, FileEntry
    from sbom.provenance import Source

_CONTEXT: Final = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
_VERSION: Final = "3.0.1"
#: Namespace of the identifiers: UUIDv5 of the document and the tool (RFC 9562, section 5.5).
_NAMESPACE: Final = uuid.UUID("5f3a6c60-4d0e-5d53-9d2a-0d2f5f7c3e01")
#: The blank node of the one CreationInfo.
_CREATION: Final = "_:creation"
_NO_LICENCE: Final = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"
_ALGORITHMS: Final = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
    "SHA3-256": "sha3_256",
    "SHA3-384": "sha3_384",
    "SHA3-512": "sha3_512",
    "BLAKE2b-256": "blake2b256",
    "BLAKE2b-384": "blake2b384",
    "BLAKE2b-512": "blake2b512",
    "BLAKE3": "blake3",
}
#: Words for a modality → DatasetType. "other" is for what none of these is.
_TYPES: Final = {
    "audio": "audio",
    "categorical": "categorical",
    "graph": "graph",
    "image": "image",
    "numeric": "numeric",
    "sensor": "sensor",
    "structured": "structured",
    "syntactic": "syntactic",
    "text": "text",
    "timeseries": "timeseries",
    "timestamp": "timestamp",
    "video": "video",
    "images": "image",
    "tabular": "structured",
    "table": "structured",
    "time-series": "timeseries",
    "time series": "timeseries",
}
_CONFIDENTIALITY: Final = {
    f"{tlp}{level}": level for tlp in ("", "tlp:") for level in ("clear", "green", "amber", "red")
}
_AVAILABILITY: Final = {
    name.lower(): name for name in ("clickthrough", "directDownload", "query", "registration", "scrapingScript")
}
_PRESENCE: Final = {"yes": "yes", "true": "yes", "no": "no", "none": "no", "false": "no"}
_MEDIA_TYPE: Final = re.compile(r"[^/]+/[^/]+")


def render(dataset: Dataset, facts: Facts) -> Rendered:
    """Return the SPDX document.

    :raises DocumentError: when the document that was read does not say when it was made, which SPDX must say.
    """
    created = moment(facts.timestamp)
    if created is None:
        raise DocumentError("does not say when it was made, which an SPDX document must say", path=facts.serial_number)
    known = Known(dataset)
    graph = _Graph(facts, dataset)
    sources = Sources.of(dataset)
    authors = graph.agents("author", "Agent", known.all("document-author"))
    tool = graph.element("tool", "Tool", name=f"data-sbom {facts.tool_version}")
    creation = {
        "type": "CreationInfo",
        "@id": _CREATION,
        "specVersion": _VERSION,
        "created": created,
        "createdBy": authors or [graph.element("software", "SoftwareAgent", name="data-sbom")],
        "createdUsing": [tool],
    }
    declared = _licence(graph, known)
    package, missing = _package(graph, dataset, known, facts, sources)
    files = [_file(graph, number, entry, sources) for number, entry in enumerate(dataset.files, 1)]
    complete = "incomplete" if dataset.selection.left_out else "complete"
    graph.relationship("contains", package, "contains", files, completeness=complete)
    graph.relationship("declared", package, "hasDeclaredLicense", [declared or _NO_LICENCE])
    # Concluding a licence is what lawyers do.
    graph.relationship("concluded", package, "hasConcludedLicense", [_NO_LICENCE])
    profiles = ["core", "software", "simpleLicensing", "extension", *([] if missing else ["dataset"])]
    document = {
        "type": "SpdxDocument",
        "spdxId": graph.base,
        "creationInfo": _CREATION,
        "name": text(dataset.name),
        "comment": facts.sentence,
        "profileConformance": profiles,
        "rootElement": [package],
    }
    notes = known.notes()
    if missing:
        notes.append(
            f"SPDX asks for {', '.join(missing)}, which the document does not say; the Dataset profile is not claimed"
        )
    whole = {"@context": _CONTEXT, "@graph": [creation, document, *graph.elements]}
    return Rendered(serialize(whole, len(dataset.files)), tuple(notes))


class _Graph:
    """The elements of one SPDX document; their identifiers depend on the data SBOM only."""

    def __init__(self, facts: Facts, dataset: Dataset) -> None:
        key = (
            f"{facts.serial_number} {facts.version} {facts.sha256 or dataset.root} {facts.tool_version} spdx {_VERSION}"
        )
        self.base = f"urn:uuid:{uuid.uuid5(_NAMESPACE, key)}"
        self.elements: list[dict[str, object]] = []

    def element(self, name: str, kind: str, /, **properties: object) -> str:
        """Add an element, and return its identifier."""
        found = f"{self.base}#{name}"
        self.elements.append({"type": kind, "spdxId": found, "creationInfo": _CREATION, **filled(properties.items())})
        return found

    def relationship(self, name: str, start: str, kind: str, to: list[str], completeness: str | None = None) -> None:
        """Add a relationship."""
        more = {"from": start, "relationshipType": kind, "to": to, "completeness": completeness}
        self.element(name, "Relationship", **more)

    def agents(self, role: str, kind: str, names: Sequence[str]) -> list[str]:
        """Add people or organisations; manifests seldom tell which, so that most are agents."""
        return [self.element(f"{role}-{number}", kind, name=name) for number, name in enumerate(names, 1)]


def _licence(graph: _Graph, known: Known) -> str | None:
    """Add the licence expression; a licence that SPDX does not know is quoted."""
    found = licence(known)
    if found is None:
        return None
    if found.expression is not None:
        return graph.element(
            "license", "simplelicensing_LicenseExpression", simplelicensing_licenseExpression=found.expression
        )
    quoted = graph.element("license-text", "simplelicensing_SimpleLicensingText", simplelicensing_licenseText=found.raw)
    return graph.element(
        "license",
        "simplelicensing_LicenseExpression",
        simplelicensing_licenseExpression="LicenseRef-declared",
        simplelicensing_customIdToUri=[{"type": "DictionaryEntry", "key": "LicenseRef-declared", "value": quoted}],
    )


def _package(graph: _Graph, dataset: Dataset, known: Known, facts: Facts, sources: Sources) -> tuple[str, list[str]]:
    """Add the dataset package.

    :return: its identifier, and which mandatory properties nobody knows.
    """
    originators = graph.agents("originator", "Agent", known.all("creator"))
    supplied = known.first("supplier")
    downloads = [known.first("availability", web), *(web(source.url) for source in sources.whole)]
    mandatory: dict[str, object] = {
        "originatedBy": originators,
        "builtTime": known.first("built-date", moment),
        "releaseTime": known.first("release-date", moment),
        "software_downloadLocation": next((url for url in downloads if url), None),
    }
    missing = [name.removeprefix("software_") for name, value in mandatory.items() if not value]
    if not originators:
        # There has to be an agent. SPDX has no individual for an unknown one.
        mandatory["originatedBy"] = graph.agents("originator", "Agent", ["NOASSERTION"])
    modalities = known.all("modality")
    types = _types(modalities)
    properties: dict[str, object] = {
        "name": text(dataset.name),
        "description": known.first("description"),
        "software_packageVersion": None if dataset.version is None else text(dataset.version),
        "software_primaryPurpose": "data",
        **mandatory,
        "suppliedBy": None if supplied is None else graph.element("supplier", "Agent", name=supplied),
        "software_homePage": known.first("homepage", web),
        "software_copyrightText": known.first("copyright"),
        "software_attributionText": list(known.all("citation")),
        "software_sourceInfo": _git(dataset),
        "externalIdentifier": [_identifier(value) for value in known.all("identifier")],
        "externalRef": _references(dataset, facts, sources),
        "dataset_datasetType": types,
        "dataset_datasetSize": dataset.total_size,
        "dataset_dataCollectionProcess": known.joined("generation-method"),
        "dataset_dataPreprocessing": list(known.all("preprocessing")),
        "dataset_knownBias": list(known.all("known-bias")),
        "dataset_datasetNoise": known.joined("noise"),
        "dataset_intendedUse": known.joined("intended-use"),
        "dataset_datasetUpdateMechanism": known.joined("update-mechanism"),
        "dataset_anonymizationMethodUsed": list(known.all("anonymization")),
        "dataset_confidentialityLevel": known.first(
            "classification", lambda value: _CONFIDENTIALITY.get(value.lower())
        ),
        "dataset_datasetAvailability": known.first("availability", lambda value: _AVAILABILITY.get(value.lower())),
        "dataset_hasSensitivePersonalInformation": known.first("personal-data", _presence) or "noAssertion",
        "comment": f"Nobody says: {', '.join(missing)}." if missing else None,
    }
    rest = [*known.rest(), *(("modality", value) for value in modalities if _type(value) is None)]
    more = [("data-sbom:merkle-root", dataset.root), *((f"data-sbom:{field}", value) for field, value in rest)]
    properties["extension"] = [_extension(more)]
    return graph.element("dataset", "dataset_DatasetPackage", **properties), missing


def _type(modality: str) -> str | None:
    return _TYPES.get(modality.strip().lower())


def _types(modalities: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(_type(value) or "other" for value in modalities)) or ["noAssertion"]


def _presence(value: str) -> str | None:
    """Take what is a plain yes or no; anything else is for people to read."""
    return _PRESENCE.get(value.strip().rstrip(".").lower())


def _git(dataset: Dataset) -> str | None:
    if dataset.git is None or dataset.git.commit is None:
        return None
    branch = "" if dataset.git.branch is None else f" on branch {dataset.git.branch}"
    return text(f"git commit {dataset.git.commit}{branch}")


def _identifier(value: str) -> dict[str, object]:
    return filled(
        (
            ("type", "ExternalIdentifier"),
            ("externalIdentifierType", "other"),
            ("identifier", value),
            ("identifierLocator", [value] if iri(value) else None),
        )
    )


def _references(dataset: Dataset, facts: Facts, sources: Sources) -> list[dict[str, object]]:
    """Return the data SBOM, the previous release's, and the sources of the dataset."""
    digest = "" if facts.sha256 is None else f"; SHA-256 {facts.sha256}"
    found = [_reference("other", facts.bom_link, f"The data SBOM that this was made from{digest}")]
    found[0]["contentType"] = "application/vnd.cyclonedx+json"
    if dataset.previous is not None:
        link = dataset.previous
        uid = link.serial_number.removeprefix("urn:uuid:")
        shown = text(f"Data SBOM of the previous release, {link.name} {link.release or ''}".rstrip())
        found.append(_reference("other", f"urn:cdx:{uid}/{link.version}", f"{shown}; SHA-256 {link.sha256}"))
    found.extend(_source(source) for source in sources.whole)
    return found


def _source(source: Source) -> dict[str, object]:
    return _reference("altDownloadLocation" if iri(source.url) else "other", text(source.url), told(source))


def _reference(kind: str, locator: str, comment: str) -> dict[str, object]:
    items = (("type", "ExternalRef"), ("externalRefType", kind), ("locator", [locator]), ("comment", comment))
    return filled(items)


def _file(graph: _Graph, number: int, entry: FileEntry, sources: Sources) -> str:
    """Add a file. SPDX 3.0 has no property for a file's size; it is where a CycloneDX property goes."""
    more = [("data-sbom:size", str(entry.size))]
    if entry.link is not None:
        more.append(("data-sbom:link", text(entry.link)))
    typed = entry.media_type is not None and _MEDIA_TYPE.fullmatch(entry.media_type) is not None
    return graph.element(
        f"file-{number}",
        "software_File",
        name=entry.path,
        software_fileKind="file",
        contentType=entry.media_type if typed else None,
        verifiedUsing=[
            {"type": "Hash", "algorithm": _ALGORITHMS.get(name, "other"), "hashValue": value}
            for name, value in entry.digests
        ],
        externalRef=[_source(source) for source in sources.by_path.get(entry.path, ())],
        extension=[_extension(more)],
    )


def _extension(properties: Iterable[tuple[str, str]]) -> dict[str, object]:
    return {
        "type": "extension_CdxPropertiesExtension",
        "extension_cdxProperty": [
            {"type": "extension_CdxPropertyEntry", "extension_cdxPropName": name, "extension_cdxPropValue": value}
            for name, value in properties
        ],
    }
