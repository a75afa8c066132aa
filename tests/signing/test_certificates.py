from __future__ import annotations

import os
from typing import Any

import pki
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from pki import CODE, DAY, NOW, RELEASER, YEAR, Authority, authority
from signing_maker import BOM, canonical, key, signers

from sbom.errors import KeyFileError, SignatureError, UsageError
from sbom.signing import certificates, forms, jsf, paths
from sbom.signing.certificates import CertificateAnchor, certify, evaluate_path, find, load_chain, load_roots
from sbom.signing.interface import Outcome
from sbom.signing.trust import EntryOutcome, Reason, evaluate, valid_keys

ED = key("ed25519")
ROOT, MIDDLE = authority("root"), authority("middle", "root")
LEAF = MIDDLE.leaf(ED.public.key, RELEASER)
CHAIN = (LEAF, MIDDLE.der)
ANCHOR = CertificateAnchor((ROOT.der,), RELEASER)


def leaf(**options: Any) -> tuple[bytes, ...]:
    return (MIDDLE.leaf(ED.public.key, RELEASER, **options), MIDDLE.der)


def below(*middle: Authority) -> tuple[bytes, ...]:
    """Return a path to a good leaf through these, the nearest to the root last."""
    return (middle[0].leaf(ED.public.key, RELEASER), *(one.der for one in middle))


# -- names --------------------------------------------------------------------------------------------------------------

WORKFLOW = "https://ci.acme.example/release.yml@refs/heads/main"


@pytest.mark.parametrize("name", [RELEASER, WORKFLOW, "release.acme.example", "spiffe://acme.example/release"])
def test_the_exact_name_holds(name):
    chain = (MIDDLE.leaf(ED.public.key, "other@acme.example", name), MIDDLE.der)
    holder = evaluate_path(chain, CertificateAnchor((ROOT.der,), name), NOW)
    assert holder.key == ED.public
    assert holder.root == pki.fingerprint(ROOT.der)


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ("release@acme.example", "release@acme-evil.example"),
        ("release@acme-evil.example", "release@acme.example"),
        ("release@acme.example", "Release@acme.example"),
        ("release@acme.example", "release@acme.example.evil.example"),
        ("https://acme.example/main", "https://acme.example/main2"),
        ("https://acme.example/main2", "https://acme.example/main"),
        ("https://acme.example/main", "https://acme.example/main/"),
        ("https://acme.example/main", "HTTPS://acme.example/main"),
        ("release.acme.example", "*.acme.example"),
        ("release.acme.example", "acme.example"),
        ("acme", "acme-evil"),
        ("", RELEASER),
    ],
)
def test_another_name_does_not(given, held):
    chain = (MIDDLE.leaf(ED.public.key, held, common=given or "x"), MIDDLE.der)
    with pytest.raises(SignatureError, match="is not for"):
        evaluate_path(chain, CertificateAnchor((ROOT.der,), given), NOW)


def test_a_name_of_another_kind_is_another_name():
    """``a@b`` as a DNS name is no e-mail address."""
    names = x509.SubjectAlternativeName([x509.DNSName(RELEASER), x509.UniformResourceIdentifier("u:x")])
    chain = (MIDDLE.leaf(ED.public.key, more=((names, False),)), MIDDLE.der)
    with pytest.raises(SignatureError, match="is not for"):
        evaluate_path(chain, ANCHOR, NOW)


def test_a_common_name_is_no_name():
    chain = (MIDDLE.leaf(ED.public.key, common=RELEASER), MIDDLE.der)
    with pytest.raises(SignatureError, match=r"but for nobody \(it has no subjectAltName\)"):
        evaluate_path(chain, ANCHOR, NOW)


def test_a_name_is_shown_escaped():
    chain = (MIDDLE.leaf(ED.public.key, "https://x/\x1b[31m"), MIDDLE.der)
    with pytest.raises(SignatureError) as refused:
        evaluate_path(chain, ANCHOR, NOW)
    assert "\x1b" not in refused.value.message


def test_of_several_identities_the_one_that_is_named_is_found():
    others = (CertificateAnchor((ROOT.der,), "other@acme.example"), CertificateAnchor((authority("x").der,), RELEASER))
    assert find(CHAIN, (*others, ANCHOR), NOW)[0] == ANCHOR
    with pytest.raises(SignatureError, match="does not end in a given root"):
        find(CHAIN, others, NOW)
    with pytest.raises(SignatureError, match="is not for other@acme"):
        find(CHAIN, others[:1], NOW)
    with pytest.raises(SignatureError, match="is for nobody who was given"):
        find(CHAIN, (), NOW)


