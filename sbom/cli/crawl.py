"""``data-sbom crawl``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from sbom import api
from sbom.cli.common import DASH, Color, Console, DataArgument, Quiet, Verbose, progress, put
from sbom.report.crawling import render


def command(
    data: DataArgument,
    format_name: Annotated[Literal["table", "json"], typer.Option("--format", "-f", help="How to print it.")] = "table",
    manifest: Annotated[
        list[str] | None, typer.Option("--manifest", metavar="FILE", help="Read this manifest too. Repeatable.")
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="GLOB", help="Look at matching files only. Repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave matching files out. Repeatable.")
    ] = None,
    follow_symlinks: Annotated[bool, typer.Option("--follow-symlinks", help="Follow links out of the data.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when a file is not what a manifest declares.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Show which manifests there are and what they say. Nothing is written."""
    console = Console(quiet, color)
    with progress(console, "reading") as advance:
        found = api.crawl(
            data,
            manifests=manifest or (),
            include=include or (),
            exclude=exclude or (),
            follow_symlinks=follow_symlinks,
            progress=advance,
        )
    put(render(found, data, format_name), DASH)
    if exit_code and (found.crawled.mismatches or found.crawled.rejected):
        raise typer.Exit(1)
