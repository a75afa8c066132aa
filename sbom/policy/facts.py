"""What a verification knows, and what a policy decides by it. Frozen values; every signature is evaluated already."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sbom.attestation.interface import Identity, Signed
    from sbom.model import Dataset
    from sbom.profiles import Fact


class Approval(NamedTuple):
    """A signed approval: ``sha256`` and ``root`` (hex) of what it speaks of, and what its signer says."""

    signed: Signed
    role: str
    sha256: str
    root: str
    reason: str = ""


class Revocation(NamedTuple):
    """A signed revocation. Either ``sha256`` (of the document) or ``root`` (hex) is enough to be meant by it.

    White space and signatures can be added to a document by anybody: its bytes change, and it still verifies. Its root
    does not.

    :param time: the signer's own claim (RFC 3339).
    """

    signed: Signed
    sha256: str
    root: str
    reason: str = ""
    time: str = ""


class Entry(NamedTuple):
    """An entry of a revocation list; ``root`` is empty where the list does not give it."""

    sha256: str
    root: str = ""
    reason: str = ""


class RevocationList(NamedTuple):
    """A signed list of all that its signer has revoked, as of ``issued`` (aware)."""

    signed: Signed
    issued: datetime
    entries: tuple[Entry, ...] = ()


class Ancestry(NamedTuple):
    """The predecessors of a release whose documents were verified, by SHA-256 (hex), the nearest first.

    :param complete: the last of them, or the release itself, has no predecessor.
    """

    sha256s: tuple[str, ...] = ()
    complete: bool = False


class Remembered(NamedTuple):
    """A revocation that was seen: whose, and what they said."""

    sha256: str
    root: str
    by: str
    reason: str
    time: str


class Release(NamedTuple):
    """A release that was accepted.

    :param sha256: of the document's exact bytes; ``content`` of its canonical form without signatures; hex.
    :param previous: SHA-256 of its predecessor's document.
    """

    sha256: str
    content: str
    version: str | None
    root: str
    previous: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen under one policy.

    :param releases: by name of the dataset: those that were accepted, the newest last.
    :param older: by name of the dataset: SHA-256 of documents that came before the newest.
    :param list_issued: of the newest revocation list (aware).
    """

    policy_version: int = 0
    releases: Mapping[str, tuple[Release, ...]] = field(default_factory=dict)
    older: Mapping[str, frozenset[str]] = field(default_factory=dict)
    revocations: tuple[Remembered, ...] = ()
    list_issued: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a release.

    :param now: aware.
    :param sha256: of the document's exact bytes (hex).
    :param content: SHA-256 (hex) of the document's canonical form without its signatures: what was signed.
    :param signatures: every signature of the release, in the document and beside it, after evaluation.
    :param excludes: properties that a signature in the document leaves out.
    :param allowed_extra: files that are there without being listed, and were let pass.
    :param only: globs that the verification was restricted to.
    :param known: what :func:`sbom.profiles.facts` says of the document; ``None``: nobody looked.
    :param lineage_level: what :func:`sbom.lineage.custody.judge` found; ``None``: it could not be judged.
    :param step_signers: by step: who has validly signed its record.
    :param aside: steps that no file of the dataset comes from.
    :param seen: what the state file remembers; ``None``: there is none.
    :param policy_signed: whether the policy is signed by the key that was demanded; ``None``: none was.
    """

    now: datetime
    dataset: Dataset
    sha256: str
    content: str
    signatures: tuple[Signed, ...] = ()
    approvals: tuple[Approval, ...] = ()
    revocations: tuple[Revocation, ...] = ()
    lists: tuple[RevocationList, ...] = ()
    excludes: tuple[str, ...] = ()
    allowed_extra: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    known: Mapping[str, Fact] | None = None
    lineage_level: str | None = None
    step_signers: Mapping[str, frozenset[Identity]] = field(default_factory=dict)
    aside: frozenset[str] = frozenset()
    ancestry: Ancestry = Ancestry()  # noqa: RUF009  # frozen
    seen: Seen | None = None
    policy_signed: bool | None = None

    @property
    def release(self) -> Release:
        """The release, as it is remembered."""
        previous = self.dataset.previous
        link = None if previous is None else previous.sha256
        return Release(self.sha256, self.content, self.dataset.version, self.dataset.root, link)


class Answer(StrEnum):
    """What one rule says. Only the first and the last let a release pass."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    NOT_ASKED = "not asked"


class Problem(NamedTuple):
    """One reason why a rule does not hold.

    :param text: a clause for a person.
    :param about: the file, field, step, role or algorithm; empty for the release as a whole.
    :param undecided: nobody knows whether it holds.
    :param final: no exception can be made.
    """

    text: str
    about: str = ""
    undecided: bool = False
    final: bool = False


class Found(NamedTuple):
    """What a rule found, before exceptions.

    :param holds: what holds when there is no problem, one clause; ``None``: the policy does not ask.
    :param problems: empty when it holds.
    :param idle: why it is not asked.
    """

    check: str
    holds: str | None
    problems: tuple[Problem, ...] = ()
    evidence: Mapping[str, object] = {}  # never changed
    idle: str = ""


class Decision(NamedTuple):
    """What a policy says by one rule: one clause for a person, evidence (JSON values), and every problem left."""

    check: str
    answer: Answer
    sentence: str
    evidence: Mapping[str, object]
    problems: tuple[Problem, ...] = ()


def accepted(decisions: tuple[Decision, ...]) -> bool:
    """Tell whether every rule that was asked holds, by explicit success only; no decision at all is none."""
    return bool(decisions) and all(one.answer in {Answer.HOLDS, Answer.NOT_ASKED} for one in decisions)
