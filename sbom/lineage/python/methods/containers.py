"""Methods of lists, tuples, sets and mappings; and what looping over a value gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import definitions, texts
from sbom.lineage.python.values import (
    MAX_ITEMS,
    UNKNOWN,
    Choice,
    Class,
    External,
    Items,
    Native,
    Object,
    Table,
    Text,
    choice,
    key_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value


def iterate(machine: Machine, value: Value) -> tuple[list[Value], bool]:  # noqa: PLR0911  # one for each kind of value
    """Return the items of a value, and whether there are exactly these; else there may be others, or none."""
    machine.step()
    if isinstance(value, Items):
        return (list(value.items) if value.items or not value.rest else [UNKNOWN]), not value.rest
    if isinstance(value, Table):
        keys = [plain(key) for key in value.items]
        return (keys if keys or not value.rest else [UNKNOWN]), not value.rest
    if isinstance(value, Choice):
        found = [item for one in value.values for item in iterate(machine, one)[0]]
        return found[:MAX_ITEMS], False
    if isinstance(value, (Object, Class)):
        return _of_object(machine, value)
    if isinstance(value, Text) and not value.path and value.known is not None:
        return [texts.text(character) for character in value.known[:MAX_ITEMS]], len(value.known) <= MAX_ITEMS
    if isinstance(value, Native):
        return [UNKNOWN], False
    return [value if isinstance(value, External) else UNKNOWN], False


def _of_object(machine: Machine, value: Object | Class) -> tuple[list[Value], bool]:
    if isinstance(value, Class):
        return [one for name, one in value.names.items() if not name.startswith("_")], False
    made = definitions.special(machine, value, "__iter__", machine.main.frame)
    if made is None:
        # The sequence protocol: items by number.
        item = definitions.special(machine, value, "__getitem__", machine.main.frame, UNKNOWN)
        return [UNKNOWN if item is None else item], False
    return ([UNKNOWN], False) if isinstance(made, Object) else iterate(machine, made)


def plain(key: object) -> Value:
    """Return a key of a mapping as a value."""
    if isinstance(key, str):
        return texts.text(key, literal=True)
    if isinstance(key, tuple):
        return Items([plain(part) for part in key], "tuple")
    return key if key is None or isinstance(key, (int, float, bytes)) else UNKNOWN


def _append(machine: Machine, receiver: Items, given: Given) -> Value:
    machine.step()
    if len(receiver.items) < MAX_ITEMS:
        receiver.items.append(given.get(0))
    receiver.rest = receiver.rest or machine.uncertain > 0
    return None


def _extend(machine: Machine, receiver: Items, given: Given) -> Value:
    values, exact = machine.iterate(given.get(0))
    receiver.items += values[: MAX_ITEMS - len(receiver.items)]
    receiver.rest = receiver.rest or not exact or machine.uncertain > 0
    return None


def _insert(machine: Machine, receiver: Items, given: Given) -> Value:
    index = given.get(0)
    if isinstance(index, int) and len(receiver.items) < MAX_ITEMS:
        receiver.items.insert(index, given.get(1))
    receiver.rest = receiver.rest or machine.uncertain > 0
    return None


def _pop(machine: Machine, receiver: Items, given: Given) -> Value:
    index = given.get(0, default=-1)
    if (
        isinstance(index, int)
        and not receiver.rest
        and not machine.uncertain
        and -len(receiver.items) <= index < len(receiver.items)
    ):
        return receiver.items.pop(index)
    return choice(receiver.items)


def _copy_items(_machine: Machine, receiver: Items, _given: Given) -> Value:
    return Items(list(receiver.items), receiver.kind, receiver.rest)


def _union(machine: Machine, receiver: Items, given: Given) -> Value:
    made = Items(list(receiver.items), receiver.kind, receiver.rest)
    for argument in given.arguments:
        _extend(machine, made, given.replaced([argument]))
    return made


def _sort(_machine: Machine, receiver: Items, _given: Given) -> Value:
    known = [item.known for item in receiver.items if isinstance(item, Text) and item.known is not None]
    if len(known) == len(receiver.items) and not receiver.rest:
        receiver.items.sort(key=lambda item: item.known or "" if isinstance(item, Text) else "")
    return None


def _nothing(_machine: Machine, _receiver: Items, _given: Given) -> Value:
    return None


def _index(_machine: Machine, receiver: Items, given: Given) -> Value:
    key = key_of(given.get(0))
    keys = [key_of(item) for item in receiver.items]
    return keys.index(key) if key is not None and key in keys and not receiver.rest else UNKNOWN


def _get(_machine: Machine, receiver: Table, given: Given) -> Value:
    key, default = key_of(given.get(0, "key")), given.get(1, "default")
    if key is None:
        return choice((*receiver.items.values(), UNKNOWN if receiver.rest else default))
    if key[0] in receiver.items:
        return receiver.items[key[0]]
    return choice((default, UNKNOWN)) if receiver.rest else default


def _pop_key(machine: Machine, receiver: Table, given: Given) -> Value:
    value = _get(machine, receiver, given)
    key = key_of(given.get(0))
    if key is not None and not machine.uncertain:
        receiver.items.pop(key[0], None)
    return value


def _set_default(machine: Machine, receiver: Table, given: Given) -> Value:
    key = key_of(given.get(0))
    if key is None or key[0] in receiver.items:
        return _get(machine, receiver, given)
    receiver.items[key[0]] = given.get(1)
    return given.get(1)


def _items(_machine: Machine, receiver: Table, _given: Given) -> Value:
    rows: list[Value] = [Items([plain(key), value], "tuple") for key, value in receiver.items.items()]
    if not rows and receiver.rest:
        rows = [Items([UNKNOWN, UNKNOWN], "tuple")]
    return Items(rows, rest=receiver.rest)


def _keys(_machine: Machine, receiver: Table, _given: Given) -> Value:
    return Items([plain(key) for key in receiver.items], rest=receiver.rest)


def _values(_machine: Machine, receiver: Table, _given: Given) -> Value:
    return Items(list(receiver.items.values()), rest=receiver.rest)


def _update(machine: Machine, receiver: Table, given: Given) -> Value:
    machine.step()
    other = given.get(0)
    new: dict[object, Value] = dict(other.items) if isinstance(other, Table) else {}
    new.update(given.keywords)
    receiver.rest = receiver.rest or (given.has(0) and not isinstance(other, Table)) or len(new) > MAX_ITEMS
    for key, value in list(new.items())[:MAX_ITEMS]:
        old = receiver.items.get(key)
        receiver.items[key] = choice((old, value)) if machine.uncertain and key in receiver.items else value
    return None


def _copy_table(_machine: Machine, receiver: Table, _given: Given) -> Value:
    return Table(dict(receiver.items), receiver.rest, receiver.dotted)


OF_ITEMS: dict[str, Callable[[Machine, Items, Given], Value]] = {
    "append": _append,
    "add": _append,
    "appendleft": _append,
    "put": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "popleft": _pop,
    "get": _pop,
    "copy": _copy_items,
    "union": _union,
    "intersection": _copy_items,
    "difference": _copy_items,
    "update": _extend,
    "sort": _sort,
    "reverse": _nothing,
    "index": _index,
}
OF_TABLES: dict[str, Callable[[Machine, Table, Given], Value]] = {
    "get": _get,
    "pop": _pop_key,
    "setdefault": _set_default,
    "items": _items,
    "keys": _keys,
    "values": _values,
    "update": _update,
    "copy": _copy_table,
    "to_dict": _copy_table,
    "as_dict": _copy_table,
    "dict": _copy_table,
    "model_dump": _copy_table,
}
