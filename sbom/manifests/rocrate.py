"""RO-Crate: research data with its metadata in ``ro-crate-metadata.json`` (1.0: ``.jsonld``).

Specification: RO-Crate 1.3 (w3id.org/ro/crate/1.3), sections "Root Data Entity", "Data Entities", "Contextual Entities"
and "Provenance of entities"; 1.0 to 1.2 say the same in other places. Contexts are never fetched: their terms are
known.

A crate describes the directory that it lies in. Of a detached crate (``NAME-ro-crate-metadata.json``, section "Types of
RO-Crate"), which has no files of its own, only what stands on the web is read. A crate in a subdirectory is a manifest
of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import resources, values
from sbom.manifests.errors import ManifestError
from sbom.manifests.interface import FileReader
from sbom.manifests.jsonld import Document, local
from sbom.manifests.reading import MAX_VALUES
from sbom.manifests.resources import Resource
from sbom.manifests.schemaorg import Description, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_NAMES = ("ro-crate-metadata.json", "ro-crate-metadata.jsonld")
_DETACHED = "-ro-crate-metadata.json"
_VERSION = re.compile(
    r"https?://w3id\.org/ro/crate/([0-9]+\.[0-9]+(?:\.[0-9]+)?(?:-[A-Za-z0-9]{1,10})?)(?:/context)?/?"
)
_KNOWN = re.compile(r"1\.[0-3](?:\.[0-9]+)?(?:-.*)?")
_FILES = frozenset({"File", "MediaObject"})
_ACTIONS = frozenset({"CreateAction", "UpdateAction"})
#: Things of one action that are named.
_MAX_NAMED = 20
_MAX_NAME = 200


class ROCrate(FileReader):
    """Reads the root data entity, the files, and the actions that made them."""

    name = "rocrate"
    patterns = (*_NAMES, "*.json")

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # the name says it all
        """Take files with the specification's names."""
        base = path.rpartition("/")[2].lower()
        return base in _NAMES or base.endswith(_DETACHED)

    def further(self, path: str) -> bool:  # noqa: ARG002  # of no crate
        """Expect no digests: few crates have any."""
        return False

    def read(self, given: Given, reading: Reading) -> None:
        """Read a crate.

        :raises ManifestError: when it is not JSON, or has no root data entity.
        """
        _Crate(Document(given.json()), given, reading).read()


READER = ROCrate()


