"""Ways to break a good document (that of the fixture ``document``), each with what the reader says about it."""

from __future__ import annotations

import copy

import orjson

from sbom.cyclonedx import spec
from sbom.cyclonedx.embedded import dump


def prop(name, value):
    return {"name": name, "value": value}


def replace(component, name, value):
    """Change the value of a property, or take it away (``None``)."""
    component["properties"] = [item for item in component["properties"] if item["name"] != name]
    if value is not None:
        component["properties"].append(prop(name, value))


def dataset_of(document):
    return document["metadata"]["component"]


def edit(component, name, change, number=0):
    """Change the value of one property among those of a name."""
    found = [item for item in component["properties"] if item["name"] == name]
    found[number]["value"] = change(found[number]["value"])


def add(component, name, value):
    component["properties"].append(prop(name, value))


def stub_of(document):
    return document["components"][3]


#: Name of the case → (what is changed, what the reader says).
REFUSALS = {
    "serial: none": (lambda d: d.pop("serialNumber"), "serial number"),
    "serial: empty": (lambda d: d.update(serialNumber=""), "serial number"),
    "serial: upper case": (
        lambda d: d.update(serialNumber="urn:uuid:A0000000-0000-4000-8000-000000000000"),
        "serial number",
    ),
    "metadata: none": (lambda d: d.pop("metadata"), "does not describe a dataset"),
    "dataset: none": (lambda d: d["metadata"].pop("component"), "does not describe a dataset"),
    "dataset: other type": (lambda d: dataset_of(d).update(type="application"), "does not describe a dataset"),
    "dataset: other bom-ref": (lambda d: dataset_of(d).update({"bom-ref": "other"}), "does not describe a dataset"),
    "dataset: no bom-ref": (lambda d: dataset_of(d).pop("bom-ref"), "does not describe a dataset"),
    "dataset: nested": (lambda d: dataset_of(d).update(components=[]), "nested components"),
    "dataset: no properties": (lambda d: dataset_of(d).pop("properties"), "not a data SBOM"),
    "dataset: empty name": (lambda d: dataset_of(d).update(name=" "), "name is empty"),
    "dataset: control character": (
        lambda d: dataset_of(d).update(name="a\x1b[2Jb"),
        "name is empty, not UTF-8 or holds",
    ),
    "dataset: empty version": (lambda d: dataset_of(d).update(version=""), "version is empty"),
    "dataset: newline in version": (lambda d: dataset_of(d).update(version="1\n2"), "version is empty"),
    "format: none": (lambda d: replace(dataset_of(d), spec.FORMAT, None), "not a data SBOM"),
    "format: later": (lambda d: replace(dataset_of(d), spec.FORMAT, "4"), "format version '4' is unknown"),
    "format: long": (lambda d: replace(dataset_of(d), spec.FORMAT, "9" * 999), "is unknown"),
    "format: twice": (lambda d: dataset_of(d)["properties"].append(prop(spec.FORMAT, "2")), "given twice"),
    "root: none": (lambda d: replace(dataset_of(d), spec.ROOT, None), "Merkle root"),
    "root: short": (lambda d: replace(dataset_of(d), spec.ROOT, "ab"), "Merkle root"),
    "root: upper case": (lambda d: replace(dataset_of(d), spec.ROOT, "AB" * 32), "Merkle root"),
    "root: no hex": (lambda d: replace(dataset_of(d), spec.ROOT, "xy" * 32), "Merkle root"),
    "root: newline": (lambda d: replace(dataset_of(d), spec.ROOT, "a" * 63 + "\n"), "Merkle root"),
    "root: twice": (lambda d: dataset_of(d)["properties"].append(prop(spec.ROOT, "ab" * 32)), "given twice"),
    "links: none": (lambda d: replace(dataset_of(d), spec.SYMLINKS, None), "followed or recorded"),
    "links: other": (lambda d: replace(dataset_of(d), spec.SYMLINKS, "ignored"), "followed or recorded"),
    "count: none": (lambda d: replace(dataset_of(d), spec.FILE_COUNT, None), "number of files"),
    "count: other": (lambda d: replace(dataset_of(d), spec.FILE_COUNT, "2"), "number of files"),
    "count: spelling": (lambda d: replace(dataset_of(d), spec.FILE_COUNT, "03"), "number of files"),
    "size: other": (lambda d: replace(dataset_of(d), spec.TOTAL_SIZE, "21"), "total size"),
    "size: none": (lambda d: replace(dataset_of(d), spec.TOTAL_SIZE, None), "total size"),
    "a file less": (lambda d: d["components"].pop(0), "number of files"),
    "no file": (lambda d: d.update(components=[stub_of(d)]), "lists no file"),
    "no components": (lambda d: d.pop("components"), "lists no file"),
    "component: nested": (lambda d: d["components"][0].update(components=[]), "nested components"),
    "component: other type": (lambda d: d["components"][0].update(type="library"), "neither a file nor a dataset"),
    "file: twice": (lambda d: d["components"].append(copy.deepcopy(d["components"][0])), "listed twice"),
    "file: refused name": (lambda d: d["components"][0].update(name="../x"), "'.' or '..'"),
    "file: control character": (lambda d: d["components"][0].update(name="a\nb"), "control character"),
    "file: no properties": (lambda d: d["components"][0].pop("properties"), "size is missing"),
    "file: no size": (lambda d: replace(d["components"][0], spec.SIZE, None), "size is missing"),
    "file: size without value": (
        lambda d: d["components"][0].update(properties=[{"name": spec.SIZE}]),
        "size is missing",
    ),
    "file: size twice": (lambda d: d["components"][0]["properties"].append(prop(spec.SIZE, "10")), "given twice"),
    "file: no hashes": (lambda d: d["components"][0].pop("hashes"), "no SHA-256"),
    "file: empty hashes": (lambda d: d["components"][0].update(hashes=[]), "no SHA-256"),
    "file: weak only": (
        lambda d: d["components"][0].update(
            hashes=[{"alg": "MD5", "content": "ab" * 16}, {"alg": "SHA-1", "content": "ab" * 20}]
        ),
        "no SHA-256",
    ),
    "file: unknown algorithm": (
        lambda d: d["components"][0]["hashes"].append({"alg": "Streebog-256", "content": "ab" * 32}),
        "cannot be checked",
    ),
    "file: digest twice": (
        lambda d: d["components"][0]["hashes"].append(d["components"][0]["hashes"][0]),
        "two SHA-256",
    ),
    "link: empty": (lambda d: replace(d["components"][1], spec.LINK, ""), "text of the link"),
    "link: control character": (lambda d: replace(d["components"][1], spec.LINK, "a\x1bb"), "text of the link"),
    "link: twice": (lambda d: d["components"][1]["properties"].append(prop(spec.LINK, "b.csv")), "given twice"),
    "previous: two": (lambda d: d["components"].append(copy.deepcopy(stub_of(d))), "two predecessors"),
    "previous: no reference": (lambda d: stub_of(d).pop("externalReferences"), "exactly one BOM-Link"),
    "previous: two references": (
        lambda d: stub_of(d).update(externalReferences=stub_of(d)["externalReferences"] * 2),
        "exactly one BOM-Link",
    ),
    "previous: other reference": (
        lambda d: stub_of(d)["externalReferences"][0].update(type="website"),
        "exactly one BOM-Link",
    ),
    "previous: no digest": (lambda d: stub_of(d)["externalReferences"][0].pop("hashes"), "no SHA-256"),
    "previous: other link": (
        lambda d: stub_of(d)["externalReferences"][0].update(url="https://example.com/x"),
        "not urn:cdx",
    ),
    "previous: version 0": (
        lambda d: stub_of(d)["externalReferences"][0].update(url="urn:cdx:11111111-2222-4333-8444-555555555555/0"),
        "not urn:cdx",
    ),
    "previous: fragment": (
        lambda d: stub_of(d)["externalReferences"][0].update(url="urn:cdx:11111111-2222-4333-8444-555555555555/1#x"),
        "not urn:cdx",
    ),
    "previous: relation twice": (lambda d: stub_of(d)["properties"].append(prop(spec.RELATION, "x")), "given twice"),
    "claim: none": (lambda d: d.pop("compositions"), "exactly one claim"),
    "claim: of something else": (
        lambda d: d["compositions"][0].update(assemblies=["file:a/b.csv"]),
        "exactly one claim",
    ),
    "claim: two": (
        lambda d: d["compositions"].append({"aggregate": "complete", "assemblies": ["dataset"]}),
        "exactly one claim",
    ),
    "claim: unknown": (lambda d: d["compositions"][0].update(aggregate="unknown"), "exactly one claim"),
    "claim: incomplete without a rule": (
        lambda d: replace(dataset_of(d), spec.EXCLUDE, None),
        "without naming the rule",
    ),
}


