"""Texts of SQL: templates filled in, commands of database shells apart, and the rest parsed statement by statement."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage.interface import ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlglot.dialects.dialect import Dialect
    from sqlglot.expressions import Expression
    from sqlglot.tokenizer_core import Token

#: Stands for what a template leaves open.
UNKNOWN: Final = "__unknown__"
#: Brackets in brackets; what is deeper is no statement that people write.
_MAX_NESTING: Final = 200
#: Statements that are tried again in another dialect.
_MAX_RETRIES: Final = 20
#: Characters that are taken apart into words, repetitions in other dialects included.
_MAX_TOKENIZED: Final = 2 << 20
_DIALECTS: Final = ("duckdb", "postgres", "mysql", "bigquery", "tsql", "spark", "snowflake", "sqlite")
_SHELL: Final = re.compile(
    r"^[ \t]*(?:\.(read|import|output|once|open|save|backup|restore|dump)|\\(copy|i|ir|o|out|include|include_relative))"
    r"\b[ \t]*(.*)$|^[ \t]*(?:\.|\\)[a-z]\w*.*$",
    re.MULTILINE,
)
_GO: Final = re.compile(r"^[ \t]*GO[ \t]*$", re.MULTILINE | re.IGNORECASE)
_TEMPLATE: Final = re.compile(r"\{[{%#]")
#: Characters of a text that templates are filled in of, and of a value.
_MAX_FILLED: Final = 1 << 20
_MAX_VALUE: Final = 1_000
#: Nodes that may be made of a statement, given up ones included, for each of its tokens: some syntax makes sqlglot try
#: in vain again and again, twice as often with each join.
_NODES: Final = 10
_CLOSING: Final = {"{{": "}}", "{%": "%}", "{#": "#}"}
_REFERENCE: Final = re.compile(r"(ref|source)\(([^()]*)\)")
_NAME: Final = re.compile(r"[\w.]+")
# What sqlglot keeps as a text, and neither reads nor writes data; of some only where no word says otherwise.
_TALK: Final = frozenset({"SHOW", "EXPLAIN", "GRANT", "REVOKE", "COMMENT", "DESCRIBE", "LISTEN", "NOTIFY", "PRINT"})
_HARMLESS: Final = frozenset({
    "LOAD", "INSTALL", "SET", "RESET", "PRAGMA", "ANALYZE", "VACUUM", "CHECKPOINT", "DO", "USE", "BEGIN", "END",
    "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "REFRESH", "OPTIMIZE", "REINDEX", "CLUSTER", "LOCK",
    "UNLOCK", "DECLARE", "DEALLOCATE", "DISCARD", "ALTER", "CREATE", "DROP", "DELIMITER", "KILL", "FLUSH", "MSCK",
    "CACHE", "UNCACHE", "LIST", "REMOVE",
})  # fmt: skip
_DATA: Final = frozenset({"SELECT", "FROM", "INTO", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TABLE", "LOCATION"})
#: What is wrong where sqlglot is too old, and where it is not installed.
TOO_OLD: Final = "needs sqlglot 30.7 or later to be read: pip install --upgrade 'data-sbom[sql]'"
MISSING: Final = "needs the sql extra to be read: pip install 'data-sbom[sql]'"


class Piece(NamedTuple):
    """A part of a text: statements, or a command of a database shell and its words.

    :param line: that it starts at, from 1.
    """

    line: int
    text: str
    command: str = ""


class Statement(NamedTuple):
    """A statement.

    :param line: that it starts at, from 1, within its text.
    :param tree: as parsed; ``None`` when it could not be, or there is no more to it than the rest says.
    :param known: it was understood without a tree.
    :param files: name, whether it is written, whether it is a directory; of what sqlglot has no syntax for.
    :param tables: that are written, likewise.
    """

    line: int
    dialect: str
    tree: Expression | None
    known: bool = False
    files: tuple[tuple[str, bool, bool], ...] = ()
    tables: tuple[str, ...] = ()


def filled(text: str, parameters: Mapping[str, object]) -> str:
    """Fill in Jinja templates: values that are known, names of dbt models; :data:`UNKNOWN` for the rest.

    :raises ScriptError: when the text becomes too long.
    """
    found: list[str] = []
    at = length = 0
    while (match := _TEMPLATE.search(text, at)) is not None:
        end = text.find(_CLOSING[match[0]], match.end())
        if end < 0:
            break
        inner = text[match.end() : end]
        value = _value(inner.strip(" \t\n-"), parameters) if match[0] == "{{" else ""
        found += (text[at : match.start()], value, "\n" * inner.count("\n"))
        length += len(value)
        at = end + 2
        if length > _MAX_FILLED:
            raise ScriptError("becomes too long with its templates filled in")
    return "".join((*found, text[at:]))


def _value(name: str, parameters: Mapping[str, object]) -> str:
    """Return what a template stands for."""
    reference = _REFERENCE.fullmatch(name)
    if reference is not None:
        parts = [part.strip(" '\"") for part in reference[2].split(",") if "=" not in part]
        parts = parts[-1:] if reference[1] == "ref" else parts
        return ".".join(parts) if parts and all(map(_NAME.fullmatch, parts)) else UNKNOWN
    known = parameters.get(name, parameters.get(name.removeprefix("params.")))
    return str(known) if isinstance(known, (int, float, str)) and len(str(known)) <= _MAX_VALUE else UNKNOWN


def pieces(text: str) -> Iterator[Piece]:
    """Take a text apart at the commands of database shells; these stand on lines of their own."""
    text = _GO.sub(";", text)
    at, line = 0, 1
    for match in _SHELL.finditer(text):
        before = text[at : match.start()]
        if before.strip():
            yield Piece(line, before)
        line += before.count("\n")
        at = match.end()
        command, words = match[1] or match[2], match[3]
        if command == "copy":
            yield Piece(line, f"COPY {words}")
        elif command:
            yield Piece(line, words.rstrip(" ;"), command)
    if text[at:].strip():
        yield Piece(line, text[at:])


def is_installed() -> bool:
    """Tell whether sqlglot is there."""
    return importlib.util.find_spec("sqlglot") is not None


class Parsing:
    """Parses the statements of one text; sqlglot has to be installed.

    :param dialect: the one to try first.
    :raises ScriptError: when it is too old to be bounded in time.
    """

    def __init__(self, dialect: str | None) -> None:
        from sqlglot.dialects.dialect import Dialect  # noqa: PLC0415  # an optional extra, and slow to import

        try:
            Dialect.get_or_raise(_DIALECTS[0]).parser(max_nodes=0)
        except TypeError as error:
            raise ScriptError(TOO_OLD) from error
        names = tuple(dict.fromkeys((dialect, *_DIALECTS) if dialect else _DIALECTS))
        self._names = names
        self._load = Dialect.get_or_raise
        self._retries = 0
        self._room = _MAX_TOKENIZED

    def statements(self, text: str) -> Iterator[Statement]:
        """Yield the statements of a text; of those that cannot be parsed, the line."""
        names = self._ordered(text)
        tokens = None
        for name in names:
            tokens = self._tokens(text, self._load(name))
            if tokens is not None:
                names = (name, *(other for other in names if other != name))
                break
        if tokens is None:
            yield Statement(1, "", None)
            return
        start = 0
        for end in range(len(tokens) + 1):
            if end < len(tokens) and tokens[end].token_type.name != "SEMICOLON":
                continue
            if end > start:
                yield self._statement(text, tokens[start:end], names)
            start = end + 1

    def _ordered(self, text: str) -> Sequence[str]:
        """Put the dialects first that a text looks like."""
        if self._names[0] != _DIALECTS[0]:
            return self._names
        first = ("bigquery", "mysql", "spark") if "`" in text else ()
        return tuple(dict.fromkeys((*first, *self._names)))

    def _tokens(self, text: str, dialect: Dialect) -> list[Token] | None:
        from sqlglot.errors import SqlglotError  # noqa: PLC0415  # as above

        if self._room < 0:
            return None
        self._room -= len(text)
        try:
            return list(dialect.tokenize(text))
        except SqlglotError:
            return None

    def _statement(self, text: str, tokens: list[Token], names: Sequence[str]) -> Statement:
        line = tokens[0].line
        special = _special(tokens)
        if special is not None:
            tree = self._parsed(text, list(special.rest), names[0]) if special.rest else None
            known = tree is not None or not special.rest
            return Statement(line, names[0], tree, known, special.files, special.tables)
        if _nesting(tokens) > _MAX_NESTING:
            return Statement(line, names[0], None)
        tree = self._parsed(text, tokens, names[0])
        if tree is not None:
            return Statement(line, names[0], tree)
        part = text[tokens[0].start : tokens[-1].end + 1]
        for name in names[1:]:
            if self._retries >= _MAX_RETRIES:
                break
            self._retries += 1
            again = self._tokens(part, self._load(name))
            tree = None if not again else self._parsed(part, again, name)
            if tree is not None:
                return Statement(line, name, tree)
        return Statement(line, names[0], None)

    def _parsed(self, text: str, tokens: list[Token], name: str) -> Expression | None:
        from sqlglot.errors import SqlglotError  # noqa: PLC0415  # as above
        from sqlglot.expressions import Command, Expression  # noqa: PLC0415

        try:
            with _quiet():
                found = self._load(name).parser(max_nodes=_NODES * (len(tokens) + 100)).parse(tokens, text)
        except (SqlglotError, RecursionError, ValueError):
            return None
        tree = found[0] if found else None
        # What it has no syntax for, it keeps as a text; nothing that reads or writes data is among that.
        if not isinstance(tree, Expression) or (isinstance(tree, Command) and not _is_harmless(tokens)):
            return None
        return tree


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep sqlglot from writing to the terminal what it also says by its result."""
    logger = logging.getLogger("sqlglot")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _word(token: Token) -> str:
    """Return a keyword or bracket in capital letters; nothing for a string or a quoted name."""
    return "" if token.token_type.name in {"STRING", "IDENTIFIER"} else token.text.upper()


