"""Rows and columns: right for what can be counted, unknown for what cannot, and never an error."""

from __future__ import annotations

import io
import os
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.inventory import stats
from sbom.inventory.stats import UNKNOWN
from sbom.model import TableStats

TABLES = [
    ("csv", b"", (0, 0)),
    ("csv", b"\xef\xbb\xbf", (0, 0)),
    ("csv", b"\n\n\r\n", (0, 0)),
    ("csv", b"a,b\n", (0, 2)),
    ("csv", b"a,b", (0, 2)),
    ("csv", b"a,b\n1,2\n3,4\n", (2, 2)),
    ("csv", b"a,b\n1,2\n3,4", (2, 2)),
    ("csv", b"a,b\r\n1,2\r\n3,4\r\n", (2, 2)),
    ("csv", b"a,b\r1,2\r3,4\r", (2, 2)),
    ("csv", b"\xef\xbb\xbfa,b\n1,2\n", (1, 2)),
    ("csv", b'\xef\xbb\xbf"a,b",c\n1,2\n', (1, 2)),
    ("csv", b'"a","b"\n"1\n1","x,y"\n', (1, 2)),
    ("csv", b'"a","b"\r\n"1\r\n1","x""y"\r\n', (1, 2)),
    ("csv", b'"a\rb",c\n', (0, 2)),
    ("csv", b"a,b\n\n1,2\n\n", (1, 2)),
    ("csv", b"a\n \nb\n", (2, 1)),
    ("csv", b"a,b,c\n1\n1,2,3,4\n", (2, 3)),
    ("csv", "é,ü\n1,2\n".encode("latin-1"), (1, 2)),
    ("csv", '"é",ü\n1,2\n'.encode("latin-1"), (1, 2)),
    ("csv", "日,本\n1,2\n".encode(), (1, 2)),
    ("csv", b",\n,\n", (1, 2)),
    ("tsv", b"a\tb,c\n\t\n", (1, 2)),
    ("tsv", b'"a\tb"\tc\n1\t2\n', (1, 2)),
    ("jsonl", b"", (0, None)),
    ("jsonl", b'{"a": 1, "b": {"c": 2}}\n{"a": 2}\n', (2, 2)),
    ("jsonl", b'{"a": 1}', (1, 1)),
    ("jsonl", b'\n{"a": 1}\r\n\n', (1, 1)),
    ("jsonl", b"\xef\xbb\xbf{}\n", (1, 0)),
    ("jsonl", b"[1, 2]\n[3, 4]\n", (2, None)),
]
BROKEN = [
    ("csv", b'"a,b\n'),
    ("csv", b'"a"b,c\n'),
    ("csv", b"a,b\n1,\x002\n"),
    ("csv", "a,b\n1,2\n".encode("utf-16")),
    ("csv", b'"' + b"x" * 200_000 + b'"\n'),
    ("jsonl", b"{broken\n"),
    ("jsonl", b"\xff\xfe\xfd\n"),
    ("jsonl", b"[" * 100_000),
    ("jsonl", b"1" * 10_000),
    ("parquet", b""),
    ("parquet", b"PAR1"),
    ("parquet", b"PAR1" + b"\xff" * 100 + b"\x64\0\0\0PAR1"),
]


def counted_as_stream(kind, data, tmp_path):
    (tmp_path / "table").write_bytes(data)
    fd = os.open(tmp_path / "table", os.O_RDONLY)
    try:
        result = stats.count_stream(kind, fd)
        os.fstat(fd)  # is open still
        return result
    finally:
        os.close(fd)


@pytest.mark.parametrize(("kind", "data", "expected"), TABLES)
def test_tables(kind, data, expected, tmp_path):
    assert stats.count(kind, data) == TableStats(*expected)
    assert counted_as_stream(kind, data, tmp_path) == TableStats(*expected)


@pytest.mark.parametrize(("kind", "data"), BROKEN)
def test_broken_tables_are_unknown(kind, data, tmp_path):
    assert stats.count(kind, data) == UNKNOWN
    assert counted_as_stream(kind, data, tmp_path) == UNKNOWN


def test_a_line_too_long_to_hold_is_unknown(monkeypatch):
    monkeypatch.setattr(stats, "_MAX_LINE", 1000)
    assert stats.count("jsonl", b'{"a": "' + b"x" * 1000 + b'"}\n') == UNKNOWN
    assert stats._count("csv", io.BytesIO(b"x," * 1000 + b"\n")) == UNKNOWN
    assert stats._count("csv", io.BytesIO(b"x,y\n" * 1000)) == TableStats(999, 2)


def test_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]}), tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    assert stats.count("parquet", data) == TableStats(3, 2)
    assert counted_as_stream("parquet", data, tmp_path) == TableStats(3, 2)
    assert stats.count("parquet", data[:-5]) == UNKNOWN


def test_parquet_without_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert stats.count("parquet", b"PAR1") == UNKNOWN


def test_kinds():
    assert stats.kind_of("text/csv") == "csv"
    assert stats.kind_of("application/vnd.apache.parquet") == "parquet"
    assert stats.kind_of("text/plain") == ""
    assert stats.kind_of(None) == ""


@settings(deadline=None)
@given(st.sampled_from(["csv", "tsv"]), st.text(alphabet='ab,\t\n\r "é\0', max_size=40))
def test_memory_and_stream_agree(kind, text):
    data = text.encode()
    in_memory = stats.count(kind, data)
    streamed = stats._count(kind, io.BytesIO(data))
    assert in_memory == streamed


@settings(deadline=None)
@given(st.sampled_from(["csv", "tsv", "jsonl", "parquet"]), st.binary(max_size=60))
def test_nothing_is_ever_raised(kind, data):
    rows, columns = stats.count(kind, data)
    assert rows is None or rows >= 0
    assert columns is None or columns >= 0
