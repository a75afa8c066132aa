"""``data-sbom trace``."""

from __future__ import annotations

from typing import Annotated

import typer

from sbom import api, output
from sbom.cli import judging
from sbom.cli.common import DASH, BomArgument, Color, Console, Quiet, Verbose, put
from sbom.errors import UsageError
from sbom.report.tracing import FORMATS, render


def command(
    bom: BomArgument,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file of the dataset, or a name that its steps know.")],
    chain: Annotated[
        str | None, typer.Option("--chain", metavar="DIR", help="Documents of other releases and datasets.")
    ] = None,
    public_key: Annotated[
        list[str] | None,
        typer.Option("--public-key", metavar="PUB", help="Every document must be signed by one of these. Repeatable."),
    ] = None,
    upstream_key: judging.UpstreamKeys = None,
    descendants: Annotated[
        bool, typer.Option("--descendants", help="Show what came of it: all that is tainted if it is bad.")
    ] = False,
    record: Annotated[
        int | None, typer.Option("--record", metavar="N", help="Follow row N of a table, counted from 1.")
    ] = None,
    format_name: Annotated[
        str, typer.Option("--format", "-f", metavar="|".join(FORMATS), help="How to print it.")
    ] = FORMATS[0],
    target: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE|-", help="Where it goes.")] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Show where a file or a row comes from: steps, scripts, people, times, sources; or what came of it."""
    if format_name not in FORMATS:
        raise UsageError(f"there is no format {format_name!r}", hint=f"choose from {', '.join(FORMATS)}")
    if descendants and record is not None:
        raise UsageError("--descendants and --record contradict each other", hint="give one of them")
    to_file = target is not None and target != DASH
    if target is not None and to_file:
        output.check_target(target)
    colored = Console(quiet, color).colored() and not to_file
    found = api.trace(
        bom,
        file,
        keys=public_key or (),
        upstream_keys=upstream_key or (),
        chain=chain,
        descendants=descendants,
        record=record,
    )
    put(render(found, format_name, color=colored), target)
    raise typer.Exit(found.exit_code)
