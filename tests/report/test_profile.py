from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sbom import api
from sbom.cyclonedx import write
from sbom.errors import UsageError
from sbom.model import Dataset, FileEntry, TableStats
from sbom.profiles import ids, load
from sbom.provenance import BY_OPTION, Assertion, Provenance
from sbom.report import profile

ORIGIN = write.Origin("1.7", "2026-01-01T00:00:00Z", "0.1.0", reproducible=False)
FILES = (FileEntry("a.csv", 2_000, (("SHA-256", "a" * 64),), media_type="text/csv", stats=TableStats(1_500, 3)),)
SAID = (
    Assertion("description", "Sizes\nof penguins", "croissant.json", "/description"),
    Assertion("identifier", "doi:10.1/x", "croissant.json", "/identifier/0"),
    Assertion("identifier", "doi:10.1/y", "croissant.json", "/identifier/1"),
    Assertion("license", "CC0-1.0", "README.md", "/license"),
    Assertion("origin", "none", BY_OPTION),
)
DATASET = Dataset("penguins", "1.0", FILES, "0" * 64, provenance=Provenance(assertions=SAID))
HOSTILE = "\x1b[31m\u202e\n::error::x ##[error]" + "y" * 5_000


def bom(dataset=DATASET):
    return api.Bom(write.build(dataset, ORIGIN), dataset)


def render(profile_id, dataset=DATASET, format_name="table"):
    made = bom(dataset)
    text = profile.render(profile.evaluations(made, profile_id), made, "p.cdx.json", format_name)
    assert text.endswith("\n")
    assert all(line.isprintable() for line in text.split("\n"))
    return text


def row(text, title):
    (line,) = [line for line in text.splitlines() if line[4:].startswith(title + "  ")]
    return line


def test_the_table():
    text = render("g7")
    assert text.startswith("penguins 1.0 · p.cdx.json\n\nG7 SBOM for AI (--profile g7)\n")
    assert row(text, "dataset name").split() == ["✓", "dataset", "name", "penguins", "the", "document", "itself"]
    assert "Sizes of penguins " in row(text, "dataset description")
    assert row(text, "dataset description").endswith("  croissant.json /description")
    assert "doi:10.1/x and 1 more  " in row(text, "dataset identifier")
    assert row(text, "dataset licence").endswith("  README.md /license")
    assert row(text, "dataset dependency").endswith(f"  {BY_OPTION}")
    assert row(text, "dataset sensitivity").split() == ["–", "dataset", "sensitivity", "missing"]  # noqa: RUF001  # a dash
    assert "  9 of 10 required elements (90 %), " in text
    assert "dataset sensitivity: --set personal-data=" in text
    assert "; or --set classification=" in text
    assert "signature of the author: " not in text
    assert text.rstrip().endswith("not verified: data-sbom verify checks it")
    assert "dps" not in text


def test_nothing_is_missing():
    said = (*SAID, Assertion("personal-data", "none", BY_OPTION))
    text = render("g7", replace(DATASET, provenance=Provenance(assertions=said)))
    assert "10 of 10 required elements (100 %), 18 of all 20 (90 %)" in text
    assert "to fill what is required" not in text


def test_all_shows_each():
    text = render("all")
    assert [name for name in ids() if f"(--profile {name})" not in text] == []
    assert text.count(" required elements (") == len(ids())
    assert text.count("penguins 1.0 · p.cdx.json") == 1


def test_json():
    value = json.loads(render("g7", format_name="json"))
    assert (value["format"], value["verified"]) == (profile.FORMAT, False)
    assert value["dataset"] == {"name": "penguins", "version": "1.0", "root": "0" * 64}
    (one,) = value["profiles"]
    assert one["id"] == "g7"
    assert one["standard"]["date"] == "2026-05-12"
    assert one["required"] == {"filled": 9, "total": 10, "percent": 90}
    assert one["missing_required"] == ["dataset-sensitivity"]
    elements = {element["id"]: element for element in one["elements"]}
    assert list(elements) == [element.id for element in load("g7").elements]
    assert elements["dataset-license"]["facts"] == [
        {"fact": "license", "values": [{"value": "CC0-1.0", "by": "README.md", "pointer": "/license"}]}
    ]
    assert elements["dataset-license"]["write"] == []
    assert elements["dataset-license"]["reference"] == "Datasets cluster: Dataset license"
    assert [len(elements["dataset-identifier"]["facts"][0]["values"])] == [2]
    missing = elements["dataset-sensitivity"]
    assert (missing["filled"], missing["facts"]) == (False, [])
    assert missing["write"][0].startswith("--set personal-data=")
    assert [one["id"] for one in json.loads(render("all", format_name="json"))["profiles"]] == list(ids())


def test_a_profile_that_is_not_there():
    with pytest.raises(UsageError):
        profile.evaluations(bom(), "g8")
    with pytest.raises(UsageError):
        profile.check("g8")
    profile.check("all")
    profile.check("g7")


@pytest.mark.parametrize("format_name", ["table", "json"])
def test_hostile_texts(format_name):
    said = tuple(
        Assertion(field, HOSTILE, HOSTILE, HOSTILE) for field in ("license", "description", "creator", "identifier")
    )
    dataset = Dataset(HOSTILE, HOSTILE, FILES, "0" * 64, provenance=Provenance(assertions=said))
    made = bom(dataset)
    text = profile.render(profile.evaluations(made, "all"), made, HOSTILE, format_name)
    assert all(line.isprintable() for line in text.split("\n"))
    if format_name == "table":
        assert " ::error" not in text
        assert "##[" not in text
        assert max(map(len, text.splitlines())) < 1_300
    else:
        json.loads(text)


def test_a_dataset_without_a_version():
    assert render("g7", replace(DATASET, version=None)).startswith("penguins · p.cdx.json\n")


def test_elements_that_are_all_required():
    made = load("cisa")
    alone = made._replace(elements=tuple(element for element in made.elements if element.required))
    evaluation = profile.evaluate(alone, {})
    text = profile.render((evaluation,), bom(), "x", "table")
    assert "  0 of 11 required elements (0 %)\n" in text
    assert "recommended" not in text
