"""What a reader of a manifest format is, and what it is given; :mod:`sbom.manifests.reading` is what it collects.

A reader is a module-level object or class instance that satisfies :class:`Reader`, registered in
:mod:`sbom.manifests.registry`, or by another distribution under the entry point group ``data_sbom.manifests``.

Input is hostile. A reader never opens a file by itself: it asks :class:`Given`, which reads bounded bytes of files of
the inventory only. It raises nothing but :class:`sbom.manifests.errors.ManifestError`; whatever it cannot use it
reports as a problem, and goes on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from sbom.manifests import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.reading import Reading

#: Bytes of one manifest that are read at most.
MAX_SIZE = 128 << 20


class Given(ABC):
    """A manifest as a reader sees it: its bytes, and the inventory around it. Implemented by the crawl."""

    #: Relative to the dataset's root.
    path: str
    #: The directory that it is in, relative to the root, without a trailing slash; ``""`` is the root.
    directory: str
    #: Name of the dataset's root directory, for formats that are recognised by it.
    root_name: str

    @abstractmethod
    def data(self, limit: int = MAX_SIZE) -> bytes:
        """Return the manifest's bytes.

        :param limit: bytes at most.
        :raises ManifestError: when it is larger, or cannot be read.
        """

    @abstractmethod
    def head(self, limit: int) -> bytes:
        """Return the first ``limit`` bytes.

        :raises ManifestError: when it cannot be read.
        """

    @abstractmethod
    def other(self, path: str, limit: int = MAX_SIZE) -> bytes:
        """Return the bytes of another file of the inventory, by its path relative to the root.

        :raises ManifestError: when there is no such file, it is larger, or cannot be read.
        """

    @abstractmethod
    def exists(self, path: str) -> bool:
        """Tell whether there is such a file in the inventory (path relative to the root)."""

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Return the bytes of a file of the inventory, or ``None`` where there is none."""

    @abstractmethod
    def below(self, directory: str) -> Iterator[str]:
        """Yield every file of the inventory below a directory, in order of their paths."""

    @abstractmethod
    def link(self, path: str) -> str | None:
        """Return the path, relative to the root, of the file that a symlink leads to, else ``None``."""

    @abstractmethod
    def resolve(self, text: object, base: str | None = None) -> str | None:
        """Return the path, relative to the dataset's root, that a manifest means.

        :param text: as written in the manifest, relative to ``base``.
        :param base: directory relative to the root; default: the manifest's own.
        :return: normal form; ``None`` when it is no path, absolute, or leaves what the manifest speaks for.
        """

    def json(self, limit: int = MAX_SIZE) -> object:
        """Parse the manifest as one JSON value.

        :raises ManifestError: when it is not JSON.
        """
        return values.json(self.data(limit))

    def yaml(self, limit: int = 16 << 20) -> object:
        """Parse the manifest as one YAML document: dicts, lists, texts and ``None`` only (every scalar stays a text).

        :raises ManifestError: when it is not YAML, or holds object tags.
        """
        from sbom.manifests import yamltext  # noqa: PLC0415  # only where there is YAML

        return yamltext.load(self.data(limit))

    def text(self, limit: int = MAX_SIZE) -> str:
        """Return the manifest as text.

        :raises ManifestError: when it is not UTF-8.
        """
        return values.decode(self.data(limit))


class Reader(Protocol):
    """Reads one format.

    :param name: lower case, without spaces: how the format is called in documents and reports.
    :param patterns: names of files that may be manifests of this format, in lower case, each of one of these forms:
        ``dvc.lock`` (exactly this name), ``*.dvc`` (this last suffix), ``_delta_log/*`` (any file in a directory of
        this name).
    """

    name: str
    patterns: tuple[str, ...]

    def accepts(self, path: str, head: bytes) -> bool:
        """Tell whether a file with a fitting name is of this format.

        The first reader in order of precedence that accepts a file reads it.

        :param path: relative to the root.
        :param head: its first 64 KiB.
        """

    def scope(self, path: str) -> str:
        """Return the directory that a manifest at ``path`` speaks for."""

    def further(self, path: str) -> bool:
        """Tell whether a manifest at ``path`` is likely to declare other digests than SHA-256.

        Files then wait until it has been read. Where it does so unexpectedly, they are read a second time.
        """

    def read(self, given: Given, reading: Reading) -> None:
        """Read a manifest.

        :raises ManifestError: when nothing more can be read; what was collected before counts.
        :raises OtherFormatError: when it turns out to be of another format.
        """


class FileReader:
    """What most readers have in common: they trust the name, and speak for the directory that they lie in."""

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # meant to be overridden
        """Take every file with a fitting name."""
        return True

    def scope(self, path: str) -> str:
        """Return the manifest's own directory."""
        return path.rpartition("/")[0]

    def further(self, path: str) -> bool:  # noqa: ARG002  # meant to be overridden
        """Expect any digest."""
        return True
