"""``data-sbom fetch``."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated

import typer

from sbom.cli.common import Color, Console, Quiet, Verbose, progress
from sbom.errors import UsageError
from sbom.names import display
from sbom.names import doubt as doubtful
from sbom.report.text import plural, shown, size
from sbom.sources import client, download, plan
from sbom.sources.record import FILE_NAME

if TYPE_CHECKING:
    from sbom.sources.download import Fetched

_SIZE = re.compile(r"([0-9]{1,15})\s*([KMGT]?)(I?)B?", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_MAX_RETRIES = 100
_MAX_TIMEOUT = 3_600


def command(
    url: Annotated[list[str], typer.Argument(metavar="URL...", help="http or https URLs; URL#sha256=HEX pins one.")],
    directory: Annotated[
        str, typer.Option("--output", "-o", metavar="DIR", help="Directory to download into. Required.")
    ],
    sha256: Annotated[
        list[str] | None,
        typer.Option("--sha256", metavar="HEX", help="What a file must be. Once for each URL, in their order."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="N", help="Name of the file. Default: the end of the URL's path.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
    max_size: Annotated[str, typer.Option("--max-size", metavar="SIZE", help="Bytes of each file at most.")] = "100GiB",
    retries: Annotated[
        int, typer.Option("--retries", metavar="N", help="How often to try again when the network fails.")
    ] = 4,
    timeout: Annotated[
        int, typer.Option("--timeout", metavar="SECONDS", help="How long a server may send next to nothing.")
    ] = 60,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Connect to loopback, private and link-local addresses too.")
    ] = False,
    allow_downgrade: Annotated[
        bool, typer.Option("--allow-downgrade", help="Follow redirects from https to http.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Download data, and record where it came from, when, and as which bytes."""
    console = Console(quiet, color)
    if not 0 <= retries <= _MAX_RETRIES:
        raise UsageError(f"--retries cannot be {retries}", hint=f"use 0 to {_MAX_RETRIES}")
    if not 1 <= timeout <= _MAX_TIMEOUT:
        raise UsageError(f"--timeout cannot be {timeout}", hint=f"use 1 to {_MAX_TIMEOUT:,} seconds")
    policy = client.Policy(
        allow_private=allow_private, allow_downgrade=allow_downgrade, retries=retries, timeout=float(timeout)
    )
    limit = _bytes(max_size)
    wanted = plan.plan(url, sha256 or (), name, policy)
    for one in wanted:
        if (reason := doubtful(one.name)) is not None:
            console.warn(f"{display(one.name)}: {reason}")
    fetched: list[Fetched] = []
    try:
        with progress(console, "fetching") as advance:
            http = client.Client(policy)
            for found in download.fetch(wanted, directory, http, max_size=limit, force=force, progress=advance):
                fetched.append(found)  # noqa: PERF402  # what came before an error is told too
    finally:
        _tell(fetched, directory, console)


def _tell(fetched: list[Fetched], directory: str, console: Console) -> None:
    """Say what is there now."""
    for found in fetched:
        for warning in found.warnings:
            console.warn(shown(warning))
        word = "present  " if found.already else "fetched  "
        hops = 0 if found.already or found.retrieval is None else len(found.retrieval.redirects)
        by = f" · {plural(hops, 'redirect')}" if hops else ""
        console.say(f"{word} {shown(found.path)} · {size(found.size)} · sha256 {found.sha256}{by}")
    if any(found.retrieval is not None for found in fetched):
        record = os.path.join(directory, FILE_NAME)
        console.say(f"          recorded in {shown(record)}, which data-sbom generate reads")


def _bytes(text: str) -> int:
    """Return what ``100GiB``, ``5MB`` or ``1000`` is in bytes.

    :raises UsageError: when it is no size.
    """
    match = _SIZE.fullmatch(text.strip())
    number = 0 if match is None else int(match[1]) * (1024 if match[3] else 1000) ** _POWERS[match[2].upper()]
    if match is None or not number or (match[3] and not match[2]):
        raise UsageError(f"--max-size cannot be {text!a}", hint="use a number of bytes, or one like 500MB or 20GiB")
    return number
