"""A trust policy through the command line: who signs, approves and revokes is real here, and so is the state file."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from sbom import api

HEAD = """
id = "penguins"
version = 2
name = "Penguins"
expires = {expires}
{top}
[signers.publisher]
keys = ["{release}"]
[signers.ada]
name = "Ada"
keys = ["ada.pub", "ada-2.pub"]
[signers.grace]
name = "Grace"
keys = ["grace.pub"]
[roles]
releaser = ["publisher"]
security = ["ada", "grace"]
"""
RELEASE = "[release]\nrequire = { releaser = 1 }\n"


class Keeper:
    """A release under a policy; the policy and its keys lie in a directory of the caller's."""

    def __init__(self, attack, other_keys):
        self.attack, self.release = attack, attack.release
        self.home = attack.release.home / "trusted"
        self.home.mkdir()
        self.keys = {}
        for name in ("ada", "ada-2", "grace", "mallory"):
            private, public = other_keys(name)
            self.keys[name] = private
            shutil.copy(public, self.home / f"{name}.pub")
        self.path = self.home / "policy.toml"
        self.state = self.home / "state.json"

    def write(self, *tables, release=RELEASE, top="", expires="2099-01-01T00:00:00Z"):
        head = HEAD.format(expires=expires, top=top, release=self.release.pub)
        self.path.write_text("\n".join((head, release, *tables)), encoding="utf-8")

    def run(self, *more, bom=None, data=None):
        return self.attack.cli(
            "verify", bom or self.release.bom, data or self.release.data, "--policy", self.path, *more
        )

    def check(self, check_id, *more, **what):
        ran = self.run("-f", "json", *more, **what)
        report = json.loads(ran.out)
        return ran.code, next(one for one in report["checks"] if one["id"] == check_id)

    def accepted(self, *more, **what):
        ran = self.run(*more, **what)
        assert ran.code == 0, ran.text

    def refused(self, check_id, *more, code=1, **what):
        status = {1: "fail", 3: "error"}[code]
        got, check = self.check(check_id, *more, **what)
        assert (got, check["status"]) == (code, status), check
        return check

    def approve(self, who, role="security", bom=None):
        ran = self.attack.cli(
            "approve", bom or self.release.bom, "--role", role, "--reason", "looked at it", "--key", self.keys[who]
        )
        assert ran.code == 0, ran.text

    def revoke(self, who):
        ran = self.attack.cli("revoke", self.release.bom, "--reason", "poisoned", "--key", self.keys[who])
        assert ran.code == 0, ran.text

    def sidecars(self):
        return sorted(self.release.home.glob("*.sigstore.json"))


@pytest.fixture
def keeper(attack, other_keys):
    return Keeper(attack, other_keys)


TWO = "[approvals]\nrequire = { security = 2 }"
REVOKERS = '[revocation]\nrevokers = ["security"]'
NEVER_OLDER = "[predecessor]\nnever-older = true"


def test_a_policy_brings_its_keys(keeper):
    keeper.write()
    keeper.accepted()
    assert keeper.attack.cli("verify", keeper.release.bom, keeper.release.data).code == 2


def test_one_person_with_two_keys_is_no_threshold_of_two(keeper):
    keeper.write(TWO)
    keeper.refused("policy.approvals")
    keeper.approve("ada")
    keeper.approve("ada-2")
    assert "Ada approved" in keeper.refused("policy.approvals")["sentence"]
    keeper.approve("grace")
    keeper.accepted()


def test_approvals_of_strangers_and_in_roles_that_they_do_not_have(keeper):
    keeper.write(TWO)
    keeper.approve("mallory")
    keeper.approve("ada", "legal")
    keeper.approve("grace")
    found = keeper.refused("policy.approvals")
    assert found["sentence"] == "2 of security are needed, and Grace approved"


def test_an_approval_of_another_release(keeper, tmp_path):
    keeper.write("[approvals]\nrequire = { security = 1 }")
    other = tmp_path / "other.json"
    bom = api.generate(keeper.release.data, name="penguins", version="2.0.0", cache=False)
    bom.sign(api.load_private_key(keeper.release.key))
    bom.write(other)
    keeper.approve("ada", bom=other)
    (approval,) = tmp_path.glob("other.json.*.sigstore.json")
    shutil.copy(approval, f"{keeper.release.bom}.approval-security.sigstore.json")
    keeper.refused("policy.approvals")


