"""Commands and scripts that a script runs."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from sbom.lineage.interface import Call
from sbom.lineage.python import texts
from sbom.lineage.python.machine import Effect
from sbom.lineage.python.values import UNKNOWN, Items, Table, Text, alternatives, choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

#: What stands for an unknown part of a command: a variable that nobody sets.
GAP = "${UNKNOWN}"
_MAX_DEPTH = 20
_MAX_COMMANDS = 200


def command(machine: Machine, text: str, where: str, directory: str | None = None) -> None:
    """Note a shell text that is run from here."""
    row = (text, machine.directory if directory is None else directory, where)
    if text.strip() and row not in machine.found.commands and len(machine.found.commands) < _MAX_COMMANDS:
        machine.found.commands.append(row)


def _shell_text(value: Text) -> str:
    return "".join(GAP if part is None else part for part in value.parts)


def _run(machine: Machine, given: Given) -> Value:
    """Do ``subprocess.run`` and its kin."""
    where = _directory(machine, given.get(-1, "cwd"))
    for one in alternatives(given.get(0, "args")):
        if isinstance(one, Text):
            command(machine, _shell_text(one), given.where, where)
        elif isinstance(one, Items):
            words = [_word(machine.as_text(item)) for item in one.items]
            command(machine, " ".join(words), given.where, where)
    return UNKNOWN.child("process()")


def _word(value: Text) -> str:
    """Return a word of a command; a variable in double quotes stands for what is not known."""
    if value.known is not None:
        return shlex.quote(value.known)
    quoted = "".join(GAP if part is None else _escaped(part) for part in value.parts)
    return f'"{quoted}"'


def _escaped(part: str) -> str:
    return "".join(f"\\{character}" if character in '"\\$`' else character for character in part)


def _directory(machine: Machine, value: Value) -> str | None:
    if not isinstance(value, Text):
        return None
    return texts.in_workspace(value, machine.directory)


def _script(machine: Machine, value: Value, where: str, words: tuple[str, ...], parameters: dict[str, object]) -> None:
    for one in alternatives(value):
        path = _directory(machine, one)
        if path is not None and machine.workspace.is_file(path):
            call = Call(path, words, machine.directory, parameters, where)
            if call not in machine.found.calls:
                machine.found.calls.append(call)


def _run_path(machine: Machine, given: Given) -> Value:
    words = tuple(one.known for one in machine.words if isinstance(one, Text) and one.known is not None)
    _script(machine, given.get(0, "path_name"), given.where, words, {})
    return Table({}, rest=True)


def _run_module(machine: Machine, given: Given) -> Value:
    name = given.text(0, "mod_name")
    located = machine.finder.locate(name.split("."), given.frame.module.path) if name else None
    file = machine.finder.module(located) if located is not None else None
    if file is not None and posixpath.basename(file) != "__init__.py":
        _script(machine, texts.text(f"{texts.ROOT}/{file}"), given.where, (), {})
    return Table({}, rest=True)


def _papermill(machine: Machine, given: Given) -> Value:
    """Do ``papermill.execute_notebook``: the notebook is run with its parameters, and written with its results."""
    parameters = given.get(2, "parameters")
    known: dict[str, object] = {}
    if isinstance(parameters, Table):
        known = {key: plain(machine, value) for key, value in parameters.items.items() if isinstance(key, str)}
        known = {key: value for key, value in known.items() if value is not UNKNOWN}
    _script(machine, given.get(0, "input_path"), given.where, (), known)
    machine.record(Effect.WRITE, given.get(1, "output_path"), given.where)
    return UNKNOWN


def plain(machine: Machine, value: Value, depth: int = 0) -> object:
    """Return a value as plain data: texts, numbers, lists, mappings; ``UNKNOWN`` for what is not known."""
    machine.step()
    if isinstance(value, Text):
        return UNKNOWN if value.known is None else value.known
    if isinstance(value, Items) and depth < _MAX_DEPTH:
        return [one for one in (plain(machine, item, depth + 1) for item in value.items) if one is not UNKNOWN]
    if isinstance(value, Table) and depth < _MAX_DEPTH:
        pairs = {str(key): plain(machine, item, depth + 1) for key, item in value.items.items()}
        return {key: item for key, item in pairs.items() if item is not UNKNOWN}
    return value if value is None or isinstance(value, (int, float)) else UNKNOWN


def _system(machine: Machine, given: Given) -> Value:
    for one in alternatives(given.get(0, "command", "cmd")):
        if isinstance(one, Text):
            command(machine, _shell_text(one), given.where)
    return UNKNOWN


def _execute(machine: Machine, given: Given) -> Value:
    """Do ``os.execvp`` and ``os.spawnvp``: the last argument is a list of words."""
    return _run(machine, given.replaced(given.arguments[-1:]))


def _exec_words(machine: Machine, given: Given) -> Value:
    """Do ``asyncio.create_subprocess_exec``: each word is an argument."""
    return _run(machine, given.replaced([Items(list(given.arguments))]))


def _quote(machine: Machine, given: Given) -> Value:
    return choice(machine.as_text(one) for one in alternatives(given.get(0)))


def _split(_machine: Machine, given: Given) -> Value:
    known = given.text(0)
    if known is None:
        value = given.get(0)
        return value if isinstance(value, Text) else UNKNOWN
    try:
        return Items([texts.text(word) for word in shlex.split(known)[:500]])
    except ValueError:
        return UNKNOWN


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "subprocess.run": _run,
    "subprocess.call": _run,
    "subprocess.check_call": _run,
    "subprocess.check_output": _run,
    "subprocess.Popen": _run,
    "subprocess.getoutput": _run,
    "subprocess.getstatusoutput": _run,
    "asyncio.create_subprocess_shell": _run,
    "asyncio.create_subprocess_exec": _exec_words,
    "invoke.run": _run,
    "sh.bash": _run,
    "os.system": _system,
    "os.popen": _system,
    "os.execvp": _execute,
    "os.execv": _execute,
    "runpy.run_path": _run_path,
    "runpy.run_module": _run_module,
    "papermill.execute_notebook": _papermill,
    "shlex.quote": _quote,
    "shlex.split": _split,
}
