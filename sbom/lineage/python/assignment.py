"""Giving values to names, attributes and items."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sbom.lineage.python.values import UNKNOWN, External, Items, alternatives, choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.python.machine import Frame, Machine
    from sbom.lineage.python.values import Value


def assign(machine: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """Give a value to a name, an attribute, an item or several of them."""
    machine.step()
    if isinstance(target, ast.Name):
        _assign_name(machine, target.id, value, frame)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(machine, target.elts, value, frame)
    elif isinstance(target, ast.Starred):
        machine.assign(target.value, value if isinstance(value, Items) else Items([value], rest=True), frame)
    elif isinstance(target, ast.Attribute):
        machine.set_attribute(machine.evaluate(target.value, frame), target.attr, value)
    elif isinstance(target, ast.Subscript):
        index = UNKNOWN if isinstance(target.slice, ast.Slice) else machine.evaluate(target.slice, frame)
        machine.set_item(machine.evaluate(target.value, frame), index, value)


def _assign_name(machine: Machine, name: str, value: Value, frame: Frame) -> None:
    if name in frame.global_names:
        machine.store(frame.module.frame.names, name, value)
        return
    if name in frame.outer_names and frame.outer is not None:
        holder = frame.outer.find(name)
        if holder is not None:
            machine.store(holder.names, name, value)
            return
    frame.names[name] = value


def _unpack(machine: Machine, targets: Sequence[ast.expr], value: Value, frame: Frame) -> None:
    if isinstance(value, Items) and not value.rest and not any(isinstance(one, ast.Starred) for one in targets):
        values = value.items
    else:
        rows = [machine.iterate(one) for one in alternatives(value)]
        if rows and all(exact and len(row) == len(targets) for row, exact in rows):
            values = [choice(row[index] for row, _ in rows) for index in range(len(targets))]
        else:
            values = _starred(targets, value)
    for index, target in enumerate(targets):
        machine.assign(target, values[index] if index < len(values) else UNKNOWN, frame)


def _starred(targets: Sequence[ast.expr], value: Value) -> list[Value]:
    if not isinstance(value, Items) or value.rest:
        return [value if isinstance(value, External) else UNKNOWN for _ in targets]
    star = next((index for index, one in enumerate(targets) if isinstance(one, ast.Starred)), len(targets))
    tail = len(targets) - star - 1
    middle = value.items[star : len(value.items) - tail] if tail >= 0 else []
    end = value.items[len(value.items) - tail :] if tail > 0 else []
    return [*value.items[:star], Items(middle), *end]
