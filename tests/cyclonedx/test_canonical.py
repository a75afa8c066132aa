"""Canonical bytes: RFC 8785, by an independent implementation, by the RFC's own samples, and by construction."""

from __future__ import annotations

import math
import struct

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.cyclonedx import canonical as module
from sbom.cyclonedx.canonical import canonical
from sbom.errors import DocumentError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERLIKE = st.from_regex(r'\A(":|\[|,)?-?[0-9]{1,3}[.e][0-9]{0,3}\Z')
ASTRAL = st.text(st.sampled_from("a\uffff\ue000\U00010000\U0001f427"), max_size=3)
STRINGS = TEXT | NUMBERLIKE | ASTRAL
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STRINGS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES)
def test_it_is_what_an_independent_implementation_writes(value):
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**63, 2**64, 10**30])
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"a": {"b": x}}, lambda x: [1.5, x]])
def test_integers_without_a_canonical_form(number, wrap):
    with pytest.raises(DocumentError, match="canonical"):
        canonical(wrap(number))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [None, x], lambda x: {"a": {"b": x}}])
def test_floats_without_a_canonical_form(number, wrap):
    with pytest.raises(DocumentError, match="canonical"):
        canonical(wrap(number))


@pytest.mark.parametrize(
    "value",
    ["\ud800", {"\udfff": 1}, ["a", {"b": "\udc80"}], object(), {1: 2}, {"a": b"bytes"}, {"a": {1, 2}}],
    ids=["text", "key", "inside", "object", "number-key", "bytes", "set"],
)
def test_values_without_a_canonical_form(value):
    with pytest.raises(DocumentError, match="canonical"):
        canonical(value)


def test_too_deep():
    value = []
    for _ in range(2000):
        value = [value]
    with pytest.raises(DocumentError, match="canonical"):
        canonical(value)


# RFC 8785, appendix B: IEEE 754 double (hex) and its canonical form.
@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_the_numbers_of_the_rfc(bits, text):
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    for value, written in (number, text), ([number], f"[{text}]"), ({"a": [1, number]}, f'{{"a":[1,{text}]}}'):
        assert canonical(value) == written.encode()


def test_the_sample_of_the_rfc():
    # RFC 8785, section 3.2.2 to 3.2.4.
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_the_order_of_keys_of_the_rfc():
    # RFC 8785, section 3.2.3: by UTF-16 code units, so the astral smiley comes before U+FB33.
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert canonical(value) == '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\U0001f600":5,"\ufb33":3}'.encode()


@pytest.mark.parametrize("value", [{"a": '":1.5'}, {'":2e': "[3.4"}, ["x,1.5", None], {"v": "\U0001f600"}])
def test_a_text_that_only_looks_like_a_number_stays_on_the_fast_way(value, monkeypatch):
    expected = rfc8785.dumps(value)
    monkeypatch.setattr(module, "_slow", pytest.fail)
    assert canonical(value) == expected


def test_tuples_are_lists():
    assert canonical({"a": (1, 2.5)}) == b'{"a":[1,2.5]}'
