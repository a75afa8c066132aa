"""The way forward."""

from __future__ import annotations

from workshop import EMPTY, declared, drawn, edge, entry, sha, step

from sbom.provenance import Source
from sbom.transformation import Edge, Script

URL = "https://example.org/raw.csv"


def forward(shop, bom, asked, **more):
    return shop.trace(bom, asked, descendants=True, **more)


def released(trace):
    """Return the tainted files of each dataset: ``{document: {path, …}}``."""
    found = {}
    for node in trace.nodes:
        if node.kind == "files" and node.released:
            found.setdefault(node.document, set()).update(one.name for one in node.items)
    return found


def pipeline():
    return (
        step("clean", ["raw.csv"], ["clean.csv"]),
        step("split", ["clean.csv"], ["data/a.csv", "data/b.csv"], minute=1),
        step("other", ["apart.csv"], ["data/c.csv"], minute=2),
    )


def test_everything_that_came_of_a_file_and_nothing_else(shop):
    bom = shop.put("one.json", ["a.csv", "b.csv", "c.csv"], pipeline())
    found = forward(shop, bom, "raw.csv")
    assert drawn(found) == [
        "0:clean.csv -read-> 0:step split",
        "0:raw.csv -read-> 0:step clean",
        "0:step clean -written-> 0:clean.csv",
        "0:step split -written-> 0:data/a.csv+data/b.csv",
    ]
    assert released(found) == {0: {"data/a.csv", "data/b.csv"}}
    assert drawn(forward(shop, bom, "a.csv")) == []
    assert released(forward(shop, bom, "a.csv")) == {0: {"data/a.csv"}}


def test_outputs_are_parted_by_who_reads_them(shop):
    steps = [
        step("make", ["raw"], ["x", "y", "data/z"]),
        step("left", ["x"], ["data/l"]),
        step("right", ["y"], ["data/r"]),
        step("both", ["x", "y"], ["data/b"]),
    ]
    lines = drawn(forward(shop, shop.put("one.json", ["z", "l", "r", "b"], steps), "raw"))
    assert [one for one in lines if "step make -" in one] == [
        "0:step make -written-> 0:data/z",
        "0:step make -written-> 0:x",
        "0:step make -written-> 0:y",
    ]
    assert [one for one in lines if one.startswith("0:x -")] == ["0:x -read-> 0:step both", "0:x -read-> 0:step left"]


def test_another_content_under_the_same_name_is_not_tainted(shop):
    steps = [step("make", [edge("raw.csv", "other")], ["data/a.csv"]), step("again", ["raw.csv"], ["data/b.csv"])]
    bom = shop.put("one.json", ["a.csv", "b.csv"], steps)
    assert released(forward(shop, bom, "raw.csv")) == {0: {"data/b.csv"}}


def test_a_source_taints_all_that_was_downloaded_from_it_everywhere(shop):
    sources = (
        Source(URL, "the caller", path="raw.csv", digests=(("SHA-256", sha("raw.csv")),), size=7),
        Source(f"{URL}2", "the caller", path="apart.csv"),
    )
    first = shop.put("one.json", ["a.csv", "b.csv", "c.csv"], pipeline(), sources=sources)
    second = shop.put("two.json", ["d.csv"], [step("get", [URL], ["data/d.csv"])], version="2", previous=first)
    found = forward(shop, second, URL)
    assert f"0:{URL} -downloaded-> 1:raw.csv" in drawn(found)
    assert f"0:{URL} -read-> 0:step get" in drawn(found)
    assert released(found) == {0: {"data/d.csv"}, 1: {"data/a.csv", "data/b.csv"}}


def test_a_script_taints_what_it_wrote(shop):
    bom = shop.put("one.json", ["a.csv", "b.csv", "c.csv"], pipeline())
    found = forward(shop, bom, "split.py")
    assert drawn(found) == [
        "0:split.py -ran-> 0:step split",
        "0:step split -written-> 0:data/a.csv+data/b.csv",
    ]


