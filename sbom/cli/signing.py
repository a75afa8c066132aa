"""What ``sign``, ``approve`` and ``revoke`` share: their options, and what a person signs with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from sbom.cli.common import password
from sbom.errors import UsageError
from sbom.names import display

if TYPE_CHECKING:
    from sbom.attestation.signing import Means
    from sbom.cli.common import Console
    from sbom.signing.interface import Signer

Key = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="Private key (PKCS#8 PEM), or the URI of a key service: hsm:…, awskms:…"),
]
KeyPasswordFile = Annotated[
    str | None, typer.Option("--key-password-file", metavar="F", help="File with the key's passphrase, or PIN.")
]
Chain = Annotated[
    str | None,
    typer.Option("--certificate-chain", metavar="PEM", help="Certificate of the key, and those above it."),
]
TimestampUrl = Annotated[
    str | None,
    typer.Option("--timestamp-url", metavar="URL", help="Have a timestamp authority (RFC 3161) attest the time."),
]
Sigstore = Annotated[
    bool, typer.Option("--sigstore", help="Sign without a key of your own, as who you log in as (in CI: the workflow).")
]
IdentityToken = Annotated[
    str | None,
    typer.Option("--identity-token", metavar="T", help="OIDC token for --sigstore. Default: that of CI, or a browser."),
]
TrustConfig = Annotated[
    str | None,
    typer.Option("--trust-config", metavar="FILE", help="Trust configuration of a private Sigstore, for --sigstore."),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to. Default: beside the document."),
]

_TOKEN_VARIABLE = "DATA_SBOM_IDENTITY_TOKEN"  # noqa: S105  # a variable's name


def load(key: str, password_file: str | None, console: Console) -> Signer:
    """Load a signer, and warn about a key file that others can read."""
    from sbom.signing import keyfiles, services  # noqa: PLC0415  # only where something is signed

    signer = services.load_signer(key, password(password_file, f"Passphrase of {display(key)}"))
    if not services.is_uri(key) and (warning := keyfiles.permissions_warning(key)) is not None:
        console.warn(warning)
    return signer


def means(  # one per flag
    *,
    key: str | None,
    key_password_file: str | None,
    chain: str | None,
    timestamp_url: str | None,
    sigstore: bool,
    token: str | None,
    trust_config: str | None,
    console: Console,
) -> Means:
    """Collect what a person signs with.

    :raises UsageError: when there is nothing to sign with.
    """
    from sbom.attestation.signing import Means  # noqa: PLC0415  # only where something is signed

    if sigstore and key is not None:
        raise UsageError("--sigstore and --key contradict each other", hint="give one of them")
    if not sigstore and key is None:
        raise UsageError("nothing to sign with was given", hint="give --key KEY, or --sigstore")
    certificates: tuple[bytes, ...] = ()
    if chain is not None:
        from sbom.signing.certificates import load_chain  # noqa: PLC0415  # only where there are certificates

        certificates = load_chain(chain)
    given = token or (os.environ.get(_TOKEN_VARIABLE) if sigstore else None)
    signer = None if key is None else load(key, key_password_file, console)
    return Means(signer, certificates, timestamp_url, sigstore, given, trust_config)