def test_a_document_by_somebody_who_may_not_release(keeper):
    keeper.write()
    keeper.attack.put(keeper.attack.sign(keeper.attack.tree(), keeper.keys["ada"]))
    found = keeper.refused("policy.signers")
    assert found["sentence"] == "1 of releaser is needed, and nobody signed"


def test_a_key_on_the_command_line_makes_nobody_a_signer(keeper):
    keeper.write()
    keeper.attack.put(keeper.attack.sign(keeper.attack.tree(), keeper.keys["mallory"]))
    keeper.refused("policy.signers", "--public-key", keeper.home / "mallory.pub")


def test_time_is_over(keeper):
    keeper.write(expires="2020-01-01T00:00:00Z")
    keeper.refused("policy.expiry")
    keeper.write('[[exceptions]]\nrule = "policy.files"\nreason = "x"\nexpires = 2020-01-01T00:00:00Z')
    keeper.refused("policy.exceptions")


def test_extras_are_those_of_the_policy(keeper):
    (keeper.release.data / "x.log").write_bytes(b"x")
    keeper.write('[files]\nextras = ["*.log"]')
    keeper.accepted()
    (keeper.release.data / "x.py").write_bytes(b"x")
    keeper.refused("files.extra")
    keeper.refused("policy.files", "--allow-extra")
    keeper.write("[files]\nextras = []")
    keeper.refused("files.extra")


def test_another_dataset(keeper):
    keeper.write('[dataset]\nnames = ["penguin"]')
    keeper.refused("policy.dataset")


def test_what_is_not_said(keeper):
    keeper.write('[provenance]\nrequired = ["consent"]')
    keeper.refused("policy.provenance")
    keeper.write('[lineage]\nlevel = "declared"')
    keeper.refused("policy.lineage")


@pytest.fixture
def line(keeper):
    """Two releases, the second of which follows the first: ``(document, data)`` of each."""
    made = []
    for number in (1, 2):
        data = keeper.release.home / f"line-{number}"
        data.mkdir()
        (data / "a.csv").write_text(f"{number}\n")
        previous = made[-1][0] if made else None
        keys = [keeper.release.pub] if previous else ()
        bom = api.generate(
            data, name="gulls", version=f"{number}.0", previous=previous, previous_keys=keys, cache=False
        )
        bom.sign(api.load_private_key(keeper.release.key))
        path = keeper.release.home / f"gulls-{number}.json"
        bom.write(path)
        made.append((path, data))
    return [{"bom": path, "data": data} for path, data in made]


def test_an_older_release_after_a_newer_one(keeper, line):
    keeper.write(NEVER_OLDER, top='state = "state.json"')
    first, second = line
    keeper.accepted(**first)
    keeper.accepted(**second)
    keeper.accepted(**second)
    before = keeper.state.read_bytes()
    keeper.refused("policy.rollback", **first)
    spaced = json.loads(first["bom"].read_bytes())
    first["bom"].write_text(json.dumps(spaced, indent=3, ensure_ascii=False), encoding="utf-8")
    keeper.refused("policy.rollback", **first)
    assert keeper.state.read_bytes() == before
    assert keeper.state.stat().st_mode & 0o777 == 0o600


def test_a_release_that_failed_is_not_seen(keeper, line):
    keeper.write(NEVER_OLDER, top='state = "state.json"')
    first, second = line
    (second["data"] / "a.csv").write_text("changed")
    keeper.refused("files.modified", **second)
    keeper.accepted(**first)


def test_no_state_where_one_is_needed(keeper):
    keeper.write(NEVER_OLDER)
    assert keeper.run().code == 2
    keeper.accepted("--state", keeper.state)
    assert keeper.state.exists()


