"""git's state as text: what is readable is read, and nothing behind a link or of a foreign size."""

from __future__ import annotations

import os
import subprocess

import pytest

from sbom.inventory import git
from sbom.model import GitState

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LONG = COMMIT + "0123456789abcdef01234567"


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "repository"
    (root / ".git" / "refs" / "heads").mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / ".git" / "refs" / "heads" / "main").write_text(COMMIT + "\n")
    return root


def read(root, *, search_parents=False):
    return git.read(os.fspath(root), search_parents=search_parents)


def test_branch(repository):
    assert read(repository) == GitState(COMMIT, "main")


@pytest.mark.parametrize("commit", [COMMIT, LONG])
def test_detached(repository, commit):
    (repository / ".git" / "HEAD").write_text(commit + "\n")
    assert read(repository) == GitState(commit, None)


def test_packed(repository):
    (repository / ".git" / "refs" / "heads" / "main").unlink()
    other = COMMIT[::-1]
    (repository / ".git" / "packed-refs").write_text(
        f"# pack-refs with: peeled fully-peeled sorted\n{other} refs/heads/mai\n{LONG} refs/heads/main\n^{other}\n"
    )
    assert read(repository) == GitState(LONG, "main")


def test_a_loose_reference_is_newer_than_a_packed_one(repository):
    (repository / ".git" / "packed-refs").write_text(f"{LONG} refs/heads/main\n")
    assert read(repository) == GitState(COMMIT, "main")


def test_no_commit_yet(repository):
    (repository / ".git" / "refs" / "heads" / "main").unlink()
    assert read(repository) == GitState(None, "main")
    (repository / ".git" / "packed-refs").write_text("nonsense refs/heads/main\n")
    assert read(repository) == GitState(None, "main")


@pytest.mark.parametrize("branch", ["feature/x.y-1", "ünï", "tag@{0}"])
def test_branches_of_any_name(repository, branch):
    path = repository / ".git" / "refs" / "heads" / branch
    path.parent.mkdir(exist_ok=True)
    path.write_text(COMMIT)
    (repository / ".git" / "HEAD").write_text(f"ref:refs/heads/{branch}")
    assert read(repository) == GitState(COMMIT, branch)


def test_other_references_keep_their_name(repository):
    (repository / ".git" / "HEAD").write_text("ref: refs/remotes/origin/main")
    assert read(repository) == GitState(None, "refs/remotes/origin/main")


@pytest.mark.parametrize(
    "head",
    [
        "",
        "nonsense",
        "ref: ",
        "ref: /etc/passwd",
        "ref: ../../secret",
        "ref: refs/../../secret",
        "ref: refs/heads/../../../secret",
        "ref: refs//heads",
        "ref: refs/heads/",
        "ref: refs/heads/a\\b",
        "ref: refs/heads/a\x1b[31m",
        "ref: refs/heads/.invalid",
        "gitdir: refs/heads/main",
        COMMIT[:-1],
        COMMIT.upper(),
        COMMIT + "0",
        "ref: refs/heads/" + "x" * 2000,
    ],
)
def test_odd_heads_are_nothing(repository, tmp_path, head):
    (tmp_path / "secret").write_text(COMMIT)
    (repository / ".git" / "HEAD").write_bytes(head.encode())
    assert read(repository) is None


def test_head_that_is_not_utf_8(repository):
    (repository / ".git" / "HEAD").write_bytes(b"ref: refs/heads/\xff")
    assert read(repository) is None


@pytest.mark.parametrize("name", ["HEAD", "refs/heads/main", "packed-refs"])
@pytest.mark.parametrize("kind", ["link", "pipe", "directory", "huge", "nothing"])
def test_anything_but_a_small_file_is_not_read(repository, tmp_path, name, kind, monkeypatch):
    monkeypatch.setattr(git, "_MAX_PACKED", 1 << 20)
    (repository / ".git" / "packed-refs").write_text(f"{LONG} refs/heads/main\n")
    if name == "packed-refs":
        (repository / ".git" / "refs" / "heads" / "main").unlink()
    path = repository / ".git" / name
    content = path.read_bytes()
    path.unlink()
    if kind == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "huge":
        path.write_bytes(content + b"\n" * (2 << 20))
    expected = {"HEAD": None, "refs/heads/main": GitState(LONG, "main"), "packed-refs": GitState(None, "main")}
    assert read(repository) == expected[name]


def test_a_reference_behind_a_linked_directory_is_not_read(repository, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "main").write_text(COMMIT)
    (repository / ".git" / "refs" / "heads" / "main").unlink()
    (repository / ".git" / "refs" / "heads").rmdir()
    (repository / ".git" / "refs" / "heads").symlink_to(tmp_path / "elsewhere")
    assert read(repository) == GitState(None, "main")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_git_that_is_no_directory(repository, tmp_path, kind):
    (repository / ".git").rename(tmp_path / "real")
    if kind == "file":
        (repository / ".git").write_text(f"gitdir: {tmp_path / 'real'}\n")
    else:
        (repository / ".git").symlink_to(tmp_path / "real")
    assert read(repository) is None


def test_parents_are_searched_when_asked(repository):
    below = repository / "data" / "train"
    below.mkdir(parents=True)
    assert read(below) is None
    assert read(below, search_parents=True) == GitState(COMMIT, "main")
    # A worktree or a submodule: what is checked out there is not what the parents say.
    (below / ".git").write_text("gitdir: elsewhere")
    assert read(below, search_parents=True) is None


def test_no_repository_up_to_the_top():
    assert git.read("/", search_parents=True) is None


def test_git_is_never_run(repository, monkeypatch):
    (repository / ".git" / "config").write_text("[core]\n\tfsmonitor = touch run\n")
    monkeypatch.setattr(subprocess, "Popen", None)
    assert read(repository) == GitState(COMMIT, "main")


def test_no_descriptor_is_left_open(repository):
    read(repository)
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        read(repository)
    assert len(os.listdir("/dev/fd")) == before