def _rename(component, name):
    """Make a property somebody else's, so that it is gone and the others stay in their places."""
    next(item for item in component["properties"] if item["name"] == name)["name"] = "acme:x"


def _json(**members):
    return lambda text: dump({**orjson.loads(text), **members})


def _at(number, value):
    """Change one item of a JSON array."""

    def change(text):
        parts = orjson.loads(text)
        parts[number] = value
        return dump(parts)

    return change


def _cite(document, number=0, **members):
    citation = document["citations"][number]
    for key, value in members.items():
        if value is None:
            del citation[key]
        else:
            citation[key] = value


def _uncite(document):
    """Take the last pointer to the property of the first citation away, with nothing else wrong."""
    document["citations"][0]["pointers"] = ["/metadata/component/name"]


def file_of(document):
    """The file that has two declarations and two sources."""
    return document["components"][1]


def _again(component, name):
    """Say something once more, in the same words."""
    component["properties"].append(next(item for item in component["properties"] if item["name"] == name))


FIELD = spec.FIELD
#: Ways to break the document of the fixture ``said``: name → (what is changed, what the reader says, a schema can say it).
PROVENANCE_REFUSALS = {
    "summary: none": (lambda d: _rename(dataset_of(d), spec.PROVENANCE), "say rightly", True),
    "summary: wrong": (lambda d: edit(dataset_of(d), spec.PROVENANCE, lambda _: "unknown"), "say rightly", False),
    "summary: other": (lambda d: edit(dataset_of(d), spec.PROVENANCE, lambda _: "known"), "say rightly", True),
    "summary: twice": (lambda d: add(dataset_of(d), spec.PROVENANCE, "asserted"), "given twice", True),
    "field: unknown": (lambda d: add(dataset_of(d), FIELD + "colour", "red"), "is not a provenance field", True),
    "field: no id": (lambda d: add(dataset_of(d), FIELD, "red"), "is not a provenance field", True),
    "field: newline": (lambda d: add(dataset_of(d), FIELD + "name\n", "x"), "is not a provenance field", True),
    "field: cited by nobody": (lambda d: add(dataset_of(d), FIELD + "language", "en"), "no citation says", False),
    "unknown: asserted": (lambda d: add(dataset_of(d), spec.UNKNOWN_FIELD, "license"), "names no field", False),
    "unknown: no field": (lambda d: add(dataset_of(d), spec.UNKNOWN_FIELD, "colour"), "names no field", True),
    "unknown: twice": (lambda d: _again(dataset_of(d), spec.UNKNOWN_FIELD), "names no field", False),
    "manifest: no JSON": (lambda d: edit(dataset_of(d), spec.MANIFEST, lambda _: "README.md"), "not a compact", True),
    "manifest: none": (lambda d: dataset_of(d)["properties"].append({"name": spec.MANIFEST}), "not a compact", True),
    "manifest: array": (lambda d: edit(dataset_of(d), spec.MANIFEST, lambda _: "[]"), "not a compact", True),
    "manifest: spaces": (lambda d: edit(dataset_of(d), spec.MANIFEST, lambda t: t.replace(":", ": ")), "not a compact", False),
    "manifest: key twice": (
        lambda d: edit(dataset_of(d), spec.MANIFEST, lambda t: t.replace('{"inside', '{"inside":true,"inside')),
        "not a compact",
        False,
    ),
    "manifest: order": (
        lambda d: edit(dataset_of(d), spec.MANIFEST, lambda _: '{"reader":"dvc","path":"x"}'),
        "not a compact",
        False,
    ),
    "manifest: null": (lambda d: edit(dataset_of(d), spec.MANIFEST, _json(version=None)), "wrong type", False),
    "manifest: number": (lambda d: edit(dataset_of(d), spec.MANIFEST, _json(valid=1)), "wrong type", False),
    "manifest: other member": (lambda d: edit(dataset_of(d), spec.MANIFEST, _json(color="red")), "unknown or", False),
    "manifest: no path": (lambda d: edit(dataset_of(d), spec.MANIFEST, lambda _: '{"reader":"dvc"}'), "missing or", False),
    "manifest: empty path": (lambda d: edit(dataset_of(d), spec.MANIFEST, _json(path="")), "missing or", False),
    "manifest: short digest": (lambda d: edit(dataset_of(d), spec.MANIFEST, _json(sha256="ab")), "SHA-256", False),
    "manifest: digest of another file": (
        lambda d: edit(dataset_of(d), spec.MANIFEST, _json(sha256="99" * 32), 1),
        "is not the file that is listed",
        False,
    ),
    "manifest: deep": (lambda d: edit(dataset_of(d), spec.MANIFEST, lambda _: "[" * 100_000), "not a compact", True),
    "declared: no JSON": (lambda d: edit(file_of(d), spec.DECLARED, lambda _: "match"), "not a JSON array", True),
    "declared: no value": (lambda d: file_of(d)["properties"].append({"name": spec.DECLARED}), "not a JSON array", True),
    "declared: object": (lambda d: edit(file_of(d), spec.DECLARED, lambda _: "{}"), "not a JSON array", True),
    "declared: short": (lambda d: edit(file_of(d), spec.DECLARED, lambda _: '["match"]'), "not a JSON array", True),
    "declared: long": (lambda d: edit(file_of(d), spec.DECLARED, lambda t: t[:-1] + ',""]'), "not a JSON array", True),
    "declared: number": (lambda d: edit(file_of(d), spec.DECLARED, _at(4, 7)), "not a JSON array", True),
    "declared: null": (lambda d: edit(file_of(d), spec.DECLARED, _at(0, None)), "not a JSON array", True),
    "declared: other state": (lambda d: edit(file_of(d), spec.DECLARED, _at(0, "good")), "'good' in", True),
    "declared: another state": (lambda d: edit(file_of(d), spec.DECLARED, _at(0, "match"), 1), "stated numbers", False),
    "declared: no algorithm": (lambda d: edit(file_of(d), spec.DECLARED, _at(1, "")), "has no algorithm", True),
    "declared: no digest": (lambda d: edit(file_of(d), spec.DECLARED, _at(2, "")), "has no algorithm", True),
    "declared: upper case": (lambda d: edit(file_of(d), spec.DECLARED, _at(2, "AB" * 32)), "has no algorithm", True),
    "declared: newline": (lambda d: edit(file_of(d), spec.DECLARED, _at(2, "ab" * 32 + "\n")), "has no algorithm", True),
    "declared: by nobody": (lambda d: edit(file_of(d), spec.DECLARED, _at(3, "")), "which manifest", True),
    "declared: digest of a live one": (
        lambda d: edit(d["components"][2], spec.DECLARED, _at(2, "ab" * 32)),
        "state says that none is declared",
        True,
    ),
    "declared: one more": (lambda d: _again(file_of(d), spec.DECLARED), "stated numbers", False),
    "declared: one less": (lambda d: replace(file_of(d), spec.DECLARED, None), "stated numbers", False),
    "elsewhere: no path": (lambda d: edit(dataset_of(d), spec.DECLARED_ELSEWHERE, _at(0, None)), "starts with a path", True),
    "elsewhere: empty": (lambda d: edit(dataset_of(d), spec.DECLARED_ELSEWHERE, lambda _: "[]"), "starts with a path", True),
    "elsewhere: short": (lambda d: edit(dataset_of(d), spec.DECLARED_ELSEWHERE, lambda _: '["a"]'), "JSON array", True),
    "elsewhere: one less": (lambda d: replace(dataset_of(d), spec.DECLARED_ELSEWHERE, None), "stated numbers", False),
    "count: none": (lambda d: _rename(dataset_of(d), spec.DECLARED_COUNT + "mismatch"), "stated numbers", False),
    "count: wrong": (lambda d: edit(dataset_of(d), spec.DECLARED_COUNT + "match", lambda _: "2"), "stated numbers", False),
    "count: spelling": (lambda d: edit(dataset_of(d), spec.DECLARED_COUNT + "match", lambda _: "01"), "stated numbers", True),
    "count: zero": (lambda d: add(dataset_of(d), spec.DECLARED_COUNT + "match-after-line-endings", "0"), "stated", True),
    "count: other state": (lambda d: add(dataset_of(d), spec.DECLARED_COUNT + "good", "1"), "stated numbers", True),
    "count: twice": (lambda d: add(dataset_of(d), spec.DECLARED_COUNT + "match", "1"), "given twice", False),
    "source: no JSON": (lambda d: edit(file_of(d), spec.SOURCE, lambda _: "https://x.org"), "not a compact", True),
    "source: of the dataset, no JSON": (lambda d: edit(dataset_of(d), spec.SOURCE, lambda _: "x"), "not a compact", True),
    "source: no URL": (lambda d: edit(file_of(d), spec.SOURCE, _json(url="")), "missing or empty", False),
    "source: no manifest": (lambda d: edit(file_of(d), spec.SOURCE, _json(manifest="")), "missing or empty", False),
    "source: size": (lambda d: edit(file_of(d), spec.SOURCE, _json(size=-1)), "negative", False),
    "source: size true": (lambda d: edit(file_of(d), spec.SOURCE, _json(size=True)), "wrong type", False),
    "source: size 1.0": (lambda d: edit(file_of(d), spec.SOURCE, _json(size=1.0)), "wrong type", False),
    "source: path of a file": (lambda d: edit(file_of(d), spec.SOURCE, _json(path="x")), "names a path", False),
    "source: digests": (lambda d: edit(file_of(d), spec.SOURCE, _json(digests=["MD5"])), "is not a pair", False),
    "source: digest": (lambda d: edit(file_of(d), spec.SOURCE, _json(digests=[["MD5", "X"]])), "is not a pair", False),
    "source: digest of three": (
        lambda d: edit(file_of(d), spec.SOURCE, _json(digests=[["MD5", "ab" * 16, "x"]])),
        "is not a pair",
        False,
    ),
    "source: number twice": (lambda d: edit(file_of(d), spec.SOURCE, _json(number=1)), "do not count", False),
    "source: number -1": (lambda d: edit(file_of(d), spec.SOURCE, _json(number=-1)), "do not count", False),
    "source: one less": (lambda d: replace(file_of(d), spec.SOURCE, None), "do not count", False),
    "citation: none": (lambda d: d.pop("citations"), "no citation says", False),
    "citation: of something else": (_uncite, "no citation says", False),
    "citation: twice": (lambda d: d["citations"].append({**d["citations"][0], "note": '{"by":"option"}'}), "two citations", False),
    "citation: pointer twice": (lambda d: d["citations"][0]["pointers"].append(d["citations"][0]["pointers"][0]), "two", False),
    "citation: by a process": (lambda d: _cite(d, attributedTo=None, process="dataset"), "which manifest, or caller", False),
    "citation: by the dataset": (lambda d: _cite(d, attributedTo="dataset"), "which manifest, or caller", False),
    "citation: by no file": (lambda d: _cite(d, attributedTo="file:no", note=None), "which manifest, or caller", False),
    "citation: by a file and somebody else": (
        lambda d: _cite(d, attributedTo="file:README.md"),
        "which manifest, or caller",
        False,
    ),
    "citation: by no manifest": (
        lambda d: _cite(d, attributedTo="manifest:no", note=None),
        "which manifest, or caller",
        False,
    ),
    "citation: by any caller": (lambda d: _cite(d, note=None), "which manifest, or caller", False),
    "citation: by another caller": (lambda d: _cite(d, note='{"by":"king"}'), "which manifest, or caller", False),
    "citation: by the tool for nobody": (
        lambda d: _cite(d, attributedTo="data-sbom", note=None),
        "which manifest, or caller",
        False,
    ),
    "citation: note": (lambda d: _cite(d, note="by the caller"), "not a compact JSON object", False),
    "citation: empty note": (lambda d: _cite(d, note=""), "not a compact JSON object", False),
    "citation: other note": (lambda d: _cite(d, note='{"x":"y"}'), "unknown or", False),
    "citation: number in a note": (lambda d: _cite(d, note='{"by":1}'), "wrong type", False),
    "git: commit": (lambda d: add(dataset_of(d), spec.GIT_COMMIT, "main"), "the commit is neither", True),
    "git: newline": (lambda d: add(dataset_of(d), spec.GIT_COMMIT, "a" * 40 + "\n"), "the commit is neither", True),
    "git: branch": (
        lambda d: [add(dataset_of(d), spec.GIT_COMMIT, "unknown"), add(dataset_of(d), spec.GIT_BRANCH, "a\x1bb")],
        "the branch is not",
        True,
    ),
}  # fmt: skip


