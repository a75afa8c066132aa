"""What every signature form reads into, and what a form has to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from sbom.signing.keys import PublicKey

#: A JSON object as a loader gives it.
Document: TypeAlias = Mapping[str, object]
#: RFC 8785: the canonical bytes of a JSON value.
Canonical: TypeAlias = Callable[[object], bytes]


class Outcome(StrEnum):
    """What one signature means to somebody who trusts certain keys. Only the first one counts for anything."""

    VALID = "valid"
    INVALID = "invalid"
    NOT_TRUSTED = "not-trusted"


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """One signature of a document, read but not verified: nothing in it is to be believed.

    :param form: name of the form that it was read from.
    :param index: position among the document's signatures, from 0.
    :param algorithm: as the document writes it; it is in the table of algorithms.
    :param key_id: the signer's name for the key.
    :param jwk: the embedded public key, checked to be one.
    :param certificate_path: the embedded X.509 certificates (DER), the signer's first: each is one, and no
        more is known.
    :param value: the signature's octets; ``None`` where a form has to represent one that cannot be decoded.
    :param message: computes exactly the octets that were signed. It canonicalises the whole document each time.
    """

    form: str
    index: int
    algorithm: str
    key_id: str | None
    jwk: Mapping[str, object] | None
    certificate_path: tuple[bytes, ...]
    value: bytes | None
    message: Callable[[], bytes] = field(repr=False, compare=False)


class SignatureForm(Protocol):
    """A way to put signatures into a JSON document."""

    @property
    def name(self) -> str:
        """Short name, for people and for :attr:`SignatureEntry.form`."""
        ...

    def detect(self, document: Document) -> bool:
        """Tell whether the document carries something that only this form writes, well-formed or not."""
        ...

    def read(self, document: Document, canonical: Canonical) -> tuple[SignatureEntry, ...]:
        """Return every signature of a document that :meth:`detect` is true for: at least one.

        :raises SignatureError: when the structure is malformed, or leaves anything of the document uncovered.
        """
        ...


class Signer(Protocol):
    """Somebody who can sign: a key file, a key service, a token, or one of these with certificates."""

    @property
    def public(self) -> PublicKey:
        """The key that verifies what is signed."""
        ...

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER certificates, that of the key first, then each one's issuer; empty for a bare key."""
        ...

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms of the table that can be signed with, the best one first; never empty."""
        ...

    def sign(self, algorithm: str, message: bytes) -> bytes:
        """Sign ``message``; the value is in the form of :func:`sbom.signing.algorithms.sign`.

        :raises KeyFileError: when the algorithm does not take the key.
        :raises UndecidedError: when a service does not sign.
        """
        ...
