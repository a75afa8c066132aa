"""Ways to break a good document (that of the fixture ``document``), each with what the reader says about it."""

from __future__ import annotations

import copy

from sbom.cyclonedx import spec


def prop(name, value):
    return {"name": name, "value": value}


def replace(component, name, value):
    """Change the value of a property, or take it away (``None``)."""
    component["properties"] = [item for item in component["properties"] if item["name"] != name]
    if value is not None:
        component["properties"].append(prop(name, value))


def dataset_of(document):
    return document["metadata"]["component"]


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
    "format: later": (lambda d: replace(dataset_of(d), spec.FORMAT, "3"), "format version '3' is unknown"),
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
