"""Reading provenance: everything that is written comes back, and what has no one meaning is refused."""

from __future__ import annotations

import json

import pytest
from cyclonedx.model.bom import Bom
from hypothesis import given, settings
from hypothesis import strategies as st
from provenances import FILES, INVENTORIES, PROVENANCES, SAMPLE
from refusals import PROVENANCE_REFUSALS, dataset_of, edit, file_of, prop

from sbom.cyclonedx import embedded, read, references, schema, spec, write
from sbom.errors import DocumentError
from sbom.model import Dataset
from sbom.provenance import MATCH, Assertion, Declaration, Manifest, Provenance, Source

ORIGIN = write.Origin("1.7", "2026-01-02T03:04:05Z", "0.1.0", reproducible=False)


def written(dataset, version="1.7"):
    return json.loads(write.serialize(write.build(dataset, ORIGIN._replace(spec_version=version))))


@pytest.mark.parametrize("version", spec.SPEC_VERSIONS)
def test_the_sample_survives(version):
    dataset = Dataset("penguins", "1.0", FILES, "ab" * 32, provenance=SAMPLE)
    assert read.read(written(dataset, version)) == dataset


@settings(deadline=None, max_examples=150)
@given(PROVENANCES, INVENTORIES, st.sampled_from(spec.SPEC_VERSIONS))
def test_any_provenance_survives_in_a_valid_document(provenance, files, version):
    dataset = Dataset("penguins", "1.0", files, "ab" * 32, provenance=provenance)
    document = written(dataset, version)
    assert schema.problems(document) == []
    assert references.problems(document) == []
    assert Bom.from_json(data=document).metadata.component.name == "penguins"
    assert read.read(document) == dataset


@pytest.mark.parametrize("case", PROVENANCE_REFUSALS)
def test_refusals(said, case):
    change, reason, _ = PROVENANCE_REFUSALS[case]
    change(said)
    with pytest.raises(DocumentError, match=reason) as caught:
        read.read(said)
    assert caught.value.exit_code == 1
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


def _citations_of(document):
    return [item for item in dataset_of(document)["properties"] if item["name"] == spec.CITATION]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: "x", "not a compact"),
        (lambda t: t.replace('"pointers":[', '"pointers":[7,'), "is not a text"),
        (lambda t: t.replace('"pointers"', '"pointerz"'), "unknown or"),
        (lambda t: t.replace('"timestamp":', '"process":"dataset","timestamp":'), "not a compact|unknown or"),
        (lambda t: t.replace("2026-01-02T03:04:05Z", ""), "missing or empty"),
        (lambda t: '{"attributedTo":"caller","timestamp":"2026-01-02T03:04:05Z"}', "missing or empty|no citation"),
    ],
)
def test_citations_of_16_are_read_as_strictly(said_in_16, change, reason):
    assert _citations_of(said_in_16)
    edit(dataset_of(said_in_16), spec.CITATION, change)
    with pytest.raises(DocumentError, match=reason):
        read.read(said_in_16)


def test_citations_and_properties_of_others_do_not_matter(said):
    before = read.read(said)
    for component in (dataset_of(said), said["components"][0], file_of(said)):
        component["properties"] += [prop("acme:declared", "x"), prop("data-sbom:of-a-later-version", "x")]
    number = len(dataset_of(said)["properties"]) - 1
    said["citations"] += [
        {"pointers": ["/metadata/component/licenses/0"], "timestamp": "2026-05-05T00:00:00Z", "attributedTo": "caller"},
        {"pointers": [f"/metadata/component/properties/{number}"], "timestamp": "x", "process": "dataset", "note": "x"},
        {"pointers": ["/metadata/component/properties/99999", "/metadata/component/properties/018"], "timestamp": "x"},
        {"expressions": ["$.x"], "timestamp": "2026-05-05T00:00:00Z", "attributedTo": "dataset"},
    ]
    assert read.read(said) == before


def test_a_property_moved_below_its_citation_is_noticed(said):
    """Somebody else's property in front makes every citation speak of another value."""
    dataset_of(said)["properties"].insert(0, prop("acme:x", "x"))
    with pytest.raises(DocumentError, match="no citation says"):
        read.read(said)


def test_the_first_format_has_no_provenance(document):
    for item in dataset_of(document)["properties"]:
        if item["name"] == spec.FORMAT:
            item["value"] = "1"
    before = read.read(document)
    dataset_of(document)["properties"] += [
        prop(spec.FIELD + "license", "MIT"),
        prop(spec.FIELD + "colour", "red"),
        prop(spec.MANIFEST, "no JSON"),
        prop(spec.DECLARED_COUNT + "match", "7"),
        prop(spec.UNKNOWN_FIELD, "license"),
    ]
    document["components"][0]["properties"].append(prop(spec.DECLARED, "no JSON"))
    assert read.read(document) == before
    assert before.provenance == Provenance()


