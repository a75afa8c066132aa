from __future__ import annotations

from signing_maker import BOM, bare, canonical, entry, key, public, signers

from sbom.signing import answers, forms
from sbom.signing.trust import evaluate

RELEASE, SECOND = key("ed25519"), key("p256")
R, S = RELEASE.public, SECOND.public
ONE = bare(BOM, RELEASE, "Ed25519")
TWO = signers(BOM, entry(BOM, RELEASE, "Ed25519"), entry(BOM, SECOND, "ES256"))


def judge(document, *given):
    return evaluate(forms.read(document, canonical), given)


def test_present() -> None:
    assert answers.present(()) == (False, "the document is not signed")
    assert answers.present(forms.read(ONE, canonical)) == (True, "the document carries 1 signature")
    assert answers.present(forms.read(TWO, canonical)) == (True, "the document carries 2 signatures")


def test_algorithm() -> None:
    assert answers.algorithm(judge(TWO, R)) == (True, "every signature covers the whole document: ES256, Ed25519")
    wrong = {**ONE, "signature": {**ONE["signature"], "algorithm": "RS256"}}
    for given in ((), (R,), (S,)):
        holds, sentence = answers.algorithm(judge(wrong, *given))
        assert not holds
        assert sentence == "signature 1 (RS256) uses an algorithm that does not take its Ed25519 key"


def test_valid() -> None:
    holds, sentence = answers.valid(judge(TWO, R, S))
    assert holds
    assert sentence == f'signature 1 (Ed25519) is valid: key {R.spki_sha256[:8]}… "ed25519-0", and 1 more'
    assert answers.valid(judge(TWO, public("rsa"))) == (True, "no signature claims a given key")
    holds, sentence = answers.valid(judge({**TWO, "version": 2}, R, S))
    assert not holds
    assert sentence.startswith("signature 1 (Ed25519) claims the key")
    assert sentence.endswith("but does not verify with it, and 1 more")


def test_nothing_holds_when_there_is_nothing_to_look_at() -> None:
    assert not answers.algorithm(()).holds
    assert not answers.valid(()).holds
