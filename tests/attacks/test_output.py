"""Threat "output": what a result is written to, and what is left when that fails."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest


def verify_to(attack, target, *more):
    return attack.cli(*attack.release.verify_args("-f", "json", "-o", target, *more))


def guard_to(attack, target):
    args = attack.release.verify_args()[1:]
    return attack.cli("guard", *args, "--report", target, "--", "touch", attack.release.home / "ran")


def generate_to(attack, target):
    return attack.cli("generate", attack.data, "-o", target)


def sign_to(attack, target):
    return attack.cli("sign", attack.bom, "--key", attack.release.key, "-o", target)


WRITERS = [verify_to, guard_to, generate_to, sign_to]
NAMED = {"ids": lambda writer: writer.__name__.removesuffix("_to")}


def left_behind(attack):
    return [path for path in attack.release.home.rglob("*") if path.name.endswith(".tmp")]


@pytest.mark.parametrize("write", WRITERS, **NAMED)
def test_symlink_is_not_written_through(attack, write):
    victim = attack.release.home / "victim"
    victim.write_bytes(b"precious")
    link = attack.release.home / "out.json"
    link.symlink_to(victim)
    ran = write(attack, link)
    assert ran.code == 2
    assert f"{link}: is a symlink" in ran.err
    assert victim.read_bytes() == b"precious"
    assert not (attack.release.home / "ran").exists()


@pytest.mark.parametrize("write", WRITERS, **NAMED)
def test_dangling_symlink_is_not_written_through(attack, write):
    link = attack.release.home / "out.json"
    link.symlink_to(attack.release.home / "new")
    assert write(attack, link).code == 2
    assert not (attack.release.home / "new").exists()


@pytest.mark.parametrize("write", WRITERS, **NAMED)
@pytest.mark.parametrize("kind", ["a directory", "a pipe", "a missing directory", "below a file", "a directory's name"])
def test_what_no_file_can_be_written_to(attack, write, kind):
    home = attack.release.home
    target = {
        "a directory": str(home / "dir"),
        "a pipe": str(home / "pipe"),
        "a missing directory": str(home / "gone" / "out.json"),
        "below a file": str(attack.bom / "out.json"),
        "a directory's name": str(home / "dir") + "/",
    }[kind]
    (home / "dir").mkdir()
    os.mkfifo(home / "pipe")
    ran = write(attack, target)
    assert ran.code == 2, ran.text
    assert "error: " in ran.err
    assert target.rstrip("/") in ran.err
    assert not (home / "ran").exists()


@pytest.mark.parametrize("write", [verify_to, guard_to], ids=["verify", "guard"])
def test_report_does_not_replace_the_document(attack, write):
    before = attack.bom.read_bytes()
    for target in (attack.bom, attack.release.home / "data" / ".." / attack.bom.name):
        ran = write(attack, target)
        assert ran.code == 2
        assert "is the document itself" in ran.err
    assert attack.bom.read_bytes() == before


def test_report_does_not_replace_a_hard_link_of_the_document(attack):
    other = attack.release.home / "other.json"
    os.link(attack.bom, other)
    assert verify_to(attack, other).code == 2


@pytest.mark.parametrize("write", [verify_to, guard_to], ids=["verify", "guard"])
def test_report_does_not_replace_a_file_of_the_data(attack, write):
    target = attack.file("README.md")
    ran = write(attack, target)
    assert ran.code == 2
    assert "is a file of the dataset" in ran.err
    assert target.read_bytes() == b"# penguins\n"


def test_report_through_a_link_to_the_data_does_not_replace_a_file_of_it(attack):
    link = attack.release.home / "link"
    link.symlink_to(attack.data)
    assert verify_to(attack, link / "README.md").code == 2
    assert attack.file("README.md").read_bytes() == b"# penguins\n"


def test_report_inside_the_data_is_warned_about(attack):
    ran = verify_to(attack, attack.file("report.json"))
    assert ran.code == 0
    assert "lies inside the data" in ran.err
    attack.refused("EXTRA", "report.json")


@pytest.mark.parametrize("write", [generate_to, sign_to], ids=["generate", "sign"])
@pytest.mark.parametrize("content", [b"precious", b"{}", b"", b'{"bomFormat": "CycloneDX", "specVersion": "1.7"}'])
def test_document_does_not_replace_what_is_no_data_sbom(attack, write, content):
    target = attack.release.home / "notes.txt"
    target.write_bytes(content)
    ran = write(attack, target)
    assert ran.code == 2
    assert "exists and is not a data SBOM" in ran.err
    assert target.read_bytes() == content


def test_document_does_not_replace_a_file_of_the_data(attack):
    for name in ("README.md", "train/0001.csv"):
        before = attack.file(name).read_bytes()
        assert generate_to(attack, attack.file(name)).code == 2
        assert attack.file(name).read_bytes() == before


def test_keys_are_never_overwritten(attack):
    ran = attack.cli("keygen", "-o", attack.release.key.with_suffix(""))
    assert ran.code == 2
    assert "exists already" in ran.err
    attack.accepted()


def limited(*args, size=4096):
    """Run the command line with a limit for the size of files that it writes: the disk is full half-way."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return subprocess.run(
        [sys.executable, "-m", "sbom", *map(str, args)],
        capture_output=True,
        text=True,
        preexec_fn=limit,  # there are no threads here
        check=False,
        timeout=30,
    )


