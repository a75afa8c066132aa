"""Hash many files with all cores: batches of small files and streams of large ones, in worker processes.

Processes, not threads: for small files the interpreter lock makes two threads slower than one. Workers are plain
subprocesses that import :mod:`sbom.inventory.worker` and nothing of the caller's program.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, cast

from sbom.errors import UndecidedError
from sbom.inventory import files, worker
from sbom.inventory.hashing import Failed, Hashed, Task, hash_file, require
from sbom.model import TableStats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_BATCH_FILES = 256
_BATCH_BYTES = 4 << 20
#: Batches that a worker has at once, so that it never waits for the next.
_AHEAD = 2
#: Below this much work, starting processes costs more than it saves.
_ALONE_FILES = 400
_ALONE_BYTES = 24 << 20
_BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from sbom.inventory.worker import main; main()"


class Job(NamedTuple):
    """One file: its task, the digests that are wanted, and its path, to know it by."""

    task: Task
    algorithms: tuple[str, ...]
    path: str

    @property
    def size(self) -> int:
        """Bytes that the walk saw."""
        return self.task.state[3]


def cores() -> int:
    """Count the processor cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def run(
    root_fd: int, jobs: Sequence[Job], *, processes: int | None, progress: Callable[[int], None]
) -> Iterator[tuple[Job, Hashed | Failed]]:
    """Yield each job with its result, in any order.

    :param processes: at most; ``None`` is one per core.
    :param progress: called with the number of bytes since the last call.
    :raises UndecidedError: when a worker process dies: nothing that it had is taken for hashed.
    :raises MissingExtraError: when an algorithm is not available.
    """
    require({name for job in jobs for name in job.algorithms})
    wanted = min(processes or cores(), len(jobs))
    total = sum(job.size for job in jobs)
    alone = len(jobs) <= _ALONE_FILES and total <= _ALONE_BYTES
    if wanted <= 1 or alone or not sys.executable or getattr(sys, "frozen", False):
        return _run_here(root_fd, jobs, progress)
    return _run_workers(root_fd, _batches(jobs), wanted, progress)


def _run_here(
    root_fd: int, jobs: Sequence[Job], progress: Callable[[int], None]
) -> Iterator[tuple[Job, Hashed | Failed]]:
    opener = files.Opener(root_fd)
    try:
        for job in jobs:
            seen = 0

            def streamed(done: int) -> None:
                nonlocal seen
                seen += done
                progress(done)

            result = hash_file(opener, job.task, job.algorithms, streamed)
            progress(max(0, job.size - seen))
            yield job, result
    finally:
        opener.close()


def _batches(jobs: Sequence[Job]) -> deque[list[Job]]:
    """Large files first and alone, then the small ones in the order of the walk, so that directories stay together."""
    large = sorted((job for job in jobs if job.size > _BATCH_BYTES), key=lambda job: job.size, reverse=True)
    batches = deque([job] for job in large)
    batch: list[Job] = []
    weight = 0
    algorithms: tuple[str, ...] = ()
    for job in jobs:
        size = job.task.state[3]
        if size > _BATCH_BYTES:
            continue
        if len(batch) >= _BATCH_FILES or weight >= _BATCH_BYTES or job.algorithms != algorithms:
            if batch:
                batches.append(batch)
            batch, weight, algorithms = [], 0, job.algorithms
        batch.append(job)
        weight += size
    if batch:
        batches.append(batch)
    return batches


class _Worker:
    """One worker process and the batches that it has not answered yet."""

    def __init__(self, root_fd: int) -> None:
        package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _BOOT, package, str(root_fd), *filter(None, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # what has been read from the pipe must not hide from select()
            pass_fds=(root_fd,),
        )
        self.pending: deque[list[Job]] = deque()
        self.streamed = 0

    def give(self, batches: deque[list[Job]]) -> None:
        """Hand over the next batch, where there is one."""
        if batches:
            batch = batches.popleft()
            assert self.process.stdin is not None  # noqa: S101  # for the type checker: it was opened as a pipe
            worker.send(self.process.stdin, (batch[0].algorithms, [tuple(job.task) for job in batch]))
            self.pending.append(batch)

    def answer(
        self, batches: deque[list[Job]], progress: Callable[[int], None]
    ) -> Iterator[tuple[Job, Hashed | Failed]]:
        """Take one message: progress in a large file, or the results of a batch, for which it gets another one."""
        assert self.process.stdout is not None  # noqa: S101  # for the type checker: it was opened as a pipe
        kind, value = cast("tuple[int, object]", worker.receive(self.process.stdout))
        if kind == worker.PROGRESS:
            done = cast("int", value)
            self.streamed += done
            progress(done)
            return
        batch = self.pending.popleft()
        self.give(batches)
        progress(max(0, sum(job.size for job in batch) - self.streamed))
        self.streamed = 0
        for job, plain in zip(batch, cast("list[worker.Plain]", value), strict=True):
            yield job, _result(plain)

    def stop(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.process.kill()
        self.process.wait()


def _run_workers(
    root_fd: int, batches: deque[list[Job]], wanted: int, progress: Callable[[int], None]
) -> Iterator[tuple[Job, Hashed | Failed]]:
    workers: list[_Worker] = []
    selector = selectors.DefaultSelector()
    try:
        for _ in range(min(wanted, len(batches))):
            one = _Worker(root_fd)
            workers.append(one)
            selector.register(one.process.stdout, selectors.EVENT_READ, one)  # type: ignore[arg-type]  # is a pipe
        for _ in range(_AHEAD):
            for one in workers:
                one.give(batches)
        while any(one.pending for one in workers):
            for key, _ in selector.select():
                yield from key.data.answer(batches, progress)
    except (EOFError, OSError, ValueError, TypeError) as error:
        raise UndecidedError(
            "a hashing process ended unexpectedly", hint="try again with --jobs 1, and report it if that works"
        ) from error
    finally:
        selector.close()
        for one in workers:
            one.stop()


def _result(plain: worker.Plain) -> Hashed | Failed:
    first, second = plain
    if isinstance(first, str):
        return Failed(first, unstable=bool(second))
    return Hashed(first, None if second is None else TableStats(*cast("tuple[int | None, int | None]", second)))
