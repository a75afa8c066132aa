"""Digests of rows: the same for the same values, another one for all others."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

import pytest

from sbom.errors import DataError
from sbom.lineage.rows import digest_rows, find


def digest(kind: str, data: bytes) -> bytes:
    return digest_rows(kind, io.BytesIO(data))


def test_the_header_is_no_row_and_the_form_is_documented():
    assert digest("csv", b"a,b\n1,xy\n") == sha256(b"1:1,2:xy,").digest()[:16]
    assert digest("jsonl", b'{"b": 1.50, "a": "\xc3\xa4"}\n') == sha256(b'{"a":"\\u00e4","b":1.5}').digest()[:16]


@pytest.mark.parametrize(
    "data",
    [b'h\n"1",2\n', b"h\r\n1,2\r\n", b"h\r1,2\r", b"\xef\xbb\xbfh\n\n1,2\n\n", b"h\n1,2"],
)
def test_how_a_row_of_csv_is_written_makes_no_difference(data):
    assert digest("csv", data) == digest("csv", b"h\n1,2\n") == digest("tsv", b"h\n1\t2\n")


@pytest.mark.parametrize("data", [b"h\n12,\n", b"h\n,12\n", b"h\n1:2\n", b'h\n"1,2"\n', b"h\n1,2,\n", b"h\n1, 2\n"])
def test_other_values_have_another_digest(data):
    assert digest("csv", data) != digest("csv", b"h\n1,2\n")


def test_a_field_with_line_ends_is_one_field():
    assert len(digest("csv", b'h\n"a\nb",2\nc,3\n')) == 32


def test_a_large_field_is_read(monkeypatch):
    assert len(digest("csv", b"h\n" + b"x" * 200_000 + b"\n")) == 16


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b'{"a":1,"b":2}', b'{ "b": 2, "a": 1 }', True),
        (b'{"a":1}', b'{"a":1.0}', False),
        (b'{"a":1}', b'{"a":"1"}', False),
        (b'{"a":[1,2]}', b'{"a":[2,1]}', False),
        (b'{"a":10000000000000000000000001}', b'{"a":10000000000000000000000002}', False),
        (b'{"a":null}', b"{}", False),
    ],
)
def test_rows_of_json_lines(one, other, same):
    assert (digest("jsonl", one + b"\n") == digest("jsonl", b"\n" + other)) == same


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("jsonl", b'{"a":1,"a":2}\n'),
        ("jsonl", b'{"a":NaN}\n'),
        ("jsonl", b"{\n"),
        ("jsonl", b"\xff\n"),
        ("jsonl", b"[" * 100_000 + b"]" * 100_000),
        ("csv", b'h\n"x\n'),
        ("csv", b"h\nx\0\n"),
        ("parquet", b"PAR1"),
    ],
)
def test_what_is_no_table(kind, data):
    with pytest.raises(DataError, match="cannot be read"):
        digest(kind, data)


def parquet(table) -> bytes:
    pq = pytest.importorskip("pyarrow.parquet")
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def test_rows_of_parquet():
    pa = pytest.importorskip("pyarrow")
    table = pa.table({
        "when": pa.array([1, 2, 1], pa.timestamp("ns")),
        "what": [b"\xff", b"\xfe", b"\xff"],
        "much": [Decimal("1.10"), Decimal("1.20"), Decimal("1.10")],
        "day": [datetime(2026, 1, 1, tzinfo=UTC).date()] * 3,
    })  # fmt: skip
    found = digest("parquet", parquet(table))
    assert len(found) == 48
    assert found[:16] == found[32:] != found[16:32]
    # The order of columns and the size of groups make no difference.
    assert digest("parquet", parquet(table.select(["day", "much", "what", "when"]))) == found


def test_two_columns_of_one_name():
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(DataError, match="one name"):
        digest("parquet", parquet(table))


def test_parquet_without_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    from sbom.errors import MissingExtraError  # noqa: PLC0415  # the one that is expected

    with pytest.raises(MissingExtraError, match="parquet extra"):
        digest("parquet", b"")


def test_a_digest_is_found_where_it_stands_and_nowhere_between():
    one, other = bytes(16), b"\0" * 15 + b"\1"
    assert find(one + other + one, one) == [1, 3]
    assert find(other + one, one) == [2]
    assert find(b"\1" + bytes(16) + b"\1" * 15, one) == []
    assert find(b"", one) == []
