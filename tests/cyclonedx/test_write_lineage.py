"""Writing lineage: standard fields first, each thing once, and nothing where nothing is known."""

from __future__ import annotations

import json
from dataclasses import replace

import orjson
import pytest
from lineages import BIRDS, EXPORT, FILES, RAW, SAMPLE, SEEN, SPLIT, TRAIN
from refusals import artifact_of, formula_of, task_of, workflow_of

from sbom.cyclonedx import read, references, schema, spec, write
from sbom.model import Dataset, ReleaseLink
from sbom.provenance import Manifest, Provenance
from sbom.transformation import Edge, Lineage, Script, Software, Step, Word

ORIGIN = write.Origin("1.7", "2026-01-02T03:04:05Z", "0.1.0", reproducible=False)
DATASET = Dataset("birds", "1.0", FILES, "ab" * 32, lineage=SAMPLE)


def build(lineage, **changes):
    return json.loads(write.serialize(write.build(replace(DATASET, lineage=lineage, **changes), ORIGIN)))


def steps(*made):
    """Return a document of a dataset that these steps made."""
    return build(Lineage("data", made))


def said(item, name):
    return [one["value"] for one in item.get("properties", ()) if one["name"] == name]


def dependencies(document):
    return {one["ref"]: one["dependsOn"] for one in workflow_of(document).get("taskDependencies", ())}


DOCUMENT = build(SAMPLE)


# -- a dataset that nobody knows the lineage of -------------------------------------------------------------------------


def test_without_lineage_only_the_level_is_added():
    document = build(Lineage())
    names = [one["name"] for one in document["metadata"]["component"]["properties"]]
    assert said(document["metadata"]["component"], spec.LINEAGE) == ["none"]
    assert spec.LINEAGE_PREFIX not in names
    assert not {"formulation", "dependencies"} & document.keys()
    assert {component["type"] for component in document["components"]} == {"file"}


def test_manifests_outside_have_a_formula_of_their_own():
    manifests = Provenance((Manifest("/x/dvc.yaml", "dvc", sha256="ab" * 32, inside=False),))
    document = build(SAMPLE, provenance=manifests)
    assert [formula.get("bom-ref") for formula in document["formulation"]] == [None, "lineage"]
    assert references.problems(document) == []
    assert read.read(document).lineage == SAMPLE


# -- steps --------------------------------------------------------------------------------------------------------------


def test_a_step_is_a_task():
    assert (workflow_of(DOCUMENT)["bom-ref"], workflow_of(DOCUMENT)["taskTypes"]) == ("workflow", ["other"])
    task = task_of(DOCUMENT, "export")
    assert (task["bom-ref"], task["uid"], task["taskTypes"]) == ("step:export", "export", ["other"])
    assert task["steps"] == [
        {"commands": [{"executed": "python export.py > raw.csv"}, {"executed": "gzip -k raw.csv"}]}
    ]
    assert task["inputs"][0] == {
        "parameters": [{"name": "export.since", "value": "2024"}, {"name": "seed", "value": "7"}]
    }
    assert said(task, spec.ORIGIN) == ["dvc.yaml"]
    assert not {"timeStart", "timeEnd"} & task.keys()


def test_a_recorded_step_says_what_cyclonedx_has_no_field_for():
    task = task_of(DOCUMENT, "split")
    assert (task["timeStart"], task["timeEnd"]) == ("2026-01-02T03:04:05Z", "2026-01-02T03:05:05.250Z")
    assert [(one["name"].removeprefix(spec.PREFIX), one["value"]) for one in task["properties"]] == [
        ("origin", "split.step.json"),
        ("argv", '["python","src/split.py","--name","a \\"b\\"\\n",""]'),
        ("directory", "src"),
        ("actor", "Jane <jane@example.org>"),
        ("exit-code", "-9"),
        ("git:commit", "ab" * 20),
        ("git:dirty", "true"),
        ("observation", "strace"),
        ("observation-complete", "false"),
        ("observation-gap", "it talked to 192.0.2.1"),
        ("observation-gap", "a file changed"),
        ("envelope", SPLIT.envelope),
    ]


def test_files_of_the_inventory_are_referenced():
    assert task_of(DOCUMENT, "split")["outputs"][:2] == [
        {"resource": {"ref": "file:test.csv"}},
        {"resource": {"ref": "file:train.csv"}},
    ]


