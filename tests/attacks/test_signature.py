"""Threats "signature", "canonical form", "mix and match" and "thresholds": who signed, what, and is that enough."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sbom import api
from sbom.cyclonedx.canonical import canonical
from sbom.signing import jsf, keys


def signer(tree, index=0):
    return tree["signature"]["signers"][index]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def identity(public):
    return keys.load_public(public).spki_sha256


def hs256(tree, attack):
    """The classic: an HMAC whose secret is the public key."""
    own = {"algorithm": "HS256", "publicKey": signer(tree)["publicKey"]}
    tree["signature"] = {"signers": [own]}
    value = hmac.new(attack.release.pub.read_bytes(), canonical(tree), hashlib.sha256).digest()
    own["value"] = b64(value)


def bare(tree):
    """Take the one signer's entry as a bare signature: its signing input was another."""
    tree["signature"] = signer(tree)


def chained(tree):
    tree["signature"] = {"chain": tree["signature"]["signers"]}


def set_key(**members):
    return lambda tree: signer(tree)["publicKey"].update(members)


def set_own(**members):
    return lambda tree: signer(tree).update(members)


def value(change):
    def apply(tree):
        signer(tree)["value"] = change(signer(tree)["value"])

    return apply


def twisted(data):
    return bytes([data[0] ^ 1]) + data[1:]


