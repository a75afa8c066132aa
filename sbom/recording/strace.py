"""Observe a command and all its children with strace (https://strace.io), where the system allows it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

from sbom import execution
from sbom.recording import strace_log
from sbom.recording.strace_parser import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import FileIO

    from sbom.recording.events import Events

_PROBE_SECONDS = 20
_PAUSE_SECONDS = 0.1
_CHUNK = 1 << 20
_DELETED = " (deleted)"


def _options(log: str) -> list[str]:
    calls = ",".join(f"?{name}" for name in strace_log.CALLS)
    signals = f"signal=!{','.join(strace_log.UNLOGGED_SIGNALS)}"
    return [
        *("-f", "--seccomp-bpf", "-q", "-z", "-y", "-xx", "-s", str(strace_log.TEXT_LIMIT)),
        *("-e", f"trace={calls}", "-e", signals, "-o", log, "--"),
    ]


def usable() -> str | None:
    """Return why strace cannot be used here; ``None`` when it can."""
    program = shutil.which("strace")
    if program is None:
        return "strace is not installed"
    with tempfile.TemporaryDirectory(prefix="data-sbom-") as directory:
        log = os.path.join(directory, "log")
        try:
            ran = subprocess.run(
                [program, *_options(log), "true"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PROBE_SECONDS,
                check=False,
            )
            with open(log, "rb") as stream:
                seen = b"execve(" in stream.read()
        except (OSError, subprocess.TimeoutExpired):
            return "strace does not work here"
    if ran.returncode or not seen:
        return "strace may not trace here, or is older than 5.3"
    return None


def observe(command: Sequence[str]) -> tuple[int, Events]:
    """Run a command under strace; return its exit code and what was seen.

    :raises OSError: when strace cannot be started.
    """
    # A file without a name: the command finds nothing that it could delete or write to by accident.
    with tempfile.TemporaryFile(buffering=0, prefix="data-sbom-") as stream, ThreadPoolExecutor(1) as threads:
        log = f"/proc/{os.getpid()}/fd/{stream.fileno()}"
        own = os.readlink(log)
        parser = Parser(os.getcwd())
        program = shutil.which("strace") or "strace"
        ended = Event()
        parsed = threads.submit(_follow, stream, parser, ended)
        try:
            code = execution.run([program, *_options(log), *command], send=_send)
        finally:
            ended.set()
        parsed.result()
    events = parser.finish()
    if any(name in seen for name in (own, own.removesuffix(_DELETED)) for seen in (events.read, events.written)):
        events.gap("it opened the log of what was observed")
    return code, events


def _follow(stream: FileIO, parser: Parser, ended: Event) -> None:
    """Read the log while it is written: links are looked at when they still are what they were."""
    rest = b""
    while True:
        last = ended.wait(_PAUSE_SECONDS)
        while chunk := stream.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            parser.parse(lines)
        if last:
            break
    if rest:
        parser.parse([rest])


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    """Pass a signal on to the command: strace itself takes none while it writes to a file.

    Where the command has ended and strace waits for what it left behind, nobody waits any longer.
    """
    try:
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as stream:
            children = stream.read().split()
    except OSError:
        children = []
    for child in children:
        try:
            os.kill(int(child), signal.Signals(number))
        except ProcessLookupError:
            continue  # it has just ended, which is what was asked for
    if not children:
        process.kill()
