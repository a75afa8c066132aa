"""What the standard fields of a CycloneDX document say, whoever wrote it, as facts.

The document has passed the official schema, or was just built; what has another form than expected says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.cyclonedx import spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    #: A fact's id, a value, and its JSON Pointer (RFC 6901).
    Said = tuple[str, str, str]

#: What is said to be unknown; not itself a fact.
UNKNOWN = "(unknown)"
_COMPONENT = "/metadata/component"
#: Member of the component that is a text → fact.
_TEXTS = {
    "name": "name",
    "version": "version",
    "type": "component-type",
    "description": "description",
    "copyright": "copyright",
    "publisher": "supplier",
    "author": "creator",
    "purl": "identifier",
    "cpe": "identifier",
}
#: Member that is an object with a name, or a list of such → fact.
_NAMED = {"supplier": "supplier", "manufacturer": "creator", "authors": "creator"}
#: Member that is a list of texts → fact.
_LISTS = {"tags": "keyword", "swhid": "identifier", "omniborId": "identifier"}
_REFERENCES = {"distribution": "source-url", "distribution-intake": "source-url", "website": "homepage"}
#: What is said of the data (CycloneDX 1.7, componentData) → fact.
_DATA = {"classification": "classification", "sensitiveData": "personal-data", "description": "description"}
#: Roles that keep the data up; its owners need not.
_GOVERNANCE = ("custodians", "stewards")
_CLAIMS = frozenset({"complete", "incomplete", "incomplete_first_party_only", "incomplete_third_party_only"})


def read(document: Mapping[str, object]) -> dict[str, list[tuple[str, str]]]:
    """Return what the standard fields say: fact → values with their places."""
    found: dict[str, list[tuple[str, str]]] = {}
    for fact, value, pointer in (*_component(document), *_document(document)):
        if value.strip():
            found.setdefault(fact, []).append((value, pointer))
    return found


def _component(document: Mapping[str, object]) -> Iterator[Said]:
    component = _object(_object(document.get("metadata")).get("component"))
    for member, fact in (*_TEXTS.items(), *_LISTS.items()):
        yield from _texts(fact, component, member, _COMPONENT)
    for member, fact in _NAMED.items():
        yield from _names(fact, component, member, _COMPONENT)
    for index, item in _objects(component.get("licenses")):
        pointer = f"{_COMPONENT}/licenses/{index}"
        yield from _texts("license", item, "expression", pointer)
        for member in ("id", "name"):
            yield from _texts("license", _object(item.get("license")), member, f"{pointer}/license")
    yield from _references(component)
    yield from _data(component)
    for index, item in _objects(component.get("properties")):
        name, value = item.get("name"), item.get("value")
        if name == spec.PROVENANCE and value == spec.UNKNOWN:
            yield UNKNOWN, "provenance", f"{_COMPONENT}/properties/{index}"
        elif name == spec.UNKNOWN_FIELD:
            yield from _texts(UNKNOWN, item, "value", f"{_COMPONENT}/properties/{index}")


def _references(component: Mapping[str, object]) -> Iterator[Said]:
    """Read external references: where it can be downloaded, with digests, and its homepage."""
    for index, reference in _objects(component.get("externalReferences")):
        pointer = f"{_COMPONENT}/externalReferences/{index}"
        fact = _REFERENCES.get(str(reference.get("type")))
        if fact is None:
            continue
        yield from _texts(fact, reference, "url", pointer)
        if fact == "source-url":
            for number, digest in _objects(reference.get("hashes")):
                text = f"{digest.get('alg', '')} {digest.get('content', '')}"
                yield "source-digest", text, f"{pointer}/hashes/{number}"


def _data(component: Mapping[str, object]) -> Iterator[Said]:
    """Read what is said of the data itself (CycloneDX, componentData)."""
    references = _objects(component.get("externalReferences"))
    # A homepage may stand where the data's own address belongs; nothing can be downloaded there.
    homepages = [item.get("url") for _, item in references if _REFERENCES.get(str(item.get("type"))) == "homepage"]
    for index, data in _objects(component.get("data")):
        pointer = f"{_COMPONENT}/data/{index}"
        for member, fact in _DATA.items():
            yield from _texts(fact, data, member, pointer)
        contents = _object(data.get("contents"))
        if contents.get("url") not in homepages:
            yield from _texts("source-url", contents, "url", f"{pointer}/contents")
        governance = _object(data.get("governance"))
        for role in _GOVERNANCE:
            for number, party in _objects(governance.get(role)):
                place = f"{pointer}/governance/{role}/{number}"
                for kind in ("organization", "contact"):
                    yield from _texts("maintainer", _object(party.get(kind)), "name", f"{place}/{kind}")


def _document(document: Mapping[str, object]) -> Iterator[Said]:
    yield from _texts("format-name", document, "bomFormat", "")
    yield from _texts("format-version", document, "specVersion", "")
    yield from _texts("document-identifier", document, "serialNumber", "")
    if isinstance(document.get("version"), int):
        yield "document-version", str(document["version"]), "/version"
    metadata = _object(document.get("metadata"))
    yield from _texts("document-time", metadata, "timestamp", "/metadata")
    for member in ("authors", "manufacturer", "manufacture"):
        yield from _names("document-author", metadata, member, "/metadata")
    yield from _names("supplier", metadata, "supplier", "/metadata")
    for index, phase in _objects(metadata.get("lifecycles")):
        for member in ("phase", "name"):
            yield from _texts("lifecycle", phase, member, f"/metadata/lifecycles/{index}")
    yield from _tools(metadata)
    for index, claim in _objects(document.get("compositions")):
        about = claim.get("assemblies")
        if isinstance(about, list) and spec.DATASET_REF in about and claim.get("aggregate") in _CLAIMS:
            yield from _texts("completeness", claim, "aggregate", f"/compositions/{index}")
    for index, dependency in _objects(document.get("dependencies")):
        on = dependency.get("dependsOn")
        if dependency.get("ref") == spec.DATASET_REF and isinstance(on, list):
            # An empty list says that there are none (CycloneDX, dependencies).
            yield "dependency", ", ".join(map(str, on)) or "none", f"/dependencies/{index}/dependsOn"
    yield from _signatures(document)


def _tools(metadata: Mapping[str, object]) -> Iterator[Said]:
    """Name the programs: an object with components and services, or the older plain list."""
    tools = metadata.get("tools")
    places = [("/metadata/tools", tools)]
    if isinstance(tools, dict):
        places = [(f"/metadata/tools/{kind}", tools.get(kind)) for kind in ("components", "services")]
    for place, found in places:
        for index, tool in _objects(found):
            yield from _texts("document-tool", tool, "name", f"{place}/{index}")
            yield from _texts("document-tool-version", tool, "version", f"{place}/{index}")


def _signatures(document: Mapping[str, object]) -> Iterator[Said]:
    """Name signatures (JSF 0.82) that have a value; none is verified here."""
    signature = _object(document.get("signature"))
    entries = [("/signature", signature)]
    for form in ("signers", "chain"):
        entries += [(f"/signature/{form}/{index}", entry) for index, entry in _objects(signature.get(form))]
    for pointer, entry in entries:
        if all(isinstance(entry.get(part), str) and entry[part] for part in ("algorithm", "value")):
            yield "signature", f"{entry['algorithm']}, not verified", pointer


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterator[tuple[int, Mapping[str, object]]]:
    if isinstance(value, list):
        yield from ((index, item) for index, item in enumerate(value) if isinstance(item, dict))


def _texts(fact: str, owner: Mapping[str, object], member: str, pointer: str) -> Iterator[Said]:
    """Yield a text, or every text of a list."""
    value = owner.get(member)
    if isinstance(value, str):
        yield fact, value, f"{pointer}/{member}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str):
                yield fact, item, f"{pointer}/{member}/{index}"


def _names(fact: str, owner: Mapping[str, object], member: str, pointer: str) -> Iterator[Said]:
    """Yield the name of a party, or of every party of a list."""
    value = owner.get(member)
    place = f"{pointer}/{member}"
    yield from _texts(fact, _object(value), "name", place)
    for index, party in _objects(value):
        yield from _texts(fact, party, "name", f"{place}/{index}")
