"""Texts with values put in: f-strings, ``str.format``, ``%``, and the formats of numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.values import External, Items, Table, Text, Thing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sbom.lineage.python.values import Value

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(?:![rsa])?(?::([^{}]*))?\}")
_PERCENT = re.compile(r"%(?:\((\w+)\))?([-+ 0#]{0,4})(\d{0,2})(?:\.(\d{1,2}))?([sdifrxgeu%])")
#: A format that is safe to try: no width of more than two digits.
_SAFE_FORMAT = re.compile(r"(?:.?[<>=^])?[+\- ]?#?0?\d{0,2}[,_]?(?:\.\d{1,2})?[bcdeEfFgGnosxX%]?")
_STEPS = re.compile(r"\[([^\[\]]+)\]|\.(\w+)")


def formatted(value: Value, form: str) -> Text:
    """Return what ``format`` makes of a value; unknown formats leave a gap."""
    if not form:
        return texts.text_of(value)
    if isinstance(value, Text):
        plain: object = value.known
    elif isinstance(value, Thing):
        plain = None
    else:
        plain = value
    if plain is None or not _SAFE_FORMAT.fullmatch(form):
        return texts.GAP
    try:
        return texts.text(format(plain, form))
    except (TypeError, ValueError, OverflowError):
        return texts.GAP


def format_text(template: Text, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Text:
    """Return what ``template.format(*arguments, **keywords)`` gives."""
    count = 0
    result: list[Text] = []
    for part in template.parts:
        if part is None:
            result.append(texts.GAP)
            continue
        end = 0
        for match in _FIELD.finditer(part):
            result.append(texts.text(part[end : match.start()]))
            end = match.end()
            if match[0] in {"{{", "}}"}:
                result.append(texts.text(match[0][0]))
                continue
            name = match[1]
            if not name:
                name, count = str(count), count + 1
            result.append(formatted(_field(name, arguments, keywords), match[2] or ""))
        result.append(texts.text(part[end:]))
    return texts.concatenate(*result)


def _field(name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    first = re.match(r"\w+", name)
    if first is None:
        return texts.GAP
    base = first[0]
    if base.isdecimal():
        index = int(base[:6])
        value: Value = arguments[index] if index < len(arguments) else texts.GAP
    else:
        value = keywords.get(base, texts.GAP)
    for step in _STEPS.finditer(name, first.end()):
        value = value.items.get(step[1] or step[2], texts.GAP) if isinstance(value, Table) else texts.GAP
    return value


def percent(template: Text, value: Value) -> Text:
    """Return what ``template % value`` gives."""
    named = value.items if isinstance(value, Table) else {}
    waiting = list(value.items) if isinstance(value, Items) and value.kind == "tuple" else [value]
    waiting.reverse()
    result: list[Text] = []
    for part in template.parts:
        if part is None:
            result.append(texts.GAP)
            continue
        end = 0
        for match in _PERCENT.finditer(part):
            result.append(texts.text(part[end : match.start()]))
            end = match.end()
            if match[5] == "%":
                result.append(texts.text("%"))
            elif match[1]:
                result.append(_conversion(match, named.get(match[1], texts.GAP)))
            else:
                result.append(_conversion(match, waiting.pop() if waiting else texts.GAP))
        result.append(texts.text(part[end:]))
    return texts.concatenate(*result)


def _conversion(match: re.Match[str], value: Value) -> Text:
    if match[5] == "s" and not match[2] and not match[3]:
        return texts.text_of(value)
    if isinstance(value, External):
        return texts.GAP
    if not isinstance(value, (int, float)):
        return texts.GAP
    precision = f".{match[4]}" if match[4] else ""
    try:
        return texts.text(f"%{match[2]}{match[3]}{precision}{match[5]}" % value)
    except (TypeError, ValueError, OverflowError):
        return texts.GAP