def test_disk_full_half_way_leaves_the_old_file(attack):
    home, target = attack.release.home, attack.release.home / "old.json"
    before = attack.bom.read_bytes()
    assert len(before) > 4096
    target.write_bytes(before)
    small = ("generate", attack.data, "--no-cache", "--jobs", "1", "-o")
    attempts = [
        (*small, target),
        (*small, home / "new.json"),
        ("sign", attack.bom, "--key", attack.release.key, "-o", target),
        attack.release.verify_args("-f", "json", "-o", target),
        attack.release.verify_args("-f", "json", "-o", home / "new.json"),
    ]
    for args in attempts:
        ran = limited(*args, size=1024)
        assert ran.returncode == 3, (args, ran.stderr)
        assert "cannot be written: File too large" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert target.read_bytes() == before
        assert not (home / "new.json").exists()
        assert not left_behind(attack)


def test_disk_full_while_a_key_is_written(attack):
    ran = limited("keygen", "-o", attack.release.home / "k", size=64)
    assert ran.returncode == 3
    assert not list(attack.release.home.glob("k.*"))


def test_rename_that_fails_leaves_the_old_file(attack, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(18, "Invalid cross-device link")

    target = attack.release.home / "old.json"
    target.write_bytes(attack.bom.read_bytes())
    monkeypatch.setattr(os, "replace", fail)
    ran = generate_to(attack, target)
    assert ran.code == 3
    assert "cannot be written: Invalid cross-device link" in ran.err
    assert target.read_bytes() == attack.bom.read_bytes()
    assert not left_behind(attack)


def test_interrupt_while_the_file_is_written_leaves_the_old_file(attack, monkeypatch):
    def fail(*args, **kwargs):
        raise KeyboardInterrupt

    target = attack.release.home / "old.json"
    target.write_bytes(attack.bom.read_bytes())
    monkeypatch.setattr(os, "fsync", fail)
    ran = generate_to(attack, target)
    assert ran.code == 130
    assert target.read_bytes() == attack.bom.read_bytes()
    assert not left_behind(attack)


def test_read_only_directory(attack, monkeypatch):
    real = os.open

    def refuse(path, flags, *args, **kwargs):
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    ran = generate_to(attack, attack.release.home / "new.json")
    assert ran.code == 3
    assert "new.json: cannot be written: Permission denied" in ran.err


def test_permissions_of_the_old_file_are_kept(attack):
    attack.bom.chmod(0o640)
    assert generate_to(attack, attack.bom).code == 0
    assert attack.bom.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o000, 0o666)], ids=oct)
def test_umask_is_kept(attack, umask, mode):
    old = os.umask(umask)
    try:
        assert verify_to(attack, attack.release.home / "report").code == 0
        assert attack.cli("keygen", "-o", attack.release.home / "k").code == 0
    finally:
        os.umask(old)
    assert (attack.release.home / "report").stat().st_mode & 0o777 == mode
    assert (attack.release.home / "k.key").stat().st_mode & 0o777 == 0o600


def test_failed_verification_still_writes_its_report(attack):
    attack.file("evil").write_bytes(b"")
    target = attack.release.home / "report.json"
    assert verify_to(attack, target).code == 1
    assert json.loads(target.read_bytes())["verdict"] == "failed"


def test_step_summary_that_cannot_be_written(attack, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(attack.release.home / "gone" / "summary"))
    ran = attack.verify("-f", "github", code=3)
    assert "the step summary cannot be written" in ran.err
    summary = attack.release.home / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert attack.verify("-f", "github", code=0)
    assert "penguins" in summary.read_text(encoding="utf-8")
