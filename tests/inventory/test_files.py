"""Opening below a root: never through a link, whatever component it is."""

from __future__ import annotations

import os
import stat

import pytest

from sbom.inventory import files


@pytest.fixture
def root_fd(data):
    fd = files.open_root(os.fspath(data))
    yield fd
    os.close(fd)


@pytest.fixture
def opener(root_fd):
    one = files.Opener(root_fd)
    yield one
    one.close()


def content(fd):
    try:
        return os.read(fd, 100)
    finally:
        os.close(fd)


def open_descriptors():
    return len(os.listdir("/dev/fd"))


def test_opens_files_at_every_depth_and_again(opener, data):
    (data / "train" / "deep").mkdir()
    (data / "train" / "deep" / "x").write_bytes(b"deep")
    for path, expected in [("a.txt", b"a"), ("train/deep/x", b"deep"), ("train/b.csv", b"x,y\n1,2\n"), ("a.txt", b"a")]:
        assert content(opener.open(path)) == expected
        assert content(opener.open(path)) == expected


def test_absolute_paths_start_at_the_file_system(opener, data):
    assert content(opener.open(str(data / "a.txt"))) == b"a"
    top = next(name for name in sorted(os.listdir("/")) if stat.S_ISDIR(os.lstat(f"/{name}").st_mode))
    os.close(opener.open(f"/{top}"))
    os.close(files.open_directory(-1, "/"))
    os.close(files.open_directory(-1, f"/{top}"))


@pytest.mark.parametrize("path", ["link", "dirlink/b.csv", "train/up/a.txt", "train/up"])
def test_no_component_may_be_a_link(opener, data, path):
    (data / "link").symlink_to("a.txt")
    (data / "dirlink").symlink_to("train")
    (data / "train" / "up").symlink_to("..")
    before = open_descriptors()
    with pytest.raises(OSError, match=r"symbolic links|Not a directory"):
        opener.open(path)
    assert open_descriptors() <= before + 1  # the directory that it keeps open


def test_an_absolute_path_may_not_lead_through_a_link_either(opener, data, tmp_path):
    (tmp_path / "via").symlink_to("data")
    with pytest.raises(OSError, match=r"symbolic links|Not a directory"):
        opener.open(str(tmp_path / "via" / "a.txt"))


def test_a_failure_leaves_the_opener_usable(opener):
    assert content(opener.open("train/b.csv"))
    with pytest.raises(FileNotFoundError):
        opener.open("missing/x")
    with pytest.raises(FileNotFoundError):
        opener.open("train/missing")
    assert content(opener.open("train/b.csv"))
    opener.close()
    opener.close()
    assert content(opener.open("a.txt")) == b"a"


def test_a_pipe_does_not_hang(opener, data):
    os.mkfifo(data / "pipe")
    assert content(opener.open("pipe")) == b""


def test_root_may_be_given_through_a_link(data, tmp_path):
    (tmp_path / "link").symlink_to("data")
    os.close(files.open_root(str(tmp_path / "link")))
    with pytest.raises(NotADirectoryError):
        files.open_root(str(data / "a.txt"))


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"b"),
        lambda path: path.chmod(0o600),
        lambda path: os.utime(path, ns=(1, 1)),
        lambda path: path.rename(path.with_name("new")).with_name("a.txt").write_bytes(b"a"),
        lambda path: os.link(path, path.with_name("other")),
    ],
    ids=["content", "mode", "times", "inode", "links"],
)
def test_state_tells_every_change(data, change):
    before = files.state_of(os.lstat(data / "a.txt"))
    assert files.state_of(os.lstat(data / "a.txt")) == before
    os.utime(data / "a.txt", ns=(5, 5))
    before = files.state_of(os.lstat(data / "a.txt"))
    # A clock tick later, as every later change is: two within one tick leave the same time of change.
    while True:
        (data / "clock").unlink(missing_ok=True)
        (data / "clock").touch()
        if (data / "clock").lstat().st_ctime_ns > before[5]:
            break
    change(data / "a.txt")
    assert files.state_of(os.lstat(data / "a.txt")) != before
