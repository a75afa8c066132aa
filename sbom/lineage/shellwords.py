"""The words of a shell text (POSIX.1-2017, 2.3): operators, words with their quoting, redirections, here-documents.

Nothing is run. A word keeps what it is made of, so that variables can be filled in later; what cannot be known
(a command substitution, arithmetic) is marked as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

#: Characters of a text that are read; pipelines write commands of a few lines.
MAX_TEXT: Final = 1 << 20
_OPERATORS: Final = (
    "&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&", "<<", ">>", "&>", ">&", "<&", "<>", ">|", "|&",
    ";", "&", "|", "(", ")", "<", ">",
)  # fmt: skip
REDIRECTIONS: Final = frozenset({"<", ">", ">>", ">|", "<>", "&>", "&>>", ">&", "<&", "<<", "<<-", "<<<"})
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SPECIAL: Final = frozenset("@*#?$!-0123456789")


class Part(NamedTuple):
    """A part of a word.

    :param kind: ``text``, ``variable`` (its name, with ``:-default`` and the like) or ``unknown``.
    :param quoted: it stood in quotes: no globs, braces or splitting in it.
    """

    kind: str
    text: str
    quoted: bool


@dataclass(slots=True)
class Token:
    """A word (its parts), an operator, or the end of a line.

    :ivar line: number of the line that it starts at, from 1.
    :ivar document: of a here-document: its text.
    """

    operator: str = ""
    parts: list[Part] = field(default_factory=list)
    line: int = 1
    document: str | None = None

    @property
    def plain(self) -> str | None:
        """The text of a word without variables and quotes; ``None`` where it has some."""
        if self.operator or not all(part.kind == "text" and not part.quoted for part in self.parts):
            return None
        return "".join(part.text for part in self.parts)


class UnclosedError(Exception):
    """A quote or bracket is never closed."""


class _Lexer:
    """Reads a text once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._tokens: list[Token] = []
        self._waiting: list[tuple[Token, str]] = []

    def tokens(self) -> list[Token]:
        """Read the text to its end."""
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char == "\n":
                self._tokens.append(Token("\n", line=self._line))
                self._forward(1)
                self._documents()
            elif char in " \t\r":
                self._forward(1)
            elif text.startswith("\\\n", self._at):
                self._forward(2)
            elif char == "#":
                end = text.find("\n", self._at)
                self._forward((len(text) if end < 0 else end) - self._at)
            elif (operator := self._operator()) is not None:
                self._tokens.append(Token(operator, line=self._line))
                self._forward(len(operator))
            else:
                self._word()
        return self._tokens

    def _forward(self, number: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + number)
        self._at += number

    def _operator(self) -> str | None:
        return next((one for one in _OPERATORS if self._text.startswith(one, self._at)), None)

    def _word(self) -> None:
        token = Token(line=self._line)
        text = self._text
        plain: list[str] = []

        def flush() -> None:
            if plain:
                token.parts.append(Part("text", "".join(plain), quoted=False))
                plain.clear()

        while self._at < len(text):
            char = text[self._at]
            if char in " \t\r\n" or self._operator() is not None:
                break
            if text.startswith("\\\n", self._at):
                self._forward(2)
            elif char == "\\":
                flush()
                token.parts.append(Part("text", text[self._at + 1 : self._at + 2], quoted=True))
                self._forward(2)
            elif char == "'":
                flush()
                token.parts.append(Part("text", self._until("'"), quoted=True))
            elif char == '"':
                flush()
                self._double(token)
            elif char in "$`":
                flush()
                token.parts.append(self._dollar(quoted=False))
            else:
                plain.append(char)
                self._forward(1)
        flush()
        self._add(token)

    def _add(self, token: Token) -> None:
        """Keep a word; one behind ``<<`` says where a here-document ends."""
        if self._tokens and self._tokens[-1].operator in {"<<", "<<-"}:
            self._waiting.append((token, "".join(part.text for part in token.parts)))
        self._tokens.append(token)

    def _until(self, mark: str) -> str:
        """Return what stands up to a closing mark, and go behind it."""
        end = self._text.find(mark, self._at + 1)
        if end < 0:
            raise UnclosedError
        found = self._text[self._at + 1 : end]
        self._forward(end + 1 - self._at)
        return found

    def _double(self, token: Token) -> None:
        """Read a text in double quotes."""
        self._forward(1)
        plain: list[str] = []
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char == '"':
                token.parts.append(Part("text", "".join(plain), quoted=True))
                self._forward(1)
                return
            if char == "\\" and text[self._at + 1 : self._at + 2] in {'"', "\\", "$", "`", "\n"}:
                plain.append(text[self._at + 1].replace("\n", ""))
                self._forward(2)
            elif char in "$`":
                token.parts.append(Part("text", "".join(plain), quoted=True))
                plain.clear()
                token.parts.append(self._dollar(quoted=True))
            else:
                plain.append(char)
                self._forward(1)
        raise UnclosedError

    def _dollar(self, *, quoted: bool) -> Part:
        """Read what starts with a dollar sign or a backquote."""
        text = self._text
        if text[self._at] == "`":
            self._until("`")
            return Part("unknown", "", quoted)
        following = text[self._at + 1 : self._at + 2]
        if following == "(":
            self._brackets("(", ")")
            return Part("unknown", "", quoted)
        if following == "{":
            return Part("variable", self._brackets("{", "}"), quoted)
        if following == "'":
            self._forward(1)
            return Part("text", self._until("'"), quoted=True)
        end = self._at + 1
        if following in _SPECIAL:
            end += 1
        else:
            while end < len(text) and text[end] in _NAME:
                end += 1
        name = text[self._at + 1 : end]
        self._forward(end - self._at)
        return Part("variable", name, quoted) if name else Part("text", "$", quoted)

    def _brackets(self, opening: str, closing: str) -> str:
        """Return what stands in brackets, which may hold others of the kind, and go behind it."""
        depth = 0
        start = self._at + 2
        for end in range(self._at + 1, len(self._text)):
            char = self._text[end]
            depth += (char == opening) - (char == closing)
            if not depth:
                found = self._text[start:end]
                self._forward(end + 1 - self._at)
                return found
        raise UnclosedError

    def _documents(self) -> None:
        """Read the here-documents whose words stood on the line that has just ended."""
        for token, end in self._waiting:
            lines: list[str] = []
            while self._at < len(self._text):
                stop = self._text.find("\n", self._at)
                stop = len(self._text) if stop < 0 else stop
                line = self._text[self._at : stop]
                self._forward(stop - self._at)
                if self._at < len(self._text):
                    self._forward(1)
                if line.strip("\t") == end or line == end:
                    break
                lines.append(line)
            token.document = "\n".join(lines)
        self._waiting.clear()


def split(text: str) -> list[Token]:
    """Return the tokens of a text.

    :raises UnclosedError: when a quote or bracket is never closed, or the text is too long.
    """
    if len(text) > MAX_TEXT:
        raise UnclosedError
    return _Lexer(text).tokens()
