"""``click`` and ``typer``: functions that are called with the values of a script's command line."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.library.options import MANY, Option, command_line, flag_name, known_texts, split, values
from sbom.lineage.python.machine import Frame, Given
from sbom.lineage.python.methods.paths import open_file
from sbom.lineage.python.values import UNKNOWN, Bound, Builtin, External, Func, Items, Native, Table, Text, Thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

_MAX_DEPTH = 8
#: Decorators by which ``click`` adds a parameter.
_PARAMETERS = {"option": True, "argument": False}
_LISTS = frozenset({"builtins.list", "builtins.tuple", "typing.List", "typing.Tuple", "typing.Sequence"})


class Parameter(Native):
    """What ``typer.Option`` and ``typer.Argument`` give: the default of a parameter, and how it is called."""

    __slots__ = ("given", "is_option")

    def __init__(self, given: Given, *, is_option: bool) -> None:
        self.given = given
        self.is_option = is_option


class Command(Native):
    """A function that is called from the command line, and the commands below it.

    :ivar style: ``click`` or ``typer``: where the parameters come from.
    """

    __slots__ = ("commands", "function", "style")

    def __init__(self, style: str, function: Value = None) -> None:
        self.style = style
        self.function = function
        self.commands: dict[str, Command] = {}

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a method, or the function itself."""
        if name == "callback" and self.style == "click":
            return self.function
        method = _METHODS.get(name)
        if method is None:
            return super().attribute(machine, name)
        return Builtin(name, lambda machine, given: method(machine, self, given))

    def call(self, machine: Machine, given: Given) -> Value:
        """Run the command line."""
        words = command_line(machine, given.get(0, "args"))
        return run(machine, self, words, given)

    def add(self, command: Command, name: str | None) -> None:
        """Add a command below this one."""
        if name is None:
            name = _function_name(command.function).lower().replace("_", "-")
        self.commands[name] = command


def _function_name(value: Value) -> str:
    return value.name if isinstance(value, Func) else ""


def run(machine: Machine, command: Command, words: list[Value], given: Given, depth: int = 0) -> Value:
    """Call a command's function with the values of its command line, then the command below it that is named."""
    machine.step()
    single = command.function is None and command.style == "typer" and len(command.commands) == 1
    if single:
        return run(machine, next(iter(command.commands.values())), words, given, depth + 1)
    options = _options(machine, command)
    parsed = split(options, words, command.commands)
    result: Value = None
    if command.function is not None:
        inner = Given(given.frame, given.where, keywords=values(machine, options, parsed, given))
        if _wants_context(command.function):
            inner.arguments.append(Table({"obj": Table({}, rest=True)}, rest=True, dotted=True))
        result = machine.call(command.function, inner)
    first = known_texts(parsed.rest[:1])
    if first and first[0] in command.commands and depth < _MAX_DEPTH:
        return run(machine, command.commands[first[0]], parsed.rest[1:], given, depth + 1)
    return result


def _wants_context(function: Value) -> bool:
    return isinstance(function, Func) and any(
        trail in {"click.pass_context", "click.pass_obj"} for trail, _ in function.decorators
    )


def _options(machine: Machine, command: Command) -> list[Option]:
    function = command.function
    if not isinstance(function, Func):
        return []
    return _typer_options(machine, function) if command.style == "typer" else _click_options(function)


# -- click --


def _click_options(function: Func) -> list[Option]:
    """Return the parameters that decorators add; the last one stands first in the list."""
    found: list[Option] = []
    for trail, given in reversed(function.decorators):
        kind = trail.rpartition(".")[2]
        if given is not None and kind in _PARAMETERS and trail.partition(".")[0].endswith("click"):
            found += _click_option(given, is_option=_PARAMETERS[kind])
    return found


def _click_option(given: Given, *, is_option: bool) -> list[Option]:
    words = known_texts(given.arguments)
    flags = [word for word in words if word.startswith("-")]
    named = [word for word in words if word.isidentifier()]
    name = (named[0] if named else flag_name([flag.partition("/")[0] for flag in flags])).lower()
    option = Option(name.replace("-", "_"), tuple(flag.partition("/")[0] for flag in flags) if is_option else ())
    option.default = given.get(-1, "default") if given.has(-1, "default") else None
    if (given.get(-1, "required") is True or not is_option) and not given.has(-1, "default"):
        option.default = UNKNOWN
    option.convert = given.get(-1, "type")
    _click_count(option, given)
    negative = tuple(flag.partition("/")[2].strip() for flag in flags if "/" in flag)
    if given.get(-1, "is_flag") is True or negative or given.has(-1, "flag_value"):
        option.least = option.most = 0
        option.value = given.get(-1, "flag_value", default=True)
        option.default = given.get(-1, "default", default=False)
    found = [option]
    if negative:
        found.append(Option(option.name, negative, option.default, 0, 0, value=False))
    return found


def _click_count(option: Option, given: Given) -> None:
    count = given.get(-1, "nargs")
    if isinstance(count, int) and count != 1:
        option.several = True
        option.least, option.most = (0, MANY) if count < 0 else (count, min(count, MANY))
        option.default = given.get(-1, "default", default=Items([]))
    if given.get(-1, "multiple") is True:
        option.appends = True
        option.default = given.get(-1, "default", default=Items([]))


def _click_path(_machine: Machine, given: Given) -> Value:
    as_path = isinstance(given.get(-1, "path_type"), Thing) and not isinstance(given.get(-1, "path_type"), Text)

    def function(machine: Machine, inner: Given) -> Value:
        known = machine.as_text(inner.get(0))
        return texts.as_path(known) if as_path else Text(known.parts, known.literal)

    return Builtin("Path", function)


