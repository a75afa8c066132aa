"""Git LFS pointers (docs/spec.md of git-lfs, version 1): small texts in the place of data that is not here.

They are found by content, not by name: hashing sees the first bytes of every file, and hands over what looks like one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import values
from sbom.manifests.interface import FileReader
from sbom.manifests.reading import Declared
from sbom.provenance import MALFORMED

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

#: Bytes that a pointer has less than.
MAX_SIZE = 1024
#: What the first line may name: the specification, and the two names that it had before.
URLS = ("https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1", "http://git-media.io/v/2")
_STARTS = (
    b"version https://git-lfs.github.com/spec/",
    b"version https://hawser.github.com/spec/",
    b"version http://git-media.io/v/",
)
_KEY = re.compile(r"[a-z0-9.-]+")
_OID = re.compile(r"sha256:([0-9a-f]{64})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


def is_pointer(data: bytes) -> bool:
    """Tell whether a file looks like a pointer, malformed or not.

    :param data: the whole file, or more than :data:`MAX_SIZE` bytes of a larger one.
    """
    return data.startswith(_STARTS) and len(data) < MAX_SIZE


def parse(data: bytes) -> tuple[str, int] | None:
    """Return the SHA-256 (hex) and the size (bytes) of what a pointer stands for; ``None`` when it is malformed.

    As Git LFS itself does, it takes lines that end in CRLF, and a last line without an end; nothing else is bent.
    """
    pairs = _pairs(data)
    if pairs is None:
        return None
    keys = [key for key, _ in pairs]
    found = dict(pairs)
    further = keys[1:]
    if keys[0] != "version" or "version" in further or further != sorted(set(further)):
        return None
    if found["version"] not in URLS:
        return None
    oid, size = _OID.fullmatch(found.get("oid", "")), _SIZE.fullmatch(found.get("size", ""))
    return None if oid is None or size is None else (oid[1], int(size[0]))


def _pairs(data: bytes) -> list[tuple[str, str]] | None:
    """Return the lines as keys and values, or ``None`` where one is neither."""
    if not is_pointer(data):
        return None
    try:
        lines = data.decode().replace("\r\n", "\n").removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        return None
    pairs: list[tuple[str, str]] = []
    for line in lines:
        key, space, value = line.partition(" ")
        if not space or not value or value != value.strip() or "\r" in value or not _KEY.fullmatch(key):
            return None
        pairs.append((key, value))
    return pairs


def _field(data: bytes, key: bytes) -> str:
    """Return what a malformed pointer has for a key, if it has the key at all."""
    found = re.search(rb"^" + key + rb"[ \t]*([^\r\n]*)", data, re.MULTILINE)
    return "" if found is None else found[1].decode("utf-8", "replace")


class LfsReader(FileReader):
    """Reads a pointer as a declaration about the data that it stands for."""

    name = "lfs"
    patterns: tuple[str, ...] = ()

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # by content only
        """Take what looks like a pointer."""
        return is_pointer(head)

    def read(self, given: Given, reading: Reading) -> None:
        """Declare the SHA-256 and size of the data for the file that holds the pointer."""
        data = given.data(MAX_SIZE - 1)
        version = _field(data, b"version")
        if version in URLS:
            reading.version = version
        known = parse(data)
        if known is None:
            reading.problem("starts like a Git LFS pointer, but is malformed")
            shown = values.clean(_field(data, b"oid"))[:200]
            reading.declared.append(Declared(given.path, "SHA-256", shown, "", None, MALFORMED))
            return
        if b"\r" in data or not data.endswith(b"\n"):
            reading.problem("a line of the Git LFS pointer does not end in a line feed")
        oid, size = known
        line = data[: data.index(b"\noid ")].count(b"\n") + 2
        reading.declare(given.path, "SHA-256", oid, f"L{line}", size=size)


READER = LfsReader()
