"""Lineage → a formula: its workflow has a task for each step, its components are what no inventory lists.

Files of the inventory are referenced there; other datasets are stubs beside it.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sbom.cyclonedx import spec
from sbom.cyclonedx.embedded import dump, utf8
from sbom.cyclonedx.write_fields import reference
from sbom.cyclonedx.write_provenance import source_property
from sbom.transformation import OBSERVED, Word, is_file, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sbom.model import Dataset, FileEntry, ReleaseLink
    from sbom.transformation import Edge, Lineage, Observation, Revision, Rows, Software, Step, Upstream

Json = dict[str, Any]

#: What an edge says that says nothing of it.
PLAIN: tuple[Word, ...] = (Word(OBSERVED),)
#: Longer names are no paths of any system (PATH_MAX of Linux); a script may hold one with a million directories.
_MAX_PATH = 4096


def formula(dataset: Dataset) -> list[Json]:
    """Return the element of ``formulation`` that says how a dataset came about; none where nobody knows."""
    lineage = dataset.lineage
    properties = [source_property(number, one, at_file=False) for number, one in enumerate(lineage.sources)]
    properties.extend(map(_rows, lineage.rows))
    if not lineage.steps and not properties:
        return []
    parts = _Parts(dataset.files, lineage.prefix)
    tasks = [_task(step, parts) for step in lineage.steps]
    written: Json = {"bom-ref": spec.LINEAGE_REF}
    if parts.components:
        written["components"] = parts.components
    if tasks:
        workflow: Json = {"bom-ref": spec.WORKFLOW_REF, "uid": spec.WORKFLOW_REF, "taskTypes": ["other"]}
        workflow["tasks"] = tasks
        dependencies = _dependencies(lineage.steps)
        if dependencies:
            workflow["taskDependencies"] = dependencies
        written["workflows"] = [workflow]
    if properties:
        written["properties"] = properties
    return [written]


def upstream_stub(one: Upstream) -> Json:
    """Describe a dataset that steps read from: a stub with its BOM-Link and the digest of its document."""
    stub = bom_stub(upstream_ref(one), one, spec.UPSTREAM)
    if one.prefix is not None:
        stub["properties"].append(_property(spec.LINEAGE_PREFIX, one.prefix))
    return stub


def upstream_ref(one: Upstream) -> str:
    """Return the ``bom-ref`` of an upstream dataset, which is another one for each place that its files lie at."""
    ref = f"{spec.UPSTREAM_REF}{one.serial_number.removeprefix('urn:uuid:')}/{one.version}"
    return ref if one.prefix is None else f"{ref}/{one.prefix}"


def bom_stub(ref: str, link: ReleaseLink | Upstream, relation: str) -> Json:
    """Describe another document: a component that carries its BOM-Link and the digest of its exact bytes."""
    uid = link.serial_number.removeprefix("urn:uuid:")
    component: Json = {"type": "data", "bom-ref": ref, "name": link.name}
    if link.release is not None:
        component["version"] = link.release
    component["externalReferences"] = [
        {
            "type": "bom",
            "url": f"urn:cdx:{uid}/{link.version}",
            "hashes": [{"alg": "SHA-256", "content": link.sha256}],
        }
    ]
    component["properties"] = [_property(spec.RELATION, relation)]
    return component


def properties_of(lineage: Lineage) -> Iterator[Json]:
    """Yield what the dataset itself says of its lineage."""
    yield _property(spec.LINEAGE, lineage.level)
    if lineage.prefix:
        yield _property(spec.LINEAGE_PREFIX, lineage.prefix)


def artifact_ref(name: str, sha256: str | None, size: int | None) -> str:
    """Return the ``bom-ref`` of something that no inventory lists; two things never share one."""
    return f"{spec.ARTIFACT_REF}{sha256 or ''}:{'' if size is None else size}:{name}"


class _Parts:
    """The components of the formula, each once, and references to them and to files of the inventory.

    :ivar components: what was referenced and is no file of the inventory.
    """

    def __init__(self, files: Sequence[FileEntry], prefix: str) -> None:
        self.components: list[Json] = []
        self._refs: dict[tuple[str, str | None, int | None] | Software, str] = {
            (under(prefix, entry.path), entry.sha256, entry.size): spec.FILE_REF + entry.path for entry in files
        }
        self._taken: set[str] = set()

    def file(self, name: str, sha256: str | None, size: int | None) -> str:
        """Return the reference to a file, directory, table or URL with that content."""
        key = (name, sha256, size)
        ref = self._refs.get(key)
        if ref is None:
            ref = self._refs[key] = artifact_ref(name, sha256, size)
            component: Json = {"type": "file" if is_file(name) else "data", "bom-ref": ref, "name": name}
            if sha256 is not None:
                component["hashes"] = [{"alg": "SHA-256", "content": sha256}]
            if size is not None:
                component["properties"] = [{"name": spec.SIZE, "value": str(size)}]
            self.components.append(component)
        return ref

    def software(self, one: Software) -> str:
        """Return the reference to a piece of software."""
        ref = self._refs.get(one)
        if ref is None:
            base = ref = spec.SOFTWARE_REF + (one.purl or f"{one.name}@{one.version or ''}")
            number = 1
            while ref in self._taken:
                number += 1
                ref = f"{base}#{number}"
            self._taken.add(ref)
            self._refs[one] = ref
            component: Json = {"type": one.type, "bom-ref": ref, "name": one.name}
            if one.version is not None:
                component["version"] = one.version
            if one.purl is not None:
                component["purl"] = one.purl
            self.components.append(component)
        return ref


def _task(step: Step, parts: _Parts) -> Json:
    task: Json = {"bom-ref": spec.STEP_REF + step.name, "uid": step.name, "name": step.name, "taskTypes": ["other"]}
    references = [parts.file(*script) for script in step.scripts]
    references.extend(map(parts.software, step.software))
    inputs: list[Json] = []
    if step.parameters:
        values = [{"name": utf8(name), "value": utf8(value)} for name, value in step.parameters]
        inputs.append({"parameters": values})
    inputs.extend(_edge(edge, parts) for edge in step.inputs)
    members: tuple[tuple[str, object], ...] = (
        ("resourceReferences", [{"ref": ref} for ref in references]),
        ("steps", [{"commands": [{"executed": utf8(text)} for text in step.commands]}] if step.commands else ()),
        ("inputs", inputs),
        ("outputs", [_edge(edge, parts) for edge in step.outputs]),
        ("timeStart", step.started),
        ("timeEnd", step.finished),
    )
    task.update((name, value) for name, value in members if value)
    task["properties"] = list(_more(step))
    return task


def _more(step: Step) -> Iterator[Json]:
    """Yield what CycloneDX has no field for."""
    yield _property(spec.ORIGIN, utf8(step.origin))
    if step.argv:
        yield _property(spec.ARGV, dump(list(step.argv)))
    if step.directory:
        yield _property(spec.DIRECTORY, step.directory)
    if step.actor is not None:
        yield _property(spec.ACTOR, step.actor)
    if step.exit_code is not None:
        yield _property(spec.EXIT_CODE, str(step.exit_code))
    if step.revision is not None:
        yield from _revision(step.revision)
    if step.observation is not None:
        yield from _observation(step.observation)
    if step.envelope is not None:
        yield _property(spec.ENVELOPE, step.envelope)


def _revision(revision: Revision) -> Iterator[Json]:
    yield _property(spec.GIT_COMMIT, revision.commit or spec.UNKNOWN)
    yield _property(spec.GIT_DIRTY, spec.UNKNOWN if revision.dirty is None else _boolean(revision.dirty))


def _observation(observation: Observation) -> Iterator[Json]:
    yield _property(spec.OBSERVATION, observation.method)
    yield _property(spec.COMPLETE, _boolean(observation.complete))
    yield from (_property(spec.GAP, utf8(gap)) for gap in observation.gaps)


def _edge(edge: Edge, parts: _Parts) -> Json:
    name, words, sha256, size, hashed_after = edge
    properties: list[Json] = []
    resource: Json | None = None
    if "://" in name:
        link = reference("distribution-intake", name, () if sha256 is None else [("SHA-256", sha256)])
        if link is not None:
            resource = {"externalReference": link}
            if size is not None:
                properties.append(_property(spec.SIZE, str(size)))
    if resource is None:
        resource = {"ref": parts.file(name, sha256, size)}
    if words != PLAIN:
        properties.extend(_property(spec.WORD, f"{kind} {utf8(where)}" if where else kind) for kind, where in words)
    if hashed_after:
        properties.append(_property(spec.HASHED_AFTER, _boolean(value=True)))
    return {"resource": resource, "properties": properties} if properties else {"resource": resource}


def _rows(rows: Rows) -> Json:
    digests = base64.b64encode(rows.digests).decode("ascii")
    return _property(spec.ROW_DIGESTS, dump({"name": rows.name, "sha256": rows.sha256, "digests": digests}))


def _dependencies(steps: Sequence[Step]) -> list[Json]:
    """Say which steps wrote, before, what each step reads: for other readers, and derived from the rest."""
    above_read = _Directories(edge.name for step in steps for edge in step.inputs)
    above_written = _Directories(edge.name for step in steps for edge in step.outputs)
    wrote: dict[str, int] = {}
    below: dict[str, dict[int, None]] = {}
    found: list[Json] = []
    for number, step in enumerate(steps):
        before: set[int] = set()
        for edge in step.inputs:
            writers = (wrote.get(name) for name in (edge.name, *above_written.of(edge.name)))
            before.update(one for one in writers if one is not None)
            before.update(below.get(edge.name, ()))
        if before:
            refs = [spec.STEP_REF + steps[one].name for one in sorted(before)]
            found.append({"ref": spec.STEP_REF + step.name, "dependsOn": refs})
        for edge in step.outputs:
            wrote[edge.name] = number
            for name in above_read.of(edge.name):
                below.setdefault(name, {})[number] = None
    return found


class _Directories:
    """Those among the names of edges that are directories, and which of them something lies in."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name for name in names if name.endswith("/")}
        self._above: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> tuple[str, ...]:
        """Return the directories that a name lies in."""
        if not self._names or "://" in name or len(name) > _MAX_PATH:
            return ()
        parent = name.rstrip("/").rpartition("/")[0]
        found = self._above.get(parent)
        if found is None:
            found = self._above[parent] = tuple(self._names.intersection(_with_parents(parent)))
        return found


def _with_parents(directory: str) -> Iterator[str]:
    """Yield a directory and those that it lies in, as edges name them."""
    while directory:
        yield f"{directory}/"
        directory = directory.rpartition("/")[0]
    yield "./"


def _property(name: str, value: str) -> Json:
    return {"name": name, "value": value}


def _boolean(value: bool) -> str:  # noqa: FBT001  # the value that is written
    return "true" if value else "false"
