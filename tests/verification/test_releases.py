"""Reading a directory of releases: what is trusted counts, everything else is named."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from sbom import api
from sbom.attestation.interface import Anchors
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import ChainError, UndecidedError
from sbom.verification import releases
from sbom.verification.whom import Whom

LIMITS = Limits()


@pytest.fixture
def load(publisher):
    def load(limits=LIMITS, required=1):
        return releases.load_directory(
            str(publisher.home), Whom(Anchors(keys=tuple(publisher.trust.keys)), required), limits
        )

    return load


def test_trusted_releases_are_found(publisher, load):
    paths = publisher.line("1", "2")
    found, ignored = load()
    assert [release.path for release in found] == [str(path) for path in paths]
    assert found[1].previous.sha256 == found[0].sha256
    assert [signer.status for signer in found[0].signers] == ["valid"]
    assert ignored == []


def test_what_is_no_document_is_ignored(publisher, load):
    publisher.line("1")
    (publisher.home / "README.md").write_text("# releases\n")
    (publisher.home / "rows.jsonl").write_text('{"a": 1}\n{"a": 2}\n')
    (publisher.home / "list.json").write_text("[]")
    (publisher.home / "other.json").write_text("{}")
    (publisher.home / "twice.json").write_text('{"a": 1, "a": 2}')
    (publisher.home / "empty").write_bytes(b"")
    (publisher.home / "below").mkdir()
    os.mkfifo(publisher.home / "pipe")
    found, ignored = load()
    assert len(found) == 1
    names = [os.path.basename(item.path) for item in ignored]
    assert names == ["README.md", "empty", "list.json", "other.json", "pipe", "rows.jsonl", "twice.json"]
    assert not any(item.undecided for item in ignored)


def test_untrusted_ones_are_ignored_by_digest_and_reason(publisher, load):
    stranger = publisher.publish("1", key=publisher.strangers)
    unsigned = publisher.publish("2", key=None)
    found, ignored = load()
    assert found == []
    assert [item.sha256 for item in ignored] == [api.Bom.read(path).sha256 for path in (stranger, unsigned)]
    assert "0 of 1 given key" in ignored[0].reason
    assert "not signed" in ignored[1].reason


def test_a_root_that_is_not_the_one_of_the_files_is_not_trusted(publisher, load):
    path = publisher.publish("1", key=None)
    tree = json.loads(path.read_bytes())
    for item in tree["metadata"]["component"]["properties"]:
        if item["name"] == "data-sbom:merkle-root":
            item["value"] = "0" * 64
    publisher.put(tree, path)
    found, ignored = load()
    assert found == []
    assert "does not give the stated root" in ignored[0].reason


def test_a_root_that_is_wrong_is_no_predecessor_either(publisher, release):
    path = publisher.publish("1", key=None)
    tree = json.loads(path.read_bytes())
    tree["metadata"]["component"]["properties"][1]["value"] = "0" * 64
    publisher.put(tree, path)
    with pytest.raises(ChainError, match="root"):
        api.generate(release.data, version="2", previous=path, previous_keys=publisher.trust.keys)


@pytest.mark.parametrize(
    ("name", "content", "undecided"),
    [("big.json", b'  {"a": "' + b"x" * 5000 + b'"}', True), ("big.tar", b"\x1f\x8b" + bytes(5000), False)],
)
def test_too_large_a_file_is_undecided_when_it_may_be_a_document(publisher, load, name, content, undecided):
    (publisher.home / name).write_bytes(content)
    _, ignored = load(Limits(size=4096))
    assert [item.undecided for item in ignored] == [undecided]
    assert "larger than" in ignored[0].reason


def test_too_many_components_are_undecided(publisher, load):
    (publisher.home / "many.json").write_bytes(b'{"a": [' + b"[]," * 10_100 + b"[]]}")
    (publisher.home / "many.txt").write_bytes(b"[" * 10_100)
    _, ignored = load(Limits(components=1))
    assert [item.undecided for item in ignored] == [True, False]


def test_a_link_to_nowhere_is_undecided(publisher, load):
    (publisher.home / "gone.json").symlink_to("nowhere.json")
    _, ignored = load()
    assert [item.undecided for item in ignored] == [True]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_undecided(publisher, load):
    publisher.line("1")[0].chmod(0)
    found, ignored = load()
    assert found == []
    assert [item.undecided for item in ignored] == [True]


def test_a_file_that_cannot_be_opened_is_undecided(publisher, load, monkeypatch):
    publisher.line("1")

    def refuse(path, *args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(releases.os, "open", refuse)
    found, ignored = load()
    assert found == []
    assert [(item.undecided, "cannot be read" in item.reason) for item in ignored] == [(True, True)]
    assert releases._may_be_document("x")


def test_a_directory_that_is_none(publisher):
    for path in (publisher.home / "nowhere", publisher.line("1")[0], "a\0b"):
        with pytest.raises(UndecidedError, match="cannot be listed"):
            releases.listing(str(path))


def test_a_directory_that_is_too_large(publisher, monkeypatch):
    publisher.line("1", "2")
    monkeypatch.setattr(releases, "_MAX_DOCUMENTS", 1)
    with pytest.raises(UndecidedError, match="more than 1 files"):
        releases.listing(str(publisher.home))


def test_no_result_is_no_trust():
    assert not releases.all_good([])
    assert releases.ignored("p", [], undecided=False).reason == "not every check of it could be made"


@pytest.fixture
def chained(cli, release, tmp_path):
    """A line of three real releases in a directory, and how to verify one against it."""
    home = tmp_path / "published"
    home.mkdir()
    key = api.load_private_key(release.key)
    paths = []
    for version in ("1", "2", "3"):
        (release.data / "version.txt").write_text(version)
        before = {"previous": paths[-1], "previous_keys": [release.pub]} if paths else {}
        bom = api.generate(release.data, name="penguins", version=version, cache=False, **before)
        bom.sign(key)
        paths.append(home / f"{version}.cdx.json")
        bom.write(paths[-1])

    def verify(version):
        (release.data / "version.txt").write_text(version)
        document = home / f"{version}.cdx.json"
        if not document.exists():
            document = tmp_path / document.name
        ran = cli("verify", document, release.data, "--public-key", release.pub, "--chain", home, "-f", "json")
        report = json.loads(ran.out)
        chain = {c["id"]: c["status"] for c in report["checks"] if c["id"].startswith("chain.")}
        others = {c["status"] for c in report["checks"] if not c["id"].startswith("chain.")}
        assert others == {"pass", "skipped"}
        return ran.code, tuple(chain.values())

    return home, verify


def test_verify_accepts_the_newest_release(chained):
    _, verify = chained
    assert verify("3") == (0, ("pass", "pass", "pass"))


def test_verify_refuses_an_older_release(chained):
    _, verify = chained
    assert verify("1") == (1, ("pass", "pass", "fail"))
    assert verify("2") == (1, ("pass", "pass", "fail"))


def test_verify_accepts_an_older_one_when_later_ones_are_gone(chained):
    home, verify = chained
    (home / "3.cdx.json").unlink()
    assert verify("2") == (0, ("pass", "pass", "pass"))


def test_verify_takes_the_presented_document_from_elsewhere(chained, tmp_path):
    home, verify = chained
    shutil.move(home / "3.cdx.json", tmp_path / "3.cdx.json")
    assert verify("3") == (0, ("pass", "pass", "pass"))


def test_verify_refuses_a_missing_predecessor(chained):
    home, verify = chained
    (home / "2.cdx.json").unlink()
    assert verify("3") == (1, ("fail", "fail", "pass"))


def test_verify_refuses_a_gap_further_back(chained):
    home, verify = chained
    (home / "1.cdx.json").unlink()
    assert verify("3") == (1, ("pass", "fail", "pass"))


def test_verify_refuses_a_predecessor_that_was_changed_by_one_byte(chained):
    home, verify = chained
    path = home / "2.cdx.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert verify("3") == (1, ("fail", "fail", "pass"))


def test_verify_refuses_a_predecessor_that_was_signed_again(chained, publisher):
    home, verify = chained
    bom = api.Bom.read(home / "2.cdx.json")
    bom.sign(publisher.strangers)
    bom.write(home / "2.cdx.json")
    assert verify("3") == (1, ("fail", "fail", "pass"))


def test_verify_refuses_a_document_that_was_signed_again_after_it_was_followed(chained, publisher, tmp_path):
    home, verify = chained
    bom = api.Bom.read(home / "2.cdx.json")
    bom.sign(publisher.strangers)
    (home / "2.cdx.json").unlink()
    bom.write(tmp_path / "2.cdx.json")
    assert verify("2") == (1, ("pass", "fail", "fail"))


def test_verify_ignores_a_successor_that_nobody_trusted_signed(chained, publisher):
    home, verify = chained
    forged = publisher.publish("4", home / "3.cdx.json", key=publisher.strangers)
    shutil.move(forged, home / "4.cdx.json")
    assert verify("3") == (0, ("pass", "pass", "pass"))


def test_verify_cannot_decide_when_a_document_cannot_be_looked_at(chained):
    home, verify = chained
    (home / "4.cdx.json").symlink_to("nowhere")
    assert verify("3") == (3, ("pass", "error", "error"))


def test_verify_cannot_decide_without_the_directory(chained, cli, release):
    home, _ = chained
    document = home / "3.cdx.json"
    ran = cli("verify", document, release.data, "--public-key", release.pub, "--chain", home / "nowhere")
    assert ran.code == 3
