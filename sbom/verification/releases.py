"""Read the documents of other releases, and keep what a chain is made of. What is not trusted is named, not used."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from sbom.cyclonedx.document import read_bytes
from sbom.errors import Error, UndecidedError
from sbom.verification import chain, document, signatures
from sbom.verification.report import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.cyclonedx.strict_json import Limits
    from sbom.signing.keys import PublicKey
    from sbom.verification.report import CheckResult

_MAX_DOCUMENTS = 10_000


def listing(directory: str) -> list[str]:
    """List the documents of a chain directory: its regular files, not those of its subdirectories.

    :raises UndecidedError: when it cannot be listed, or holds too many files.
    """
    try:
        with os.scandir(directory) as entries:
            paths = sorted(entry.path for entry in entries if not entry.is_dir())
    except OSError as error:
        raise UndecidedError(f"cannot be listed: {error.strerror}", path=directory) from error
    if len(paths) > _MAX_DOCUMENTS:
        raise UndecidedError(f"holds more than {_MAX_DOCUMENTS:,} files", path=directory)
    return paths


def judge(
    path: str, keys: Sequence[PublicKey], required: int, limits: Limits
) -> tuple[chain.Release | None, list[CheckResult]]:
    """Check a document and its signatures as :func:`sbom.verification.run.verify` does.

    :return: the release when all of that held, and the results.
    :raises Error: when the file cannot be read.
    """
    raw = read_bytes(path, limits)
    examined = document.examine(raw, limits)
    results = list(examined.results)
    if examined.document is not None and examined.valid:
        results.extend(signatures.check(examined.document, keys, required).results)
    if examined.document is None or examined.dataset is None or not _all_good(results):
        return None, results
    return chain.release_of(examined.document, examined.dataset), results


def _all_good(results: list[CheckResult]) -> bool:
    return all(
        result.status is Status.PASS or (result.status is Status.SKIPPED and not result.required) for result in results
    )


def load_directory(
    directory: str, keys: Sequence[PublicKey], required: int, limits: Limits
) -> tuple[list[chain.Release], list[chain.Ignored]]:
    """Load every trusted release of a directory.

    :raises UndecidedError: when the directory cannot be listed.
    """
    found: list[chain.Release] = []
    ignored: list[chain.Ignored] = []
    for path in listing(directory):
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                ignored.append(chain.Ignored(path, "it is not a regular file"))
                continue
            release, results = judge(path, keys, required, limits)
        except (Error, OSError) as error:
            ignored.append(chain.Ignored(path, getattr(error, "message", None) or str(error)))
            continue
        if release is not None:
            found.append(release)
        else:
            bad = next(result for result in results if result.status is not Status.PASS)
            ignored.append(chain.Ignored(path, bad.sentence))
    return found, ignored
