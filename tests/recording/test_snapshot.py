"""Snapshots: what is hashed, what is left alone, and what cannot be read."""

from __future__ import annotations

import hashlib
import itertools
import os

import pytest

from sbom.inventory import cache, pool
from sbom.recording import snapshot
from sbom.recording.snapshot import look, take


def nothing(_name: str, _state: object) -> None:
    return None


@pytest.fixture
def home(tmp_path):
    place = tmp_path / "w"
    for name in (
        "a.txt",
        "sub/b.txt",
        "sub/deep/c.txt",
        ".git/config",
        "pkg/__pycache__/m.pyc",
        "x.egg-info/f",
        "venv/f",
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(name)
    return place


def test_every_file_but_those_of_tools(home) -> None:
    (home / ".cache").write_text("a file of that name is no tool's")
    found = take(str(home), [""], nothing)
    assert sorted(found.files) == [".cache", "a.txt", "sub/b.txt", "sub/deep/c.txt"]
    seen = found.files["sub/b.txt"]
    assert seen.sha256 == hashlib.sha256(b"sub/b.txt").hexdigest() and seen.size == 9
    assert found.problems == ()


def test_roots(home) -> None:
    found = take(str(home), ["sub/deep", "sub", "a.txt", "none", "sub/b.txt"], nothing)
    assert sorted(found.files) == ["a.txt", "sub/b.txt", "sub/deep/c.txt"]
    assert sorted(take(str(home), ["sub", ""], nothing).files) == ["a.txt", "sub/b.txt", "sub/deep/c.txt"]


def test_what_is_known_is_not_read(home, monkeypatch) -> None:
    before = take(str(home), [""], nothing)
    (home / "a.txt").write_text("changed")
    read: list[str] = []
    run = pool.run

    def watched(root_fd, jobs, **options):
        jobs = list(jobs)
        read.extend(job.path for job in jobs)
        return run(root_fd, jobs, **options)

    monkeypatch.setattr(snapshot.pool, "run", watched)
    after = take(str(home), [""], before.sha256)
    assert read == ["a.txt"]
    assert after.files["a.txt"].sha256 == hashlib.sha256(b"changed").hexdigest()
    assert after.files["sub/b.txt"] == before.files["sub/b.txt"]


def test_large_files_come_from_the_cache(home, monkeypatch) -> None:
    data = b"x" * cache.MIN_SIZE
    (home / "large.bin").write_bytes(data)
    os.utime(home / "large.bin", (1, 1))
    real, wanted = snapshot.hash_cache.HashCache._may_be_known, hashlib.sha256(data).hexdigest()
    # The change time cannot be set back.
    monkeypatch.setattr(snapshot.hash_cache.HashCache, "_may_be_known", lambda self, state: real(self, (*state[:5], 0)))
    assert take(str(home), [""], nothing).files["large.bin"].sha256 == wanted
    seen: list[str] = []
    run = pool.run
    monkeypatch.setattr(
        snapshot.pool, "run", lambda fd, jobs, **more: run(fd, [seen.append(job.path) or job for job in jobs], **more)
    )
    assert take(str(home), [""], nothing).files["large.bin"].sha256 == wanted
    assert "large.bin" not in seen and "a.txt" in seen


@pytest.mark.parametrize("trouble", ["open", "none"])
def test_without_a_cache_everything_is_hashed(home, monkeypatch, tmp_path, trouble) -> None:
    if trouble == "open":
        place = tmp_path / "cache"
        place.mkdir()
        place.chmod(0o777)
        monkeypatch.setenv("DATA_SBOM_CACHE_DIR", str(place))
    else:

        def none() -> str:
            raise cache.CacheUnusableError("there is no home directory")

        monkeypatch.setattr(cache, "directory", none)
    assert len(take(str(home), [""], nothing).files) == 3


def test_links_and_pipes_are_no_files(home) -> None:
    (home / "link").symlink_to("a.txt")
    (home / "out").symlink_to("/etc")
    os.mkfifo(home / "pipe")
    assert set(take(str(home), [""], nothing).files) == {"a.txt", "sub/b.txt", "sub/deep/c.txt"}
    assert take(str(home), ["link", "pipe"], nothing).files == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything: run it as another user")
def test_what_may_not_be_read(home) -> None:
    (home / "a.txt").chmod(0)
    (home / "sub").chmod(0)
    try:
        found = take(str(home), [""], nothing)
    finally:
        (home / "sub").chmod(0o755)
    assert found.files["a.txt"].sha256 is None
    assert {name for name, _ in found.problems} == {"a.txt", "sub"}


def test_directories_that_vanish_or_turn_into_links(home, monkeypatch) -> None:
    real = snapshot.files.open_directory

    def opened(root_fd: int, path: str) -> int:
        if path == "sub":
            (home / "sub").rename(home / "elsewhere")
            (home / "sub").symlink_to("elsewhere")
        return real(root_fd, path)

    monkeypatch.setattr(snapshot.files, "open_directory", opened)
    assert [name for name, _ in take(str(home), [""], nothing).problems if name != "elsewhere"] == ["sub"]


def test_a_directory_that_fails_while_it_is_listed(home, monkeypatch) -> None:
    real = os.scandir

    def failing(fd):
        if os.readlink(f"/proc/self/fd/{fd}").endswith("/deep"):
            raise OSError(5, "Input/output error")
        return real(fd)

    monkeypatch.setattr(os, "scandir", failing)
    assert take(str(home), [""], nothing).problems == (("sub/deep", "cannot be read: Input/output error"),)


def test_a_file_that_changes_while_it_is_read_is_told(home, monkeypatch) -> None:
    real, times = snapshot.files.state_of, itertools.count()
    monkeypatch.setattr(snapshot.files, "state_of", lambda found: (*real(found)[:5], next(times)))
    found = take(str(home), ["sub/deep"], nothing)
    assert found.files["sub/deep/c.txt"].sha256 is None
    assert [name for name, _ in found.problems] == ["sub/deep/c.txt"]


def test_a_root_that_cannot_be_opened(home, monkeypatch) -> None:
    def failing(_path: str) -> int:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(snapshot.files, "open_root", failing)
    assert take(str(home), ["sub"], nothing).problems == (("sub", "cannot be read: Permission denied"),)
    assert look(str(home), "a.txt") is None


def test_a_worker_that_dies_is_told(home, monkeypatch) -> None:
    def dying(*_args, **_options):
        raise snapshot.UndecidedError("a worker process died")

    monkeypatch.setattr(snapshot.pool, "run", dying)
    assert take(str(home), [""], nothing).problems == (("", "a worker process died"),)


def test_looking_at_one_file(home) -> None:
    (home / "link").symlink_to("a.txt")
    os.mkfifo(home / "pipe")
    seen = look(str(home), "a.txt")
    assert seen is not None and seen.sha256 == hashlib.sha256(b"a.txt").hexdigest()
    for name in ("none", "link", "pipe", "sub"):
        assert look(str(home), name) is None


def test_a_snapshot_knows_its_own_files_as_they_were(home) -> None:
    found = take(str(home), [""], nothing)
    seen = found.files["a.txt"]
    assert found.sha256("a.txt", seen.state) == seen.sha256
    assert found.sha256("a.txt", (*seen.state[:5], 0)) is None and found.sha256("b", seen.state) is None
