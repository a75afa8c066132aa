"""The rules on what came before a release, and what was seen before. Pure.

What is *older* is told by the predecessor relation alone: versions and times are texts. A release is newer than the
newest that was seen when it descends from it, and the same when what was signed is the same. Everything else is older,
a fork, or not known; the first two are refused, and the third is never taken for success.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sbom.names import display
from sbom.policy.facts import Found, Problem, Seen
from sbom.policy.model import PREDECESSOR, ROLLBACK, Predecessor

if TYPE_CHECKING:
    from sbom.policy.facts import Facts, Release
    from sbom.policy.model import Policy

_SHOWN = 12


class Relation(StrEnum):
    """How a release stands to the newest one that was seen."""

    FIRST = "first"
    SAME = "same"
    NEWER = "newer"
    OLDER = "older"
    FORK = "fork"
    CLASH = "clash"
    UNKNOWN = "unknown"


class Line(NamedTuple):
    """What is known of the predecessors of a release; ``complete`` when there are no others."""

    sha256s: tuple[str, ...]
    complete: bool


def line(facts: Facts) -> Line:
    """Return the predecessors of a release: the one that it names, and those behind it whose documents are known."""
    link = facts.dataset.previous
    if link is None:
        return Line((), complete=True)
    known = facts.ancestry.sha256s
    if known[:1] != (link.sha256,):  # documents of some other line
        return Line((link.sha256,), complete=False)
    return Line(known, facts.ancestry.complete)


def predecessor(policy: Policy, facts: Facts) -> Found:
    """Judge whether a release follows from those that the policy names."""
    wanted = policy.predecessor
    if not (wanted.required or wanted.descends_from):
        return Found(PREDECESSOR, None, idle="the policy asks for no predecessor")
    problems = [*_required(wanted, facts), *_descends(wanted, facts)]
    evidence = {"predecessors": list(line(facts).sha256s[:_SHOWN])}
    return Found(PREDECESSOR, "the release follows from what the policy names", tuple(problems), evidence)


def rollback(policy: Policy, facts: Facts) -> Found:
    """Judge whether a release is older than one that was accepted before."""
    if not policy.predecessor.never_older:
        return Found(ROLLBACK, None, idle="the policy does not ask whether something newer was seen")
    if facts.seen is None:
        problem = Problem("there is no state file, so nobody knows what was seen before", undecided=True)
        return Found(ROLLBACK, "", (problem,))
    relation = compare(facts.seen, facts)
    newest = _newest(facts.seen, facts.dataset.name)
    evidence = {"relation": relation.value, "newest": None if newest is None else newest[-1].sha256}
    said = _SAID[relation].format("" if newest is None else _called(newest[-1]))
    if relation in {Relation.FIRST, Relation.SAME, Relation.NEWER}:
        return Found(ROLLBACK, said, (), evidence)
    return Found(ROLLBACK, "", (Problem(said, undecided=relation is Relation.UNKNOWN),), evidence)


def compare(seen: Seen, facts: Facts) -> Relation:
    """Compare a release with what was seen of its dataset."""
    release, name = facts.release, facts.dataset.name
    newest = _newest(seen, name)
    if newest is None:
        return Relation.FIRST
    if any(one.version == release.version is not None and one.root != release.root for one in seen.releases[name]):
        return Relation.CLASH
    if release.content == newest[-1].content:
        return Relation.SAME
    accepted = seen.releases[name]
    if release.sha256 in seen.older.get(name, ()) or any(release.content == one.content for one in accepted):
        return Relation.OLDER
    return _unseen(seen, facts, newest)


def _unseen(seen: Seen, facts: Facts, newest: tuple[Release, ...]) -> Relation:
    """Compare a release that was not seen before with the newest that was."""
    name, before = facts.dataset.name, line(facts)
    if any(one.sha256 in before.sha256s for one in newest):
        return Relation.NEWER
    known = seen.older.get(name, frozenset()).union(one.sha256 for one in seen.releases[name])
    meets = not known.isdisjoint(before.sha256s)
    return Relation.FORK if meets or before.complete else Relation.UNKNOWN


def accept(seen: Seen, facts: Facts) -> Seen:
    """Remember that a release was accepted. One that is not newer than the newest changes nothing."""
    name, release = facts.dataset.name, facts.release
    relation = compare(seen, facts)
    accepted = seen.releases.get(name, ())
    known_bytes = any(one.sha256 == release.sha256 for one in accepted)
    if relation not in {Relation.FIRST, Relation.SAME, Relation.NEWER} or known_bytes:
        return seen
    older = seen.older.get(name, frozenset()).union(line(facts).sha256s)
    return Seen(
        seen.policy_version,
        {**seen.releases, name: (*accepted, release)},
        {**seen.older, name: older},
        seen.revocations,
        seen.list_issued,
    )


_SAID = {
    Relation.FIRST: "it is the first release that is seen under this policy",
    Relation.SAME: "it is the newest release that was accepted: {}",
    Relation.NEWER: "it follows from the newest release that was accepted: {}",
    Relation.OLDER: "it is older than {}, which was accepted before",
    Relation.FORK: "it does not follow from {}, which was accepted before: it is older, or a fork",
    Relation.CLASH: "a release of the same version with another root was accepted before; the newest is {}",
    Relation.UNKNOWN: "nobody knows whether it follows from {}, which was accepted before: give the documents between"
    " them with --chain",
}


def _newest(seen: Seen, name: str) -> tuple[Release, ...] | None:
    """Return the newest accepted release of a dataset, once for each form (bytes) in which it was seen."""
    accepted = seen.releases.get(name, ())
    if not accepted:
        return None
    return tuple(one for one in accepted if one.content == accepted[-1].content)


def _called(release: Release) -> str:
    version = "" if release.version is None else f"version {display(release.version, 60)}, "
    return f"{version}document {release.sha256[:_SHOWN]}…"


def _required(wanted: Predecessor, facts: Facts) -> list[Problem]:
    if not wanted.required or facts.sha256 in wanted.descends_from:
        return []
    link = facts.dataset.previous
    if link is None:
        return [Problem("the release names no predecessor")]
    if facts.ancestry.sha256s[:1] != (link.sha256,):
        text = f"the document of the predecessor {link.sha256[:_SHOWN]}… was not verified: give it with --chain"
        return [Problem(text, undecided=True)]
    return []


def _descends(wanted: Predecessor, facts: Facts) -> list[Problem]:
    before = line(facts)
    problems = []
    for sha256 in wanted.descends_from:
        if sha256 == facts.sha256 or sha256 in before.sha256s:
            continue
        text = f"the release does not follow from {sha256[:_SHOWN]}…"
        if not before.complete:
            text = (
                f"nobody knows whether the release follows from {sha256[:_SHOWN]}…: give its predecessors with --chain"
            )
        problems.append(Problem(text, sha256, undecided=not before.complete))
    return problems
