"""Kedro: the files of a catalogue, and the nodes of ``pipeline.py`` that read and write them."""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING, Any, Final

from sbom.lineage import literals, templates, yamllines
from sbom.lineage.interface import Access, Pipeline, ScriptError, Stage
from sbom.lineage.paths import resolve
from sbom.lineage.python.modules import parse
from sbom.lineage.templates import Missing
from sbom.manifests import values
from sbom.transformation import DECLARED, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sbom.lineage.interface import Workspace

_MAX_FILES: Final = 5_000
_MAX_DEPTH: Final = 8
_PARAMETERS: Final = ("params:", "parameters")


class KedroReader:
    """Reads Kedro's catalogues and pipelines (:class:`sbom.lineage.interface.PipelineReader`)."""

    name = "kedro"
    patterns = ("catalog.yml", "catalog.yaml", "catalog_*.yml", "catalog_*.yaml")

    def accepts(self, path: str, workspace: Workspace) -> bool:
        """Take a catalogue in an environment of ``conf/``."""
        return workspace.is_file(path) and "conf" in path.split("/")[:-1]

    def read(self, path: str, workspace: Workspace) -> Pipeline:
        """Read a catalogue, and the nodes that use it."""
        project = path[: path.rindex("conf/")].rstrip("/")
        pipeline = Pipeline()
        document = yamllines.load(path, workspace)
        scope = _globals(posixpath.dirname(path), workspace)
        known: dict[str, tuple[str, str]] = {}
        for name, body in values.mapping(document.value).items():
            entry = values.mapping(body)
            place = f"{path}:{document.line(name)}"
            text = values.text(entry.get("filepath")) or values.text(entry.get("path"))
            table = values.text(entry.get("table_name"))
            if text is not None:
                try:
                    filled = templates.fill(text, scope)
                except Missing as error:
                    pipeline.problems.append((path, f"{name[:100]!r} names a value that there is not: {error}"))
                    continue
                is_directory = "Partitioned" in (values.text(entry.get("type")) or "")
                found = resolve(filled, project, is_directory=is_directory)
            else:
                found = None if table is None else resolve(TABLE + table, "")
            if found is not None:
                known[name] = (found, place)
        for module in _modules(posixpath.join(project, "src"), workspace):
            pipeline.stages += _nodes(module, known, project, workspace, pipeline)
        return pipeline


def _globals(directory: str, workspace: Workspace) -> dict[str, object]:
    """Return the values that templates of a catalogue can name, with and without ``globals:``."""
    found: dict[str, object] = {}
    for base in (posixpath.join(posixpath.dirname(directory), "base"), directory):
        for name in ("globals.yml", "globals.yaml"):
            path = posixpath.join(base, name)
            if workspace.is_file(path):
                try:
                    found.update(values.mapping(yamllines.load(path, workspace).value))
                except ScriptError:
                    continue  # the names that it would have given are told as missing
    return {**found, **{f"globals:{name}": value for name, value in found.items()}}


def _modules(directory: str, workspace: Workspace) -> Iterator[str]:
    """Yield the modules that hold nodes: ``pipeline.py`` and those in ``pipelines`` folders."""
    waiting = [(directory, 0)]
    seen = 0
    while waiting:
        current, depth = waiting.pop()
        for name in workspace.listing(current):
            path = posixpath.join(current, name)
            seen += 1
            if seen > _MAX_FILES:
                return
            if name in {"pipeline.py", "pipelines.py"}:
                yield path
            elif "." not in name and depth < _MAX_DEPTH and workspace.is_directory(path):
                waiting.append((path, depth + 1))


def _nodes(
    path: str, known: Mapping[str, tuple[str, str]], project: str, workspace: Workspace, pipeline: Pipeline
) -> list[Stage]:
    try:
        tree = parse(workspace.text(path))
    except ScriptError as error:
        pipeline.problems.append((path, str(error)))
        return []
    names = literals.constants(tree)
    found: list[Stage] = []
    for node in literals.walk(tree):
        if isinstance(node, ast.Call) and literals.called(node) in {"node", "Node"}:
            stage = _node(node, names, known, path)
            if stage is not None:
                stage.directory = project
                stage.scripts += _sources(tree, path, workspace)
                found.append(stage)
    return found


def _node(node: ast.Call, names: Mapping[str, Any], known: Mapping[str, tuple[str, str]], path: str) -> Stage | None:
    given: dict[str, ast.expr] = dict(zip(("func", "inputs", "outputs"), node.args, strict=False))
    given |= {one.arg: one.value for one in node.keywords if one.arg is not None}
    function = given.get("func")
    if function is None:
        return None
    name = literals.literal(given.get("name"), names)
    called = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "node")
    stage = Stage(name if isinstance(name, str) and name else called, f"{path}:{node.lineno}")
    for key, writes in (("inputs", False), ("outputs", True)):
        for text in literals.texts(literals.literal(given.get(key), names)):
            if text.startswith(_PARAMETERS):
                stage.parameters[text.removeprefix("params:")] = text
            elif text in known:
                stage.accesses.append(Access(known[text][0], writes, DECLARED, known[text][1]))
            elif not text.startswith("_"):
                # Kept in memory between nodes: it ties them together, and is no file.
                stage.accesses.append(Access(f"{TABLE}memory:{text}", writes, DECLARED, stage.where))
    return stage


def _sources(tree: ast.Module, path: str, workspace: Workspace) -> list[str]:
    """Name the pipeline's module, and those beside it that its functions come from."""
    found = [path]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            other = posixpath.join(posixpath.dirname(path), *node.module.split(".")) + ".py"
            if workspace.is_file(other):
                found.append(other)
    return found
