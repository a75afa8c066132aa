"""``data-sbom export``."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import typer

from sbom import __version__, api, output
from sbom.cli.common import DASH, BomArgument, Color, Console, Quiet, Verbose, put
from sbom.errors import UsageError
from sbom.export import Facts, export
from sbom.names import display


def command(
    bom: BomArgument,
    format_name: Annotated[
        Literal["croissant", "spdx3", "datapackage", "sha256sums", "bagit-manifest"],
        typer.Option("--format", "-f", help="The other format."),
    ],
    target: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE|-", help="Where it goes. Default: standard output.")
    ] = DASH,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Write what a data SBOM says in another format. Nothing of it is verified."""
    console = Console(quiet, color)
    if target != DASH:
        _check_target(target, bom, force=force)
    read = api.Bom.read(bom)
    done = export(read.dataset, Facts.of(read.document, read.sha256, __version__), format_name)
    put(done.data, target)
    for note in done.notes:
        console.say(f"note: {display(note)}")
    where = "" if target == DASH else f"{display(target)}: "
    count = len(read.dataset.files)
    console.say(f"{where}{count} {'file' if count == 1 else 'files'}, as the document lists them; not verified")


def _check_target(target: str, bom: str, *, force: bool) -> None:
    """Refuse to write over the document, and over anything else unless that is wanted."""
    if output.check_target(target) is None:
        return
    if bom != DASH and os.path.exists(bom) and os.path.samefile(target, bom):
        raise UsageError("is the document itself", path=target, hint="name another file for the export")
    if not force:
        raise UsageError("exists; it will not be overwritten", path=target, hint="name another file, or use --force")
