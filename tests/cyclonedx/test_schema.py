"""Validation by the official schemas: with formats, without the network, and what it lets through."""

from __future__ import annotations

import socket

import jsonschema_rs
import pytest

from sbom.cyclonedx import schema, spec


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refused(*args, **kw):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def signed(document, **changes):
    entry = {
        "algorithm": "Ed25519",
        "publicKey": {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        "value": "AAAA",
        **changes,
    }
    document["signature"] = {"signers": [entry]}
    return document


@pytest.mark.parametrize("version", spec.SPEC_VERSIONS)
def test_documents_of_ours_are_valid(document, version):
    document["specVersion"] = version
    document["$schema"] = f"http://cyclonedx.org/schema/bom-{version}.schema.json"
    assert schema.problems(document) == []
    assert schema.problems(signed(document)) == []


@pytest.mark.parametrize("version", ["9.9", "1.5", "1.8", "2.0", "", None, 1.7, ["1.7"], "1.7\n"])
def test_other_versions_are_refused(document, version):
    document["specVersion"] = version
    ((pointer, message),) = schema.problems(document)
    assert pointer == "/specVersion"
    assert "1.7, 1.6" in message


@pytest.mark.parametrize("value", ["SPDX", "", None, "cyclonedx"])
def test_other_formats_are_refused(document, value):
    document["bomFormat"] = value
    assert schema.problems(document) == [("/bomFormat", "is not CycloneDX")]


def test_nothing_at_all():
    assert schema.problems({}) == [("/bomFormat", "is not CycloneDX")]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda d: d.update(version="1"), "/version"),
        (lambda d: d.update(version=0), "/version"),
        (lambda d: d.update(serialNumber="urn:uuid:x"), "/serialNumber"),
        (lambda d: d.update(components={}), "/components"),
        (lambda d: d["components"].append("x"), "/components/4"),
        (lambda d: d["components"][0].pop("name"), "/components/0"),
        (lambda d: d["components"][0].update(unknown=1), "/components/0"),
        (lambda d: d["components"][0]["hashes"][0].update(alg="sha-256"), "/components/0/hashes/0/alg"),
        (lambda d: d["components"][0]["hashes"][0].update(content="xyz"), "/components/0/hashes/0/content"),
        (lambda d: d["components"][0]["properties"][0].pop("name"), "/components/0/properties/0"),
        (lambda d: d["components"][0]["properties"][0].update(value=1), "/components/0/properties/0/value"),
        (lambda d: d["components"][0].update({"mime-type": "Text/CSV"}), "/components/0/mime-type"),
        (lambda d: d["metadata"].update(timestamp="yesterday"), "/metadata/timestamp"),
        (lambda d: d["metadata"].update(component=[]), "/metadata/component"),
        (lambda d: d.update(compositions=[{"aggregate": "all"}]), "/compositions/0/aggregate"),
        (lambda d: d.update(dependencies=[{"dependsOn": ["dataset"]}]), "/dependencies/0"),
        (lambda d: d.update({"unheard-of": 1}), ""),
        (lambda d: d.update({"a/b~c": {"x": 1}}), ""),
        (lambda d: d.update(signature="x"), "/signature"),
    ],
)
def test_what_the_schema_refuses_is_pointed_at(document, change, pointer):
    change(document)
    found = schema.problems(document)
    assert found
    assert any(where.startswith(pointer) for where, _ in found)
    assert all(len(message) <= 200 for _, message in found)


def test_only_the_first_few_problems_are_named(document):
    for component in document["components"]:
        component["unknown"] = component["other"] = 1
    document["components"] *= 10
    assert len(schema.problems(document)) == 5


def test_values_of_the_document_are_not_repeated(document):
    document["metadata"]["component"]["type"] = "\x1b[31mred"
    assert all("\x1b" not in message and "red" not in message for _, message in schema.problems(document))


def test_pointers_are_escaped():
    assert schema._pointer([]) == ""
    assert schema._pointer(["a/b", "c~d", 3]) == "/a~1b/c~0d/3"


def test_formats_are_checked(document):
    """Without them JSF's ``algorithm`` is ambiguous, and every signed document would be refused."""
    assert schema.problems(signed(document)) == []
    assert schema.problems(signed(document, algorithm="https://example.com/own")) == []
    assert schema.problems(signed(document, algorithm="no algorithm"))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["components"].append({**d["components"][0], "name": "other"}),
        lambda d: d["compositions"][0]["assemblies"].append("dangling"),
        lambda d: d["components"][0]["hashes"][0].update(content="ab" * 16),
        lambda d: signed(d, algorithm="HS256"),
        lambda d: signed(d, algorithm="RS256"),
        lambda d: signed(d, excludes=["components"]),
    ],
    ids=["duplicate bom-ref", "dangling reference", "short digest", "HMAC", "other algorithm", "excludes"],
)
def test_traps_that_the_official_schema_lets_through(document, change):
    """Each is caught elsewhere (references, profile, signature forms); this tells when that is no longer needed."""
    change(document)
    assert schema.problems(document) == []


def test_a_schema_that_is_not_there_is_not_fetched():
    with pytest.raises(LookupError, match="not among the schemas"):
        schema._never("https://example.com/other.schema.json")
    with pytest.raises(Exception, match="not among the schemas") as caught:
        jsonschema_rs.Draft7Validator(
            {"$ref": "https://example.com/x.json"}, registry=jsonschema_rs.Registry([], retriever=schema._never)
        )
    assert isinstance(caught.value, (jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, LookupError))


@pytest.mark.parametrize("levels", [1, 100, 240])
def test_deep_documents_end_in_an_answer(document, levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    document["metadata"]["component"]["data"] = value
    assert schema.problems(document)


def test_an_answer_without_a_reason_is_a_refusal(document, monkeypatch):
    class Odd:
        def is_valid(self, _document):
            return False

        def iter_errors(self, _document):
            return iter(())

    monkeypatch.setattr(schema, "_validator", lambda _version: Odd())
    assert schema.problems(document) == [("", "is not valid")]
