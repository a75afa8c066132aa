"""Keyless signing and verification on the command line, with the real client and a Sigstore on the loopback interface."""

from __future__ import annotations

import copy
import json
import shutil
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sigstore", reason="the sigstore extra is not installed")

WHO = "https://ci.example/release@refs/heads/main"
ISSUER = "https://issuer.example"
HOUR = timedelta(hours=1)


def forbid_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.fixture
def sign(cli, sigstore_stack):
    """Sign a document; return the bundle's path."""

    def signed(bom: Path, identity: str = WHO, *more: str) -> Path:
        token = sigstore_stack.token(identity, ISSUER)
        config = sigstore_stack.trust_config_path
        ran = cli("sign", bom, "--sigstore", "--identity-token", token, "--trust-config", config, *more)
        assert ran.code == 0, ran.text
        assert token not in ran.text
        return Path(f"{bom}.sigstore.json")

    return signed


@pytest.fixture
def verify(cli, sigstore_stack, monkeypatch):
    """Verify without a socket."""

    def verified(bom: Path, data: Path, *more: str, identity: str = WHO, issuer: str = ISSUER, root: str | None = None):
        root = root or sigstore_stack.trusted_root_path
        with monkeypatch.context() as patch:
            forbid_sockets(patch)
            command = ["verify", str(bom), str(data), "--identity", identity, "--issuer", issuer, "--offline"]
            return cli(*command, "--trusted-root", root, *more)

    return verified


@pytest.mark.parametrize("services", [(1, True), (1, False), (2, True)])
def test_sign_and_verify(release, sigstore_stack, sign, verify, services):
    sigstore_stack.knobs.rekor, sigstore_stack.knobs.timestamps = services
    before = release.bom.read_bytes()
    bundle = json.loads(sign(release.bom).read_bytes())
    assert release.bom.read_bytes() == before
    assert bundle["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    ran = verify(release.bom, release.data)
    assert ran.code == 0, ran.text
    assert WHO in verify(release.bom, release.data, "-f", "json").out


def test_a_trust_configuration_will_do_for_verification(release, sigstore_stack, sign, cli, monkeypatch):
    sign(release.bom)
    config = sigstore_stack.trust_config_path
    forbid_sockets(monkeypatch)
    ran = cli(
        "verify",
        release.bom,
        release.data,
        "--identity",
        WHO,
        "--issuer",
        ISSUER,
        "--trust-config",
        config,
        "--offline",
    )
    assert ran.code == 0, ran.text


@pytest.mark.parametrize(
    ("identity", "issuer"),
    [
        (f"{WHO}2", ISSUER),
        (WHO[:-1], ISSUER),
        (WHO.upper(), ISSUER),
        ("https://ci.example/*", ISSUER),
        (".*", ISSUER),
        (WHO, "https://issuer.example.evil"),
        (WHO, f"{ISSUER}/"),
        (WHO, "*"),
    ],
)
def test_another_identity_or_issuer(release, sign, verify, identity, issuer):
    sign(release.bom)
    assert verify(release.bom, release.data, identity=identity, issuer=issuer).code == 1


def test_another_root(release, sign, verify, cli, tmp_path):
    from stack.server import Stack  # noqa: PLC0415  # importable by the fixture

    sign(release.bom)
    other = Stack(tmp_path)
    other.close()
    assert verify(release.bom, release.data, root=other.trusted_root_path).code == 1
    ran = cli("verify", release.bom, release.data, "--identity", WHO, "--issuer", ISSUER, "--offline")
    assert ran.code == 1, ran.text  # the embedded root of the public good instance


def test_no_root_inside_the_data_is_trusted(release, sign, verify, sigstore_stack):
    sign(release.bom)
    inside = release.data / "trusted_root.json"
    shutil.copyfile(sigstore_stack.trusted_root_path, inside)
    ran = verify(release.bom, release.data, "--allow-extra", root=str(inside))
    assert ran.code == 2, ran.text


def aged(sigstore_stack, **period: str) -> str:
    root = sigstore_stack.trusted_root()
    for one in root["certificateAuthorities"]:
        one["validFor"] = period
    return sigstore_stack.write("aged.json", root)


def test_another_time(release, sigstore_stack, sign, verify):
    sign(release.bom)
    past, future = ((sigstore_stack.now + delta).strftime("%Y-%m-%dT%H:%M:%SZ") for delta in (-HOUR, HOUR))
    assert verify(release.bom, release.data, root=aged(sigstore_stack, start=past, end=future)).code == 0
    assert verify(release.bom, release.data, root=aged(sigstore_stack, start=future)).code == 1
    assert (
        verify(release.bom, release.data, root=aged(sigstore_stack, start="2020-01-01T00:00:00Z", end=past)).code == 1
    )


@pytest.mark.parametrize("knobs", [{"timestamp_offset": HOUR}, {"log_offset": -HOUR}, {"certificate_offset": HOUR}])
def test_a_signature_outside_the_certificates_time(release, sigstore_stack, cli, knobs):
    for name, value in knobs.items():
        setattr(sigstore_stack.knobs, name, value)
    token, config = sigstore_stack.token(WHO, ISSUER), sigstore_stack.trust_config_path
    ran = cli("sign", release.bom, "--sigstore", "--identity-token", token, "--trust-config", config)
    assert ran.code == 1, ran.text
    assert not Path(f"{release.bom}.sigstore.json").exists()


PARTS: dict[str, tuple[str | int, ...]] = {
    "certificate": ("verificationMaterial", "certificate"),
    "signature": ("dsseEnvelope", "signatures"),
    "payload": ("dsseEnvelope", "payload"),
    "envelope": ("dsseEnvelope",),
    "material": ("verificationMaterial",),
    "entry": ("verificationMaterial", "tlogEntries"),
    "body": ("verificationMaterial", "tlogEntries", 0, "canonicalizedBody"),
    "proof": ("verificationMaterial", "tlogEntries", 0, "inclusionProof"),
    "checkpoint": ("verificationMaterial", "tlogEntries", 0, "inclusionProof", "checkpoint"),
    "promise": ("verificationMaterial", "tlogEntries", 0, "inclusionPromise"),
    "timestamps": ("verificationMaterial", "timestampVerificationData"),
}


def put(tree: dict[str, Any], path: tuple[str | int, ...], source: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = copy.deepcopy(tree)
    there: Any = result
    here: Any = source
    for step in path[:-1]:
        there, here = there[step], here[step]
    assert there[path[-1]] != here[path[-1]]
    there[path[-1]] = here[path[-1]]
    return result


def test_parts_swapped_between_two_good_bundles(release, sign, verify, tmp_path):
    """The other release has other data, and the same signer."""
    other = tmp_path / "other.cdx.json"
    tree = json.loads(release.bom.read_bytes())
    tree["metadata"]["component"]["version"] = "2.0.0"
    tree.pop("signature")
    other.write_text(json.dumps(tree), encoding="utf-8")
    path = sign(release.bom)
    one, two = json.loads(path.read_bytes()), json.loads(sign(other).read_bytes())
    for name, part in PARTS.items():
        path.write_text(json.dumps(put(one, part, two)), encoding="utf-8")
        ran = verify(release.bom, release.data)
        assert ran.code == 1, (name, ran.text)
    path.write_text(json.dumps(two), encoding="utf-8")  # a good bundle, about another document
    assert verify(release.bom, release.data).code == 1
    path.write_text(json.dumps(one), encoding="utf-8")
    assert verify(release.bom, release.data).code == 0


def test_a_document_that_changed_after_it_was_signed(release, sign, verify):
    sign(release.bom)
    release.bom.write_bytes(release.bom.read_bytes() + b"\n")
    assert verify(release.bom, release.data).code == 1


def test_data_that_changed(release, sign, verify):
    sign(release.bom)
    (release.data / "README.md").write_bytes(b"# Penguins\n")
    ran = verify(release.bom, release.data)
    assert (ran.code, "MODIFIED" in ran.text) == (1, True)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 50_000, b'{"a": 1, "a": 2}', b"{}"])
