"""The canonical bytes of a JSON value: RFC 8785 (JCS), fast where orjson's sorted form is the same.

orjson with sorted keys is JCS for strings, integers within ±(2^53 - 1), booleans, null, and keys without astral
characters. Everything else is found first, and goes through ``rfc8785``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from sbom.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_DATETIME
# In compact JSON a number follows one of these, and orjson writes every finite float with one of [.e]. A string that
# looks the same only costs a closer look. Three patterns with literal starts are faster than one with a class.
_FLOATS = [re.compile(before + rb"-?[0-9]+[.e]") for before in (rb"\A", rb'":', rb"\[", rb",")]
_ASTRAL = re.compile(rb"[\xf0-\xf4]")
_LAST_BMP = "\uffff"


def canonical(value: object) -> bytes:
    """Return the canonical form.

    :raises DocumentError: when the value has none: NaN, infinities, integers beyond 2^53 - 1, lone surrogates.
    """
    try:
        data = orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:
        raise DocumentError(f"has no canonical form: {error}") from error
    if _suspect(data) and any(_special(value)):
        return _slow(value)
    return data


def _suspect(data: bytes) -> bool:
    """Tell cheaply whether there may be something that orjson writes in another way than JCS."""
    if not data.isascii() and _ASTRAL.search(data):
        return True
    # orjson writes NaN and infinities as null.
    return b"null" in data or any(pattern.search(data) for pattern in _FLOATS)


def _special(value: object) -> Iterator[bool]:
    """Yield true for every number or key that needs the slow way."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            for key in item:
                yield max(key, default="") > _LAST_BMP
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        elif isinstance(item, float):
            yield True


def _slow(value: object) -> bytes:
    import rfc8785  # noqa: PLC0415  # rarely needed, and verification has to start fast

    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # JSON values, as loaded
    except rfc8785.CanonicalizationError as error:
        raise DocumentError(f"has no canonical form: {error}") from error
