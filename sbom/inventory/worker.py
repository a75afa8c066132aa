"""A worker process: takes batches of files on stdin, gives digests on stdout. Started by :mod:`sbom.inventory.pool`.

Messages are ``marshal`` values behind a 4-byte length; both ends are the same interpreter, and nobody else writes.
"""

from __future__ import annotations

import marshal
import queue
import signal
import sys
import threading
from contextlib import suppress
from typing import IO, cast

from sbom.inventory import files, hashing

#: Kinds of message that a worker sends.
PROGRESS, RESULTS = 0, 1

#: Algorithms, and the fields of each :class:`sbom.inventory.hashing.Task`.
Batch = tuple[tuple[str, ...], list[tuple[str, str, files.State]]]
#: The fields of a :class:`sbom.inventory.hashing.Hashed`, or of a ``Failed`` (the first is a string) and nothing.
Plain = tuple[tuple[str, ...] | str, object, object]


def send(stream: IO[bytes], value: object) -> None:
    """Write one message."""
    data = marshal.dumps(value)  # type: ignore[arg-type]  # made of what marshal writes
    rest = memoryview(len(data).to_bytes(4, "little") + data)
    while rest:
        rest = rest[stream.write(rest) :]
    stream.flush()


def receive(stream: IO[bytes]) -> object:
    """Read one message, and not a byte more.

    :raises EOFError: when the other end has gone.
    """
    length = int.from_bytes(_exactly(stream, 4), "little")
    return marshal.loads(_exactly(stream, length))  # noqa: S302  # written by the other end, which is ours


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = stream.read(length - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def serve(root_fd: int, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Hash batches until the parent closes the pipe.

    A thread of its own takes the batches, so that the parent can always hand one over: with both pipes full and both
    ends writing, neither would ever read.
    """
    waiting: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(incoming, waiting), daemon=True).start()
    opener = files.Opener(root_fd)

    def progress(done: int) -> None:
        send(outgoing, (PROGRESS, done))

    while (batch := waiting.get()) is not None:
        algorithms, tasks = batch
        results = [_plain(hashing.hash_file(opener, hashing.Task(*task), algorithms, progress)) for task in tasks]
        send(outgoing, (RESULTS, results))
    opener.close()


def _take(incoming: IO[bytes], waiting: queue.SimpleQueue[Batch | None]) -> None:
    with suppress(EOFError):
        while True:
            waiting.put(cast("Batch", receive(incoming)))
    waiting.put(None)


def _plain(result: hashing.Hashed | hashing.Failed) -> Plain:
    """Turn a result into what marshal writes: exact tuples."""
    if isinstance(result, hashing.Failed):
        return result.reason, result.unstable, None
    return result.digests, None if result.stats is None else tuple(result.stats), result.pointer


def main() -> None:
    """Run as ``python -c``: the first argument is the descriptor of the root, the others are the import path."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path.extend(path for path in sys.argv[2:] if path not in sys.path)
    serve(int(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
