"""The difference of two datasets: complete, deterministic, and each file in exactly one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.diff import Change, Total, compare, same_content, total
from sbom.model import Dataset, FileEntry, ReleaseLink, Selection, TableStats


def file(path, content="x", **changes):
    return FileEntry(path, len(content), (("SHA-256", content.encode().hex().rjust(64, "0")),))._replace(**changes)


def dataset(*files, **changes):
    given = {"name": "penguins", "version": "1", "root": "0" * 64} | changes
    return Dataset(files=tuple(sorted(files, key=lambda entry: entry.path)), **given)


def moves(difference):
    return [(pair.old.path, pair.new.path) for pair in difference.renamed]


def test_nothing_differs():
    difference = compare(dataset(file("a"), file("b")), dataset(file("a"), file("b")))
    assert not difference.different
    assert difference.unchanged == 2


def test_added_removed_modified():
    difference = compare(dataset(file("a", "1"), file("b", "2")), dataset(file("a", "3"), file("c", "4")))
    assert [entry.path for entry in difference.added] == ["c"]
    assert [entry.path for entry in difference.removed] == ["b"]
    assert [(pair.old.path, pair.new.size) for pair in difference.modified] == [("a", 1)]
    assert difference.different


def test_a_moved_file_is_renamed():
    difference = compare(dataset(file("a"), file("stays", "y")), dataset(file("b"), file("stays", "y")))
    assert moves(difference) == [("a", "b")]
    assert (difference.added, difference.removed, difference.unchanged) == ((), (), 1)


def test_a_copy_is_added_not_renamed():
    difference = compare(dataset(file("a")), dataset(file("a"), file("b")))
    assert moves(difference) == []
    assert [entry.path for entry in difference.added] == ["b"]


def test_equal_files_are_paired_by_their_last_name_first_then_in_order():
    old = dataset(file("1/one"), file("1/two"), file("1/three"))
    new = dataset(file("2/a"), file("2/two"), file("2/z"))
    assert moves(compare(old, new)) == [("1/one", "2/a"), ("1/three", "2/z"), ("1/two", "2/two")]


def test_fewer_equal_files_than_before():
    difference = compare(dataset(file("a"), file("b")), dataset(file("c")))
    assert moves(difference) == [("a", "c")]
    assert [entry.path for entry in difference.removed] == ["b"]


def test_a_link_is_never_the_new_place_of_a_file():
    difference = compare(dataset(file("a")), dataset(file("b", link="elsewhere")))
    assert moves(difference) == []


def test_the_same_digest_of_another_size_is_no_move():
    assert moves(compare(dataset(file("a")), dataset(file("b", size=7)))) == []


def test_contradicting_digests_are_another_content():
    digests = file("a").digests
    old, new = (file("a", digests=(*digests, ("SHA-512", value * 128))) for value in "01")
    assert not same_content(old, new)
    assert len(compare(dataset(old), dataset(new)).modified) == 1
    assert moves(compare(dataset(old), dataset(new._replace(path="b")))) == []


def test_another_choice_of_digests_is_a_redescription():
    old, new = file("a"), file("a", digests=(*file("a").digests, ("SHA-512", "0" * 128)))
    difference = compare(dataset(old), dataset(new))
    assert [pair.new for pair in difference.redescribed] == [new]
    assert difference.different


@pytest.mark.parametrize(("old", "new"), [("x", "y"), (None, "x"), ("x", None)])
def test_the_text_of_a_link(old, new):
    difference = compare(dataset(file("a", link=old)), dataset(file("a", link=new)))
    assert [(pair.old.link, pair.new.link) for pair in difference.relinked] == [(old, new)]


def test_rows_and_media_type_redescribe():
    old = file("a", stats=TableStats(None, 2), media_type="text/csv")
    new = file("a", stats=TableStats(3, 2), media_type="text/plain")
    assert len(compare(dataset(old), dataset(new)).redescribed) == 1


def test_every_property_of_the_dataset():
    link = ReleaseLink("urn:uuid:1", 1, "a" * 64, "penguins", "1")
    new = dataset(
        file("a"),
        name="puffins",
        version=None,
        root="1" * 64,
        selection=Selection(("*.csv",), ("b", "c"), left_out=True),
        symlinks_followed=True,
        previous=link,
    )
    assert compare(dataset(file("a")), new).changes == (
        Change("name", "penguins", "puffins"),
        Change("version", "1", None),
        Change("root", "0" * 64, "1" * 64),
        Change("completeness", "complete", "incomplete"),
        Change("include", (), ("*.csv",)),
        Change("exclude", (), ("b", "c")),
        Change("symlinks", "recorded", "followed"),
        Change("predecessor", None, f"penguins 1 (sha256 {'a' * 64}, urn:uuid:1/1)"),
    )
    unnamed = dataset(file("a"), previous=link._replace(release=None))
    assert compare(dataset(file("a")), unnamed).changes[0].new.startswith("penguins (sha256")


def test_totals():
    assert total(dataset(file("a", "xy"))) == Total(1, 2, 0, None)
    known = file("a", stats=TableStats(3, 1))
    assert total(dataset(known, file("b", stats=TableStats(4, 1)))).rows == 7
    assert total(dataset(known, file("b", stats=TableStats(None, 1)))) == Total(2, 2, 2, None)


CONTENTS = st.sampled_from(["", "1", "2", "33"])
FILES = st.builds(
    file,
    st.sampled_from(["a", "b", "c/a", "c/b", "d"]),
    CONTENTS,
    link=st.sampled_from([None, "x", "y"]),
    media_type=st.sampled_from([None, "text/csv"]),
)
DATASETS = st.lists(FILES, max_size=5, unique_by=lambda entry: entry.path).map(lambda files: dataset(*files))


@given(DATASETS, DATASETS)
def test_each_file_is_in_exactly_one_place(old, new):
    difference = compare(old, new)
    pairs = (*difference.modified, *difference.renamed, *difference.relinked, *difference.redescribed)
    before = [*difference.removed, *(pair.old for pair in pairs)]
    after = [*difference.added, *(pair.new for pair in pairs)]
    same = set(old.files) & set(new.files)
    assert sorted([*before, *same], key=lambda entry: entry.path) == list(old.files)
    assert sorted([*after, *same], key=lambda entry: entry.path) == list(new.files)
    assert difference.unchanged == len(same)
    assert difference.different == (old != new)
    # what could still be paired has been
    gone, come = ({(e.sha256, e.size, e.link is None) for e in side} for side in (difference.removed, difference.added))
    assert not gone & come


@given(DATASETS, DATASETS)
def test_backwards_it_is_the_reverse(old, new):
    there, back = compare(old, new), compare(new, old)
    assert (len(there.renamed), len(there.modified)) == (len(back.renamed), len(back.modified))
    assert len(there.added) == len(back.removed)
    assert {(pair.old, pair.new) for pair in there.relinked} == {(pair.new, pair.old) for pair in back.relinked}


@given(DATASETS, DATASETS, st.randoms())
def test_it_does_not_depend_on_anything_but_the_datasets(old, new, chance):
    assert compare(old, new) == compare(dataset(*chance.sample(old.files, len(old.files))), new)


def test_many_equal_files_are_compared_a_few_times_each(monkeypatch):
    calls = []
    monkeypatch.setattr("sbom.diff.same_content", lambda one, other: calls.append(one) or same_content(one, other))
    number = 2_000
    old = dataset(*(file(f"old/{n}") for n in range(number)))
    new = dataset(*(file(f"new/{n}x") for n in range(number)))
    assert len(compare(old, new).renamed) == number
    assert len(calls) <= 2 * number
