"""The ``bom.*`` checks, each building on the one before; documents of attackers are in tests/attacks."""

from __future__ import annotations

import orjson
import pytest

from sbom.cyclonedx.document import Raw
from sbom.cyclonedx.strict_json import Limits
from sbom.model import Dataset, FileEntry
from sbom.verification.document import examine, expected
from sbom.verification.interface import Expect


def examined(data, limits=None):
    found = examine(Raw("x.json", data), limits or Limits())
    return found, {result.id: result.status.value for result in found.results}


@pytest.fixture
def tree(release):
    return orjson.loads(release.bom.read_bytes())


def test_a_good_document_passes_all(release):
    found, status = examined(release.bom.read_bytes())
    assert status == dict.fromkeys(["bom.parse", "bom.schema", "bom.references", "bom.profile"], "pass")
    assert found.valid
    assert found.dataset.name == "penguins"


@pytest.mark.parametrize(("data", "outcome"), [(b"{", "error"), (b"[]", "error"), (b'{"a":1,"a":1}', "fail")])
def test_what_cannot_be_parsed_ends_it(data, outcome):
    found, status = examined(data)
    assert status == {"bom.parse": outcome}
    assert (found.document, found.valid, found.dataset) == (None, False, None)


def test_too_large_is_undecided(release):
    _, status = examined(release.bom.read_bytes(), Limits(size=100))
    assert status == {"bom.parse": "error"}


def test_invalid_against_the_schema_ends_it(tree):
    found, status = examined(orjson.dumps({**tree, "version": 0}))
    assert status == {"bom.parse": "pass", "bom.schema": "fail"}
    assert not found.valid
    assert found.results[1].evidence["problems"][0]["pointer"] == "/version"


def test_ambiguous_references_do_not_hide_the_rest(tree):
    tree["dependencies"] = [{"ref": "nobody"}]
    found, status = examined(orjson.dumps(tree))
    assert status["bom.references"] == "fail"
    assert status["bom.profile"] == "pass"
    assert found.dataset is not None


def test_not_a_data_sbom(tree):
    tree["components"] = []
    found, status = examined(orjson.dumps(tree))
    assert status["bom.profile"] == "fail"
    assert found.valid
    assert found.dataset is None


DATASET = Dataset("penguins", "1.0", (FileEntry("a", 0, ()),), "ab" * 32)


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        (Expect(), "skipped"),
        (Expect(name="penguins"), "pass"),
        (Expect("penguins", "1.0", "ab" * 32), "pass"),
        (Expect(name="Penguins"), "fail"),
        (Expect(version="1"), "fail"),
        (Expect(root="AB" * 32), "fail"),
        (Expect("penguins", "1.0", "cd" * 32), "fail"),
    ],
    ids=str,
)
def test_expected(expect, outcome):
    result = expected(DATASET, expect)
    assert result.status == outcome
    assert result.required == expect.pinned


def test_a_missing_version_is_not_an_empty_one():
    result = expected(Dataset("p", None, (), ""), Expect(version=""))
    assert result.status == "fail"
    assert "the version is none" in result.sentence
