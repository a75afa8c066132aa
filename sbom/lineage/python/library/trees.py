"""Configuration as values: read from plain data, merged, looked up and set by dotted names, interpolated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sbom.lineage.python import definitions, texts
from sbom.lineage.python.values import MAX_ITEMS, UNKNOWN, Class, Items, Object, Table, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

MAX_DEPTH: Final = 40
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?\Z")
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_INTERPOLATION = re.compile(r"\$\{([^${}]*)\}")
#: Texts that one text may lead to, one after the other.
_MAX_LED = 8
MISSING = "???"


def scalar(text: str) -> Value:
    """Return the number, truth or text that a scalar of YAML stands for; a number if it is written back the same."""
    if text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if _NUMBER.match(text):
        number: float = float(text) if any(character in text for character in ".eE") else int(text)
        if str(number) == text:
            return number
    return texts.text(text)


def value_of(machine: Machine, data: object, *, scalars: bool = False, dotted: bool = False, depth: int = 0) -> Value:
    """Return plain data as a value.

    :param scalars: texts are scalars of YAML, whose kind is to be found out.
    :param dotted: keys of mappings are attributes too.
    """
    machine.step()
    if isinstance(data, str):
        return scalar(data) if scalars else texts.text(data)
    if depth >= MAX_DEPTH:
        return UNKNOWN
    if isinstance(data, dict):
        pairs = list(data.items())[:MAX_ITEMS]
        made: dict[object, Value] = {}
        for key, item in pairs:
            plain = scalar(key) if scalars and isinstance(key, str) else key
            made[plain if isinstance(plain, int) else key] = value_of(
                machine, item, scalars=scalars, dotted=dotted, depth=depth + 1
            )
        return Table(made, len(pairs) < len(data), dotted)
    if isinstance(data, (list, tuple)):
        items = [value_of(machine, item, scalars=scalars, dotted=dotted, depth=depth + 1) for item in data[:MAX_ITEMS]]
        return Items(items, rest=len(items) < len(data))
    return data if data is None or isinstance(data, (int, float)) else UNKNOWN


def as_table(machine: Machine, value: Value, *, dotted: bool = True, depth: int = 0) -> Value:
    """Return a copy of a value in which mappings, and instances of classes of the workspace, are mappings."""
    machine.step()
    if depth >= MAX_DEPTH:
        return UNKNOWN
    if isinstance(value, Object):
        names = {**_class_names(value.cls), **value.names}
        return Table(
            {name: as_table(machine, item, dotted=dotted, depth=depth + 1) for name, item in names.items()},
            dotted=dotted,
        )
    if isinstance(value, Class):
        names = _class_names(value)
        return Table(
            {name: as_table(machine, item, dotted=dotted, depth=depth + 1) for name, item in names.items()},
            dotted=dotted,
        )
    if isinstance(value, Table):
        pairs = {key: as_table(machine, item, dotted=dotted, depth=depth + 1) for key, item in value.items.items()}
        return Table(pairs, value.rest, dotted)
    if isinstance(value, Items):
        return Items(
            [as_table(machine, item, dotted=dotted, depth=depth + 1) for item in value.items], value.kind, value.rest
        )
    return value


def _class_names(cls: Class) -> dict[str, Value]:
    found = {name: definitions.find(cls, name) for name in definitions.fields(cls)}
    return {name: UNKNOWN if value is ... else value for name, value in found.items()}


def merged(machine: Machine, first: Value, second: Value, depth: int = 0) -> Value:
    """Return two values as one: mappings key by key, else the second."""
    machine.step()
    if not (isinstance(first, Table) and isinstance(second, Table)) or depth >= MAX_DEPTH:
        return second
    made = Table(dict(first.items), first.rest or second.rest, first.dotted or second.dotted)
    for key, value in second.items.items():
        made.items[key] = merged(machine, made.items[key], value, depth + 1) if key in made.items else value
    return made


def get_dotted(value: Value, name: str) -> Value:
    """Return what a dotted name leads to; unknown where it leads nowhere."""
    for part in _parts(name):
        value = _step(value, part)
    return value


def _parts(name: str) -> list[str]:
    return [part.rstrip("]") for part in re.split(r"[.\[]", name)[:MAX_DEPTH]]


def _step(value: Value, key: str) -> Value:
    if isinstance(value, Table):
        return value.items.get(key, UNKNOWN)
    if isinstance(value, Items) and key.isdecimal() and int(key[:6]) < len(value.items):
        return value.items[int(key[:6])]
    return UNKNOWN


def set_dotted(table: Table, name: str, value: Value) -> None:
    """Set what a dotted name leads to; mappings on the way are made."""
    *above, last = name.split(".")[:MAX_DEPTH]
    for part in above:
        inner = table.items.get(part)
        if not isinstance(inner, Table):
            inner = table.items[part] = Table({}, dotted=table.dotted)
        table = inner
    table.items[last] = value


def remove_dotted(table: Table, name: str) -> None:
    """Remove what a dotted name leads to."""
    above, _, last = name.rpartition(".")
    holder = get_dotted(table, above) if above else table
    if isinstance(holder, Table):
        holder.items.pop(last, None)


def with_parameters(machine: Machine, value: Value, parameters: Mapping[str, object]) -> Value:
    """Return a mapping with values that a pipeline names for its stage."""
    table = value if isinstance(value, Table) else Table({}, rest=True)
    for name, data in parameters.items():
        set_dotted(table, name, value_of(machine, data, dotted=table.dotted))
    return table


def interpolated(machine: Machine, root: Value) -> Value:
    """Return a configuration with ``${…}`` of its texts replaced, as OmegaConf does."""
    return _Interpolation(machine, root).value(root, ())


class _Interpolation:
    """Replaces what stands in the texts of a configuration."""

    def __init__(self, machine: Machine, root: Value) -> None:
        self._machine = machine
        self._root = root
        self._depth = 0

    def value(self, value: Value, above: tuple[Value, ...]) -> Value:
        """Return a value with its texts replaced.

        :param above: the collections that it is in, the nearest one first.
        """
        self._machine.step()
        if isinstance(value, Text):
            return self._text(value, above)
        if len(above) >= MAX_DEPTH:
            return value
        if isinstance(value, Table):
            pairs = {key: self.value(item, (value, *above)) for key, item in value.items.items()}
            return Table(pairs, value.rest, value.dotted)
        if isinstance(value, Items):
            return Items([self.value(item, (value, *above)) for item in value.items], value.kind, value.rest)
        return value

    def _text(self, value: Text, above: tuple[Value, ...]) -> Value:
        if value.known == MISSING or self._depth > _MAX_LED:
            return UNKNOWN
        if not any(part is not None and _INTERPOLATION.search(part) for part in value.parts):
            return value
        whole = None if value.known is None else _INTERPOLATION.fullmatch(value.known)
        if whole is not None:
            return self._resolved(whole[1], above)
        pieces: list[Text] = []
        for part in value.parts:
            end = 0
            for match in _INTERPOLATION.finditer(part or ""):
                pieces.append(texts.text((part or "")[end : match.start()]))
                pieces.append(self._machine.as_text(self._resolved(match[1], above)))
                end = match.end()
            pieces.append(texts.GAP if part is None else texts.text(part[end:]))
        return texts.concatenate(*pieces)

    def _resolved(self, name: str, above: tuple[Value, ...]) -> Value:
        """Return what ``${name}`` stands for: another value, or what a resolver gives."""
        resolver, colon, rest = name.strip().partition(":")
        if not colon:
            return self._led_to(resolver, above)
        if resolver in {"oc.env", "env"}:
            variable, comma, default = rest.partition(",")
            known = self._machine.environment.get(variable.strip())
            return known if known is not None else scalar(default.strip(" '\"")) if comma else UNKNOWN
        if resolver == "hydra" and rest in {"runtime.cwd", "job.cwd"}:
            return texts.absolute(texts.text(""), self._machine.directory)
        return UNKNOWN

    def _led_to(self, name: str, above: tuple[Value, ...]) -> Value:
        """Return what a name leads to, from the root or, behind dots, from where it stands."""
        plain = name.lstrip(".")
        dots = len(name) - len(plain)
        if dots > len(above):
            return UNKNOWN
        way = above[dots - 1 :] if dots else (self._root,)
        for part in _parts(plain):
            way = (_step(way[0], part), *way)
        self._depth += 1
        found = self.value(way[0], way[1:])
        self._depth -= 1
        return found


def override(table: Table, name: str, text: str) -> None:
    """Set a dotted name to a scalar, or a list in brackets."""
    if text.startswith("[") and text.endswith("]"):
        inner = [part.strip(" '\"") for part in text[1:-1].split(",")]
        set_dotted(table, name, Items([scalar(part) for part in inner if part]))
    else:
        set_dotted(table, name, None if text in {"null", "~", ""} else scalar(text.strip("'\"")))
