"""The digest of each row of a table, by which it is found again in other tables and other releases.

A row is its values, not the way in which they are written: quotes, line ends and the order of members make no
difference (``docs/format.md``, "Digests of rows", says what exactly is hashed). Rows of CSV and TSV match each other;
those of other formats match rows of their own format only.
"""

from __future__ import annotations

import csv
import json
from hashlib import sha256
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, NoReturn

from sbom.errors import DataError, MissingExtraError
from sbom.inventory.stats import DELIMITERS, MARK, lines, physical_lines
from sbom.transformation import ROW_DIGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Characters of one field at most.
_MAX_FIELD = 32 << 20
_HINT = "correct the table, or leave it out of --record-digests"


def digest_rows(kind: str, stream: IO[bytes]) -> bytes:
    """Return the digests of the rows of a table, in their order, :data:`~sbom.transformation.ROW_DIGEST` bytes each.

    :param kind: as :func:`sbom.inventory.stats.kind_of` says it. The first record of CSV and TSV is no row.
    :param stream: at its start.
    :raises DataError: when it cannot be read as such a table.
    :raises MissingExtraError: for Parquet without the ``parquet`` extra.
    """
    try:
        if kind in DELIMITERS:
            return _digests(map(_record, _records(stream, DELIMITERS[kind])))
        if kind == "jsonl":
            return _digests(_value(json.loads(line, **_STRICT)) for line in lines(stream) if line.strip())
        return _digests(map(_value, _parquet(stream)))
    except (ValueError, csv.Error, RecursionError, OverflowError) as error:
        reason = str(error) or "too deeply nested"
        raise DataError(f"a row of it cannot be read: {reason}", hint=_HINT) from error


def find(digests: bytes, digest: bytes) -> list[int]:
    """Return the numbers of the rows with a digest, from 1."""
    found: list[int] = []
    at = digests.find(digest)
    while at >= 0:
        # A digest may seem to stand where the end of one and the start of the next one do.
        if at % ROW_DIGEST == 0:
            found.append(at // ROW_DIGEST + 1)
        at = digests.find(digest, at + 1)
    return found


def _digests(rows: Iterable[bytes]) -> bytes:
    return b"".join([sha256(row).digest()[:ROW_DIGEST] for row in rows])


def _record(fields: Sequence[str]) -> bytes:
    """Return a record of CSV as netstrings: no field can be taken for two."""
    parts = [field.encode("latin-1") for field in fields]
    return b"".join([b"%d:%b," % (len(part), part) for part in parts])


def _records(stream: IO[bytes], delimiter: str) -> Iterator[list[str]]:
    """Yield the records of a table after the first one. Latin-1 keeps every byte of UTF-8 and its ancestors."""
    texts = (line.decode("latin-1") for line in lines(stream))
    first = next(texts, "").removeprefix(MARK)
    before = csv.field_size_limit(_MAX_FIELD)
    try:
        records = csv.reader(physical_lines(chain([first], texts)), delimiter=delimiter, strict=True)
        filled = (record for record in records if record)
        next(filled, None)
        yield from filled
    finally:
        csv.field_size_limit(before)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "an object has one member twice"
        raise ValueError(msg)
    return found


def _constant(text: str) -> NoReturn:
    msg = f"{text} is no JSON"
    raise ValueError(msg)


_STRICT: dict[str, Any] = {"object_pairs_hook": _members, "parse_constant": _constant}


def _value(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_typed).encode()


def _typed(value: object) -> str:
    """Return what JSON has no form of: bytes, decimals, dates."""
    return f"{type(value).__name__} {value.hex() if isinstance(value, bytes) else value}"


def _parquet(stream: IO[bytes]) -> Iterator[dict[str, object]]:
    try:
        import pyarrow as pa  # noqa: PLC0415  # an optional extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        hint = "pip install 'data-sbom[parquet]'"
        raise MissingExtraError("digests of the rows of Parquet files need the parquet extra", hint=hint) from error

    try:
        with pq.ParquetFile(stream) as file:
            names = file.schema_arrow.names
            if len(set(names)) != len(names):
                msg = "two columns have one name"
                raise ValueError(msg)
            for batch in file.iter_batches():
                columns = [column.cast(pa.int64()) if _is_moment(pa, column.type) else column for column in batch]
                yield from pa.RecordBatch.from_arrays(columns, names=names).to_pylist()
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _is_moment(pa: Any, kind: Any) -> bool:  # noqa: ANN401  # pyarrow has no types
    """Tell whether values may be finer than Python's own times: their number is taken instead."""
    found: bool = pa.types.is_timestamp(kind) or pa.types.is_duration(kind) or pa.types.is_time64(kind)
    return found
