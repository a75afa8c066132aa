"""A policy through the command line: thresholds, approvals, revocations, rollback, and its state file."""

from __future__ import annotations

import json

import pytest

from sbom import api

POLICY = """
id = "penguins"
version = 1
name = "Penguins"
expires = 2099-01-01T00:00:00Z
state = "state.json"
[signers.publisher]
keys = ["release.pub"]
[signers.ada]
keys = ["ada.pub", "ada2.pub"]
[signers.joan]
keys = ["joan.pub"]
[roles]
releaser = ["publisher"]
security = ["ada", "joan"]
[release]
require = { releaser = 1 }
[approvals]
require = { security = 2 }
[predecessor]
never-older = true
[revocation]
revokers = ["security"]
"""


class World:
    """A release, a policy, and people."""

    def __init__(self, release, cli, other_keys):
        self.release, self.cli = release, cli
        self.keys = {name: other_keys(name)[0] for name in ("ada", "ada2", "joan", "mallory")}
        (release.home / "release.pub").write_bytes(release.pub.read_bytes())
        self.policy = release.home / "policy.toml"
        self.state = release.home / "state.json"
        self.policy.write_text(POLICY)

    def verify(self, *more, bom=None, data=None):
        words = ("verify", bom or self.release.bom, data or self.release.data, "--policy", self.policy, *more)
        return self.cli(*words)

    def approve(self, who, bom=None, role="security"):
        ran = self.cli("approve", bom or self.release.bom, "--role", role, "--reason", "x", "--key", self.keys[who])
        assert ran.code == 0, ran.text

    def approved(self, bom=None):
        self.approve("ada", bom)
        self.approve("joan", bom)

    def revoke(self, who):
        ran = self.cli("revoke", self.release.bom, "--reason", "it is poisoned", "--key", self.keys[who])
        assert ran.code == 0, ran.text

    def successor(self, *, previous):
        data = self.release.home / "data2"
        if not data.exists():
            data.mkdir()
            (data / "new.csv").write_text("a,b\n")
        bom = api.generate(
            data, name="penguins", version="2.0.0", cache=False, previous=previous, previous_keys=[self.release.pub]
        )
        bom.sign(api.load_private_key(self.release.key))
        path = self.release.home / "two.cdx.json"
        bom.write(path)
        self.approved(path)
        return path, data

    def says(self, ran, code, *texts):
        assert ran.code == code, ran.text
        for text in texts:
            assert text in ran.text, ran.text


@pytest.fixture
def world(release, cli, other_keys):
    return World(release, cli, other_keys)


def test_two_people(world):
    world.says(world.verify(), 1, "policy.approvals")
    world.approve("ada")
    world.approve("ada2")  # one person with two keys is one
    world.says(world.verify(), 1, "policy.approvals")
    assert json.loads(world.state.read_text())["datasets"] == []
    world.approve("mallory")
    world.says(world.verify(), 1, "policy.approvals")
    world.approve("joan")
    world.says(world.verify(), 0, "VERIFIED")
    assert world.state.exists()


def test_an_approval_in_another_role(world):
    world.approve("ada")
    world.approve("joan", role="legal")
    world.says(world.verify(), 1, "policy.approvals")


def test_a_revocation_counts_by_whom_the_policy_names(world):
    world.approved()
    world.revoke("mallory")
    world.says(world.verify(), 0, "VERIFIED")
    world.revoke("ada")
    world.says(world.verify(), 1, "it is poisoned", "signature.revoked")
    # It is remembered, and so is not undone by deleting it.
    for path in world.release.home.glob("*.revocation*"):
        path.unlink()
    world.says(world.verify(), 1, "it is poisoned")
    # White space and one more signature make another document of it, which is revoked all the same.
    world.release.bom.write_bytes(world.release.bom.read_bytes() + b"\n")
    for path in world.release.home.glob("*.approval*"):
        path.unlink()
    world.approved()
    world.says(world.verify(), 1, "it is poisoned")


def test_without_a_policy_nobody_may_revoke(world):
    world.revoke("ada")
    ran = world.cli(*world.release.verify_args("-f", "json"))
    assert ran.code == 0
    made = {check["id"]: check for check in json.loads(ran.out)["checks"]}
    assert made["signature.revoked"]["status"] == "skipped"
    assert "revocation not checked" in made["signature.revoked"]["sentence"]


