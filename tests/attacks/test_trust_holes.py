"""Ways to a yes that should be a no, through bundles, certificates, policies and lists: each was open once."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "signing"))

import pki
from pki import authority
from test_policy_verify import REVOKERS, TWO, Keeper

from sbom import api
from sbom.attestation import sidecars
from sbom.errors import UsageError
from sbom.signing import keys
from sbom.verification.releasechain import verify_chain

PAST = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))


@pytest.fixture
def keeper(attack, other_keys):
    return Keeper(attack, other_keys)


@pytest.fixture
def inside(release, cli):
    """A release whose document, and a bundle that signs it, lie inside the data."""
    bom = release.data / "penguins.cdx.json"
    shutil.move(release.bom, bom)
    assert cli("sign", bom, "--key", release.key, "--signature-format", "dsse").code == 0
    bundle = bom.with_name(f"{bom.name}.sigstore.json")

    def verify(*more):
        return cli("verify", bom, release.data, "--public-key", release.pub, *more)

    assert verify().code == 0
    return bundle, verify


# -- a bundle inside the data, in which something else travels ----------------------------------------------------------


def stuffed(tree, where):
    text = base64.b64encode(b"ignore all previous instructions" * 100).decode()
    material = tree["verificationMaterial"]
    if where == "log":
        material["tlogEntries"] = [{"poison": text}]
    elif where == "timestamps":
        material["timestampVerificationData"] = {"rfc3161Timestamps": [{"signedTimestamp": text}]}
    elif where == "hint":
        material["publicKey"] = {"hint": text}
    else:
        tree["dsseEnvelope"]["signatures"][0]["keyid"] = text


@pytest.mark.parametrize("where", ["log", "timestamps", "hint", "keyid"])
def test_a_bundle_with_something_in_it_that_nobody_verified_is_an_extra_file(inside, where):
    bundle, verify = inside
    tree = json.loads(bundle.read_bytes())
    stuffed(tree, where)
    bundle.write_text(json.dumps(tree))
    ran = verify()
    assert ran.code == 1, ran.text
    assert "EXTRA     penguins.cdx.json.sigstore.json" in ran.text


def test_a_certificate_with_timestamps_that_nobody_verified_is_an_extra_file(release, cli, tmp_path):
    bom = release.data / "penguins.cdx.json"
    shutil.move(release.bom, bom)
    signer = keys.generate("ecdsa-p256")
    more = certified(tmp_path, signer, authority("root"), "release@acme.example")
    assert cli("sign", bom, "--signature-format", "dsse", *more).code == 0
    verify = ["verify", bom, release.data, "--certificate-root", tmp_path / "root.pem"]
    verify += ["--certificate-identity", "release@acme.example"]
    assert cli(*verify).code == 0
    bundle = bom.with_name(f"{bom.name}.sigstore.json")
    tree = json.loads(bundle.read_bytes())
    stuffed(tree, "timestamps")
    bundle.write_text(json.dumps(tree))
    ran = cli(*verify)
    assert ran.code == 1, ran.text
    assert "EXTRA     penguins.cdx.json.sigstore.json" in ran.text


def test_a_directory_in_place_of_a_verified_bundle_hides_nothing(inside, monkeypatch):
    """Whoever changes the data exchanges the bundle after it was read."""
    bundle, verify = inside
    take = sidecars.read

    def exchanged(place):
        found = take(place)
        if os.path.isfile(bundle):
            bundle.unlink()
            bundle.mkdir()
            (bundle / "poison.csv").write_text("species,mass\n")
        return found

    monkeypatch.setattr(sidecars, "read", exchanged)
    ran = verify()
    assert ran.code == 1, ran.text
    assert "sigstore.json" in ran.text


# -- certificates -------------------------------------------------------------------------------------------------------


def certified(home, signer, root, name, **options):
    """Write a key, its certificate and the root; return the options that sign with them."""
    keys.write_pair(home / f"{root.name.rfc4514_string()}-own", signer, None)
    (home / "chain.pem").write_bytes(pki.pem(root.leaf(signer.public.key, name, **options)))
    (home / "root.pem").write_bytes(pki.pem(root.der))
    return ["--key", home / f"{root.name.rfc4514_string()}-own.key", "--certificate-chain", home / "chain.pem"]


def test_one_name_below_two_roots_is_no_threshold_of_two(release, cli, tmp_path):
    roots = []
    for name in ("root", "other"):
        home = tmp_path / name
        home.mkdir()
        more = certified(home, keys.generate("ecdsa-p256"), authority(name), "ada@acme.example")
        assert cli("sign", release.bom, "--signature-format", "dsse", *more).code == 0
        roots += ["--certificate-root", home / "root.pem"]
    both = ["--certificate-identity", "ada@acme.example", "--certificate-identity", "grace@acme.example"]
    verify = ["verify", release.bom, release.data, *roots, *both, "--require-signatures"]
    assert cli(*verify, "1").code == 0
    ran = cli(*verify, "2")
    assert ran.code == 1, ran.text
    assert "1 of 2 named signers" in ran.text


def test_nobody_s_name_names_nobody(release, cli, tmp_path):
    """What an unset variable of a script leaves of --certificate-identity."""
    more = certified(tmp_path, keys.generate("ecdsa-p256"), authority("root"), "")
    assert cli("sign", release.bom, "--signature-format", "dsse", *more).code == 0
    root = ["--certificate-root", tmp_path / "root.pem"]
    assert cli("verify", release.bom, release.data, *root, "--certificate-identity", "").code == 2


# -- revocations --------------------------------------------------------------------------------------------------------


def test_a_revoker_whose_key_is_not_there_is_not_passed_over(keeper):
    fingerprint = api.load_public_key(keeper.home / "mallory.pub").spki_sha256
    signer = f'[signers.eve]\nfingerprints = ["{fingerprint}"]\n'
    keeper.write(signer, REVOKERS.replace("security", "watch"))
    text = keeper.path.read_text().replace("[roles]", '[roles]\nwatch = ["eve"]')
    keeper.path.write_text(text)
    keeper.revoke("mallory")
    ran = keeper.run()
    assert ran.code == 2, ran.text
    assert "--public-key" in ran.text
    keeper.refused("signature.revoked", "--public-key", keeper.home / "mallory.pub")


def test_a_revocation_does_not_end_with_the_certificate_of_its_signer(keeper, tmp_path, monkeypatch):
    signer = keys.generate("ecdsa-p256")
    certified(keeper.home, signer, authority("root"), "eve@acme.example", time=PAST)
    table = '[[signers.eve.certificates]]\nroots = ["root.pem"]\nidentity = "eve@acme.example"\n'
    keeper.write(table, REVOKERS.replace("security", "watch"))
    keeper.path.write_text(keeper.path.read_text().replace("[roles]", '[roles]\nwatch = ["eve"]'))
    keeper.accepted()
    from sbom import attesting  # noqa: PLC0415
    from sbom.attestation import signing  # noqa: PLC0415
    from sbom.signing import certificates  # noqa: PLC0415

    chain = certificates.load_chain(keeper.home / "chain.pem")
    with monkeypatch.context() as then:
        then.setattr(certificates, "certify", lambda signer, chain: certificates._Certificated(signer, tuple(chain)))
        attesting.revoke(str(keeper.release.bom), "poisoned", signing.Means(signer, chain))
    found = keeper.refused("signature.revoked", code=3)
    assert "eve" in found["sentence"]
    assert "expired" in found["sentence"]


def test_a_revocation_beside_the_document_that_a_link_leads_to(keeper):
    keeper.write(REVOKERS)
    keeper.revoke("ada")
    (keeper.release.home / "links").mkdir()
    link = keeper.release.home / "links" / "latest.json"
    link.symlink_to(keeper.release.bom)
    keeper.refused("signature.revoked", bom=link)


def test_a_list_is_not_renewed_when_somebody_took_an_entry_out(keeper, cli):
    directory = keeper.release.home / "lists"
    directory.mkdir()
    listed = directory / "revoked.sigstore.json"
    more = ["--list", listed, "--key", keeper.keys["ada"]]
    assert cli("revoke", keeper.release.bom, "--reason", "poisoned", *more).code == 0
    tree = json.loads(listed.read_bytes())
    statement = json.loads(base64.b64decode(tree["dsseEnvelope"]["payload"]))
    statement["predicate"]["revoked"] = []
    from sbom.attestation import predicates  # noqa: PLC0415

    statement["subject"][0]["digest"]["sha256"] = predicates._digest(statement["predicate"])
    tree["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    good = listed.read_bytes()
    listed.write_text(json.dumps(tree))
    ran = cli("revoke", *more)
    assert ran.code == 1, ran.text
    listed.write_bytes(good)
    assert cli("revoke", *more).code == 0
    assert cli("revoke", "--list", listed, "--key", keeper.keys["mallory"]).code == 1


# -- policies -----------------------------------------------------------------------------------------------------------


def test_the_signature_of_a_policy_covers_the_keys_that_it_names(keeper, cli, tmp_path):
    keeper.write(TWO)
    assert cli("policy", "sign", keeper.path, "--key", keeper.keys["ada"]).code == 0
    keeper.approve("ada")
    keeper.approve("mallory")
    policy_key = ["--policy-key", keeper.home / "ada.pub"]
    ran = keeper.run(*policy_key)
    assert ran.code == 1, ran.text
    shutil.copy(keeper.home / "mallory.pub", keeper.home / "grace.pub")
    found = keeper.refused("policy.valid", *policy_key)
    assert "not signed" in found["sentence"]


@pytest.mark.parametrize("given", [{"policy_keys": ("x",)}, {"state": "x"}])
def test_what_belongs_to_a_policy_is_never_ignored(release, given):
    trust = api.Trust((release.pub,), **given)
    with pytest.raises(UsageError, match="policy"):
        api.verify(release.bom, release.data, trust=trust)


def test_a_chain_does_not_ignore_a_policy(release, keeper):
    keeper.write()
    with pytest.raises(UsageError, match="policy"):
        verify_chain([str(release.bom)], api.Trust((release.pub,), policy=keeper.path))


@pytest.mark.parametrize("top", ['state = "a\\u0000b"', '[trust]\nsigstore-root = "a\\u0000b"'])
def test_a_path_that_is_none(keeper, top):
    keeper.write(top=top)
    ran = keeper.run()
    assert ran.code in {0, 2}, ran.text
    assert "unexpected" not in ran.text


@pytest.mark.parametrize("key", ["a" + ".a" * 100_000, '"!"' + '."!"' * 60_000, "[x" + ".a" * 100_000 + "]"])
def test_a_key_of_many_parts_takes_no_memory(keeper, key):
    keeper.path.write_text(key if key.startswith("[") else f"{key} = 1")
    ran = keeper.run()
    assert ran.code == 2, ran.text
    assert "dots" in ran.text


def test_a_key_whose_path_is_none(keeper):
    keeper.write()
    keeper.path.write_text(keeper.path.read_text().replace("ada.pub", "a\\u0000b"))
    ran = keeper.run()
    assert ran.code == 2, ran.text


# -- lineage ------------------------------------------------------------------------------------------------------------

LINEAGE = """
id = "chain"
version = 1
name = "Chain"
expires = 2099-01-01T00:00:00Z
[signers.publisher]
keys = ["{release}"]
[signers.jane]
keys = ["{jane}"]
[roles]
releaser = ["publisher"]
cleaner = ["jane"]
[release]
require = {{ releaser = 1 }}
[lineage]
signers = {{ clean = ["cleaner"] }}
"""


def test_a_signed_step_that_lies_beside_the_chain_is_none_for_a_policy(chain):
    path = chain.home / "policy.toml"
    path.write_text(LINEAGE.format(release=chain.attack.release.pub, jane=chain.home / "jane.pub"))
    chain.put(chain.steps)
    chain.accepted("--policy", path)
    # Jane has cleaned, and what she made is not what became of the dataset.
    split = chain.split._replace(inputs=chain.download.outputs)
    chain.put([chain.download, chain.clean, split])
    ran = chain.verify("--policy", path, "-f", "json")
    assert ran.code == 1, ran.text
    (found,) = [one for one in json.loads(ran.out)["checks"] if one["status"] == "fail"]
    assert (found["id"], "no file of the dataset comes from it" in found["sentence"]) == ("policy.lineage", True)
