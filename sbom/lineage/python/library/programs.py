"""``fire``, ``docopt``, ``absl``, and libraries that fill dataclasses from a script's command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.lineage.python import definitions, texts
from sbom.lineage.python.library.commands import annotation
from sbom.lineage.python.library.options import Option, command_line, known_texts, split, values
from sbom.lineage.python.machine import Frame, Given
from sbom.lineage.python.values import (
    UNKNOWN,
    Builtin,
    Class,
    External,
    Func,
    Items,
    Native,
    Object,
    Table,
    Text,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

_MAX_DEPTH = 8
_MAX_DOC = 20_000
_USAGE = re.compile(r"usage:(.*?)(?:\n\s*\n|\Z)", re.IGNORECASE | re.DOTALL)
_DOC_OPTION = re.compile(r"^\s*(-[^\s,=]+)(?:[ ,=]+[A-Z<][\w>-]*)?(?:,?\s+(--[\w-]+))?([ =][<A-Z][\w>-]*)?(.*)$")
_DOC_DEFAULT = re.compile(r"\[default: ([^\]]*)\]")
_DOC_PLACE = re.compile(r"(?<![=\w-])(<[\w-]+>|[A-Z][A-Z_]+)")


# -- fire --


def _fire(machine: Machine, given: Given) -> Value:
    """Do ``fire.Fire``: words pick what is called, and are its arguments."""
    component = given.get(0, "component")
    words = command_line(machine, given.get(1, "command"))
    if not given.has(0, "component"):
        component = table_of(given.frame.module.frame.names)
    for _ in range(_MAX_DEPTH):
        machine.step()
        if isinstance(component, (Func, Class)):
            component, words = _called(machine, component, words, given)
            continue
        name = known_texts(words[:1])
        if not name:
            break
        plain = name[0].replace("-", "_")
        if isinstance(component, Table) and plain in component.items:
            component, words = component.items[plain], words[1:]
        elif isinstance(component, Object):
            method = machine.attribute(component, plain)
            arguments, words = _taken(words[1:])
            component = machine.call(method, Given(given.frame, given.where, *arguments))
        else:
            break
    return component


def _called(machine: Machine, component: Value, words: list[Value], given: Given) -> tuple[Value, list[Value]]:
    """Call a function with its words; a class is made with options only, so that its methods can be named."""
    if isinstance(component, Class):
        init = definitions.find(component, "__init__")
        count = len(init.node.args.args) - 1 - len(init.defaults) if isinstance(init, Func) else 0
        arguments, _ = _taken(words)
        plain, rest = arguments[0][:count], arguments[0][count:]
        return machine.call(component, Given(given.frame, given.where, plain, arguments[1])), rest
    arguments, rest = _taken(words)
    return machine.call(component, Given(given.frame, given.where, *arguments)), rest


def _taken(words: list[Value]) -> tuple[tuple[list[Value], dict[str, Value]], list[Value]]:
    """Return words as arguments by position and by name; all are taken."""
    plain: list[Value] = []
    named: dict[str, Value] = {}
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        known = word.known if isinstance(word, Text) else None
        if known is None or not known.startswith("--"):
            plain.append(_literal(word))
            continue
        name, sign, value = known[2:].partition("=")
        if sign:
            named[name.replace("-", "_")] = _literal(texts.text(value))
        elif at < len(words) and not _is_flag(words[at]):
            named[name.replace("-", "_")] = _literal(words[at])
            at += 1
        else:
            named[name.replace("-", "_")] = True
    return (plain, named), []


def _is_flag(word: Value) -> bool:
    return isinstance(word, Text) and (word.known or "").startswith("--")


def _literal(word: Value) -> Value:
    """Return a word as the number or truth that it spells."""
    known = word.known if isinstance(word, Text) else None
    if known in {"True", "False"}:
        return known == "True"
    if known is not None and known.lstrip("-").isdecimal() and len(known) < 18:  # noqa: PLR2004  # fits 64 bits
        return int(known)
    return word


# -- docopt --


def _docopt(machine: Machine, given: Given) -> Value:
    """Do ``docopt``: the text that explains the program says what its arguments are."""
    doc = given.text(0, "doc", "docstring") or ""
    usage = _USAGE.search(doc[:_MAX_DOC])
    if usage is None:
        return Table({}, rest=True)
    options = [option for line in doc[:_MAX_DOC].splitlines() if (option := _doc_option(line)) is not None]
    patterns = [line.split() for line in usage[1].strip().splitlines() if line.strip()]
    words = command_line(machine, given.get(1, "argv"))
    known = known_texts(words)
    best = max(patterns, key=lambda pattern: _fit(pattern, known), default=[])
    commands = [word for word in best[1:] if re.fullmatch(r"[a-z][\w-]*", word)]
    places = [Option(name, default=UNKNOWN) for name in _DOC_PLACE.findall(" ".join(best[1:]))]
    plain = [word for word in words if not (isinstance(word, Text) and word.known in commands)]
    options += [option for option in _in_usage(best) if not any(o.name == option.name for o in options)]
    parsed = split([*options, *places], plain)
    table = table_of(values(machine, [*options, *places], parsed, given))
    table.items.update(dict.fromkeys(commands, True))
    table.rest = True
    return table


def _fit(pattern: list[str], words: list[str]) -> int:
    """Tell how well a line of the usage fits."""
    commands = [word for word in pattern[1:] if re.fullmatch(r"[a-z][\w-]*", word)]
    return sum(1 if command in words else -1 for command in commands)


def _doc_option(line: str) -> Option | None:
    match = _DOC_OPTION.match(line)
    if match is None:
        return None
    flags = tuple(flag for flag in (match[1], match[2]) if flag)
    takes = match[3] is not None or re.match(r"\s*-[^\s]+[ =][<A-Z]", line) is not None
    found = _DOC_DEFAULT.search(match[4])
    default: Value = texts.text(found[1]) if found is not None else (None if takes else False)
    return Option(flags[-1], flags, default, int(takes), int(takes))


def _in_usage(pattern: list[str]) -> list[Option]:
    """Return the options that only stand in a line of the usage."""
    found = []
    for word in pattern:
        match = re.fullmatch(r"[\[(]*(--?[\w-]+)(=\S+?)?[\])]*", word)
        if match is not None:
            takes = int(match[2] is not None)
            found.append(Option(match[1], (match[1],), None if takes else False, takes, takes))
    return found


# -- absl --


class Flags(Native):
    """``absl.flags.FLAGS``: values by name."""

    __slots__ = ()

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a value that was defined."""
        return machine.stored.get(f"flag:{name}", UNKNOWN)