def test_a_script_of_which_nobody_knows_the_content(shop):
    steps = [declared("x", ["in"], [edge("data/a.csv")], scripts=(Script("x.py"),)), *pipeline()]
    bom = shop.put("one.json", ["a.csv", "b.csv", "c.csv"], steps)
    assert "0:x.py -ran-> 0:step x" in drawn(forward(shop, bom, "x.py"))


def test_the_same_bytes_in_other_releases(shop):
    first = shop.put("one.json", ["a.csv", "b.csv", "c.csv"], pipeline())
    second = shop.put("two.json", [entry("a.csv", "data/a.csv"), "new"], version="2", previous=first)
    third = shop.put("three.json", [entry("renamed", "data/b.csv")], version="3", previous=second)

    def by_version(bom, asked):
        found = forward(shop, bom, asked)
        return {found.documents.every[at].release.version: names for at, names in released(found).items()}

    assert by_version(first, "raw.csv") == {"1.0": {"data/a.csv", "data/b.csv"}, "2": {"a.csv"}, "3": {"renamed"}}
    assert by_version(third, "renamed") == {"1.0": {"data/b.csv"}, "3": {"renamed"}}


def test_a_later_release_whose_steps_read_the_same_bytes(shop):
    first = shop.put("one.json", ["a.csv", "b.csv", "c.csv"], pipeline())
    steps = [step("merge", ["clean.csv", "fresh.csv"], ["set/all.csv"])]
    shop.put("two.json", [entry("all.csv", "set/all.csv")], steps, prefix="set", version="2", previous=first)
    lines = drawn(forward(shop, first, "raw.csv"))
    assert "0:clean.csv -same-> 1:clean.csv" in lines
    assert "1:clean.csv -read-> 1:step merge" in lines
    assert "1:step merge -written-> 1:set/all.csv" in lines


def test_a_dataset_that_was_made_from_it(shop):
    raw = shop.put("raw.json", ["x.csv"], [step("get", ["in"], ["out/x.csv"])], prefix="out", name="raw")
    steps = [step("clean", [edge("raw/x.csv", "out/x.csv")], ["data/a.csv"])]
    shop.put("one.json", ["a.csv"], steps, upstream=(shop.upstream(raw),))
    found = forward(shop, raw, "in")
    assert "0:out/x.csv -same-> 1:raw/x.csv" in drawn(found)
    assert released(found) == {0: {"out/x.csv"}, 1: {"data/a.csv"}}
    assert found.documents.every[1].role == "other"


def test_empty_files_have_nothing_in_common(shop):
    empty = entry("empty")._replace(digests=(("SHA-256", EMPTY),))
    nothing = Edge("data/empty", edge("x").words, EMPTY, 0)
    steps = [step("touch", ["raw"], [nothing]), step("use", [nothing], ["data/a"])]
    first = shop.put("one.json", [empty, "a"], steps)
    shop.put("two.json", [empty._replace(path="else")], version="2", previous=first)
    assert released(forward(shop, first, "raw")) == {0: {"data/empty", "data/a"}}
    assert released(forward(shop, first, "empty")) == {0: {"data/empty", "data/a"}}


def test_names_decide_where_digests_are_missing(shop):
    steps = [
        declared("fetch", [URL], ["raw/"]),
        declared("clean", ["raw/x"], ["work/y"]),
        declared("gather", ["work/"], ["data/"]),
        step("exact", ["apart"], ["data/b"]),
    ]
    bom = shop.put("one.json", ["a", "b"], steps)
    found = forward(shop, bom, URL)
    assert [one.split(" -")[-1] for one in drawn(found) if "read" in one] == [
        "read-> 0:step fetch",
        "~read-> 0:step clean",
        "~read-> 0:step gather",
    ]
    # What another step is known to have written is not tainted by the directory that it lies in.
    assert released(found) == {0: {"data/a"}}
    assert "0:data/ -same-> 0:data/a" in drawn(found)


