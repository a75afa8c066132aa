"""Run commands side by side, and say what they cost: seconds on the wall, seconds of CPU, memory of all processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO

_SAMPLE_SECONDS = 0.01
_KIB = 1024


@dataclass(frozen=True)
class Command:
    """One command line to measure.

    :param prepare: called before each run; its time does not count.
    """

    name: str
    argv: Sequence[str]
    prepare: Callable[[], None] | None = None


@dataclass(frozen=True)
class Cost:
    """Medians over the runs of one command; memory is the highest of one further run, which is not timed."""

    wall: float
    cpu: float
    memory_mib: float | None = None


class CommandFailedError(Exception):
    """A measured command ended with another exit code than 0: its time would mean nothing."""


class Bench:
    """Measures commands in one clean environment."""

    def __init__(self, env: Mapping[str, str], cwd: Path, runs: int) -> None:
        """Take the whole environment and the working directory of the commands, and how often each is measured."""
        self._env = dict(env)
        self._cwd = cwd
        self.runs = runs

    def compare(self, commands: Sequence[Command], *, runs: int | None = None, memory: bool = False) -> dict[str, Cost]:
        """Run all commands in turn, round after round, after one round that warms the page cache and does not count.

        Whatever disturbs the machine disturbs neighbours alike.

        :raises CommandFailedError: when one of them fails.
        """
        for command in commands:
            self.once(command)
        rounds = [{command.name: self.once(command) for command in commands} for _ in range(runs or self.runs)]
        return {
            command.name: Cost(
                wall=statistics.median(costs[command.name][0] for costs in rounds),
                cpu=statistics.median(costs[command.name][1] for costs in rounds),
                memory_mib=self.memory(command) if memory else None,
            )
            for command in commands
        }

    def once(self, command: Command) -> tuple[float, float]:
        """Run it once, and return seconds on the wall and of CPU (its own and its children's)."""
        with tempfile.TemporaryFile() as errors:
            process, start = self._start(command, errors)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            self._check(command, process, status, errors)
        return wall, usage.ru_utime + usage.ru_stime

    def memory(self, command: Command) -> float:
        """Return the peak memory in MiB: of all its processes together on Linux, else of the largest one."""
        peak = 0.0
        with tempfile.TemporaryFile() as errors:
            process, _ = self._start(command, errors)
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                peak = max(peak, _tree_mib(process.pid))
                time.sleep(_SAMPLE_SECONDS)
            self._check(command, process, status, errors)
        largest = usage.ru_maxrss / (_KIB * _KIB if sys.platform == "darwin" else _KIB)
        return peak or largest

    def _start(self, command: Command, errors: IO[bytes]) -> tuple[subprocess.Popen[bytes], float]:
        if command.prepare is not None:
            command.prepare()
        start = time.perf_counter()
        process = subprocess.Popen(
            command.argv,
            cwd=self._cwd,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        return process, start

    @staticmethod
    def _check(command: Command, process: subprocess.Popen[bytes], status: int, errors: IO[bytes]) -> None:
        process.returncode = os.waitstatus_to_exitcode(status)  # it was waited for here, not by Popen
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read()[-2000:].decode(errors="replace")
            message = f"{command.name}: exit code {process.returncode}\n{' '.join(command.argv)}\n{said}"
            raise CommandFailedError(message)


def _tree_mib(root: int) -> float:
    """Add up the proportional set sizes (shared pages count once) of a process and all below it; 0 without /proc."""
    parents: dict[int, int] = {}
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return 0.0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            continue  # it has ended
        parents[pid] = int(text.rpartition(")")[2].split()[1])
    total = 0
    for pid in parents:
        ancestor = pid
        while ancestor not in {root, 0}:
            ancestor = parents.get(ancestor, 0)
        if ancestor == root:
            total += _pss_kib(pid)
    return total / _KIB


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it has ended
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
