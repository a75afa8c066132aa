"""Threats "thresholds", "identity", "rollback and freeze" against a trust policy, on the level where it decides.

Each attack starts from what is accepted, and changes one thing.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "policy"))

from policies import (  # after its directory is known
    HEAD,
    ISSUER,
    MINIMAL,
    NOW,
    PEOPLE,
    WORKFLOW,
    approval,
    certified,
    dataset,
    decision,
    digest,
    facts,
    key,
    keyless,
    policy,
    revocation,
    revocations,
    signed,
)

from sbom.attestation.interface import KEY, Identity
from sbom.errors import RefusedError, UndecidedError, UsageError
from sbom.policy import history, read, state
from sbom.policy.decide import decide
from sbom.policy.errors import PolicyError
from sbom.policy.facts import Ancestry, Answer, Seen, accepted
from sbom.signing.interface import Outcome

STRICT = policy(
    """
[approvals]
require = { security = 2 }
[algorithms]
allowed = ["Ed25519", "ES256"]
[dataset]
names = ["penguins"]
[predecessor]
never-older = true
[revocation]
revokers = ["security"]
list-signers = ["legal"]
list-max-age-days = 7
"""
)
APPROVED = (approval("grace", "security"), approval("joan", "security"))
GOOD = facts("ada", approvals=APPROVED, lists=(revocations("joan"),), seen=Seen())


def refused(of, about, *checks):
    """State that it is refused, or not decided, by exactly these checks."""
    decisions = decide(of, about)
    bad = {one.check for one in decisions if one.answer in {Answer.FAILS, Answer.UNDECIDED}}
    assert not accepted(decisions)
    assert bad == set(checks)


def test_the_start_is_accepted():
    assert accepted(decide(STRICT, GOOD))


# -- thresholds ------------------------------------------------------------------------------------------------------------


def test_one_person_with_two_keys_is_one():
    two = policy(release="[release]\nrequire = { security = 2 }")
    refused(two, facts("ada", "ada-2"), "policy.signers")
    refused(two, facts("ada", "ada", signed("ada", where="sidecar")), "policy.signers")
    assert accepted(decide(two, facts("ada", "grace")))


def test_one_key_as_certificate_and_as_key_of_two_people_is_one():
    joan = keyless("joan@acme.example", "https://accounts.acme.example", spki=digest("grace"))
    two = policy(release="[release]\nrequire = { security = 2 }")
    refused(two, facts("grace", joan), "policy.signers")


def test_one_person_who_approves_twice_is_one():
    twice = (approval("ada", "security"), approval("ada-2", "security"))
    refused(STRICT, replace(GOOD, signatures=(keyless(),), approvals=twice), "policy.approvals")


def test_whoever_releases_does_not_approve():
    own = (approval("ada-2", "security"), approval("grace", "security"))
    refused(STRICT, replace(GOOD, approvals=own), "policy.roles")


def test_one_key_under_two_signers():
    with pytest.raises(PolicyError, match="one credential belongs to one signer"):
        read.parse(MINIMAL.replace(digest("grace"), digest("joan")).encode(), "p")


@pytest.mark.parametrize("needed", ["0", "-1", "4", "1.0", "true", "nan", '"1"'])
def test_a_threshold_that_is_none(needed):
    with pytest.raises(PolicyError):
        policy(release=f"[release]\nrequire = {{ security = {needed} }}")


@pytest.mark.parametrize("release", ["", "[release]", "[release]\nrequire = {}", "[release]\nrequire = { nobody = 1 }"])
def test_a_policy_that_wants_nobody(release):
    with pytest.raises(PolicyError):
        policy(release=release)


def test_a_role_without_members():
    with pytest.raises(PolicyError):
        policy(people=PEOPLE + "empty = []")


def test_an_approval_of_another_document():
    for stolen in (approval("joan", "security", sha256=digest("x")), approval("joan", "security", root=digest("x"))):
        refused(STRICT, replace(GOOD, approvals=(APPROVED[0], stolen)), "policy.approvals")


def test_an_approval_in_a_role_that_its_signer_does_not_have():
    odd = (approval("grace", "legal"), approval("joan", "security"))
    refused(policy("[approvals]\nrequire = { legal = 1 }"), facts("ada", approvals=odd), "policy.approvals")


# -- identity --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "issuer"),
    [
        (WORKFLOW.replace("acme", "acme-evil"), ISSUER),
        (WORKFLOW.replace("main", "main2"), ISSUER),
        (WORKFLOW.replace("acme", "Acme"), ISSUER),
        (f"{WORKFLOW}\n", ISSUER),
        (f" {WORKFLOW}", ISSUER),
        (f"https://evil.example/{WORKFLOW}", ISSUER),
        (WORKFLOW, ""),
        (WORKFLOW, ISSUER.replace("https", "http")),
        (WORKFLOW, f"{ISSUER}/"),
        (WORKFLOW, ISSUER.upper()),
        ("", ISSUER),
        ("*", ISSUER),
        (WORKFLOW, "*"),
    ],
)
def test_an_identity_that_is_only_like_it(identity, issuer):
    assert accepted(decide(policy(), facts(keyless())))
    refused(policy(), facts(keyless(identity, issuer)), "policy.signers")


def test_an_identity_of_another_kind():
    for one in (certified(WORKFLOW, ISSUER), signed(Identity(KEY, WORKFLOW, ISSUER))):
        refused(policy(), facts(one), "policy.signers")
    refused(policy(), facts(keyless(digest("ada"), "")), "policy.signers")
    refused(policy(), facts(signed(Identity(KEY, digest("ada").upper()))), "policy.signers")


@pytest.mark.parametrize(
    "text",
    [WORKFLOW.replace("main", "*"), "*", f"^{WORKFLOW}", f"{WORKFLOW}$", r"https://github\.com/acme/data"],
)
def test_a_pattern_in_a_policy(text):
    with pytest.raises(PolicyError):
        read.parse(MINIMAL.replace(f'"{WORKFLOW}"', f"'{text}'").encode(), "p")


def test_a_wildcard_that_is_accepted_means_itself():
    literal = policy(people=PEOPLE.replace("refs/heads/main", "refs/heads/ma?n"))
    refused(literal, facts(keyless()), "policy.signers")


@pytest.mark.parametrize("line", ['issuer = ""', "issuer = 1", ""])
def test_an_issuer_that_is_missing(line):
    with pytest.raises(PolicyError):
        read.parse(MINIMAL.replace(f'issuer = "{ISSUER}"', line).encode(), "p")


# -- algorithms ------------------------------------------------------------------------------------------------------------


def test_an_hmac_beside_a_good_signature():
    hmac = signed("mallory", Outcome.NOT_TRUSTED, "HS256")
    refused(STRICT, replace(GOOD, signatures=(*GOOD.signatures, hmac)), "policy.algorithms")


def test_an_hmac_with_the_public_key_as_secret():
    refused(STRICT, replace(GOOD, signatures=(signed("ada", algorithm="HS256"),)), "policy.algorithms")


def test_a_signature_that_leaves_parts_uncovered():
    refused(STRICT, replace(GOOD, excludes=("components",)), "policy.algorithms")


def test_an_algorithm_that_is_not_allowed():
    refused(STRICT, replace(GOOD, signatures=(signed("ada", algorithm="RS256"),)), "policy.algorithms")


# -- time ------------------------------------------------------------------------------------------------------------------


def test_an_expired_policy():
    refused(
        STRICT, replace(GOOD, now=STRICT.expires, lists=(revocations("joan", issued=STRICT.expires),)), "policy.expiry"
    )


def test_an_expired_exception():
    over = '[[exceptions]]\nrule = "policy.files"\nreason = "x"\nexpires = 2026-01-01T00:00:00Z'
    refused(policy(over), facts("ada"), "policy.exceptions")
    refused(policy(over, "[files]\nmax-files = 1"), facts("ada"), "policy.exceptions", "policy.files")


def test_a_zone_moves_no_expiry():
    early = policy(head=HEAD.replace("2027-01-01T00:00:00Z", "2026-06-01T23:00:00+12:00"))
    assert early.expires == datetime(2026, 6, 1, 11, tzinfo=UTC)
    refused(early, facts("ada"), "policy.expiry")


@pytest.mark.parametrize(
    "time", ["nan", "inf", "2027-01-01", "2027-01-01T00:00:00", "00:00:00", '""', '"never"', "0", "[]"]
)
def test_an_expiry_that_is_none(time):
    with pytest.raises(PolicyError):
        policy(head=HEAD.replace("2027-01-01T00:00:00Z", time))


def test_an_older_policy():
    refused(STRICT, replace(GOOD, seen=Seen(policy_version=3)), "policy.valid")


def test_a_policy_that_is_not_signed_by_the_demanded_key():
    refused(STRICT, replace(GOOD, policy_signed=False), "policy.valid")


# -- rollback --------------------------------------------------------------------------------------------------------------


def release(number, previous=None, *ancestors, **more):
    about = facts("ada", document=f"d{number}", dataset=dataset(f"{number}.0", previous, **more))
    return replace(GOOD, dataset=about.dataset, sha256=about.sha256, content=about.content, ancestry=Ancestry(tuple(map(digest, ancestors))),
                   approvals=tuple(approval(who, "security", sha256=about.sha256, root=about.dataset.root) for who in ("grace", "joan")))  # fmt: skip


SEEN = history.accept(history.accept(Seen(), release(1)), release(2, "d1"))


def test_a_newer_release_is_accepted():
    assert accepted(decide(STRICT, replace(release(3, "d2"), seen=SEEN)))
    assert accepted(decide(STRICT, replace(release(2, "d1"), seen=SEEN)))


@pytest.mark.parametrize(
    "presented",
    [
        release(1),
        release(3, "d1"),  # a fork
        release(3),  # another beginning
        replace(release(2, "d1", root=digest("x")), sha256=digest("d9")),
        replace(release(1), sha256=digest("d1 with another white space")),
        replace(release(2, "d1"), content=digest("other"), sha256=digest("d9")),
        release(9, "d8", "d8", "d7"),
        release(9, "d8", "d2", "d1"),  # a true line, but not this release's
    ],
)  # fmt: skip
def test_an_older_or_foreign_release_is_not(presented):
    approved = tuple(one._replace(sha256=presented.sha256) for one in presented.approvals)
    refused(STRICT, replace(presented, approvals=approved, seen=SEEN), "policy.rollback")


def test_a_state_that_was_corrupted(tmp_path):
    path = str(tmp_path / "state.json")
    state.record(path, STRICT, release(2, "d1"), success=True)
    Path(path).write_bytes(Path(path).read_bytes()[:-3])
    with pytest.raises(UndecidedError):
        state.load(path, STRICT)


def test_a_state_for_another_policy(tmp_path):
    path = str(tmp_path / "state.json")
    state.record(path, STRICT, release(2, "d1"), success=True)
    with pytest.raises(UsageError):
        state.load(path, replace(STRICT, id="other"))


def test_no_state_at_all():
    with pytest.raises(UsageError):
        state.required(STRICT, None)
    refused(STRICT, replace(GOOD, seen=None), "policy.rollback")


# -- revocation ------------------------------------------------------------------------------------------------------------


def test_a_revocation_by_a_stranger_changes_nothing():
    strange = replace(
        GOOD, revocations=(revocation("mallory"), revocation(keyless()), revocation(signed("grace", Outcome.INVALID)))
    )
    assert [one[:3] for one in decide(STRICT, strange)] == [one[:3] for one in decide(STRICT, GOOD)]
    assert len(decision(STRICT, strange, "signature.revoked").evidence["ignored"]) == 3


def test_a_revocation_by_a_named_revoker():
    refused(STRICT, replace(GOOD, revocations=(revocation("grace"),)), "signature.revoked")


def test_a_revocation_is_not_evaded_by_other_bytes():
    one = revocation("grace", "document", dataset().root)
    copy = replace(GOOD, sha256=digest("document, one space more"), revocations=(one,))
    copy = replace(copy, approvals=tuple(each._replace(sha256=copy.sha256) for each in APPROVED))
    refused(STRICT, copy, "signature.revoked")


def test_a_revocation_that_was_deleted(tmp_path):
    path = str(tmp_path / "state.json")
    bad = replace(GOOD, revocations=(revocation("grace"),))
    state.record(path, STRICT, bad, success=False)
    refused(STRICT, replace(GOOD, seen=state.load(path, STRICT)), "signature.revoked")
    with pytest.raises(RefusedError):
        state.record(path, STRICT, GOOD, success=True)


@pytest.mark.parametrize(
    "lists",
    [
        (),
        (revocations("joan", age=timedelta(days=8)),),
        (revocations("joan", age=-timedelta(days=1)),),
        (revocations("grace"),),
        (revocations("mallory"),),
        (revocations(signed("joan", Outcome.INVALID)),),
        (revocations("grace"), revocations("joan", age=timedelta(days=8))),
    ],
)
def test_a_list_that_is_stale_or_absent_or_somebody_else_s(lists):
    refused(STRICT, replace(GOOD, lists=lists), "policy.revocation")


def test_an_old_list_within_its_time_after_a_newer_one():
    refused(STRICT, replace(GOOD, seen=Seen(list_issued=NOW)), "policy.revocation")


# -- the file --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more", ["[release]\nrequire = { legal = 1 }", "[signers.ada]\nname = 'x'", "[roles]\nlegal = ['ada']"]
)
def test_a_table_that_is_there_twice(more):
    with pytest.raises(PolicyError, match="is not TOML"):
        policy(more)


def test_every_file_of_a_policy_is_named(tmp_path):
    """The verification refuses each of them where it lies inside the data."""
    (tmp_path / "root.json").write_text("{}")
    (tmp_path / "p.toml").write_text(MINIMAL + '[trust]\nsigstore-root = "root.json"')
    found = read.load(str(tmp_path / "p.toml"))
    assert found.paths == (str(tmp_path / "p.toml"), str(tmp_path / "root.json"))


# -- properties ------------------------------------------------------------------------------------------------------------

PERSONS = st.sampled_from(["ada", "ada-2", "grace", "joan"])
STRANGERS = st.builds(
    signed,
    st.sampled_from(["mallory", "trent"]).map(key)
    | st.just(keyless(WORKFLOW, "https://evil.example").identity)
    | st.none(),
    st.sampled_from(list(Outcome)),
    st.sampled_from(["Ed25519", "ES256", "RS256", "HS256"]),
    spki=st.sampled_from(["", digest("ada"), digest("x")]),
).map(lambda one: one if one.identity is not None else one._replace(identity=None))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(PERSONS, max_size=3),
    st.lists(st.tuples(PERSONS, st.sampled_from(["security", "legal"])), max_size=3),
    st.lists(STRANGERS, min_size=1, max_size=3),
    st.sampled_from(["security", "legal", "releaser"]),
)
def test_a_stranger_s_signature_never_turns_a_refusal_into_acceptance(persons, approvals, strangers, role):
    about = replace(GOOD, signatures=tuple(map(signed, persons)), approvals=tuple(approval(*one) for one in approvals))
    more = replace(
        about,
        signatures=(*about.signatures, *strangers),
        approvals=(*about.approvals, *(approval(one, role) for one in strangers)),
        lists=(*about.lists, *(revocations(one) for one in strangers)),
    )
    before, after = decide(STRICT, about), decide(STRICT, more)
    good = {Answer.HOLDS, Answer.NOT_ASKED}
    assert [
        one.check for one, two in zip(before, after, strict=True) if one.answer not in good and two.answer in good
    ] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(PERSONS, max_size=4), st.lists(PERSONS, max_size=4), st.integers(1, 3))
def test_more_signatures_of_those_who_signed_change_nothing(persons, again, needed):
    of = policy(release=f"[release]\nrequire = {{ security = {needed} }}")
    people = {name.partition("-")[0] for name in persons}
    more = [name for name in again if name.partition("-")[0] in people]
    assert (
        decision(of, facts(*persons), "policy.signers")[:2]
        == decision(of, facts(*persons, *more), "policy.signers")[:2]
    )
    assert accepted(decide(of, facts(*persons))) is (len(people) >= needed)
