"""Atomic writing: the old file or the new one, and nothing else, whatever happens."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from sbom import output
from sbom.errors import OutputError, UsageError


def names_in(path):
    return sorted(os.listdir(path))


def test_writes_a_new_file_with_the_callers_umask(tmp_path):
    old = os.umask(0o027)
    try:
        output.write(str(tmp_path / "new"), b"data")
    finally:
        os.umask(old)
    assert (tmp_path / "new").read_bytes() == b"data"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert names_in(tmp_path) == ["new"]


def test_replaces_a_file_and_keeps_its_mode(tmp_path):
    target = tmp_path / "old"
    target.write_bytes(b"old")
    target.chmod(0o604)
    inode = target.stat().st_ino
    with target.open("rb") as reader:
        output.write(str(target), b"new")
        assert reader.read() == b"old"  # who had it open keeps reading one whole version
    assert target.read_bytes() == b"new"
    assert target.stat().st_ino != inode
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert names_in(tmp_path) == ["old"]


def test_writes_into_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output.write("here", b"")
    assert names_in(tmp_path) == ["here"]


@pytest.mark.parametrize("name", ["n" * 255, "日" * 85, "\U0001f600" * 63])
def test_names_as_long_as_the_system_takes(tmp_path, name):
    output.write(str(tmp_path / name), b"x")
    output.write(str(tmp_path / name), b"y")
    assert (tmp_path / name).read_bytes() == b"y"


def test_a_writer_that_takes_little_at_a_time(tmp_path, monkeypatch):
    real = os.fdopen

    class Slow:
        def __init__(self, stream):
            self.stream = stream

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.stream.close()

        def write(self, data):
            return self.stream.write(data[:3])

    monkeypatch.setattr(os, "fdopen", lambda *args, **kw: Slow(real(*args, **kw)))
    output.write(str(tmp_path / "f"), b"0123456789")
    assert (tmp_path / "f").read_bytes() == b"0123456789"


# -- targets that are refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to("target"), "symlink"),
        (lambda path: path.symlink_to("missing"), "symlink"),
        (lambda path: path.mkdir(), "is a directory"),
        (os.mkfifo, "not a regular file"),
    ],
    ids=["link", "dangling link", "directory", "pipe"],
)
def test_refused_targets(tmp_path, make, reason):
    (tmp_path / "target").write_bytes(b"old")
    make(tmp_path / "f")
    before = names_in(tmp_path)
    with pytest.raises(UsageError, match=reason):
        output.write(str(tmp_path / "f"), b"new")
    assert (tmp_path / "target").read_bytes() == b"old"
    assert names_in(tmp_path) == before


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing/f", "directory of the output does not exist"),
        ("file/f", "Not a directory"),
        ("a\0b", "not a path"),
        ("n" * 300, "File name too long"),
        ("", "not the name of a file"),
        ("new/", "directory of the output does not exist"),
    ],
)
def test_impossible_targets(tmp_path, monkeypatch, path, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=reason):
        output.check_target(path)


def test_target_that_exists_is_described(tmp_path):
    assert output.check_target(str(tmp_path / "new")) is None
    (tmp_path / "old").write_bytes(b"123")
    found = output.check_target(str(tmp_path / "old"))
    assert found is not None
    assert found.st_size == 3


# -- failures ---------------------------------------------------------------------------------------------------------


def failing(number):
    def fail(*args, **kw):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("function", ["fsync", "replace", "fchmod", "open"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, function):
    (tmp_path / "f").write_bytes(b"old")
    monkeypatch.setattr(os, function, failing(errno.ENOSPC))
    with pytest.raises(OutputError, match="No space left on device") as caught:
        output.write(str(tmp_path / "f"), b"new")
    monkeypatch.undo()
    assert caught.value.exit_code == 3
    assert (tmp_path / "f").read_bytes() == b"old"
    assert names_in(tmp_path) == ["f"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, interruption):
    def interrupted(fd):
        raise interruption

    (tmp_path / "f").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(interruption):
        output.write(str(tmp_path / "f"), b"new")
    assert (tmp_path / "f").read_bytes() == b"old"
    assert names_in(tmp_path) == ["f"]


def test_an_interruption_right_after_the_replacement(tmp_path, monkeypatch):
    real = os.replace

    def replaced(*args):
        real(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replaced)
    with pytest.raises(KeyboardInterrupt):
        output.write(str(tmp_path / "f"), b"new")
    assert names_in(tmp_path) == ["f"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EINVAL, errno.ENOTSUP])
def test_a_directory_that_cannot_be_synced_is_good_enough(tmp_path, monkeypatch, number):
    monkeypatch.setattr(output, "_sync_directory", failing(number))
    output.write(str(tmp_path / "f"), b"new")
    assert (tmp_path / "f").read_bytes() == b"new"


def test_a_directory_that_fails_to_sync_is_told_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "_sync_directory", failing(errno.EIO))
    with pytest.raises(OutputError, match="was written, but"):
        output.write(str(tmp_path / "f"), b"new")
