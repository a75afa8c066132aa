"""Rows and columns of tables, best effort: ``None`` is unknown, and nothing here ever fails an inventory.

CSV and TSV (RFC 4180; the first record is taken for the header and not counted), JSON Lines (columns: members of the
first object), Parquet (from the footer, with the ``parquet`` extra).
"""

from __future__ import annotations

import csv
import io
import json
from typing import IO

from sbom.model import TableStats

UNKNOWN = TableStats(None, None)

_KINDS = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/x-ndjson": "jsonl",
    "application/vnd.apache.parquet": "parquet",
}


def kind_of(media_type: str | None) -> str:
    """Return the table format behind a media type; empty where there is none."""
    return _KINDS.get(media_type or "", "")


def count(kind: str, data: bytes) -> TableStats:
    """Count a table that is in memory."""
    if kind in {"csv", "tsv"} and b'"' not in data and b"\r" not in data.replace(b"\r\n", b""):
        return _count_plain(data, b"," if kind == "csv" else b"\t")
    return _count(kind, io.BytesIO(data))


def count_stream(kind: str, fd: int) -> TableStats:
    """Count a table from an open file, read from its current position; the descriptor stays open."""
    with open(fd, "rb", closefd=False) as stream:
        return _count(kind, stream)


def _count_plain(data: bytes, delimiter: bytes) -> TableStats:
    """Count a table without quotes: its lines are its records."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    if not lines:
        return TableStats(0, 0)
    return TableStats(len(lines) - 1, lines[0].count(delimiter) + 1)


def _count(kind: str, stream: IO[bytes]) -> TableStats:
    try:
        if kind in {"csv", "tsv"}:
            return _count_csv(stream, "," if kind == "csv" else "\t")
        if kind == "jsonl":
            return _count_json_lines(stream)
        return _count_parquet(stream)
    except (ValueError, csv.Error, RecursionError, ImportError, OSError, MemoryError):
        # Best effort by contract: "unknown" is an answer here, the digest does not depend on it.
        return UNKNOWN


def _count_csv(stream: IO[bytes], delimiter: str) -> TableStats:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        columns, rows = 0, -1
        for record in reader:
            if record:
                rows += 1
                columns = columns or len(record)
        return TableStats(max(rows, 0), columns)
    finally:
        text.detach()


def _count_json_lines(stream: IO[bytes]) -> TableStats:
    rows, columns = 0, None
    for line in stream:
        if line.strip():
            if not rows:
                first = json.loads(line)
                columns = len(first) if isinstance(first, dict) else None
            rows += 1
    return TableStats(rows, columns)


def _count_parquet(stream: IO[bytes]) -> TableStats:
    import pyarrow as pa  # noqa: PLC0415  # an optional extra
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        metadata = pq.read_metadata(stream)
    except pa.ArrowException:
        return UNKNOWN
    return TableStats(int(metadata.num_rows), int(metadata.num_columns))
