"""Observe a command and all its children with strace (https://strace.io), where the system allows it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from typing import TYPE_CHECKING

from sbom import execution
from sbom.recording import strace_log
from sbom.recording.strace_parser import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.recording.events import Events

_PROBE_SECONDS = 20


def _options(log: str) -> list[str]:
    calls = ",".join(f"?{name}" for name in strace_log.CALLS)
    return [
        *("-f", "--seccomp-bpf", "-q", "-z", "-y", "-xx", "-s", str(strace_log.TEXT_LIMIT)),
        *("-e", f"trace={calls}", "-e", "signal=none", "-o", log, "--"),
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
    with tempfile.TemporaryDirectory(prefix="data-sbom-") as directory:
        log = os.path.join(directory, "log")
        program = shutil.which("strace") or "strace"
        directory_now = os.getcwd()
        code = execution.run([program, *_options(log), *command], send=_send)
        parser = Parser(directory_now)
        with open(log, "rb") as stream:
            parser.parse(stream)
    return code, parser.finish()


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    """Pass a signal on to the command: strace itself takes none while it writes to a file."""
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
