"""Python scripts, read and never run: the syntax tree is walked as an interpreter would, on what is known of values.

Nothing of a script is imported, compiled or executed. What it may cost is bounded: steps, depth, texts and collections
(:mod:`sbom.lineage.python.machine`, :mod:`sbom.lineage.python.values`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import events, modules
from sbom.lineage.python.interpreter import Interpreter, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.interface import Call, Found, Workspace


class PythonReader:
    """Reads Python scripts (:class:`sbom.lineage.interface.ScriptReader`)."""

    name = "python"
    suffixes = (".py",)

    def read(self, call: Call, workspace: Workspace) -> Found:
        """Read one script with the modules of the workspace that it imports, as one command runs it."""
        source = workspace.text(call.script) if call.text is None else call.text
        return read_source(call, workspace, source)


def read_source(call: Call, workspace: Workspace, source: str, lines: Sequence[int] = ()) -> Found:
    """Read the text of a script.

    :param lines: for each line of the text, which line of the file it is said to stand at; empty: they are the same.
    :raises ScriptError: when it is no Python.
    """
    tree = modules.parse(source)
    interpreter = Interpreter(call, workspace)
    interpreter.main.lines = lines
    run(interpreter, tree)
    events.settle(interpreter.events, call, workspace, interpreter.found)
    return interpreter.found
