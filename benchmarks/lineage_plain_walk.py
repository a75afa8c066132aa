"""What a plain walk over the syntax tree finds: the peer of static reading.

It takes the string constants in calls of ``open``, ``read_*``, ``load``, ``to_*``, ``save*``, ``dump`` as they stand,
in the one script that a command names. It follows nothing: no variable, no argument, no other module.
"""

from __future__ import annotations

import ast
import shlex
from typing import TYPE_CHECKING

from lineage_truth import normalised

if TYPE_CHECKING:
    from pathlib import Path

_READ = ("read_", "load", "imread", "glob", "listdir")
_WRITE = ("to_", "save", "dump", "write_", "imwrite", "imsave")


def plain_walk(commands: list[str], directory: str, repository: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the paths that are read and those that are written."""
    found: tuple[set[str], set[str]] = (set(), set())
    for command in commands:
        for word in _words(command):
            path = repository / directory / word.replace("\\", "/")
            if word.endswith(".py") and path.is_file():
                tree = ast.parse(path.read_text(encoding="utf-8"))
                for node in ast.walk(tree):
                    if isinstance(node, ast.Call):
                        _call(node, directory, found)
    return frozenset(found[0]), frozenset(found[1])


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _call(node: ast.Call, directory: str, found: tuple[set[str], set[str]]) -> None:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    arguments = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg != "mode")]
    if name == "open":
        side, arguments = int(_opens_to_write(node)), node.args[:1]
    elif name.startswith(_WRITE):
        side = 1
    elif name.startswith(_READ):
        side = 0
    else:
        return
    for text in map(_text, arguments):
        # A text without dot and slash is a format, an encoding, a column.
        path = normalised(text, directory) if "." in text or "/" in text else None
        if path is not None:
            found[side].add(path)


def _opens_to_write(node: ast.Call) -> bool:
    mode = next((keyword.value for keyword in node.keywords if keyword.arg == "mode"), None)
    if mode is None and len(node.args) > 1:
        mode = node.args[1]
    return any(letter in _text(mode) for letter in "wax+")


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
