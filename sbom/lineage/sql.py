r"""SQL: which tables and files statements read and write. Parsed with sqlglot (the ``sql`` extra), never run.

Statements are parsed one by one, so that one that is not understood does not hide the others. Between them there may be
commands of the shells of SQLite, DuckDB and PostgreSQL (``.import``, ``\copy``).
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from sbom.lineage import sqltext
from sbom.lineage.interface import Access, Call, Found, ScriptError
from sbom.lineage.paths import is_url, resolve
from sbom.transformation import INFERRED, LITERAL, TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.lineage.interface import Workspace

#: Characters of a text that are parsed: about five seconds.
MAX_TEXT: Final = 1 << 20
#: How many scripts one may include another (``.read``, ``\\i``).
_MAX_DEPTH: Final = 8
_WILD: Final = re.compile(r"[*?\[{]")
_CONNECTION: Final = re.compile(r"\w+=\S+\s")
_SHELL_INPUT: Final = frozenset({"import", "restore"})
_SHELL_OUTPUT: Final = frozenset({"output", "once", "save", "backup", "o", "out"})
_INCLUDE: Final = frozenset({"read", "i", "ir", "include", "include_relative"})
_OPTIONS_WITH_VALUE: Final = frozenset({"--skip", "--schema", "-skip", "-schema"})


class SqlReader:
    """Reads SQL scripts (:class:`sbom.lineage.interface.ScriptReader`)."""

    name = "sql"
    suffixes = (".sql",)

    def read(self, call: Call, workspace: Workspace) -> Found:
        """Read a script; values of the pipeline are filled in for ``{{ name }}``."""
        text = workspace.text(call.script) if call.text is None else call.text
        return read(text, call.directory, f"{call.script}:{call.first_line}", workspace, parameters=call.parameters)


def accesses(text: str, directory: str, where: str, dialect: str | None = None) -> list[Access]:
    """Return what a text of one or more statements reads and writes, in their order.

    Tables that the text itself makes for a while are neither. Statements that cannot be parsed are left out.

    :param where: file and line that the text starts at.
    :param dialect: the one to try first.
    :raises ScriptError: when nothing of it can be parsed, or sqlglot is not installed.
    """
    return _read(text, directory, where, None, dialect, "", None).found.accesses


def read(  # noqa: PLR0913  # a text, where it stands, and how it is run
    text: str,
    directory: str,
    where: str,
    workspace: Workspace | None,
    *,
    dialect: str | None = None,
    database: str = "",
    parameters: Mapping[str, object] | None = None,
) -> Found:
    """Read a text of one or more statements, and the scripts that it includes.

    :param where: file and line that the text starts at.
    :param dialect: the one to try first.
    :param database: name in the workspace of the file that the tables are in; without one, each table stands for
        itself.
    :param parameters: values for ``{{ name }}``.
    :raises ScriptError: when nothing of it can be parsed, or sqlglot is not installed.
    """
    return _read(text, directory, where, workspace, dialect, database, parameters).found


def _read(  # noqa: PLR0913, PLR0917  # as above
    text: str,
    directory: str,
    where: str,
    workspace: Workspace | None,
    dialect: str | None,
    database: str,
    parameters: Mapping[str, object] | None,
) -> _Reading:
    reading = _Reading(directory, workspace, dialect, database)
    failed, understood = reading.text(text, where, parameters)
    if failed and not understood:
        raise ScriptError(failed[0])
    path = where.rpartition(":")[0] or where
    reading.found.problems += [(path, f"holds SQL that {what}") for what in failed]
    return reading


class _Reading:
    """One text that is being read, and those that it includes (:class:`sbom.lineage.sqltree.Says`)."""

    def __init__(self, directory: str, workspace: Workspace | None, dialect: str | None, database: str) -> None:
        self.found = Found()
        self._directory = directory
        self._workspace = workspace
        self._dialect = dialect
        self._database = database
        self._where = ""
        self._depth = 0
        #: Databases that were given a name, and the names of tables by how they were made.
        self._attached: dict[str, str | None] = {}
        self._made: set[str] = set()
        self._temporary: set[str] = set()

    def text(self, text: str, where: str, parameters: Mapping[str, object] | None = None) -> tuple[list[str], int]:
        """Read a text; return what is wrong with the statements that were not understood, and how many were."""
        if len(text) > MAX_TEXT:
            raise ScriptError(f"has {len(text):,} characters; at most {MAX_TEXT:,} are read")
        path, _, line = where.rpartition(":")
        first = int(line) if path and line.isdecimal() else 1
        path = path or where
        failed: list[str] = []
        understood = 0
        parsing = sqltext.Parsing(self._dialect) if sqltext.is_installed() else None
        for piece in sqltext.pieces(sqltext.filled(text, parameters or {})):
            place = first + piece.line - 1
            self._where = f"{path}:{place}"
            if piece.command:
                understood += 1
                self._command(piece.command, piece.text)
                continue
            if parsing is None:
                failed = [sqltext.MISSING]
                continue
            for statement in parsing.statements(piece.text):
                at = place + statement.line - 1
                self._where = f"{path}:{at}"
                if self._statement(statement):
                    understood += 1
                else:
                    failed.append(f"cannot be parsed (line {at})")
        return failed, understood

    def _statement(self, statement: sqltext.Statement) -> bool:
        """Say what a statement does; return whether that is known."""
        for name, writes, is_directory in statement.files:
            self.file(name, writes=writes, is_directory=is_directory)
        for name in statement.tables:
            self.table(tuple(name.split(".")), writes=True)
        if statement.tree is None:
            return statement.known
        from sbom.lineage.sqltree import Walk  # noqa: PLC0415  # imports sqlglot, which may be missing

        Walk(self, files_as_tables=statement.dialect == "duckdb").statement(statement.tree)
        return True

    # -- commands of database shells -----------------------------------------------------------------------------------

    def _command(self, name: str, rest: str) -> None:
        operands = _operands(rest)
        if name == "dump" and self._database:
            self.found.accesses.append(Access(self._database, False, LITERAL, self._where))  # noqa: FBT003  # reads
        if not operands or operands[0].startswith("|"):
            return  # the output goes to a program, or back to the terminal
        if name in _SHELL_INPUT:
            self.file(operands[-1] if name == "restore" else operands[0], writes=False)
            if name == "import" and len(operands) > 1:
                self.table((operands[1],), writes=True, makes=True)
        elif name in _SHELL_OUTPUT and operands[0] not in {"stdout", "off"}:
            self.file(operands[-1], writes=True)
        elif name == "open":
            self._database = resolve(operands[0], self._directory) or ""
        elif name in _INCLUDE:
            self._include(operands[0])

    def _include(self, text: str) -> None:
        path = resolve(text, self._directory)
        if path is None or self._workspace is None or path in self.found.scripts:
            return
        self.found.scripts.append(path)
        if self._depth >= _MAX_DEPTH:
            self.found.problems.append((path, f"is included more than {_MAX_DEPTH} scripts deep; it was not read"))
            return
        where = self._where
        self._depth += 1
        try:
            failed, _ = self.text(self._workspace.text(path), f"{path}:1")
        except ScriptError as error:
            self.found.problems.append((path, str(error)))
        else:
            self.found.problems += [(path, f"holds SQL that {what}") for what in failed]
        self._depth -= 1
        self._where = where

    # -- what statements say -------------------------------------------------------------------------------------------

    def file(self, text: str, *, writes: bool, is_directory: bool = False) -> None:
        """Say that a file is read or written."""
        if sqltext.UNKNOWN in text:
            head, kind = text.partition(sqltext.UNKNOWN)[0].rpartition("/")[0], INFERRED
            name = resolve(head, self._directory, is_directory=True) if head else None
        elif _WILD.search(text) and not is_url(text):
            head, kind = _WILD.split(text)[0].rpartition("/")[0] or ".", INFERRED
            name = resolve(head, self._directory, is_directory=True)
        else:
            name, kind = resolve(text, self._directory, is_directory=is_directory and not is_url(text)), LITERAL
        if name is not None:
            self.found.accesses.append(Access(name, writes, kind, self._where))

    def table(self, parts: tuple[str, ...], *, writes: bool, makes: bool = False) -> None:
        """Say that a table is read, changed or made; of a database that is a file, that file is."""
        key = ".".join(parts).lower()
        if key in self._temporary or sqltext.UNKNOWN in key:
            return
        prefix = parts[0].lower() if len(parts) > 1 else ""
        database = self._attached.get(prefix, self._database) if prefix else self._database
        name = resolve(database or f"{TABLE}{'.'.join(parts)}", "")
        if name is None:
            return
        if database and key not in self._made and not makes:
            # What it does not make was in the file before.
            self.found.accesses.append(Access(name, False, LITERAL, self._where))  # noqa: FBT003  # reads
        if writes or not database:
            self.found.accesses.append(Access(name, writes, LITERAL, self._where))
        if makes:
            self._made.add(key)

    def temporary(self, parts: tuple[str, ...]) -> None:
        """Say that a table is made that ends with the session."""
        self._temporary.add(".".join(parts).lower())

    def drop(self, parts: tuple[str, ...]) -> None:
        """Say that a table is removed: one that the text made was only there for a while."""
        key = ".".join(parts).lower()
        if key not in self._made:
            return
        self._made.discard(key)
        gone = {f"{TABLE}{key}"}
        self.found.accesses = [one for one in self.found.accesses if one.name.lower() not in gone]

    def attach(self, text: str, alias: str) -> None:
        """Say that a database gets a name."""
        if text and text != ":memory:" and not is_url(text) and not _CONNECTION.match(f"{text} "):
            stem = text.rpartition("/")[2].partition(".")[0]
            self._attached[(alias or stem).lower()] = resolve(text, self._directory)

    def use(self, name: str) -> None:
        """Say that a database is the one whose tables need no prefix."""
        self._database = self._attached.get(name.lower()) or self._database


def _operands(text: str) -> list[str]:
    """Return the words of a command that are no options."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    waiting = iter(words)
    found: list[str] = []
    for word in waiting:
        if word in _OPTIONS_WITH_VALUE:
            next(waiting, None)
        elif not word.startswith("-"):
            found.append(word)
    return found