class _Crate:
    """Reads one crate."""

    def __init__(self, doc: Document, given: Given, reading: Reading) -> None:
        self._doc = doc
        self._given = given
        self._reading = reading
        self._detached = given.path.lower().endswith(_DETACHED)
        self._nodes: dict[str, tuple[dict[str, object], str]] = {}
        for node, pointer in doc.nodes():
            ident = doc.ident(node)
            if ident is not None and self._nodes.setdefault(ident, (node, pointer))[0] is not node:
                reading.problem(f"has the @id {ident[:_MAX_NAME]} twice; the first counts", pointer)

    def read(self) -> None:
        """Say, declare and name everything.

        :raises ManifestError: when there is no root data entity.
        """
        root = self._root()
        found = self._nodes.get(root)
        if found is None:
            raise ManifestError("has no root data entity")
        Description(self._doc, self._reading).read(*found)
        files = resources.Resources(self._given, self._reading)
        actions = 0
        for ident, (node, pointer) in self._nodes.items():
            kinds = self._doc.types(node)
            if kinds & _FILES:
                self._file(ident, node, pointer, files)
            elif kinds & _ACTIONS:
                actions += 1
                if actions <= MAX_VALUES + 1:  # one more, so that it is noticed
                    self._action(node, pointer)
            if "Dataset" in kinds:
                self._downloads(node, pointer, files)
        files.settle()

    def _root(self) -> str:
        """Find the ``@id`` of the root data entity: what the metadata descriptor is about."""
        for ident, (node, pointer) in self._nodes.items():
            if not local(ident).lower().endswith(_NAMES):
                continue
            value, key = self._doc.get(node, "sc:about", "about")
            about = next((one for one, _ in self._doc.items(value, "")), None)
            target = self._doc.ident(about) or (about if isinstance(about, str) else None)
            if target is not None and target != ident:
                self._version(node, pointer)
                if target not in self._nodes:
                    self._reading.problem("is about an entity that is not described", f"{pointer}/{values.token(key)}")
                return target
        self._reading.problem("has no metadata descriptor; ./ is taken for the root data entity")
        return next((ident for ident in ("./", ".", "") if ident in self._nodes), "./")

    def _version(self, descriptor: dict[str, object], pointer: str) -> None:
        value, key = self._doc.get(descriptor, "dct:conformsTo", "sc:conformsTo", "conformsTo")
        for one, where in self._doc.items(value, f"{pointer}/{values.token(key)}"):
            match = _VERSION.fullmatch(self._doc.ident(one) or values.text(self._doc.scalar(one)) or "")
            if match is not None:
                self._reading.version = match[1]
                if not _KNOWN.fullmatch(match[1]):
                    self._reading.problem(
                        f"version {match[1]} of RO-Crate is not known; read as far as it is understood", where
                    )

    def _file(self, ident: str, node: dict[str, object], pointer: str, files: resources.Resources) -> None:
        """Take a File: its ``@id`` is its path, percent-encoded, or its address ("Data Entities")."""
        size = resources.size(self._doc.first(node, "sc:contentSize", "contentSize"))
        hashes = tuple(resources.digests_of(self._doc, node, pointer))
        where = f"{pointer}/{values.token(self._doc.get(node, '@id')[1])}"
        if resources.remote(ident):
            files.add(Resource(ident, where, self._names(node), hashes, size))
            return
        if self._detached or ident.startswith("#"):
            if hashes:
                self._reading.problem(
                    "a digest of what is no file of this dataset; it is compared with nothing", pointer
                )
            self._addresses(node, pointer, files, ())
            return
        path = files.path(ident)
        files.add(Resource(ident, where, (), hashes, size))
        for one, place in self._links(node, pointer):
            if path:
                self._reading.source(one, place, path=path)

    def _names(self, node: dict[str, object]) -> tuple[str, ...]:
        """Return what a file on the web is called here: ``localPath`` (1.2), ``alternateName``, its name."""
        found = (self._doc.first(node, f"sc:{key}", key) for key in ("localPath", "alternateName", "name"))
        return tuple(one for one in found if one)

    def _links(self, node: dict[str, object], pointer: str) -> Iterator[tuple[str, str]]:
        """Yield where a file can be downloaded from."""
        value, key = self._doc.get(node, "sc:contentUrl", "contentUrl")
        for one, where in self._doc.items(value, f"{pointer}/{values.token(key)}"):
            url = values.url(self._doc.ident(one) or self._doc.scalar(one))
            if url is not None:
                yield url, where

    def _addresses(
        self, node: dict[str, object], pointer: str, files: resources.Resources, hashes: tuple[resources.Digest, ...]
    ) -> None:
        for url, where in self._links(node, pointer):
            files.add(Resource(url, where, self._names(node), hashes))

    def _downloads(self, node: dict[str, object], pointer: str, files: resources.Resources) -> None:
        """Take what a directory on the web, or the whole crate, can be downloaded as (``distribution``)."""
        value, key = self._doc.get(node, "sc:distribution", "distribution")
        for one, place in self._doc.items(value, f"{pointer}/{values.token(key)}"):
            download, where = self._doc.locate(one, place)
            hashes = tuple(resources.digests_of(self._doc, download, where))
            url = values.url(self._doc.ident(one))
            if url is not None:
                files.add(Resource(url, place, (), hashes))
            else:
                self._addresses(download, where, files, hashes)

    def _action(self, node: dict[str, object], pointer: str) -> None:
        """Put what was done into words: ``NAME: instrument, object → result (by AGENT; time)``."""
        doc = self._doc
        instruments = self._named(node, "instrument")
        done = ", ".join([*instruments, *self._named(node, "object")])
        results = ", ".join(self._named(node, "result"))
        agents = [
            who
            for one, _ in doc.some(doc.get(node, "sc:agent", "agent")[0], "")
            if (who := person(doc, one)) is not None
        ]
        times = [doc.first(node, f"sc:{key}", key) for key in ("startTime", "endTime")]
        when = " to ".join(one for one in times if one)
        by = "; ".join(part for part in (f"by {', '.join(agents[:_MAX_NAMED])}" if agents else "", when) if part)
        steps = " → ".join(part for part in (done, results) if part)
        name = doc.first(node, "sc:name", "name")
        words = ": ".join(part for part in (name, steps) if part) + (f" ({by})" if by else "")
        self._reading.say("preprocessing", words, pointer)
        for instrument in instruments:
            self._reading.say("tool", instrument, pointer)
        for agent in agents:
            self._reading.say("contributor", agent, pointer)

    def _named(self, node: dict[str, object], key: str) -> list[str]:
        found = [self._doc.text(one) for one, _ in self._doc.some(self._doc.get(node, f"sc:{key}", key)[0], "")]
        named = [one[:_MAX_NAME] for one in found if one]
        return [*named[:_MAX_NAMED], *([f"{len(named) - _MAX_NAMED} more"] if len(named) > _MAX_NAMED else [])]
