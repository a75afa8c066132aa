"""Reading lineage: everything that is written comes back, and what has no one meaning is refused."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
from cyclonedx.model.bom import Bom
from hypothesis import given, settings
from hypothesis import strategies as st
from lineages import FILES, LINEAGES, RAW, SAMPLE
from refusals import LINEAGE_REFUSALS, add, dataset_of, formula_of, task_of
from refusals import replace as replace_property

from sbom.cyclonedx import read, references, schema, spec, write
from sbom.errors import DocumentError
from sbom.model import Dataset
from sbom.transformation import Edge, Lineage, Script, Step

ORIGIN = write.Origin("1.7", "2026-01-02T03:04:05Z", "0.1.0", reproducible=False)
DATASET = Dataset("birds", "1.0", FILES, "ab" * 32, lineage=SAMPLE)


def written(dataset, version="1.7"):
    return json.loads(write.serialize(write.build(dataset, ORIGIN._replace(spec_version=version))))


WRITTEN = written(DATASET)
#: Older readers refuse any property of ours that is there twice, known or not.
TWICE = {"level: twice", "prefix: twice", "upstream: two places"}


@pytest.fixture
def traced():
    """A document with lineage, the test's own to break."""
    return copy.deepcopy(WRITTEN)


@pytest.mark.parametrize("version", spec.SPEC_VERSIONS)
def test_the_sample_survives(version):
    assert read.read(written(DATASET, version)) == DATASET


@settings(deadline=None, max_examples=200)
@given(LINEAGES, st.sampled_from(spec.SPEC_VERSIONS))
def test_any_lineage_survives_in_a_valid_document(lineage, version):
    dataset = replace(DATASET, lineage=lineage)
    document = written(dataset, version)
    assert schema.problems(document) == []
    assert references.problems(document) == []
    assert Bom.from_json(data=document).metadata.component.name == "birds"
    assert read.read(document) == dataset


@pytest.mark.parametrize("case", LINEAGE_REFUSALS)
def test_refusals(traced, case):
    change, reason, _ = LINEAGE_REFUSALS[case]
    change(traced)
    with pytest.raises(DocumentError, match=reason) as caught:
        read.read(traced)
    assert caught.value.exit_code == 1
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("version", [spec.FORMAT_VERSION_1, spec.FORMAT_VERSION_2])
@pytest.mark.parametrize("case", [None, *(case for case in LINEAGE_REFUSALS if case not in TWICE)])
def test_in_an_older_format_it_means_nothing(traced, version, case):
    if case is not None:
        LINEAGE_REFUSALS[case][0](traced)
    replace_property(dataset_of(traced), spec.FORMAT, version)
    dataset = read.read(traced)
    assert dataset == replace(DATASET, lineage=Lineage())


def test_formulas_of_others_mean_nothing(traced):
    other = {"bom-ref": "other", "workflows": [{"bom-ref": "w", "uid": "w", "taskTypes": ["build"]}]}
    traced["formulation"] = [other, *traced["formulation"], {"components": []}]
    assert read.read(traced) == DATASET


def test_properties_of_others_mean_nothing(traced):
    add(task_of(traced), "acme:x", "1")
    add(task_of(traced), "acme:x", "2")
    add(formula_of(traced), "acme:x", "3")
    assert read.read(traced) == DATASET


def test_another_file_of_the_same_name_is_no_file_of_the_inventory():
    """Only name, digest and size together are the file that is listed."""
    for edge in (
        Edge("data/train.csv", SAMPLE.steps[0].outputs[0].words, RAW, 32),
        Edge("data/train.csv", SAMPLE.steps[0].outputs[0].words, FILES[1].sha256),
        Edge("train.csv", SAMPLE.steps[0].outputs[0].words, FILES[1].sha256, 32),
    ):
        dataset = replace(DATASET, lineage=replace(SAMPLE, steps=(Step("s", "o", outputs=(edge,)),)))
        document = written(dataset)
        assert [component["name"] for component in formula_of(document)["components"]] == [edge.name]
        assert read.read(document) == dataset


def test_a_script_of_the_dataset_is_its_file():
    steps = (Step("s", "o", scripts=(Script("data/train.csv", FILES[1].sha256, 32),)),)
    dataset = replace(DATASET, lineage=replace(SAMPLE, steps=steps))
    document = written(dataset)
    assert "components" not in formula_of(document)
    assert read.read(document) == dataset


def test_an_envelope_is_bounded(traced, monkeypatch):
    monkeypatch.setattr(spec, "MAX_ENVELOPE", 100)
    replace_property(task_of(traced), spec.ENVELOPE, "{" + "x" * 100)
    with pytest.raises(DocumentError, match="too large"):
        read.read(traced)


def test_each_component_is_looked_up_once_however_many_edges_there_are():
    """Counts steps instead of time: a reader that searched would call ``get`` of its list."""
    files = tuple(FILES[0]._replace(path=f"{number:05}") for number in range(2_000))
    outputs = tuple(Edge(f"data/{entry.path}", SAMPLE.steps[1].inputs[0].words[:1], entry.sha256, 8) for entry in files)
    dataset = replace(DATASET, files=files, lineage=replace(SAMPLE, steps=(Step("s", "o", outputs=outputs),)))
    document = written(dataset)
    refs = [output["resource"]["ref"] for output in task_of(document)["outputs"]]
    assert refs == [f"file:{entry.path}" for entry in files]
    assert read.read(document).lineage.steps[0].outputs == outputs


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 2)
    | st.sampled_from(["", "x", "a/b", "dataset", "step:split", "file", "data"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["ref", "resource", "name", "value", "properties", "parameters"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_any_part_can_be_anything(data):
    """Whatever stands in the place of a part, or is gone: there is a dataset or a refusal, never another error."""
    document = copy.deepcopy(WRITTEN)
    part = document["formulation"]
    while True:
        key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        inner = part[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.integers(0, 4)) == 0:
            break
        part = inner
    if isinstance(part, dict) and data.draw(st.booleans()):
        del part[key]
    else:
        part[key] = data.draw(_JSON)
    if schema.problems(document):
        return  # such a document is never read
    try:
        dataset = read.read(document)
    except DocumentError:
        return
    assert read.read(written(dataset)) == dataset
