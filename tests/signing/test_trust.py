from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from signing_maker import (
    BOM,
    KIND_OF,
    b64,
    bare,
    canonical,
    chain,
    core,
    entry,
    key,
    public,
    relaxed,
    signers,
    undecoded,
)

from sbom.errors import SignatureError
from sbom.signing import base64url, forms, jwk, keys
from sbom.signing.interface import Outcome
from sbom.signing.trust import EntryOutcome, Reason, evaluate, valid_keys

RELEASE, SECOND, STRANGER = key("ed25519"), key("p256"), key("ed25519", 9)
R, S, X = RELEASE.public, SECOND.public, STRANGER.public


def judge(document: dict[str, Any], *given_keys: keys.PublicKey) -> tuple[EntryOutcome, ...]:
    return evaluate(forms.read(document, canonical), given_keys)


def one(document: dict[str, Any], *given_keys: keys.PublicKey) -> tuple[Outcome, Reason]:
    (outcome,) = judge(document, *given_keys)
    return outcome.outcome, outcome.reason


VALID = (Outcome.VALID, Reason.VERIFIED)
BROKEN = (Outcome.INVALID, Reason.SIGNATURE)
WRONG_ALGORITHM = (Outcome.INVALID, Reason.ALGORITHM)
IS_STRANGER = (Outcome.NOT_TRUSTED, Reason.STRANGER)
IS_UNKNOWN = (Outcome.NOT_TRUSTED, Reason.UNKNOWN)


@pytest.mark.parametrize("algorithm", sorted(KIND_OF))
def test_a_signature_by_a_given_key_is_valid(algorithm: str) -> None:
    private = key(KIND_OF[algorithm])
    for document in (bare(BOM, private, algorithm), signers(BOM, entry(BOM, private, algorithm))):
        (outcome,) = judge(document, private.public)
        assert outcome.outcome is Outcome.VALID
        assert outcome.key is private.public
        assert outcome.identity == private.public.spki_sha256
        assert outcome.sentence == (
            f'signature 1 ({algorithm}) is valid: key {private.public.spki_sha256[:8]}… "{private.public.label}"'
        )


def test_a_changed_document_is_invalid_for_whoever_is_claimed() -> None:
    for options in ({}, {"embed": False, "keyId": R.spki_sha256}, {"keyId": R.spki_sha256}):
        document = {**bare(BOM, RELEASE, "Ed25519", **options), "version": 2}
        assert one(document, R) == BROKEN
        assert one(document, S, R) == BROKEN


def test_a_signature_of_another_document() -> None:
    other = bare({**BOM, "version": 2}, RELEASE, "Ed25519")
    assert one({**BOM, "signature": other["signature"]}, R) == BROKEN


def test_the_attackers_own_key_embedded_proves_nothing() -> None:
    forged = bare({**BOM, "version": 666}, STRANGER, "Ed25519")
    assert one(forged, R) == IS_STRANGER
    assert valid_keys(judge(forged, R)) == frozenset()
    assert judge(forged, R)[0].identity == X.spki_sha256
    assert judge(forged, R)[0].key is None


def test_a_stranger_is_not_even_computed_with() -> None:
    def never(_: object) -> bytes:
        pytest.fail("canonicalised for nothing")

    entries = forms.read(bare(BOM, STRANGER, "Ed25519"), never)
    assert evaluate(entries, (R, S))[0].outcome is Outcome.NOT_TRUSTED


@pytest.mark.parametrize("spelt", [str.lower, str.upper, str.title])
def test_a_trusted_key_id_with_another_keys_value_is_invalid(spelt) -> None:
    name = spelt(R.spki_sha256)
    assert one(bare(BOM, STRANGER, "Ed25519", embed=False, keyId=name), R) == BROKEN
    assert one(bare(BOM, STRANGER, "Ed25519", keyId=name), R) == BROKEN, "the embedded key is never used"
    assert one(bare(BOM, RELEASE, "Ed25519", embed=False, keyId=name), R) == VALID


