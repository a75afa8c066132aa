"""Digests of a component or a document, as CycloneDX writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sbom.cyclonedx import spec
from sbom.cyclonedx.refusal import refuse
from sbom.model import SHA256

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGESTS = {name: re.compile(f"[0-9a-f]{{{length}}}").fullmatch for name, length in spec.DIGEST_LENGTHS.items()}


def read_digests(hashes: Iterable[dict[str, Any]], path: str) -> tuple[tuple[str, str], ...]:
    """Read the digests of one thing: known algorithms, full length, lower case, each once, SHA-256 among them."""
    found: dict[str, str] = {}
    for item in hashes:
        name, value = item["alg"], item["content"]
        valid = _DIGESTS.get(name)
        if valid is None:
            refuse(f"digests of algorithm {name} cannot be checked", path)
        if valid(value) is None:
            refuse(f"the {name} digest is not {spec.DIGEST_LENGTHS[name]} lower-case hexadecimal digits", path)
        if name in found:
            refuse(f"there are two {name} digests", path)
        found[name] = value
    if SHA256 not in found:
        refuse("there is no SHA-256 digest; weaker or other ones alone are not enough", path)
    return tuple(found.items())
