"""The bundles that lie beside a document, or in a directory of their own. Read, and not believed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.cyclonedx import document as documents
from sbom.cyclonedx import strict_json
from sbom.errors import Error, LimitError, UndecidedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.attestation.bundle import Bundle
    from sbom.attestation.statement import Statement

#: How the file of a bundle ends.
SUFFIX: Final = ".sigstore.json"
#: Bundles that are read for one document, and their bytes together.
MAX_BUNDLES: Final = 1_000
MAX_BYTES: Final = 1 << 30


class Sidecar(NamedTuple):
    """A bundle and the Statement in it; neither is verified.

    :param beside: it lies beside the document, and is called after it.
    """

    path: str
    bundle: Bundle
    statement: Statement
    beside: bool = False


class Place(NamedTuple):
    """Where a file is that is called like a bundle, and whether that is beside the document."""

    path: str
    beside: bool


class Unreadable(NamedTuple):
    """A file that is called like a bundle, and is none that can be used."""

    path: str
    error: Error


def default_path(document: str, purpose: str = "") -> str:
    """Return where a bundle about a document goes: beside it.

    :param purpose: a part of its name; the release's own signature has none.
    """
    return f"{document}.{purpose}{SUFFIX}" if purpose else f"{document}{SUFFIX}"


def find(document: str, directory: str | None) -> list[Place]:
    """List the files that are called like bundles about a document, sorted: beside it, and in a directory.

    :param document: ``-`` has nothing beside it.
    :param directory: every bundle in it, whatever it is about.
    :raises UsageError: when the directory is none.
    :raises UndecidedError: when a directory cannot be listed, or holds too many bundles.
    """
    found: list[Place] = []
    if document != documents.STDIN:
        # Beside what a link leads to, too: a revocation is put there.
        for path in (document, os.path.realpath(document)) if os.path.islink(document) else (document,):
            start = f"{os.path.basename(path)}."
            beside = os.path.dirname(path)
            names = _names(beside or ".")
            found += [Place(os.path.join(beside, name), beside=True) for name in names if name.startswith(start)]
    if directory is not None:
        if not os.path.isdir(directory):
            raise UsageError("is no directory", path=directory, hint="correct --attestations")
        found += [Place(os.path.join(directory, name), beside=False) for name in _names(directory)]
    once = {os.path.realpath(place.path): place for place in reversed(found)}
    if len(once) > MAX_BUNDLES:
        raise UndecidedError(f"has more than {MAX_BUNDLES:,} bundles", path=directory or document)
    return sorted(once.values())


def read(place: Place) -> Sidecar:
    """Read a bundle and its Statement.

    :raises Error: when it cannot be read, or is malformed.
    """
    from sbom.attestation import bundle as bundles  # noqa: PLC0415  # only where there are any
    from sbom.attestation import statement as statements  # noqa: PLC0415  # only where there are any

    path = place.path
    raw = documents.read_bytes(path, strict_json.Limits(size=bundles.MAX_SIZE))
    bundle = bundles.read(raw.data, path)
    return Sidecar(path, bundle, statements.load(bundle.envelope, path), place.beside)


def load(places: list[Place]) -> Iterator[Sidecar | Unreadable]:
    """Read bundles one after the other."""
    left = MAX_BYTES
    for place in places:
        try:
            if left < 0:
                raise LimitError(f"is one of bundles of more than {MAX_BYTES:,} bytes together", path=place.path)
            one = read(place)
        except Error as error:
            yield Unreadable(place.path, error)
        else:
            left -= len(one.bundle.raw)
            yield one


def _names(directory: str) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            return [entry.name for entry in entries if entry.name.endswith(SUFFIX)]
    except FileNotFoundError:
        return []  # the document itself is then missed by whoever opens it
    except OSError as error:
        raise UndecidedError(f"cannot be listed: {error.strerror}", path=directory) from error
