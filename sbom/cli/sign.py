"""``data-sbom sign``."""

from __future__ import annotations

from typing import Annotated

import typer

from sbom import api
from sbom.cli.common import DASH, BomArgument, Color, Console, Quiet, Verbose, password, put
from sbom.cli.config import MakingConfig
from sbom.names import display
from sbom.signing.keyfiles import permissions_warning


def command(
    bom: BomArgument,
    key: Annotated[str, typer.Option("--key", metavar="KEY", help="Private key, PKCS#8 PEM.")],
    key_password_file: Annotated[
        str | None, typer.Option("--key-password-file", metavar="F", help="File with the key's passphrase.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE|-", help="Where to. Default: in place.")
    ] = None,
    config: MakingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Sign a data SBOM. A second key adds a signature and leaves the first one valid."""
    console = Console(quiet, color)
    chosen = target or bom
    if chosen not in {DASH, bom}:
        api.check_replaceable(chosen)
    document = api.Bom.read(bom)
    private = api.load_private_key(key, password(key_password_file, f"Passphrase of {display(key)}"))
    if (warning := permissions_warning(key)) is not None:
        console.warn(warning)
    added = document.sign(private)
    label = f'key {private.public.spki_sha256[:8]}… "{display(private.public.label)}"'
    if not added and chosen == bom != DASH:
        console.say(f"unchanged {display(bom)} · it is signed by {label} already")
        return
    put(document.to_bytes(), chosen)
    console.say(f"signed    {display(chosen)} · {label}")
