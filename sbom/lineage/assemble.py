"""The lineage of a dataset: step records, pipelines, scripts, upstream datasets and sources, put together.

The order: read the records; find the workspace, and read its pipelines and scripts; join both; find out where the
dataset lies among what the steps wrote; keep what it comes from; fill in digests of what nobody recorded; and judge how
much of it hangs together.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sbom.cyclonedx import document as documents
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import UsageError
from sbom.inventory import git
from sbom.lineage import custody, placing, statement, tables
from sbom.lineage.digesting import Digests
from sbom.lineage.join import directories_of, disagreements, join, relevant
from sbom.lineage.sources import sources
from sbom.names import display
from sbom.transformation import Lineage, under

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sbom.lineage.gather import Gathered
    from sbom.model import Dataset, FileEntry
    from sbom.transformation import Edge, Step, Upstream

_SHOWN = 5


class Request(NamedTuple):
    """What the caller says of a lineage.

    :param workspace: the directory that the steps ran in; ``None``: the repository around the data, else the data.
    :param search: look for that repository.
    :param read: read pipelines and scripts.
    :param records: paths of step records.
    :param sources: ``(name in the workspace, URL)`` of what was downloaded.
    :param rows: globs of tables, in the dataset or the workspace, whose rows are to be found again.
    """

    workspace: str | None = None
    search: bool = True
    read: bool = True
    records: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    rows: tuple[str, ...] = ()


class Assembled(NamedTuple):
    """A lineage, and what a person should know of it."""

    lineage: Lineage
    warnings: tuple[str, ...]


def assemble(root: str, dataset: Dataset, request: Request, upstream: Sequence[tuple[Upstream, Dataset]]) -> Assembled:
    """Put the lineage of a dataset together.

    :param root: real path of the dataset's directory.
    :param upstream: other datasets that the caller names, with what their documents say.
    :raises UsageError: when the workspace is no directory, or there are two records of one step.
    :raises Error: when a record cannot be used, or a file changes meanwhile.
    """
    recorded = [_record(path) for path in request.records]
    workspace = _workspace(root, request)
    default = relative(workspace, root)
    gathered = _gathered(workspace, root, default, dataset, recorded) if request.read else None
    prefix = placing.place(dataset.files, _edges(recorded, outputs=True), default) or ""
    steps = join(recorded, () if gathered is None else gathered.steps)
    steps = relevant(steps, (under(prefix, entry.path) for entry in dataset.files))
    inventory = {entry.path: entry for entry in dataset.files}
    with Digests(workspace, prefix, inventory) as digests:
        steps = tuple(step if step.recorded else _digested(step, digests) for step in steps)
        mounted = tuple(
            one._replace(prefix=placing.place(other.files, _edges(steps, outputs=False), None))
            for one, other in upstream
        )
        origins = sources(steps, workspace, request.sources, digests)
        rows = tables.digest(request.rows, root, workspace, prefix, dataset, steps)
    lineage = Lineage(prefix if steps or mounted or origins or rows else "", steps, mounted, origins, rows=rows)
    known = {(one.serial_number, one.version): other for one, other in upstream}
    level = custody.judge(replace(dataset, lineage=lineage), known).level if lineage else lineage.level
    return Assembled(replace(lineage, level=level), tuple(_warnings(lineage, gathered, inventory)))


def relative(workspace: str, root: str) -> str | None:
    """Return where a directory lies in the workspace; ``None`` when it lies outside."""
    if root == workspace:
        return ""
    base = workspace.rstrip("/") + "/"
    return root[len(base) :] if root.startswith(base) else None


def _record(path: str) -> Step:
    raw = documents.read_bytes(path, Limits())
    return statement.read(raw.data, path)._replace(origin=os.path.basename(path))


def _workspace(root: str, request: Request) -> str:
    if request.workspace is not None:
        if not os.path.isdir(request.workspace):
            raise UsageError("is no directory", path=request.workspace, hint="name the one that the steps ran in")
        return os.path.realpath(request.workspace)
    return (git.top(root) if request.search else None) or root


def _gathered(
    workspace: str, root: str, prefix: str | None, dataset: Dataset, recorded: Sequence[Step]
) -> Gathered | None:
    """Read the pipelines and scripts of the workspace, those of the dataset included; ``None`` where there are none."""
    from sbom.lineage import registry  # noqa: PLC0415  # only where lineage is looked for
    from sbom.lineage.workspace import Directory, find  # noqa: PLC0415

    names = set() if prefix is None else {under(prefix, entry.path) for entry in dataset.files}
    wanted = {name for name in names if registry.suggests(name)}
    if workspace != root:
        wanted.update(name for name in find(workspace, skip=root) if registry.suggests(name))
    if not wanted:
        return None
    from sbom.lineage.gather import gather  # noqa: PLC0415  # only where there is something to read

    with Directory(workspace) as directory:
        return gather(directory, sorted(wanted), recorded)


def _edges(steps: Sequence[Step], *, outputs: bool) -> Iterator[Edge]:
    """Yield what steps wrote (or read) first, then what they read (or wrote)."""
    for step in steps:
        yield from step.outputs if outputs else step.inputs
    for step in steps:
        yield from step.inputs if outputs else step.outputs


def _digested(step: Step, digests: Digests) -> Step:
    return step._replace(
        inputs=tuple(map(digests.edge, step.inputs)),
        outputs=tuple(map(digests.edge, step.outputs)),
        scripts=tuple(map(digests.script, step.scripts)),
    )


def _warnings(lineage: Lineage, gathered: Gathered | None, inventory: Mapping[str, FileEntry]) -> Iterator[str]:
    found = [(name, what) for step in lineage.steps for name, what in disagreements(step)]
    told = [f"{display(name)} {display(what)}" for name, what in found]
    problems = [] if gathered is None else [f"{display(path)}: {display(what)}" for path, what in gathered.problems]
    for lines in (told, problems):
        yield from lines[:_SHOWN]
        if len(lines) > _SHOWN:
            yield f"and {len(lines) - _SHOWN:,} more of the kind"
    written = {edge.name for step in lineage.steps for edge in step.outputs}
    for step in lineage.steps:
        if step.recorded and step.exit_code:
            yield f"step {display(step.name)} ended with exit code {step.exit_code}"
    if lineage.steps and not any(
        under(lineage.prefix, path) in written or written.intersection(directories_of(under(lineage.prefix, path)))
        for path in inventory
    ):
        yield "no step wrote a file of the dataset; name the directory that they ran in with --workspace"
