"""Certificate authorities and timestamp authorities for tests, each with whatever is wrong with it.

The certificates are made by ``cryptography``, the timestamps by ``asn1crypto``: neither by the code under test.
"""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
RELEASER = "release@acme.example"
CODE = (ExtendedKeyUsageOID.CODE_SIGNING,)
STAMPS = (ExtendedKeyUsageOID.TIME_STAMPING,)
#: For tests that ask the clock.
ALWAYS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC))


def usage(*given: str) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in given for name in names})


ISSUES, SIGNS = usage("key_cert_sign", "crl_sign"), usage("digital_signature")


def pem(*certificates: bytes) -> bytes:
    return b"".join(x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM) for one in certificates)


class Authority:
    """An authority: its certificate and key, and what it issues.

    :param above: who issued its certificate; itself by default.
    """

    def __init__(  # noqa: PLR0913  # each is one thing that can be wrong
        self,
        name: str,
        above: Authority | None = None,
        *,
        key: Any = None,
        time: tuple[datetime, datetime] = ALWAYS,
        ca: bool | None = True,
        length: int | None = None,
        usages: x509.KeyUsage | None = ISSUES,
        eku: tuple[x509.ObjectIdentifier, ...] = (),
        more: tuple[tuple[x509.ExtensionType, bool], ...] = (),
        digest: hashes.HashAlgorithm | None = None,
    ) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        extensions: list[tuple[x509.ExtensionType, bool]] = [*more]
        if ca is not None:
            extensions.append((x509.BasicConstraints(ca=ca, path_length=length), True))
        if usages is not None:
            extensions.append((usages, True))
        if eku:
            extensions.append((x509.ExtendedKeyUsage(eku), False))
        self.der = (above or self)._issue(self.key.public_key(), self.name, time, extensions, digest)

    def leaf(  # noqa: PLR0913  # each is one thing that can be wrong
        self,
        key: Any,
        *names: str,
        time: tuple[datetime, datetime] = ALWAYS,
        ca: bool | None = False,
        usages: x509.KeyUsage | None = SIGNS,
        eku: tuple[x509.ObjectIdentifier, ...] = CODE,
        critical: bool = False,
        common: str = "signer",
        more: tuple[tuple[x509.ExtensionType, bool], ...] = (),
        digest: hashes.HashAlgorithm | None = None,
    ) -> bytes:
        """Issue the certificate of a signer."""
        extensions: list[tuple[x509.ExtensionType, bool]] = [*more]
        if ca is not None:
            extensions.append((x509.BasicConstraints(ca=ca, path_length=None), True))
        if usages is not None:
            extensions.append((usages, True))
        if eku:
            extensions.append((x509.ExtendedKeyUsage(eku), critical))
        if names:
            extensions.append((x509.SubjectAlternativeName([_general(name) for name in names]), False))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        return self._issue(key, subject, time, extensions, digest)

    def _issue(
        self,
        key: Any,
        subject: x509.Name,
        time: tuple[datetime, datetime],
        extensions: list[tuple[x509.ExtensionType, bool]],
        digest: hashes.HashAlgorithm | None,
    ) -> bytes:
        builder = (
            x509.CertificateBuilder(issuer_name=self.name, subject_name=subject, public_key=key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(time[0])
            .not_valid_after(time[1])
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        bare = isinstance(self.key, ed25519.Ed25519PrivateKey) or not hasattr(self.key, "key_size")
        return builder.sign(self.key, None if bare else digest or hashes.SHA256()).public_bytes(Encoding.DER)


def fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def remade(der: bytes, sign: Callable[[bytes], bytes], **changes: Any) -> bytes:
    """Return a certificate with some of its fields changed, signed anew: what no builder would make."""
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415  # an extra's

    old = asn1_x509.Certificate.load(der)
    fields = old["tbs_certificate"].copy()
    for name, value in changes.items():
        fields[name] = value
    algorithm = changes.get("signature", old["signature_algorithm"])
    parts = {"tbs_certificate": fields, "signature_algorithm": algorithm, "signature_value": sign(fields.dump())}
    made: bytes = asn1_x509.Certificate(parts).dump()
    return made


@functools.cache
def authority(name: str, above: str | None = None) -> Authority:
    """Return the same good authority for the same arguments."""
    return Authority(name, None if above is None else authority(above))


def _general(name: str) -> x509.GeneralName:
    if ":" in name:
        return x509.UniformResourceIdentifier(name)
    return x509.RFC822Name(name) if "@" in name else x509.DNSName(name)


class Stamper:
    """A timestamp authority (RFC 3161) below one of these authorities.

    :param time: what it says the time is.
    """

    def __init__(  # noqa: PLR0913  # each is one thing that can be wrong
        self,
        above: Authority | None = None,
        *,
        time: datetime | None = None,
        valid: tuple[datetime, datetime] = ALWAYS,
        eku: tuple[x509.ObjectIdentifier, ...] = STAMPS,
        critical: bool = True,
        usages: x509.KeyUsage | None = SIGNS,
    ) -> None:
        self.above = above or authority("stamps")
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.time = time
        options: dict[str, Any] = {"eku": eku, "critical": critical, "usages": usages, "common": "stamper"}
        self.der = self.above.leaf(self.key.public_key(), time=valid, **options)

    def reply(self, request: bytes, **changes: Any) -> bytes:
        """Return a granted TimeStampResp to a TimeStampReq, with some things changed."""
        from asn1crypto import tsp  # noqa: PLC0415  # an extra's

        asked = tsp.TimeStampReq.load(request)
        return self.stamp(asked["message_imprint"], asked["nonce"].native, **changes)

    def of(self, message: bytes, algorithm: str = "sha256", **changes: Any) -> bytes:
        """Return a TimeStampResp about a message."""
        digest = hashlib.new(algorithm, message).digest()
        return self.stamp({"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}, None, **changes)

    def stamp(  # noqa: PLR0913  # each is one thing that can be wrong
        self,
        imprint: Any,
        nonce: int | None,
        *,
        status: int = 0,
        certificates: tuple[bytes, ...] | None = None,
        signers: int = 1,
        signed: bytes | None = None,
    ) -> bytes:
        from asn1crypto import algos, cms, core, tsp  # noqa: PLC0415  # an extra's
        from asn1crypto import x509 as asn1_x509  # noqa: PLC0415  # an extra's

        if status:
            return b"\x30\x05\x30\x03\x02\x01" + bytes([status])  # no token
        info = {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": imprint,
            "serial_number": int.from_bytes(os.urandom(8)),
            "gen_time": (self.time or datetime.now(UTC)).replace(microsecond=0),
        }
        if nonce is not None:
            info["nonce"] = nonce
        content = tsp.TSTInfo(info).dump()
        own = asn1_x509.Certificate.load(self.der)
        essential = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(self.der).digest()})
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(content if signed is None else signed).digest()]},
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [essential]})]},
            ]
        )
        signer = {
            "version": "v1",
            "sid": cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number}),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": self.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
        chain = (self.der,) if certificates is None else certificates
        data = {
            "version": "v3",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": [asn1_x509.Certificate.load(one) for one in chain],
            "signer_infos": [cms.SignerInfo({**signer, "version": "v1"}) for _ in range(signers)],
        }
        token = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()


@contextmanager
def served(
    answer: Callable[[bytes], tuple[int, dict[str, str], bytes]], seen: Callable[[Any], object] = bool
) -> Iterator[str]:
    """Serve POST requests on the loopback interface; give the URL.

    :param answer: makes status, headers and body of what was sent.
    :param seen: is told the headers of each request.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen(self.headers)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, data = answer(body)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply_of(stamper: Stamper, **changes: Any) -> Callable[[bytes], tuple[int, dict[str, str], bytes]]:
    """Return what a good timestamp authority answers."""

    def answer(body: bytes) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "application/timestamp-reply"}, stamper.reply(body, **changes)

    return answer
