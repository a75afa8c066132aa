"""Functions of the standard library and of others that are modelled: one file per family.

``FUNCTIONS`` are called by their dotted name; ``CONSTANTS`` are values that a dotted name stands for; ``WRAPPERS`` are
decorators that make something else of a function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python.library import (
    arguments,
    builtin,
    collection,
    commands,
    configuration,
    databases,
    files,
    hydra,
    inifiles,
    notebooks,
    processes,
    programs,
    system,
    tracking,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    **builtin.FUNCTIONS,
    **collection.FUNCTIONS,
    **system.FUNCTIONS,
    **files.FUNCTIONS,
    **processes.FUNCTIONS,
    **configuration.FUNCTIONS,
    **databases.FUNCTIONS,
    **arguments.FUNCTIONS,
    **commands.FUNCTIONS,
    **programs.FUNCTIONS,
    **hydra.FUNCTIONS,
    **inifiles.FUNCTIONS,
    **notebooks.FUNCTIONS,
    **tracking.FUNCTIONS,
}
CONSTANTS: dict[str, Callable[[Machine], Value]] = {**system.CONSTANTS, **programs.CONSTANTS}
WRAPPERS: dict[str, Callable[[Machine, Value, Given | None], Value]] = {**commands.WRAPPERS, **hydra.WRAPPERS}
