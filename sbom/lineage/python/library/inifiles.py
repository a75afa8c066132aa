"""``configparser``: files of sections, and what is looked up in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.library import trees
from sbom.lineage.python.library.configuration import load
from sbom.lineage.python.values import UNKNOWN, Builtin, Items, Native, Table, Text, alternatives

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value


class Ini(Native):
    """``configparser.ConfigParser``."""

    __slots__ = ("table",)

    def __init__(self) -> None:
        self.table = Table({}, rest=True)

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a method."""
        method = _INI_METHODS.get(name)
        if method is None:
            return super().attribute(machine, name)
        return Builtin(name, lambda machine, given: method(machine, self, given))

    def item(self, machine: Machine, index: Value) -> Value:
        """Return a section."""
        machine.step()
        known = index.known if isinstance(index, Text) else None
        return self.section(machine, known) if known is not None else UNKNOWN

    def section(self, machine: Machine, name: str) -> Value:
        """Return a section, with what is common to all."""
        found = self.table.items.get(name)
        common = self.table.items.get("DEFAULT", Table({}))
        return trees.merged(machine, common, found) if isinstance(found, Table) else Table({}, rest=True)


def _ini_read(machine: Machine, parser: Ini, given: Given) -> Value:
    value = given.get(0, "filenames", "f")
    for one in machine.iterate(value)[0] if isinstance(value, Items) else alternatives(value):
        found = load(machine, one, "ini", given.where)
        for table in alternatives(found):
            parser.table = Table(dict(parser.table.items), rest=True)
            if isinstance(table, Table):
                parser.table.items.update(table.items)
    return UNKNOWN


def _ini_get(machine: Machine, parser: Ini, given: Given) -> Value:
    section = parser.item(machine, given.get(0, "section"))
    name = given.text(1, "option")
    if isinstance(section, Table) and name is not None and name.lower() in section.items:
        return section.items[name.lower()]
    return given.get(-1, "fallback", default=UNKNOWN)


def _ini_number(machine: Machine, parser: Ini, given: Given) -> Value:
    value = _ini_get(machine, parser, given)
    return trees.scalar(value.known) if isinstance(value, Text) and value.known else value


def _ini_sections(_machine: Machine, parser: Ini, _given: Given) -> Value:
    return Items([texts.text(str(name)) for name in parser.table.items if name != "DEFAULT"], rest=parser.table.rest)


def _ini_items(machine: Machine, parser: Ini, given: Given) -> Value:
    section = parser.item(machine, given.get(0, "section"))
    rows = section.items.items() if isinstance(section, Table) else ()
    return Items([Items([texts.text(str(name)), value], "tuple") for name, value in rows], rest=True)


_INI_METHODS: dict[str, Callable[[Machine, Ini, Given], Value]] = {
    "read": _ini_read,
    "read_file": _ini_read,
    "get": _ini_get,
    "getint": _ini_number,
    "getfloat": _ini_number,
    "getboolean": _ini_number,
    "sections": _ini_sections,
    "items": _ini_items,
}


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    f"configparser.{name}": lambda _machine, _given: Ini()
    for name in ("ConfigParser", "RawConfigParser", "SafeConfigParser")
}
