"""Key files: PKCS#8 (RFC 5958) and SubjectPublicKeyInfo (RFC 5280 section 4.1) in PEM (RFC 7468), and key identity.

Key files are the caller's own, but a wrong path is a wrong path: whatever is found there is read with a bound, never
waited for, and refused with a sentence that says what it is instead of a key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from sbom.errors import KeyFileError, UsageError
from sbom.signing import algorithms, keyfiles, mldsa
from sbom.signing.algorithms import SigningKey, VerifyingKey, is_verifying_key, weakness
from sbom.signing.keyfiles import permissions_warning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = [
    "KEY_KINDS",
    "PrivateKey",
    "PublicKey",
    "generate",
    "load_private",
    "load_public",
    "permissions_warning",
    "private_pem",
    "public_pem",
    "write_pair",
]

_FACTORIES: Final[Mapping[str, Callable[[], SigningKey]]] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa-3072": lambda: rsa.generate_private_key(public_exponent=65537, key_size=3072),
    "ml-dsa-65": mldsa.generate,
}
#: The kinds of key that :func:`generate` makes, the default first.
KEY_KINDS: Final = tuple(_FACTORIES)

_KINDS: Final = (
    "RSA, ECDSA on P-256, P-384 or P-521, Ed25519, Ed448 and ML-DSA-65 keys can be used; "
    f"{mldsa.HINT}, and its private key the seed"
)
_ENCRYPTED: Final = "give it at the prompt, with --key-password-file or in DATA_SBOM_KEY_PASSWORD"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key of the caller's.

    :param spki_sha256: its identity: SHA-256 of the DER SubjectPublicKeyInfo, lower-case hexadecimal.
    :param label: a name for people: the stem of the file's name.
    :param path: the file that it was read from, where there is one.
    """

    key: VerifyingKey = field(compare=False, repr=False)
    spki_sha256: str
    label: str = field(compare=False, default="")
    path: str | None = field(compare=False, default=None)

    @classmethod
    def of(cls, key: VerifyingKey, label: str = "", path: str | None = None) -> PublicKey:
        """Return ``key`` with its identity."""
        der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return cls(key, hashlib.sha256(der).hexdigest(), label, path)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key of the caller's, and its public half: a :class:`~sbom.signing.interface.Signer`."""

    key: SigningKey = field(compare=False, repr=False)
    public: PublicKey

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """Return none: a key file holds no certificate."""
        return ()

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Return those that take the key, the best one first."""
        return algorithms.usable(self.public.key)

    def sign(self, algorithm: str, message: bytes) -> bytes:
        """Sign ``message``; see :func:`sbom.signing.algorithms.sign`."""
        return algorithms.sign(self.key, algorithm, message)

    @classmethod
    def of(cls, key: SigningKey, label: str = "", path: str | None = None) -> PrivateKey:
        """Return ``key`` with its public half."""
        return cls(key, PublicKey.of(key.public_key(), label, path))


def generate(algorithm: str = KEY_KINDS[0]) -> PrivateKey:
    """Return a new key.

    :param algorithm: one of :data:`KEY_KINDS`.
    :raises UsageError: when it is none of them, or one that the installed ``cryptography`` does not know.
    """
    factory = _FACTORIES.get(algorithm)
    if factory is None:
        raise UsageError("there is no such kind of key", hint=f"use one of {', '.join(KEY_KINDS)}")
    return PrivateKey.of(factory())


def private_pem(key: PrivateKey, password: bytes | None) -> bytes:
    """Return the key as PKCS#8 in PEM, encrypted when there is a password.

    :raises UsageError: when the password is empty: it would protect nothing.
    """
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        if not password:
            raise UsageError("the passphrase is empty", hint="give one, or leave the key unencrypted on purpose")
        encryption = serialization.BestAvailableEncryption(password)
    return key.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def public_pem(key: PublicKey) -> bytes:
    """Return the key as SubjectPublicKeyInfo in PEM."""
    return key.key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def load_public(path: str | PathLike[str]) -> PublicKey:
    """Read a public key file.

    :raises KeyFileError: saying what the file holds instead of one public key of a usable kind.
    """
    name = str(path)
    pem = keyfiles.read_public(name)
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError("this public key cannot be read", path=name, hint=_KINDS) from error
    return PublicKey.of(_usable(key, name), Path(name).stem, name)


def load_private(path: str | PathLike[str], password: Callable[[], bytes | None] | bytes | None = None) -> PrivateKey:
    """Read a private key file.

    :param password: the passphrase, or what asks for it; not used, and not called, when the key is not encrypted.
    :raises KeyFileError: saying what the file holds instead of one private key of a usable kind, or that the passphrase
        is missing or wrong.
    """
    name = str(path)
    pem = keyfiles.read_private(name)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except TypeError:  # the documented answer to an encrypted key
        key = _decrypt(pem, password() if callable(password) else password, name)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError("this private key cannot be read", path=name, hint=_KINDS) from error
    if not isinstance(key, SigningKey):
        raise KeyFileError("this kind of key cannot sign", path=name, hint=_KINDS)
    _usable(key.public_key(), name)
    return PrivateKey.of(key, Path(name).stem, name)


def write_pair(prefix: str | PathLike[str], private_key: PrivateKey, password: bytes | None) -> tuple[Path, Path]:
    """Write ``PREFIX.key`` (mode 0600 whatever the umask is) and ``PREFIX.pub`` (mode 0644); return both paths.

    Either both files are there afterwards, or none that was not there before.

    :raises UsageError: when one of them exists, or their directory does not.
    :raises OutputError: when they cannot be written.
    """
    private, public = private_pem(private_key, password), public_pem(private_key.public)
    return keyfiles.create_pair(str(prefix), private, public)


def _decrypt(pem: bytes, password: bytes | None, name: str) -> PrivateKeyTypes:
    if not password:
        raise KeyFileError("the private key is encrypted, and no passphrase was given", path=name, hint=_ENCRYPTED)
    try:
        return serialization.load_pem_private_key(pem, password=password)
    except (ValueError, UnsupportedAlgorithm) as error:
        problem = "the passphrase is wrong, or the private key is damaged"
        raise KeyFileError(problem, path=name, hint=_ENCRYPTED) from error


def _usable(key: object, name: str) -> VerifyingKey:
    if not is_verifying_key(key):
        raise KeyFileError("this kind of key is not supported", path=name, hint=_KINDS)
    weak = weakness(key)
    if weak is not None:
        problem = f"this is {weak}"
        raise KeyFileError(problem, path=name, hint="make a new key with data-sbom keygen")
    return key
