"""Croissant 1.1 with the RAI 1.0 vocabulary and PROV-O, as JSON-LD (mlcommons.org/croissant/1.1).

Every file is a ``FileObject``: that is where a digest goes. There are no record sets: the inventory knows no columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.export.interface import Facts, Rendered
from sbom.export.shared import (
    Known,
    Sources,
    day,
    filled,
    iri,
    licence,
    live,
    relative_url,
    serialize,
    text,
    told,
    web,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.model import Dataset, FileEntry
    from sbom.provenance import Source

_VERSION: Final = "http://mlcommons.org/croissant/1.1"
_RAI: Final = "http://mlcommons.org/croissant/RAI/1.0"
#: Required of every file by the format's own library.
_UNKNOWN_TYPE: Final = "application/octet-stream"
# fmt: off
_CR_TERMS: Final = (
    "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes", "extract",
    "field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath",
    "key", "md5", "parentField", "path", "readLines", "recordSet", "references", "regex", "repeated", "replace",
    "samplingRate", "sdVersion", "separator", "source", "subField", "transform", "unArchive", "value",
)
# fmt: on
#: The context of the specification's appendix 1, and PROV.
_CONTEXT: Final[dict[str, object]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    **{term: f"cr:{term}" for term in _CR_TERMS},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
}
#: Asked for by the specification.
_REQUIRED: Final = ("description", "license", "url", "creator", "datePublished")
#: Property → field, where every value stands for itself; and where the property takes one text.
_RAI_MANY: Final = {
    "rai:dataCollectionTimeframe": "collection-period",
    "rai:dataPreprocessingProtocol": "preprocessing",
    "rai:dataBiases": "known-bias",
    "rai:dataLimitations": "noise",
    "rai:dataUseCases": "intended-use",
    "rai:personalSensitiveInformation": "personal-data",
}
_RAI_ONE: Final = {
    "rai:dataCollection": "generation-method",
    "rai:dataAnnotationProtocol": "annotation",
    "rai:dataReleaseMaintenancePlan": "update-mechanism",
}


def render(dataset: Dataset, facts: Facts) -> Rendered:
    """Return the Croissant file."""
    known = Known(dataset)
    sources = Sources.of(dataset)
    body = {**_about(dataset, known), **_people(known), **_responsible(known), **_derived(dataset, known, sources)}
    body["identifier"] = [*known.all("identifier"), _value("data-sbom:merkle-root", dataset.root)]
    body["additionalProperty"] = [_value(f"data-sbom:{field}", value) for field, value in known.rest()]
    body["subjectOf"] = _document(facts)
    body["sdDatePublished"] = facts.timestamp
    missing = [name for name in _REQUIRED if not body.get(name)]
    notes = known.notes()
    if missing:
        notes.append(f"Croissant asks for {', '.join(missing)}, which the document does not say")
    conforms = [_VERSION, _RAI] if any(name.startswith("rai:") for name in body) else _VERSION
    whole = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": conforms,
        "name": text(dataset.name),
        **filled(body.items()),
        "distribution": [_file(entry, sources.by_path.get(entry.path, ())) for entry in dataset.files],
    }
    return Rendered(serialize(whole, len(dataset.files)), tuple(notes))


def _about(dataset: Dataset, known: Known) -> dict[str, object]:
    licensed = licence(known)
    pages = known.all("homepage")
    return {
        "version": None if dataset.version is None else text(dataset.version),
        "description": known.first("description"),
        "url": pages[0] if pages else None,
        "sameAs": list(pages[1:]),
        "license": None if licensed is None else licensed.url or licensed.expression or licensed.raw,
        "copyrightNotice": known.first("copyright"),
        "citeAs": known.joined("citation"),
        "keywords": list(known.all("keyword")),
        "inLanguage": list(known.all("language")),
        "dateCreated": known.first("built-date", day),
        "datePublished": known.first("release-date", day),
        "dateModified": known.first("modified-date", day),
        "spatialCoverage": list(known.all("geography")),
        "conditionsOfAccess": known.joined("availability"),
        "usageInfo": [{"@type": "CreativeWork", "text": value} for value in known.all("restriction")],
        "isLiveDataset": True if live(dataset) else None,
    }


def _people(known: Known) -> dict[str, object]:
    # Manifests seldom tell people from organisations, and the format's library takes nothing else: those who make a
    # dataset are written as people, those who publish it as organisations.
    return {
        "creator": _agents("Person", known.all("creator")),
        "contributor": _agents("Person", known.all("contributor")),
        "maintainer": _agents("Person", known.all("maintainer")),
        "publisher": _agents("Organization", known.all("supplier")),
        "sdPublisher": _agents("Person", known.all("document-author")),
    }


def _agents(kind: str, names: Iterable[str]) -> list[dict[str, str]]:
    return [{"@type": kind, "name": name} for name in names]


def _responsible(known: Known) -> dict[str, object]:
    many = {name: list(known.all(field)) for name, field in _RAI_MANY.items()}
    found: dict[str, object] = {**many, **{name: known.joined(field) for name, field in _RAI_ONE.items()}}
    return filled(found.items())


def _derived(dataset: Dataset, known: Known, sources: Sources) -> dict[str, object]:
    previous = [_entity(value) for value in known.all("previous-release")]
    if dataset.previous is not None:
        link = dataset.previous
        uid = link.serial_number.removeprefix("urn:uuid:")
        release = "" if link.release is None else f" {link.release}"
        previous.append(
            {
                "@id": f"urn:cdx:{uid}/{link.version}",
                "@type": "prov:Entity",
                "prov:label": text(f"{link.name}{release}; data SBOM with SHA-256 {link.sha256}"),
            }
        )
    origins = [value for value in known.all("origin") if value not in {source.url for source in sources.whole}]
    return {
        "prov:wasDerivedFrom": [*(_source(source) for source in sources.whole), *(_entity(value) for value in origins)],
        "prov:wasRevisionOf": previous,
    }


def _reference(value: str) -> bool:
    """Tell whether a text may be an ``@id``: an IRI whose scheme the context does not take for a prefix."""
    return iri(value) is not None and value.partition(":")[0] not in _CONTEXT


def _entity(value: str) -> dict[str, str]:
    return {"@id": value} if _reference(value) else {"@type": "prov:Entity", "prov:label": value}


def _source(source: Source) -> dict[str, str]:
    """Describe a source; one that is no IRI is named by its label only."""
    url, more = text(source.url), told(source)
    if not _reference(url):
        return {"@type": "prov:Entity", "prov:label": f"{url}; {more}" if more else url}
    return {"@id": url, "@type": "prov:Entity", "prov:label": more} if more else {"@id": url}


def _file(entry: FileEntry, sources: Iterable[Source]) -> dict[str, object]:
    url = relative_url(entry.path)
    found: dict[str, object] = {
        "@type": "cr:FileObject",
        "@id": url,
        "name": entry.path,
        "contentUrl": url,
        "contentSize": f"{entry.size} B",
        "encodingFormat": entry.media_type or _UNKNOWN_TYPE,
        "sha256": entry.sha256,
    }
    if entry.link is not None:
        found["description"] = text(f"A symbolic link to {entry.link}; size and digest are its target's.")
    # Without labels: the same URL may be the source of many files.
    derived = [{"@id": source.url} if web(source.url) else _source(source) for source in sources]
    if derived:
        found["prov:wasDerivedFrom"] = derived
    return found


def _value(name: str, value: str) -> dict[str, str]:
    # "value" alone is Croissant's own.
    return {"@type": "PropertyValue", "propertyID": name, "sc:value": value}


def _document(facts: Facts) -> dict[str, object]:
    """Name the data SBOM that this was made from."""
    return filled(
        (
            ("@type", "MediaObject"),
            ("@id", facts.bom_link),
            ("identifier", facts.serial_number),
            ("description", facts.sentence),
            ("encodingFormat", "application/vnd.cyclonedx+json"),
            ("sha256", facts.sha256),
            (
                "sdPublisher",
                {"@type": "SoftwareApplication", "name": "data-sbom", "softwareVersion": facts.tool_version},
            ),
        )
    )
