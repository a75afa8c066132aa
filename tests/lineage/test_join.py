from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.errors import UsageError
from sbom.lineage.join import directories_of, disagreements, join, merge, ordered, recorded_part, relevant, unique
from sbom.transformation import DECLARED, INFERRED, LITERAL, OBSERVED, Edge, Observation, Step, Word

A, B, C = "a" * 64, "b" * 64, "c" * 64
COMPLETE = Observation("strace", complete=True)
PARTIAL = Observation("snapshot", complete=False, gaps=("reads are not seen",))


def seen(name: str, sha256: str = A) -> Edge:
    return Edge(name, (Word(OBSERVED),), sha256, 1)


def said(name: str, kind: str = DECLARED, where: str = "dvc.yaml:3") -> Edge:
    return Edge(name, (Word(kind, where),))


def step(name: str, inputs=(), outputs=(), **more) -> Step:
    return Step(name, f"{name}.json", inputs=tuple(inputs), outputs=tuple(outputs), **more)


def names(steps) -> list[str]:
    return [one.name for one in steps]


def test_a_record_and_a_stage_of_one_name_are_one_step() -> None:
    record = step("clean", [seen("raw.csv")], [seen("clean.csv")], observation=COMPLETE, argv=("x",))
    stage = step("clean", [said("raw.csv")], [said("clean.csv")])._replace(origin="dvc.yaml")
    (found,) = join([record], [stage])
    assert found.origin == "clean.json" and found.argv == ("x",)
    assert found.inputs[0].words == (Word(OBSERVED), Word(DECLARED, "dvc.yaml:3"))
    assert found.inputs[0].sha256 == A


def test_what_a_stage_declares_and_the_run_did_not_do_stays_visible() -> None:
    record = step("clean", [seen("raw.csv")], observation=COMPLETE)
    (found,) = join([record], [step("clean", [said("other.csv"), said("raw.csv")])])
    assert [(edge.name, edge.kind) for edge in found.inputs] == [("other.csv", DECLARED), ("raw.csv", OBSERVED)]
    assert list(disagreements(found)) == [
        ("other.csv", "is said to be read (dvc.yaml:3), but the run did not read it"),
    ]


def test_what_the_run_did_and_nobody_declares_is_a_disagreement() -> None:
    record = step("clean", [], [seen("clean.csv"), seen("secret.csv")], observation=COMPLETE)
    (found,) = join([record], [step("clean", [], [said("clean.csv")])])
    assert list(disagreements(found)) == [("secret.csv", "was written, but nobody declares it")]


def test_a_declared_directory_covers_what_lies_in_it() -> None:
    record = step("split", [], [seen("data/a.csv"), seen("data/deep/b.csv")], observation=COMPLETE)
    (found,) = join([record], [step("split", [], [said("data/")])])
    assert list(disagreements(found)) == []


def test_nothing_disagrees_where_nobody_declares_anything() -> None:
    assert list(disagreements(step("x", [seen("a")], [seen("b")], observation=COMPLETE))) == []
    assert list(disagreements(step("x", [said("a")]))) == []


@pytest.mark.parametrize("kind", [LITERAL, INFERRED])
def test_of_a_complete_run_what_a_script_only_seems_to_do_is_left_out(kind: str) -> None:
    stage = step("clean", [said("other.csv", kind, "clean.py:2")])
    (whole,) = join([step("clean", observation=COMPLETE)], [stage])
    (part,) = join([step("clean", observation=PARTIAL)], [stage])
    assert whole.inputs == ()
    assert part.inputs == stage.inputs


def test_the_recorded_part_is_what_was_recorded() -> None:
    record = step(
        "clean",
        [seen("raw.csv"), Edge("x.csv", (Word(DECLARED, "--input"),))],
        [seen("clean.csv")],
        observation=PARTIAL,
    )
    stage = step("clean", [said("raw.csv"), said("more.csv"), said("x.csv")], [said("clean.csv")])
    (found,) = join([record], [stage])
    assert found != record
    assert recorded_part(found) == record
    assert recorded_part(record) is not None and recorded_part(record) == record


