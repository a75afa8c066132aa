"""Hash one open file: every digest in one read, and the statistics from the same bytes.

Runs in worker processes, so it imports the standard library only; extras are loaded when an algorithm needs them.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sbom.errors import MissingExtraError
from sbom.inventory import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sbom.model import TableStats

#: Files up to this size (bytes) are read whole; larger ones are streamed.
WHOLE = 1 << 20
#: Statistics are counted "auto"-matically up to this size (bytes), from the bytes that are in memory anyway.
STATS_LIMIT = 16 << 20
_CHUNK = 1 << 20
_REPORT_EVERY = 64 << 20
_SHA256_ONLY = ("SHA-256",)
#: How pointers of Git LFS start, and what they are shorter than (bytes), as its specification says.
_POINTER = (b"version https://git-lfs", b"version https://hawser")
POINTER_SIZE = 1024


class Hasher(Protocol):
    """What hashlib and blake3 objects have in common."""

    def update(self, data: bytes | memoryview, /) -> object:
        """Feed bytes."""

    def hexdigest(self) -> str:
        """Return the digest so far as lower-case hex."""


def _stdlib(name: str) -> Callable[[], Hasher]:
    return lambda: hashlib.new(name, usedforsecurity=False)


def _blake2b(bits: int) -> Callable[[], Hasher]:
    return lambda: hashlib.blake2b(digest_size=bits // 8, usedforsecurity=False)


def _blake3() -> Hasher:
    from blake3 import blake3  # noqa: PLC0415  # an optional extra, needed by this algorithm only

    hasher: Hasher = blake3()
    return hasher


def _xxh64() -> Hasher:
    from xxhash import xxh64  # noqa: PLC0415  # an optional extra, needed by this algorithm only

    hasher: Hasher = xxh64()
    return hasher


#: CycloneDX algorithm name, or one of ours → constructor. SHA-256's is called directly: it is on the hot path.
CONSTRUCTORS: dict[str, Callable[[], Hasher]] = {
    "MD5": _stdlib("md5"),
    "SHA-1": _stdlib("sha1"),
    "SHA-224": _stdlib("sha224"),
    "SHA-256": hashlib.sha256,
    "SHA-384": _stdlib("sha384"),
    "SHA-512": _stdlib("sha512"),
    "SHA3-224": _stdlib("sha3_224"),
    "SHA3-256": _stdlib("sha3_256"),
    "SHA3-384": _stdlib("sha3_384"),
    "SHA3-512": _stdlib("sha3_512"),
    "BLAKE2b-256": _blake2b(256),
    "BLAKE2b-384": _blake2b(384),
    "BLAKE2b-512": _blake2b(512),
    "BLAKE3": _blake3,
    "XXH64": _xxh64,
    "git-blob-SHA-1": _stdlib("sha1"),
}


def new(name: str, size: int) -> Hasher:
    """Start a digest of ``size`` bytes: git hashes the size first (git-hash-object(1))."""
    hasher = CONSTRUCTORS[name]()
    if name == "git-blob-SHA-1":
        hasher.update(b"blob %d\0" % size)
    return hasher


def require(algorithms: Iterable[str]) -> None:
    """Make sure that every algorithm can be computed here.

    :raises MissingExtraError: when one needs an extra that is not installed.
    """
    for name, extra in (("BLAKE3", "blake3"), ("XXH64", "xxhash")):
        if name in algorithms and importlib.util.find_spec(extra) is None:
            raise MissingExtraError(f"{name} digests need the {extra} extra", hint=f"pip install 'data-sbom[{extra}]'")


class Task(NamedTuple):
    """One file to hash.

    :param target: where it is, as in :meth:`sbom.inventory.files.Opener.open`.
    :param kind: the table format to count (see :mod:`sbom.inventory.stats`), or empty.
    :param state: what the walk saw; a file in another state is not what was asked for.
    """

    target: str
    kind: str
    state: files.State


class Hashed(NamedTuple):
    """A file that was read to its end and did not change meanwhile.

    :param digests: hex, in the order that was asked for.
    :param pointer: it starts like a pointer of Git LFS: the data is elsewhere.
    """

    digests: tuple[str, ...]
    stats: TableStats | None
    pointer: bool = False


class Failed(NamedTuple):
    """The file could not be read, or (``unstable``) was not the same before, while and after it was read."""

    reason: str
    unstable: bool


_CHANGED = Failed("changed before it was read", unstable=True)
#: How opening fails when the file that the walk saw is not there any more, or a link or socket is in its place.
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})


def hash_file(
    opener: files.Opener,
    task: Task,
    algorithms: tuple[str, ...],
    progress: Callable[[int], None] | None = None,
) -> Hashed | Failed:
    """Hash one file.

    :param algorithms: CycloneDX names.
    :param progress: called with the number of bytes since the last call while a large file is streamed.
    """
    target, kind, state = task
    try:
        fd = opener.open(target)
        try:
            if state[3] <= WHOLE and not kind:
                # Small: one read, then one look that what was read is what the walk saw.
                data = _read(fd, state[3])
                pointer = len(data) < POINTER_SIZE and data.startswith(_POINTER)
                size, digests, table = *_digest(data, algorithms), None
            elif files.state_of(os.fstat(fd)) != state:
                return _CHANGED
            else:
                size, digests, table, pointer = _hash_open(fd, task, algorithms, progress)
            if size != state[3] or files.state_of(os.fstat(fd)) != state:
                return Failed("changed while it was read", unstable=True)
            return Hashed(digests, table, pointer)
        except OSError:
            if files.state_of(os.fstat(fd)) == state:
                raise
            # A pipe or a directory took the place of the file.
            return _CHANGED
        finally:
            os.close(fd)
    except OSError as error:
        return _CHANGED if error.errno in _GONE else Failed(error.strerror or "unreadable", unstable=False)


def _hash_open(
    fd: int, task: Task, algorithms: tuple[str, ...], progress: Callable[[int], None] | None
) -> tuple[int, tuple[str, ...], TableStats | None, bool]:
    """Read a file once; return how many bytes there were, the digests, the table's shape, and if it is a pointer."""
    _, kind, state = task
    expected = state[3]
    if not kind:
        return *_stream(fd, expected, algorithms, progress), None, False
    # Only where a table is met: counting needs modules that hashing does not.
    from sbom.inventory.stats import count, count_stream  # noqa: PLC0415

    if expected <= STATS_LIMIT:
        data = _read(fd, expected)
        if len(data) < POINTER_SIZE and data.startswith(_POINTER):
            return *_digest(data, algorithms), None, True
        return *_digest(data, algorithms), count(kind, data), False
    size, digests = _stream(fd, expected, algorithms, progress)
    os.lseek(fd, 0, os.SEEK_SET)
    return size, digests, count_stream(kind, fd), False


