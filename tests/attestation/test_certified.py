"""Bundles signed by certificates of a private authority, with and without timestamps of a real one on the loopback."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rfc3161_client", reason="install the extra timestamp")
pytest.importorskip("asn1crypto", reason="install the extra hsm: the authority of these tests is made with its ASN.1")
sys.path.append(str(Path(__file__).parents[1] / "signing"))

import pki
from cryptography.x509.oid import ExtendedKeyUsageOID
from pki import CODE, DAY, RELEASER, YEAR, Authority, Stamper, authority

from sbom.attestation import bundle as bundles
from sbom.attestation import certified, evaluation
from sbom.attestation.interface import CERTIFICATE, Anchors, Identity, Signed
from sbom.errors import SignatureError, UndecidedError, UsageError
from sbom.signing import dsse, keys, timestamps
from sbom.signing.certificates import CertificateAnchor, _Certificated
from sbom.signing.interface import Outcome

PATH = "penguins.cdx.json.sigstore.json"
STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1"}'
TYPE = "application/vnd.in-toto+json"
NOW = datetime.now(UTC).replace(microsecond=0)
SIGNER, STRANGER = keys.generate("ecdsa-p256"), keys.generate("ecdsa-p256")
ROOT, MIDDLE = authority("root"), authority("middle", "root")
STAMPER = Stamper()
ANCHOR = CertificateAnchor((ROOT.der,), RELEASER)
TRUST = Anchors(certificates=(ANCHOR,), timestamp_roots=(STAMPER.above.der,))


def leaf(issuer: Authority = MIDDLE, signer: Any = SIGNER, **options: Any) -> bytes:
    return issuer.leaf(signer.public.key, RELEASER, **options)


def made(*chain: bytes, stamps: Any = (), signer: Any = SIGNER, statement: bytes = STATEMENT) -> bytes:
    """Return a bundle that nothing was checked of, with timestamps by these authorities."""
    envelope = dsse.sign(statement, TYPE, _Certificated(signer, chain))
    value = dsse.parse(envelope).signatures[0].sig
    stamped = [one.of(value) if isinstance(one, Stamper) else one for one in stamps]
    return bundles.write(envelope, certificates=chain, timestamps=stamped)


def judge(bundle: bytes, trust: Anchors = TRUST) -> Signed:
    return evaluation.evaluate(bundles.read(bundle, PATH), trust, PATH)


def outcome(bundle: bytes, trust: Anchors = TRUST) -> tuple[Outcome, str]:
    signed = judge(bundle, trust)
    return signed.outcome, signed.sentence


@pytest.fixture(autouse=True)
def _direct(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


# -- good ---------------------------------------------------------------------------------------------------------------


def test_signed_with_a_chain_and_no_timestamp():
    bundle = certified.sign(STATEMENT, SIGNER, (leaf(), MIDDLE.der, ROOT.der))
    read = bundles.read(bundle, PATH)
    assert (read.material, len(read.certificates), read.timestamps) == (bundles.CHAIN, 2, ())
    assert read.envelope.signatures[0].keyid == ""
    signed = judge(bundle)
    who = Identity(CERTIFICATE, RELEASER, pki.fingerprint(ROOT.der))
    assert signed == Signed(
        Outcome.VALID,
        f"{PATH} (ES256) is signed by the certificate of {RELEASER}",
        "ES256",
        who,
        None,
        (),
        PATH,
        SIGNER.public.spki_sha256,
    )


def test_signed_with_one_certificate_and_a_timestamp():
    with pki.served(pki.reply_of(STAMPER)) as url:
        bundle = certified.sign(STATEMENT, SIGNER, (leaf(ROOT),), url)
    read = bundles.read(bundle, PATH)
    assert (read.material, read.media_type) == (bundles.CERTIFICATE, bundles.MEDIA_TYPE)
    signed = judge(bundle)
    assert signed.outcome is Outcome.VALID
    ((time, by),) = signed.times
    assert by == "timestamp authority"
    assert abs(time - datetime.now(UTC)) < timedelta(minutes=5)
    assert judge(bundle, Anchors(certificates=(ANCHOR,))).times == ()  # nobody said whose timestamps count


def test_what_cannot_be_signed():
    with pytest.raises(UsageError, match="not that of this key"):
        certified.sign(STATEMENT, STRANGER, (leaf(), MIDDLE.der))
    with pytest.raises(UsageError, match="may not sign"):
        certified.sign(STATEMENT, SIGNER, (leaf(usages=None), MIDDLE.der))
    with pki.served(lambda _: (503, {}, b"")) as url, pytest.raises(UndecidedError, match="status 503"):
        certified.sign(STATEMENT, SIGNER, (leaf(), MIDDLE.der), url)


# -- time: the judged cases ---------------------------------------------------------------------------------------------

LAST_YEAR = (NOW - 2 * YEAR, NOW - YEAR)
THEN = NOW - YEAR - 30 * DAY  # inside LAST_YEAR


def test_an_expired_certificate_without_a_timestamp():
    result, sentence = outcome(made(leaf(time=LAST_YEAR), MIDDLE.der))
    assert result is Outcome.NOT_TRUSTED
    assert "is signed by a certificate that expired at" in sentence


def test_whose_it_was_is_known_when_the_certificate_has_expired():
    """A revocation must not end with it; a copied certificate says nothing."""
    old = leaf(time=(NOW - YEAR, NOW - DAY))
    assert judge(made(old, MIDDLE.der)).identity == Identity(CERTIFICATE, RELEASER, pki.fingerprint(ROOT.der))
    assert judge(made(old, MIDDLE.der, signer=STRANGER)).identity is None
    assert judge(made(leaf(authority("stranger"), time=(NOW - YEAR, NOW - DAY)))).identity is None
    assert judge(made(leaf(time=(NOW + DAY, NOW + YEAR)), MIDDLE.der)).identity is None
    assert judge(made(b"none", MIDDLE.der)).identity is None
    assert judge(made(old, MIDDLE.der, stamps=(Stamper(time=NOW - 2 * YEAR),))).identity is None


def test_an_expired_certificate_with_a_timestamp_from_when_it_was_valid():
    signed = judge(made(leaf(time=LAST_YEAR), MIDDLE.der, stamps=[Stamper(time=THEN)]))
    assert signed.outcome is Outcome.VALID
    assert signed.times == ((THEN, "timestamp authority"),)


def test_a_timestamp_of_an_authority_that_nobody_named_attests_nothing():
    bundle = made(leaf(time=LAST_YEAR), MIDDLE.der, stamps=[Stamper(time=THEN)])
    assert outcome(bundle, Anchors(certificates=(ANCHOR,)))[0] is Outcome.NOT_TRUSTED
    other = Anchors(certificates=(ANCHOR,), timestamp_roots=(authority("other").der,))
    result, sentence = outcome(bundle, other)
    assert result is Outcome.INVALID
    assert "does not verify with a given timestamp authority" in sentence
    # The root of certificates is no root of timestamps.
    crossed = Anchors(certificates=(ANCHOR,), timestamp_roots=(ROOT.der,))
    assert outcome(bundle, crossed)[0] is Outcome.INVALID


@pytest.mark.parametrize(
    ("valid", "stamped", "message"),
    [
        (LAST_YEAR, NOW - DAY, "expired at"),
        (LAST_YEAR, NOW - 3 * YEAR, "is valid only from"),
        ((NOW - DAY, NOW + YEAR), NOW - 2 * DAY, "is valid only from"),
    ],
)
def test_a_timestamp_outside_of_the_validity(valid, stamped, message):
    """In the last case the certificate is valid now, and the timestamp says that the signature is older than it."""
    result, sentence = outcome(made(leaf(time=valid), MIDDLE.der, stamps=[Stamper(time=stamped)]))
    assert result is Outcome.NOT_TRUSTED
    assert message in sentence


def test_an_expired_intermediate():
    old = Authority("old", ROOT, time=LAST_YEAR)
    result, sentence = outcome(made(leaf(old), old.der))
    assert result is Outcome.NOT_TRUSTED
    assert '"CN=old" expired at' in sentence
    assert outcome(made(leaf(old), old.der, stamps=[Stamper(time=THEN)]))[0] is Outcome.VALID
    assert '"CN=old" expired at' in outcome(made(leaf(old), old.der, stamps=[Stamper(time=NOW - DAY)]))[1]


def test_an_expired_root():
    old = Authority("old", time=LAST_YEAR)
    trust = Anchors(certificates=(CertificateAnchor((old.der,), RELEASER),), timestamp_roots=TRUST.timestamp_roots)
    assert '"CN=old" expired at' in outcome(made(leaf(old)), trust)[1]
    assert outcome(made(leaf(old), stamps=[Stamper(time=THEN)]), trust)[0] is Outcome.VALID


def test_a_time_in_the_future():
    bundle = made(leaf(), MIDDLE.der, stamps=[Stamper(time=NOW + DAY)])
    result, sentence = outcome(bundle)
    assert result is Outcome.INVALID
    assert "has a timestamp that states a time in the future" in sentence
    assert "is valid only from" in outcome(made(leaf(time=(NOW + DAY, NOW + YEAR)), MIDDLE.der))[1]


def test_the_earliest_of_several_timestamps_counts_and_each_has_to_hold():
    stamps = [Stamper(time=NOW - DAY), Stamper(time=THEN)]
    signed = judge(made(leaf(time=LAST_YEAR), MIDDLE.der, stamps=stamps))
    assert signed.outcome is Outcome.VALID
    assert {time.time for time in signed.times} == {NOW - DAY, THEN}
    assert outcome(made(leaf(), MIDDLE.der, stamps=[*stamps, b"\x30\x00"]))[0] is Outcome.INVALID


# -- who ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"usages": None}, "may not sign (keyUsage has no digitalSignature)"),
        ({"usages": pki.usage("content_commitment")}, "may not sign (keyUsage has no digitalSignature)"),
        ({"eku": (ExtendedKeyUsageOID.SERVER_AUTH,)}, "is for another usage (extendedKeyUsage)"),
        ({"ca": True}, "is that of an authority"),
    ],
)
def test_certificates_that_may_not_sign(options, message):
    result, sentence = outcome(made(leaf(**options), MIDDLE.der))
    assert result is Outcome.NOT_TRUSTED
    assert message in sentence


def test_a_root_that_is_not_given():
    stranger = authority("stranger")
    for chain in ((leaf(stranger),), (leaf(stranger), stranger.der)):
        result, sentence = outcome(made(*chain))
        assert result is Outcome.NOT_TRUSTED
        assert "does not end in a given root" in sentence
    alone = Authority("alone", key=SIGNER.key, ca=False, usages=pki.SIGNS, eku=CODE)
    assert outcome(made(alone.der))[0] is Outcome.NOT_TRUSTED
    own = Anchors(certificates=(CertificateAnchor((alone.der,), RELEASER),))
    assert outcome(made(alone.der), own)[0] is Outcome.NOT_TRUSTED


def test_swapped_and_missing_intermediates():
    lower = Authority("lower", MIDDLE)
    good = (leaf(lower), lower.der, MIDDLE.der)
    assert outcome(made(*good))[0] is Outcome.VALID
    for chain in ((good[0], good[2], good[1]), (good[0], good[1]), (good[0], good[2]), (good[0],)):
        assert outcome(made(*chain))[0] is Outcome.NOT_TRUSTED


def test_another_name():
    evil = MIDDLE.leaf(SIGNER.public.key, "release@acme-evil.example")
    result, sentence = outcome(made(evil, MIDDLE.der))
    assert result is Outcome.NOT_TRUSTED
    assert "is not for release@acme.example, but for release@acme-evil.example" in sentence


def test_nobody_is_trusted_by_certificates():
    assert outcome(made(leaf(), MIDDLE.der), Anchors())[0] is Outcome.NOT_TRUSTED
    assert outcome(made(leaf(), MIDDLE.der), Anchors(keys=(SIGNER.public,)))[0] is Outcome.NOT_TRUSTED


# -- mix and match: every part of one valid bundle in another -----------------------------------------------------------


def test_parts_of_two_valid_bundles_exchanged():
    """Each signed by a trusted certificate with a trusted timestamp; the second one is somebody else's."""
    other = MIDDLE.leaf(STRANGER.public.key, "other@acme.example")
    trust = Anchors(
        certificates=(ANCHOR, CertificateAnchor((ROOT.der,), "other@acme.example")),
        timestamp_roots=TRUST.timestamp_roots,
    )
    one = json.loads(made(leaf(), MIDDLE.der, stamps=[STAMPER]))
    two = json.loads(made(other, MIDDLE.der, stamps=[STAMPER], signer=STRANGER, statement=b'{"a":1}'))
    for bundle in (one, two):
        assert outcome(json.dumps(bundle).encode(), trust)[0] is Outcome.VALID
    places = [
        ("dsseEnvelope",),
        ("dsseEnvelope", "payload"),
        ("dsseEnvelope", "signatures"),
        ("verificationMaterial", "x509CertificateChain"),
        ("verificationMaterial", "timestampVerificationData"),
    ]
    for place in places:
        mixed = json.loads(json.dumps(one))
        source, target = two, mixed
        for name in place[:-1]:
            source, target = source[name], target[name]
        target[place[-1]] = source[place[-1]]
        assert outcome(json.dumps(mixed).encode(), trust)[0] is Outcome.INVALID, place


