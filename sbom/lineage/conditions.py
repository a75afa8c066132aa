"""Conditions of shell scripts that are known to be true or false without running them: comparisons of texts.

Whether a file is there is never known: the script may have made it by then.
"""

from __future__ import annotations

import fnmatch
import operator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.lineage.expansion import Word

_TESTS: Final = {"test": "", "[": "]", "[[": "]]"}
_ORDERS: Final[dict[str, Callable[[int, int], bool]]] = {
    f"-{name}": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")
}
_MAX_TEXT = 2_000


def outcome(words: Sequence[Word]) -> bool | None:
    """Return what a command of ``test``, ``[`` or ``[[`` finds out; ``None`` where it is not known."""
    if not words or words[0].text not in _TESTS:
        return None
    end = _TESTS[words[0].text]
    inner = list(words[1:-1] if end and words[-1].text == end else words[1:])
    negated = bool(inner) and inner[0].text == "!"
    found = _known(inner[negated:], patterns=end == "]]")
    return found if found is None else found is not negated


def _known(words: Sequence[Word], *, patterns: bool) -> bool | None:
    found: bool | None = None
    match [word.text for word in words if word.known]:
        case ["-z" | "-n" as sign, text]:
            found = (not text) is (sign == "-z")
        case [left, "=" | "==" | "!=" as sign, right]:
            found = (matches(left, right) if patterns else left == right) is (sign != "!=")
        case [left, sign, right] if sign in _ORDERS and _number(left) and _number(right):
            found = _ORDERS[sign](int(left), int(right))
    return found if all(word.known for word in words) else None


def matches(text: str, pattern: str) -> bool:
    """Tell whether a pattern (POSIX.1-2017, 2.13) matches a text; what is too long matches nothing."""
    return len(text) + len(pattern) <= _MAX_TEXT and fnmatch.fnmatchcase(text, pattern)


def _number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 20  # noqa: PLR2004  # 64 bits
