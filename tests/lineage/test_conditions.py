"""Conditions whose outcome is known."""

from __future__ import annotations

import pytest

from sbom.lineage.conditions import matches, outcome
from sbom.lineage.expansion import UNKNOWN, Word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ a = a ]", True),
        ("[ a == b ]", False),
        ("test a != b", True),
        ("[ ! a = a ]", False),
        ("[ a* = ab ]", False),
        ("[[ ab == a* ]]", True),
        ("[[ ab != a* ]]", False),
        ("[ -z ]", None),
        ("[ -n x ]", True),
        ("[ -z x ]", False),
        ("[ 2 -gt 10 ]", False),
        ("[ 2 -le 10 ]", True),
        ("[ 2 -ne 2 ]", False),
        ("[ x -eq 2 ]", None),
        (f"[ {'9' * 30} -gt 2 ]", None),
        ("[ -f x ]", None),
        ("[ a = b -o c = d ]", None),
        ("[[ a = b && c = d ]]", None),
        ("[", None),
        ("grep x y", None),
        ("", None),
    ],
)
def test_outcomes(text, expected) -> None:
    assert outcome([Word(word, known=True) for word in text.split()]) is expected


def test_what_is_not_known_has_no_outcome() -> None:
    words = [Word(word, known=True) for word in ("[", "-n", "]")]
    assert outcome([*words[:2], UNKNOWN, words[2]]) is None
    assert outcome([words[0], UNKNOWN, Word("=", known=True), Word("a", known=True), words[2]]) is None


def test_long_texts_match_nothing() -> None:
    assert matches("a" * 100, "*a*a*a*b") is False
    assert matches("a" * 3_000, "*") is False
