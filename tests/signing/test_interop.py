"""Signatures exchanged with another implementation of JSF; see ``interop/README.md``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from nodeproject import NodeProject, install
from signing_maker import BOM, KIND_OF, bare, canonical, chain, entry, key, public, signers

from sbom.errors import SignatureError
from sbom.signing import forms, jsf, keys
from sbom.signing.trust import evaluate, valid_keys

HERE = Path(__file__).parent / "interop"
OLDEST_NODE = (20, 19)

DOCUMENTS = {
    "bom": BOM,
    "numbers": {"n": [0, -0.0, 0.1, 1e21, 1e-7, 123456789012345.6, 5e-324, 2**53 - 1, -1, 1.0]},
    "names": {"\N{GRINNING FACE}": 1, "\ufb33": 2, "\r": 3, "1": 4, "ö": 5, "": 6, "\x7f": '\\"\x08\x1f/\u2028'},
    "empty": {},
}


class Other(NamedTuple):
    """The other implementation."""

    project: NodeProject

    def sign(self, document: dict[str, Any], *tasks: dict[str, Any]) -> list[dict[str, Any]]:
        signed: list[dict[str, Any]] = self.project.run("sign.mjs", {"document": document, "tasks": tasks})
        return signed

    def verify(self, *documents: dict[str, Any]) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self.project.run("verify.mjs", documents)
        return results


@pytest.fixture(scope="module")
def other() -> Other:
    return Other(install(HERE, "interop", "@cyclonedx/sign", OLDEST_NODE))


def theirs(kind: str, algorithm: str, number: int = 0, **options: Any) -> dict[str, Any]:
    return {"algorithm": algorithm, "privateKey": keys.private_pem(key(kind, number), None).decode(), **options}


def good(document: dict[str, Any], *trusted: keys.PublicKey) -> int:
    """Return how many of the given keys have a valid signature, and want all signatures to be valid."""
    outcomes = evaluate(forms.read(document, canonical), trusted)
    assert [outcome.outcome for outcome in outcomes] == ["valid"] * len(outcomes)
    return len(valid_keys(outcomes))


@pytest.mark.parametrize("algorithm", sorted(KIND_OF))
def test_their_signatures_verify_here(other: Other, algorithm: str) -> None:
    kind = KIND_OF[algorithm]
    one, two = theirs(kind, algorithm), theirs(kind, algorithm, 1)
    trusted = public(kind), public(kind, 1)
    documents = other.sign(
        BOM,
        {"mode": "bare", "signers": [one]},
        {"mode": "bare", "signers": [{**one, "keyId": trusted[0].spki_sha256, "publicKey": False}]},
        {"mode": "signers", "signers": [one, two]},
        {"mode": "chain", "signers": [one, two]},
    )
    assert [good(document, *trusted) for document in documents] == [1, 1, 2, 2]
    for document in documents:
        changed = evaluate(forms.read({**document, "version": 2}, canonical), trusted)
        assert {outcome.outcome for outcome in changed} == {"invalid"}


@pytest.mark.parametrize("algorithm", sorted(KIND_OF))
def test_our_signatures_verify_there(other: Other, algorithm: str) -> None:
    one, two = key(KIND_OF[algorithm]), key(KIND_OF[algorithm], 1)
    documents = (
        bare(BOM, one, algorithm),
        signers(BOM, entry(BOM, one, algorithm), entry(BOM, two, algorithm)),
        chain(BOM, (one, algorithm), (two, algorithm)),
    )
    assert other.verify(*documents) == [
        {"valid": True, "mode": "single", "signers": [True]},
        {"valid": True, "mode": "multi", "signers": [True, True]},
        {"valid": True, "mode": "chain", "signers": [True, True]},
    ]
    assert not any(result["valid"] for result in other.verify(*({**item, "version": 2} for item in documents)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_sign_writes_verifies_there_and_can_be_signed_there_too(other: Other, name: str) -> None:
    document = DOCUMENTS[name]
    for kind in sorted(set(KIND_OF.values())):
        document = jsf.add(document, key(kind), canonical).document
    (result,) = other.verify(document)
    assert result == {"valid": True, "mode": "multi", "signers": [True] * 6}
    (grown,) = other.sign(document, {"mode": "append", "signers": [theirs("p256", "ES256", 7)]})
    assert good(grown, public("p256", 7), *(public(kind) for kind in set(KIND_OF.values()))) == 7
    assert jsf.add(grown, key("ed25519", 7), canonical).added


def test_a_bare_signature_of_theirs_over_odd_documents(other: Other) -> None:
    for document in DOCUMENTS.values():
        (signed,) = other.sign(document, {"mode": "bare", "signers": [theirs("ed25519", "Ed25519")]})
        assert good({**document, "signature": signed["signature"]}, public("ed25519")) == 1


def test_what_they_can_write_and_we_refuse(other: Other) -> None:
    signer = theirs("ed25519", "Ed25519")
    secret = {"algorithm": "HS256", "privateKey": {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}}
    documents = other.sign(
        BOM,
        {"mode": "bare", "signers": [signer], "excludes": ["components"]},
        {"mode": "signers", "signers": [signer, signer], "excludes": ["components"]},
        {"mode": "chain", "signers": [{**signer, "extensionValues": {"role": "x"}}, signer]},
        {"mode": "bare", "signers": [secret]},
    )
    for document, word in zip(documents, ("excludes", "excludes", "extensions", "HMAC"), strict=True):
        with pytest.raises(SignatureError, match=word):
            forms.read(document, canonical)
