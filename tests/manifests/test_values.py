"""Every function takes anything, and returns what was asked for or nothing."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.manifests import values
from sbom.manifests.errors import ManifestError

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary())
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@settings(deadline=None)
@given(value=ANYTHING)
def test_nothing_raises_and_nothing_else_comes_out(value):
    assert isinstance(values.kind(value), str)
    scalar, text, number, url = values.scalar(value), values.text(value), values.integer(value), values.url(value)
    assert scalar is None or isinstance(scalar, str)
    assert text is None or (text and text == text.strip() and not CONTROL.search(text))
    assert number is None or (type(number) is int and 0 <= number < 10**16)
    assert url is None or (isinstance(value, str) and url in value)
    assert isinstance(values.mapping(value), dict)
    assert isinstance(values.items(value), list)
    assert [item for item, _ in values.pointed(value, "")] == values.items(value)
    assert "/" not in values.token(value)


@settings(deadline=None)
@given(raw=st.text())
def test_cleaning_twice_changes_nothing_and_what_is_clean_stays(raw):
    once = values.clean(raw)
    assert values.clean(once) == once
    once.encode()
    assert not CONTROL.search(once)
    if raw.isprintable():
        assert once == raw.strip()


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (" a ", "a"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("a\x1b[31mb\x00\x9b", "a[31mb"),
        ("\ud800x\udfff", "?x?"),
        ("\x1b \x1b", ""),
        ("\u202e\u00fc", "\u202e\u00fc"),
    ],
)
def test_clean(raw, kept):
    assert values.clean(raw) == kept


def test_kinds_are_named_for_people():
    named = [values.kind(value) for value in (None, {}, [], "", True, 1, 1.5, b"")]
    assert named == [
        *("nothing", "an object", "a list", "a text", "a truth value", "a number", "a number", "of an unexpected kind")
    ]


@pytest.mark.parametrize(
    ("value", "text"), [("x", "x"), (True, "true"), (False, "false"), (5, "5"), (1.5, "1.5"), (b"x", None), ([], None)]
)
def test_scalars(value, text):
    assert values.scalar(value) == text


def test_a_number_that_python_does_not_write():
    assert values.scalar(10**5000) is None
    assert values.integer(10**5000) is None
    assert values.integer("9" * 5000) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0),
        (10**16 - 1, 10**16 - 1),
        (10**16, None),
        (-1, None),
        (True, None),
        (3.0, 3),
        (3.5, None),
        (-1.0, None),
        (1e15, None),
        (float("nan"), None),
        (float("inf"), None),
        ("12", 12),
        ("1" * 16, int("1" * 16)),
        ("1" * 17, None),
        ("-1", None),
        (" 1", None),
        ("1\n", None),
        ("\u0661", None),
        ("1_0", None),
        ("0x1", None),
        ("", None),
        (None, None),
    ],
)
def test_integers(value, number):
    assert values.integer(value) == number


GOOD = ["https://example.org/a?b#c", "urn:uuid:x", "doi:10.1/x", "ftp://h/\u00fc", "s3://b/k", "git+ssh://h/x"]
BAD = [
    "example.org",
    "/a",
    "//h/a",
    "C:/x",
    "c:x",
    "https:// h",
    "https://h/a b",
    "https://h/\x7f",
    "https://h/\x85x",
    "https://h/\ud800",
    'https://h/"',
    "https://h/<",
    "https://h/\\",
    "https://h/`",
    "https://h/{x}",
    "https:",
    "1a://h",
    "",
    "https://h/" + "x" * 4000,
    "x" * 40 + "://h",
]


@pytest.mark.parametrize("text", GOOD)
def test_urls(text):
    assert values.url(text) == values.url(f" {text}\n") == text


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_url(text):
    assert values.url(text) is None


def test_lists_are_pointed_at():
    assert list(values.pointed(["a", None], "/x")) == [("a", "/x/0"), (None, "/x/1")]
    assert list(values.pointed("a", "/x")) == [("a", "/x")]
    assert list(values.pointed(None, "/x")) == []
    assert values.token("a/b~c") == "a~1b~0c"


@settings(deadline=None)
@given(data=st.binary())
def test_bytes_are_json_or_an_error(data):
    with suppress(ManifestError):
        assert values.json(data) == json.loads(data.removeprefix(b"\xef\xbb\xbf"))


@pytest.mark.parametrize("data", [b"[" * 100_000, b"", b"\xff", b'{"a": NaN}', b'"\\ud800"', b"1 2"])
def test_what_is_no_json(data):
    with pytest.raises(ManifestError, match="is not JSON"):
        values.json(data)


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert values.json(b"\xef\xbb\xbf[1]") == [1]
    assert values.decode(b"\xef\xbb\xbfx") == "x"
    with pytest.raises(ManifestError, match="byte 1"):
        values.decode(b"x\xff")
