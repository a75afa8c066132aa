"""Functions and classes of the workspace: defining them, calling them, looking up their attributes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sbom.lineage.python.machine import Flow, Frame, Given
from sbom.lineage.python.values import (
    MAX_ITEMS,
    UNKNOWN,
    Bound,
    Builtin,
    Choice,
    Class,
    External,
    Func,
    Items,
    Native,
    Object,
    Text,
    choice,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import EllipsisType

    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

#: Calls of one function within itself, and calls of it in all.
_MAX_ACTIVE = 2
_MAX_CALLS = 300
_MAX_BASES = 50
_MANAGER = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_ENUMERATIONS = frozenset({"enum.Enum", "enum.StrEnum", "enum.IntEnum", "enum.Flag"})


def define_function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Flow:
    """Run ``def``: evaluate defaults and decorators."""
    function = Func(node.name, node, frame)
    function.defaults = _defaults(machine, node.args, frame)
    frame.names[node.name] = _decorated(machine, function, node.decorator_list, frame)
    return Flow.NEXT


def lambda_function(machine: Machine, node: ast.Lambda, frame: Frame) -> Func:
    """Return the function of a ``lambda``."""
    return Func("<lambda>", node, frame, _defaults(machine, node.args, frame))


def _defaults(machine: Machine, arguments: ast.arguments, frame: Frame) -> dict[str, Value]:
    positional = [*arguments.posonlyargs, *arguments.args]
    known = {}
    if arguments.defaults:
        for argument, default in zip(positional[-len(arguments.defaults) :], arguments.defaults, strict=False):
            known[argument.arg] = machine.evaluate(default, frame)
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=False):
        if keyword_default is not None:
            known[argument.arg] = machine.evaluate(keyword_default, frame)
    return known


def _decorated(machine: Machine, function: Func | Class, decorators: list[ast.expr], frame: Frame) -> Value:
    """Return a function or class behind its decorators: those of the workspace and of modelled libraries are called."""
    result: Value = function
    for node in reversed(decorators):
        called = isinstance(node, ast.Call)
        value = machine.evaluate(node.func if isinstance(node, ast.Call) else node, frame)
        given = machine.arguments(node, frame) if isinstance(node, ast.Call) else None
        where = frame.module.where(node.lineno)
        if isinstance(value, External):
            function.decorators.append((value.trail, given))
            wrapped = machine.wrap(value.trail, result, given)
        elif isinstance(value, (Func, Class, Bound, Builtin, Native)):
            if called and given is not None:
                value = machine.call(value, given)
            wrapped = machine.call(value, Given(frame, where, [result]))
        else:
            continue
        if isinstance(wrapped, (Func, Class, Bound, Builtin, Native, Object)):
            result = wrapped
    return result


def define_class(machine: Machine, node: ast.ClassDef, frame: Frame) -> Flow:
    """Run ``class``: its body fills its namespace."""
    bases = [machine.evaluate(base, frame) for base in node.bases]
    inner = Frame(frame.module, frame, is_class=True)
    machine.execute(node.body, inner)
    cls = Class(node.name, bases, inner.names, module=frame.module)
    for statement in node.body:
        machine.step()
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            cls.fields.append(statement.target.id)
            cls.annotations[statement.target.id] = statement.annotation
    for value in inner.names.values():
        inside = value.function if isinstance(value, Bound) else value
        if isinstance(inside, Func) and inside.owner is None and inside.frame is inner:
            inside.owner = cls
    frame.names[node.name] = _decorated(machine, cls, node.decorator_list, frame)
    return Flow.NEXT


def bases(cls: Class) -> Iterator[Class]:
    """Yield a class and those of the workspace that it inherits from, nearest first."""
    waiting = [cls]
    seen: list[Class] = []
    while waiting and len(seen) < _MAX_BASES:
        one = waiting.pop(0)
        if one in seen:
            continue
        seen.append(one)
        yield one
        waiting[:0] = [base for base in one.bases if isinstance(base, Class)]


def external_base(cls: Class) -> External | None:
    """Return the first class outside of the workspace that a class inherits from."""
    for one in bases(cls):
        for base in one.bases:
            if isinstance(base, External) and base.trail not in {"builtins.object", "abc.ABC"}:
                return base
    return None


def find(cls: Class, name: str, *, after: Class | None = None) -> Value | EllipsisType:
    """Return what a class has by a name, ``...`` when it has nothing; ``after``: only from classes after that one."""
    passed = after is None
    for one in bases(cls):
        if passed and name in one.names:
            return one.names[name]
        passed = passed or one is after
    return ...


def has_decorator(value: Value, *endings: str) -> bool:
    """Tell whether a function or class has a decorator that is called so."""
    return isinstance(value, (Func, Class)) and any(trail.endswith(endings) for trail, _ in value.decorators)


def object_attribute(machine: Machine, value: Object, name: str) -> Value:
    """Return an attribute of an instance."""
    if name in value.names:
        return value.names[name]
    found = find(value.cls, name)
    if found is not ...:
        return bind(machine, found, value)
    if name == "__class__":
        return value.cls
    if name == "__dict__":
        return table_of(value.names)
    getter = find(value.cls, "__getattr__")
    base = external_base(value.cls)
    if isinstance(getter, Func) and base is None:
        given = Given(getter.frame, "", [value, Text((name,))])
        return invoke(machine, getter, given)
    return UNKNOWN.child(name) if base is None else base.called().child(name)


def bind(machine: Machine, found: Value, receiver: Value) -> Value:
    """Return what looking up a name of its class gives for an instance."""
    if isinstance(found, Func):
        if has_decorator(found, "staticmethod"):
            return found
        if has_decorator(found, "property"):
            return invoke(machine, found, Given(found.frame, "", [receiver]))
        if has_decorator(found, "classmethod") and isinstance(receiver, Object):
            return Bound(found, [receiver.cls])
        return Bound(found, [receiver])
    return found


def class_attribute(machine: Machine, cls: Class, name: str) -> Value:
    """Return an attribute of a class."""
    found = find(cls, name)
    if found is not ...:
        return Bound(found, [cls]) if has_decorator(found, "classmethod") else found
    if name == "__name__":
        return Text((cls.name,))
    machine.step()
    base = external_base(cls)
    return UNKNOWN.child(name) if base is None else base.child(name)


def special(machine: Machine, value: Value, name: str, frame: Frame, *further: Value) -> Value | None:
    """Call a special method of an instance; ``None`` when it has none."""
    if not isinstance(value, Object):
        return None
    found = find(value.cls, name)
    if not isinstance(found, Func):
        return None
    extra = list(further) if further else [None] * (len(found.node.args.args) - 1) if name == "__exit__" else []
    return invoke(machine, found, Given(frame, "", [value, *extra]))


def invoke(machine: Machine, function: Func, given: Given) -> Value:
    """Return what a call of a function of the workspace gives."""
    function.calls += 1
    if function.active >= _MAX_ACTIVE or function.calls > _MAX_CALLS:
        return UNKNOWN
    frame = Frame(function.frame.module, function.frame, function=function)
    bind_parameters(function, given, frame)
    function.active += 1
    try:
        if isinstance(function.node, ast.Lambda):
            return machine.evaluate(function.node.body, frame)
        flow = machine.execute(function.node.body, frame)
    finally:
        function.active -= 1
    if frame.yielded:
        if has_decorator(function, *_MANAGER):
            return choice(frame.yielded)
        return Items(frame.yielded[:MAX_ITEMS], "generator", rest=machine.uncertain > 0)
    if flow is Flow.NEXT:
        frame.returned.append(None)
    return choice(frame.returned)


def bind_parameters(function: Func, given: Given, frame: Frame) -> None:
    """Give the parameters of a function their values."""
    arguments = function.node.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    known = dict(zip(names, given.arguments, strict=False))
    further = dict(given.keywords)
    for name in [*names, *(argument.arg for argument in arguments.kwonlyargs)]:
        if name in further:
            known.setdefault(name, further.pop(name))
        if name not in known:
            default = function.defaults.get(name, UNKNOWN)
            known[name] = choice((default, UNKNOWN)) if given.rest else default
    frame.names.update(known)
    if arguments.vararg is not None:
        frame.names[arguments.vararg.arg] = Items(given.arguments[len(names) :], "tuple", rest=given.rest)
    if arguments.kwarg is not None:
        frame.names[arguments.kwarg.arg] = table_of(further, rest=given.rest)


def instantiate(machine: Machine, cls: Class, given: Given) -> Value:
    """Return an instance of a class of the workspace."""
    base = external_base(cls)
    if base is not None and base.trail in _ENUMERATIONS:
        return given.get(0)
    made = Object(cls)
    init = find(cls, "__init__")
    if isinstance(init, Func):
        invoke(machine, init, given.replaced([made, *given.arguments]))
    else:
        fill_fields(machine, made, given)
        special(machine, made, "__post_init__", given.frame)
    return made


def fields(cls: Class) -> list[str]:
    """Return the annotated names of a class, those of its bases first."""
    found: dict[str, None] = {}
    for one in reversed(list(bases(cls))):
        found.update(dict.fromkeys(one.fields))
    return list(found)


def fill_fields(machine: Machine, made: Object, given: Given) -> None:
    """Do what the ``__init__`` of a dataclass, a named tuple or a model does."""
    machine.step()
    names = fields(made.cls)
    made.names.update(zip(names, given.arguments, strict=False))
    for name, value in given.keywords.items():
        made.names[name] = value
    if given.rest:
        for name in names:
            made.names.setdefault(name, choice((_field_default(made.cls, name), UNKNOWN)))


def _field_default(cls: Class, name: str) -> Value:
    found = find(cls, name)
    return UNKNOWN if found is ... else found


class Super(Native):
    """What ``super()`` gives."""

    __slots__ = ("_cls", "_owner", "_receiver")

    def __init__(self, receiver: Value, cls: Class, owner: Class) -> None:
        self._receiver = receiver
        self._cls = cls
        self._owner = owner

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return an attribute of the next class."""
        found = find(self._cls, name, after=self._owner)
        if found is not ...:
            return bind(machine, found, self._receiver)
        if name == "__init__" and isinstance(self._receiver, Object):
            receiver = self._receiver
            return Builtin("__init__", lambda machine, given: fill_fields(machine, receiver, given))
        base = external_base(self._cls)
        return UNKNOWN if base is None else base.called().child(name)


def super_of(machine: Machine, given: Given) -> Value:
    """Return what ``super()`` gives where it is called."""
    frame: Frame | None = given.frame
    while frame is not None:
        machine.step()
        function = frame.function
        if isinstance(function, Func) and function.owner is not None and function.node.args.args:
            receiver = frame.names.get(function.node.args.args[0].arg)
            if isinstance(receiver, Object):
                return Super(receiver, receiver.cls, function.owner)
            if isinstance(receiver, Class):
                return Super(receiver, receiver, function.owner)
        frame = frame.outer
    return UNKNOWN


def unwrapped(value: Value) -> list[Func]:
    """Return the functions that a value may be."""
    found = []
    for one in value.values if isinstance(value, Choice) else (value,):
        inner: Value = one
        while isinstance(inner, Bound):
            inner = inner.function
        if isinstance(inner, Func):
            found.append(inner)
    return found
