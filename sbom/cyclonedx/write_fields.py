"""Provenance → the fields that CycloneDX itself has for it, each with whose word it is.

What does not fit such a field (a URL that is none, a digest of an unknown algorithm) is left to our own properties,
which hold everything: a document stays valid whatever manifests say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sbom import spdx
from sbom.cyclonedx import spec
from sbom.cyclonedx.embedded import utf8
from sbom.provenance import BY_CONFIGURATION, BY_OPTION
from sbom.resolution import resolve_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.model import Dataset
    from sbom.provenance import Assertion, Source

Json = dict[str, Any]

#: Assertions of these are the caller's own.
CALLERS = frozenset({BY_OPTION, BY_CONFIGURATION})
NAMELESS_CALLER = "unknown: the caller of data-sbom"

_DATASET = "/metadata/component"
_HEX = re.compile(r"[0-9a-f]+")
# Absolute IRIs (RFC 3987) but for IP literals: what every validator takes for one.
_UCS = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd"
_HOST = rf"[A-Za-z0-9\-._~!$&'()*+,;={_UCS}]|%[0-9A-Fa-f]{{2}}"
_IRI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://(?:(?:{_HOST}|:)*@)?(?:{_HOST})*(?::[0-9]{{0,5}})?(?=[/?#]|\Z)|(?!//))"
    rf"(?:{_HOST}|[:@/])*(?:\?(?:{_HOST}|[:@/?])*)?(?:#(?:{_HOST}|[:@/?])*)?"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9_%+-]{1,32}(?:\.[A-Za-z0-9_%+-]{1,31})?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?\.){1,4}[A-Za-z]{2,20}"
)


def reference(kind: str, url: str, digests: Iterable[tuple[str, str]] = ()) -> Json | None:
    """Write an external reference; ``None`` where the URL is none that CycloneDX takes.

    :param digests: of these, the ones that CycloneDX has a name for are written.
    """
    if _IRI.fullmatch(url) is None:
        return None
    written: Json = {"type": kind, "url": url}
    hashes = [
        {"alg": name, "content": value}
        for name, value in digests
        if len(value) == spec.DIGEST_LENGTHS.get(name) and _HEX.fullmatch(value)
    ]
    if hashes:
        written["hashes"] = hashes
    return written


class References:
    """The external references of one component, each once."""

    def __init__(self) -> None:
        self.items: list[Json] = []
        self._numbers: dict[str, int] = {}

    def add(self, item: Json | None) -> int | None:
        """Add a reference; return its number in the list, ``None`` for none."""
        if item is None:
            return None
        key = repr(item)
        number = self._numbers.setdefault(key, len(self.items))
        if number == len(self.items):
            self.items.append(item)
        return number


class Fields:
    """The standard fields of a dataset's component and of its document.

    :param sources: those that are not of one file of the inventory.
    :ivar component: members of ``metadata.component``.
    :ivar data: members of the only element of its ``data``.
    :ivar authors: ``metadata.authors``.
    :ivar cited: assertions, with a JSON Pointer to each field that was derived from them.
    """

    def __init__(self, dataset: Dataset, spec_version: str, sources: list[Source]) -> None:
        self.component: Json = {}
        self.data: Json = {"type": "dataset", "name": dataset.name}
        self.authors: list[Json] = []
        self.cited: list[tuple[Assertion, str]] = []
        self._dataset = dataset
        self._spec_version = spec_version
        self._references = References()
        assertions = dataset.provenance.assertions
        self._resolved = resolve_all(dataset.provenance) if assertions else {}
        if assertions:
            self._identity()
            self._texts()
            self._licenses()
            self._people()
        if assertions or sources:
            self._links(sources)

    def _chosen(self, field: str) -> list[Assertion]:
        """Return what counts of a field, without empty texts."""
        return [one for one in self._resolved[field].chosen if one.value.strip()]

    def _cite(self, one: Assertion, *pointers: str) -> None:
        self.cited.extend((one, pointer) for pointer in pointers)

    def _identity(self) -> None:
        """Name and version are the caller's decision; they are cited where a manifest says the same."""
        for field, text in (("name", self._dataset.name), ("version", self._dataset.version)):
            for one in self._chosen(field):
                if one.value == text:
                    self._cite(one, f"{_DATASET}/{field}")

    def _texts(self) -> None:
        for one in self._chosen("description")[:1]:
            self.component["description"] = self.data["description"] = utf8(one.value)
            self._cite(one, f"{_DATASET}/description", f"{_DATASET}/data/0/description")
        for one in self._chosen("copyright")[:1]:
            self.component["copyright"] = utf8(one.value)
            self._cite(one, f"{_DATASET}/copyright")
        for one in self._chosen("classification")[:1]:
            self.data["classification"] = utf8(one.value)
            self._cite(one, f"{_DATASET}/data/0/classification")
        for place, name, members, field in (
            (f"{_DATASET}/data/0", "sensitiveData", self.data, "personal-data"),
            (_DATASET, "tags", self.component, "keyword"),
        ):
            found = self._chosen(field)
            if found:
                members[name] = [utf8(one.value) for one in found]
            for number, one in enumerate(found):
                self._cite(one, f"{place}/{name}/{number}")

    def _licenses(self) -> None:
        """Write one expression, or licences: 1.6 does not take both, and no second expression."""
        found = self._chosen("license")
        if not found:
            return
        licenses: list[Json] = []
        for number, one in enumerate(found):
            known = spdx.expression(one.value)
            if known is None:
                licenses.append({"license": {"name": utf8(one.value), "acknowledgement": "declared"}})
            elif spdx.is_identifier(known):
                licenses.append({"license": {"id": known, "acknowledgement": "declared"}})
            elif len(found) == 1:
                licenses.append({"expression": known, "acknowledgement": "declared"})
            else:
                licenses.append({"license": {"name": utf8(one.value), "acknowledgement": "declared"}})
            self._cite(one, f"{_DATASET}/licenses/{number}")
        self.component["licenses"] = licenses

    def _people(self) -> None:
        governance: Json = {}
        for one in self._chosen("supplier")[:1]:
            self.component["supplier"] = {"name": utf8(one.value)}
            governance["owners"] = [{"organization": {"name": utf8(one.value)}}]
            self._cite(one, f"{_DATASET}/supplier", f"{_DATASET}/data/0/governance/owners/0")
        creators = self._chosen("creator")
        if creators:
            self.component["authors"] = [_contact(one.value) for one in creators]
        for number, one in enumerate(creators):
            self._cite(one, f"{_DATASET}/authors/{number}")
        maintainers = self._chosen("maintainer")
        if maintainers:
            governance["stewards"] = [{"contact": _contact(one.value)} for one in maintainers]
        for number, one in enumerate(maintainers):
            self._cite(one, f"{_DATASET}/data/0/governance/stewards/{number}")
        if governance:
            self.data["governance"] = governance
        self._authors()

    def _authors(self) -> None:
        """Name the document's authors; what the caller asserts is attributed to the one that the caller named."""
        for number, one in enumerate(self._chosen("document-author")):
            contact = _contact(one.value)
            if not number and one.manifest in CALLERS:
                contact = {"bom-ref": spec.CALLER_REF, **contact}
            self.authors.append(contact)
            self._cite(one, f"/metadata/authors/{number}")
        known = any("bom-ref" in author for author in self.authors)
        if not known and any(one.manifest in CALLERS for one in self._dataset.provenance.assertions):
            self.authors.append({"bom-ref": spec.CALLER_REF, "name": NAMELESS_CALLER})

    def _links(self, sources: list[Source]) -> None:
        contents: tuple[str, Assertion | None] | None = None
        for source in sources:
            number = self._references.add(reference("distribution-intake", source.url, source.digests))
            if number is not None and source.path is None and contents is None:
                contents = (source.url, None)
        citation = "citation" if self._spec_version != "1.6" else "documentation"
        for field, kind in (("homepage", "website"), ("citation", citation)):
            for one in self._chosen(field) if self._resolved else ():
                number = self._references.add(reference(kind, one.value))
                if number is None:
                    continue
                self._cite(one, f"{_DATASET}/externalReferences/{number}")
                if contents is None and field == "homepage":
                    contents = (one.value, one)
        if self._references.items:
            self.component["externalReferences"] = self._references.items
        if contents is not None:
            self.data["contents"] = {"url": contents[0]}
            if contents[1] is not None:
                self._cite(contents[1], f"{_DATASET}/data/0/contents/url")


def _contact(text: str) -> Json:
    """Write a person or organisation: ``Name <address>``, an address alone, or whatever it is as a name."""
    name, bracket, rest = text.rpartition("<")
    address = rest[:-1] if bracket and rest.endswith(">") else text.strip()
    if _EMAIL.fullmatch(address) is None:
        return {"name": utf8(text)}
    return {"name": utf8(name.strip()) or address, "email": address}
