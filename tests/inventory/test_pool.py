"""Worker processes: the same digests as in this process, no deadlock, and a death is never taken for a result."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from sbom.errors import MissingExtraError, UndecidedError
from sbom.inventory import files, pool, worker
from sbom.inventory.hashing import Failed, Hashed, Task
from sbom.inventory.pool import Job
from sbom.model import TableStats

SHA = ("SHA-256",)


@pytest.fixture
def root_fd(data):
    fd = files.open_root(os.fspath(data))
    yield fd
    os.close(fd)


@pytest.fixture
def always_workers(monkeypatch):
    monkeypatch.setattr(pool, "_ALONE_FILES", 0)
    monkeypatch.setattr(pool, "_ALONE_BYTES", 0)


def make(data, files_and_contents):
    for name, content in files_and_contents.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)


def job(data, name, algorithms=SHA, kind=""):
    return Job(Task(name, kind, files.state_of(os.lstat(data / name))), algorithms, name)


def run(root_fd, jobs, processes=2, progress=None):
    return dict(pool.run(root_fd, jobs, processes=processes, progress=progress or (lambda _done: None)))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_cores_are_those_that_may_be_used(monkeypatch):
    assert pool.cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert pool.cores() == 1


def test_little_work_is_done_here(data, root_fd, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    results = run(root_fd, [job(data, "a.txt"), job(data, "train/b.csv")])
    assert next(iter(results.values())).digests == (sha256(b"a"),)
    assert run(root_fd, []) == {}


@pytest.mark.parametrize("executable", ["", None])
def test_without_an_interpreter_to_start_work_is_done_here(data, root_fd, monkeypatch, always_workers, executable):
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(subprocess, "Popen", None)
    assert len(run(root_fd, [job(data, "a.txt"), job(data, "train/b.csv")])) == 2


def test_frozen_programs_work_here(data, root_fd, monkeypatch, always_workers):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(subprocess, "Popen", None)
    assert len(run(root_fd, [job(data, "a.txt"), job(data, "train/b.csv")])) == 2


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_workers_give_what_this_process_gives(data, root_fd, always_workers, processes):
    contents = {f"d{number % 3}/{number}": bytes([number % 256]) * number for number in range(40)}
    contents |= {"table.csv": b'a,b\n"1",2\n', "large": b"x" * (9 << 20), "medium": b"y" * (3 << 20)}
    make(data, contents)
    algorithms = ("SHA-256", "SHA3-512", "BLAKE2b-256")
    jobs = [job(data, name, algorithms if len(name) % 2 else SHA, "csv" if "csv" in name else "") for name in contents]
    done = []
    results = run(root_fd, jobs, processes, done.append)
    assert results == run(root_fd, jobs, 1)
    assert sum(done) == sum(map(len, contents.values()))
    assert {one.path: result.digests[0] for one, result in results.items()} == {
        name: sha256(content) for name, content in contents.items()
    }
    (stats,) = [result.stats for one, result in results.items() if one.path == "table.csv"]
    assert stats == TableStats(1, 2)
    assert len(results[jobs[0]].digests) == len(jobs[0].algorithms)


def test_failures_come_back_as_such(data, root_fd, always_workers):
    jobs = [job(data, "a.txt"), job(data, "train/b.csv")]
    jobs.append(Job(Task("missing", "", (0,) * 6), SHA, "missing"))
    results = run(root_fd, jobs)
    assert results[jobs[2]] == Failed("changed before it was read", unstable=True)
    assert isinstance(results[jobs[0]], Hashed)


def test_unknown_statistics_come_back_as_such(data, root_fd, always_workers):
    make(data, {"bad.csv": b'"a\n', "bad.parquet": b"no"})
    jobs = [job(data, "bad.csv", kind="csv"), job(data, "bad.parquet", kind="parquet")]
    assert [result.stats for result in run(root_fd, jobs).values()] == [TableStats(None, None)] * 2


def test_many_batches_of_long_paths_do_not_deadlock(data, root_fd, always_workers, monkeypatch):
    monkeypatch.setattr(pool, "_BATCH_FILES", 64)
    deep = "/".join(["n" * 250] * 12)
    at = data
    for part in deep.split("/"):
        at /= part
        at.mkdir()
    (at / "f").write_bytes(b"x")
    one = job(data, f"{deep}/f")
    jobs = [one._replace(path=str(number)) for number in range(3000)]
    assert len(run(root_fd, jobs)) == 3000


def test_consumer_may_stop_early(data, root_fd, always_workers, monkeypatch):
    make(data, {str(number): b"x" for number in range(20)})
    started = []

    class Noted(pool._Worker):
        def __init__(self, fd):
            super().__init__(fd)
            started.append(self.process)

    monkeypatch.setattr(pool, "_Worker", Noted)
    iterator = pool.run(root_fd, [job(data, str(n)) for n in range(20)], processes=2, progress=lambda _done: None)
    next(iterator)
    iterator.close()
    assert started
    assert all(process.returncode is not None for process in started)


def test_progress_of_large_files_is_reported_while_they_are_read(data, root_fd, always_workers):
    size = 130 << 20
    with (data / "large").open("wb") as stream:
        stream.truncate(size)
    seen = []
    run(root_fd, [job(data, "large"), job(data, "a.txt")], progress=seen.append)
    assert len(seen) >= 3
    assert sum(seen) == size + 1


def test_progress_of_a_large_file_that_is_hashed_here(data, root_fd, monkeypatch):
    monkeypatch.setattr("sbom.inventory.hashing._REPORT_EVERY", 1 << 20)
    (data / "large").write_bytes(b"x" * ((3 << 20) + 7))
    seen = []
    run(root_fd, [job(data, "large")], processes=1, progress=seen.append)
    assert seen == [1 << 20] * 3 + [7]


@pytest.mark.parametrize("when", ["at once", "after a result"])
def test_death_of_a_worker_is_undecided(data, root_fd, always_workers, monkeypatch, when):
    monkeypatch.setattr(pool, "_BATCH_FILES", 1)
    make(data, {str(number): b"x" for number in range(50)})
    started = []
    real = pool._Worker.give

    def giving(self, batches):
        real(self, batches)
        started.append(self.process)
        if when == "at once" or len(started) > 6:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    monkeypatch.setattr(pool._Worker, "give", giving)
    with pytest.raises(UndecidedError, match="ended unexpectedly"):
        run(root_fd, [job(data, str(number)) for number in range(50)])
    assert all(process.poll() is not None for process in started)


@pytest.mark.parametrize(
    "boot", ["raise SystemExit(1)", "print('nonsense')", "import os; os.write(1, b'\\1\\0\\0\\0T')"]
)
def test_a_worker_that_talks_nonsense_is_undecided(data, root_fd, always_workers, monkeypatch, boot):
    monkeypatch.setattr(pool, "_BOOT", boot)
    with pytest.raises(UndecidedError, match="ended unexpectedly"):
        run(root_fd, [job(data, "a.txt"), job(data, "train/b.csv")])


def test_a_worker_that_gives_too_few_results_is_undecided(data, root_fd, always_workers, monkeypatch):
    boot = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from sbom.inventory import worker\n"
        "worker.receive(sys.stdin.buffer); worker.send(sys.stdout.buffer, (worker.RESULTS, []))\n"
        "sys.stdin.buffer.read()"
    )
    monkeypatch.setattr(pool, "_BOOT", boot)
    with pytest.raises(UndecidedError, match="ended unexpectedly"):
        run(root_fd, [job(data, "a.txt"), job(data, "train/b.csv")])


def test_a_worker_that_cannot_be_started_is_undecided(data, root_fd, always_workers, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(UndecidedError, match="ended unexpectedly"):
        run(root_fd, [job(data, "a.txt"), job(data, "train/b.csv")])


def test_a_missing_extra_is_said_before_anything_is_read(data, root_fd, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError):
        pool.run(root_fd, [job(data, "a.txt", ("SHA-256", "BLAKE3"))], processes=1, progress=lambda _done: None)


def sized(number, size, algorithms=SHA):
    return Job(Task(str(number), "", (0, 0, 0, size, 0, 0)), algorithms, str(number))


def batches(queue):
    while queue.open:
        queue.fill()
    made = []
    while queue:
        made.append([int(one.path) for one in queue.take()])
    return made


def test_batches_keep_the_order_and_the_limits(monkeypatch):
    monkeypatch.setattr(pool, "_BATCH_FILES", 3)
    monkeypatch.setattr(pool, "_BATCH_BYTES", 100)
    other = ("SHA-256", "SHA-512")
    jobs = [*(sized(n, 1) for n in range(4)), sized(4, 200), sized(5, 99), sized(6, 99), sized(7, 1), sized(8, 500)]
    jobs += [sized(9, 1, other), sized(10, 1, other), sized(11, 1)]
    assert batches(pool._Queue(jobs)) == [[8], [4], [0, 1, 2], [3, 5], [6, 7], [9, 10], [11]]
    assert batches(pool._Queue([])) == []
    assert batches(pool._Queue([sized(0, 500), sized(1, 500)])) == [[0], [1]]


def test_a_batch_is_ready_when_it_is_full_or_nothing_more_comes(monkeypatch):
    monkeypatch.setattr(pool, "_BATCH_FILES", 4)
    queue = pool._Queue(sized(number, 1) for number in range(6))
    assert not queue
    queue.fill()
    assert queue.open
    assert not queue
    queue.fill()
    assert not queue.open
    assert batches(queue) == [[0, 1, 2, 3], [4, 5]]


def test_a_large_file_is_ready_at_once(monkeypatch):
    monkeypatch.setattr(pool, "_BATCH_FILES", 2)
    queue = pool._Queue([sized(0, 1), sized(1, 1 << 30), sized(2, 1), sized(3, 1)])
    queue.fill()
    assert queue.open
    assert queue.take()[0].path == "1"
    assert not queue


def test_jobs_are_hashed_while_later_ones_are_made(data, root_fd, always_workers, monkeypatch):
    monkeypatch.setattr(pool, "_BATCH_FILES", 5)
    make(data, {f"{number:03}": b"x" for number in range(100)})
    results = []

    def jobs():
        for number in range(100):
            yield job(data, f"{number:03}")
        again = job(data, "000")
        for _ in range(100_000):
            if results:
                return
            time.sleep(0.0005)
            yield again
        pytest.fail("nothing was hashed until all jobs were there")

    for one, result in pool.run(root_fd, jobs(), processes=2, progress=lambda _done: None):
        results.append((one, result))
    assert {one.path for one, _ in results} == {f"{number:03}" for number in range(100)}


def test_an_error_while_jobs_are_made_is_passed_on(data, root_fd, always_workers):
    def jobs():
        yield from [job(data, "a.txt")] * 1000
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(root_fd, jobs())


# -- the worker itself, in this process --------------------------------------------------------------------------------


@pytest.fixture
def served(root_fd):
    """A worker in a thread, with the two ends of its pipes."""
    task_read, task_write = os.pipe()
    result_read, result_write = os.pipe()
    with (
        os.fdopen(task_read, "rb", buffering=0) as incoming,
        os.fdopen(result_write, "wb", buffering=0) as outgoing,
        os.fdopen(task_write, "wb", buffering=0) as give,
        os.fdopen(result_read, "rb", buffering=0) as take,
    ):
        thread = threading.Thread(target=worker.serve, args=(root_fd, incoming, outgoing))
        thread.start()
        yield give, take
        give.close()
        thread.join(30)
        assert not thread.is_alive()


def test_worker_answers_batches_until_the_pipe_is_closed(data, served):
    give, take = served
    state = files.state_of(os.lstat(data / "a.txt"))
    table = files.state_of(os.lstat(data / "train" / "b.csv"))
    worker.send(give, (SHA, [("a.txt", "", state), ("train/b.csv", "csv", table), ("gone", "", state)]))
    worker.send(give, (("SHA-512",), [("a.txt", "", state)]))
    kind, results = worker.receive(take)
    assert kind == worker.RESULTS
    assert results == [
        ((sha256(b"a"),), None, False),
        ((sha256(b"x,y\n1,2\n"),), (1, 2), False),
        ("changed before it was read", True, None),
    ]
    assert worker.receive(take) == (worker.RESULTS, [((hashlib.sha512(b"a").hexdigest(),), None, False)])


def test_worker_reports_progress(data, served, monkeypatch):
    give, take = served
    monkeypatch.setattr("sbom.inventory.hashing._REPORT_EVERY", 1 << 20)
    (data / "large").write_bytes(b"x" * (3 << 20))
    worker.send(give, (SHA, [("large", "", files.state_of(os.lstat(data / "large")))]))
    messages = [worker.receive(take) for _ in range(4)]
    assert messages[:3] == [(worker.PROGRESS, 1 << 20)] * 3
    assert messages[3][0] == worker.RESULTS


def test_half_a_message_is_the_end():
    read, write = os.pipe()
    os.write(write, b"\x09\0\0\0abc")
    os.close(write)
    with os.fdopen(read, "rb", buffering=0) as stream, pytest.raises(EOFError):
        worker.receive(stream)


def test_main_serves_standard_input(data, root_fd, monkeypatch):
    asked = []
    handler = signal.getsignal(signal.SIGINT)
    before = list(sys.path)
    monkeypatch.setattr(sys, "argv", ["-c", str(root_fd), "/extra/of/the/parent", before[-1]])
    monkeypatch.setattr(worker, "serve", lambda fd, _incoming, _outgoing: asked.append(fd))
    monkeypatch.setattr(sys, "path", list(before))

    class Streams:
        buffer = None

    monkeypatch.setattr(sys, "stdin", Streams)
    monkeypatch.setattr(sys, "stdout", Streams)
    try:
        worker.main()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, handler)
    assert asked == [root_fd]
    assert sys.path == [*before, "/extra/of/the/parent"]


def test_worker_needs_the_standard_library_only(data, root_fd):
    code = "import sys; sys.path.insert(0, sys.argv[1]); import sbom.inventory.worker; print(sorted(sys.modules))"
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(pool.__file__))))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, package], capture_output=True, text=True, check=True, timeout=60
    )
    for heavy in ("orjson", "cryptography", "sqlite3", "csv", "json", "sbom.inventory.take"):
        assert f"'{heavy}'" not in done.stdout
