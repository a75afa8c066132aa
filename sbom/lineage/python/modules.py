"""Finding and parsing modules of the workspace.

A name is looked for where Python would: beside the script, in the working directory, in what the script puts into
``sys.path``; then where an installed package is likely to have come from: the workspace, the directories above the
script, and ``src`` and the like in them.
"""

from __future__ import annotations

import ast
import posixpath
import sys
import warnings
from typing import TYPE_CHECKING

from sbom.lineage.interface import MAX_SCRIPTS, ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.lineage.interface import Workspace

#: Characters of a script that is parsed: a tree takes some two hundred times as much memory.
MAX_SOURCE = 1 << 20
_SOURCES = ("src", "lib", "python", "code", "scripts", "app")
_MAX_ROOTS = 60
#: Nested brackets beyond which the parser of Python itself gives up; deeper trees come from long chains of operators.
_TOO_DEEP = "is nested too deep"


def parse(source: str) -> ast.Module:
    """Parse a script.

    :raises ScriptError: when it is no Python, too long, or nested too deep.
    """
    if len(source) > MAX_SOURCE:
        raise ScriptError(f"has {len(source):,} characters; at most {MAX_SOURCE:,} are read as Python")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise ScriptError(f"is no Python that {version} can read{f' (line {line})' if line else ''}") from error
        except (RecursionError, MemoryError) as error:
            raise ScriptError(_TOO_DEEP) from error


def roots(directory: str, script: str, added: list[str]) -> Iterator[str]:
    """Yield the directories of the workspace that a module may lie in, most likely first; some of them repeatedly.

    :param directory: the working directory.
    :param script: whichever module imports.
    :param added: what the program put into ``sys.path``.
    """
    beside = posixpath.dirname(script)
    first = [beside, directory, *added]
    above = beside
    while above:
        above = posixpath.dirname(above)
        first.append(above)
    first.append("")
    for root in first[:_MAX_ROOTS]:
        yield root
    for root in first[:_MAX_ROOTS]:
        for source in _SOURCES:
            yield posixpath.join(root, source)


class Finder:
    """Where the modules of one program lie."""

    def __init__(self, workspace: Workspace, directory: str, script: str) -> None:
        self._workspace = workspace
        self._directory = directory
        self._script = script
        self._files: dict[str, str | None] = {}
        self._names: dict[tuple[str, str], list[str]] = {}
        self.added: list[str] = []

    def module(self, path: str) -> str | None:
        """Return the file of a module, given its path without suffix: the module, or the package's ``__init__``."""
        if path not in self._files:
            if len(self._files) > MAX_SCRIPTS * 40:
                return None
            package = posixpath.join(path, "__init__.py")
            found = None
            if self._workspace.is_file(package):
                found = package
            elif path and self._workspace.is_file(f"{path}.py"):
                found = f"{path}.py"
            self._files[path] = found
        return self._files[path]

    def is_package(self, path: str) -> bool:
        """Tell whether there is a directory that modules can be imported from."""
        return self.module(path) is not None or self._workspace.is_directory(path)

    def bases(self, name: str, importer: str) -> list[str]:
        """Return the paths (without suffix) that the first part of an absolute name may be, most likely first.

        Directories without ``__init__`` come last: any installed package comes before them.
        """
        key = (name, posixpath.dirname(importer))
        if key not in self._names:
            paths = []
            for script in dict.fromkeys((self._script, importer)):
                paths += [posixpath.join(root, name) for root in roots(self._directory, script, self.added)]
            paths = list(dict.fromkeys(paths))
            regular = [path for path in paths if self.module(path) is not None]
            namespaces = [path for path in paths if path not in regular and self._workspace.is_directory(path)]
            self._names[key] = [*regular, *namespaces]
        return self._names[key]

    def add(self, directory: str) -> None:
        """Take what a program puts into ``sys.path``."""
        if directory not in self.added and len(self.added) < _MAX_ROOTS:
            self.added.append(directory)
            self._names.clear()

    def locate(self, dotted: list[str], importer: str) -> str | None:
        """Return the path without suffix of an absolute dotted name; ``None`` when it is not of the workspace."""
        if dotted[0] in sys.stdlib_module_names:
            return None
        for base in self.bases(dotted[0], importer):
            path = posixpath.join(base, *dotted[1:])
            if self.is_package(path):
                return path
        return None