def _nesting(tokens: Sequence[Token]) -> int:
    depth = deepest = 0
    for token in tokens:
        word = _word(token)
        depth += (word in {"(", "[", "{"}) - (word in {")", "]", "}"})
        deepest = max(deepest, depth)
    return deepest


class _Special(NamedTuple):
    """What is known of a statement without its tree, and what remains of it to be parsed."""

    files: tuple[tuple[str, bool, bool], ...] = ()
    tables: tuple[str, ...] = ()
    rest: tuple[Token, ...] = ()


def _special(tokens: Sequence[Token]) -> _Special | None:
    """Read what sqlglot has no syntax for, or would take long for."""
    heads = [_word(token) for token in tokens[:6]]
    if heads[:2] in (["EXPORT", "DATABASE"], ["IMPORT", "DATABASE"]):
        return _Special(_text_after(tokens, ("DATABASE", "TO"), writes=heads[0] == "EXPORT", is_directory=True))
    if heads[:2] == ["LOAD", "DATA"] and "INFILE" in heads:
        return _Special(_text_after(tokens, ("INFILE",)), _names_after(tokens, "TABLE"))
    if heads[:2] == ["BULK", "INSERT"]:
        return _Special(_text_after(tokens, ("FROM",)), _names_after(tokens, "INSERT"))
    if heads[:1] == ["INSERT"] and _gives_values(tokens):
        return _Special((), _names_after(tokens, "INTO"))
    return _in_the_middle(tokens)


