"""How a command ends: every error becomes one clear message and an exit code, never 0 and never a traceback."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from sbom.errors import DataError, Error, OutputError
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_R = TypeVar("_R")

#: Could not be decided.
_UNDECIDED = 3
_SHOWN = 20
_TERMINATING = (signal.SIGTERM, signal.SIGHUP)


class _Terminated(BaseException):
    """A signal asked for the end: unwind, so that temporary files and worker processes go away."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def handled(command: Callable[..., _R]) -> Callable[..., None]:
    """Wrap a command: map errors to messages and exit codes, and make sure that its output has arrived."""

    @functools.wraps(command)
    def run(*args: object, **kwargs: object) -> None:
        verbose = bool(kwargs.get("verbose"))
        try:
            with _terminable():
                try:
                    command(*args, **kwargs)
                finally:
                    _flush()
        except typer.Exit:
            raise
        except Error as error:
            if verbose:
                _traceback()
            _explain(error)
            raise typer.Exit(error.exit_code) from None
        except (KeyboardInterrupt, typer.Abort):
            say("interrupted: nothing was decided and nothing was written")
            raise typer.Exit(128 + signal.SIGINT) from None
        except _Terminated as ended:
            say("terminated: nothing was decided and nothing was written")
            raise typer.Exit(128 + ended.number) from None
        except MemoryError:
            say("error: not enough memory for this input")
            raise typer.Exit(_UNDECIDED) from None
        except Exception as error:  # noqa: BLE001  # the last resort: it ends in exit 3, never in success
            if verbose:
                _traceback()
            say(f"error: unexpected {type(error).__name__}: {display(str(error))}")
            say("hint: nothing was decided; run again with -v for the traceback, and please report it")
            raise typer.Exit(_UNDECIDED) from None

    return run


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn the signals that ask for the end into an exception; those that the caller ignores stay ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    old = {number: signal.getsignal(number) for number in _TERMINATING}
    try:
        for number, handler in old.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _terminate)
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise _Terminated(number)


def _flush() -> None:
    """Make sure that everything printed has arrived: a full disk must not look like success."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        raise lost_output(error) from error


def lost_output(error: OSError) -> OutputError:
    """Return the error for a standard output that takes nothing, and make sure that nothing is tried again."""
    # What is left in the buffer would fail again when the interpreter ends.
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
    return OutputError(f"standard output cannot be written: {error.strerror}", hint="nothing else was affected")


def say(text: str, *, color: bool | None = None) -> None:
    """Tell a person something. That nobody hears it must not change how a command ends.

    :param color: whether the text may hold colours; by default only on a terminal.
    """
    with suppress(OSError):
        typer.echo(text, err=True, color=color)


def _explain(error: Error) -> None:
    where = "" if error.path is None else f"{display(error.path)}: "
    say(f"error: {where}{display(error.message, 2000)}")
    if isinstance(error, DataError):
        for path, reason in error.problems[1:_SHOWN]:
            say(f"       {display(path)}: {display(reason)}")
        if len(error.problems) > _SHOWN:
            say(f"       and {len(error.problems) - _SHOWN:,} more")
    if error.hint is not None:
        say(f"hint: {display(error.hint, 2000)}")


def _traceback() -> None:
    import traceback  # noqa: PLC0415  # only for -v

    say(traceback.format_exc())
