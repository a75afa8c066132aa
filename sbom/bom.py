"""A data SBOM in memory: read, signed, written. Exported by :mod:`sbom` as ``Bom``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from sbom import output as outputs
from sbom.cyclonedx import document as documents
from sbom.cyclonedx import read as reader
from sbom.cyclonedx import references, schema, write
from sbom.cyclonedx.canonical import canonical
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import DocumentError, LimitError, UsageError
from sbom.inventory import walk
from sbom.signing import jsf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.model import Dataset
    from sbom.signing.interface import Signer

    Path = str | os.PathLike[str]


class Bom:
    """A data SBOM in memory: the document, and the dataset that it describes."""

    def __init__(
        self,
        tree: dict[str, object],
        dataset: Dataset,
        *,
        place: walk.Place | None = None,
        sha256: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._tree = tree
        self._dataset = dataset
        self._place = place
        self._sha256 = sha256
        #: What a person should know about how it was made.
        self.warnings: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path, *, limits: Limits | None = None) -> Bom:
        """Read a document. Its form is checked; its signatures and the data are not: that is :func:`verify`.

        :param path: file, or ``-`` for standard input.
        :raises Error: when it is not a data SBOM.
        """
        document = documents.load(os.fspath(path), limits)
        for pointer, message in schema.problems(document.tree):
            raise DocumentError(f"is not valid CycloneDX: {pointer} {message}", path=document.path)
        for problem in references.problems(document.tree):
            raise DocumentError(f"has {problem}", path=document.path)
        try:
            dataset = reader.read(cast("dict[str, Any]", document.tree))
            return cls(document.tree, dataset, sha256=document.sha256, limits=limits)
        except DocumentError as error:
            raise DocumentError(error.message, path=document.path, hint=error.hint) from error

    @property
    def document(self) -> dict[str, object]:
        """The document as JSON values. Changing it invalidates its signatures."""
        return self._tree

    @property
    def dataset(self) -> Dataset:
        """The dataset that the document describes."""
        return self._dataset

    @property
    def root(self) -> str:
        """The Merkle root (hex): the dataset's identity."""
        return self._dataset.root

    @property
    def sha256(self) -> str | None:
        """SHA-256 (hex) of the exact bytes that it was read from; ``None`` when it was made here or signed since."""
        return self._sha256

    def sign(self, key: Signer, *, chain: Sequence[bytes] = ()) -> bool:
        """Add a signature (JSF 0.82, form ``signers``); earlier ones stay valid.

        :param chain: certificates (DER), that of the key first: they are embedded in place of the key.
        :return: ``False`` when this key had signed already and nothing was added.
        :raises SignatureError: when the document was changed after somebody signed it.
        """
        signer = key
        if chain:
            from sbom.signing.certificates import certify  # noqa: PLC0415  # only where there are certificates

            signer = certify(key, chain)
        added = jsf.add(self._tree, signer, canonical)
        self._tree = dict(added.document)
        if added.added:
            self._sha256 = None
        return added.added

    def to_bytes(self) -> bytes:
        """Return the document as it is written to files.

        :raises LimitError: when it is larger than what is read again.
        """
        data = write.serialize(self._tree)
        if len(data) > self._limits.size:
            raise LimitError(
                f"the document would have {len(data):,} bytes; more than {self._limits.size:,} are not read",
                hint="describe parts of the dataset one by one, or raise the limit through the Python API",
            )
        return data

    def write(self, path: Path) -> None:
        """Write the document atomically.

        :raises UsageError: when ``path`` is a file of the dataset, a link or no regular file.
        :raises OutputError: when it cannot be written.
        """
        target = os.fspath(path)
        if self._place is not None:
            inner = walk.relative(self._place, target)
            if inner is not None and any(entry.path == inner for entry in self._dataset.files):
                raise UsageError("is a file of the dataset that the document describes", path=target)
        outputs.write(target, self.to_bytes())
