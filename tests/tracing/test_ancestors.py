"""The way back."""

from __future__ import annotations

from workshop import EMPTY, SAID, declared, drawn, edge, entry, sha, step

from sbom.provenance import Source
from sbom.transformation import OBSERVED, Edge, Observation

URL = "https://example.org/raw.csv"


def source(path, content, url=URL):
    return Source(url, "the caller", path=path, digests=(("SHA-256", sha(content)),), size=7)


def good(shop, **more):
    steps = (
        step("clean", ["raw.csv"], ["clean.csv"]),
        step("split", ["clean.csv"], ["data/a.csv", "data/b.csv"], minute=1),
    )
    return shop.put("one.json", ["a.csv", "b.csv"], steps, sources=(source("raw.csv", "raw.csv"),), **more)


CHAIN = [
    "0:clean.csv -read-> 0:step split",
    f"0:{URL} -downloaded-> 0:raw.csv",
    "0:raw.csv -read-> 0:step clean",
    "0:step clean -written-> 0:clean.csv",
    "0:step split -written-> 0:data/a.csv",
]


def test_through_steps_to_the_source(shop):
    bom = good(shop)
    for asked in ("a.csv", "data/a.csv"):
        found = shop.trace(bom, asked)
        assert drawn(found) == CHAIN
        assert [found.nodes[one].items[0].name for one in found.start] == ["data/a.csv"]
        assert found.nodes[found.start[0]].released
        assert not found.problems
    read = next(one for one in found.links if one.how == "read")
    assert (read.kind, read.exact) == (OBSERVED, True)


def test_a_file_that_is_not_in_the_dataset(shop):
    found = shop.trace(good(shop), "clean.csv")
    assert drawn(found) == [one for one in CHAIN if "split" not in one]
    assert not found.nodes[0].released


def test_a_directory_and_files_of_one_step_are_one_group(shop):
    found = shop.trace(good(shop), "./data/")
    assert "0:step split -written-> 0:data/a.csv+data/b.csv" in drawn(found)
    assert len(found.start) == 1
    assert shop.trace(good(shop), "data").start == (0,)


def test_a_dataset_that_is_the_workspace(shop):
    bom = shop.put("one.json", ["a.csv"], [step("make", ["raw.csv"], ["a.csv"])], prefix="")
    assert drawn(shop.trace(bom, "a.csv")) == [
        "0:raw.csv -read-> 0:step make",
        "0:raw.csv ? nobody says where it comes from",
        "0:step make -written-> 0:a.csv",
    ]


def test_a_file_that_is_written_again_and_again_is_followed_to_the_right_content(shop):
    steps = [
        step("first", ["x"], [edge("data/a.csv", "1")]),
        step("second", [edge("data/a.csv", "1")], [edge("data/a.csv", "2")]),
        step("third", [edge("data/a.csv", "2")], [edge("data/a.csv", "3")]),
    ]
    found = shop.trace(shop.put("one.json", [entry("a.csv", "3")], steps), "a.csv")
    assert [one for one in drawn(found) if "written" in one] == [
        "0:step first -written-> 0:data/a.csv",
        "0:step second -written-> 0:data/a.csv",
        "0:step third -written-> 0:data/a.csv",
    ]
    assert len(found.nodes) == 7


def test_other_bytes_than_the_step_wrote_are_not_followed(shop):
    bom = shop.put("one.json", [entry("a.csv", "other")], [step("make", ["raw.csv"], [edge("data/a.csv")])])
    assert drawn(shop.trace(bom, "a.csv")) == ["0:data/a.csv ? it is not what step make wrote under its name"]


def test_other_bytes_than_the_source_has_are_not_followed(shop):
    bom = shop.put("one.json", ["a.csv"], [], sources=(source("data/a.csv", "other"),))
    assert drawn(shop.trace(bom, "a.csv")) == ["0:data/a.csv ? it is not what was downloaded under its name"]


def test_steps_in_the_wrong_order_are_not_followed_and_do_not_loop(shop):
    steps = [
        step("b", ["two"], ["data/a.csv", "one"]),
        step("a", ["one"], ["two"]),
    ]
    assert drawn(shop.trace(shop.put("one.json", ["a.csv"], steps), "a.csv")) == [
        "0:step b -written-> 0:data/a.csv",
        "0:two -read-> 0:step b",
        "0:two ? step a wrote it later, and nobody says where it came from before",
    ]


def test_a_step_that_reads_what_it_writes_does_not_loop(shop):
    bom = shop.put("one.json", ["a.csv"], [step("touch", ["data/a.csv"], ["data/a.csv"])])
    found = shop.trace(bom, "a.csv")
    assert "0:data/a.csv -read-> 0:step touch" in drawn(found)
    assert len(found.nodes) == 3


def test_what_is_declared_is_followed_by_name_and_says_so(shop):
    steps = [
        declared("fetch", [URL], ["raw/"]),
        declared("clean", ["raw/", "table:birds"], ["work/"]),
        declared("split", ["work/x.csv"], ["data/"]),
    ]
    found = shop.trace(shop.put("one.json", ["a.csv"], steps), "a.csv")
    assert drawn(found) == [
        f"0:{URL} -read-> 0:step fetch",
        "0:raw/ -~read-> 0:step clean",
        "0:step clean -~written-> 0:work/x.csv",
        "0:step fetch -~written-> 0:raw/",
        "0:step split -~written-> 0:data/a.csv",
        "0:table:birds -~read-> 0:step clean",
        "0:table:birds ? nobody says where it comes from",
        "0:work/x.csv -~read-> 0:step split",
    ]
    assert {one.kind for one in found.links if one.how in {"read", "written"}} == {"declared"}


