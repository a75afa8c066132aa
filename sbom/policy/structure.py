"""The form of a policy file: ``schemas/policy.schema.json``, checked with messages for whoever writes the file."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import jsonschema_rs

_NAME: Final = "policy.schema.json"
_MAX_INTEGER: Final = 1 << 53
_MAX_DEPTH: Final = 16
_MESSAGES: Final = 50
_EXAMPLE: Final = "2027-01-31T00:00:00Z"
#: Keys that people look for, and that there will never be.
_NEVER: Final = {
    "excludes": "a signature that leaves parts of the document uncovered is never accepted",
    "hmac": "an HMAC can be forged by everybody who can verify it, and is never accepted",
    "regex": "identities are compared exactly",
    "pattern": "identities are compared exactly",
}


@cache
def schema() -> Any:  # noqa: ANN401  # a JSON schema
    """Return the JSON schema of policies (draft 2020-12)."""
    package = files("sbom")
    installed = package.joinpath("schemas", _NAME)
    return json.loads((installed if installed.is_file() else package.joinpath("..", "schemas", _NAME)).read_bytes())


def problems(tree: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the form of a policy.

    :param tree: what :mod:`tomllib` returned.
    :return: one clause for each problem, which names the key; empty when there is none.
    """
    found = list(_unknown(tree, schema(), ()))
    found += _values(tree, ())
    if found:  # a schema would say the same in worse words
        return found
    plain = json.loads(json.dumps(tree, default=_text))
    errors = islice(_validator().iter_errors(plain), _MESSAGES)
    return [f"{where(list(error.instance_path))}: {display(_message(error), 300)}" for error in errors]


def where(path: Sequence[str | int]) -> str:
    """Name a place in a policy as a person finds it."""
    if not path:
        return "the policy"
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if text else ''}{display(part, 80)}"
    return text


def near(name: str, known: Sequence[str]) -> str:
    """Return a hint with the nearest known name, or with all of them."""
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs  # noqa: PLC0415  # heavy

    return jsonschema_rs.Draft202012Validator(schema(), validate_formats=True, mask="the value")


def _message(error: Any) -> str:  # noqa: ANN401  # an error of jsonschema_rs
    kind = error.kind.name
    if kind == "required":
        return f"the key {error.kind.property} is missing"
    if kind == "pattern" and error.kind.pattern.startswith("^[a-z0-9]+"):
        return "is no name: use lower-case words, digits and single hyphens, as in data-engineer"
    if kind == "pattern" and error.kind.pattern.startswith("^[0-9a-f]"):
        return "is no SHA-256: 64 lower-case hexadecimal digits"
    return str(error.message)


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = node.get("$ref")
    if reference is None:
        return node
    named: Mapping[str, Any] = schema()["$defs"][reference.rpartition("/")[2]]
    return named


def _unknown(value: object, node: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[str]:
    """Walk tables and the schema side by side, and yield what the schema does not know."""
    here = _resolved(node)
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unknown(item, here.get("items", {}), (*path, number))
    if not isinstance(value, dict):
        return
    known = here.get("properties", {})
    others = here.get("additionalProperties", {})
    for name, item in value.items():
        if name in known:
            yield from _unknown(item, known[name], (*path, name))
        elif isinstance(others, dict):
            yield from _unknown(item, others, (*path, name))
        else:
            hint = _NEVER.get(name.lower()) or near(name, list(known))
            yield f"{where(path)} has the unknown key {display(name, 80)!a}: {hint}"


def _values(value: object, path: tuple[str | int, ...]) -> Iterator[str]:
    """Yield the values that TOML has and a policy has not: times without a zone, and numbers that are not whole."""
    if len(path) > _MAX_DEPTH:
        yield f"{where(path)} is nested too deeply"
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _values(item, (*path, name))
        if isinstance(value.get("expires"), str):
            yield f"{where((*path, 'expires'))} is a text: write a time without quotes, as in expires = {_EXAMPLE}"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _values(item, (*path, number))
    elif isinstance(value, float):
        yield f"{where(path)} is not a whole number"
    elif isinstance(value, int) and abs(value) > _MAX_INTEGER:
        yield f"{where(path)} is too large"
    elif isinstance(value, (date, time)):
        yield from _times(value, path)


def _times(value: date | time, path: tuple[str | int, ...]) -> Iterator[str]:
    """Yield what is wrong with a time."""
    if path[-1:] != ("expires",):
        yield f"{where(path)} is a time, which only expires is"
    elif not isinstance(value, datetime) or value.tzinfo is None:
        yield f"{where(path)} has no time of day with a zone: write it as in {_EXAMPLE}"


def _text(value: datetime) -> str:
    """Write a time as JSON has it: all else that TOML has and JSON has not was refused."""
    return value.isoformat()
