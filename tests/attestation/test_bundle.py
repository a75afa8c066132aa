"""Sigstore bundles: what is read, and all that is refused."""

from __future__ import annotations

import base64
import json

import pytest

from sbom.attestation import bundle
from sbom.attestation.statement import PAYLOAD_TYPE
from sbom.errors import NotADocumentError, SignatureError
from sbom.signing import dsse, keys

KEY = keys.generate()
ENVELOPE = dsse.sign(b"{}", PAYLOAD_TYPE, KEY)
DER = base64.b64encode(b"certificate").decode()


def make(**changes):
    tree = json.loads(bundle.write(ENVELOPE, hint="h"))
    tree.update(changes)
    return tree


def read(tree):
    data = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return bundle.read(data, "x")


def test_a_key() -> None:
    found = read(make())
    assert (found.material, found.hint, found.certificates, found.timestamps, found.has_log) == (
        "publicKey", "h", (), (), False,
    )  # fmt: skip
    assert found.envelope == dsse.parse(ENVELOPE)
    assert found.media_type == bundle.MEDIA_TYPE


def test_certificates_and_timestamps() -> None:
    one = bundle.read(bundle.write(ENVELOPE, certificates=[b"leaf"], timestamps=[b"t"]), "x")
    assert (one.material, one.certificates, one.timestamps) == ("certificate", (b"leaf",), (b"t",))
    two = bundle.read(bundle.write(ENVELOPE, certificates=[b"leaf", b"above"]), "x")
    assert (two.material, two.certificates, two.media_type) == (
        "x509CertificateChain",
        (b"leaf", b"above"),
        bundle.CHAIN_MEDIA_TYPE,
    )


def test_03_as_it_was_written_at_first() -> None:
    tree = make(mediaType="application/vnd.dev.sigstore.bundle+json;version=0.3")
    assert read(tree).material == "publicKey"
    assert read({**tree, "verificationMaterial": {"certificate": {"rawBytes": DER}}}).material == "certificate"
    with pytest.raises(SignatureError, match="does not have"):
        read({**tree, "verificationMaterial": {"x509CertificateChain": {"certificates": [{"rawBytes": DER}]}}})


ENTRY = {
    "logId": {"keyId": DER},
    "inclusionPromise": {"signedEntryTimestamp": DER},
    "inclusionProof": {"rootHash": DER, "hashes": [DER, DER]},
    "canonicalizedBody": DER,
}


def of_log(**changes):
    return make(verificationMaterial={"certificate": {"rawBytes": DER}, "tlogEntries": [{**ENTRY, **changes}]})


@pytest.mark.parametrize(
    "octets", [DER + "\nimport os", DER + " ", "\n" + DER, DER[:-1] + "-", DER[:-2] + "B==", "", 7]
)
@pytest.mark.parametrize("where", ["keyId", "signedEntryTimestamp", "rootHash", "hashes", "canonicalizedBody"])
def test_nothing_travels_in_the_octets_of_a_log(where, octets) -> None:
    assert read(of_log()).has_log
    changes = {
        "keyId": {"logId": {"keyId": octets}},
        "signedEntryTimestamp": {"inclusionPromise": {"signedEntryTimestamp": octets}},
        "rootHash": {"inclusionProof": {"rootHash": octets}},
        "hashes": {"inclusionProof": {"hashes": [DER, octets]}},
        "canonicalizedBody": {"canonicalizedBody": octets},
    }
    with pytest.raises(SignatureError, match="not canonical base64"):
        read(of_log(**changes[where]))


def test_a_log() -> None:
    tree = make(verificationMaterial={"certificate": {"rawBytes": DER}, "tlogEntries": [{"logIndex": "1"}]})
    assert read(tree).has_log


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        (make(mediaType="application/vnd.dev.sigstore.bundle.v0.4+json"), "is not known"),
        (make(mediaType=None), "is not known"),
        ({**make(), "messageSignature": {}}, "bare digest"),
        ({**make(), "more": 1}, "unknown member more"),
        ({name: value for name, value in make().items() if name != "dsseEnvelope"}, "has no dsseEnvelope"),
        (make(verificationMaterial=[]), "is no object"),
        (make(verificationMaterial={"tlogEntries": []}), "not exactly one"),
        (make(verificationMaterial={"publicKey": {}, "certificate": {"rawBytes": DER}}), "not exactly one"),
        (make(verificationMaterial={"publicKey": {"hint": 1}}), "something else than a text"),
        (make(verificationMaterial={"publicKey": {"rawBytes": "x"}}), "unknown member rawBytes"),
        (make(verificationMaterial={"certificate": {}}), "has no rawBytes"),
        (make(verificationMaterial={"certificate": {"rawBytes": ""}}), "not canonical base64"),
        (make(verificationMaterial={"certificate": {"rawBytes": "YQ"}}), "not canonical base64"),
        (make(verificationMaterial={"certificate": {"rawBytes": "YR=="}}), "not canonical base64"),
        (make(verificationMaterial={"certificate": {"rawBytes": 7}}), "not canonical base64"),
        (make(verificationMaterial={"x509CertificateChain": {"certificates": [{"rawBytes": DER}]}}), "does not have"),
        (
            make(mediaType=bundle.CHAIN_MEDIA_TYPE, verificationMaterial={"certificate": {"rawBytes": DER}}),
            "does not have",
        ),
        (
            make(mediaType=bundle.CHAIN_MEDIA_TYPE, verificationMaterial={"x509CertificateChain": {"certificates": []}}),
            "no certificate",
        ),
        (make(verificationMaterial={"publicKey": {}, "tlogEntries": {}}), "is no list"),
        (
            make(verificationMaterial={"publicKey": {}, "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": DER}] * 9}}),
            "more than 8",
        ),
        (make(dsseEnvelope="x"), "is no object"),
        (make(dsseEnvelope={**json.loads(ENVELOPE), "x": 1}), "unknown member x"),
        (
            make(dsseEnvelope={**json.loads(ENVELOPE), "signatures": json.loads(ENVELOPE)["signatures"] * 2}),
            "more than one signature",
        ),
        (b'{"mediaType": 1, "mediaType": 2}', "a bundle that"),
    ],
)  # fmt: skip
def test_refused(tree, says) -> None:
    with pytest.raises(SignatureError, match=says):
        read(tree)


def test_not_json() -> None:
    with pytest.raises(NotADocumentError, match="is not JSON"):
        read(b"x")
