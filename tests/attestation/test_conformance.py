"""Bundles of Sigstore's own instances and of its conformance suite: the same verdicts, without a socket."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("sigstore", reason="the sigstore extra is not installed")

from cryptography.hazmat.primitives import serialization
from keyless_maker import forbid_sockets, judge
from sigstore.hashes import Hashed
from sigstore_models.common.v1 import HashAlgorithm

from sbom.attestation import bundle as bundles
from sbom.attestation import keyed, keylessverify, statement, trustedroot
from sbom.attestation.interface import Anchors, SigstoreIdentity
from sbom.errors import Error, SignatureError
from sbom.signing.interface import Outcome
from sbom.signing.keys import load_public

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent / "conformance"
STAGING_ROOT = str(HERE / "staging" / "trusted_root.json")
GITHUB = "https://token.actions.githubusercontent.com"
PUBLIC_GOOD = {
    "pypi_attestation_models-0.0.4a2.tar.gz.sigstore": (
        "https://github.com/trailofbits/pypi-attestation-models/.github/workflows/release.yml@refs/tags/v0.0.4a2", GITHUB),
    "pypi_attestation_models-0.0.4a2.tar.gz.attestation": (
        "https://github.com/trailofbits/pypi-attestation-models/.github/workflows/release.yml@refs/tags/v0.0.4a2", GITHUB),
    "pypi_attestations-0.0.19.tar.gz.publish.attestation": (
        "https://github.com/trailofbits/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19", GITHUB),
    "pypi_attestations-0.0.19.tar.gz.slsa.attestation": (
        "https://github.com/trailofbits/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19", GITHUB),
    "gitlab_oidc_project-0.0.3.tar.gz.publish.attestation": (
        "https://gitlab.com/facutuesca/gitlab-oidc-project//.gitlab-ci.yml@refs/heads/main", "https://gitlab.com"),
    "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl.publish.attestation": (
        "https://circleci.com/api/v2/projects/fdd9283f-e619-46af-8f9c-851f7d3e8b2b/pipeline-definitions/8e4f8ab2-8d7c-4827-9f15-de076d6d647f",
        "https://oidc.circleci.com"),
}  # fmt: skip
STAGING = sorted(path.name for path in (HERE / "staging").glob("rfc8785-*"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_sockets(monkeypatch)


def load(path: Path) -> dict[str, Any]:
    """Read a bundle; put the parts of PEP 740's form where a bundle has them."""
    tree = json.loads(path.read_bytes())
    if "mediaType" in tree:
        return tree
    material, envelope = tree["verification_material"], tree["envelope"]
    return {
        "mediaType": bundles.MEDIA_TYPE,
        "verificationMaterial": {
            "certificate": {"rawBytes": material["certificate"]},
            "tlogEntries": material["transparency_entries"],
        },
        "dsseEnvelope": {
            "payload": envelope["statement"],
            "payloadType": statement.PAYLOAD_TYPE,
            "signatures": [{"sig": envelope["signature"]}],
        },
    }


def genuine(name: str) -> dict[str, Any]:
    return load(HERE / "public-good" / name)


@pytest.mark.parametrize("name", PUBLIC_GOOD)
def test_genuine_signatures_verify_with_the_embedded_root(name):
    identity, issuer = PUBLIC_GOOD[name]
    tree = genuine(name)
    found = judge(tree, Anchors(sigstore=(SigstoreIdentity(identity, issuer),), offline=True))
    assert found.outcome is Outcome.VALID, found.sentence
    assert [one.by for one in found.times] == ["transparency log"]
    for other in (
        (identity[:-1], issuer),
        (identity, issuer + "/"),
        (identity.replace("v0.0", "v0.1"), f"{issuer}.evil"),
    ):
        assert judge(tree, Anchors(sigstore=(SigstoreIdentity(*other),))).outcome is Outcome.NOT_TRUSTED
    staging = Anchors(sigstore=(SigstoreIdentity(identity, issuer),), trusted_root=STAGING_ROOT)
    assert judge(tree, staging).outcome is Outcome.INVALID


@pytest.mark.parametrize("version", ["0.1", "0.2"])
def test_the_older_versions_of_the_form(version):
    name = "pypi_attestation_models-0.0.4a2.tar.gz.sigstore"
    tree = genuine(name)
    tree["mediaType"] = f"application/vnd.dev.sigstore.bundle+json;version={version}"
    leaf = material(tree).pop("certificate")
    material(tree)["x509CertificateChain"] = {"certificates": [leaf]}
    trusted = Anchors(sigstore=(SigstoreIdentity(*PUBLIC_GOOD[name]),))
    assert judge(tree, trusted).outcome is Outcome.VALID
    # The rest of a chain is the root's to say; what an attacker puts there changes nothing, and cannot come first.
    other = material(genuine("gitlab_oidc_project-0.0.3.tar.gz.publish.attestation"))["certificate"]
    material(tree)["x509CertificateChain"] = {"certificates": [other, leaf]}
    assert judge(tree, trusted).outcome is Outcome.NOT_TRUSTED
    authority = {
        "rawBytes": json.loads(trustedroot.embedded())["certificateAuthorities"][1]["certChain"]["certificates"][1][
            "rawBytes"
        ]
    }
    material(tree)["x509CertificateChain"] = {"certificates": [authority, leaf]}
    assert judge(tree, trusted).outcome is Outcome.INVALID


