"""Bundles beside a document, through the command line: swapped, faked, broken, of others, and in the data."""

from __future__ import annotations

import json
import shutil

import pytest

from sbom import api


@pytest.fixture
def beside(release, cli, other_keys):
    """A release that is signed in a bundle beside it only, and what an attacker may want."""
    tree = json.loads(release.bom.read_text())
    del tree["signature"]
    release.bom.write_text(json.dumps(tree))
    assert cli("sign", release.bom, "--key", release.key, "--signature-format", "dsse").code == 0
    return release


def bundle(release, name=""):
    return release.bom.with_name(f"{release.bom.name}{name}.sigstore.json")


def change(path, **changes):
    tree = json.loads(path.read_text())
    for where, value in changes.items():
        *parents, last = where.split("__")
        at = tree
        for parent in parents:
            at = at[int(parent) if parent.isdigit() else parent]
        at[last] = value
    path.write_text(json.dumps(tree))


def test_good(beside, cli):
    ran = cli(*beside.verify_args("-f", "json"))
    report = json.loads(ran.out)
    assert ran.code == 0
    assert [(one["status"], one["bundle"]) for one in report["signers"]] == [("valid", str(bundle(beside)))]


def test_the_document_stays_as_it_is(beside, cli, other_keys):
    before = beside.bom.read_bytes()
    key, pub = other_keys("second")
    assert cli("sign", beside.bom, "--key", key, "--signature-format", "dsse").code == 0
    assert beside.bom.read_bytes() == before
    assert bundle(beside, ".2").is_file()
    assert cli(*beside.verify_args("--public-key", pub, "--require-signatures", "2")).code == 0


def test_the_bundle_is_gone(beside, cli):
    bundle(beside).unlink()
    ran = cli(*beside.verify_args())
    assert ran.code == 1
    assert "not signed" in ran.text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dsseEnvelope__payloadType": "text/plain"}, "holds text/plain"),
        ({"dsseEnvelope__payload": "e30="}, "other members"),
        ({"dsseEnvelope__signatures__0__sig": "AAAA"}, "is not signed by it"),
        ({"mediaType": "application/json"}, "is not known"),
        ({"messageSignature": {}}, "bare digest"),
    ],
)
def test_a_changed_bundle(beside, cli, changes, says):
    if "dsseEnvelope__signatures__0__sig" in changes:
        tree = json.loads(bundle(beside).read_text())
        tree["dsseEnvelope"]["signatures"][0]["sig"] = "AAAA"
        bundle(beside).write_text(json.dumps(tree))
    else:
        change(bundle(beside), **changes)
    ran = cli(*beside.verify_args())
    assert ran.code == 1
    assert says in ran.text


def test_the_bundle_of_another_release(beside, cli, tmp_path):
    other = tmp_path / "other.cdx.json"
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a").write_text("a")
    api.generate(tmp_path / "new", name="penguins", version="1.0.0", cache=False).write(other)
    assert cli("sign", other, "--key", beside.key, "--signature-format", "dsse").code == 0
    shutil.copy(tmp_path / "other.cdx.json.sigstore.json", bundle(beside))
    ran = cli(*beside.verify_args())
    assert ran.code == 1
    assert "speaks of another document" in ran.text
    # In a directory of attestations it is just somebody else's.
    bundle(beside).unlink()
    ran = cli(*beside.verify_args("--attestations", tmp_path))
    assert ran.code == 1
    assert "not signed" in ran.text


@pytest.mark.parametrize("purpose", ["approve", "revoke"])
def test_what_is_said_for_another_purpose_signs_nothing(release, cli, purpose):
    tree = json.loads(release.bom.read_text())
    del tree["signature"]
    release.bom.write_text(json.dumps(tree))
    more = ["--role", "security"] if purpose == "approve" else []
    assert cli(purpose, release.bom, "--reason", "x", "--key", release.key, *more).code == 0
    ran = cli(*release.verify_args())
    assert ran.code == 1
    assert "not signed" in ran.text


def test_a_stranger_and_a_claim(beside, cli, other_keys):
    key, _ = other_keys("mallory")
    bundle(beside).unlink()
    assert cli("sign", beside.bom, "--key", key, "--signature-format", "dsse").code == 0
    assert cli(*beside.verify_args()).code == 1
    trusted = api.load_public_key(beside.pub).spki_sha256
    change(bundle(beside), verificationMaterial__publicKey={"hint": trusted})
    ran = cli(*beside.verify_args())
    assert ran.code == 1
    assert "claims the key" in ran.text


