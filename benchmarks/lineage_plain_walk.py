"""What a plain walk over the syntax tree finds: the peer of static reading.

It takes the string constants in calls of ``open``, ``read_*``, ``load``, ``to_*``, ``save*``, ``dump`` and their kin as
they stand, in the one script that a command names; a name that is given one constant in that script stands for it, as
does a ``Path`` of a constant. It follows nothing else: no joined path, no argument, no configuration, no other module.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lineage_truth import normalised, split

if TYPE_CHECKING:
    from pathlib import Path

_READ = ("read_", "load", "imread", "glob", "listdir")
_WRITE = ("to_", "save", "dump", "write_", "imwrite", "imsave")
_PATHS = ("Path", "PurePath", "str")


def plain_walk(commands: list[str], directory: str, repository: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the paths that are read and those that are written."""
    found: tuple[set[str], set[str]] = (set(), set())
    for command in commands:
        for word in split(command, repository / directory):
            path = repository / directory / word
            if word.endswith(".py") and path.is_file():
                tree = ast.parse(path.read_text(encoding="utf-8"))
                constants = _constants(tree)
                for node in ast.walk(tree):
                    if isinstance(node, ast.Call):
                        _call(node, directory, constants, found)
    return frozenset(found[0]), frozenset(found[1])


def _constants(tree: ast.Module) -> dict[str, str]:
    """Return the names that are given one text, and nothing else, anywhere in a script."""
    given: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                given.setdefault(target.id, set()).add(_text(value, {}))
    return {name: texts.pop() for name, texts in given.items() if len(texts) == 1}


def _call(node: ast.Call, directory: str, constants: dict[str, str], found: tuple[set[str], set[str]]) -> None:
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
    if isinstance(node.func, ast.Attribute) and name in {
        "open",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
    }:
        # A method of the path itself.
        arguments = [node.func.value]
    for argument in arguments:
        text = _text(argument, constants)
        # A text without dot and slash is a format, an encoding, a column.
        path = normalised(text, directory) if "." in text or "/" in text else None
        if path is not None:
            found[side].add(path)


def _opens_to_write(node: ast.Call) -> bool:
    mode = next((keyword.value for keyword in node.keywords if keyword.arg == "mode"), None)
    position = 0 if isinstance(node.func, ast.Attribute) else 1
    if mode is None and len(node.args) > position:
        mode = node.args[position]
    return any(letter in _text(mode, {}) for letter in "wax+")


def _text(node: ast.expr | None, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return constants.get(node.id, "")
    if isinstance(node, ast.Call) and len(node.args) == 1:
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return _text(node.args[0], constants) if name in _PATHS else ""
    return ""
