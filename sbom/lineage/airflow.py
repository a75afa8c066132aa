"""Airflow DAGs, as far as they are literal: inlets and outlets, Bash commands, Python callables."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from sbom.lineage import literals
from sbom.lineage.budget import Budget
from sbom.lineage.interface import Access, Pipeline, ScriptError, Stage
from sbom.lineage.literals import UNKNOWN
from sbom.lineage.paths import is_url, resolve
from sbom.lineage.python.modules import parse
from sbom.transformation import DECLARED, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sbom.lineage.interface import Workspace

_OPERATOR: Final = ("Operator", "Sensor")
_MARKS: Final = ("airflow",)
_JINJA: Final = ("{{", "{%")


class AirflowReader:
    """Reads Airflow's DAG files (:class:`sbom.lineage.interface.PipelineReader`)."""

    name = "airflow"
    patterns = ("*.py",)

    def accepts(self, path: str, workspace: Workspace) -> bool:
        """Take a Python file that speaks of Airflow and of a DAG."""
        try:
            text = workspace.text(path)
        except ScriptError:
            return False
        return any(mark in text for mark in _MARKS) and ("DAG(" in text or "@dag" in text)

    def read(self, path: str, workspace: Workspace) -> Pipeline:
        """Read the tasks of a DAG file."""
        tree = parse(workspace.text(path))
        names = literals.constants(tree)
        pipeline = Pipeline()
        budget = Budget()
        for node in literals.walk(tree):
            if isinstance(node, ast.Call) and literals.called(node).endswith(_OPERATOR):
                stage = _operator(node, names, path)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                stage = _decorated(node, names, path)
            else:
                continue
            if stage is not None:
                budget.spend(sum(map(len, stage.commands)), 1 + len(stage.accesses))
                pipeline.stages.append(stage)
        return pipeline


def _operator(node: ast.Call, names: Mapping[str, Any], path: str) -> Stage | None:
    """Read a task that is made by an operator."""
    given = {one.arg: one.value for one in node.keywords if one.arg is not None}
    task = literals.literal(given.get("task_id"), names)
    if not isinstance(task, str) or not task:
        return None
    stage = Stage(task, f"{path}:{node.lineno}")
    _declare(stage, given, names, path)
    command = literals.literal(given.get("bash_command"), names)
    if isinstance(command, str) and not any(mark in command for mark in _JINJA):
        stage.commands.append(command)
    sql = literals.literal(given.get("sql"), names)
    if isinstance(sql, str) and sql.endswith(".sql") and (name := resolve(sql, "")) is not None:
        stage.scripts.append(name)
    if "python_callable" in given:
        stage.scripts.append(path)
    return stage


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef, names: Mapping[str, Any], path: str) -> Stage | None:
    """Read a task that is a function with ``@task``."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        function = decorator if call is None else call.func
        marks = [
            one.id if isinstance(one, ast.Name) else one.attr
            for one in ast.walk(function)
            if isinstance(one, (ast.Name, ast.Attribute))
        ]
        if "task" in marks:
            given = {} if call is None else {one.arg: one.value for one in call.keywords if one.arg is not None}
            task = literals.literal(given.get("task_id"), names)
            stage = Stage(task if isinstance(task, str) and task else node.name, f"{path}:{node.lineno}")
            _declare(stage, given, names, path)
            stage.scripts.append(path)
            return stage
    return None


def _declare(stage: Stage, given: Mapping[str, ast.expr], names: Mapping[str, Any], path: str) -> None:
    for key, writes in (("inlets", False), ("outlets", True)):
        value = given.get(key)
        for node in value.elts if isinstance(value, (ast.List, ast.Tuple)) else [] if value is None else [value]:
            for text in _entity(node, names):
                name = resolve(text, "")
                if name is not None:
                    stage.accesses.append(Access(name, writes, DECLARED, f"{path}:{node.lineno}"))


def _entity(node: ast.expr, names: Mapping[str, Any]) -> Iterator[str]:
    """Yield what ``Dataset("…")``, ``Asset(uri=…)``, ``File(url=…)``, ``Table(…)`` and plain texts name."""
    if not isinstance(node, ast.Call):
        yield from literals.texts(literals.literal(node, names))
        return
    given = {one.arg: literals.literal(one.value, names) for one in node.keywords}
    first = literals.literal(node.args[0], names) if node.args else UNKNOWN
    if literals.called(node) == "Table":
        parts = [given.get("database"), given.get("name", first)]
        if isinstance(parts[1], str):
            yield TABLE + ".".join(part for part in parts if isinstance(part, str))
        return
    for value in (given.get("uri"), given.get("url"), first, given.get("name")):
        if isinstance(value, str):
            yield value.removeprefix("file://") if not is_url(value.removeprefix("file://")) else value
            return
