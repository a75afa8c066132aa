"""Guard a program: verify, look again right before it starts, and once more when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom import execution
from sbom.errors import UndecidedError, UsageError
from sbom.verification.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.verification.interface import Options
    from sbom.verification.report import Report
    from sbom.verification.run import Verification


class Moves(NamedTuple):
    """What changed in the data since it was verified: ``(path, what happened)``; no path stands for all of it."""

    before: tuple[tuple[str, str], ...] = ()
    during: tuple[tuple[str, str], ...] = ()


class Guarded(NamedTuple):
    """What became of a guarded command.

    :param ran: whether it was started at all.
    :param command_exit: its exit code (128 + signal when it was killed), ``None`` when it did not run.
    :param start_error: why it could not be started, although the data was right.
    """

    report: Report
    moves: Moves
    ran: bool
    command_exit: int | None
    start_error: str | None = None

    @property
    def exit_code(self) -> int:
        """The code to exit with: the command's own, unless the data was not right or moved."""
        if not self.ran:
            if self.start_error is not None:
                return UsageError.exit_code
            # Verified, and yet not started: the data moved in between, or a part was verified only.
            return self.report.exit_code or 3
        if self.command_exit == 0:
            return 1 if self.moves.during else 0
        return 3 if self.command_exit is None else self.command_exit

    @property
    def reason(self) -> str | None:
        """Why the command was not started, ``None`` when it was."""
        if self.ran:
            return None
        if self.start_error is not None:
            return self.start_error
        if self.moves.before:
            return "the data moved after it was verified"
        if self.report.verdict is Verdict.SUBSET:
            return "only a part of the data was verified"
        return "the data did not verify"


def may_start(report: Report, *, allow_partial: bool) -> bool:
    """Tell whether a verification is good enough to start something on the data."""
    return report.verdict is Verdict.VERIFIED or (report.verdict is Verdict.SUBSET and allow_partial)


def refuse_partial(options: Options | None, *, allow_partial: bool) -> None:
    """Refuse a call that could never start anything, before any work is done.

    :raises UsageError: when only a part would be verified, and the caller did not say that this is enough.
    """
    if options is not None and options.only and not allow_partial:
        raise UsageError(
            "only a part of the data would be verified", hint="give --allow-partial (allow_partial=True) to accept that"
        )


def moved(verification: Verification) -> tuple[tuple[str, str], ...]:
    """Look again at data that was verified; it has moved too when it cannot be looked at."""
    if verification.watch is None:
        return (("", "was never looked at"),)
    try:
        return tuple(verification.watch.moved())
    except UndecidedError as error:
        return ((error.path or "", error.message),)


def run(verification: Verification, command: Sequence[str], *, allow_partial: bool) -> Guarded:
    """Run a command on data that has just been verified; it never starts unless that held."""
    report = verification.report
    if not may_start(report, allow_partial=allow_partial):
        return Guarded(report, Moves(), ran=False, command_exit=None)
    before = moved(verification)
    if before:
        return Guarded(report, Moves(before=before), ran=False, command_exit=None)
    try:
        code = execution.run(command)
    except (OSError, ValueError) as error:
        problem = f"{command[0]} cannot be started: {getattr(error, 'strerror', None) or error}"
        return Guarded(report, Moves(), ran=False, command_exit=None, start_error=problem)
    return Guarded(report, Moves(during=moved(verification)), ran=True, command_exit=code)


def as_dict(guarded: Guarded, command: Sequence[str], verification: dict[str, object]) -> dict[str, object]:
    """Return the report of a guarded run (``schemas/guard-report.schema.json``).

    :param verification: the verification report in its JSON form.
    """
    return {
        "format": "data-sbom-guard-report/1",
        "command": {
            "argv": list(command),
            "ran": guarded.ran,
            "exit_code": guarded.command_exit,
            "not_started": guarded.reason,
        },
        "exit_code": guarded.exit_code,
        "moved_before_start": [{"path": path, "what": what} for path, what in guarded.moves.before],
        "moved_during_run": [{"path": path, "what": what} for path, what in guarded.moves.during],
        "verification": verification,
    }