# -- files --------------------------------------------------------------------------------------------------------------


def test_files_of_certificates_are_read(tmp_path):
    path = tmp_path / "chain.pem"
    path.write_bytes(b"subject: somebody\n" + pki.pem(*CHAIN))
    assert load_chain(path) == CHAIN
    path.write_bytes(pki.pem(ROOT.der, MIDDLE.der))
    assert load_roots(path) == (ROOT.der, MIDDLE.der)


def _private(key_: Any) -> bytes:
    return key_.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (LEAF, "looks like a DER file, and a certificate file is PEM"),
        (b'{"a": 1}', "this is JSON, and a certificate file is PEM"),
        (b"hello", "holds no certificate in PEM"),
        (pki.pem(LEAF) + _private(ED.key), "holds a private key beside certificates"),
        (pki.pem(LEAF).replace(b"CERTIFICATE", b"X509 CRL"), "something else than certificates: X509 CRL"),
        (pki.pem(LEAF).replace(b"MII", b"AAA"), "holds a certificate that cannot be read"),
        (pki.pem(LEAF) * 11, "holds more than 10 certificates"),
        (b"x" * (1 << 20) + b"xx", "more than 1024 KiB"),
    ],
)
def test_files_that_hold_something_else(tmp_path, content, message):
    path = tmp_path / "chain.pem"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=message):
        load_chain(path)


def test_a_file_of_roots_is_no_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(KeyFileError, match="not a regular file"):
        load_roots(tmp_path / "pipe")


@pytest.mark.parametrize("own", [True, False])
def test_a_signers_certificate_is_no_root(tmp_path, own):
    """Neither one of an authority nor a self-signed one: whoever trusts it trusts a key, and can give that."""
    path = tmp_path / "root.pem"
    alone = Authority("signer", key=ED.key, ca=False, usages=pki.SIGNS, eku=CODE)
    path.write_bytes(pki.pem(alone.der if own else LEAF))
    with pytest.raises(KeyFileError, match=r"cannot be a root: it may not issue certificates"):
        load_roots(path)


# -- signing ------------------------------------------------------------------------------------------------------------


def test_a_signer_with_certificates_signs_as_before_and_leaves_the_root_out():
    signer = certify(ED, (*CHAIN, ROOT.der))
    assert signer.certificates == CHAIN
    assert signer.public == ED.public
    assert signer.algorithms == ED.algorithms == ("Ed25519",)
    assert signer.sign("Ed25519", b"x") == ED.sign("Ed25519", b"x")
    assert ED.certificates == ()
    single = authority("root").leaf(ED.public.key, RELEASER)
    assert certify(ED, (single,)).certificates == (single,)


OLD = (NOW - 2 * YEAR, NOW - YEAR)


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        ((), "no certificate"),
        ((b"x",), "not a readable X.509 certificate"),
        ((MIDDLE.der, ROOT.der), "is that of an authority"),
        ((MIDDLE.leaf(key("ed25519", 1).public.key, RELEASER), MIDDLE.der), "not that of this key"),
        ((LEAF, ROOT.der), "was not issued by"),
        (leaf(usages=None), "may not sign"),
        (leaf(time=OLD), "expired at 2025-06-01T12:00:00Z"),
        (leaf(time=(NOW + DAY, NOW + YEAR)), "is valid only from"),
    ],
)
def test_certificates_that_no_signature_can_be_made_with(chain, message):
    with pytest.raises(UsageError, match=message):
        certify(ED, chain, NOW)


# -- in a document (JSF) ------------------------------------------------------------------------------------------------


def judge(document: dict[str, Any], *anchors: CertificateAnchor, keys: tuple[Any, ...] = ()) -> EntryOutcome:
    (outcome,) = evaluate(forms.read(document, canonical), keys, anchors, NOW)
    return outcome


SIGNED = dict(jsf.add(BOM, certify(ED, CHAIN), canonical).document)


