"""Read the documents of other releases, and keep what a chain is made of. What is not trusted is named, not used."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from sbom.attestation.sidecars import SUFFIX
from sbom.cyclonedx import document as documents
from sbom.errors import Error, LimitError, RefusedError, UndecidedError
from sbom.verification import chain, document, files, signatures
from sbom.verification.report import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.cyclonedx.strict_json import Limits
    from sbom.model import Dataset
    from sbom.verification.report import CheckResult, SignerResult
    from sbom.verification.whom import Whom

_MAX_DOCUMENTS = 10_000
_SPACE = b" \t\r\n"
_START = 64


def listing(directory: str) -> list[str]:
    """List the documents of a chain directory: its regular files, not those of its subdirectories, and no bundles.

    :raises UndecidedError: when it cannot be listed, or holds too many files.
    """
    try:
        with os.scandir(directory) as entries:
            paths = sorted(entry.path for entry in entries if not entry.is_dir() and not entry.name.endswith(SUFFIX))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise UndecidedError(f"cannot be listed: {reason}", path=directory) from error
    if len(paths) > _MAX_DOCUMENTS:
        raise UndecidedError(f"holds more than {_MAX_DOCUMENTS:,} files", path=directory)
    return paths


def judge(path: str, whom: Whom, limits: Limits) -> tuple[chain.Release | None, list[CheckResult]]:
    """Check a document, its signatures and its root as :func:`sbom.verification.run.verify` does.

    :return: the release when all of that held, and the results.
    :raises Error: when the file cannot be read.
    """
    return _judge(documents.read_bytes(path, limits), whom, limits)


def _judge(raw: documents.Raw, whom: Whom, limits: Limits) -> tuple[chain.Release | None, list[CheckResult]]:
    judged = examine(raw, whom, limits)
    return judged.release, judged.results


class Judged(NamedTuple):
    """A document after its own checks; ``release`` and ``dataset`` are ``None`` unless all of them held."""

    release: chain.Release | None
    dataset: Dataset | None
    results: list[CheckResult]


def examine(raw: documents.Raw, whom: Whom | None, limits: Limits) -> Judged:
    """Check a document's form, its signatures and its root.

    :param whom: ``None``: the signatures are not looked at, for callers who then say so.
    """
    examined = document.examine(raw, limits)
    results = list(examined.results)
    signers: tuple[SignerResult, ...] = ()
    if examined.document is not None and examined.valid and whom is not None:
        found = signatures.check(examined.document, examined.dataset, whom)
        results.extend(found.results)
        signers = found.signers
    if examined.dataset is not None:
        results.append(files.root(examined.dataset))
    if examined.document is None or examined.dataset is None or not all_good(results):
        return Judged(None, None, results)
    return Judged(chain.release_of(examined.document, examined.dataset, signers), examined.dataset, results)


def all_good(results: Sequence[CheckResult]) -> bool:
    """Tell whether every check that was made held, and none that had to be made was left out."""
    return bool(results) and all(
        result.status is Status.PASS or (result.status is Status.SKIPPED and not result.required) for result in results
    )


def ignored(path: str, results: Sequence[CheckResult], *, undecided: bool) -> chain.Ignored:
    """Say why a document that was judged is no release to rely on."""
    bad = [result for result in results if result.status in {Status.FAIL, Status.ERROR}]
    digests = [result.evidence.get("sha256") for result in results if result.id == "bom.parse"]
    return chain.Ignored(
        path,
        bad[0].sentence if bad else "not every check of it could be made",
        undecided,
        next((digest for digest in digests if isinstance(digest, str)), None),
    )


def load_directory(directory: str, whom: Whom, limits: Limits) -> tuple[list[chain.Release], list[chain.Ignored]]:
    """Load every trusted release of a directory.

    What is no document at all is ignored. What may be one but cannot be looked at is ignored as undecided.

    :raises UndecidedError: when the directory cannot be listed.
    """
    found: list[chain.Release] = []
    left: list[chain.Ignored] = []
    for path in listing(directory):
        raw = read(path, limits)
        if isinstance(raw, chain.Ignored):
            left.append(raw)
            continue
        release, results = _judge(raw, whom, limits)
        if release is not None:
            found.append(release)
        else:
            left.append(ignored(path, results, undecided=over_limits(raw, limits)))
    return found, left


def read(path: str, limits: Limits) -> documents.Raw | chain.Ignored:
    """Read a file of a chain directory; or say why it is none of the documents, or may be one after all."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return chain.Ignored(path, "it is not a regular file")
        return documents.read_bytes(path, limits)
    except LimitError as error:
        return chain.Ignored(path, f"it {error.message}", undecided=_may_be_document(path))
    except Error as error:
        return chain.Ignored(path, f"it {error.message}", undecided=True)
    except OSError as error:
        return chain.Ignored(path, f"it cannot be read: {error.strerror}", undecided=True)


def _may_be_document(path: str) -> bool:
    """Tell whether a file that is too large starts as a document does: an archive beside the documents does not."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as stream:
            start = stream.read(_START) or b""
    except OSError:
        return True
    return start.lstrip(_SPACE)[:1] in {b"{", b""}


def over_limits(raw: documents.Raw, limits: Limits) -> bool:
    """Tell whether a document was refused for its size only, so that nobody knows what it says."""
    if not raw.data.lstrip(_SPACE).startswith(b"{"):
        return False
    try:
        documents.parse(raw, limits)
    except LimitError:
        return True
    except (RefusedError, UndecidedError):
        return False
    return False
