"""DVC pipelines: ``dvc.yaml``, and ``*.dvc`` files of imports (https://doc.dvc.org, project structure).

A stage's outputs (``outs``, ``metrics``, ``plots``) and dependencies are declared; dependencies that are code are its
scripts, and parameter files are its configuration.
"""

from __future__ import annotations

import itertools
import posixpath
from collections import ChainMap
from typing import TYPE_CHECKING, Final

from sbom import tomltext
from sbom.lineage import templates, yamllines
from sbom.lineage.budget import Budget
from sbom.lineage.interface import Access, Pipeline, ScriptError, Stage
from sbom.lineage.literals import parts
from sbom.lineage.paths import is_url, resolve
from sbom.lineage.templates import Missing
from sbom.manifests import values
from sbom.transformation import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sbom.lineage.interface import Workspace
    from sbom.lineage.yamllines import Document

    #: Values that templates can name.
    Scope = Mapping[str, object]

#: Stages that the templates of one file may stand for.
MAX_STAGES: Final = 5_000
#: Axes of a matrix.
_MAX_AXES: Final = 20
_PARAMETERS: Final = "params.yaml"
_CODE: Final = (
    ".py", ".ipynb", ".sh", ".bash", ".zsh", ".r", ".rmd", ".qmd", ".sql", ".jl", ".js", ".ts", ".pl", ".rb", ".scala",
    ".java", ".c", ".cc", ".cpp", ".go", ".rs", ".m",
)  # fmt: skip
_CONFIGURATION: Final = (".yaml", ".yml", ".toml", ".ini", ".cfg", ".env", ".lock")
_NAMES: Final = frozenset({
    "makefile", "dockerfile", "requirements.txt", "pyproject.toml", "setup.py", "params.json", "package.json",
})  # fmt: skip
_LISTED: Final = 1_000


class DvcReader:
    """Reads DVC's pipelines (:class:`sbom.lineage.interface.PipelineReader`)."""

    name = "dvc"
    patterns = ("dvc.yaml", "*.dvc", "dvcfile")

    def accepts(self, path: str, workspace: Workspace) -> bool:
        """Take every file of such a name."""
        return workspace.is_file(path)

    def read(self, path: str, workspace: Workspace) -> Pipeline:
        """Read the stages of a file."""
        document = yamllines.load(path, workspace)
        reading = _Reading(path, workspace, document)
        if posixpath.basename(path).lower() == "dvc.yaml":
            reading.stages()
        else:
            reading.single()
        return reading.pipeline


