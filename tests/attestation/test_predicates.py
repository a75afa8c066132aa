"""What statements say, and about what: a statement about A never counts for B."""

from __future__ import annotations

import json

import pytest

from sbom.attestation import predicates, statement
from sbom.attestation.predicates import About, Revoked
from sbom.attestation.statement import PAYLOAD_TYPE
from sbom.errors import SignatureError, UsageError
from sbom.signing.dsse import Envelope, Signature

A = About("a.cdx.json", "aa" * 32, "bb" * 32, {"serialNumber": "urn:uuid:1", "version": 1, "x": 1}, 100)
LARGE = A._replace(size=20 << 20)


def load(payload):
    return statement.load(Envelope(PAYLOAD_TYPE, payload, (Signature("", b"x"),)), "x")


def changed(payload, **changes):
    return load(json.dumps({**json.loads(payload), **changes}).encode())


SAID = {
    "release": predicates.release(A),
    "large release": predicates.release(LARGE),
    "approval": predicates.approval(A, "legal", "fine"),
    "revocation": predicates.revocation(A, "poisoned"),
}


@pytest.mark.parametrize("name", SAID)
def test_it_is_about_what_it_is_about(name) -> None:
    about = LARGE if name == "large release" else A
    assert predicates.refusal(load(SAID[name]), about) is None
    assert predicates.refusal(load(SAID[name]), about._replace(name="renamed.json")) is None


@pytest.mark.parametrize("name", SAID)
def test_it_is_about_nothing_else(name) -> None:
    one = load(SAID[name])
    refusal = predicates.refusal(one, A._replace(sha256="cc" * 32, root="dd" * 32))
    assert refusal == "speaks of another document"
    root = predicates.refusal(one, A._replace(root="dd" * 32))
    document = predicates.refusal(one, A._replace(sha256="cc" * 32))
    if name == "revocation":  # either is enough to be revoked
        assert (root, document) == (None, None)
    else:
        assert (root, document) == ("speaks of another dataset", "speaks of another document")


@pytest.mark.parametrize(
    "subjects",
    [
        A.subjects[:1],
        A.subjects[1:],
        (*A.subjects, A.subjects[0]._replace(name="more")),
        (A.subjects[0], A.subjects[0]._replace(name="twice")),
    ],
)
@pytest.mark.parametrize("name", SAID)
def test_other_subjects(name, subjects) -> None:
    subject = [{"name": one.name, "digest": {"sha256": one.sha256}} for one in subjects]
    one = changed(SAID[name], subject=subject)
    assert "does not speak of exactly one document" in predicates.refusal(one, A)
    if name == "revocation":
        with pytest.raises(SignatureError, match="something else than one release"):
            predicates.read_revocation(one, "x")


def test_another_document_in_it() -> None:
    one = changed(SAID["release"], predicate={**A.tree, "x": True})
    assert "another document than the one that it names" in predicates.refusal(one, A)
    two = changed(SAID["large release"], predicate={"attester": {"id": "x"}, "references": []})
    assert "another document than the one that it names" in predicates.refusal(two, A)


@pytest.mark.parametrize("kind", ["https://slsa.dev/provenance/v1", predicates.POLICY, predicates.REVOCATION_LIST, "", "https://cyclonedx.org/bom/"])  # fmt: skip
def test_other_types(kind) -> None:
    one = changed(SAID["release"], predicateType=kind)
    assert "which is not about a release" in predicates.refusal(one, A)


def test_what_it_says() -> None:
    said = predicates.read_approval(load(SAID["approval"]), "x")
    assert (said.role, said.reason) == ("legal", "fine")
    assert predicates.moment(said.created).tzinfo is not None
    revoked = predicates.read_revocation(load(SAID["revocation"]), "x")
    assert (revoked.sha256, revoked.root, revoked.reason) == (A.sha256, A.root, "poisoned")


