"""Signers that are named by a URI: keys in a key service or on a token, through ``securesystemslib``, and key files.

=============================== =====================================================================  ==========
URI                             key                                                                    extra
=============================== =====================================================================  ==========
``awskms:ID``                   AWS KMS: key id, ARN or ``alias/NAME``                                 awskms
``azurekms://VAULT/keys/NAME``  Azure Key Vault: VAULT is ``NAME.vault.azure.net``                     azurekms
``gcpkms:projects/…``           Google Cloud KMS: the full name of a key's version                     gcpkms
``hv:NAME``                     HashiCorp Vault, transit engine: the newest version of a key           vault
``hsm:ID?label=TOKEN``          PKCS#11: number of the key (default 2), label of the token             hsm
``file:PATH``                   a key file, as ``PATH`` alone
=============================== =====================================================================  ==========

Each service learns from its own surroundings who asks (``AWS_PROFILE``, ``VAULT_TOKEN``, ``PYKCS11LIB`` …). It says
which public key it has; what it signs is verified with that before anything is written.
"""

from __future__ import annotations

import functools
import importlib
import logging
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sbom.errors import KeyFileError, MissingExtraError, UndecidedError, UsageError
from sbom.names import display
from sbom.signing import algorithms
from sbom.signing.algorithms import CURVES, is_verifying_key
from sbom.signing.keys import PublicKey, load_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sbom.signing.interface import Signer

_URI: Final = re.compile(r"(awskms|azurekms|gcpkms|hv|hsm|file):")
_AZURE: Final = re.compile(r"//([A-Za-z0-9-]{1,127})\.vault\.azure\.net/keys/([A-Za-z0-9-]{1,127})/?")
_GOOGLE: Final = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+/cryptoKeyVersions/[0-9]+")
_VAULT: Final = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_HSM: Final = re.compile(r"[0-9]{0,9}")
_HSM_KEY: Final = 2  # slot 9c of a PIV token: digital signature
_HINT: Final = "see docs/signing.md for the URIs of key services"
_SILENT: Final = logging.NullHandler()  # what a service says is in the error

#: Names of ``securesystemslib``'s schemes, and ours.
_SCHEMES: Final[Mapping[str, str]] = {
    "ed25519": "Ed25519",
    "ecdsa-sha2-nistp256": "ES256",
    "ecdsa-sha2-nistp384": "ES384",
    "ecdsa-sha2-nistp521": "ES512",
    **{f"rsassa-pss-sha{bits}": f"PS{bits}" for bits in ("256", "384", "512")},
    **{f"rsa-pkcs1v15-sha{bits}": f"RS{bits}" for bits in ("256", "384", "512")},
}


class _Service(NamedTuple):
    """How a service is used.

    :param signer: its class in ``securesystemslib.signer``.
    :param locate: what a URI's rest says, as arguments of the class's ``import_``.
    :param errors: what its client raises, as ``module:class``; each of them may be missing.
    """

    name: str
    extra: str
    signer: str
    locate: Callable[[str], tuple[Any, ...]]
    errors: tuple[str, ...]


def is_uri(text: str) -> bool:
    """Tell whether ``text`` names a key by a URI. A file whose name looks like one is written ``./hsm:…``."""
    return _URI.match(text) is not None


def load_signer(text: str, password: Callable[[], bytes | None] | bytes | None = None) -> Signer:
    """Return the signer that a person names: a URI of the table above, or the path of a key file.

    :param password: the passphrase or PIN, or what asks for it; it is asked once, and only if it is needed.
    :raises UsageError: when the URI is malformed.
    :raises MissingExtraError: when the client of the service is not installed.
    :raises KeyFileError: when the key is of a kind that cannot be used, or the PIN is missing or wrong.
    :raises UndecidedError: when the service does not answer, or refuses.
    """
    match = _URI.match(text)
    if match is None:
        return load_private(text, password)
    scheme, rest = match[1], text[match.end() :]
    if scheme == "file":
        return load_private(_path(text), password)
    service = _SERVICES[scheme]
    where = service.locate(rest)
    asked = functools.cache(functools.partial(_secret, password))
    return _load(service, scheme, where, asked)


class _ServiceSigner(NamedTuple):
    """A key that somebody else holds."""

    service: _Service
    inner: Any
    public: PublicKey
    algorithms: tuple[str, ...]
    certificates: tuple[bytes, ...] = ()

    def sign(self, algorithm: str, message: bytes) -> bytes:
        if algorithm not in self.algorithms:
            problem = f"this key signs with {', '.join(self.algorithms)}, and not with {display(algorithm, 40)}"
            raise KeyFileError(problem, hint="use a key of another kind")
        with _translated(self.service):
            value = bytes.fromhex(self.inner.sign(message).signature)
        key = self.public.key
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return value
        curve = CURVES[key.curve.name]
        try:
            return algorithms.lower(algorithms.from_der(value, curve), curve)
        except ValueError as error:
            raise UndecidedError(f"{self.service.name} gave something that is no signature") from error


def _load(service: _Service, scheme: str, where: tuple[Any, ...], secret: Callable[[str], str]) -> Signer:
    module = _module(service)
    kind = getattr(module, service.signer)
    with _translated(service):
        uri, theirs = kind.import_(*where, secret) if scheme == "hsm" else kind.import_(*where)
        name = _SCHEMES.get(theirs.scheme)
        public = _public(theirs)
        inner = kind.from_priv_key_uri(uri, theirs, secret)
    if name is None or not algorithms.fits(public.key, name):
        problem = f"{service.name} has a key for {display(theirs.scheme, 40)}, which cannot be used here"
        raise KeyFileError(problem, hint="use a key for ECDSA, RSA or Ed25519")
    return _ServiceSigner(service, inner, public, (name,))


