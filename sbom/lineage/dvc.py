"""DVC pipelines: ``dvc.yaml``, and ``*.dvc`` files of imports (https://doc.dvc.org, project structure).

A stage's outputs (``outs``, ``metrics``, ``plots``) and dependencies are declared; dependencies that are code are its
scripts, and parameter files are its configuration.
"""

from __future__ import annotations

import itertools
import posixpath
from typing import TYPE_CHECKING, Final

from sbom.lineage import templates, yamllines
from sbom.lineage.interface import Access, Pipeline, ScriptError, Stage
from sbom.lineage.paths import is_url, resolve
from sbom.lineage.templates import Missing
from sbom.manifests import values
from sbom.transformation import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sbom.lineage.interface import Workspace
    from sbom.lineage.yamllines import Document

#: Stages that the templates of one file may stand for.
MAX_STAGES: Final = 5_000
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
                self._problem(f"the stage {name!r} names a value that there is not: {error}")

    def single(self) -> None:
        """Read a ``*.dvc`` file: an import from a URL, or a stage of DVC before 1.0."""
        tree = values.mapping(self._document.value)
        name = posixpath.basename(self._path).removesuffix(".dvc")
        directory = self._directory(tree.get("wdir"))
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

    def _scope(
        self, named: object, directory: str, before: Mapping[str, object]
    ) -> tuple[dict[str, object], list[str]]:
        """Return the values that templates can name: those of ``params.yaml`` and of ``vars``; and their files."""
        scope = dict(before)
        used: list[str] = []
        default = posixpath.join(directory, _PARAMETERS)
        if self._workspace.is_file(default):
            scope.update(values.mapping(self._loaded(default)))
        for one in values.items(named):
            if isinstance(one, dict):
                scope.update(one)
                continue
            text, _, keys = (values.text(one) or "").partition(":")
            path = resolve(text, directory)
            if path is not None:
                used.append(path)
                loaded = values.mapping(self._loaded(path))
                scope.update({key: loaded[key] for key in keys.split(",") if key in loaded} if keys else loaded)
        return scope, used

    def _loaded(self, path: str) -> object:
        """Read a file of parameters, once; nothing where it cannot be read, which is told."""
        if path not in self._files:
            try:
                self._files[path] = load_parameters(path, self._workspace)
            except ScriptError as error:
                self.pipeline.problems.append((path, str(error)))
                self._files[path] = None
        return self._files[path]

    def _template(self, name: str, body: Mapping[str, object], scope: Mapping[str, object]) -> None:
        """Read a stage, or all those that ``foreach`` and ``matrix`` make of one."""
        if "foreach" in body:
            items = templates.fill_value(body["foreach"], scope)
            inner = values.mapping(body.get("do"))
            for suffix, more in _each(items):
                self._stage(f"{name}@{suffix}", inner, {**scope, **more}, ("stages", name, "do"))
        elif "matrix" in body:
            axes = {
                axis: values.items(templates.fill_value(choices, scope))
                for axis, choices in values.mapping(body["matrix"]).items()
            }
            for chosen in itertools.islice(itertools.product(*axes.values()), MAX_STAGES):
                item = dict(zip(axes, chosen, strict=True))
                texts = [
                    str(one) if not isinstance(one, (dict, list)) else f"{axis}{axes[axis].index(one)}"
                    for axis, one in item.items()
                ]
                self._stage(f"{name}@{'-'.join(texts)}", body, {**scope, "item": item}, ("stages", name))
        else:
            self._stage(name, body, scope, ("stages", name))

    def _directory(self, wdir: object) -> str:
        text = values.text(wdir)
        found = resolve(text, self._home, is_directory=True) if text else None
        return self._home if found is None else found.rstrip("/").removeprefix(".")

    def _stage(
        self, name: str, body: Mapping[str, object], scope: Mapping[str, object], place: tuple[str | int, ...]
    ) -> None:
        if len(self.pipeline.stages) >= MAX_STAGES:
            raise Missing(f"more than {MAX_STAGES:,} stages")
        wdir = values.text(body.get("wdir"))
        directory = self._directory(None if wdir is None else templates.fill(wdir, scope))
        known, files = self._scope(body.get("vars"), directory if wdir else self._home, scope)
        stage = Stage(name, self._where(*place), directory)
        stage.scripts += files
        cmd = body.get("cmd")
        for text in [cmd] if isinstance(cmd, str) else values.items(cmd):
            if isinstance(text, str):
                stage.commands.append(templates.fill(text, known, command=True))
        for index, one in enumerate(values.items(body.get("deps"))):
            text = values.text(one)
            if text is not None:
                self._declare(stage, templates.fill(text, known), directory, (*place, "deps", index), writes=False)
        for kind in ("outs", "metrics", "plots"):
            for index, one in enumerate(values.items(body.get(kind))):
                text = next(iter(one), None) if isinstance(one, dict) else values.text(one)
                if text is not None:
                    filled = templates.fill(str(text), known)
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

    def _parameters(self, stage: Stage, params: object, directory: str, scope: Mapping[str, object]) -> None:
        """Give the stage its parameters with their values, and the files that they come from."""
        default = posixpath.join(directory, _PARAMETERS)
        for one in values.items(params):
            if isinstance(one, str):
                self._take(stage, default, [templates.fill(one, scope)])
                continue
            for file, keys in values.mapping(one).items():
                path = resolve(templates.fill(file, scope), directory)
                if path is not None:
                    self._take(stage, path, [key for key in values.items(keys) if isinstance(key, str)] or None)

    def _take(self, stage: Stage, path: str, keys: list[str] | None) -> None:
        if path not in stage.scripts:
            stage.scripts.append(path)
        loaded = self._loaded(path)
        if keys is None:
            stage.parameters.update(values.mapping(loaded))
            return
        for key in keys:
            try:
                stage.parameters[key] = templates.look_up(key, values.mapping(loaded))
            except Missing:
                self._problem(f"{path} has no parameter {key[:100]!r}, which stage {stage.name!r} names")


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
        import tomllib  # noqa: PLC0415  # only where there is one

        try:
            return tomllib.loads(workspace.text(path))
        except (ValueError, RecursionError) as error:
            raise ScriptError("is no TOML") from error
    if path.endswith(".py"):
        return None  # read by the reader of Python, as a module
    return yamllines.load(path, workspace).value
