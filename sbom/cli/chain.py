"""``data-sbom chain``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from sbom.cli import judging
from sbom.cli.common import DASH, Color, Console, Quiet, Verbose, put
from sbom.cli.config import JudgingConfig
from sbom.report.releases import render
from sbom.verification.releasechain import verify_chain


def command(
    boms: Annotated[list[str], typer.Argument(metavar="BOM", help="The documents of all releases, in any order.")],
    public_key: judging.PublicKeys = None,
    require_signatures: judging.RequireSignatures = 1,
    identity: judging.Identities = None,
    issuer: judging.Issuers = None,
    certificate_root: judging.CertificateRoots = None,
    certificate_identity: judging.CertificateIdentities = None,
    timestamp_root: judging.TimestampRoots = None,
    trusted_root: judging.TrustedRoot = None,
    trust_config: judging.TrustConfig = None,
    format_name: Annotated[
        Literal["table", "json", "markdown"], typer.Option("--format", "-f", help="How to print it.")
    ] = "table",
    config: JudgingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Verify documents as one release chain, and show it from oldest to newest. The data is not looked at."""
    colored = Console(quiet, color).colored()
    trust = judging.trust(
        public_key,
        require_signatures,
        allow_key_in_data=False,
        identities=identity,
        issuers=issuer,
        certificate_roots=certificate_root,
        certificate_identities=certificate_identity,
        timestamp_roots=timestamp_root,
        trusted_root=trusted_root,
        trust_config=trust_config,
    )
    verified = verify_chain(boms, trust)
    put(render(verified, format_name, color=colored), DASH)
    raise typer.Exit(verified.report.exit_code)