def _read(fd: int, expected: int) -> bytes:
    """Read the whole file; where it has grown, a little more than ``expected`` bytes, which is enough to tell."""
    data = os.read(fd, expected + 1)
    if len(data) >= expected:
        # One byte more was asked for: a regular file of the expected size has ended here.
        return data
    parts = [data]
    room = expected + 1 - len(data)
    while room > 0 and (part := os.read(fd, room)):
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _digest(data: bytes, algorithms: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    if algorithms == _SHA256_ONLY:
        return len(data), (hashlib.sha256(data).hexdigest(),)
    digests = []
    for name in algorithms:
        hasher = new(name, len(data))
        hasher.update(data)
        digests.append(hasher.hexdigest())
    return len(data), tuple(digests)


def _stream(
    fd: int, expected: int, algorithms: tuple[str, ...], progress: Callable[[int], None] | None
) -> tuple[int, tuple[str, ...]]:
    """Read the file once in chunks that stay in the processor's cache, feeding every hash.

    Stops soon after ``expected`` bytes: a file that grows faster than it is read must not keep us for ever.
    """
    hashers = [new(name, expected) for name in algorithms]
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    total = reported = 0
    while total <= expected and (got := os.readv(fd, [buffer])):
        part = view[:got]
        for hasher in hashers:
            hasher.update(part)
        total += got
        if progress is not None and total - reported >= _REPORT_EVERY:
            progress(total - reported)
            reported = total
    return total, tuple(hasher.hexdigest() for hasher in hashers)
