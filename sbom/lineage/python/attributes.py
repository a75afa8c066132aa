"""Attributes and items: looking them up and setting them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sbom.lineage.python import definitions, imports, texts
from sbom.lineage.python.library import CONSTANTS
from sbom.lineage.python.machine import Module
from sbom.lineage.python.methods import METHODS_OF_TABLES, paths
from sbom.lineage.python.values import (
    MAX_ITEMS,
    UNKNOWN,
    Bound,
    Builtin,
    Choice,
    Class,
    External,
    Func,
    Items,
    Method,
    Native,
    Object,
    Table,
    Text,
    choice,
    key_of,
)

if TYPE_CHECKING:
    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

#: What task libraries add to a function: calling these is calling the function.
_AS_FUNCTION = frozenset(
    {"submit", "remote", "delay", "map", "fn", "callback", "apply_async", "main", "run", "__wrapped__"}
)


def attribute(machine: Machine, value: Value, name: str) -> Value:  # noqa: PLR0911  # one for each kind of value
    """Return ``value.name``."""
    if isinstance(value, Choice):
        return choice(attribute(machine, one, name) for one in value.values)
    if isinstance(value, External):
        constant = CONSTANTS.get(f"{value.trail}.{name}")
        return value.child(name) if constant is None else constant(machine)
    if isinstance(value, Object):
        return definitions.object_attribute(machine, value, name)
    if isinstance(value, Module):
        return _of_module(machine, value, name)
    if isinstance(value, Class):
        return definitions.class_attribute(machine, value, name)
    if isinstance(value, Native):
        return value.attribute(machine, name)
    return _of_plain(machine, value, name)


def _of_plain(machine: Machine, value: Value, name: str) -> Value:  # noqa: PLR0911  # one for each kind of value
    if isinstance(value, Text):
        return paths.prop(machine, value, name)
    if isinstance(value, Table):
        if name in value.items and (value.dotted or name not in METHODS_OF_TABLES):
            return value.items[name]
        return Method(value, name) if name in METHODS_OF_TABLES else UNKNOWN.child(name)
    if isinstance(value, (Func, Bound)):
        if name == "__name__" and isinstance(value, Func):
            return texts.text(value.name)
        return value if name in _AS_FUNCTION else UNKNOWN
    if isinstance(value, Builtin):
        return UNKNOWN
    return Method(value, name) if isinstance(value, (Items, bytes)) else value if name == "value" else UNKNOWN


def _of_module(machine: Machine, module: Module, name: str) -> Value:
    if name in module.frame.names:
        return module.frame.names[name]
    if name == "__file__":
        return texts.absolute(texts.text(module.path), "")
    if name == "__path__":
        return Items([texts.absolute(texts.text(posixpath.dirname(module.path)), "")])
    if imports.is_package(module):
        inner = imports.submodule(machine, posixpath.dirname(module.path), name)
        if inner is not None:
            return inner
    return UNKNOWN


def set_attribute(machine: Machine, value: Value, name: str, new: Value) -> None:
    """Do ``value.name = new``."""
    machine.step()
    if isinstance(value, Choice):
        with machine.doubt():
            for one in value.values:
                set_attribute(machine, one, name, new)
    elif isinstance(value, (Object, Class)):
        machine.store(value.names, name, new)
    elif isinstance(value, Module):
        machine.store(value.frame.names, name, new)
    elif isinstance(value, Table):
        _store_item(machine, value, name, new)
    elif isinstance(value, External) and value.trail == "sys" and name == "argv" and isinstance(new, Items):
        machine.words = list(new.items[1:])


def set_item(machine: Machine, value: Value, index: Value, new: Value) -> None:
    """Do ``value[index] = new``."""
    machine.step()
    if isinstance(value, Choice):
        with machine.doubt():
            for one in value.values:
                set_item(machine, one, index, new)
    elif isinstance(value, Table):
        key = key_of(index)
        if key is None:
            value.rest = True
            _store_item(machine, value, UNKNOWN, new)
        else:
            _store_item(machine, value, key[0], new)
    elif isinstance(value, Items):
        if isinstance(index, int) and not value.rest and -len(value.items) <= index < len(value.items):
            value.items[index] = choice((value.items[index], new)) if machine.uncertain else new
        else:
            value.rest = True
    elif isinstance(value, External) and value.trail == "os.environ" and isinstance(index, Text) and index.known:
        machine.environment[index.known] = new
    elif isinstance(value, Object):
        definitions.special(machine, value, "__setitem__", machine.main.frame, index, new)


def _store_item(machine: Machine, table: Table, key: object, new: Value) -> None:
    if machine.uncertain and key in table.items:
        table.items[key] = choice((table.items[key], new))
    elif key in table.items or len(table.items) < MAX_ITEMS:
        table.items[key] = new
    else:
        table.rest = True
