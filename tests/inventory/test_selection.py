"""Glob patterns: one set of rules for every flag that takes one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.errors import UsageError
from sbom.inventory import selection


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.csv", ["a.csv", "train/a.csv", ".csv", "d/e/f.csv"], ["a.csv.gz", "a.csv/evil", "csv"]),
        ("a.csv", ["a.csv", "d/a.csv", "a.csv/below", "d/a.csv/e/f"], ["ba.csv", "a.csvx"]),
        ("train/*.csv", ["train/a.csv"], ["x/train/a.csv", "train/d/a.csv", "train/a.csv/evil"]),
        ("train", ["train", "train/a", "x/train/a/b"], ["training/a", "x-train"]),
        ("train/", ["train", "train/a", "x/train/a"], ["training"]),
        ("/train", ["train", "train/a"], ["x/train"]),
        ("./train/a", ["train/a", "train/a/b"], ["x/train/a"]),
        ("./*.csv", ["a.csv"], ["train/a.csv"]),
        ("/*.csv", ["a.csv"], ["train/a.csv"]),
        ("*/", ["a", "a/b", "a/b/c"], []),
        ("train/**", ["train/a", "train/a/b"], ["train", "x/train/a"]),
        ("**", ["a", "a/b", ".hidden/x"], []),
        ("**/a", ["a", "b/a", "b/c/a"], ["ba", "a/below"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        ("a/**/*.csv", ["a/x.csv", "a/b/x.csv"], ["x.csv"]),
        ("**/**/a", ["a", "x/y/a"], []),
        ("a?c", ["abc", "x/a.c"], ["a/c", "ac", "abbc"]),
        ("[ab].txt", ["a.txt", "d/b.txt"], ["c.txt", "ab.txt"]),
        ("[!ab].txt", ["c.txt"], ["a.txt", "/.txt"]),
        ("[^ab].txt", ["c.txt"], ["a.txt"]),
        ("x/[!a]b", ["x/cb"], ["x//b", "x/ab"]),
        ("[a-c]", ["b"], ["d", "-"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("[-a]", ["a", "-"], ["b"]),
        ("[+--]", ["+", ",", "-"], ["."]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[!]a]", ["b"], ["]", "a"]),
        ("[[]x", ["[x"], ["x"]),
        ("[a&&b]", ["a", "&", "b"], ["c"]),
        ("[a||b~~c]", ["|", "~", "c"], ["d"]),
        (r"[\d]", ["d"], ["1"]),
        ("[", ["["], ["a"]),
        ("a[b", ["a[b"], ["ab"]),
        ("[]", ["[]"], ["a"]),
        ("a.c", ["a.c"], ["abc"]),
        ("a+(b)$|^", ["a+(b)$|^"], ["a"]),
        ("*", ["a", "d/a"], []),
        ("a*b*c", ["abc", "aXbXc"], ["ab/c"]),
        ("é*", ["état"], ["etat"]),
        ("*.x", ["new\nline.x"], []),
    ],
)
def test_what_a_pattern_matches(pattern, yes, no):
    selection.check([pattern])
    assert [path for path in yes if not selection.matches(path, [pattern])] == []
    assert [path for path in no if selection.matches(path, [pattern])] == []


@pytest.mark.parametrize("pattern", ["", "/", "./", "a//b", "a/./b", "../a", "a/..", ".", "..", "//", "/..", "a/b//"])
def test_patterns_that_can_match_nothing(pattern):
    if pattern == "a/b//":
        selection.check([pattern])  # any number of slashes at the end says: a directory
        return
    with pytest.raises(UsageError, match="can match nothing"):
        selection.check(["*.csv", pattern])


@pytest.mark.parametrize("pattern", ["[z-a]", "[!z-a]x", "d/[b-a]*", "[a--]"])
def test_patterns_that_cannot_be_read(pattern):
    with pytest.raises(UsageError, match="cannot be read"):
        selection.check([pattern])


def test_any_pattern_is_enough_and_none_matches_nothing():
    assert selection.matches("a.csv", ["*.txt", "*.csv"])
    assert not selection.matches("a.csv", [])


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("train", True),
        ("train/", True),
        ("**", True),
        ("tr*", False),
        ("tr*/", True),
        ("train/*", False),
        ("train/a", False),
        ("*.csv", False),
    ],
)
def test_which_directories_are_covered(pattern, covered):
    assert selection.covers("train", [pattern]) is covered
    assert selection.covers("train", ["other", pattern]) is covered
    assert not selection.covers("train", [])


@settings(deadline=None)
@given(st.text(alphabet="ab*?[]!^-/.\\&~|#\n", max_size=12), st.text(alphabet="ab/.-]", min_size=1, max_size=12))
def test_every_pattern_is_either_read_or_refused(pattern, path):
    try:
        selection.check([pattern])
    except UsageError:
        return
    matched = selection.matches(path, [pattern])
    if selection.covers(path, [pattern]):
        assert selection.matches(f"{path}/below", [pattern])
    assert isinstance(matched, bool)


@settings(deadline=None)
@given(st.text(alphabet="ab.-é ", min_size=1, max_size=8).filter(lambda text: set(text) - {"."}))
def test_a_plain_name_matches_itself_at_any_depth(name):
    assert selection.matches(name, [name])
    assert selection.matches(f"d/{name}", [name])
    assert selection.matches(f"{name}/below", [name])
    assert not selection.matches(f"{name}x", [name])
