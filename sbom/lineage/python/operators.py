"""Operators on what is known of their operands."""

from __future__ import annotations

import ast
import operator
from itertools import islice, product
from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.formatting import percent
from sbom.lineage.python.values import (
    MAX_CHOICES,
    MAX_ITEMS,
    UNKNOWN,
    Choice,
    Class,
    External,
    Func,
    Items,
    Object,
    Table,
    Text,
    Thing,
    alternatives,
    choice,
    key_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

_LARGEST = 1 << 62
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ORDER: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def binary(machine: Machine, node: ast.operator, left: Value, right: Value) -> Value:
    """Return what an operator of two operands gives."""
    pairs = islice(product(alternatives(left), alternatives(right)), MAX_CHOICES * 2)
    return choice(_binary(machine, node, one, other) for one, other in pairs)


def _binary(machine: Machine, node: ast.operator, left: Value, right: Value) -> Value:  # noqa: PLR0911  # one for each kind of value
    machine.step()
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _number(node, left, right)
    if isinstance(node, ast.Div):
        return _slash(machine, left, right)
    if isinstance(node, ast.Mod) and isinstance(left, Text):
        return percent(left, right)
    if isinstance(node, ast.Add):
        return _plus(left, right)
    if isinstance(node, ast.Mult) and isinstance(right, int):
        return _times(left, right)
    if isinstance(node, ast.BitOr) and isinstance(left, Table) and isinstance(right, Table):
        return Table({**left.items, **right.items}, left.rest or right.rest, left.dotted)
    return left if isinstance(left, External) else UNKNOWN


def _number(node: ast.operator, left: float, right: float) -> Value:
    function = _ARITHMETIC.get(type(node))
    if function is None or abs(left) > _LARGEST or abs(right) > _LARGEST:
        return UNKNOWN
    try:
        return function(left, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN


def _slash(machine: Machine, left: Value, right: Value) -> Value:
    if isinstance(left, Object):
        left = machine.as_text(left)
    if isinstance(left, Text) and (isinstance(right, (Text, External))):
        return texts.join(texts.as_path(left), texts.text_of(right))
    if isinstance(left, External) and isinstance(right, Text):
        return texts.join(Text((None,), path=True), right)
    return left if isinstance(left, External) else UNKNOWN


def _plus(left: Value, right: Value) -> Value:
    if isinstance(left, Text) and isinstance(right, (Text, External)):
        return texts.concatenate(left, texts.text_of(right))
    if isinstance(left, External) and isinstance(right, Text):
        return texts.concatenate(texts.GAP, right)
    if isinstance(left, Items):
        if isinstance(right, Items):
            return Items([*left.items, *right.items][:MAX_ITEMS], left.kind, left.rest or right.rest)
        return Items(list(left.items), left.kind, rest=True)
    return left if isinstance(left, External) else UNKNOWN


def _times(left: Value, right: int) -> Value:
    if isinstance(left, Text) and left.known is not None and 0 <= right <= MAX_ITEMS:
        return texts.text(left.known * right)
    if isinstance(left, Items) and len(left.items) * max(right, 0) <= MAX_ITEMS:
        return Items(left.items * right, left.kind, left.rest)
    return UNKNOWN


def unary(machine: Machine, node: ast.unaryop, value: Value) -> Value:
    """Return what an operator of one operand gives."""
    if isinstance(node, ast.Not):
        known = machine.truth(value)
        return UNKNOWN if known is None else not known
    if isinstance(value, (int, float)):
        if isinstance(node, ast.USub):
            return -value
        return value if isinstance(node, ast.UAdd) else UNKNOWN
    return value if isinstance(value, External) else UNKNOWN


def truth(value: Value) -> bool | None:
    """Tell whether a value counts as true; ``None`` when that is not known."""
    if isinstance(value, Choice):
        known = {truth(one) for one in value.values}
        return known.pop() if len(known) == 1 else None
    if isinstance(value, Text):
        return _truth_of_text(value)
    if isinstance(value, Items):
        return None if value.rest else bool(value.items)
    if isinstance(value, Table):
        return True if value.items else None if value.rest else False
    if isinstance(value, (Func, Class, Object)):
        return True
    return None if isinstance(value, Thing) else bool(value)


def _truth_of_text(value: Text) -> bool | None:
    if value.path or any(value.parts):
        return True
    return None if value.parts else False


def compare(machine: Machine, node: ast.cmpop, left: Value, right: Value) -> Value:
    """Return what a comparison gives: ``True``, ``False`` or unknown."""
    pairs = islice(product(alternatives(left), alternatives(right)), MAX_CHOICES * 2)
    found = {_compare(machine, node, one, other) for one, other in pairs}
    known = found.pop() if len(found) == 1 else None
    return UNKNOWN if known is None else known


def _compare(machine: Machine, node: ast.cmpop, left: Value, right: Value) -> bool | None:
    machine.step()
    if isinstance(node, (ast.Eq, ast.Is)):
        return _equal(left, right)
    if isinstance(node, (ast.NotEq, ast.IsNot)):
        known = _equal(left, right)
        return None if known is None else not known
    if isinstance(node, (ast.In, ast.NotIn)):
        known = _inside(left, right)
        return known if known is None or isinstance(node, ast.In) else not known
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _ORDER[type(node)](left, right)
    return None


def _equal(left: Value, right: Value) -> bool | None:
    if isinstance(left, Text) and isinstance(right, Text):
        if left.known is not None and right.known is not None:
            return left.known == right.known and left.path == right.path
        return _may_be_equal(left, right)
    if isinstance(left, External) or isinstance(right, External):
        return None
    one, other = key_of(left), key_of(right)
    if one is not None and other is not None:
        return one == other
    if left is right:
        return True
    return False if left is None or right is None or isinstance(left, Text) is not isinstance(right, Text) else None


def _may_be_equal(left: Text, right: Text) -> bool | None:
    """Tell of two texts, one of which has gaps, that they differ where that is certain."""
    gapped, whole = (left, right) if right.known is not None else (right, left)
    known = whole.known
    if known is None:
        return None
    head, tail = gapped.parts[0], gapped.parts[-1]
    if (head is not None and not known.startswith(head)) or (tail is not None and not known.endswith(tail)):
        return False
    return None


def _inside(left: Value, right: Value) -> bool | None:  # noqa: PLR0911  # one for each kind of value
    if isinstance(left, Text) and isinstance(right, Text):
        if left.known is None:
            return None
        if any(left.known in part for part in right.parts if part is not None):
            return True
        return False if right.known is not None else None
    key = key_of(left)
    if key is None or not isinstance(right, (Items, Table)):
        return None
    if isinstance(right, Table):
        return True if key[0] in right.items else None if right.rest else False
    keys = [key_of(item) for item in right.items]
    if key in keys:
        return True
    return None if right.rest or None in keys else False
