"""The signature algorithms of JSF 0.82 section 6.1.1 (those of RFC 7518 and RFC 8037), as a table.

HMAC (``HS256``, ``HS384``, ``HS512``) is not in it on purpose: who can verify an HMAC can forge it, and a verifier that
knows both families can be made to take a public key for a secret.

Post-quantum algorithms have no name there; ML-DSA-65 has a URI of ours, see :mod:`sbom.signing.mldsa`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from sbom.errors import KeyFileError
from sbom.names import display
from sbom.signing import mldsa
from sbom.signing.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Public keys that a signature may be verified with.
VerifyingKey: TypeAlias = (
    rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey | MLDSA65PublicKey
)
#: Private keys that a signature may be made with.
SigningKey: TypeAlias = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
    | MLDSA65PrivateKey
)

#: Bits of an RSA modulus. Fewer can be factored one day; more make one verification take seconds.
RSA_BITS: Final = range(2048, 16384 + 1)
#: Bits of an RSA public exponent; OpenSSL refuses longer ones for large moduli.
_EXPONENT_BITS: Final = 64


class Family(Enum):
    """How an algorithm computes."""

    PKCS1V15 = auto()
    PSS = auto()
    ECDSA = auto()
    EDDSA = auto()
    MLDSA = auto()


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One row of the table.

    :param name: as JSF writes it.
    :param key: the type of public key that it takes.
    :param digest: the hash function; ``None`` for EdDSA and ML-DSA, which bring their own.
    :param curve: the name of the only curve that it takes (ECDSA).
    """

    name: str
    family: Family
    key: type[VerifyingKey]
    digest: hashes.HashAlgorithm | None = None
    curve: str | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """An elliptic curve of FIPS 186-5: its JWK name, its octets per number, and the order of its base point."""

    jwk: str
    octets: int
    order: int
    factory: type[ec.EllipticCurve]
    algorithm: str


#: The curves that ECDSA may use, by the name that ``cryptography`` gives them.
CURVES: Final[Mapping[str, Curve]] = MappingProxyType(
    {
        "secp256r1": Curve(
            "P-256",
            32,
            0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
            ec.SECP256R1,
            "ES256",
        ),
        "secp384r1": Curve(
            "P-384",
            48,
            int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
            ec.SECP384R1,
            "ES384",
        ),
        "secp521r1": Curve(
            "P-521",
            66,
            int("1" + "F" * 65 + "A51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16),
            ec.SECP521R1,
            "ES512",
        ),
    }
)

_SHA: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}

_ROWS: Final = (
    *(Algorithm(f"RS{bits}", Family.PKCS1V15, rsa.RSAPublicKey, sha) for bits, sha in _SHA.items()),
    *(Algorithm(f"PS{bits}", Family.PSS, rsa.RSAPublicKey, sha) for bits, sha in _SHA.items()),
    *(
        Algorithm(curve.algorithm, Family.ECDSA, ec.EllipticCurvePublicKey, _SHA[curve.algorithm[2:]], name)
        for name, curve in CURVES.items()
    ),
    Algorithm("Ed25519", Family.EDDSA, ed25519.Ed25519PublicKey),
    Algorithm("Ed448", Family.EDDSA, ed448.Ed448PublicKey),
    Algorithm(mldsa.ALGORITHM, Family.MLDSA, MLDSA65PublicKey),
)

_PREFERRED: Final = "PS256"
#: Every algorithm that may be used, by name.
ALGORITHMS: Final[Mapping[str, Algorithm]] = MappingProxyType({row.name: row for row in _ROWS})


def is_symmetric(name: str) -> bool:
    """Tell whether ``name`` is one of JSF's HMAC algorithms, which are never used here (see the module)."""
    return name in {"HS256", "HS384", "HS512"}


