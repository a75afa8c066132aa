from __future__ import annotations

import copy
import json
from typing import Any

import pki
import pytest
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
    weak_rsa,
)

from sbom.errors import KeyFileError, SignatureError, UsageError
from sbom.signing import algorithms, base64url, jsf, jwk
from sbom.signing.keys import PrivateKey

ED = key("ed25519")
OWN, OTHERS = (b64(pki.authority("root").leaf(key("ed25519", number).public.key)) for number in (0, 7))


def verified(document: dict[str, Any]) -> list[bool]:
    """Verify every signature by its own embedded key, which is enough for the tests of a form."""
    return [
        algorithms.verify(jwk.from_jwk(item.jwk), item.algorithm, item.value or b"", item.message())
        for item in jsf.read(document, canonical)
    ]


# Reading


@pytest.mark.parametrize("algorithm", sorted(KIND_OF))
def test_each_form_is_read_and_verifies(algorithm: str) -> None:
    one, two = key(KIND_OF[algorithm]), key(KIND_OF[algorithm], 1)
    assert verified(bare(BOM, one, algorithm)) == [True]
    assert verified(signers(BOM, entry(BOM, one, algorithm), entry(BOM, two, algorithm))) == [True, True]
    assert verified(chain(BOM, (one, algorithm), (two, algorithm), (one, algorithm))) == [True, True, True]


def test_what_an_entry_says() -> None:
    first = entry(BOM, ED, "Ed25519", keyId="me", certificatePath=[OWN])
    second = entry(BOM, key("p256"), "ES256", embed=False)
    one, two = jsf.read(signers(BOM, first, second), canonical)
    assert (one.form, one.index, one.algorithm, one.key_id, one.certificate_path) == (
        "JSF",
        0,
        "Ed25519",
        "me",
        (base64url.decode(OWN, ""),),
    )
    assert one.jwk == first["publicKey"]
    assert base64url.encode(one.value or b"") == first["value"]
    assert (two.index, two.algorithm, two.key_id, two.jwk, two.certificate_path) == (1, "ES256", None, None, ())


def test_the_signing_input_of_each_form_to_the_byte() -> None:
    document = {"z": 1, "a": [1.0, "€"]}

    def messages(signature: dict[str, Any]) -> list[bytes]:
        return [item.message() for item in jsf.read({**document, "signature": signature}, canonical)]

    start, end = '{"a":[1,"€"],"signature":', ',"z":1}'
    ed, es = '{"algorithm":"Ed25519"}', '{"algorithm":"ES256"}'
    one, two = {"algorithm": "Ed25519", "value": "AA"}, {"value": "AQ", "algorithm": "ES256"}
    whole = '{"algorithm":"Ed25519","value":"AA"}'
    assert messages(one) == [f"{start}{ed}{end}".encode()]
    assert messages({"signers": [one, two]}) == [
        f'{start}{{"signers":[{ed}]}}{end}'.encode(),
        f'{start}{{"signers":[{es}]}}{end}'.encode(),
    ]
    assert messages({"chain": [one, two]}) == [
        f'{start}{{"chain":[{ed}]}}{end}'.encode(),
        f'{start}{{"chain":[{whole},{es}]}}{end}'.encode(),
    ]


def test_nothing_is_canonicalised_or_copied_before_it_is_needed() -> None:
    calls = []

    def counting(value: object) -> bytes:
        calls.append(value)
        return canonical(value)

    document = signers(BOM, entry(BOM, ED, "Ed25519"))
    before = copy.deepcopy(document)
    entries = jsf.read(document, counting)
    assert calls == []
    entries[0].message()
    assert len(calls) == 1
    assert calls[0]["components"] is document["components"]
    assert document == before


