"""``data-sbom explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from sbom.cli.common import DASH, Color, Quiet, Verbose, put
from sbom.report.explanation import render


def command(
    check: Annotated[
        str | None, typer.Argument(metavar="CHECK", help="A check id, such as files.modified. Default: list all.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Explain a check: what it means, when it is required, and what to do when it fails."""
    put(render(check), DASH)
