"""``data-sbom demo``."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sbom.cli.common import Color, Console, Quiet, Verbose
from sbom.demo.session import Scene, play
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
                    typer.echo(_ABOUT)
                    typer.echo(f"in {display(str(place))} ({kept})")
                number += 1
                title = f"\n{number}. {event.title}"
                typer.echo(typer.style(title, bold=True) if colored else title, color=colored)
                continue
            typer.echo(f"$ {_typed(event.command.argv)}")
            typer.echo(event.output, nl=False, color=colored)
            if event.exit_code or not event.as_it_should:
                typer.echo(f"exit code {event.exit_code}")
            if not event.as_it_should:
                typer.echo(f"FAILED    that is not how it should end: exit code {event.command.exit_code} was expected")
                raise typer.Exit(1)
    typer.echo("\nEverything ended as it should.")
    console.say(_NEXT)


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
    made = Path(tempfile.mkdtemp(prefix="data-sbom-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
