"""The ``chain.*`` checks: does this release follow from its predecessors, and is it the newest?

Order is the predecessor relation, by the digest of the exact published bytes; version strings are never compared.
Releases of other datasets, and documents that nobody trusted signed, are no part of the chain and are listed as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from sbom.names import display
from sbom.verification.interface import errored, failed, passed, skipped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.cyclonedx.document import Document
    from sbom.model import Dataset, ReleaseLink
    from sbom.verification.report import CheckResult

CHECKS = ("chain.previous", "chain.continuity", "chain.rollback")


class Release(NamedTuple):
    """A release as its trusted document states it.

    :param sha256: of the document's exact bytes.
    :param document_version: the BOM's own version, second part of its BOM-Link.
    """

    path: str
    sha256: str
    serial_number: str
    document_version: int
    name: str
    version: str | None
    root: str
    previous: ReleaseLink | None

    @property
    def label(self) -> str:
        """Name it for a person."""
        version = "" if self.version is None else f" {self.version}"
        return display(f"{self.name}{version} ({self.sha256[:8]}…)")


class Ignored(NamedTuple):
    """A file of the chain directory that is not part of any chain, and why."""

    path: str
    reason: str


def release_of(document: Document, dataset: Dataset) -> Release:
    """Take from a valid document what a chain is made of."""
    return Release(
        document.path,
        document.sha256,
        document.text("serialNumber"),
        cast("int", document.tree.get("version")),
        dataset.name,
        dataset.version,
        dataset.root,
        dataset.previous,
    )


def not_asked() -> list[CheckResult]:
    """Skip all of them: without other documents there is nothing to compare with."""
    return [skipped(check, "no --chain directory was given", required=False) for check in CHECKS]


def undecided(reason: str) -> list[CheckResult]:
    """Say that the other documents could not be looked at."""
    return [errored(check, reason) for check in CHECKS]


class Line(NamedTuple):
    """The releases behind a presented one: oldest first, the presented one last; and what breaks the line."""

    releases: tuple[Release, ...]
    gap: ReleaseLink | None
    problem: str | None


def trace(presented: Release, others: Iterable[Release]) -> Line:
    """Follow the predecessors of a release through trusted documents."""
    by_digest = {release.sha256: release for release in others}
    by_digest[presented.sha256] = presented
    line = [presented]
    seen = {presented.sha256}
    while (link := line[0].previous) is not None:
        before = by_digest.get(link.sha256)
        if before is None:
            return Line(tuple(line), link, None)
        if (before.serial_number, before.document_version) != (link.serial_number, link.version):
            return Line(tuple(line), None, f"{line[0].label} names its predecessor by another BOM-Link")
        if before.sha256 in seen:
            return Line(tuple(line), None, f"{before.label} is its own predecessor")
        seen.add(before.sha256)
        line.insert(0, before)
    return Line(tuple(line), None, None)


def check(presented: Release, others: list[Release], ignored: list[Ignored]) -> list[CheckResult]:
    """Make all three checks.

    :param others: trusted releases, the presented one among them or not.
    :param ignored: what the directory holds besides, for the evidence.
    """
    line = trace(presented, others)
    shown = [{"path": item.path, "release": item.label, "sha256": item.sha256} for item in line.releases]
    left = [{"path": item.path, "reason": item.reason} for item in ignored]
    family = [item for item in others if item.name == presented.name and item.sha256 != presented.sha256]
    return [
        _previous(presented, line),
        continuity(line, family, chain=shown, ignored=left),
        _rollback(presented, line, family),
    ]


def _previous(presented: Release, line: Line) -> CheckResult:
    link = presented.previous
    if link is None:
        return passed("chain.previous", "it is the first release: it names no predecessor")
    if line.gap is not None and line.gap == link:
        name = display(f"{link.name} {link.release or ''}".strip())
        sentence = f"the predecessor {name} ({link.sha256[:8]}…) is not among the trusted documents"
        return failed("chain.previous", sentence, sha256=link.sha256)
    if line.problem is not None and len(line.releases) == 1:
        return failed("chain.previous", line.problem)
    return passed("chain.previous", "the predecessor is there, unchanged and trusted", sha256=link.sha256)


def continuity(line: Line, family: list[Release], **evidence: object) -> CheckResult:
    """Make the check ``chain.continuity``.

    :param family: the other trusted releases of the same dataset.
    """
    problem = _break(line, family)
    if problem is not None:
        return failed("chain.continuity", problem, (), **evidence)
    releases = "1 release" if len(line.releases) == 1 else f"{len(line.releases)} releases"
    return passed("chain.continuity", f"{releases} in one line", **evidence)


def _break(line: Line, family: list[Release]) -> str | None:
    """Name what is wrong with the line, ``None`` when nothing is."""
    if line.problem is not None:
        return line.problem
    if line.gap is not None:
        missing = f"the predecessor of {line.releases[0].label} is missing"
        return f"{missing}: no trusted document has the SHA-256 {line.gap.sha256[:8]}…"
    names = {release.name for release in line.releases}
    if len(names) > 1:
        return f"the releases are of different datasets: {display(', '.join(sorted(names)))}"
    everything = {release.sha256: release for release in (*line.releases, *family)}.values()
    successors: dict[str, Release] = {}
    versions: dict[str, Release] = {}
    for release in everything:
        before = "" if release.previous is None else release.previous.sha256
        other = successors.setdefault(before, release)
        if other is not release:
            what = "both are first releases" if not before else "both follow the same release"
            return f"the chain forks: {other.label} and {release.label} ({what})"
        if release.version is not None:
            twin = versions.setdefault(release.version, release)
            if twin is not release:
                return f"two releases have the version {display(release.version)}: {twin.label} and {release.label}"
    known = {release.sha256 for release in everything}
    for release in family:
        if release.previous is not None and release.previous.sha256 not in known:
            return f"{release.label} is not connected with the chain: its predecessor is missing"
    return None


def _rollback(presented: Release, line: Line, family: list[Release]) -> CheckResult:
    behind = {release.sha256 for release in line.releases}
    newer = [release for release in family if release.sha256 not in behind]
    for release in newer:
        link = release.previous
        if link is not None and (link.sha256 == presented.sha256 or link.serial_number == presented.serial_number):
            return failed(
                "chain.rollback", f"there is a newer trusted release: {release.label}", successor=release.path
            )
    return passed("chain.rollback", "no trusted release follows this one")
