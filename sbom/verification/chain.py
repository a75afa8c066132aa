"""The ``chain.*`` checks: does this release follow from its predecessors, and is it the newest one.

Order is the predecessor relation, by the digest of the exact published bytes; version strings are never ordered.
Releases of other datasets, and documents that nobody trusted signed, are no part of the chain and are listed as such.
A document that could not be looked at may be any of them: what then seems to be missing is undecided, not wrong.

The rules, for all trusted releases that belong together by name or by naming each other:

* one dataset name, one first release, and at most one successor of each;
* every predecessor that is named is there with exactly the bytes that were linked to, and is what it is called;
* no version, and no BOM-Link (serial number and version of the document), stands for two documents.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, cast

from sbom.names import display
from sbom.verification.interface import errored, failed, passed, skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sbom.cyclonedx.document import Document
    from sbom.model import Dataset, ReleaseLink
    from sbom.verification.report import CheckResult, SignerResult

CHECKS = ("chain.previous", "chain.continuity", "chain.rollback")
_LABELS_SHOWN = 5


class Release(NamedTuple):
    """A release as its trusted document states it.

    :param sha256: of the document's exact bytes.
    :param document_version: the BOM's own version, second part of its BOM-Link.
    :param timestamp: RFC 3339, the document's own claim; empty where it makes none.
    :param signers: its signatures, as they were judged.
    """

    path: str
    sha256: str
    serial_number: str
    document_version: int
    name: str
    version: str | None
    root: str
    previous: ReleaseLink | None
    spec_version: str = ""
    timestamp: str = ""
    signers: tuple[SignerResult, ...] = ()

    @property
    def label(self) -> str:
        """Name it for a person."""
        return f"{display(_title(self.name, self.version))} ({self.sha256[:8]}…)"


class Ignored(NamedTuple):
    """A document that is not part of any chain, and why.

    :param undecided: it could not be looked at, so that it may be part of one after all.
    :param sha256: of its bytes, where it could be parsed.
    """

    path: str
    reason: str
    undecided: bool = False
    sha256: str | None = None


class Line(NamedTuple):
    """The releases behind a presented one: oldest first, the presented one last; and what breaks the line."""

    releases: tuple[Release, ...]
    gap: ReleaseLink | None
    problem: str | None


class Whole(NamedTuple):
    """Documents that are to be one chain: the line behind the newest, what is not on it, and the results."""

    line: Line
    outside: tuple[Release, ...]
    results: list[CheckResult]


def release_of(document: Document, dataset: Dataset, signers: tuple[SignerResult, ...] = ()) -> Release:
    """Take from a valid document what a chain is made of."""
    metadata = cast("Mapping[str, object]", document.tree.get("metadata", {}))
    return Release(
        document.path,
        document.sha256,
        document.text("serialNumber"),
        # CycloneDX: 1 when it is left out; JSON schema takes 1.0 for an integer.
        int(cast("int", document.tree.get("version", 1))),
        dataset.name,
        dataset.version,
        dataset.root,
        dataset.previous,
        document.text("specVersion"),
        str(metadata.get("timestamp", "")),
        signers,
    )


def not_asked() -> list[CheckResult]:
    """Skip all of them: without other documents there is nothing to compare with."""
    return [skipped(check, "no --chain directory was given", required=False) for check in CHECKS]


def undecided(reason: str) -> list[CheckResult]:
    """Say that the other documents could not be looked at."""
    return [errored(check, reason) for check in CHECKS]


def trace(presented: Release, others: Iterable[Release]) -> Line:
    """Follow the predecessors of a release through trusted documents."""
    return _trace(presented, {release.sha256: release for release in others} | {presented.sha256: presented})


def _trace(presented: Release, by_digest: Mapping[str, Release]) -> Line:
    line = [presented]
    seen = {presented.sha256}
    gap, problem = None, None
    while (link := line[-1].previous) is not None:
        before = by_digest.get(link.sha256)
        if before is None:
            gap = link
            break
        problem = _mismatch(line[-1], link, before)
        if problem is None and before.sha256 in seen:
            problem = f"{before.label} is its own predecessor"
        if problem is not None:
            break
        seen.add(before.sha256)
        line.append(before)
    return Line(tuple(reversed(line)), gap, problem)


def check(presented: Release, others: Sequence[Release], ignored: Sequence[Ignored]) -> list[CheckResult]:
    """Make all three checks on a release that stands among others.

    :param others: trusted releases, the presented one among them or not.
    :param ignored: what was found besides.
    """
    line = trace(presented, others)
    family, foreign = _related(line, others)
    strangers = [Ignored(item.path, f"it is a release of another dataset: {item.label}") for item in foreign]
    return [
        _previous(presented, line, family, ignored),
        _continuity(line, family, ignored, strangers),
        _rollback(presented, line, family, ignored),
    ]


def contradiction(line: Line, others: Sequence[Release]) -> str | None:
    """Name what can be said against a line and the releases that are related to it, whatever is missing."""
    return _contradiction((*line.releases, *_related(line, others)[0]))


def check_whole(releases: Sequence[Release], ignored: Sequence[Ignored]) -> Whole:
    """Check that documents are one chain, all of them; in whatever order they are given.

    :param releases: trusted ones, each once, at least one.
    :param ignored: documents that should have been part of it, but are not trusted.
    :return: results of ``chain.previous`` (of the newest) and ``chain.continuity``.
    """
    named = {release.previous.sha256 for release in releases if release.previous is not None}
    ends = [release for release in releases if release.sha256 not in named] or list(releases)
    by_digest = {release.sha256: release for release in releases}
    # Of several ends the longest line counts, then one that misses a predecessor: that is what has to be said.
    lines = (_trace(end, by_digest) for end in ends)
    line = max(lines, key=lambda one: (len(one.releases), one.gap is not None, one.releases[-1].sha256))
    inside = {release.sha256 for release in line.releases}
    outside = sorted((release for release in releases if release.sha256 not in inside), key=lambda one: one.sha256)
    previous = _previous(line.releases[-1], line, outside, ignored)
    return Whole(line, tuple(outside), [previous, _continuity(line, outside, ignored, ())])


def _related(line: Line, others: Iterable[Release]) -> tuple[list[Release], list[Release]]:
    """Part other releases into those of this dataset, by name or because they name each other, and foreign ones."""
    inside = {release.sha256 for release in line.releases}
    rest = list({release.sha256: release for release in others if release.sha256 not in inside}.values())
    touching: defaultdict[str, list[Release]] = defaultdict(list)
    for release in rest:
        for end in _ends(release):
            touching[end].append(release)
    name = line.releases[-1].name
    todo = [*line.releases, *(release for release in rest if release.name == name)]
    related = {release.sha256 for release in todo}
    while todo:
        for end in _ends(todo.pop()):
            for release in touching.pop(end, ()):
                if release.sha256 not in related:
                    related.add(release.sha256)
                    todo.append(release)
    family = [release for release in rest if release.sha256 in related]
    return family, [release for release in rest if release.sha256 not in related]


def _ends(release: Release) -> tuple[str, ...]:
    """Return everything by which a release and another one can name the same document."""
    own = (release.sha256, release.serial_number)
    return own if release.previous is None else (*own, release.previous.sha256, release.previous.serial_number)


def _previous(presented: Release, line: Line, family: Sequence[Release], ignored: Sequence[Ignored]) -> CheckResult:
    link = presented.previous
    if link is None:
        return passed("chain.previous", "it is the first release: it names no predecessor")
    if len(line.releases) == 1:
        if line.problem is not None:
            return failed("chain.previous", line.problem)
        make = errored if _unseen(ignored) is not None else failed
        return make("chain.previous", _missing(presented, link, (presented, *family), ignored), sha256=link.sha256)
    return passed("chain.previous", "the predecessor is there, unchanged and trusted", sha256=link.sha256)


def _continuity(
    line: Line, family: Sequence[Release], ignored: Sequence[Ignored], foreign: Sequence[Ignored]
) -> CheckResult:
    name = "chain.continuity"
    evidence: dict[str, object] = {
        "chain": [_shown(release) for release in line.releases],
        "others": [_shown(release) for release in family],
        "ignored": [{"path": item.path, "reason": item.reason} for item in (*ignored, *foreign)],
    }
    everything = (*line.releases, *family)
    problem = line.problem or _contradiction(everything)
    if problem is not None:
        return failed(name, problem, (), **evidence)
    unseen = _unseen(ignored)
    gap = _gap(everything, ignored)
    if gap is not None:
        return (failed if unseen is None else errored)(name, gap, (), **evidence)
    if unseen is not None:
        return errored(name, unseen, (), **evidence)
    count = "1 release" if len(everything) == 1 else f"{len(everything):,} releases"
    return passed(name, f"{count} in one line", **evidence)


def _rollback(presented: Release, line: Line, family: Sequence[Release], ignored: Sequence[Ignored]) -> CheckResult:
    name = "chain.rollback"
    for release in family:
        link = release.previous
        # The serial number is enough: what was presented may have been signed again after the successor linked to it.
        if link is not None and (link.sha256 == presented.sha256 or link.serial_number == presented.serial_number):
            labels = [one.label for one in (*line.releases, release)][-_LABELS_SHOWN:]
            sentence = f"there is a newer trusted release: {release.label}; the chain is {' → '.join(labels)}"
            return failed(name, sentence, successor=release.path, sha256=release.sha256)
    unseen = _unseen(ignored)
    if unseen is not None:
        return errored(name, unseen)
    others = len(line.releases) - 1 + len(family)
    count = "1 other release of it" if others == 1 else f"{others:,} other releases of it"
    return passed(name, f"no trusted release follows this one; {count} known")


def _contradiction(everything: Sequence[Release]) -> str | None:
    """Name what can be said against the releases whatever is missing."""
    names = sorted({release.name for release in everything})
    if len(names) > 1:
        shown = ", ".join(display(name, 80) for name in names[:_LABELS_SHOWN])
        return f"the releases are of {len(names):,} different datasets: {shown}"
    known = {release.sha256: release for release in everything}
    identities: dict[tuple[str, int], Release] = {}
    successors: dict[str, Release] = {}
    versions: dict[str, Release] = {}
    for release in everything:
        twin = identities.setdefault((release.serial_number, release.document_version), release)
        if twin is not release:
            changed = "one of them was changed or signed again after it was made"
            return f"two documents have the same serial number: {twin.label} and {release.label}; {changed}"
        link = release.previous
        other = successors.setdefault("" if link is None else link.sha256, release)
        if other is not release:
            what = "both are first releases" if link is None else "both follow the same release"
            return f"the chain forks: {other.label} and {release.label} ({what})"
        if release.version is not None:
            twin = versions.setdefault(release.version, release)
            if twin is not release:
                return f"two releases have the version {display(release.version)}: {twin.label} and {release.label}"
        if link is not None and link.sha256 in known:
            problem = _mismatch(release, link, known[link.sha256])
            if problem is not None:
                return problem
    return _cycle(known)


def _cycle(known: Mapping[str, Release]) -> str | None:
    """Follow every release back to one that names no known predecessor; each is visited once."""
    done: set[str] = set()
    for start in known:
        path: set[str] = set()
        at = start
        while at in known and at not in done:
            if at in path:
                return f"{known[at].label} is its own predecessor"
            path.add(at)
            link = known[at].previous
            at = "" if link is None else link.sha256
        done |= path
    return None


def _mismatch(release: Release, link: ReleaseLink, before: Release) -> str | None:
    """Compare what a release calls its predecessor with what that is."""
    if (before.serial_number, before.document_version) != (link.serial_number, link.version):
        return f"{release.label} names its predecessor by another BOM-Link"
    if link.name != before.name or link.release not in {None, before.version}:
        called = display(_title(link.name, link.release))
        return f"{release.label} calls its predecessor {called}, but that is {before.label}"
    return None


def _gap(everything: Sequence[Release], ignored: Sequence[Ignored]) -> str | None:
    known = {release.sha256 for release in everything}
    for release in everything:
        link = release.previous
        if link is not None and link.sha256 not in known:
            return _missing(release, link, everything, ignored)
    return None


def _missing(release: Release, link: ReleaseLink, others: Iterable[Release], ignored: Iterable[Ignored]) -> str:
    """Say why a predecessor is not among the trusted releases."""
    what = f"the predecessor {display(_title(link.name, link.release))} ({link.sha256[:8]}…) of {release.label}"
    for item in ignored:
        if item.sha256 == link.sha256:
            return f"{what} is not trusted: {display(item.path)}: {item.reason}"
    for other in others:
        if other is not release and other.serial_number == link.serial_number:
            return f"{what} was replaced: {display(other.path)} has its serial number, but other bytes"
    return f"{what} is missing: no trusted document has that SHA-256"


def _unseen(ignored: Iterable[Ignored]) -> str | None:
    """Say that documents could not be looked at; ``None`` when all could."""
    unseen = [item for item in ignored if item.undecided]
    if not unseen:
        return None
    more = f", and {len(unseen) - 1:,} more" if len(unseen) > 1 else ""
    return f"a document could not be looked at: {display(unseen[0].path)}: {unseen[0].reason}{more}"


def _shown(release: Release) -> dict[str, object]:
    return {"path": release.path, "release": release.label, "sha256": release.sha256}


def _title(name: str, version: str | None) -> str:
    return name if version is None else f"{name} {version}"