def _click_file(_machine: Machine, given: Given) -> Value:
    mode = given.get(0, "mode")
    return Builtin("File", lambda machine, inner: open_file(machine, inner.get(0), mode, inner.where))


def _click_command(_machine: Machine, function: Value, _given: Given | None) -> Value:
    return Command("click", function)


def _method_command(_machine: Machine, command: Command, given: Given) -> Value:
    """Do ``@group.command("name")``, ``@group.group()``."""
    bare = given.get(0)
    named = given.text(0, "name")
    if isinstance(bare, (Func, Bound)):
        return _below(command, bare, None)
    return Builtin("command", lambda _machine, inner: _below(command, inner.get(0), named))


def _below(command: Command, function: Value, name: str | None) -> Value:
    made = Command(command.style, function)
    command.add(made, name)
    return made if command.style == "click" else function


def _method_callback(_machine: Machine, command: Command, given: Given) -> Value:
    """Do ``@app.callback()``, ``@group.result_callback()``: code that runs before the command."""
    if isinstance(given.get(0), Func):
        command.function = given.get(0)
        return given.get(0)

    def decorate(_machine: Machine, inner: Given) -> Value:
        command.function = inner.get(0)
        return inner.get(0)

    return Builtin("callback", decorate)


def _method_add(_machine: Machine, command: Command, given: Given) -> Value:
    """Do ``add_command`` and ``add_typer``."""
    other = given.get(0, "cmd", "typer_instance")
    if isinstance(other, Command):
        command.add(other, given.text(1, "name"))
    return None


def _method_main(machine: Machine, command: Command, given: Given) -> Value:
    return command.call(machine, given)


# -- typer --


def _typer_options(machine: Machine, function: Func) -> list[Option]:
    """Return the parameters of a function: those with a default, or that say so, are options."""
    if isinstance(function.node, ast.Lambda):
        return []
    arguments = function.node.args
    found: list[Option] = []
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        kind, extra, several = annotation(machine, argument.annotation, function.frame)
        if isinstance(kind, External) and kind.trail.endswith(".Context"):
            continue
        default = function.defaults.get(argument.arg)
        parameter = default if isinstance(default, Parameter) else extra
        is_option = argument.arg in function.defaults
        flags: list[str] = []
        if parameter is not None:
            is_option = parameter.is_option
            first = 1 if parameter is default else 0
            flags = known_texts(parameter.given.arguments[first:])
            if parameter is default:
                default = parameter.given.get(0, "default", default=UNKNOWN)
        elif not is_option:
            default = UNKNOWN
        if argument.arg not in function.defaults:
            default = UNKNOWN
        found += _typer_option(argument.arg, kind, default, flags, is_option=is_option, several=several)
    return found


def _typer_option(  # noqa: PLR0913  # what a parameter of a function says
    name: str, kind: Value, default: Value, flags: list[str], *, is_option: bool, several: bool
) -> list[Option]:
    trail = kind.trail if isinstance(kind, External) else ""
    option = Option(name, default=default, convert=None if trail in {"", "builtins.str"} else kind)
    if is_option:
        option.flags = tuple(flags) or (f"--{name.replace('_', '-')}",)
    if trail == "builtins.bool" or isinstance(default, bool):
        option.least = option.most = 0
        option.convert = None
        positive = tuple(flag.partition("/")[0] for flag in option.flags)
        negative = [flag.partition("/")[2] for flag in option.flags if "/" in flag]
        option.flags = positive
        no = tuple(negative) or tuple(f"--no-{flag[2:]}" for flag in positive if flag.startswith("--"))
        return [option, Option(name, no, default, 0, 0, value=False)]
    if several:
        option.appends = is_option
        option.several = not is_option
        option.most = 1 if is_option else MANY
    return [option]


def annotation(machine: Machine, node: ast.expr | None, frame: Frame) -> tuple[Value, Parameter | None, bool]:
    """Return what an annotation says: the type, what ``Annotated`` adds, and whether it is a list of that."""
    extra: Parameter | None = None
    several = False
    for _ in range(_MAX_DEPTH):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            node = node.left
            continue
        if not isinstance(node, ast.Subscript):
            break
        outer = machine.evaluate(node.value, frame)
        trail = outer.trail if isinstance(outer, External) else ""
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if trail.endswith(".Annotated"):
            further = [machine.evaluate(one, frame) for one in inner[1:]]
            extra = next((one for one in further if isinstance(one, Parameter)), None)
        elif trail in _LISTS:
            several = True
        elif not trail.endswith(".Optional"):
            break
        node = inner[0] if inner else None
    return (None if node is None else machine.evaluate(node, frame)), extra, several


def _parameter(*, is_option: bool) -> Callable[[Machine, Given], Value]:
    return lambda _machine, given: Parameter(given, is_option=is_option)


def _run_function(machine: Machine, given: Given) -> Value:
    """Do ``typer.run``."""
    return run(machine, Command("typer", given.get(0, "function")), command_line(machine, None), given)


_METHODS: dict[str, Callable[[Machine, Command, Given], Value]] = {
    "command": _method_command,
    "group": _method_command,
    "callback": _method_callback,
    "add_command": _method_add,
    "add_typer": _method_add,
    "main": _method_main,
}
WRAPPERS: dict[str, Callable[[Machine, Value, Given | None], Value]] = {
    "click.command": _click_command,
    "click.group": _click_command,
    "rich_click.command": _click_command,
    "rich_click.group": _click_command,
    "asyncclick.command": _click_command,
}
FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "click.Path": _click_path,
    "click.File": _click_file,
    "click.Group": lambda _machine, _given: Command("click"),
    "typer.Typer": lambda _machine, _given: Command("typer"),
    "typer.Option": _parameter(is_option=True),
    "typer.Argument": _parameter(is_option=False),
    "typer.run": _run_function,
}
