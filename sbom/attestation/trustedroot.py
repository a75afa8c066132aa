"""What a Sigstore signature is verified against: the trusted root, which names authorities, logs and their periods.

It comes from a file that the caller names, or it is that of the public good instance, which ships with this program and
whose digest is pinned here. Never from the cache of the Sigstore client, which trusts a replaced file there, and never
from the network.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import logging
from typing import TYPE_CHECKING, Final

from sigstore._internal.trust import CertificateAuthority, Keyring
from sigstore.errors import Error as SigstoreError
from sigstore.models import ClientTrustConfig, TrustedRoot
from sigstore_models.trustroot import v1 as models

from sbom.cyclonedx import document as documents
from sbom.cyclonedx import strict_json
from sbom.errors import Error, RefusedError, UsageError
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sigstore_models.common.v1 import TimeRange

#: SHA-256 of ``data/trusted_root.json``.
PINNED: Final = "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66"
#: Bytes of a trusted root or trust configuration.
MAX_SIZE: Final = 4 << 20

# What the client has to say comes back as an error of ours; it is not printed past the report.
logging.getLogger("sigstore").addHandler(logging.NullHandler())

_REASON: Final = 200
_ROOT_HINT: Final = "give the trusted_root.json of the Sigstore instance"
_CONFIG_HINT: Final = "give the client trust configuration of the Sigstore instance"


def load(trusted_root: str | None, trust_config: str | None, sha256: str | None = None) -> models.TrustedRoot:
    """Load the trusted root that a caller named, or that of the public good instance.

    :param trusted_root: path of a trusted root.
    :param trust_config: path of a client trust configuration that holds one.
    :param sha256: of the file of the trusted root (hex), where it has to be that one.
    :raises UsageError: when both are given, or the one given cannot be used.
    :raises RefusedError: when the embedded one is not the one that was shipped.
    """
    if trusted_root is not None and trust_config is not None:
        problem = "a trusted root and a trust configuration with another one cannot both be trusted"
        raise UsageError(problem, hint="give --trusted-root or --trust-config")
    if trust_config is not None:
        return load_config(trust_config).trusted_root._inner  # noqa: SLF001  # it has no other way out
    if trusted_root is None:
        return _usable(embedded(), None)
    raw = _read(trusted_root, _ROOT_HINT)
    if sha256 is not None and hashlib.sha256(raw).hexdigest() != sha256:
        raise UsageError("changed after the policy was read", path=trusted_root, hint="verify again")
    return _usable(raw, trusted_root)


def load_config(path: str) -> ClientTrustConfig:
    """Load a client trust configuration: a trusted root, and the addresses of services.

    :raises UsageError: when it cannot be used.
    """
    raw = _read(path, _CONFIG_HINT)
    try:
        config = ClientTrustConfig.from_json(raw.decode())
        _try(config.trusted_root)
    except (SigstoreError, ValueError) as error:
        raise UsageError(f"is no usable trust configuration: {_reason(error)}", path=path, hint=_CONFIG_HINT) from error
    return config


def embedded() -> bytes:
    """Return the trusted root of the public good instance.

    :raises RefusedError: when it is not the one that was shipped.
    """
    data = importlib.resources.files("sbom.attestation").joinpath("data", "trusted_root.json").read_bytes()
    if hashlib.sha256(data).hexdigest() != PINNED:
        raise RefusedError("the trusted root that came with data-sbom was changed", hint="install data-sbom again")
    return data


def narrowed(
    root: models.TrustedRoot, *, log: bytes, certificate_log: tuple[bytes, datetime], times: Sequence[datetime]
) -> models.TrustedRoot:
    """Return what is left of a root for one signature: what was valid at its times.

    The client looks at these periods when it signs, but not when it verifies, and tries every key for a log that it
    does not know. Whatever was retired before would go on being trusted.

    :param log: id of the transparency log that is named.
    :param certificate_log: id of the CT log, and when it saw the certificate.
    :param times: of the signature, each of which counts; aware.
    :raises ValueError: when nothing is left.
    """
    logs = [one for one in root.tlogs if one.log_id.key_id == log]
    if not logs:
        raise ValueError("its transparency log is not in the trusted root")
    logs = [one for one in logs if _covers(one.public_key.valid_for, times)]
    if not logs:
        raise ValueError("its transparency log was not to be trusted at that time")
    name, seen = certificate_log
    ctlogs = [one for one in root.ctlogs if one.log_id.key_id == name and _covers(one.public_key.valid_for, [seen])]
    if not ctlogs:
        raise ValueError("the CT log of its certificate is not in the trusted root, or was not at that time")
    authorities = [one for one in root.certificate_authorities if _covers(one.valid_for, times)]
    if not authorities:
        raise ValueError("no certificate authority of the trusted root was to be trusted at that time")
    update = {"tlogs": logs, "ctlogs": ctlogs, "certificate_authorities": authorities}
    return root.model_copy(update=update)


def _covers(period: TimeRange | None, times: Sequence[datetime]) -> bool:
    """Tell whether a period, both ends of which belong to it, has all times in it. One that is not there has none."""
    return period is not None and all(
        period.start <= time and (period.end is None or time <= period.end) for time in times
    )


def _usable(raw: bytes, path: str | None) -> models.TrustedRoot:
    try:
        inner = models.TrustedRoot.from_json(raw)
        _try(TrustedRoot(inner))
    except (SigstoreError, ValueError, TypeError) as error:
        raise UsageError(f"is no usable trusted root: {_reason(error)}", path=path, hint=_ROOT_HINT) from error
    return inner


def _try(root: TrustedRoot) -> None:
    """Load every key and certificate: the client does so late, and passes over a key that it cannot load."""
    inner = root._inner  # noqa: SLF001  # it has no other way out
    for authority in (*inner.certificate_authorities, *inner.timestamp_authorities):
        CertificateAuthority(authority)
    if not inner.certificate_authorities:
        raise ValueError("it has no certificate authority")
    for listed in (inner.tlogs, inner.ctlogs):
        if not Keyring([one.public_key for one in listed])._keyring:  # noqa: SLF001  # whether any key was loaded
            raise ValueError("it has no log with a key that can be used")


def _read(path: str, hint: str) -> bytes:
    limits = strict_json.Limits(size=MAX_SIZE)
    try:
        raw = documents.read_bytes(f"./{path}" if path == documents.STDIN else path, limits)
        strict_json.loads(raw.data, limits, path=path)
    except UsageError as error:
        raise UsageError("there is no such file", path=path, hint=hint) from error
    except Error as error:
        raise UsageError(error.message, path=path, hint=hint) from error
    return raw.data


def _reason(error: Exception) -> str:
    return display(" ".join(str(error).split()), _REASON)
