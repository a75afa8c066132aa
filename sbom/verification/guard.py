"""Guard a program: verify, look again right before it starts, and once more when it has ended."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import UndecidedError, UsageError
from sbom.verification.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from sbom.verification.report import Report
    from sbom.verification.run import Verification

_FORWARDED = (signal.SIGTERM, signal.SIGHUP)


class Moves(NamedTuple):
    """What changed in the data since it was verified: ``(path, what happened)``."""

    before: tuple[tuple[str, str], ...] = ()
    during: tuple[tuple[str, str], ...] = ()


class Guarded(NamedTuple):
    """What became of a guarded command.

    :param ran: whether it was started at all.
    :param command_exit: its exit code (128 + signal when it was killed), ``None`` when it did not run.
    """

    report: Report
    moves: Moves
    ran: bool
    command_exit: int | None

    @property
    def exit_code(self) -> int:
        """The code to exit with: the command's own, unless the data was not right or moved."""
        if not self.ran:
            # Verified, and yet not started: the data moved in between, or a part was verified only.
            return self.report.exit_code or 3
        if self.command_exit == 0:
            return 1 if self.moves.during else 0
        return 3 if self.command_exit is None else self.command_exit


def may_start(report: Report, *, allow_partial: bool) -> bool:
    """Tell whether a verification is good enough to start something on the data."""
    return report.verdict is Verdict.VERIFIED or (report.verdict is Verdict.SUBSET and allow_partial)


def moved(verification: Verification) -> tuple[tuple[str, str], ...]:
    """Look again at data that was verified; it has moved too when it cannot be looked at."""
    if verification.watch is None:
        return (("", "was never looked at"),)
    try:
        return tuple(verification.watch.moved())
    except UndecidedError as error:
        return ((error.path or "", error.message),)


def run(verification: Verification, command: Sequence[str], *, allow_partial: bool) -> Guarded:
    """Run a command on data that has just been verified; it never starts unless that held.

    :raises UsageError: when the command cannot be started.
    """
    report = verification.report
    if not may_start(report, allow_partial=allow_partial):
        return Guarded(report, Moves(), ran=False, command_exit=None)
    before = moved(verification)
    if before:
        return Guarded(report, Moves(before=before), ran=False, command_exit=None)
    code = _execute(command)
    return Guarded(report, Moves(during=moved(verification)), ran=True, command_exit=code)


def _execute(command: Sequence[str]) -> int:
    try:
        process = subprocess.Popen(list(command))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot be started: {reason}", path=command[0], hint="check the command after --") from error
    with _forwarding(process.send_signal):
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                continue  # the command got it too; it decides how to end
    return code if code >= 0 else 128 - code


@contextmanager
def _forwarding(send: Callable[[int], None]) -> Iterator[None]:
    """Pass on the signals that ask a program to end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def forward(number: int, frame: FrameType | None) -> None:
        send(number)

    old = {number: signal.signal(number, forward) for number in _FORWARDED}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def as_dict(guarded: Guarded, command: Sequence[str], verification: dict[str, object]) -> dict[str, object]:
    """Return the report of a guarded run (``schemas/guard-report.schema.json``).

    :param verification: the verification report in its JSON form.
    """
    return {
        "format": "data-sbom-guard-report/1",
        "command": {"argv": list(command), "ran": guarded.ran, "exit_code": guarded.command_exit},
        "exit_code": guarded.exit_code,
        "moved_before_start": [{"path": path, "what": what} for path, what in guarded.moves.before],
        "moved_during_run": [{"path": path, "what": what} for path, what in guarded.moves.during],
        "verification": verification,
    }
