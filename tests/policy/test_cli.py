"""``data-sbom policy``: every command, its output and its exit code."""

from __future__ import annotations

import json
import shutil

import pytest

from sbom.attestation import bundle, keyed, predicates, statement
from sbom.attestation.interface import Anchors
from sbom.policy import read
from sbom.signing import keys
from sbom.signing.interface import Outcome


@pytest.fixture
def home(tmp_path, key_pair, monkeypatch):
    directory = tmp_path / "Acme Data"
    directory.mkdir()
    shutil.copy(key_pair[1], directory / "release.pub")
    monkeypatch.chdir(directory)
    return directory


def test_init_check_and_explain(home, cli):
    ran = cli("policy", "init")
    assert ran.code == 0
    assert "wrote     policy.toml" in ran.err
    ran = cli("policy", "check", "policy.toml")
    assert ran.code == 0
    assert ran.out.startswith("policy.valid        No newer version")
    assert "valid     policy.toml · acme-data version 1 · sha256 " in ran.err
    assert "warning: it accepts any dataset" in ran.err
    ran = cli("policy", "explain", "policy.toml")
    assert ran.code == 0
    assert "releaser: Whoever releases the data" in ran.out
    assert "role releaser: releaser" in ran.out


def test_init_never_overwrites(home, cli):
    (home / "policy.toml").write_text("mine")
    ran = cli("policy", "init")
    assert ran.code == 2
    assert (home / "policy.toml").read_text() == "mine"


def test_init_elsewhere_and_to_standard_output(home, cli, tmp_path):
    ran = cli("policy", "init", "-", "--id", "gulls")
    assert ran.code == 0
    assert 'id = "gulls"' in ran.out
    ran = cli("policy", "init", str(tmp_path / "p.toml"), "--public-key", str(home / "release.pub"), "-q")
    assert (ran.code, ran.text) == (0, "")
    assert read.load(str(tmp_path / "p.toml")).signers[0].keys
    assert cli("policy", "init", str(tmp_path / "none" / "p.toml")).code == 2


@pytest.mark.parametrize("name", ["Acme", "a b", "", "a_b", "../x"])
def test_an_id_is_a_name(home, cli, name):
    ran = cli("policy", "init", "--id", name)
    assert ran.code == (2 if name else 0)


def test_a_directory_whose_name_is_none(tmp_path, cli, monkeypatch):
    (tmp_path / "日本").mkdir()
    monkeypatch.chdir(tmp_path / "日本")
    assert 'id = "policy"' in cli("policy", "init", "-").out


def test_check_lists_everything_that_is_wrong(home, cli):
    cli("policy", "init")
    path = home / "policy.toml"
    path.write_text(path.read_text() + '\n[files]\nextra = []\n[datase]\nnames = ["x"]\n')
    ran = cli("policy", "check", "policy.toml")
    assert ran.code == 2
    assert "'extra': did you mean extras?" in ran.out
    assert "'datase': did you mean dataset?" in ran.out
    assert "error: policy.toml: " in ran.err
    assert cli("policy", "explain", "policy.toml").code == 2
    assert cli("policy", "check", "none.toml").code == 2


def test_check_refuses_an_expired_policy(home, cli):
    cli("policy", "init")
    path = home / "policy.toml"
    text = path.read_text()
    line = next(one for one in text.splitlines() if one.startswith("expires"))
    path.write_text(text.replace(line, "expires = 2020-01-01T00:00:00Z"))
    ran = cli("policy", "check", "policy.toml")
    assert ran.code == 1
    assert "the policy has expired" in ran.err


def test_check_refuses_an_expired_exception(home, cli):
    cli("policy", "init")
    path = home / "policy.toml"
    over = '\n[[exceptions]]\nrule = "policy.files"\nreason = "old logs"\nexpires = 2020-01-01T00:00:00Z\n'
    path.write_text(path.read_text() + over)
    ran = cli("policy", "check", "policy.toml")
    assert ran.code == 1
    assert "1 of its exceptions has expired: policy.files, old logs" in ran.err


def test_sign(home, cli, key_pair):
    cli("policy", "init")
    ran = cli("policy", "sign", "policy.toml", "--key", key_pair[0])
    assert ran.code == 0
    assert "signed    policy.toml.sigstore.json · acme-data version 1 · key " in ran.err
    data = (home / "policy.toml.sigstore.json").read_bytes()
    found = bundle.read(data, "policy.toml.sigstore.json")
    said = statement.load(found.envelope, "x")
    assert said.predicate_type == predicates.POLICY
    policy = read.load("policy.toml")
    assert predicates.policy_refusal(said, policy.sha256, policy.anchors) is None
    public = keys.load_public(key_pair[1])
    assert keyed.evaluate(found, Anchors(keys=(public,)), "x").outcome is Outcome.VALID


def test_sign_to_standard_output_and_with_an_open_key(home, cli, key_pair, tmp_path):
    cli("policy", "init")
    open_key = tmp_path / "open.key"
    shutil.copy(key_pair[0], open_key)
    open_key.chmod(0o644)
    ran = cli("policy", "sign", "policy.toml", "--key", open_key, "-o", "-")
    assert json.loads(ran.out)["dsseEnvelope"]
    assert "warning: others than its owner" in ran.err


def test_what_is_no_policy_is_not_signed(home, cli, key_pair):
    (home / "policy.toml").write_text("x = 1")
    assert cli("policy", "sign", "policy.toml", "--key", key_pair[0]).code == 2
    assert not (home / "policy.toml.sigstore.json").exists()


def test_the_group_shows_its_commands(cli):
    for arguments, code in ((("policy", "--help"), 0), (("policy",), 2), (("policy", "none"), 2)):
        assert cli(*arguments).code == code
    ran = cli("policy", "-h")
    assert [name for name in ("init", "check", "explain", "sign") if name not in ran.out] == []
    assert "init, check" not in ran.out
