"""The digests that a text file would have with other line endings: what a checkout with ``autocrlf`` does to data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sbom.errors import UnreadableError
from sbom.inventory import hashing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.given import Inventory

_CHUNK = 1 << 20
#: Where a NUL byte within so many bytes makes a file binary, as git has it.
_LOOK = 8000


def digests(inventory: Inventory, path: str, algorithm: str) -> tuple[str, ...]:
    """Return the digests (hex) of a file with all line ends LF, and with all line ends CRLF; none for a binary file.

    The file is read two more times, which only happens to files that are not what was declared.

    :raises UnstableError: when it is not what the walk saw any more.
    :raises UnreadableError: when it cannot be read.
    """
    try:
        with inventory.opened(path) as fd:
            if b"\0" in os.pread(fd, _LOOK, 0):
                return ()
            unix = lines = 0
            for part in _unix(fd):
                unix += len(part)
                lines += part.count(b"\n")
            as_lf = hashing.new(algorithm, unix)
            as_crlf = hashing.new(algorithm, unix + lines)
            for part in _unix(fd):
                as_lf.update(part)
                as_crlf.update(part.replace(b"\n", b"\r\n"))
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", path=path, hint="make it readable") from error
    return as_lf.hexdigest(), as_crlf.hexdigest()


def _unix(fd: int) -> Iterator[bytes]:
    """Yield the content with every CRLF as LF; one that lies across two chunks too."""
    os.lseek(fd, 0, os.SEEK_SET)
    held = b""
    while part := os.read(fd, _CHUNK):
        whole = held + part
        held = b"\r" if whole.endswith(b"\r") else b""
        yield whole[: len(whole) - len(held)].replace(b"\r\n", b"\n")
    if held:
        yield held
