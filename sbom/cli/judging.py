"""What ``verify`` and ``guard`` share: their options, and how their reports come out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from sbom import report as reports
from sbom.cli.common import DASH, Console, pairs, put
from sbom.errors import OutputError, UsageError
from sbom.inventory.selection import EVERYTHING
from sbom.transformation import LEVELS
from sbom.verification.interface import Expect, Options, Trust

if TYPE_CHECKING:
    from sbom.verification.report import Report

PublicKeys = Annotated[
    list[str] | None, typer.Option("--public-key", metavar="PUB", help="Key that you trust. Repeatable.")
]
Identities = Annotated[
    list[str] | None,
    typer.Option("--identity", metavar="I", help="Sigstore identity that you trust, exactly. Repeatable."),
]
Issuers = Annotated[
    list[str] | None, typer.Option("--issuer", metavar="O", help="OIDC issuer of --identity, exactly. One for each.")
]
TrustedRoot = Annotated[
    str | None, typer.Option("--trusted-root", metavar="FILE", help="Sigstore trusted root. Default: the public one.")
]
TrustConfig = Annotated[
    str | None, typer.Option("--trust-config", metavar="FILE", help="Trust configuration of a private Sigstore.")
]
CertificateRoots = Annotated[
    list[str] | None,
    typer.Option("--certificate-root", metavar="PEM", help="Root of certificates that you trust. Repeatable."),
]
CertificateIdentities = Annotated[
    list[str] | None,
    typer.Option(
        "--certificate-identity", metavar="NAME", help="Name in the certificate that may sign, exactly. Repeatable."
    ),
]
TimestampRoots = Annotated[
    list[str] | None,
    typer.Option("--timestamp-root", metavar="PEM", help="Root of timestamp authorities that you trust. Repeatable."),
]
Attestations = Annotated[
    str | None,
    typer.Option("--attestations", metavar="DIR", help="Further signatures, approvals and revocations."),
]
PolicyFile = Annotated[
    str | None, typer.Option("--policy", metavar="FILE", help="Trust policy: who may sign what, and what must hold.")
]
PolicyKeys = Annotated[
    list[str] | None,
    typer.Option("--policy-key", metavar="PUB", help="Key that must have signed the policy. Repeatable."),
]
StateFile = Annotated[
    str | None, typer.Option("--state", metavar="FILE", help="What the policy has seen. Default: as the policy says.")
]
RequireSignatures = Annotated[
    int, typer.Option("--require-signatures", metavar="N", help="How many of those that you trust must have signed.")
]
ExpectName = Annotated[str | None, typer.Option("--expect-name", metavar="N", help="The dataset that you want.")]
ExpectVersion = Annotated[str | None, typer.Option("--expect-version", metavar="V", help="The version that you want.")]
ExpectRoot = Annotated[str | None, typer.Option("--expect-root", metavar="HEX", help="The Merkle root that you want.")]
AllowExtra = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-extra", metavar="[=GLOB]", help="Accept files that are not listed: all, or =GLOB. Repeatable."
    ),
]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="GLOB", help="Look at matching files only. Repeatable.")
]
FollowSymlinks = Annotated[bool, typer.Option("--follow-symlinks", help="Follow links out of the data.")]
Chain = Annotated[
    str | None, typer.Option("--chain", metavar="DIR", help="Documents of other releases: check predecessor and age.")
]
Offline = Annotated[bool, typer.Option("--offline", help="Open no socket.")]
Online = Annotated[
    bool, typer.Option("--online", help="Fetch the recorded sources again, and compare; nothing is stored.")
]
AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="With --online: connect to loopback and private addresses too.")
]
RequireLineage = Annotated[
    str,
    typer.Option("--require-lineage", metavar="none|declared|observed", help="How complete the lineage has to be."),
]
StepKeys = Annotated[
    list[str] | None,
    typer.Option("--step-key", metavar="STEP=PUB", help="Who must have signed a step's record; * is any. Repeatable."),
]
UpstreamKeys = Annotated[
    list[str] | None,
    typer.Option("--upstream-key", metavar="PUB", help="Key for datasets that steps read from. Repeatable."),
]
Jobs = Annotated[int | None, typer.Option("--jobs", metavar="N", help="Processes at most. Default: one per core.")]
AllowKeyInData = Annotated[
    bool,
    typer.Option(
        "--allow-key-in-data", help="Trust a key that lies inside the data. Whoever changes one can change both."
    ),
]


class AllowExtraCommand(TyperCommand):
    """Takes ``--allow-extra`` with or without ``=GLOB``; a following argument is never taken for its value."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  # the framework's interface
        """Give the bare flag its meaning before options are read."""
        return super().parse_args(ctx, spelled_out(args))


