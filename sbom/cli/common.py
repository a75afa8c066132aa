"""What several commands share: option types, messages, progress, passphrases, where a payload goes."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NamedTuple, TextIO

import typer

from sbom import output
from sbom.cli.errors import lost_output, say
from sbom.errors import OutputError, UsageError
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors and the payload only.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks of errors.")]
Color = Annotated[str, typer.Option("--color", metavar="auto|always|never", help="Colour the output.")]
BomArgument = Annotated[str, typer.Argument(metavar="BOM", help="The document, or - for standard input.")]
DataArgument = Annotated[str, typer.Argument(metavar="DATA", help="The dataset: a directory or a file.")]

#: The path that stands for standard input or output.
DASH = "-"
_PASSWORD_VARIABLE = "DATA_SBOM_KEY_PASSWORD"  # noqa: S105  # a variable's name
_MAX_PASSWORD = 4096


class Console(NamedTuple):
    """Where messages go, and how: payload to standard output, everything else to standard error."""

    quiet: bool
    color: str

    def say(self, text: str) -> None:
        """Tell a person something, unless ``-q``."""
        if not self.quiet:
            say(text)

    def warn(self, text: str) -> None:
        """Tell a person something that may need care, unless ``-q``."""
        self.say(f"warning: {text}")

    def colored(self, stream: TextIO | None = None) -> bool:
        """Tell whether a stream takes colours (``--color``, NO_COLOR, FORCE_COLOR, terminal).

        :param stream: default: standard output.
        :raises UsageError: when ``--color`` is none of the three.
        """
        if self.color not in {"auto", "always", "never"}:
            raise UsageError(f"--color cannot be {self.color!r}", hint="use auto, always or never")
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        target = sys.stdout if stream is None else stream
        return bool(os.environ.get("FORCE_COLOR")) or (target is not None and target.isatty())


def put(text: str | bytes, target: str | None) -> None:
    """Write a payload to a file (atomically), or to standard output.

    :raises OutputError: when standard output cannot take it.
    """
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
    if target is not None and target != DASH:
        output.write(target, data)
        return
    if sys.stdout is None:
        raise OutputError("standard output is closed", hint="open it, or write to a file with -o")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise lost_output(error) from error


def check_report_target(target: str | None, data: str, bom: str, console: Console) -> None:
    """Refuse to write a report over the data or the document; warn when it lands inside the data."""
    from sbom.inventory.walk import locate, relative  # noqa: PLC0415  # only where a report is written

    if target is None or target == DASH:
        return
    exists = output.check_target(target) is not None
    if exists and bom != DASH and os.path.exists(bom) and os.path.samefile(target, bom):
        raise UsageError("is the document itself", path=target, hint="name another file for the report")
    if relative(locate(data), target) is not None:
        if exists:
            raise UsageError("is a file of the dataset", path=target, hint="name a file elsewhere for the report")
        console.warn(f"{display(target)} lies inside the data: the next verification will find it as an extra file")


def refuse_inside(path: str | None, data: str) -> None:
    """Refuse a file of the caller's that lies where whoever changes the data could change it."""
    if path is None:
        return
    from sbom.inventory.walk import locate  # noqa: PLC0415  # only where --config is given
    from sbom.verification.trustroot import leads_through  # noqa: PLC0415

    if leads_through(locate(data), path):
        raise UsageError("lies inside the data that it is to judge", path=path, hint="keep it elsewhere")


def pairs(texts: Iterable[str], option: str, form: str, example: str) -> list[tuple[str, str]]:
    """Split ``A=B`` texts of an option at their first ``=``.

    :param form: as the option's help has it.
    :raises UsageError: when one of them has another form.
    """
    found = [text.partition("=") for text in texts]
    for name, sign, value in found:
        if not sign or not name.strip():
            raise UsageError(f"{option} takes {form}, not {display(name + sign + value)}", hint=f"as in {example}")
    return [(name.strip(), value) for name, _, value in found]


def fields(texts: Iterable[str]) -> dict[str, list[str]]:
    """Read ``FIELD=VALUE`` texts, as ``--set`` takes them; a field may be given several times.

    :raises UsageError: when one of them has another form.
    """
    found: dict[str, list[str]] = {}
    for field, value in pairs(texts, "--set", "FIELD=VALUE", "--set license=CC0-1.0"):
        found.setdefault(field, []).append(value)
    return found


def _unseen(done: int, total: int) -> None:
    """Show nothing."""


@contextmanager
def progress(console: Console, label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with bytes, rate and time left, on a terminal's standard error only."""
    if console.quiet or not sys.stderr.isatty():
        yield _unseen
        return
    from rich.console import Console as RichConsole  # noqa: PLC0415  # only on a terminal
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn  # noqa: PLC0415

    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=RichConsole(stderr=True), transient=True) as bars:
        task = bars.add_task(label, total=None)

        def advance(done: int, total: int) -> None:
            bars.update(task, advance=done, total=total)

        yield advance


def password(path: str | None, prompt: str, *, confirm: bool = False) -> Callable[[], bytes | None]:
    """Return how to get a passphrase: from a file, from the environment, or from a person at a terminal."""

    def get() -> bytes | None:
        if path is not None:
            return _from_file(path)
        if _PASSWORD_VARIABLE in os.environ:
            return os.fsencode(os.environ[_PASSWORD_VARIABLE])
        if not sys.stdin.isatty():
            return None
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)).encode()

    return get


def _from_file(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb", buffering=0) as stream:
            text = stream.read(_MAX_PASSWORD + 1) or b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot be read: {reason}", path=path, hint="check --key-password-file") from error
    text = text.removesuffix(b"\n").removesuffix(b"\r")
    if not text or len(text) > _MAX_PASSWORD or b"\n" in text:
        raise UsageError("is not one line with a passphrase", path=path, hint="check --key-password-file")
    return text
