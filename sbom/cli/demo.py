"""``data-sbom demo``."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sbom.cli.common import DASH, Color, Console, Quiet, Verbose, put
from sbom.demo.session import Scene, play
from sbom.errors import OutputError
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 96
_ABOUT = "344 penguins of the Palmer Archipelago, Antarctica, 2007-2009 (Horst, Hill and Gorman; CC0-1.0)"
_NEXT = """\
Now with your own data:
  data-sbom keygen -o release                                  once; keep release.key secret
  data-sbom generate DATA -o my.cdx.json --sign-key release.key
  data-sbom verify my.cdx.json DATA --public-key release.pub   before every training run"""


def command(
    directory: Annotated[
        str | None, typer.Argument(metavar="DIR", help="Where to; kept. Default: a temporary directory.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Run the whole job on real data: generate, sign, verify, tamper, refuse."""
    console = Console(quiet, color)
    colored = console.colored()
    with _place(directory) as place:
        kept = "kept" if directory is not None else "removed at the end"
        number = 0
        for event in play(place, color=colored):
            if isinstance(event, Scene):
                if not number:
                    _show(f"{_ABOUT}\nin {display(str(place))} ({kept})")
                number += 1
                title = f"{number}. {event.title}"
                _show(f"\n{typer.style(title, bold=True) if colored else title}")
                continue
            _show(f"$ {_typed(event.command.argv)}")
            _show(event.output.removesuffix("\n"))
            if event.exit_code or not event.as_it_should:
                _show(f"exit code {event.exit_code}")
            if not event.as_it_should:
                _show(f"FAILED    {event.command.ending} was expected")
                raise typer.Exit(1)
    _show("\nEverything ended as it should.")
    console.say(_NEXT)


def _show(text: str) -> None:
    put(f"{text}\n", DASH)


def _typed(argv: tuple[str, ...]) -> str:
    """Write a command as a user types it; a guarded command that makes it long goes on a line of its own."""
    line = shlex.join(argv)
    if len(line) > _WIDTH and "--" in argv:
        end = argv.index("--")
        line = f"{shlex.join(argv[:end])} \\\n    {shlex.join(argv[end:])}"
    return line


@contextmanager
def _place(directory: str | None) -> Iterator[Path]:
    if directory is not None:
        yield Path(directory)
        return
    try:
        made = Path(tempfile.mkdtemp(prefix="data-sbom-demo-"))
    except OSError as error:
        raise OutputError(
            f"there is no place for temporary files: {error.strerror}", hint="name a directory"
        ) from error
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
