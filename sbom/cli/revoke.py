"""``data-sbom revoke``."""

from __future__ import annotations

from typing import Annotated

import typer

from sbom import api
from sbom.cli import signing
from sbom.cli.common import Color, Console, Quiet, Verbose
from sbom.cli.config import MakingConfig
from sbom.errors import UsageError
from sbom.names import display


def command(
    boms: Annotated[list[str] | None, typer.Argument(metavar="BOM", help="The document.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="T", help="Why, for those who meet it.")] = None,
    key: signing.Key = None,
    key_password_file: signing.KeyPasswordFile = None,
    sigstore: signing.Sigstore = False,
    identity_token: signing.IdentityToken = None,
    trust_config: signing.TrustConfig = None,
    certificate_chain: signing.Chain = None,
    timestamp_url: signing.TimestampUrl = None,
    listed: Annotated[
        str | None,
        typer.Option(
            "--list", metavar="FILE", help="Add to a revocation list, and sign it anew; without BOM: renew it."
        ),
    ] = None,
    target: signing.Output = None,
    config: MakingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Revoke a release: a signed statement beside the document, or in a list. A policy says whose word counts."""
    console = Console(quiet, color)
    if listed is None and (boms is None or len(boms) != 1):
        raise UsageError("one document is revoked at a time", hint="give BOM, or --list FILE with any number")
    if listed is not None and target is not None:
        raise UsageError("--list and --output contradict each other", hint="give one of them")
    means = signing.means(
        key=key,
        key_password_file=key_password_file,
        chain=certificate_chain,
        timestamp_url=timestamp_url,
        sigstore=sigstore,
        token=identity_token,
        trust_config=trust_config,
        console=console,
    )
    if listed is not None:
        count = api.list_revoked(boms or [], reason, means, listed)
        console.say(f"wrote     {display(listed)} · {count:,} {'release is' if count == 1 else 'releases are'} revoked")
        return
    for bom in boms or []:
        written = api.revoke(bom, reason or "", means, target)
        console.say(f"revoked   {display(bom)} · {display(written)}")