def test_a_bundle_that_is_none(release, sign, verify, content):
    sign(release.bom).write_bytes(content)
    assert verify(release.bom, release.data).code in {1, 3}


def test_wrong_usage(release, sign, cli, sigstore_stack, tmp_path):
    sign(release.bom)
    start = ("verify", release.bom, release.data)
    root = ("--trusted-root", sigstore_stack.trusted_root_path)
    broken = tmp_path / "root.json"
    broken.write_text('{"mediaType": "x"}', encoding="utf-8")
    for more in (
        ("--identity", WHO, *root),
        ("--issuer", ISSUER, *root),
        ("--identity", "", "--issuer", ISSUER, *root),
        ("--identity", WHO, "--issuer", "", *root),
        ("--identity", WHO, "--identity", "b", "--issuer", ISSUER, *root),
        ("--identity", WHO, "--issuer", ISSUER, "--trusted-root", broken),
        ("--identity", WHO, "--issuer", ISSUER, "--trusted-root", tmp_path / "absent"),
        ("--identity", WHO, "--issuer", ISSUER, "--trust-config", broken),
        ("--identity", WHO, "--issuer", ISSUER, *root, "--trust-config", sigstore_stack.trust_config_path),
    ):
        ran = cli(*start, *more)
        assert ran.code == 2, (more, ran.text)


def test_signing_that_does_not_work_leaves_no_bundle(release, cli, sigstore_stack):
    config = ("--trust-config", sigstore_stack.trust_config_path)
    assert cli("sign", release.bom, "--sigstore", "--identity-token", "nonsense", *config).code == 2
    sigstore_stack.knobs.broken["/api/v2/signingCert"] = (500, b"")
    token = sigstore_stack.token(WHO, ISSUER)
    assert cli("sign", release.bom, "--sigstore", "--identity-token", token, *config).code == 3
    assert not Path(f"{release.bom}.sigstore.json").exists()


def test_a_list_is_renewed_by_whoever_signed_it(release, cli, sigstore_stack):
    config = sigstore_stack.trust_config_path
    listed = release.home / "lists.sigstore.json"

    def revoke(*more, identity: str = WHO):
        token = sigstore_stack.token(identity, ISSUER)
        identified = ["--sigstore", "--identity-token", token, "--trust-config", config]
        return cli("revoke", *more, "--list", listed, *identified)

    ran = revoke(release.bom, "--reason", "poisoned")
    assert ran.code == 0, ran.text
    before = listed.read_bytes()
    ran = revoke(identity="eve@example.org")
    assert ran.code == 1, ran.text
    assert "is not signed by whoever is to sign it now" in ran.text
    assert listed.read_bytes() == before
    ran = revoke()
    assert ran.code == 0, ran.text
    assert listed.read_bytes() != before
