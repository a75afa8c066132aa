"""Find the documents of datasets that steps read from: by their bytes' SHA-256, signed by whom the caller trusts."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sbom.attestation.interface import Anchors
from sbom.cyclonedx import document as documents
from sbom.errors import Error, UndecidedError
from sbom.names import display
from sbom.verification import releases
from sbom.verification.whom import Whom

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

    @property
    def complete(self) -> bool:
        """Whether each named document is at hand and verified."""
        return not self.refused and not self.missing and self.undecided is None


def find(wanted: Sequence[Upstream], directory: str | None, keys: Sequence[PublicKey], limits: Limits) -> Found:
    """Look for documents in a directory.

    :param keys: whom the caller trusts for them; without any, nothing is trusted.
    """
    if directory is None or not keys:
        return Found({}, missing=tuple(wanted))
    by_digest: defaultdict[str, list[Upstream]] = defaultdict(list)
    for one in wanted:
        by_digest[one.sha256].append(one)
    trusted: dict[tuple[str, int], Dataset] = {}
    refused: list[tuple[Upstream, str]] = []
    undecided = None
    try:
        for path in releases.listing(directory) if by_digest else ():
            raw = _read(path, limits)
            named = [] if raw is None else by_digest.pop(raw.sha256, [])
            if raw is None or not named:
                continue
            found, reason = _judge(raw, keys, limits)
            for one in named:
                if found is None:
                    refused.append((one, reason))
                elif found.link != (one.serial_number, one.version):
                    refused.append((one, f"it is not what {display(one.serial_number)}/{one.version} names"))
                else:
                    trusted[found.link] = found.dataset
            if not by_digest:
                break
    except UndecidedError as error:
        undecided = f"the directory of documents {error.message}"
    missing = tuple(one for one in wanted if one.sha256 in by_digest)
    return Found(trusted, tuple(refused), missing, undecided)


def _read(path: str, limits: Limits) -> documents.Raw | None:
    """Read a file that may be one of the documents; ``None`` for what cannot be: then it stays missing."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        return documents.read_bytes(path, limits)
    except (OSError, Error):
        return None


class _Trusted(NamedTuple):
    link: tuple[str, int]
    dataset: Dataset


def _judge(raw: documents.Raw, keys: Sequence[PublicKey], limits: Limits) -> tuple[_Trusted | None, str]:
    """Check a document; return its BOM-Link and what it describes, or why it is not trusted."""
    release, dataset, results = releases.examine(raw, Whom(Anchors(keys=tuple(keys))), limits)
    if release is None or dataset is None:
        return None, releases.ignored(raw.path, results, undecided=False).reason
    return _Trusted((release.serial_number, release.document_version), dataset), ""
