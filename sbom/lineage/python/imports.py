"""Import statements: modules of the workspace are run, everything else stays a dotted name."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sbom.lineage.python.machine import Flow, Module
from sbom.lineage.python.values import UNKNOWN, External, Native

if TYPE_CHECKING:
    import ast

    from sbom.lineage.python.machine import Frame, Machine
    from sbom.lineage.python.values import Value

_MAX_PARTS = 20


class Package(Native):
    """A directory that modules are imported from; it has no ``__init__`` of its own."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a module in it."""
        return submodule(machine, self.path, name) or UNKNOWN.child(name)


def run_import(machine: Machine, node: ast.Import, frame: Frame) -> Flow:
    """Run ``import a.b`` and ``import a.b as c``."""
    for alias in node.names:
        machine.step()
        value = absolute(machine, alias.name, frame.module)
        if alias.asname:
            frame.names[alias.asname] = value
        else:
            first = alias.name.split(".", 1)[0]
            frame.names[first] = (
                absolute(machine, first, frame.module) if isinstance(value, (Module, Package)) else External(first)
            )
    return Flow.NEXT


def run_import_from(machine: Machine, node: ast.ImportFrom, frame: Frame) -> Flow:
    """Run ``from a import b``."""
    module = (
        _relative(machine, node, frame.module) if node.level else absolute(machine, node.module or "", frame.module)
    )
    for alias in node.names:
        machine.step()
        if alias.name == "*":
            _all_names(module, frame)
            continue
        frame.names[alias.asname or alias.name] = member(machine, module, alias.name, node.module or "")
    return Flow.NEXT


def member(machine: Machine, module: Value, name: str, dotted: str) -> Value:
    """Return what ``from module import name`` gives."""
    if isinstance(module, Module):
        if name in module.frame.names:
            return module.frame.names[name]
        inner = submodule(machine, posixpath.dirname(module.path), name) if is_package(module) else None
        return inner or UNKNOWN
    if isinstance(module, Package):
        # Nothing of the workspace: an installed package of that name comes before a plain directory.
        return submodule(machine, module.path, name) or External(f"{dotted}.{name}")
    return machine.attribute(module, name)


def is_package(module: Module) -> bool:
    """Tell whether a module has modules inside."""
    return posixpath.basename(module.path) == "__init__.py"


def _all_names(module: Value, frame: Frame) -> None:
    if isinstance(module, Module):
        frame.names.update({name: value for name, value in module.frame.names.items() if not name.startswith("_")})


def absolute(machine: Machine, dotted: str, importer: Module) -> Value:
    """Return a module by its dotted name; the packages that it lies in run first."""
    parts = dotted.split(".")[:_MAX_PARTS]
    path = machine.finder.locate(parts, importer.path) if parts[0] else None
    if path is None:
        return External(dotted)
    base = path
    for _ in parts[1:]:
        base = posixpath.dirname(base)
    for index in range(1, len(parts)):
        found(machine, posixpath.join(base, *parts[1:index]), ".".join(parts[:index]))
    return found(machine, path, dotted) or External(dotted)


def found(machine: Machine, path: str, name: str) -> Module | Package | None:
    """Return what there is at a path (without suffix)."""
    file = machine.finder.module(path)
    if file is not None:
        return machine.load(file, name)
    return Package(path) if machine.workspace.is_directory(path) else None


def submodule(machine: Machine, directory: str, name: str) -> Module | Package | None:
    """Return a module in a directory."""
    return found(machine, posixpath.join(directory, name), name)


def _relative(machine: Machine, node: ast.ImportFrom, importer: Module) -> Value:
    directory = posixpath.dirname(importer.path)
    for _ in range(min(node.level, _MAX_PARTS) - 1):
        directory = posixpath.dirname(directory)
    parts = (node.module or "").split(".")[:_MAX_PARTS] if node.module else []
    for index in range(1, len(parts)):
        found(machine, posixpath.join(directory, *parts[:index]), parts[index - 1])
    path = posixpath.join(directory, *parts)
    if not parts and path == posixpath.dirname(importer.path) and is_package(importer):
        return importer
    return found(machine, path, parts[-1] if parts else "") or UNKNOWN
