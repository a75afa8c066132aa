"""``collections``, ``itertools``, ``functools``, ``dataclasses`` and other makers of values."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.values import (
    MAX_ITEMS,
    UNKNOWN,
    Bound,
    Class,
    External,
    Items,
    Object,
    Table,
    Text,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value


def _partial(_machine: Machine, given: Given) -> Value:
    return Bound(given.get(0), list(given.arguments[1:]), dict(given.keywords)) if given.arguments else UNKNOWN


def _product(machine: Machine, given: Given) -> Value:
    columns = [machine.iterate(argument) for argument in given.arguments]
    rows = islice(product(*(column for column, _ in columns)), MAX_ITEMS)
    return Items([Items(list(row), "tuple") for row in rows], rest=not all(exact for _, exact in columns))


def _chain(machine: Machine, given: Given) -> Value:
    columns = [machine.iterate(argument) for argument in given.arguments]
    values = [value for column, _ in columns for value in column][:MAX_ITEMS]
    return Items(values, rest=not all(exact for _, exact in columns))


def _chain_inner(machine: Machine, given: Given) -> Value:
    return _chain(machine, given.replaced(machine.iterate(given.get(0))[0]))


def _ordered(machine: Machine, given: Given) -> Value:
    return machine.call(External("builtins.dict"), given)


def _default_table(_machine: Machine, given: Given) -> Value:
    value = given.get(1)
    return Table(dict(value.items) if isinstance(value, Table) else {}, rest=True)


def _deque(machine: Machine, given: Given) -> Value:
    return machine.call(External("builtins.list"), given)


def _namespace(_machine: Machine, given: Given) -> Value:
    return table_of(given.keywords, rest=given.rest, dotted=True)


def _named_tuple(machine: Machine, given: Given) -> Value:
    fields = given.get(1)
    if isinstance(fields, Text) and fields.known is not None:
        names = fields.known.replace(",", " ").split()
    else:
        names = [one.known for one in machine.iterate(fields)[0] if isinstance(one, Text) and one.known is not None]
    return Class(given.text(0) or "", [], {}, fields=names[:MAX_ITEMS])


def _field(machine: Machine, given: Given) -> Value:
    """Return the default of a field of a dataclass or a model."""
    if given.has(-1, "default_factory"):
        return machine.call(given.get(-1, "default_factory"), given.replaced([]))
    if given.has(0, "default"):
        value = given.get(0, "default")
        return UNKNOWN if isinstance(value, External) and value.trail.endswith("Ellipsis") else value
    return UNKNOWN


def _as_table(_machine: Machine, given: Given) -> Value:
    value = given.get(0)
    return table_of(value.names) if isinstance(value, Object) else value


def _replace(_machine: Machine, given: Given) -> Value:
    value = given.get(0)
    return Object(value.cls, {**value.names, **given.keywords}) if isinstance(value, Object) else value


def _delayed(_machine: Machine, given: Given) -> Value:
    return given.get(0)


def _reduce(machine: Machine, given: Given) -> Value:
    values, exact = machine.iterate(given.get(1))
    if not exact or len(values) > MAX_ITEMS:
        return UNKNOWN
    waiting = [given.get(2), *values] if given.has(2) else values
    result = waiting[0] if waiting else UNKNOWN
    for value in waiting[1:]:
        result = machine.call(given.get(0), given.replaced([result, value]))
    return result


def _count(_machine: Machine, _given: Given) -> Value:
    return Items([texts.GAP], rest=True)


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "functools.partial": _partial,
    "functools.reduce": _reduce,
    "joblib.delayed": _delayed,
    "joblib.parallel.delayed": _delayed,
    "dask.delayed": _delayed,
    "itertools.product": _product,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chain_inner,
    "itertools.count": _count,
    "collections.OrderedDict": _ordered,
    "collections.defaultdict": _default_table,
    "collections.deque": _deque,
    "collections.namedtuple": _named_tuple,
    "types.SimpleNamespace": _namespace,
    "argparse.Namespace": _namespace,
    "dataclasses.field": _field,
    "pydantic.Field": _field,
    "attr.ib": _field,
    "attr.field": _field,
    "attrs.field": _field,
    "dataclasses.asdict": _as_table,
    "attr.asdict": _as_table,
    "dataclasses.replace": _replace,
}
