"""dbt projects: models, the ``ref`` and ``source`` that they name, and seeds. Jinja is read, never rendered."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from sbom.lineage import yamllines
from sbom.lineage.interface import Access, Pipeline, ScriptError, Stage
from sbom.manifests import values
from sbom.transformation import DECLARED, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.lineage.interface import Workspace

_MAX_FILES: Final = 20_000
_MAX_DEPTH: Final = 12
_STRING: Final = r"\s*['\"]([^'\"]{1,300})['\"]\s*"
_REF: Final = re.compile(rf"\bref\s*\({_STRING}(?:,{_STRING})?(?:,[^)]{{0,200}})?\)")
_SOURCE: Final = re.compile(rf"\bsource\s*\({_STRING},{_STRING}\)")
_CONFIG: Final = re.compile(r"\bconfig\s*\(")
_MAX_CONFIG: Final = 5_000
_ALIAS: Final = re.compile(rf"\balias\s*={_STRING}")
_SCHEMA: Final = re.compile(rf"\bschema\s*={_STRING}")
_COMMENT: Final = re.compile(r"\{#|/\*")
_COMMENT_ENDS: Final = {"{#": "#}", "/*": "*/"}


class DbtReader:
    """Reads dbt projects (:class:`sbom.lineage.interface.PipelineReader`)."""

    name = "dbt"
    patterns = ("dbt_project.yml", "dbt_project.yaml")

    def accepts(self, path: str, workspace: Workspace) -> bool:
        """Take every file of such a name."""
        return workspace.is_file(path)

    def read(self, path: str, workspace: Workspace) -> Pipeline:
        """Read the models and seeds of a project."""
        home = posixpath.dirname(path)
        project = values.mapping(yamllines.load(path, workspace).value)
        pipeline = Pipeline()
        models = _paths(project, ("model-paths", "source-paths"), "models")
        for file in _files(home, models, workspace):
            if file.endswith((".sql", ".py")):
                _model(file, home, path, workspace, pipeline)
        for file in _files(home, _paths(project, ("seed-paths", "data-paths"), "seeds"), workspace):
            if file.endswith(".csv"):
                stem = posixpath.basename(file)[:-4]
                stage = Stage(f"seed {stem}", f"{file}:1", home)
                stage.accesses += [
                    _read(file, f"{path}:1"),
                    _written(TABLE + stem, f"{path}:1"),
                ]
                pipeline.stages.append(stage)
        return pipeline


def _paths(project: dict[str, object], keys: tuple[str, ...], default: str) -> list[str]:
    for key in keys:
        found = [one for one in values.items(project.get(key)) if isinstance(one, str)]
        if found:
            return found
    return [default]


def _files(home: str, directories: list[str], workspace: Workspace) -> Iterator[str]:
    waiting = [
        (posixpath.normpath(posixpath.join(home, one)), 0) for one in directories if not one.startswith(("/", ".."))
    ]
    seen = 0
    while waiting:
        current, depth = waiting.pop()
        for name in workspace.listing(current):
            path = posixpath.join(current, name)
            seen += 1
            if seen > _MAX_FILES:
                return
            if workspace.is_file(path):
                yield path
            elif depth < _MAX_DEPTH and workspace.is_directory(path):
                waiting.append((path, depth + 1))


def _model(file: str, home: str, project: str, workspace: Workspace, pipeline: Pipeline) -> None:
    """Read what one model names."""
    try:
        text = workspace.text(file)
    except ScriptError as error:
        pipeline.problems.append((file, str(error)))
        return
    text = _without_comments(text)
    stem = posixpath.splitext(posixpath.basename(file))[0]
    config = " ".join(_config(text))
    lines = [match.start() for match in re.finditer("\n", text)]
    alias, schema = _ALIAS.search(config), _SCHEMA.search(config)
    target = stem if alias is None else alias[1]
    stage = Stage(stem, f"{file}:1", home, scripts=[file, project])
    for match in _REF.finditer(text):
        name = match[2] or match[1]
        stage.accesses.append(_read(TABLE + name, _where(file, lines, match)))
    for match in _SOURCE.finditer(text):
        stage.accesses.append(_read(f"{TABLE}{match[1]}.{match[2]}", _where(file, lines, match)))
    stage.accesses.append(_written(TABLE + target, f"{file}:1"))
    if schema is not None:
        stage.parameters["schema"] = schema[1]
    if target != stem:
        # Others name a model by its file.
        stage.accesses.append(_written(TABLE + stem, f"{file}:1"))
    pipeline.stages.append(stage)


def _read(name: str, where: str) -> Access:
    return Access(name, writes=False, kind=DECLARED, where=where)


def _written(name: str, where: str) -> Access:
    return Access(name, writes=True, kind=DECLARED, where=where)


def _where(file: str, lines: list[int], match: re.Match[str]) -> str:
    return f"{file}:{bisect_left(lines, match.start()) + 1}"


def _config(text: str) -> Iterator[str]:
    """Yield what stands in ``config(…)``, up to the first closing parenthesis."""
    for match in _CONFIG.finditer(text):
        end = text.find(")", match.end(), match.end() + _MAX_CONFIG)
        yield text[match.end() : max(end, match.end())]


def _without_comments(text: str) -> str:
    """Return a text with its comments blank, so that its lines keep their numbers."""
    parts: list[str] = []
    at = 0
    while (match := _COMMENT.search(text, at)) is not None:
        end = text.find(_COMMENT_ENDS[match[0]], match.end())
        if end < 0:
            break
        parts += [text[at : match.start()], "\n" * text.count("\n", match.start(), end)]
        at = end + 2
    return "".join((*parts, text[at:]))
