from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from signing_maker import b64, key, public, relaxed, weak_rsa

from sbom.errors import SignatureError
from sbom.signing.jwk import from_jwk, to_jwk
from sbom.signing.keys import PublicKey

KINDS = ["rsa", "p256", "p384", "p521", "ed25519", "ed448"]


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(kind: str) -> None:
    jwk = to_jwk(public(kind).key)
    again = from_jwk(jwk)
    assert PublicKey.of(again) == public(kind)
    assert to_jwk(again) == jwk


def test_coordinates_keep_their_leading_zeros() -> None:
    curve = ec.SECP256R1()
    point = next(
        candidate
        for candidate in (ec.derive_private_key(number, curve).public_key() for number in range(1, 5000))
        if candidate.public_numbers().x < 1 << 248
    )
    jwk = to_jwk(point)
    assert len(jwk["x"]) == 43
    assert from_jwk(jwk) == point
    short = {**jwk, "x": b64(point.public_numbers().x.to_bytes(31))}
    with pytest.raises(SignatureError, match='"x" of it has 31 octets, not 32'):
        from_jwk(short, "it")


def test_rfc_8037_appendix_a_2() -> None:
    jwk = to_jwk(public("ed25519").key)
    example = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert jwk.keys() == example.keys()
    assert to_jwk(from_jwk(example)) == example


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", ["d", "k", "p"])
def test_a_private_member_is_refused_by_name(kind: str, member: str) -> None:
    with pytest.raises(SignatureError, match=f'holds a private key .the member "{member}"') as caught:
        from_jwk({**to_jwk(public(kind).key), member: "AA"})
    assert "secret" in str(caught.value.hint)


@pytest.mark.parametrize("jwk", [None, [], "x", 1, True])
def test_not_an_object(jwk: object) -> None:
    with pytest.raises(SignatureError, match="is not a JSON object"):
        from_jwk(jwk)


@pytest.mark.parametrize("kty", [None, 1, [], {}, "oct", "AKP", "ec", "EC "])
def test_other_key_types(kty: object) -> None:
    with pytest.raises(SignatureError, match="no key type of JSF"):
        from_jwk({**to_jwk(public("p256").key), "kty": kty})


@pytest.mark.parametrize("kind", KINDS)
def test_members_that_are_missing_unknown_or_of_another_type(kind: str) -> None:
    jwk = to_jwk(public(kind).key)
    for name in jwk.keys() - {"kty"}:
        with pytest.raises(SignatureError, match=f'lacks "{name}"'):
            from_jwk({other: value for other, value in jwk.items() if other != name})
        for value in (None, 1, 1.5, True, [], {}, [jwk[name]]):
            with pytest.raises(SignatureError, match=f'"{name}" of the embedded public key is not a string'):
                from_jwk({**jwk, name: value})
    with pytest.raises(SignatureError, match='has the unknown member "kid"'):
        from_jwk({**jwk, "kid": "1"})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [lambda text: text + "=", lambda text: text + " ", lambda text: text[:-1] + "*"])
def test_other_spellings_of_a_number(kind: str, change) -> None:
    jwk = to_jwk(public(kind).key)
    for name in jwk.keys() - {"kty", "crv"}:
        with pytest.raises(SignatureError, match="canonical base64url"):
            from_jwk({**jwk, name: change(jwk[name])})


@pytest.mark.parametrize("crv", ["X25519", "secp256k1", "P-192", "p-256", "Ed25519", ""])
def test_other_curves(crv: str) -> None:
    with pytest.raises(SignatureError, match="a curve that"):
        from_jwk({**to_jwk(public("p256").key), "crv": crv})
    if crv != "Ed25519":
        with pytest.raises(SignatureError, match="a curve that cannot sign"):
            from_jwk({**to_jwk(public("ed25519").key), "crv": crv})


def test_a_curve_is_not_exchanged_for_another_one() -> None:
    with pytest.raises(SignatureError, match="48 octets, not 32"):
        from_jwk({**to_jwk(public("p384").key), "crv": "P-256"})
    with pytest.raises(SignatureError, match="32 octets, not 57"):
        from_jwk({**to_jwk(public("ed25519").key), "crv": "Ed448"})


@pytest.mark.parametrize(("kind", "octets"), [("p256", 32), ("p384", 48), ("p521", 66)])
def test_a_point_that_is_not_on_the_curve(kind: str, octets: int) -> None:
    jwk = to_jwk(public(kind).key)
    for x, y in ((jwk["x"], jwk["x"]), (b64(bytes(octets)), b64(bytes(octets))), (b64(b"\xff" * octets), jwk["y"])):
        with pytest.raises(SignatureError, match="is not a valid EC key"):
            from_jwk({**jwk, "x": x, "y": y})


def test_rsa_numbers() -> None:
    jwk = to_jwk(public("rsa").key)
    numbers = key("rsa").public.key.public_numbers()
    for name, number in (("n", numbers.n), ("e", numbers.e)):
        padded = b64(b"\0" + number.to_bytes((number.bit_length() + 7) // 8))
        for wrong in (padded, "", "AA"):
            with pytest.raises(SignatureError, match="leading zero octet"):
                from_jwk({**jwk, name: wrong})
        with pytest.raises(SignatureError, match="longer than 2048 octets"):
            from_jwk({**jwk, name: b64(b"\1" * 2049)})
    for exponent in (1, 2, 65536):
        with pytest.raises(SignatureError, match="is not a valid RSA key"):
            from_jwk({**jwk, "e": b64(exponent.to_bytes(3).lstrip(b"\0"))})
    small = weak_rsa().public_key()
    with pytest.raises(SignatureError, match="an RSA key of 1024 bits"):
        from_jwk(to_jwk(small))
    with pytest.raises(SignatureError, match="public exponent"):
        from_jwk({**jwk, "e": b64(((1 << 80) + 1).to_bytes(11))})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@relaxed
@given(
    st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "d", "kid"]), JSON, max_size=5)
    | st.fixed_dictionaries(
        {"kty": st.sampled_from(["EC", "OKP", "RSA"])},
        optional={
            "crv": st.sampled_from(["P-256", "Ed25519", "Ed448"]),
            **{name: st.binary(max_size=60).map(b64) for name in ("x", "y", "n", "e")},
        },
    )
)
def test_anything_wrong_is_a_signature_error(jwk: dict[str, object]) -> None:
    try:
        again = from_jwk(jwk)
    except SignatureError:
        return
    assert to_jwk(again) == jwk
