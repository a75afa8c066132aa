"""Threat "lineage": every document here is signed by the release's own key, so that only its lineage can be objected to.

``chains.py`` has the good chain: a download, ``clean``, ``split``; each is recorded, and whoever ran it signed the record.
What has to be accepted, other datasets and keys have files of their own beside this one.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from chains import ENDED, OTHER, SEEN, STARTED, URL, content, digest, seen, step

from sbom.lineage import custody
from sbom.provenance import Source
from sbom.transformation import DECLARED, NONE, OBSERVED, Edge, Observation, Script, Step, Word


@pytest.mark.parametrize(
    ("dropped", "named"), [(0, "step clean: raw.csv"), (1, "step split: clean.csv"), (2, "train.csv")]
)
def test_drop_a_step(chain, dropped, named):
    steps = [one for number, one in enumerate(chain.steps) if number != dropped]
    chain.put(steps)
    chain.refused("lineage.products" if dropped == 2 else "lineage.materials", named)
    chain.refused("lineage.complete", "claims the level observed")
    chain.put(steps, NONE)
    chain.refused("lineage.complete", more=("--require-lineage", "declared"))


def test_drop_a_step_that_a_key_is_given_for(chain):
    chain.put([chain.download, chain.split], NONE)
    chain.refused(
        "lineage.signatures", "step clean: is not there", more=("--step-key", f"clean={chain.home / 'jane.pub'}")
    )


def test_reorder_steps(chain):
    chain.put([chain.download, chain.split, chain.clean])
    chain.refused("lineage.steps", "step split: stands before step clean")


def test_repeat_a_step(chain):
    dataset = chain.dataset([chain.download, chain.clean, chain.split])
    judged = custody.judge(replace(dataset, lineage=replace(dataset.lineage, steps=(*chain.steps, chain.clean))))
    assert any(one.check == "lineage.steps" and one.step == "clean" and not one.gap for one in judged.breaks)

    def again(tree):
        (workflow,) = tree["formulation"][0]["workflows"]
        workflow["tasks"].append({**workflow["tasks"][1], "description": "again"})

    chain.put_dataset(dataset, again)
    ran = chain.verify()
    assert ran.code == 1
    assert "step:clean" in ran.text


def test_swap_a_script(chain):
    script = Script("clean.py", OTHER, 3)
    chain.put(
        [
            chain.download,
            chain.clean._replace(scripts=(Script("common.py", OTHER, 3),)),
            chain.split._replace(scripts=(Script("common.py", digest("x"), 3),)),
        ]
    )
    chain.refused("lineage.scripts", "step split: common.py", "at the same commit step clean had")
    (chain.data / "clean.py").write_bytes(content("clean.py"))
    source = Source(URL, "the caller", path="data/clean.py", digests=(("SHA-256", digest("clean.py")),))
    chain.put(
        [chain.download, chain.clean._replace(scripts=(script._replace(name="data/clean.py"),)), chain.split],
        sources=(source,),
    )
    chain.refused("lineage.scripts", "step clean: data/clean.py", "but the dataset has")


def test_a_script_that_a_step_wrote_otherwise(chain):
    download = chain.download._replace(outputs=(seen("clean.py"), seen("raw.csv")))
    clean = chain.clean._replace(scripts=(Script("clean.py", OTHER, 3),))
    chain.put([download, clean, chain.split])
    chain.refused("lineage.scripts", "step clean: clean.py", "step download wrote")


def test_a_script_without_a_digest(chain):
    chain.put([chain.download, chain.clean._replace(scripts=(Script("clean.py"),)), chain.split])
    chain.refused("lineage.scripts", "step clean: clean.py", "has no digest")


@pytest.mark.parametrize("level", [NONE, OBSERVED])
def test_change_the_digest_of_a_material(chain, level):
    chain.put([chain.download, chain.clean._replace(inputs=(seen("raw.csv", OTHER),)), chain.split], level)
    chain.refused("lineage.materials", "step clean: raw.csv", "but step download wrote")


@pytest.mark.parametrize("level", [NONE, OBSERVED])
def test_change_the_digest_of_a_product(chain, level):
    chain.put(
        [
            chain.download,
            chain.clean,
            chain.split._replace(outputs=(seen("data/test.csv"), seen("data/train.csv", OTHER))),
        ],
        level,
    )
    chain.refused("lineage.products", "step split: train.csv")


def test_two_missing_digests_do_not_match(chain):
    download = chain.download._replace(outputs=(seen("raw.csv", None),))
    clean = chain.clean._replace(inputs=(seen("raw.csv", None),))
    judged = custody.judge(chain.dataset([download, clean, chain.split]))
    assert judged.level == NONE
    assert ("lineage.materials", "clean", False) in [(one.check, one.step, one.gap) for one in judged.breaks]


def test_empty_digests_are_no_digests(chain):
    dataset = chain.dataset([chain.download, chain.clean, chain.split])

    def empty(tree):
        for component in tree["formulation"][0]["components"]:
            for one in component.get("hashes", ()):
                one["content"] = ""

    chain.put_dataset(dataset, empty)
    assert chain.verify().code == 1


def test_a_loop_of_two(chain):
    a = step("a", 1, [seen("y.csv")], [seen("x.csv")])
    b = step("b", 1, [seen("x.csv")], [seen("y.csv"), seen("data/train.csv"), seen("data/test.csv")])
    chain.put([a, b])
    chain.refused(
        "lineage.steps",
        "is part of a loop",
        "step b: is part of a loop: it reads what step a wrote",
        "step a: is part of a loop: it reads what step b wrote",
    )


def test_a_loop_of_one(chain):
    """It may have been the same before: a gap, then, and no more explained by the step than by nobody."""
    chain.put([step("magic", 1, [seen("x.csv")], [seen("x.csv"), seen("data/train.csv"), seen("data/test.csv")])])
    chain.refused("lineage.steps", "step magic: x.csv", "a loop of one")


def test_a_stranger_signs_a_record(chain):
    chain.put([chain.download, chain.signed(chain.clean, "stranger"), chain.split])
    chain.accepted()
    chain.refused("lineage.signatures", "step clean", more=chain.demanding)


def test_the_right_person_for_another_step(chain):
    chain.put([chain.download, chain.clean, chain.signed(chain.split, "jane")])
    chain.refused("lineage.signatures", "step split", more=("--step-key", f"split={chain.home / 'team.pub'}"))


def test_a_record_that_nobody_signed(chain):
    chain.put_dataset(chain.dataset([chain.signed(chain.download), chain.clean, chain.signed(chain.split)]))
    chain.refused("lineage.signatures", "step clean: is not signed", more=chain.demanding)


def test_the_signature_of_another_step(chain):
    split = chain.signed(chain.split)
    chain.put([chain.download, chain.clean._replace(envelope=split.envelope), split])
    chain.refused("lineage.signatures", "step clean: is not what its signed record says")


def test_a_task_that_says_otherwise_than_its_record(chain):
    clean = chain.signed(chain.clean)
    changed = [
        clean._replace(actor="Jane"),
        clean._replace(argv=("python", "evil.py")),
        clean._replace(commands=("python evil.py",)),
        clean._replace(scripts=()),
        clean._replace(parameters=(("seed", "1"),)),
        clean._replace(started=None, finished=clean.finished),
        clean._replace(revision=None),
        clean._replace(inputs=()),
        clean._replace(outputs=(*clean.outputs, seen("extra.csv"))),
        clean._replace(observation=Observation("strace", complete=True, gaps=("none",))),
        clean._replace(directory="sub"),
    ]
    for one in changed:
        chain.put([chain.download, one, chain.split], NONE)
        chain.refused("lineage.signatures", "step clean: is not what its signed record says")


def test_an_observed_word_is_not_taken_for_a_remark(chain):
    clean = chain.signed(chain.clean)
    extra = Edge("extra.csv", (Word(OBSERVED, "dvc.yaml:3"),), OTHER, 1)
    chain.put([chain.download, clean._replace(outputs=(*clean.outputs, extra)), chain.split], NONE)
    assert chain.verify().code == 1


def test_a_record_that_was_edited(chain):
    clean = chain.signed(chain.clean)
    envelope = json.loads(clean.envelope)
    payload = json.loads(base64.b64decode(envelope["payload"]))
    payload["predicate"]["actor"] = "somebody"
    envelope["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    forged = clean._replace(actor="somebody", envelope=json.dumps(envelope))
    chain.put([chain.download, forged, chain.split])
    chain.accepted()
    chain.refused("lineage.signatures", "step clean", more=chain.demanding)


def test_an_envelope_that_is_none(chain):
    chain.put([chain.download, chain.clean._replace(envelope='{"payload": 1}'), chain.split])
    assert chain.verify().code == 1


def test_a_run_that_failed(chain):
    chain.put([chain.download, chain.clean._replace(exit_code=1), chain.split])
    chain.refused("lineage.steps", "step clean: failed")


def test_an_incomplete_run_that_is_called_observed(chain):
    clean = chain.clean._replace(observation=Observation("audit-hook", complete=False, gaps=("children are not seen",)))
    chain.put([chain.download, clean, chain.split])
    chain.refused("lineage.steps", "step clean: was not observed completely")
    chain.put([chain.download, clean, chain.split], DECLARED)
    chain.accepted("--require-lineage", "declared")


def test_a_material_from_nowhere(chain):
    clean = chain.clean._replace(inputs=(seen("extra.csv"), seen("raw.csv")))
    chain.put([chain.download, clean, chain.split])
    chain.refused("lineage.materials", "step clean: extra.csv", "nobody says where it comes from")


def test_a_file_that_no_step_wrote(chain):
    (chain.data / "planted.csv").write_bytes(b"planted")
    chain.put(chain.steps)
    chain.refused("lineage.products", "planted.csv")


def test_a_product_under_another_name(chain):
    chain.put(
        [chain.download, chain.clean._replace(outputs=(Edge("tidy.csv", SEEN, digest("clean.csv"), 1),)), chain.split]
    )
    chain.refused("lineage.materials", "step split: clean.csv")


def test_time_that_runs_backwards(chain):
    late = chain.download._replace(started="2026-11-01T11:00:00Z", finished="2026-11-01T11:01:00Z")
    chain.put([late, chain.clean, chain.split])
    chain.refused("lineage.steps", "step clean: began before step download had ended")
    chain.put([chain.download, chain.clean._replace(started=ENDED.format(1), finished=STARTED.format(1)), chain.split])
    chain.refused("lineage.steps", "step clean: ended before it began")


def test_a_directory_that_pretends_to_cover(chain):
    everything = Edge("./", (Word(DECLARED, "Makefile:1"),))
    chain.put([Step("all", "Makefile", outputs=(everything,)), chain.split])
    chain.refused("lineage.complete", "claims the level observed")
    chain.refused("lineage.steps", "step all: was not recorded")


def test_a_guess_opens_no_gate(chain):
    words = (Word("static-inferred", "clean.py:3"),)
    guessed = Step("clean", "clean.py", outputs=(Edge("clean.csv", words, digest("clean.csv")),))
    chain.put([guessed, chain.split], DECLARED)
    chain.refused("lineage.materials", "step split: clean.csv", "as only clean.py:3 seems to say")


def test_a_source_with_another_digest(chain):
    source = Source(URL, "the caller", path="raw.csv", digests=(("SHA-256", OTHER),))
    for level in (NONE, OBSERVED):
        chain.put([chain.clean, chain.split], level, sources=(source,))
        chain.refused("lineage.materials", "step clean: raw.csv", f"but what was downloaded from {URL} has {OTHER}")


def test_a_source_without_a_digest_is_no_observation(chain):
    source = Source(URL, "the caller", path="raw.csv", digests=(("MD5", "0" * 32),))
    chain.put([chain.clean, chain.split], sources=(source,))
    chain.refused("lineage.materials", "step clean: raw.csv comes from")
    chain.put([chain.clean, chain.split], DECLARED, sources=(source,))
    chain.accepted("--require-lineage", "declared")


def test_the_last_of_two_writers_counts(chain):
    again = step("patch", 3, [], [seen("data/train.csv", OTHER)])
    chain.put([*chain.steps, again])
    chain.refused("lineage.products", "step patch: train.csv")


def test_a_step_that_ended_nobody_knows_how(chain):
    chain.put([chain.download, chain.clean._replace(exit_code=None), chain.split])
    chain.refused("lineage.steps", "step clean: failed: it ended without an exit code")
    chain.put([chain.download, chain.clean._replace(finished=None), chain.split])
    chain.refused("lineage.steps", "step clean: does not say when it ran")


@pytest.mark.parametrize(
    "observation",
    [
        Observation("audit-hook", complete=True),
        Observation("snapshot", complete=True),
        Observation("strace", complete=True, gaps=("a process was not seen",)),
    ],
    ids=["hook", "snapshot", "gaps"],
)
def test_an_observation_that_cannot_be_complete(chain, observation):
    chain.put([chain.download, chain.clean._replace(observation=observation), chain.split])
    chain.refused("lineage.steps", "step clean: was not observed completely")


def test_what_a_complete_run_did_not_do_explains_nothing(chain):
    """The pipeline declares that ``clean`` writes the file, and its run, observed completely, did not."""
    said = Edge("clean.csv", (Word(DECLARED, "dvc.yaml:2"),), digest("clean.csv"), 3)
    chain.put([chain.download, chain.clean._replace(outputs=(said,)), chain.split])
    chain.refused("lineage.materials", "step split: clean.csv")


def test_a_script_that_was_also_read_is_one_file(chain):
    clean = chain.clean._replace(inputs=(seen("clean.py", OTHER), seen("raw.csv")))
    source = Source(URL, "the caller", path="clean.py", digests=(("SHA-256", OTHER),))
    chain.put([chain.download, clean, chain.split], NONE, sources=(source,))
    chain.refused("lineage.scripts", "step clean: clean.py", "it also read it with")


def test_reorder_declared_steps(chain):
    words = (Word(DECLARED, "dvc.yaml:2"),)
    clean = Step("clean", "dvc.yaml", inputs=(Edge("raw.csv", words),), outputs=(Edge("clean.csv", words),))
    chain.put([chain.download, chain.split, clean], DECLARED)
    chain.refused("lineage.materials", "step split: clean.csv", "step clean wrote it later")


def test_a_table_that_no_step_wrote(chain):
    clean = chain.clean._replace(inputs=(seen("raw.csv"), Edge("table:users", SEEN)))
    chain.put([chain.download, clean, chain.split], DECLARED)
    chain.refused("lineage.materials", "step clean: table:users")


def test_a_url_that_only_a_script_names(chain):
    words = (Word("static-literal", "clean.py:3"),)
    said = Step("download", "clean.py", inputs=(Edge(URL, words),), outputs=chain.download.outputs)
    chain.put([said, chain.clean, chain.split], DECLARED)
    chain.refused("lineage.materials", "step download", "as only clean.py:3 seems to say")


def test_a_source_of_a_file_of_the_dataset_that_has_another_digest(chain):
    (chain.data / "planted.csv").write_bytes(b"planted")
    source = Source(URL, "the caller", path="data/planted.csv", digests=(("SHA-256", OTHER),))
    chain.put(chain.steps, NONE, sources=(source,))
    chain.refused("lineage.products", "planted.csv has sha256")


@pytest.mark.parametrize("form", ["table", "json", "sarif", "markdown", "junit", "github"])
def test_every_report_names_the_step(chain, form):
    clean = chain.clean._replace(name="cle\u202ean", inputs=(seen("raw.csv", OTHER),))
    chain.put([chain.download, clean, chain.split])
    ran = chain.verify("-f", form)
    assert ran.code == 1
    assert "lineage.materials" in ran.out
    assert "raw.csv" in ran.out
    assert "\u202e" not in ran.out
