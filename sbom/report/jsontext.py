"""JSON text that always parses, in every reader, whatever the names in it are."""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_ASCII = re.compile("[\x7f-\U0010ffff]")
_MAX_DEPTH = 50
_INT64, _UINT64 = -(2**63), 2**64


def dumps(value: object) -> str:
    r"""Return ``value`` as indented JSON (RFC 8259) that ends in one newline.

    A lone surrogate, which is how Python holds a byte of a file name that is not UTF-8, becomes its text ``\udcXX``:
    JSON could escape it, but most readers refuse what they then see. Printable characters stay as they are; all others
    are escaped, so that JSON on a terminal is as harmless as the table.
    """
    encoded = orjson.dumps(clean(value), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    return _NOT_ASCII.sub(lambda match: _escaped(match[0]), encoded)


def clean(value: object, depth: int = 0) -> object:
    """Return ``value`` made of what JSON has: no surrogates, no integer beyond 64 bits, no endless nesting."""
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if _INT64 <= value < _UINT64 else hex(value)
        case Mapping() if depth < _MAX_DEPTH:
            return {_text(str(name)): clean(item, depth + 1) for name, item in value.items()}
        case list() | tuple() if depth < _MAX_DEPTH:
            return [clean(item, depth + 1) for item in value]
        case _:
            return _text(str(value) if depth < _MAX_DEPTH else "…")


def _text(value: str) -> str:
    return value if value.isascii() else _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", value)


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
