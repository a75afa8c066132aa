"""Croissant's distribution: FileObjects, FileSets, and what contains what (sections "FileObject" and "FileSet").

There may be tens of thousands of FileObjects, and nearly all are written alike: what the keys of an object mean is
looked up once for all objects with the same keys.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sbom.manifests import resources, values
from sbom.manifests.jsonld import local
from sbom.manifests.resources import ALGORITHMS, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.jsonld import Document
    from sbom.manifests.reading import Reading
    from sbom.manifests.schemaorg import Description

FILE = frozenset({"cr:FileObject", "FileObject"})
FILE_SET = frozenset({"cr:FileSet", "FileSet"})
_PLAIN = ("cr:FileObject", "FileObject", "sc:FileObject")
#: Archives within archives.
_MAX_NESTING = 16
_MAX_SHAPES = 10_000
_MAX_NAME = 200
_REPOSITORY = re.compile(r"(?i)git(?:\+[a-z+]*)?|[a-z]+/(?:x-)?(?:git|directory)")
_DIGESTS = tuple((name, ALGORITHMS[name]) for name in ("sha256", "md5"))


class _Shape(NamedTuple):
    """The keys of an object.

    :param keys: property → key as written, and its reference token.
    :param prov: such keys of PROV-O.
    """

    keys: dict[str, tuple[str, str]]
    prov: tuple[tuple[str, str, str], ...]
    digests: tuple[tuple[str, str, str], ...]


class _Item(NamedTuple):
    """A FileObject or FileSet."""

    node: dict[str, object]
    pointer: str
    shape: _Shape
    names: tuple[str, ...]


class Distribution:
    """Reads the distribution of one dataset."""

    def __init__(
        self,
        doc: Document,
        given: Given,
        reading: Reading,
        files: resources.Resources,
        description: Description,
    ) -> None:
        self._doc = doc
        self._given = given
        self._reading = reading
        self._files = files
        self._description = description
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        #: By ``@id`` and by name: until 1.0, references are names.
        self._items: dict[str, _Item] = {}
        #: What an archive is called in the dataset; empty for directories, ``None`` where that is unknown.
        self._called: dict[str, str | None] = {}

    def read(self, value: object, pointer: str) -> None:
        """Read everything, and settle what each file is."""
        found: list[_Item] = []
        for one, where in values.pointed(value, pointer):
            if isinstance(one, dict) and len(one) > 1 and "@set" not in one and "@list" not in one:
                found.append(self._item(one, where))
                continue
            for inner, place in self._doc.items(one, where):  # a reference, a list, or nothing of use
                node, there = self._doc.locate(inner, place) if isinstance(inner, dict) else ({}, place)
                if node:
                    found.append(self._item(node, there))
                else:
                    self._reading.problem(f"a FileObject is {values.kind(inner)}, not an object", place)
        for item in found:
            for name in item.names:
                self._items.setdefault(name, item)
        for item in found:
            if not self._plain(item) and not self._is(item, FILE_SET):
                self._file(item)
            for name, raw, token in item.shape.prov:
                title = (item.names[0] if item.names else local(item.pointer))[:_MAX_NAME]
                self._description.prov(name, item.node[raw], f"{item.pointer}/{token}", prefix=f"{title}: ")
        self._files.settle()

    def _item(self, node: dict[str, object], pointer: str) -> _Item:
        shape = self._shape(node)
        ident = self._doc.ident(node)
        name = node[shape.keys["name"][0]] if "name" in shape.keys else None
        if name is not None and not isinstance(name, str):
            name = self._doc.text(name)
        if name and ident and name != ident:
            return _Item(node, pointer, shape, (ident, name))
        only = ident or name
        return _Item(node, pointer, shape, (only,) if only else ())

    def _shape(self, node: dict[str, object]) -> _Shape:
        written = tuple(node)
        shape = self._shapes.get(written)
        if shape is not None:
            return shape
        keys: dict[str, tuple[str, str]] = {}
        prov: list[tuple[str, str, str]] = []
        for raw in written:
            prefix, _, name = self._doc.key(raw).rpartition(":")
            if prefix == "prov":
                prov.append((name, raw, values.token(raw)))
            elif prefix in {"sc", "cr", ""}:
                keys.setdefault(name, (raw, values.token(raw)))
        shape = _Shape(
            keys,
            tuple(prov),
            tuple((algorithm, *keys[name]) for name, algorithm in _DIGESTS if name in keys),
        )
        if len(self._shapes) < _MAX_SHAPES:
            self._shapes[written] = shape
        return shape

    def _is(self, item: _Item, kinds: frozenset[str]) -> bool:
        """Tell whether it is of one of these types."""
        raw = item.shape.keys.get("@type")
        kind = None if raw is None else item.node[raw[0]]
        if isinstance(kind, str):
            return self._doc.key(kind).removeprefix("sc:") in kinds
        return not kinds.isdisjoint(self._doc.types(item.node))

    def _all(self, item: _Item, name: str) -> Iterator[tuple[object, str]]:
        """Yield the single values of a property, and their pointers."""
        key = item.shape.keys.get(name)
        if key is not None:
            yield from self._doc.items(item.node[key[0]], f"{item.pointer}/{key[1]}")

    def _first(self, item: _Item, name: str) -> object:
        """Return the first value of a property: nearly always a text."""
        key = item.shape.keys.get(name)
        value = None if key is None else item.node[key[0]]
        if value is None or isinstance(value, str):
            return value
        one = next((one for one, _ in self._all(item, name)), None)
        return self._doc.scalar(one) if isinstance(one, dict) and "@value" in one else one

    def _plain(self, item: _Item) -> bool:
        """Take what nearly every FileObject is: a file that is here by its own path, with one digest in one text.

        There may be 100,000 of them. Whatever is not exactly that is left to :meth:`_file`, which does the same to it.
        """
        node, (keys, _, digests) = item.node, item.shape
        if node.get("@type") not in _PLAIN or len(digests) != 1 or "containedIn" in keys or "contentUrl" not in keys:
            return False
        algorithm, raw, token = digests[0]
        key, place = keys["contentUrl"]
        url, value = node[key], node[raw]
        if not isinstance(url, str) or not isinstance(value, str) or not value or ":" in url or url != url.strip():
            return False
        path = f"{self._given.directory}/{url}" if self._given.directory else url
        if not self._given.exists(path):
            return False
        length = resources.size(self._first(item, "contentSize"))
        digest = (algorithm, value, f"{item.pointer}/{token}")
        self._files.here(path, Resource(url, f"{item.pointer}/{place}", item.names, (digest,), length))
        return True

    def _file(self, item: _Item) -> None:
        """Take a FileObject."""
        hashes = self._digests(item)
        url = self._first(item, "contentUrl")
        if isinstance(url, dict):
            url = self._doc.ident(url)
        key = item.shape.keys.get("contentUrl")
        pointer = item.pointer if key is None else f"{item.pointer}/{key[1]}"
        if not isinstance(url, str) or not (url := url.strip()):
            url = next((one for one in item.names if not resources.remote(one)), "") if hashes else ""
            if not url:
                self._reading.problem("a FileObject without contentUrl", pointer)
                return
        container = None
        if "containedIn" in item.shape.keys and (holder := self._holder(item)) is not None:
            container = self._container(holder)
            if container is None:
                if hashes:
                    self._reading.problem(
                        "is contained in what is not described, or in itself; its digest is compared with nothing",
                        item.pointer,
                    )
                return
            if not container:  # in a directory or repository: here only where the file is really here
                path = self._files.path(url)
                if resources.remote(url) or not path or not self._given.exists(path):
                    return
                container = None
        length = resources.size(self._first(item, "contentSize"))
        self._files.add(Resource(url, pointer, item.names, hashes, length, container, not self._is_repository(item)))

    def _digests(self, item: _Item) -> tuple[resources.Digest, ...]:
        found: list[resources.Digest] = []
        for algorithm, raw, token in item.shape.digests:
            value = item.node[raw]
            pointer = f"{item.pointer}/{token}"
            if isinstance(value, str):
                if value:
                    found.append((algorithm, value, pointer))
                continue
            for one, where in self._doc.items(value, pointer):
                plain = self._doc.scalar(one) if isinstance(one, dict) and "@value" in one else one
                if plain not in {"", None} if isinstance(plain, str) else True:
                    found.append((algorithm, plain, where))
        return tuple(found)

    def _is_repository(self, item: _Item) -> bool:
        key = item.shape.keys.get("encodingFormat")
        kind = None if key is None else item.node[key[0]]
        if isinstance(kind, str):
            return _REPOSITORY.fullmatch(kind) is not None
        return any(isinstance(one, str) and _REPOSITORY.fullmatch(one) for one, _ in self._all(item, "encodingFormat"))

    def _holder(self, item: _Item) -> str | None:
        """Return the ``@id`` or name of what holds a resource: the first, where it is in several; ``None``: nothing."""
        one = self._first(item, "containedIn")
        if one is None or isinstance(one, str):
            return one
        node = values.mapping(one)
        for name in ("fileObject", "fileSet"):  # a DataSource: what it takes the data from
            source = self._doc.get(node, f"cr:{name}", f"sc:{name}", name)[0]
            if source is not None:
                return self._doc.ident(source) or values.text(source) or ""
        return self._doc.ident(node) or ""

    def _container(self, holder: str) -> str | None:
        """Return what an archive is called; of one in another archive, with that before it."""
        chain: list[str] = []
        step: str | None = holder
        while step is not None and step not in self._called:
            if len(chain) >= _MAX_NESTING:
                self._reading.problem(f"{step[:_MAX_NAME]} is contained in itself, or too deep in others")
                self._called.update(dict.fromkeys(chain))
                return None
            chain.append(step)
            outer = self._items.get(step)
            step = None if outer is None else self._holder(outer)
        for name in reversed(chain):
            self._called[name] = self._call(name)
        return self._called[holder]

    def _call(self, name: str) -> str | None:
        item = self._items.get(name)
        if item is None:
            return None
        if self._is_repository(item):
            return ""
        holder = self._holder(item)
        outer = "" if holder is None else self._called.get(holder)
        if outer is None:
            return None
        if self._is(item, FILE_SET):
            return outer
        address = self._first(item, "contentUrl")
        if not isinstance(address, str) or not address:
            address = name
        if resources.remote(address):
            address = address.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
        return f"{outer}/{address}" if outer else address
