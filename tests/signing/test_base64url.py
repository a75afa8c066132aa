from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing_maker import relaxed

from sbom.errors import SignatureError
from sbom.signing import base64url


@relaxed
@given(st.binary(max_size=80))
def test_round_trip_in_the_spelling_of_the_standard_library_without_padding(data: bytes) -> None:
    text = base64url.encode(data)
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert base64url.decode(text, "it") == data


@relaxed
@given(st.text(alphabet="ABZaz09-_=+/ \n", max_size=12))
def test_whatever_decodes_is_spelt_canonically(text: str) -> None:
    try:
        data = base64url.decode(text, "it")
    except SignatureError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "_w==",
        "_w=",
        "/w",
        "+w",
        "_w ",
        " _w",
        "_w\n",
        "_\nw",
        "_x",
        "_",
        "_____",
        "_w\0",
        "\N{LATIN SMALL LETTER LONG S}w",
        "\N{FULLWIDTH LATIN SMALL LETTER A}w",
    ],
)
def test_every_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(SignatureError, match="the value is not canonical base64url"):
        base64url.decode(text, "the value")
