"""Digests of what lies in the workspace: files of the dataset from its inventory, others by reading them once."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Self

from sbom.errors import UnstableError
from sbom.inventory import files
from sbom.transformation import inside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.model import FileEntry
    from sbom.transformation import Edge, Script

_CHUNK = 1 << 20


class Digests:
    """What files of the workspace hold now. A context manager.

    :param workspace: its directory.
    :param prefix: where the dataset lies in it.
    :param inventory: the dataset's files by path.
    """

    def __init__(self, workspace: str, prefix: str, inventory: Mapping[str, FileEntry]) -> None:
        self._workspace = workspace
        self._prefix = prefix
        self._inventory = inventory
        self._known: dict[str, tuple[str, int] | None] = {}

    def __enter__(self) -> Self:
        """Hold the workspace open."""
        self._root_fd = files.open_root(self._workspace)
        self._opener = files.Opener(self._root_fd)
        return self

    def __exit__(self, *_: object) -> None:
        """Let it go."""
        self._opener.close()
        os.close(self._root_fd)

    def of(self, name: str) -> tuple[str, int] | None:
        """Return SHA-256 (hex) and size (bytes) of a file; ``None`` where there is none that can be read.

        :raises UnstableError: when it changes meanwhile.
        """
        path = inside(self._prefix, name)
        entry = None if path is None else self._inventory.get(path)
        if entry is not None:
            return entry.sha256, entry.size
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> tuple[str, int] | None:
        try:
            fd = self._opener.open(name)
        except OSError:
            # Not here, or behind a link: then nobody knows what it held.
            return None
        before = os.fstat(fd)
        if not stat.S_ISREG(before.st_mode):
            os.close(fd)
            return None
        with os.fdopen(fd, "rb", buffering=0) as stream:
            hasher, size = hashlib.sha256(), 0
            while part := stream.read(_CHUNK):
                hasher.update(part)
                size += len(part)
            if files.state_of(os.fstat(fd)) != files.state_of(before) or size != before.st_size:
                raise UnstableError("changed while it was read", path=name, hint="let writers finish first")
        return hasher.hexdigest(), size

    def edge(self, edge: Edge) -> Edge:
        """Fill in the digest of an edge that has none."""
        if edge.sha256 is not None or not edge.is_file:
            return edge
        found = self.of(edge.name)
        return edge if found is None else edge._replace(sha256=found[0], size=found[1])

    def script(self, script: Script) -> Script:
        """Fill in the digest of a script that has none."""
        found = self.of(script.name) if script.sha256 is None else None
        return script if found is None else script._replace(sha256=found[0], size=found[1])
