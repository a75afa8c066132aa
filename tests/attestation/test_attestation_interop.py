"""Bundles of ours, shown to another implementation of Sigstore's verifier; see ``interop/README.md``."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from nodeproject import NodeProject, install

pytest.importorskip("sigstore", reason="the sigstore extra is not installed")

from keyless_maker import ISSUER, ME, WHO, anchors, judge, statement

from sbom.attestation import bundle as bundles
from sbom.attestation import keyed, keyless
from sbom.attestation.interface import Anchors
from sbom.signing import keys
from sbom.signing.interface import Outcome

HERE = Path(__file__).parent / "interop"
GENUINE = Path(__file__).parent / "conformance" / "public-good" / "pypi_attestation_models-0.0.4a2.tar.gz.sigstore"
OLDEST_NODE = (20, 17)


class Other(NamedTuple):
    """The other implementation."""

    project: NodeProject

    def verify(self, root: dict[str, Any], *items: dict[str, Any]) -> list[str | None]:
        """Return ``None`` for each item that verifies, else why it does not."""
        results: list[str | None] = self.project.run("verify.mjs", {"root": root, "items": items})
        return results


@pytest.fixture(scope="module")
def other() -> Other:
    return Other(install(HERE, "attestation-interop", "@sigstore/verify", OLDEST_NODE))


def item(tree: dict[str, Any], identity: str = WHO, issuer: str = ISSUER) -> dict[str, Any]:
    return {"bundle": tree, "identity": identity, "issuer": issuer}


@pytest.mark.parametrize(("version", "timestamps"), [(1, True), (1, False), (2, True)])
def test_keyless_bundles(other, sigstore_stack, version, timestamps):
    sigstore_stack.knobs.rekor, sigstore_stack.knobs.timestamps = version, timestamps
    token = sigstore_stack.token(WHO, ISSUER)
    good = json.loads(keyless.sign(statement(), token=token, trust_config=sigstore_stack.trust_config_path))
    forged = copy.deepcopy(good)
    forged["dsseEnvelope"]["payload"] = bundles.encode(statement("1" * 64))
    results = other.verify(
        sigstore_stack.trusted_root(),
        item(good),
        item(forged),
        item(good, identity="other@example.com"),
        item(good, issuer="https://other.example"),
    )
    assert results[0] is None
    assert None not in results[1:]
    assert judge(good, anchors(sigstore_stack, ME)).outcome is Outcome.VALID
    assert judge(forged, anchors(sigstore_stack, ME)).outcome is Outcome.INVALID


# Not ecdsa-p384: for a key that is given by hand it takes SHA-256 for every curve.
@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256", "rsa-3072"])
def test_bundles_with_the_name_of_a_key(other, sigstore_stack, algorithm):
    key, stranger = keys.generate(algorithm), keys.generate(algorithm)
    raw = keyed.sign(statement(), key)
    tree = json.loads(raw)
    forged = copy.deepcopy(tree)
    forged["dsseEnvelope"]["payload"] = bundles.encode(statement("1" * 64))
    pem, wrong = (keys.public_pem(one.public).decode() for one in (key, stranger))
    results = other.verify(
        sigstore_stack.trusted_root(),
        {"bundle": tree, "key": pem},
        {"bundle": forged, "key": pem},
        {"bundle": tree, "key": wrong},
    )
    assert results[0] is None
    assert None not in results[1:]
    assert keyed.evaluate(bundles.read(raw, "x"), Anchors(keys=(key.public,)), "x").outcome is Outcome.VALID


def test_the_embedded_root_means_the_same_to_both(other):
    from sbom.attestation import trustedroot  # noqa: PLC0415  # needs the extra

    tree = json.loads(GENUINE.read_bytes())
    identity = "https://github.com/trailofbits/pypi-attestation-models/.github/workflows/release.yml@refs/tags/v0.0.4a2"
    github = "https://token.actions.githubusercontent.com"
    root = json.loads(trustedroot.embedded())
    right, wrong = other.verify(root, item(tree, identity, github), item(tree, identity.replace("4a2", "4a3"), github))
    assert right is None
    assert wrong is not None