TAMPERED = {
    "removed": (lambda t: t.pop("signature"), "signature.present", "not signed"),
    "null": (lambda t: t.update(signature=None), "bom.schema", "signature"),
    "an empty object": (lambda t: t.update(signature={}), "bom.schema", "signature"),
    "a text": (lambda t: t.update(signature="signed"), "bom.schema", "signature"),
    "a list": (lambda t: t.update(signature=[signer(t)]), "bom.schema", "signature"),
    "empty signers": (lambda t: t["signature"].update(signers=[]), "signature.algorithm", "at least one"),
    "empty chain": (lambda t: t.update(signature={"chain": []}), "signature.algorithm", "at least one"),
    "signers and chain": (lambda t: t["signature"].update(chain=t["signature"]["signers"]), "", ""),
    "bare instead of signers": (bare, "signature.valid", "does not verify"),
    "chain instead of signers": (chained, "signature.valid", "does not verify"),
    "excludes": (set_own(excludes=["components"]), "", "excludes"),
    "excludes beside signers": (lambda t: t["signature"].update(excludes=["components"]), "bom.schema", "signature"),
    "extensions": (set_own(extensions=["hello"], hello=1), "", ""),
    "unknown member": (set_own(hello="x"), "", ""),
    "no value": (lambda t: signer(t).pop("value"), "", ""),
    "empty value": (set_own(value=""), "signature.valid", "does not verify"),
    "value cut": (value(lambda v: b64(unb64(v)[:-1])), "signature.valid", "does not verify"),
    "value of zeros": (set_own(value=b64(bytes(64))), "signature.valid", "does not verify"),
    "one bit of the value": (value(lambda v: b64(twisted(unb64(v)))), "signature.valid", "does not verify"),
    "value with padding": (value(lambda v: v + "=="), "signature.algorithm", "base64url"),
    "value with a newline": (value(lambda v: v[:10] + "\n" + v[10:]), "signature.algorithm", "base64url"),
    "value with spaces": (value(lambda v: v + " "), "signature.algorithm", "base64url"),
    "value in plain base64": (
        value(lambda v: base64.b64encode(unb64(v)).decode()),
        "signature.algorithm",
        "base64url",
    ),
    "value in hexadecimal": (value(lambda v: unb64(v).hex()), "signature.valid", "does not verify"),
    "value with other last bits": (
        value(lambda v: v[:-1] + chr(ord(v[-1]) + 1)),
        "signature.algorithm",
        "base64url",
    ),
    "algorithm none": (set_own(algorithm="none"), "bom.schema", "signature"),
    "no algorithm": (lambda t: signer(t).pop("algorithm"), "bom.schema", "signature"),
    "empty algorithm": (set_own(algorithm=""), "bom.schema", "signature"),
    "algorithm in lower case": (set_own(algorithm="ed25519"), "bom.schema", "signature"),
    "algorithm is a URI": (set_own(algorithm="https://example.org/alg"), "signature.algorithm", "unknown algorithm"),
    "algorithm of another key type": (set_own(algorithm="ES256"), "signature.algorithm", "does not take"),
    "RSA algorithm": (set_own(algorithm="RS256"), "signature.algorithm", "does not take"),
    "HS256 over the old value": (set_own(algorithm="HS256"), "signature.algorithm", "HMAC"),
    "key of another curve": (set_key(crv="Ed448"), "signature.algorithm", "octets"),
    "key with a secret": (set_key(d="AAAA"), "", ""),
    "key type in lower case": (set_key(kty="okp"), "", ""),
    "no key at all": (lambda t: signer(t).pop("publicKey"), "signature.threshold", "0 of 1 given key"),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_tampered_signature(attack, case):
    change, check, sentence = TAMPERED[case]
    tree = attack.tree()
    change(tree)
    attack.put(tree)
    attack.refused(sentence)
    report = json.loads(attack.verify("-f", "json", code=1).out)
    failing = {item["id"] for item in report["checks"] if item["status"] == "fail"}
    assert failing
    assert not check or check in failing, failing


def test_hmac_with_the_public_key_as_secret(attack):
    tree = attack.tree()
    hs256(tree, attack)
    attack.put(tree)
    attack.refused("HS256", "HMAC")


def test_document_of_an_attacker(attack, other_keys):
    """Everything in order, and signed by somebody else."""
    mallory, _ = other_keys("mallory")
    attack.file("evil.py").write_bytes(b"import os\n")
    bom = api.generate(attack.data, name="penguins", version="1.0.0", cache=False)
    bom.sign(api.load_private_key(mallory))
    bom.write(attack.bom)
    attack.refused("0 of 1 given key", "ignored, because not trusted: 1 signature")


def test_attackers_signature_beside_a_removed_one(attack, other_keys):
    mallory, _ = other_keys("mallory")
    attack.put(attack.sign(attack.tree(), mallory))
    attack.refused("0 of 1 given key")


def test_attackers_key_claims_to_be_the_trusted_one_by_key_id(attack, other_keys):
    mallory, _ = other_keys("mallory")
    tree = attack.sign(attack.tree(), mallory)
    own = signer(tree)
    del own["publicKey"]
    own["keyId"] = identity(attack.release.pub)
    attack.put(tree)
    attack.refused("claims the key", "does not verify")


def test_attackers_key_beside_the_trusted_key_id(attack, other_keys):
    """A key id that claims one key, an embedded key that is another, a value made with the embedded one."""
    mallory, _ = other_keys("mallory")
    tree = attack.tree()
    private = keys.load_private(mallory)
    own = {
        "algorithm": "Ed25519",
        "keyId": identity(attack.release.pub),
        "publicKey": attack.sign(tree, mallory)["signature"]["signers"][0]["publicKey"],
    }
    tree["signature"] = {"signers": [own]}
    own["value"] = b64(private.key.sign(canonical(tree)))
    attack.put(tree)
    attack.refused("claims the key", "does not verify")


def test_trusted_key_with_anothers_value(attack, other_keys):
    mallory, _ = other_keys("mallory")
    tree = attack.tree()
    signer(tree)["value"] = signer(attack.sign(attack.tree(), mallory))["value"]
    attack.put(tree)
    attack.refused("does not verify")


def test_one_good_and_one_bad_signature_of_the_same_key(attack):
    tree = attack.tree()
    bad = {**signer(tree), "value": b64(bytes(64))}
    for signers in ([signer(tree), bad], [bad, signer(tree)]):
        attack.put({**tree, "signature": {"signers": signers}})
        attack.refused("does not verify")


def test_one_good_and_one_bad_signature_of_two_trusted_keys(attack, other_keys):
    second, public = other_keys("second")
    tree = attack.tree()
    tree = dict(jsf.add(tree, keys.load_private(second), canonical).document)
    signer(tree, 1)["value"] = b64(bytes(64))
    attack.put(tree)
    attack.refused("does not verify", more=("--public-key", str(public)))


def test_signature_of_another_document(attack, tmp_path):
    """CVE-2022-36056, CVE-2026-22703: parts of two valid signatures exchanged."""
    other = api.generate(attack.data, name="gulls", version="1.0.0", cache=False)
    other.sign(api.load_private_key(attack.release.key))
    trees = attack.tree(), json.loads(other.to_bytes())
    signatures = [tree["signature"] for tree in trees]
    for tree, signature in zip(trees, reversed(signatures), strict=True):
        attack.put({**tree, "signature": signature})
        attack.refused("does not verify")


def test_inventory_of_another_release_under_this_signature(attack):
    attack.file("evil.py").write_bytes(b"import os\n")
    other = api.generate(attack.data, name="penguins", version="1.0.0", cache=False)
    tree = attack.tree()
    attack.put({**tree, "components": other.document["components"]})
    attack.refused("does not verify", "number of files")
    attack.put({**tree, "components": other.document["components"], "metadata": other.document["metadata"]})
    ran = attack.refused("does not verify")
    assert "evil.py" not in ran.out


@pytest.mark.parametrize("other", ["name", "version", "root"])
def test_good_release_of_another_dataset(attack, tmp_path, other):
    """The signature is good, the data is what it describes, and it is not what the caller wants."""
    root = attack.tree()["metadata"]["component"]["properties"][1]["value"]
    named = {"name": "penguins", "version": "1.0.0"}
    if other == "root":
        attack.file("README.md").write_bytes(b"# gulls\n")
    else:
        named[other] += "-evil"
    bom = api.generate(attack.data, **named, cache=False)
    bom.sign(api.load_private_key(attack.release.key))
    bom.write(attack.bom)
    wanted = ("--expect-name", "penguins", "--expect-version", "1.0.0", "--expect-root", root)
    attack.accepted()
    attack.refused(f"the {other} is", "bom.expected", more=wanted)


@pytest.mark.parametrize(
    "asked",
    [
        ("--expect-name", "penguin"),
        ("--expect-name", "Penguins"),
        ("--expect-name", "penguins "),
        ("--expect-name", "*"),
        ("--expect-name", ""),
        ("--expect-version", "1.0"),
        ("--expect-version", "1"),
        ("--expect-version", "v1.0.0"),
        ("--expect-version", ""),
        ("--expect-root", ""),
        ("--expect-root", "00"),
        ("--expect-root", "0" * 64),
    ],
    ids=" ".join,
)
def test_only_an_exact_match_is_the_wanted_dataset(attack, asked):
    attack.refused("bom.expected", more=asked)


def test_the_verdict_says_when_nothing_was_pinned(attack):
    ran = attack.accepted()
    assert "penguins 1.0.0" in ran.out
    assert "dataset not pinned" in ran.out
    assert "not pinned" not in attack.accepted("--expect-name", "penguins").out


def test_signature_of_an_element_is_none_of_the_document(attack):
    """CycloneDX lets parts carry signatures of their own; they cover a part, and count for nothing."""
    tree = attack.tree()
    own = tree.pop("signature")
    for holder in (tree["components"][0], tree["metadata"]["component"]):
        holder["signature"] = own["signers"][0]
    attack.put(tree)
    attack.refused("not signed")


def test_element_signature_added_below_a_good_one(attack):
    tree = attack.tree()
    tree["components"][0]["signature"] = signer(tree)
    attack.put(tree)
    attack.refused("does not verify")


def test_signature_over_the_document_without_its_signature_member(attack):
    """An input that leaves out ``signature`` altogether leaves the algorithm and the key uncovered."""
    tree = attack.tree()
    bare_tree = {name: value for name, value in tree.items() if name != "signature"}
    signer(tree)["value"] = b64(keys.load_private(attack.release.key).key.sign(canonical(bare_tree)))
    attack.put(tree)
    attack.refused("does not verify")


def test_signature_over_the_bytes_instead_of_the_canonical_form(attack):
    tree = attack.tree()
    own = signer(tree)
    own.pop("value")
    own["value"] = b64(keys.load_private(attack.release.key).key.sign(json.dumps(tree).encode()))
    attack.put(tree)
    attack.refused("does not verify")


@pytest.fixture
def ecdsa(attack, tmp_path):
    private, public = keys.write_pair(tmp_path / "ec", keys.generate("ecdsa-p256"), None)
    return attack.sign(attack.tree(), private), keys.load_private(private), public


def ecdsa_refused(attack, tree, public, *named):
    attack.put(tree)
    ran = attack.cli("verify", attack.bom, attack.data, "--public-key", public)
    assert ran.code == 1, ran.text
    for text in named:
        assert text in ran.out


def test_ecdsa_is_raw_not_der(attack, ecdsa):
    tree, private, public = ecdsa
    own = signer(tree)
    own.pop("value")
    own["value"] = b64(private.key.sign(canonical(tree), ec.ECDSA(hashes.SHA256())))
    ecdsa_refused(attack, tree, public, "does not verify")


@pytest.mark.parametrize("numbers", [(0, 0), (0, 1), (1, 0)], ids=str)
def test_ecdsa_of_zeros(attack, ecdsa, numbers):
    """CVE-2022-21449: r or s of zero verified everything."""
    tree, _, public = ecdsa
    signer(tree)["value"] = b64(b"".join(number.to_bytes(32) for number in numbers))
    ecdsa_refused(attack, tree, public, "does not verify")


def test_ecdsa_with_the_digest_of_another_curve(attack, ecdsa):
    tree, private, public = ecdsa
    own = signer(tree)
    own.pop("value")
    r, s = decode_dss_signature(private.key.sign(canonical(tree), ec.ECDSA(hashes.SHA512())))
    own["value"] = b64(r.to_bytes(32) + s.to_bytes(32))
    ecdsa_refused(attack, tree, public, "does not verify")


def test_ecdsa_under_the_name_of_another_algorithm(attack, ecdsa):
    tree, _, public = ecdsa
    signer(tree)["algorithm"] = "ES384"
    ecdsa_refused(attack, tree, public, "does not take")


# -- thresholds -------------------------------------------------------------------------------------------------------


def test_one_key_under_two_names_is_one(attack, tmp_path):
    copy = tmp_path / "copy.pub"
    copy.write_bytes(attack.release.pub.read_bytes())
    ran = attack.verify("--public-key", str(copy), "--require-signatures", "2", code=2)
    assert "2 signatures cannot be required of 1 distinct signers" in ran.err


def test_one_key_in_two_encodings_is_one(attack, tmp_path):
    private = keys.load_private(attack.release.key)
    copy = tmp_path / "copy.pub"
    pem = private.public.key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).replace(b"\n", b"\r\n")
    copy.write_bytes(b"a comment\r\n" + pem)
    attack.verify("--public-key", str(copy), "--require-signatures", "2", code=2)