def test_a_chain_is_broken_by_exchange_removal_and_change() -> None:
    good = chain(BOM, (ED, "Ed25519"), (key("p256"), "ES256"))
    first, second = good["signature"]["chain"]
    other = entry(BOM, ED, "Ed25519")
    assert verified({**BOM, "signature": {"chain": [second]}}) == [False]
    assert verified({**BOM, "signature": {"chain": [second, first]}}) == [False, False]
    assert verified({**BOM, "signature": {"chain": [{**first, "keyId": "x"}, second]}}) == [False, False]
    assert verified({**BOM, "signature": {"chain": [other, second]}}) == [False, False]
    assert verified({**BOM, "signature": {"chain": [first]}}) == [True], "a chain may be cut at its end"


def test_a_signature_of_one_form_is_none_of_another() -> None:
    only = bare(BOM, ED, "Ed25519")["signature"]
    assert verified({**BOM, "signature": {"signers": [only]}}) == [False]
    assert verified({**BOM, "signature": {"chain": [only]}}) == [False]
    assert verified({**BOM, "signature": entry(BOM, ED, "Ed25519")}) == [False]
    assert verified({**BOM, "signature": {"chain": [entry(BOM, ED, "Ed25519")]}}) == [False]


# Refusing

GOOD = entry(BOM, ED, "Ed25519")


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


REFUSED_CORES: dict[str, tuple[object, str]] = {
    "null": (None, "is not a JSON object"),
    "list": ([], "is not a JSON object"),
    "text": ("x", "is not a JSON object"),
    "HS256": ({**without("publicKey"), "algorithm": "HS256"}, "uses HS256: whoever can verify an HMAC can forge it"),
    "HS384": ({**GOOD, "algorithm": "HS384"}, "uses HS384"),
    "HS512": ({**GOOD, "algorithm": "HS512"}, "uses HS512"),
    "URI": ({**GOOD, "algorithm": "https://example.com/a"}, 'uses an unknown algorithm: "https://example.com/a"'),
    "none": ({**GOOD, "algorithm": "none"}, "unknown algorithm"),
    "EdDSA": ({**GOOD, "algorithm": "EdDSA"}, "unknown algorithm"),
    "lower case": ({**GOOD, "algorithm": "ed25519"}, "unknown algorithm"),
    "no algorithm": (without("algorithm"), 'has no "algorithm"'),
    "no value": (without("value"), 'has no "value"'),
    "number as algorithm": ({**GOOD, "algorithm": 1}, '"algorithm" of .* is not a string'),
    "null as algorithm": ({**GOOD, "algorithm": None}, '"algorithm" of .* is not a string'),
    "number as key id": ({**GOOD, "keyId": 1}, '"keyId" of .* is not a string'),
    "null as key id": ({**GOOD, "keyId": None}, '"keyId" of .* is not a string'),
    "list as value": ({**GOOD, "value": [GOOD["value"]]}, '"value" of .* is not a string'),
    "null as value": ({**GOOD, "value": None}, '"value" of .* is not a string'),
    "text as path": ({**GOOD, "certificatePath": "AAAA"}, "is not a list of strings"),
    "null as path": ({**GOOD, "certificatePath": None}, "is not a list of strings"),
    "empty path": ({**GOOD, "certificatePath": []}, "is not a list of strings"),
    "numbers in path": ({**GOOD, "certificatePath": [1]}, "is not a list of strings"),
    "long path": ({**GOOD, "certificatePath": ["AAAA"] * 11}, "holds 11 certificates, more than 10"),
    "padding in path": ({**GOOD, "certificatePath": ["AAA="]}, "is not canonical base64url"),
    "no certificate": ({**GOOD, "certificatePath": ["AAAA"]}, "not a readable X.509 certificate"),
    "certificate and key of two": (
        {**GOOD, "certificatePath": [OTHERS]},
        "has a key, and a certificate for another key",
    ),
    "no certificate behind the first": ({**GOOD, "certificatePath": [OWN, "AAAA"]}, "not a readable X.509 certificate"),
    "null as key": ({**GOOD, "publicKey": None}, '"publicKey" of .* is not a JSON object'),
    "PEM as key": ({**GOOD, "publicKey": "-----BEGIN"}, '"publicKey" of .* is not a JSON object'),
    "private key": ({**GOOD, "publicKey": {**GOOD["publicKey"], "d": "AA"}}, "holds a private key"),
    "excludes": ({**GOOD, "excludes": ["components"]}, 'has "excludes": it leaves members uncovered'),
    "empty excludes": ({**GOOD, "excludes": []}, 'has "excludes"'),
    "extensions": ({**GOOD, "extensions": ["x"]}, 'has "extensions"'),
    "unknown member": ({**GOOD, "time\x1b": 1}, r'has the unknown member "time\\x1b"'),
    "nested signers": ({**GOOD, "signers": [GOOD]}, r"unknown member \"signers\"|beside \"signers\""),
    "padding": ({**GOOD, "value": GOOD["value"] + "="}, '"value" of .* is not canonical base64url'),
    "white space": ({**GOOD, "value": GOOD["value"] + "\n"}, "is not canonical base64url"),
    "standard alphabet": ({**GOOD, "value": "+/" + GOOD["value"][2:]}, "is not canonical base64url"),
    "trailing bits": ({**GOOD, "value": GOOD["value"][:-1] + "B"}, "is not canonical base64url"),
    "hexadecimal": ({**GOOD, "value": "0x"}, "is not canonical base64url"),
}


