"""in-toto Statements: what is read, and all that is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.attestation import statement
from sbom.attestation.statement import PAYLOAD_TYPE, Statement, Subject
from sbom.errors import SignatureError
from sbom.signing.dsse import Envelope, Signature

SHA = "ab" * 32
GOOD = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "a", "digest": {"sha256": SHA}}],
    "predicateType": "urn:x",
    "predicate": {"b": 1},
}


def load(payload, kind=PAYLOAD_TYPE):
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return statement.load(Envelope(kind, data, (Signature("", b"x"),)), "x.sigstore.json")


def test_good() -> None:
    assert load(GOOD) == Statement((Subject("a", SHA),), "urn:x", {"b": 1})


@given(
    st.lists(st.text(min_size=1), min_size=1, max_size=5, unique=True), st.dictionaries(st.text(), st.integers(0, 9))
)
def test_what_is_written_is_read(names, predicate) -> None:
    one = Statement(tuple(Subject(name, SHA) for name in names), "urn:x", predicate)
    assert load(statement.dump(one)) == one


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "whose _type is not"),
        ({"predicateType": 3}, "without a predicate"),
        ({"predicate": []}, "without a predicate"),
        ({"subject": []}, "without subjects"),
        ({"subject": {}}, "without subjects"),
        ({"subject": GOOD["subject"] * 101}, "with more than 100"),
        ({"subject": GOOD["subject"] * 2}, "two subjects with one name"),
        ({"subject": ["a"]}, "not a name and a digest"),
        ({"subject": [{"name": "a"}]}, "not a name and a digest"),
        ({"subject": [{"name": 1, "digest": {"sha256": SHA}}]}, "not a name and a digest"),
        ({"subject": [{"name": "a", "digest": {"sha256": SHA}, "uri": "x"}]}, "not a name and a digest"),
        ({"subject": [{"name": "a", "digest": {}}]}, "not exactly one SHA-256"),
        ({"subject": [{"name": "a", "digest": {"sha256": SHA, "md5": "0" * 32}}]}, "not exactly one SHA-256"),
        ({"subject": [{"name": "a", "digest": {"sha1": "0" * 40}}]}, "not exactly one SHA-256"),
        ({"subject": [{"name": "a", "digest": {"sha256": SHA.upper()}}]}, "64 lower-case"),
        ({"subject": [{"name": "a", "digest": {"sha256": ""}}]}, "64 lower-case"),
        ({"subject": [{"name": "a", "digest": {"sha256": None}}]}, "64 lower-case"),
        ({"more": 1}, "other members"),
    ],
)
def test_refused(change, says) -> None:
    with pytest.raises(SignatureError, match=says) as raised:
        load({**GOOD, **change})
    assert raised.value.path == "x.sigstore.json"


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "not JSON"),
        (b"[]", "not an object"),
        (b'{"a": 1, "a": 2}', "statement that"),
        (b" " * (statement.MAX_SIZE + 1), "more than"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "statement that"),
    ],
)
def test_no_statement_at_all(payload, says) -> None:
    with pytest.raises(SignatureError, match=says):
        load(payload)


def test_another_payload_type() -> None:
    with pytest.raises(SignatureError, match=r"holds text/plain, not application/vnd.in-toto"):
        load(GOOD, "text/plain")