def test_a_document_signed_by_a_certificate():
    (entry,) = SIGNED["signature"]["signers"]
    assert "publicKey" not in entry
    assert len(entry["certificatePath"]) == 2
    outcome = judge(SIGNED, ANCHOR)
    assert (outcome.outcome, outcome.reason, outcome.anchor) == (Outcome.VALID, Reason.VERIFIED, ANCHOR)
    assert outcome.identity == pki.fingerprint(ROOT.der)
    assert outcome.key == ED.public
    assert outcome.sentence == f"signature 1 (Ed25519) is valid: certificate of {RELEASER}"
    assert valid_keys([outcome]) == frozenset()  # the caller named no key


def test_it_is_valid_for_its_key_too_and_counts_once():
    outcome = judge(SIGNED, ANCHOR, keys=(ED.public,))
    assert (outcome.outcome, outcome.anchor, outcome.key) == (Outcome.VALID, None, ED.public)
    assert valid_keys([outcome]) == {ED.public.spki_sha256}


def test_without_a_named_identity_it_is_a_stranger():
    assert judge(SIGNED).reason is Reason.STRANGER


def test_a_changed_document_is_invalid():
    outcome = judge({**SIGNED, "version": 2}, ANCHOR)
    assert (outcome.outcome, outcome.reason) == (Outcome.INVALID, Reason.SIGNATURE)
    assert "does not verify with the certificate of release@acme.example" in outcome.sentence


def test_a_certificate_of_somebody_else_does_not_help():
    """The value is by a stranger's key, the certificate is the trusted one."""
    (own,) = jsf.add(BOM, key("ed25519", 5), canonical).document["signature"]["signers"]
    (good,) = SIGNED["signature"]["signers"]
    swapped = signers(BOM, {**good, "value": own["value"]})
    assert judge(swapped, ANCHOR).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        (leaf(time=(NOW - YEAR, NOW - DAY)), "expired at 2026-05-31T12:00:00Z"),
        (leaf(time=(NOW + DAY, NOW + YEAR)), "is valid only from 2026-06-02T12:00:00Z"),
        (below(Authority("short", ROOT, time=(NOW - YEAR, NOW - DAY))), '"CN=short" expired at'),
        ((authority("stranger").leaf(ED.public.key, RELEASER),), "does not end in a given root"),
        (leaf(eku=(ExtendedKeyUsageOID.SERVER_AUTH,)), "is for another usage"),
    ],
)
def test_a_path_that_does_not_hold_makes_it_not_trusted(chain, message):
    signer = certificates._Certificated(ED, chain)
    outcome = judge(dict(jsf.add(BOM, signer, canonical).document), ANCHOR)
    assert (outcome.outcome, outcome.reason, outcome.anchor) == (Outcome.NOT_TRUSTED, Reason.PATH, None)
    assert message in outcome.sentence
    assert outcome.identity == ED.public.spki_sha256


def test_who_signs_twice_is_there_once_and_others_can_be_added():
    signer = certify(ED, CHAIN)
    assert not jsf.add(SIGNED, signer, canonical).added
    both = jsf.add(SIGNED, key("p256"), canonical)
    outcomes = evaluate(forms.read(both.document, canonical), (key("p256").public,), (ANCHOR,), NOW)
    assert [outcome.outcome for outcome in outcomes] == [Outcome.VALID, Outcome.VALID]
    with pytest.raises(SignatureError, match="does not verify by its own embedded key"):
        jsf.add({**SIGNED, "version": 2}, key("p256"), canonical)


def test_now_is_now():
    outcome = evaluate(forms.read(SIGNED, canonical), (), (ANCHOR,))[0]
    assert outcome.outcome is Outcome.VALID


@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "rsa", "ed448"])
def test_every_kind_of_key_can_have_a_certificate(kind):
    chain = (MIDDLE.leaf(key(kind).public.key, RELEASER), MIDDLE.der)
    document = jsf.add(BOM, certify(key(kind), chain), canonical).document
    assert judge(dict(document), ANCHOR).outcome is Outcome.VALID


def test_certificates_of_keys_that_cannot_be_used_are_refused():
    own = dsa.generate_private_key(2048)
    der = MIDDLE.leaf(own.public_key(), RELEASER)
    with pytest.raises(SignatureError, match="a key of a kind that cannot be used"):
        paths.leaf_key(der, "it")
    curve = MIDDLE.leaf(ec.generate_private_key(ec.SECP256K1()).public_key(), RELEASER)
    with pytest.raises(SignatureError, match="a key of a kind that cannot be used"):
        paths.leaf_key(curve, "it")