def test_one_key_in_the_document_and_beside_it_is_one(release, cli, other_keys):
    _, pub = other_keys("second")
    assert cli("sign", release.bom, "--key", release.key, "--signature-format", "dsse").code == 0
    assert cli(*release.verify_args("--public-key", pub, "--require-signatures", "2")).code == 1


def test_broken_files_beside_fail(release, cli):
    bundle(release).write_text("{}")
    ran = cli(*release.verify_args())
    assert ran.code == 1
    assert "is not known" in ran.text
    bundle(release).write_text("not json")
    assert cli(*release.verify_args()).code == 3


def test_verified_bundles_inside_the_data_are_no_extras(release, cli):
    inside = release.data / "penguins.cdx.json"
    shutil.copy(release.bom, inside)
    assert cli("sign", inside, "--key", release.key, "--signature-format", "dsse").code == 0
    assert cli("verify", inside, release.data, "--public-key", release.pub).code == 0
    # One that was not verified is a file that nobody listed.
    (release.data / "x.sigstore.json").write_bytes((release.data / "penguins.cdx.json.sigstore.json").read_bytes())
    ran = cli("verify", inside, release.data, "--public-key", release.pub)
    assert ran.code == 1
    assert "EXTRA" in ran.text


def test_strangers_bundles_inside_the_data_are_extras(release, cli, other_keys):
    key, _ = other_keys("mallory")
    inside = release.data / "penguins.cdx.json"
    shutil.copy(release.bom, inside)
    assert cli("sign", inside, "--key", key, "--signature-format", "dsse").code == 0
    ran = cli("verify", inside, release.data, "--public-key", release.pub)
    assert ran.code == 1
    assert "EXTRA" in ran.text


@pytest.mark.parametrize(
    "flag", ["--trusted-root", "--trust-config", "--certificate-root", "--timestamp-root", "--policy"]
)
def test_what_is_trusted_may_not_lie_in_the_data(release, cli, flag):
    shutil.copy(release.pub, release.data / "trusted")
    more = ("--certificate-identity", "x") if flag == "--certificate-root" else ()
    ran = cli(*release.verify_args(flag, release.data / "trusted", *more))
    assert ran.code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--identity", "a@b"),
        ("--issuer", "https://x"),
        ("--certificate-identity", "a@b"),
        ("--state", "s"),
        ("--policy-key", "k"),
        ("--attestations", "nowhere"),
    ],
)
def test_halves(release, cli, words):
    assert cli(*release.verify_args(*words)).code == 2


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--key", "K", "--sigstore"),
        ("--key", "K", "--identity-token", "t"),
        ("--key", "K", "--timestamp-url", "http://x", "--signature-format", "jsf"),
        ("--key", "K", "--timestamp-url", "http://x"),
        ("--sigstore", "--signature-format", "jsf"),
    ],
)
def test_signing_with_what_does_not_fit(release, cli, words):
    words = [str(release.key) if word == "K" else word for word in words]
    before = release.bom.read_bytes()
    assert cli("sign", release.bom, *words).code == 2
    assert release.bom.read_bytes() == before
    assert list(release.home.glob("*.sigstore.json")) == []


def test_nothing_is_overwritten(beside, cli):
    before = bundle(beside).read_bytes()
    words = ("sign", beside.bom, "--key", beside.key, "--signature-format", "dsse")
    assert cli(*words, "-o", bundle(beside)).code == 2
    assert cli(*words, "-o", beside.home / "elsewhere.json").code == 2
    assert cli(*words, "-o", beside.bom).code == 2
    assert bundle(beside).read_bytes() == before
    assert cli("sign", "-", "--key", beside.key, "--signature-format", "dsse").code == 2


def test_nobody_vouches_for_a_broken_document(release, cli):
    tree = json.loads(release.bom.read_text())
    for one in tree["metadata"]["component"]["properties"]:
        if one["name"] == "data-sbom:merkle-root":
            one["value"] = "0" * 64
    release.bom.write_text(json.dumps(tree))
    for words in (("sign", "--signature-format", "dsse"), ("approve", "--role", "x", "--reason", "x")):
        ran = cli(words[0], release.bom, "--key", release.key, *words[1:])
        assert ran.code == 1, ran.text
    assert list(release.home.glob("*.sigstore.json")) == []
