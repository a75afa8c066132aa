"""What other programs wrote into the standard fields counts as well; what has no form counts for nothing."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.cyclonedx import schema
from sbom.profiles import facts, standardfields

FOREIGN = {
    "description": "birds",
    "copyright": "2026 Bella",
    "publisher": "Palmer Station",
    "supplier": {"name": "LTER"},
    "manufacturer": {"name": "Maker"},
    "authors": [{"name": "Bella"}, {"email": "x@example.org"}],
    "purl": "pkg:generic/penguins@1.0",
    "tags": ["birds"],
    "swhid": ["swh:1:dir:0000000000000000000000000000000000000000"],
    "licenses": [{"license": {"id": "CC0-1.0"}}, {"license": {"name": "House rules"}}],
    "externalReferences": [
        {"type": "website", "url": "https://example.org/home"},
        {"type": "distribution", "url": "https://example.org/a.zip", "hashes": [{"alg": "MD5", "content": "a" * 32}]},
        {"type": "vcs", "url": "https://example.org/git"},
    ],
    "data": [
        {
            "type": "dataset",
            "contents": {"url": "https://example.org/data"},
            "classification": "public",
            "sensitiveData": ["none"],
            "governance": {
                "stewards": [{"contact": {"name": "Sam"}}],
                "custodians": [{"organization": {"name": "Archive"}}],
                "owners": [{"organization": {"name": "Owner"}}],
            },
        }
    ],
}
EXPECTED = {
    "description": ["birds"],
    "copyright": ["2026 Bella"],
    "supplier": ["Palmer Station", "LTER", "Distributor"],
    "creator": ["Maker", "Bella"],
    "identifier": ["pkg:generic/penguins@1.0", "swh:1:dir:0000000000000000000000000000000000000000"],
    "keyword": ["birds"],
    "license": ["CC0-1.0", "House rules"],
    "homepage": ["https://example.org/home"],
    "source-url": ["https://example.org/a.zip", "https://example.org/data"],
    "source-digest": ["MD5 " + "a" * 32],
    "classification": ["public"],
    "personal-data": ["none"],
    "maintainer": ["Archive", "Sam"],
    "document-author": ["Ann", "Institute"],
    "document-tool": ["data-sbom"],
}


@pytest.fixture
def foreign(make, document):
    tree = document(make())
    tree["metadata"]["component"] |= copy.deepcopy(FOREIGN)
    tree["metadata"] |= {
        "authors": [{"name": "Ann"}],
        "manufacturer": {"name": "Institute"},
        "supplier": {"name": "Distributor"},
    }
    assert schema.problems(tree) == []
    return tree


def test_what_other_programs_write(foreign):
    found = {name: [value for value, _ in pairs] for name, pairs in standardfields.read(foreign).items()}
    assert {name: found[name] for name in EXPECTED} == EXPECTED


def test_pointers_lead_to_the_values(foreign, make):
    looked = 0
    for name, pairs in standardfields.read(foreign).items():
        for value, pointer in pairs:
            target = foreign
            for token in pointer.split("/")[1:]:
                target = target[int(token)] if isinstance(target, list) else target[token]
            if name not in {"source-digest", standardfields.UNKNOWN}:
                assert str(target) == value, pointer
            looked += 1
    assert looked > 20


def test_a_homepage_is_no_download(foreign):
    component = foreign["metadata"]["component"]
    component["data"][0]["contents"]["url"] = "https://example.org/home"
    assert [value for value, _ in standardfields.read(foreign)["source-url"]] == ["https://example.org/a.zip"]


def test_an_expression_is_a_licence(foreign):
    foreign["metadata"]["component"]["licenses"] = [{"expression": "MIT OR CC0-1.0"}]
    assert standardfields.read(foreign)["license"] == [("MIT OR CC0-1.0", "/metadata/component/licenses/0/expression")]


def test_older_forms(foreign):
    foreign["metadata"]["tools"] = [{"name": "old", "version": "3"}]
    found = standardfields.read(foreign)
    assert found["document-tool"] == [("old", "/metadata/tools/0/name")]
    assert found["document-tool-version"] == [("3", "/metadata/tools/0/version")]


@pytest.mark.parametrize(
    ("signature", "number"),
    [
        ({"algorithm": "ES256", "value": "AA"}, 1),
        ({"signers": [{"algorithm": "ES256", "value": "AA"}, {"algorithm": "Ed25519", "value": "BB"}]}, 2),
        ({"chain": [{"algorithm": "ES256", "value": "AA"}]}, 1),
        ({"signers": []}, 0),
        ({"signers": [{"algorithm": "ES256"}]}, 0),
        ({"algorithm": "ES256", "value": ""}, 0),
        ("AA", 0),
        (None, 0),
    ],
)
def test_a_signature_has_a_value(foreign, signature, number):
    found = standardfields.read(foreign | {"signature": signature})
    assert len(found.get("signature", ())) == number


@pytest.mark.parametrize("aggregate", ["unknown", "not_specified"])
def test_a_claim_that_says_nothing(foreign, aggregate):
    foreign["compositions"] = [{"aggregate": aggregate, "assemblies": ["dataset"]}]
    assert "completeness" not in standardfields.read(foreign)


def test_a_claim_about_something_else(foreign):
    foreign["compositions"] = [{"aggregate": "complete", "assemblies": ["other"]}, {"aggregate": "complete"}]
    assert "completeness" not in standardfields.read(foreign)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = sorted({*FOREIGN, "tools", "lifecycles", "timestamp", "component", "properties", "url", "hashes", "contents"})


@given(st.sampled_from(MEMBERS), JSON, st.sampled_from(["document", "metadata", "component", "data"]))
def test_nothing_of_another_form_is_an_error(member, value, where):
    data = {"type": "dataset"}
    component = copy.deepcopy(FOREIGN) | {"data": [data]}
    metadata = {"component": component}
    document = {"metadata": metadata, "signature": value, "compositions": value, "dependencies": value}
    {"document": document, "metadata": metadata, "component": component, "data": data}[where][member] = value
    for pairs in standardfields.read(document).values():
        assert all(isinstance(text, str) and pointer.startswith("/") for text, pointer in pairs)


@given(JSON)
def test_a_document_of_anything(value):
    standardfields.read({"metadata": value, "dependencies": value, "compositions": value, "signature": value})


def test_empty_texts_are_nothing(make):
    tree = {"metadata": {"component": {"description": " ", "licenses": [{"license": {"name": ""}}]}}}
    assert {"description", "license"} & set(facts(make(), tree)) == set()
