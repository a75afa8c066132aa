"""Public keys as JSF embeds them: the JWK subset of JSF 0.82 section 6.1.2 (RFC 7517, RFC 7518 section 6, RFC 8037).

Exactly one JWK stands for a key: full-size coordinates, no leading zero octets, canonical base64url, no other member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sbom.errors import KeyFileError, SignatureError
from sbom.names import display
from sbom.signing import base64url
from sbom.signing.algorithms import CURVES, RSA_BITS, VerifyingKey, weakness
from sbom.signing.mldsa import MLDSA65PublicKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MEMBERS: Final = {
    "EC": frozenset({"kty", "crv", "x", "y"}),
    "OKP": frozenset({"kty", "crv", "x"}),
    "RSA": frozenset({"kty", "n", "e"}),
}
#: Members that only a private or a secret key has (RFC 7518 section 6, RFC 8037 section 2).
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES: Final = {curve.jwk: curve for curve in CURVES.values()}


def has_jwk(key: VerifyingKey) -> bool:
    """Tell whether JSF has a form for ``key``: it has none for post-quantum keys."""
    return not isinstance(key, MLDSA65PublicKey)


def to_jwk(key: VerifyingKey) -> dict[str, str]:
    """Return the JWK of ``key``, which :func:`has_jwk` is true of."""
    match key:
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            return {"kty": "RSA", "n": _unsigned(numbers.n), "e": _unsigned(numbers.e)}
        case ec.EllipticCurvePublicKey():
            curve = CURVES[key.curve.name]
            point = key.public_numbers()
            x, y = (base64url.encode(number.to_bytes(curve.octets)) for number in (point.x, point.y))
            return {"kty": "EC", "crv": curve.jwk, "x": x, "y": y}
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            crv = "Ed25519" if isinstance(key, ed25519.Ed25519PublicKey) else "Ed448"
            return {"kty": "OKP", "crv": crv, "x": base64url.encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw))}
        case _:
            raise KeyFileError("this kind of key has no JWK that JSF knows", hint="name it by its identity")


def from_jwk(jwk: object, what: str = "the embedded public key") -> VerifyingKey:
    """Return the key that ``jwk`` describes.

    :param what: where it was found, for the errors.
    :raises SignatureError: when it is not the one canonical JWK of a key that may be used; an EC point that is not on
        its curve is none.
    """
    members = _members(jwk, what)
    try:
        key = _READERS[members["kty"]](members, what)
    except (ValueError, UnsupportedAlgorithm) as error:
        problem = f"{what} is not a valid {members['kty']} key"
        raise SignatureError(problem) from error
    weak = weakness(key)
    if weak is not None:
        problem = f"{what} is {weak}"
        raise SignatureError(problem)
    return key


def _members(jwk: object, what: str) -> Mapping[str, str]:
    """Check the shape of ``jwk`` and return it."""
    if not isinstance(jwk, dict):
        problem = f"{what} is not a JSON object"
        raise SignatureError(problem)
    secret = sorted(_PRIVATE & jwk.keys())
    if secret:
        problem = f'{what} holds a private key (the member "{secret[0]}")'
        raise SignatureError(problem, hint="whoever published this document published a secret: treat the key as lost")
    kty = jwk.get("kty")
    if not isinstance(kty, str) or kty not in _MEMBERS:
        problem = f"{what} has no key type of JSF (kty EC, OKP or RSA)"
        raise SignatureError(problem)
    for name in sorted(_MEMBERS[kty] ^ jwk.keys(), key=str):
        word = "lacks" if name in _MEMBERS[kty] else "has the unknown member"
        problem = f'{what} {word} "{display(str(name), 40)}"'
        raise SignatureError(problem)
    for name, value in jwk.items():
        if not isinstance(value, str):
            problem = f'"{name}" of {what} is not a string'
            raise SignatureError(problem)
    return jwk


def _read_ec(jwk: Mapping[str, str], what: str) -> VerifyingKey:
    curve = _CURVES.get(jwk["crv"])
    if curve is None:
        problem = f"{what} is on a curve that JSF does not know: {display(jwk['crv'], 40)}"
        raise SignatureError(problem)
    x, y = (_sized(jwk[name], curve.octets, f'"{name}" of {what}') for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve.factory()).public_key()


def _read_okp(jwk: Mapping[str, str], what: str) -> VerifyingKey:
    where = f'"x" of {what}'
    match jwk["crv"]:
        case "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_sized(jwk["x"], 32, where))
        case "Ed448":
            return ed448.Ed448PublicKey.from_public_bytes(_sized(jwk["x"], 57, where))
        case other:
            problem = f"{what} is on a curve that cannot sign: {display(other, 40)}"
            raise SignatureError(problem)


def _read_rsa(jwk: Mapping[str, str], what: str) -> VerifyingKey:
    numbers: list[int] = []
    for name in ("e", "n"):
        where = f'"{name}" of {what}'
        data = base64url.decode(jwk[name], where)
        if len(data) > RSA_BITS.stop // 8:
            problem = f"{where} is longer than {RSA_BITS.stop // 8} octets"
            raise SignatureError(problem)
        if not data or data[0] == 0:
            problem = f"{where} is empty or has a leading zero octet (RFC 7518 section 2)"
            raise SignatureError(problem)
        numbers.append(int.from_bytes(data))
    return rsa.RSAPublicNumbers(*numbers).public_key()


def _sized(text: str, octets: int, what: str) -> bytes:
    data = base64url.decode(text, what)
    if len(data) != octets:
        problem = f"{what} has {len(data)} octets, not {octets}"
        raise SignatureError(problem)
    return data


def _unsigned(number: int) -> str:
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8))


_READERS: Final[Mapping[str, Callable[[Mapping[str, str], str], VerifyingKey]]] = {
    "EC": _read_ec,
    "OKP": _read_okp,
    "RSA": _read_rsa,
}