def test_a_trusted_embedded_key_with_another_keys_value_is_invalid() -> None:
    forged = bare(BOM, STRANGER, "Ed25519")
    forged["signature"]["publicKey"] = jwk.to_jwk(R.key)
    assert one(forged, R) == BROKEN


def test_parts_of_two_good_signatures_exchanged() -> None:
    first, second = entry(BOM, RELEASE, "Ed25519"), entry(BOM, key("ed25519", 1), "Ed25519")
    mixed = signers(BOM, {**first, "value": second["value"]}, {**second, "value": first["value"]})
    assert [item.reason for item in judge(mixed, R, public("ed25519", 1))] == [Reason.SIGNATURE] * 2


def test_claiming_two_given_keys_at_once() -> None:
    document = bare(BOM, RELEASE, "Ed25519", keyId=S.spki_sha256)
    assert one(document, R, S) == (Outcome.INVALID, Reason.TWO_KEYS)
    assert one(document, R) == VALID
    (outcome,) = judge(document, R, S)
    assert outcome.key is None
    assert "claims two given keys at once" in outcome.sentence
    assert R.label in outcome.sentence
    assert S.label in outcome.sentence


def test_an_algorithm_that_does_not_take_the_claimed_key() -> None:
    for options in ({}, {"embed": False, "keyId": R.spki_sha256}):
        document = bare(BOM, RELEASE, "Ed25519", **options)
        document["signature"]["algorithm"] = "ES256"
        assert one(document, R) == WRONG_ALGORITHM
        assert judge(document, R)[0].key is R
    hidden = bare(BOM, SECOND, "ES256", embed=False, keyId=R.spki_sha256)
    assert one(hidden, R, S) == WRONG_ALGORITHM
    assert "ES256) uses an algorithm that does not take its Ed25519 key" in judge(hidden, R, S)[0].sentence


def test_an_algorithm_that_does_not_take_a_strangers_key_fails_too() -> None:
    document = bare(BOM, STRANGER, "Ed25519")
    document["signature"]["algorithm"] = "PS256"
    (outcome,) = judge(document, R)
    assert (outcome.outcome, outcome.reason) == WRONG_ALGORITHM
    assert outcome.key is None
    assert outcome.identity == X.spki_sha256


def test_the_public_key_as_hmac_secret() -> None:
    own = core(RELEASE, "HS256")
    message = canonical({**BOM, "signature": own})
    value = b64(hmac.digest(keys.public_pem(R), message, hashlib.sha256))
    with pytest.raises(SignatureError, match="HMAC"):
        judge({**BOM, "signature": {**own, "value": value}}, R)


def test_a_signature_without_any_key_is_tried_with_each_given_one() -> None:
    for options in ({}, {"keyId": "release key of 2026"}, {"keyId": X.spki_sha256}):
        document = bare(BOM, SECOND, "ES256", embed=False, **options)
        assert one(document, R, S) == VALID
        assert judge(document, public("p256", 3), S)[0].key is S
        assert one(document, R) == IS_UNKNOWN
        assert one(document, public("p256", 3)) == IS_UNKNOWN
        assert one({**document, "version": 2}, R, S) == IS_UNKNOWN
    assert judge(bare(BOM, SECOND, "ES256", embed=False), R)[0].identity is None


def test_the_message_is_computed_once_for_many_keys_and_never_for_keys_that_do_not_fit() -> None:
    calls = []

    def counting(value: object) -> bytes:
        calls.append(1)
        return canonical(value)

    entries = forms.read(bare(BOM, SECOND, "ES256", embed=False), counting)
    evaluate(entries, (R, public("rsa"), public("p384")))
    assert calls == []
    evaluate(entries, (public("p256", 1), public("p256", 2), S))
    assert calls == [1]


def test_a_raw_ecdsa_signature_is_wanted() -> None:
    good = entry(BOM, SECOND, "ES256")
    octets = base64url.decode(good["value"], "it")
    r, s = int.from_bytes(octets[:32]), int.from_bytes(octets[32:])
    for wrong in (encode_dss_signature(r, s), octets[:-1], octets[1:], octets[:32], octets + b"\0", b""):
        assert one(signers(BOM, {**good, "value": b64(wrong)}), S) == BROKEN


