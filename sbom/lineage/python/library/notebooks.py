"""What IPython adds to a notebook: magics and shell commands, as calls of ``get_ipython``."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from sbom.lineage.interface import Call
from sbom.lineage.python import apis, texts
from sbom.lineage.python.library.processes import GAP, command
from sbom.lineage.python.machine import Effect
from sbom.lineage.python.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

#: ``{name}`` and ``$name`` in a command: a value of the notebook.
_FILLED = re.compile(r"\{([A-Za-z_]\w*)\}|\$\{?([A-Za-z_]\w*)\}?")
_SHELLS = frozenset({"bash", "sh", "script", "!"})


def _filled(machine: Machine, text: str, given: Given) -> str:
    """Return a command with the values of names in it; what is no name of the notebook is left to the shell."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        holder = given.frame.find(name)
        if holder is None:
            return match[0]
        return machine.as_text(holder.names[name]).known or GAP

    return _FILLED.sub(value, text)


def _system(machine: Machine, given: Given) -> Value:
    text = given.text(0, "cmd")
    if text is not None:
        command(machine, _filled(machine, text, given), given.where)
    return UNKNOWN


def _line_magic(machine: Machine, given: Given) -> Value:
    name, rest = given.text(0) or "", _filled(machine, given.text(1) or "", given)
    if name == "cd":
        target = texts.in_workspace(texts.text(rest.strip("'\"")), machine.directory)
        machine.directory = machine.directory if target is None else target
    elif name == "run":
        _run(machine, rest, given.where)
    elif name in {"sx", "system"}:
        command(machine, rest, given.where)
    return UNKNOWN


def _run(machine: Machine, text: str, where: str) -> None:
    """Do ``%run script arguments``."""
    try:
        words = shlex.split(text)
    except ValueError:
        return
    while words and words[0].startswith("-"):
        words.pop(0)
    path = texts.in_workspace(texts.text(words[0]), machine.directory) if words else None
    for one in (path, f"{path}.py") if path is not None else ():
        if machine.workspace.is_file(one):
            machine.found.calls.append(Call(one, tuple(words[1:]), machine.directory, where=where))
            break


def _cell_magic(machine: Machine, given: Given) -> Value:
    name, rest, body = given.text(0) or "", given.text(1) or "", given.text(2)
    if name in _SHELLS and body is not None and (name != "script" or rest.split()[:1] in (["bash"], ["sh"])):
        command(machine, body, given.where)
    elif name in {"writefile", "file"}:
        machine.record(Effect.WRITE, texts.text(rest.split()[-1] if rest.split() else ""), given.where)
    elif name == "sql" and body is not None:
        apis.run_sql(machine, texts.long(body), given.where)
    return UNKNOWN


_IPYTHON = "builtins.get_ipython()"
FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    f"{_IPYTHON}.system": _system,
    f"{_IPYTHON}.getoutput": _system,
    f"{_IPYTHON}.run_line_magic": _line_magic,
    f"{_IPYTHON}.run_cell_magic": _cell_magic,
}