def test_what_no_inventory_lists_is_a_component():
    ref = f"artifact:{RAW}:40:raw.csv"
    assert artifact_of(DOCUMENT, "raw.csv") == {
        "type": "file",
        "bom-ref": ref,
        "name": "raw.csv",
        "hashes": [{"alg": "SHA-256", "content": RAW}],
        "properties": [{"name": "data-sbom:size", "value": "40"}],
    }
    assert artifact_of(DOCUMENT, "export.py") == {
        "type": "file",
        "bom-ref": "artifact:::export.py",
        "name": "export.py",
    }
    assert artifact_of(DOCUMENT, "tmp/") == {"type": "data", "bom-ref": "artifact:::tmp/", "name": "tmp/"}
    assert artifact_of(DOCUMENT, "table:birds")["type"] == "data"
    assert task_of(DOCUMENT, "export")["outputs"][0]["resource"] == {"ref": ref}
    assert task_of(DOCUMENT, "split")["inputs"][0]["resource"] == {"ref": ref}


def test_who_says_so_is_left_out_for_the_plain_observation():
    task = task_of(DOCUMENT, "split")
    assert said(task["inputs"][0], spec.WORD) == ["observed", "declared --input"]
    assert said(task["inputs"][0], spec.HASHED_AFTER) == ["true"]
    assert all("properties" not in output for output in task["outputs"])


def test_a_url_is_an_external_reference():
    assert task_of(DOCUMENT, "export")["inputs"][1]["resource"] == {
        "externalReference": {
            "type": "distribution-intake",
            "url": "https://example.org/birds?year=2024",
            "hashes": [{"alg": "SHA-256", "content": RAW}],
        }
    }


def test_a_url_that_cyclonedx_does_not_take_is_a_component():
    assert artifact_of(DOCUMENT, "s3://bucket/{year}/x")["type"] == "data"
    assert schema.problems(DOCUMENT) == []


def test_scripts_and_software_are_resources():
    assert task_of(DOCUMENT, "split")["resourceReferences"] == [
        {"ref": f"artifact:{'05' * 32}:99:src/split.py"},
        {"ref": "software:CPython@3.12.1"},
        {"ref": "software:pkg:pypi/pandas@2.2.0"},
        {"ref": "software:pkg:pypi/pandas@2.2.0#2"},
        {"ref": "software:awk@"},
    ]
    assert artifact_of(DOCUMENT, "CPython") == {
        "type": "platform",
        "bom-ref": "software:CPython@3.12.1",
        "name": "CPython",
        "version": "3.12.1",
    }
    assert artifact_of(DOCUMENT, "pandas")["purl"] == "pkg:pypi/pandas@2.2.0"


def test_each_thing_is_there_once_however_many_steps_use_it():
    script, software = Script("a.py", RAW, 3), Software("library", "x", "1")
    shared = Edge("raw.csv", SEEN, RAW, 40)
    made = [
        Step(f"s{n}", "o", scripts=(script,), inputs=(shared,), software=(software,), outputs=(Edge(f"o{n}", SEEN),))
        for n in range(50)
    ]
    document = steps(*made)
    assert len(formula_of(document)["components"]) == 53
    assert references.problems(document) == []


def test_no_two_things_share_a_bom_ref():
    """Names may be made so that they look like parts of a reference."""
    edges = (
        Edge(f"{RAW}:1:x", SEEN),
        Edge("x", SEEN, RAW, 1),
        Edge(f"{RAW}::x", SEEN),
        Edge(":x", SEEN, None, 1),
        Edge("1:x", SEEN),
        Edge("train.csv", SEEN, TRAIN, 32),
    )
    software = (Software("library", "a@b", "c"), Software("library", "a", "b@c"), Software("library", "a@b@c"))
    dataset_like = Step("dataset", "o", inputs=tuple(sorted(edges)), software=software)
    document = steps(dataset_like, Step("x", "o", outputs=tuple(sorted(edges))))
    assert references.problems(document) == []
    assert read.read(document).lineage.steps[0] == dataset_like


def test_texts_that_are_no_utf_8_do_not_break_the_document():
    broken = Step("s", "o\udcff", commands=("x\udcff",), argv=("\udcff",), parameters=(("a\udcff", "\udcff"),))
    document = steps(broken._replace(inputs=(Edge("x", (Word("declared", "a\udcff:1"),)),)))
    assert said(task_of(document), spec.ORIGIN) == ["o?"]
    assert said(task_of(document), spec.ARGV) == ['["?"]']
    assert task_of(document)["inputs"][0] == {"parameters": [{"name": "a?", "value": "?"}]}
    assert schema.problems(document) == []


# -- what depends on what -----------------------------------------------------------------------------------------------


def step(name, reads=(), writes=()):
    return Step(name, "o", inputs=_edges(reads), outputs=_edges(writes))


