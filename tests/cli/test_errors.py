"""How a command ends, in this process; redirections and real signals are in tests/attacks/test_never_zero.py."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest
import typer

from sbom.cli import errors
from sbom.errors import DataError, Error, NotADocumentError, OutputError, RefusedError, UsageError


def end(command, **kwargs):
    """Run something as a command; return its exit code."""
    with pytest.raises(typer.Exit) as ended:
        errors.handled(command)(**kwargs)
    return ended.value.exit_code


def raiser(error):
    def fail(**kwargs):
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Error("x"), 3),
        (UsageError("x"), 2),
        (RefusedError("x"), 1),
        (NotADocumentError("x"), 3),
        (OutputError("x"), 3),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (MemoryError(), 3),
        (ZeroDivisionError(), 3),
    ],
    ids=repr,
)
def test_every_error_has_its_code(error, code):
    assert end(raiser(error)) == code


@pytest.mark.parametrize("code", [0, 1, 2, 3, 77])
def test_codes_of_commands_are_kept(code):
    assert end(raiser(typer.Exit(code))) == code


def test_a_command_that_just_ends():
    errors.handled(lambda: None)()


def test_message(capsys):
    end(raiser(RefusedError("is wrong\n", path="a\x1bb", hint="do\tthis")))
    assert capsys.readouterr().err == "error: a\\x1bb: is wrong\\n\nhint: do\\tthis\n"


def test_problems_are_named_up_to_twenty(capsys):
    problems = tuple((f"f{number}", "bad") for number in range(25))
    end(raiser(DataError("bad", path="f0", problems=problems)))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[0] == "error: f0: bad"
    assert lines[-1].strip() == "and 5 more"


@pytest.mark.parametrize("error", [UsageError("x"), ZeroDivisionError("x")], ids=repr)
def test_traceback_with_verbose_only(capsys, error):
    end(raiser(error), verbose=True)
    assert "Traceback" in capsys.readouterr().err
    end(raiser(error), verbose=False)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_termination_unwinds(capsys, number):
    before = signal.getsignal(number)
    cleaned = []

    def command():
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        finally:
            cleaned.append(True)

    assert end(command) == 128 + number
    assert cleaned
    assert signal.getsignal(number) is before
    assert "terminated" in capsys.readouterr().err


def test_ignored_signals_stay_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        errors.handled(lambda: os.kill(os.getpid(), signal.SIGHUP))()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_of_the_main_thread():
    codes = []
    thread = threading.Thread(target=lambda: codes.append(end(raiser(UsageError("x")))))
    thread.start()
    thread.join()
    assert codes == [2]


class Full:
    """A stream that takes nothing."""

    def __init__(self, fd):
        self.fd = fd

    def flush(self):
        raise OSError(28, "No space left on device")

    write = flush

    def fileno(self):
        return self.fd


def test_output_that_does_not_arrive(monkeypatch, capsys, tmp_path):
    with (tmp_path / "out").open("wb") as stream:
        monkeypatch.setattr(sys, "stdout", Full(stream.fileno()))
        assert end(lambda: None) == 3
        assert end(raiser(typer.Exit(0))) == 3
        assert end(raiser(UsageError("x"))) == 3
        assert os.path.samestat(os.fstat(stream.fileno()), os.stat(os.devnull))
    assert "standard output cannot be written: No space left on device" in capsys.readouterr().err


def test_no_standard_output(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    errors.handled(lambda: None)()


def test_nobody_hears(monkeypatch):
    monkeypatch.setattr(errors.typer, "echo", lambda *_args, **_kwargs: (_ for _ in ()).throw(BrokenPipeError()))
    errors.say("hello")
    assert end(raiser(UsageError("x"))) == 2
