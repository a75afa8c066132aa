"""The templates of ``dvc.yaml``: ``${a.b[0]}`` in texts, and the values that they stand for.

What DVC's documentation calls parametrization: values come from ``params.yaml`` and ``vars``; a whole mapping in a
command becomes words of options. A text that names what has no value is not used, and that is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_TEMPLATE: Final = re.compile(r"(?<!\\)\$\{([^{}$]{1,300})\}")
_PART: Final = re.compile(r"([^.\[\]]+)|\[([^\]]+)\]")
#: Characters that a text may become.
_MAX_TEXT: Final = 100_000
#: Characters of a dotted name.
_MAX_NAME: Final = 1_000


class Missing(Exception):  # noqa: N818  # never leaves the reader of dvc.yaml
    """A template names a value that there is not."""


def look_up(name: str, scope: Mapping[str, object]) -> object:
    """Return the value behind a dotted name.

    :raises Missing: when there is none.
    """
    if len(name) > _MAX_NAME:
        raise Missing(f"{name[:100]}…")
    found: object = scope
    for match in _PART.finditer(name):
        key = match[1] or match[2].strip(" '\"")
        if isinstance(found, Mapping):
            if key not in found:
                raise Missing(name)
            found = found[key]
        elif isinstance(found, list) and key.isdecimal() and int(key[:9]) < len(found):
            found = found[int(key[:9])]
        else:
            raise Missing(name)
    return found


def fill(text: str, scope: Mapping[str, object], *, command: bool = False) -> str:
    """Return a text with its templates filled in.

    :param command: a mapping or list becomes options and words.
    :raises Missing: when a value is missing, or is no text, or the text grows too long.
    """
    room = _MAX_TEXT - len(text)

    def value(match: re.Match[str]) -> str:
        nonlocal room
        found = look_up(match[1].strip(), scope)
        if isinstance(found, (dict, list)):
            if not command:
                raise Missing(match[1])
            found = " ".join(_words(found))
        filled = "" if found is None else str(found)
        room -= len(filled)
        if room < 0:
            raise Missing(f"{match[1]} makes a text of more than {_MAX_TEXT:,} characters")
        return filled

    return _TEMPLATE.sub(value, text).replace("\\${", "${")


def fill_value(value: object, scope: Mapping[str, object]) -> object:
    """Return what a whole value stands for: a text that is one template is the value itself.

    :raises Missing: when a value is missing.
    """
    if isinstance(value, str) and (match := _TEMPLATE.fullmatch(value.strip())) is not None:
        return look_up(match[1].strip(), scope)
    return fill(value, scope) if isinstance(value, str) else value


def _words(value: object) -> list[str]:
    """Return the options that a mapping becomes, and the words that a list becomes, as DVC writes them."""
    found: list[str] = []
    waiting: list[tuple[str, object]] = [("", value)]
    size = 0
    while waiting:
        prefix, one = waiting.pop()
        if isinstance(one, dict):
            _bound(len(one) * (1 + len(prefix)) + len(waiting))
            inner = [(f"{prefix}.{key}" if prefix else str(key), part) for key, part in one.items()]
            waiting += reversed(inner)
            words = []
        elif isinstance(one, list):
            _bound(len(one))
            words = [f"--{prefix}"] if prefix else []
            words += [str(part) for part in one if not isinstance(part, (dict, list))]
        else:
            words = _option(prefix, one)
        found += words
        size += len(prefix) + 1 + sum(map(len, words))
        _bound(size)
    return found


def _bound(size: int) -> None:
    if size > _MAX_TEXT:
        raise Missing(f"a mapping that makes a text of more than {_MAX_TEXT:,} characters")


def _option(name: str, value: object) -> list[str]:
    text = "" if value is None else str(value)
    if text.lower() == "true":
        return [f"--{name}"]
    return [] if value is None or text.lower() == "false" else [f"--{name}", text]
