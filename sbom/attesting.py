"""Saying something about a data SBOM beside it: signing, approving, revoking.

The document stays as it is, to the byte: a successor names it by its digest. What is written lies beside it, and is
never written over something else.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sbom import output
from sbom.attestation import predicates, sidecars, signing
from sbom.attestation.predicates import About, Revoked
from sbom.cyclonedx import document as documents
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import DocumentError, SignatureError, UsageError
from sbom.verification import document as examination
from sbom.verification import files
from sbom.verification.report import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.attestation.sidecars import Sidecar
    from sbom.attestation.signing import Means

#: Bundles for one purpose that lie beside a document.
_MOST = 1_000


def sign(path: str, means: Means, target: str | None = None, limits: Limits | None = None) -> str:
    """Sign a document beside it; return the path of the bundle.

    :param path: of the document.
    :param target: of the bundle; default: ``BOM.sigstore.json``, or the next number that is free.
    :raises UsageError: when the target exists, or what is to be signed with does not fit together.
    :raises Error: when the document is none to rely on, or cannot be signed.
    """
    about = _about(path, limits)
    return _write(path, predicates.release(about), means, target, "")


def approve(  # noqa: PLR0913, PLR0917  # what the caller says
    path: str, role: str, reason: str, means: Means, target: str | None = None, limits: Limits | None = None
) -> str:
    """Approve of a release in a role; return the path of the bundle. Raises what :func:`sign` raises."""
    about = _about(path, limits)
    return _write(path, predicates.approval(about, role, reason), means, target, f"approval-{role}")


def revoke(path: str, reason: str, means: Means, target: str | None = None, limits: Limits | None = None) -> str:
    """Revoke a release; return the path of the bundle. Raises what :func:`sign` raises."""
    about = _about(path, limits)
    return _write(path, predicates.revocation(about, reason), means, target, "revocation")


def list_revoked(
    paths: Sequence[str], reason: str | None, means: Means, target: str, limits: Limits | None = None
) -> int:
    """Add releases to a revocation list, and sign it anew; without any it is only renewed. Return how many it holds.

    :param paths: of the documents.
    :param target: of the list, which is made when it is not there. Whoever signs it now vouches for all of it, and has
        to be the one who signed it before: somebody may have taken an entry out.
    :raises SignatureError: when there is something else in its place, or somebody else's list.
    """
    if paths and reason is None:
        raise UsageError("a reason is needed", hint="give --reason TEXT")
    old = _listed(target)
    revoked = [] if old is None else list(predicates.read_revocation_list(old.statement, target).revoked)
    for path in paths:
        about = _about(path, limits)
        revoked.append(Revoked(about.sha256, about.root, reason or ""))
    bundle = signing.sign(predicates.revocation_list(revoked), means)
    if old is not None:
        signing.require_same(old.bundle, bundle, means, target)
    output.write(target, bundle)
    return len({(one.sha256, one.root) for one in revoked})


def _about(path: str, limits: Limits | None) -> About:
    """Read a document, and make sure that it is one to rely on: nobody should vouch for a broken one."""
    if path == documents.STDIN:
        raise UsageError("what lies beside a document needs its file", hint="give the path of the document")
    bounds = limits or Limits()
    raw = documents.read_bytes(path, bounds)
    examined = examination.examine(raw, bounds)
    results = list(examined.results)
    if examined.dataset is not None:
        results.append(files.root(examined.dataset))
    bad = next((result for result in results if result.status is not Status.PASS), None)
    if bad is not None or examined.document is None or examined.dataset is None:
        problem = "is no data SBOM" if bad is None else bad.sentence.removeprefix("the document ")
        raise DocumentError(problem, path=path, hint="generate it again")
    tree = examined.document.tree
    return About(os.path.basename(path), raw.sha256, examined.dataset.root, tree, len(raw.data))


def _write(path: str, statement: bytes, means: Means, target: str | None, purpose: str) -> str:
    chosen = _free(path, purpose) if target is None else target
    if os.path.lexists(chosen):
        raise UsageError("exists already, and is not overwritten", path=chosen, hint="name another file with -o")
    if not chosen.endswith(sidecars.SUFFIX):
        raise UsageError(f"does not end in {sidecars.SUFFIX}, so verify would not find it", path=chosen)
    output.write(chosen, signing.sign(statement, means))
    return chosen


def _free(path: str, purpose: str) -> str:
    for number in range(1, _MOST + 1):
        suffix = "" if number == 1 else str(number)
        chosen = sidecars.default_path(path, "-".join(filter(None, (purpose, suffix))))
        if not os.path.lexists(chosen):
            return chosen
    raise UsageError(f"has {_MOST:,} bundles beside it already", path=path, hint="name a file with -o")


def _listed(target: str) -> Sidecar | None:
    """Return the list that is there."""
    if not os.path.lexists(target):
        return None
    one = sidecars.read(sidecars.Place(target, beside=False))
    if one.statement.predicate_type != predicates.REVOCATION_LIST:
        raise SignatureError("is no revocation list", path=target, hint="name another file with --list")
    return one
