from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.manifests import digests

SHA256 = hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize("spelling", ["sha256", "SHA256", "SHA-256", "sha-256", "Sha_256", "sha2 256"[:4] + "56"])
def test_spellings(spelling):
    assert digests.name(spelling) == "SHA-256"


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("md5", "MD5"), ("sha1", "SHA-1"), ("sha3-512", "SHA3-512"), ("blake2b", "BLAKE2b-512"), ("xxh64", "XXH64")],
)
def test_other_algorithms(spelling, name):
    assert digests.name(spelling) == name


@pytest.mark.parametrize("spelling", ["", "crc32", "sha257", "sha", None, 5, "x" * 100])
def test_what_is_no_algorithm(spelling):
    assert digests.name(spelling) is None
    assert digests.parse(spelling, SHA256) is None


def test_hex_of_any_case_and_base64():
    raw = bytes.fromhex(SHA256)
    for value in (
        SHA256,
        SHA256.upper(),
        f" {SHA256}\n",
        base64.b64encode(raw).decode(),
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode(),
    ):
        assert digests.parse("sha256", value) == ("SHA-256", SHA256)


@pytest.mark.parametrize(
    "value",
    [
        "sha256",
        "https://github.com/mlcommons/croissant/issues/80",
        hashlib.md5(b"x", usedforsecurity=False).hexdigest(),
        SHA256[:-1],
        SHA256 + "0",
        "g" * 64,
        "\u0660" * 64,
        "",
        None,
        7,
        [SHA256],
    ],
)
def test_what_is_no_sha256(value):
    assert digests.parse("sha256", value) is None


@given(st.sampled_from(sorted(digests.LENGTHS)), st.text(max_size=140))
def test_what_comes_out_has_the_length_of_the_algorithm(name, value):
    known = digests.parse(name, value)
    if known is not None:
        assert known[0] == name
        assert len(bytes.fromhex(known[1])) * 2 == digests.LENGTHS[name] == len(known[1])
