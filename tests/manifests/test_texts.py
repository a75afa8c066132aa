"""Trees put into words: columns, dates, moments, licences, and addresses that hold secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.manifests import texts


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([{"name": "id", "type": "integer"}, {"name": "label"}], "t: id (integer), label"),
        ([{"name": " "}, {"type": "x"}, 3, None, {"name": "only"}], "t: only"),
        ([{"name": "a", "type": {"type": "struct"}}], "t: a"),
        ([{"name": 3, "type": True}], "t: 3 (true)"),
        ({"name": "alone"}, "t: alone"),
        ([], None),
        (None, None),
        ("text", None),
    ],
)
def test_columns(fields, expected):
    assert texts.columns(fields, of="t") == expected


def test_columns_are_bounded():
    found = texts.columns([{"name": "n" * 1_000, "type": "t" * 1_000}] * 600)
    assert found.endswith(") and 100 more")
    assert len(found) < 500 * 410


@pytest.mark.parametrize(
    "text",
    ["2026", "2026-01", "2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456+02:00", "2026-01-02 03:04"],
)
def test_dates(text):
    assert texts.date(text) == text


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2026-13",
        "2026-1-2",
        "2026-02-30",
        "20260102",
        "2026-W01-1",
        "26",
        "2026-01-02T25:00",
        "2" * 50,
        None,
        [],
        {},
        True,
        1.5,
    ],
)
def test_what_is_no_date(value):
    assert texts.date(value) is None


def test_a_year_may_be_a_number():
    assert texts.date(2026) == "2026"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_767_323_045_999, "2026-01-02T03:04:05Z"),
        ("1767323045999", "2026-01-02T03:04:05Z"),
        (-1, None),
        (10**15, None),
        (10**20, None),
        ("x", None),
        (None, None),
        (True, None),
    ],
)
def test_moments(value, expected):
    assert texts.moment(value) == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (
            [("own", "/n"), ("https://creativecommons.org/licenses/by/4.0/", "/p")],
            ("https://creativecommons.org/licenses/by/4.0/", "/p"),
        ),
        ([("MIT", "/n"), ("CC-BY-4.0", "/p")], ("MIT", "/n")),
        ([("own", "/n"), ("LICENSE.md", "/p")], ("own", "/n")),
        ([(None, "/n"), ("  ", "/x"), (3, "/y"), (" own ", "/p")], ("own", "/p")),
        ([(None, "/n")], None),
        ([], None),
    ],
)
def test_the_spelling_of_a_licence_that_is_certain_is_preferred(candidates, expected):
    assert texts.license_of(candidates) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ada:secret@example.org/x", True),
        ("jdbc:postgresql://h/db?user=a&Password=b", True),
        ("https://h/x?X-Amz-Signature=abc", True),
        ("https://h/x?sv=1&sig=abc", True),
        ("https://h/x?access_token=abc", True),
        ("https://h/x?api_key=abc", True),
        ("https://h/x?key=abc&monkey=x", False),
        ("https://ada@example.org/x", False),
        ("https://example.org:8080/a@b", False),
        ("https://example.org/x?design=1&signal=2", False),
        ("s3://bucket/password/x", False),
    ],
)
def test_secrets(url, expected):
    assert texts.secret(url) is expected


@given(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.lists(st.text()),
        st.dictionaries(st.text(), st.text()),
    )
)
def test_nothing_raises(value):
    texts.columns(value)
    texts.columns([value])
    texts.date(value)
    texts.moment(value)
    texts.license_of([(value, "")])