def spelled_out(args: list[str]) -> list[str]:
    """Return the words of a command line with the bare ``--allow-extra`` as what it means, up to ``--``."""
    end = args.index("--") if "--" in args else len(args)
    return [f"--allow-extra={EVERYTHING}" if arg == "--allow-extra" else arg for arg in args[:end]] + args[end:]


def trust(
    keys: list[str] | None,
    required: int,
    *,
    allow_key_in_data: bool,
    step_keys: list[str] | None = None,
    upstream_keys: list[str] | None = None,
    identities: list[str] | None = None,
    issuers: list[str] | None = None,
    certificate_roots: list[str] | None = None,
    certificate_identities: list[str] | None = None,
    timestamp_roots: list[str] | None = None,
    trusted_root: str | None = None,
    trust_config: str | None = None,
    attestations: str | None = None,
    policy: str | None = None,
    policy_keys: list[str] | None = None,
    state: str | None = None,
) -> Trust:
    """Collect whom the caller trusts.

    :raises UsageError: when flags that belong together are not given together.
    """
    steps = pairs(step_keys or (), "--step-key", "STEP=PUB", "--step-key clean=jane.pub")
    names, vouching = identities or [], issuers or []
    if len(names) != len(vouching):
        raise UsageError(
            f"{len(names)} --identity and {len(vouching)} --issuer were given",
            hint="give one --issuer for each --identity",
        )
    if policy is None and (policy_keys or state is not None):
        raise UsageError("--policy-key and --state are for --policy, which was not given", hint="give --policy FILE")
    return Trust(
        tuple(keys or ()),
        required,
        allow_key_in_data,
        tuple(steps),
        tuple(upstream_keys or ()),
        identities=tuple(zip(names, vouching, strict=True)),
        certificate_roots=tuple(certificate_roots or ()),
        certificate_identities=tuple(certificate_identities or ()),
        timestamp_roots=tuple(timestamp_roots or ()),
        trusted_root=trusted_root,
        trust_config=trust_config,
        attestations=attestations,
        policy=policy,
        policy_keys=tuple(policy_keys or ()),
        state=state,
    )


def expect(name: str | None, version: str | None, root: str | None) -> Expect:
    """Collect which dataset the caller wants."""
    return Expect(name, version, None if root is None else root.lower())


def options(  # one per flag
    *,
    allow_extra: list[str] | None,
    only: list[str] | None,
    follow_symlinks: bool,
    chain: str | None,
    jobs: int | None,
    offline: bool,
    online: bool,
    allow_private: bool,
    require_lineage: str,
) -> Options:
    """Collect how to verify.

    :raises UsageError: when the flags contradict each other.
    """
    if online and offline:
        raise UsageError("--online and --offline contradict each other", hint="give one of them")
    if allow_private and not online:
        raise UsageError("--allow-private is for --online, which was not given", hint="give --online, or leave it out")
    if jobs is not None and jobs < 1:
        raise UsageError("at least one process is needed", hint="correct --jobs")
    if require_lineage not in LEVELS:
        raise UsageError(f"--require-lineage cannot be {require_lineage!r}", hint=f"use {', '.join(LEVELS)}")
    return Options(
        tuple(allow_extra or ()),
        tuple(only or ()),
        follow_symlinks,
        chain,
        jobs,
        offline=offline,
        online=online,
        allow_private=allow_private,
        require_lineage=require_lineage,
    )


def check_format(name: str) -> None:
    """Refuse an unknown format before any work is done."""
    if name not in reports.FORMATS:
        raise UsageError(f"there is no format {name!r}", hint=f"choose from {', '.join(reports.FORMATS)}")


def show(report: Report, format_name: str, target: str | None, console: Console) -> None:
    """Write a report where it was asked for; ``github`` also goes into the step summary."""
    colored = console.colored() and (target is None or target == DASH)
    put(reports.render(report, format_name, color=colored), target)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if format_name == "github" and summary:
        from sbom.report.github import step_summary  # noqa: PLC0415  # only for this format

        try:
            with open(summary, "a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(step_summary(report))
        except OSError as error:
            raise OutputError(f"the step summary cannot be written: {error.strerror}", path=summary) from error
