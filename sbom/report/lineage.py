"""How a dataset came about, as ``inspect`` and ``generate`` tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.report.text import listed, plural, short, shown
from sbom.transformation import DECLARED, NONE, OBSERVED

if TYPE_CHECKING:
    from sbom.model import Dataset
    from sbom.transformation import Edge, Lineage, Revision, Step

_LISTED = 4
_STEPS = 20
_MEANS = {
    OBSERVED: "observed: every file comes from a run that was recorded completely, or from a named source",
    DECLARED: "declared: every file comes from a step that was recorded or declared, or from a named source",
    NONE: "incomplete: not every file can be followed to where it comes from",
}


def headline(lineage: Lineage) -> str:
    """Say in one line how much is known."""
    if not lineage:
        return "unknown: no step that made it was recorded or declared"
    recorded = sum(step.recorded for step in lineage.steps)
    others = len(lineage.steps) - recorded
    parts = [plural(recorded, "recorded step")] if recorded else []
    parts += [f"{plural(others, 'step')} read from pipelines and scripts"] if others else []
    parts += [plural(len(lineage.upstream), "upstream dataset")] if lineage.upstream else []
    return ", ".join(parts) or plural(len(lineage.sources), "source")


def blocks(dataset: Dataset) -> list[tuple[str, list[str]]]:
    """Return labelled lines for a person: what is claimed, and each step."""
    lineage = dataset.lineage
    if not lineage:
        return [("lineage", [headline(lineage)])]
    found = [("lineage", [headline(lineage), _MEANS[lineage.level]])]
    found += [(f"step {number}", _step(step)) for number, step in enumerate(lineage.steps[:_STEPS], 1)]
    if len(lineage.steps) > _STEPS:
        found.append(("", [f"and {plural(len(lineage.steps) - _STEPS, 'step')} more (-f json lists all)"]))
    if lineage.upstream:
        found.append(("upstream", [_upstream(one.name, one.release, one.sha256) for one in lineage.upstream]))
    return found


def _upstream(name: str, release: str | None, sha256: str) -> str:
    version = "" if release is None else f" {shown(release)}"
    return f"{shown(name)}{version}, document sha256 {short(sha256, 16)}"


def _step(step: Step) -> list[str]:
    lines = [f"{shown(step.name)} · {_known(step)}"]
    lines += [f"runs {shown(command, 200)}" for command in step.commands[:_LISTED]]
    for label, edges in (("reads", step.inputs), ("writes", step.outputs)):
        if edges:
            lines.append(f"{label} {listed([_edge(edge) for edge in edges], _LISTED)}")
    if step.scripts:
        lines.append(f"by {listed([shown(script.name) for script in step.scripts], _LISTED)}{_at(step.revision)}")
    return lines


def _known(step: Step) -> str:
    observation = step.observation
    if observation is None:
        return f"from {shown(step.origin)}"
    who = "" if step.actor is None else f" by {shown(step.actor)}"
    when = "" if step.finished is None else f" at {shown(step.finished)}"
    how = "complete" if observation.complete else "incomplete"
    ended = f", ended with exit code {step.exit_code}" if step.exit_code else ""
    signed = ", the record is signed" if step.envelope is not None else ""
    return f"recorded{when}{who} ({observation.method}, {how}){signed}{ended}"


def _edge(edge: Edge) -> str:
    return shown(edge.name) if edge.kind == OBSERVED else f"{shown(edge.name)} ({edge.kind})"


def _at(revision: Revision | None) -> str:
    if revision is None or revision.commit is None:
        return ""
    state = {True: ", with changes that are not committed", False: "", None: ", unknown whether unchanged"}
    return f" at commit {short(revision.commit, 10)}{state[revision.dirty]}"


def as_dict(dataset: Dataset) -> dict[str, object]:
    """Return all of it as JSON values; digests of rows are only counted."""
    lineage = dataset.lineage
    return {
        "level": lineage.level,
        "prefix": lineage.prefix,
        "steps": [_as_dict(step) for step in lineage.steps],
        "upstream": [one._asdict() for one in lineage.upstream],
        "sources": [one._asdict() for one in lineage.sources],
        "tables_with_row_digests": [one.name for one in lineage.rows],
    }


def _as_dict(step: Step) -> dict[str, object]:
    said = step._asdict()
    said["inputs"] = [_edge_as_dict(edge) for edge in step.inputs]
    said["outputs"] = [_edge_as_dict(edge) for edge in step.outputs]
    said["scripts"] = [script._asdict() for script in step.scripts]
    said["software"] = [one._asdict() for one in step.software]
    said["parameters"] = dict(step.parameters)
    said["revision"] = None if step.revision is None else step.revision._asdict()
    said["observation"] = None if step.observation is None else step.observation._asdict()
    said["signed"] = said.pop("envelope") is not None
    return said


def _edge_as_dict(edge: Edge) -> dict[str, object]:
    return {**edge._asdict(), "words": [word._asdict() for word in edge.words]}
