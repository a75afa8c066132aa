"""Croissant: JSON-LD descriptions of machine learning datasets, versions 0.8, 1.0 and 1.1, with the RAI vocabulary.

Specification: mlcommons.org/croissant/1.1, sections "Dataset-level Information", "Resources", "RecordSets" and
"Responsible AI and Governance". Nothing is fetched, no archive is opened, and
the patterns of FileSets are not evaluated.

What a FileObject becomes is told in :mod:`sbom.manifests.resources`. With ``isLiveDataset``, a file without a digest is
not expected to have one; a digest that is declared all the same is compared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import croissant_rai, resources, values
from sbom.manifests.croissant_files import FILE, FILE_SET, Distribution
from sbom.manifests.errors import OtherFormatError
from sbom.manifests.interface import FileReader
from sbom.manifests.jsonld import Document, local
from sbom.manifests.schemaorg import Description

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_VERSION = re.compile(r"https?://(?:www\.)?mlcommons\.org/croissant/(RAI/)?([0-9]+(?:\.[0-9]+){0,3})/?")
_KNOWN = frozenset({"0.8", "1.0", "1.1"})
_KNOWN_RAI = frozenset({"1.0"})
#: The first bytes that make it worth parsing a file; reading it decides.
_HINT = re.compile(
    rb'"(?:https?:)?(?:\\?/){2}(?:www\.)?mlcommons\.org\\?/(?:croissant|schema)\\?/|"[a-z]{0,12}:?(?:FileObject|FileSet|RecordSet)"'
)
_SCHEMA_ORG = re.compile(rb'(?:\\?/){2}(?:www\.)?schema\.org|"sc:Dataset"')
#: Vocabularies in which Croissant's own properties are written: since 0.8 in schema.org's, and without any.
_OWN = ("cr", "sc")
#: Columns of a record set that are named, and splits of one dataset.
_MAX_FIELDS = 500
_MAX_NAME = 200
_SPLIT = re.compile(r"(?i)(?:.*[_/ -])?splits?(?:_enums?)?")
_SPLIT_TYPES = frozenset({"cr:Split", "wd:Q3985153"})
_MODALITIES = {"ImageObject": "image", "AudioObject": "audio", "VideoObject": "video", "cr:BoundingBox": "image"}


class Croissant(FileReader):
    """Reads what a dataset says of itself, the digests of its files, and where they can be downloaded."""

    name = "croissant"
    patterns = ("*.json", "*.jsonld")

    def accepts(self, path: str, head: bytes) -> bool:
        """Take JSON-LD whose beginning has Croissant's vocabulary, or schema.org's, which that may follow."""
        if path.lower().endswith("ro-crate-metadata.json") or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {
            b"{",
            b"[",
        }:
            return False
        if b'"@context"' not in head and b'"@type"' not in head:
            return False
        return _HINT.search(head) is not None or (b'Dataset"' in head and _SCHEMA_ORG.search(head) is not None)

    def further(self, path: str) -> bool:  # noqa: ARG002  # of no description
        """Expect SHA-256: MD5 is allowed, and rare."""
        return False

    def read(self, given: Given, reading: Reading) -> None:
        """Read a description.

        :raises ManifestError: when it is not JSON.
        :raises OtherFormatError: when it describes no Croissant dataset.
        """
        doc = Document(given.json())
        found = _dataset(doc)
        if found is None:
            raise OtherFormatError("describes no Croissant dataset")
        _Reader(doc, given, reading).read(*found)


READER = Croissant()


def _dataset(doc: Document) -> tuple[dict[str, object], str] | None:
    """Find the dataset: it conforms to Croissant, or has what only Croissant has."""
    for node, pointer in doc.nodes():
        if "Dataset" not in doc.types(node):
            continue
        if any(_VERSION.fullmatch(text) for text, _ in _conforms(doc, node, pointer)):
            return node, pointer
        if doc.get(node, "cr:recordSet")[0] is not None:
            return node, pointer
        for one, _ in doc.items(_own(doc, node, "distribution")[0], ""):
            if doc.types(doc.node(one)) & (FILE | FILE_SET):
                return node, pointer
    return None


def _conforms(doc: Document, node: dict[str, object], pointer: str) -> Iterator[tuple[str, str]]:
    value, key = doc.get(node, "dct:conformsTo", "sc:conformsTo", "cr:conformsTo", "conformsTo")
    for one, where in doc.items(value, f"{pointer}/{values.token(key)}"):
        text = values.text(doc.scalar(one)) or doc.ident(one)
        if text:
            yield text, where


def _own(doc: Document, node: dict[str, object], name: str) -> tuple[object, str]:
    return doc.get(node, *(f"{prefix}:{name}" for prefix in _OWN), name)


class _Reader:
    """Reads one dataset."""

    def __init__(self, doc: Document, given: Given, reading: Reading) -> None:
        self._doc = doc
        self._given = given
        self._reading = reading

    def read(self, dataset: dict[str, object], pointer: str) -> None:
        """Say, declare and name everything."""
        self._version(dataset, pointer)
        live = self._is_live(dataset)
        description = Description(self._doc, self._reading, self._sayers(dataset))
        description.read(dataset, pointer)
        value, key = _own(self._doc, dataset, "distribution")
        files = resources.Resources(self._given, self._reading, live=live)
        Distribution(self._doc, self._given, self._reading, files, description).read(
            value, f"{pointer}/{values.token(key)}"
        )
        value, key = _own(self._doc, dataset, "recordSet")
        self._record_sets(value, f"{pointer}/{values.token(key)}")

    def _version(self, dataset: dict[str, object], pointer: str) -> None:
        for text, where in _conforms(self._doc, dataset, pointer):
            match = _VERSION.fullmatch(text)
            if match is None:
                continue
            rai, version = bool(match[1]), match[2]
            if version not in (_KNOWN_RAI if rai else _KNOWN):
                what = "the RAI vocabulary" if rai else "Croissant"
                self._reading.problem(
                    f"version {version} of {what} is not known; read as far as it is understood", where
                )
            if not rai:
                self._reading.version = version
        if self._reading.version is None:
            self._reading.version = "0.8"  # the last that had no conformsTo

    def _is_live(self, dataset: dict[str, object]) -> bool:
        value = self._doc.scalar(_own(self._doc, dataset, "isLiveDataset")[0])
        return value is True or (isinstance(value, str) and value.strip().casefold() == "true")

    def _sayers(self, dataset: dict[str, object]) -> dict[str, Callable[[object, str], None]]:
        doc, reading = self._doc, self._reading
        more = croissant_rai.sayers(doc, reading)

        def say_live(value: object, pointer: str) -> None:
            if self._is_live(dataset):
                reading.say("update-mechanism", "live dataset: its data changes continuously", pointer)
            elif values.text(doc.scalar(value)) not in {"true", "false", "True", "False"}:
                reading.problem("isLiveDataset is not a truth value", pointer)

        more["isLiveDataset"] = say_live
        if (
            _own(doc, dataset, "citeAs")[0] is not None
        ):  # what it cites are others (1.0, "Modified and Added Properties")
            more["citation"] = lambda _value, _pointer: None
        return more

    def _record_sets(self, value: object, pointer: str) -> None:
        """Say what records consist of (sections "RecordSet", "Field" and "TrainingSplit")."""
        doc = self._doc
        modalities: dict[str, str] = {}
        for one, place in doc.some(value, pointer):
            node, where = doc.locate(one, place) if isinstance(one, dict) else ({}, place)
            if not node:
                self._reading.problem(f"a record set is {values.kind(one)}, not an object", where)
                continue
            name = doc.first(node, "sc:name", "cr:name", "name") or doc.ident(node) or ""
            kinds = {doc.key(kind) for kind, _ in self._kinds(node) if isinstance(kind, str)}
            if kinds & _SPLIT_TYPES or (_SPLIT.fullmatch(name[:_MAX_NAME]) and _own(doc, node, "data")[0] is not None):
                self._splits(node, where)
                continue
            fields, key = _own(doc, node, "field")
            columns: list[str] = []
            number = 0
            for field, there in doc.items(fields, f"{where}/{values.token(key)}"):
                number += 1
                if number <= _MAX_FIELDS:
                    columns.append(self._column(*doc.locate(field, there), name, modalities))
            columns = [column for column in columns if column]
            if columns:
                more = f" and {number - _MAX_FIELDS} more" if number > _MAX_FIELDS else ""
                title = f"{name[:_MAX_NAME]}: " if name else ""
                self._reading.say("schema", title + ", ".join(columns) + more, where)
        for modality, where in modalities.items():
            self._reading.say("modality", modality, where)

    def _kinds(self, node: dict[str, object]) -> Iterator[tuple[object, str]]:
        for one, where in self._doc.items(_own(self._doc, node, "dataType")[0], ""):
            yield (self._doc.ident(one) if isinstance(one, dict) else one), where

    def _column(self, field: dict[str, object], pointer: str, of: str, modalities: dict[str, str]) -> str:
        """Name a column with its type: ``title (Text)``; what it holds otherwise may be a modality."""
        title = self._doc.first(field, "sc:name", "cr:name", "name") or self._doc.ident(field) or ""
        kinds = [self._doc.key(kind).removeprefix("sc:") for kind, _ in self._kinds(field) if isinstance(kind, str)]
        for kind in kinds:
            if kind in _MODALITIES:
                modalities.setdefault(_MODALITIES[kind], pointer)
        title = title.removeprefix(f"{of}/") if of else title
        return title[:_MAX_NAME] + (f" ({local(kinds[0])[:_MAX_NAME]})" if kinds and title else "")

    def _splits(self, node: dict[str, object], pointer: str) -> None:
        """Say the splits that are listed in an enumeration: the text of the first column of each row."""
        value, key = _own(self._doc, node, "data")
        for one, where in values.pointed(value, f"{pointer}/{values.token(key)}"):
            for column, name in values.mapping(one).items():
                if isinstance(name, str) and "url" not in local(column).casefold():
                    self._reading.say("split", name, f"{where}/{values.token(column)}")
                    break