def test_the_same_key_counts_once() -> None:
    document = signers(BOM, entry(BOM, RELEASE, "Ed25519"), entry(BOM, RELEASE, "Ed25519", keyId="again"))
    renamed = keys.PublicKey.of(R.key, "second name")
    outcomes = judge(document, R, renamed)
    assert [item.outcome for item in outcomes] == [Outcome.VALID] * 2
    assert {item.key.label for item in outcomes if item.key} == {R.label}
    assert valid_keys(outcomes) == {R.spki_sha256}


def test_one_rsa_key_under_two_algorithms_counts_once() -> None:
    document = signers(BOM, entry(BOM, key("rsa"), "PS256"), entry(BOM, key("rsa"), "RS512"))
    assert valid_keys(judge(document, public("rsa"))) == {public("rsa").spki_sha256}


def test_good_bad_and_foreign_signatures_side_by_side() -> None:
    bad = entry({**BOM, "version": 2}, SECOND, "ES256")
    document = signers(BOM, entry(BOM, STRANGER, "Ed25519"), entry(BOM, RELEASE, "Ed25519"), bad)
    outcomes = judge(document, R, S)
    assert [item.reason for item in outcomes] == [Reason.STRANGER, Reason.VERIFIED, Reason.SIGNATURE]
    assert [item.entry.index for item in outcomes] == [0, 1, 2]
    assert valid_keys(outcomes) == {R.spki_sha256}


def test_a_chain_is_judged_entry_by_entry() -> None:
    document = chain(BOM, (RELEASE, "Ed25519"), (SECOND, "ES256"), (STRANGER, "Ed25519"))
    assert [item.outcome for item in judge(document, S, R)] == [Outcome.VALID, Outcome.VALID, Outcome.NOT_TRUSTED]
    document["signature"]["chain"][0]["keyId"] = "changed"
    assert [item.outcome for item in judge(document, S, R)] == [Outcome.INVALID, Outcome.INVALID, Outcome.NOT_TRUSTED]


def test_nobody_is_trusted_without_keys() -> None:
    assert one(bare(BOM, RELEASE, "Ed25519")) == IS_STRANGER
    assert one(bare(BOM, RELEASE, "Ed25519", embed=False)) == IS_UNKNOWN
    assert evaluate((), (R,)) == ()


def test_a_value_that_could_not_be_decoded_never_verifies() -> None:
    for key_id, expected in ((R.spki_sha256, BROKEN), (None, IS_UNKNOWN)):
        item = undecoded("other", lambda: b"", key_id)
        (outcome,) = evaluate((item,), (R,))
        assert (outcome.outcome, outcome.reason) == expected


def test_an_empty_key_id_claims_nobody() -> None:
    assert one(bare(BOM, RELEASE, "Ed25519", embed=False, keyId=""), R) == VALID
    nameless = keys.PublicKey(R.key, R.spki_sha256)
    assert judge(bare(BOM, RELEASE, "Ed25519"), nameless)[0].sentence.endswith(f"key {R.spki_sha256[:8]}…")


@relaxed
@given(st.permutations(["ed25519", "p256", "p384", "ed448"]), st.sets(st.integers(0, 3)), st.sets(st.integers(0, 3)))
def test_valid_are_exactly_the_given_ones_among_the_signers(
    order: list[str], signed: set[int], trusted: set[int]
) -> None:
    names = {"ed25519": "Ed25519", "p256": "ES256", "p384": "ES384", "ed448": "Ed448"}
    who = [order[number] for number in signed]
    document = signers(BOM, *(entry(BOM, key(kind), names[kind]) for kind in who)) if who else BOM
    outcomes = judge(document, *(public(order[number]) for number in trusted))
    assert valid_keys(outcomes) == {public(order[number]).spki_sha256 for number in signed & trusted}
    assert all(item.outcome is not Outcome.INVALID for item in outcomes)
