"""Which persons have signed. No I/O.

The rules:

* A signature counts for the signer whose identity it is, compared exactly: kind, value and issuer. It has to be valid,
  and to have an attested time where the policy demands one.
* A person counts once, with however many keys and signatures.
* Signers whose signatures are by one and the same key are one person, whatever the policy calls them: a certificate and
  a bare key are two identities, and can be one key.
* Nobody counts for two roles, unless the policy says otherwise: somebody has to be found for each place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.attestation.interface import KEY
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sbom.attestation.interface import Identity, Signed
    from sbom.policy.facts import Facts
    from sbom.policy.model import Policy, Signer


class Place(NamedTuple):
    """A role of which somebody is needed, and who could be it.

    :param needed: how many are needed.
    :param persons: who signed and has the role.
    """

    title: str
    needed: int
    persons: frozenset[str]


class People:
    """Who is behind the signatures of a release and its approvals."""

    def __init__(self, policy: Policy, facts: Facts) -> None:
        self._policy = policy
        self._signers = by_identity(policy.signers)
        self._same = self._merge((*facts.signatures, *(one.signed for one in facts.approvals)))

    def signer(self, signed: Signed) -> str | None:
        """Return the id of the signer whose signature this is, or claims to be; ``None`` for a stranger's."""
        return None if signed.identity is None else self._signers.get(signed.identity)

    def doubt(self, signed: Signed) -> str | None:
        """Say why a signature does not count; ``None`` when it does."""
        if signed.outcome is not Outcome.VALID:
            return signed.sentence
        if self.signer(signed) is None:
            return f"{signed.sentence}, who is no signer of the policy"
        if self._policy.timestamp and not signed.times:
            return f"{signed.sentence}, without an attested time, which the policy demands"
        return None

    def counting(self, signed: Iterable[Signed]) -> list[tuple[str, Signed]]:
        """Return those signatures that count, each with the id of its signer."""
        return [(str(self.signer(one)), one) for one in signed if self.doubt(one) is None]

    def with_role(self, signer_ids: Iterable[str], role: str) -> frozenset[str]:
        """Return the persons among signers who have a role; a person is called by one of their ids."""
        members = self._policy.members((role,))
        return frozenset(self._same.get(one, one) for one in signer_ids if one in members)

    def _merge(self, signatures: Iterable[Signed]) -> dict[str, str]:
        """Find signers who used one key: id → the id that stands for all of them."""
        by_key: dict[str, set[str]] = {}
        for signer_id, one in self.counting(signatures):
            identity = one.identity
            key = identity.value if identity is not None and identity.kind == KEY else one.spki
            if key:
                by_key.setdefault(key, set()).add(signer_id)
        groups: list[set[str]] = []
        for ids in by_key.values():
            touched = [group for group in groups if group & ids]
            groups = [group for group in groups if not group & ids]
            groups.append(ids.union(*touched))
        return {one: min(group) for group in groups for one in group}


def by_identity(signers: Iterable[Signer]) -> Mapping[Identity, str]:
    """Return the id of the signer that each identity belongs to."""
    return {identity: signer.id for signer in signers for identity in signer.identities()}


def unfilled(places: Sequence[Place]) -> list[Place]:
    """Return the places for which nobody is left when no person takes two: augmenting paths in a bipartite graph."""
    taken: dict[str, int] = {}
    seats = [number for number, place in enumerate(places) for _ in range(place.needed)]
    empty = {number for number in seats if not _seat(number, places, taken)}
    return [place for number, place in enumerate(places) if number in empty]


def _seat(wanted: int, places: Sequence[Place], taken: dict[str, int]) -> bool:
    """Find one more person for a place, asking those who have another one to make room for somebody else."""
    asked: dict[str, tuple[int, str | None]] = {}
    queue: list[tuple[int, str | None]] = [(wanted, None)]
    for number, leaving in queue:  # it grows
        for person in sorted(places[number].persons - asked.keys()):
            asked[person] = number, leaving
            if person in taken:
                queue.append((taken[person], person))
                continue
            mover: str | None = person
            while mover is not None:
                taken[mover], mover = asked[mover]
            return True
    return False
