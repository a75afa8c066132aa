"""``data-sbom guard``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sbom import api
from sbom import report as reports
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
    put,
    refuse_inside,
)
from sbom.cli.config import JudgingConfig
from sbom.cli.errors import say
from sbom.report.guarding import as_json, lines

if TYPE_CHECKING:
    from sbom.verification.report import Report


class GuardCommand(judging.AllowExtraCommand):
    """Takes a command after ``--``, and nothing but BOM, DATA and its own options before it.

    Without that line a forgotten quote (``data/*``) would run a file of the dataset, and an option of the command
    would loosen the check.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  # the framework's interface
        """Refuse words that are neither guard's nor clearly the command's."""
        words = judging.spelled_out(args)
        own = words[: words.index("--")] if "--" in words else words
        if not {"-h", "--help"} & {*own}:
            before, _, _ = self.make_parser(ctx).parse_args(own)
            if "--" not in args or before.get("cmd"):
                ctx.fail("The command comes after --, as in: data-sbom guard BOM DATA --public-key PUB -- CMD...")
        return super().parse_args(ctx, words)


COMMAND_CLASS = GuardCommand


def command(
    bom: BomArgument,
    data: DataArgument,
    cmd: Annotated[list[str], typer.Argument(metavar="-- CMD...", help="What to run on the verified data.")],
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
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Start although --only left files unchecked.")
    ] = False,
    target: Annotated[
        str | None, typer.Option("--report", metavar="FILE", help="Write a JSON report; it says whether CMD ran.")
    ] = None,
    format_name: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="Of what is shown before CMD starts.")
    ] = "table",
    config: JudgingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Verify, then run a command on the data; it never starts unless everything held."""
    console = Console(quiet, color)
    judging.check_format(format_name)
    colored = console.colored(sys.stderr)
    check_report_target(target, data, bom, console)
    refuse_inside(config, data)

    def tell(report: Report) -> None:
        if report.exit_code or not quiet:
            say(reports.render(report, format_name, color=colored).rstrip(), color=colored)

    with progress(console, "verifying") as advance:
        guarded = api.guard_command(
            bom,
            data,
            cmd,
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
            allow_partial=allow_partial,
            progress=advance,
            verified=tell,
        )
    for line in lines(guarded):
        say(line)
    if target is not None:
        put(as_json(guarded, cmd), target)
    raise typer.Exit(guarded.exit_code)
