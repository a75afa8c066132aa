"""SQL: which tables and files statements read and write. Parsed with sqlglot (the ``sql`` extra), never run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sbom.lineage.interface import Access, Call, Found, ScriptError
from sbom.lineage.paths import is_url, resolve
from sbom.transformation import INFERRED, LITERAL, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.lineage.interface import Workspace

#: Characters of a text that are parsed.
MAX_TEXT: Final = 1 << 20
_DIALECTS: Final = ("duckdb", "postgres", "snowflake", "bigquery", "spark", "mysql", "tsql", "sqlite")
_EXTRA: Final = "needs the sql extra: pip install 'data-sbom[sql]'"
_READERS: Final = re.compile(
    r"\b(?:read_csv|read_csv_auto|read_parquet|parquet_scan|read_json|read_json_auto|read_ndjson|read_ndjson_auto|"
    r"read_text|read_xlsx|csv_scan|iceberg_scan|delta_scan|sqlite_scan)\s*\(\s*(\[[^\]]{0,10000}\]|'[^']{0,2000}')",
    re.IGNORECASE,
)
_TEXT: Final = re.compile(r"'([^']{1,2000})'")
_COPY: Final = re.compile(
    r"\bCOPY\s+(?:INTO\s+)?(?:\((?:[^()']|'[^']*'|\((?:[^()']|'[^']*')*\))*\)|[\w.\"]+(?:\s*\([^)]*\))?)\s+(FROM|TO)\s+(?:PROGRAM\s+)?'([^']{1,2000})'",
    re.IGNORECASE,
)
_LOAD: Final = re.compile(r"\bLOAD\s+DATA\s+(?:LOCAL\s+)?(?:INPATH|INFILE)\s+'([^']{1,2000})'", re.IGNORECASE)
_EXPORT: Final = re.compile(r"\b(EXPORT|IMPORT)\s+DATABASE\s+'([^']{1,2000})'", re.IGNORECASE)
_OUTFILE: Final = re.compile(r"\bINTO\s+OUTFILE\s+'([^']{1,2000})'", re.IGNORECASE)
_ATTACH: Final = re.compile(r"\bATTACH\s+(?:DATABASE\s+)?(?:IF\s+NOT\s+EXISTS\s+)?'([^']{1,2000})'", re.IGNORECASE)
# Commands of the shells of SQLite and DuckDB, one a line.
_DOT: Final = re.compile(r"^\s*\.(import|read|output|once|open|save|backup|restore)\s+(.{1,2000})$", re.MULTILINE)
_SHELL: Final = re.compile(r"^\s*\.[a-z]+\b.*$", re.MULTILINE)
_FILE: Final = re.compile(
    r".*\.(?:csv|tsv|parquet|json|jsonl|ndjson|xlsx|arrow|feather|txt)(?:\.gz|\.zst)?", re.IGNORECASE
)
_WILD: Final = re.compile(r"[*?\[{]")
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class SqlReader:
    """Reads SQL scripts (:class:`sbom.lineage.interface.ScriptReader`)."""

    name = "sql"
    suffixes = (".sql",)

    def read(self, call: Call, workspace: Workspace) -> Found:
        """Read a script."""
        text = workspace.text(call.script) if call.text is None else call.text
        return Found(list(accesses(text, call.directory, f"{call.script}:{call.first_line}")))


def accesses(text: str, directory: str, where: str, dialect: str | None = None) -> list[Access]:
    """Return what a text of one or more statements reads and writes, in their order.

    Tables that the text itself makes for a while are neither.

    :param where: file and line that the text starts at.
    :param dialect: the one to try first.
    :raises ScriptError: when it cannot be parsed, or sqlglot is not installed.
    """
    if len(text) > MAX_TEXT:
        raise ScriptError(f"has {len(text):,} characters; at most {MAX_TEXT:,} are read")
    reading = _Reading(text, directory, where)
    reading.dots()
    plain = _SHELL.sub("", text)
    reading.files(plain)
    if plain.strip(" \t\r\n;"):
        reading.tables(_parse(plain, dialect))
    return reading.found


def _parse(text: str, dialect: str | None) -> list[Any]:
    """Parse with the first dialect that takes the text."""
    try:
        import sqlglot  # noqa: PLC0415  # an optional extra, and slow to import
        from sqlglot.errors import SqlglotError  # noqa: PLC0415
    except ImportError as error:
        raise ScriptError(_EXTRA) from error
    import logging  # noqa: PLC0415  # only here

    logger = logging.getLogger("sqlglot")
    before = logger.level
    logger.setLevel(logging.CRITICAL)  # what it cannot parse it says by an exception, too
    try:
        for one in dict.fromkeys((dialect or _DIALECTS[0], *_DIALECTS)):
            try:
                return [statement for statement in sqlglot.parse(text, read=one) if statement is not None]
            except SqlglotError:
                continue
            except (RecursionError, ValueError) as error:
                raise ScriptError("is nested too deep, or is no SQL") from error
    finally:
        logger.setLevel(before)
    raise ScriptError("is no SQL that can be parsed")


class _Reading:
    """One text that is being read."""

    def __init__(self, text: str, directory: str, where: str) -> None:
        self.found: list[Access] = []
        self._text = text
        self._directory = directory
        path, _, line = where.rpartition(":")
        self._path, self._first = (path, int(line)) if path and line.isdecimal() else (where, 1)

    def _where(self, offset: int) -> str:
        return f"{self._path}:{self._first + self._text.count(chr(10), 0, max(offset, 0))}"

    def _file(self, text: str, offset: int, *, writes: bool) -> None:
        if _WILD.search(text) and not is_url(text):
            name = resolve(_WILD.split(text)[0].rpartition("/")[0] or ".", self._directory, is_directory=True)
            kind = INFERRED
        else:
            name, kind = resolve(text, self._directory), LITERAL
        if name is not None:
            self.found.append(Access(name, writes, kind, self._where(offset)))

    def dots(self) -> None:
        """Read the commands of the shells of SQLite and DuckDB."""
        for match in _DOT.finditer(self._text):
            words = [word.strip("'\"") for word in match[2].split() if not word.startswith("-")]
            command = match[1]
            if words and words[0] not in {"stdout", "main"}:
                self._file(words[0], match.start(), writes=command in {"output", "once", "save", "backup"})
            if command == "import" and len(words) > 1:
                self._table(words[1], match.start(), writes=True)

    def files(self, plain: str) -> None:
        """Read the functions and statements that name files."""
        text = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), plain)
        for match in _READERS.finditer(text):
            for inner in _TEXT.finditer(match[1]):
                self._file(inner[1], match.start(), writes=False)
        for match in _COPY.finditer(text):
            self._file(match[2], match.start(), writes=match[1].upper() == "TO")
        for pattern, writes in ((_LOAD, False), (_OUTFILE, True), (_ATTACH, False)):
            for match in pattern.finditer(text):
                self._file(match[1], match.start(), writes=writes)
        for match in _EXPORT.finditer(text):
            self._file(f"{match[2].rstrip('/')}/", match.start(), writes=match[1].upper() == "EXPORT")

    def _table(self, name: str, offset: int, *, writes: bool) -> None:
        found = resolve(f"{TABLE}{name}", "")
        if found is not None:
            self.found.append(Access(found, writes, LITERAL, self._where(offset)))

    def tables(self, statements: list[Any]) -> None:
        """Read the tables of parsed statements."""
        from sqlglot import exp  # noqa: PLC0415  # an optional extra

        temporary: set[str] = set()
        known: list[tuple[str, bool]] = []
        for statement in statements:
            target = _target(statement, exp)
            if target is not None and isinstance(statement, exp.Create) and _is_temporary(statement, exp):
                temporary.add(_name(target).lower())
            shadowed = {cte.alias_or_name.lower() for cte in statement.find_all(exp.CTE)}
            for table in _ordered(statement.find_all(exp.Table), target):
                name = _name(table)
                if not name or (table is not target and name.lower() in shadowed):
                    continue
                known.append((name, table is target))
                if isinstance(statement, (exp.Merge, exp.Update, exp.Delete)) and table is target:
                    known.append((name, False))
        for name, writes in dict.fromkeys(known):
            if name.lower() in temporary:
                continue
            if _FILE.fullmatch(name) or is_url(name):
                self._file(name, self._text.find(name), writes=writes)
            else:
                self._table(name, self._text.lower().find(name.rpartition(".")[2].lower()), writes=writes)


def _target(statement: Any, exp: Any) -> Any:  # noqa: ANN401  # sqlglot's expressions
    """Return the table that a statement writes; ``None`` where it writes none."""
    if isinstance(statement, (exp.Create, exp.Insert, exp.Merge, exp.Update, exp.Delete)):
        if isinstance(statement, exp.Create) and str(statement.args.get("kind", "")).upper() not in {"TABLE", "VIEW"}:
            return None
        this = statement.this
        return this if isinstance(this, exp.Table) else this.find(exp.Table) if this is not None else None
    if isinstance(statement, exp.Copy) and statement.args.get("kind"):
        return statement.find(exp.Table)
    return None


def _is_temporary(statement: Any, exp: Any) -> bool:  # noqa: ANN401  # sqlglot's expressions
    return statement.find(exp.TemporaryProperty) is not None


def _ordered(tables: Iterator[Any], target: object) -> list[Any]:
    """Return tables once each; what is written comes after what it is made of."""
    found = list(tables)
    return [one for one in found if one is not target] + [one for one in found if one is target]


def _name(table: Any) -> str:  # noqa: ANN401  # sqlglot's expressions
    """Return a table's name with its schema and database; empty for a function in its place."""
    parts = [str(part.name) for part in table.parts if getattr(part, "name", "")]
    return "" if type(table.this).__name__ not in {"Identifier", "Literal", "Var"} else ".".join(parts)
