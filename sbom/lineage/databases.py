"""The shells of databases: SQL as a word, from standard input, or from a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.lineage.commandline import sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.commandline import Given
    from sbom.lineage.expansion import Word


class _Shell(NamedTuple):
    """What the words of a database's shell are.

    :param values: options that take a value.
    :param texts: those whose value is SQL; ``files``: a script; ``outs``: a file that is written.
    :param is_file: the database is a file, and the first operand; SQL follows.
    """

    dialect: str
    values: str
    texts: tuple[str, ...]
    files: tuple[str, ...] = ()
    outs: tuple[str, ...] = ()
    is_file: bool = False


_SQLITE = _Shell("sqlite", "-cmd -separator -init -nullvalue -newline", ("-cmd",), ("-init",), (), is_file=True)
_DUCKDB = _Shell("duckdb", "-c -s -cmd -init -f -separator", ("-cmd", "-c", "-s"), ("-init", "-f"), (), is_file=True)
_PSQL = _Shell(
    "postgres",
    "-d -h -p -U -f -o -c -v -F -L --file --output --command --dbname --host --port --username --set --variable",
    ("-c", "--command"),
    ("-f", "--file"),
    ("-o", "--output"),
)
_MYSQL = _Shell(
    "mysql", "-u -h -P -D -e --execute --user --host --port --database --default-character-set", ("-e", "--execute")
)


def sqlite(words: Sequence[Word], given: Given) -> None:
    """``sqlite3``."""
    _run(_SQLITE, words, given)


def duckdb(words: Sequence[Word], given: Given) -> None:
    """``duckdb``."""
    _run(_DUCKDB, words, given)


def psql(words: Sequence[Word], given: Given) -> None:
    """``psql``."""
    _run(_PSQL, words, given)


def mysql(words: Sequence[Word], given: Given) -> None:
    """``mysql``."""
    _run(_MYSQL, words, given)


def _run(shell: _Shell, words: Sequence[Word], given: Given) -> None:
    found = sort(words, shell.values)
    database = None
    texts = found.values(*shell.texts)
    if shell.is_file:
        database = next((word for word in found.operands[:1] if word.text != ":memory:"), None)
        texts += found.operands[1:]
    for word in found.values(*shell.files):
        given.sql(word, shell.dialect, database, is_file=True)
    for word in texts:
        given.sql(word, shell.dialect, database)
    if given.stdin is not None:
        given.sql(given.stdin, shell.dialect, database)
    elif not texts and (file := given.input_file()) is not None:
        given.sql(file, shell.dialect, database, is_file=True)
    for word in found.values(*shell.outs):
        given.write(word)
