"""What one parsed statement of SQL reads and writes. ``sqlglot`` parses; nothing is executed.

A tree is walked without recursion, so that how deep it is does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, Protocol

from sqlglot import expressions as exp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: Functions of DuckDB, ClickHouse and others whose first argument names files.
FILE_FUNCTIONS: Final = frozenset({
    "read_csv", "read_csv_auto", "sniff_csv", "read_parquet", "parquet_scan", "parquet_metadata", "parquet_schema",
    "read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto", "read_ndjson", "read_ndjson_auto",
    "read_ndjson_objects", "read_text", "read_blob", "read_xlsx", "st_read", "iceberg_scan", "delta_scan",
    "sqlite_scan", "file", "url", "s3",
})  # fmt: skip
#: Formats that Spark and Hive put in front of a path: ``parquet.`data/x` ``.
_FORMATS: Final = frozenset({"parquet", "csv", "json", "orc", "avro", "text", "delta", "binaryfile"})
_SYSTEM: Final = frozenset({"information_schema", "pg_catalog", "sys", "sqlite_master", "sqlite_schema", "dual"})
_SUFFIXES: Final = (
    ".csv", ".tsv", ".parquet", ".parq", ".json", ".jsonl", ".ndjson", ".arrow", ".feather", ".avro", ".xlsx", ".txt",
    ".orc",
)  # fmt: skip
#: What CREATE and DROP make and remove that holds data.
_KINDS: Final = frozenset({"TABLE", "VIEW"})
_COMPRESSED: Final = (".gz", ".zst", ".bz2", ".xz")


class Says(Protocol):
    """Who is told what a statement does. Nodes are given for their place."""

    def file(self, text: str, *, writes: bool, is_directory: bool = False) -> None:
        """Say that a file is read or written."""

    def table(self, parts: tuple[str, ...], *, writes: bool, makes: bool = False) -> None:
        """Say that a table is read, changed or made."""

    def temporary(self, parts: tuple[str, ...]) -> None:
        """Say that a table is made that ends with the session."""

    def drop(self, parts: tuple[str, ...]) -> None:
        """Say that a table is removed."""

    def attach(self, text: str, alias: str) -> None:
        """Say that a database gets a name."""

    def use(self, name: str) -> None:
        """Say that a database is the one whose tables need no prefix."""


class _Scope(NamedTuple):
    """The common table expressions that are visible at a place.

    :param names: their lower-case names, and which one each is.
    :param visible: how many of them can be seen.
    """

    names: Mapping[str, int]
    visible: int
    above: _Scope | None

    def has(self, name: str) -> bool:
        """Tell whether a name is one of them."""
        scope: _Scope | None = self
        while scope is not None:
            if scope.names.get(name, scope.visible) < scope.visible:
                return True
            scope = scope.above
        return False


_TOP: Final = _Scope({}, 0, None)
#: Arguments of a node that name what it writes; they are no reading.
_TARGETS: Final[dict[type[exp.Expression], frozenset[str]]] = {
    exp.Insert: frozenset({"this"}),
    exp.Update: frozenset({"this"}),
    exp.Delete: frozenset({"this", "tables"}),
    exp.Merge: frozenset({"this", "whens"}),
    exp.Into: frozenset({"this"}),
    exp.TruncateTable: frozenset({"expressions"}),
    exp.Alter: frozenset({"this", "actions"}),
}


class Walk:
    """One walk over a statement.

    :param files_as_tables: a quoted name of a table that ends like a file is a file (DuckDB).
    """

    def __init__(self, says: Says, *, files_as_tables: bool) -> None:
        self._says = says
        self._files_as_tables = files_as_tables

    def statement(self, root: exp.Expression) -> None:
        """Say what a statement does: first what it reads, then what it writes."""
        stack: list[tuple[exp.Expression, _Scope]] = [(root, _TOP)]
        writers: list[exp.Expression] = []
        while stack:
            node, scope = stack.pop()
            skipped: frozenset[str] = frozenset()
            if isinstance(node, (exp.Create, exp.Drop, exp.Attach, exp.Detach, exp.Use, exp.Copy, exp.LoadData)):
                writers.append(node)
                if not _has_query(node):
                    continue
                skipped = frozenset({"this", "files", "properties"} if not _copies_out(node) else {"files"})
            elif type(node) in _TARGETS:
                writers.append(node)
                skipped = _TARGETS[type(node)]
                stack.extend((join, scope) for join in _joins(node))
            elif isinstance(node, exp.Table):
                self._reads(node, scope)
            elif isinstance(node, exp.Func):
                self._function(node)
            stack.extend(reversed(list(_inner(node, scope, skipped))))
        for node in reversed(writers):
            self._writes(node)

    def _reads(self, node: exp.Table, scope: _Scope) -> None:
        parts = _parts(node)
        if not parts:
            return
        path = self._path(node, parts)
        if path is not None:
            self._says.file(path, writes=False)
        elif len(parts) > 1 or not scope.has(parts[0].lower()):
            self._table(parts, writes=False)

    def _table(self, parts: tuple[str, ...], *, writes: bool, makes: bool = False) -> None:
        if _SYSTEM.isdisjoint(part.lower() for part in parts):
            self._says.table(parts, writes=writes, makes=makes)

    def _path(self, node: exp.Table, parts: tuple[str, ...]) -> str | None:
        """Return the file that the name of a table stands for."""
        if not isinstance(node.this, exp.Identifier) or not node.this.args.get("quoted"):
            return None
        if len(parts) == 2 and parts[0].lower() in _FORMATS:  # noqa: PLR2004  # a format and a path
            return parts[1]
        is_path = self._files_as_tables and len(parts) == 1 and looks_like_a_file(parts[0])
        return parts[0] if is_path else None

    def _function(self, node: exp.Func) -> None:
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        if name.lower() not in FILE_FUNCTIONS:
            return
        arguments = [value for key in ("this", "expressions") for value in _values(node.args.get(key))]
        first = next((one for one in arguments if isinstance(one, exp.Expression)), None)
        texts = first.expressions if isinstance(first, (exp.Array, exp.Tuple)) else [first]
        for one in texts:
            text = _folded(one)
            if text is not None:
                self._says.file(text, writes=False)

    def _writes(self, node: exp.Expression) -> None:
        special = self._WRITERS.get(type(node))
        if special is not None:
            special(self, node)
        else:
            self._target(node.this)

    def _loads(self, node: exp.Expression) -> None:
        text = _folded(node.args.get("inpath"))
        if text is not None:
            self._says.file(text, writes=False)
        self._target(node.this)

    def _attaches(self, node: exp.Expression) -> None:
        aliased = isinstance(node.this, exp.Alias)
        text = _folded(node.this.this if aliased else node.this)
        if text is not None:
            self._says.attach(text, node.this.alias if aliased else "")

    def _uses(self, node: exp.Expression) -> None:
        self._says.use(node.this.name if isinstance(node.this, exp.Expression) else "")

    def _drops(self, node: exp.Expression) -> None:
        if str(node.args.get("kind")).upper() in _KINDS:
            # Version 30 allows several tables in one statement.
            for one in (*_values(node.args.get("tables")), node.this):
                if isinstance(one, exp.Table):
                    self._says.drop(_parts(one))

    def _truncates(self, node: exp.Expression) -> None:
        for one in node.expressions:
            self._target(one)

    def _into(self, node: exp.Expression) -> None:
        if node.args.get("temporary") or (isinstance(node.this, exp.Table) and node.this.this.args.get("temporary")):
            self._says.temporary(_parts(node.this))
        else:
            self._target(node.this, makes=True)

    def _nothing(self, node: exp.Expression) -> None:
        """Say nothing: letting a database go touches none of its tables."""

    def _creates(self, node: exp.Expression) -> None:
        if str(node.args.get("kind")).upper() not in _KINDS:
            return
        properties = node.args.get("properties")
        listed = properties.expressions if properties is not None else []
        for one in listed:
            text = _folded(one.this) if isinstance(one, exp.LocationProperty) else None
            if text is not None:
                self._says.file(text, writes=False)
        table = node.this.this if isinstance(node.this, exp.Schema) else node.this
        if not isinstance(table, exp.Table):
            return
        if any(isinstance(one, exp.TemporaryProperty) for one in listed) or table.name.startswith("#"):
            self._says.temporary(_parts(table))
        else:
            self._target(table, makes=True)

    def _copies(self, node: exp.Expression) -> None:
        into = bool(node.args.get("kind"))
        is_directory = any(
            isinstance(one.this, exp.Expression) and one.this.name.upper() == "PARTITION_BY"
            for one in _values(node.args.get("params"))
            if isinstance(one, exp.CopyParameter)
        )
        for one in _values(node.args.get("files")):
            text = _folded(one)
            if text is not None:
                self._says.file(text, writes=not into, is_directory=is_directory and not into)
        if into:
            self._target(node.this)

    def _target(self, node: object, *, makes: bool = False) -> None:
        if isinstance(node, exp.Schema):
            node = node.this
        if isinstance(node, exp.Directory):
            text = _folded(node.this)
            if text is not None:
                self._says.file(text, writes=True, is_directory=True)
        elif isinstance(node, exp.Table) and (parts := _parts(node)):
            path = self._path(node, parts)
            if path is None:
                self._table(parts, writes=True, makes=makes)
            else:
                self._says.file(path, writes=True)

    _WRITERS: ClassVar[dict[type, Callable[[Walk, exp.Expression], None]]] = {
        exp.Create: _creates,
        exp.Copy: _copies,
        exp.LoadData: _loads,
        exp.Attach: _attaches,
        exp.Detach: _nothing,
        exp.Use: _uses,
        exp.Drop: _drops,
        exp.TruncateTable: _truncates,
        exp.Into: _into,
    }


def looks_like_a_file(text: str) -> bool:
    """Tell whether the quoted name of a table is that of a file."""
    lower = text.lower()
    for suffix in _COMPRESSED:
        lower = lower.removesuffix(suffix)
    return "://" in text or lower.endswith(_SUFFIXES)


def _has_query(node: exp.Expression) -> bool:
    """Tell whether a node that is handled as a whole holds something that is read."""
    if isinstance(node, exp.Create):
        return str(node.args.get("kind")).upper() in _KINDS
    return _copies_out(node)


def _copies_out(node: exp.Expression) -> bool:
    return isinstance(node, exp.Copy) and not node.args.get("kind")


def _joins(node: exp.Expression) -> Iterator[exp.Expression]:
    """Yield what the target of an UPDATE is joined with."""
    if isinstance(node, exp.Update) and isinstance(node.this, exp.Table):
        yield from (one for one in _values(node.this.args.get("joins")) if isinstance(one, exp.Expression))


def _inner(node: exp.Expression, scope: _Scope, skipped: frozenset[str]) -> Iterator[tuple[exp.Expression, _Scope]]:
    """Yield what a node is made of, each with the common table expressions that it sees."""
    # The argument has been called both since version 28 renamed what is a keyword of Python.
    clause = node.args.get("with_") or node.args.get("with")
    if isinstance(clause, exp.With):
        ctes = clause.expressions
        names: dict[str, int] = {}
        for number, cte in enumerate(ctes):
            names.setdefault(cte.alias.lower(), number)
        recursive = bool(clause.args.get("recursive"))
        for number, cte in enumerate(ctes):
            # Without RECURSIVE, its own name means a table inside of it.
            yield cte, _Scope(names, number + 1 if recursive else number, scope)
        scope = _Scope(names, len(ctes), scope)
    for key, value in node.args.items():
        if key in skipped or key in {"with", "with_"}:
            continue
        for one in _values(value):
            if isinstance(one, exp.Expression):
                yield one, scope


def _values(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _parts(node: exp.Table) -> tuple[str, ...]:
    """Return the name of a table with the schema and database in front; empty for what has none."""
    if not isinstance(node.this, (exp.Identifier, exp.Var, exp.Dot)):
        return ()
    parts: list[str] = []
    for key in ("catalog", "db", "this"):
        value = node.args.get(key)
        while isinstance(value, exp.Dot):
            parts.append(value.this.name)
            value = value.expression
        if isinstance(value, exp.Expression) and value.name:
            parts.append(f"#{value.name}" if value.args.get("temporary") else value.name)
    return tuple(parts)


def _folded(node: object) -> str | None:
    """Return a text that stands there; ``None`` for anything that is not known."""
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None
