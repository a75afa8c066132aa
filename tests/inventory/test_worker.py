"""A worker in this process: what it takes, what it gives, and that it ends with its parent."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import sys
import threading

import pytest

from sbom.inventory import files, hashing, worker

SHA = ("SHA-256",)


class Dribble(io.RawIOBase):
    """A stream that gives and takes one byte at a time, as a pipe may."""

    def __init__(self, data=b""):
        super().__init__()
        self.rest = bytearray(data)
        self.written = bytearray()

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, buffer):
        part = self.rest[: min(1, len(buffer))]
        del self.rest[: len(part)]
        buffer[: len(part)] = part
        return len(part)

    def write(self, data, /):
        self.written += bytes(data[:1])
        return min(1, len(data))


def packed(value):
    stream = io.BytesIO()
    worker.send(stream, value)
    return stream.getvalue()


@pytest.mark.parametrize("value", [None, 0, 1 << 62, (1, ["x\udcff", "日本"]), b"x" * 100_000])
def test_messages_survive(value):
    stream = io.BytesIO(packed(value) * 2)
    assert worker.receive(stream) == value
    assert worker.receive(stream) == value
    with pytest.raises(EOFError):
        worker.receive(stream)


def test_partial_reads_and_writes():
    slow = Dribble()
    worker.send(slow, (1, "x"))
    assert bytes(slow.written) == packed((1, "x"))
    assert worker.receive(Dribble(packed((1, "x")))) == (1, "x")


def test_not_a_byte_more_is_read():
    stream = io.BytesIO(packed("x") + b"next")
    worker.receive(stream)
    assert stream.read() == b"next"


def test_every_truncation_is_the_end():
    data = packed(("x" * 10, 2))
    for length in range(len(data)):
        with pytest.raises(EOFError):
            worker.receive(io.BytesIO(data[:length]))


@pytest.fixture
def root_fd(data):
    fd = files.open_root(os.fspath(data))
    yield fd
    os.close(fd)


def task(root, name, kind=""):
    return name, kind, files.state_of(os.lstat(root / name))


@pytest.fixture
def served(root_fd):
    """Serve in a thread, over pipes; returns the parent's ends."""
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    streams = [
        os.fdopen(fd, mode, buffering=0)
        for fd, mode in [(in_read, "rb"), (in_write, "wb"), (out_read, "rb"), (out_write, "wb")]
    ]
    thread = threading.Thread(target=worker.serve, args=(root_fd, streams[0], streams[3]))
    thread.start()
    yield streams[1], streams[2]
    streams[1].close()
    thread.join(30)
    assert not thread.is_alive(), "it ends when its parent closes the pipe"
    for stream in streams:
        stream.close()


def test_serve(data, served):
    to_it, from_it = served
    changed = ("a.txt", "", (0, 0, 0, 0, 0, 0))
    worker.send(to_it, (SHA, [task(data, "a.txt"), task(data, "train/b.csv", "csv"), changed]))
    kind, results = worker.receive(from_it)
    assert kind == worker.RESULTS
    assert results[0] == ((hashlib.sha256(b"a").hexdigest(),), None, False)
    assert results[1] == ((hashlib.sha256(b"x,y\n1,2\n").hexdigest(),), (1, 2), False)
    reason, unstable, _ = results[2]
    assert isinstance(reason, str) and unstable is True
    worker.send(to_it, (("SHA-256", "MD5"), [task(data, "a.txt")]))
    _, (((_, md5), shape, _),) = worker.receive(from_it)
    assert (md5, shape) == (hashlib.md5(b"a", usedforsecurity=False).hexdigest(), None)


def test_serve_nothing(served):
    to_it, from_it = served
    worker.send(to_it, (SHA, []))
    assert worker.receive(from_it) == (worker.RESULTS, [])


def test_many_batches_ahead_do_not_block(data, served):
    to_it, from_it = served
    many = [task(data, "a.txt")] * 500
    for _ in range(20):
        worker.send(to_it, (SHA, many))
    for _ in range(20):
        assert len(worker.receive(from_it)[1]) == 500


def test_progress_of_a_large_file(data, served, monkeypatch):
    monkeypatch.setattr(hashing, "_REPORT_EVERY", 1 << 20)
    with (data / "large").open("wb") as stream:
        stream.truncate(3 << 20)
    to_it, from_it = served
    worker.send(to_it, (SHA, [task(data, "large")]))
    messages = [worker.receive(from_it) for _ in range(4)]
    assert messages[:3] == [(worker.PROGRESS, 1 << 20)] * 3
    assert messages[3] == (worker.RESULTS, [((hashlib.sha256(bytes(3 << 20)).hexdigest(),), None, False)])


def test_main(data, root_fd, monkeypatch):
    sent, answer = io.BytesIO(packed((SHA, [task(data, "a.txt")]))), io.BytesIO()
    handlers = []
    monkeypatch.setattr(signal, "signal", lambda *args: handlers.append(args))
    monkeypatch.setattr(sys, "path", ["known"])
    monkeypatch.setattr(sys, "argv", ["-c", str(root_fd), "known", "new"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(sent))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(answer))
    worker.main()
    assert handlers == [(signal.SIGINT, signal.SIG_IGN)], "the parent decides about an interrupt"
    assert sys.path == ["known", "new"]
    answer.seek(0)
    assert worker.receive(answer) == (worker.RESULTS, [((hashlib.sha256(b"a").hexdigest(),), None, False)])
