"""Calling values: functions and classes of the workspace, modelled functions, everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import definitions
from sbom.lineage.python.machine import Given
from sbom.lineage.python.methods import call_method
from sbom.lineage.python.values import (
    UNKNOWN,
    Bound,
    Builtin,
    Choice,
    Class,
    External,
    Func,
    Items,
    Method,
    Native,
    Object,
    Table,
    alternatives,
    choice,
)

if TYPE_CHECKING:
    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

MAX_CALL_DEPTH = 40
_DEEP = "is not read to its end: calls are nested too deep"
#: Functions that call their first argument with the others; with each item of the second; with anything.
_SUBMITS = frozenset({"submit", "apply_async", "run_in_executor", "spawn", "run_sync", "to_thread", "create_task"})
_MAPS = frozenset({"map", "imap", "imap_unordered", "map_async", "starmap", "thread_map", "process_map", "filter"})
#: What libraries ask of any object, and libraries whose classes are made to be inherited from.
_ITEMS = ("__getitem__", "__iter__", "__call__")
_FRAMEWORKS = frozenset(
    {"torch", "pytorch_lightning", "lightning", "keras", "tensorflow", "luigi", "datasets", "sklearn"}
)
_NO_CALLS = frozenset({"register", "signal", "add_url_rule", "wraps", "update_wrapper", "set_defaults", "isinstance"})


def call(machine: Machine, function: Value, given: Given) -> Value:  # noqa: PLR0911  # one for each kind of value
    """Return what a call gives."""
    if isinstance(function, Choice):
        with machine.doubt():
            return choice(machine.call(one, given) for one in function.values)
    if isinstance(function, External):
        return machine.call_external(function, given)
    if isinstance(function, Builtin):
        return function.function(machine, given)
    if isinstance(function, Method):
        return call_method(machine, function, given)
    if isinstance(function, Native):
        return function.call(machine, given)
    if isinstance(function, Bound):
        merged = Given(given.frame, given.where, [*function.arguments, *given.arguments], rest=given.rest)
        merged.keywords = {**function.keywords, **given.keywords}
        return machine.call(function.function, merged)
    return _call_of_workspace(machine, function, given)


def _call_of_workspace(machine: Machine, function: Value, given: Given) -> Value:
    if not isinstance(function, (Func, Class, Object)):
        return UNKNOWN
    if machine.calls >= MAX_CALL_DEPTH:
        machine.problem(machine.call_read.script, _DEEP)
        return UNKNOWN
    machine.calls += 1
    try:
        if isinstance(function, Func):
            return definitions.invoke(machine, function, given)
        if isinstance(function, Class):
            return definitions.instantiate(machine, function, given)
        return _call_object(machine, function, given)
    finally:
        machine.calls -= 1


def _call_object(machine: Machine, function: Object, given: Given) -> Value:
    for name in ("__call__", "forward", "call"):
        found = definitions.find(function.cls, name)
        if isinstance(found, Func):
            return definitions.invoke(machine, found, given.replaced([function, *given.arguments]))
    return UNKNOWN


def call_back(machine: Machine, trail: str, given: Given, *, known: bool) -> None:
    """Call the functions of the workspace that a library is handed, and what it asks of objects."""
    last = trail.replace("()", "").rpartition(".")[2]
    if known or last in _NO_CALLS:
        return
    _ask_all(machine, given)
    target = given.keywords.get("target", given.keywords.get("python_callable"))
    if target is not None:
        _with_words(machine, target, given)
        return
    for index, function in enumerate(given.arguments):
        if not definitions.unwrapped(function):
            continue
        with machine.doubt():
            if last in _SUBMITS:
                machine.call(function, given.replaced(given.arguments[index + 1 :]))
            elif last in _MAPS and index + 1 < len(given.arguments):
                _each(machine, function, given, given.arguments[index + 1 :], spread=last == "starmap")
            else:
                machine.call(function, Given(given.frame, given.where, rest=True))
    for name, function in given.keywords.items():
        if definitions.unwrapped(function) and not name.startswith("default"):
            with machine.doubt():
                machine.call(function, Given(given.frame, given.where, rest=True))


def _ask_all(machine: Machine, given: Given) -> None:
    for value in (*given.arguments, *given.keywords.values()):
        for one in alternatives(value):
            if isinstance(one, Object):
                _ask(machine, one, given)


def _ask(machine: Machine, value: Object, given: Given) -> None:
    """Call what a library calls of an object: its items; and all of its methods where the library made its class."""
    if id(value) in machine.asked:
        return
    machine.asked[id(value)] = value
    base = definitions.external_base(value.cls)
    names = [*_ITEMS]
    if base is not None and base.root in _FRAMEWORKS:
        names += [name for cls in definitions.bases(value.cls) for name in cls.names if not name.startswith("_")]
    for name in dict.fromkeys(names):
        found = definitions.find(value.cls, name)
        if isinstance(found, Func):
            with machine.doubt():
                machine.call(definitions.bind(machine, found, value), Given(given.frame, given.where, rest=True))


def _with_words(machine: Machine, target: Value, given: Given) -> None:
    """Call the target of a thread, a process or an operator."""
    arguments = given.get(-1, "args", "op_args")
    keywords = given.get(-1, "kwargs", "op_kwargs")
    made = Given(given.frame, given.where)
    if isinstance(arguments, Items):
        made.arguments = list(arguments.items)
    if isinstance(keywords, Table):
        made.keywords = {name: value for name, value in keywords.items.items() if isinstance(name, str)}
    machine.call(target, made)


def _each(machine: Machine, function: Value, given: Given, columns: list[Value], *, spread: bool) -> None:
    known = [machine.iterate(column)[0][:32] for column in columns if isinstance(column, Items)]
    if spread and known:
        for value in known[0]:
            machine.call(function, given.replaced(machine.iterate(value)[0]))
        return
    for row in zip(*known, strict=False):
        machine.call(function, Given(given.frame, given.where, list(row)))
    if not known:
        machine.call(function, Given(given.frame, given.where, rest=True))
