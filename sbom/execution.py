"""Run a command of the caller's: its streams are ours, signals reach it, and its exit code is told as shells do."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

_FORWARDED = (signal.SIGTERM, signal.SIGHUP)


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    send: Callable[[subprocess.Popen[bytes], int], None] | None = None,
) -> int:
    """Run a command to its end.

    :param environment: default: ours.
    :param send: passes a signal on; default: to the command itself.
    :return: its exit code, 128 and the number of the signal when one killed it.
    :raises OSError: when it cannot be started; ``ValueError`` when a word of it holds a NUL.
    """
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def forward(number: int) -> None:
        if process is None:
            early.append(number)
        elif send is None:
            process.send_signal(number)
        else:
            send(process, number)

    with _forwarding(forward):
        process = subprocess.Popen(list(command), env=None if environment is None else dict(environment))
        for number in early:
            forward(number)
        code = process.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _forwarding(send: Callable[[int], None]) -> Iterator[None]:
    """Pass on the signals that ask a program to end, and wait for it whatever happens.

    An interrupt from the keyboard reaches the command by itself; it decides how to end. What the caller ignores stays
    ignored, for the command too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def forward(number: int, _frame: FrameType | None) -> None:
        send(number)

    def wait(_number: int, _frame: FrameType | None) -> None:
        """Do nothing. Not SIG_IGN, which the command would inherit."""

    wanted = {**dict.fromkeys(_FORWARDED, forward), signal.SIGINT: wait}
    old = {number: signal.getsignal(number) for number in wanted}
    try:
        for number, handler in wanted.items():
            if old[number] is not signal.SIG_IGN:
                signal.signal(number, handler)
        yield
    finally:
        for number, previous in old.items():
            signal.signal(number, previous)
