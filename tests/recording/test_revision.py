"""The commit and whether anything differs from it, without running what a repository asks to be run."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from sbom.recording import revision as module
from sbom.recording.revision import revision

GIT = shutil.which("git") or "git"


def git(place, *words: str) -> str:
    command = [GIT, "-c", "user.name=x", "-c", "user.email=x@example.org", *words]
    return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(params=["sha1", "sha256"])
def repository(request, tmp_path):
    place = tmp_path / "r"
    place.mkdir()
    git(place, "init", "-q", f"--object-format={request.param}")
    (place / "sub").mkdir()
    (place / "sub" / "a.txt").write_text("a\n")
    git(place, "add", ".")
    git(place, "commit", "-qm", "x")
    return place


def test_clean_and_dirty(repository) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert revision(str(repository)) == (commit, False)
    assert revision(str(repository / "sub")) == (commit, False)
    (repository / "new.txt").write_text("not under version control")
    assert revision(str(repository)) == (commit, False)
    (repository / "sub" / "a.txt").write_text("b\n")
    assert revision(str(repository)) == (commit, True)


def test_touched_but_the_same(repository) -> None:
    os.utime(repository / "sub" / "a.txt", (1, 1))
    found = revision(str(repository))
    assert found is not None and found.dirty is False


@pytest.mark.parametrize("change", ["add", "rm", "delete"])
def test_what_is_staged_or_gone_is_a_difference(repository, change: str) -> None:
    if change == "add":
        (repository / "b.txt").write_text("b")
        git(repository, "add", "b.txt")
    elif change == "rm":
        git(repository, "rm", "-q", "--cached", "sub/a.txt")
    else:
        (repository / "sub" / "a.txt").unlink()
    found = revision(str(repository))
    assert found is not None and found.dirty is True


def test_objects_in_packs(repository) -> None:
    git(repository, "gc", "-q")
    found = revision(str(repository))
    assert found is not None and found.dirty is False and len(found.commit or "") in {40, 64}


def test_nothing_of_the_repository_is_run(repository, tmp_path, monkeypatch) -> None:
    """Monitors, hooks, filters and aliases: each would run if git were run in the repository."""
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    evil.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "filter.evil.clean",
        "filter.evil.process",
        "core.pager",
        "diff.external",
        "core.sshCommand",
    ):
        git(repository, "config", key, str(evil))
    git(repository, "config", "alias.status", f"!{evil}")
    git(repository, "config", "core.hooksPath", str(tmp_path))
    shutil.copy(evil, tmp_path / "post-index-change")
    (repository / ".gitattributes").write_text("* filter=evil\n")
    os.utime(repository / "sub" / "a.txt", (1, 1))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(evil))
    before = sorted(os.listdir(repository / ".git"))
    found = revision(str(repository))
    assert found is not None and found.dirty is False
    assert not (tmp_path / "ran").exists()
    assert sorted(os.listdir(repository / ".git")) == before
    # The trap works: git itself falls for it.
    subprocess.run([GIT, "status", "--porcelain"], cwd=repository, check=False, capture_output=True)
    assert (tmp_path / "ran").exists()


def test_the_environment_does_not_choose_the_repository(repository, tmp_path, monkeypatch) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "none"))
    assert revision(str(repository)) == (commit, False)


def test_no_repository_and_no_commit(tmp_path) -> None:
    assert revision(str(tmp_path)) is None
    git(tmp_path, "init", "-q")
    assert revision(str(tmp_path)) == (None, None)


@pytest.mark.parametrize("damage", ["none", "garbage", "link", "directory", "large"])
def test_an_index_that_cannot_be_read_is_unknown(repository, damage: str, monkeypatch) -> None:
    index = repository / ".git" / "index"
    if damage == "large":
        monkeypatch.setattr(module, "_MAX_INDEX", 10)
    else:
        kept = index.read_bytes()
        index.unlink()
    if damage == "garbage":
        index.write_bytes(b"DIRC garbage")
    elif damage == "link":
        (repository / "index").write_bytes(kept)
        index.symlink_to("../index")
    elif damage == "directory":
        index.mkdir()
    found = revision(str(repository))
    assert found is not None and found.commit is not None and found.dirty is None


def test_without_git_the_commit_is_known_all_the_same(repository, monkeypatch, tmp_path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert revision(str(repository)) == (commit, None)


def test_git_that_hangs(repository, monkeypatch, tmp_path) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(module, "_SECONDS", 0.2)
    found = revision(str(repository))
    assert found is not None and found.dirty is None
