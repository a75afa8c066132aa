"""What a plain walk over the syntax tree finds: the peer of static reading.

It takes the string constants in calls of ``open``, ``read_*``, ``load``, ``to_*``, ``save*``, ``dump`` as they stand, in
the one script that a command names. It follows nothing: no variable, no argument, no other module.
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
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    arguments = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg != "mode")]
    texts = [item.value for item in arguments if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    if name == "open":
        mode = next((keyword.value for keyword in node.keywords if keyword.arg == "mode"), None)
        if mode is None and len(node.args) > 1:
            mode = node.args[1]
        text = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
        side, texts = int(any(letter in text for letter in "wax+")), texts[:1] if _is_text(node.args[:1]) else []
    elif name.startswith(_WRITE):
        side = 1
    elif name.startswith(_READ):
        side = 0
    else:
        return
    # A text without dot and slash is a format, an encoding, a column.
    found[side].update(
        path for text in texts if ("." in text or "/" in text) and (path := normalised(text, directory)) not in {None, "."}
    )


def _is_text(nodes: list[ast.expr]) -> bool:
    return bool(nodes) and isinstance(nodes[0], ast.Constant) and isinstance(nodes[0].value, str)
