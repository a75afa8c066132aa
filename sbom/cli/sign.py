"""``data-sbom sign``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from sbom import api
from sbom.cli import signing
from sbom.cli.common import DASH, BomArgument, Color, Console, Quiet, Verbose, put
from sbom.cli.config import MakingConfig
from sbom.errors import UsageError
from sbom.names import display


def command(
    bom: BomArgument,
    key: signing.Key = None,
    key_password_file: signing.KeyPasswordFile = None,
    sigstore: signing.Sigstore = False,
    identity_token: signing.IdentityToken = None,
    trust_config: signing.TrustConfig = None,
    certificate_chain: signing.Chain = None,
    timestamp_url: signing.TimestampUrl = None,
    signature_format: Annotated[
        Literal["jsf", "dsse"] | None,
        typer.Option(
            "--signature-format", help="jsf: in the document. dsse: in a bundle beside it. Default: jsf for a key."
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE|-", help="Where to. Default: in place; a bundle, beside it."),
    ] = None,
    config: MakingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Sign a data SBOM. A second signature leaves the first one valid."""
    console = Console(quiet, color)
    beside = sigstore or timestamp_url is not None if signature_format is None else signature_format == "dsse"
    if sigstore and not beside:
        raise UsageError("Sigstore signs in a bundle beside the document", hint="leave out --signature-format jsf")
    if not beside and (timestamp_url is not None):
        raise UsageError("a signature in the document has no room for a timestamp", hint="give --signature-format dsse")
    if not beside and (identity_token is not None or trust_config is not None):
        raise UsageError("--identity-token and --trust-config are for --sigstore", hint="give --sigstore")
    if not beside and target not in {None, DASH, bom}:
        api.check_replaceable(str(target))
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
    if beside:
        console.say(f"signed    {display(bom)} · {display(api.sign_beside(bom, means, target))}")
        return
    chosen = target or bom
    document = api.Bom.read(bom)
    signer = means.signer
    if signer is None:
        raise UsageError("nothing to sign with was given", hint="give --key KEY")
    added = document.sign(signer, chain=means.chain)
    label = f'key {signer.public.spki_sha256[:8]}… "{display(signer.public.label)}"'
    if not added and chosen == bom != DASH:
        console.say(f"unchanged {display(bom)} · it is signed by {label} already")
        return
    put(document.to_bytes(), chosen)
    console.say(f"signed    {display(chosen)} · {label}")
