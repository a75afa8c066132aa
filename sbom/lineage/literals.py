"""Values that stand literally in a Python file: what pipelines in Python are made of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_DEPTH: Final = 50
_MAX_TEXT: Final = 20_000
#: Parts of a list or mapping, those of its parts included.
MAX_PARTS: Final = 10_000
#: Parts of all constants of a module; what is assigned later is unknown.
_MAX_CONSTANTS: Final = 1_000_000
_MAX_BITS: Final = 64


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
    room = _MAX_CONSTANTS
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                if target.id in found:
                    twice.add(target.id)
                found[target.id] = literal(value, found) if room > 0 else UNKNOWN
                room -= parts(found[target.id])
    return {name: value for name, value in found.items() if name not in twice}


def literal(node: ast.expr | None, names: Mapping[str, Any]) -> Any:  # noqa: ANN401  # any value
    """Return the value of an expression: a text, number, list, mapping; :data:`UNKNOWN` where it is not literal."""
    return bounded(_literal(node, names, 0))


def bounded(value: Any) -> Any:  # noqa: ANN401  # any value
    """Return a value; :data:`UNKNOWN` for one of too many parts: lists of lists of one list grow without end."""
    return value if parts(value) <= MAX_PARTS else UNKNOWN


def parts(value: Any) -> int:  # noqa: ANN401  # any value
    """Count the parts of a value, those of its parts included; more than :data:`MAX_PARTS` are not counted on."""
    waiting, found = [value], 0
    while waiting and found + len(waiting) <= MAX_PARTS:
        one = waiting.pop()
        found += 1
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
    return found + len(waiting)


def _literal(node: ast.expr | None, names: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401  # any value
    if node is None or depth > _MAX_DEPTH:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.Name):
        return names.get(node.id, UNKNOWN)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [_literal(one, names, depth + 1) for one in node.elts]
    return _put_together(node, names, depth + 1)


def _constant(value: object) -> Any:  # noqa: ANN401  # any value
    """Return what can be written as text; Python writes no integer of thousands of digits."""
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return UNKNOWN
    return value if value is None or isinstance(value, (str, int, float)) else UNKNOWN


def _put_together(node: ast.expr, names: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401  # any value
    """Return the value of an expression that has parts."""
    if isinstance(node, ast.Dict):
        pairs = [(_literal(key, names, depth), value) for key, value in zip(node.keys, node.values, strict=True)]
        return {str(key): _literal(value, names, depth) for key, value in pairs if isinstance(key, (str, int))}
    if isinstance(node, ast.JoinedStr):
        inner = [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
        return _joined([_literal(one, names, depth) for one in inner], "")
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
        left, right = _literal(node.left, names, depth), _literal(node.right, names, depth)
        if isinstance(left, list) and isinstance(right, list):
            return left + right if len(left) + len(right) <= MAX_PARTS else UNKNOWN
        return _joined([left, right], "/" if isinstance(node.op, ast.Div) else "")
    if isinstance(node, ast.Call) and _is_path(node):
        return _joined([_literal(one, names, depth) for one in node.args], "/")
    return UNKNOWN


def _is_path(node: ast.Call) -> bool:
    """Tell whether a call puts a path together: ``Path(…)``, ``os.path.join(…)``, ``str(…)`` of one."""
    name, function = called(node), node.func
    inner = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Attribute)
    return name in {"Path", "PurePath", "PosixPath", "str"} or (name == "join" and inner)


def _joined(parts: list[Any], separator: str) -> Any:  # noqa: ANN401  # a text, or unknown
    """Put texts together; what is too long for a name or command is unknown."""
    if not parts or not all(isinstance(part, (str, int)) for part in parts):
        return UNKNOWN
    made = [str(part) for part in parts]
    return separator.join(made) if sum(map(len, made)) <= _MAX_TEXT else UNKNOWN


def called(node: ast.Call) -> str:
    """Return the last part of the name that is called."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def texts(value: Any) -> list[str]:  # noqa: ANN401  # whatever stands there
    """Return a text, or the texts of a list or the values of a mapping, as a list; what is unknown is left out."""
    found: list[str] = []
    waiting = [bounded(value)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, (list, dict)):
            waiting += reversed(one if isinstance(one, list) else one.values())
    return found