def _edges(names):
    return tuple(Edge(name, SEEN) for name in sorted(names))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([step("a", (), ["x"]), step("b", ["x"])], {"step:b": ["step:a"]}),
        ([step("a", (), ["x"]), step("b", ["y"])], {}),
        ([step("b", ["x"]), step("a", (), ["x"])], {}),
        ([step("a", ["x"], ["x"])], {}),
        (
            [step("a", (), ["x"]), step("b", ["x"], ["x"]), step("c", ["x"])],
            {"step:b": ["step:a"], "step:c": ["step:b"]},
        ),
        ([step("a", (), ["d/x"]), step("b", ["d/"])], {"step:b": ["step:a"]}),
        ([step("a", (), ["d/e/x"]), step("a2", (), ["d/y"]), step("b", ["d/"])], {"step:b": ["step:a", "step:a2"]}),
        ([step("a", (), ["d/"]), step("b", ["d/e/x"])], {"step:b": ["step:a"]}),
        ([step("a", (), ["d/"]), step("b", ["dx"])], {}),
        ([step("a", (), ["x"]), step("b", ["./"])], {"step:b": ["step:a"]}),
        ([step("a", (), ["table:x"]), step("b", ["table:x"])], {"step:b": ["step:a"]}),
        ([step("a", (), ["https://x.org/"]), step("b", ["https://x.org/y"])], {}),
    ],
)
def test_a_step_depends_on_those_that_wrote_what_it_reads(made, expected):
    document = steps(*made)
    assert dependencies(document) == expected
    assert references.problems(document) == []


def test_names_that_are_no_paths_cost_nothing():
    """A million directories in a name would be walked up for each step; such a name is only compared."""
    deep = "/".join(["d"] * 100_000)
    document = steps(step("a", (), ["d/", f"{deep}/x"]), step("b", [f"{deep}/x"]), step("c", [f"{deep}/y"]))
    assert dependencies(document) == {"step:b": ["step:a"]}


# -- beside the steps ---------------------------------------------------------------------------------------------------


def test_where_the_dataset_lies_and_how_much_is_known():
    component = DOCUMENT["metadata"]["component"]
    assert (said(component, spec.LINEAGE), said(component, spec.LINEAGE_PREFIX)) == (["declared"], ["data"])


def test_sources_and_rows_are_properties_of_the_formula():
    formula = formula_of(DOCUMENT)
    assert [json.loads(text) for text in said(formula, spec.SOURCE)] == [
        {
            "url": "https://example.org/raw",
            "manifest": "the caller",
            "number": 0,
            "path": "raw.csv",
            "digests": [["SHA-256", RAW]],
            "size": 40,
        }
    ]
    assert [json.loads(text)["name"] for text in said(formula, spec.ROW_DIGESTS)] == ["data/train.csv", "raw.csv"]
    only = build(Lineage(sources=SAMPLE.sources))
    assert formula_of(only).keys() == {"bom-ref", "properties"}


def test_upstream_datasets_are_stubs_that_the_dataset_depends_on():
    previous = ReleaseLink(BIRDS.serial_number, 2, "ee" * 32, "birds", "1.0")
    document = build(SAMPLE, previous=previous)
    stubs = [component for component in document["components"] if component["type"] == "data"]
    uid = BIRDS.serial_number.removeprefix("urn:uuid:")
    assert [stub["bom-ref"] for stub in stubs] == [
        f"release:{uid}",
        f"upstream:{uid}/2/up/birds",
        f"upstream:{uid}/2/",
        f"upstream:{uid}/3",
    ]
    assert document["dependencies"] == [{"ref": "dataset", "dependsOn": [stub["bom-ref"] for stub in stubs]}]
    assert stubs[1]["externalReferences"] == [
        {"type": "bom", "url": f"urn:cdx:{uid}/2", "hashes": [{"alg": "SHA-256", "content": "ee" * 32}]}
    ]
    assert [said(stub, spec.RELATION) for stub in stubs] == [["previous-release"], *[["upstream"]] * 3]
    assert [said(stub, spec.LINEAGE_PREFIX) for stub in stubs] == [[], ["up/birds"], [""], []]
    assert read.read(document).previous == previous


def test_the_same_lineage_gives_the_same_bytes():
    fixed = ORIGIN._replace(reproducible=True)
    assert write.serialize(write.build(DATASET, fixed)) == write.serialize(write.build(DATASET, fixed))


def test_thousands_of_edges_are_written_leanly():
    """Counts bytes instead of time: an edge of the inventory is its reference and nothing else."""
    files = tuple(FILES[0]._replace(path=f"{number:05}") for number in range(1_000))
    outputs = tuple(Edge(f"data/{entry.path}", SEEN, entry.sha256, 8) for entry in files)
    document = build(Lineage("data", (EXPORT._replace(outputs=outputs),)), files=files)
    assert len(orjson.dumps(task_of(document)["outputs"])) <= 1_000 * len('{"resource":{"ref":"file:00000"}},') + 2
