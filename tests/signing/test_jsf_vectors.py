"""The signatures that the author of JSF published; see ``jsf-vectors/README.md``."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from signing_maker import canonical

from sbom.errors import SignatureError
from sbom.signing import forms, jwk, paths
from sbom.signing.interface import Outcome
from sbom.signing.keys import PublicKey
from sbom.signing.trust import evaluate

HERE = Path(__file__).parent / "jsf-vectors"
GOOD = {
    "ed25519#ed25519@jwk": ["ed25519"],
    "ed25519#ed25519@kid": ["ed25519"],
    "ed448#ed448@jwk+kid": ["ed448"],
    "p256#es256,ed25519#ed25519@chai-jwk": ["p256", "ed25519"],
    "p256#es256,ed25519#ed25519@mult-jwk": ["p256", "ed25519"],
    "p256#es256,p384#es384@mult-jwk": ["p256", "p384"],
    "p256#es256@cer": ["p256"],
    "p256#es256@jwk": ["p256"],
    "p384#es384@imp": ["p384"],
    "p384#es384@jwk": ["p384"],
    "p521#es512@cer": ["p521"],
    "p521#es512@kid": ["p521"],
    "r2048#ps256@jwk": ["r2048"],
    "r2048#rs256@jwk": ["r2048"],
}
REFUSED = {
    "a256#hs256@kid": "uses HS256: whoever can verify an HMAC can forge it",
    "a512#hs512@imp": "uses HS512: whoever can verify an HMAC can forge it",
    "p256#es256@excl-jwk": 'has "excludes": it leaves members uncovered',
    "p256#es256,p384#es384@chai-excl-jwk": 'has "excludes": it leaves members uncovered',
    "p256#es256,p384#es384@mult-excl-exts-jwk": 'has "excludes": it leaves members uncovered',
    "p256#es256,p384#es384@chai-exts-jwk": 'has "extensions": no extension is known here',
}


def load(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_bytes())


def published() -> dict[str, PublicKey]:
    """Return the publisher's keys, from the signatures that embed them."""
    found = {}
    for name in ("ed25519#ed25519@jwk", "ed448#ed448@jwk+kid", "p256#es256@jwk", "p384#es384@jwk", "r2048#ps256@jwk"):
        found[name.partition("#")[0]] = PublicKey.of(jwk.from_jwk(load(name)["signature"]["publicKey"]))
    (entry,) = forms.read(load("p521#es512@cer"), canonical)
    found["p521"] = paths.leaf_key(entry.certificate_path[0], "the vector")
    return found


KEYS = published()


def judge(document: dict[str, Any], *names: str) -> list[tuple[Outcome, str | None]]:
    outcomes = evaluate(forms.read(document, canonical), [KEYS[name] for name in names])
    return [(outcome.outcome, outcome.identity) for outcome in outcomes]


def test_every_vector_is_in_a_table() -> None:
    others = {"p256#es256@arr-jwk"}  # an array: see below
    assert {path.stem for path in HERE.glob("*.json")} == {*GOOD, *REFUSED, *others}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_published_signature_verifies(name: str) -> None:
    expected = [(Outcome.VALID, KEYS[kind].spki_sha256) for kind in GOOD[name]]
    assert judge(load(name), *KEYS) == expected
    assert judge(load(name), *GOOD[name]) == expected


@pytest.mark.parametrize("name", sorted(GOOD))
def test_it_verifies_nothing_else_and_for_nobody_else(name: str) -> None:
    document = load(name)
    others = set(KEYS) - set(GOOD[name])
    assert all(outcome is not Outcome.VALID for outcome, _ in judge(document, *others))
    changed = copy.deepcopy(document)
    changed["id"] += 1
    assert all(outcome is not Outcome.VALID for outcome, _ in judge(changed, *KEYS))


def test_a_certificate_holds_the_same_key_as_the_bare_one() -> None:
    (entry,) = forms.read(load("p256#es256@cer"), canonical)
    assert paths.leaf_key(entry.certificate_path[0], "the vector") == KEYS["p256"]
    assert len(entry.certificate_path) == 2
    assert paths.order_refusal(paths.parse_all(entry.certificate_path)) is None


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_this_program_does_not_accept_is_refused_by_name(name: str) -> None:
    with pytest.raises(SignatureError) as refused:
        forms.read(load(name), canonical)
    assert REFUSED[name] in refused.value.message


def test_a_signed_array_is_no_document() -> None:
    assert isinstance(load("p256#es256@arr-jwk"), list)
