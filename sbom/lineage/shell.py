"""Shell commands and scripts (POSIX.1-2017, chapter 2, and what bash adds), read and never run."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sbom.lineage.expansion import Word
from sbom.lineage.shellsays import Origin
from sbom.lineage.shellwalk import Walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.lineage.interface import Call, Found, Workspace


class ShellReader:
    """Reads shell scripts (:class:`sbom.lineage.interface.ScriptReader`)."""

    name = "shell"
    suffixes = (".sh", ".bash", ".zsh", ".ksh")

    def read(self, call: Call, workspace: Workspace) -> Found:
        """Read a script with the arguments that it is called with."""
        text = workspace.text(call.script) if call.text is None else call.text
        origin = Origin(call.script, call.first_line)
        walk = Walk(workspace, call.parameters, call.directory, origin)
        script = Word(posixpath.relpath(f"/{call.script}", f"/{call.directory}"), known=True)
        walk.positional([Word(argument, known=True) for argument in call.arguments])
        walk.variables["0"] = walk.variables["BASH_SOURCE"] = (script,)
        return walk.whole(text)


def read_command(
    text: str, directory: str, workspace: Workspace, parameters: Mapping[str, object], where: str
) -> Found:
    """Read a command line.

    :param where: file and line that it stands at.
    :raises ScriptError: when it is too long, or nothing of it can be read.
    """
    path, _, line = where.rpartition(":")
    known = bool(path) and line.isdecimal()
    origin = Origin(path if known else where, int(line) if known else 1, fixed=True)
    return Walk(workspace, parameters, directory, origin).whole(text)