@pytest.mark.parametrize("name", REFUSED_CORES)
@pytest.mark.parametrize("form", ["bare", "signers", "chain"])
def test_what_is_not_a_signature_is_refused_by_name(name: str, form: str) -> None:
    wrong, message = REFUSED_CORES[name]
    signature = wrong if form == "bare" else {form: [GOOD, wrong]}
    with pytest.raises(SignatureError, match=message) as caught:
        jsf.read({**BOM, "signature": signature}, canonical)
    assert caught.value.exit_code == 1
    assert "signature" in str(caught.value)
    assert form == "bare" or "excludes" in name or f"signature.{form}[1]" in str(caught.value)


@pytest.mark.parametrize("kind", ["signers", "chain"])
@pytest.mark.parametrize("entries", [[], {}, None, "x", GOOD, 1])
def test_an_empty_list_of_signatures_or_none_is_refused(kind: str, entries: object) -> None:
    with pytest.raises(SignatureError, match=f"signature.{kind} is not a list with at least one signature"):
        jsf.read({**BOM, "signature": {kind: entries}}, canonical)


@pytest.mark.parametrize("kind", ["signers", "chain"])
def test_options_and_strangers_beside_the_list(kind: str) -> None:
    for name, value, message in (
        ("excludes", ["components"], 'signature has "excludes"'),
        ("extensions", [], 'signature has "extensions"'),
        ("algorithm", "Ed25519", f'"signature" has "algorithm" beside "{kind}"'),
        ("value", "AA", f'"signature" has "value" beside "{kind}"'),
        ("else", 1, f'"signature" has "else" beside "{kind}"'),
    ):
        for signature in ({kind: [GOOD], name: value}, {name: value, kind: [GOOD]}):
            with pytest.raises(SignatureError, match=message):
                jsf.read({**BOM, "signature": signature}, canonical)
    with pytest.raises(SignatureError, match='has "chain" beside "signers"'):
        jsf.read({**BOM, "signature": {"chain": [GOOD], "signers": [GOOD]}}, canonical)


@pytest.mark.parametrize("signature", [None, [], [GOOD], "x", 0, False])
def test_a_signature_that_is_no_object_is_not_taken_for_none(signature: object) -> None:
    document = {**BOM, "signature": signature}
    assert jsf.Jsf().detect(document)
    with pytest.raises(SignatureError, match='"signature" is not a JSON object'):
        jsf.Jsf().read(document, canonical)


def test_an_empty_signature_object() -> None:
    with pytest.raises(SignatureError, match='signature has no "algorithm"'):
        jsf.read({**BOM, "signature": {}}, canonical)


