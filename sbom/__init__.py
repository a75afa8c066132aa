"""data-sbom: describe, sign and verify training data.

The public API; nothing is imported before it is used, so ``import sbom`` costs nothing::

    import sbom

    bom = sbom.generate("data/", name="penguins", version="1.2.0")
    bom.sign(sbom.load_private_key("release.key"))
    bom.write("penguins-1.2.0.cdx.json")
    report = sbom.verify("penguins-1.2.0.cdx.json", "data/", trust=sbom.Trust(keys=["release.pub"]))
    report.require()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sbom.api import Bom as Bom
    from sbom.api import approve as approve
    from sbom.api import generate as generate
    from sbom.api import guard as guard
    from sbom.api import load_private_key as load_private_key
    from sbom.api import load_public_key as load_public_key
    from sbom.api import revoke as revoke
    from sbom.api import sign_beside as sign_beside
    from sbom.api import trace as trace
    from sbom.api import verify as verify
    from sbom.attestation.signing import Means as Means
    from sbom.cyclonedx.strict_json import Limits as Limits
    from sbom.errors import Error as Error
    from sbom.errors import VerificationFailedError as VerificationFailed
    from sbom.tracing.interface import Trace as Trace
    from sbom.verification.interface import Expect as Expect
    from sbom.verification.interface import Options as Options
    from sbom.verification.interface import Trust as Trust
    from sbom.verification.report import Report as Report
    from sbom.verification.report import Status as Status
    from sbom.verification.report import Verdict as Verdict

__version__ = "0.1.0"

_EXPORTS = {
    "Bom": "sbom.api",
    "approve": "sbom.api",
    "generate": "sbom.api",
    "guard": "sbom.api",
    "load_private_key": "sbom.api",
    "load_public_key": "sbom.api",
    "revoke": "sbom.api",
    "sign_beside": "sbom.api",
    "trace": "sbom.api",
    "verify": "sbom.api",
    "Means": "sbom.attestation.signing",
    "Limits": "sbom.cyclonedx.strict_json",
    "Error": "sbom.errors",
    "VerificationFailed": "sbom.errors:VerificationFailedError",
    "Expect": "sbom.verification.interface",
    "Options": "sbom.verification.interface",
    "Trace": "sbom.tracing.interface",
    "Trust": "sbom.verification.interface",
    "Report": "sbom.verification.report",
    "Status": "sbom.verification.report",
    "Verdict": "sbom.verification.report",
}

__all__ = [
    "Bom",
    "Error",
    "Expect",
    "Limits",
    "Means",
    "Options",
    "Report",
    "Status",
    "Trace",
    "Trust",
    "Verdict",
    "VerificationFailed",
    "__version__",
    "approve",
    "generate",
    "guard",
    "load_private_key",
    "load_public_key",
    "revoke",
    "sign_beside",
    "trace",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    where = _EXPORTS.get(name)
    if where is None:
        msg = f"module 'sbom' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415  # part of being lazy

    module, _, original = where.partition(":")
    value: object = getattr(import_module(module), original or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
