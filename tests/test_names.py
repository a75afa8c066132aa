"""Names: which are refused, which are doubted, and that none reaches a terminal raw."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom import names

REFUSED = [
    ("../x", "'.' or '..'"),
    ("..", "'.' or '..'"),
    ("a/../../b", "'.' or '..'"),
    ("a/..", "'.' or '..'"),
    (".", "'.' or '..'"),
    ("./a", "'.' or '..'"),
    ("a/./b", "'.' or '..'"),
    ("a/.", "'.' or '..'"),
    ("/etc/passwd", "absolute"),
    ("/", "absolute"),
    ("//server/share", "absolute"),
    ("C:", "drive"),
    ("c:x", "drive"),
    ("C:\\x", "drive"),
    ("z:/x", "drive"),
    ("a\\b", "backslash"),
    ("\\\\server", "backslash"),
    ("a/b\\", "backslash"),
    ("", "empty segment"),
    ("a//b", "empty segment"),
    ("a/", "empty segment"),
    ("a\0b", "control"),
    ("a\nb", "control"),
    ("a/\tb", "control"),
    ("\x1b[31m", "control"),
    ("a\x7f", "control"),
    ("a\x80", "control"),
    ("a\x9f", "control"),
    ("\udcff", "not UTF-8"),
    ("a/\ud800", "not UTF-8"),
]
ACCEPTED = [
    "a", "a.b", "...", "..a", "a..", "a/...", ".hidden", "a/.hidden", ".a/.b", "-", "~", "ab:c", "d/c:", "1:", "é:",
    "con", "a b", " a", "日本/ü", "\U0001f600", "e\u0301", "a" * 5000, "*?[]", "'\"", "\u202e", "\u00a0", "\ufffd",
]  # fmt: skip
DOUBTED = [
    "a\u202eb", "a\u200b", "\ufeffa", "a\u2066b\u2069", "a\u00adb", "a\u034fb", "\u061c", "\u115f", "\u3164", "\uffa0",
    "\u2028", "\u180e", "a\ufe0f", "\U000e0041", "\U000e0100", "\u200f/x", "a\u2060", "\ufff9",
]  # fmt: skip
TRAILING = ["a ", "a.", "a /b", "a./b", "d/a ", "d/a.", "a..."]


@pytest.mark.parametrize(("path", "reason"), REFUSED)
def test_refused(path, reason):
    assert reason in str(names.refusal(path))


@pytest.mark.parametrize("path", ACCEPTED)
def test_accepted(path):
    assert names.refusal(path) is None


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("aZ:/\\. \0\n\x80\ud800é\u202e1"), max_size=8))
def test_the_cheap_look_never_accepts_what_the_close_one_refuses(path):
    close = names._REFUSED.search(path)
    assert (names.refusal(path) is None) == (close is None)


@pytest.mark.parametrize("text", ["a\nb", "\x1b", "\x7f", "\x9f", "\udcff"])
def test_text_refused(text):
    assert names.text_refusal(text)


@pytest.mark.parametrize("text", ["../x", "/abs", "C:\\x", "", "a//b", "é"])
def test_text_accepted(text):
    assert names.text_refusal(text) is None


@pytest.mark.parametrize("path", DOUBTED)
def test_invisible(path):
    assert names.doubt(path) == "the name holds a bidirectional or invisible character"
    assert list(names.doubts(["a", path, "b"])) == [(path, names.doubt(path))]


@pytest.mark.parametrize("path", TRAILING)
def test_trailing(path):
    assert names.doubt(path) == "a part of the name ends in a space or a dot"
    assert list(names.doubts(["x", path])) == [(path, names.doubt(path))]


@pytest.mark.parametrize("path", ["a", "a.b", ".a", "a b", " a", "日本", "\u00e9", "e\u0301", "\U0001f600", "d/.a"])
def test_not_doubted(path):
    assert names.doubt(path) is None
    assert list(names.doubts([path])) == []


def test_nothing_is_not_doubted():
    assert list(names.doubts([])) == []


def test_every_character_that_is_not_seen_is_doubted():
    """Default_Ignorable_Code_Point of Unicode 16, and what breaks lines or changes direction."""
    invisible = [
        (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    ]  # fmt: skip
    expected = {number for first, last in invisible for number in range(first, last + 1)}
    doubted = {number for number in range(0x110000) if names._DOUBTFUL.search(f"a{chr(number)}b")}
    assert doubted == expected


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a", "b"], []),
        (["README", "readme"], [("README", "readme")]),
        (["A/x", "a/y"], [("A", "a")]),
        (["A/x", "a/x"], [("A", "a"), ("A/x", "a/x")]),
        (["d/A/x", "d/a/y"], [("d/A", "d/a")]),
        (["a", "A/x"], [("a", "A")]),
        (["caf\u00e9", "cafe\u0301"], [("caf\u00e9", "cafe\u0301")]),
        (["stra\u00dfe", "STRASSE"], [("stra\u00dfe", "STRASSE")]),
        (["\u03c3", "\u03c2"], [("\u03c3", "\u03c2")]),
        (["\u212a", "k"], [("\u212a", "k")]),
        (["\u01f0", "J\u030c"], [("\u01f0", "J\u030c")]),
        (["a", "A", "\uff21"], [("a", "A")]),
        (["a/b", "a/c", "a/d/e"], []),
        (["a/b", "b/c", "a/d", "A/e"], [("a", "A")]),
        (["a/b/c", "a/B/d", "A/b/e"], [("a/b", "a/B"), ("a", "A"), ("a/b", "A/b")]),
    ],
)
def test_twins(paths, expected):
    assert list(names.twins(iter(paths))) == expected


def test_twins_are_doubts():
    ((path, reason),) = names.doubts(["a\u0301", "\u00e1"])
    assert path == "\u00e1"
    assert "differs from a\u0301 in case or Unicode normalisation only" in reason


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 日本 \U0001f600", "plain é 日本 \U0001f600"),
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202e", "\\u202e"),
        ("\u200b", "\\u200b"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("\x9b", "\\x9b"),
        ("", ""),
    ],
)
def test_display(text, shown):
    assert names.display(text) == shown


def test_display_is_cut():
    assert names.display("x" * 500) == "x" * 400 + "…"
    assert names.display("x" * 400) == "x" * 400
    assert names.display("abc", 2) == "ab…"


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=30))
def test_whatever_is_displayed_is_printable(text):
    shown = names.display(text)
    assert shown.isprintable()
    shown.encode()