def test_one_key_that_signs_twice_counts_once(attack, other_keys):
    _, absent = other_keys("absent")
    tree = attack.tree()
    tree["signature"]["signers"] *= 2
    attack.put(tree)
    attack.refused("1 of 2 given keys", more=("--public-key", str(absent), "--require-signatures", "2"))


def test_one_key_that_signs_twice_is_named_once(attack):
    tree = attack.tree()
    tree["signature"]["signers"] *= 2
    attack.put(tree)
    ran = attack.accepted()
    assert "· signature good (key" in ran.out
    assert ran.out.count('"release"') == 1


def test_stranger_does_not_fill_a_threshold(attack, other_keys):
    mallory, _ = other_keys("mallory")
    _, absent = other_keys("absent")
    tree = dict(jsf.add(attack.tree(), keys.load_private(mallory), canonical).document)
    attack.put(tree)
    attack.refused("1 of 2 given keys", more=("--public-key", str(absent), "--require-signatures", "2"))


@pytest.mark.parametrize("number", ["0", "-1", "2", "many", ""])
def test_threshold_that_makes_no_sense(attack, number):
    attack.verify("--require-signatures", number, code=2)


def test_no_key_at_all(attack):
    ran = attack.cli("verify", attack.bom, attack.data)
    assert ran.code == 2
    assert "nobody was named who may sign" in ran.err


