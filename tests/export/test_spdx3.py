"""The bindings that SPDX generates from its SHACL model read, link and check every document.

``spdx3-validate`` needs the network for the model itself, and so is no part of the tests.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from sbom.export import export, render
from sbom.model import Selection
from sbom.provenance import Provenance, Source

NO_LICENCE = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"
NAMES = {"SHA-256": "sha256", "SHA-512": "sha512", "BLAKE3": "blake3"}


@pytest.fixture(scope="session")
def check():
    """Read a document with SPDX's own bindings: types, cardinalities, enumerations, formats and references."""
    reason = "the bindings of SPDX 3 are not installed"
    model = pytest.importorskip("spdx_python_model.bindings.v3_0_1", reason=reason)

    def run(value):
        found = model.SHACLObjectSet()
        model.JSONLDDeserializer().deserialize_data(json.loads(json.dumps(value)), found)
        assert found.link() - {NO_LICENCE} == set()
        model.JSONLDSerializer().write(found, io.BytesIO())
        return model, found

    return run


def document(dataset, facts):
    return json.loads(render(dataset, facts, "spdx3"))


def of_type(value, kind):
    return [one for one in value["@graph"] if one["type"] == kind]


def package(value):
    (found,) = of_type(value, "dataset_DatasetPackage")
    return found


def kept(value, field):
    """Return what the package has no property for."""
    properties = package(value)["extension"][0]["extension_cdxProperty"]
    name = f"data-sbom:{field}"
    return [one["extension_cdxPropValue"] for one in properties if one["extension_cdxPropName"] == name]


def with_said(samples, facts, **fields):
    return document(samples.dataset(samples.small, provenance=Provenance(assertions=samples.said(**fields))), facts)


def test_it_is_valid(check, any_dataset, facts):
    model, found = check(document(any_dataset, facts))
    files = list(found.foreach_type(model.software_File))
    assert {one.name: [(h.algorithm.rsplit("/", 1)[1], h.hashValue) for h in one.verifiedUsing] for one in files} == {
        entry.path: [(NAMES[name], value) for name, value in entry.digests] for entry in any_dataset.files
    }
    (root,) = found.foreach_type(model.SpdxDocument)
    (dataset,) = found.foreach_type(model.dataset_DatasetPackage)
    assert list(root.rootElement) == [dataset]
    (contains,) = [one for one in found.foreach_type(model.Relationship) if one.relationshipType.endswith("/contains")]
    assert contains.from_ is dataset
    assert {one.spdxId for one in contains.to} == {one.spdxId for one in files}
    assert dataset.dataset_datasetSize == any_dataset.total_size


def test_the_check_can_fail(check, rich_dataset, facts):
    for change in (
        lambda value: package(value).update(typo="x"),
        lambda value: package(value).update(dataset_datasetType=["smell"]),
        lambda value: package(value).pop("dataset_datasetType"),
        lambda value: package(value).update(builtTime="2024-01-01"),
        lambda value: package(value).update(suppliedBy="urn:uuid:nobody"),
        lambda value: package(value).update(suppliedBy=package(value)["spdxId"]),
        lambda value: package(value).update(dataset_datasetSize=-1),
        lambda value: of_type(value, "Relationship")[0].pop("to"),
        lambda value: of_type(value, "software_File")[0]["verifiedUsing"][0].update(algorithm="SHA-256"),
        lambda value: of_type(value, "CreationInfo")[0].pop("created"),
    ):
        value = document(rich_dataset, facts)
        change(value)
        with pytest.raises((ValueError, TypeError, KeyError, AssertionError)):
            check(value)


def test_identifiers_are_unique_and_depend_on_the_document_only(hostile_dataset, facts):
    value = document(hostile_dataset, facts)
    ids = [one.get("spdxId", one.get("@id")) for one in value["@graph"]]
    assert len(ids) == len(set(ids))
    other = document(hostile_dataset, facts._replace(sha256="00" * 32))
    assert not set(ids) & {one.get("spdxId") for one in other["@graph"]}


