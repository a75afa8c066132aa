"""A policy in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from policies import FULL, HEAD, NOW, PEOPLE, WORKFLOW, digest, policy

from sbom.policy import model, sentences, template
from sbom.policy.model import CHECKS


def words(of):
    return {one.check: one.text for one in sentences.demands(of)}


def test_a_small_policy_says_little():
    said = words(policy())
    assert list(said) == ["policy.valid", "policy.expiry", "policy.signers", "policy.algorithms"]
    assert said["policy.signers"] == "The release is signed by at least 1 of releaser (Ada, workflow)."
    assert said["policy.expiry"] == "It is not yet 2027-01-01T00:00:00Z."


def test_a_policy_with_every_table_says_something_for_every_check():
    said = words(policy(FULL))
    assert list(said) == list(CHECKS)
    assert said["policy.files"] == (
        "There is no file that the document does not list; each file has a digest by SHA-256; there are at most 10 files;"
        " no file has more than 20 bytes; all files have at most 30 bytes together; nothing was left out of the document,"
        " and all of it is verified."
    )
    assert said["policy.exceptions"] == (
        "Until 2026-12-01T00:00:00Z, policy.files is let pass (version 1, files *.log): because"
    )
    assert "every other recorded step is signed by somebody who is releaser or legal" in said["policy.lineage"]
    assert "the release is signed with Ed25519" in said["policy.algorithms"]


def test_some_files_are_extras():
    assert words(policy('[files]\nextras = ["*.log"]'))["policy.files"] == (
        "There is no file that the document does not list but those that match *.log."
    )


def test_a_demanded_time():
    timely = policy(release="[release]\nrequire = { releaser = 1 }\ntimestamp = true")
    assert "with a time that somebody else attests" in words(timely)["policy.signers"]


def test_people():
    root = ("0" * 64, b"der")
    of = policy()
    lines = sentences.people(of)
    assert "ada: Ada" in lines
    assert f"  key {digest('ada')}" in lines
    assert f"  Sigstore identity {WORKFLOW}, by https://token.actions.githubusercontent.com" in lines
    assert "role security: ada, grace, joan" in lines
    ken = model.Signer("ken", "Ken", certificates=(model.Certificate((root,), "ken@acme.example"),))
    with_certificate = model.Policy("a", 1, "a", NOW, "0" * 64, (ken,), (), ())
    assert sentences.people(with_certificate)[1] == f"  certificate of ken@acme.example below the root {'0' * 64}"


def test_advice():
    found = "\n".join(sentences.advice(policy(), NOW))
    for part in ("any dataset", "an older release", "nobody can revoke"):
        assert part in found
    late = policy(
        '[signers.ken]\nfingerprints = ["'
        + "0" * 64
        + '"]\n[predecessor]\nnever-older = true\n[revocation]\nrevokers = ["legal"]',
        head=HEAD.replace("2027", "2099"),
    )
    found = "\n".join(sentences.advice(late, NOW))
    for part in ("needs a state file", "held back", "expires in 2099 only", "the signer ken has no role"):
        assert part in found
    assert sentences.advice(policy(FULL, head='state = "s"\n' + HEAD), NOW) == []


def test_names_are_shown_escaped():
    evil = policy(people=PEOPLE.replace('name = "Ada"', 'name = "A\\u001b[31m\\u202eda"'))
    assert "\x1b" not in "\n".join((*words(evil).values(), *sentences.people(evil)))
    assert "\u202e" not in "\n".join((*words(evil).values(), *sentences.people(evil)))


@pytest.mark.parametrize("key", ["release.pub", '../"odd"\\name.pub'])
def test_the_template_is_a_policy(key):
    import tomllib  # noqa: PLC0415  # beside its only use

    text = template.render("acme", datetime(2026, 6, 1, tzinfo=UTC), key)
    tree = tomllib.loads(text)
    assert tree["signers"]["releaser"]["keys"] == [key]
    assert str(tree["expires"]) == "2027-06-01 00:00:00+00:00"


def test_every_line_of_the_template_that_is_commented_out_is_good():
    import re  # noqa: PLC0415  # beside its only use

    from sbom.policy import structure  # noqa: PLC0415
    from sbom.policy.structure import problems  # noqa: PLC0415

    text = template.render("acme", datetime(2026, 6, 1, tzinfo=UTC), "release.pub")
    whole = re.sub(r"^# (?=[a-z\[])(?![a-z]+[ -](sbom|it)\b)(?!data|Keep)", "", text, flags=re.MULTILINE)
    whole = whole.replace('"…"', f'"{"0" * 64}"')
    import tomllib  # noqa: PLC0415

    tree = tomllib.loads(whole)
    assert problems(tree) == []
    named = set(structure.schema()["properties"])
    assert named - set(tree) == {"trust"}
