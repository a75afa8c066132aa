"""A strict, bounded JSON reader (RFC 8259 with the restrictions of RFC 7493, I-JSON).

orjson does the parsing. Writing the result again gives the same bytes for documents of ours, which proves at once that
there was no duplicate key and no odd number; any other document is read a second time, slowly and strictly.
"""

from __future__ import annotations

import json
from typing import NamedTuple

import orjson

from sbom.cyclonedx.spec import MAX_SAFE_INTEGER
from sbom.errors import DocumentError, LimitError, NotADocumentError

_INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
_MAX_INTEGER_DIGITS = 17


class Limits(NamedTuple):
    """How much is loaded at most.

    :param size: bytes of the document.
    :param components: files and other components in it.
    """

    size: int = 256 << 20
    components: int = 500_000


def loads(data: bytes, limits: Limits, *, path: str) -> dict[str, object]:
    """Parse one JSON object.

    :param path: of the document, for messages.
    :raises LimitError: when it is too large, found before parsing.
    :raises NotADocumentError: when it is no JSON object at all.
    :raises DocumentError: when it is JSON that readers may disagree about.
    """
    _bound(data, limits, path)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise NotADocumentError(
            f"is not JSON: {error}", path=path, hint="give the document that data-sbom generate wrote"
        ) from error
    if not isinstance(value, dict):
        raise NotADocumentError("is JSON, but not an object", path=path, hint="give a CycloneDX document")
    try:
        same = data in (orjson.dumps(value, option=_INDENTED), orjson.dumps(value), orjson.dumps(value) + b"\n")
    except TypeError as error:
        raise DocumentError("is nested too deeply", path=path) from error
    if not same:
        _check_strictly(data, path)
    return value


def _bound(data: bytes, limits: Limits, path: str) -> None:
    if len(data) > limits.size:
        raise LimitError(f"is larger than {limits.size:,} bytes", path=path, hint="raise the limit on purpose")
    # A component needs a handful of objects and a dozen of members: more is no inventory but an attack on memory.
    braces = data.count(b"{") + data.count(b"[")
    if braces > 6 * limits.components + 10_000 or data.count(b",") > 24 * limits.components + 10_000:
        raise LimitError(
            f"holds more than {limits.components:,} components", path=path, hint="raise the limit on purpose"
        )


def _check_strictly(data: bytes, path: str) -> None:
    """Read again with the standard library, refusing what readers disagree about."""

    def pairs(items: list[tuple[str, object]]) -> None:
        keys = [key for key, _ in items]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise DocumentError(f"has the key {twice[:80]!r} twice in one object", path=path)

    def integer(text: str) -> int:
        if len(text) > _MAX_INTEGER_DIGITS or abs(int(text)) > MAX_SAFE_INTEGER:
            raise DocumentError("holds an integer beyond 2^53 - 1, which readers round differently", path=path)
        return 0

    def constant(text: str) -> None:
        raise DocumentError(f"holds {text}, which is not JSON", path=path)

    try:
        json.loads(data, object_pairs_hook=pairs, parse_int=integer, parse_constant=constant)
    except RecursionError as error:
        raise DocumentError("is nested too deeply", path=path) from error
    except ValueError as error:
        raise NotADocumentError(f"is not JSON: {error}", path=path) from error
