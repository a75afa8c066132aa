"""Digests as manifests write them: many spellings of algorithms, hex or base64, and much that is neither."""

from __future__ import annotations

import base64
import binascii
import re

GIT_BLOB = "git-blob-SHA-1"
DVC_DIRECTORY = "DVC-directory-MD5"

#: Algorithm → hexadecimal digits. CycloneDX names, then those that CycloneDX has no name for.
LENGTHS: dict[str, int] = {
    "MD5": 32,
    "SHA-1": 40,
    "SHA-224": 56,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-224": 56,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2b-256": 64,
    "BLAKE2b-384": 96,
    "BLAKE2b-512": 128,
    "BLAKE3": 64,
    "XXH64": 16,
    GIT_BLOB: 40,
    DVC_DIRECTORY: 32,
}

_SPELLINGS = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in LENGTHS} | {
    "blake2b": "BLAKE2b-512",
    "b2": "BLAKE2b-512",
    "gitsha1": GIT_BLOB,
    "xxhash64": "XXH64",
}
_HEX = re.compile(r"[0-9a-f]+")


def name(text: object) -> str | None:
    """Return the algorithm that a manifest means, or ``None``."""
    if not isinstance(text, str) or len(text) > 40:  # noqa: PLR2004  # no name is longer
        return None
    if text in _SPELLINGS:
        return _SPELLINGS[text]
    return _SPELLINGS.get(re.sub(r"[^a-z0-9]", "", text.lower()))


def parse(algorithm: object, value: object) -> tuple[str, str] | None:
    """Return the algorithm and the digest as lower-case hex; ``None`` when it is not a digest of that algorithm.

    :param value: hex of any case, or base64 (standard or URL-safe alphabet) of exactly the digest's bytes.
    """
    known = algorithm if isinstance(algorithm, str) and algorithm in LENGTHS else name(algorithm)
    if known is None or not isinstance(value, str):
        return None
    digits = LENGTHS[known]
    if len(value) == digits and _HEX.fullmatch(value):
        return known, value
    if len(value) != digits:
        value = value.strip()
    if len(value) == digits:
        text = value.lower()
        return (known, text) if _HEX.fullmatch(text) else None
    return _from_base64(known, value, digits // 2)


def _from_base64(known: str, value: str, size: int) -> tuple[str, str] | None:
    padded = 4 * ((size + 2) // 3)
    if not len(value) <= padded < len(value) + 3:
        return None
    try:
        raw = base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (padded - len(value)), validate=True)
    except (binascii.Error, ValueError):
        return None
    return (known, raw.hex()) if len(raw) == size else None