def test_another_type_of_payload():
    bundle = json.loads(made(leaf(), MIDDLE.der))
    bundle["dsseEnvelope"]["payloadType"] = "text/plain"
    assert outcome(json.dumps(bundle).encode())[0] is Outcome.INVALID


def test_certificates_that_are_none():
    bundle = json.loads(made(leaf(), MIDDLE.der))
    chain = bundle["verificationMaterial"]["x509CertificateChain"]["certificates"]
    chain[1]["rawBytes"] = "AAAA"
    result, sentence = outcome(json.dumps(bundle).encode())
    assert result is Outcome.NOT_TRUSTED
    assert "not a readable X.509 certificate" in sentence
    chain[0]["rawBytes"] = "AAAA"
    assert outcome(json.dumps(bundle).encode())[0] is Outcome.NOT_TRUSTED
    chain[:] = []
    with pytest.raises(SignatureError):
        bundles.read(json.dumps(bundle).encode(), PATH)


# -- the command line ---------------------------------------------------------------------------------------------------


def test_on_the_command_line(cli, release, tmp_path):
    """Sign beside the document with a timestamp, verify by root and name, be refused by another name."""
    keys.write_pair(tmp_path / "own", SIGNER, None)
    (tmp_path / "chain.pem").write_bytes(pki.pem(leaf(), MIDDLE.der))
    (tmp_path / "root.pem").write_bytes(pki.pem(ROOT.der))
    (tmp_path / "stamps.pem").write_bytes(pki.pem(STAMPER.above.der))
    chain = ["--key", tmp_path / "own.key", "--certificate-chain", tmp_path / "chain.pem"]
    with pki.served(pki.reply_of(STAMPER)) as url:
        ran = cli("sign", release.bom, *chain, "--timestamp-url", url, "--signature-format", "dsse")
    assert ran.code == 0, ran.text
    roots = ["--certificate-root", tmp_path / "root.pem", "--timestamp-root", tmp_path / "stamps.pem"]
    verify = ["verify", release.bom, release.data, *roots, "--certificate-identity"]
    ran = cli(*verify, RELEASER)
    assert ran.code == 0, ran.text
    ran = cli(*verify, "release@acme-evil.example")
    assert ran.code == 1, ran.text
    (tmp_path / "root.pem").write_bytes(pki.pem(authority("stranger").der))
    assert cli(*verify, RELEASER).code == 1


def test_openssl_verifies_what_the_authority_of_these_tests_stamps(tmp_path):
    """The stand-in is a real one: another implementation reads its timestamps."""
    value = b"a signature"
    response = STAMPER.of(value)
    assert timestamps.verify(response, value, TRUST.timestamp_roots)
    for name, content in (("r.tsr", response), ("data", value), ("ca.pem", pki.pem(*TRUST.timestamp_roots))):
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "ts", "-verify", "-in", "r.tsr", "-data", "data", "-CAfile", "ca.pem"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr
