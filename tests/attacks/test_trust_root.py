"""Threat "trust root": nothing beside or inside the data, and no environment, decides whom or what to trust."""

from __future__ import annotations

import os

import pytest

from sbom import api
from sbom.signing import keys

INSIDE = "lies inside the data"


@pytest.fixture
def mallory(attack, other_keys):
    """A whole release by an attacker, whose public key is outside of the data still."""
    private, public = other_keys("mallory")
    attack.file("evil.py").write_bytes(b"import os\n")

    def publish():
        bom = api.generate(attack.data, name="penguins", version="1.0.0", cache=False, follow_symlinks=True)
        bom.sign(api.load_private_key(private))
        bom.write(attack.bom)

    publish()
    return public, publish


def verify(attack, key, *more):
    return attack.cli("verify", attack.bom, attack.data, "--public-key", key, *more)


def plain(attack, public):
    target = attack.file("release.pub")
    target.write_bytes(public.read_bytes())
    return target


def by_relative_path(attack, public):
    plain(attack, public)
    os.chdir(attack.data / "train")
    return "../release.pub"


def by_dots(attack, public):
    plain(attack, public)
    return attack.data / "train" / ".." / "release.pub"


def through_a_link_outside(attack, public):
    link = attack.release.home / "trusted.pub"
    link.symlink_to(plain(attack, public))
    return link


def through_two_links(attack, public):
    first, second = attack.release.home / "first", attack.release.home / "second"
    first.symlink_to(second)
    second.symlink_to(plain(attack, public))
    return first


def through_a_directory_link_outside(attack, public):
    plain(attack, public)
    link = attack.release.home / "keys"
    link.symlink_to(attack.data)
    return link / "release.pub"


def a_link_inside(attack, public):
    """The key is elsewhere, but a link of the data says where."""
    link = attack.file("release.pub")
    link.symlink_to(public)
    return link


def through_a_directory_link_inside(attack, public):
    """Neither name nor target is inside, and still the data decides where the path ends."""
    vault = attack.release.home / "vault"
    vault.mkdir()
    (vault / public.name).write_bytes(public.read_bytes())
    attack.file("keys").symlink_to(vault)
    return attack.file("keys") / public.name


def through_a_link_to_a_link_inside(attack, public):
    through_a_directory_link_inside(attack, public)
    link = attack.release.home / "trusted"
    link.symlink_to(attack.file("keys"))
    return link / public.name


def above_a_directory_of_the_data(attack, public):
    """``data/train/../../mallory.pub``: replaced by a link, ``train`` would lead elsewhere."""
    return attack.data / "train" / ".." / ".." / public.name


def a_hard_link(attack, public):
    """Outside by every name, and yet the same file as one of the data."""
    outside = attack.release.home / "outside.pub"
    os.link(plain(attack, public), outside)
    return outside


WAYS = [
    plain,
    by_relative_path,
    by_dots,
    through_a_link_outside,
    through_two_links,
    through_a_directory_link_outside,
    a_link_inside,
    through_a_directory_link_inside,
    through_a_link_to_a_link_inside,
    above_a_directory_of_the_data,
    a_hard_link,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.replace("_", " "))
@pytest.mark.parametrize("more", [(), ("--allow-extra", "--follow-symlinks")], ids=["", "with everything allowed"])
def test_key_that_the_data_decides_about(attack, mallory, way, more, monkeypatch):
    monkeypatch.chdir(attack.release.home)
    public, publish = mallory
    key = way(attack, public)
    publish()
    ran = verify(attack, key, *more)
    assert ran.code == 2, ran.text
    assert INSIDE in ran.err
    assert os.fspath(key) in ran.err


def test_the_risk_can_be_taken_by_name(attack, mallory):
    public, publish = mallory
    key = plain(attack, public)
    publish()
    assert verify(attack, key, "--allow-key-in-data").code == 0


def test_key_beside_a_single_file_is_outside(attack, tmp_path):
    single = tmp_path / "one.csv"
    single.write_bytes(b"1\n")
    bom = tmp_path / "one.json"
    assert attack.cli("generate", single, "-o", bom, "--sign-key", attack.release.key).code == 0
    key = tmp_path / "beside.pub"
    key.write_bytes(attack.release.pub.read_bytes())
    assert attack.cli("verify", bom, single, "--public-key", key).code == 0
    assert attack.cli("verify", bom, single, "--public-key", single).code == 2


def test_key_that_is_the_single_file(attack, tmp_path, other_keys):
    private, public = other_keys("mallory")
    bom = tmp_path / "one.json"
    assert attack.cli("generate", public, "-o", bom, "--sign-key", private).code == 0
    ran = attack.cli("verify", bom, public, "--public-key", public)
    assert ran.code == 2
    assert INSIDE in ran.err


def test_private_key_is_refused(attack):
    ran = attack.cli("verify", attack.bom, attack.data, "--public-key", attack.release.key)
    assert ran.code == 2
    assert "this is a private key" in ran.err
    assert attack.release.key.read_text().splitlines()[1] not in ran.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"ssh-ed25519 AAAA",
        b"\x30\x2a",
    ],
    ids=["empty", "text", "certificate", "OpenSSH", "DER"],
)
def test_what_is_no_key(attack, tmp_path, content):
    path = tmp_path / "some.pub"
    path.write_bytes(content)
    ran = attack.cli("verify", attack.bom, attack.data, "--public-key", path)
    assert ran.code == 2
    assert f"error: {path}: " in ran.err


