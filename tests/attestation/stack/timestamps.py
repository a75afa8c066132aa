"""A timestamp authority (RFC 3161)."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from stack.certificates import Authority, name, usage

if TYPE_CHECKING:
    from datetime import datetime


class TimestampAuthority(Authority):
    """Answers requests about digests of any algorithm."""

    def __init__(self, start: datetime, end: datetime) -> None:
        super().__init__("tsa", start, ExtendedKeyUsageOID.TIME_STAMPING)
        self.signing_key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = (
            self.leaf(self.signing_key.public_key(), name("tsa"), start, end)
            .add_extension(usage("digital_signature"), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.certificate, self.intermediate, self.root

    def reply(self, request: bytes, time: datetime) -> bytes:
        """Return a granted TimeStampResp."""
        asked = tsp.TimeStampReq.load(request)
        info = {
            "version": "v1",
            "policy": "1.3.6.1.4.1.57264.2",
            "message_imprint": asked["message_imprint"],
            "serial_number": int.from_bytes(os.urandom(8)),
            "gen_time": time.replace(microsecond=0),
        }
        if asked["nonce"].native is not None:
            info["nonce"] = asked["nonce"].native
        content = tsp.TSTInfo(info).dump()
        token = cms.ContentInfo({"content_type": "signed_data", "content": self._signed(content, time)})
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()

    @staticmethod
    def rejection() -> bytes:
        """Return a rejection: valid DER, without a token."""
        return bytes.fromhex("30053003020102")

    def _signed(self, content: bytes, time: datetime) -> cms.SignedData:
        encoded = self.certificate.public_bytes(serialization.Encoding.DER)
        certificate = asn1_x509.Certificate.load(encoded)
        essential = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(encoded).digest()})
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "signing_time", "values": [core.UTCTime(time.replace(microsecond=0))]},
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [essential]})]},
            ]
        )
        signature = self.signing_key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.IssuerAndSerialNumber(
                    {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                ),
                "digest_algorithm": digest,
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": signature,
            }
        )
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest],
                "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
                "certificates": [certificate],
                "signer_infos": [signer],
            }
        )
