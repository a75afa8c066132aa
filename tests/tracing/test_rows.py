"""The history of a row."""

from __future__ import annotations

import pytest
from workshop import declared, edge, entry, rows, sha, step

from sbom.errors import ChainError, DocumentError, UndecidedError, UsageError
from sbom.provenance import Source
from sbom.transformation import Observation

HOME = "data/t.csv"


def table(content, *values, name=HOME):
    return rows(name, content, *values)


def release(  # noqa: PLR0913, PLR0917  # what a release is made of
    shop, file, version, content, values, steps=(), previous=None, more=(), **given
):
    return shop.put(
        file, [entry("t.csv", content, len(values))], steps, version=version, previous=previous,
        rows=(table(content, *values), *more), **given,
    )  # fmt: skip


def verdicts(trace):
    return [(one.name, one.number, one.step, one.verdict) for one in trace.row.hops]


def seen(trace):
    every = trace.documents.every
    return [(every[one.document].release.version, one.known, one.rows) for one in trace.row.releases]


def three(shop):
    """Three releases: ``b`` came with the second one, where ``clean`` wrote it."""
    clean = [step("clean", ["raw.csv"], [edge(HOME, "2")])]
    raw = rows("raw.csv", "raw.csv", "a", "x")
    first = release(shop, "1.json", "1", "1", ["a"])
    second = release(shop, "2.json", "2", "2", ["a", "b"], clean, first, (raw,))
    return first, second, release(shop, "3.json", "3", "3", ["c", "a", "b"], (), second)


def test_a_row_that_a_step_wrote(shop):
    *_, third = three(shop)
    found = shop.trace(third, "t.csv", record=3)
    assert found.documents.every[found.row.first].release.version == "2"
    assert found.row.certain
    assert seen(found) == [("3", True, (3,)), ("2", True, (2,)), ("1", True, ())]
    assert verdicts(found) == [(HOME, 2, "clean", "wrote")]
    assert found.row.hops[0].says == "was written by it: raw.csv, which it read, does not hold it"
    # What is shown is how the release that brought the row was made.
    assert [node.step.name for node in found.nodes if node.step] == ["clean"]
    assert found.nodes[found.start[0]].document == found.row.first


def test_a_row_that_has_always_been_there(shop):
    *_, third = three(shop)
    found = shop.trace(third, "data/t.csv", record=2)
    assert found.documents.every[found.row.first].release.version == "1"
    assert found.row.certain
    assert [(one.step, one.verdict) for one in found.row.hops] == [(None, "open")]


def test_a_row_that_is_new(shop):
    *_, third = three(shop)
    found = shop.trace(third, "t.csv", record=1)
    assert (found.row.first, found.row.certain) == (0, True)


def test_without_the_other_releases_nothing_is_certain(shop):
    *_, third = three(shop)
    found = shop.trace(third, "t.csv", record=3, chain=False)
    assert (found.row.first, found.row.certain) == (0, False)


def test_a_release_without_digests_proves_nothing(shop):
    first = shop.put("1.json", [entry("t.csv", "1")], version="1")
    second = release(shop, "2.json", "2", "2", ["b"], previous=first)
    found = shop.trace(second, "t.csv", record=1)
    assert seen(found) == [("2", True, (1,)), ("1", False, ())]
    assert (found.row.first, found.row.certain) == (0, False)


def test_a_release_without_digests_between_two_with_them(shop):
    first = release(shop, "1.json", "1", "1", ["b"])
    second = shop.put("2.json", [entry("t.csv", "2")], version="2", previous=first)
    third = release(shop, "3.json", "3", "3", ["b"], previous=second)
    found = shop.trace(third, "t.csv", record=1)
    assert found.documents.every[found.row.first].release.version == "1"
    assert found.row.certain


def test_a_row_that_came_back_counts_from_then(shop):
    first = release(shop, "1.json", "1", "1", ["b"])
    second = release(shop, "2.json", "2", "2", ["a"], previous=first)
    third = release(shop, "3.json", "3", "3", ["b"], previous=second)
    found = shop.trace(third, "t.csv", record=1)
    assert (found.row.first, found.row.certain) == (0, True)
    assert [rows for *_, rows in seen(found)] == [(1,), (), (1,)]


def test_a_table_that_was_not_there_does_not_hold_it(shop):
    first = shop.put("1.json", [entry("other.csv", "o")], version="1")
    second = release(shop, "2.json", "2", "2", ["b"], previous=first)
    found = shop.trace(second, "t.csv", record=1)
    assert (found.row.first, found.row.certain) == (0, True)


def test_a_row_that_moved_between_tables(shop):
    files = [entry("t.csv", "t1", 1), entry("u.csv", "u1", 1)]
    first = shop.put(
        "1.json", files, [step("split", ["in.csv"], [edge("data/u.csv", "u1")])], version="1",
        rows=(table("t1", "a"), table("u1", "b", name="data/u.csv"), rows("in.csv", "in.csv", "b")),
    )  # fmt: skip
    second = release(shop, "2.json", "2", "2", ["b"], previous=first)
    found = shop.trace(second, "t.csv", record=1)
    assert found.row.releases[1].elsewhere == (("u.csv", 1),)
    assert found.documents.every[found.row.first].release.version == "1"
    assert verdicts(found)[0] == ("data/u.csv", 1, "split", "passed")


