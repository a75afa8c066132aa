"""DCAT and schema.org datasets in JSON-LD that are not Croissant, and Project Open Data's ``data.json``.

Specifications: DCAT 3 (W3C Recommendation, 22 August 2024), sections 6.6 "Dataset", 6.8 "Distribution" and 6.17
"Checksum"; schema.org ``Dataset`` and ``DataDownload``; Project Open Data Metadata Schema 1.1. Other forms of RDF
(Turtle, RDF/XML, JSON-LD inside of web pages) are not read.

A description of one dataset is about the directory that it lies in. A catalogue of several is about none in particular:
of it, only the distributions are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import digests, resources, values
from sbom.manifests.errors import OtherFormatError
from sbom.manifests.interface import FileReader
from sbom.manifests.jsonld import Document, local
from sbom.manifests.resources import Resource
from sbom.manifests.schemaorg import Description

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_HINT = re.compile(
    rb'w3\.org\\?/ns\\?/dcat|"dcat:|(?:\\?/){2}(?:www\.)?schema\.org|"sc(?:hema)?:|project-open-data\.cio\.gov\\?/v1\.[0-9]\\?/schema'
)
_DATASETS = frozenset({"dcat:Dataset", "Dataset"})
_CATALOGS = frozenset({"dcat:Catalog", "DataCatalog"})
_OPEN_DATA = re.compile(r"https?://project-open-data\.cio\.gov/v([0-9.]{1,10})/schema/?")
_ALGORITHM = re.compile(r"(?i)^checksumalgorithm_")
#: Datasets of one catalogue that are read, and distributions of them.
_MAX_DATASETS = 10_000
_MAX_DISTRIBUTIONS = 200_000


class Dcat(FileReader):
    """Reads a dataset's own words, and its distributions."""

    name = "dcat"
    patterns = ("*.json", "*.jsonld")

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # the content says it
        """Take JSON that has DCAT's or schema.org's vocabulary, and a dataset or catalogue, in its beginning."""
        if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["} or b'"@' not in head:
            return False
        return _HINT.search(head) is not None

    def read(self, given: Given, reading: Reading) -> None:
        """Read a description.

        :raises ManifestError: when it is not JSON.
        :raises OtherFormatError: when there is no dataset in it.
        """
        tree = given.json()
        doc = Document(tree)
        found = list(_datasets(doc))
        if not found:
            raise OtherFormatError("describes no dataset")
        match = _OPEN_DATA.fullmatch(values.text(values.mapping(tree).get("conformsTo")) or "")
        if match is not None:
            reading.version = match[1]
            if match[1] != "1.1":
                reading.problem(
                    f"version {match[1]} of Project Open Data is not known; read as far as it is understood"
                )
        description = Description(doc, reading)
        if len(found) == 1:
            description.read(*found[0])
        else:
            reading.problem("describes several datasets; what it says of each is not said of this one")
        _Distributions(doc, given, reading, description).read(found)


READER = Dcat()


def _datasets(doc: Document) -> Iterator[tuple[dict[str, object], str]]:
    """Find the datasets: those on top, else those of the catalogues, but no parts of others."""
    tops = list(doc.nodes())
    parts: set[str] = set()
    for node, _ in tops:
        if not _DATASETS.isdisjoint(doc.types(node)):
            for key in ("hasPart", "hasVersion", "source", "isBasedOn", "wasDerivedFrom", "previousVersion"):
                value = doc.get(node, *(f"{prefix}:{key}" for prefix in ("sc", "dct", "dcat", "prov")), key)[0]
                parts.update(ident for one, _ in doc.items(value, "") if (ident := doc.ident(one)) is not None)
    number = 0
    seen: set[int] = set()
    for node, pointer in tops:
        for one, where in _inside(doc, node, pointer):
            if id(one) in seen or doc.ident(one) in parts:
                continue
            seen.add(id(one))
            number += 1
            if number > _MAX_DATASETS:
                return
            yield one, where


def _inside(doc: Document, node: dict[str, object], pointer: str) -> Iterator[tuple[dict[str, object], str]]:
    """Yield a node that is a dataset, or the datasets of one that is a catalogue or a page about one."""
    kinds = doc.types(node)
    if not _DATASETS.isdisjoint(kinds):
        yield node, pointer
        return
    if _CATALOGS.isdisjoint(kinds) and "conformsTo" not in node and "mainEntity" not in node:
        return
    for wanted in (("dcat:dataset", "sc:dataset", "dataset"), ("sc:mainEntity", "mainEntity")):
        value, key = doc.get(node, *wanted)
        for one, where in doc.items(value, f"{pointer}/{values.token(key)}"):
            inner, there = doc.locate(one, where) if isinstance(one, dict) else ({}, where)
            if inner and (not _DATASETS.isdisjoint(doc.types(inner)) or doc.get(inner, "@type")[0] is None):
                yield inner, there


class _Distributions:
    """Reads the distributions of the datasets of one document."""

    def __init__(self, doc: Document, given: Given, reading: Reading, description: Description) -> None:
        self._doc = doc
        self._description = description
        self._reading = reading
        self._files = resources.Resources(given, reading)

    def read(self, datasets: list[tuple[dict[str, object], str]]) -> None:
        """Take them all, and settle what each is."""
        doc = self._doc
        number = 0
        for dataset, pointer in datasets:
            value, key = doc.get(dataset, "dcat:distribution", "sc:distribution", "distribution")
            licensed = any(doc.get(dataset, *keys)[0] is not None for keys in (_keys("license"), _keys("rights")))
            for one, place in doc.items(value, f"{pointer}/{values.token(key)}"):
                number += 1
                if number > _MAX_DISTRIBUTIONS:
                    self._reading.problem(f"more than {_MAX_DISTRIBUTIONS:,} distributions; the rest is left out")
                    break
                node, where = doc.locate(one, place)
                if node:
                    self._one(node, where)
                    if not licensed and len(datasets) == 1:
                        self._license(node, where)
                else:
                    self._reading.problem(f"a distribution is {values.kind(one)}, not an object", where)
        self._files.settle()

    def _license(self, node: dict[str, object], pointer: str) -> None:
        """Say the licence of a distribution, where the dataset has none (DCAT, section 8.1)."""
        value, key = self._doc.get(node, *_keys("license"))
        self._description.license(value, f"{pointer}/{values.token(key)}")

    def _one(self, node: dict[str, object], pointer: str) -> None:
        """Take a distribution: its file where one is named, else the page that leads to it."""
        doc = self._doc
        title = doc.first(node, *_keys("title"), *_keys("name"))
        names = (title,) if title else ()
        length = resources.size(doc.first(node, *_keys("byteSize"), *_keys("contentSize")))
        hashes = (*resources.digests_of(doc, node, pointer), *self._checksums(node, pointer))
        pages: list[tuple[str, str]] = []
        files = 0
        for key, leads_to_bytes in (("downloadURL", True), ("contentUrl", True), ("accessURL", False), ("url", False)):
            value, raw = doc.get(node, *_keys(key))
            for one, where in doc.items(value, f"{pointer}/{values.token(raw)}"):
                url = values.text(doc.ident(one) or doc.scalar(one))
                if url is None:
                    self._reading.problem(f"{key} is {values.kind(one)}, not a URL", where)
                elif leads_to_bytes:
                    files += 1
                    self._files.add(Resource(url, where, names, hashes, length))
                elif resources.remote(url):
                    pages.append((url, where))
        for number, (url, where) in enumerate(pages):
            first = not files and not number  # the digest of what the page leads to: told once
            self._files.add(
                Resource(url, where, names if first else (), hashes if first else (), None, None, file=False)
            )
        if not files and not pages:
            self._reading.problem("a distribution without URL", pointer)

    def _checksums(self, node: dict[str, object], pointer: str) -> Iterator[resources.Digest]:
        """Yield the digests of ``spdx:checksum``."""
        doc = self._doc
        value, key = doc.get(node, "spdx:checksum", "dcat:checksum", "checksum")
        for one, where in doc.items(value, f"{pointer}/{values.token(key)}"):
            checksum, there = doc.locate(one, where) if isinstance(one, dict) else ({}, where)
            digest, raw = doc.get(checksum, "spdx:checksumValue", "checksumValue", "dcat:checksumValue")
            named = doc.first(checksum, "spdx:algorithm", "algorithm", "spdx:checksumAlgorithm", "checksumAlgorithm")
            algorithm = _ALGORITHM.sub("", local(named or ""))
            plain = next((doc.scalar(inner) for inner, _ in doc.items(digest, "")), None)
            if not checksum or plain is None:
                self._reading.problem("a checksum without a value", where)
            else:
                yield digests.name(algorithm) or algorithm, plain, f"{there}/{values.token(raw)}"


def _keys(name: str) -> tuple[str, ...]:
    return (f"dcat:{name}", f"dct:{name}", f"sc:{name}", name)
