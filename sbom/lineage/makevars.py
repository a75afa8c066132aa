"""Variables and functions of makefiles, expanded as far as nothing has to be run (the GNU make manual, 6 and 8)."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import TYPE_CHECKING, Final

from sbom.lineage.interface import ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.lineage.budget import Budget
    from sbom.lineage.interface import Workspace

#: Characters that one text may become.
MAX_TEXT: Final = 200_000
_MAX_DEPTH: Final = 40
#: An assignment: name, operator, value.
ASSIGNMENT: Final = re.compile(
    r"(?:export\s+|override\s+)?([A-Za-z_][\w.-]*)\s*(\?=|:{1,3}=|\+=|!=|=)\s*(.*)", re.DOTALL
)
_PLAIN: Final = re.compile(r"\w+|[@<^+?*]")
_PAIRS: Final = {"(": re.compile(r"[()]"), "{": re.compile(r"[{}]")}
_COLON: Final = re.compile(r"[(){}:]")
_COMMA: Final = re.compile(r"[(){},]")
_WILD: Final = re.compile(r"[*?\[]")
_SIMPLE: Final = {
    "dir": lambda one: f"{posixpath.dirname(one) or '.'}/",
    "notdir": posixpath.basename,
    "basename": lambda one: posixpath.splitext(one)[0],
    "suffix": lambda one: posixpath.splitext(one)[1],
    "abspath": lambda one: one,
    "realpath": lambda one: one,
    "strip": lambda one: one,
}
_FUNCTIONS: Final = frozenset({
    "wildcard", "patsubst", "subst", "addprefix", "addsuffix", "filter", "filter-out", "shell", "if", "foreach", "call",
    "eval", "info", "warning", "error", "firstword", "lastword", "word", "sort", *_SIMPLE,
})  # fmt: skip


class Variables:
    """The variables of one makefile.

    :param directory: that it runs in.
    """

    def __init__(self, directory: str, workspace: Workspace, budget: Budget) -> None:
        self._directory = directory
        self._workspace = workspace
        self._budget = budget
        #: Value, and whether it is expanded already.
        self._variables: dict[str, tuple[str, bool]] = {"CURDIR": (".", True), "MAKE": ("make", True)}
        #: Those that are being expanded: one that names itself stands for nothing.
        self._open: set[str] = set()

    def define(self, name: str, value: str) -> None:
        """Give a variable a value that is expanded when it is used."""
        self._variables[name] = (value, False)

    def assign(self, text: str) -> bool:
        """Take an assignment; tell whether the text was one. Raises what :meth:`expand` raises."""
        found = ASSIGNMENT.fullmatch(text)
        if found is None:
            return False
        name, operator, value = found.groups()
        known = self._variables.get(name)
        if operator == "?=" and known is not None:
            return True
        if operator == "+=" and known is not None:
            added = self.expand(value) if known[1] else value
            self._budget.spend(len(added) + len(known[0]) // 64)
            self._variables[name] = (_bounded(f"{known[0]} {added}"), known[1])
        elif operator == "!=":
            self._variables.pop(name, None)
        else:
            simple = operator.startswith(":")
            self._variables[name] = (self.expand(value) if simple else value, simple)
        return True

    def expand(self, text: str, automatic: dict[str, str] | None = None, depth: int = 0) -> str:
        """Expand variables and functions; what would have to be run becomes nothing.

        :param automatic: those of a recipe, as ``@`` and ``<``.
        :raises ScriptError: when it grows too long, costs too much, or a reference is never closed.
        """
        if "$" not in text or depth > _MAX_DEPTH:
            return text
        self._budget.spend(2 * len(text), 5)
        parts: list[str] = []
        at = 0
        while at < len(text):
            dollar = text.find("$", at)
            if dollar < 0 or dollar + 1 >= len(text):
                parts.append(text[at:])
                break
            parts.append(text[at:dollar])
            opening = text[dollar + 1]
            if opening in "({":
                end = _closing(text, dollar + 1)
                value = self._value(text[dollar + 2 : end], automatic or {}, depth)
                at = end + 1
            else:
                value = "$" if opening == "$" else self._value(opening, automatic or {}, depth)
                at = dollar + 2
            parts.append(self._budget.spent(value))
        return _bounded("".join(parts))

    def _value(self, name: str, automatic: dict[str, str], depth: int) -> str:
        if _PLAIN.fullmatch(name):
            return self._variable(name, automatic, depth)
        function, space, rest = name.partition(" ")
        if space and function in _FUNCTIONS:
            return self._call(function, [self.expand(one, automatic, depth + 1) for one in _arguments(rest)])
        variable, colon, change = split_rule(name)
        variable = self.expand(variable, automatic, depth + 1)
        value = self._variable(variable, automatic, depth)
        if colon and "=" in change:
            old, _, new = self.expand(change, automatic, depth + 1).partition("=")
            old, new = (old, new) if "%" in old else (f"%{old}", f"%{new}")
            value = self._replaced(old, new, value)
        return value

    def _variable(self, name: str, automatic: dict[str, str], depth: int) -> str:
        if name in automatic:
            return automatic[name]
        if len(name) == 2 and name[0] in automatic and name[1] in "DF":  # noqa: PLR2004  # $(@D), $(<F)
            part = posixpath.dirname if name[1] == "D" else posixpath.basename
            return " ".join(part(one) or "." for one in automatic[name[0]].split())
        value, simple = self._variables.get(name, ("", True))
        if simple or name in self._open:
            return value if simple else ""
        self._open.add(name)
        try:
            return self.expand(value, automatic, depth + 1)
        finally:
            self._open.discard(name)

    def _replaced(self, pattern: str, replacement: str, text: str) -> str:
        words = text.split()
        self._budget.spend(len(replacement) * len(words), len(words))
        return " ".join(_patsubst(pattern, replacement, word) for word in words)

    def _call(self, function: str, given: list[str]) -> str:  # noqa: PLR0911  # one for each kind of function
        last = given[-1].split() if given else []
        if function == "wildcard":
            return " ".join(one for pattern in last for one in self._glob(pattern))
        if function == "patsubst" and len(given) > 2:  # noqa: PLR2004  # pattern, replacement, text
            return self._replaced(given[0].strip(), given[1].strip(), given[2])
        if function == "subst" and len(given) > 2:  # noqa: PLR2004  # from, to, text
            self._budget.spend(len(given[1]) * given[2].count(given[0]) if given[0] else 0)
            return given[2].replace(given[0], given[1]) if given[0] else given[2]
        if function in {"addprefix", "addsuffix"} and len(given) > 1:
            extra = given[0].strip()
            self._budget.spend(len(extra) * len(last), len(last))
            return " ".join(f"{extra}{one}" if function == "addprefix" else f"{one}{extra}" for one in last)
        if function in {"filter", "filter-out"} and len(given) > 1:
            patterns = given[0].split()
            self._budget.spend(0, len(patterns) * len(last))
            keep = function == "filter"
            return " ".join(one for one in last if any(stem_of(one, p) is not None for p in patterns) is keep)
        if function == "if":
            return given[1] if given[0].strip() and len(given) > 1 else "".join(given[2:3])
        if function == "sort":
            return " ".join(sorted(set(last)))
        simple = _SIMPLE.get(function)
        return "" if simple is None else " ".join(simple(one) for one in last)

    def _glob(self, pattern: str) -> Iterator[str]:
        """Yield what a pattern matches, wildcards in directories included."""
        found = [""]
        for part in pattern.split("/"):
            if _WILD.search(part) is None:
                found = [posixpath.join(base, part) for base in found]
                continue
            listed = [(base, self._workspace.listing(self._at(base))) for base in found]
            self._budget.spend(0, sum(len(names) for _, names in listed))
            found = [
                posixpath.join(base, name)
                for base, names in listed
                for name in names
                if fnmatch.fnmatchcase(name, part) and name.startswith(".") is part.startswith(".")
            ]
        yield from (
            one
            for one in found
            if self._workspace.is_file(self._at(one)) or self._workspace.is_directory(self._at(one))
        )

    def _at(self, name: str) -> str:
        path = posixpath.normpath(posixpath.join(self._directory, name))
        return "" if path == "." else path


def split_rule(text: str) -> tuple[str, str, str]:
    """Split a rule at its colon, which does not stand in a reference."""
    depth = 0
    for match in _COLON.finditer(text):
        char = match[0]
        depth += (char in "({") - (char in ")}")
        if char == ":" and not depth:
            return text[: match.start()], ":", text[match.end() :]
    return text, "", ""


def _closing(text: str, at: int) -> int:
    depth = 0
    for match in _PAIRS[text[at]].finditer(text, at):
        depth += 1 if match[0] == text[at] else -1
        if not depth:
            return match.start()
    raise ScriptError("has a reference that is never closed")


def _arguments(text: str) -> list[str]:
    """Split the arguments of a function at the commas that stand in no reference."""
    found, depth, start = [], 0, 0
    for match in _COMMA.finditer(text):
        char = match[0]
        depth += (char in "({") - (char in ")}")
        if char == "," and not depth:
            found.append(text[start : match.start()])
            start = match.end()
    return [*found, text[start:]]


def stem_of(name: str, pattern: str) -> str | None:
    """Return what the ``%`` of a pattern stands for in a name; ``None`` when it does not fit."""
    before, percent, after = pattern.partition("%")
    if not percent:
        return "" if name == pattern else None
    fits = name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after)
    return name[len(before) : len(name) - len(after)] if fits else None


def _patsubst(pattern: str, replacement: str, word: str) -> str:
    stem = stem_of(word, pattern)
    return word if stem is None else replacement.replace("%", stem, 1)


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ScriptError(f"has a text of more than {MAX_TEXT:,} characters")
    return text
