"""Texts of SQL: templates, commands of database shells, statements."""

from __future__ import annotations

import pytest

from sbom.lineage import sqltext
from sbom.lineage.interface import ScriptError
from sbom.lineage.sqltext import UNKNOWN, Piece, filled, pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {{ x }} b {{params.y}}{{ z }}", f"a 1 b two{UNKNOWN}"),
        ("{{ ref('m') }} {{ ref('p', 'm', v=2) }} {{ source('s', 't') }} {{- ref(x()) -}}", f"m m s.t {UNKNOWN}"),
        ("{{ ref() }}{{ ref('a b') }}", UNKNOWN * 2),
        ("{% if\nx %}a{# b\n\n #}c", "\na\n\nc"),
        ("{{ x\n}}{{ open", "1\n{{ open"),
        ("{{ long }}{{ list }}", UNKNOWN * 2),
        ("plain { x }", "plain { x }"),
    ],
)
def test_templates(text, expected) -> None:
    assert filled(text, {"x": 1, "y": "two", "long": "x" * 2_000, "list": [1]}) == expected


def test_templates_are_bounded() -> None:
    with pytest.raises(ScriptError, match="becomes too long"):
        filled("{{x}}" * 2_000, {"x": "y" * 1_000})
    assert filled("{#" * 200_000, {}) == "{#" * 200_000


def test_pieces() -> None:
    text = "SELECT 1;\n.import a.csv t\n\\copy t FROM 'a'\n.headers on\nSELECT 2\nGO\n  .output 'x y';\n"
    assert list(pieces(text)) == [
        Piece(1, "SELECT 1;\n"),
        Piece(2, "a.csv t", "import"),
        Piece(3, "COPY t FROM 'a'"),
        Piece(4, "\nSELECT 2\n;\n"),
        Piece(7, "'x y'", "output"),
    ]


@pytest.mark.skipif(not sqltext.is_installed(), reason="sqlglot is not installed")
class TestParsing:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("SELECT 1;\nSELECT FROM WHERE;\n\nSELECT 2", [(1, True), (2, False), (4, True)]),
            ("SELECT `a` FROM `b`", [(1, True)]),
            ("SELECT TOP 3 a FROM [b c]", [(1, True)]),
            ("SELECT 'never closed", [(1, False)]),
            (";;;", []),
            ("SELECT " + "(" * 300 + ")" * 300, [(1, False)]),
            ("SELECT * FROM a" + " JOIN b" * 60 + " ON 1=1", [(1, False)]),
            ("CREATE ODD THING x", [(1, True)]),
            ("CREATE ODD THING x AS SELECT * FROM a", [(1, False)]),
            ("EXPLAIN SELECT * FROM a", [(1, True)]),
            ("CALL p()", [(1, False)]),
            ("SELECT * FROM a WHERE INTO OUTFILE 'x'", [(1, False)]),
        ],
    )
    def test_statements(self, text, expected) -> None:
        found = [(one.line, one.tree is not None or one.known) for one in sqltext.Parsing(None).statements(text)]
        assert found == expected

    def test_dialects_are_tried_in_turn(self) -> None:
        (one,) = sqltext.Parsing("sqlite").statements("SELECT * FROM x.`y` FINAL SAMPLE 1")
        assert one.dialect
        (one,) = sqltext.Parsing(None).statements("SELECT `a` FROM b")
        assert one.dialect == "bigquery"

    def test_retries_and_characters_are_bounded(self) -> None:
        parsing = sqltext.Parsing(None)
        assert not any(one.tree for one in parsing.statements("SELECT FROM WHERE;" * 100))
        assert parsing._retries == sqltext._MAX_RETRIES
        parsing._room = -1
        assert [one.tree for one in parsing.statements("SELECT 1")] == [None]

    def test_an_old_version_is_told(self, monkeypatch) -> None:
        from sqlglot.dialects.dialect import Dialect  # noqa: PLC0415  # it may not be installed

        monkeypatch.setattr(Dialect, "parser", lambda self: None)
        with pytest.raises(ScriptError, match=r"needs sqlglot 30\.7 or later"):
            sqltext.Parsing(None)