def test_two_records_of_one_step_are_refused() -> None:
    with pytest.raises(UsageError, match="two records of the step clean"):
        join([step("clean", observation=COMPLETE), step("clean", observation=COMPLETE)], [])


def test_stages_of_several_pipelines_keep_their_names_apart() -> None:
    stages = [step("a")._replace(origin=f"{n}/dvc.yaml") for n in "xyz"]
    assert names(unique(stages)) == ["a", "y/dvc.yaml:a", "z/dvc.yaml:a"]
    again = names(unique([*stages, *stages[:2], *stages[1:2]]))
    assert again[3:] == ["x/dvc.yaml:a", "y/dvc.yaml:a 2", "y/dvc.yaml:a 3"]


def test_edges_of_one_name_become_one_with_the_most_trusted_word_first() -> None:
    (edge,) = merge([said("a", INFERRED, "x.py:1"), said("a"), seen("a", B), said("a")])
    assert edge == Edge("a", (Word(OBSERVED), Word(DECLARED, "dvc.yaml:3"), Word(INFERRED, "x.py:1")), B, 1)


def test_steps_come_after_those_whose_products_they_read() -> None:
    steps = [
        step("train", [said("data/train.csv")]),
        step("split", [said("clean.csv")], [said("data/")]),
        step("clean", [said("raw.csv")], [said("clean.csv")]),
    ]
    assert names(ordered(steps)) == ["clean", "split", "train"]
    assert names(ordered([step("list", [said("out/")]), step("make", [], [said("out/a")])])) == ["make", "list"]


def test_a_file_that_is_rewritten_orders_steps_by_its_digests() -> None:
    steps = [
        step("third", [seen("x", B)], started="2026-01-01T00:00:00Z"),
        step("second", [seen("x", A)], [seen("x", B)], started="2026-01-02T00:00:00Z"),
        step("first", [], [seen("x", A)], started="2026-01-03T00:00:00Z"),
    ]
    assert names(ordered(steps)) == ["first", "second", "third"]


def test_a_loop_keeps_every_step_once() -> None:
    steps = [
        step("a", [said("x")], [said("y")]),
        step("b", [said("y")], [said("x")]),
        step("c", [said("c")], [said("c")]),
    ]
    assert sorted(names(ordered(steps))) == ["a", "b", "c"]


def test_a_long_chain_needs_no_recursion() -> None:
    steps = [step(f"s{n:05}", [said(f"f{n}")], [said(f"f{n + 1}")]) for n in reversed(range(3_000))]
    assert names(ordered(steps)) == [f"s{n:05}" for n in range(3_000)]


@given(st.lists(st.tuples(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef"))), max_size=8))
def test_ordering_loses_and_repeats_nothing(shapes) -> None:
    steps = [step(str(n), map(said, sorted(i)), map(said, sorted(o))) for n, (i, o) in enumerate(shapes)]
    assert sorted(ordered(steps)) == sorted(steps)


def test_only_what_the_dataset_comes_from_is_kept_and_what_was_recorded() -> None:
    steps = [
        step("get", [], [said("raw.csv")]),
        step("clean", [said("raw.csv")], [said("data/clean.csv")]),
        step("train", [said("data/clean.csv")], [said("model.bin")]),
        step("seen", [], [seen("elsewhere.csv")], observation=COMPLETE),
    ]
    assert names(relevant(steps, ["data/clean.csv"])) == ["get", "clean", "seen"]
    assert names(relevant(steps[:3], ["data/other.csv"])) == []
    assert names(relevant([step("all", [], [said("data/")])], ["data/deep/x.csv"])) == ["all"]
    assert names(relevant([step("none", [], [said("dat")])], ["data/x.csv"])) == []


def test_directories_end_in_a_slash() -> None:
    assert list(directories_of("a/b/c.csv")) == ["a/b/", "a/", "./"]
    assert list(directories_of("a/b/")) == ["a/", "./"]
    assert list(directories_of("c")) == ["./"]
