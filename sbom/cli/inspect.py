"""``data-sbom inspect``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from sbom import api
from sbom.cli.common import DASH, BomArgument, Color, Quiet, Verbose, put
from sbom.report.description import describe, render


def command(
    bom: BomArgument,
    format_name: Annotated[Literal["table", "json"], typer.Option("--format", "-f", help="How to print it.")] = "table",
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Show what a data SBOM says. Nothing of it is verified."""
    put(render(describe(api.Bom.read(bom), bom), format_name), DASH)