@pytest.mark.parametrize("name", [spec.MANIFEST, spec.FIELD + "license", spec.SOURCE, spec.UNKNOWN_FIELD])
def test_the_first_format_still_refuses_what_is_given_twice(document, name):
    edit(dataset_of(document), spec.FORMAT, lambda _: "1")
    dataset_of(document)["properties"] += [prop(name, "x")] * 2
    with pytest.raises(DocumentError, match="given twice"):
        read.read(document)


@pytest.mark.parametrize("name", [spec.DECLARED, spec.SOURCE])
def test_the_first_format_still_refuses_what_a_file_is_given_twice(document, name):
    edit(dataset_of(document), spec.FORMAT, lambda _: "1")
    document["components"][0]["properties"] += [prop(name, "x")] * 2
    with pytest.raises(DocumentError, match="given twice"):
        read.read(document)


def test_a_document_without_provenance_says_so(dataset, origin, document):
    edit(dataset_of(document), spec.PROVENANCE, lambda _: "asserted")
    with pytest.raises(DocumentError, match="does not say rightly"):
        read.read(document)


def test_nothing_is_invented_for_a_manifest_that_says_nothing():
    provenance = Provenance(manifests=(Manifest("README.md", "card"),))
    dataset = Dataset("d", None, FILES[:1], "ab" * 32, provenance=provenance)
    assert read.read(written(dataset)).provenance == provenance


def test_texts_that_many_declarations_share_are_kept_once():
    declared = (Declaration(MATCH, "SHA-256", "ab" * 32, "SHA256SUMS", "L1"),)
    files = tuple(FILES[0]._replace(path=f"{n}", declared=declared) for n in range(3))
    again = read.read(written(Dataset("d", None, files, "ab" * 32)))
    assert len({id(entry.declared[0].manifest) for entry in again.files}) == 1
    assert len({id(entry.declared[0].algorithm) for entry in again.files}) == 1


def test_a_file_called_like_a_caller_is_a_file():
    files = tuple(FILES[0]._replace(path=path) for path in ("caller", "data-sbom", "option"))
    assertions = tuple(Assertion("name", path, path) for path in ("caller", "data-sbom", "option", "no file"))
    dataset = Dataset("d", None, files, "ab" * 32, provenance=Provenance(assertions=assertions))
    document = written(dataset)
    assert [one["attributedTo"] for one in document["citations"]] == [
        "file:caller",
        "file:data-sbom",
        "file:option",
        "data-sbom",
    ]
    assert read.read(document) == dataset


def test_lone_surrogates_do_not_end_in_a_traceback():
    """A path of the command line may hold bytes that are no UTF-8; a document may not."""
    bad = "a\udcff.json"
    provenance = Provenance(
        (Manifest(bad, "card", sha256="ab" * 32, inside=False),),
        (Assertion("name", "x\ud800", bad, bad, bad, bad),),
        (Source("https://example.org/x", bad, bad),),
        ((bad, Declaration(MATCH, "MD5", "ab" * 16, bad, bad)),),
    )
    for version in spec.SPEC_VERSIONS:
        document = written(Dataset("d", None, FILES[:1], "ab" * 32, provenance=provenance), version)
        assert schema.problems(document) == []
        assert references.problems(document) == []
        again = read.read(document).provenance
        assert again.assertions == (Assertion("name", "x?", "a?.json", "a?.json", "a?.json", "a?.json"),)
        assert again.manifests[0].path == again.sources[0].manifest == again.elsewhere[0][0] == "a?.json"


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_no_value_makes_the_reader_fail_otherwise(value):
    """Whatever stands in one of our properties, it is read or refused."""
    text = json.dumps(value)
    for name in (spec.MANIFEST, spec.SOURCE, spec.DECLARED_ELSEWHERE, spec.CITATION, spec.UNKNOWN_FIELD):
        document = written(Dataset("d", None, FILES[:1], "ab" * 32))
        dataset_of(document)["properties"].append(prop(name, text))
        with pytest.raises(DocumentError):
            read.read(document)
    for name in (spec.DECLARED, spec.SOURCE):
        document = written(Dataset("d", None, FILES[:1], "ab" * 32))
        document["components"][0]["properties"].append(prop(name, text))
        with pytest.raises(DocumentError):
            read.read(document)
    assert embedded.load_object("{}") == {}
