"""Which kind of bundle one is, and how it is judged. Only what is needed for that kind is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.attestation import bundle as bundles
from sbom.attestation import keyed
from sbom.attestation.interface import Signed
from sbom.names import display
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from sbom.attestation.bundle import Bundle
    from sbom.attestation.interface import Anchors


def evaluate(bundle: Bundle, anchors: Anchors, path: str) -> Signed:
    """Judge one bundle by whom the caller trusts.

    :param path: of the bundle.
    :raises UsageError: when what the caller trusts cannot be used: a broken trusted root, a missing extra.
    """
    if bundle.material == bundles.PUBLIC_KEY:
        return keyed.evaluate(bundle, anchors, path)
    # Entries of a log are Sigstore's: a certificate of the caller's own authority comes without.
    if bundle.has_log:
        if not anchors.sigstore:
            return _stranger(path, "a Sigstore identity, and none was given")
        from sbom.attestation import keyless  # noqa: PLC0415  # takes two seconds to load

        return keyless.evaluate(bundle, anchors, path)
    if not anchors.certificates:
        return _stranger(path, "a certificate, and no root for certificates was given")
    from sbom.attestation import certified  # noqa: PLC0415  # only where there are certificates

    return certified.evaluate(bundle, anchors, path)


def is_whole(bundle: Bundle, signed: Signed) -> bool:
    """Tell whether all that is in a bundle was verified, so that nothing else can travel in it.

    :param signed: what :func:`evaluate` said of it.
    """
    if signed.outcome is not Outcome.VALID:
        return False
    keyid = bundle.envelope.signatures[0].keyid
    if bundle.material == bundles.PUBLIC_KEY:
        names = {keyed.identity(name) for name in (bundle.hint, keyid) if name}
        return names <= {signed.spki} and not bundle.has_log and not bundle.timestamps
    if bundle.has_log:  # of a chain Sigstore's client looks at the first certificate only
        return not keyid and len(bundle.certificates) == 1
    return not keyid and len(bundle.timestamps) == len(signed.times)


def _stranger(path: str, what: str) -> Signed:
    return Signed(Outcome.NOT_TRUSTED, f"{display(path)} is signed by {what}", "unknown", where=path)