def test_a_row_is_followed_to_the_source(shop):
    steps = [
        step("clean", ["raw.csv"], ["clean.csv"]),
        step("split", ["clean.csv"], [edge(HOME, "1")]),
    ]
    source = Source("https://example.org/raw.csv", "me", path="raw.csv", digests=(("SHA-256", sha("raw.csv")),))
    more = (rows("raw.csv", "raw.csv", "x", "y", "b"), rows("clean.csv", "clean.csv", "y", "b"))
    bom = release(shop, "1.json", "1", "1", ["b"], steps, more=more, sources=(source,))
    found = shop.trace(bom, "t.csv", record=1)
    assert verdicts(found) == [
        (HOME, 1, "split", "passed"),
        ("clean.csv", 2, "clean", "passed"),
        ("raw.csv", 3, None, "held"),
    ]
    assert "https://example.org/raw.csv" in found.row.hops[-1].says
    assert verdicts(shop.trace(bom, "clean.csv", record=2)) == verdicts(found)[1:]


def test_a_row_is_followed_into_a_dataset_upstream(shop):
    steps = [step("get", ["in.csv"], [edge("out/x.csv", "x")])]
    raw = shop.put(
        "raw.json", [entry("x.csv", "x")], steps, prefix="out", name="raw", by="raw",
        rows=(rows("out/x.csv", "x", "a", "b"), rows("in.csv", "in.csv", "a")),
    )  # fmt: skip
    bom = release(
        shop, "1.json", "1", "1", ["b"], [step("clean", [edge("raw/x.csv", "x")], [edge(HOME, "1")])],
        upstream=(shop.upstream(raw),),
    )  # fmt: skip
    found = shop.trace(bom, "t.csv", record=1)
    assert verdicts(found) == [
        (HOME, 1, "clean", "passed"),
        ("raw/x.csv", 2, None, "held"),
        ("out/x.csv", 2, "get", "wrote"),
    ]


@pytest.mark.parametrize(
    ("made", "verdict", "says"),
    [
        (step("s", ["db.sqlite"], [edge(HOME, "1")]), "open", "no digests of the rows of db.sqlite"),
        (step("s", ["db.sqlite", "in.csv"], [edge(HOME, "1")]), "open", "of db.sqlite; in.csv does not hold it"),
        (step("s", ["in.csv", "s.py"], [edge(HOME, "1")]), "wrote", "in.csv, which it read, does not hold it"),
        (step("s", [], [edge(HOME, "1")]), "wrote", "it read no table"),
        (declared("s", ["in.csv"], [HOME]), "open", "nobody knows whether with this content"),
        (
            step("s", ["in.csv"], [edge(HOME, "1")], observation=Observation("snapshot", complete=False)),
            "wrote",
            "was not observed completely",
        ),
    ],
)
def test_what_can_be_said_of_a_step(shop, made, verdict, says):
    bom = release(shop, "1.json", "1", "1", ["b"], [made], more=(rows("in.csv", "in.csv", "a"),))
    (hop,) = shop.trace(bom, "t.csv", record=1).row.hops
    assert hop.verdict == verdict
    assert says in hop.says


def test_a_step_that_reads_what_it_writes_ends(shop):
    bom = release(shop, "1.json", "1", "1", ["b"], [step("s", [edge(HOME, "1")], [edge(HOME, "1")])])
    assert [one.verdict for one in shop.trace(bom, "t.csv", record=1).row.hops] == ["passed", "open"]


def test_a_table_of_the_steps_across_releases(shop):
    def made(content, *values):
        return {
            "steps": [step("s", [], [edge("mid.csv", content)]), step("u", [edge("mid.csv", content)], [HOME])],
            "more": (rows("mid.csv", content, *values),),
        }

    first = release(shop, "1.json", "1", HOME, ["z"], **made("m1", "a"))
    second = release(shop, "2.json", "2", HOME, ["z"], previous=first, **made("m2", "a", "b"))
    found = shop.trace(second, "mid.csv", record=1)
    assert seen(found) == [("2", True, (1,)), ("1", True, (1,))]
    assert verdicts(found) == [("mid.csv", 1, "s", "wrote")]
    assert shop.trace(second, "mid.csv", record=2).row.first == 0


# Wrong questions, and documents that lie.


def test_wrong_questions(shop):
    bom = shop.put("1.json", [entry("t.csv", "1"), "x.bin", "d/a.csv", "d/b.csv"], rows=(table("1", "a", "b"),))
    for record in (0, -1, 3):
        with pytest.raises(UsageError, match="its rows are 1 to 2"):
            shop.trace(bom, "t.csv", record=record)
    with pytest.raises(UsageError, match="is no table"):
        shop.trace(bom, "x.bin", record=1)
    with pytest.raises(UsageError, match="is a directory"):
        shop.trace(bom, "d", record=1)
    with pytest.raises(UndecidedError, match="no digests of its rows") as error:
        shop.trace(bom, "d/a.csv", record=1)
    assert "--record-digests" in error.value.hint


def test_a_list_of_digests_that_is_too_short_or_too_long(shop):
    for number in (1, 3):
        bom = shop.put("1.json", [entry("t.csv", "1", number)], rows=(table("1", "a", "b"),))
        with pytest.raises(DocumentError, match=f"2 digests of the {number} rows"):
            shop.trace(bom, "t.csv", record=1)


def test_two_documents_with_other_digests_for_the_same_bytes(shop):
    first = release(shop, "1.json", "1", "same", ["evil"])
    second = release(shop, "2.json", "2", "same", ["good"], previous=first)
    with pytest.raises(ChainError, match="than another document"):
        shop.trace(second, "t.csv", record=1)


def test_digests_of_other_bytes_do_not_count(shop):
    bom = shop.put("1.json", [entry("t.csv", "1")], rows=(table("other", "a"),))
    with pytest.raises(UndecidedError):
        shop.trace(bom, "t.csv", record=1)
