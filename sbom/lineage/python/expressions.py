"""Evaluating expressions."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from sbom.lineage.python import definitions, texts
from sbom.lineage.python.formatting import formatted
from sbom.lineage.python.machine import Frame, Given
from sbom.lineage.python.operators import binary, compare, unary
from sbom.lineage.python.values import (
    MAX_ITEMS,
    UNKNOWN,
    Builtin,
    External,
    Items,
    Native,
    Object,
    Table,
    Text,
    alternatives,
    choice,
    key_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

_BUILTINS = frozenset(dir(builtins)) | {"get_ipython"}
#: Characters of a text that stands in a script, and numbers, that are kept.
_MAX_CONSTANT = 1 << 16
_MAX_NUMBER = 1 << 62
#: Rounds of a comprehension whose end is known.
_MAX_ROUNDS = 200


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    """Return the value of an expression."""
    handler = _HANDLERS.get(type(node))
    return UNKNOWN if handler is None else handler(machine, node, frame)


def _constant(_machine: Machine, node: ast.Constant, _frame: Frame) -> Value:
    if isinstance(node.value, str):
        return (
            Text((node.value,) if node.value else (), literal=True) if len(node.value) <= _MAX_CONSTANT else texts.GAP
        )
    if isinstance(node.value, int) and abs(node.value) > _MAX_NUMBER:
        return UNKNOWN
    return node.value if node.value is None or isinstance(node.value, (int, float, bytes)) else UNKNOWN


def _name(machine: Machine, node: ast.Name, frame: Frame) -> Value:
    return lookup(machine, node.id, frame)


def lookup(machine: Machine, name: str, frame: Frame) -> Value:  # noqa: PLR0911  # one for each kind of value
    """Return what a name stands for."""
    if name in frame.global_names:
        return frame.module.frame.names.get(name, UNKNOWN)
    holder = frame.find(name)
    if holder is not None:
        return holder.names[name]
    module = frame.module
    if name == "__name__":
        return texts.text(module.name)
    if name == "__file__":
        return texts.absolute(texts.text(module.path), "")
    if name == "__doc__":
        return texts.GAP if module.doc is None else texts.long(module.doc)
    if name == "super":
        return Builtin("super", definitions.super_of)
    machine.step()
    return External(f"builtins.{name}") if name in _BUILTINS else UNKNOWN


def _attribute(machine: Machine, node: ast.Attribute, frame: Frame) -> Value:
    return machine.attribute(machine.evaluate(node.value, frame), node.attr)


def _binary(machine: Machine, node: ast.BinOp, frame: Frame) -> Value:
    return binary(machine, node.op, machine.evaluate(node.left, frame), machine.evaluate(node.right, frame))


def _unary(machine: Machine, node: ast.UnaryOp, frame: Frame) -> Value:
    return unary(machine, node.op, machine.evaluate(node.operand, frame))


def _boolean(machine: Machine, node: ast.BoolOp, frame: Frame) -> Value:
    stops = isinstance(node.op, ast.Or)
    found: list[Value] = []
    for index, operand in enumerate(node.values):
        value = machine.evaluate(operand, frame)
        last = index == len(node.values) - 1
        for one in alternatives(value):
            known = machine.truth(one)
            if last or known is stops or known is None:
                found.append(one)
        if machine.truth(value) is stops:
            break
    return choice(found)


def _compare(machine: Machine, node: ast.Compare, frame: Frame) -> Value:
    left = machine.evaluate(node.left, frame)
    results: list[bool | None] = []
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = machine.evaluate(comparator, frame)
        results.append(machine.truth(compare(machine, op, left, right)))
        left = right
    if False in results:
        return False
    return UNKNOWN if None in results else True


def _conditional(machine: Machine, node: ast.IfExp, frame: Frame) -> Value:
    known = machine.truth(machine.evaluate(node.test, frame))
    if known is not None:
        return machine.evaluate(node.body if known else node.orelse, frame)
    with machine.doubt():
        return choice((machine.evaluate(node.body, frame), machine.evaluate(node.orelse, frame)))


def _joined(machine: Machine, node: ast.JoinedStr, frame: Frame) -> Value:
    """Evaluate an f-string; where one of its values is one of several, so is the whole."""
    results: list[list[Text]] = [[]]
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = machine.evaluate(part.value, frame)
            form = machine.evaluate(part.format_spec, frame) if part.format_spec is not None else None
            known = form.known or "" if isinstance(form, Text) else ""
            pieces = list(dict.fromkeys(_piece(machine, one, known) for one in alternatives(value)))
        else:
            pieces = [texts.text_of(machine.evaluate(part, frame))]
        if len(results) * len(pieces) > MAX_ITEMS // 20:
            pieces = [texts.GAP]
        results = [[*result, piece] for result in results for piece in pieces]
    if all(isinstance(part, ast.Constant) for part in node.values):
        return Text(texts.concatenate(*results[0]).parts, literal=True)
    return choice(Text(texts.concatenate(*result).parts) for result in results)


def _piece(machine: Machine, value: Value, form: str) -> Text:
    return formatted(machine.as_text(value) if isinstance(value, Object) else value, form)


def _items(machine: Machine, node: ast.List | ast.Tuple | ast.Set, frame: Frame) -> Value:
    made = Items([], {ast.List: "list", ast.Tuple: "tuple"}.get(type(node), "set"))
    for element in node.elts:
        if len(made.items) >= MAX_ITEMS:
            made.rest = True
            break
        if isinstance(element, ast.Starred):
            values, exact = machine.iterate(machine.evaluate(element.value, frame))
            made.items += values
            made.rest = made.rest or not exact
        else:
            made.items.append(machine.evaluate(element, frame))
    return made


def _table(machine: Machine, node: ast.Dict, frame: Frame) -> Value:
    made = Table({})
    for key, value_node in zip(node.keys, node.values, strict=True):
        value = machine.evaluate(value_node, frame)
        if key is None:
            if isinstance(value, Table):
                made.items.update(value.items)
            made.rest = made.rest or not isinstance(value, Table) or value.rest
            continue
        name = key_of(machine.evaluate(key, frame))
        if name is None or len(made.items) >= MAX_ITEMS:
            made.rest = True
            made.items[value_node] = value
        else:
            made.items[name[0]] = value
    return made


def arguments(machine: Machine, node: ast.Call, frame: Frame) -> Given:
    """Evaluate the arguments of a call."""
    given = Given(frame, frame.module.where(node.lineno))
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            values, exact = machine.iterate(machine.evaluate(argument.value, frame))
            given.rest = given.rest or not exact
            given.arguments += values if exact else []
        else:
            given.arguments.append(machine.evaluate(argument, frame))
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, frame)
        if keyword.arg is not None:
            given.keywords[keyword.arg] = value
        elif isinstance(value, Table):
            given.keywords.update({name: one for name, one in value.items.items() if isinstance(name, str)})
            given.rest = given.rest or value.rest
        elif isinstance(value, Object):
            given.keywords.update(value.names)
        else:
            given.rest = True
    return given


def _call(machine: Machine, node: ast.Call, frame: Frame) -> Value:
    function = machine.evaluate(node.func, frame)
    return machine.call(function, arguments(machine, node, frame))


def _subscript(machine: Machine, node: ast.Subscript, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    if isinstance(node.slice, ast.Slice):
        bounds = [
            None if one is None else machine.evaluate(one, frame)
            for one in (node.slice.lower, node.slice.upper, node.slice.step)
        ]
        return choice(_slice(one, bounds) for one in alternatives(value))
    index = machine.evaluate(node.slice, frame)
    return choice(item(machine, one, which) for one in alternatives(value) for which in alternatives(index))


def _slice(value: Value, bounds: Sequence[Value]) -> Value:
    known = all(bound is None or isinstance(bound, int) for bound in bounds) and bounds[2] != 0
    cut = slice(*(bound if isinstance(bound, int) else None for bound in bounds))
    if isinstance(value, Items):
        if known and not value.rest:
            return Items(value.items[cut], value.kind)
        return Items(list(value.items), value.kind, rest=True)
    if isinstance(value, Text):
        return texts.text(value.known[cut]) if known and value.known is not None else texts.GAP
    return value if isinstance(value, External) else UNKNOWN


def item(machine: Machine, value: Value, index: Value) -> Value:  # noqa: PLR0911  # one for each kind of value
    """Return ``value[index]``."""
    machine.step()
    if isinstance(value, Table):
        return _table_item(value, index)
    if isinstance(value, Items):
        if isinstance(index, int) and not value.rest and -len(value.items) <= index < len(value.items):
            return value.items[index]
        return UNKNOWN if isinstance(index, int) and not value.items else choice(value.items)
    if isinstance(value, Text) and isinstance(index, int):
        known = value.known
        return texts.text(known[index]) if known is not None and -len(known) <= index < len(known) else texts.GAP
    if isinstance(value, Native):
        return value.item(machine, index)
    if isinstance(value, Object):
        found = definitions.special(machine, value, "__getitem__", Frame(value.cls.module or machine.main), index)
        if found is not None:
            return found
        known_key = key_of(index)
        name = known_key[0] if known_key else None
        return value.names.get(name, UNKNOWN) if isinstance(name, str) else UNKNOWN
    if value == External("os.environ") and isinstance(index, Text):
        return machine.environment.get(index.known or "", UNKNOWN)
    return value if isinstance(value, External) else UNKNOWN


def _table_item(value: Table, index: Value) -> Value:
    key = key_of(index)
    if key is not None and key[0] in value.items:
        return value.items[key[0]]
    if key is None and value.items and not value.rest:
        return choice(value.items.values())
    return UNKNOWN


def _comprehension(machine: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame) -> Value:
    made = Items([], "set" if isinstance(node, ast.SetComp) else "list")

    def emit(inner: Frame) -> None:
        made.items.append(machine.evaluate(node.elt, inner))

    made.rest = not _rounds(machine, node.generators, Frame(frame.module, frame), emit)
    return made


def _table_comprehension(machine: Machine, node: ast.DictComp, frame: Frame) -> Value:
    made = Table({})

    def emit(inner: Frame) -> None:
        key = key_of(machine.evaluate(node.key, inner))
        value = machine.evaluate(node.value, inner)
        made.items[node if key is None else key[0]] = value
        made.rest = made.rest or key is None

    exact = _rounds(machine, node.generators, Frame(frame.module, frame), emit)
    made.rest = made.rest or not exact
    return made


def _rounds(
    machine: Machine, generators: Sequence[ast.comprehension], frame: Frame, emit: Callable[[Frame], None]
) -> bool:
    """Run a comprehension; tell whether it is known which rounds there are."""
    if not generators:
        emit(frame)
        return True
    first, further = generators[0], generators[1:]
    values, exact = machine.iterate(machine.evaluate(first.iter, frame))
    for value in values[:_MAX_ROUNDS]:
        machine.step()
        machine.assign(first.target, value, frame)
        known = [machine.truth(machine.evaluate(condition, frame)) for condition in first.ifs]
        if False in known:
            continue
        exact = exact and None not in known
        with machine.doubt():
            exact = _rounds(machine, further, frame, emit) and exact
    return exact and len(values) <= _MAX_ROUNDS


def _lambda(machine: Machine, node: ast.Lambda, frame: Frame) -> Value:
    return definitions.lambda_function(machine, node, frame)


def _walrus(machine: Machine, node: ast.NamedExpr, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    machine.assign(node.target, value, frame)
    return value


def _inner(machine: Machine, node: ast.Await | ast.Starred, frame: Frame) -> Value:
    return machine.evaluate(node.value, frame)


def _yield(machine: Machine, node: ast.Yield, frame: Frame) -> Value:
    value = None if node.value is None else machine.evaluate(node.value, frame)
    if len(frame.yielded) < MAX_ITEMS:
        frame.yielded.append(value)
    return UNKNOWN


def _yield_from(machine: Machine, node: ast.YieldFrom, frame: Frame) -> Value:
    values, _ = machine.iterate(machine.evaluate(node.value, frame))
    frame.yielded += values
    return UNKNOWN


_HANDLERS: dict[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.JoinedStr: _joined,
    ast.List: _items,
    ast.Tuple: _items,
    ast.Set: _items,
    ast.Dict: _table,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _table_comprehension,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.Await: _inner,
    ast.Starred: _inner,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
