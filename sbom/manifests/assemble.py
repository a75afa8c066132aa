"""From what the crawl found to what is known of a dataset: order of precedence, states of declared hashes, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.manifests import judge
from sbom.manifests.given import Inventory
from sbom.model import FileEntry
from sbom.names import display
from sbom.provenance import Assertion, Provenance, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.inventory.take import Inventory as Taken
    from sbom.manifests.crawl import Crawler, Found
    from sbom.manifests.judge import Judged, Mismatch
    from sbom.provenance import Manifest

_SHOWN = 20


class Rejected(NamedTuple):
    """A manifest that is not valid by its own specification, and why."""

    manifest: str
    reason: str


class Crawled(NamedTuple):
    """What a crawl brought.

    :param entries: of the inventory, with what is declared of them.
    :param mismatches: files that are not what a manifest declares.
    :param rejected: manifests that are, with the data, not valid by their own specification.
    :param warnings: what a person should know.
    """

    provenance: Provenance
    entries: tuple[FileEntry, ...]
    mismatches: tuple[Mismatch, ...]
    rejected: tuple[Rejected, ...]
    warnings: tuple[str, ...]


def assemble(crawler: Crawler, root_fd: int, taken: Taken, said: Sequence[Assertion]) -> Crawled:
    """Judge what was declared, and put everything in order of precedence.

    :param root_fd: of the dataset, to look again at files that are not what was declared.
    :param said: the caller's own word, most trusted first.
    """
    crawler.point(root_fd, taken.tree, taken.pointers)
    if not crawler.found:
        return Crawled(Provenance(assertions=tuple(said)), taken.entries, (), (), tuple(crawler.warnings))
    by_path = {entry.path: entry for entry in taken.entries}
    inventory = Inventory(root_fd, taken.tree.files)
    try:
        judged = judge.Judge(
            entries=by_path,
            further=taken.further,
            pointers=taken.pointers,
            inventory=inventory,
            left_out=taken.tree.left_out,
        ).run(crawler.found)
    finally:
        inventory.close()
    manifests: list[Manifest] = []
    rejected: list[Rejected] = []
    for found in crawler.found:
        manifest, reasons = _verdict(found, judged)
        entry = by_path.get(manifest.path) if manifest.inside else None
        sha256 = manifest.sha256 if entry is None else entry.sha256
        manifests.append(manifest._replace(sha256=sha256))
        rejected.extend(Rejected(manifest.path, reason) for reason in reasons)
    provenance = Provenance(
        manifests=tuple(manifests),
        assertions=(*said, *_assertions(crawler.found)),
        sources=tuple(_sources(crawler.found)),
        elsewhere=judged.elsewhere,
    )
    declared = judged.by_path
    entries = taken.entries
    if declared:
        entries = tuple(
            FileEntry._make((*entry[:-1], declared[entry[0]])) if entry[0] in declared else entry for entry in entries
        )
    warnings = (*crawler.warnings, *_problems(crawler.found), *_limited(judged.doubts))
    return Crawled(provenance, entries, judged.mismatches, tuple(rejected), warnings)


def _verdict(found: Found, judged: Judged) -> tuple[Manifest, list[str]]:
    """Decide whether a manifest with rules of its own is valid; only the crawl knows what became of its digests."""
    manifest, reading = found
    reasons = [problem.message for problem in reading.problems if problem.severe]
    if reading.valid is None:
        return manifest, reasons
    if manifest.path in judged.bad and not reasons:
        reasons.append("files that it lists are absent or differ")
    elif reading.valid is False and not reasons:
        reasons.append("its reader rejects it")
    return manifest._replace(valid=not reasons), reasons


def _assertions(found: Sequence[Found]) -> Iterator[Assertion]:
    for manifest, reading in found:
        for field, value, pointer, when in reading.said:
            yield Assertion(field, value, manifest.path, pointer, when, manifest.scope)


def _sources(found: Sequence[Found]) -> Iterator[Source]:
    for manifest, reading in found:
        for url, pointer, path, digests, size, retrieved, etag, final_url in reading.sources:
            yield Source(url, manifest.path, pointer, path, digests, size, retrieved, etag, final_url)


def _problems(found: Sequence[Found]) -> list[str]:
    lines = [
        f"{display(manifest.path)}: {display(problem.message)}"
        + (f" ({display(problem.pointer)})" if problem.pointer else "")
        for manifest, reading in found
        for problem in reading.problems
    ]
    return _limited(lines)


def _limited(lines: Sequence[str]) -> list[str]:
    rest = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {rest:,} more of the kind; data-sbom crawl lists all"] if rest > 0 else [])]