def test_second_key_does_not_hide_a_first_one_inside(attack, mallory):
    public, publish = mallory
    inner = plain(attack, public)
    publish()
    ran = verify(attack, attack.release.pub, "--public-key", inner)
    assert ran.code == 2


# -- configuration ----------------------------------------------------------------------------------------------------

LOOSE = '[verify]\nallow-extra = ["**"]\npublic-key = ["{key}"]\nonly = ["train/*"]\n[guard]\nallow-extra = ["**"]\n'


def test_discovered_configuration_is_not_read(attack, monkeypatch, other_keys):
    _, public = other_keys("mallory")
    attack.file("evil.py").write_bytes(b"x")
    work = attack.release.home / "work"
    work.mkdir()
    (work / "data-sbom.toml").write_text(LOOSE.format(key=public))
    (work / "pyproject.toml").write_text("[tool.data-sbom" + LOOSE.format(key=public)[1:])
    monkeypatch.chdir(work)
    attack.refused("evil.py")
    ran = attack.cli("verify", attack.bom, attack.data)
    assert ran.code == 2
    ran = attack.cli(
        "guard", attack.bom, attack.data, "--public-key", attack.release.pub, "--", "touch", str(work / "ran")
    )
    assert ran.code == 1
    assert not (work / "ran").exists()


def test_configuration_in_the_data_is_not_read(attack, monkeypatch):
    attack.file("data-sbom.toml").write_text(LOOSE.format(key="x"))
    monkeypatch.chdir(attack.data)
    attack.refused("data-sbom.toml")


@pytest.mark.parametrize("way", [plain, through_a_link_outside, a_link_inside], ids=lambda way: way.__name__)
@pytest.mark.parametrize("command", ["verify", "guard"])
def test_configuration_that_the_data_decides_about(attack, tmp_path, way, command):
    config = tmp_path / "policy.toml"
    config.write_text('[verify]\nallow-extra = ["**"]\n[guard]\nallow-extra = ["**"]\n')
    path = way(attack, config)
    more = ("--", "true") if command == "guard" else ()
    ran = attack.cli(command, attack.bom, attack.data, "--public-key", attack.release.pub, "--config", path, *more)
    assert ran.code == 2
    assert f"{path}: {INSIDE}" in ran.err


NAMES = [
    "DATA_SBOM_ALLOW_EXTRA",
    "DATA_SBOM_VERIFY_ALLOW_EXTRA",
    "DATA_SBOM_PUBLIC_KEY",
    "DATA_SBOM_VERIFY_PUBLIC_KEY",
    "DATA_SBOM_ONLY",
    "DATA_SBOM_CONFIG",
    "DATA_SBOM_REQUIRE_SIGNATURES",
    "DATA_SBOM_ALLOW_KEY_IN_DATA",
    "ALLOW_EXTRA",
    "PUBLIC_KEY",
]


def test_environment_does_not_loosen_anything(attack, monkeypatch, other_keys):
    _, public = other_keys("mallory")
    attack.file("evil.py").write_bytes(b"x")
    for name in NAMES:
        monkeypatch.setenv(name, str(public) if "KEY" in name else "**")
    attack.refused("evil.py")
    assert attack.cli("verify", attack.bom, attack.data).code == 2


def test_environment_that_asks_for_shell_completion_does_not_replace_the_verification(attack, monkeypatch):
    monkeypatch.setenv("_DATA_SBOM_COMPLETE", "bash_source")
    attack.file("evil.py").write_bytes(b"x")
    attack.refused("evil.py")


def test_poisoned_hash_cache_is_not_used(attack, monkeypatch):
    """``verify`` reads every byte; what a cache remembers of a file is for ``generate`` only."""
    from sbom.inventory import cache  # noqa: PLC0415  # patched here

    def fail(*args, **kwargs):
        raise AssertionError

    monkeypatch.setattr(cache.HashCache, "__enter__", fail, raising=False)
    monkeypatch.setattr(cache.HashCache, "get", fail)
    attack.accepted()


def test_keys_of_the_caller_are_not_looked_for(attack, monkeypatch):
    """A key file in the working directory, or beside the document, is not used without being named."""
    monkeypatch.chdir(attack.release.home)
    for name in ("release.pub", "penguins.cdx.json.pub", "data-sbom.pub"):
        (attack.release.home / name).write_bytes(attack.release.pub.read_bytes())
    assert attack.cli("verify", attack.bom, attack.data).code == 2


def test_embedded_key_is_never_trusted(attack, mallory):
    ran = verify(attack, attack.release.pub)
    assert ran.code == 1
    assert "0 of 1 given key" in ran.out


def test_key_of_another_kind_with_the_same_name(attack, tmp_path):
    _, public = keys.write_pair(tmp_path / "release", keys.generate("ecdsa-p256"), None)
    ran = verify(attack, public)
    assert ran.code == 1
    assert "0 of 1 given key" in ran.out