class _Reading:
    """One file that is being read."""

    def __init__(self, path: str, workspace: Workspace, document: Document) -> None:
        self._path = path
        self._home = posixpath.dirname(path)
        self._workspace = workspace
        self._document = document
        self._files: dict[str, object] = {}
        self._budget = Budget()
        self.pipeline = Pipeline()

    def _problem(self, what: str) -> None:
        self.pipeline.problems.append((self._path, what))

    def _where(self, *path: str | int) -> str:
        return f"{self._path}:{self._document.line(*path)}"

    def stages(self) -> None:
        """Read a ``dvc.yaml``."""
        tree = values.mapping(self._document.value)
        scope, _ = self._scope(tree.get("vars"), self._home, {})
        found = tree.get("stages")
        if found is not None and not isinstance(found, dict):
            self._problem("its stages are no mapping")
        for name, body in values.mapping(found).items():
            try:
                self._template(name, values.mapping(body), scope)
            except Missing as error:
                self._problem(f"the stage {name[:100]!r} names a value that there is not: {error}")
            except ScriptError as error:
                self._problem(str(error))
                break

    def single(self) -> None:
        """Read a ``*.dvc`` file: an import from a URL, or a stage of DVC before 1.0."""
        tree = values.mapping(self._document.value)
        name = posixpath.basename(self._path).removesuffix(".dvc")
        directory = self._directory(values.text(tree.get("wdir")))
        if directory is None:
            self._problem("it is run outside of the workspace")
            return
        stage = Stage(name, self._where(), directory)
        for index, one in enumerate(values.items(tree.get("outs"))):
            self._declare(stage, values.text(values.mapping(one).get("path")), directory, ("outs", index), writes=True)
        for index, one in enumerate(values.items(tree.get("deps"))):
            dep = values.mapping(one)
            source = values.text(values.mapping(dep.get("repo")).get("url")) or values.text(dep.get("path"))
            self._declare(stage, source, directory, ("deps", index), writes=False)
        command = values.text(tree.get("cmd"))
        if command:
            stage.commands.append(command)
        if stage.commands or any(not access.writes for access in stage.accesses):
            self.pipeline.stages.append(stage)

    def _scope(self, named: object, directory: str | None, before: Mapping[str, object]) -> tuple[Scope, list[str]]:
        """Return the values that templates can name: those of ``params.yaml`` and of ``vars``; and their files.

        :param directory: whose ``params.yaml`` counts, too.
        """
        more: dict[str, object] = {}
        used: list[str] = []
        default = None if directory is None else posixpath.join(directory, _PARAMETERS)
        if default is not None and self._workspace.is_file(default):
            more.update(values.mapping(self._loaded(default)))
            self._budget.spend(0, len(more))
        for one in values.items(named):
            if isinstance(one, dict):
                more.update(one)
                continue
            text, _, keys = (values.text(one) or "").partition(":")
            path = resolve(text, self._home if directory is None else directory)
            if path is not None:
                used.append(path)
                loaded = values.mapping(self._loaded(path))
                more.update({key: loaded[key] for key in keys.split(",") if key in loaded} if keys else loaded)
                self._budget.spend(len(keys), len(more))
        return ChainMap(more, before), used  # type: ignore[arg-type]  # only the first of its maps is ever changed

    def _fill(self, text: str, scope: Scope, *, command: bool = False) -> str:
        return self._budget.spent(templates.fill(text, scope, command=command))

    def _loaded(self, path: str) -> object:
        """Read a file of parameters, once; nothing where it cannot be read, which is told."""
        if path not in self._files:
            try:
                self._files[path] = load_parameters(path, self._workspace)
            except ScriptError as error:
                self.pipeline.problems.append((path, str(error)))
                self._files[path] = None
        return self._files[path]

    def _template(self, name: str, body: Mapping[str, object], scope: Scope) -> None:
        """Read a stage, or all those that ``foreach`` and ``matrix`` make of one."""
        if "foreach" in body:
            items = templates.fill_value(body["foreach"], scope)
            inner = values.mapping(body.get("do"))
            for suffix, more in _each(items):
                self._stage(f"{name}@{suffix}", inner, ChainMap(more, scope), ("stages", name, "do"))  # type: ignore[arg-type]
        elif "matrix" in body:
            axes = {
                axis: values.items(templates.fill_value(choices, scope))
                for axis, choices in values.mapping(body["matrix"]).items()
            }
            if len(axes) > _MAX_AXES:
                raise Missing(f"a matrix of more than {_MAX_AXES} axes")
            for chosen in itertools.product(*(enumerate(choices) for choices in axes.values())):
                item = {axis: value for axis, (_, value) in zip(axes, chosen, strict=True)}
                texts = [
                    f"{axis}{index}" if isinstance(value, (dict, list)) else str(value)
                    for axis, (index, value) in zip(axes, chosen, strict=True)
                ]
                self._stage(f"{name}@{'-'.join(texts)}", body, ChainMap({"item": item}, scope), ("stages", name))  # type: ignore[arg-type]
        else:
            self._stage(name, body, scope, ("stages", name))

    def _directory(self, wdir: str | None) -> str | None:
        """Return where a stage runs; ``None`` when that is outside of the workspace."""
        if not wdir:
            return self._home
        found = resolve(wdir, self._home, is_directory=True)
        if found is None or not found.endswith("/") or is_url(found):
            return None
        return found.rstrip("/") if found != "./" else ""

    def _stage(self, name: str, body: Mapping[str, object], scope: Scope, place: tuple[str | int, ...]) -> None:
        self._budget.spend(len(name))
        if len(self.pipeline.stages) >= MAX_STAGES:
            raise ScriptError(f"has more than {MAX_STAGES:,} stages; the rest was not read")
        wdir = values.text(body.get("wdir"))
        directory = self._directory(None if wdir is None else self._fill(wdir, scope))
        if directory is None:
            self._problem(f"the stage {name[:100]!r} is run outside of the workspace")
            return
        known, files = self._scope(body.get("vars"), directory if wdir else None, scope)
        stage = Stage(name, self._where(*place), directory)
        stage.scripts += files
        cmd = body.get("cmd")
        for text in values.items(cmd):
            if isinstance(text, str):
                stage.commands.append(self._fill(text, known, command=True))
        for index, one in enumerate(values.items(body.get("deps"))):
            text = values.text(one)
            if text is not None:
                self._declare(stage, self._fill(text, known), directory, (*place, "deps", index), writes=False)
        for kind in ("outs", "metrics", "plots"):
            for index, one in enumerate(values.items(body.get(kind))):
                text = next(iter(one), None) if isinstance(one, dict) else values.text(one)
                if text is not None:
                    filled = self._fill(str(text), known)
                    self._declare(stage, filled, directory, (*place, kind, index), writes=True)
        self._parameters(stage, body.get("params"), directory, known)
        self.pipeline.stages.append(stage)

    def _declare(
        self, stage: Stage, text: str | None, directory: str, place: tuple[str | int, ...], *, writes: bool
    ) -> None:
        """Declare an input or an output; an input that is code is a script."""
        if not text:
            return
        scheme = text.partition("://")[0] if is_url(text) else ""
        name = None if scheme == "remote" else resolve(text, directory)
        if name is None:
            self._problem(f"{text[:200]!r} is no name in the workspace")
            return
        if not is_url(name) and self._workspace.is_directory(name):
            name = resolve(text, directory, is_directory=True) or name
        if not writes and self._is_code(name):
            stage.scripts.append(name.rstrip("/"))
        else:
            stage.accesses.append(Access(name, writes, DECLARED, self._where(*place)))

    def _is_code(self, name: str) -> bool:
        """Tell whether a dependency is code or configuration: by its name, or by what a directory holds."""
        lower = name.lower()
        base = posixpath.basename(lower)
        if is_url(name):
            return False
        if not name.endswith("/"):
            return lower.endswith((*_CODE, *_CONFIGURATION)) or base in _NAMES
        inner = [one for one in self._workspace.listing(name) if not one.startswith((".", "__pycache__"))][:_LISTED]
        files = [one for one in inner if self._workspace.is_file(posixpath.join(name, one))]
        return bool(files) and all(one.lower().endswith((*_CODE, *_CONFIGURATION)) for one in files)

    def _parameters(self, stage: Stage, params: object, directory: str, scope: Scope) -> None:
        """Give the stage its parameters with their values, and the files that they come from."""
        default = posixpath.join(directory, _PARAMETERS)
        for one in values.items(params):
            if isinstance(one, str):
                self._take(stage, default, [self._fill(one, scope)])
                continue
            for file, keys in values.mapping(one).items():
                path = resolve(self._fill(file, scope), directory)
                if path is not None:
                    self._take(stage, path, [key for key in values.items(keys) if isinstance(key, str)] or None)

    def _take(self, stage: Stage, path: str, keys: list[str] | None) -> None:
        if path not in stage.scripts:
            stage.scripts.append(path)
        loaded = values.mapping(self._loaded(path))
        self._budget.spend(0, len(loaded if keys is None else keys))
        if keys is None:
            stage.parameters.update(loaded)
            return
        for key in keys:
            try:
                stage.parameters[key] = templates.look_up(key, loaded)
                self._budget.spend(0, parts(stage.parameters[key]))
            except Missing:
                self._problem(f"{path} has no parameter {key[:100]!r}, which stage {stage.name[:100]!r} names")


def _each(items: object) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the suffix and the values of each stage that ``foreach`` makes."""
    if isinstance(items, dict):
        for key, item in items.items():
            yield str(key), {"key": key, "item": item}
    else:
        for index, item in enumerate(values.items(items)):
            yield str(index if isinstance(item, (dict, list)) else item), {"item": item}


def load_parameters(path: str, workspace: Workspace) -> object:
    """Read a file of parameters: YAML (JSON is YAML), or TOML.

    :raises ScriptError: when it cannot be read.
    """
    if path.endswith(".toml"):
        try:
            return tomltext.loads(workspace.text(path))
        except ValueError as error:
            raise ScriptError("is no TOML") from error
    if path.endswith(".py"):
        return None  # read by the reader of Python, as a module
    return yamllines.load(path, workspace).value
