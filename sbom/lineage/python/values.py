"""What the reader knows of a value of a Python program: constants, texts with gaps, and models of objects.

Numbers, ``None``, ``bool`` and ``bytes`` stand for themselves; everything else is a :class:`Thing`. What is not known
is an :class:`External`, which remembers the dotted name that it came from, so that a method of it can be judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Mapping

    from sbom.lineage.python.machine import Frame, Given, Machine, Module

#: Possible values that are kept apart; further ones are forgotten.
MAX_CHOICES = 16
#: Characters of a text, and items of a collection, that are kept.
MAX_TEXT = 4096
MAX_ITEMS = 1000
_MAX_TRAIL = 300
#: How deep tuples may be in each other as keys.
_MAX_KEY = 3


class Thing:
    """A value that is not a number, ``None``, ``bool`` or ``bytes``."""

    __slots__ = ()


Value: TypeAlias = "int | float | bytes | Thing | None"


@dataclass(frozen=True, slots=True)
class Text(Thing):
    """A ``str``, or a ``pathlib`` path.

    :ivar parts: what is known; ``None`` is a gap: nobody knows what stands there.
    :ivar literal: the whole text stands in the script.
    :ivar path: it is a ``pathlib`` path.
    :ivar above: it was made as the directory that a name lies in.
    """

    parts: tuple[str | None, ...]
    literal: bool = field(default=False, compare=False)
    path: bool = False
    above: bool = field(default=False, compare=False)

    @property
    def known(self) -> str | None:
        """The whole text; ``None`` when it has a gap."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 else None


@dataclass(frozen=True, slots=True)
class External(Thing):
    """Something that is not modelled: ``trail`` is its dotted name, with ``()`` for calls; ``?`` when it has none."""

    trail: str

    @property
    def root(self) -> str:
        """The first part of its name, without calls: a distribution's import name, or ``?``."""
        return self.trail.split(".", 1)[0].partition("(")[0]

    def child(self, name: str) -> External:
        """Return an attribute of it."""
        return External(f"{self.trail}.{name}") if len(self.trail) < _MAX_TRAIL else External(f"?.{name}")

    def called(self) -> External:
        """Return what calling it gives."""
        return self if self.trail.endswith("()") or self.trail == "?" else External(f"{self.trail}()")


UNKNOWN = External("?")


@dataclass(eq=False, slots=True)
class Items(Thing):
    """A list, tuple, set or iterator.

    :ivar rest: there may be further items, which look like these.
    """

    items: list[Value]
    kind: str = "list"
    rest: bool = False


@dataclass(eq=False, slots=True)
class Table(Thing):
    """A mapping; ``rest``: it may have further keys. ``dotted``: keys are attributes too."""

    items: dict[object, Value]
    rest: bool = False
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Choice(Thing):
    """One of several values; none of them is a choice."""

    values: tuple[Value, ...]


@dataclass(eq=False, slots=True)
class Func(Thing):
    """A function of the workspace.

    :ivar owner: the class whose method it is.
    :ivar decorators: those that are not of the workspace, with what they are called with.
    """

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    frame: Frame
    defaults: dict[str, Value] = field(default_factory=dict)
    owner: Class | None = None
    decorators: list[tuple[str, Given | None]] = field(default_factory=list)
    calls: int = 0
    active: int = 0


@dataclass(eq=False, slots=True)
class Class(Thing):
    """A class of the workspace; ``names`` is its body's namespace, ``fields`` its annotated names in order.

    :ivar annotations: what stands behind the colon of an annotated name.
    """

    name: str
    bases: list[Value]
    names: dict[str, Value]
    fields: list[str] = field(default_factory=list)
    annotations: dict[str, ast.expr] = field(default_factory=dict)
    decorators: list[tuple[str, Given | None]] = field(default_factory=list)
    module: Module | None = None


@dataclass(eq=False, slots=True)
class Object(Thing):
    """An instance of a class of the workspace."""

    cls: Class
    names: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Bound(Thing):
    """A method of the workspace with its receiver; or a function with some of its arguments (``functools.partial``)."""

    function: Value
    arguments: list[Value]
    keywords: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Method(Thing):
    """A method of a text, a collection, a number: ``receiver.name``."""

    receiver: Value
    name: str


@dataclass(eq=False, slots=True)
class Builtin(Thing):
    """A function of a library that is modelled here."""

    name: str
    function: Callable[[Machine, Given], Value]


class Native(Thing):
    """An object of a library that is modelled here."""

    __slots__ = ()

    def attribute(self, machine: Machine, name: str) -> Value:  # noqa: ARG002  # what its subclasses may use
        """Return an attribute."""
        return UNKNOWN.child(name)

    def call(self, machine: Machine, given: Given) -> Value:  # noqa: ARG002  # what its subclasses may use
        """Return what calling it gives."""
        return UNKNOWN

    def item(self, machine: Machine, index: Value) -> Value:  # noqa: ARG002  # what its subclasses may use
        """Return an item of it."""
        return UNKNOWN


def table_of(names: Mapping[str, Value], *, rest: bool = False, dotted: bool = False) -> Table:
    """Return a copy of names as a mapping."""
    return Table({name: value for name, value in names.items()}, rest, dotted)  # noqa: C416  # keys of another type


def same(left: Value, right: Value) -> bool:
    """Tell whether two values are known to be the same one."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    return left == right


def alternatives(value: Value) -> tuple[Value, ...]:
    """Return the values that one may be."""
    return value.values if isinstance(value, Choice) else (value,)


def choice(values: Iterable[Value]) -> Value:
    """Return what is one of several values."""
    found: list[Value] = []
    for value in values:
        for one in alternatives(value):
            if not any(same(one, other) for other in found):
                if len(found) >= MAX_CHOICES:
                    return Choice((*found[:-1], UNKNOWN))
                found.append(one)
    if len(found) == 1:
        return found[0]
    return Choice(tuple(found)) if found else UNKNOWN


def texts(value: Value) -> list[Text]:
    """Return the texts that a value may be or hold, in lists and mappings too."""
    found: list[Text] = []
    waiting: list[Value] = [value]
    seen: set[int] = set()
    while waiting and len(found) < MAX_ITEMS:
        one = waiting.pop()
        if isinstance(one, Text):
            found.append(one)
        elif isinstance(one, Choice):
            waiting.extend(reversed(one.values))
        elif isinstance(one, (Items, Table)) and id(one) not in seen:
            seen.add(id(one))
            waiting.extend(reversed(list(one.items.values()) if isinstance(one, Table) else one.items))
    return found


def key_of(value: Value, depth: int = 0) -> tuple[object] | None:
    """Return what a value is as a key, in a tuple; ``None`` when that is not known."""
    if isinstance(value, Text):
        return None if value.known is None else (value.known,)
    if isinstance(value, Items):
        if value.rest or depth >= _MAX_KEY or len(value.items) > MAX_CHOICES:
            return None
        keys = [key_of(item, depth + 1) for item in value.items]
        return None if None in keys else (tuple(keys),)
    if isinstance(value, Thing):
        return None
    return (value,)
