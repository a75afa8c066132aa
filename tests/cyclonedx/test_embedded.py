"""JSON inside of property values: one spelling for one meaning."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.cyclonedx import embedded
from sbom.errors import DocumentError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet=st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('abé"', max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(alphabet=st.characters(codec="utf-8")), VALUES))
def test_objects_survive(value):
    text = embedded.dump(value)
    assert embedded.load_object(text) == value == json.loads(text)
    assert embedded.load(text) == value


def test_is_compact_and_sorted():
    assert embedded.dump({"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "null", '"x"', '{"a":1,"a":1}', '{"b":1,"a":1}', '{"a": 1}', '{"a":1}\n', '{"a":1.50}', '{"a":1e3}',
     '{"a":NaN}', '{"a":"\\u0041"}', '{"a":"\\ud800"}', '{"a":99999999999999999999999}', "[" * 5000, '{"a":' * 5000],
)  # fmt: skip
def test_other_spellings_are_none(text):
    assert embedded.load_object(text) is None


def test_lone_surrogates_become_question_marks():
    assert embedded.dump({"a\ud800": "\udcff", "b": ["é\udcff"]}) == '{"a?":"?","b":["é?"]}'
    assert embedded.utf8("a\udcffé") == "a?é"
    assert embedded.utf8("abc\n") == "abc\n"


TYPES = {"a": str, "n": int, "t": bool}


def test_members():
    assert embedded.members('{"a":"x","n":1,"t":true}', "p", TYPES, "a") == {"a": "x", "n": 1, "t": True}
    assert embedded.members("{}", "p", TYPES) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "the value of p is not a compact JSON object"),
        ('{"b":1}', "the member 'b' of p is unknown"),
        ('{"a":1}', "the member 'a' of p is unknown or of the wrong type"),
        ('{"a":null}', "wrong type"),
        ('{"a":"x","n":true}', "wrong type"),
        ('{"a":"x","t":1}', "wrong type"),
        ("{}", "the member 'a' of p is missing or empty"),
        ('{"a":""}', "missing or empty"),
    ],
)
def test_members_that_are_refused(text, reason):
    with pytest.raises(DocumentError, match=reason):
        embedded.members(text, "p", TYPES, "a")
