"""Kaggle's metadata: as people write it, as it is downloaded, and as neither."""

from __future__ import annotations

import json

import pytest

from sbom.provenance import NOT_DECLARED

WRITTEN = {
    "title": "Penguins of the pole",
    "subtitle": "Measured one by one",
    "description": "Bills and flippers.",
    "id": "ada/penguins-of-the-pole",
    "id_no": 12345,
    "licenses": [{"name": "CC0-1.0"}],
    "keywords": ["biology", "birds"],
    "expectedUpdateFrequency": "monthly",
    "userSpecifiedSources": "Palmer Station ([link](https://example.org/palmer)), and https://example.org/two.",
    "collaborators": [{"username": "bo", "role": "writer"}],
    "resources": [
        {
            "path": "penguins.csv",
            "description": "All of them",
            "schema": {"fields": [{"name": "bill", "type": "numeric"}, {"name": "species", "type": "string"}]},
        },
        {"path": "gone.csv"},
    ],
}

DOWNLOADED = {
    "id": "ada/penguins",
    "id_no": 12345,
    "titleNullable": "Penguins",
    "subtitleNullable": "Measured",
    "descriptionNullable": "",
    "datasetSlug": "penguins",
    "ownerUser": "ada",
    "title": "Penguins",
    "hasTitle": True,
    "subtitle": "Measured",
    "description": "",
    "isPrivate": True,
    "keywords": [],
    "licenses": [{"nameNullable": "Attribution 4.0 International (CC BY 4.0)", "hasName": True}],
    "collaborators": [],
    "data": [{"name": "penguins.csv", "totalBytes": 9, "columns": [{"name": "bill", "type": "Numeric"}]}],
}


def read(crawl, metadata, **tree):
    content = metadata if isinstance(metadata, (str, bytes)) else json.dumps(metadata)
    found = crawl({"penguins.csv": "bill\n1\n2\n", "dataset-metadata.json": content} | tree)
    return [reading for manifest, reading in found.readings if manifest.reader == "kaggle"], found


def said(reading):
    fields = dict.fromkeys(one.field for one in reading.said)
    return {field: [one.value for one in reading.said if one.field == field] for field in fields}


def test_as_people_write_it(crawl):
    (reading,), found = read(crawl, WRITTEN)
    assert said(reading) == {
        "name": ["Penguins of the pole"],
        "description": ["Bills and flippers."],
        "keyword": ["biology", "birds"],
        "update-mechanism": ["monthly"],
        "origin": ["Palmer Station ([link](https://example.org/palmer)), and https://example.org/two."],
        "identifier": ["ada/penguins-of-the-pole"],
        "homepage": ["https://www.kaggle.com/datasets/ada/penguins-of-the-pole"],
        "license": ["CC0-1.0"],
        "contributor": ["bo (writer)"],
        "schema": ["penguins.csv: bill (numeric), species (string)"],
    }
    assert [one.url for one in reading.sources] == ["https://example.org/palmer", "https://example.org/two"]
    assert reading.problems == []
    declared = {entry.path: [one.state for one in entry.declared] for entry in found.crawled.entries if entry.declared}
    assert declared == {"penguins.csv": [NOT_DECLARED]}
    assert [(path, one.state) for path, one in found.crawled.provenance.elsewhere] == [("gone.csv", NOT_DECLARED)]


@pytest.mark.parametrize("shape", ["flat", "info", "text"])
def test_as_it_is_downloaded(crawl, shape):
    content = {"flat": DOWNLOADED, "info": {"info": DOWNLOADED}, "text": json.dumps(json.dumps(DOWNLOADED))}[shape]
    (reading,), _ = read(crawl, content)
    assert said(reading) == {
        "name": ["Penguins"],
        "description": ["Measured"],
        "availability": ["private on Kaggle"],
        "identifier": ["ada/penguins"],
        "homepage": ["https://www.kaggle.com/datasets/ada/penguins"],
        "license": ["Attribution 4.0 International (CC BY 4.0)"],
        "supplier": ["ada"],
        "schema": ["penguins.csv: bill (Numeric)"],
    }
    assert reading.said[0].pointer == ("/info/title" if shape == "info" else "/title")
    assert [(one.path, one.size) for one in reading.declared] == [("penguins.csv", 9)]


def test_a_template_that_nobody_filled_in_says_nothing(crawl):
    template = {"title": "INSERT_TITLE_HERE", "id": "ada/INSERT_SLUG_HERE", "licenses": [{"name": "CC0-1.0"}]}
    (reading,), _ = read(crawl, template)
    assert said(reading) == {"license": ["CC0-1.0"]}
    assert [one.pointer for one in reading.problems] == ["/title", "/id"]


def test_an_unknown_licence_is_not_asserted(crawl):
    (reading,), _ = read(crawl, WRITTEN | {"licenses": [{"name": "unknown"}, {"name": "Unknown"}, {"name": "other"}]})
    assert said(reading)["license"] == ["other"]


@pytest.mark.parametrize(
    "identifier", ["penguins", "ada/../../evil", "https://evil.example/x", "ada/peng uins", "a/b/c", 17, ["a/b"], ""]
)
def test_an_id_that_is_none_makes_no_address(crawl, identifier):
    (reading,), _ = read(crawl, WRITTEN | {"id": identifier})
    assert "homepage" not in said(reading)
    assert "identifier" not in said(reading)


@pytest.mark.parametrize("path", ["../x.csv", "/etc/passwd", "a\\b", "", ".", {"a": 1}])
def test_paths_that_lead_out_are_problems(crawl, path):
    (reading,), _ = read(crawl, WRITTEN | {"resources": [{"path": path}]})
    assert reading.declared == []
    assert len(reading.problems) == 1


def test_links_are_bounded_and_never_opened(crawl):
    text = (
        " ".join(f"https://example.org/{number}" for number in range(5_000)) + " javascript:alert(1) file:///etc/passwd"
    )
    (reading,), _ = read(crawl, WRITTEN | {"userSpecifiedSources": text})
    assert len(reading.sources) == 100
    assert all(one.url.startswith("https://") for one in reading.sources)


def test_another_programs_file_of_this_name_is_left_alone(crawl):
    readings, found = read(crawl, {"dataset": "mine", "rows": 3})
    assert readings == []
    assert found.crawled.provenance.manifests == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"17", b"{", b"\xff\xfe", b'"x"', b'"\\ud800"'])
def test_what_is_no_object(crawl, content):
    (reading,), _ = read(crawl, content)
    assert len(reading.problems) == 1
    assert reading.said == []