def test_everything_known(rich_dataset, facts):
    value = document(rich_dataset, facts)
    found = package(value)
    agents = {one["spdxId"]: one["name"] for one in of_type(value, "Agent")}
    assert [agents[one] for one in found["originatedBy"]] == ["Allison Horst", "Alison Hill"]
    assert agents[found["suppliedBy"]] == "Palmer Station LTER"
    assert (found["builtTime"], found["releaseTime"]) == ("2020-01-31T00:00:00Z", "2020-07-25T08:00:00Z")
    assert found["software_downloadLocation"] == "https://example.org/raw.zip"
    assert found["software_primaryPurpose"] == "data"
    assert found["dataset_datasetType"] == ["structured", "other"]
    assert found["dataset_dataCollectionProcess"] == "measured by hand"
    assert found["dataset_dataPreprocessing"] == ["dropped duplicates", "rounded"]
    assert found["dataset_knownBias"] == ["three islands only", "adults only"]
    assert found["dataset_datasetNoise"] == "two missing masses"
    assert found["dataset_intendedUse"] == "teaching\n\ntesting"
    assert found["dataset_datasetAvailability"] == "directDownload"
    assert found["dataset_datasetUpdateMechanism"] == "none planned"
    assert found["dataset_hasSensitivePersonalInformation"] == "no"
    assert found["dataset_confidentialityLevel"] == "clear"
    assert found["dataset_anonymizationMethodUsed"] == ["no names"]
    assert "comment" not in found
    assert found["software_sourceInfo"].endswith(" on branch main")
    (root,) = of_type(value, "SpdxDocument")
    assert "dataset" in root["profileConformance"]
    (creation,) = of_type(value, "CreationInfo")
    assert [agents[one] for one in creation["createdBy"]] == ["Release Team"]
    assert creation["created"] == "2026-03-01T12:00:00Z"
    link = next(one for one in of_type(value, "software_File") if one["name"] == "train/link.csv")
    assert {"data-sbom:size", "data-sbom:link"} == {
        one["extension_cdxPropName"] for one in link["extension"][0]["extension_cdxProperty"]
    }


def test_unknown_is_said_and_nothing_is_invented(small_dataset, facts):
    done = export(small_dataset, facts, "spdx3")
    value = json.loads(done.data)
    found = package(value)
    assert {"builtTime", "releaseTime", "software_downloadLocation", "suppliedBy"}.isdisjoint(found)
    assert found["dataset_datasetType"] == ["noAssertion"]
    assert found["dataset_hasSensitivePersonalInformation"] == "noAssertion"
    assert found["comment"] == "Nobody says: originatedBy, builtTime, releaseTime, downloadLocation."
    assert [one["name"] for one in of_type(value, "Agent")] == ["NOASSERTION"]
    assert "dataset" not in of_type(value, "SpdxDocument")[0]["profileConformance"]
    assert "Dataset profile is not claimed" in done.notes[0]
    assert [one["to"] for one in of_type(value, "Relationship")][1:] == [[NO_LICENCE], [NO_LICENCE]]


@pytest.mark.parametrize(
    ("said", "written"),
    [("none", "no"), ("No.", "no"), ("yes", "yes"), ("names and addresses", "noAssertion"), ("no idea", "noAssertion")],
)
def test_personal_data(samples, facts, said, written):
    value = with_said(samples, facts, personal_data=said)
    assert package(value)["dataset_hasSensitivePersonalInformation"] == written
    assert kept(value, "personal-data") == ([said] if written == "noAssertion" else [])


@pytest.mark.parametrize(
    ("said", "written"), [("TLP:RED", "red"), ("amber", "amber"), ("public", None), ("clearly", None)]
)
def test_confidentiality(samples, facts, said, written):
    value = with_said(samples, facts, classification=said)
    assert package(value).get("dataset_confidentialityLevel") == written
    assert kept(value, "classification") == ([said] if written is None else [])


@pytest.mark.parametrize(("said", "written"), [("mit", "MIT"), ("MIT or apache-2.0", "MIT OR Apache-2.0")])
def test_licence_expressions(check, samples, facts, said, written):
    value = with_said(samples, facts, license=said)
    (found,) = of_type(value, "simplelicensing_LicenseExpression")
    assert found["simplelicensing_licenseExpression"] == written
    check(value)


def test_a_licence_that_spdx_does_not_know_is_quoted(check, samples, facts):
    value = with_said(samples, facts, license="ask Bob")
    (text,) = of_type(value, "simplelicensing_SimpleLicensingText")
    (expression,) = of_type(value, "simplelicensing_LicenseExpression")
    assert text["simplelicensing_licenseText"] == "ask Bob"
    assert expression["simplelicensing_licenseExpression"] == "LicenseRef-declared"
    assert expression["simplelicensing_customIdToUri"][0]["value"] == text["spdxId"]
    check(value)


def test_hostile_values_stay_out_of_uri_properties(check, samples, facts):
    said = samples.said(homepage="javascript:alert(1)", availability="file:///etc/passwd", identifier="a b")
    sources = (Source("https://example.org/a b", "m"), Source("relative/path", "m"))
    dataset = samples.dataset(samples.small, provenance=Provenance(assertions=said, sources=sources))
    value = document(dataset, facts)
    assert {"software_homePage", "software_downloadLocation"}.isdisjoint(package(value))
    assert "identifierLocator" not in package(value)["externalIdentifier"][0]
    for there in ("javascript:alert(1)", "file:///etc/passwd", "https://example.org/a b", "relative/path"):
        assert there in json.dumps(value)
    check(value)


def test_an_inventory_with_something_left_out(samples, small_dataset, facts):
    partial = replace(small_dataset, selection=Selection((), ("*.tmp",), left_out=True))
    assert of_type(document(partial, facts), "Relationship")[0]["completeness"] == "incomplete"
    assert of_type(document(small_dataset, facts), "Relationship")[0]["completeness"] == "complete"
