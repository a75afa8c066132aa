"""Rows and columns of tables, best effort: ``None`` is unknown, and nothing here ever fails an inventory.

CSV and TSV (RFC 4180; the first record is taken for the header and not counted), JSON Lines (columns: members of the
first object), Parquet (from the footer, with the ``parquet`` extra).
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from itertools import chain
from typing import IO, TYPE_CHECKING

from sbom.model import TableStats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNKNOWN = TableStats(None, None)

#: Bytes of one line at most; files that are counted by default are not larger.
_MAX_LINE = 32 << 20
#: The separator of fields, by table format.
DELIMITERS = {"csv": ",", "tsv": "\t"}
#: What UTF-8 may start with, as Latin-1 reads it.
MARK = codecs.BOM_UTF8.decode("latin-1")

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
    if kind in DELIMITERS and b'"' not in data and b"\0" not in data:
        lines = data.replace(b"\r\n", b"\n")
        if b"\r" not in lines:
            return _count_plain(lines.removeprefix(codecs.BOM_UTF8), DELIMITERS[kind].encode())
    return _count(kind, io.BytesIO(data))


def count_stream(kind: str, fd: int) -> TableStats:
    """Count a table from an open file, read from its current position; the descriptor stays open."""
    with open(fd, "rb", closefd=False) as stream:
        return _count(kind, stream)


def _count_plain(data: bytes, delimiter: bytes) -> TableStats:
    """Count a table without quotes, whose lines are its records; empty lines are none (as for the csv module)."""
    lines = [line for line in data.split(b"\n") if line]
    if not lines:
        return TableStats(0, 0)
    return TableStats(len(lines) - 1, lines[0].count(delimiter) + 1)


def _count(kind: str, stream: IO[bytes]) -> TableStats:
    try:
        if kind in DELIMITERS:
            return _count_csv(stream, DELIMITERS[kind])
        if kind == "jsonl":
            return _count_json_lines(stream)
        return _count_parquet(stream)
    except (ValueError, csv.Error, RecursionError, ImportError, OSError, MemoryError):
        # Best effort by contract: "unknown" is an answer here, the digest does not depend on it.
        return UNKNOWN


def lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield lines, each of a length that fits into memory."""
    while line := stream.readline(_MAX_LINE):
        if len(line) == _MAX_LINE:
            msg = "a line too long to count"
            raise ValueError(msg)
        yield line


def _count_csv(stream: IO[bytes], delimiter: str) -> TableStats:
    # Delimiters, quotes and line ends are ASCII: Latin-1 finds them in UTF-8 and in its ancestors alike.
    texts = (line.decode("latin-1") for line in lines(stream))
    first = next(texts, "").removeprefix(MARK)
    columns, rows = 0, -1
    for record in csv.reader(physical_lines(chain([first], texts)), delimiter=delimiter, strict=True):
        if record:
            rows += 1
            columns = columns or len(record)
    return TableStats(max(rows, 0), columns)


def physical_lines(texts: Iterable[str]) -> Iterator[str]:
    """Split at bare carriage returns too, which end a line where an old Macintosh wrote it."""
    for text in texts:
        if "\0" in text:
            msg = "a NUL, which no text holds"
            raise ValueError(msg)
        if "\r" in text.rstrip("\r\n"):
            yield from io.StringIO(text, newline="")
        else:
            yield text


def _count_json_lines(stream: IO[bytes]) -> TableStats:
    rows, columns = 0, None
    for line in lines(stream):
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