def formula_of(document):
    """The lineage, in a document of the fixture ``traced``."""
    return next(formula for formula in document["formulation"] if formula.get("bom-ref") == spec.LINEAGE_REF)


def workflow_of(document):
    return formula_of(document)["workflows"][0]


def task_of(document, name=None):
    """The task of a step, else of the last one, which was recorded."""
    tasks = workflow_of(document)["tasks"]
    return tasks[-1] if name is None else next(task for task in tasks if task["name"] == name)


def artifact_of(document, name):
    return next(component for component in formula_of(document)["components"] if component["name"] == name)


def upstream_of(document):
    return next(component for component in document["components"] if component["bom-ref"].startswith(spec.UPSTREAM_REF))


def _rename_artifact(document, name, new):
    """Rename something that no inventory lists, everywhere: the document stays consistent."""
    component = artifact_of(document, name)
    old = component["bom-ref"]
    component["name"] = new
    component["bom-ref"] = old.removesuffix(name) + new
    for task in workflow_of(document)["tasks"]:
        for item in (*task.get("inputs", ()), *task.get("outputs", ()), {"resource": {}}):
            if item.get("resource", {}).get("ref") == old:
                item["resource"]["ref"] = component["bom-ref"]
        for reference in task.get("resourceReferences", ()):
            if reference["ref"] == old:
                reference["ref"] = component["bom-ref"]


