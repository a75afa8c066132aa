"""``data-sbom verify``."""

from __future__ import annotations

from typing import Annotated

import typer

from sbom import api
from sbom.cli import judging
from sbom.cli.common import (
    BomArgument,
    Color,
    Console,
    DataArgument,
    Quiet,
    Verbose,
    check_report_target,
    progress,
    refuse_inside,
)
from sbom.cli.config import JudgingConfig

COMMAND_CLASS = judging.AllowExtraCommand


def command(
    bom: BomArgument,
    data: DataArgument,
    public_key: judging.PublicKeys = None,
    require_signatures: judging.RequireSignatures = 1,
    identity: judging.Identities = None,
    issuer: judging.Issuers = None,
    certificate_root: judging.CertificateRoots = None,
    certificate_identity: judging.CertificateIdentities = None,
    timestamp_root: judging.TimestampRoots = None,
    trusted_root: judging.TrustedRoot = None,
    trust_config: judging.TrustConfig = None,
    attestations: judging.Attestations = None,
    policy: judging.PolicyFile = None,
    policy_key: judging.PolicyKeys = None,
    state: judging.StateFile = None,
    expect_name: judging.ExpectName = None,
    expect_version: judging.ExpectVersion = None,
    expect_root: judging.ExpectRoot = None,
    allow_extra: judging.AllowExtra = None,
    only: judging.Only = None,
    follow_symlinks: judging.FollowSymlinks = False,
    chain: judging.Chain = None,
    require_lineage: judging.RequireLineage = "none",
    step_key: judging.StepKeys = None,
    upstream_key: judging.UpstreamKeys = None,
    online: judging.Online = False,
    allow_private: judging.AllowPrivate = False,
    offline: judging.Offline = False,
    jobs: judging.Jobs = None,
    allow_key_in_data: judging.AllowKeyInData = False,
    format_name: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="table, json, sarif, markdown, junit or github.")
    ] = "table",
    target: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE|-", help="Where the report goes.")
    ] = None,
    config: JudgingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Verify a data SBOM's signatures, and the data against it, before you train."""
    console = Console(quiet, color)
    judging.check_format(format_name)
    check_report_target(target, data, bom, console)
    refuse_inside(config, data)
    with progress(console, "verifying") as advance:
        report = api.verify(
            bom,
            data,
            trust=judging.trust(
                public_key,
                require_signatures,
                allow_key_in_data=allow_key_in_data,
                step_keys=step_key,
                upstream_keys=upstream_key,
                identities=identity,
                issuers=issuer,
                certificate_roots=certificate_root,
                certificate_identities=certificate_identity,
                timestamp_roots=timestamp_root,
                trusted_root=trusted_root,
                trust_config=trust_config,
                attestations=attestations,
                policy=policy,
                policy_keys=policy_key,
                state=state,
            ),
            expect=judging.expect(expect_name, expect_version, expect_root),
            options=judging.options(
                allow_extra=allow_extra,
                only=only,
                follow_symlinks=follow_symlinks,
                chain=chain,
                jobs=jobs,
                offline=offline,
                online=online,
                allow_private=allow_private,
                require_lineage=require_lineage,
            ),
            progress=advance,
        )
    judging.show(report, format_name, target, console)
    raise typer.Exit(report.exit_code)
