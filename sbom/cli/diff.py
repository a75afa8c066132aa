"""``data-sbom diff``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from sbom import api, diff
from sbom.cli.common import DASH, Color, Quiet, Verbose, put
from sbom.report.difference import Side, render


def command(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The older document, or - for standard input.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The newer document, or - for standard input.")],
    format_name: Annotated[
        Literal["table", "json", "markdown"], typer.Option("--format", "-f", help="How to print it.")
    ] = "table",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when anything differs.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Show what differs between two data SBOMs. Neither is verified."""
    before, after = Side(old, api.Bom.read(old)), Side(new, api.Bom.read(new))
    difference = diff.compare(before.bom.dataset, after.bom.dataset)
    put(render(difference, before, after, format_name), DASH)
    raise typer.Exit(1 if exit_code and difference.different else 0)
