"""The templates of ``dvc.yaml``: ``${a.b[0]}`` in texts, and the values that they stand for.

What DVC's documentation calls parametrization: values come from ``params.yaml`` and ``vars``; a whole mapping in a
command becomes words of options. What has no value stays as it is written, and is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sbom.manifests import values

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEMPLATE: Final = re.compile(r"(?<!\\)\$\{\s*([^{}$]{1,200}?)\s*\}")
_PART: Final = re.compile(r"([^.\[\]]+)|\[\s*['\"]?([^\]'\"]+)['\"]?\s*\]")
#: Characters that a text may become.
_MAX_TEXT: Final = 100_000
_MAX_DEPTH: Final = 20


class Missing(Exception):  # noqa: N818  # never leaves the reader of dvc.yaml
    """A template names a value that there is not."""


def look_up(name: str, scope: Mapping[str, object]) -> object:
    """Return the value behind a dotted name.

    :raises Missing: when there is none.
    """
    found: object = scope
    for match in _PART.finditer(name):
        key = match[1] or match[2]
        if isinstance(found, dict) or found is scope:
            mapping = values.mapping(found) if isinstance(found, dict) else dict(scope)
            if key not in mapping:
                raise Missing(name)
            found = mapping[key]
        elif isinstance(found, list) and key.isdecimal() and int(key[:9]) < len(found):
            found = found[int(key[:9])]
        else:
            raise Missing(name)
    return found


def fill(text: str, scope: Mapping[str, object], *, command: bool = False) -> str:
    """Return a text with its templates filled in.

    :param command: a mapping or list becomes options and words.
    :raises Missing: when a value is missing, or is no text.
    """

    def value(match: re.Match[str]) -> str:
        found = look_up(match[1], scope)
        if isinstance(found, (dict, list)):
            if not command:
                raise Missing(match[1])
            return " ".join(_words(found, "", 0))
        return "" if found is None else str(found)

    filled = _TEMPLATE.sub(value, text)
    if len(filled) > _MAX_TEXT:
        raise Missing(f"a text of {len(filled):,} characters")
    return filled.replace("\\${", "${")


def fill_value(value: object, scope: Mapping[str, object]) -> object:
    """Return what a whole value stands for: a text that is one template is the value itself.

    :raises Missing: when a value is missing.
    """
    if isinstance(value, str) and (match := _TEMPLATE.fullmatch(value.strip())) is not None:
        return look_up(match[1], scope)
    return fill(value, scope) if isinstance(value, str) else value


def _words(value: object, prefix: str, depth: int) -> list[str]:
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, dict):
        found: list[str] = []
        for key, inner in value.items():
            found += _words(inner, f"{prefix}.{key}" if prefix else str(key), depth + 1)
        return found
    if isinstance(value, list):
        return ([f"--{prefix}"] if prefix else []) + [str(one) for one in value if not isinstance(one, (dict, list))]
    text = str(value)
    if text.lower() == "true":
        return [f"--{prefix}"]
    return [] if text.lower() == "false" or value is None else [f"--{prefix}", text]