def test_more_signatures_than_anybody_needs() -> None:
    assert len(jsf.read(signers(BOM, *[GOOD] * 64), canonical)) == 64
    with pytest.raises(SignatureError, match="holds 65 signatures, more than 64"):
        jsf.read(signers(BOM, *[GOOD] * 65), canonical)


# Signing


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521", "ed25519", "ed448"])
def test_signing_writes_one_entry_in_signers(kind: str) -> None:
    before = copy.deepcopy(BOM)
    document, added = jsf.add(BOM, key(kind), canonical)
    assert added
    assert before == BOM
    assert document is not BOM
    assert document["components"] is BOM["components"]
    assert list(document) == [*BOM, "signature"]
    (only,) = document["signature"]["signers"]
    assert list(document["signature"]) == ["signers"]
    assert list(only) == ["algorithm", "publicKey", "value"]
    assert only["publicKey"] == jwk.to_jwk(public(kind).key)
    assert verified(document) == [True]


def test_signatures_of_several_people_do_not_touch_each_other() -> None:
    one = jsf.add(BOM, ED, canonical).document
    frozen = copy.deepcopy(one)
    two = jsf.add(one, key("p256"), canonical).document
    three = jsf.add(two, key("rsa"), canonical).document
    assert one == frozen
    assert verified(three) == [True, True, True]
    assert three["signature"]["signers"][0] == one["signature"]["signers"][0]
    signature = three["signature"]["signers"]
    assert verified(signers(BOM, *reversed(signature))) == [True, True, True]


def test_the_same_key_signs_once() -> None:
    one = jsf.add(BOM, ED, canonical).document
    again, added = jsf.add(one, ED, canonical)
    assert not added
    assert again == one
    by_name = signers(BOM, entry(BOM, ED, "Ed25519", embed=False))
    assert jsf.add(by_name, ED, canonical) == (by_name, False)


def test_bare_and_chained_signatures_cannot_be_promoted() -> None:
    for document, word in ((bare(BOM, ED, "Ed25519"), "bare"), (chain(BOM, (ED, "Ed25519")), "chained")):
        for private in (ED, key("p256")):
            with pytest.raises(
                UsageError, match=f"{word} signature, which cannot be promoted: its signing input"
            ) as caught:
                jsf.add(document, private, canonical)
            assert caught.value.exit_code == 2


@pytest.mark.parametrize("private", [ED, key("p256")])
def test_a_document_that_was_changed_after_signing_is_not_signed_again(private: PrivateKey) -> None:
    changed = {**jsf.add(BOM, ED, canonical).document, "version": 2}
    with pytest.raises(
        SignatureError, match=r"signature.signers\[0\] does not verify by its own embedded key"
    ) as caught:
        jsf.add(changed, private, canonical)
    assert caught.value.exit_code == 1
    assert "changed after it was signed" in str(caught.value.hint)


def test_one_broken_signature_among_good_ones_is_found_even_by_somebody_who_signed() -> None:
    good = entry(BOM, ED, "Ed25519")
    broken = entry({**BOM, "version": 2}, key("p256"), "ES256")
    with pytest.raises(SignatureError, match=r"signers\[1\]"):
        jsf.add(signers(BOM, good, broken), ED, canonical)


def test_a_signature_that_nobody_here_can_check_does_not_hinder() -> None:
    document = signers(BOM, entry(BOM, key("p256"), "ES256", embed=False, keyId="somebody"))
    signed, added = jsf.add(document, ED, canonical)
    assert added
    assert len(signed["signature"]["signers"]) == 2


def test_an_existing_signature_with_an_algorithm_that_does_not_take_its_key() -> None:
    wrong = {**entry(BOM, key("p256"), "ES256"), "algorithm": "RS256"}
    with pytest.raises(SignatureError, match="does not verify"):
        jsf.add(signers(BOM, wrong), ED, canonical)


