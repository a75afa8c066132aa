"""Keys and signed documents for the tests of this room, made without the code under test where that matters."""

from __future__ import annotations

import base64
import functools
from typing import TYPE_CHECKING, Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from hypothesis import HealthCheck, settings

from sbom.signing.algorithms import sign
from sbom.signing.interface import SignatureEntry
from sbom.signing.jwk import to_jwk
from sbom.signing.keys import PrivateKey, PublicKey

if TYPE_CHECKING:
    from collections.abc import Callable

#: Which kind of key each algorithm of JSF takes.
KIND_OF = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "rsa"),
    "ES256": "p256",
    "ES384": "p384",
    "ES512": "p521",
    "Ed25519": "ed25519",
    "Ed448": "ed448",
}

BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.7",
    "version": 1,
    "metadata": {"component": {"type": "data", "name": "penguins", "version": "1.2.0"}},
    "components": [{"type": "file", "name": "a/ü€𝄞.csv", "hashes": [{"alg": "SHA-256", "content": "ab" * 32}]}],
}

canonical = rfc8785.dumps

#: For every property-based test: machines differ, and tables of characters are slow to build the first time.
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def key(kind: str, number: int = 0) -> PrivateKey:
    """Return the same key for the same arguments."""
    return _key(kind, number)


@functools.cache
def _key(kind: str, number: int) -> PrivateKey:
    raw = {
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ed448": ed448.Ed448PrivateKey.generate,
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
        "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    }[kind]()
    return PrivateKey.of(raw, f"{kind}-{number}")


@functools.cache
def weak_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # to be refused


def public(kind: str, number: int = 0) -> PublicKey:
    return key(kind, number).public


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def core(private: PrivateKey, algorithm: str, *, embed: bool = True, **members: Any) -> dict[str, Any]:
    """Return a signature without its value."""
    start = {"algorithm": algorithm, **members}
    return {**start, "publicKey": to_jwk(private.public.key)} if embed else start


def bare(document: dict[str, Any], private: PrivateKey, algorithm: str, **options: Any) -> dict[str, Any]:
    own = core(private, algorithm, **options)
    value = sign(private.key, algorithm, canonical({**document, "signature": own}))
    return {**document, "signature": {**own, "value": b64(value)}}


def entry(document: dict[str, Any], private: PrivateKey, algorithm: str, **options: Any) -> dict[str, Any]:
    """Return one entry for ``signature.signers``."""
    own = core(private, algorithm, **options)
    value = sign(private.key, algorithm, canonical({**document, "signature": {"signers": [own]}}))
    return {**own, "value": b64(value)}


def signers(document: dict[str, Any], *entries: dict[str, Any]) -> dict[str, Any]:
    return {**document, "signature": {"signers": list(entries)}}


def chain(document: dict[str, Any], *signatures: tuple[PrivateKey, str]) -> dict[str, Any]:
    done: list[dict[str, Any]] = []
    for private, algorithm in signatures:
        own = core(private, algorithm)
        value = sign(private.key, algorithm, canonical({**document, "signature": {"chain": [*done, own]}}))
        done.append({**own, "value": b64(value)})
    return {**document, "signature": {"chain": done}}


def undecoded(form: str, message: Callable[[], bytes], key_id: str | None = None) -> SignatureEntry:
    """Return an entry whose value could not be decoded."""
    return SignatureEntry(
        form=form,
        index=0,
        algorithm="Ed25519",
        key_id=key_id,
        jwk=None,
        certificate_path=(),
        value=None,
        message=message,
    )
