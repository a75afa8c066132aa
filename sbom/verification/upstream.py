"""Find the documents of datasets that steps read from: by their bytes' SHA-256, signed by whom the caller trusts."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from sbom.cyclonedx import document as documents
from sbom.errors import Error, UndecidedError
from sbom.names import display
from sbom.verification import document, files, releases, signatures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.cyclonedx.strict_json import Limits
    from sbom.model import Dataset
    from sbom.signing.keys import PublicKey
    from sbom.transformation import Upstream


class Found(NamedTuple):
    """The documents that are named.

    :param trusted: those that verified, by ``(serial number, version)``.
    :param refused: ``(upstream, reason)`` of those that are at hand and do not.
    :param missing: those that are not at hand.
    :param undecided: why the directory cannot be looked at.
    """

    trusted: dict[tuple[str, int], Dataset]
    refused: tuple[tuple[Upstream, str], ...] = ()
    missing: tuple[Upstream, ...] = ()
    undecided: str | None = None


def find(wanted: Sequence[Upstream], directory: str | None, keys: Sequence[PublicKey], limits: Limits) -> Found:
    """Look for documents in a directory.

    :param keys: whom the caller trusts for them; without any, nothing is trusted.
    """
    if directory is None or not wanted:
        return Found({}, missing=tuple(wanted))
    by_digest = {one.sha256: one for one in wanted}
    trusted: dict[tuple[str, int], Dataset] = {}
    refused: list[tuple[Upstream, str]] = []
    try:
        for path in releases.listing(directory):
            raw = _read(path, limits)
            one = None if raw is None else by_digest.pop(raw.sha256, None)
            if raw is None or one is None:
                continue
            dataset, reason = _judge(raw, one, keys, limits)
            if dataset is None:
                refused.append((one, reason))
            else:
                trusted[one.serial_number, one.version] = dataset
    except UndecidedError as error:
        return Found(trusted, tuple(refused), tuple(by_digest.values()), f"the directory of documents {error.message}")
    return Found(trusted, tuple(refused), tuple(by_digest.values()))


def _read(path: str, limits: Limits) -> documents.Raw | None:
    """Read a file that may be one of the documents; ``None`` for what cannot be: then it stays missing."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        return documents.read_bytes(path, limits)
    except (OSError, Error):
        return None


def _judge(raw: documents.Raw, one: Upstream, keys: Sequence[PublicKey], limits: Limits) -> tuple[Dataset | None, str]:
    """Check a document whose bytes are the named ones; return what it describes, or why it is not trusted."""
    examined = document.examine(raw, limits)
    results = list(examined.results)
    if examined.document is not None and examined.valid:
        results += signatures.check(examined.document, keys, 1).results
    if examined.dataset is not None:
        results.append(files.root(examined.dataset))
    if examined.document is None or examined.dataset is None or not releases.all_good(results):
        return None, releases.ignored(raw.path, results, undecided=False).reason
    named = (one.serial_number, one.version)
    if (examined.document.text("serialNumber"), examined.document.tree.get("version", 1)) != named:
        return None, f"it is not the document that {display(one.serial_number)}/{one.version} names"
    return examined.dataset, ""