@pytest.mark.parametrize("signature", [None, [], {"signers": []}, {"signers": [GOOD], "excludes": ["version"]}])
def test_a_malformed_signature_is_not_added_to(signature: object) -> None:
    with pytest.raises(SignatureError):
        jsf.add({**BOM, "signature": signature}, ED, canonical)


def test_no_room_for_another_signature() -> None:
    with pytest.raises(UsageError, match="64 signatures already"):
        jsf.add(signers(BOM, *[GOOD] * 64), key("p256"), canonical)


def test_halves_of_two_keys_make_no_signature() -> None:
    mixed = PrivateKey(key("ed25519", 1).key, public("ed25519", 2))
    with pytest.raises(SignatureError, match="do not match"):
        jsf.add(BOM, mixed, canonical)


def test_a_weak_key_does_not_sign() -> None:
    with pytest.raises(KeyFileError):
        jsf.add(BOM, PrivateKey.of(weak_rsa()), canonical)


# Arbitrary documents

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(TEXT.filter(lambda name: name != "signature"), JSON, max_size=5)


def shuffled(value: Any) -> Any:
    """Return the same JSON value with every object's members in reverse order."""
    if isinstance(value, dict):
        return {name: shuffled(value[name]) for name in reversed(list(value))}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@relaxed
@given(DOCUMENTS)
def test_key_order_white_space_and_escapes_mean_nothing(document: dict[str, Any]) -> None:
    signed = jsf.add(jsf.add(document, ED, canonical).document, key("p256"), canonical).document
    for ascii_only in (True, False):
        text = json.dumps(shuffled(signed), indent=3, ensure_ascii=ascii_only)
        again = json.loads(text)
        assert again == signed
        assert verified(again) == [True, True]


@relaxed
@given(DOCUMENTS, DOCUMENTS)
def test_a_signature_is_of_one_document_only(document: dict[str, Any], other: dict[str, Any]) -> None:
    signed = jsf.add(document, ED, canonical).document
    moved = {**other, "signature": signed["signature"]}
    assert verified(moved) == [canonical(document) == canonical(other)]


@relaxed
@given(DOCUMENTS, st.data())
def test_every_changed_member_is_noticed(document: dict[str, Any], data: st.DataObject) -> None:
    signed = jsf.add(document, ED, canonical).document
    name = data.draw(TEXT.filter(lambda text: text != "signature") | st.sampled_from([*document, "new"]))
    value = data.draw(JSON)
    changed = {**signed, name: value}
    assert verified(changed) == [canonical(changed) == canonical(signed)]
    assert verified({key: value for key, value in signed.items() if key != name}) == [name not in signed]


@relaxed
@given(st.binary(min_size=64, max_size=64), st.integers(0, 511))
def test_every_flipped_bit_of_a_value_is_noticed(noise: bytes, bit: int) -> None:
    signed = entry(BOM, ED, "Ed25519")
    octets = bytearray(base64url.decode(signed["value"], "it"))
    octets[bit // 8] ^= 1 << bit % 8
    assert verified(signers(BOM, {**signed, "value": b64(bytes(octets))})) == [False]
    assert verified(signers(BOM, {**signed, "value": b64(noise)})) == [False]


@relaxed
@given(JSON)
def test_any_signature_member_is_read_or_refused(signature: object) -> None:
    with pytest.raises(SignatureError):
        jsf.read({"signature": signature}, canonical)


@relaxed
@given(
    st.dictionaries(
        st.sampled_from(["algorithm", "keyId", "publicKey", "certificatePath", "value", "signers", "chain", "x"]),
        JSON | st.sampled_from(["Ed25519", "AA", [GOOD], [GOOD, GOOD], core(ED, "Ed25519")["publicKey"]]),
    )
)
def test_whatever_is_read_has_only_known_members(signature: dict[str, object]) -> None:
    try:
        entries = jsf.read({**BOM, "signature": signature}, canonical)
    except SignatureError:
        return
    assert entries
    assert "x" not in signature
    assert all(item.algorithm in KIND_OF and item.message() for item in entries)
