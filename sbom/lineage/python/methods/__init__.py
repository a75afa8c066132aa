"""Methods of texts, paths, lists, mappings and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python.methods import containers, paths, strings
from sbom.lineage.python.values import UNKNOWN, Items, Table, Text

if TYPE_CHECKING:
    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Method, Value

METHODS_OF_TABLES = frozenset(containers.OF_TABLES)


def call_method(machine: Machine, method: Method, given: Given) -> Value:
    """Return what a call of a method gives."""
    receiver = method.receiver
    if isinstance(receiver, Text):
        if receiver.path:
            function = paths.METHODS.get(method.name)
            return UNKNOWN if function is None else function(machine, receiver, given)
        on_text = strings.METHODS.get(method.name)
        return UNKNOWN if on_text is None else on_text(machine, receiver, given)
    if isinstance(receiver, Items):
        on_items = containers.OF_ITEMS.get(method.name)
        return UNKNOWN if on_items is None else on_items(machine, receiver, given)
    if isinstance(receiver, Table):
        on_table = containers.OF_TABLES.get(method.name)
        return UNKNOWN if on_table is None else on_table(machine, receiver, given)
    return UNKNOWN
