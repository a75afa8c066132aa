"""One file, one read, every digest; and never the digest of something else than what was asked for."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import threading

import pytest

from sbom.errors import MissingExtraError
from sbom.inventory import files, hashing
from sbom.inventory.hashing import Failed, Hashed, Task, hash_file
from sbom.model import TableStats

ALGORITHMS = {
    "SHA-256": hashlib.sha256,
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
    "SHA3-256": hashlib.sha3_256,
    "SHA3-384": hashlib.sha3_384,
    "SHA3-512": hashlib.sha3_512,
    "BLAKE2b-256": lambda data: hashlib.blake2b(data, digest_size=32),
    "BLAKE2b-384": lambda data: hashlib.blake2b(data, digest_size=48),
    "BLAKE2b-512": lambda data: hashlib.blake2b(data, digest_size=64),
}
KIB, MIB = 1 << 10, 1 << 20
SIZES = [0, 1, 4095, 4096, 4097, 64 * KIB, MIB - 1, MIB, MIB + 1, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1]
SHA = ("SHA-256",)
CHANGED = Failed("changed before it was read", unstable=True)
WHILE = Failed("changed while it was read", unstable=True)


@pytest.fixture
def hashed(data):
    """Hash a file of the dataset; ``state`` is what the walk is to have seen."""
    root_fd = files.open_root(os.fspath(data))
    opener = files.Opener(root_fd)

    def run(name, algorithms=SHA, *, kind="", state=None, progress=None):
        seen = state or files.state_of(os.lstat(data / name))
        return hash_file(opener, Task(name, kind, seen), algorithms, progress)

    yield run
    opener.close()
    os.close(root_fd)


def content(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
def test_every_digest_in_one_read(data, hashed, size):
    (data / "f").write_bytes(content(size))
    expected = tuple(make(content(size)).hexdigest() for make in ALGORITHMS.values())
    assert hashed("f", tuple(ALGORITHMS)) == Hashed(expected, None)
    assert hashed("f") == Hashed(expected[:1], None)


@pytest.mark.parametrize("size", [0, 1025, 3 * MIB])
def test_blake3(data, hashed, size):
    blake3 = pytest.importorskip("blake3").blake3
    (data / "f").write_bytes(content(size))
    expected = blake3(content(size)).hexdigest()
    assert hashed("f", ("SHA-256", "BLAKE3")).digests[1] == expected


def test_blake3_needs_its_extra(monkeypatch):
    hashing.require(["SHA-256", "SHA3-512"])
    monkeypatch.setitem(sys.modules, "blake3", None)
    monkeypatch.setattr(hashing.importlib.util, "find_spec", lambda _name: None)
    hashing.require(["SHA-256", "SHA3-512"])
    with pytest.raises(MissingExtraError, match="blake3"):
        hashing.require(["SHA-256", "BLAKE3"])


@pytest.mark.parametrize("size", [10, 3 * MIB])
def test_a_short_read_is_not_the_end(data, hashed, monkeypatch, size):
    (data / "f").write_bytes(content(size))
    read, readv = os.read, os.readv
    monkeypatch.setattr(os, "read", lambda fd, wanted: read(fd, min(wanted, 3)))
    monkeypatch.setattr(os, "readv", lambda fd, buffers: readv(fd, [memoryview(buffers[0])[:70_001]]))
    assert hashed("f").digests == (hashlib.sha256(content(size)).hexdigest(),)


def test_progress_of_a_large_file(data, hashed, monkeypatch):
    monkeypatch.setattr(hashing, "_REPORT_EVERY", 2 * MIB)
    (data / "f").write_bytes(content(5 * MIB))
    seen = []
    hashed("f", progress=seen.append)
    assert seen == [2 * MIB, 2 * MIB]


# -- tables -----------------------------------------------------------------------------------------------------------


def test_statistics_come_from_the_bytes_that_were_hashed(data, hashed):
    assert hashed("train/b.csv", kind="csv").stats == TableStats(1, 2)


def test_a_table_above_the_limit_is_streamed(data, hashed, monkeypatch):
    monkeypatch.setattr(hashing, "STATS_LIMIT", 100)
    (data / "t.csv").write_bytes(b"a,b\n" + b"1,2\n" * 200)
    result = hashed("t.csv", ("SHA-256", "SHA-512"), kind="csv")
    assert result.stats == TableStats(200, 2)
    assert result.digests[1] == hashlib.sha512(b"a,b\n" + b"1,2\n" * 200).hexdigest()


# -- what the walk saw is not what is there ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["", "csv"])
@pytest.mark.parametrize("size", [10, 2 * MIB])
@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite", "replace", "touch"])
def test_changed_between_walk_and_open(data, hashed, change, size, kind):
    path = data / "f"
    path.write_bytes(content(size))
    state = files.state_of(os.lstat(path))
    if change == "grow":
        with path.open("ab") as stream:
            stream.write(b"x")
    elif change == "shrink":
        os.truncate(path, size - 1)
    elif change == "rewrite":
        path.write_bytes(b"x" * size)
        os.utime(path, ns=(7, 7))
    elif change == "replace":
        path.rename(data / "old")
        path.write_bytes(content(size))
    else:
        os.utime(path, ns=(7, 7))
    assert hashed("f", kind=kind, state=state) in {CHANGED, WHILE}


@pytest.mark.parametrize("size", [10, 2 * MIB])
@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
def test_changed_while_it_is_read(data, hashed, monkeypatch, change, size):
    path = data / "f"
    path.write_bytes(content(size))
    read, readv = os.read, os.readv

    def disturb():
        if change == "grow":
            with path.open("ab") as stream:
                stream.write(b"x" * 100)
        elif change == "shrink":
            os.truncate(path, size // 2)
        else:
            with path.open("r+b") as stream:
                stream.write(b"x")
            os.utime(path, ns=(7, 7))

    def reading(fd, wanted):
        disturb()
        return read(fd, wanted)

    def reading_into(fd, buffers):
        disturb()
        return readv(fd, buffers)

    monkeypatch.setattr(os, "read", reading)
    monkeypatch.setattr(os, "readv", reading_into)
    assert hashed("f") == WHILE


@pytest.mark.parametrize("size", [100, 2 * MIB])
def test_a_file_that_grows_for_ever_is_left(data, hashed, monkeypatch, size):
    path = data / "f"
    path.write_bytes(content(size))
    state = files.state_of(os.lstat(path))
    total = 0
    readv = os.readv

    def endless(fd, buffers):
        nonlocal total
        got = readv(fd, buffers) or len(buffers[0])
        total += got
        return got

    monkeypatch.setattr(os, "readv", endless)
    if size > hashing.WHOLE:
        assert hashed("f", state=state) == WHILE
        assert total <= size + 2 * hashing._CHUNK
    else:
        monkeypatch.setattr(os, "read", lambda _fd, wanted: b"x" * min(wanted, 30))
        assert hashed("f", state=state) == WHILE


@pytest.mark.parametrize("kind", ["", "csv"])
@pytest.mark.parametrize("other", ["pipe", "directory", "link", "socket", "nothing", "parent", "parent link"])
def test_something_else_took_its_place(  # noqa: PLR0913, PLR0917
    data, hashed, tmp_path, other, kind, monkeypatch
):
    path = data / "train" / "b.csv"
    state = files.state_of(os.lstat(path))
    path.unlink()
    if other == "pipe":
        os.mkfifo(path)
    elif other == "directory":
        path.mkdir()
    elif other == "link":
        path.symlink_to("../a.txt")
    elif other == "socket":
        monkeypatch.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("b.csv")
    elif other == "parent":
        (data / "train" / ".hidden").unlink()
        (data / "train").rmdir()
        (data / "train").write_bytes(b"x")
    elif other == "parent link":
        (data / "train").rename(tmp_path / "outside")
        (tmp_path / "outside" / "b.csv").write_bytes(b"x,y\n1,2\n")
        (data / "train").symlink_to("../outside")
    assert hashed("train/b.csv", state=state, kind=kind) == CHANGED or other == "pipe"
    assert hashed("train/b.csv", state=state, kind=kind).unstable


def test_a_pipe_with_a_writer_does_not_hang(data, hashed):
    state = files.state_of(os.lstat(data / "a.txt"))
    (data / "a.txt").unlink()
    os.mkfifo(data / "a.txt")
    reader = os.open(data / "a.txt", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(data / "a.txt", os.O_WRONLY)
    try:
        assert hashed("a.txt", state=state) == CHANGED
    finally:
        os.close(reader)
        os.close(writer)


def test_unreadable_file(open_data, unprivileged):
    (open_data / "a.txt").chmod(0)
    state = files.state_of(os.lstat(open_data / "a.txt"))
    root_fd = files.open_root(os.fspath(open_data))
    opener = files.Opener(root_fd)
    try:
        with unprivileged():
            assert hash_file(opener, Task("a.txt", "", state), SHA) == Failed("Permission denied", unstable=False)
    finally:
        opener.close()
        os.close(root_fd)


def test_error_while_reading(data, hashed, monkeypatch):
    def broken(fd, wanted):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", broken)
    assert hashed("a.txt") == Failed("Input/output error", unstable=False)


def test_no_descriptor_is_left_open(data, hashed):
    hashed("a.txt")
    before = len(os.listdir("/dev/fd"))
    for _ in range(10):
        hashed("a.txt")
        hashed("a.txt", state=(0,) * 6)
        hashed("missing", state=(0,) * 6)
    assert len(os.listdir("/dev/fd")) == before


def test_a_writer_beside_us_is_never_reported_as_hashed(data, hashed):
    """Whatever interleaving happens: a result is either unstable, or the digest of a state that existed."""
    path = data / "f"
    versions = [bytes([number]) * (3 * MIB) for number in range(4)]
    good = {hashlib.sha256(version).hexdigest() for version in versions}
    path.write_bytes(versions[0])
    stop = threading.Event()

    def replace():
        number = 0
        while not stop.is_set():
            number = (number + 1) % len(versions)
            (data / "new").write_bytes(versions[number])
            (data / "new").rename(path)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        for _ in range(30):
            result = hashed("f")
            assert isinstance(result, Failed) or result.digests[0] in good
    finally:
        stop.set()
        writer.join()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 5\n"


@pytest.mark.parametrize("kind", ["", "csv"])
def test_a_pointer_of_git_lfs_is_told_from_data(data, hashed, kind):
    (data / "p.csv").write_bytes(POINTER)
    assert hashed("p.csv", kind=kind) == Hashed((hashlib.sha256(POINTER).hexdigest(),), None, pointer=True)


@pytest.mark.parametrize("content", [b"version 1\n", POINTER + b"x" * 1024, b" " + POINTER, b""])
def test_what_is_no_pointer(data, hashed, content):
    (data / "p.txt").write_bytes(content)
    assert not hashed("p.txt").pointer


def test_git_hashes_the_size_before_the_content(data, hashed):
    (data / "g.txt").write_bytes(b"hello\n")
    (data / "large").write_bytes(bytes(3 << 20))
    assert hashed("g.txt", ("git-blob-SHA-1",)).digests == ("ce013625030ba8dba906f756967f9e9ca394464a",)
    expected = hashlib.sha1(b"blob %d\0" % (3 << 20) + bytes(3 << 20), usedforsecurity=False).hexdigest()
    assert hashed("large", ("git-blob-SHA-1",)).digests == (expected,)
