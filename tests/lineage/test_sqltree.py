"""What one statement of SQL reads and writes; a table of statements."""

from __future__ import annotations

import pytest

pytest.importorskip("sqlglot")

from sbom.lineage import sql

CASES = [
    # tables
    ("SELECT * FROM a JOIN s.b USING (x), c", "<table:a <table:s.b <table:c"),
    ("INSERT INTO t SELECT * FROM a WHERE x IN (SELECT y FROM b)", "<table:a <table:b >table:t"),
    ("INSERT INTO t (a) VALUES (1), (2)", ">table:t"),
    ("CREATE TABLE t AS SELECT 1; SELECT * FROM t", ">table:t <table:t"),
    ("CREATE TABLE t (a INT)", ">table:t"),
    ("CREATE VIEW v AS SELECT * FROM a", "<table:a >table:v"),
    ("CREATE TEMP TABLE t AS SELECT * FROM a; SELECT * FROM t", "<table:a"),
    ("CREATE TABLE t AS SELECT * FROM a; DROP TABLE t; DROP TABLE b", "<table:a"),
    ("CREATE INDEX i ON t (a)", ""),
    ("UPDATE t SET x = 1 FROM a WHERE a.y = t.y", "<table:a >table:t"),
    ("DELETE FROM t WHERE x IN (SELECT y FROM a)", "<table:a >table:t"),
    ("MERGE INTO t USING a ON t.x = a.x WHEN MATCHED THEN UPDATE SET y = 1", "<table:a >table:t"),
    ("TRUNCATE TABLE t", ">table:t"),
    ("ALTER TABLE t ADD COLUMN x INT", ">table:t"),
    ("SELECT * INTO t FROM a", "<table:a >table:t"),
    ("WITH x AS (SELECT * FROM a), y AS (SELECT * FROM x) SELECT * FROM y, X, z", "<table:a <table:z"),
    ("WITH x AS (SELECT * FROM x) SELECT * FROM x", "<table:x"),
    ("WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT * FROM x) SELECT * FROM x", ""),
    ("SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) s, x", "<table:x"),
    ("SELECT * FROM information_schema.tables, sqlite_master", ""),
    ("SELECT 1; SET x = 1; BEGIN; COMMIT; PRAGMA foo", ""),
    ("CREATE TABLE #t (a INT); INSERT INTO #t VALUES (1); SELECT * INTO #u FROM a; SELECT * FROM #u", "<table:a"),
    ("SELECT * INTO TEMP u FROM a; SELECT * FROM u", "<table:a"),
    ("INSERT INTO s.t VALUES (1); INSERT INTO", ">table:s.t"),
    ("INSERT OVERWRITE DIRECTORY x SELECT 1; LOAD DATA INFILE 'a'; EXPORT DATABASE d", "<a"),
    ("DROP INDEX i; DROP SCHEMA s; CREATE SCHEMA s; CREATE FUNCTION f() AS 1; DROP VIEW x.v", ""),
    ("UPDATE t JOIN a ON 1=1 SET x = 1", "<table:a >table:t"),
    ("SELECT * FROM t CROSS JOIN UNNEST(t.x) AS u, GENERATE_SERIES(1, 2)", "<table:t"),
    # files
    ("SELECT * FROM 'a.csv' JOIN \"b.parquet\" ON 1=1", "<a.csv <b.parquet"),
    ("SELECT * FROM read_csv('a.csv', header = true), read_parquet(['b.parquet', 'c.parquet'])", "<a.csv <b.parquet <c.parquet"),
    ("SELECT * FROM read_parquet('d/*.parquet'); SELECT * FROM read_csv(x)", "<d/"),
    ("SELECT * FROM read_json_auto('s3://b/k.json')", "<s3://b/k.json"),
    ("COPY (SELECT * FROM a) TO 'out.csv' (HEADER)", "<table:a >out.csv"),
    ("COPY t TO 'out' (FORMAT parquet, PARTITION_BY (x))", "<table:t >out/"),
    ("COPY t FROM 'in.csv'", "<in.csv >table:t"),
    ("EXPORT DATABASE 'd'; IMPORT DATABASE 'e'", ">d/ <e/"),
    ("LOAD DATA INFILE 'a.csv' INTO TABLE s.t FIELDS TERMINATED BY ','", "<a.csv >table:s.t"),
    ("LOAD DATA INPATH 'a.csv' INTO TABLE t", "<a.csv >table:t"),
    ("BULK INSERT t FROM 'a.csv' WITH (FORMAT = 'CSV')", "<a.csv >table:t"),
    ("SELECT * FROM t INTO OUTFILE 'a.csv'", ">a.csv <table:t"),
    ("SELECT a INTO OUTFILE 'a.csv' FROM t", ">a.csv <table:t"),
    ("INSERT INTO t FROM INFILE 'a.csv' FORMAT CSV", "<a.csv >table:t"),
    ("INSERT OVERWRITE DIRECTORY 'd' SELECT * FROM a", "<table:a >d/"),
    ("SELECT * FROM parquet.`d/x`", "<d/x"),
    ("CREATE EXTERNAL TABLE t (a INT) LOCATION 'd/x'", "<d/x >table:t"),
    ("COPY t FROM '/etc/passwd'; COPY t TO '../../x'", ">table:t <table:t"),
    ("LOAD DATA INFILE x INTO TABLE t", ">table:t"),
    ('INSERT INTO "a.parquet" SELECT * FROM b', "<table:b >a.parquet"),
    ("CREATE TABLE t (a INT) COMMENT 'x'; CREATE TABLE t (a INT) LOCATION x", ">table:t >table:t"),
    ("COPY t FROM STDIN; COPY (SELECT 1) TO STDOUT; COPY t TO x", ">table:t <table:t"),
    # databases that are files
    ("ATTACH 'd.db' AS x; SELECT * FROM x.t; INSERT INTO x.u VALUES (1); DETACH x", "<d.db <d.db >d.db"),
    ("ATTACH 'data/d.db'; CREATE TABLE d.t AS SELECT 1; SELECT * FROM d.t", ">data/d.db"),
    ("ATTACH 'd.db' AS x; USE x; SELECT * FROM t", "<d.db"),
    ("ATTACH x; USE x", ""),
    ("ATTACH ':memory:' AS x; ATTACH 'dbname=x host=y' AS z; SELECT * FROM x.t", "<table:x.t"),
]  # fmt: skip


def short(found):
    return " ".join((">" if one.writes else "<") + one.name for one in found)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_statements(text, expected) -> None:
    assert short(sql.accesses(text, "", "x.sql:1")) == expected