@pytest.mark.parametrize("name", STAGING)
def test_another_instance_verifies_with_its_own_root_only(name):
    tree = load(HERE / "staging" / name)
    who = keylessverify.read(json.dumps(tree).encode()).identity
    assert judge(tree, Anchors(sigstore=(who,), trusted_root=STAGING_ROOT)).outcome is Outcome.VALID
    assert judge(tree, Anchors(sigstore=(who,))).outcome is Outcome.INVALID


def verify_artifact(tree: dict[str, Any], artifact: bytes | Hashed) -> keylessverify.Attested:
    """Verify a signature of a bare artifact, which is nothing that data-sbom accepts, with the same core."""
    opened = keylessverify.read(json.dumps(tree).encode())
    verifier, times = keylessverify.prepare(opened.bundle, trustedroot.load(STAGING_ROOT, None))
    verifier.verify_artifact(artifact, opened.bundle, keylessverify.Exactly(opened.identity))
    (time,) = times
    return time


def test_rekor_v2():
    tree = json.loads((HERE / "sigstore-python" / "staging-rekor-v2.txt.sigstore.json").read_bytes())
    artifact = (HERE / "sigstore-python" / "staging-rekor-v2.txt").read_bytes()
    assert verify_artifact(tree, artifact).by == "timestamp authority"
    with pytest.raises(keylessverify.BROKEN):
        verify_artifact(tree, artifact + b"\n")
    with pytest.raises(SignatureError, match="bare digest"):
        bundles.read(json.dumps(tree).encode(), "x")


