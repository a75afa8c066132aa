"""A strict, bounded JSON reader (RFC 8259 with the restrictions of RFC 7493, I-JSON).

orjson does the parsing. Writing the result again gives the same bytes for documents of ours, which proves at once that
there was no duplicate key and no odd number; any other document is read a second time, slowly and strictly.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple

import orjson

from sbom.cyclonedx.spec import MAX_SAFE_INTEGER
from sbom.errors import DocumentError, LimitError, NotADocumentError

_MAX_INTEGER_DIGITS = 17
# Objects and lists, and commas, for each component that may be there: many more are an attack on memory.
_CONTAINERS = 20
_COMMAS = 40
_SLACK = 10_000


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
    :raises LimitError: when it is too large, found before parsing where that is possible.
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
    components = value.get("components")
    if isinstance(components, list) and len(components) > limits.components:
        raise _too_many(limits, path)
    if not _is_own_form(data, value):
        _check_strictly(data, path)
        _check_depth(value, path)
    return value


def _is_own_form(data: bytes, value: object) -> bool:
    """Tell whether writing the value again gives the same bytes, as it does for documents of ours."""
    option = orjson.OPT_STRICT_INTEGER
    if data.startswith(b"{\n"):
        option |= orjson.OPT_INDENT_2
    if data.endswith(b"\n"):
        option |= orjson.OPT_APPEND_NEWLINE
    try:
        return orjson.dumps(value, option=option) == data
    except TypeError:
        return False  # an integer that is too large, or too many levels


def _bound(data: bytes, limits: Limits, path: str) -> None:
    if len(data) > limits.size:
        raise LimitError(f"is larger than {limits.size:,} bytes", path=path, hint="raise the limit on purpose")
    # With every digest that there is, a file takes 18 objects and lists, and 35 commas.
    if (
        data.count(b"{") + data.count(b"[") > _CONTAINERS * limits.components + _SLACK
        or data.count(b",") > _COMMAS * limits.components + _SLACK
    ):
        raise _too_many(limits, path)


def _too_many(limits: Limits, path: str) -> LimitError:
    return LimitError(f"holds more than {limits.components:,} components", path=path, hint="raise the limit on purpose")


def _check_depth(value: object, path: str) -> None:
    """Refuse what orjson could not write again; canonical bytes are made by writing."""
    try:
        orjson.dumps(value)
    except TypeError as error:
        raise DocumentError("is nested too deeply", path=path) from error


def _check_strictly(data: bytes, path: str) -> None:
    """Read again with the standard library, refusing what readers disagree about."""

    def pairs(items: list[tuple[str, object]]) -> None:
        if len({key for key, _ in items}) == len(items):
            return
        twice, _ = Counter(key for key, _ in items).most_common(1)[0]
        raise DocumentError(f"has the key {twice[:80]!r} twice in one object", path=path)

    def integer(text: str) -> int:
        if len(text) > _MAX_INTEGER_DIGITS or abs(int(text)) > MAX_SAFE_INTEGER:
            raise DocumentError("holds an integer beyond 2^53 - 1, which readers round differently", path=path)
        return 0

    try:
        json.loads(data, object_pairs_hook=pairs, parse_int=integer)
    except RecursionError as error:
        raise DocumentError("is nested too deeply", path=path) from error
    except ValueError as error:
        raise NotADocumentError(f"is not JSON: {error}", path=path) from error
