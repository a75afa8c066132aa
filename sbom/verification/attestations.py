"""The bundles beside a document, judged: who signed it, approved of it, revoked it.

Rules of trust: a bundle counts by its signature, by a statement of exactly the type that its purpose needs, about
exactly this document and this dataset. What is called like a bundle and cannot be read fails: it may be the revocation.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sbom.attestation import evaluation, predicates, sidecars
from sbom.attestation.sidecars import Unreadable
from sbom.errors import RefusedError, UndecidedError
from sbom.names import display
from sbom.verification.interface import Gathered

if TYPE_CHECKING:
    from sbom.attestation.interface import Signed
    from sbom.attestation.predicates import About, Approval, Revocation, RevocationList
    from sbom.attestation.sidecars import Place, Sidecar
    from sbom.verification.whom import Whom


def gather(places: list[Place], about: About, whom: Whom) -> Gathered:
    """Read and judge bundles, those about a document and those about others.

    :raises UsageError: when what the caller trusts cannot be used.
    """
    found = _Found(about, whom)
    for one in sidecars.load(places):
        found.take(one)
    return found.gathered()


class _Found:
    """What was found so far."""

    def __init__(self, about: About, whom: Whom) -> None:
        self._about = about
        self._whom = whom
        self._releases: list[Signed] = []
        self._approvals: list[tuple[Approval, Signed]] = []
        self._revocations: list[tuple[Revocation, Signed]] = []
        self._lists: list[tuple[RevocationList, Signed]] = []
        self._problems: list[str] = []
        self._undecided: list[str] = []
        self._others = 0
        self._verified: dict[str, str] = {}

    def gathered(self) -> Gathered:
        return Gathered(
            tuple(self._releases),
            tuple(self._approvals),
            tuple(self._revocations),
            tuple(self._lists),
            tuple(self._problems),
            tuple(self._undecided),
            self._others,
            self._verified,
        )

    def take(self, one: Sidecar | Unreadable) -> None:
        if isinstance(one, Unreadable):
            listed = self._problems if isinstance(one.error, RefusedError) else self._undecided
            listed.append(f"{display(one.path)} {one.error.message}")
            return
        try:
            self._sort(one)
        except (RefusedError, UndecidedError) as error:
            listed = self._problems if isinstance(error, RefusedError) else self._undecided
            listed.append(f"{display(one.path)} {error.message}")

    def _sort(self, one: Sidecar) -> None:
        statement, kind = one.statement, one.statement.predicate_type
        if kind == predicates.REVOCATION_LIST:
            said = predicates.read_revocation_list(statement, one.path)
            signed = self._judge(one)
            # Nobody will ask for what strangers list, and it may be a lot.
            self._lists.append((said if signed.identity is not None else said._replace(revoked=()), signed))
            return
        if kind == predicates.POLICY or not self._is_meant(one):
            self._others += 1
            return
        refusal = predicates.refusal(statement, self._about)
        if refusal is not None:
            self._problems.append(f"{display(one.path)} {refusal}")
        elif kind == predicates.APPROVAL:
            self._approvals.append((predicates.read_approval(statement, one.path), self._judge(one)))
        elif kind == predicates.REVOCATION:
            self._revocations.append((predicates.read_revocation(statement, one.path), self._judge(one)))
        else:
            self._releases.append(self._judge(one))

    def _is_meant(self, one: Sidecar) -> bool:
        """Tell whether a bundle is about this document: in a directory there may be bundles about others, too.

        One that is called after the document has to be.
        """
        meant = {self._about.sha256}
        if one.statement.predicate_type == predicates.REVOCATION:
            meant.add(self._about.root)
        return one.beside or any(subject.sha256 in meant for subject in one.statement.subjects)

    def _judge(self, one: Sidecar) -> Signed:
        signed = evaluation.evaluate(one.bundle, self._whom.anchors, one.path)
        if evaluation.is_whole(one.bundle, signed):
            self._verified[one.path] = hashlib.sha256(one.bundle.raw).hexdigest()
        return signed
