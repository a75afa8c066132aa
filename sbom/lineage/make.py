"""Makefiles (the GNU make manual): rules with recipes as stages. Expanded as far as nothing has to be run."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from sbom.lineage.budget import Budget
from sbom.lineage.interface import Access, Pipeline, ScriptError, Stage
from sbom.lineage.makevars import ASSIGNMENT, Variables, split_rule, stem_of
from sbom.lineage.paths import resolve
from sbom.transformation import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.lineage.interface import Workspace

#: Rules that are read, those of patterns included.
MAX_RULES: Final = 5_000
_MAX_FILES: Final = 40
_CONDITION: Final = re.compile(r"(?:ifdef|ifndef|ifeq|ifneq|else|endif)\b")
_INCLUDE: Final = re.compile(r"([-s]?)include\s+(.+)")
_CODE: Final = (
    ".py", ".ipynb", ".sh", ".r", ".R", ".sql", ".jl", ".pl", ".awk", ".mk", ".yaml", ".yml", ".toml", ".cfg",
)  # fmt: skip
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
        try:
            reading.settle()
        except ScriptError as error:
            reading.pipeline.problems.append((path, str(error)))
        return reading.pipeline


class _Rule:
    """A rule as it is written, its targets and prerequisites expanded."""

    def __init__(self, targets: list[str], needs: list[str], where: str) -> None:
        self.targets = targets
        self.needs = needs
        self.where = where
        self.recipe: list[str] = []

    @property
    def is_pattern(self) -> bool:
        """Whether it says how to make any file of such a name."""
        return any("%" in target for target in self.targets)


class _Reading:
    """One makefile that is being read."""

    def __init__(self, directory: str, workspace: Workspace) -> None:
        self._directory = directory
        self._workspace = workspace
        self._rules: list[_Rule] = []
        self._phony: set[str] = set()
        self._files: list[str] = []
        self._budget = Budget()
        self._variables = Variables(directory, workspace, self._budget)
        self.pipeline = Pipeline()

    def file(self, path: str) -> None:
        """Read one makefile."""
        if path in self._files or len(self._files) > _MAX_FILES:
            return
        self._files.append(path)
        rule: _Rule | None = None
        defining: tuple[str, list[str]] | None = None
        for number, line in _logical(self._workspace.text(path)):
            stripped = line.strip()
            if defining is not None:
                if stripped == "endef":
                    self._variables.define(defining[0], "\n".join(defining[1]))
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
                self._include(include[2], path, optional=bool(include[1]))
            elif not self._variables.assign(text):
                rule = self._rule(text, f"{path}:{number}") or rule

    def _include(self, names: str, path: str, *, optional: bool) -> None:
        for name in self._variables.expand(names).split():
            found = resolve(name, self._directory)
            if found is None or not self._workspace.is_file(found):
                if optional:
                    continue
                self.pipeline.problems.append((path, f"includes {name[:200]!r}, which is not there"))
                continue
            try:
                self.file(found)
            except ScriptError as error:
                self.pipeline.problems.append((found, str(error)))

    def _rule(self, text: str, where: str) -> _Rule | None:
        head, colon, rest = split_rule(text)
        if not colon:
            return None
        rest, _, recipe = rest.partition(";")
        rest = rest.removeprefix(":")
        static = rest.split(":", 1)
        if ASSIGNMENT.fullmatch(rest.strip()):
            return None  # a variable of one target
        targets = self._variables.expand(head.removesuffix("&")).split()
        needs = self._variables.expand(static[-1]).replace("|", " ").split()
        self._budget.spend(0, 1 + len(targets) + len(needs))
        if targets == [".PHONY"]:
            self._phony.update(needs)
            return _Rule([], [], where)
        if len(self._rules) >= MAX_RULES:
            raise ScriptError(f"has more than {MAX_RULES:,} rules")
        rule = _Rule([target for target in targets if not _SPECIAL.fullmatch(target)], needs, where)
        if len(static) == 2 and "%" in static[0]:  # noqa: PLR2004  # a static pattern rule
            pattern = self._variables.expand(static[0]).strip()
            for target in targets:
                stem = stem_of(target, pattern)
                if stem is not None:
                    self._budget.spend(len(stem) * len(needs), 1 + len(needs))
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
        for rule in self._rules:
            if rule.recipe and not rule.is_pattern:
                for target in rule.targets:
                    self._stage(rule, [target], list(dict.fromkeys(needs[target])), "")
        explicit = {target for rule in self._rules if rule.recipe for target in rule.targets}
        self._implicit(explicit, dict.fromkeys(one for rule in self._rules for one in (*rule.targets, *rule.needs)))

    def _implicit(self, explicit: set[str], wanted: dict[str, None]) -> None:
        """Make stages of pattern rules for what is wanted, and for what that needs; no rule twice in a chain."""
        patterns = [rule for rule in self._rules if rule.recipe and rule.is_pattern]
        waiting: list[tuple[str, tuple[_Rule, ...]]] = [(one, ()) for one in wanted if patterns and "%" not in one]
        for target, used in waiting:
            self._budget.spend(len(target), 3 * len(patterns))
            for rule in patterns if target not in explicit else ():
                stem = None if rule in used else stem_of(target, rule.targets[0])
                if stem is not None:
                    needs = [need.replace("%", stem, 1) for need in rule.needs]
                    self._stage(rule, [one.replace("%", stem, 1) for one in rule.targets], needs, stem)
                    waiting += [(need, (*used, rule)) for need in needs if need not in wanted]
                    wanted.update(dict.fromkeys(needs))

    def _stage(self, rule: _Rule, targets: list[str], needs: list[str], stem: str) -> None:
        self._budget.spend(sum(map(len, needs)), len(needs) + len(rule.recipe))
        if len(self.pipeline.stages) >= MAX_RULES:
            raise ScriptError(f"makes more than {MAX_RULES:,} targets; the rest was not read")
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
            command = self._variables.expand(line, automatic).lstrip("@-+ \t")
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
