"""JSON inside of property values: compact, keys sorted, so that one meaning has one spelling."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

from sbom.cyclonedx.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def members(text: str, name: str, types: Mapping[str, type], *required: str) -> dict[str, Any]:
    """Read an object of a property: no other members, of these types, the required ones not empty."""
    value = load_object(text)
    if value is None:
        refuse(f"the value of {name} is not a compact JSON object with sorted keys")
    for key, part in value.items():
        if type(part) is not types.get(key):
            refuse(f"the member {key[:40]!r} of {name} is unknown or of the wrong type")
    for key in required:
        if value.get(key, "") == "":
            refuse(f"the member {key!r} of {name} is missing or empty")
    return value
