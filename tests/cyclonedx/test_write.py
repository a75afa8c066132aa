"""Writing: valid CycloneDX for everybody else, the same bytes for the same content, and our meaning in its place."""

from __future__ import annotations

import json
import re
import uuid
from importlib.resources import files

import jsonschema
import orjson
import pytest
from cyclonedx.model.bom import Bom
from referencing import Registry
from referencing.jsonschema import DRAFT7

from sbom.cyclonedx import references, schema, spec, write
from sbom.model import FileEntry, GitState, Selection, TableStats


def properties(component, prefix="data-sbom:"):
    return [(item["name"].removeprefix(prefix), item["value"]) for item in component["properties"]]


def official(version):
    """Another validator than the product's, on the same official schemas, that cannot fetch anything."""
    names = [f"bom-{version}", "spdx", "jsf-0.82", "cryptography-defs"]
    loaded = {
        name: orjson.loads((files("cyclonedx.schema._res") / f"{name}.SNAPSHOT.schema.json").read_bytes())
        for name in names
    }
    registry = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", DRAFT7.create_resource(part))
        for name, part in loaded.items()
    )
    return jsonschema.Draft7Validator(
        loaded[names[0]], registry=registry, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
    )


def everything(dataset):
    yield dataset()
    yield dataset(version=None, git=None, previous=None, selection=Selection())
    yield dataset(git=GitState(None, None), symlinks_followed=True, selection=Selection(("a/**",), (), left_out=False))
    yield dataset(files=(FileEntry("x", 2**53 - 1, (("SHA-256", "ab" * 32),)),))


@pytest.mark.parametrize("version", spec.SPEC_VERSIONS)
@pytest.mark.parametrize("number", range(4))
def test_valid_for_an_independent_validator_and_reader(dataset, origin, version, number):
    described = list(everything(dataset))[number]
    document = write.build(described, origin._replace(spec_version=version))
    again = json.loads(write.serialize(document))
    assert again == document
    assert [error.message for error in official(version).iter_errors(again)] == []
    assert schema.problems(again) == []
    assert references.problems(again) == []
    loaded = Bom.from_json(data=again)
    assert {component.name for component in loaded.components} >= {entry.path for entry in described.files}
    assert loaded.metadata.component is not None
    assert loaded.metadata.component.name == described.name
    assert str(loaded.serial_number.urn) == document["serialNumber"]


def test_the_dataset(dataset, origin):
    document = write.build(dataset(), origin)
    component = document["metadata"]["component"]
    assert (component["type"], component["bom-ref"], component["version"]) == ("data", "dataset", "1.0")
    assert component["data"] == [{"type": "dataset", "name": "penguins"}]
    assert "hashes" not in component
    assert properties(component) == [
        ("format-version", "3"),
        ("merkle-root", dataset().root),
        ("file-count", "3"),
        ("total-size", "20"),
        ("symlinks", "recorded"),
        ("exclude", "*.log"),
        ("exclude", "tmp/"),
        ("git:commit", "0123456789012345678901234567890123456789"),
        ("git:branch", "main"),
        ("media-type:application/octet-stream", "1"),
        ("media-type:text/csv", "1"),
        ("rows", "3"),
        ("provenance", "unknown"),
        ("lineage", "none"),
    ]
    assert document["metadata"]["timestamp"] == "2026-01-02T03:04:05Z"
    assert document["compositions"] == [{"aggregate": "incomplete", "assemblies": ["dataset"]}]
    assert document["version"] == 1


def test_files(dataset, origin):
    document = write.build(dataset(), origin)
    assert document["components"][0] == {
        "type": "file",
        "bom-ref": "file:a/b.csv",
        "name": "a/b.csv",
        "mime-type": "text/csv",
        "hashes": [{"alg": "SHA-256", "content": "ab" * 32}, {"alg": "SHA-512", "content": "cd" * 64}],
        "properties": [
            {"name": "data-sbom:size", "value": "10"},
            {"name": "data-sbom:rows", "value": "3"},
            {"name": "data-sbom:columns", "value": "unknown"},
        ],
    }
    assert properties(document["components"][1]) == [("size", "10"), ("link", "b.csv")]
    assert "mime-type" not in document["components"][2]
    assert [component["name"] for component in document["components"][:3]] == [entry.path for entry in dataset().files]


