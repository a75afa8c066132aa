"""Shell commands and scripts (POSIX.1-2017, chapter 2, and what bash adds), read and never run.

Both branches of a condition are taken; loops over words that are known are unrolled, within bounds; variables are
followed as far as their values are known.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from sbom.lineage import programs, shellwords
from sbom.lineage.expansion import Word, expand
from sbom.lineage.interface import Access, Call, Found, ScriptError
from sbom.lineage.paths import is_url, resolve
from sbom.lineage.shellwords import REDIRECTIONS, Token
from sbom.transformation import INFERRED, LITERAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sbom.lineage.interface import Workspace

#: Simple commands that are read of one text, repetitions in loops included.
MAX_COMMANDS: Final = 5_000
_MAX_DEPTH: Final = 16
_SEPARATORS: Final = frozenset({";", "&", "|", "|&", "&&", "||", "\n", ";;", ";&", ";;&"})
_KEYWORDS: Final = frozenset(
    {"if", "then", "else", "elif", "fi", "do", "done", "while", "until", "esac", "{", "}", "!", "time"}
)
_SETTING: Final = frozenset({"export", "local", "readonly", "declare", "typeset"})
_SUFFIXES: Final = {"python": "py", "shell": "sh", "sql": "sql"}


class ShellReader:
    """Reads shell scripts (:class:`sbom.lineage.interface.ScriptReader`)."""

    name = "shell"
    suffixes = (".sh", ".bash", ".zsh", ".ksh")

    def read(self, call: Call, workspace: Workspace) -> Found:
        """Read a script with the arguments that it is called with."""
        text = workspace.text(call.script) if call.text is None else call.text
        reading = _Reading(workspace, call.directory, call.parameters, call.script, call.first_line)
        for number, argument in enumerate((call.script, *call.arguments)):
            reading.variables[str(number)] = argument
        reading.variables["@"] = reading.variables["*"] = " ".join(call.arguments)
        reading.variables["#"] = str(len(call.arguments))
        return reading.text(text)


def read_command(
    text: str, directory: str, workspace: Workspace, parameters: Mapping[str, object], where: str
) -> Found:
    """Read a command line.

    :param where: file and line that it stands at.
    :raises ScriptError: when a quote is never closed.
    """
    path, _, line = where.rpartition(":")
    reading = _Reading(workspace, directory, parameters, path or where, int(line) if line.isdecimal() else 1)
    reading.fixed = where
    return reading.text(text)


class _Reading:
    """One text that is being read; the state that the shell would have."""

    def __init__(
        self, workspace: Workspace, directory: str, parameters: Mapping[str, object], path: str, line: int
    ) -> None:
        self._workspace = workspace
        self._directory = directory
        self._parameters = parameters
        self._path = path
        self._first = line
        self._commands = 0
        self._depth = 0
        self._functions: dict[str, list[Token]] = {}
        self._found = Found()
        self._line = line
        #: The place of a command line, whose own lines are no lines of the file.
        self.fixed: str | None = None
        #: Values by name; ``None`` for what is set to something unknown.
        self.variables: dict[str, str | None] = {}
        #: Standard input of the command that is being looked at, where it is written in the script.
        self.stdin: str | None = None

    def text(self, text: str) -> Found:
        """Read a text to its end."""
        try:
            tokens = shellwords.split(text)
        except shellwords.UnclosedError as error:
            raise ScriptError("has a quote or a bracket that is never closed") from error
        self._tokens(tokens)
        return self._found

    @property
    def where(self) -> str:
        """The place of the command that is being looked at."""
        return self.fixed or f"{self._path}:{self._first + self._line - 1}"

    def _tokens(self, tokens: Sequence[Token]) -> None:
        """Read commands one after the other."""
        if self._depth > _MAX_DEPTH:
            self.problem("is nested too deep")
            return
        self._depth += 1
        at = 0
        current: list[Token] = []
        saved: list[str] = []
        while at < len(tokens) and self._commands < MAX_COMMANDS:
            token = tokens[at]
            name = token.plain if not current else None
            if (behind := self._compound(name, tokens, at)) is not None:
                at = behind
                continue
            if token.operator in _SEPARATORS or token.operator in {"(", ")"}:
                self._command(current)
                current = []
                if token.operator == "(":
                    saved.append(self._directory)
                elif token.operator == ")" and saved:
                    self._directory = saved.pop()
            elif name not in _KEYWORDS:
                current.append(token)
            at += 1
        self._command(current)
        if self._commands >= MAX_COMMANDS:
            self.problem(f"has more than {MAX_COMMANDS:,} commands; the rest was not read")
        self._depth -= 1

    def _compound(self, name: str | None, tokens: Sequence[Token], at: int) -> int | None:
        """Read a loop, a function or the head of a case; return where it ends, ``None`` where there is none."""
        if name in {"for", "select"}:
            return self._loop(tokens, at)
        if name == "case":
            return self._skip_to(tokens, at, {"in"}) + 1
        if name == "function" or (name and self._is_definition(tokens, at)):
            return self._define(tokens, at)
        return None

    @staticmethod
    def _skip_to(tokens: Sequence[Token], at: int, wanted: set[str]) -> int:
        while at < len(tokens) and tokens[at].plain not in wanted:
            at += 1
        return at

    def _loop(self, tokens: Sequence[Token], at: int) -> int:
        """Read a loop once for each word that it goes through; return where it ends."""
        start = self._skip_to(tokens, at, {"do"})
        end, depth = start, 0
        while end < len(tokens):
            plain = tokens[end].plain
            if plain == "do" and (end == start or tokens[end - 1].operator):
                depth += 1
            elif plain == "done":
                depth -= 1
                if not depth:
                    break
            end += 1
        head = [token for token in tokens[at + 1 : start] if not token.operator]
        body = tokens[start + 1 : end]
        variable = head[0].plain if head else None
        if variable is None:
            self._tokens(body)
            return end + 1
        words = [word for token in head[2:] for word in self._expand(token)] if len(head) > 1 else []
        if not words or not all(word.known and not word.pattern for word in words):
            self.variables[variable] = None
            self._tokens(body)
        else:
            for word in words:
                if self._commands >= MAX_COMMANDS:
                    break
                self.variables[variable] = word.text
                self._tokens(body)
        return end + 1

    @staticmethod
    def _is_definition(tokens: Sequence[Token], at: int) -> bool:
        return [token.operator for token in tokens[at + 1 : at + 3]] == ["(", ")"]

    def _define(self, tokens: Sequence[Token], at: int) -> int:
        """Keep a function for when it is called; return where its text ends."""
        if tokens[at].plain == "function":
            at += 1
        name = tokens[at].plain if at < len(tokens) else None
        start = self._skip_to(tokens, at + 1, {"{"})
        end, depth = start, 0
        while end < len(tokens):
            depth += (tokens[end].plain == "{") - (tokens[end].plain == "}")
            if not depth:
                break
            end += 1
        if name is not None:
            self._functions[name] = list(tokens[start + 1 : end])
        return end + 1

    def _expand(self, token: Token) -> list[Word]:
        return expand(token, self.variables, self._workspace, self._directory)

    def _command(self, tokens: Sequence[Token]) -> None:
        """Read one simple command: assignments, redirections, and a program."""
        if not tokens:
            return
        self._commands += 1
        self._line = tokens[0].line
        plain = self._redirected(tokens)
        at = 0
        while at < len(plain) and (pair := self._assignment(plain[at])) is not None:
            self.variables[pair[0]] = pair[1]
            at += 1
        words = [word for token in plain[at:] for word in self._expand(token)]
        if words:
            self.run(words)
        self.stdin = None

    def _redirected(self, tokens: Sequence[Token]) -> list[Token]:
        """Take the redirections out of a command, and say what they read and write."""
        plain: list[Token] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.operator not in REDIRECTIONS:
                plain.append(token)
                at += 1
                continue
            number = plain[-1].plain if plain else None
            errors = number == "2"
            if number in {"0", "1", "2"}:
                plain.pop()
            if at + 1 < len(tokens):
                self._redirect(token.operator, tokens[at + 1], errors=errors)
            at += 2
        return plain

    def _redirect(self, operator: str, target: Token, *, errors: bool) -> None:
        if operator in {"<<", "<<-"}:
            self.stdin = target.document
            return
        words = self._expand(target)
        if operator == "<<<":
            self.stdin = words[0].text if words and words[0].known else None
            return
        if len(words) != 1 or errors or words[0].text.isdecimal() or words[0].text.startswith("/dev/"):
            return
        if operator in {"<", "<>"}:
            self.read(words[0])
        elif not words[0].text.startswith("&"):
            self.write(words[0])

    def _assignment(self, token: Token) -> tuple[str, str | None] | None:
        """Return name and value of ``NAME=value``; ``None`` for any other word."""
        if token.operator or not token.parts or token.parts[0].kind != "text" or token.parts[0].quoted:
            return None
        name, sign, rest = token.parts[0].text.partition("=")
        if not sign or not name.isidentifier():
            return None
        value = Token(parts=[token.parts[0]._replace(text=rest, quoted=True), *token.parts[1:]])
        words = self._expand(value)
        return name, " ".join(word.text for word in words) if all(word.known for word in words) else None

    # -- what programs say: sbom.lineage.commandline.Given --

    def run(self, words: Sequence[Word]) -> None:
        """Run a program, a function or a builtin."""
        if not words:
            return
        name = words[0].text
        if name in self._functions:
            self._call_function(name, words[1:])
        elif name in {"cd", "pushd"}:
            self._change(words[1:])
        elif name in {"source", "."} and len(words) > 1:
            self.script(words[1], words[2:])
        elif name in _SETTING:
            for word in words[1:]:
                variable, sign, value = word.text.partition("=")
                if sign and variable.isidentifier():
                    self.variables[variable] = value if word.known else None
        elif name == "eval":
            self.inline("shell", " ".join(word.text for word in words[1:]), ())
        else:
            programs.run(words, self)

    def _call_function(self, name: str, arguments: Sequence[Word]) -> None:
        kept = self.variables
        self.variables = dict(kept)
        for number, word in enumerate(arguments, 1):
            self.variables[str(number)] = word.text if word.known else None
        self.variables["@"] = " ".join(word.text for word in arguments)
        line = self._line
        self._tokens(self._functions[name])
        self._line = line
        self.variables = kept

    def _change(self, words: Sequence[Word]) -> None:
        operands = [word for word in words if not word.text.startswith("-")]
        if not operands or not operands[0].known:
            return
        text = operands[0].text
        path = posixpath.normpath(posixpath.join(self._directory, text))
        if not text.startswith(("/", "~")) and not path.startswith(".."):
            self._directory = "" if path == "." else path

    def read(self, word: Word) -> None:
        """Say that something is read."""
        self._access(word, writes=False)

    def write(self, word: Word) -> None:
        """Say that something is written."""
        self._access(word, writes=True)

    def _access(self, word: Word, *, writes: bool) -> None:
        if word.known and not word.pattern:
            name = resolve(word.text, self._directory)
            if name is not None and not is_url(name) and self._workspace.is_directory(name):
                name = resolve(word.text, self._directory, is_directory=True)
            kind = LITERAL
        else:
            directory = word.directory
            name = None if directory is None else resolve(directory, self._directory, is_directory=True)
            kind = INFERRED
        if name is not None:
            self._found.accesses.append(Access(name, writes, kind, self.where))

    def script(self, word: Word, arguments: Sequence[Word]) -> None:
        """Say that a script of the workspace is run."""
        path = resolve(word.text, self._directory) if word.known else None
        if path is None or is_url(path):
            return
        if not self._workspace.is_file(path):
            if path.endswith((".py", ".sh", ".ipynb", ".sql")):
                self.problem(f"runs {path}, which is not there")
            return
        self._found.calls.append(
            Call(path, tuple(one.text for one in arguments if one.known), self._directory, self._parameters, self.where)
        )

    def inline(self, language: str, text: str, arguments: Sequence[Word]) -> None:
        """Say that a text is run."""
        if language == "shell":
            self._found.commands.append((text, self._directory, self.where))
            return
        words = tuple(one.text for one in arguments if one.known)
        path = f"{self._path}.{_SUFFIXES[language]}"
        call = Call(path, words, self._directory, self._parameters, self.where, text, self._first + self._line - 1)
        self._found.calls.append(call)

    def module(self, name: str, arguments: Sequence[Word]) -> None:
        """Say that a Python module is run; one that is not in the workspace is installed software."""
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return
        for base in dict.fromkeys((self._directory, "", posixpath.join(self._directory, "src"), "src")):
            stem = posixpath.join(base, *parts)
            for path in (f"{stem}.py", f"{stem}/__main__.py"):
                if self._workspace.is_file(path):
                    self.script(Word(posixpath.relpath(path, self._directory or "."), known=True), arguments)
                    return

    def sql(self, text: str, dialect: str) -> None:
        """Say that SQL is run."""
        from sbom.lineage import sql  # noqa: PLC0415  # heavy

        try:
            self._found.accesses += sql.accesses(text, self._directory, self.where, dialect)
        except ScriptError as error:
            self.problem(f"holds SQL that {error}")

    def problem(self, what: str) -> None:
        """Say what could not be understood."""
        self._found.problems.append((self._path, f"{what} (line {self.where.rpartition(':')[2]})"))
