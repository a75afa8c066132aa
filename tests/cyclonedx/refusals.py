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
