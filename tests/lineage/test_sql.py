"""SQL scripts and texts as a whole: their lines, what they include, what is wrong with them; without sqlglot too."""

from __future__ import annotations

import pytest
from pipeline_trees import opened
from shell_texts import said

from sbom.lineage import sql, sqltext
from sbom.lineage.interface import Call, ScriptError
from sbom.transformation import INFERRED, LITERAL


def read(root, written, directory="", files=(), **options):
    with opened(root, {"q.sql": written, **dict(files)}) as workspace:
        return sql.SqlReader().read(Call("q.sql", (), directory, **options), workspace)


def accesses(found):
    return [((">" if one.writes else "<") + one.name, one.kind, one.where) for one in found.accesses]


def test_without_sqlglot(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sqltext, "is_installed", lambda: False)
    with pytest.raises(ScriptError, match=r"needs the sql extra to be read: pip install 'data-sbom\[sql\]'"):
        read(tmp_path, "SELECT * FROM a")
    found = read(tmp_path, ".import a.csv t\nSELECT * FROM b;\n.output c.csv")
    assert accesses(found) == [
        ("<a.csv", LITERAL, "q.sql:1"), (">table:t", LITERAL, "q.sql:1"), (">c.csv", LITERAL, "q.sql:3"),
    ]  # fmt: skip
    assert said(found) == "q.sql: holds SQL that needs the sql extra to be read: pip install 'data-sbom[sql]'"


def test_length_is_bounded() -> None:
    with pytest.raises(ScriptError, match="at most 1,048,576 are read"):
        sql.accesses("x" * (sql.MAX_TEXT + 1), "", "x:1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".import --csv --skip 1 'a b.csv' t", "<a b.csv >table:t"),
        (".import '|cat a' t", ""),
        (".once x.csv\n.output stdout\n.output", ">x.csv"),
        (".open d.db\n.import a t", "<a >d.db"),
        (".open d.db\n.dump", "<d.db"),
        (".dump", ""),
        (".restore a.db\n.save b.db\n.backup main c.db", "<a.db >b.db >c.db"),
        ("\\o x.txt\n.mode csv\n.tables", ">x.txt"),
        (".import 'never closed t", "<'never >table:closed"),
    ],
)
def test_commands_of_database_shells(tmp_path, text, expected) -> None:
    assert " ".join(name for name, _, _ in accesses(read(tmp_path, text))) == expected


def test_included_scripts(tmp_path) -> None:
    files = {
        "a.sql": ".read b.sql\n.import x t",
        "b.sql": ".output out\n.read q.sql",
        "big.sql": "x" * (sql.MAX_TEXT + 1),
    }
    files |= {f"d{number}.sql": f".read d{number + 1}.sql" for number in range(12)}
    found = read(
        tmp_path,
        ".read a.sql\n.read a.sql\n.read gone.sql\n.read ../up.sql\n\\i big.sql\n.read d0.sql",
        files=files.items(),
    )
    assert ("<x", LITERAL, "a.sql:2") in accesses(found) and (">out", LITERAL, "b.sql:1") in accesses(found)
    assert found.scripts[:4] == ["a.sql", "b.sql", "q.sql", "gone.sql"]
    assert "gone.sql: cannot be read" in said(found)
    assert "big.sql: has 1,048,577 characters" in said(found)
    assert "is included more than 8 scripts deep; it was not read" in said(found)


@pytest.mark.skipif(not sqltext.is_installed(), reason="sqlglot is not installed")
class TestWithSqlglot:
    def test_lines_and_kinds(self, tmp_path) -> None:
        text = "SELECT 1;\n\nSELECT * FROM 'a.csv';\nCOPY t\nTO '{{ out }}/{{ name }}.csv';\n.import x.csv u\nSELECT * FROM 'd/*.csv'"
        found = read(tmp_path, text, "w", parameters={"out": "o"})
        assert accesses(found) == [
            ("<w/a.csv", LITERAL, "q.sql:3"),
            ("<table:t", LITERAL, "q.sql:4"),
            (">w/o/", INFERRED, "q.sql:4"),
            ("<w/x.csv", LITERAL, "q.sql:6"),
            (">table:u", LITERAL, "q.sql:6"),
            ("<w/d/", INFERRED, "q.sql:7"),
        ]

    def test_what_is_not_known_is_no_name(self) -> None:
        text = "SELECT * FROM ?; COPY ? TO '?'; SELECT * FROM '?/x.csv'".replace("?", sqltext.UNKNOWN)
        assert sql.accesses(text, "", "x:1") == []

    def test_what_cannot_be_parsed_is_told(self, tmp_path) -> None:
        found = read(tmp_path, "SELECT * FROM a;\n\nSELECT FROM WHERE;")
        assert [name for name, _, _ in accesses(found)] == ["<table:a"]
        assert said(found) == "q.sql: holds SQL that cannot be parsed (line 3)"
        with pytest.raises(ScriptError, match=r"cannot be parsed \(line 2\)"):
            read(tmp_path, "\nSELECT FROM WHERE")
        with pytest.raises(ScriptError, match=r"cannot be parsed \(line 1\)"):
            sql.accesses("SELECT FROM WHERE", "", "somewhere")

    def test_a_part_of_a_file_knows_its_lines(self, tmp_path) -> None:
        found = read(tmp_path, "", text="\nSELECT * FROM a", first_line=10)
        assert accesses(found) == [("<table:a", LITERAL, "q.sql:11")]

    def test_tables_of_a_database_are_that_file(self, tmp_path) -> None:
        with opened(tmp_path, {}) as workspace:

            def names(text):
                found = sql.read(text, "w", "x:1", workspace, dialect="sqlite", database="d.db")
                return [(">" if one.writes else "<") + one.name for one in found.accesses]

            assert names("SELECT * FROM a") == ["<d.db"]
            assert names("CREATE TABLE a (x)") == [">d.db"]
            assert names("CREATE TABLE a (x); SELECT * FROM a, b") == [">d.db", "<d.db"]
            assert names(".import x.csv a") == ["<w/x.csv", ">d.db"]

    @pytest.mark.parametrize(
        "text",
        [
            "SELECT * FROM a" + " JOIN b" * 60 + " ON 1=1", "SELECT " + "(" * 190 + "1" + ")" * 190, "/*" * 5_000, "'" * 50_001,
            "SELECT " + "NOT " * 3_000 + "1", "SELECT FROM WHERE;" * 500, "WITH a AS (SELECT 1)" + ", a AS (SELECT * FROM a)" * 500 + " SELECT 1",
            "SELECT " + "a." * 3_000 + "b", "INSERT INTO t VALUES " + "(1)," * 10_000 + "(1)", "\n.x" * 20_000, "SELECT 1" + " UNION SELECT 1" * 1_000,
        ],
    )  # fmt: skip
    def test_hostile_texts_end(self, text) -> None:
        try:
            found = sql.accesses(text, "", "x:1")
        except ScriptError:
            return
        assert len(found) < 1_000
