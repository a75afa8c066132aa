"""Standard fields: what CycloneDX has a field for stands there, whatever manifests say the document stays valid."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from provenances import FILES, SAMPLE, URLS, VALUES

from sbom.cyclonedx import schema, write, write_fields
from sbom.model import Dataset
from sbom.provenance import BY_CONFIGURATION, BY_OPTION, Assertion, Provenance, Source

ORIGIN = write.Origin("1.7", "2026-01-02T03:04:05Z", "0.1.0", reproducible=False)


def build(*assertions, sources=(), version="1.7"):
    provenance = Provenance((), tuple(assertions), tuple(sources))
    dataset = Dataset("penguins", "1.0", FILES, "ab" * 32, provenance=provenance)
    document = write.build(dataset, ORIGIN._replace(spec_version=version))
    assert schema.problems(document) == []
    return document


def component_of(*assertions, **options):
    return build(*assertions, **options)["metadata"]["component"]


def said(field, *values, manifest="README.md"):
    return tuple(Assertion(field, value, manifest, f"/{field}/{number}") for number, value in enumerate(values))


def cited(document):
    """Standard field → note of whoever asserted it."""
    return {
        pointer: citation["note"]
        for citation in document["citations"]
        for pointer in citation["pointers"]
        if "/properties/" not in pointer
    }


def test_everything_in_its_field():
    component = write.build(Dataset("penguins", "1.0", FILES, "ab" * 32, provenance=SAMPLE), ORIGIN)["metadata"][
        "component"
    ]
    assert {key: value for key, value in component.items() if key != "properties"} == {
        "type": "data",
        "bom-ref": "dataset",
        "name": "penguins",
        "version": "1.0",
        "description": "Penguins.\nOf three species.",
        "copyright": "© Palmer Station",
        "tags": ["birds", "ice"],
        "licenses": [{"license": {"id": "CC-BY-4.0", "acknowledgement": "declared"}}],
        "supplier": {"name": "Palmer Station"},
        "authors": [{"name": "Ann", "email": "ann@example.org"}, {"name": "Bob"}],
        "externalReferences": [
            {
                "type": "distribution-intake",
                "url": "https://example.org/all.zip",
                "hashes": [{"alg": "SHA-256", "content": "34" * 32}],
            },
            {"type": "distribution-intake", "url": "https://example.org/gone"},
            {"type": "website", "url": "https://example.org/penguins"},
            {"type": "citation", "url": "https://doi.org/10.1/x"},
        ],
        "data": [
            {
                "type": "dataset",
                "name": "penguins",
                "description": "Penguins.\nOf three species.",
                "classification": "public",
                "sensitiveData": ["none"],
                "governance": {
                    "owners": [{"organization": {"name": "Palmer Station"}}],
                    "stewards": [{"contact": {"name": "lter@example.org", "email": "lter@example.org"}}],
                },
                "contents": {"url": "https://example.org/all.zip"},
            }
        ],
    }


def test_sources_of_a_file_are_at_the_file():
    document = write.build(Dataset("penguins", "1.0", FILES, "ab" * 32, provenance=SAMPLE), ORIGIN)
    assert document["components"][1]["externalReferences"] == [
        {
            "type": "distribution-intake",
            "url": "https://example.org/a.csv",
            "hashes": [{"alg": "MD5", "content": "ef" * 16}],
        },
        {"type": "distribution-intake", "url": "https://example.org/mirror/a.csv"},
    ]
    assert "externalReferences" not in document["components"][0]


def test_without_provenance_there_is_nothing_new():
    document = build()
    assert list(document["metadata"]["component"]) == ["type", "bom-ref", "name", "version", "data", "properties"]
    assert document["metadata"]["component"]["data"] == [{"type": "dataset", "name": "penguins"}]
    assert not {"citations", "formulation"} & document.keys()
    assert "authors" not in document["metadata"]


def test_each_field_is_cited():
    document = build(
        *said("description", "d"), *said("copyright", "c"), *said("supplier", "s"), *said("creator", "a", "b"),
        *said("keyword", "k"), *said("personal-data", "p"), *said("classification", "secret"), *said("maintainer", "m"),
        *said("homepage", "https://a.org"), *said("license", "MIT"), *said("version", "1.0"), *said("name", "other"),
        *said("document-author", "w"), *said("citation", "https://b.org"),
    )  # fmt: skip
    place = "/metadata/component"
    assert {key.removeprefix(place): value for key, value in cited(document).items()} == {
        "/description": '{"pointer":"/description/0"}',
        "/data/0/description": '{"pointer":"/description/0"}',
        "/copyright": '{"pointer":"/copyright/0"}',
        "/supplier": '{"pointer":"/supplier/0"}',
        "/data/0/governance/owners/0": '{"pointer":"/supplier/0"}',
        "/authors/0": '{"pointer":"/creator/0"}',
        "/authors/1": '{"pointer":"/creator/1"}',
        "/tags/0": '{"pointer":"/keyword/0"}',
        "/data/0/sensitiveData/0": '{"pointer":"/personal-data/0"}',
        "/data/0/classification": '{"pointer":"/classification/0"}',
        "/data/0/governance/stewards/0": '{"pointer":"/maintainer/0"}',
        "/externalReferences/0": '{"pointer":"/homepage/0"}',
        "/externalReferences/1": '{"pointer":"/citation/0"}',
        "/data/0/contents/url": '{"pointer":"/homepage/0"}',
        "/licenses/0": '{"pointer":"/license/0"}',
        "/version": '{"pointer":"/version/0"}',
        "/metadata/authors/0": '{"pointer":"/document-author/0"}',
    }


@pytest.mark.parametrize(
    ("values", "licenses"),
    [
        (["mit"], [{"license": {"id": "MIT", "acknowledgement": "declared"}}]),
        (["other"], [{"license": {"name": "other", "acknowledgement": "declared"}}]),
        (["MIT OR Apache-2.0"], [{"expression": "MIT OR Apache-2.0", "acknowledgement": "declared"}]),
        (
            ["MIT OR Apache-2.0", "cc-by-4.0", "Our\nown"],
            [
                {"license": {"name": "MIT OR Apache-2.0", "acknowledgement": "declared"}},
                {"license": {"id": "CC-BY-4.0", "acknowledgement": "declared"}},
                {"license": {"name": "Our\nown", "acknowledgement": "declared"}},
            ],
        ),
        ([" "], None),
    ],
)
@pytest.mark.parametrize("version", ["1.7", "1.6"])
def test_licenses(values, licenses, version):
    assert component_of(*said("license", *values), version=version).get("licenses") == licenses


def test_what_contradicts_is_in_no_standard_field():
    component = component_of(*said("license", "MIT"), *said("license", "GPL-2.0-only", manifest="train/a.csv"))
    assert [item["license"]["id"] for item in component["licenses"]] == ["MIT"]


def test_what_is_about_a_subtree_is_in_no_standard_field():
    component = component_of(Assertion("license", "MIT", "README.md", scope="train"))
    assert "licenses" not in component


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Ann", {"name": "Ann"}),
        ("Ann <a.b+c@example.org>", {"name": "Ann", "email": "a.b+c@example.org"}),
        ("a@example.org", {"name": "a@example.org", "email": "a@example.org"}),
        ("<a@example.org>", {"name": "a@example.org", "email": "a@example.org"}),
        (" a@example.org ", {"name": "a@example.org", "email": "a@example.org"}),
        ("Ann <a@localhost>", {"name": "Ann <a@localhost>"}),
        ("Ann <a@b@example.org>", {"name": "Ann <a@b@example.org>"}),
        ("Ann <a@example.org> Bob", {"name": "Ann <a@example.org> Bob"}),
        ("A <b <a@example.org>", {"name": "A <b", "email": "a@example.org"}),
        ("<" * 20_000, {"name": "<" * 20_000}),
        ("a." * 9_000 + "@example.org", {"name": "a." * 9_000 + "@example.org"}),
    ],
)
def test_people(text, contact):
    assert component_of(*said("creator", text))["authors"] == [contact]


@pytest.mark.parametrize("by", [BY_OPTION, BY_CONFIGURATION])
def test_the_caller_is_the_author_that_the_caller_names(by):
    document = build(*said("document-author", "Ann <a@example.org>", manifest=by), *said("license", "MIT", manifest=by))
    assert document["metadata"]["authors"] == [{"bom-ref": "caller", "name": "Ann", "email": "a@example.org"}]


def test_the_caller_is_nobody_that_a_manifest_names():
    """A manifest must not put the caller's words into somebody's mouth."""
    document = build(*said("document-author", "Ann"), *said("license", "MIT", manifest=BY_OPTION))
    assert document["metadata"]["authors"] == [
        {"name": "Ann"},
        {"bom-ref": "caller", "name": "unknown: the caller of data-sbom"},
    ]


@pytest.mark.parametrize(("version", "kind"), [("1.7", "citation"), ("1.6", "documentation")])
def test_citations_are_of_a_type_that_the_version_has(version, kind):
    component = component_of(*said("citation", "https://doi.org/10.1/x", "Horst et al."), version=version)
    assert component["externalReferences"] == [{"type": kind, "url": "https://doi.org/10.1/x"}]


@pytest.mark.parametrize(
    ("sources", "homepages", "url"),
    [
        ([], [], None),
        ([], ["https://a.org", "https://b.org"], "https://a.org"),
        (["x y", "https://s.org"], ["https://a.org"], "https://s.org"),
        ([], ["see the readme", "https://b.org"], "https://b.org"),
    ],
)
def test_where_the_contents_are(sources, homepages, url):
    component = component_of(*said("homepage", *homepages), sources=[Source(text, "README.md") for text in sources])
    assert component["data"][0].get("contents") == (None if url is None else {"url": url})


def test_contents_are_not_at_the_source_of_one_file():
    component = component_of(sources=[Source("https://a.org/gone", "README.md", path="gone")])
    assert "contents" not in component["data"][0]
    assert component["externalReferences"] == [{"type": "distribution-intake", "url": "https://a.org/gone"}]


def test_the_same_reference_is_written_once():
    twice = [Source("https://a.org", "README.md", str(n), path) for path in (None, "train/a.csv") for n in range(3)]
    document = build(*said("homepage", "https://a.org"), sources=twice)
    assert [item["type"] for item in document["metadata"]["component"]["externalReferences"]] == [
        "distribution-intake",
        "website",
    ]
    assert len(document["components"][1]["externalReferences"]) == 1


@pytest.mark.parametrize(
    ("digest", "known"),
    [
        (("SHA-256", "ab" * 32), True),
        (("SHA-256", "ab" * 31), False),
        (("SHA-256", "AB" * 32), False),
        (("SHA-224", "ab" * 28), False),
        (("XXH64", "ab" * 8), False),
        (("BLAKE3", "ab" * 32), True),
    ],
)
def test_only_digests_that_cyclonedx_knows(digest, known):
    item = write_fields.reference("distribution-intake", "https://a.org", [digest])
    assert item is not None
    assert item.get("hashes") == ([{"alg": digest[0], "content": digest[1]}] if known else None)


TAKEN = jsonschema_rs.Draft7Validator({"type": "string", "format": "iri-reference"}, validate_formats=True)
PARTS = st.sampled_from(
    [*"abAZ09-._~:/?#[]@!$&'()*+,;=%|\\^`{}\"<> \n\t", "//", "%41", "%é", "é", "日", "\ue000", "\U0001f427", "\x7f"]
)


@settings(max_examples=400)
@given(
    URLS
    | st.builds(
        lambda start, rest: start + "".join(rest), st.sampled_from(["", "https://", "s3:", "a+b:/"]), st.lists(PARTS)
    )
)
def test_only_urls_that_validators_take(url):
    if write_fields.reference("website", url) is not None:
        assert TAKEN.is_valid(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://a.b:80/c/d?e=f&g=h#i", "s3://bucket/key", "hf://datasets/a/b@main", "ftp://u@h/x",
     "https://é.example/日本?ü#ö", "urn:uuid:1", "doi:10.1/a(b)", "https://a.org/%41", "magnet:?xt=urn:btih:1", "file:///x"],
)  # fmt: skip
def test_urls_that_are_taken(url):
    assert write_fields.reference("website", url) == {"type": "website", "url": url}


@pytest.mark.parametrize(
    "url",
    ["", "x", "/x", "//x/y", "see https://a.org", "https://a.org/ b", "git@github.com:a/b", "https://[::1]/",
     "https://a.org/%zz", "https://a:b/", "https://a.org/\n", "C:\\x", "https://a.org/|", "1a:b", "a#b#c", "x:#a#b",
     "https://" + "a" * 50_000 + " ", "https://" + "a:" * 50_000 + "|", "a:" + "%41" * 30_000 + "%"],
)  # fmt: skip
def test_urls_that_are_none(url):
    assert write_fields.reference("website", url) is None


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Assertion,
            st.sampled_from(["license", "creator", "keyword", "homepage", "citation", "description"]),
            VALUES,
            st.just("m"),
        ),
        max_size=5,
    )
)
def test_any_text_gives_a_valid_document(assertions):
    for version in ("1.7", "1.6"):
        build(*assertions, version=version)