def _in_the_middle(tokens: Sequence[Token]) -> _Special | None:
    """Read the clauses of ClickHouse and MySQL that name files."""
    for at, token in enumerate(tokens[:-2]):
        if _word(token) == "FROM" and _word(tokens[at + 1]) == "INFILE":
            return _Special(_text_after(tokens, ("INFILE",)), _names_after(tokens, "INTO"))
        if _word(token) == "INTO" and _word(tokens[at + 1]) in {"OUTFILE", "DUMPFILE"}:
            # FROM may follow the file's name and format (MySQL 8.0, 15.2.13.1).
            following = next((i for i in range(at, len(tokens)) if _word(tokens[i]) == "FROM"), len(tokens))
            return _Special(((tokens[at + 2].text, True, False),), (), (*tokens[:at], *tokens[following:]))
    return None


def _gives_values(tokens: Sequence[Token]) -> bool:
    """Tell whether an INSERT has its rows with it: they may be many, and say nothing."""
    for token in tokens:
        word = _word(token)
        if word in {"SELECT", "FROM", "WITH", "TABLE"}:
            return False
        if word == "VALUES":
            return True
    return False


def _text_after(
    tokens: Sequence[Token], words: tuple[str, ...], *, writes: bool = False, is_directory: bool = False
) -> tuple[tuple[str, bool, bool], ...]:
    """Return the file whose name follows one of some words."""
    for token, following in pairwise(tokens):
        if _word(token) in words and following.token_type.name == "STRING":
            return ((following.text, writes, is_directory),)
    return ()


def _names_after(tokens: Sequence[Token], word: str) -> tuple[str, ...]:
    """Return the name of the table that follows a word."""
    at = next((at for at, token in enumerate(tokens) if _word(token) == word), len(tokens)) + 1
    if at >= len(tokens):
        return ()
    parts = [tokens[at].text]
    if parts == ["#"] and at + 1 < len(tokens):  # a temporary one of SQL Server
        at += 1
        parts = [f"#{tokens[at].text}"]
    while at + 2 < len(tokens) and _word(tokens[at + 1]) == ".":
        at += 2
        parts.append(tokens[at].text)
    return (".".join(parts),)


def _is_harmless(tokens: Sequence[Token]) -> bool:
    """Tell whether a statement that is kept as a text neither reads nor writes data."""
    head = _word(tokens[0])
    return head in _TALK or (head in _HARMLESS and not any(_word(token) in _DATA for token in tokens))
