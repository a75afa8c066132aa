"""What the commands of a shell text say that they do, each with the place that it was read from."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from sbom import names
from sbom.lineage.interface import Access, Call, Found, ScriptError
from sbom.lineage.paths import is_url, resolve
from sbom.transformation import INFERRED, LITERAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sbom.lineage.expansion import Word
    from sbom.lineage.interface import Workspace

_SCRIPTS = (".py", ".sh", ".bash", ".ipynb", ".sql", ".r")


class Origin(NamedTuple):
    """Where a text stands.

    :param path: file that it is in.
    :param first: line of the file that it starts at.
    :param fixed: it stands there as a whole: its own lines are no lines of the file (a command of a pipeline).
    """

    path: str
    first: int
    fixed: bool = False

    def line(self, line: int) -> int:
        """Return the line of the file that a line of the text is."""
        return self.first if self.fixed else self.first + line - 1


class Says:
    """Keeps what is said; the part of :class:`sbom.lineage.commandline.Given` that needs no shell.

    :ivar found: what was said.
    :ivar directory: working directory; ``None`` where it is unknown or lies outside of the workspace.
    :ivar line: line of the text that is being looked at.
    :ivar stdin: what a command reads from its standard input, where that stands in the text.
    :ivar input: the file that is its standard input, as long as nobody has read it.
    """

    def __init__(self, workspace: Workspace, parameters: Mapping[str, object], directory: str, origin: Origin) -> None:
        self.workspace = workspace
        self.directory: str | None = directory
        self.found = Found()
        self.origin = origin
        self.line = 1
        self.stdin: Word | None = None
        self.input: Word | None = None
        self._parameters = parameters

    @property
    def where(self) -> str:
        """The place of the command that is being looked at."""
        return f"{self.origin.path}:{self.origin.line(self.line)}"

    def read(self, word: Word) -> None:
        """Say that something is read."""
        self._access(word, writes=False)

    def write(self, word: Word) -> None:
        """Say that something is written."""
        self._access(word, writes=True)

    def _access(self, word: Word, *, writes: bool) -> None:
        text, kind = word.text, INFERRED if word.inferred else LITERAL
        as_directory = False
        if not word.known or word.pattern:
            text, kind, as_directory = word.directory or "", INFERRED, True
        if not text or text.startswith(("-", "/dev/")):
            return
        name = self._resolved(text, is_directory=as_directory)
        if name is not None and not is_url(name) and self.workspace.is_directory(name):
            name = self._resolved(text, is_directory=True)
        if name is not None and not (as_directory and is_url(name)):
            self.found.accesses.append(Access(name, writes, kind, self.where))

    def path(self, word: Word) -> str | None:
        """Return the name in the workspace of a file that a word names; ``None`` where it has none or is unknown."""
        found = self._resolved(word.text) if word.known and not word.pattern else None
        return None if found is None or is_url(found) else found

    def _resolved(self, text: str, *, is_directory: bool = False) -> str | None:
        if self.directory is None:
            return resolve(text, "") if is_url(text) else None
        return resolve(text, self.directory, is_directory=is_directory)

    def is_directory(self, word: Word) -> bool:
        """Tell whether a word names a directory that is there."""
        path = self.path(word)
        return path is not None and self.workspace.is_directory(path)

    def input_file(self) -> Word | None:
        """Return the file that is standard input, as a script."""
        found, self.input = self.input, None
        return found

    def script(self, word: Word, arguments: Sequence[Word]) -> None:
        """Say that a script of the workspace is run."""
        path = self.path(word)
        if path is None:
            if not word.known or word.text.lower().endswith(_SCRIPTS):
                self.problem(f"runs a script of which it is not known where it lies: {names.display(word.text)}")
            return
        if not self.workspace.is_file(path):
            if path.lower().endswith(_SCRIPTS):
                self.problem(f"runs {names.display(path)}, which is not there")
            return
        self._call(Call(path, _known(arguments), self.directory or "", self._parameters, self.where))

    def _call(self, call: Call) -> None:
        self.found.calls.append(call._replace(after=len(self.found.accesses)))

    def module(self, name: str, arguments: Sequence[Word]) -> None:
        """Say that a Python module is run; one that is not in the workspace is installed software."""
        parts = name.split(".")
        if self.directory is None or not all(part.isidentifier() for part in parts):
            return
        for base in dict.fromkeys((self.directory, "", posixpath.join(self.directory, "src"), "src")):
            stem = posixpath.join(base, *parts)
            for path in (f"{stem}.py", f"{stem}/__main__.py"):
                if self.workspace.is_file(path):
                    self._call(Call(path, _known(arguments), self.directory, self._parameters, self.where))
                    return

    def python(self, word: Word, arguments: Sequence[Word]) -> None:
        """Say that a text of Python is run."""
        if self.directory is None or not word.known:
            self.problem("runs Python that is not known, or in a directory that is not known")
            return
        first = self.origin.line(self.line)
        # A here-document starts on the line after its command's.
        first += word is self.stdin and not self.origin.fixed
        call = Call(self.origin.path, _known(arguments), self.directory, self._parameters, self.where, word.text, first)
        self._call(call._replace(language="python"))

    def sql(self, word: Word, dialect: str, database: Word | None = None, *, is_file: bool = False) -> None:
        """Say that SQL is run."""
        from sbom.lineage import sql  # noqa: PLC0415  # heavy

        file = None if database is None else self.path(database)
        path = self.path(word) if is_file else self.origin.path
        if self.directory is None or not word.known or path is None or (database is not None and file is None):
            self.problem("runs SQL that is not known, or in a database or directory that is not known")
            return
        if is_file:
            self.found.scripts.append(path)
        try:
            text = self.workspace.text(path) if is_file else word.text
            where = f"{path}:1" if is_file else self.where
            found = sql.read(text, self.directory, where, self.workspace, dialect=dialect, database=file or "")
        except ScriptError as error:
            if is_file:
                self.found.problems.append((path, str(error)))
            else:
                self.problem(f"runs SQL that {error}")
            return
        self.found.accesses += found.accesses
        self.found.scripts += found.scripts
        self.found.problems += found.problems

    def problem(self, what: str) -> None:
        """Say what could not be understood."""
        problem = (self.origin.path, f"{what} (line {self.origin.line(self.line)})")
        if problem not in self.found.problems[-1:]:
            self.found.problems.append(problem)


def _known(words: Sequence[Word]) -> tuple[str, ...]:
    return tuple(word.text for word in words if word.known)
