"""``data-sbom inspect``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from sbom import api
from sbom.cli.common import DASH, BomArgument, Color, Quiet, Verbose, put
from sbom.report import description
from sbom.report import profile as profiles


def command(
    bom: BomArgument,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="g7|cisa|dps|spdx|all",
            help="Show which elements of a standard it fills, and which are missing.",
        ),
    ] = None,
    format_name: Annotated[Literal["table", "json"], typer.Option("--format", "-f", help="How to print it.")] = "table",
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Show what a data SBOM says. Nothing of it is verified."""
    if profile is None:
        put(description.render(description.describe(api.Bom.read(bom), bom), format_name), DASH)
        return
    profiles.check(profile)
    read = api.Bom.read(bom)
    put(profiles.render(profiles.evaluations(read, profile), read, bom, format_name), DASH)
