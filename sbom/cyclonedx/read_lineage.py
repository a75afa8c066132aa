"""A formula → lineage. Strict: it has the form that this program writes, so that it has one meaning.

What contradicts something else in it (a digest that no predecessor wrote, a loop) is read: the rules of the chain of
custody judge that, and name the step.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, NamedTuple

from sbom.cyclonedx import lineage_values as values
from sbom.cyclonedx import spec
from sbom.cyclonedx import step_fields as fields
from sbom.cyclonedx.embedded import members
from sbom.cyclonedx.properties import repeated, single_valued
from sbom.cyclonedx.read_provenance import in_order, read_source
from sbom.cyclonedx.refusal import refuse
from sbom.cyclonedx.write_lineage import PLAIN, artifact_ref
from sbom.transformation import (
    LEVELS,
    ROW_DIGEST,
    Edge,
    Lineage,
    Rows,
    Script,
    Software,
    Step,
    Word,
    is_file,
    under,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.model import FileEntry
    from sbom.provenance import Source
    from sbom.transformation import Upstream

Json = dict[str, Any]

_FORMULA = frozenset({"bom-ref", "components", "workflows", "properties"})
_WORKFLOW = frozenset({"bom-ref", "uid", "taskTypes", "tasks", "taskDependencies"})
_TASK = frozenset(
    {"bom-ref", "uid", "name", "taskTypes", "resourceReferences", "steps", "inputs", "outputs"}
    | {"timeStart", "timeEnd", "properties"}
)
_COMPONENT = frozenset({"type", "bom-ref", "name", "version", "purl", "hashes", "properties"})
_OF_FILES = frozenset({"hashes", "properties"})
_OF_SOFTWARE = frozenset({"version", "purl"})
_LINK = frozenset({"type", "url", "hashes"})
_OF_FORMULA = frozenset({spec.SOURCE, spec.ROW_DIGESTS})
_OF_STEP = frozenset({spec.GAP})
_ROWS = {"name": str, "sha256": str, "digests": str}


class _File(NamedTuple):
    """Something that a step reads, writes or runs."""

    name: str
    sha256: str | None
    size: int | None


def read(document: Json, said: dict[str, str], files: Sequence[FileEntry], upstream: tuple[Upstream, ...]) -> Lineage:
    """Read how the dataset of a schema-valid document came about.

    :param said: properties of the dataset that are given once.
    :param files: the inventory.
    :param upstream: the stubs of other datasets that steps read from.
    :raises DocumentError: when it has no meaning, or two.
    """
    level, prefix = said.get(spec.LINEAGE), said.get(spec.LINEAGE_PREFIX, "")
    if level not in LEVELS:
        refuse(f"the value of {spec.LINEAGE} is missing or unknown")
    fields.check(values.directory_refusal(prefix), "the place of the dataset in its workspace")
    found = [one for one in document.get("formulation", ()) if one.get("bom-ref") == spec.LINEAGE_REF]
    if len(found) > 1:
        refuse(f"two formulas have the bom-ref {spec.LINEAGE_REF}")
    if not found:
        return Lineage(prefix, upstream=upstream, level=level)
    formula: Json = found[0]
    fields.only(formula, _FORMULA, "the lineage")
    steps: tuple[Step, ...] = ()
    if formula.get("workflows"):
        steps = _Steps(files, prefix, formula.get("components", ())).read(formula["workflows"])
    sources, rows = _said(formula.get("properties", ()))
    return Lineage(prefix, steps, upstream, sources, level, rows)


def _said(properties: Sequence[Json]) -> tuple[tuple[Source, ...], tuple[Rows, ...]]:
    """Read the sources of files of the workspace, and the digests of rows."""
    single_valued(properties, _OF_FORMULA)
    numbered = [read_source(text, None) for text in repeated(properties, spec.SOURCE)]
    sources = in_order(numbered)
    for one in sources:
        fields.check(None if one.path is None else values.script_refusal(one.path), one.path or "")
    rows = tuple(map(_rows, repeated(properties, spec.ROW_DIGESTS)))
    if len({(one.name, one.sha256) for one in rows}) != len(rows):
        refuse(f"{spec.ROW_DIGESTS} are given twice for one table")
    return sources, rows


def _rows(text: str) -> Rows:
    said = members(text, spec.ROW_DIGESTS, _ROWS, "name", "sha256")
    name, sha256 = said["name"], said["sha256"]
    fields.check(values.script_refusal(name), name)
    if not values.is_sha256(sha256):
        refuse(f"the digest in {spec.ROW_DIGESTS} is not a SHA-256", name)
    try:
        digests = binascii.a2b_base64(said.get("digests", "").encode(), strict_mode=True)
    except ValueError:
        digests = b"?"
    if len(digests) % ROW_DIGEST or base64.b64encode(digests).decode() != said.get("digests"):
        refuse(f"{spec.ROW_DIGESTS} are no digests in base64", name)
    return Rows(name, sha256, digests)


class _Steps:
    """Reads the tasks of the workflow, and what they refer to."""

    def __init__(self, files: Sequence[FileEntry], prefix: str, components: Sequence[Json]) -> None:
        self._inventory = {entry.path: entry for entry in files}
        self._prefix = prefix
        self._files: dict[str, _File] = {}
        self._software: dict[str, Software] = {}
        # Words that thousands of edges share are kept once.
        self._words: dict[str, Word] = {}
        for component in components:
            self._component(component)

    def read(self, workflows: Sequence[Json]) -> tuple[Step, ...]:
        """Read the steps of the only workflow."""
        if len(workflows) != 1 or workflows[0]["bom-ref"] != spec.WORKFLOW_REF:
            refuse(f"it has not exactly one workflow, with the bom-ref {spec.WORKFLOW_REF}", "the lineage")
        fields.only(workflows[0], _WORKFLOW, "the lineage")
        steps = tuple(map(self._step, workflows[0].get("tasks", ())))
        names = {step.name for step in steps}
        if len(names) != len(steps):
            refuse("two steps have one name", "the lineage")
        refs = {spec.STEP_REF + name for name in names}
        for one in workflows[0].get("taskDependencies", ()):
            if not refs.issuperset({one["ref"], *one.get("dependsOn", ())}) or "provides" in one:
                refuse("a task depends on something else than tasks", one["ref"])
        return steps

    def _file(self, ref: str) -> _File | None:
        """Return what a reference leads to; ``None`` when that is no file, directory, table or URL."""
        found = self._files.get(ref)
        if found is None and ref.startswith(spec.FILE_REF):
            entry = self._inventory.get(ref[len(spec.FILE_REF) :])
            if entry is not None:
                return _File(under(self._prefix, entry.path), entry.sha256, entry.size)
        return found

    def _component(self, component: Json) -> None:
        ref, name = component.get("bom-ref", ""), component["name"]
        fields.only(component, _COMPONENT, name)
        if ref in self._files or ref in self._software:
            refuse("two things have this bom-ref", ref)
        kind = component["type"]
        if kind in values.SOFTWARE_TYPES:
            one = Software(kind, name, component.get("version"), component.get("purl"))
            fields.check(values.software_refusal(one), name)
            if not ref.startswith(spec.SOFTWARE_REF) or not component.keys().isdisjoint(_OF_FILES):
                refuse("its bom-ref is not that of software, or it has digests or properties", name)
            self._software[ref] = one
            return
        fields.check(values.refusal(name), name)
        if kind != ("file" if is_file(name) else "data") or not component.keys().isdisjoint(_OF_SOFTWARE):
            refuse("its type is not that of what its name says, or it has a version", name)
        sha256, size = fields.sha256(component.get("hashes"), name), fields.size(component.get("properties", ()), name)
        if ref != artifact_ref(name, sha256, size):
            refuse("the bom-ref does not name it with its digest and size", name)
        self._files[ref] = _File(name, sha256, size)

    def _step(self, task: Json) -> Step:
        name: str = task.get("name", "")
        fields.check(values.text_refusal(name), "the name of a step")
        fields.only(task, _TASK, name)
        if task["bom-ref"] != spec.STEP_REF + name or task["uid"] != name:
            refuse("its bom-ref or uid is not that of a step of its name", name)
        properties = task.get("properties", ())
        said = single_valued(properties, _OF_STEP)
        scripts, software = self._resources(task.get("resourceReferences", ()), name)
        inputs: Sequence[Json] = task.get("inputs", ())
        parameters: tuple[tuple[str, str], ...] = ()
        if inputs and "parameters" in inputs[0]:
            parameters, inputs = fields.parameters(inputs[0], name), inputs[1:]
        return Step(
            name=name,
            origin=said.get(spec.ORIGIN, ""),
            commands=fields.commands(task.get("steps", ()), name),
            argv=fields.argv(said, name),
            directory=fields.directory(said, name),
            scripts=scripts,
            inputs=self._edges(inputs, name),
            outputs=self._edges(task.get("outputs", ()), name),
            parameters=parameters,
            software=software,
            revision=fields.revision(said, name),
            actor=fields.actor(said, name),
            started=fields.time(task.get("timeStart"), name),
            finished=fields.time(task.get("timeEnd"), name),
            exit_code=fields.exit_code(said, name),
            observation=fields.observation(said, repeated(properties, spec.GAP), name),
            envelope=fields.envelope(said, name),
        )

    def _resources(self, references: Sequence[Json], step: str) -> tuple[tuple[Script, ...], tuple[Software, ...]]:
        scripts: list[Script] = []
        software: list[Software] = []
        for reference in references:
            ref = reference.get("ref", "")
            one = self._software.get(ref)
            if one is not None:
                software.append(one)
                continue
            file = self._file(ref)
            if file is None or software:
                refuse("it refers to something that is not there, or not to its scripts first", step)
            fields.check(values.script_refusal(file.name), step)
            scripts.append(Script(*file))
        return tuple(scripts), tuple(software)

    def _edges(self, items: Sequence[Json], step: str) -> tuple[Edge, ...]:
        edges: list[Edge] = []
        last = ""
        for item in items:
            resource = item.get("resource", _NOTHING)
            file = self._file(resource.get("ref", ""))
            if file is not None and len(item) == 1:
                edge = Edge(file[0], PLAIN, file[1], file[2])
            else:
                edge = self._edge(item, file, step)
            if edge[0] <= last:
                refuse(f"{edge.name[:200]!r} is there twice, or not in the order of the names", step)
            last = edge[0]
            edges.append(edge)
        return tuple(edges)

    def _edge(self, item: Json, file: _File | None, step: str) -> Edge:
        """Read an edge that is a URL, or of which something is said."""
        properties = item.get("properties", ())
        if not item.keys() <= {"resource", "properties"}:
            refuse("it reads or writes something that is no resource", step)
        if file is None:
            link = item.get("resource", _NOTHING).get("externalReference")
            if link is None:
                refuse("it reads or writes something that is not there", step)
            file = _link(link, properties, step)
        elif any(one["name"] == spec.SIZE for one in properties):
            refuse("it says the size of something that has one", step)
        said = single_valued(properties, fields.OF_EDGE)
        words = tuple(map(self._word, repeated(properties, spec.WORD))) or PLAIN
        fields.check(values.words_refusal(words), step)
        hashed_after = said.get(spec.HASHED_AFTER)
        if hashed_after not in {None, "true"}:
            refuse(f"{spec.HASHED_AFTER} is not true", step)
        return Edge(file.name, words, file.sha256, file.size, hashed_after is not None)

    def _word(self, text: str) -> Word:
        word = self._words.get(text)
        if word is None:
            kind, _, where = text.partition(" ")
            word = self._words[text] = Word(kind, where)
        return word


_NOTHING: Json = {}


def _link(link: Json, properties: Sequence[Json], step: str) -> _File:
    url: str = link["url"]
    fields.only(link, _LINK, step)
    if is_file(url) or link["type"] != "distribution-intake":
        refuse("it refers to something else than a URL that was downloaded from", step)
    fields.check(values.refusal(url), step)
    return _File(url, fields.sha256(link.get("hashes"), url), fields.size(properties, url))
