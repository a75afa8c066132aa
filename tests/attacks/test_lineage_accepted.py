"""Threat "lineage", the other side: chains that are unusual and good must be accepted, or nobody would check any."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chains import ENDED, SEEN, STARTED, URL, content, digest, seen, step

from sbom.provenance import Provenance, Source
from sbom.transformation import DECLARED, NONE, OBSERVED, Edge, Lineage, Observation, Script, Step, Word

SAID = (Word(DECLARED, "dvc.yaml:2"),)


def test_the_good_chain(chain):
    chain.put(chain.steps)
    chain.accepted()
    chain.accepted("--require-lineage", "declared")
    chain.accepted(*chain.demanding)


@pytest.mark.parametrize("level", [NONE, DECLARED, OBSERVED])
def test_a_claim_that_is_lower_than_what_holds(chain, level):
    chain.put(chain.steps, level)
    chain.accepted("--require-lineage", "observed")


def test_a_gap_that_nobody_claims_is_closed(chain):
    chain.put([chain.clean, chain.split], NONE)
    chain.accepted()


def test_a_named_source_in_place_of_a_step(chain):
    source = Source(URL, "the caller", path="raw.csv", digests=(("SHA-256", digest("raw.csv")),))
    chain.put([chain.clean, chain.split], sources=(source,))
    chain.accepted("--require-lineage", "observed")


def test_an_unsigned_record_where_nobody_asks_for_a_signature(chain):
    chain.put_dataset(chain.dataset(chain.steps))
    chain.accepted("--require-lineage", "observed")


def test_a_step_that_rewrites_its_input(chain):
    clean = step("clean", 1, [seen("raw.csv")], [seen("raw.csv", digest("clean.csv"))])
    split = chain.split._replace(inputs=(seen("raw.csv", digest("clean.csv")),))
    chain.put([chain.download, clean, split])
    chain.accepted("--require-lineage", "observed")


def test_a_pipeline_that_says_more_than_the_record(chain):
    clean = chain.signed(chain.clean)
    edges = tuple(one._replace(words=(*one.words, Word(DECLARED, "dvc.yaml:3"))) for one in clean.inputs)
    more = Edge("notes.txt", (Word(DECLARED, "dvc.yaml:4"),))
    chain.put([chain.download, clean._replace(inputs=tuple(sorted((*edges, more)))), chain.split])
    chain.accepted(*chain.demanding)


def test_clocks_that_are_a_little_apart(chain):
    chain.put([chain.download, chain.clean, chain.split._replace(started=STARTED.format(0), finished=ENDED.format(0))])
    chain.accepted("--require-lineage", "observed")


def test_a_declared_step_at_the_level_declared(chain):
    words = (Word(DECLARED, "dvc.yaml:2"),)
    declared = Step("clean", "dvc.yaml", inputs=(Edge("raw.csv", words),), outputs=(Edge("clean.csv", words),))
    chain.put([chain.download, declared, chain.split], DECLARED)
    chain.accepted("--require-lineage", "declared")
    chain.refused("lineage.complete", more=("--require-lineage", "observed"))


def test_no_lineage_at_all(chain):
    chain.put_dataset(replace(chain.dataset(()), lineage=Lineage()))
    chain.accepted()
    chain.refused("lineage.complete", more=("--require-lineage", "declared"))
    chain.refused("lineage.signatures", "clean", more=("--step-key", f"clean={chain.home / 'jane.pub'}"))


def test_a_dataset_that_was_only_downloaded(chain):
    sources = tuple(
        Source(f"https://example.org/{name}", "the caller", path=name, digests=(("SHA-256", digest(f"data/{name}")),))
        for name in ("test.csv", "train.csv")
    )
    chain.put_dataset(replace(chain.dataset((), provenance=Provenance(sources=sources)), lineage=Lineage()))
    chain.accepted("--require-lineage", "observed")
    first = sources[0]._replace(digests=())
    known = Provenance(sources=(first, sources[1]))
    chain.put_dataset(replace(chain.dataset((), provenance=known), lineage=Lineage()))
    chain.accepted("--require-lineage", "declared")
    chain.refused("lineage.products", "test.csv comes from", more=("--require-lineage", "observed"))


def test_a_run_that_changes_nothing(chain):
    """A formatter ran on files that were well formatted: what it read and what it wrote is the same."""
    same = step("format", 2, [seen("clean.csv")], [seen("clean.csv")])
    again = step("lint", 2, [seen("clean.csv")], [seen("clean.csv")])
    chain.put(
        [
            chain.download,
            chain.clean,
            same,
            again,
            chain.split._replace(started="2026-11-01T10:03:00Z", finished="2026-11-01T10:03:30Z"),
        ]
    )
    chain.accepted("--require-lineage", "observed")
    chain.put([same, again, chain.split], NONE)
    chain.accepted()


def test_a_content_that_comes_back(chain):
    """Packed and unpacked again: the same name has the same content at two times."""
    pack = step("pack", 2, [seen("clean.csv")], [seen("clean.csv", digest("packed"))])
    unpack = step("unpack", 3, [seen("clean.csv", digest("packed"))], [seen("clean.csv")])
    split = chain.split._replace(started=STARTED.format(4), finished=ENDED.format(4))
    chain.put([chain.download, chain.clean, pack, unpack, split])
    chain.accepted("--require-lineage", "observed")


def test_declared_steps_that_rewrite_one_file(chain):
    def declared(name, *more):
        return Step(name, "Makefile", inputs=(Edge("clean.csv", SAID),), outputs=(Edge("clean.csv", SAID),))

    chain.put([chain.download, chain.clean, declared("sort"), declared("unique"), chain.split], DECLARED)
    chain.accepted("--require-lineage", "declared")
    chain.put([declared("sort"), declared("unique"), chain.split], NONE)
    chain.accepted()


def test_a_directory_that_a_pipeline_declares(chain):
    split = Step("split", "dvc.yaml", inputs=(Edge("clean.csv", SAID),), outputs=(Edge("data/", SAID),))
    chain.put([chain.download, chain.clean, split], DECLARED)
    chain.accepted("--require-lineage", "declared")
    chain.refused("lineage.steps", "step split: was not recorded", more=("--require-lineage", "observed"))


def test_a_step_that_the_dataset_does_not_come_from(chain):
    gaps = ("it wrote outside of the workspace",)
    aside = step(
        "plot",
        3,
        [seen("font.ttf")],
        [seen("plot.png")],
        observation=Observation("snapshot", complete=False, gaps=gaps),
    )
    chain.put([*chain.steps, aside])
    chain.accepted("--require-lineage", "observed")


def test_a_step_without_scripts(chain):
    chain.put([chain.download._replace(scripts=(), argv=("curl", URL), revision=None), chain.clean, chain.split])
    chain.accepted(*chain.demanding)


def test_one_script_at_two_commits(chain):
    later = chain.split.revision._replace(commit="d" * 40)
    clean = chain.clean._replace(scripts=(Script("common.py", digest("old"), 3),))
    split = chain.split._replace(scripts=(Script("common.py", digest("new"), 3),), revision=later)
    chain.put([chain.download, clean, split])
    chain.accepted("--require-lineage", "observed")
    chain.put([chain.download, clean, split._replace(revision=clean.revision._replace(dirty=True))])
    chain.accepted("--require-lineage", "observed")


def test_a_script_of_the_dataset_itself(chain):
    (chain.data / "clean.py").write_bytes(content("clean.py"))
    source = Source(URL, "the caller", path="data/clean.py", digests=(("SHA-256", digest("clean.py")),))
    clean = chain.clean._replace(scripts=(Script("data/clean.py", digest("clean.py"), 3),))
    chain.put([chain.download, clean, chain.split], sources=(source,))
    chain.accepted("--require-lineage", "observed")


def test_a_failing_step_that_nobody_recorded_has_no_exit_code(chain):
    split = Step("split", "dvc.yaml", inputs=(Edge("clean.csv", SAID),), outputs=chain.split.outputs)
    chain.put(
        [chain.download, chain.clean, split._replace(outputs=tuple(one._replace(words=SAID) for one in split.outputs))],
        DECLARED,
    )
    chain.accepted("--require-lineage", "declared")


def test_one_key_for_every_step_and_another_one_for_one(chain):
    chain.put(chain.steps)
    chain.accepted(*chain.key("*", "team"), *chain.key("clean", "jane"))
    chain.accepted(*chain.key("clean", "jane"), *chain.key("clean", "stranger"))


def test_what_a_manifest_says_behind_a_url_may_be_an_archive(chain):
    source = Source(URL, "croissant.json", path="train.csv", digests=(("SHA-256", digest("archive")),))
    chain.put(chain.steps, provenance=Provenance(sources=(source,)))
    chain.accepted("--require-lineage", "observed")


def test_a_file_that_is_there_before_and_after(chain):
    """The source of ``raw.csv`` is named, and a later step writes the very same bytes again."""
    source = Source(URL, "the caller", path="raw.csv", digests=(("SHA-256", digest("raw.csv")),))
    again = step("export", 3, [], [Edge("raw.csv", SEEN, digest("raw.csv"), 3)])
    chain.put([chain.clean, chain.split, again], sources=(source,))
    chain.accepted("--require-lineage", "observed")
