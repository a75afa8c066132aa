"""JSON inside of property values: compact, keys sorted, so that one meaning has one spelling."""

from __future__ import annotations

import json
from typing import Any

import orjson

_dumps, _SORTED = orjson.dumps, orjson.OPT_SORT_KEYS


def dump(value: object) -> str:
    """Write a value. Lone surrogates, which no document may hold, become question marks."""
    try:
        return _dumps(value, option=_SORTED).decode()
    except TypeError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return text.encode("utf-8", "replace").decode()


def utf8(text: str) -> str:
    """Return a text without lone surrogates, in the same way."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def load(text: str) -> Any:  # noqa: ANN401  # any JSON value, as orjson returns it
    """Read a value; ``None`` for what is no JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def load_object(text: str) -> dict[str, Any] | None:
    """Read an object; ``None`` for anything that :func:`dump` would not have written in the same way."""
    value = load(text)
    # Writing it again proves that there is no key twice and no odd number, which readers understand differently.
    return value if isinstance(value, dict) and dump(value) == text else None
