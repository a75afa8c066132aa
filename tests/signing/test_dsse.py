"""DSSE envelopes: made so that others verify them, and read so that nobody is deceived."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from signing_maker import key, public, relaxed, weak_rsa

from sbom.errors import KeyFileError, NotADocumentError, SignatureError, UsageError
from sbom.signing import dsse
from sbom.signing.algorithms import CURVES
from sbom.signing.dsse import Envelope, Signature
from sbom.signing.interface import Outcome
from sbom.signing.keys import PrivateKey, PublicKey
from sbom.signing.trust import Reason, valid_keys

TYPE = "application/vnd.in-toto+json"
BODY = b'{"_type":"https://in-toto.io/Statement/v1"}'
KINDS = ("ed25519", "ed448", "p256", "p384", "p521", "rsa")
SIGNED = {kind: dsse.sign(BODY, TYPE, key(kind)) for kind in KINDS}


def judge(envelope: bytes, *keys: PublicKey) -> list[tuple[Outcome, Reason]]:
    return [(one.outcome, one.reason) for one in dsse.evaluate(dsse.parse(envelope), keys)]


def changed(envelope: bytes, **members: Any) -> bytes:
    return json.dumps({**json.loads(envelope), **members}).encode()


def signature(envelope: bytes, **members: Any) -> bytes:
    """Change the first signature."""
    signatures = json.loads(envelope)["signatures"]
    signatures[0] = {name: value for name, value in {**signatures[0], **members}.items() if value is not None}
    return changed(envelope, signatures=signatures)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def verify_elsewhere(public_key: Any, sig: bytes, message: bytes) -> None:
    """Verify as Sigstore's and in-toto's tools do, without the code under test."""
    match public_key:
        case rsa.RSAPublicKey():
            public_key.verify(sig, message, padding.PKCS1v15(), hashes.SHA256())
        case ec.EllipticCurvePublicKey():
            digest = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}[public_key.curve.key_size]
            public_key.verify(sig, message, ec.ECDSA(digest))
        case _:
            public_key.verify(sig, message)


# -- the format ---------------------------------------------------------------------------------------------------------


def test_the_example_of_the_specification():
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == expected


def test_lengths_are_in_bytes():
    assert dsse.pae("application/x.exämple", b"") == b"DSSEv1 22 application/x.ex\xc3\xa4mple 0 "
    assert dsse.pae("", b"\x00 ") == b"DSSEv1 0  2 \x00 "


@pytest.mark.parametrize("kind", KINDS)
def test_others_verify_it(kind):
    envelope = json.loads(SIGNED[kind])
    assert envelope.keys() == {"payload", "payloadType", "signatures"}
    assert base64.b64decode(envelope["payload"], validate=True) == BODY
    (one,) = envelope["signatures"]
    assert one.keys() == {"keyid", "sig"}
    assert one["keyid"] == public(kind).spki_sha256
    message = b"DSSEv1 28 application/vnd.in-toto+json 43 " + BODY
    verify_elsewhere(public(kind).key, base64.b64decode(one["sig"], validate=True), message)
    with pytest.raises(InvalidSignature):
        verify_elsewhere(public(kind).key, base64.b64decode(one["sig"]), message + b" ")


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_signed_verifies(kind):
    assert judge(SIGNED[kind], public(kind)) == [(Outcome.VALID, Reason.VERIFIED)]
    (outcome,) = dsse.evaluate(dsse.parse(SIGNED[kind]), [public(kind)])
    assert outcome.key == public(kind)
    assert outcome.identity == public(kind).spki_sha256
    assert outcome.sentence.startswith("signature 1 (")
    assert f'"{kind}-0"' in outcome.sentence
    assert outcome.entry.message() == dsse.pae(TYPE, BODY)


def test_pss_is_verified_too():
    """What securesystemslib writes by default."""
    private, message = key("rsa").key, dsse.pae(TYPE, BODY)
    assert isinstance(private, rsa.RSAPrivateKey)
    for salt, expected in ((32, Outcome.VALID), (20, Outcome.INVALID)):
        sig = private.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), salt), hashes.SHA256())
        assert [one for one, _ in judge(signature(SIGNED["rsa"], sig=b64(sig)), public("rsa"))] == [expected]
    weak = private.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303  # to be refused
    assert judge(signature(SIGNED["rsa"], sig=b64(weak)), public("rsa")) == [(Outcome.INVALID, Reason.SIGNATURE)]


@relaxed
@given(st.binary(max_size=300), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_payload_of_any_type(payload, kind):
    envelope = dsse.sign(payload, kind, key("ed25519"))
    read = dsse.parse(envelope)
    assert (read.payload_type, read.payload) == (kind, payload)
    assert judge(envelope, public("ed25519")) == [(Outcome.VALID, Reason.VERIFIED)]


def test_a_key_that_is_too_weak_signs_nothing():
    with pytest.raises(KeyFileError):
        dsse.sign(BODY, TYPE, PrivateKey.of(weak_rsa()))


def test_halves_of_two_keys_sign_nothing():
    with pytest.raises(SignatureError, match="do not match"):
        dsse.sign(BODY, TYPE, PrivateKey(key("ed25519").key, public("ed25519", 1)))


# -- several signers ----------------------------------------------------------------------------------------------------


def test_a_second_signer():
    both = dsse.add(SIGNED["ed25519"], key("p256"))
    assert judge(both, public("ed25519"), public("p256")) == [(Outcome.VALID, Reason.VERIFIED)] * 2
    assert json.loads(both)["payload"] == json.loads(SIGNED["ed25519"])["payload"]
    outcomes = dsse.evaluate(dsse.parse(both), [public("ed25519"), public("p256")])
    assert valid_keys(outcomes) == {public("ed25519").spki_sha256, public("p256").spki_sha256}


@pytest.mark.parametrize("kind", KINDS)
def test_who_signs_twice_is_there_once(kind):
    assert dsse.parse(dsse.add(SIGNED[kind], key(kind))) == dsse.parse(SIGNED[kind])


def test_one_key_counts_once():
    twice = changed(SIGNED["ed25519"], signatures=json.loads(SIGNED["ed25519"])["signatures"] * 2)
    outcomes = dsse.evaluate(dsse.parse(twice), [public("ed25519"), public("p256")])
    assert len(valid_keys(outcomes)) == 1


def test_there_is_room_for_so_many():
    full = changed(SIGNED["ed25519"], signatures=[{"sig": ""}] * dsse.MAX_SIGNATURES)
    assert len(dsse.parse(full).signatures) == 64
    with pytest.raises(UsageError, match="64 signatures already"):
        dsse.add(full, key("ed25519"))
    with pytest.raises(SignatureError, match="65 signatures, more than 64"):
        dsse.parse(changed(full, signatures=[{"sig": ""}] * 65))


# -- attacks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "change",
    [
        lambda e: changed(e, payload=b64(BODY.replace(b"v1", b"v2"))),
        lambda e: changed(e, payload=""),
        lambda e: changed(e, payloadType="application/vnd.in-toto+xml"),
        lambda e: changed(e, payloadType=f"{TYPE} 43 ", payload=b64(BODY[1:])),
        lambda e: signature(e, sig=""),
        lambda e: signature(e, sig=b64(b"\x00" * 64)),
        lambda e: signature(e, sig=b64(base64.b64decode(json.loads(e)["signatures"][0]["sig"]) + b"\x00")),
    ],
)
def test_nothing_can_be_changed(kind, change):
    assert judge(change(SIGNED[kind]), public(kind)) == [(Outcome.INVALID, Reason.SIGNATURE)]
    anonymous = signature(change(SIGNED[kind]), keyid=None)
    assert judge(anonymous, public(kind)) == [(Outcome.NOT_TRUSTED, Reason.UNKNOWN)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_counts_for_nothing(kind):
    for given_key in (public("ed25519", 9), public("p256", 9), public("rsa", 9)):
        assert judge(SIGNED[kind], given_key) == [(Outcome.NOT_TRUSTED, Reason.UNKNOWN)]
        lying = signature(SIGNED[kind], keyid=given_key.spki_sha256)
        assert judge(lying, given_key) == [(Outcome.INVALID, Reason.SIGNATURE)]
    assert judge(SIGNED[kind]) == [(Outcome.NOT_TRUSTED, Reason.UNKNOWN)]


def test_a_broken_claim_fails_beside_a_valid_one():
    lying = signature(dsse.add(SIGNED["ed25519"], key("p256")), keyid=public("p256").spki_sha256)
    outcomes = judge(lying, public("p256"))
    assert outcomes == [(Outcome.INVALID, Reason.SIGNATURE), (Outcome.VALID, Reason.VERIFIED)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keyid", [None, "", "SHA256:abc", "\x1b[2J", "x" * 10_000])
def test_names_that_others_give_a_key_are_looked_through(kind, keyid):
    envelope = signature(SIGNED[kind], keyid=keyid)
    assert judge(envelope, public("ed25519", 9), public(kind)) == [(Outcome.VALID, Reason.VERIFIED)]
    (outcome,) = dsse.evaluate(dsse.parse(envelope), [public("ed25519", 9)])
    assert outcome.sentence.isprintable()
    assert len(outcome.sentence) < 200


def test_case_of_a_key_id_does_not_matter():
    loud = signature(SIGNED["ed25519"], keyid=public("ed25519").spki_sha256.upper())
    assert judge(loud, public("ed25519")) == [(Outcome.VALID, Reason.VERIFIED)]
    assert judge(changed(loud, payload=""), public("ed25519")) == [(Outcome.INVALID, Reason.SIGNATURE)]


@pytest.mark.parametrize("kind", ["p256", "p384", "p521"])
def test_ecdsa_in_other_forms(kind):
    private = key(kind).key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    curve = CURVES[private.curve.name]
    der = base64.b64decode(json.loads(SIGNED[kind])["signatures"][0]["sig"])
    r, s = decode_dss_signature(der)
    raw = r.to_bytes(curve.octets) + s.to_bytes(curve.octets)
    others = [
        raw,
        b"",
        der[:-1],
        encode_dss_signature(0, 0),
        encode_dss_signature(r + curve.order, s),
        encode_dss_signature(1 << 5000, s),
        b"\x30\x06\x02\x01\xff\x02\x01\x01",
    ]
    for other in others:
        assert judge(signature(SIGNED[kind], sig=b64(other)), public(kind)) == [(Outcome.INVALID, Reason.SIGNATURE)]


@relaxed
@given(st.binary(max_size=150), st.sampled_from(KINDS))
def test_no_octets_are_a_signature(sig, kind):
    envelope = Envelope(TYPE, BODY, (Signature(public(kind).spki_sha256, sig),))
    (outcome,) = dsse.evaluate(envelope, [public(kind)])
    assert outcome.outcome is Outcome.INVALID


# -- reading ------------------------------------------------------------------------------------------------------------


def test_unknown_members_are_ignored():
    """The specification demands it ("Parsing rules")."""
    more = signature(changed(SIGNED["ed25519"], extra=1.5e999, deep=[[[]]]), extension={"kind": "x", "ext": {}})
    assert dsse.parse(more) == dsse.parse(SIGNED["ed25519"])
    assert dsse.parse(more.replace(b"1.5e999", b"9" * 10_000)) == dsse.parse(SIGNED["ed25519"])


def test_either_alphabet_is_read():
    payload, sig = b"\xfb\xff\xbf>?", b"\xff" * 64
    urlsafe = {
        "payload": base64.urlsafe_b64encode(payload).decode(),
        "signatures": [{"sig": base64.urlsafe_b64encode(sig).decode()}],
    }
    assert dsse.parse(changed(SIGNED["ed25519"], **urlsafe)) == Envelope(TYPE, payload, (Signature("", sig),))


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AA",
        "AAA",
        "AA=",
        "A===",
        "AB==",
        "AAB=",
        "AA==\n",
        " AA==",
        "A A=",
        "+-==",
        "+/_-",
        "AA==AA==",
        "é===",
        "\x00AAA",
    ],
)
def test_base64_has_one_spelling(text):
    with pytest.raises(SignatureError, match="the payload of the envelope is not canonical base64"):
        dsse.parse(changed(SIGNED["ed25519"], payload=text))
    with pytest.raises(SignatureError, match="signature 1 of the envelope is not canonical base64"):
        dsse.parse(signature(SIGNED["ed25519"], sig=text))


@pytest.mark.parametrize(
    "change",
    [
        lambda e: changed(e, payload=None),
        lambda e: changed(e, payload=1),
        lambda e: changed(e, payloadType=None),
        lambda e: changed(e, payloadType="\ud800"),
        lambda e: changed(e, signatures=[]),
        lambda e: changed(e, signatures={}),
        lambda e: changed(e, signatures=None),
        lambda e: changed(e, signatures=["AA=="]),
        lambda e: changed(e, signatures=[{}]),
        lambda e: signature(e, sig=1),
        lambda e: signature(e, keyid=1),
        lambda e: signature(e, keyid="\udcff"),
        lambda e: json.dumps({k: v for k, v in json.loads(e).items() if k != "payload"}).encode(),
        lambda e: e.replace(b"{", b'{"payload":"e30=",', 1),
        lambda e: e.replace(b'"sig"', b'"sig":"AA==","sig"'),
        lambda _: b"{}",
    ],
)
def test_refuses_what_is_no_envelope(change):
    with pytest.raises(SignatureError) as caught:
        dsse.parse(change(SIGNED["ed25519"]), "a.step.json")
    assert caught.value.path == "a.step.json"
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"1",
        b'"x"',
        b"{",
        b"\xef\xbb\xbf{}",
        SIGNED["ed25519"].decode().encode("utf-16"),
        b'{"payload":"\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        SIGNED["ed25519"] + b"{}",
    ],
)
def test_refuses_what_is_no_json_object(data):
    with pytest.raises(NotADocumentError) as caught:
        dsse.parse(data, "a.step.json")
    assert caught.value.path == "a.step.json"
    assert str(caught.value).isprintable()


@relaxed
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["payload", "payloadType", "signatures", "sig", "keyid"]), inner, max_size=5
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode())
)
def test_anything_is_read_or_refused(data):
    try:
        envelope = dsse.parse(data)
    except (NotADocumentError, SignatureError):
        return
    assert all(one.outcome is not Outcome.VALID for one in dsse.evaluate(envelope, [public("ed25519")]))


@pytest.mark.parametrize(
    "private", [ed25519.Ed25519PrivateKey.generate(), ed448.Ed448PrivateKey.generate()], ids=["ed25519", "ed448"]
)
def test_two_given_files_of_one_key_are_one_key(private):
    one = PrivateKey.of(private, "first")
    envelope = dsse.sign(BODY, TYPE, one)
    (outcome,) = dsse.evaluate(dsse.parse(envelope), [one.public, PublicKey.of(private.public_key(), "second")])
    assert outcome.key is one.public


# -- with others' tools -------------------------------------------------------------------------------------------------

PAIRS = {
    "ed25519": "ed25519",
    "p256": "ecdsa-sha2-nistp256",
    "p384": "ecdsa-sha2-nistp384",
    "rsa": "rsa-pkcs1v15-sha256",
}


@pytest.mark.parametrize("kind", PAIRS)
def test_securesystemslib_verifies_it_and_is_verified(kind):
    reason = "needs securesystemslib: pip install securesystemslib"
    theirs = pytest.importorskip("securesystemslib.dsse", reason=reason)
    signer = pytest.importorskip("securesystemslib.signer", reason=reason)
    theirs_key = signer.SSlibKey.from_crypto(public(kind).key, keyid=public(kind).spki_sha256, scheme=PAIRS[kind])
    assert theirs.Envelope.from_dict(json.loads(SIGNED[kind])).verify([theirs_key], 1)
    made = theirs.Envelope(BODY, TYPE, {})
    made.sign(signer.CryptoSigner(key(kind).key, signer.SSlibKey.from_crypto(public(kind).key)))
    assert judge(json.dumps(made.to_dict()).encode(), public(kind)) == [(Outcome.VALID, Reason.VERIFIED)]