def test_an_output_without_a_digest_taints_its_name(shop):
    steps = [declared("make", ["raw"], ["x"]), step("use", ["x"], ["data/a"])]
    bom = shop.put("one.json", ["a"], steps)
    assert released(forward(shop, bom, "raw")) == {0: {"data/a"}}
    other = shop.put("two.json", ["a"], [declared("make", ["raw"], ["data/a"])], name="other")
    assert released(forward(shop, other, "raw"))[0] == {"data/a"}


def test_a_loop_ends(shop):
    steps = [
        step("a", ["x"], ["y"]),
        step("b", ["y"], ["x"]),
        step("c", ["x"], ["y"]),
    ]
    found = forward(shop, shop.put("one.json", ["z"], steps), "x")
    assert len([node for node in found.nodes if node.step]) == 3


def test_a_table_of_a_database(shop):
    first = shop.put("one.json", ["a"], [declared("q", ["table:t"], [edge("data/a")])])
    shop.put("two.json", ["b"], [declared("q", ["table:t"], [edge("data/b")])], version="2", previous=first)
    shop.put("three.json", ["c"], [declared("q", ["table:t"], [edge("data/c")])], name="another")
    assert sorted(map(sorted, released(forward(shop, first, "table:t")).values())) == [["data/a"], ["data/b"]]


def test_a_directory_of_the_dataset(shop):
    bom = shop.put("one.json", ["d/a", "d/b", "e"], [step("later", ["data/d/a"], ["report"])])
    found = forward(shop, bom, "d")
    assert [one.name for one in found.nodes[0].items] == ["data/d/a", "data/d/b"]
    assert "0:data/d/a+data/d/b -read-> 0:step later" in drawn(found)


def test_a_copy_comes_from_what_has_its_bytes(shop):
    steps = [step("make", ["raw"], ["data/a"]), step("use", [edge("moved", "data/a")], ["data/b"])]
    bom = shop.put("one.json", ["a", "b", entry("copy", "data/a")], steps)
    lines = drawn(forward(shop, bom, "raw"))
    assert "0:data/a -same-> 0:data/copy" in lines
    assert "0:data/a -same-> 0:moved" in lines
    assert "0:moved -read-> 0:step use" in lines


def test_outputs_are_parted_by_what_is_in_the_dataset(shop):
    steps = [step("make", ["raw"], ["data/a", "report"])]
    lines = drawn(forward(shop, shop.put("one.json", ["a"], steps), "raw"))
    assert "0:step make -written-> 0:data/a" in lines
    assert "0:step make -written-> 0:report" in lines


def test_a_file_without_a_digest_that_is_in_the_dataset(shop):
    steps = [declared("make", ["raw"], ["data/a", "data/b"])]
    assert released(forward(shop, shop.put("one.json", ["a", "c"], steps), "raw")) == {0: {"data/a"}}


def test_a_step_that_reads_from_two_places(shop):
    steps = [
        step("one", ["raw"], ["x", "x2"]),
        step("two", ["raw"], ["y"]),
        step("join", ["x", "y"], ["data/a"]),
        step("again", ["x2"], ["x"]),
        step("last", ["x"], ["data/b"]),
    ]
    lines = drawn(forward(shop, shop.put("one.json", ["a", "b"], steps), "raw"))
    assert "0:x -read-> 0:step join" in lines
    assert "0:y -read-> 0:step join" in lines
    assert "0:x2 -read-> 0:step again" in lines
    assert "0:x -read-> 0:step last" in lines
    assert "0:step again -written-> 0:x" in lines


def test_thousands_of_steps_that_read_one_file_each(shop):
    names = [f"{number:04}" for number in range(2000)]
    steps = [step("split", ["raw"], [f"part/{one}" for one in names])]
    steps += [step(f"s{one}", [f"part/{one}"], [f"data/{one}"]) for one in names]
    found = forward(shop, shop.put("one.json", names, steps), "raw")
    assert len(released(found)[0]) == 2000
    assert sum(node.step is not None for node in found.nodes) == 2001
