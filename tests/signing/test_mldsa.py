"""ML-DSA-65, with count 0 of ``kat_MLDSA_65_det_pure.rsp`` of cryptography_vectors 50.0.2 (Apache-2.0 OR BSD-3-Clause)."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from signing_maker import BOM, canonical, key

from sbom.cyclonedx import schema
from sbom.errors import KeyFileError, SignatureError, UsageError
from sbom.signing import algorithms, base64url, dsse, forms, jsf, jwk, keys, mldsa
from sbom.signing.interface import Outcome
from sbom.signing.keys import PrivateKey, PublicKey
from sbom.signing.trust import evaluate, valid_keys

if TYPE_CHECKING:
    from collections.abc import Callable

native = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa", reason=mldsa.HINT)

VECTOR = {
    name: bytes.fromhex(value)
    for name, value in json.loads((Path(__file__).parent / "mldsa65-vector.json").read_bytes()).items()
}
URI = "urn:data-sbom:algorithm:ml-dsa-65"
TYPE = "application/vnd.in-toto+json"


def the_key() -> PrivateKey:
    """Return the key of the vector."""
    return PrivateKey.of(native.MLDSA65PrivateKey.from_seed_bytes(VECTOR["seed"]), "pq")


KEY = the_key()


def test_the_published_key_and_signature():
    public = KEY.public.key
    assert public.public_bytes(Encoding.Raw, PublicFormat.Raw) == VECTOR["public"]
    public.verify(VECTOR["signature"], VECTOR["message"], VECTOR["context"])
    # Ours is with an empty context: another one is another purpose.
    assert not algorithms.verify(public, URI, VECTOR["signature"], VECTOR["message"])


def test_signing_and_verifying():
    value = KEY.sign(URI, b"message")
    assert len(value) == 3309
    assert KEY.algorithms == (URI,)
    assert algorithms.verify(KEY.public.key, URI, value, b"message")
    for other in (b"messages", b""):
        assert not algorithms.verify(KEY.public.key, URI, value, other)
    for broken in (b"", value[:-1], value + b"\0", bytes([value[0] ^ 1]) + value[1:]):
        assert not algorithms.verify(KEY.public.key, URI, broken, b"message")
    assert not algorithms.verify(KEY.public.key, "Ed25519", value, b"message")
    assert not algorithms.verify(key("ed25519").public.key, URI, value, b"message")
    assert not algorithms.verify(keys.generate("ml-dsa-65").public.key, URI, value, b"message")
    KEY.public.key.verify(value, b"message", b"")


def test_other_parameter_sets_are_other_algorithms():
    for kind in (native.MLDSA44PrivateKey, native.MLDSA87PrivateKey):
        assert not algorithms.is_verifying_key(kind.generate().public_key())


def test_a_key_is_described():
    assert algorithms.describe(KEY.public.key) == "ML-DSA-65 key"
    assert algorithms.weakness(KEY.public.key) is None
    spki = KEY.public.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert bytes.fromhex("0609608648016503040312") in spki  # 2.16.840.1.101.3.4.3.18 (NIST CSOR)


@pytest.mark.parametrize("password", [None, b"secret"])
def test_key_files(tmp_path, password):
    pair = keys.generate("ml-dsa-65")
    private, public = keys.write_pair(tmp_path / "pq", pair, password)
    assert keys.load_private(private, password) == pair
    assert keys.load_public(public) == pair.public
    assert private.stat().st_mode & 0o777 == 0o600


def test_a_key_of_another_parameter_set_is_refused(tmp_path):
    other = native.MLDSA44PrivateKey.generate().public_key()
    path = tmp_path / "k.pub"
    path.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(KeyFileError, match="this kind of key is not supported") as refused:
        keys.load_public(path)
    assert "ML-DSA-65 needs cryptography 48 or later" in str(refused.value.hint)


# -- in a document ------------------------------------------------------------------------------------------------------


def signed() -> dict[str, object]:
    first = jsf.add(BOM, key("ed25519"), canonical).document
    return dict(jsf.add(first, KEY, canonical).document)


def test_as_second_signer_next_to_ed25519():
    document = signed()
    entries = document["signature"]["signers"]
    assert [entry["algorithm"] for entry in entries] == ["Ed25519", URI]
    assert entries[1].keys() == {"algorithm", "keyId", "value"}
    assert entries[1]["keyId"] == KEY.public.spki_sha256
    both = evaluate(forms.read(document, canonical), (key("ed25519").public, KEY.public))
    assert [outcome.outcome for outcome in both] == [Outcome.VALID, Outcome.VALID]
    assert len(valid_keys(both)) == 2
    for given, expected in ((key("ed25519").public, 0), (KEY.public, 1)):
        outcomes = [outcome.outcome for outcome in evaluate(forms.read(document, canonical), (given,))]
        assert outcomes[expected] is Outcome.VALID
        assert outcomes[1 - expected] is Outcome.NOT_TRUSTED
    changed = evaluate(forms.read({**document, "version": 2}, canonical), (KEY.public,))
    assert changed[1].outcome is Outcome.INVALID
    assert not jsf.add(document, KEY, canonical).added


def test_it_is_a_valid_document():
    assert schema.problems(signed()) == []
    own = json.loads((Path(__file__).parents[2] / "schemas" / "data-sbom.schema.json").read_bytes())
    assert URI in own["$defs"]["signature-entry"]["properties"]["algorithm"]["enum"]


def test_jsf_has_no_form_for_the_key():
    assert not jwk.has_jwk(KEY.public.key)
    assert jwk.has_jwk(key("rsa").public.key)
    with pytest.raises(KeyFileError, match="no JWK that JSF knows"):
        jwk.to_jwk(KEY.public.key)
    with pytest.raises(SignatureError, match="no key type of JSF"):
        jwk.from_jwk({"kty": "AKP", "alg": "ML-DSA-65", "pub": "AA"})


def test_a_key_without_a_key_id_is_found_by_trying():
    document = signed()
    del document["signature"]["signers"][1]["keyId"]
    message = canonical({**BOM, "signature": {"signers": [{"algorithm": URI}]}})
    document["signature"]["signers"][1]["value"] = base64url.encode(KEY.sign(URI, message))
    outcome = evaluate(forms.read(document, canonical), (key("ed25519").public, KEY.public))[1]
    assert (outcome.outcome, outcome.identity) == (Outcome.VALID, KEY.public.spki_sha256)


def test_another_keys_signature_under_its_name_is_invalid():
    document = signed()
    entry = document["signature"]["signers"][1]
    stranger = keys.generate("ml-dsa-65")
    message = canonical({**BOM, "signature": {"signers": [{name: entry[name] for name in ("algorithm", "keyId")}]}})
    entry["value"] = base64url.encode(stranger.sign(URI, message))
    assert evaluate(forms.read(document, canonical), (KEY.public,))[1].outcome is Outcome.INVALID


def test_in_an_envelope():
    envelope = dsse.sign(b"{}", TYPE, KEY)
    (outcome,) = dsse.evaluate(dsse.parse(envelope), (key("p256").public, KEY.public))
    assert (outcome.outcome, outcome.identity, outcome.entry.algorithm) == (Outcome.VALID, KEY.public.spki_sha256, URI)
    (stranger,) = dsse.evaluate(dsse.parse(envelope), (key("p256").public,))
    assert stranger.outcome is Outcome.NOT_TRUSTED
    assert len(dsse.parse(dsse.add(envelope, key("p256"))).signatures) == 2


# -- without it ---------------------------------------------------------------------------------------------------------


def test_an_installation_that_cannot_make_keys(monkeypatch):
    def refuse() -> None:
        raise UnsupportedAlgorithm("ML-DSA-65 is not supported by this backend.")

    monkeypatch.setattr(mldsa, "MLDSA65PrivateKey", type("Without", (), {"generate": staticmethod(refuse)}))
    with pytest.raises(UsageError, match="cannot make ML-DSA-65 keys") as refused:
        keys.generate("ml-dsa-65")
    assert refused.value.hint == "ML-DSA-65 needs cryptography 48 or later: pip install --upgrade cryptography"


def test_the_stand_ins(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.mldsa", None)
    old = runpy.run_path(mldsa.__file__)
    with pytest.raises(UsageError, match="cannot make ML-DSA-65 keys"):
        old["generate"]()
    assert not isinstance(KEY.key, (old["MLDSA65PrivateKey"], old["MLDSA65PublicKey"]))


OLD = """
import sys
sys.modules["cryptography.hazmat.primitives.asymmetric.mldsa"] = None
from sbom.cyclonedx import schema
from sbom.errors import UsageError
from sbom.signing import algorithms, forms, keys, trust
own = keys.generate()
assert not algorithms.fits(own.public.key, "urn:data-sbom:algorithm:ml-dsa-65")
assert algorithms.ALGORITHMS["urn:data-sbom:algorithm:ml-dsa-65"]
try:
    keys.generate("ml-dsa-65")
except UsageError as error:
    print(error)
"""


def test_an_older_cryptography():
    """Everything else works there, and documents with such a second signature are read."""
    done = subprocess.run([sys.executable, "-c", OLD], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("this installation cannot make ML-DSA-65 keys; ML-DSA-65 needs cryptography 48")


def test_on_the_command_line(cli: Callable, release):
    """The whole job: a pair, a second signature beside that of Ed25519, and a verification that demands both."""
    ran = cli("keygen", "-o", release.home / "pq", "--algorithm", "ml-dsa-65")
    public = keys.load_public(release.home / "pq.pub")
    assert ran.code == 0
    assert public.spki_sha256 in ran.text
    assert isinstance(public, PublicKey)
    assert cli("sign", release.bom, "--key", release.home / "pq.key").code == 0
    both = release.verify_args("--public-key", release.home / "pq.pub", "--require-signatures", "2")
    assert cli(*both).code == 0
    alone = ["verify", release.bom, release.data, "--public-key", release.home / "pq.pub"]
    assert cli(*alone).code == 0
    assert cli("keygen", "-o", release.home / "other", "--algorithm", "ml-dsa-65").code == 0
    assert cli(*alone[:-1], release.home / "other.pub").code == 1
