"""What a dataset is: frozen value types without I/O.

Imports nothing of ours but :mod:`sbom.provenance` and :mod:`sbom.transformation`.

Sizes are bytes, digests are lower-case hexadecimal, times are RFC 3339 strings in UTC, paths are POSIX paths relative
to the dataset's root.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sbom.provenance import Declaration, Provenance
from sbom.transformation import Lineage

#: The algorithm that every entry has and that the Merkle tree is made of.
SHA256 = "SHA-256"


class TableStats(NamedTuple):
    """The shape of a table: ``rows`` and ``columns``; ``None`` is unknown."""

    rows: int | None
    columns: int | None


class FileEntry(NamedTuple):
    """One file of an inventory.

    :param path: name relative to the root.
    :param size: bytes.
    :param digests: ``(CycloneDX algorithm name, hex)`` pairs; SHA-256 is always among them, first.
    :param link: the text of the symlink that this entry is, else ``None``; size and digests are then the target's.
    :param media_type: lower case, without parameters.
    :param stats: rows and columns of a table; ``None`` where it is not one or nobody counted.
    :param declared: what manifests declare of it, and what became of that.
    """

    path: str
    size: int
    digests: tuple[tuple[str, str], ...]
    link: str | None = None
    media_type: str | None = None
    stats: TableStats | None = None
    declared: tuple[Declaration, ...] = ()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the content."""
        for name, value in self.digests:
            if name == SHA256:
                return value
        msg = f"{self.path}: an entry without SHA-256"
        raise ValueError(msg)


class ReleaseLink(NamedTuple):
    """A release named by another one: BOM-Link parts, and the SHA-256 of the exact published bytes."""

    serial_number: str
    version: int
    sha256: str
    name: str
    release: str | None


@dataclass(frozen=True, slots=True)
class GitState:
    """What ``.git`` says, read as text: the commit (hex) and the branch, each ``None`` where unknown."""

    commit: str | None
    branch: str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files an inventory was limited to; ``left_out`` tells whether a rule applied to anything."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset as a document describes it.

    :param files: the inventory, sorted by the UTF-8 bytes of the paths.
    :param root: Merkle root of the inventory, the dataset's identity.
    :param symlinks_followed: links that leave the dataset were followed when it was described.
    """

    name: str
    version: str | None
    files: tuple[FileEntry, ...]
    root: str
    selection: Selection = Selection()
    previous: ReleaseLink | None = None
    git: GitState | None = None
    symlinks_followed: bool = False
    provenance: Provenance = Provenance()  # noqa: RUF009  # frozen
    lineage: Lineage = Lineage()  # noqa: RUF009  # frozen

    @property
    def total_size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files)
