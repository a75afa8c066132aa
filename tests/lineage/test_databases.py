"""The shells of databases on command lines."""

from __future__ import annotations

import pytest
from shell_texts import command, said, short

pytest.importorskip("sqlglot")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sqlite3 d.db 'SELECT * FROM a'", "<d.db"),
        ("sqlite3 -csv d.db 'SELECT * FROM a' > out.csv", "<d.db >out.csv"),
        ("sqlite3 d.db '.import data/list.txt t'", "<data/list.txt >d.db"),
        ("sqlite3 d.db <<E\nINSERT INTO t VALUES (1);\n.output x\nE", "<d.db >d.db >x"),
        ("sqlite3 d.db < load.sql", "<in.csv >d.db"),
        ("sqlite3 d.db .dump > x", "<d.db >x"),
        ("sqlite3 :memory: '.import a t'; sqlite3", "<a >table:t"),
        ("duckdb -c \"COPY (SELECT * FROM 'a.csv') TO 'b.parquet'\"", "<a.csv >b.parquet"),
        ("duckdb d.duckdb -f load.sql", "<in.csv >d.duckdb"),
        ("duckdb d.duckdb -s 'SELECT 1' < data/list.txt", "<data/list.txt"),
        ("psql -d x -c 'SELECT * FROM a' -o out", "<table:a >out"),
        ("psql x -f load.sql; mysql -u x -e 'SELECT * FROM b' db", "<in.csv >table:t <table:b"),
        ("mysql db < load.sql", "<in.csv >table:t"),
    ],
)  # fmt: skip
def test_databases(tmp_path, text, expected) -> None:
    found = command(tmp_path, text, files={"load.sql": ".import in.csv t\n", "data/list.txt": ""})
    assert " ".join(short(found)) == expected
    assert not found.problems
    assert ("load.sql" in found.scripts) == ("load.sql" in text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('psql -c "SELECT $X"', "runs SQL that is not known"),
        ("sqlite3 $DB 'SELECT 1'", "or in a database or directory that is not known"),
        ("cd /x; psql -c 'SELECT 1'", "or in a database or directory that is not known"),
        ("psql -f gone.sql", "gone.sql: cannot be read"),
        ("psql -c 'SELECT FROM WHERE'", "dvc.yaml: runs SQL that cannot be parsed (line 4) (line 4)"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, text, problem) -> None:
    found = command(tmp_path, text)
    assert problem in said(found)
    assert not found.accesses