@pytest.mark.parametrize(
    "predicate",
    [
        {"role": "legal", "reason": "fine"},
        {"role": "legal", "reason": "fine", "created": "2026-01-01T00:00:00Z", "more": 1},
        {"role": "legal", "reason": 1, "created": "2026-01-01T00:00:00Z"},
        {"role": "legal", "reason": "fine", "created": "yesterday"},
        {"role": "legal", "reason": "fine", "created": "2026-02-30T00:00:00Z"},
        {"role": "legal", "reason": "x" * 2001, "created": "2026-01-01T00:00:00Z"},
        {"role": "Legal", "reason": "fine", "created": "2026-01-01T00:00:00Z"},
        {"role": "l" * 65, "reason": "fine", "created": "2026-01-01T00:00:00Z"},
    ],
)
def test_malformed_approvals(predicate) -> None:
    with pytest.raises(SignatureError):
        predicates.read_approval(changed(SAID["approval"], predicate=predicate), "x")


def test_one_kind_is_not_read_as_another() -> None:
    with pytest.raises(SignatureError, match="not urn:data-sbom:predicate:approval:1"):
        predicates.read_approval(load(SAID["revocation"]), "x")
    with pytest.raises(SignatureError, match="not urn:data-sbom:predicate:revocation:1"):
        predicates.read_revocation(load(SAID["approval"]), "x")
    with pytest.raises(SignatureError, match="not urn:data-sbom:predicate:revocation-list:1"):
        predicates.read_revocation_list(load(SAID["revocation"]), "x")


@pytest.mark.parametrize("call", [
    lambda: predicates.approval(A, "Legal", "x"),
    lambda: predicates.approval(A, "", "x"),
    lambda: predicates.approval(A, "legal", "  "),
    lambda: predicates.revocation(A, ""),
    lambda: predicates.revocation(A, "x" * 2001),
    lambda: predicates.revocation_list([Revoked(f"{n:064x}", "00" * 32, "x") for n in range(10_001)]),
])  # fmt: skip
def test_what_cannot_be_said(call) -> None:
    with pytest.raises(UsageError):
        call()


def test_lists() -> None:
    entries = [Revoked("cc" * 32, "dd" * 32, "bad"), Revoked("aa" * 32, "bb" * 32, "worse")]
    payload = predicates.revocation_list([*entries, entries[0]])
    found = predicates.read_revocation_list(load(payload), "x")
    assert found.revoked == (entries[1], entries[0])
    predicate = json.loads(payload)["predicate"]
    with pytest.raises(SignatureError, match="another revocation list"):
        predicates.read_revocation_list(changed(payload, predicate={**predicate, "revoked": []}), "x")
    with pytest.raises(SignatureError, match="no list"):
        predicates.read_revocation_list(changed(payload, predicate={**predicate, "revoked": {}}), "x")


@pytest.mark.parametrize("entry", [1, {}, {"sha256": "aa" * 32, "root": "bb" * 32, "reason": 1}, {"sha256": "AA" * 32, "root": "bb" * 32, "reason": "x"}, {"sha256": "aa" * 32, "root": "", "reason": "x"}])  # fmt: skip
def test_malformed_entries_of_a_list(entry) -> None:
    predicate = {"created": "2026-01-01T00:00:00Z", "revoked": [entry]}
    subject = [{"name": predicates.LIST, "digest": {"sha256": predicates._digest(predicate)}}]
    with pytest.raises(SignatureError, match="not two digests and a reason"):
        predicates.read_revocation_list(
            changed(predicates.revocation_list([]), predicate=predicate, subject=subject), "x"
        )


def test_policies() -> None:
    one = load(predicates.policy("policy.toml", "ee" * 32, "aa" * 32))
    assert predicates.policy_refusal(one, "ee" * 32, "aa" * 32) is None
    assert "speaks of another policy" in predicates.policy_refusal(one, "ff" * 32, "aa" * 32)
    assert "or of other keys and roots" in predicates.policy_refusal(one, "ee" * 32, "ab" * 32)
    assert "speaks of another policy" in predicates.policy_refusal(one, "aa" * 32, "ee" * 32)
    assert "does not sign a policy" in predicates.policy_refusal(load(SAID["release"]), A.sha256, A.root)
