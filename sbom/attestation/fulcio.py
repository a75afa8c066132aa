"""The identity in a Fulcio certificate, and who vouched for it (Fulcio, "Sigstore OID information").

Read strictly, because it is what a caller compares: exactly one subject alternative name, exactly one issuer. A
certificate with several names would be accepted for each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography import x509

from sbom.attestation.interface import SigstoreIdentity

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ISSUER_V1: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_ISSUER_V2: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_OTHER_NAME: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")
_UTF8: Final = 0x0C
_LONG: Final = 0x80


def identity(certificate: Certificate) -> SigstoreIdentity:
    """Return whom a certificate was issued to; the certificate itself is not verified.

    :raises ValueError: when it does not name exactly one identity and one issuer.
    """
    try:
        extensions = certificate.extensions
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise ValueError(f"its certificate has extensions that cannot be read: {error}") from error
    return SigstoreIdentity(_name(extensions), _issuer(extensions))


def _name(extensions: x509.Extensions) -> str:
    names: list[x509.GeneralName] = []
    for extension in extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names += extension.value
    if len(names) != 1:
        raise ValueError(f"its certificate names {len(names)} identities, not one")
    name = names[0]
    if isinstance(name, x509.RFC822Name | x509.UniformResourceIdentifier):
        return name.value
    if isinstance(name, x509.OtherName) and name.type_id == _OTHER_NAME:
        return _text(name.value)
    raise ValueError("its certificate names an identity of a kind that Sigstore does not issue")


def _issuer(extensions: x509.Extensions) -> str:
    """Return the issuer, which older certificates hold as bare text, newer ones in DER, most in both forms."""
    found = set()
    for extension in extensions:
        if isinstance(extension.value, x509.UnrecognizedExtension):
            if extension.oid == _ISSUER_V1:
                found.add(extension.value.value.decode())
            elif extension.oid == _ISSUER_V2:
                found.add(_text(extension.value.value))
    if len(found) != 1:
        raise ValueError(f"its certificate names {len(found)} OpenID Connect issuers, not one")
    return found.pop()


def _text(der: bytes) -> str:
    """Return the text of a DER UTF8String (X.690 sections 8.1.3 and 8.23)."""
    head, size = 2, der[1] if len(der) > 1 else -1
    if size > _LONG:
        head += size - _LONG
        size = int.from_bytes(der[2:head])
    if der[:1] != bytes([_UTF8]) or len(der) != head + size or der[1] == _LONG:
        raise ValueError("its certificate holds an identity or issuer that is no UTF8String")
    return der[head:].decode()
