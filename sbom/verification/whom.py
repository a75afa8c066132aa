"""Whom the caller trusts, loaded: from paths and names to keys, roots and identities."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from sbom.attestation.interface import Anchors, SigstoreIdentity
from sbom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sbom.signing.certificates import CertificateAnchor
    from sbom.signing.keys import PublicKey
    from sbom.verification.interface import Trust
    from sbom.verification.policy import InUse


class Whom(NamedTuple):
    """Whom a document has to be signed by.

    :param required: how many distinct ones of them.
    :param attestations: directory with further bundles; what lies beside a document is read anyway.
    """

    anchors: Anchors
    required: int = 1
    attestations: str | None = None


def load(trust: Trust, used: InUse | None = None, *, offline: bool = False) -> Whom:
    """Load whom a caller trusts.

    :param used: a policy that names further people.

    :raises UsageError: when there is nobody, or when more signatures are required than there are distinct signers.
    :raises KeyFileError: when a key or certificate cannot be used.
    """
    if used is None and (trust.policy is not None or trust.policy_keys or trust.state is not None):
        raise UsageError(
            "a policy, its keys and its state are for verifying one release, and go together",
            hint="give a policy to verify or guard, or leave all of them out",
        )
    keys = load_keys(trust.keys)
    anchors = Anchors(
        keys=keys,
        certificates=tuple(_certificates(trust)),
        sigstore=tuple(SigstoreIdentity(identity, issuer) for identity, issuer in trust.identities),
        timestamp_roots=_roots(trust.timestamp_roots),
        trusted_root=_path(trust.trusted_root),
        trust_config=_path(trust.trust_config),
        offline=offline,
    )
    if used is not None:
        from sbom.verification import policy  # noqa: PLC0415  # only where there is one

        anchors = policy.anchors(used, anchors)
    if any(not identity or not issuer for identity, issuer in anchors.sigstore):
        raise UsageError(
            "an identity needs its issuer, and an issuer its identity", hint="give --identity and --issuer"
        )
    if not anchors:
        raise UsageError(
            "nobody was named who may sign: a signature alone says nothing",
            hint="give --public-key PUB, --identity with --issuer, --certificate-root with its identity, or --policy",
        )
    distinct = len({key.spki_sha256 for key in anchors.keys}) + len({*anchors.sigstore}) + len({*anchors.certificates})
    if not 1 <= trust.require_signatures <= distinct:
        raise UsageError(
            f"{trust.require_signatures} signatures cannot be required of {distinct} distinct signers",
            hint="correct --require-signatures, or name more who may sign",
        )
    return Whom(anchors, trust.require_signatures, _path(trust.attestations))


def load_keys(given: Iterable[PublicKey | str | os.PathLike[str]]) -> tuple[PublicKey, ...]:
    """Load public keys.

    :raises KeyFileError: when one cannot be used.
    """
    from sbom.signing.keys import PublicKey, load_public  # noqa: PLC0415  # heavy

    return tuple(key if isinstance(key, PublicKey) else load_public(key) for key in given)


def key_files(trust: Trust) -> Iterator[str]:
    """Name the files of every public key that the caller trusts."""
    for key in (*trust.keys, *(key for _, key in trust.step_keys), *trust.upstream_keys, *trust.policy_keys):
        path = getattr(key, "path", key)
        if path is not None:
            yield os.fspath(path)


def files(trust: Trust, used: InUse | None) -> tuple[str, ...]:
    """Name every other file that the caller trusts, the policy's own among them."""
    single = (trust.trusted_root, trust.trust_config, trust.policy, trust.state)
    named = (*trust.certificate_roots, *trust.timestamp_roots, *(one for one in single if one is not None))
    own = () if used is None else used.files
    return (*(os.fspath(path) for path in named), *own)


def _certificates(trust: Trust) -> Iterator[CertificateAnchor]:
    roots, names = _roots(trust.certificate_roots), trust.certificate_identities
    if bool(roots) is not bool(names):
        raise UsageError(
            "a root of certificates needs the name that signs, and a name its root",
            hint="give --certificate-root PEM and --certificate-identity NAME",
        )
    if not roots:
        return
    if not all(names):
        raise UsageError("an empty name names nobody", hint="correct --certificate-identity")
    from sbom.signing.certificates import CertificateAnchor  # noqa: PLC0415  # only where there are certificates

    for name in names:
        yield CertificateAnchor(roots, name)


def _roots(given: Iterable[str | os.PathLike[str]]) -> tuple[bytes, ...]:
    listed = list(given)
    if not listed:
        return ()
    from sbom.signing.certificates import load_roots  # noqa: PLC0415  # only where there are certificates

    return tuple(root for path in listed for root in load_roots(path))


def _path(given: str | os.PathLike[str] | None) -> str | None:
    return None if given is None else os.fspath(given)
