"""Citation files: about data, about software, and about nothing."""

from __future__ import annotations

import pytest

DATASET = """\
cff-version: 1.2.0
message: Please cite it.
type: dataset
title: Penguins of the pole
version: 1.10
date-released: 2026-01-02
abstract: Bills and flippers.
doi: 10.5281/zenodo.1234567
identifiers:
  - {type: doi, value: 10.5281/zenodo.1234567}
  - {type: swh, value: "swh:1:rel:99f6850374dc6597af01bd0ee1d3fc0699301b9f"}
license: CC-BY-4.0
keywords: [birds, ice]
url: https://example.org/penguins
repository-artifact: https://example.org/penguins.zip
authors:
  - given-names: Ada
    name-particle: van
    family-names: Berg
    name-suffix: IV
    affiliation: Pole Institute
    orcid: https://orcid.org/0000-0002-1825-0097
    email: ada@example.org
  - name: The Penguin Group
contact:
  - given-names: Bo
    family-names: Li
    email: bo@example.org
references:
  - type: dataset
    title: Older penguins
    authors: [{name: Cy}]
    url: https://example.org/older
  - type: book
    title: A book
"""


def read(crawl, text, name="CITATION.cff"):
    found = crawl({name: text, "x.csv": "1\n"})
    (reading,) = [reading for manifest, reading in found.readings if manifest.reader == "cff"]
    return reading


def said(reading):
    fields = dict.fromkeys(one.field for one in reading.said)
    return {field: [one.value for one in reading.said if one.field == field] for field in fields}


CITATION = "Ada van Berg IV, The Penguin Group (2026). Penguins of the pole, version 1.10. https://doi.org/10.5281/zenodo.1234567"


def test_a_dataset(crawl):
    reading = read(crawl, DATASET)
    assert reading.version == "1.2.0"
    assert said(reading) == {
        "citation": [CITATION],
        "name": ["Penguins of the pole"],
        "version": ["1.10"],
        "description": ["Bills and flippers."],
        "keyword": ["birds", "ice"],
        "release-date": ["2026-01-02"],
        "creator": ["Ada van Berg IV (Pole Institute; https://orcid.org/0000-0002-1825-0097)", "The Penguin Group"],
        "maintainer": ["Bo Li <bo@example.org>"],
        "origin": ["Cy. Older penguins. https://example.org/older"],
        "identifier": ["https://doi.org/10.5281/zenodo.1234567", "swh:1:rel:99f6850374dc6597af01bd0ee1d3fc0699301b9f"],
        "homepage": ["https://example.org/penguins"],
        "license": ["CC-BY-4.0"],
    }
    assert [one.url for one in reading.sources] == ["https://example.org/older", "https://example.org/penguins.zip"]
    assert reading.problems == []
    assert [one.pointer for one in reading.said if one.field == "creator"] == ["/authors/0", "/authors/1"]


def test_software_next_to_data_says_only_how_to_cite(crawl):
    reading = read(crawl, DATASET.replace("type: dataset\ntitle", "type: software\ntitle"))
    assert said(reading) == {"citation": [CITATION]}
    assert reading.sources == []
    assert [one.pointer for one in reading.problems] == ["/type"]


def test_without_a_type_it_is_taken_to_be_about_the_data_and_says_so(crawl):
    reading = read(crawl, DATASET.replace("type: dataset\ntitle", "title"))
    assert said(reading)["license"] == ["CC-BY-4.0"]
    assert [one.pointer for one in reading.problems] == ["/type"]


@pytest.mark.parametrize(
    ("license_", "expected"),
    [
        ("license: MIT", ["MIT"]),
        ("license: [MIT, Apache-2.0]", ["MIT OR Apache-2.0"]),
        ("license: [MIT]", ["MIT"]),
        ("license-url: https://example.org/terms", ["https://example.org/terms"]),
        ("license: [MIT, {a: b}]", ["MIT"]),
        ("license: {a: b}", None),
    ],
)
def test_licences(crawl, license_, expected):
    reading = read(crawl, DATASET.replace("license: CC-BY-4.0", license_))
    assert said(reading).get("license") == expected


def test_the_preferred_citation_replaces_the_files_own(crawl):
    preferred = """\
preferred-citation:
  type: article
  title: On penguins
  year: 2025
  journal: Ice
  doi: https://doi.org/10.1234/ice.1
  authors: [{given-names: Ada, family-names: Berg}]
"""
    reading = read(crawl, DATASET + preferred)
    assert said(reading)["citation"] == ["Ada Berg (2025). On penguins. Ice. https://doi.org/10.1234/ice.1"]


@pytest.mark.parametrize(
    ("version", "problems"), [("1.0.3", 0), ("1.1.0", 0), ("1.2.0", 0), ("1.3.0", 1), ("2.0.0", 1), ("{}", 1)]
)
def test_versions(crawl, version, problems):
    reading = read(crawl, DATASET.replace("cff-version: 1.2.0", f"cff-version: {version}"))
    assert len(reading.problems) == problems
    assert said(reading)["name"] == ["Penguins of the pole"]


@pytest.mark.parametrize(
    ("before", "after", "pointer"),
    [
        ("date-released: 2026-01-02", "date-released: 2026-13-02", "/date-released"),
        ("date-released: 2026-01-02", "date-released: [2026]", "/date-released"),
        ("doi: 10.5281/zenodo.1234567\nid", "doi: zenodo\nid", "/doi"),
        ("  - name: The Penguin Group", "  - {}", "/authors/1"),
        ("title: Penguins of the pole", "title: {a: b}", "/title"),
        ("repository-artifact: https://example.org/penguins.zip", "repository-artifact: ../x", "/repository-artifact"),
    ],
)
def test_what_is_malformed_is_a_problem_and_the_rest_counts(crawl, before, after, pointer):
    reading = read(crawl, DATASET.replace(before, after))
    assert [one.pointer for one in reading.problems] == [pointer]
    assert said(reading)["license"] == ["CC-BY-4.0"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"- a\n",
        b"text",
        b"a: [",
        b"\xff\xfe\x00",
        b"a: !!python/object/apply:os.system ['true']\n",
        b"a: &a [*a]\n",
        b"a: " + b"[" * 5_000,
    ],
)
def test_what_is_no_citation_file(crawl, content):
    reading = read(crawl, content)
    assert len(reading.problems) == 1
    assert reading.said == []


def test_many_authors_are_cut_in_the_citation(crawl):
    authors = "".join(f"  - name: N{number}\n" for number in range(100))
    reading = read(crawl, f"cff-version: 1.2.0\ntype: dataset\ntitle: T\nauthors:\n{authors}")
    assert said(reading)["citation"][0].endswith("N19 et al. T.")
    assert len(said(reading)["creator"]) == 100


def test_the_name_is_matched_in_any_case(crawl):
    assert said(read(crawl, DATASET, "citation.CFF"))["name"] == ["Penguins of the pole"]