def test_a_state_that_is_none(keeper):
    keeper.write(NEVER_OLDER, top='state = "state.json"')
    keeper.state.write_text("")
    keeper.refused("policy.rollback", code=3)
    assert keeper.state.read_text() == ""
    keeper.state.unlink()
    keeper.state.symlink_to(keeper.home / "elsewhere")
    assert keeper.run().code == 2


def test_a_revocation_that_counts_and_one_that_does_not(keeper):
    keeper.write(REVOKERS, top='state = "state.json"')
    keeper.revoke("mallory")
    keeper.accepted()
    keeper.revoke("grace")
    assert "Grace revoked it" in keeper.refused("signature.revoked")["sentence"]
    for path in keeper.sidecars():
        path.unlink()
    assert "as was seen before" in keeper.refused("signature.revoked")["sentence"]


def test_a_revoked_document_with_other_bytes(keeper):
    keeper.write(REVOKERS)
    keeper.revoke("grace")
    (keeper.release.bom).write_text(json.dumps(keeper.attack.tree(), indent=7, ensure_ascii=False), encoding="utf-8")
    keeper.refused("signature.revoked")


def test_a_list_that_is_demanded(keeper):
    keeper.write(f"{REVOKERS}\nlist-max-age-days = 7")
    keeper.refused("policy.revocation", code=3)
    lists = keeper.home / "lists"
    lists.mkdir()
    for name, code in (("mallory", 3), ("ada", 0)):
        target = lists / f"{name}.sigstore.json"
        ran = keeper.attack.cli("revoke", "--list", target, "--key", keeper.keys[name])
        assert ran.code == 0, ran.text
        got, found = keeper.check("policy.revocation", "--attestations", lists)
        assert (got, found["status"]) == (code, "pass" if code == 0 else "error")


def test_without_a_policy_revocation_is_not_checked(keeper):
    keeper.revoke("grace")
    ran = keeper.attack.cli(*keeper.release.verify_args("-f", "json"))
    check = next(one for one in json.loads(ran.out)["checks"] if one["id"] == "signature.revoked")
    assert ran.code == 0
    assert check["status"] == "skipped"
    assert check["sentence"].startswith("revocation not checked")


@pytest.mark.parametrize("what", ["policy", "key", "state", "link"])
def test_nothing_that_is_trusted_lies_inside_the_data(keeper, what):
    data = keeper.release.data
    keeper.write(NEVER_OLDER, top='state = "state.json"')
    if what == "policy":
        shutil.copy(keeper.home / "ada.pub", data)
        shutil.copytree(keeper.home, data / "trusted")
        keeper.path = data / "trusted" / "policy.toml"
    elif what == "key":
        shutil.move(keeper.home / "ada.pub", data / "ada.pub")
        keeper.path.write_text(keeper.path.read_text().replace('"ada.pub"', f'"{data}/ada.pub"'))
    elif what == "state":
        keeper.write(NEVER_OLDER, top=f'state = "{data}/state.json"')
    else:
        shutil.move(keeper.home / "ada.pub", data / "ada.pub")
        os.symlink(data / "ada.pub", keeper.home / "ada.pub")
    ran = keeper.run()
    assert ran.code == 2, ran.text
    assert "inside the data" in ran.text
    assert not (data / "state.json").exists()


def test_a_policy_beside_the_data_is_nobody_s(keeper):
    keeper.write(TWO)
    shutil.copy(keeper.path, keeper.release.home / "policy.toml")
    os.chdir(keeper.release.home)
    assert keeper.attack.cli(*keeper.release.verify_args()).code == 0


def test_a_policy_that_has_to_be_signed(keeper):
    keeper.write()
    demand = ("--policy-key", keeper.home / "ada.pub")
    keeper.refused("policy.valid", *demand)
    assert keeper.attack.cli("policy", "sign", keeper.path, "--key", keeper.keys["mallory"]).code == 0
    keeper.refused("policy.valid", *demand)
    assert keeper.attack.cli("policy", "sign", keeper.path, "--key", keeper.keys["ada"]).code == 0
    keeper.accepted(*demand)
    keeper.path.write_text(keeper.path.read_text() + "# changed\n")
    keeper.refused("policy.valid", *demand)