def _say(document, name, value):
    """Say one more thing of the recorded step."""
    replace(task_of(document), name, value)


def _say_of_input(document, name, value):
    add(task_of(document)["inputs"][0], name, value)


def _rows(**members):
    def change(document):
        edit(formula_of(document), spec.ROW_DIGESTS, _json(**members))

    return change


#: Ways to break the document of the fixture ``traced``: name → (what is changed, what the reader says, a schema can say it).
LINEAGE_REFUSALS = {
    "level: none": (lambda d: replace(dataset_of(d), spec.LINEAGE, None), "missing or unknown", True),
    "level: unknown": (lambda d: replace(dataset_of(d), spec.LINEAGE, "proved"), "missing or unknown", True),
    "level: upper case": (lambda d: replace(dataset_of(d), spec.LINEAGE, "Observed"), "missing or unknown", True),
    "level: twice": (lambda d: add(dataset_of(d), spec.LINEAGE, "observed"), "given twice", True),
    "prefix: absolute": (lambda d: replace(dataset_of(d), spec.LINEAGE_PREFIX, "/data"), "name is absolute", True),
    "prefix: escapes": (lambda d: replace(dataset_of(d), spec.LINEAGE_PREFIX, "a/../.."), "segment", True),
    "prefix: twice": (lambda d: add(dataset_of(d), spec.LINEAGE_PREFIX, "x"), "given twice", True),
    "formula: twice": (lambda d: d["formulation"].append(formula_of(d)), "two formulas", True),
    "formula: services": (lambda d: formula_of(d).update(services=[]), "member that lineage does not have", True),
    "workflow: twice": (lambda d: formula_of(d)["workflows"].append(workflow_of(d)), "not exactly one", True),
    "workflow: other bom-ref": (lambda d: workflow_of(d).update({"bom-ref": "w"}), "not exactly one", True),
    "workflow: inputs of its own": (lambda d: workflow_of(d).update(inputs=[]), "member that lineage", True),
    "dependencies: of something else": (
        lambda d: workflow_of(d)["taskDependencies"][0].update(ref="dataset"),
        "depends on something else",
        True,
    ),
    "dependencies: on something else": (
        lambda d: workflow_of(d)["taskDependencies"][0].update(dependsOn=["step:gone"]),
        "depends on something else",
        False,
    ),
    "dependencies: provides": (
        lambda d: workflow_of(d)["taskDependencies"][0].update(provides=["dataset"]),
        "depends on something else",
        True,
    ),
    "task: twice": (lambda d: workflow_of(d)["tasks"].append(task_of(d)), "two steps have one name", False),
    "task: no name": (lambda d: task_of(d).pop("name"), "name of a step", True),
    "task: empty name": (lambda d: task_of(d).update(name=" "), "name of a step", True),
    "task: escape in its name": (lambda d: task_of(d).update(name="a\x1b[2J"), "name of a step", True),
    "task: other bom-ref": (lambda d: task_of(d).update({"bom-ref": "step:other"}), "not that of a step", False),
    "task: other uid": (lambda d: task_of(d).update(uid="export"), "not that of a step", False),
    "task: trigger": (lambda d: task_of(d).update(trigger={}), "member that lineage does not have", True),
    "task: two steps": (lambda d: task_of(d, "export")["steps"].append({"commands": []}), "one list of commands", True),
    "task: named step": (lambda d: task_of(d, "export")["steps"][0].update(name="x"), "one list of commands", True),
    "task: command without text": (
        lambda d: task_of(d, "export")["steps"][0]["commands"].append({}),
        "one list of commands",
        True,
    ),
    "task: start not in UTC": (lambda d: task_of(d).update(timeStart="2026-01-02T03:04:05+01:00"), "UTC", True),
    "task: start is no time": (lambda d: task_of(d).update(timeStart="2026-13-02T03:04:05Z"), "UTC", False),
    "task: end is a day": (lambda d: task_of(d).update(timeEnd="2026-01-02"), "UTC", True),
    "origin: twice": (lambda d: add(task_of(d), spec.ORIGIN, "y"), "given twice", True),
    "argv: no JSON": (lambda d: _say(d, spec.ARGV, "python x.py"), "not a compact JSON array", True),
    "argv: object": (lambda d: _say(d, spec.ARGV, "{}"), "not a compact JSON array", True),
    "argv: number": (lambda d: _say(d, spec.ARGV, '["a",1]'), "not a compact JSON array", True),
    "argv: spaces": (lambda d: _say(d, spec.ARGV, '["a", "b"]'), "not a compact JSON array", False),
    "argv: deep": (lambda d: _say(d, spec.ARGV, "[" * 100_000), "not a compact JSON array", True),
    "directory: escapes": (lambda d: _say(d, spec.DIRECTORY, "../x"), "segment", True),
    "directory: absolute": (lambda d: _say(d, spec.DIRECTORY, "/"), "name is absolute", True),
    "actor: empty": (lambda d: _say(d, spec.ACTOR, ""), "is empty", True),
    "actor: two lines": (lambda d: _say(d, spec.ACTOR, "a\nb"), "control character", True),
    "exit code: text": (lambda d: _say(d, spec.EXIT_CODE, "zero"), "exit code is none", True),
    "exit code: -0": (lambda d: _say(d, spec.EXIT_CODE, "-0"), "exit code is none", True),
    "exit code: newline": (lambda d: _say(d, spec.EXIT_CODE, "0\n"), "exit code is none", True),
    "exit code: too large": (lambda d: _say(d, spec.EXIT_CODE, "9999999999"), "exit code is none", False),
    "revision: no commit": (lambda d: replace(task_of(d), spec.GIT_COMMIT, None), "half of it", False),
    "revision: no state": (lambda d: replace(task_of(d), spec.GIT_DIRTY, None), "half of it", False),
    "revision: branch": (lambda d: _say(d, spec.GIT_COMMIT, "main"), "commit is neither", True),
    "revision: empty commit": (lambda d: _say(d, spec.GIT_COMMIT, ""), "commit is neither", True),
    "revision: dirty": (lambda d: _say(d, spec.GIT_DIRTY, "yes"), "neither true nor false", True),
    "observation: unknown": (lambda d: _say(d, spec.OBSERVATION, "believed"), "how it was observed", True),
    "observation: none": (lambda d: replace(task_of(d), spec.OBSERVATION, None), "how it was observed", False),
    "observation: only gaps": (
        lambda d: [replace(task_of(d), name, None) for name in (spec.OBSERVATION, spec.COMPLETE)],
        "how it was observed",
        False,
    ),
    "observation: twice": (lambda d: add(task_of(d), spec.OBSERVATION, "snapshot"), "given twice", True),
    "observation: complete or not": (lambda d: replace(task_of(d), spec.COMPLETE, None), "how it was observed", False),
    "observation: complete: 1": (lambda d: _say(d, spec.COMPLETE, "1"), "how it was observed", True),
    "observation: complete twice": (lambda d: add(task_of(d), spec.COMPLETE, "true"), "given twice", True),
    "envelope: no object": (lambda d: _say(d, spec.ENVELOPE, "e30="), "no JSON object", True),
    "envelope: empty": (lambda d: _say(d, spec.ENVELOPE, ""), "no JSON object", True),
    "envelope: twice": (lambda d: add(task_of(d), spec.ENVELOPE, "{}"), "given twice", True),
    "parameter: twice": (
        lambda d: task_of(d, "export")["inputs"][0]["parameters"].append({"name": "seed", "value": "8"}),
        "parameter is there twice",
        False,
    ),
    "parameter: type": (
        lambda d: task_of(d, "export")["inputs"][0]["parameters"][0].update(dataType="int"),
        "has a type",
        True,
    ),
    "parameters: properties": (
        lambda d: task_of(d, "export")["inputs"][0].update(properties=[]),
        "member that lineage does not have",
        True,
    ),
    "parameters: in the middle": (
        lambda d: task_of(d, "export")["inputs"].append(task_of(d, "export")["inputs"][0]),
        "no resource",
        True,
    ),
    "input: environment": (
        lambda d: task_of(d)["inputs"].append({"environmentVars": ["HOME"]}),
        "no resource",
        True,
    ),
    "input: attachment": (
        lambda d: task_of(d)["inputs"].append({"data": {"content": "x"}}),
        "no resource",
        True,
    ),
    "input: from elsewhere": (
        lambda d: task_of(d)["inputs"][0].update(source={"ref": "dataset"}),
        "no resource",
        True,
    ),
    "input: not there": (lambda d: task_of(d)["inputs"].append({"resource": {"ref": "file:gone"}}), "not there", False),
    "input: the dataset": (lambda d: task_of(d)["inputs"].append({"resource": {"ref": "dataset"}}), "not there", False),
    "input: software": (
        lambda d: task_of(d)["inputs"].append({"resource": {"ref": "software:awk@"}}),
        "not there",
        False,
    ),
    "input: other document": (
        lambda d: task_of(d)["inputs"].append(
            {"resource": {"ref": "urn:cdx:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/2#file:x"}}
        ),
        "not there",
        False,
    ),
    "input: twice": (lambda d: task_of(d)["inputs"].append(task_of(d)["inputs"][0]), "there twice", False),
    "outputs: order": (lambda d: task_of(d)["outputs"].reverse(), "not in the order", False),
    "output: of a type": (lambda d: task_of(d)["outputs"][0].update(type="log"), "no resource", True),
    "size: of what has one": (lambda d: _say_of_input(d, spec.SIZE, "41"), "size of something that has one", False),
    "size: of a URL": (
        lambda d: replace(task_of(d, "export")["inputs"][1], spec.SIZE, "-1"),
        "not a number of bytes",
        True,
    ),
    "word: unknown kind": (lambda d: _say_of_input(d, spec.WORD, "sworn x"), "is no kind of word", True),
    "word: no kind": (lambda d: _say_of_input(d, spec.WORD, ""), "is no kind of word", True),
    "word: out of order": (lambda d: _say_of_input(d, spec.WORD, "observed"), "most trusted word", False),
    "word: two lines": (lambda d: _say_of_input(d, spec.WORD, "declared a\nb"), "control character", True),
    "hashed-after: false": (
        lambda d: replace(task_of(d)["inputs"][0], spec.HASHED_AFTER, "false"),
        "is not true",
        True,
    ),
    "hashed-after: twice": (lambda d: _say_of_input(d, spec.HASHED_AFTER, "true"), "given twice", True),
    "URL: other type": (
        lambda d: task_of(d, "export")["inputs"][1]["resource"]["externalReference"].update(type="website"),
        "something else than a URL",
        True,
    ),
    "URL: a path": (
        lambda d: task_of(d, "export")["inputs"][1]["resource"]["externalReference"].update(url="raw.csv"),
        "something else than a URL",
        True,
    ),
    "URL: a table": (
        lambda d: task_of(d, "export")["inputs"][1]["resource"]["externalReference"].update(url="table:://x"),
        "neither a path nor a URL",
        True,
    ),
    "URL: comment": (
        lambda d: task_of(d, "export")["inputs"][1]["resource"]["externalReference"].update(comment="x"),
        "member that lineage does not have",
        True,
    ),
    "URL: weak digest": (
        lambda d: task_of(d, "export")["inputs"][1]["resource"]["externalReference"].update(
            hashes=[{"alg": "MD5", "content": "ab" * 16}]
        ),
        "only digest is not a SHA-256",
        True,
    ),
    "artifact: other digest than its bom-ref": (
        lambda d: artifact_of(d, "raw.csv")["hashes"][0].update(content="99" * 32),
        "bom-ref does not name it",
        False,
    ),
    "artifact: other size than its bom-ref": (
        lambda d: replace(artifact_of(d, "raw.csv"), spec.SIZE, "41"),
        "bom-ref does not name it",
        False,
    ),
    "artifact: other name than its bom-ref": (
        lambda d: artifact_of(d, "raw.csv").update(name="other.csv"),
        "bom-ref does not name it",
        False,
    ),
    "artifact: without the digest of its bom-ref": (
        lambda d: artifact_of(d, "raw.csv").pop("hashes"),
        "bom-ref does not name it",
        False,
    ),
    "artifact: no bom-ref": (lambda d: artifact_of(d, "raw.csv").pop("bom-ref"), "bom-ref does not name it", True),
    "artifact: bom-ref of the inventory": (
        lambda d: artifact_of(d, "raw.csv").update({"bom-ref": "file:train.csv"}),
        "bom-ref does not name it",
        True,
    ),
    "artifact: twice": (
        lambda d: formula_of(d)["components"].append(artifact_of(d, "raw.csv")),
        "two things have this bom-ref",
        False,
    ),
    "artifact: two digests": (
        lambda d: artifact_of(d, "raw.csv")["hashes"].append({"alg": "SHA-256", "content": "99" * 32}),
        "only digest is not a SHA-256",
        True,
    ),
    "artifact: no digest at all": (
        lambda d: artifact_of(d, "raw.csv").update(hashes=[]),
        "only digest is not a SHA-256",
        True,
    ),
    "artifact: upper-case digest": (
        lambda d: artifact_of(d, "raw.csv")["hashes"][0].update(content="AB" * 32),
        "only digest is not a SHA-256",
        True,
    ),
    "artifact: size": (
        lambda d: replace(artifact_of(d, "raw.csv"), spec.SIZE, "much"),
        "not a number of bytes",
        True,
    ),
    "artifact: version": (lambda d: artifact_of(d, "raw.csv").update(version="1"), "or it has a version", True),
    "artifact: nested": (
        lambda d: artifact_of(d, "raw.csv").update(components=[]),
        "member that lineage does not have",
        True,
    ),
    "artifact: directory as a file": (lambda d: artifact_of(d, "tmp/").update(type="file"), "type is not that", True),
    "artifact: file as data": (lambda d: artifact_of(d, "raw.csv").update(type="data"), "type is not that", True),
    "artifact: other type": (
        lambda d: artifact_of(d, "raw.csv").update(type="container"),
        "type is not that",
        True,
    ),
    "artifact: absolute": (lambda d: _rename_artifact(d, "raw.csv", "/etc/passwd"), "name is absolute", True),
    "artifact: escapes": (lambda d: _rename_artifact(d, "raw.csv", "a/../../b"), "segment", True),
    "artifact: directory escapes": (lambda d: _rename_artifact(d, "tmp/", "../"), "segment", True),
    "artifact: root": (lambda d: _rename_artifact(d, "tmp/", "/"), "empty segment", True),
    "artifact: drive": (lambda d: _rename_artifact(d, "raw.csv", "C:x"), "drive letter", True),
    "artifact: backslash": (lambda d: _rename_artifact(d, "raw.csv", "a\\b"), "backslash", True),
    "artifact: escape sequence": (lambda d: _rename_artifact(d, "raw.csv", "a\x1b[2J"), "control character", True),
    "artifact: URL with a space": (
        lambda d: _rename_artifact(d, "s3://bucket/{year}/x", "s3://bucket/a b"),
        "neither a path nor a URL",
        True,
    ),
    "artifact: table without a name": (lambda d: _rename_artifact(d, "table:birds", "table:"), "table has no name", True),
    "software: other bom-ref": (
        lambda d: artifact_of(d, "awk").update({"bom-ref": "artifact:::awk"}),
        "not that of software",
        True,
    ),
    "software: digest": (
        lambda d: artifact_of(d, "awk").update(hashes=[{"alg": "SHA-256", "content": "ab" * 32}]),
        "not that of software",
        True,
    ),
    "software: empty version": (lambda d: artifact_of(d, "awk").update(version=""), "is empty", True),
    "software: name": (lambda d: artifact_of(d, "awk").update(name="a\nb"), "control character", True),
    "software: twice": (
        lambda d: formula_of(d)["components"].append(artifact_of(d, "awk")),
        "two things have this bom-ref",
        False,
    ),
    "resource: not there": (
        lambda d: task_of(d)["resourceReferences"].insert(0, {"ref": "artifact:::gone"}),
        "refers to something that is not there",
        False,
    ),
    "resource: URL": (
        lambda d: task_of(d)["resourceReferences"].insert(
            0, {"externalReference": {"type": "vcs", "url": "https://x.org"}}
        ),
        "refers to something that is not there",
        True,
    ),
    "resource: script after software": (
        lambda d: task_of(d)["resourceReferences"].reverse(),
        "not to its scripts first",
        False,
    ),
    "resource: directory": (
        lambda d: task_of(d)["resourceReferences"].insert(0, {"ref": "artifact:::tmp/"}),
        "a script is a file",
        False,
    ),
    "source: no URL": (lambda d: edit(formula_of(d), spec.SOURCE, _json(url="")), "missing or empty", False),
    "source: absolute": (lambda d: edit(formula_of(d), spec.SOURCE, _json(path="/raw.csv")), "name is absolute", False),
    "source: escapes": (lambda d: edit(formula_of(d), spec.SOURCE, _json(path="../raw.csv")), "segment", False),
    "source: number": (lambda d: edit(formula_of(d), spec.SOURCE, _json(number=1)), "do not count", False),
    "source: twice": (lambda d: _again(formula_of(d), spec.SOURCE), "do not count", False),
    "rows: no JSON": (lambda d: edit(formula_of(d), spec.ROW_DIGESTS, lambda _: "x"), "not a compact", True),
    "rows: name": (_rows(name="../x"), "segment", False),
    "rows: digest of the file": (_rows(sha256="ab"), "not a SHA-256", False),
    "rows: half a digest": (_rows(digests="AAAA"), "no digests in base64", False),
    "rows: white space": (_rows(digests="AAAAAAAAAAAAAAAAAAAAAA==\n"), "no digests in base64", False),
    "rows: bits behind the last byte": (_rows(digests="AAAAAAAAAAAAAAAAAAAAAB=="), "no digests in base64", False),
    "rows: number": (_rows(digests=1), "wrong type", False),
    "rows: twice": (lambda d: _again(formula_of(d), spec.ROW_DIGESTS), "given twice for one table", False),
    "upstream: two links": (
        lambda d: upstream_of(d)["externalReferences"].append(upstream_of(d)["externalReferences"][0]),
        "exactly one BOM-Link",
        True,
    ),
    "upstream: no link": (lambda d: upstream_of(d).pop("externalReferences"), "exactly one BOM-Link", True),
    "upstream: web page": (
        lambda d: upstream_of(d)["externalReferences"][0].update(url="https://example.org/bom.json"),
        "is not urn:cdx",
        True,
    ),
    "upstream: no digest": (
        lambda d: upstream_of(d)["externalReferences"][0].pop("hashes"),
        "no SHA-256 digest",
        True,
    ),
    "upstream: weak digest": (
        lambda d: upstream_of(d)["externalReferences"][0].update(hashes=[{"alg": "MD5", "content": "ab" * 16}]),
        "no SHA-256 digest",
        True,
    ),
    "upstream: twice": (
        lambda d: d["components"].append({**upstream_of(d), "bom-ref": "upstream:other"}),
        "named twice",
        False,
    ),
    "upstream: with two digests": (
        lambda d: d["components"].append(
            orjson.loads(orjson.dumps({**upstream_of(d), "bom-ref": "upstream:other"}).replace(b"ee" * 32, b"dd" * 32))
        ),
        "named twice",
        False,
    ),
    "upstream: place escapes": (lambda d: replace(upstream_of(d), spec.LINEAGE_PREFIX, "../up"), "segment", True),
    "upstream: two places": (lambda d: add(upstream_of(d), spec.LINEAGE_PREFIX, "x"), "given twice", True),
    "upstream: empty name": (lambda d: upstream_of(d).update(name=" "), "is empty", True),
    "upstream: version": (lambda d: upstream_of(d).update(version="a\nb"), "control character", True),
}  # fmt: skip
