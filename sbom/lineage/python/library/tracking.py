"""Libraries that follow experiments: which of what they write is part of a step, and which functions they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.machine import Effect
from sbom.lineage.python.values import Builtin, External, Native

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value


class Live(Native):
    """``dvclive.Live``: a directory that it is told to write is written; its own ``dvclive`` is a log."""

    __slots__ = ("directory",)

    def __init__(self, directory: Value) -> None:
        self.directory = directory

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a method: what is logged is read from where it lies."""
        machine.step()
        if name == "dir":
            return self.directory
        if name == "log_artifact":
            return Builtin(name, _artifact)
        return External(f"dvclive.Live().{name}")


def _live(machine: Machine, given: Given) -> Value:
    named = given.has(0, "dir", "path")
    directory = given.get(0, "dir", "path", default=texts.text("dvclive"))
    if named:
        machine.record(Effect.WRITE_DIRECTORY, directory, given.where)
    return Live(directory)


def _artifact(machine: Machine, given: Given) -> Value:
    machine.record(Effect.READ, given.get(0, "path"), given.where)
    return None


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {"dvclive.Live": _live}
