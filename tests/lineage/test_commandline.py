"""Options and operands; copies into files and directories."""

from __future__ import annotations

import pytest
from shell_texts import command, short

from sbom.lineage.commandline import as_directory, sort
from sbom.lineage.expansion import Word


def words(text):
    return [Word(one, known=True) for one in text.split()]


@pytest.mark.parametrize(
    ("text", "clusters", "options", "operands"),
    [
        ("-o a b -v --out=c --out d -- -x -", False, [("-o", "a"), ("-v", ""), ("--out", "c"), ("--out", "d")], ["b", "-x", "-"]),
        ("-oa -xzf b", False, [("-o", "a"), ("-xzf", "")], ["b"]),
        ("-xzo a b", True, [("-x", ""), ("-z", ""), ("-o", "a")], ["b"]),
        ("-xoa -o", True, [("-x", ""), ("-o", "a")], []),
        ("a -o", False, [], ["a"]),
    ],
)  # fmt: skip
def test_sort(text, clusters, options, operands) -> None:
    found = sort(words(text), "-o --out", clusters=clusters)
    assert [(name, value.text) for name, value in found.options] == options
    assert [word.text for word in found.operands] == operands


def test_a_value_that_is_not_known_is_still_one() -> None:
    unknown = Word("--out=/x", known=False, start="--out=data/")
    found = sort([unknown, Word("-o/x", known=False, start="-oout/"), Word("x", known=False)], "-o --out")
    assert [(name, word.directory) for name, word in found.options] == [("--out", "data"), ("-o", "out")]
    assert found.value("--in") is None
    assert len(found.operands) == 1
    cluster = sort([Word("-v", known=False, start="-vo")], "-o", clusters=True)
    assert [(name, word.known) for name, word in cluster.options] == [("-v", True), ("-o", False)]


def test_directories() -> None:
    assert as_directory(Word("a", known=True)).text == as_directory(Word("a/", known=True)).text == "a/"
    assert as_directory(Word("/x", known=False, start="a/")).directory == "a"
    assert as_directory(Word("", known=False)).directory is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cp a b", "<a >b"),
        ("cp a out/", "<a >out/a"),
        ("cp a b out", "<a <b >out/a >out/b"),
        ("mv data/raw/1.csv old", "<data/raw/1.csv >old/1.csv"),
        ("cp -r data/raw copy", "<data/raw/ >copy/"),
        ("cp -r data/raw old", "<data/raw/ >old/"),
        ("cp -r data/raw src old", "<data/raw/ <src/ >old/raw/ >old/src/"),
        ("cp -t out a b", "<a <b >out/a >out/b"),
        ("install -m 644 a b", "<a >b"),
        ("cp data/$X out/", "<data/ >out/"),
        ("cp a $OUT", "<a"),
        ("cp a $OUT/b out/$X/", "<a >out/ >out/"),
        ("cp only", "<only"),
        ("rsync -az --exclude x data/raw/ out/", "<data/raw/ >out/"),
        ("rsync host:data/x out/", ">out/x"),
        ("scp -P 22 a user@host:b", "<a"),
        ("cp 'data/*.none' out/", "<data/*.none >out/*.none"),
        ("cp data/*.none out/", "<data/ >out/"),
        ("cp https://e.org/x?y=1 out/", "<https://e.org/x?y=1 >out/x"),
    ],
)
def test_copies(tmp_path, text, expected) -> None:
    assert " ".join(short(command(tmp_path, text))) == expected
