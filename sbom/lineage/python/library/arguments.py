"""``argparse``, ``optparse`` and their kin: values of a script's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python.library.options import (
    MANY,
    Option,
    command_line,
    flag_name,
    known_texts,
    split,
    values,
)
from sbom.lineage.python.methods.paths import open_file
from sbom.lineage.python.values import UNKNOWN, Builtin, External, Items, Native, Table, Text, table_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

_MAX_DEPTH = 8


class Parser(Native):
    """A parser of command lines.

    :ivar commands: further parsers, by the word that leads to them.
    :ivar dest: the name under which that word is kept.
    """

    __slots__ = ("commands", "defaults", "dest", "options", "style")

    def __init__(self, style: str) -> None:
        self.style = style
        self.options: list[Option] = []
        self.commands: dict[str, Parser] = {}
        self.defaults: dict[str, Value] = {}
        self.dest: str | None = None

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a method."""
        method = _METHODS.get(name)
        if method is None:
            return super().attribute(machine, name)
        return Builtin(name, lambda machine, given: method(machine, self, given))

    def parse(self, machine: Machine, words: list[Value], given: Given, depth: int = 0) -> tuple[Table, list[Value]]:
        """Take a command line apart; return the names, and the words that are left."""
        parsed = split(self.options, words, self.commands)
        names = {**values(machine, self.options, parsed, given), **self.defaults}
        rest = parsed.rest
        first = known_texts(rest[:1])
        if self.dest:
            names[self.dest] = rest[0] if first and first[0] in self.commands else None
        if first and first[0] in self.commands and depth < _MAX_DEPTH:
            inner, rest = self.commands[first[0]].parse(machine, rest[1:], given, depth + 1)
            names.update({str(name): value for name, value in inner.items.items()})
        return table_of(names, dotted=True), rest


def _parser(style: str) -> Callable[[Machine, Given], Value]:
    def function(machine: Machine, given: Given) -> Value:
        made = Parser(style)
        parents, _ = machine.iterate(given.get(-1, "parents", default=Items([])))
        for parent in parents:
            if isinstance(parent, Parser):
                made.options += parent.options
                made.defaults.update(parent.defaults)
        return made

    return function


def _add(_machine: Machine, parser: Parser, given: Given) -> Value:
    """Do ``add_argument``."""
    flags = known_texts(given.arguments)
    name = given.text(-1, "dest") or flag_name(flags)
    if not name:
        return UNKNOWN
    is_option = bool(flags) and flags[0].startswith("-")
    option = Option(name, tuple(flags) if is_option else ())
    option.default = given.get(-1, "default") if given.has(-1, "default") else (UNKNOWN if not is_option else None)
    if given.get(-1, "required") is True and not given.has(-1, "default"):
        option.default = UNKNOWN
    option.convert = given.get(-1, "type")
    if parser.style == "optparse" and isinstance(option.convert, Text):
        option.convert = None
    _count(option, given.get(-1, "nargs"))
    _action(option, given)
    parser.options.append(option)
    if not option.most and option.value is True and isinstance(given.get(-1, "action"), External):
        negative = tuple(f"--no-{flag[2:]}" for flag in flags if flag.startswith("--"))
        parser.options.append(Option(name, negative, option.default, 0, 0, value=False))
    return UNKNOWN


def _count(option: Option, nargs: Value) -> None:
    """Set how many words an argument takes."""
    known = nargs.known if isinstance(nargs, Text) else None
    if isinstance(nargs, int):
        option.least, option.most, option.several = nargs, min(nargs, MANY), True
    elif known == "?":
        option.least = 0
    elif known in {"*", "...", "A..."}:
        option.least, option.most, option.several = 0, MANY, True
    elif known == "+":
        option.most, option.several = MANY, True


def _action(option: Option, given: Given) -> None:
    """Set what an argument does."""
    action = given.get(-1, "action")
    known = action.known if isinstance(action, Text) else action.trail if isinstance(action, External) else ""
    constant = given.get(-1, "const")
    if known in {"store_true", "store_false"}:
        option.value = known == "store_true"
        option.default = given.get(-1, "default", default=not option.value)
    elif known == "argparse.BooleanOptionalAction":
        option.value = True
    elif known in {"store_const", "append_const", "count"}:
        option.value = constant if known != "count" else 1
    elif known in {"append", "extend"}:
        option.appends = True
        return
    else:
        option.value = constant
        return
    option.least = option.most = 0


def _defaults(_machine: Machine, parser: Parser, given: Given) -> Value:
    known = {option.name: option for option in parser.options}
    for name, value in given.keywords.items():
        if name in known:
            known[name].default = value
        else:
            parser.defaults[name] = value
    return None


def _same(_machine: Machine, parser: Parser, _given: Given) -> Value:
    return parser


def _subparsers(_machine: Machine, parser: Parser, given: Given) -> Value:
    parser.dest = given.text(-1, "dest")
    return parser


def _add_parser(machine: Machine, parser: Parser, given: Given) -> Value:
    made = _parser(parser.style)(machine, given)
    aliases, _ = machine.iterate(given.get(-1, "aliases", default=Items([])))
    for name in known_texts([*given.arguments[:1], *aliases]):
        if isinstance(made, Parser):
            parser.commands[name] = made
    return made


def _parse(machine: Machine, parser: Parser, given: Given) -> Value:
    """Do ``parse_args``."""
    machine.step()
    table, rest = parser.parse(machine, command_line(machine, given.get(0, "args")), given)
    return Items([table, Items(rest)], "tuple") if parser.style == "optparse" else table


def _parse_known(machine: Machine, parser: Parser, given: Given) -> Value:
    table, rest = parser.parse(machine, command_line(machine, given.get(0, "args")), given)
    return Items([table, Items(rest)], "tuple")


def _file_type(_machine: Machine, given: Given) -> Value:
    """Make ``argparse.FileType``: the file is opened."""
    mode = given.get(0, "mode")
    return Builtin("FileType", lambda machine, inner: open_file(machine, inner.get(0), mode, inner.where))


_METHODS: dict[str, Callable[[Machine, Parser, Given], Value]] = {
    "add_argument": _add,
    "add_option": _add,
    "add": _add,
    "add_argument_group": _same,
    "add_option_group": _same,
    "add_mutually_exclusive_group": _same,
    "set_defaults": _defaults,
    "add_subparsers": _subparsers,
    "add_parser": _add_parser,
    "parse_args": _parse,
    "parse_known_args": _parse_known,
    "parse_intermixed_args": _parse,
}
FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "argparse.ArgumentParser": _parser("argparse"),
    "configargparse.ArgumentParser": _parser("argparse"),
    "configargparse.ArgParser": _parser("argparse"),
    "jsonargparse.ArgumentParser": _parser("argparse"),
    "optparse.OptionParser": _parser("optparse"),
    "optparse.OptionGroup": lambda _machine, given: given.get(0),
    "argparse.FileType": _file_type,
}
