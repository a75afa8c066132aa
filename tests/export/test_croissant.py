from __future__ import annotations

import json
import warnings
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom import names
from sbom.export import render
from sbom.export.shared import relative_url
from sbom.provenance import Provenance, Source

PATHS = st.text(min_size=1, max_size=30).filter(lambda path: names.refusal(path) is None)


@pytest.fixture(scope="session")
def mlcroissant():
    """The format's own library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("mlcroissant", reason="the library of Croissant is not installed")


@pytest.fixture
def load(mlcroissant, tmp_path):
    """Load a Croissant file with the format's own library; its errors are raised."""

    def run(data: bytes):
        path = tmp_path / "croissant.json"
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return mlcroissant.Dataset(jsonld=path).metadata

    return run


def test_it_loads_in_its_own_library(load, any_dataset, facts):
    metadata = load(render(any_dataset, facts, "croissant"))
    assert metadata.ctx.issues.errors == set()
    assert metadata.name == any_dataset.name
    assert metadata.ctx.is_v1_1()
    found = {one.name: (unquote(one.content_url), one.content_size, one.sha256) for one in metadata.distribution}
    assert found == {entry.path: (entry.path, f"{entry.size} B", entry.sha256) for entry in any_dataset.files}
    assert len(metadata.distribution) == len(any_dataset.files)


def test_what_its_own_library_understands(load, rich_dataset, facts):
    metadata = load(render(rich_dataset, facts, "croissant"))
    assert metadata.ctx.issues.warnings == set()
    assert metadata.description == "Measurements of penguins.\nThree species."
    assert metadata.license == ["https://spdx.org/licenses/CC0-1.0"]
    assert [one.name for one in metadata.creators] == ["Allison Horst", "Alison Hill"]
    assert [one.name for one in metadata.publisher] == ["Palmer Station LTER"]
    assert metadata.date_published.isoformat() == "2020-07-25T08:00:00+00:00"
    assert metadata.date_created.date().isoformat() == "2020-01-31"
    assert metadata.keywords == ["penguins", "iris"]
    assert metadata.in_language == ["en", "de"]
    assert metadata.cite_as == "@misc{penguins}"
    assert (metadata.url, metadata.same_as) == ("https://example.org/penguins", ["https://mirror.example.org/"])
    assert metadata.ctx.is_live_dataset
    assert metadata.data_collection == "measured by hand"
    assert metadata.data_biases == ["three islands only", "adults only"]
    assert metadata.data_use_cases == ["teaching", "testing"]
    assert metadata.data_limitations == ["two missing masses"]
    assert metadata.data_preprocessing_protocol == ["dropped duplicates", "rounded"]
    assert metadata.data_annotation_protocol == ["species by sight"]
    assert metadata.personal_sensitive_information == ["none"]
    assert metadata.data_release_maintenance_plan == "none planned"


def test_its_own_library_refuses_what_is_wrong(load, mlcroissant, small_dataset, facts):
    for change in (
        lambda value: value["distribution"][0].pop("sha256"),
        lambda value: value["distribution"][0].pop("contentUrl"),
        lambda value: value["distribution"][0].update({"@id": "white space"}),
        lambda value: value.update({"conformsTo": "http://mlcommons.org/croissant/9"}),
        lambda value: value.update({"creator": [{"@type": "Thing", "name": "x"}]}),
    ):
        value = json.loads(render(small_dataset, facts, "croissant"))
        change(value)
        with pytest.raises(mlcroissant.ValidationError):
            load(json.dumps(value).encode())


def test_sources(rich_dataset, facts):
    value = json.loads(render(rich_dataset, facts, "croissant"))
    derived = value["prov:wasDerivedFrom"]
    assert derived[0]["@id"] == "https://example.org/raw.zip"
    assert "https://cdn.example.org/raw.zip" in derived[0]["prov:label"]
    assert {"@type": "prov:Entity", "prov:label": "javascript:alert(1) //"} in derived
    assert {"@id": "https://example.org/raw"} in derived
    assert value["prov:wasRevisionOf"][0]["@id"] == "urn:cdx:11111111-2222-4333-8444-555555555555/1"
    one = next(found for found in value["distribution"] if found["name"] == "train/0001.csv")
    assert one["prov:wasDerivedFrom"] == [
        {"@id": "s3://bucket/one.csv"},
        {"@type": "prov:Entity", "prov:label": "not a url at all"},
    ]


def test_a_source_of_many_files(load, samples, facts):
    sources = tuple(Source("https://example.org/all.zip", "m", path=path) for path in samples.small)
    whole = Source("https://example.org/all.zip", "m", etag="1")
    dataset = samples.dataset(samples.small, provenance=Provenance(sources=(*sources, whole)))
    assert len(load(render(dataset, facts, "croissant")).distribution) == len(samples.small)


@pytest.mark.parametrize(
    "url", ["data:x", "cr:FileObject", "sc:Dataset", "_:b0", "README.md", "prov:x", "a b:c", "key:1"]
)
def test_a_source_cannot_pass_for_something_of_the_file(load, samples, facts, url):
    dataset = samples.dataset(samples.small, provenance=Provenance(sources=(Source(url, "m"),)))
    data = render(dataset, facts, "croissant")
    assert json.loads(data)["prov:wasDerivedFrom"] == [{"@type": "prov:Entity", "prov:label": url}]
    assert len(load(data).distribution) == len(samples.small)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("mit", "https://spdx.org/licenses/MIT"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("ask Bob", "ask Bob"),
        ("https://example.org/terms", "https://example.org/terms"),
    ],
)
def test_licences(samples, facts, said, written):
    dataset = samples.dataset(samples.small, provenance=Provenance(assertions=samples.said(license=said)))
    assert json.loads(render(dataset, facts, "croissant"))["license"] == written


def test_a_vague_date_is_kept_but_is_no_date(load, samples, facts):
    said = samples.said(release_date="spring 2020", built_date="2020-02-31", modified_date="2020-01-01 10:00")
    data = render(samples.dataset(samples.small, provenance=Provenance(assertions=said)), facts, "croissant")
    value = json.loads(data)
    assert {"datePublished", "dateCreated"}.isdisjoint(value)
    assert value["dateModified"] == "2020-01-01T10:00:00Z"
    kept = {one["propertyID"]: one["sc:value"] for one in value["additionalProperty"]}
    assert kept == {"data-sbom:release-date": "spring 2020", "data-sbom:built-date": "2020-02-31"}
    assert load(data).ctx.issues.errors == set()


def test_only_what_uses_rai_claims_it(small_dataset, rich_dataset, facts):
    assert json.loads(render(small_dataset, facts, "croissant"))["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert (
        "http://mlcommons.org/croissant/RAI/1.0" in json.loads(render(rich_dataset, facts, "croissant"))["conformsTo"]
    )


@given(PATHS)
def test_any_name_survives_in_a_url(path):
    url = relative_url(path)
    assert unquote(url, errors="strict") == path
    assert url.isascii() and not set(url) & set(" :?#@%\\<>\"'") - {"%"}
