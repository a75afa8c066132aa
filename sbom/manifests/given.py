"""What readers are given: bounded bytes of manifests, and the inventory around them, read without following links."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from bisect import bisect_left
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sbom import names
from sbom.errors import UnstableError, UsageError
from sbom.inventory import files
from sbom.inventory.walk import relative
from sbom.manifests.errors import ManifestError
from sbom.manifests.interface import MAX_SIZE, Given

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import BufferedReader

    from sbom.inventory.walk import Node, Place

_CHUNK = 1 << 20


class Inventory:
    """The files that a walk found, and how to read a few of them."""

    def __init__(self, root_fd: int, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self._opener = files.Opener(root_fd)
        self._ordered: list[str] | None = None

    def below(self, directory: str) -> Iterator[str]:
        """Yield the files below a directory in order; ``""`` is the root."""
        if self._ordered is None:
            self._ordered = sorted(self.nodes)
        prefix = f"{directory}/" if directory else ""
        for index in range(bisect_left(self._ordered, prefix), len(self._ordered)):
            if not self._ordered[index].startswith(prefix):
                return
            yield self._ordered[index]

    def read(self, path: str, limit: int, *, whole: bool = True) -> bytes:
        """Read a file, at most ``limit`` bytes.

        :param whole: a larger file is an error; else its beginning is returned.
        :raises ManifestError: when it is not there, larger, or unreadable.
        :raises UnstableError: when it is not what the walk saw.
        """
        node = self.nodes.get(path)
        if node is None:
            raise ManifestError("is not a file of the dataset")
        if whole and node.size > limit:
            raise ManifestError(f"has {node.size:,} bytes; at most {limit:,} are read")
        try:
            with self.opened(path) as fd:
                data = _read(fd, min(limit, node.size))
        except OSError as error:
            raise ManifestError(f"cannot be read: {error.strerror}") from error
        if len(data) < min(limit, node.size):
            raise UnstableError("changed while it was read", path=path, hint="let writers finish first")
        return data

    @contextmanager
    def opened(self, path: str) -> Iterator[int]:
        """Open a file of the inventory to read it.

        :raises UnstableError: when it is not what the walk saw, before or after.
        :raises OSError: when it cannot be opened.
        """
        node = self.nodes[path]
        fd = self._opener.open(node.target)
        try:
            _insist(fd, node, "before")
            yield fd
            _insist(fd, node, "while")
        finally:
            os.close(fd)

    def close(self) -> None:
        """Let go of the directory that is kept open."""
        self._opener.close()


class Opened(Given):
    """A manifest that the crawl has at hand: what one inside the dataset and one outside have in common.

    :param directory: relative to the root; of one outside, it starts with ``..``.
    """

    inside: bool

    def sha256(self) -> str | None:  # one outside overrides it
        """Return the SHA-256 (hex) of one that hashing does not meet; else ``None``."""
        return None

    def __init__(self, place: Place, inventory: Inventory, path: str, directory: str) -> None:
        self._inventory = inventory
        self._root = place.root
        self.path = path
        self.directory = directory
        self.root_name = os.path.basename(place.root)
        self._scope = ""
        self._regular = bool(directory) and names.refusal(directory) is None

    def speaks_for(self, scope: str) -> None:
        """Say which directory it speaks for: nothing above it resolves."""
        self._scope = scope

    def other(self, path: str, limit: int = MAX_SIZE) -> bytes:
        """Read another file of the inventory."""
        try:
            return self._inventory.read(path, limit)
        except ManifestError as error:
            raise ManifestError(f"{path}: {error}") from error

    def exists(self, path: str) -> bool:
        """Look a file up."""
        return path in self._inventory.nodes

    def size(self, path: str) -> int | None:
        """Look a size up."""
        node = self._inventory.nodes.get(path)
        return None if node is None else node.size

    def below(self, directory: str) -> Iterator[str]:
        """Pass on to the inventory."""
        return self._inventory.below(directory)

    def link(self, path: str) -> str | None:
        """Follow a link that stays inside."""
        node = self._inventory.nodes.get(path)
        if node is None or node.link is None or node.target.startswith("/"):
            return None
        return node.target

    def resolve(self, text: object, base: str | None = None) -> str | None:
        """Join, normalise, and stay inside what the manifest speaks for."""
        if not isinstance(text, str):
            return None
        start = self.directory if base is None else base
        path = f"{start}/{text}" if start else text
        # What is in front of it is in normal form already: a long directory is not looked at for each of its files.
        if names.refusal(text if base is None and self._regular else path) is not None:
            normal = self._normal(text, path)
            if normal is None:
                return None
            path = normal
        scope = self._scope
        return path if not scope or path == scope or path.startswith(f"{scope}/") else None

    def _normal(self, text: str, path: str) -> str | None:
        """Return the normal form of a path that has ``.`` or ``..`` segments; ``""`` is the root."""
        if not text or text.startswith("/") or "\\" in text:
            return None
        inner = posixpath.relpath(posixpath.normpath(f"{self._root}/{path}"), self._root)
        if inner == ".":
            return ""
        return inner if names.refusal(inner) is None else None


class Inside(Opened):
    """A manifest that is a file of the inventory."""

    inside = True

    def __init__(self, place: Place, inventory: Inventory, path: str) -> None:
        super().__init__(place, inventory, path, path.rpartition("/")[0])

    def data(self, limit: int = MAX_SIZE) -> bytes:
        """Read the whole manifest."""
        return self._inventory.read(self.path, limit)

    def head(self, limit: int) -> bytes:
        """Read its beginning."""
        return self._inventory.read(self.path, limit, whole=False)


class Outside(Opened):
    """A manifest that the caller names, elsewhere. It speaks for the whole dataset.

    It is called by its path from the dataset's root: no file of the inventory has that name, and it is the same on all
    machines.
    """

    inside = False

    def __init__(self, place: Place, inventory: Inventory, path: str) -> None:
        try:
            real = os.path.relpath(os.path.realpath(path), place.root)
            above = os.path.relpath(os.path.realpath(os.path.dirname(path)), place.root)
        except ValueError as error:
            raise UsageError("is not a path: it holds a NUL", path=path, hint="correct --manifest") from error
        # It lies where it is, and is called what the caller calls it: formats are known by names.
        name = os.path.normpath(os.path.join(above, os.path.basename(path)))
        super().__init__(place, inventory, name, os.path.dirname(real))
        self._file = path
        self._state: files.State | None = None

    def data(self, limit: int = MAX_SIZE) -> bytes:
        """Read the whole manifest."""
        found = self.head(limit + 1)
        if len(found) > limit:
            raise ManifestError(f"is larger than {limit:,} bytes")
        return found

    def head(self, limit: int) -> bytes:
        """Read its beginning."""
        with self._opened() as stream:
            return stream.read(limit)

    def sha256(self) -> str:
        """Return the SHA-256 (hex) of the whole file."""
        with self._opened() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @contextmanager
    def _opened(self) -> Iterator[BufferedReader]:
        try:
            with open(self._file, "rb", opener=_without_waiting) as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise UsageError("is not a regular file", path=self._file, hint="correct --manifest")
                self._insist(stream)
                yield stream
                self._insist(stream)
        except OSError as error:
            raise UsageError(f"cannot be read: {error.strerror}", path=self._file, hint="correct --manifest") from error

    def _insist(self, stream: BufferedReader) -> None:
        """Make sure that what is hashed is what was read."""
        state = files.state_of(os.fstat(stream.fileno()))
        if self._state not in {None, state}:
            raise UnstableError("changed while it was read", path=self.path, hint="let writers finish first")
        self._state = state


def named(place: Place, inventory: Inventory, path: str) -> Opened:
    """Open a manifest that the caller names: as a file of the inventory where it is one."""
    inner = relative(place, path)
    if inner is not None and inner in inventory.nodes:
        return Inside(place, inventory, inner)
    return Outside(place, inventory, path)


def _without_waiting(path: str, flags: int) -> int:
    """Open what may be a named pipe."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _read(fd: int, limit: int) -> bytes:
    parts: list[bytes] = []
    room = limit
    while room > 0 and (part := os.read(fd, min(room, _CHUNK))):
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _insist(fd: int, node: Node, when: str) -> None:
    if files.state_of(os.fstat(fd)) != node.state:
        raise UnstableError(f"changed {when} it was read", path=node.path, hint="let writers finish first")
