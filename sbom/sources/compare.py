"""Fetch a source again, and compare it with what was recorded: nothing is stored."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from sbom.errors import LimitError, UsageError
from sbom.model import SHA256
from sbom.sources import addresses
from sbom.sources.client import MAX_SIZE
from sbom.sources.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sbom.provenance import Source
    from sbom.sources.client import Client

#: Algorithms that are compared: CycloneDX name → name in :mod:`hashlib`, and digest bytes for BLAKE2b.
_ALGORITHMS: dict[str, tuple[str, int]] = {
    "MD5": ("md5", 0),
    "SHA-1": ("sha1", 0),
    "SHA-224": ("sha224", 0),
    "SHA-256": ("sha256", 0),
    "SHA-384": ("sha384", 0),
    "SHA-512": ("sha512", 0),
    "SHA3-224": ("sha3_224", 0),
    "SHA3-256": ("sha3_256", 0),
    "SHA3-384": ("sha3_384", 0),
    "SHA3-512": ("sha3_512", 0),
    "BLAKE2b-256": ("blake2b", 32),
    "BLAKE2b-384": ("blake2b", 48),
    "BLAKE2b-512": ("blake2b", 64),
}
#: How far a source that is larger than recorded is read on, so that its digest can be told.
_SLACK = 16 << 20
_SCHEMES = frozenset({"http", "https"})


class Recorded(NamedTuple):
    """What is known of the bytes behind one URL.

    :param source: the first that names it.
    :param digests: ``(algorithm, hex)`` that can be compared, of all sources with this URL; each must hold.
    :param sizes: bytes, as recorded; each must hold.
    """

    source: Source
    digests: tuple[tuple[str, str], ...]
    sizes: tuple[int, ...]


class Selected(NamedTuple):
    """Which sources can be fetched again.

    :param unrecorded: http and https URLs without a digest that could be compared.
    :param other: URLs of other schemes.
    """

    recorded: tuple[Recorded, ...]
    unrecorded: tuple[str, ...]
    other: tuple[str, ...]


class Compared(NamedTuple):
    """What came of fetching a URL again.

    :param differs: ``(what, recorded, found)``: an algorithm's name or ``size``.
    """

    recorded: Recorded
    size: int
    etag: str | None
    final_url: str
    differs: tuple[tuple[str, str, str], ...]


def select(sources: Iterable[Source], contents: Mapping[str, str]) -> Selected:
    """Decide which sources can be compared, and with what.

    :param contents: SHA-256 of the files of the inventory by path: what a source became, where it has no digest.
    """
    digests: dict[str, dict[tuple[str, str], None]] = {}
    sizes: dict[str, dict[int, None]] = {}
    first: dict[str, Source] = {}
    other: dict[str, None] = {}
    for source in sources:
        url = source.url.partition("#")[0]
        if not _is_http(url):
            other[source.url] = None
            continue
        first.setdefault(url, source)
        known = [pair for pair in source.digests if pair[0] in _ALGORITHMS]
        if not source.digests and source.path is not None and source.path in contents:
            known = [(SHA256, contents[source.path])]
        digests.setdefault(url, {}).update(dict.fromkeys(known))
        if source.size is not None:
            sizes.setdefault(url, {})[source.size] = None
    recorded = tuple(
        Recorded(first[url], tuple(known), tuple(sizes.get(url, ()))) for url, known in digests.items() if known
    )
    return Selected(recorded, tuple(url for url, known in digests.items() if not known), tuple(other))


def _is_http(url: str) -> bool:
    try:
        return urlsplit(url).scheme in _SCHEMES
    except ValueError:
        return False


def compare(one: Recorded, http: Client, progress: Callable[[int, int], None], *, max_size: int = MAX_SIZE) -> Compared:
    """Fetch one URL again, and compare.

    :param max_size: bytes that are read at most, where no size is recorded.
    :raises Error: when it cannot be fetched, or has more bytes than can be read without a recorded size.
    """
    try:
        target = addresses.parse(one.source.url)
    except UsageError as error:
        raise UsageError(error.message, path=addresses.public(one.source.url) or None) from error
    # Of a source that is larger than recorded no more is read than is needed to know that.
    limit = min(max(one.sizes) + _SLACK, max_size) if one.sizes else max_size
    hashes = {name: _new(name) for name, _ in one.digests}

    def attempt() -> Compared:
        made = {name: fresh.copy() for name, fresh in hashes.items()}
        received = 0
        with http.get(target) as answer:
            try:
                for chunk in answer.chunks(limit):
                    for hasher in made.values():
                        hasher.update(chunk)
                    received += len(chunk)
                    progress(len(chunk), 0)
            except LimitError:
                if not one.sizes or limit <= max(one.sizes):
                    raise
                found = f"more than {limit}" if answer.length is None else str(answer.length)
                sizes = tuple(("size", str(size), found) for size in one.sizes)
                return Compared(one, answer.length or limit, answer.header("ETag"), answer.final_url, sizes)
            if not answer.delimited and one.sizes and received < min(one.sizes):
                raise TransientError("cannot be fetched: the connection ended before the data did", path=target.shown)
            values = {name: hasher.hexdigest() for name, hasher in made.items()}
            differs = [(name, value, values[name]) for name, value in one.digests if values[name] != value]
            differs += [("size", str(size), str(received)) for size in one.sizes if size != received]
            return Compared(one, received, answer.header("ETag"), answer.final_url, tuple(differs))

    return http.persistently(attempt)


def _new(name: str) -> hashlib._Hash:
    algorithm, size = _ALGORITHMS[name]
    if size:
        return hashlib.blake2b(digest_size=size)  # type: ignore[return-value]  # has the same methods
    return hashlib.new(algorithm, usedforsecurity=False)
