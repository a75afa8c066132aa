"""Find the pipelines and scripts of a workspace, and read them as steps. Nothing is executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.lineage import registry, static
from sbom.lineage.interface import Call, ScriptError, Stage
from sbom.transformation import is_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.lineage.interface import PipelineReader, Workspace
    from sbom.transformation import Step

#: Pipeline files that are read.
MAX_PIPELINES = 1_000
#: Scripts outside of pipelines that are looked into: with more, they are data.
MAX_SCRIPTS = 200
#: Characters that are kept of the name of a stage.
_MAX_NAME = 200


class Gathered(NamedTuple):
    """What a workspace says of its steps.

    :param problems: ``(path, what)`` that could not be read or understood.
    """

    steps: tuple[Step, ...]
    problems: tuple[tuple[str, str], ...]


def gather(workspace: Workspace, names: Sequence[str], recorded: Sequence[Step] = ()) -> Gathered:
    """Read every pipeline among ``names``, and the scripts that no pipeline and no recorded step runs.

    What such a script seems to write is left out where recorded steps wrote all of it.

    :param names: files of the workspace, sorted.
    """
    steps: list[Step] = []
    problems = [("", problem) for problem in registry.problems()]
    pipelines: list[str] = []
    for name in names:
        reader = _reader(name, workspace)
        if reader is None:
            continue
        pipelines.append(name)
        if len(pipelines) > MAX_PIPELINES:
            problems.append(("", f"more than {MAX_PIPELINES:,} pipeline files; the rest was not read"))
            break
        stages = list(_stages(name, reader, workspace, problems))
        for stage, found in zip(stages, static.read_stages(stages, workspace), strict=True):
            problems.extend(found.problems)
            step = static.to_step(stage, found, name)
            steps.append(step._replace(scripts=tuple(one for one in step.scripts if is_file(one.name))))
    known = {script.name for step in (*steps, *recorded) for script in step.scripts}.union(pipelines)
    written = {edge.name for step in recorded for edge in step.outputs}
    scripts = [name for name in names if name not in known and registry.script_reader(name) is not None]
    if len(scripts) > MAX_SCRIPTS:
        problems.append(("", f"{len(scripts):,} scripts that no pipeline runs are not read, being too many"))
        scripts = []
    for name in scripts:
        # As if it was run without arguments in the workspace.
        stage = Stage(name, f"{name}:1", calls=[Call(name, where=f"{name}:1")])
        found = static.read_stage(stage, workspace)
        problems.extend(found.problems)
        step = static.to_step(stage, found, name)
        if any(edge.name not in written for edge in step.outputs):
            steps.append(step)
    return Gathered(tuple(steps), tuple(dict.fromkeys(problems)))


def _reader(name: str, workspace: Workspace) -> PipelineReader | None:
    """Return the first reader that takes a file as a pipeline."""
    return next((one for one in registry.pipeline_readers(name) if one.accepts(name, workspace)), None)


def _stages(
    name: str, reader: PipelineReader, workspace: Workspace, problems: list[tuple[str, str]]
) -> Iterator[Stage]:
    """Yield the stages of a pipeline, with names that a person can read on one line."""
    try:
        pipeline = reader.read(name, workspace)
    except ScriptError as error:
        problems.append((name, str(error)))
        return
    problems.extend(pipeline.problems)
    for stage in pipeline.stages:
        printable = "".join(char if char.isprintable() else " " for char in stage.name[:_MAX_NAME])
        stage.name = " ".join(printable.split()) or "stage"
        yield stage
