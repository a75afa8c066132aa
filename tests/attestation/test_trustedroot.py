"""Which trusted root counts: one that the caller named, or the embedded one, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

pytest.importorskip("sigstore", reason="the sigstore extra is not installed")

from keyless_maker import ISSUER, ME, WHO, forbid_sockets, judge, signed

from sbom.attestation import trustedroot
from sbom.attestation.interface import Anchors
from sbom.errors import RefusedError, UsageError
from sbom.signing.interface import Outcome


def test_the_embedded_root_is_the_pinned_one(monkeypatch):
    forbid_sockets(monkeypatch)
    assert len(trustedroot.load(None, None).tlogs) >= 2
    monkeypatch.setattr(trustedroot, "PINNED", "0" * 64)
    with pytest.raises(RefusedError, match="was changed"):
        trustedroot.load(None, None)


def test_nobody_reads_the_cache_of_the_client(sigstore_stack, monkeypatch, tmp_path):
    """There the client's offline mode trusts whatever file it finds."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    content = Path(sigstore_stack.trusted_root_path).read_bytes()
    for base in (
        "sigstore-python/tuf",
        "sigstore/tuf",
        ".cache/sigstore-python/tuf",
        ".local/share/sigstore-python/tuf",
    ):
        for folder in ("", "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"):
            place = tmp_path / base / folder
            place.mkdir(parents=True, exist_ok=True)
            (place / "trusted_root.json").write_bytes(content)
            (place / "targets").mkdir(exist_ok=True)
            (place / "targets" / "trusted_root.json").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trusted_root.json").write_bytes(content)
    before = {path: path.stat().st_atime_ns for path in tmp_path.rglob("*.json")}
    found = judge(signed(sigstore_stack), Anchors(sigstore=(ME,)))
    assert (found.outcome, found.identity) == (Outcome.INVALID, ("sigstore", WHO, ISSUER))
    assert {path: path.stat().st_atime_ns for path in tmp_path.rglob("*.json")} == before


def test_a_root_and_a_configuration_cannot_both_be_trusted(sigstore_stack):
    with pytest.raises(UsageError, match="cannot both be trusted"):
        trustedroot.load(sigstore_stack.trusted_root_path, sigstore_stack.trust_config_path)


def broken(root):
    yield b""
    yield b"nonsense"
    yield b"[]"
    yield b"{}"
    yield b"\xff\xfe"
    yield b"[" * 100_000
    yield b'{"mediaType": "a", "mediaType": "b"}'
    yield json.dumps(root | {"mediaType": "application/vnd.dev.sigstore.trustedroot.v0.2+json"}).encode()
    yield json.dumps(root | {"mediaType": "x"}).encode()
    yield json.dumps(root | {"surprise": 1}).encode()
    for part in ("tlogs", "ctlogs", "certificateAuthorities"):
        yield json.dumps(root | {part: []}).encode()
        yield json.dumps(root | {part: None}).encode()
        yield json.dumps({name: value for name, value in root.items() if name != part}).encode()
    for part in ("tlogs", "ctlogs"):
        for change in (
            {"rawBytes": "AAAA"},
            {"rawBytes": None},
            {"keyDetails": "PKIX_ED25519_PH"},
            {"keyDetails": "x"},
        ):
            logs = [one | {"publicKey": one["publicKey"] | change} for one in root[part]]
            yield json.dumps(root | {part: logs}).encode()
        logs = [one | {"publicKey": one["publicKey"] | {"validFor": {}}} for one in root[part]]
        yield json.dumps(root | {part: logs}).encode()
    for part in ("certificateAuthorities", "timestampAuthorities"):
        for chain in ([], [{"rawBytes": "AAAA"}], [{"rawBytes": "="}], [{}]):
            authorities = [one | {"certChain": {"certificates": chain}} for one in root[part]]
            yield json.dumps(root | {part: authorities}).encode()
        yield json.dumps(root | {part: [one | {"validFor": {}} for one in root[part]]}).encode()


def test_roots_that_cannot_be_used_are_the_callers_mistake(sigstore_stack, tmp_path):
    path = tmp_path / "root.json"
    for content in broken(sigstore_stack.trusted_root()):
        path.write_bytes(content)
        with pytest.raises(UsageError) as caught:
            trustedroot.load(str(path), None)
        assert caught.value.path == str(path), content[:100]
        assert caught.value.message.isprintable()


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    big = tmp_path / "big"
    big.write_bytes(b" " * (trustedroot.MAX_SIZE + 1))
    for path in (tmp_path, tmp_path / "fifo", tmp_path / "absent", big):
        with pytest.raises(UsageError):
            trustedroot.load(str(path), None)
        with pytest.raises(UsageError):
            trustedroot.load(None, str(path))


def test_a_root_that_changed_after_the_policy_was_read(sigstore_stack):
    path = sigstore_stack.trusted_root_path
    good = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert trustedroot.load(path, None, good).tlogs
    with pytest.raises(UsageError, match="changed after the policy was read"):
        trustedroot.load(path, None, "00" * 32)


def test_no_root_is_read_from_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UsageError, match="no such file"):
        trustedroot.load("-", None)
