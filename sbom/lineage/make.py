"""Makefiles (the GNU make manual): rules with recipes as stages. Expanded as far as nothing has to be run."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import TYPE_CHECKING, Final

from sbom.lineage.interface import Access, Pipeline, ScriptError, Stage
from sbom.lineage.paths import resolve
from sbom.transformation import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.lineage.interface import Workspace

#: Rules that are read, those of patterns included.
MAX_RULES: Final = 5_000
#: Characters that one text may become.
MAX_TEXT: Final = 200_000
_MAX_DEPTH: Final = 40
_ASSIGNMENT: Final = re.compile(
    r"(?:export\s+|override\s+)?([A-Za-z_][\w.-]*)\s*(\?=|:{1,3}=|\+=|!=|=)\s*(.*)", re.DOTALL
)
_CONDITION: Final = re.compile(r"(?:ifdef|ifndef|ifeq|ifneq|else|endif)\b")
_INCLUDE: Final = re.compile(r"[-s]?include\s+(.+)")
_CODE: Final = (
    ".py",
    ".ipynb",
    ".sh",
    ".r",
    ".R",
    ".sql",
    ".jl",
    ".pl",
    ".awk",
    ".mk",
    ".yaml",
    ".yml",
    ".toml",
    ".cfg",
)
_SPECIAL: Final = re.compile(r"\.[A-Z_]+")


class MakeReader:
    """Reads makefiles (:class:`sbom.lineage.interface.PipelineReader`)."""

    name = "make"
    patterns = ("makefile", "gnumakefile", "*.mk")

    def accepts(self, path: str, workspace: Workspace) -> bool:
        """Take every file of such a name."""
        return workspace.is_file(path)

    def read(self, path: str, workspace: Workspace) -> Pipeline:
        """Read the rules of a makefile, and of those that it includes."""
        reading = _Reading(posixpath.dirname(path), workspace)
        reading.file(path)
        reading.settle()
        return reading.pipeline


class _Rule:
    """A rule as it is written, its targets and prerequisites expanded."""

    def __init__(self, targets: list[str], needs: list[str], where: str) -> None:
        self.targets = targets
        self.needs = needs
        self.where = where
        self.recipe: list[str] = []


class _Reading:
    """One makefile that is being read."""

    def __init__(self, directory: str, workspace: Workspace) -> None:
        self._directory = directory
        self._workspace = workspace
        self._variables: dict[str, tuple[str, bool]] = {"CURDIR": (".", True), "MAKE": ("make", True)}
        self._rules: list[_Rule] = []
        self._phony: set[str] = set()
        self._files: list[str] = []
        self.pipeline = Pipeline()

    def file(self, path: str) -> None:
        """Read one makefile."""
        if path in self._files or len(self._files) > _MAX_DEPTH:
            return
        self._files.append(path)
        rule: _Rule | None = None
        defining: tuple[str, list[str]] | None = None
        for number, line in _logical(self._workspace.text(path)):
            stripped = line.strip()
            if defining is not None:
                if stripped == "endef":
                    self._variables[defining[0]] = ("\n".join(defining[1]), False)
                    defining = None
                else:
                    defining[1].append(line)
                continue
            if line.startswith("\t") and rule is not None:
                rule.recipe.append(line[1:])
                continue
            text = stripped.partition("#")[0].rstrip() if "#" in stripped else stripped
            if not text or _CONDITION.match(text):
                continue
            if text.startswith("define "):
                defining = (text.split()[1].rstrip("="), [])
                continue
            include = _INCLUDE.fullmatch(text)
            if include is not None:
                self._include(include[1], path)
            elif not self._assign(text):
                rule = self._rule(text, f"{path}:{number}") or rule

    def _include(self, names: str, path: str) -> None:
        for name in self._expand(names).split():
            found = resolve(name, self._directory)
            if found is None or not self._workspace.is_file(found):
                self.pipeline.problems.append((path, f"includes {name[:200]!r}, which is not there"))
                continue
            try:
                self.file(found)
            except ScriptError as error:
                self.pipeline.problems.append((found, str(error)))

    def _assign(self, text: str) -> bool:
        found = _ASSIGNMENT.fullmatch(text)
        if found is None:
            return False
        name, operator, value = found.groups()
        known = self._variables.get(name)
        if operator == "?=" and known is not None:
            return True
        if operator == "+=" and known is not None:
            self._variables[name] = (f"{known[0]} {value}"[:MAX_TEXT], known[1])
        elif operator == "!=":
            self._variables.pop(name, None)
        else:
            simple = operator.startswith(":")
            self._variables[name] = (self._expand(value) if simple else value, simple)
        return True

    def _rule(self, text: str, where: str) -> _Rule | None:
        head, colon, rest = _split_rule(text)
        if not colon:
            return None
        rest, _, recipe = rest.partition(";")
        rest = rest.removeprefix(":")
        static = rest.split(":", 1)
        if _ASSIGNMENT.fullmatch(rest.strip()):
            return None  # a variable of one target
        targets = self._expand(head).split()
        needs = self._expand(static[-1]).replace("|", " ").split()
        if targets == [".PHONY"]:
            self._phony.update(needs)
            return _Rule([], [], where)
        if len(self._rules) >= MAX_RULES:
            raise ScriptError(f"has more than {MAX_RULES:,} rules")
        rule = _Rule([target for target in targets if not _SPECIAL.fullmatch(target)], needs, where)
        if len(static) == 2 and "%" in static[0]:  # noqa: PLR2004  # a static pattern rule
            pattern = self._expand(static[0]).strip()
            for target in targets:
                stem = _stem(target, pattern)
                if stem is not None:
                    one = _Rule([target], [need.replace("%", stem, 1) for need in needs], where)
                    one.recipe = rule.recipe
                    self._rules.append(one)
            return rule
        if recipe.strip():
            rule.recipe.append(recipe.strip())
        self._rules.append(rule)
        return rule

    def settle(self) -> None:
        """Make stages of the rules, and of pattern rules for the targets that need them."""
        needs: dict[str, list[str]] = {}
        for rule in self._rules:
            for target in rule.targets:
                needs.setdefault(target, []).extend(rule.needs)
        explicit = {target for rule in self._rules if rule.recipe for target in rule.targets}
        for rule in list(self._rules):
            if not rule.recipe:
                continue
            if any("%" in target for target in rule.targets):
                for target in dict.fromkeys(one for rule_ in self._rules for one in (*rule_.targets, *rule_.needs)):
                    stem = _stem(target, rule.targets[0])
                    if stem is not None and "%" not in target and target not in explicit:
                        own = [need.replace("%", stem, 1) for need in rule.needs]
                        self._stage(rule, [one.replace("%", stem, 1) for one in rule.targets], own, stem)
            elif rule.targets:
                for target in rule.targets:
                    self._stage(rule, [target], list(dict.fromkeys(needs[target])), "")

    def _stage(self, rule: _Rule, targets: list[str], needs: list[str], stem: str) -> None:
        if len(self.pipeline.stages) >= MAX_RULES:
            return
        stage = Stage(" ".join(targets)[:200], rule.where, self._directory)
        automatic = {
            "@": targets[0],
            "<": needs[0] if needs else "",
            "^": " ".join(dict.fromkeys(needs)),
            "+": " ".join(needs),
            "?": " ".join(needs),
            "*": stem,
        }
        for line in rule.recipe:
            command = self._expand(line, automatic).lstrip("@-+ \t")
            if command:
                stage.commands.append(command)
        for names, writes in ((needs, False), (targets, True)):
            for name in names:
                self._declare(stage, name, rule.where, writes=writes)
        self.pipeline.stages.append(stage)

    def _declare(self, stage: Stage, text: str, where: str, *, writes: bool) -> None:
        if text in self._phony or "%" in text or "$" in text:
            return
        name = resolve(text, self._directory)
        if name is None:
            return
        if self._workspace.is_directory(name):
            name = f"{name.rstrip('/')}/"
        if not writes and name.endswith(_CODE):
            stage.scripts.append(name)
        elif writes or "." in posixpath.basename(name) or "/" in name or self._workspace.is_file(name):
            if writes and not ("." in posixpath.basename(name) or "/" in name or self._workspace.is_file(name)):
                return  # a name for a task, that nobody called phony
            stage.accesses.append(Access(name, writes, DECLARED, where))

    def _expand(self, text: str, automatic: dict[str, str] | None = None, depth: int = 0) -> str:
        """Expand variables and functions; what would have to be run becomes nothing."""
        if "$" not in text or depth > _MAX_DEPTH:
            return text
        parts: list[str] = []
        size = at = 0
        while at < len(text):
            dollar = text.find("$", at)
            if dollar < 0 or dollar + 1 >= len(text):
                parts.append(text[at:])
                break
            parts.append(text[at:dollar])
            opening = text[dollar + 1]
            if opening in "({":
                end = _closing(text, dollar + 1)
                value = self._value(text[dollar + 2 : end], automatic, depth)
                at = end + 1
            else:
                value = "$" if opening == "$" else self._value(opening, automatic, depth)
                at = dollar + 2
            parts.append(value)
            size += len(value)
            if size > MAX_TEXT:
                raise ScriptError("has a text that grows too long")
        return "".join(parts)

    def _value(self, name: str, automatic: dict[str, str] | None, depth: int) -> str:
        values = automatic or {}
        if name in values:
            return values[name]
        if len(name) == 2 and name[0] in values and name[1] in "DF":  # noqa: PLR2004  # $(@D), $(<F)
            part = posixpath.dirname if name[1] == "D" else posixpath.basename
            return " ".join(part(one) or "." for one in values[name[0]].split())
        function, space, rest = name.partition(" ")
        if space and function in _FUNCTIONS:
            arguments = [self._expand(one, automatic, depth + 1) for one in _arguments(rest)]
            return self._call(function, arguments)
        variable, colon, change = _split_rule(name)
        known = self._variables.get(self._expand(variable, automatic, depth + 1))
        if known is None:
            return ""
        value = known[0] if known[1] else self._expand(known[0], automatic, depth + 1)
        if colon and "=" in change:
            old, _, new = self._expand(change, automatic, depth + 1).partition("=")
            old, new = (old, new) if "%" in old else (f"%{old}", f"%{new}")
            value = _patsubst(old, new, value)
        return value

    def _call(self, function: str, given: list[str]) -> str:  # noqa: PLR0911  # one for each kind of function
        last = given[-1].split() if given else []
        if function == "wildcard":
            return " ".join(one for pattern in last for one in self._glob(pattern))
        if function == "patsubst" and len(given) > 2:  # noqa: PLR2004  # pattern, replacement, text
            return _patsubst(given[0].strip(), given[1].strip(), given[2])
        if function == "subst" and len(given) > 2:  # noqa: PLR2004  # from, to, text
            return given[2].replace(given[0], given[1]) if given[0] else given[2]
        if function in {"addprefix", "addsuffix"} and len(given) > 1:
            extra = given[0].strip()
            return " ".join(f"{extra}{one}" if function == "addprefix" else f"{one}{extra}" for one in last)
        if function in {"filter", "filter-out"} and len(given) > 1:
            patterns = given[0].split()
            keep = function == "filter"
            return " ".join(one for one in last if any(_stem(one, p) is not None for p in patterns) is keep)
        if function == "if":
            return given[1] if given[0].strip() and len(given) > 1 else "".join(given[2:3])
        simple = _SIMPLE.get(function)
        return "" if simple is None else " ".join(simple(one) for one in last)

    def _glob(self, pattern: str) -> Iterator[str]:
        directory, _, base = pattern.rpartition("/")
        listed = self._workspace.listing(
            posixpath.normpath(posixpath.join(self._directory, directory)).removeprefix(".")
        )
        for name in listed:
            if fnmatch.fnmatchcase(name, base):
                yield posixpath.join(directory, name)


_SIMPLE: Final = {
    "dir": lambda one: f"{posixpath.dirname(one) or '.'}/",
    "notdir": posixpath.basename,
    "basename": lambda one: posixpath.splitext(one)[0],
    "suffix": lambda one: posixpath.splitext(one)[1],
    "abspath": lambda one: one,
    "realpath": lambda one: one,
    "sort": lambda one: one,
    "strip": lambda one: one,
}
_FUNCTIONS: Final = frozenset({
    "wildcard", "patsubst", "subst", "addprefix", "addsuffix", "filter", "filter-out", "shell", "if", "foreach", "call",
    "eval", "info", "warning", "error", "firstword", "lastword", "word", *_SIMPLE,
})  # fmt: skip


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers, continued ones put together."""
    waiting: list[str] = []
    first = 1
    for number, line in enumerate(text.split("\n"), 1):
        if not waiting:
            first = number
        if line.endswith("\\") and not line.endswith("\\\\"):
            waiting.append(line[:-1])
            continue
        yield first, " ".join((*waiting, line.lstrip() if waiting else line))
        waiting = []
    if waiting:
        yield first, " ".join(waiting)


def _split_rule(text: str) -> tuple[str, str, str]:
    """Split a rule at its colon, which does not stand in a reference."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char in "({") - (char in ")}")
        if char == ":" and not depth:
            return text[:at], ":", text[at + 1 :]
    return text, "", ""


def _closing(text: str, at: int) -> int:
    opening = text[at]
    closing = ")" if opening == "(" else "}"
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] == opening) - (text[end] == closing)
        if not depth:
            return end
    raise ScriptError("has a reference that is never closed")


def _arguments(text: str) -> list[str]:
    """Split the arguments of a function at the commas that stand in no reference."""
    found, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "({") - (char in ")}")
        if char == "," and not depth:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]


def _stem(name: str, pattern: str) -> str | None:
    before, percent, after = pattern.partition("%")
    if not percent:
        return "" if name == pattern else None
    fits = name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after)
    return name[len(before) : len(name) - len(after)] if fits else None


def _patsubst(pattern: str, replacement: str, text: str) -> str:
    def one(word: str) -> str:
        stem = _stem(word, pattern)
        return word if stem is None else replacement.replace("%", stem, 1)

    return " ".join(map(one, text.split()))
