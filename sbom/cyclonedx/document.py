"""A document as loaded: its exact bytes' digest, and its JSON tree. Nothing in it is believed yet."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from typing import NamedTuple

from sbom.cyclonedx import strict_json
from sbom.errors import LimitError, NotADocumentError, UnreadableError, UsageError

#: The path that stands for standard input.
STDIN = "-"


class Raw(NamedTuple):
    """The exact bytes of a document, and where they came from."""

    path: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Digest of the exact bytes, by which a successor names this document."""
        return hashlib.sha256(self.data).hexdigest()


class Document(NamedTuple):
    """A parsed document: where it came from, the SHA-256 of its exact bytes, and its tree."""

    path: str
    sha256: str
    tree: dict[str, object]

    def text(self, key: str) -> str:
        """Return a top-level string, empty where there is none."""
        value = self.tree.get(key)
        return value if isinstance(value, str) else ""


def read_bytes(path: str, limits: strict_json.Limits) -> Raw:
    """Read a document's bytes, bounded; ``-`` is standard input.

    :raises UsageError: when there is no such file.
    :raises NotADocumentError: when it is not a regular file.
    :raises UnreadableError: when it cannot be read.
    :raises LimitError: when it is too large.
    """
    data = sys.stdin.buffer.read(limits.size + 1) if path == STDIN else _read_file(path, limits.size)
    if len(data) > limits.size:
        raise LimitError(f"is larger than {limits.size:,} bytes", path=path, hint="raise the limit on purpose")
    return Raw(path, data)


def _read_file(path: str, limit: int) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise UsageError("there is no such document", path=path, hint="check the path") from error
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", path=path) from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise NotADocumentError("is not a regular file", path=path, hint="give a file, or - for standard input")
    with os.fdopen(fd, "rb", buffering=0) as stream:
        try:
            parts: list[bytes] = []
            room = limit + 1
            while room > 0 and (part := stream.read(min(room, 1 << 24))):
                parts.append(part)
                room -= len(part)
        except OSError as error:
            raise UnreadableError(f"cannot be read: {error.strerror}", path=path) from error
    return parts[0] if len(parts) == 1 else b"".join(parts)


def parse(raw: Raw, limits: strict_json.Limits) -> Document:
    """Parse a document's bytes strictly (see :func:`sbom.cyclonedx.strict_json.loads`)."""
    return Document(raw.path, raw.sha256, strict_json.loads(raw.data, limits, path=raw.path))


def load(path: str, limits: strict_json.Limits | None = None) -> Document:
    """Read and parse a document; raises what :func:`read_bytes` and :func:`parse` raise."""
    bounds = limits or strict_json.Limits()
    return parse(read_bytes(path, bounds), bounds)
