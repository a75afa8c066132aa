"""How a command ends: every error becomes one clear message and an exit code, never 0 and never a traceback."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from sbom.errors import DataError, Error
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_R = TypeVar("_R")

#: Could not be decided.
_UNDECIDED = 3
_SHOWN = 20


class _Terminated(BaseException):
    """SIGTERM arrived: unwind, so that temporary files and worker processes go away."""


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise _Terminated


def handled(command: Callable[..., _R]) -> Callable[..., None]:
    """Wrap a command: map errors to messages and exit codes, and make sure that its output has arrived."""

    @functools.wraps(command)
    def run(*args: object, **kwargs: object) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _terminate)
        verbose = bool(kwargs.get("verbose"))
        try:
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
        except KeyboardInterrupt:
            _say("interrupted: nothing was decided and nothing was written")
            raise typer.Exit(128 + signal.SIGINT) from None
        except _Terminated:
            raise typer.Exit(128 + signal.SIGTERM) from None
        except MemoryError:
            _say("error: not enough memory for this input")
            raise typer.Exit(_UNDECIDED) from None
        except Exception as error:
            if verbose:
                _traceback()
            _say(f"error: unexpected {type(error).__name__}: {display(str(error))}")
            _say("hint: nothing was decided; run again with -v for the traceback, and please report it")
            raise typer.Exit(_UNDECIDED) from None

    return run


def _flush() -> None:
    """Make sure that everything printed has arrived: a full disk must not look like success."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _say(f"error: standard output cannot be written: {error.strerror}")
        raise typer.Exit(_UNDECIDED) from None


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _explain(error: Error) -> None:
    where = "" if error.path is None else f"{display(error.path)}: "
    _say(f"error: {where}{display(error.message, 2000)}")
    if isinstance(error, DataError):
        for path, reason in error.problems[1:_SHOWN]:
            _say(f"       {display(path)}: {display(reason)}")
        if len(error.problems) > _SHOWN:
            _say(f"       and {len(error.problems) - _SHOWN:,} more")
    if error.hint is not None:
        _say(f"hint: {display(error.hint, 2000)}")


def _traceback() -> None:
    import traceback  # noqa: PLC0415  # only for -v

    typer.echo(traceback.format_exc(), err=True)
