"""``data-sbom generate``."""

from __future__ import annotations

from typing import Annotated

import typer

from sbom import api
from sbom.cli.common import DASH, Color, Console, DataArgument, Quiet, Verbose, fields, pairs, password, progress, put
from sbom.cli.config import MakingConfig, configured
from sbom.inventory.walk import locate, relative
from sbom.names import display
from sbom.report.making import generated, hints
from sbom.signing.keyfiles import permissions_warning


def command(
    ctx: typer.Context,
    data: DataArgument,
    target: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE|-", help="Where the document goes. Default: standard output.")
    ] = DASH,
    name: Annotated[str | None, typer.Option("--name", help="Name of the dataset. Default: the directory's.")] = None,
    dataset_version: Annotated[str | None, typer.Option("--dataset-version", help="Version of the dataset.")] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="GLOB", help="Describe matching files only. Repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave matching files out. Repeatable.")
    ] = None,
    hash: Annotated[
        list[str] | None, typer.Option("--hash", metavar="ALG", help="Another digest beside SHA-256. Repeatable.")
    ] = None,  # the option's name
    previous: Annotated[
        str | None, typer.Option("--previous", metavar="BOM", help="Published document of the previous release.")
    ] = None,
    previous_key: Annotated[
        list[str] | None, typer.Option("--previous-key", metavar="PUB", help="Key that it is signed by. Repeatable.")
    ] = None,
    manifest: Annotated[
        list[str] | None, typer.Option("--manifest", metavar="FILE", help="Read this manifest too. Repeatable.")
    ] = None,
    no_crawl: Annotated[bool, typer.Option("--no-crawl", help="Read no manifests, pipelines and scripts.")] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="Say what no manifest says, as in license=CC0-1.0. Repeatable."
        ),
    ] = None,
    on_mismatch: Annotated[
        str, typer.Option("--on-mismatch", metavar="fail|warn", help="When a file is not what a manifest declares.")
    ] = "fail",
    require_profile: Annotated[
        str | None,
        typer.Option(
            "--require-profile", metavar="ID", help="Fail unless all that g7, cisa, dps or spdx ask for is there."
        ),
    ] = None,
    step: Annotated[
        list[str] | None,
        typer.Option("--step", metavar="FILE", help="Record of a step, by data-sbom record. Repeatable."),
    ] = None,
    workspace: Annotated[
        str | None,
        typer.Option("--workspace", metavar="DIR", help="Where the steps ran. Default: the repository around DATA."),
    ] = None,
    source_bom: Annotated[
        list[str] | None,
        typer.Option("--source-bom", metavar="BOM", help="Document of a dataset that steps read from. Repeatable."),
    ] = None,
    upstream_key: Annotated[
        list[str] | None, typer.Option("--upstream-key", metavar="PUB", help="Key that it is signed by. Repeatable.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="NAME=URL", help="Where a file of the workspace comes from. Repeatable."),
    ] = None,
    record_digests: Annotated[
        list[str] | None,
        typer.Option("--record-digests", metavar="GLOB", help="Tables whose rows trace is to find. Repeatable."),
    ] = None,
    spec_version: Annotated[str, typer.Option("--spec-version", metavar="1.7|1.6", help="CycloneDX version.")] = "1.7",
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Processes at most. Default: one per core.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Hash every file, whatever is remembered.")] = False,
    stats: Annotated[
        str, typer.Option("--stats", metavar="auto|full|none", help="Rows and columns of tables.")
    ] = "auto",
    follow_symlinks: Annotated[bool, typer.Option("--follow-symlinks", help="Follow links out of the data.")] = False,
    strict_names: Annotated[
        bool, typer.Option("--strict-names", help="Refuse doubtful names instead of warning.")
    ] = False,
    reproducible: Annotated[
        bool, typer.Option("--reproducible", help="Identical bytes anywhere; needs SOURCE_DATE_EPOCH.")
    ] = False,
    sign_key: Annotated[
        str | None, typer.Option("--sign-key", metavar="KEY", help="Sign with this private key.")
    ] = None,
    key_password_file: Annotated[
        str | None, typer.Option("--key-password-file", metavar="F", help="Its passphrase.")
    ] = None,
    config: MakingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Describe a dataset: read its manifests, hash every file, and write a CycloneDX data SBOM."""
    console = Console(quiet, color)
    place = locate(data)
    key = None
    if sign_key is not None:
        key = api.load_private_key(sign_key, password(key_password_file, f"Passphrase of {display(sign_key)}"))
        if (warning := permissions_warning(sign_key)) is not None:
            console.warn(warning)
    if target != DASH:
        api.check_replaceable(target)
    with progress(console, "hashing") as advance:
        bom = api.generate(
            data,
            name=name,
            version=dataset_version,
            include=include or (),
            exclude=exclude or (),
            hashes=hash or (),
            previous=previous,
            previous_keys=previous_key or (),
            spec_version=spec_version,
            jobs=jobs,
            cache=not no_cache,
            stats=stats,
            follow_symlinks=follow_symlinks,
            strict_names=strict_names,
            reproducible=reproducible,
            output=None if target == DASH else target,
            crawl_manifests=not no_crawl,
            manifests=manifest or (),
            provenance=fields(set_ or ()),
            configured=configured(ctx),
            on_mismatch=on_mismatch,
            require_profile=require_profile,
            steps=step or (),
            workspace=workspace,
            source_boms=source_bom or (),
            upstream_keys=upstream_key or (),
            sources=pairs(source or (), "--source", "NAME=URL", "--source raw/a.csv=https://example.org/a.csv"),
            record_digests=record_digests or (),
            progress=advance,
        )
    if key is not None:
        bom.sign(key)
    for warning in bom.warnings:
        console.warn(warning)
    for line in hints(bom):
        console.say(line)
    if target == DASH:
        put(bom.to_bytes(), DASH)
        return
    if relative(place, target) is not None:
        console.warn(f"{display(target)} lies inside the data; copies of it under other names count as extra files")
    bom.write(target)
    for line in generated(bom, target, signed=key is not None):
        console.say(line)
