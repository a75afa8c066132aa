"""Checkpoints of Delta tables: Parquet, read with pyarrow (extra ``parquet``) and within bounds.

Specification: Delta Transaction Log Protocol, section "Checkpoints". Classic checkpoints (one file, or several parts)
are read; V2 checkpoints with sidecars are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sbom.manifests.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.interface import Given

#: Bytes that a checkpoint's columns have when they are unpacked.
_MAX_UNPACKED = 512 << 20
_MAX_ROWS = 2_000_000
_MAX_PARTS = 1_000
_MAX_PART = 16 << 20
_ACTIONS = ("add", "metaData", "protocol")
#: Columns of ``add`` that matter; the rest (statistics by column, partition values) is large.
_ADD = ("add.path", "add.size", "add.stats", "add.deletionVector")


def actions(given: Given, log: str, version: int, parts: int | None) -> Iterator[dict[str, object]]:
    """Yield the actions of a checkpoint, as they would stand in a commit.

    :param log: the log's directory, relative to the root.
    :param parts: how many files it has, where there are several.
    :raises ManifestError: when it is not there, cannot be read, or is larger than the bounds.
    """
    if parts is not None and not 1 <= parts <= _MAX_PARTS:
        raise ManifestError(f"it has {parts} parts")
    paths = [f"{log}/{version:020}.checkpoint.parquet"]
    if parts is not None:
        paths = [f"{log}/{version:020}.checkpoint.{number:010}.{parts:010}.parquet" for number in range(1, parts + 1)]
    room = _MAX_UNPACKED
    for path in paths:
        data = given.other(path, _MAX_PART)
        for unpacked, found in _rows(data, room):
            room = unpacked
            yield found


def _rows(data: bytes, room: int) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield what is left of the room, and an action."""
    try:
        import pyarrow as pa  # noqa: PLC0415  # heavy, and an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise ManifestError('a checkpoint is Parquet; to read it, install the extra "parquet"') from error
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        meta = file.metadata
        room -= sum(meta.row_group(index).total_byte_size for index in range(meta.num_row_groups))
        if room < 0 or meta.num_rows > _MAX_ROWS:
            raise ManifestError("it is too large to be read")
        names = {name for name in file.schema_arrow.names if name in _ACTIONS}
        if "add" not in names:
            raise ManifestError("it is no checkpoint")
        wanted = [*_ADD, *(name for name in names if name != "add")]
        for batch in file.iter_batches(batch_size=10_000, columns=wanted):
            for row in batch.to_pylist():
                for name in names:
                    if row.get(name) is not None:
                        yield room, {name: cast("object", row[name])}
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise ManifestError(f"it is not Parquet that can be read ({type(error).__name__})") from error
