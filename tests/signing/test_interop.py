"""Signatures exchanged with another implementation of JSF; see ``interop/README.md``."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from signing_maker import BOM, KIND_OF, bare, canonical, chain, entry, key, public, signers

from sbom.errors import SignatureError
from sbom.signing import forms, jsf, keys
from sbom.signing.trust import evaluate, valid_keys

HERE = Path(__file__).parent / "interop"
CACHE = Path(__file__).parents[2] / ".cache" / "interop"
PACKAGE = ("package.json", "package-lock.json")
SCRIPTS = ("sign.mjs", "verify.mjs")
OLDEST_NODE = (20, 19)
HOW = "install Node.js 20.19 or newer with npm to run the tests of interoperability"

DOCUMENTS = {
    "bom": BOM,
    "numbers": {"n": [0, -0.0, 0.1, 1e21, 1e-7, 123456789012345.6, 5e-324, 2**53 - 1, -1, 1.0]},
    "names": {"\N{GRINNING FACE}": 1, "\ufb33": 2, "\r": 3, "1": 4, "ö": 5, "": 6, "\x7f": '\\"\x08\x1f/\u2028'},
    "empty": {},
}


class Other(NamedTuple):
    """The other implementation."""

    node: str

    def sign(self, document: dict[str, Any], *tasks: dict[str, Any]) -> list[dict[str, Any]]:
        signed: list[dict[str, Any]] = self._run("sign.mjs", {"document": document, "tasks": tasks})
        return signed

    def verify(self, *documents: dict[str, Any]) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self._run("verify.mjs", documents)
        return results

    def _run(self, script: str, request: object) -> Any:
        done = subprocess.run(
            [self.node, CACHE / script],
            input=json.dumps(request).encode(),
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def other() -> Other:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip(f"there is no node or no npm: {HOW}")
    printed = subprocess.run([node, "--version"], capture_output=True, check=True, text=True, timeout=60).stdout
    version = tuple(int(number) for number in re.findall(r"\d+", printed)[:2])
    if version < OLDEST_NODE:
        pytest.skip(f"node {printed.strip()} is too old: {HOW}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE.parent / "interop.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(npm)
    return Other(node)


def install(npm: str) -> None:
    """Install what the lock file pins, unless that has been done."""
    for name in SCRIPTS:
        shutil.copyfile(HERE / name, CACHE / name)
    wanted = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in PACKAGE)).hexdigest()
    stamp = CACHE / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    for name in PACKAGE:
        shutil.copyfile(HERE / name, CACHE / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=CACHE, capture_output=True, check=False, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not finish installing @cyclonedx/sign: run the tests again with a network")
    if done.returncode != 0:
        pytest.skip(f"npm cannot install @cyclonedx/sign: {done.stderr.strip()[-400:]}")
    stamp.write_text(wanted)


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
