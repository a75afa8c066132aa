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
from heapq import heappop, heappush
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, cast

from sbom.errors import UndecidedError
from sbom.inventory import files, worker
from sbom.inventory.hashing import Failed, Hashed, Task, hash_file, require
from sbom.model import TableStats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_BATCH_FILES = 256
_BATCH_BYTES = 4 << 20
#: Batches that a worker has at once.
_AHEAD = 3
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
    root_fd: int, jobs: Iterable[Job], *, processes: int | None, progress: Callable[[int], None]
) -> Iterator[tuple[Job, Hashed | Failed]]:
    """Yield each job with its result, in any order; later jobs may be made while earlier ones are hashed.

    :param processes: at most; ``None`` is one per core.
    :param progress: called with the number of bytes since the last call.
    :raises UndecidedError: when a worker process dies: nothing that it had is taken for hashed.
    :raises MissingExtraError: when an algorithm is not available.
    """
    source = _available(jobs)
    first: list[Job] = []
    size = 0
    for job in source:
        first.append(job)
        size += job.size
        if len(first) > _ALONE_FILES or (size > _ALONE_BYTES and len(first) > 1):
            break
    else:
        return _run_here(root_fd, first, progress)
    wanted = processes or cores()
    if wanted <= 1 or not sys.executable or getattr(sys, "frozen", False):
        return _run_here(root_fd, chain(first, source), progress)
    return _run_workers(root_fd, _Queue(chain(first, source)), wanted, progress)


def _available(jobs: Iterable[Job]) -> Iterator[Job]:
    """Pass on jobs whose algorithms are available."""
    known: set[tuple[str, ...]] = set()
    for job in jobs:
        if job.algorithms not in known:
            require(job.algorithms)
            known.add(job.algorithms)
        yield job


def _run_here(
    root_fd: int, jobs: Iterable[Job], progress: Callable[[int], None]
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


class _Queue:
    """Batches, made as they are needed: the largest file that is known alone, else small ones in the order they came.

    Small files that come in a row lie in one directory, which a worker then opens once.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = iter(jobs)
        self._large: list[tuple[int, str, Job]] = []
        self._small: deque[list[Job]] = deque()
        self._weight = 0
        #: There may be more jobs to come.
        self.open = True

    def __bool__(self) -> bool:
        """Tell whether a batch is ready."""
        return bool(self._large) or len(self._small) > self.open

    @property
    def large(self) -> bool:
        """The next batch is a large file."""
        return bool(self._large)

    def fill(self) -> None:
        """Let a few more jobs come."""
        jobs = list(islice(self._jobs, _BATCH_FILES))
        self.open = len(jobs) == _BATCH_FILES
        for job in jobs:
            size = job.task.state[3]
            if size > _BATCH_BYTES:
                heappush(self._large, (-size, job.path, job))
                continue
            last = self._small[-1] if self._small else None
            full = last is None or len(last) >= _BATCH_FILES or self._weight >= _BATCH_BYTES
            if last is None or full or last[0].algorithms != job.algorithms:
                self._small.append([job])
                self._weight = size
            else:
                last.append(job)
                self._weight += size

    def take(self) -> list[Job]:
        """Take a batch that is ready."""
        return [heappop(self._large)[2]] if self._large else self._small.popleft()


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

    def give(self, batch: list[Job]) -> None:
        """Hand over a batch."""
        assert self.process.stdin is not None  # noqa: S101  # for the type checker: it was opened as a pipe
        worker.send(self.process.stdin, (batch[0].algorithms, [tuple(task) for task, _, _ in batch]))
        self.pending.append(batch)

    def answer(self, progress: Callable[[int], None]) -> Iterator[tuple[Job, Hashed | Failed]]:
        """Take one message: progress in a large file, or the results of a batch."""
        assert self.process.stdout is not None  # noqa: S101  # for the type checker: it was opened as a pipe
        kind, value = cast("tuple[int, object]", worker.receive(self.process.stdout))
        if kind == worker.PROGRESS:
            done = cast("int", value)
            self.streamed += done
            progress(done)
            return
        batch = self.pending.popleft()
        progress(max(0, sum(task.state[3] for task, _, _ in batch) - self.streamed))
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
    root_fd: int, queue: _Queue, wanted: int, progress: Callable[[int], None]
) -> Iterator[tuple[Job, Hashed | Failed]]:
    workers: list[_Worker] = []
    selector = selectors.DefaultSelector()
    try:
        while queue.open or queue or any(one.pending for one in workers):
            if queue.open:
                queue.fill()
            _feed(workers, queue, depth=0)
            while queue and len(workers) < wanted:
                workers.append(one := _Worker(root_fd))
                selector.register(one.process.stdout, selectors.EVENT_READ, one)  # type: ignore[arg-type]  # is a pipe
                one.give(queue.take())
            for depth in range(1, _AHEAD):
                _feed(workers, queue, depth=depth)
            for key, _ in selector.select(0 if queue.open else None):
                yield from key.data.answer(progress)
    except (EOFError, OSError, ValueError, TypeError) as error:
        raise UndecidedError(
            "a hashing process ended unexpectedly", hint="try again with --jobs 1, and report it if that works"
        ) from error
    finally:
        selector.close()
        for one in workers:
            one.stop()


def _feed(workers: list[_Worker], queue: _Queue, *, depth: int) -> None:
    """Give a batch to each worker that has no more than ``depth``; a large file only to one that has nothing."""
    for one in workers:
        if queue and len(one.pending) <= depth and not (depth and queue.large):
            one.give(queue.take())


def _result(plain: worker.Plain) -> Hashed | Failed:
    first, second, third = plain
    if isinstance(first, str):
        return Failed(first, unstable=bool(second))
    stats = None if second is None else TableStats(*cast("tuple[int | None, int | None]", second))
    return Hashed(first, stats, bool(third))
