"""Whom a certificate names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from sbom.attestation import fulcio

ISSUER_V1 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER_V2 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
OTHER_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")
KEY = ec.generate_private_key(ec.SECP256R1())
TEXT = b"\x0c\x01a"


def certificate(names: list[x509.GeneralName], v1: bytes | None = b"i", v2: bytes | None = None) -> x509.Certificate:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(x509.Name([]), x509.Name([]), KEY.public_key(), 1, now, now)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    for oid, value in ((ISSUER_V1, v1), (ISSUER_V2, v2)):
        if value is not None:
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    return builder.sign(KEY, hashes.SHA256())


def test_every_kind_of_name():
    assert fulcio.identity(certificate([x509.RFC822Name("a@example.com")])) == ("a@example.com", "i")
    uri = "https://example.com/x@refs/heads/main"
    assert fulcio.identity(certificate([x509.UniformResourceIdentifier(uri)])).identity == uri
    assert fulcio.identity(certificate([x509.OtherName(OTHER_NAME, b"\x0c\x02\xc3\xa4")])).identity == "ä"
    long = b"\x0c\x81\xc8" + b"x" * 200
    assert fulcio.identity(certificate([x509.OtherName(OTHER_NAME, long)])).identity == "x" * 200


@pytest.mark.parametrize(
    "names",
    [
        [],
        [x509.RFC822Name("a@example.com"), x509.RFC822Name("a@example.com")],
        [x509.RFC822Name("a@example.com"), x509.DNSName("example.com")],
        [x509.DNSName("example.com")],
        [x509.OtherName(x509.ObjectIdentifier("1.2.3"), TEXT)],
    ],
)
def test_what_names_nobody(names):
    with pytest.raises(ValueError, match="certificate names"):
        fulcio.identity(certificate(names))


@pytest.mark.parametrize(
    "der",
    [
        b"\x0c\x05a",
        b"\x0c\x80a\x00\x00",
        b"\x0c\x01ab",
        b"\x13\x01a",
        b"\x05\x00",
        b"\x0c\x84\xff\xff\xff\xff",
        b"\x0c\x82\x01",
    ],
)
def test_what_is_no_text(der):
    with pytest.raises(ValueError, match="UTF8String"):
        fulcio.identity(certificate([x509.RFC822Name("a@example.com")], None, der))


@pytest.mark.parametrize(("v1", "v2"), [(None, b"\x0c\x01\xff"), (b"\xff", None)])
def test_what_is_no_utf8(v1, v2):
    with pytest.raises(ValueError, match="utf-8"):
        fulcio.identity(certificate([x509.RFC822Name("a@example.com")], v1, v2))


def test_issuers():
    name = [x509.RFC822Name("a@example.com")]
    assert fulcio.identity(certificate(name, b"a", TEXT)).issuer == "a"
    assert fulcio.identity(certificate(name, None, TEXT)).issuer == "a"
    for v1, v2, count in ((None, None, 0), (b"b", TEXT, 2), (TEXT, TEXT, 2)):
        with pytest.raises(ValueError, match=f"names {count} OpenID Connect issuers"):
            fulcio.identity(certificate(name, v1, v2))


def test_a_certificate_with_an_extension_twice_names_nobody():
    der = certificate([x509.RFC822Name("a@example.com")], TEXT, TEXT).public_bytes(Encoding.DER)
    same = der.replace(bytes.fromhex("2b0601040183bf300108"), bytes.fromhex("2b0601040183bf300101"))
    assert same != der
    with pytest.raises(ValueError, match="cannot be read"):
        fulcio.identity(x509.load_der_x509_certificate(same))
