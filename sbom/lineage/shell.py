"""Shell commands and scripts (POSIX.1-2017, chapter 2, and what bash adds), read and never run."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from sbom.lineage.expansion import Word
from sbom.lineage.paths import resolve
from sbom.lineage.shellsays import Origin
from sbom.lineage.shellwalk import Walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.lineage.interface import Call, Found, Workspace

#: A path as it is written on Windows: ``.\\src\\clean.py``, ``data\\raw\\``.
_WINDOWS: Final = re.compile(r"(?<![\w\\/.$-])(?:\.{1,2}\\)?\w[\w.-]*(?:\\\w[\w.-]*)*\\?")
#: Paths of a command that are looked for.
_MAX_PATHS: Final = 50


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
    text = _slashed(text, directory, workspace)
    path, _, line = where.rpartition(":")
    known = bool(path) and line.isdecimal()
    origin = Origin(path if known else where, int(line) if known else 1, fixed=True)
    return Walk(workspace, parameters, directory, origin).whole(text)


def _slashed(text: str, directory: str, workspace: Workspace) -> str:
    """Return a command as a shell reads it: one that was written for Windows, where a backslash separates.

    It is one when it names a file of the workspace so.
    """
    paths = [path for path in _WINDOWS.findall(text) if "\\" in path]
    names = (resolve(path, directory) for path in paths[:_MAX_PATHS])
    if not any(name is not None and workspace.is_file(name) for name in names):
        return text
    return _WINDOWS.sub(lambda match: match[0].replace("\\", "/"), text)
