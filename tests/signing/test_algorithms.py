from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from signing_maker import KIND_OF, key, relaxed, weak_rsa

from sbom.errors import KeyFileError
from sbom.signing import algorithms, mldsa

ALL = sorted(KIND_OF)
ECDSA = {"ES256": 32, "ES384": 48, "ES512": 66}


def test_the_table_is_jsf_without_hmac() -> None:
    assert sorted(algorithms.ALGORITHMS) == [*ALL, mldsa.ALGORITHM]
    assert [name for name in ("HS256", "HS384", "HS512", "RS256", "hs256", "") if algorithms.is_symmetric(name)] == [
        "HS256",
        "HS384",
        "HS512",
    ]


@pytest.mark.parametrize("name", ALL)
def test_what_is_signed_verifies_and_nothing_else_does(name: str) -> None:
    private = key(KIND_OF[name]).key
    other = key(KIND_OF[name], 1).key.public_key()
    signature = algorithms.sign(private, name, b"message")
    assert algorithms.verify(private.public_key(), name, signature, b"message")
    assert not algorithms.verify(private.public_key(), name, signature, b"massage")
    assert not algorithms.verify(other, name, signature, b"message")
    for wrong in (b"", signature[:-1], signature + b"\0", b"\0" + signature, bytes(len(signature)), b"\xff" * 4096):
        assert not algorithms.verify(private.public_key(), name, wrong, b"message")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("other", [*ALL, "HS256", "none", ""])
def test_no_signature_verifies_under_another_name(name: str, other: str) -> None:
    private = key(KIND_OF[name]).key
    signature = algorithms.sign(private, name, b"message")
    assert algorithms.verify(private.public_key(), other, signature, b"message") is (name == other)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521", "ed25519", "ed448"])
def test_an_algorithm_takes_exactly_its_own_kind_of_key(name: str, kind: str) -> None:
    private = key(kind).key
    assert algorithms.fits(private.public_key(), name) is (KIND_OF[name] == kind)
    if KIND_OF[name] != kind:
        with pytest.raises(KeyFileError, match=f"the algorithm {name} does not take this key"):
            algorithms.sign(private, name, b"message")


@pytest.mark.parametrize("name", ECDSA)
def test_ecdsa_is_raw_of_fixed_length_with_the_smaller_s(name: str) -> None:
    private = key(KIND_OF[name]).key
    octets = ECDSA[name]
    order = algorithms.CURVES[private.curve.name].order
    for number in range(20):
        signature = algorithms.sign(private, name, bytes([number]))
        assert len(signature) == 2 * octets
        r, s = int.from_bytes(signature[:octets]), int.from_bytes(signature[octets:])
        assert 0 < s <= order // 2
        der = encode_dss_signature(r, s)
        assert not algorithms.verify(private.public_key(), name, der, bytes([number]))
        for longer in (
            signature[:octets] + b"\0" + signature[octets:],
            b"\0" + signature[:octets] + b"\0" + signature[octets:],
        ):
            assert not algorithms.verify(private.public_key(), name, longer, bytes([number])), "one length only"
        larger = r.to_bytes(octets) + (order - s).to_bytes(octets)
        assert algorithms.verify(private.public_key(), name, larger, bytes([number])), "other programs emit it"


@pytest.mark.parametrize("name", ECDSA)
def test_numbers_outside_of_the_curves_range_do_not_verify(name: str) -> None:
    private = key(KIND_OF[name]).key
    octets, order = ECDSA[name], algorithms.CURVES[private.curve.name].order
    digest = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384(), "ES512": hashes.SHA512()}[name]
    r, s = decode_dss_signature(private.sign(b"m", ec.ECDSA(digest)))
    assert algorithms.verify(private.public_key(), name, r.to_bytes(octets) + s.to_bytes(octets), b"m")
    for wrong in ((0, 0), (r, 0), (0, s), (order, s), (r, order), (r, order - 1)):
        assert not algorithms.verify(private.public_key(), name, b"".join(n.to_bytes(octets) for n in wrong), b"m")


def test_the_orders_of_the_curves_are_those_of_fips_186() -> None:
    for curve in algorithms.CURVES.values():
        numbers = ec.derive_private_key(curve.order - 1, curve.factory()).public_key().public_numbers()
        base = ec.derive_private_key(1, curve.factory()).public_key().public_numbers()
        assert numbers.x == base.x, "(n-1)·G is -G"
        assert numbers.y != base.y
        with pytest.raises(ValueError, match=r".+"):
            ec.derive_private_key(curve.order, curve.factory())


def test_pss_wants_a_salt_as_long_as_the_digest() -> None:
    private = key("rsa").key
    for salt in (0, 20, 64, padding.PSS.MAX_LENGTH):
        other = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt)
        signature = private.sign(b"m", other, hashes.SHA256())
        assert not algorithms.verify(private.public_key(), "PS256", signature, b"m")


def test_rsa_keys_of_unreasonable_size_take_no_algorithm() -> None:
    small = weak_rsa()
    assert algorithms.weakness(small.public_key()) == "an RSA key of 1024 bits: 2048 to 16384 bits are accepted"
    assert not algorithms.fits(small.public_key(), "RS256")
    assert algorithms.usable(small.public_key()) == ()
    huge = rsa.RSAPublicNumbers(65537, (1 << 16400) + 1).public_key()
    assert "16401 bits" in str(algorithms.weakness(huge))
    slow = rsa.RSAPublicNumbers((1 << 2000) + 1, key("rsa").public.key.public_numbers().n).public_key()
    assert "exponent" in str(algorithms.weakness(slow))
    assert algorithms.weakness(key("rsa").public.key) is None
    assert algorithms.weakness(key("ed448").public.key) is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("rsa", "PS256"),
        ("p256", "ES256"),
        ("p384", "ES384"),
        ("p521", "ES512"),
        ("ed25519", "Ed25519"),
        ("ed448", "Ed448"),
    ],
)
def test_the_default_algorithm_of_a_key(kind: str, expected: str) -> None:
    assert algorithms.usable(key(kind).public.key)[0] == expected
    assert key(kind).algorithms[0] == expected


def test_keys_of_other_kinds_cannot_verify() -> None:
    assert not algorithms.is_verifying_key(ec.generate_private_key(ec.SECP256K1()).public_key())
    assert not algorithms.is_verifying_key(x25519.X25519PrivateKey.generate().public_key())
    assert not algorithms.is_verifying_key(dsa.generate_private_key(2048).public_key())
    assert not algorithms.is_verifying_key(key("p256").key)
    assert not algorithms.is_verifying_key(None)
    assert all(algorithms.is_verifying_key(key(kind).public.key) for kind in KIND_OF.values())


def test_a_key_is_described_for_a_person() -> None:
    assert [algorithms.describe(key(kind).public.key) for kind in ("rsa", "p521", "ed25519", "ed448")] == [
        "RSA key of 2048 bits",
        "ECDSA key on P-521",
        "Ed25519 key",
        "Ed448 key",
    ]


@relaxed
@given(st.sampled_from(ALL), st.binary(max_size=300))
def test_random_octets_are_never_a_signature(name: str, octets: bytes) -> None:
    assert algorithms.verify(key(KIND_OF[name]).public.key, name, octets, b"message") is False


def test_a_row_without_hash_function_cannot_hash() -> None:
    with pytest.raises(ValueError, match="Ed25519 has no hash function"):
        algorithms._digest(algorithms.ALGORITHMS["Ed25519"])
