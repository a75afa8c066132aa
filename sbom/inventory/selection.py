"""Glob patterns over inventory paths, for ``--include``, ``--exclude``, ``--only`` and ``--allow-extra``.

The rules, the same for every flag:

- ``*``, ``?`` and ``[…]`` stay within one segment; a segment ``**`` crosses any number of them.
- A pattern without ``/`` looks at the base name, at any depth; one with ``/`` starts at the root.
- A pattern without wildcards, or one that ends in ``/``, also covers everything below a directory of that name;
  a pattern with wildcards matches files only (``*.log`` does not allow ``x.log/evil.py``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sbom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_WILD = re.compile(r"[*?\[]")
#: The pattern that matches every file.
EVERYTHING = "**"


def _segment(text: str) -> str:
    """Translate one segment of a pattern to a regular expression."""
    out: list[str] = []
    position = 0
    while position < len(text):
        char = text[position]
        position += 1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and (end := _end_of_class(text, position)) > 0:
            out.append(f"(?!/){_class(text[position:end])}")
            position = end + 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _end_of_class(text: str, start: int) -> int:
    """Find the bracket that ends a class, -1 for none: one that comes first, or first after a negation, is a member."""
    negated = text[start : start + 1] in {"!", "^"}
    return text.find("]", start + 1 + negated)


def _class(body: str) -> str:
    """Translate what stands between brackets: characters and ranges, negated by a leading ``!`` or ``^``."""
    negated = body[0] in "!^"
    out: list[str] = []
    position = 1 if negated else 0
    while position < len(body):
        char = body[position]
        if body[position + 1 : position + 2] == "-" and position + 2 < len(body):
            out.append(f"{re.escape(char)}-{re.escape(body[position + 2])}")
            position += 3
        else:
            out.append(re.escape(char))
            position += 1
    return f"[{'^' if negated else ''}{''.join(out)}]"


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> tuple[re.Pattern[str], bool]:
    """Return the expression, and whether it also covers what is below a match.

    :raises UsageError: when the pattern cannot match anything.
    """
    body = pattern.removeprefix("./")
    anchored = "/" in pattern.rstrip("/")
    body = body.removeprefix("/")
    covers = body.endswith("/") or not _WILD.search(body)
    parts = body.rstrip("/").split("/")
    if not all(parts) or any(part in {".", ".."} for part in parts):
        msg = f"the pattern {pattern!r} has an empty, '.' or '..' segment and can match nothing"
        raise UsageError(msg, hint="write it relative to the dataset's root, as in 'train/*.csv'")
    expression = "" if anchored else "(?:[^/]+/)*"
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            expression += ".*" if last else "(?:[^/]+/)*"
        else:
            expression += _segment(part) + ("" if last else "/")
    try:
        return re.compile(expression + ("(?:/.*)?" if covers else ""), re.DOTALL), covers
    except re.error as error:
        msg = f"the pattern {pattern!r} cannot be read: {error}"
        raise UsageError(msg) from error


def check(patterns: Iterable[str]) -> None:
    """Raise UsageError for a pattern that cannot match anything."""
    for pattern in patterns:
        _compile(pattern)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Tell whether any pattern matches the path of a file."""
    return any(_compile(pattern)[0].fullmatch(path) for pattern in patterns)


def covers(directory: str, patterns: Iterable[str]) -> bool:
    """Tell whether a pattern matches the directory and thereby everything below it."""
    return any(
        pattern == EVERYTHING or (below and expression.fullmatch(directory))
        for pattern in patterns
        for expression, below in [_compile(pattern)]
    )
