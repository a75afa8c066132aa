"""Rekor, version 1 and 2: entries in a Merkle tree (RFC 6962), with inclusion proofs and signed checkpoints."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import rfc8785
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

if TYPE_CHECKING:
    from datetime import datetime

ORIGIN = "rekor.stack.example"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash (RFC 6962 section 2.1)."""
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root_of(leaves[:half]) + root_of(leaves[half:]))


def path_of(index: int, leaves: list[bytes]) -> list[bytes]:
    """Return the audit path (RFC 6962 section 2.1.1)."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return [*path_of(index, leaves[:half]), root_of(leaves[half:])]
    return [*path_of(index - half, leaves[half:]), root_of(leaves[:half])]


class Rekor:
    """What both versions have in common: a tree, and checkpoints as signed notes."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = [os.urandom(64) for _ in range(5)]

    def append(self, body: bytes) -> dict[str, Any]:
        """Add an entry; return its inclusion proof."""
        self.leaves += [body, os.urandom(64)]
        index = len(self.leaves) - 2
        root = root_of(self.leaves)
        return {
            "index": index,
            "size": len(self.leaves),
            "root": root,
            "hashes": path_of(index, self.leaves),
            "checkpoint": self.checkpoint(len(self.leaves), root),
        }

    def checkpoint(self, size: int, root: bytes, origin: str = ORIGIN) -> str:
        note = f"{self.origin(origin)}\n{size}\n{b64(root)}\n"
        signature = b64(self.log_id[:4] + self.sign(note.encode()))
        return f"{note}\n\u2014 {origin} {signature}\n"

    def origin(self, name: str) -> str:
        return name

    def sign(self, data: bytes) -> bytes:
        raise NotImplementedError

    @property
    def log_id(self) -> bytes:
        raise NotImplementedError


class RekorV1(Rekor):
    """Version 1: promises with a time, entries of the kinds dsse and hashedrekord 0.0.1."""

    details = "PKIX_ECDSA_P256_SHA_256"

    def __init__(self) -> None:
        super().__init__()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.signing_key = self.key

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def log_id(self) -> bytes:
        return sha256(self.public)

    def origin(self, name: str) -> str:
        return f"{name} - 1193050959916656506"

    def sign(self, data: bytes) -> bytes:
        return self.signing_key.sign(data, ec.ECDSA(hashes.SHA256()))

    def submit(self, request: dict[str, Any], time: datetime) -> dict[str, Any]:
        body = b64(rfc8785.dumps(self.canonical(request)))
        proof = self.append(base64.b64decode(body))
        signed = {
            "body": body,
            "integratedTime": int(time.timestamp()),
            "logID": self.log_id.hex(),
            "logIndex": proof["index"] + 1000,
        }
        inclusion = {
            "checkpoint": proof["checkpoint"],
            "hashes": [one.hex() for one in proof["hashes"]],
            "logIndex": proof["index"],
            "rootHash": proof["root"].hex(),
            "treeSize": proof["size"],
        }
        promise = b64(self.sign(rfc8785.dumps(signed)))
        entry = {**signed, "verification": {"inclusionProof": inclusion, "signedEntryTimestamp": promise}}
        return {"24296fb24b8ad77a" + sha256(body.encode()).hex(): entry}

    def canonical(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["kind"] == "hashedrekord":
            return {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": request["spec"]}
        content = request["spec"]["proposedContent"]
        envelope = json.loads(content["envelope"])
        digest = {"algorithm": "sha256", "value": sha256(content["envelope"].encode()).hex()}
        payload = {"algorithm": "sha256", "value": sha256(base64.b64decode(envelope["payload"])).hex()}
        signatures = [
            {"signature": one["sig"], "verifier": verifier}
            for one, verifier in zip(envelope["signatures"], content["verifiers"], strict=True)
        ]
        spec = {"envelopeHash": digest, "payloadHash": payload, "signatures": signatures}
        return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}


class RekorV2(Rekor):
    """Version 2: no times, entries of the kind hashedrekord 0.0.2, an Ed25519 key with a note's key id."""

    details = "PKIX_ED25519"

    def __init__(self) -> None:
        super().__init__()
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.signing_key = self.key

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def log_id(self) -> bytes:
        raw = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return sha256(ORIGIN.encode() + b"\n\x01" + raw)

    def sign(self, data: bytes) -> bytes:
        return self.signing_key.sign(data)

    def submit(self, request: dict[str, Any]) -> dict[str, Any]:
        asked = request["hashedRekordRequestV002"]
        entry = {"data": {"algorithm": "SHA2_256", "digest": asked["digest"]}, "signature": asked["signature"]}
        body = rfc8785.dumps({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": entry}})
        proof = self.append(body)
        return {
            "logIndex": str(proof["index"]),
            "logId": {"keyId": b64(self.log_id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": str(proof["index"]),
                "rootHash": b64(proof["root"]),
                "treeSize": str(proof["size"]),
                "hashes": [b64(one) for one in proof["hashes"]],
                "checkpoint": {"envelope": proof["checkpoint"]},
            },
            "canonicalizedBody": b64(body),
        }