def _define(convert: str) -> Callable[[Machine, Given], Value]:
    def function(machine: Machine, given: Given) -> Value:
        name = given.text(0, "name") or ""
        default = given.get(1, "default")
        option = Option(name, (f"--{name}", f"-{name}"), default, convert=External(convert) if convert else None)
        if convert == "builtins.bool":
            option.least = option.most = 0
        parsed = split([option], machine.words)
        value = values(machine, [option], parsed, given)[name]
        machine.stored[f"flag:{name}"] = value
        return Table({"value": value, "default": default}, dotted=True)

    return function


def _app_run(machine: Machine, given: Given) -> Value:
    """Do ``absl.app.run``."""
    words = Items([texts.text(machine.call_read.script), *machine.words])
    return machine.call(given.get(0, "main"), given.replaced([words]))


# -- dataclasses from a command line --


def _dataclass(machine: Machine, cls: Value, words: list[Value], given: Given) -> Value:
    """Return an instance of a class whose annotated names are options; or call a function so."""
    if not isinstance(cls, Class):
        return UNKNOWN
    options = [option for name in definitions.fields(cls) for option in _field(machine, cls, name)]
    parsed = split(options, words)
    return machine.call(cls, Given(given.frame, given.where, keywords=values(machine, options, parsed, given)))


def _field(machine: Machine, cls: Class, name: str) -> list[Option]:
    found = definitions.find(cls, name)
    default = UNKNOWN if found is ... else found
    flags = tuple(dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}")))
    option = Option(name, flags, default)
    kind, _, several = annotation(machine, cls.annotations.get(name), _frame(machine, cls))
    if isinstance(kind, External) and kind.trail == "builtins.bool":
        option.least = 0
    option.several = several
    option.convert = kind if isinstance(kind, External) and kind.trail.startswith(("pathlib.", "builtins.i")) else None
    return [option]


def _frame(machine: Machine, cls: Class) -> Frame:
    return (cls.module or machine.main).frame


def _parse_dataclass(machine: Machine, given: Given) -> Value:
    """Do ``tyro.cli`` and its like."""
    return _dataclass(machine, given.get(0), command_line(machine, given.get(-1, "args")), given)


class DataclassParser(Native):
    """``transformers.HfArgumentParser``."""

    __slots__ = ("classes",)

    def __init__(self, classes: list[Value]) -> None:
        self.classes = classes

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a method."""
        if name != "parse_args_into_dataclasses":
            return super().attribute(machine, name)

        def parse(machine: Machine, given: Given) -> Value:
            words = command_line(machine, given.get(0, "args"))
            return Items([_dataclass(machine, cls, words, given) for cls in self.classes], "tuple")

        return Builtin(name, parse)


def _dataclass_parser(machine: Machine, given: Given) -> Value:
    value = given.get(0, "dataclass_types")
    return DataclassParser([value] if isinstance(value, Class) else machine.iterate(value)[0])


#: What ``DEFINE_…`` makes of a word.
_KINDS = {
    "string": "",
    "integer": "builtins.int",
    "float": "builtins.float",
    "boolean": "builtins.bool",
    "bool": "builtins.bool",
    "enum": "",
    "list": "",
}
FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "fire.Fire": _fire,
    "docopt.docopt": _docopt,
    "absl.app.run": _app_run,
    "tyro.cli": _parse_dataclass,
    "simple_parsing.parse": _parse_dataclass,
    "datargs.parse": _parse_dataclass,
    "pyrallis.parse": _parse_dataclass,
    "transformers.HfArgumentParser": _dataclass_parser,
    **{f"absl.flags.DEFINE_{kind}": _define(convert) for kind, convert in _KINDS.items()},
}
CONSTANTS: dict[str, Callable[[Machine], Value]] = {"absl.flags.FLAGS": lambda _machine: Flags()}
