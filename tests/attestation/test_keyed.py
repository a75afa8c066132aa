"""Bundles that a key signed: whose they are, and what a hint may claim."""

from __future__ import annotations

import json

import pytest

from sbom.attestation import bundle, keyed, predicates
from sbom.attestation.interface import KEY, Anchors, Identity, Signed, identities, signers
from sbom.signing import keys
from sbom.signing.interface import Outcome

OWN, OTHER = keys.generate(), keys.generate("ecdsa-p256")
STATEMENT = predicates.policy("p", "aa" * 32, "bb" * 32)


def judge(data, *given):
    return keyed.evaluate(bundle.read(data, "x"), Anchors(keys=tuple(key.public for key in given)), "x")


def changed(data, hint=None, **signature):
    tree = json.loads(data)
    if hint is not None:
        tree["verificationMaterial"]["publicKey"]["hint"] = hint
    tree["dsseEnvelope"]["signatures"][0].update(signature)
    return json.dumps(tree).encode()


@pytest.mark.parametrize("kind", keys.KEY_KINDS)
def test_every_kind_of_key(kind) -> None:
    key = keys.generate(kind)
    found = judge(keyed.sign(STATEMENT, key), OTHER, key)
    assert found.outcome is Outcome.VALID
    assert found.identity == Identity(KEY, key.public.spki_sha256)
    assert found.spki == key.public.spki_sha256
    assert judge(keyed.sign(STATEMENT, key), OTHER).outcome is Outcome.NOT_TRUSTED
    assert judge(keyed.sign(STATEMENT, key)).outcome is Outcome.NOT_TRUSTED


def test_another_payload() -> None:
    tree = json.loads(keyed.sign(STATEMENT, OWN))
    tree["dsseEnvelope"]["payload"] = bundle.encode(b"{}")
    assert judge(json.dumps(tree).encode(), OWN).outcome is Outcome.INVALID


def test_claims() -> None:
    own, other = OWN.public.spki_sha256, OTHER.public.spki_sha256
    data = keyed.sign(STATEMENT, OWN)
    for name in ("", "release", bundle.encode(b"x" * 32), "A" * 43 + "=", "?" * 44):
        assert judge(changed(data, hint=name), OWN, OTHER).outcome is Outcome.VALID, name
    for lie in (other, other.upper(), bundle.encode(bytes.fromhex(other))):
        assert judge(changed(data, hint=lie), OWN, OTHER).outcome is Outcome.INVALID, lie
        assert judge(changed(data, keyid=lie), OWN, OTHER).outcome is Outcome.INVALID, lie
        assert judge(changed(data, keyid=lie), OWN).outcome is Outcome.VALID, lie
    assert judge(changed(data, hint=own, keyid=other), OWN, OTHER).outcome is Outcome.INVALID
    assert "claims the key" in judge(changed(data, hint=other), OTHER).sentence


def test_a_key_is_one_signer_whatever_it_is_called() -> None:
    key = Identity(KEY, "a")
    named = Identity("certificate", "jane@example.org", "root")
    valid = [Signed(Outcome.VALID, "", "", key, spki="a"), Signed(Outcome.VALID, "", "", named, spki="a")]
    assert signers(valid) == 1
    assert signers([*valid, Signed(Outcome.VALID, "", "", named, spki="b")]) == 1
    assert signers([*valid, Signed(Outcome.VALID, "", "", Identity(KEY, "b"), spki="b")]) == 2
    assert signers([Signed(Outcome.INVALID, "", "", key), Signed(Outcome.VALID, "", "")]) == 0
    assert identities(valid) == {key, named}