def _module(service: _Service) -> Any:  # noqa: ANN401  # a module of an extra
    logging.getLogger("securesystemslib").addHandler(_SILENT)
    try:
        return importlib.import_module("securesystemslib.signer")
    except ImportError as error:
        raise _missing(service) from error


def _missing(service: _Service) -> MissingExtraError:
    problem = f"{service.name} needs a client that is not installed"
    return MissingExtraError(problem, hint=f"install it: pip install 'data-sbom[{service.extra}]'")


@contextmanager
def _translated(service: _Service) -> Iterator[None]:
    """Turn what a client raises into an error of ours."""
    library = importlib.import_module("securesystemslib.exceptions")
    known = (ValueError, KeyError, OSError, library.Error, *_classes(service.errors))
    try:
        yield
    except library.UnsupportedLibraryError as error:
        raise _missing(service) from error
    except known as error:
        why = f"{type(error).__name__} {error}".strip()
        if type(error).__name__ in {"PinIncorrect", "PinInvalid", "PinLenRange", "PinLocked", "PinExpired"}:
            problem = f"{service.name} does not accept the PIN ({why})"
            raise KeyFileError(problem, hint="too many wrong ones lock a token") from error
        problem = f"{service.name} does not sign: {display(why, 300)}"
        raise UndecidedError(problem, hint="check the name of the key, and who you are to the service") from error


def _classes(names: tuple[str, ...]) -> Iterator[type[Exception]]:
    """Yield the classes of these names that there are; a client that is missing raises nothing."""
    for name in names:
        module, _, kind = name.partition(":")
        try:
            yield getattr(importlib.import_module(module), kind)
        except ImportError:
            continue


def _public(theirs: Any) -> PublicKey:  # noqa: ANN401  # a class of an extra
    """Return the public key that a service says it has.

    :raises KeyFileError: when it is of a kind that cannot be used.
    """
    text: str = theirs.keyval["public"]
    if theirs.keytype == "ed25519":
        return PublicKey.of(ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(text)))
    key = serialization.load_pem_public_key(text.encode())
    if not is_verifying_key(key):  # that it is strong enough, its algorithm says
        raise KeyFileError("the service has a key of a kind that cannot be used", hint="use ECDSA, RSA or Ed25519")
    return PublicKey.of(key)


def _secret(password: Callable[[], bytes | None] | bytes | None, _what: str) -> str:
    given = password() if callable(password) else password
    if not given:
        hint = "give it at the prompt, with --key-password-file or in DATA_SBOM_KEY_PASSWORD"
        raise KeyFileError("the token wants a PIN, and none was given", hint=hint)
    return given.decode("utf-8", "surrogateescape")


def _path(text: str) -> str:
    """Return the path of ``file:PATH`` or ``file:///PATH``."""
    rest = text.removeprefix("file:")
    return unquote(rest.removeprefix("//")) if rest.startswith("///") else rest


def _any(rest: str) -> tuple[Any, ...]:
    if not rest:
        raise UsageError("the name of the key is missing", hint=_HINT)
    return (rest,)


def _azure(rest: str) -> tuple[Any, ...]:
    match = _AZURE.fullmatch(rest)
    if match is None:
        raise UsageError("this is no key of Azure: azurekms://NAME.vault.azure.net/keys/KEY", hint=_HINT)
    return match.groups()


def _google(rest: str) -> tuple[Any, ...]:
    if _GOOGLE.fullmatch(rest) is None:
        raise UsageError("this is not the full name of a version of a key of Google Cloud", hint=_HINT)
    return (rest,)


def _vault(rest: str) -> tuple[Any, ...]:
    if _VAULT.fullmatch(rest) is None:
        raise UsageError("this is no name of a key of Vault, whose newest version signs: hv:NAME", hint=_HINT)
    return (rest,)


def _hsm(rest: str) -> tuple[Any, ...]:
    parts = urlsplit(rest)
    asked = parse_qs(parts.query, keep_blank_values=True)
    labels = asked.pop("label", [None])
    if (
        asked
        or len(labels) != 1
        or _HSM.fullmatch(parts.path) is None
        or parts.scheme
        or parts.netloc
        or parts.fragment
    ):
        raise UsageError("this is no key on a token: hsm:NUMBER?label=TOKEN", hint=_HINT)
    return int(parts.path or _HSM_KEY), labels[0]


_SERVICES: Final[Mapping[str, _Service]] = {
    "awskms": _Service(
        "AWS KMS",
        "awskms",
        "AWSSigner",
        _any,
        ("botocore.exceptions:BotoCoreError", "botocore.exceptions:ClientError"),
    ),
    "azurekms": _Service("Azure Key Vault", "azurekms", "AzureSigner", _azure, ("azure.core.exceptions:AzureError",)),
    "gcpkms": _Service(
        "Google Cloud KMS",
        "gcpkms",
        "GCPSigner",
        _google,
        ("google.api_core.exceptions:GoogleAPIError", "google.auth.exceptions:GoogleAuthError"),
    ),
    "hv": _Service(
        "Vault", "vault", "VaultSigner", _vault, ("hvac.exceptions:VaultError", "requests:RequestException")
    ),
    "hsm": _Service("the token", "hsm", "HSMSigner", _hsm, ("pkcs11.exceptions:PKCS11Error", "builtins:RuntimeError")),
}
