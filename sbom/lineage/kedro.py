"""Kedro: the files of a catalogue, and the nodes of ``pipeline.py`` that read and write them."""

from __future__ import annotations

import ast
import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from sbom.lineage import literals, templates, yamllines
from sbom.lineage.budget import Budget
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
_PARAMETER: Final = "params:"


class KedroReader:
    """Reads Kedro's catalogues and pipelines (:class:`sbom.lineage.interface.PipelineReader`)."""

    name = "kedro"
    patterns = ("catalog.yml", "catalog.yaml", "catalog_*.yml", "catalog_*.yaml")

    def accepts(self, path: str, workspace: Workspace) -> bool:
        """Take a catalogue in an environment of ``conf/``."""
        return workspace.is_file(path) and "conf" in path.split("/")[:-2]

    def read(self, path: str, workspace: Workspace) -> Pipeline:
        """Read the catalogues of a project, and the nodes that use them; once, for the first of them."""
        folders = path.split("/")
        conf = len(folders) - 2 - folders[-3::-1].index("conf")
        project, home = "/".join(folders[: conf - 1]), "/".join(folders[:conf])
        environments = sorted(workspace.listing(home), key=lambda name: (name != "base", name))
        catalogues = [one for name in environments for one in self._catalogues(posixpath.join(home, name), workspace)]
        pipeline = Pipeline()
        if path != catalogues[0]:
            return pipeline
        known: dict[str, tuple[str, str]] = {}
        for one in reversed(catalogues):
            known.update(_catalogue(one, project, workspace, pipeline))
        parameters = _merged(posixpath.join(home, "base"), "parameters", workspace)
        project_ = _Project(project, known, parameters, workspace, pipeline)
        try:
            for module in _modules(posixpath.join(project, "src"), workspace):
                project_.nodes(module)
        except ScriptError as error:
            pipeline.problems.append((path, str(error)))
        return pipeline

    def _catalogues(self, directory: str, workspace: Workspace) -> list[str]:
        """Return the catalogues of an environment."""
        found = [name for name in workspace.listing(directory) if any(fnmatchcase(name, one) for one in self.patterns)]
        return [path for name in found if workspace.is_file(path := posixpath.join(directory, name))]


def _catalogue(path: str, project: str, workspace: Workspace, pipeline: Pipeline) -> dict[str, tuple[str, str]]:
    """Return the names in the workspace of what a catalogue lists, and where it says so."""
    try:
        document = yamllines.load(path, workspace)
    except ScriptError as error:
        pipeline.problems.append((path, str(error)))
        return {}
    environment = posixpath.dirname(path)
    named: dict[str, object] = {}
    for directory in (posixpath.join(posixpath.dirname(environment), "base"), environment):
        named.update(_merged(directory, "globals", workspace))
    scope = {**named, **{f"globals:{name}": value for name, value in named.items()}}
    known: dict[str, tuple[str, str]] = {}
    for name, body in values.mapping(document.value).items():
        entry = values.mapping(body)
        text = values.text(entry.get("filepath")) or values.text(entry.get("path"))
        table = values.text(entry.get("table_name"))
        found = None if table is None else resolve(TABLE + table, "")
        if text is not None:
            try:
                is_directory = "Partitioned" in (values.text(entry.get("type")) or "")
                found = resolve(templates.fill(text, scope), project, is_directory=is_directory)
            except Missing as error:
                pipeline.problems.append((path, f"{name[:100]!r} names a value that there is not: {error}"))
        if found is not None:
            known[name] = (found, f"{path}:{document.line(name)}")
    return known


def _merged(directory: str, stem: str, workspace: Workspace) -> dict[str, object]:
    """Return what the files of one kind in an environment say, as ``globals.yml`` and ``parameters_x.yml``."""
    found: dict[str, object] = {}
    for name in workspace.listing(directory):
        path = posixpath.join(directory, name)
        if name.startswith(stem) and name.endswith((".yml", ".yaml")) and workspace.is_file(path):
            try:
                found.update(values.mapping(yamllines.load(path, workspace).value))
            except ScriptError:
                continue  # the names that it would have given are told as missing, or have no value
    return found


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


class _Project:
    """A project whose nodes are being read."""

    def __init__(
        self,
        directory: str,
        known: Mapping[str, tuple[str, str]],
        parameters: Mapping[str, object],
        workspace: Workspace,
        pipeline: Pipeline,
    ) -> None:
        self._directory = directory
        self._known = known
        self._parameters = parameters
        self._workspace = workspace
        self._pipeline = pipeline
        self._budget = Budget()

    def nodes(self, path: str) -> None:
        """Read the nodes of a module.

        :raises ScriptError: when all of them stand for too much.
        """
        try:
            tree = parse(self._workspace.text(path))
        except ScriptError as error:
            self._pipeline.problems.append((path, str(error)))
            return
        names = literals.constants(tree)
        sources = _sources(tree, path, self._workspace)
        for node in literals.walk(tree):
            if isinstance(node, ast.Call) and literals.called(node) in {"node", "Node"}:
                self._node(node, names, path, sources)

    def _node(self, node: ast.Call, names: Mapping[str, Any], path: str, sources: list[str]) -> None:
        given: dict[str, ast.expr] = dict(zip(("func", "inputs", "outputs"), node.args, strict=False))
        given |= {one.arg: one.value for one in node.keywords if one.arg is not None}
        function = given.get("func")
        if function is None:
            return
        name = literals.literal(given.get("name"), names)
        called = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "node")
        stage = Stage(name if isinstance(name, str) and name else called, f"{path}:{node.lineno}", self._directory)
        stage.scripts += sources
        for key, writes in (("inputs", False), ("outputs", True)):
            for text in literals.texts(literals.literal(given.get(key), names)):
                self._budget.spend(len(text))
                self._use(stage, text, writes=writes)
        self._budget.spend(0, len(sources))
        self._pipeline.stages.append(stage)

    def _use(self, stage: Stage, text: str, *, writes: bool) -> None:
        """Give a node what it reads or writes: a parameter, what the catalogue lists, or what is in memory."""
        if text == "parameters":
            stage.parameters.update(self._parameters)
            self._budget.spend(0, len(self._parameters))
        elif text.startswith(_PARAMETER):
            name = text.removeprefix(_PARAMETER)
            try:
                stage.parameters[name] = templates.look_up(name, self._parameters)
            except Missing:
                stage.parameters[name] = None
        elif text in self._known:
            stage.accesses.append(Access(self._known[text][0], writes, DECLARED, self._known[text][1]))
        elif not text.startswith("_") and (found := resolve(f"{TABLE}memory:{text}", "")) is not None:
            # Kept in memory between nodes: it ties them together, and is no file.
            stage.accesses.append(Access(found, writes, DECLARED, stage.where))


def _sources(tree: ast.Module, path: str, workspace: Workspace) -> list[str]:
    """Name the pipeline's module, and those beside it that its functions come from."""
    found = [path]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            other = posixpath.join(posixpath.dirname(path), *node.module.split(".")) + ".py"
            if workspace.is_file(other):
                found.append(other)
    return found
