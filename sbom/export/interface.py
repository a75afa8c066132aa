"""What an export format is, and what it is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.model import Dataset


class Facts(NamedTuple):
    """What an export says about the document that it was made from.

    Together with the dataset, this is all that an export depends on: no clock, no random number.

    :param serial_number: the document's, ``urn:uuid:…``.
    :param tool_version: of data-sbom, which exports it.
    :param timestamp: the document's own time (RFC 3339); ``None`` when it has none.
    :param sha256: of the document's exact bytes (hex); ``None`` when it was not read from any.
    :param version: the document's own version number.
    """

    serial_number: str
    tool_version: str
    timestamp: str | None = None
    sha256: str | None = None
    version: int = 1

    @property
    def bom_link(self) -> str:
        """The BOM-Link that names the document (CycloneDX, ``urn:cdx:SERIAL/VERSION``)."""
        return f"urn:cdx:{self.serial_number.removeprefix('urn:uuid:')}/{self.version}"

    @property
    def sentence(self) -> str:
        """Where the export comes from, for people."""
        digest = "" if self.sha256 is None else f" (SHA-256 {self.sha256})"
        return f"Exported by data-sbom {self.tool_version} from the data SBOM {self.serial_number}{digest}."

    @classmethod
    def of(cls, document: Mapping[str, object], sha256: str | None, tool_version: str) -> Facts:
        """Collect the facts of a document that has passed CycloneDX's schema.

        :param document: as JSON values.
        :param sha256: of the bytes that it was read from.
        :param tool_version: of data-sbom.
        """
        metadata = cast("Mapping[str, object]", document.get("metadata", {}))
        timestamp = metadata.get("timestamp")
        version = document.get("version", 1)
        return cls(
            serial_number=str(document["serialNumber"]),
            tool_version=tool_version,
            timestamp=timestamp if isinstance(timestamp, str) else None,
            sha256=sha256,
            version=version if isinstance(version, int) else 1,
        )


class Rendered(NamedTuple):
    """An export.

    :param data: the file's bytes.
    :param notes: what a person should know: what the format asks for and nobody says, and what it cannot hold.
    """

    data: bytes
    notes: tuple[str, ...] = ()


class Exporter(Protocol):
    """Turns a dataset into another format.

    It reads nothing but its arguments and writes nothing. The same arguments give the same bytes. It needs time and
    memory in proportion to the number of files, and takes names and texts of any kind.
    """

    def __call__(self, dataset: Dataset, facts: Facts) -> Rendered:
        """Return the export.

        :raises RefusedError: when the format cannot say this dataset at all.
        """
        ...
