"""Methods of ``str``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.formatting import format_text
from sbom.lineage.python.values import MAX_ITEMS, UNKNOWN, Items, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value


def _plain(function: Callable[[str], str]) -> Callable[[Machine, Text, Given], Value]:
    """Return a method that works on each known part as on the whole."""

    def method(_machine: Machine, receiver: Text, _given: Given) -> Value:
        return texts.build(None if part is None else function(part) for part in receiver.parts)

    return method


def _stripped(which: str) -> Callable[[Machine, Text, Given], Value]:
    def method(_machine: Machine, receiver: Text, given: Given) -> Value:
        characters = given.text(0, default="")
        if characters is None or not receiver.parts:
            return receiver
        parts = list(receiver.parts)
        if which != "right" and parts[0] is not None:
            parts[0] = parts[0].lstrip(characters or None)
        if which != "left" and parts[-1] is not None:
            parts[-1] = parts[-1].rstrip(characters or None)
        return texts.build(parts)

    return method


def _replace(_machine: Machine, receiver: Text, given: Given) -> Value:
    old, new = given.text(0, "old"), given.get(1, "new")
    if old is None or not isinstance(new, Text):
        return texts.GAP if receiver.known is not None else receiver
    if not any(old in part for part in receiver.parts if part):
        return receiver
    pieces: list[str | None] = []
    for part in receiver.parts:
        if part is None or not old:
            pieces.append(part)
            continue
        split = part.split(old)
        if len(split) > MAX_ITEMS:
            return texts.GAP
        for index, piece in enumerate(split):
            pieces += [*new.parts, piece] if index else [piece]
    return texts.build(pieces)


def _split(_machine: Machine, receiver: Text, given: Given) -> Value:
    known, separator, limit = receiver.known, given.text(0, "sep", default=" "), given.get(1, "maxsplit", default=-1)
    if known is None or not separator or not isinstance(limit, int):
        return Items([texts.GAP], rest=True)
    whole = known.split(None if not given.has(0, "sep") else separator, limit)
    return Items([texts.text(piece) for piece in whole[:MAX_ITEMS]], rest=len(whole) > MAX_ITEMS)


def _rsplit(_machine: Machine, receiver: Text, given: Given) -> Value:
    known, separator, limit = receiver.known, given.text(0, "sep"), given.get(1, "maxsplit", default=-1)
    if (
        separator
        and limit == 1
        and receiver.parts
        and receiver.parts[-1] is not None
        and separator in receiver.parts[-1]
    ):
        head, _, tail = receiver.parts[-1].rpartition(separator)
        return Items([texts.build([*receiver.parts[:-1], head]), texts.text(tail)])
    if known is None or not separator or not isinstance(limit, int):
        return Items([texts.GAP], rest=True)
    return Items([texts.text(piece) for piece in known.rsplit(separator, limit)[:MAX_ITEMS]])


def _partition(function: Callable[[str, str], tuple[str, str, str]]) -> Callable[[Machine, Text, Given], Value]:
    def method(_machine: Machine, receiver: Text, given: Given) -> Value:
        known, separator = receiver.known, given.text(0)
        if known is None or not separator:
            return Items([texts.GAP, texts.GAP, texts.GAP], "tuple")
        return Items([texts.text(piece) for piece in function(known, separator)], "tuple")

    return method


def _join(machine: Machine, receiver: Text, given: Given) -> Value:
    values, exact = machine.iterate(given.get(0))
    if not exact:
        return texts.GAP
    pieces: list[Text] = []
    for index, value in enumerate(values):
        pieces += [receiver] if index else []
        pieces.append(machine.as_text(value))
    return texts.concatenate(*pieces) if pieces else texts.text("")


def _format(machine: Machine, receiver: Text, given: Given) -> Value:
    machine.step()
    return format_text(receiver, given.arguments, given.keywords)


def _starts(_machine: Machine, receiver: Text, given: Given) -> Value:
    prefixes = _several(given)
    head = receiver.parts[0] if receiver.parts else ""
    if prefixes is None or head is None:
        return UNKNOWN
    if receiver.known is not None or all(len(prefix) <= len(head) for prefix in prefixes):
        return head.startswith(prefixes)
    return UNKNOWN


def _ends(_machine: Machine, receiver: Text, given: Given) -> Value:
    suffixes = _several(given)
    tail = receiver.parts[-1] if receiver.parts else ""
    if suffixes is None or tail is None:
        return UNKNOWN
    if receiver.known is not None or all(len(suffix) <= len(tail) for suffix in suffixes):
        return tail.endswith(suffixes)
    return UNKNOWN


def _several(given: Given) -> tuple[str, ...] | None:
    value = given.get(0)
    found = value.items if isinstance(value, Items) else [value]
    known = [one.known for one in found if isinstance(one, Text)]
    return tuple(one for one in known if one is not None) if len(known) == len(found) and None not in known else None


def _remove(which: str) -> Callable[[Machine, Text, Given], Value]:
    def method(_machine: Machine, receiver: Text, given: Given) -> Value:
        known, affix = receiver.known, given.text(0)
        if known is None or affix is None:
            return texts.GAP
        return texts.text(known.removeprefix(affix) if which == "prefix" else known.removesuffix(affix))

    return method


def _fill(_machine: Machine, receiver: Text, given: Given) -> Value:
    known, width = receiver.known, given.get(0)
    if known is None or not isinstance(width, int) or width > MAX_ITEMS:
        return texts.GAP
    return texts.text(known.zfill(width))


def _lines(_machine: Machine, receiver: Text, _given: Given) -> Value:
    if receiver.known is None:
        return Items([texts.GAP], rest=True)
    return Items([texts.text(line) for line in receiver.known.splitlines()[:MAX_ITEMS]])


def _question(function: Callable[[str], bool]) -> Callable[[Machine, Text, Given], Value]:
    def method(_machine: Machine, receiver: Text, _given: Given) -> Value:
        return UNKNOWN if receiver.known is None else function(receiver.known)

    return method


def _same(_machine: Machine, receiver: Text, _given: Given) -> Value:
    return receiver


METHODS: dict[str, Callable[[Machine, Text, Given], Value]] = {
    "lower": _plain(str.lower),
    "upper": _plain(str.upper),
    "casefold": _plain(str.casefold),
    "capitalize": _plain(str.capitalize),
    "title": _plain(str.title),
    "swapcase": _plain(str.swapcase),
    "strip": _stripped("both"),
    "lstrip": _stripped("left"),
    "rstrip": _stripped("right"),
    "replace": _replace,
    "split": _split,
    "rsplit": _rsplit,
    "partition": _partition(str.partition),
    "rpartition": _partition(str.rpartition),
    "splitlines": _lines,
    "join": _join,
    "format": _format,
    "startswith": _starts,
    "endswith": _ends,
    "removeprefix": _remove("prefix"),
    "removesuffix": _remove("suffix"),
    "zfill": _fill,
    "encode": _same,
    "decode": _same,
    "isdigit": _question(str.isdigit),
    "isnumeric": _question(str.isnumeric),
    "isalpha": _question(str.isalpha),
    "expandtabs": _same,
}