def test_multiple_timestamps_one_outside_cert_validity_fail():
    case = "rekor2-multiple-timestamps-one-outside-cert-validity_fail"
    tree = json.loads((HERE / "sigstore-conformance" / case / "bundle.sigstore.json").read_bytes())
    digest = base64.b64decode(tree["messageSignature"]["messageDigest"]["digest"])
    artifact = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=digest)
    with pytest.raises(keylessverify.BROKEN, match="not valid at validation time"):
        verify_artifact(tree, artifact)
    del tree["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][1]
    assert verify_artifact(tree, artifact).time.year == 2025


def test_dsse_statement_missing_type_fail(tmp_path):
    path = HERE / "sigstore-conformance" / "dsse-statement-missing-type_fail" / "bundle.sigstore.json"
    tree = json.loads(path.read_bytes())
    body = json.loads(base64.b64decode(tree["verificationMaterial"]["tlogEntries"][0]["canonicalizedBody"]))
    der = base64.b64decode(body["spec"]["hashedRekordV002"]["signature"]["verifier"]["publicKey"]["rawBytes"])
    pem = serialization.load_der_public_key(der).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key.pub").write_bytes(pem)
    bundle = bundles.read(path.read_bytes(), "x")
    found = keyed.evaluate(bundle, Anchors(keys=(load_public(tmp_path / "key.pub"),)), "x")
    assert found.outcome is Outcome.VALID  # a good signature, of nothing
    with pytest.raises(SignatureError, match="other members"):
        statement.load(bundle.envelope, "x")


def entry(tree: dict[str, Any]) -> dict[str, Any]:
    return tree["verificationMaterial"]["tlogEntries"][0]


def flipped(text: str) -> str:
    """Return base64 of the same octets but one."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def checkpoint(tree: dict[str, Any], old: str, new: str) -> None:
    note = entry(tree)["inclusionProof"]["checkpoint"]
    assert old in note["envelope"]
    note["envelope"] = note["envelope"].replace(old, new, 1)


def set_to(
    target: Callable[[dict[str, Any]], dict[str, Any]], key: str, value: object
) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(tree: dict[str, Any], _: dict[str, Any]) -> None:
        target(tree)[key] = value

    return change


def flip(
    target: Callable[[dict[str, Any]], dict[str, Any]], key: str
) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(tree: dict[str, Any], _: dict[str, Any]) -> None:
        target(tree)[key] = flipped(target(tree)[key])

    return change


def from_other(
    target: Callable[[dict[str, Any]], dict[str, Any]], *keys: str
) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(tree: dict[str, Any], other: dict[str, Any]) -> None:
        for key in keys:
            target(tree)[key] = target(other)[key]

    return change


def material(tree: dict[str, Any]) -> dict[str, Any]:
    return tree["verificationMaterial"]


def proof(tree: dict[str, Any]) -> dict[str, Any]:
    return entry(tree)["inclusionProof"]


def envelope(tree: dict[str, Any]) -> dict[str, Any]:
    return tree["dsseEnvelope"]


def signature(tree: dict[str, Any]) -> dict[str, Any]:
    return tree["dsseEnvelope"]["signatures"][0]


# Cases of the conformance suite and of the advisories behind it, made from genuine bundles.
CASES: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "certificate-mismatch": from_other(material, "certificate"),
    "checkpoint-bad-keyhint": lambda tree, _: checkpoint(tree, "wNI9aj", "wNI9aa"),
    "checkpoint-invalid-signature": lambda tree, _: checkpoint(tree, "wNI9ajB", "wNI9ajA"),
    "checkpoint-no-signature": lambda tree, _: checkpoint(tree, "\u2014 rekor.sigstore.dev", "rekor.sigstore.dev"),
    "checkpoint-other-tree-size": lambda tree, _: checkpoint(tree, "\n" + proof(tree)["treeSize"], "\n1" + proof(tree)["treeSize"]),
    "checkpoint-wrong-roothash": lambda tree, _: checkpoint(tree, proof(tree)["rootHash"], flipped(proof(tree)["rootHash"])),
    "checkpoint-of-another-entry": from_other(proof, "checkpoint"),
    "cve-2022-36056-swapped-tlog-entry": lambda tree, other: material(tree).update(tlogEntries=material(other)["tlogEntries"]),
    "dsse-mismatch-envelope": from_other(envelope, "payload"),
    "dsse-mismatch-sig": from_other(signature, "sig"),
    "dsse-invalid-sig": flip(signature, "sig"),
    "dsse-payload-type": set_to(envelope, "payloadType", "application/vnd.in-toto+xml"),
    "dsse-two-signatures": lambda tree, other: envelope(tree)["signatures"].append(signature(other)),
    "inclusion-proof-invalid": lambda tree, _: proof(tree).update(hashes=[flipped(one) for one in proof(tree)["hashes"]]),
    "inclusion-proof-missing": lambda tree, _: entry(tree).pop("inclusionProof"),
    "inclusion-proof-no-checkpoint": lambda tree, _: proof(tree).pop("checkpoint"),
    "inclusion-proof-of-another-entry": from_other(entry, "inclusionProof"),
    "inclusion-proof-other-index": lambda tree, _: proof(tree).update(logIndex=str(int(proof(tree)["logIndex"]) ^ 1)),
    "inclusion-proof-index-beyond-tree": lambda tree, _: proof(tree).update(logIndex=str(int(proof(tree)["treeSize"]) + 1)),
    "integrated-time-in-future": set_to(entry, "integratedTime", "4102444800"),
    "integrated-time-before-certificate": set_to(entry, "integratedTime", "1600000000"),
    "integrated-time-missing": lambda tree, _: entry(tree).pop("integratedTime"),
    "log-entry-mismatch": from_other(entry, "canonicalizedBody"),
    "log-entry-kind": set_to(entry, "kindVersion", {"kind": "hashedrekord", "version": "0.0.1"}),
    "log-entry-version": set_to(entry, "kindVersion", {"kind": "dsse", "version": "0.0.2"}),
    "log-entry-missing": lambda tree, _: material(tree).update(tlogEntries=[]),
    "log-entry-twice": lambda tree, _: material(tree)["tlogEntries"].append(entry(tree)),
    "log-id-unknown": lambda tree, _: entry(tree).update(logId={"keyId": flipped(entry(tree)["logId"]["keyId"])}),
    "media-type-unknown": set_to(lambda tree: tree, "mediaType", "application/vnd.dev.sigstore.bundle.v0.4+json"),
    "media-type-old-with-certificate": set_to(lambda tree: tree, "mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.1"),
    "set-invalid": lambda tree, _: entry(tree).update(inclusionPromise={"signedEntryTimestamp": flipped(entry(tree)["inclusionPromise"]["signedEntryTimestamp"])}),
    "set-missing-no-other-time": lambda tree, _: entry(tree).pop("inclusionPromise"),
    "set-of-another-entry": from_other(entry, "inclusionPromise"),
    "unknown-member": set_to(entry, "surprise", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_cases_of_the_conformance_suite_all_fail(case):
    names = ["pypi_attestation_models-0.0.4a2.tar.gz.sigstore", "pypi_attestations-0.0.19.tar.gz.slsa.attestation"]
    for one, two in (names, names[::-1]):
        tree = copy.deepcopy(genuine(one))
        CASES[case](tree, copy.deepcopy(genuine(two)))
        trusted = Anchors(sigstore=tuple(SigstoreIdentity(*PUBLIC_GOOD[name]) for name in names))
        try:
            found = judge(tree, trusted)
        except Error:
            continue
        assert found.outcome is Outcome.INVALID, case


def test_a_bit_of_a_genuine_certificate_that_flips_is_missed():
    """The embedded SCT and the authority's signature cover all of it."""
    name = "pypi_attestation_models-0.0.4a2.tar.gz.sigstore"
    good = genuine(name)
    der = base64.b64decode(material(good)["certificate"]["rawBytes"])
    for index in range(0, len(der), 41):
        changed = bytearray(der)
        changed[index] ^= 1
        material(good)["certificate"]["rawBytes"] = base64.b64encode(changed).decode()
        found = judge(good, Anchors(sigstore=(SigstoreIdentity(*PUBLIC_GOOD[name]),)))
        assert found.outcome is not Outcome.VALID, index
