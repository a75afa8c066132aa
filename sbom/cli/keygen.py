"""``data-sbom keygen``."""

from __future__ import annotations

from typing import Annotated

import typer

from sbom.cli.common import Color, Console, Quiet, Verbose, password
from sbom.cli.config import MakingConfig
from sbom.errors import UsageError
from sbom.names import display
from sbom.signing import keys


def command(
    prefix: Annotated[str, typer.Option("--output", "-o", metavar="PREFIX", help="Writes PREFIX.key and PREFIX.pub.")],
    algorithm: Annotated[
        str, typer.Option("--algorithm", metavar="|".join(keys.KEY_KINDS), help="Kind of key.")
    ] = keys.KEY_KINDS[0],
    encrypt: Annotated[bool, typer.Option("--encrypt", help="Protect the private key with a passphrase.")] = False,
    key_password_file: Annotated[
        str | None, typer.Option("--key-password-file", metavar="F", help="The passphrase; implies --encrypt.")
    ] = None,
    config: MakingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Make a key pair: PREFIX.key (PKCS#8 PEM, mode 0600) and PREFIX.pub (SPKI PEM). Never overwrites."""
    secret = None
    if encrypt or key_password_file is not None:
        secret = password(key_password_file, "New passphrase", confirm=True)()
        if not secret:
            raise UsageError("a passphrase is needed", hint="give --key-password-file or DATA_SBOM_KEY_PASSWORD")
    pair = keys.generate(algorithm)
    private, public = keys.write_pair(prefix, pair, secret)
    console = Console(quiet, color)
    console.say(f"wrote     {display(str(private))} · keep it secret{'' if secret else ' (it is not encrypted)'}")
    console.say(f"          {display(str(public))} · give it to those who verify, by another way than the data")
    console.say(f"          key {pair.public.spki_sha256}")
