"""What guard makes of a verification and a command; the command line is in tests/attacks/test_guard.py."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from sbom import execution
from sbom.errors import UndecidedError, UsageError
from sbom.verification import guard
from sbom.verification.guard import Guarded, Moves
from sbom.verification.interface import Options
from sbom.verification.report import Verdict
from sbom.verification.run import Verification


class Report:
    """As much of a report as guard looks at."""

    def __init__(self, verdict):
        self.verdict = verdict
        self.exit_code = {Verdict.VERIFIED: 0, Verdict.SUBSET: 0, Verdict.FAILED: 1, Verdict.UNDECIDED: 3}[verdict]


class Watch:
    """Sees these moves, one answer for each look."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def moved(self):
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer


GOOD = Report(Verdict.VERIFIED)
MOVE = ("a", "was changed")


def run(code="", *, report=GOOD, watch=None, allow_partial=False, command=None):
    words = command or [sys.executable, "-c", code]
    return guard.run(Verification(report, watch or Watch()), words, allow_partial=allow_partial)


@pytest.mark.parametrize(
    ("guarded", "code", "reason"),
    [
        (Guarded(GOOD, Moves(), ran=True, command_exit=0), 0, None),
        (Guarded(GOOD, Moves(), ran=True, command_exit=7), 7, None),
        (Guarded(GOOD, Moves(), ran=True, command_exit=None), 3, None),
        (Guarded(GOOD, Moves(during=(MOVE,)), ran=True, command_exit=0), 1, None),
        (Guarded(GOOD, Moves(during=(MOVE,)), ran=True, command_exit=7), 7, None),
        (Guarded(GOOD, Moves(before=(MOVE,)), ran=False, command_exit=None), 3, "the data moved after it was verified"),
        (Guarded(GOOD, Moves(), ran=False, command_exit=None, start_error="x"), 2, "x"),
        (Guarded(Report(Verdict.FAILED), Moves(), ran=False, command_exit=None), 1, "the data did not verify"),
        (Guarded(Report(Verdict.UNDECIDED), Moves(), ran=False, command_exit=None), 3, "the data did not verify"),
        (
            Guarded(Report(Verdict.SUBSET), Moves(), ran=False, command_exit=None),
            3,
            "only a part of the data was verified",
        ),
    ],
)
def test_exit_code_and_reason(guarded, code, reason):
    assert guarded.exit_code == code
    assert guarded.reason == reason


@pytest.mark.parametrize(
    ("verdict", "allow_partial", "may"),
    [
        (Verdict.VERIFIED, False, True),
        (Verdict.SUBSET, False, False),
        (Verdict.SUBSET, True, True),
        (Verdict.FAILED, True, False),
        (Verdict.UNDECIDED, True, False),
    ],
)
def test_what_may_start(verdict, allow_partial, may):
    assert guard.may_start(Report(verdict), allow_partial=allow_partial) is may
    guarded = run("raise SystemExit(9)", report=Report(verdict), allow_partial=allow_partial)
    assert guarded.ran is may
    assert guarded.command_exit == (9 if may else None)


def test_a_part_is_refused_beforehand():
    with pytest.raises(UsageError, match="only a part"):
        guard.refuse_partial(Options(only=("x",)), allow_partial=False)
    guard.refuse_partial(Options(only=("x",)), allow_partial=True)
    guard.refuse_partial(Options(), allow_partial=False)
    guard.refuse_partial(None, allow_partial=False)


def test_moves_around_the_command():
    guarded = run(watch=Watch([MOVE]))
    assert (guarded.ran, guarded.moves) == (False, Moves(before=(MOVE,)))
    guarded = run(watch=Watch([], [MOVE]))
    assert (guarded.ran, guarded.moves, guarded.exit_code) == (True, Moves(during=(MOVE,)), 1)


def test_data_that_cannot_be_looked_at_has_moved():
    assert run(watch=Watch(UndecidedError("gone", path="x"))).moves.before == (("x", "gone"),)
    assert guard.moved(Verification(GOOD, None)) == (("", "was never looked at"),)
    assert guard.moved(Verification(GOOD, Watch(UndecidedError("gone")))) == (("", "gone"),)


@pytest.mark.parametrize(
    "command", [["no-such-command"], [""], ["a\0b"], ["/"]], ids=["unknown", "empty", "NUL", "directory"]
)
def test_commands_that_cannot_be_started(command):
    guarded = run(command=command)
    assert not guarded.ran
    assert guarded.exit_code == 2
    assert "cannot be started" in guarded.start_error


def test_killed_by_a_signal():
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").command_exit == 137


def kill_parent(name):
    return (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n"
        f"os.kill(os.getppid(), signal.{name})\n"
        "time.sleep({wait})\n"
    )


def test_termination_is_forwarded():
    before = signal.getsignal(signal.SIGTERM)
    assert run(kill_parent("SIGTERM").format(wait=10)).command_exit == 5
    assert signal.getsignal(signal.SIGTERM) is before


def test_interrupt_is_waited_out():
    before = signal.getsignal(signal.SIGINT)
    assert run(kill_parent("SIGINT").format(wait=0.1)).command_exit == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_termination_before_the_command_is_up_is_not_lost(monkeypatch):
    real = execution.subprocess.Popen

    def popen(words, **settings):
        os.kill(os.getpid(), signal.SIGTERM)
        return real(words, **settings)

    monkeypatch.setattr(execution.subprocess, "Popen", popen)
    assert run("import time; time.sleep(10)").command_exit == 143


def test_ignored_signals_stay_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        code = "import signal; raise SystemExit(signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN)"
        assert run(code).command_exit == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_of_the_main_thread():
    codes = []
    thread = threading.Thread(target=lambda: codes.append(run("raise SystemExit(4)").command_exit))
    thread.start()
    thread.join()
    assert codes == [4]
