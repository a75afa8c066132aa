"""References: each leads to exactly one thing."""

from __future__ import annotations

from importlib.resources import files

import orjson
import pytest

from sbom.cyclonedx import references


def test_good_documents(document):
    assert references.problems(document) == []
    assert references.problems({}) == []


def test_duplicate_bom_refs(document):
    document["components"].append(dict(document["components"][0]))
    assert references.problems(document) == ["the bom-ref 'file:a/b.csv' is given to two things"]
    document["components"][0]["bom-ref"] = "dataset"
    assert "the bom-ref 'dataset' is given to two things" in references.problems(document)


@pytest.mark.parametrize(
    "place",
    [
        lambda d: d["components"][0].update(components=[{"bom-ref": "dataset"}]),
        lambda d: d.update(services=[{"name": "s", "bom-ref": "dataset"}]),
        lambda d: d.update(formulation=[{"bom-ref": "dataset"}]),
        lambda d: d["metadata"]["tools"]["components"][0].update({"bom-ref": "dataset"}),
        lambda d: d.update(vulnerabilities=[{"bom-ref": "dataset"}]),
        lambda d: d.update(declarations={"claims": [{"bom-ref": "dataset"}]}),
    ],
)
def test_duplicates_are_found_wherever_they_are(document, place):
    place(document)
    assert references.problems(document)


@pytest.mark.parametrize(
    "place",
    [
        lambda d, ref: d["dependencies"][0].update(ref=ref),
        lambda d, ref: d["dependencies"][0]["dependsOn"].append(ref),
        lambda d, ref: d["dependencies"][0].update(provides=[ref]),
        lambda d, ref: d["compositions"][0]["assemblies"].append(ref),
        lambda d, ref: d["compositions"][0].update(dependencies=[ref]),
        lambda d, ref: d["compositions"][0].update(vulnerabilities=[ref]),
        lambda d, ref: d.update(annotations=[{"subjects": [ref]}]),
        lambda d, ref: d.update(vulnerabilities=[{"affects": [{"ref": ref}]}]),
        lambda d, ref: d.update(citations=[{"attributedTo": ref}]),
        lambda d, ref: d.update(citations=[{"process": ref}]),
        lambda d, ref: d.update(declarations={"claims": [{"target": ref, "evidence": [ref]}]}),
        lambda d, ref: d.update(formulation=[{"workflows": [{"inputs": [{"source": {"ref": ref}}]}]}]),
    ],
)
def test_dangling_references_are_found_wherever_they_are(document, place):
    place(document, "dataset")
    assert references.problems(document) == []
    place(document, "urn:cdx:11111111-2222-4333-8444-555555555555/1#x")
    assert references.problems(document) == []
    place(document, "nowhere")
    assert references.problems(document) == ["a reference to 'nowhere', which the document does not define"]


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_every_member_that_the_schema_makes_a_reference_is_known(version):
    document = orjson.loads((files("cyclonedx.schema._res") / f"bom-{version}.SNAPSHOT.schema.json").read_bytes())
    found = set()

    def look(value, name):
        if isinstance(value, dict):
            if str(value.get("$ref", "")).endswith(("/refLinkType", "/cryptoRefArray")):
                found.add(name)
            for key, inner in value.items():
                if key == "properties" and isinstance(inner, dict):
                    for member, definition in inner.items():
                        look(definition, member)
                else:
                    look(inner, name)
        elif isinstance(value, list):
            for inner in value:
                look(inner, name)

    look(document, "")
    assert found - {""} <= references._SINGLE | references._LISTS


@pytest.mark.parametrize(
    "pointer",
    [
        "x", "/", "/no", "/metadata/no", "/metadata/component/name/0", "/components/4", "/components/-1", "/components/00",
        "/components/0 ", "/components/-", "/components/٣", "/components/9999999999", "#/components", "/version/x",
        "/metadata/component/properties/0/value/0", "/a~1b", "/a/b", "/" * 100_000,
    ],
)  # fmt: skip
def test_pointers_of_citations_that_lead_nowhere(document, pointer):
    document["citations"] = [{"pointers": ["", "/components/0/name"], "attributedTo": "dataset"}]
    document["a/b~"] = 1
    document["citations"][0]["pointers"] += ["/a~1b~0", "/components/3/externalReferences/0/url", "/version"]
    assert references.problems(document) == []
    document["citations"][0]["pointers"].append(pointer)
    (found,) = references.problems(document)
    assert found.endswith(", which the document does not have")
    assert len(found) < 200


def test_only_the_first_few_are_named_and_cut(document):
    document["compositions"][0]["assemblies"] += ["x" * 500 + str(number) for number in range(50)]
    found = references.problems(document)
    assert len(found) == 5
    assert all(len(text) < 200 for text in found)
    document["components"] += document["components"] * 10
    assert len(references.problems(document)) == 5


def test_only_the_first_few_pointers_are_named(document):
    document["citations"] = [{"pointers": [f"/{number}" for number in range(50)], "process": "dataset"}] * 3
    assert len(references.problems(document)) == 5


def test_references_of_provenance(said):
    """Whoever asserts something exists, each once."""
    assert references.problems(said) == []
    refs = {one["attributedTo"] for one in said["citations"]}
    assert refs == {"caller", "manifest:/elsewhere/croissant.json", "file:README.md", "data-sbom"}
    for name in refs:
        said["components"][2]["bom-ref"] = name
        assert references.problems(said) == [f"the bom-ref {name!r} is given to two things"]
    del said["formulation"], said["metadata"]["authors"], said["components"][2]["bom-ref"]
    assert sorted(references.problems(said)) == [
        f"a reference to {name!r}, which the document does not define"
        for name in ("caller", "manifest:/elsewhere/croissant.json")
    ]


def test_objects_where_references_could_be_are_none(document):
    document["declarations"] = {"evidence": [{"bom-ref": "e"}], "claims": [{"evidence": ["e"], "target": "dataset"}]}
    document["metadata"]["tools"] = {"components": [{"name": "t"}]}
    assert references.problems(document) == []
