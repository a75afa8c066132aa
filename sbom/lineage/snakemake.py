"""Snakemake: rules, and the jobs that ``rule all`` asks for. Their syntax is Python's, of arguments."""

from __future__ import annotations

import ast
import itertools
import posixpath
import re
from typing import TYPE_CHECKING, Any, Final

from sbom.lineage import literals, yamllines
from sbom.lineage.budget import Budget
from sbom.lineage.interface import Access, Call, Pipeline, ScriptError, Stage
from sbom.lineage.literals import UNKNOWN
from sbom.lineage.paths import is_url, resolve
from sbom.lineage.python.modules import parse
from sbom.manifests import values
from sbom.transformation import DECLARED, is_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.lineage.interface import Workspace

#: Jobs that the rules of one file may become.
MAX_JOBS: Final = 5_000
_MAX_DEPTH: Final = 20
_MAX_EXPANDED: Final = 10_000
_MAX_FILES: Final = 200
_RULE: Final = re.compile(r"^(?:rule|checkpoint)\s+(\w*)\s*:\s*(?:#.*)?$|^(?:rule|checkpoint)\s*(\w*)\s*:\s*(?:#.*)?$")
_SECTION: Final = re.compile(r"^\s+(\w+)\s*:(.*)$")
_DIRECTIVE: Final = re.compile(r"^(configfile|include|workdir)\s*:\s*(.*)$")
_WILDCARD: Final = re.compile(r"\{(\w+)(?:,[^{}]*)?\}")
_FLAGS: Final = frozenset({
    "temp", "temporary", "protected", "ancient", "touch", "report", "local", "pipe", "unpack", "directory", "ensure",
})  # fmt: skip
#: What a rule can have (Snakemake's grammar); the text of one ends where the next one starts.
_SECTIONS: Final = frozenset({
    "benchmark", "cache", "conda", "container", "containerized", "cwl", "default_target", "envmodules", "group",
    "handover", "input", "localrule", "log", "message", "name", "notebook", "output", "params", "priority",
    "resources", "retries", "run", "script", "shadow", "shell", "singularity", "template_engine", "threads",
    "version", "wildcard_constraints", "wrapper",
})  # fmt: skip
_RUNS: Final = ("shell", "script", "run", "notebook")


class SnakemakeReader:
    """Reads Snakemake's workflows (:class:`sbom.lineage.interface.PipelineReader`)."""

    name = "snakemake"
    patterns = ("snakefile", "*.smk")

    def accepts(self, path: str, workspace: Workspace) -> bool:
        """Take every file of such a name."""
        return workspace.is_file(path)

    def read(self, path: str, workspace: Workspace) -> Pipeline:
        """Read the rules of a workflow, and of what it includes."""
        base = posixpath.dirname(path)
        # A workflow in workflow/ is run from the directory above it.
        directory = posixpath.dirname(base) if posixpath.basename(base) == "workflow" else base
        reading = _Reading(directory, workspace)
        reading.file(path)
        try:
            reading.jobs()
        except ScriptError as error:
            reading.pipeline.problems.append((path, str(error)))
        return reading.pipeline


class _Rule:
    """A rule: its sections as expressions, and where it stands."""

    def __init__(self, name: str, path: str, line: int) -> None:
        self.name = name
        self.path = path
        self.line = line
        self.sections: dict[str, list[str]] = {}

    def text(self, section: str) -> str:
        """Return what stands in a section; empty where there is none."""
        return "\n".join(self.sections.get(section, ()))