def test_a_directory_comes_from_all_that_was_written_in_it_before(shop):
    steps = [
        step("one", ["x"], ["raw/1", "raw/2"]),
        step("two", ["y"], ["raw/3"]),
        declared("join", ["raw/"], [edge("data/a.csv", words=SAID)]),
        step("late", ["z"], ["raw/4"]),
    ]
    lines = drawn(shop.trace(shop.put("one.json", ["a.csv"], steps), "a.csv"))
    assert [one for one in lines if one.endswith(" 0:raw/")] == [
        "0:step one -~written-> 0:raw/",
        "0:step two -~written-> 0:raw/",
    ]


def test_a_directory_of_downloaded_files(shop):
    steps = [declared("join", ["raw/"], [edge("data/a.csv", words=SAID)])]
    bom = shop.put("one.json", ["a.csv"], steps, sources=(source("raw/1", "1"), source("raw/2", "2", f"{URL}2")))
    assert f"0:{URL}+{URL}2 -~downloaded-> 0:raw/" in drawn(shop.trace(bom, "a.csv"))


def test_only_what_was_observed_counts_for_a_run_that_was_observed_completely(shop):
    reads = [edge("raw.csv"), Edge("guess.csv", SAID)]
    complete = shop.put("one.json", ["a.csv"], [step("make", reads, ["data/a.csv"])])
    assert not any("guess" in one for one in drawn(shop.trace(complete, "a.csv")))
    seen = Observation("snapshot", complete=False, gaps=("x",))
    partly = shop.put("one.json", ["a.csv"], [step("make", reads, ["data/a.csv"], observation=seen)])
    assert "0:guess.csv+raw.csv -~read-> 0:step make" in drawn(shop.trace(partly, "a.csv"))


def test_a_dataset_upstream_and_its_sources(shop):
    raw = shop.put(
        "raw.json", ["x.csv"], [step("export", [URL], ["out/x.csv"])], prefix="out", name="raw", by="raw",
    )  # fmt: skip
    steps = [step("clean", [edge("raw/x.csv", "out/x.csv")], ["data/a.csv"])]
    bom = shop.put("one.json", ["a.csv"], steps, upstream=(shop.upstream(raw),))
    found = shop.trace(bom, "a.csv")
    assert drawn(found) == [
        "0:raw/x.csv -read-> 0:step clean",
        "0:step clean -written-> 0:data/a.csv",
        f"1:{URL} -read-> 1:step export",
        "1:out/x.csv -same-> 0:raw/x.csv",
        "1:step export -written-> 1:out/x.csv",
    ]
    assert found.documents.every[1].role == "upstream"
    without = shop.trace(bom, "a.csv", chain=False)
    assert "0:raw/x.csv ? the document of raw, which it should belong to, is not at hand" in drawn(without)
    assert "is not at hand: give it with --chain DIR" in without.notes[0]


def test_another_file_than_the_dataset_upstream_holds(shop):
    raw = shop.put("raw.json", ["x.csv"], prefix="", name="raw", by="raw")
    steps = [step("clean", [edge("raw/x.csv", "other")], ["data/a.csv"])]
    bom = shop.put("one.json", ["a.csv"], steps, upstream=(shop.upstream(raw),))
    assert "0:raw/x.csv ? it is not what the dataset raw holds under its name" in drawn(shop.trace(bom, "a.csv"))


def test_a_file_that_is_carried_over_is_followed_in_the_release_before(shop):
    first = good(shop)
    files = [entry("a.csv", "data/a.csv"), entry("new.csv", "new"), entry("b.csv", "changed")]
    second = shop.put("two.json", files, prefix="elsewhere", version="2.0", previous=first, sources=())
    assert drawn(shop.trace(second, "a.csv")) == sorted(
        ["1:data/a.csv -same-> 0:elsewhere/a.csv", *(one.replace("0:", "1:") for one in CHAIN)]
    )
    third = shop.put("three.json", files, prefix="third", version="3.0", previous=second, steps=[step("x", [], ["y"])])
    found = shop.trace(third, "third/a.csv")
    assert "1:elsewhere/a.csv -same-> 0:third/a.csv" in drawn(found)
    assert "2:data/a.csv -same-> 1:elsewhere/a.csv" in drawn(found)
    for asked in ("new.csv", "b.csv"):
        assert any("nobody says where it comes from" in one for one in drawn(shop.trace(second, asked)))


def test_nothing_is_known(shop):
    bom = shop.put("one.json", ["a.csv"])
    assert drawn(shop.trace(bom, "a.csv")) == ["0:a.csv ? nobody says where it comes from"]


def test_empty_files_are_followed_by_name(shop):
    empty = entry("a.csv", "")._replace(digests=(("SHA-256", EMPTY),))
    steps = [step("make", ["raw"], [Edge("data/a.csv", edge("x").words, EMPTY, 0)])]
    assert "0:step make -written-> 0:data/a.csv" in drawn(shop.trace(shop.put("one.json", [empty], steps), "a.csv"))


def test_two_readers_of_one_file_lead_to_one_step(shop):
    steps = [
        step("make", ["raw"], ["common"]),
        step("left", ["common"], ["l"]),
        step("right", ["common"], ["r"]),
        step("join", ["l", "r"], ["data/a.csv"]),
    ]
    found = shop.trace(shop.put("one.json", ["a.csv"], steps), "a.csv")
    assert sum(node.step is not None and node.step.name == "make" for node in found.nodes) == 1
    assert sum(any(one.name == "common" for one in node.items) for node in found.nodes) == 1