def test_the_previous_release(dataset, origin):
    document = write.build(dataset(), origin)
    uid = "11111111-2222-4333-8444-555555555555"
    assert document["components"][3] == {
        "type": "data",
        "bom-ref": f"release:{uid}",
        "name": "penguins",
        "version": "0.9",
        "externalReferences": [
            {"type": "bom", "url": f"urn:cdx:{uid}/3", "hashes": [{"alg": "SHA-256", "content": "ef" * 32}]}
        ],
        "properties": [{"name": "data-sbom:relation", "value": "previous-release"}],
    }
    assert document["dependencies"] == [{"ref": "dataset", "dependsOn": [f"release:{uid}"]}]
    unnamed = write.build(dataset(previous=dataset().previous._replace(release=None)), origin)
    assert "version" not in unnamed["components"][3]
    assert "dependencies" not in write.build(dataset(previous=None), origin)


@pytest.mark.parametrize(
    ("shapes", "rows"),
    [
        ([None], None),
        ([TableStats(3, 1), None], "3"),
        ([TableStats(3, 1), TableStats(4, None)], "7"),
        ([TableStats(3, 1), TableStats(None, 2)], "unknown"),
    ],
)
def test_rows_of_the_whole(dataset, origin, shapes, rows):
    entries = tuple(
        FileEntry(str(n), 1, (("SHA-256", "ab" * 32),), None, None, shape) for n, shape in enumerate(shapes)
    )
    described = properties(write.build(dataset(files=entries), origin)["metadata"]["component"])
    assert dict(described).get("rows") == rows


# -- identity ---------------------------------------------------------------------------------------------------------


def test_every_document_has_its_own_serial_number(dataset, origin):
    serials = {write.build(dataset(), origin)["serialNumber"] for _ in range(20)}
    assert len(serials) == 20
    assert all(spec.SERIAL.fullmatch(serial) for serial in serials)


def test_reproducible_documents_are_the_same_bytes(dataset, origin):
    fixed = origin._replace(reproducible=True)
    first = write.build(dataset(), fixed)
    assert write.serialize(first) == write.serialize(write.build(dataset(), fixed))
    assert uuid.UUID(first["serialNumber"]).version == 5
    others = [
        write.build(dataset(name="other"), fixed),
        write.build(dataset(), fixed._replace(timestamp="2026-01-02T03:04:06Z")),
        write.build(dataset(), fixed._replace(spec_version="1.6")),
        write.build(dataset(root="ab" * 32), fixed),
    ]
    assert len({document["serialNumber"] for document in [first, *others]}) == 5


def test_serial_number_is_of_the_document_without_itself(dataset, origin):
    """RFC 9562, section 5.5, over the canonical bytes: anybody can compute it again."""
    rfc8785 = pytest.importorskip("rfc8785")
    document = write.build(dataset(), origin._replace(reproducible=True))
    bare = {key: value for key, value in document.items() if key != "serialNumber"}
    namespace = write.NAMESPACE
    assert document["serialNumber"] == uuid.uuid5(namespace, rfc8785.dumps(bare).decode()).urn


def test_paths_stay_as_they_are(dataset, origin):
    paths = ["e\u0301", "\u00e9", "\U0001f427", "a b", "%41", "\u202e", "~", '"']
    entries = tuple(FileEntry(path, 1, (("SHA-256", "ab" * 32),)) for path in sorted(paths))
    document = json.loads(write.serialize(write.build(dataset(files=entries, previous=None), origin)))
    assert [component["name"] for component in document["components"]] == sorted(paths)
    assert len({component["bom-ref"] for component in document["components"]}) == len(paths)


# -- bytes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "indented"), [(1, True), (5000, True), (5001, False)])
def test_large_documents_are_for_programs(number, indented):
    data = write.serialize({"a": 1, "components": [{} for _ in range(number)]})
    assert data.startswith(b'{\n  "a"') is indented
    assert data.endswith(b"}\n")
    assert json.loads(data)["a"] == 1


def test_documents_without_components_are_indented():
    assert write.serialize({"a": 1}) == b'{\n  "a": 1\n}\n'


def test_namespace_is_a_uuid_of_our_own():
    assert re.fullmatch(r"[0-9a-f-]{36}", str(write.NAMESPACE))
    assert write.NAMESPACE not in {uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL, uuid.NAMESPACE_OID, uuid.NAMESPACE_X500}