def is_verifying_key(key: object) -> TypeGuard[VerifyingKey]:
    """Tell whether ``key`` is a public key of a kind that some algorithm of the table takes."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name in CURVES
    return isinstance(key, (rsa.RSAPublicKey, ed25519.Ed25519PublicKey, ed448.Ed448PublicKey, MLDSA65PublicKey))


def describe(key: VerifyingKey) -> str:
    """Return what kind of key it is, for a message: ``RSA key of 3072 bits``."""
    match key:
        case rsa.RSAPublicKey():
            return f"RSA key of {key.key_size} bits"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA key on {CURVES[key.curve.name].jwk}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519 key"
        case ed448.Ed448PublicKey():
            return "Ed448 key"
        case _:
            return "ML-DSA-65 key"


def weakness(key: VerifyingKey) -> str | None:
    """Say why a key of a known kind may not be used all the same; ``None`` when it may."""
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in RSA_BITS:
            return f"an {describe(key)}: {RSA_BITS.start} to {RSA_BITS.stop - 1} bits are accepted"
        if key.public_numbers().e.bit_length() > _EXPONENT_BITS:
            return f"an RSA key with a public exponent of more than {_EXPONENT_BITS} bits"
    return None


def fits(key: VerifyingKey, algorithm: str) -> bool:
    """Tell whether ``algorithm`` is in the table and takes ``key``: its type, its curve, its size."""
    row = ALGORITHMS.get(algorithm)
    if row is None or not isinstance(key, row.key) or weakness(key) is not None:
        return False
    return not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name == row.curve


def usable(key: VerifyingKey) -> tuple[str, ...]:
    """Return the algorithms that take ``key``: the one to sign with first, which is ``PS256`` for RSA."""
    names = sorted(ALGORITHMS, key=lambda name: name != _PREFERRED)
    return tuple(name for name in names if fits(key, name))


def sign(key: SigningKey, algorithm: str, message: bytes) -> bytes:
    """Sign ``message``.

    ECDSA gives ``r‖s`` of fixed length (RFC 7518 section 3.4) with the smaller of the two possible ``s``; PSS uses a
    salt as long as the digest (RFC 7518 section 3.5).

    :raises KeyFileError: when the algorithm does not take the key.
    """
    public = key.public_key()
    if not fits(public, algorithm):
        problem = f"the algorithm {display(algorithm, 40)} does not take this key"
        raise KeyFileError(problem, hint="use a key of the algorithm's own type")
    row = ALGORITHMS[algorithm]
    if isinstance(key, rsa.RSAPrivateKey):
        digest = _digest(row)
        return key.sign(message, _padding(row, digest), digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        value = from_der(key.sign(message, ec.ECDSA(_digest(row))), CURVES[key.curve.name])
        return lower(value, CURVES[key.curve.name])
    return key.sign(message)


def to_der(value: bytes) -> bytes:
    """Return an ECDSA signature in DER (RFC 3279 section 2.2.3) for ``r‖s``."""
    octets = len(value) // 2
    return encode_dss_signature(int.from_bytes(value[:octets]), int.from_bytes(value[octets:]))


def from_der(signature: bytes, curve: Curve) -> bytes:
    """Return an ECDSA signature as ``r‖s``.

    :raises ValueError: for what is not the DER of two positive numbers of the curve's size, in its one spelling.
    """
    r, s = decode_dss_signature(signature)
    try:
        value = r.to_bytes(curve.octets) + s.to_bytes(curve.octets)
    except OverflowError as error:
        raise ValueError("the numbers of this signature do not fit the curve") from error
    if encode_dss_signature(r, s) != signature:
        raise ValueError("this signature is not DER")
    return value


def lower(value: bytes, curve: Curve) -> bytes:
    """Return ``r‖s`` with the smaller of the two ``s`` that verify: one signature, one value."""
    s = int.from_bytes(value[curve.octets :])
    return value[: curve.octets] + min(s, curve.order - s).to_bytes(curve.octets)


def verify(key: VerifyingKey, algorithm: str, signature: bytes, message: bytes) -> bool:
    """Tell whether ``signature`` is one of ``message`` by ``key``; everything but a success is ``False``."""
    if not fits(key, algorithm):
        return False
    row = ALGORITHMS[algorithm]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            digest = _digest(row)
            key.verify(signature, message, _padding(row, digest), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            octets = CURVES[key.curve.name].octets
            if len(signature) != 2 * octets:
                return False
            r, s = int.from_bytes(signature[:octets]), int.from_bytes(signature[octets:])
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(_digest(row)))
        else:
            key.verify(signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    else:
        return True


def _digest(row: Algorithm) -> hashes.HashAlgorithm:
    if row.digest is None:
        problem = f"{row.name} has no hash function of its own"
        raise ValueError(problem)
    return row.digest


def _padding(row: Algorithm, digest: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    if row.family is Family.PSS:
        return padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
    return padding.PKCS1v15()
