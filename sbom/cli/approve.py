"""``data-sbom approve``."""

from __future__ import annotations

from typing import Annotated

import typer

from sbom import api
from sbom.cli import signing
from sbom.cli.common import BomArgument, Color, Console, Quiet, Verbose
from sbom.cli.config import MakingConfig
from sbom.names import display


def command(
    bom: BomArgument,
    role: Annotated[str, typer.Option("--role", metavar="R", help="In which role: security, legal, …")],
    reason: Annotated[str, typer.Option("--reason", metavar="T", help="Why, for those who read it later.")],
    key: signing.Key = None,
    key_password_file: signing.KeyPasswordFile = None,
    sigstore: signing.Sigstore = False,
    identity_token: signing.IdentityToken = None,
    trust_config: signing.TrustConfig = None,
    certificate_chain: signing.Chain = None,
    timestamp_url: signing.TimestampUrl = None,
    target: signing.Output = None,
    config: MakingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Approve of a release: a signed statement beside the document, which a policy may demand. Verify first."""
    console = Console(quiet, color)
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
    written = api.approve(bom, role, reason, means, target)
    console.say(f"approved  {display(bom)} · as {display(role)} · {display(written)}")
