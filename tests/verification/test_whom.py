"""Whom a caller trusts, from what they give."""

from __future__ import annotations

import pytest

from sbom.attestation.interface import SigstoreIdentity
from sbom.errors import KeyFileError, UsageError
from sbom.signing import keys
from sbom.verification import whom
from sbom.verification.interface import Trust


def test_keys_are_loaded_or_taken_as_they_are(key_pair):
    public = keys.load_public(key_pair[1])
    found = whom.load(Trust([key_pair[1], str(key_pair[1]), public]))
    assert found.anchors.keys == (public, public, public)
    assert (found.required, found.attestations) == (1, None)


@pytest.mark.parametrize("required", [-1, 0, 2])
def test_thresholds_that_cannot_be_met(key_pair, required):
    with pytest.raises(UsageError, match="of 1 distinct signers"):
        whom.load(Trust([key_pair[1], key_pair[1]], required))


def test_nobody():
    with pytest.raises(UsageError, match="nobody was named who may sign"):
        whom.load(Trust([]))


def test_keys_given_as_one_text_are_not_taken_letter_by_letter(key_pair):
    with pytest.raises(KeyFileError):
        whom.load(Trust(str(key_pair[1])))


def test_identities():
    trust = Trust(identities=(("jane@example.org", "https://issuer.example"),), trusted_root="r", attestations="a")
    found = whom.load(trust, offline=True)
    assert found.anchors.sigstore == (SigstoreIdentity("jane@example.org", "https://issuer.example"),)
    assert (found.anchors.offline, found.anchors.trusted_root, found.attestations) == (True, "r", "a")
    for half in (("", "https://issuer.example"), ("jane@example.org", "")):
        with pytest.raises(UsageError, match="an identity needs its issuer"):
            whom.load(Trust(identities=(half,)))


@pytest.mark.parametrize("half", [{"certificate_identities": ("jane@example.org",)}])
def test_a_name_without_a_root(half, key_pair):
    with pytest.raises(UsageError, match="a root of certificates needs the name"):
        whom.load(Trust([key_pair[1]], **half))


def test_files(key_pair):
    trust = Trust([key_pair[1]], trusted_root="r", trust_config="c", timestamp_roots=("t",), policy="p", state="s")
    assert list(whom.key_files(trust)) == [str(key_pair[1])]
    assert set(whom.files(trust, None)) == {"r", "c", "t", "p", "s"}
