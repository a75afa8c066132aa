from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.export.shared import Known, day, iri, live, moment, text, told, web
from sbom.provenance import LIVE, Assertion, Declaration, Provenance, Source


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2020-01-31", "2020-01-31T00:00:00Z"),
        ("2020-01-31T10:00:00Z", "2020-01-31T10:00:00Z"),
        ("2020-01-31T10:00:00.999+02:00", "2020-01-31T08:00:00Z"),
        ("2020-01-31 10:00", "2020-01-31T10:00:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", None),
        ("2020", None),
        ("2020-01", None),
        ("2020-02-31", None),
        ("20200131", None),
        ("2020-01-31 or so", None),
        ("\u0662\u0660\u0662\u0660-01-31", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(value, written):
    assert moment(value) == written


def test_days():
    assert day("2020-01-31") == "2020-01-31"
    assert day("2020-01-31T10:00:00+01:00") == "2020-01-31T09:00:00Z"
    assert day("2020") is None
    assert day("2020-13-01") is None


@given(st.text())
def test_any_text_may_be_a_date(value):
    found = moment(value)
    assert found is None or moment(found) == found


@pytest.mark.parametrize(
    "value", ["https://example.org/a%20b?c=d#e", "urn:uuid:1", "s3://b/k", "https://example.org/\u65e5", "mailto:a@b"]
)
def test_iris(value):
    assert iri(value) == value


@pytest.mark.parametrize(
    "value",
    ["", "x", "/x", "a b:c", "https://a b", "https://a\n", "https://a/%zz", "https://a/<b>", "x:\u202e", ":x", "1:x", "x:",
     "x:\u00a0", 'x:"'],
)  # fmt: skip
def test_no_iris(value):
    assert iri(value) is None


def test_web():
    assert web("https://example.org/x") == "https://example.org/x"
    assert web("HTTPS://example.org") == "HTTPS://example.org"
    for other in ("urn:x:y", "file:///x", "https:///x", "javascript:x", "https://a b"):
        assert web(other) is None


def test_lone_surrogates():
    assert text("a\ud800b") == "a?b"
    assert text("\U0001f427") == "\U0001f427"


def test_a_source_in_one_sentence():
    source = Source("u", "m", size=0, retrieved="2026", etag="e", final_url="f", digests=(("MD5", "00"),))
    assert told(source) == "retrieved 2026; from f; ETag e; 0 bytes; MD5 00"
    assert told(Source("u", "m")) == ""


def test_live_data(samples, small_dataset):
    assert not live(small_dataset)
    declared = Declaration(LIVE, "", "", "m")
    entries = (small_dataset.files[0]._replace(declared=(declared,)),)
    assert live(samples.dataset({}, entries=entries))
    assert live(samples.dataset(samples.small, provenance=Provenance(elsewhere=(("x", declared),))))


def test_nothing_known_is_lost(samples):
    said = (
        *samples.said(homepage=["a", "b", "c"], creator=["x", "y"], name="other"),
        Assertion("tool", "t", "m", "", None, "sub"),
    )
    known = Known(samples.dataset(samples.small, provenance=Provenance(assertions=said)))
    assert known.first("homepage", lambda _: None) is None
    assert ("homepage", "a") in known.rest()
    assert known.first("homepage") == "a"
    assert known.rest() == [("creator", "x"), ("creator", "y"), ("homepage", "b"), ("homepage", "c")]
    assert known.joined("creator") == "x\n\ny"
    assert known.all("creator") == ("x", "y")
    assert known.rest() == [("homepage", "b"), ("homepage", "c")]
    assert known.first("supplier") is None
