"""Our own retrieval record, which ``data-sbom fetch`` writes beside the data (``docs/sources.md``).

It is read like everybody else's manifest: whoever can change the data can change it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.manifests import values
from sbom.manifests.errors import OtherFormatError
from sbom.manifests.interface import FileReader
from sbom.sources.record import FILE_NAME

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_FORMAT = "data-sbom-retrieval-record/"


class RetrievalReader(FileReader):
    """Reads ``data-sbom-retrieval.json``."""

    name = "retrieval"
    patterns = (FILE_NAME,)

    def read(self, given: Given, reading: Reading) -> None:
        """Declare what was retrieved, and name where from."""
        tree = given.json()
        version = values.text(values.mapping(tree).get("format")) or ""
        if not version.startswith(_FORMAT):
            raise OtherFormatError("is not a retrieval record")
        reading.version = version.removeprefix(_FORMAT)
        if reading.version != "1":
            reading.problem("its version is unknown; what is known of it is read", "/format")
        for item, pointer in values.pointed(values.mapping(tree).get("retrievals"), "/retrievals"):
            one = values.mapping(item)
            if not one:
                reading.problem(f"is {values.kind(item)}, not a retrieval", pointer)
            else:
                self._retrieval(one, pointer, given, reading)

    @staticmethod
    def _retrieval(one: dict[str, object], pointer: str, given: Given, reading: Reading) -> None:
        digest, size = one.get("sha256"), one.get("size")
        # What was retrieved stands beside the record, or below it.
        path = given.resolve(one.get("path"))
        if not path or path == given.directory:
            reading.problem("a path leads out of what the record speaks for, or is none", f"{pointer}/path")
            path = None
        elif digest is None:
            reading.mention(path, pointer, size=size)
        else:
            reading.declare(path, "SHA-256", digest, f"{pointer}/sha256", size=size)
        reading.source(
            one.get("url"),
            f"{pointer}/url",
            path=path,
            hashes=() if digest is None else (("SHA-256", digest),),
            size=size,
            retrieved=one.get("retrieved"),
            etag=one.get("etag"),
            final_url=one.get("final_url"),
        )


READER = RetrievalReader()