class _Reading:
    """One workflow that is being read."""

    def __init__(self, directory: str, workspace: Workspace) -> None:
        self._directory = directory
        self._workspace = workspace
        self._rules: list[_Rule] = []
        self._names: dict[str, Any] = {}
        self._files: list[str] = []
        self._said: dict[str, list[tuple[str | None, Any]]] = {}
        self._budget = Budget()
        self.pipeline = Pipeline()

    def file(self, path: str) -> None:
        """Read one file."""
        if path in self._files or len(self._files) >= _MAX_FILES:
            return
        text = self._workspace.text(path)
        self._files.append(path)
        rule: _Rule | None = None
        section = ""
        plain: list[str] = []
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip() and not line[0].isspace() and not line.startswith(("#", ")", '"""', "'''")):
                found = _RULE.match(line.rstrip())
                directive = _DIRECTIVE.match(line)
                rule, section = None, ""
                if found is not None:
                    rule = _Rule(found[1] or found[2] or f"rule_{number}", path, number)
                    self._rules.append(rule)
                    continue
                if directive is not None:
                    self._directive(directive[1], directive[2], path)
                    continue
            if rule is None:
                plain.append(line)
                continue
            head = _SECTION.match(line)
            if head is not None and head[1] in _SECTIONS and section != "run":
                section = head[1]
                rule.sections[section] = [head[2]]
            elif section:
                rule.sections[section].append(line)
        self._assignments("\n".join(plain))

    def _directive(self, kind: str, text: str, path: str) -> None:
        value = self._value(text)
        if not isinstance(value, str):
            return
        base = posixpath.dirname(path) if kind == "include" else self._directory
        name = resolve(value, base)
        if name is None or not is_file(name.rstrip("/")):
            return
        try:
            if kind == "include":
                self.file(name)
            elif kind == "configfile":
                loaded = yamllines.load(name, self._workspace).value
                self._names["config"] = {**values.mapping(self._names.get("config")), **values.mapping(loaded)}
                self._files.append(name)
            else:
                self._directory = name.rstrip("/")
        except ScriptError as error:
            self.pipeline.problems.append((name, str(error)))

    def _assignments(self, text: str) -> None:
        """Take the constants of the Python around the rules, as far as it is Python."""
        try:
            tree = parse(text)
        except ScriptError:
            for line in text.split("\n"):
                if re.match(r"\w+\s*=", line):
                    self._budget.spend(len(line), 10)
                    try:
                        self._take(parse(line))
                    except ScriptError:
                        continue  # a statement of several lines in what is no Python: its name stays unknown
            return
        self._take(tree)

    def _take(self, tree: ast.Module) -> None:
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = self._evaluate(node.value, 0)
                self._budget.spend(0, literals.parts(value))
                self._names[node.targets[0].id] = literals.bounded(value)

    def _value(self, text: str) -> Any:  # noqa: ANN401  # whatever stands there
        found = self._evaluated(text)
        return found[0][1] if len(found) == 1 and found[0][0] is None else UNKNOWN

    def _arguments(self, rule: _Rule, section: str) -> list[tuple[str | None, Any]]:
        """Return the values that stand in a section of a rule, once all names are known."""
        text = rule.text(section)
        if text not in self._said:
            self._said[text] = self._evaluated(text)
        return self._said[text]

    def _evaluated(self, text: str) -> list[tuple[str | None, Any]]:
        """Evaluate the arguments of a call: what stands in a section."""
        try:
            tree = parse(f"_({text}\n)")
        except ScriptError:
            return []
        call = tree.body[0].value if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr) else None
        if not isinstance(call, ast.Call):
            return []
        found = [(None, one) for one in call.args] + [(one.arg, one.value) for one in call.keywords]
        return [(key, literals.bounded(self._evaluate(one, 0))) for key, one in found]

    def _evaluate(self, node: ast.expr, depth: int) -> Any:  # noqa: ANN401  # whatever stands there
        if depth > _MAX_DEPTH:
            return UNKNOWN
        if isinstance(node, ast.Subscript):
            base, key = self._evaluate(node.value, depth + 1), literals.literal(node.slice, self._names)
            return base.get(key, UNKNOWN) if isinstance(base, dict) and isinstance(key, str) else UNKNOWN
        if isinstance(node, ast.Call):
            name = literals.called(node)
            if name in _FLAGS and node.args:
                inner = self._evaluate(node.args[0], depth + 1)
                return [f"{one.rstrip('/')}/" for one in literals.texts(inner)] if name == "directory" else inner
            if name == "expand" and node.args:
                return self._expand(node, depth)
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self._evaluate(one, depth + 1) for one in node.elts]
        return literals.literal(node, self._names)

    def _expand(self, node: ast.Call, depth: int) -> Any:  # noqa: ANN401  # a list, or unknown
        patterns = literals.texts(self._evaluate(node.args[0], depth + 1))
        axes: dict[str, list[str]] = {}
        for one in node.keywords:
            value = self._evaluate(one.value, depth + 1)
            if one.arg is None or value is UNKNOWN:
                return UNKNOWN
            axes[one.arg] = [
                str(item) for item in (value if isinstance(value, list) else [value]) if item is not UNKNOWN
            ]
        made = (dict(zip(axes, one, strict=True)) for one in itertools.product(*axes.values()))
        found = (self._fill(pattern, chosen) for chosen in made for pattern in patterns)
        return list(dict.fromkeys(itertools.islice(found, _MAX_EXPANDED)))

    def _fill(self, text: str, wildcards: Mapping[str, str]) -> str:
        """Put the values of wildcards in."""
        return self._budget.spent(_WILDCARD.sub(lambda match: wildcards.get(match[1], match[0]), text))

    def jobs(self) -> None:
        """Make a stage of each rule; of rules with wildcards, of each job that something needs."""
        patterns: list[tuple[_Rule, list[str]]] = []
        for rule in self._rules:
            outputs = self._paths(rule, "output")
            if any(_WILDCARD.search(text) for text in outputs):
                patterns.append((rule, outputs))
            elif outputs or any(rule.text(key) for key in _RUNS):
                self._stage(rule, rule.name, {})
        self._wanted(patterns, [text for rule in self._rules for text in self._paths(rule, "input")])

    def _wanted(self, patterns: list[tuple[_Rule, list[str]]], inputs: list[str]) -> None:
        """Make the jobs of rules with wildcards that inputs need, and what these need; no rule twice in a chain."""
        cost = sum(len(text) for _, outputs in patterns for text in outputs)
        made: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
        known: set[str] = set()
        waiting: list[tuple[str, tuple[str, ...]]] = [(text, ()) for text in inputs]
        for text, used in waiting:
            if text in known or _WILDCARD.search(text):
                continue
            known.add(text)
            self._budget.spend(cost, len(patterns))
            for rule, outputs in patterns:
                found = next((one for pattern in outputs if (one := _match(pattern, text)) is not None), None)
                if found is None or rule.name in used or (key := (rule.name, tuple(sorted(found.items())))) in made:
                    continue
                made.add(key)
                self._stage(rule, f"{rule.name}@{'-'.join(found.values())}", found)
                waiting += [(self._fill(one, found), (*used, rule.name)) for one in self._paths(rule, "input")]

    def _paths(self, rule: _Rule, section: str) -> list[str]:
        return [text for _, value in self._arguments(rule, section) for text in literals.texts(value)]

    def _stage(self, rule: _Rule, name: str, wildcards: Mapping[str, str]) -> None:
        if len(self.pipeline.stages) >= MAX_JOBS:
            raise ScriptError(f"makes more than {MAX_JOBS:,} jobs; the rest was not read")
        where = f"{rule.path}:{rule.line}"
        stage = Stage(name, where, self._directory, scripts=list(self._files))
        for section, writes in (("input", False), ("output", True)):
            for text in self._paths(rule, section):
                filled = self._fill(text, wildcards)
                found = resolve(filled, self._directory)
                if found is None or _WILDCARD.search(filled):
                    continue
                if not is_url(found) and self._workspace.is_directory(found):
                    found = f"{found.rstrip('/')}/"
                if not writes and found.endswith((".py", ".R", ".sh", ".ipynb", ".sql")):
                    stage.scripts.append(found)
                else:
                    stage.accesses.append(Access(found, writes, DECLARED, where))
        self._runs(stage, rule, wildcards)
        self.pipeline.stages.append(stage)

    def _runs(self, stage: Stage, rule: _Rule, wildcards: Mapping[str, str]) -> None:
        """Say what a job runs, and with which parameters."""
        stage.parameters.update(
            (str(key), value)
            for key, value in self._arguments(rule, "params")
            if key is not None and value is not UNKNOWN
        )
        command = self._value(rule.text("shell")) if "shell" in rule.sections else UNKNOWN
        if isinstance(command, str):
            stage.commands.append(self._command(command, rule, wildcards))
        for section in ("script", "notebook"):
            value = self._value(rule.text(section)) if section in rule.sections else UNKNOWN
            script = resolve(value, posixpath.dirname(rule.path)) if isinstance(value, str) else None
            if script is not None:
                stage.scripts.append(script)
                if section == "script" and script.endswith(".py") and not stage.accesses:
                    stage.calls.append(Call(script, (), self._directory, where=stage.where))

    def _command(self, command: str, rule: _Rule, wildcards: Mapping[str, str]) -> str:
        """Fill ``{input}``, ``{output[0]}``, ``{params.name}`` and ``{wildcards.name}`` in."""
        known: dict[str, str] = {f"wildcards.{name}": value for name, value in wildcards.items()}
        for section in ("input", "output", "params", "log"):
            arguments = self._arguments(rule, section)
            flat: list[str] = []
            for key, value in arguments:
                found = [self._fill(text, wildcards) for text in literals.texts(value)]
                if isinstance(value, (int, float)):
                    found = [str(value)]
                if key is not None:
                    known[f"{section}.{key}"] = " ".join(found)
                flat += found
            known[section] = " ".join(flat)
            known.update({f"{section}[{number}]": text for number, text in enumerate(flat[:_MAX_FILES])})
        filled = re.sub(
            r"(?<!\{)\{([\w.\[\]]+)(?::q)?\}", lambda match: self._budget.spent(known.get(match[1], match[0])), command
        )
        return filled.replace("{{", "{").replace("}}", "}").strip()


def _match(pattern: str, text: str) -> dict[str, str] | None:
    """Return the wildcards by which a pattern becomes a text; ``None`` when it does not."""
    found: dict[str, str] = {}
    parts = _WILDCARD.split(pattern)
    at = 0
    for number, part in enumerate(parts):
        if number % 2:
            continue
        if number == 0:
            if not text.startswith(part):
                return None
            at = len(part)
            continue
        name = parts[number - 1]
        end = (
            len(text)
            if number == len(parts) - 1 and not part
            else text.rfind(part, at)
            if number == len(parts) - 1
            else text.find(part, at + 1)
        )
        if end <= at or (number == len(parts) - 1 and end + len(part) != len(text)):
            return None
        value = text[at:end]
        if found.setdefault(name, value) != value:
            return None
        at = end + len(part)
    return found if at == len(text) else None
