"""Our own properties and citations → provenance. Strict: what they say has one meaning, or the document is refused."""

from __future__ import annotations

import re
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from sbom.cyclonedx import read_citations, spec
from sbom.cyclonedx.embedded import load, members
from sbom.cyclonedx.read_citations import entry_of
from sbom.cyclonedx.refusal import refuse
from sbom.provenance import (
    LIVE,
    MALFORMED,
    NOT_DECLARED,
    STATES,
    Declaration,
    Manifest,
    Provenance,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.model import FileEntry

Json = dict[str, Any]

#: Properties that a dataset, and a file, may have more than once.
OF_DATASET = read_citations.FIELDS | {
    spec.MANIFEST,
    spec.SOURCE,
    spec.UNKNOWN_FIELD,
    spec.DECLARED_ELSEWHERE,
    spec.CITATION,
}
OF_FILE = frozenset({spec.DECLARED, spec.SOURCE})

_TEXTS = [str] * 5
_STATES = {state: state for state in STATES}
_WITHOUT_HASH = frozenset({NOT_DECLARED, LIVE})
_DIGITS = re.compile(r"[0-9a-f]{8,256}").fullmatch
_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch
_MANIFEST = {
    "path": str, "reader": str, "version": str, "scope": str, "sha256": str, "inside": bool, "valid": bool,
}  # fmt: skip
_SOURCE = {
    "url": str, "manifest": str, "number": int, "pointer": str, "path": str, "digests": list, "size": int,
    "retrieved": str, "etag": str, "final-url": str,
}  # fmt: skip


class Collector:
    """Collects what a document says about provenance: first file by file, then of the dataset."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._sources: list[tuple[int, Source]] = []
        # Texts that thousands of declarations share are kept once.
        self._texts: dict[str, str] = {}

    def file(self, path: str, properties: Iterable[Json]) -> tuple[Declaration, ...]:
        """Read what is declared of a file, and keep where it comes from."""
        found: list[Declaration] = []
        for item in properties:
            name = item["name"]
            if name == spec.DECLARED:
                try:
                    parts = orjson.loads(item.get("value", ""))
                except orjson.JSONDecodeError:
                    parts = None
                found.append(self._declaration(parts, name, path))
            elif name == spec.SOURCE:
                self._sources.append(read_source(item.get("value", ""), path))
        return tuple(found)

    def _declaration(self, parts: object, name: str, where: str) -> Declaration:
        if not isinstance(parts, list) or [*map(type, parts)] != _TEXTS:
            refuse(f"the value of {name} is not a JSON array of texts, as many as it takes", where)
        state, algorithm, value, manifest, pointer = parts
        known = _STATES.get(state)
        if known is None:
            refuse(f"the state {state[:40]!r} in {name} is unknown", where)
        if known in _WITHOUT_HASH:
            if algorithm or value:
                refuse(f"{name} has a digest where its state says that none is declared", where)
        elif known != MALFORMED and (not algorithm or _DIGITS(value) is None):
            refuse(f"{name} has no algorithm or a digest that is not lower-case hexadecimal", where)
        if not manifest:
            refuse(f"{name} does not say which manifest declares it", where)
        self._counts[known] += 1
        texts = self._texts
        return Declaration(
            known, texts.setdefault(algorithm, algorithm), value, texts.setdefault(manifest, manifest), pointer
        )

    def finish(self, document: Json, values: dict[str, str], files: Sequence[FileEntry]) -> Provenance:
        """Read what is said of the whole dataset.

        :param values: its properties that are given once.
        :param files: the inventory, sorted.
        """
        properties: list[Json] = document["metadata"]["component"]["properties"]
        manifests: list[Manifest] = []
        elsewhere: list[tuple[str, Declaration]] = []
        unknown: list[str] = []
        for item in properties:
            name = item["name"]
            if name == spec.MANIFEST:
                manifests.append(_manifest(item.get("value", ""), files))
            elif name == spec.SOURCE:
                self._sources.append(read_source(item.get("value", ""), None))
            elif name == spec.DECLARED_ELSEWHERE:
                elsewhere.append(self._elsewhere(item.get("value", "")))
            elif name == spec.UNKNOWN_FIELD:
                unknown.append(item.get("value", ""))
            elif name.startswith(spec.FIELD) and name not in read_citations.FIELDS:
                refuse(f"{name[:80]!r} is not a provenance field")
        provenance = Provenance(
            tuple(manifests),
            tuple(read_citations.assertions(document, properties, manifests, files)),
            in_order(self._sources),
            tuple(elsewhere),
        )
        self._agree(provenance, values, unknown)
        return provenance

    def _elsewhere(self, text: str) -> tuple[str, Declaration]:
        parts = load(text)
        if not isinstance(parts, list) or not parts or not isinstance(parts[0], str):
            refuse(f"the value of {spec.DECLARED_ELSEWHERE} is not a JSON array that starts with a path")
        return parts[0], self._declaration(parts[1:], spec.DECLARED_ELSEWHERE, parts[0])

    def _agree(self, provenance: Provenance, values: dict[str, str], unknown: list[str]) -> None:
        """Refuse sums that are not those of what is listed, and fields that are said and unknown at once."""
        known = bool(provenance.assertions or provenance.sources)
        if values.get(spec.PROVENANCE) != (spec.ASSERTED if known else spec.UNKNOWN):
            refuse("it does not say rightly whether its provenance is known")
        stated = {name: value for name, value in values.items() if name.startswith(spec.DECLARED_COUNT)}
        if stated != {spec.DECLARED_COUNT + state: str(number) for state, number in self._counts.items()}:
            refuse("the stated numbers of declared hashes are not those of the declarations listed")
        if len(set(unknown)) != len(unknown) or not set(unknown) <= set(provenance.unknown()):
            refuse(f"{spec.UNKNOWN_FIELD} names no field, one that is known, or one twice")


def read_source(text: str, path: str | None) -> tuple[int, Source]:
    """Read a source, and its place among those that are written at different components.

    :param path: the file that it is written at; ``None`` for another component.
    """
    said = members(text, spec.SOURCE, _SOURCE, "url", "manifest", "number")
    digests: list[tuple[str, str]] = []
    for pair in said.get("digests", ()):
        if not isinstance(pair, list) or [*map(type, pair)] != [str, str] or _DIGITS(pair[1]) is None:
            refuse(f"a digest in {spec.SOURCE} is not a pair of algorithm and lower-case hexadecimal digits")
        digests.append((pair[0], pair[1]))
    if path is not None and "path" in said:
        refuse(f"{spec.SOURCE} of a file names a path", path)
    if said.get("size", 0) < 0:
        refuse(f"the size in {spec.SOURCE} is negative")
    source = Source(
        url=said["url"],
        manifest=said["manifest"],
        pointer=said.get("pointer", ""),
        path=said.get("path") if path is None else path,
        digests=tuple(digests),
        size=said.get("size"),
        retrieved=said.get("retrieved"),
        etag=said.get("etag"),
        final_url=said.get("final-url"),
    )
    return said["number"], source


def in_order(numbered: list[tuple[int, Source]]) -> tuple[Source, ...]:
    """Return sources by their numbers, which have to count them."""
    numbered.sort(key=itemgetter(0))
    if any(number != place for place, (number, _) in enumerate(numbered)):
        refuse(f"the numbers in {spec.SOURCE} do not count the sources")
    return tuple(source for _, source in numbered)


def _manifest(text: str, files: Sequence[FileEntry]) -> Manifest:
    said = members(text, spec.MANIFEST, _MANIFEST, "path", "reader")
    sha256: str | None = said.get("sha256")
    inside: bool = said.get("inside", True)
    if sha256 is not None:
        if _SHA256(sha256) is None:
            refuse(f"the digest in {spec.MANIFEST} is not a SHA-256", said["path"])
        entry = entry_of(files, said["path"]) if inside else None
        if entry is not None and entry.sha256 != sha256:
            refuse("the manifest that was read is not the file that is listed", said["path"])
    return Manifest(
        said["path"], said["reader"], said.get("version"), said.get("scope", ""), sha256, inside, said.get("valid")
    )
