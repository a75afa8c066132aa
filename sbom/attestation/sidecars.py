"""The bundles that lie beside a document, or in a directory of their own. Read, and not believed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.attestation import bundle as bundles
from sbom.attestation import statement as statements
from sbom.cyclonedx import document as documents
from sbom.cyclonedx import strict_json
from sbom.errors import Error, UndecidedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.attestation.bundle import Bundle
    from sbom.attestation.statement import Statement

#: How the file of a bundle ends.
SUFFIX: Final = ".sigstore.json"
#: Bundles that are read for one document.
MAX_BUNDLES: Final = 1_000


class Sidecar(NamedTuple):
    """A bundle and the Statement in it, with its path; neither is verified."""

    path: str
    bundle: Bundle
    statement: Statement


class Unreadable(NamedTuple):
    """A file that is called like a bundle, and is none that can be used."""

    path: str
    error: Error


def default_path(document: str, purpose: str = "") -> str:
    """Return where a bundle about a document goes: beside it.

    :param purpose: a part of its name; the release's own signature has none.
    """
    return f"{document}.{purpose}{SUFFIX}" if purpose else f"{document}{SUFFIX}"


def find(document: str, directory: str | None) -> list[str]:
    """List the files that are called like bundles about a document, sorted: beside it, and in a directory.

    :param document: ``-`` has nothing beside it.
    :param directory: every bundle in it, whatever it is about.
    :raises UsageError: when the directory is none.
    :raises UndecidedError: when a directory cannot be listed, or holds too many bundles.
    """
    found: list[str] = []
    if document != documents.STDIN:
        start = f"{os.path.basename(document)}."
        beside = os.path.dirname(document)
        found += [os.path.join(beside, name) for name in _names(beside or ".") if name.startswith(start)]
    if directory is not None:
        if not os.path.isdir(directory):
            raise UsageError("is no directory", path=directory, hint="correct --attestations")
        found += [os.path.join(directory, name) for name in _names(directory)]
    once = {os.path.realpath(path): path for path in reversed(found)}
    if len(once) > MAX_BUNDLES:
        raise UndecidedError(f"has more than {MAX_BUNDLES:,} bundles", path=directory or document)
    return sorted(once.values())


def read(path: str) -> Sidecar:
    """Read a bundle and its Statement.

    :raises Error: when it cannot be read, or is malformed.
    """
    raw = documents.read_bytes(path, strict_json.Limits(size=bundles.MAX_SIZE))
    bundle = bundles.read(raw.data, path)
    return Sidecar(path, bundle, statements.load(bundle.envelope, path))


def load(paths: list[str]) -> Iterator[Sidecar | Unreadable]:
    """Read bundles one after the other."""
    for path in paths:
        try:
            yield read(path)
        except Error as error:
            yield Unreadable(path, error)


def _names(directory: str) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            return [entry.name for entry in entries if entry.name.endswith(SUFFIX)]
    except FileNotFoundError:
        return []  # the document itself is then missed by whoever opens it
    except OSError as error:
        raise UndecidedError(f"cannot be listed: {error.strerror}", path=directory) from error
