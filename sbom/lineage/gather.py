"""Find the pipelines and scripts of a workspace, and read them as steps. Nothing is executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.lineage import registry, static
from sbom.lineage.interface import ScriptError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.interface import Pipeline, PipelineReader, Workspace
    from sbom.transformation import Step

#: Pipeline files that are read.
MAX_PIPELINES = 1_000
#: Scripts outside of pipelines that are looked into: with more, they are data.
MAX_SCRIPTS = 200


class Gathered(NamedTuple):
    """What a workspace says of its steps.

    :param problems: ``(path, what)`` that could not be read or understood.
    """

    steps: tuple[Step, ...]
    problems: tuple[tuple[str, str], ...]


def gather(workspace: Workspace, names: Sequence[str]) -> Gathered:
    """Read every pipeline among ``names``, and the scripts that no pipeline runs.

    :param names: files of the workspace, sorted.
    """
    steps: list[Step] = []
    problems = [("", problem) for problem in registry.problems()]
    pipelines = [(name, readers) for name in names if (readers := registry.pipeline_readers(name))]
    for name, readers in pipelines[:MAX_PIPELINES]:
        pipeline = _pipeline(name, readers, workspace, problems)
        for stage in () if pipeline is None else pipeline.stages:
            found = static.read_stage(stage, workspace)
            problems.extend(found.problems)
            steps.append(static.to_step(stage, found, name))
    if len(pipelines) > MAX_PIPELINES:
        problems.append(("", f"more than {MAX_PIPELINES:,} pipeline files; the rest was not read"))
    known = {script.name for step in steps for script in step.scripts} | {name for name, _ in pipelines}
    scripts = [name for name in names if name not in known and registry.script_reader(name) is not None]
    if len(scripts) > MAX_SCRIPTS:
        problems.append(("", f"{len(scripts):,} scripts that no pipeline runs are not read, being too many"))
        scripts = []
    for name in scripts:
        try:
            step = static.read_script(name, workspace)
        except ScriptError as error:
            problems.append((name, str(error)))
            continue
        if step.outputs:
            steps.append(step)
    return Gathered(tuple(steps), tuple(dict.fromkeys(problems)))


def _pipeline(
    name: str, readers: Sequence[PipelineReader], workspace: Workspace, problems: list[tuple[str, str]]
) -> Pipeline | None:
    """Let the first reader that accepts a file read it."""
    for reader in readers:
        try:
            if not reader.accepts(name, workspace):
                continue
            pipeline = reader.read(name, workspace)
        except ScriptError as error:
            problems.append((name, str(error)))
            return None
        problems.extend(pipeline.problems)
        return pipeline
    return None
