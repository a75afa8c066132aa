"""Values that stand literally in a Python file: what pipelines in Python are made of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_DEPTH: Final = 50
_MAX_TEXT: Final = 20_000


class _Unknown:
    """Stands for a value that is not literal."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = _Unknown()


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node, without recursion, in the order of the text."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def constants(tree: ast.Module) -> dict[str, Any]:
    """Return the values of names that are assigned once, at the top of a module, to what is known."""
    found: dict[str, Any] = {}
    twice: set[str] = set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                if target.id in found:
                    twice.add(target.id)
                found[target.id] = literal(value, found)
    return {name: value for name, value in found.items() if name not in twice}


def literal(node: ast.expr | None, names: Mapping[str, Any], depth: int = 0) -> Any:  # noqa: ANN401  # any value
    """Return the value of an expression: a text, number, list, mapping; :data:`UNKNOWN` where it is not literal."""
    if node is None or depth > _MAX_DEPTH:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id, UNKNOWN)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [literal(one, names, depth + 1) for one in node.elts]
    return _put_together(node, names, depth + 1)


def _put_together(node: ast.expr, names: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401, PLR0911  # any value
    """Return the value of an expression that has parts."""
    if isinstance(node, ast.Dict):
        pairs = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
        return {str(literal(key, names, depth)): literal(value, names, depth) for key, value in pairs}
    if isinstance(node, ast.JoinedStr):
        inner = [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
        return _joined([literal(one, names, depth) for one in inner], "")
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
        left, right = literal(node.left, names, depth), literal(node.right, names, depth)
        if isinstance(left, list) and isinstance(right, list):
            return left + right
        return _joined([left, right], "/" if isinstance(node.op, ast.Div) else "")
    if isinstance(node, ast.Call):
        given = [literal(one, names, depth) for one in node.args]
        if called(node) in {"Path", "PurePath", "PosixPath", "str"}:
            return _joined(given, "/")
        if (
            called(node) == "join"
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Attribute)
        ):
            return _joined(given, "/")
    return UNKNOWN


def _joined(parts: list[Any], separator: str) -> Any:  # noqa: ANN401  # a text, or unknown
    if not parts or not all(isinstance(part, (str, int)) for part in parts):
        return UNKNOWN
    return separator.join(map(str, parts))[:_MAX_TEXT]


def called(node: ast.Call) -> str:
    """Return the last part of the name that is called."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def texts(value: Any) -> list[str]:  # noqa: ANN401  # whatever stands there
    """Return a text, or the texts of a list or the values of a mapping, as a list; what is unknown is left out."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    return [text for one in value for text in texts(one)] if isinstance(value, list) else []