def test_a_list_that_is_demanded(world):
    world.policy.write_text(POLICY.replace('revokers = ["security"]', 'revokers = ["security"]\nlist-max-age-days = 7'))
    world.approved()
    world.says(world.verify(), 3, "revocation list")
    lists = world.release.home / "lists"
    lists.mkdir()
    made = lists / "revoked.sigstore.json"
    world.says(world.cli("revoke", "--list", made, "--key", world.keys["mallory"]), 0)
    world.says(world.verify("--attestations", lists), 3, "revocation list")
    made.unlink()
    world.says(world.cli("revoke", "--list", made, "--key", world.keys["joan"]), 0, "0 releases are revoked")
    world.says(world.verify("--attestations", lists), 0, "VERIFIED")
    words = ("revoke", world.release.bom, "--list", made, "--reason", "it is poisoned", "--key", world.keys["joan"])
    world.says(world.cli(*words), 0, "1 release is revoked")
    world.says(world.verify("--attestations", lists), 1, "it is poisoned")


def test_older_than_seen(world):
    one = world.release.bom
    world.approved()
    world.says(world.verify(), 0)
    two, data = world.successor(previous=one)
    chain = world.release.home / "chain"
    chain.mkdir()
    (chain / "one.cdx.json").write_bytes(one.read_bytes())
    world.says(world.verify("--chain", chain, bom=two, data=data), 0, "VERIFIED")
    world.says(world.verify(), 1, "policy.rollback")
    world.says(world.verify("--chain", chain, bom=two, data=data), 0, "VERIFIED")


def test_a_fork(world):
    world.approved()
    world.says(world.verify(), 0)
    two, data = world.successor(previous=None)
    ran = world.verify(bom=two, data=data)
    assert ran.code in {1, 3}, ran.text


def test_a_failed_run_is_not_remembered(world):
    world.approved()
    (world.release.data / "extra").write_text("x")
    world.says(world.verify(), 1, "EXTRA")
    assert not world.state.exists() or json.loads(world.state.read_text())["datasets"] == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[", b"\xff"])
def test_a_broken_state_is_not_reset(world, content):
    world.approved()
    world.state.write_bytes(content)
    world.state.chmod(0o600)
    world.says(world.verify(), 3, "state")
    assert world.state.read_bytes() == content


def test_the_policy_itself(world, other_keys):
    world.approved()
    ada = world.keys["ada"].with_suffix(".pub")
    world.says(world.verify("--policy-key", ada), 1, "policy.valid")
    world.says(world.cli("policy", "sign", world.policy, "--key", world.keys["mallory"]), 0)
    world.says(world.verify("--policy-key", ada), 1, "policy.valid")
    for path in world.release.home.glob("policy.toml.*"):
        path.unlink()
    world.says(world.cli("policy", "sign", world.policy, "--key", world.keys["ada"]), 0)
    world.says(world.verify("--policy-key", ada), 0, "VERIFIED")
    world.policy.write_text(POLICY.replace("security = 2", "security = 1"))
    world.says(world.verify("--policy-key", ada), 1, "policy.valid")


def test_expired(world):
    world.approved()
    world.policy.write_text(POLICY.replace("2099-01-01", "2020-01-01"))
    world.says(world.verify(), 1, "policy.expiry")


@pytest.mark.parametrize("name", ["policy.toml", "state.json", "ada.pub"])
def test_nothing_of_it_lies_in_the_data(world, name):
    inside = world.release.data / name
    if name == "policy.toml":
        inside.write_text(POLICY)
        world.policy = inside
    else:
        world.policy.write_text(POLICY.replace(f'"{name}"', f'"data/{name}"'))
        inside.write_bytes((world.keys["ada"].with_suffix(".pub")).read_bytes() if name == "ada.pub" else b"")
    assert world.verify().code == 2


def test_extras_and_subsets(world):
    world.approved()
    world.policy.write_text(POLICY + '[files]\nextras = ["*.log"]\ncomplete = true\n')
    (world.release.data / "a.log").write_text("x")
    world.says(world.verify(), 0, "VERIFIED")
    (world.release.data / "a.py").write_text("x")
    world.says(world.verify(), 1, "EXTRA")
    world.says(world.verify("--allow-extra"), 1, "policy.files")
    (world.release.data / "a.py").unlink()
    world.says(world.verify("--only", "train/*"), 1, "policy.files")


def test_a_policy_pins_the_dataset(world):
    world.approved()
    world.says(world.verify(), 0, "dataset not pinned")
    world.policy.write_text(POLICY + '[dataset]\nnames = ["penguins"]\n')
    ran = world.verify()
    world.says(ran, 0, "VERIFIED")
    assert "not pinned" not in ran.text
    world.policy.write_text(POLICY + '[dataset]\nnames = ["Penguins"]\n')
    world.says(world.verify(), 1, "policy.dataset")


def test_guard_keeps_to_it(world, tmp_path):
    marker = tmp_path / "ran"
    words = ["guard", world.release.bom, world.release.data, "--policy", world.policy, "--", "touch", marker]
    assert world.cli(*words).code == 1
    assert not marker.exists()
    world.approved()
    assert world.cli(*words).code == 0
    assert marker.exists()
