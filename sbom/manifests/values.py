"""Values out of hostile trees: every function takes anything, and returns what was asked for or ``None``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import orjson

from sbom.manifests.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_URL = 4_000
#: Characters that are looked at of one text, and kept of one key in a pointer: hostile ones are used a million times.
_MAX_TEXT = 100_000
_MAX_TOKEN = 200
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:(?://)?[^\s\x00-\x20\x7f-\x9f\ud800-\udfff<>\"{}|\\^`]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INTEGER = re.compile(r"[0-9]{1,16}")
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", int: "a number", float: "a number"}


def kind(value: object) -> str:
    """Name the kind of a value, for messages."""
    return "nothing" if value is None else _KINDS.get(type(value), "of an unexpected kind")


def scalar(value: object) -> str | None:
    """Return a text, number or truth value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        try:
            return str(value)
        except ValueError:
            return None  # Python writes no integer of thousands of digits
    return None


def text(value: object) -> str | None:
    """Return a non-empty text, cleaned."""
    found = scalar(value)
    return None if found is None else clean(found[:_MAX_TEXT]) or None


def clean(raw: str) -> str:
    """Strip a text, and drop what no document may hold: lone surrogates, control characters but line feed and tab."""
    stripped = raw.strip()
    if stripped.isascii() and stripped.isprintable():
        return stripped
    kept = stripped.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return _CONTROL.sub("", kept).strip()


def integer(value: object) -> int | None:
    """Return a number of things: an integer from 0 to 10^16, also written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**16 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and 0 <= value < 10**15 else None
    return int(value) if isinstance(value, str) and value.isascii() and _INTEGER.fullmatch(value) else None


def mapping(value: object) -> dict[str, object]:
    """Return an object, or an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """Return a list; anything else as a list of one, and nothing as an empty one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def pointed(value: object, pointer: str) -> Iterator[tuple[object, str]]:
    """Yield the items of :func:`items` with their JSON Pointers: that of a list's item has its index."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield item, f"{pointer}/{index}"
    elif value is not None:
        yield value, pointer


def token(key: object) -> str:
    """Escape one reference token of a JSON Pointer (RFC 6901, section 3); a very long one is cut."""
    text = str(key)
    if len(text) > _MAX_TOKEN:
        text = f"{text[:_MAX_TOKEN]}…"
    return text.replace("~", "~0").replace("/", "~1")


def url(value: object) -> str | None:
    """Return an absolute URL (or URN) as written, without anything that is not allowed in one."""
    if not isinstance(value, str) or len(value) > _MAX_URL:
        return None
    stripped = value.strip()
    return stripped if _URL.fullmatch(stripped) else None


def decode(data: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark.

    :raises ManifestError: when it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"is not UTF-8 (byte {error.start})"
        raise ManifestError(msg) from error


def json(data: bytes) -> object:
    """Parse one JSON value (RFC 8259).

    :raises ManifestError: when it is not JSON, or nested too deeply.
    """
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        msg = f"is not JSON: {error}"
        raise ManifestError(msg) from error
