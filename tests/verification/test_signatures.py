"""The ``signature.*`` checks as results; the rules behind them are in tests/signing, attacks in tests/attacks."""

from __future__ import annotations

import orjson
import pytest

from sbom.attestation.interface import Anchors
from sbom.cyclonedx.canonical import canonical
from sbom.cyclonedx.document import Document
from sbom.errors import SignatureError
from sbom.signing import jsf, keys
from sbom.verification import signatures
from sbom.verification.whom import Whom

OWN, OTHER = keys.generate(), keys.generate()


def document(*signers, **changes):
    tree = {"bomFormat": "CycloneDX", "version": 1}
    for signer in signers:
        tree = dict(jsf.add(tree, signer, canonical).document)
    return Document("x.json", "", orjson.loads(orjson.dumps({**tree, **changes})))


def status(found):
    return {result.id.removeprefix("signature."): result.status.value for result in found.results}


def check(signed, required, *given):
    return signatures.check(signed, None, Whom(Anchors(keys=given), required))


def test_good():
    found = check(document(OWN), 1, OWN.public)
    assert status(found) == {
        "present": "pass",
        "algorithm": "pass",
        "valid": "pass",
        "threshold": "pass",
        "time": "skipped",
    }
    assert [(signer.key, signer.status) for signer in found.signers] == [(OWN.public.spki_sha256, "valid")]


def test_unsigned():
    found = check(document(), 1, OWN.public)
    assert status(found) == {"present": "fail"}
    assert found.signers == ()


def test_stranger():
    found = check(document(OTHER), 1, OWN.public)
    assert status(found)["valid"] == "pass"
    assert status(found)["threshold"] == "fail"
    assert found.signers[0].status == "not-trusted"


def test_changed():
    found = check(document(OWN, version=2), 1, OWN.public)
    assert status(found)["valid"] == "fail"
    assert found.signers[0].status == "invalid"


@pytest.mark.parametrize("signature", [None, [], "x", {"signers": []}, {"signers": [{}]}, {"chain": [1]}], ids=str)
def test_malformed(signature):
    found = check(document(signature=signature), 1, OWN.public)
    assert status(found) == {"present": "pass", "algorithm": "fail"}


def test_refusal_while_it_is_judged(monkeypatch):
    def refuse(*args):
        raise SignatureError("no")

    monkeypatch.setattr(signatures.trust, "evaluate", refuse)
    assert status(check(document(OWN), 1, OWN.public)) == {"present": "pass", "algorithm": "fail"}


def test_threshold():
    both = document(OWN, OTHER)
    assert status(check(both, 2, OWN.public, OTHER.public))["threshold"] == "pass"
    assert status(check(document(OWN), 2, OWN.public, OTHER.public))["threshold"] == "fail"
