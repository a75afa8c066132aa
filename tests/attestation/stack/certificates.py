"""Fulcio and the CT log: short-lived certificates for an identity, with an embedded signed certificate timestamp."""

from __future__ import annotations

import hashlib
import struct
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
ISSUER_V1 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER_V2 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
OTHER_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")
YEARS = timedelta(days=3650)


def spki(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def der(tag: int, content: bytes) -> bytes:
    """Return one DER value."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "stack"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def usage(*given: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{one: one in given for one in every})


class Authority:
    """A root, an intermediate certificate below it, and its key."""

    def __init__(self, common: str, start: datetime, eku: x509.ObjectIdentifier) -> None:
        root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.start = start
        self.root = self._ca(f"{common}-root", root_key.public_key(), f"{common}-root", root_key, None)
        self.intermediate = self._ca(f"{common}-intermediate", self.key.public_key(), f"{common}-root", root_key, eku)

    def _ca(self, common, public, issuer, issuer_key, eku) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(common))
            .issuer_name(name(issuer))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.start)
            .not_valid_after(self.start + YEARS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=1 if eku is None else 0), critical=True)
            .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )
        if eku is not None:
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
            ).add_extension(x509.ExtendedKeyUsage([eku]), critical=False)
        return builder.sign(issuer_key, hashes.SHA256())

    def leaf(
        self, public: ec.EllipticCurvePublicKey, subject: x509.Name, start: datetime, end: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.intermediate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )

    @property
    def chain(self) -> tuple[x509.Certificate, x509.Certificate]:
        return self.intermediate, self.root


class CertificateLog:
    """A CT log (RFC 6962): promises to publish precertificates."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def log_id(self) -> bytes:
        return hashlib.sha256(spki(self.key.public_key())).digest()

    def timestamp(self, tbs: bytes, issuer: ec.EllipticCurvePublicKey, time: datetime, key=None) -> bytes:
        """Return a signed certificate timestamp about a TBSCertificate without its SCT extension (section 3.2)."""
        milliseconds = int(time.timestamp() * 1000)
        entry = hashlib.sha256(spki(issuer)).digest() + len(tbs).to_bytes(3) + tbs
        signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry + struct.pack("!H", 0)
        signature = (key or self.key).sign(signed, ec.ECDSA(hashes.SHA256()))
        head = struct.pack("!B32sQH", 0, self.log_id, milliseconds, 0)
        return head + struct.pack("!BBH", 4, 3, len(signature)) + signature


def with_timestamps(builder: x509.CertificateBuilder, scts: Sequence[bytes]) -> x509.CertificateBuilder:
    """Embed SCTs: an OCTET STRING around a TLS list."""
    listed = b"".join(struct.pack("!H", len(one)) + one for one in scts)
    value = der(0x04, struct.pack("!H", len(listed)) + listed)
    return builder.add_extension(x509.UnrecognizedExtension(SCT_LIST, value), critical=False)


def alternative(identity: str) -> x509.GeneralName:
    """Return how Fulcio writes an identity: an address, a URI, or a name of its own."""
    if "://" in identity:
        return x509.UniformResourceIdentifier(identity)
    if "@" in identity:
        return x509.RFC822Name(identity)
    return x509.OtherName(OTHER_NAME, der(0x0C, identity.encode()))


class Fulcio(Authority):
    """Certificates for code signing, for the holder of a token."""

    def __init__(self, start: datetime) -> None:
        super().__init__("fulcio", start, ExtendedKeyUsageOID.CODE_SIGNING)
        self.log = CertificateLog()

    def issue(self, public, claims, start, end, knobs) -> x509.Certificate:
        names = [alternative(one) for one in [claims["sub"], *knobs.more_names]]
        builder = (
            self.leaf(public, x509.Name([]), start, end)
            .add_extension(usage(*knobs.key_usage), critical=True)
            .add_extension(x509.ExtendedKeyUsage([knobs.extended_usage]), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=True)
        )
        v1, v2 = knobs.issuer_v1 or claims["iss"], claims["iss"]
        if "v1" in knobs.issuer_extensions:
            builder = builder.add_extension(x509.UnrecognizedExtension(ISSUER_V1, v1.encode()), critical=False)
        if "v2" in knobs.issuer_extensions:
            builder = builder.add_extension(
                x509.UnrecognizedExtension(ISSUER_V2, der(0x0C, v2.encode())), critical=False
            )
        tbs = builder.sign(self.key, hashes.SHA256()).tbs_certificate_bytes
        stamped = start + knobs.sct_offset
        scts = [self.log.timestamp(tbs, self.key.public_key(), stamped, knobs.ct_key) for _ in range(knobs.scts)]
        return (with_timestamps(builder, scts) if scts else builder).sign(self.key, hashes.SHA256())
