"""The profiles are data: they are well formed, ask for facts that exist, and hold what their standards are known to ask."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from sbom.errors import UsageError
from sbom.profiles import catalog
from sbom.profiles.facts import DERIVED
from sbom.provenance import FIELD_BY_ID

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
FILES = sorted((SCHEMAS / "profiles").iterdir())


def required(profile_id):
    return [element.id for element in catalog.load(profile_id).elements if element.required]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_has_the_form_of_a_profile(file):
    schema = json.loads((SCHEMAS / "profile.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    tree = json.loads(file.read_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(tree)] == []
    assert file.name == f"{tree['id']}.json"
    names = [element["id"] for element in tree["elements"]]
    assert len(set(names)) == len(names)
    assert not validator.is_valid(tree | {"elements": [{**tree["elements"][0], "any": ["name"], "all": ["name"]}]})
    assert not validator.is_valid(tree | {"more": 1})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_asks_for_facts_that_exist(file):
    profile = catalog.load(file.name.removesuffix(".json"))
    asked = {name for element in profile.elements for name in element.facts}
    assert asked - set(FIELD_BY_ID) - set(DERIVED) == set()


def test_derived_facts_are_no_fields():
    assert set(DERIVED) & set(FIELD_BY_ID) == set()


def test_the_four_of_the_contract_are_there():
    assert set(catalog.ids()) == {"g7", "cisa", "dps", "spdx"}


def test_what_g7_asks_of_a_dataset():
    fields = "name description content identifier hash provenance statistics sensitivity dependency license"
    assert required("g7") == [f"dataset-{field}" for field in fields.split()]
    assert catalog.load("g7").standard.date == "2026-05-12"


def test_what_the_data_provenance_standards_require():
    fields = "version title id issuer description origin-geography date generation-method intended-purpose"
    assert required("dps") == fields.split()
    assert catalog.load("dps").standard.version == "1.0.0"


def test_what_a_dataset_package_of_spdx_requires():
    fields = "dataset-type built-time originated-by release-time download-location primary-purpose"
    assert required("spdx") == fields.split()
    assert catalog.load("spdx").standard.version == "3.0.1"


def test_what_cisa_asks():
    fields = (
        "sbom-author software-producer component-name component-version software-identifiers component-hash license"
        " dependency-relationship tool-name timestamp generation-context"
    )
    assert required("cisa") == fields.split()


@pytest.mark.parametrize(
    "name", ["", "G7", "g8", "../profile.schema", "g7.json", "g7\x00", "../profiles/g7", "\x1b[31m"]
)
def test_only_listed_ids_are_read(name):
    with pytest.raises(UsageError, match="there is no profile") as refused:
        catalog.load(name)
    assert str(refused.value).isprintable()
    assert "cisa, dps, g7, spdx" in str(refused.value)


def test_they_are_found_in_an_installed_package(tmp_path, monkeypatch):
    """In a wheel, ``schemas/`` lies inside the package; in a checkout beside it."""
    package = tmp_path / "sbom"
    inner = package / "schemas" / "profiles"
    inner.mkdir(parents=True)
    outer = tmp_path / "schemas" / "profiles"
    outer.mkdir(parents=True)
    (inner / "inner.json").write_text("{}")
    (outer / "outer.json").write_text("{}")
    monkeypatch.setattr(catalog, "files", lambda name: tmp_path / name)
    assert catalog.ids.__wrapped__() == ("inner",)
    (inner / "inner.json").unlink()
    inner.rmdir()
    assert catalog.ids.__wrapped__() == ("outer",)


def test_the_documentation_counts_right():
    numbers = dict(
        enumerate(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
        )
    ) | {18: "eighteen"}
    page = (SCHEMAS.parent / "docs" / "profiles.md").read_text(encoding="utf-8")
    for name in catalog.ids():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        profile = catalog.load(name)
        assert profile.standard.url in cells[1]
        others = len(profile.elements) - len(required(name))
        assert numbers[len(required(name))] in cells[2].split()
        assert numbers[others] in cells[3].split() or (name, others) == ("cisa", 2)
