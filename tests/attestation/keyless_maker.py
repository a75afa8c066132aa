"""Sigstore bundles for tests to break, and what is thought of them."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from sigstore.dsse import Statement
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

from sbom.attestation import bundle as bundles
from sbom.attestation import keyless
from sbom.attestation.interface import Anchors, Signed, SigstoreIdentity

if TYPE_CHECKING:
    import pytest
    from stack.server import Stack

WHO = "release@example.com"
ISSUER = "https://issuer.example"
ME = SigstoreIdentity(WHO, ISSUER)


def statement(digest: str = "0" * 64) -> bytes:
    subject = [{"name": "a", "digest": {"sha256": digest}}]
    tree = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": "urn:x",
        "predicate": {"a": 1},
    }
    return json.dumps(tree).encode()


def anchors(stack: Stack, *who: SigstoreIdentity) -> Anchors:
    return Anchors(sigstore=who or (ME,), trusted_root=stack.trusted_root_path, offline=True)


def signed(stack: Stack, identity: str = WHO, digest: str = "0" * 64) -> dict[str, Any]:
    """Sign as the client does, without looking at what comes out: it may be bad on purpose."""
    with open(stack.trust_config_path, encoding="utf-8") as file:
        config = ClientTrustConfig.from_json(file.read())
    with SigningContext.from_trust_config(config).signer(IdentityToken(stack.token(identity, ISSUER))) as signer:
        tree: dict[str, Any] = json.loads(signer.sign_dsse(Statement(statement(digest))).to_json())
        return tree


def judge(tree: dict[str, Any], trusted: Anchors) -> Signed:
    return keyless.evaluate(bundles.read(json.dumps(tree).encode(), "x.sigstore.json"), trusted, "x.sigstore.json")


def forbid_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