# -- canonical form ---------------------------------------------------------------------------------------------------

SAME = {
    "floats": ({"a": 1.0}, {"a": 1}),
    "exponents": ({"a": 1e2}, {"a": 100}),
    "minus zero": ({"a": -0.0}, {"a": 0}),
    "key order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
}
DIFFERENT = {
    "text and number": ({"a": "1"}, {"a": 1}),
    "true and one": ({"a": True}, {"a": 1}),
    "null and absent": ({"a": None}, {}),
    "null and text": ({"a": None}, {"a": "null"}),
    "empty list and object": ({"a": []}, {"a": {}}),
    "order of a list": ({"a": [1, 2]}, {"a": [2, 1]}),
    "normalisation": ({"a": "\u00ef"}, {"a": "i\u0308"}),
    "case": ({"a": "x"}, {"A": "x"}),
    "astral and BMP": ({"a": "\U0001f427"}, {"a": "\ud83d"}),
    "nesting": ({"a": {"b": 1}}, {"a": 1, "b": 1}),
    "neighbouring doubles": ({"a": 0.1}, {"a": 0.1 + 2**-56}),
}


@pytest.mark.parametrize("case", SAME)
def test_equal_documents_are_equal(case):
    first, second = SAME[case]
    assert canonical(first) == canonical(second)


@pytest.mark.parametrize("case", DIFFERENT)
def test_different_documents_are_different(case):
    first, second = DIFFERENT[case]
    found = []
    for value in (first, second):
        try:
            found.append(canonical(value))
        except Exception as error:  # noqa: BLE001  # a lone surrogate has no canonical form
            found.append(type(error).__name__.encode())
    assert found[0] != found[1]


def test_astral_keys_are_sorted_as_utf_16():
    """RFC 8785, section 3.2.3: by UTF-16 code units, where an astral key comes before U+FB33."""
    assert canonical({"\ufb33": 1, "\U0001f602": 2}).startswith('{"\U0001f602"'.encode())
