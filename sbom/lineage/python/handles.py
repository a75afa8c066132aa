"""Opened files, and what was read from them as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python.machine import Effect
from sbom.lineage.python.values import UNKNOWN, Builtin, Native

if TYPE_CHECKING:
    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

_WHOLE = frozenset({"read", "buffer", "raw", "decode", "strip", "__enter__", "reader", "fileno", "getvalue"})


class Connected(Native):
    """A connection to a database, or what makes connections.

    :ivar name: of its file; unknown where it is none.
    """

    __slots__ = ("name",)

    def __init__(self, name: Value) -> None:
        self.name = name


class Handle(Native):
    """An opened file, or its whole content.

    :ivar name: what it was opened by.
    :ivar first: which events opened it: from this one up to ``last``.
    """

    __slots__ = ("first", "last", "name")

    def __init__(self, name: Value, first: int, last: int) -> None:
        self.name = name
        self.first = first
        self.last = last

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return an attribute: its content stays the file as far as configuration goes."""
        machine.step()
        if name == "name":
            return self.name
        if name in _WHOLE:
            return Builtin(name, lambda _machine, _given: self)
        return UNKNOWN.child(name)

    def is_configuration(self, machine: Machine) -> None:
        """Note that it is only read for the values that are looked up in it."""
        for index in range(self.first, self.last):
            event = machine.events[index]
            if event.effect is Effect.READ:
                machine.events[index] = event._replace(effect=Effect.CONFIGURATION)
