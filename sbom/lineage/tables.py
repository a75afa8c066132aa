"""Row digests of tables, for those that the caller wants rows to be found again of."""

from __future__ import annotations

import hashlib
import os
from typing import IO, TYPE_CHECKING

from sbom.errors import DataError, UnreadableError, UnstableError, UsageError
from sbom.inventory import files, mediatypes, selection, stats
from sbom.transformation import Rows, inside, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sbom.model import Dataset
    from sbom.transformation import Step

_CHUNK = 1 << 20


def digest(  # noqa: PLR0913, PLR0917  # where tables can lie, and which ones are wanted
    globs: tuple[str, ...], root: str, workspace: str, prefix: str, dataset: Dataset, steps: Sequence[Step]
) -> tuple[Rows, ...]:
    """Digest the rows of tables that match: files of the dataset, and what steps read and wrote if it is still there.

    :raises UsageError: when nothing matches.
    :raises DataError: when a table of the dataset cannot be read as one.
    :raises UnstableError: when a file of the dataset changed meanwhile.
    """
    if not globs:
        return ()
    selection.check(globs)
    found: list[Rows] = []
    for entry in dataset.files:
        name = under(prefix, entry.path)
        kind = stats.kind_of(entry.media_type)
        if kind and entry.link is None and (selection.matches(entry.path, globs) or selection.matches(name, globs)):
            rows = _rows(root, entry.path, kind, entry.sha256)
            if rows is None:
                raise UnstableError("changed while it was read", path=entry.path, hint="let writers finish first")
            found.append(Rows(name, entry.sha256, rows))
    known = {(one.name, one.sha256) for one in found}
    for name, sha256 in _others(steps, prefix, globs):
        kind = stats.kind_of(mediatypes.media_type(name))
        if kind and (name, sha256) not in known:
            try:
                rows = _rows(workspace, name, kind, sha256)
            except (UnreadableError, DataError):
                # What a step left behind need not be there any more: then nobody knows its rows.
                continue
            if rows is not None:
                known.add((name, sha256))
                found.append(Rows(name, sha256, rows))
    if not found:
        raise UsageError(
            "no table matches --record-digests", hint="it takes globs of CSV, TSV, JSON Lines or Parquet files"
        )
    return tuple(sorted(found))


def _others(steps: Iterable[Step], prefix: str, globs: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for step in steps:
        for edge in (*step.inputs, *step.outputs):
            if edge.sha256 is not None and edge.is_file:
                path = inside(prefix, edge.name)
                if selection.matches(edge.name, globs) or (path is not None and selection.matches(path, globs)):
                    yield edge.name, edge.sha256


def _rows(base: str, path: str, kind: str, sha256: str) -> bytes | None:
    """Digest the rows of one file; ``None`` when its content is not what is expected."""
    from sbom.lineage.rows import digest_rows  # noqa: PLC0415  # only where rows are wanted

    root_fd = files.open_root(base)
    opener = files.Opener(root_fd)
    try:
        with os.fdopen(opener.open(path), "rb") as stream:
            if _sha256(stream) != sha256:
                return None
            stream.seek(0)
            return digest_rows(kind, stream)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", path=path) from error
    finally:
        opener.close()
        os.close(root_fd)


def _sha256(stream: IO[bytes]) -> str:
    hasher = hashlib.sha256()
    while part := stream.read(_CHUNK):
        hasher.update(part)
    return hasher.hexdigest()
