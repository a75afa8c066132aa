"""Databases that are a file: what statements, and readers and writers of tables, do with their connections."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.lineage.interface import ScriptError
from sbom.lineage.python import apis, texts
from sbom.lineage.python.handles import Connected, Handle
from sbom.lineage.python.machine import Effect
from sbom.lineage.python.values import UNKNOWN, Builtin, Text, alternatives

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

_WRITES = re.compile(
    r"\s*(?:WITH\b.*?\)\s*)?(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|IMPORT)\b", re.IGNORECASE | re.DOTALL
)
_READS = re.compile(r"\b(?:SELECT|FROM|COPY)\b", re.IGNORECASE)
_STATEMENTS = frozenset({"execute", "executemany", "executescript", "sql", "query", "execute_sql"})
_ITSELF = frozenset({"cursor", "connect", "begin", "raw_connection", "__enter__", "execution_options", "Session"})
_WRITERS = frozenset({"register", "add", "add_all", "bulk_insert_mappings", "create_all", "append", "create_table"})


class Database(Connected):
    """A connection that statements run on.

    :ivar dialect: of its SQL, which may name further files.
    """

    __slots__ = ("dialect",)

    def __init__(self, name: Value, dialect: str) -> None:
        super().__init__(name)
        self.dialect = dialect

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a method."""
        if name in _ITSELF:
            return Builtin(name, lambda _machine, _given: self)
        if name in _STATEMENTS:
            return Builtin(name, self._statement)
        if name in _WRITERS:
            return Builtin(name, self._written)
        return super().attribute(machine, name)

    def call(self, machine: Machine, given: Given) -> Value:
        """Make a session."""
        machine.step(len(given.arguments))
        return self

    def _statement(self, machine: Machine, given: Given) -> Value:
        for one in alternatives(given.get(0, "statement", "sql", "query")):
            self.run(machine, script_text(machine, one) if isinstance(one, Handle) else one, given.where)
        return self

    def _written(self, machine: Machine, given: Given) -> Value:
        if self.dialect != "duckdb":
            machine.record(Effect.WRITE, self.name, given.where)
        return UNKNOWN

    def run(self, machine: Machine, statement: Value, where: str) -> None:
        """Note what a statement does: to the database itself, and to files that it names."""
        whole = "".join(part or " ? " for part in statement.parts) if isinstance(statement, Text) else ""
        statements = [one for one in whole.split(";") if one.strip()]
        if any(_WRITES.match(one) for one in statements):
            machine.record(Effect.WRITE, self.name, where)
        if any(_READS.search(one) for one in statements if not _WRITES.match(one)):
            machine.record(Effect.READ, self.name, where)
        if self.dialect == "duckdb" and isinstance(statement, Text):
            apis.run_sql(machine, statement, where)


def script_text(machine: Machine, handle: Handle) -> Value:
    """Return the statements of a file of the workspace, which is no data then."""
    path = texts.in_workspace(handle.name, machine.directory) if isinstance(handle.name, Text) else None
    if path is None or not path.lower().endswith(".sql") or not machine.workspace.is_file(path):
        return UNKNOWN
    handle.is_configuration(machine)
    try:
        return texts.long(machine.workspace.text(path))
    except ScriptError as error:
        machine.problem(path, str(error))
        return UNKNOWN


def _connect(dialect: str) -> Callable[[Machine, Given], Value]:
    def function(machine: Machine, given: Given) -> Value:
        name = given.get(0, "database", "db_path")
        known = name.known if isinstance(name, Text) else None
        if not isinstance(name, Text) or known in {":memory:", "", ":default:"}:
            return Database(UNKNOWN, dialect)
        if known is not None and known.startswith("file:"):
            name = texts.text(known[5:].partition("?")[0])
        machine.record(Effect.DATABASE, name, given.where)
        return Database(name, dialect)

    return function


def _engine(machine: Machine, given: Given) -> Value:
    """Do ``sqlalchemy.create_engine``."""
    for one in alternatives(given.get(0, "url")):
        name = apis.file_of(one)
        if name is not None:
            machine.record(Effect.DATABASE, name, given.where)
            return Database(name, "sql")
    return Database(UNKNOWN, "sql")


def _statement(machine: Machine, given: Given) -> Value:
    """Do ``duckdb.sql``: in memory."""
    database = Database(UNKNOWN, "duckdb")
    database.run(machine, given.get(0, "query"), given.where)
    return database


def _read_sql(machine: Machine, given: Given) -> Value:
    """Do ``pandas.read_sql``."""
    connection = given.get(1, "con", "connection", "connection_uri", "conn")
    if isinstance(connection, Text):
        connection = _engine(machine, given.replaced([connection]))
    if isinstance(connection, Database):
        machine.record(Effect.READ, connection.name, given.where)
    return UNKNOWN.child("read_sql()")


def _session(_machine: Machine, given: Given) -> Value:
    """Do ``sqlalchemy.orm.Session`` and ``sessionmaker``."""
    bind = given.get(0, "bind")
    return bind if isinstance(bind, Database) else UNKNOWN


def _text(_machine: Machine, given: Given) -> Value:
    return given.get(0, "text")


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "sqlite3.connect": _connect("sqlite"),
    "aiosqlite.connect": _connect("sqlite"),
    "duckdb.connect": _connect("duckdb"),
    "ibis.duckdb.connect": _connect("duckdb"),
    "ibis.sqlite.connect": _connect("sqlite"),
    "dataset.connect": _engine,
    "sqlalchemy.create_engine": _engine,
    "sqlalchemy.engine.create_engine": _engine,
    "sqlmodel.create_engine": _engine,
    "sqlalchemy.orm.sessionmaker": _session,
    "sqlalchemy.orm.Session": _session,
    "sqlalchemy.text": _text,
    "sqlalchemy.sql.text": _text,
    "contextlib.closing": _text,
    **{f"duckdb.{name}": _statement for name in ("sql", "query", "execute")},
    **{
        f"{library}.{name}": _read_sql
        for library in ("pandas", "polars")
        for name in ("read_sql", "read_sql_query", "read_sql_table", "read_database")
    },
}
