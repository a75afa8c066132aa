"""The words of a shell text (POSIX.1-2017, 2.3): operators, words with their quoting, redirections, here-documents.

Nothing is run. A word keeps what it is made of, so that variables can be filled in later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sbom.lineage.interface import ScriptError

#: Characters of a text that are read; pipelines write commands of a few lines.
MAX_TEXT: Final = 1 << 20
_OPERATORS: Final = (
    "&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&", "<<", ">>", "&>", ">&", "<&", "<>", ">|", "|&",
    ";", "&", "|", "(", ")", "<", ">",
)  # fmt: skip
_FIRST: Final = frozenset("&|;()<>")
REDIRECTIONS: Final = frozenset({"<", ">", ">>", ">|", "<>", "&>", "&>>", ">&", "<&", "<<", "<<-", "<<<"})
_NAME: Final = re.compile(r"[A-Za-z_]\w*|[@*#?$!\-0-9]", re.ASCII)
# What a plain run of characters of a word ends at.
_PLAIN: Final = re.compile(r"[^ \t\r\n\\'\"$`&|;()<>]+")
_QUOTED: Final = re.compile(r"[^\\\"$`]+")
# What stands behind $ in quotes of C's kind.
_ESCAPED: Final = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
# What brackets, and the quotes in them, are made of.
_BRACKET: Final = re.compile(r"[(){}'\"\\]")


class Part(NamedTuple):
    """A part of a word.

    :param kind: ``text``, ``variable`` (its name, with ``:-default`` and the like), ``command`` (of a substitution:
        its text), ``file`` (of a process substitution: its text) or ``unknown`` (arithmetic).
    :param quoted: it stood in quotes: no globs, braces or splitting in it.
    """

    kind: str
    text: str
    quoted: bool


@dataclass(slots=True)
class Token:
    """A word (its parts), an operator, or the end of a line.

    :ivar line: number of the line that it starts at, from 1.
    :ivar glued: no space stands in front of it.
    :ivar document: of the word behind ``<<``: the parts of the here-document.
    """

    operator: str = ""
    parts: list[Part] = field(default_factory=list)
    line: int = 1
    glued: bool = False
    document: list[Part] | None = None

    @property
    def plain(self) -> str | None:
        """The text of a word without variables and quotes; ``None`` where it has some."""
        if self.operator or not all(part.kind == "text" and not part.quoted for part in self.parts):
            return None
        return "".join(part.text for part in self.parts)


class _UnclosedError(Exception):
    """A quote or bracket is never closed."""


class _Lexer:
    """Reads a text once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self.tokens: list[Token] = []
        self._waiting: list[tuple[Token, str, bool]] = []

    def read(self) -> None:
        """Read the text to its end."""
        text = self._text
        behind = 0
        while self._at < len(text):
            char = text[self._at]
            if char == "\n":
                self.tokens.append(Token("\n", line=self._line))
                self._forward(1)
                self._documents()
            elif char in " \t\r":
                self._forward(1)
            elif text.startswith("\\\n", self._at):
                self._forward(2)
            elif char == "#":
                end = text.find("\n", self._at)
                self._forward((len(text) if end < 0 else end) - self._at)
            else:
                glued = bool(self._at) and behind == self._at
                self._token(glued=glued)
                behind = self._at

    def _token(self, *, glued: bool) -> None:
        operator = self._operator()
        if operator is None or self._text.startswith(("<(", ">("), self._at):
            self._word(glued=glued)
        else:
            self.tokens.append(Token(operator, line=self._line, glued=glued))
            self._forward(len(operator))

    def _forward(self, number: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + number)
        self._at += number

    def _operator(self) -> str | None:
        if self._text[self._at] not in _FIRST:
            return None
        return next(one for one in _OPERATORS if self._text.startswith(one, self._at))

    def _word(self, *, glued: bool) -> None:
        token = Token(line=self._line, glued=glued)
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if text.startswith(("<(", ">("), self._at) and not token.parts:
                token.parts.append(Part("file", self._brackets(self._at + 1), quoted=True))
            elif char in _FIRST or char in " \t\r\n":
                break
            elif text.startswith("\\\n", self._at):
                self._forward(2)
            elif char == "\\":
                token.parts.append(Part("text", text[self._at + 1 : self._at + 2], quoted=True))
                self._forward(2)
            elif char == "'":
                token.parts.append(Part("text", self._until("'"), quoted=True))
            elif char == '"':
                self._forward(1)
                token.parts += self.double('"')
            elif char in "$`":
                token.parts.append(self._dollar(quoted=False))
            else:
                match = _PLAIN.match(text, self._at)
                found = match[0] if match is not None else char
                token.parts.append(Part("text", found, quoted=False))
                self._forward(len(found))
        self._add(token)

    def _add(self, token: Token) -> None:
        """Keep a word; one behind ``<<`` says where a here-document ends."""
        if self.tokens and self.tokens[-1].operator in {"<<", "<<-"}:
            end = "".join(part.text for part in token.parts)
            self._waiting.append((token, end, any(part.quoted for part in token.parts)))
        self.tokens.append(token)

    def _until(self, mark: str) -> str:
        """Return what stands up to a closing mark, and go behind it."""
        end = self._text.find(mark, self._at + 1)
        if end < 0:
            raise _UnclosedError
        found = self._text[self._at + 1 : end]
        self._forward(end + 1 - self._at)
        return found

    def double(self, mark: str) -> list[Part]:
        """Read what stands in double quotes, or to the end of the text where ``mark`` is empty."""
        parts: list[Part] = [Part("text", "", quoted=True)]
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char == mark:
                self._forward(1)
                return parts
            if char == "\\":
                following = text[self._at + 1 : self._at + 2]
                special = following and following in '"\\$`\n'
                parts.append(Part("text", (following if special else f"\\{following}").replace("\n", ""), quoted=True))
                self._forward(2)
            elif char in "$`":
                parts.append(self._dollar(quoted=True))
            else:
                match = _QUOTED.match(text, self._at)
                found = match[0] if match is not None else char
                parts.append(Part("text", found, quoted=True))
                self._forward(len(found))
        if mark:
            raise _UnclosedError
        return parts

    def _dollar(self, *, quoted: bool) -> Part:
        """Read what starts with a dollar sign or a backquote."""
        text = self._text
        if text[self._at] == "`":
            return Part("command", self._until("`"), quoted)
        if text.startswith("$((", self._at):
            self._brackets(self._at + 1)
            return Part("unknown", "", quoted)
        following = text[self._at + 1 : self._at + 2]
        if following and following in "({":
            kind = "command" if following == "(" else "variable"
            return Part(kind, self._brackets(self._at + 1), quoted)
        if following == "'" and not quoted:
            return self._escaped()
        match = _NAME.match(text, self._at + 1)
        if match is None:
            self._forward(1)
            return Part("text", "$", quoted)
        self._forward(1 + len(match[0]))
        return Part("variable", match[0], quoted)

    def _escaped(self) -> Part:
        """Read ``$'…'``; what its escapes stand for is left open."""
        match = _ESCAPED.match(self._text, self._at + 1)
        if match is None:
            raise _UnclosedError
        self._forward(1 + len(match[0]))
        return Part("unknown" if "\\" in match[1] else "text", match[1], quoted=True)

    def _brackets(self, start: int) -> str:
        """Return what stands in the brackets that open at ``start``, and go behind them."""
        opening = self._text[start]
        closing = ")" if opening == "(" else "}"
        depth = 0
        quote = ""
        at = start
        while (match := _BRACKET.search(self._text, at)) is not None:
            char, at = match[0], match.end()
            if char == "\\":
                at += quote != "'"
            elif quote:
                quote = "" if char == quote else quote
            elif char in "'\"" and not (opening == "{" and char == "'"):
                quote = char
            else:
                depth += (char == opening) - (char == closing)
                if not depth:
                    found = self._text[start + 1 : match.start()]
                    self._forward(at - self._at)
                    return found
        raise _UnclosedError

    def _documents(self) -> None:
        """Read the here-documents whose words stood on the line that has just ended."""
        for token, end, literal in self._waiting:
            lines: list[str] = []
            while self._at < len(self._text):
                stop = self._text.find("\n", self._at)
                stop = len(self._text) if stop < 0 else stop
                line = self._text[self._at : stop]
                self._forward(min(stop + 1, len(self._text)) - self._at)
                if line.lstrip("\t") == end:
                    break
                lines.append(line)
            token.document = _document("\n".join(lines), literal=literal)
        self._waiting.clear()


def _document(text: str, *, literal: bool) -> list[Part]:
    """Return the parts of a here-document: variables are filled in, unless its mark is quoted."""
    found = None if literal else parts(text)
    return [Part("text", text, quoted=True)] if found is None else found


def parts(text: str) -> list[Part] | None:
    """Return the parts of a text that stands as if in double quotes; ``None`` where a bracket is never closed."""
    try:
        return _Lexer(text).double("")
    except _UnclosedError:
        return None


def split(text: str) -> tuple[list[Token], int | None]:
    """Return the tokens of a text, and the line of a quote or bracket that is never closed, where they end.

    :raises ScriptError: when the text is too long.
    """
    if len(text) > MAX_TEXT:
        raise ScriptError(f"has {len(text):,} characters; at most {MAX_TEXT:,} are read")
    lexer = _Lexer(text)
    try:
        lexer.read()
    except _UnclosedError:
        return lexer.tokens, lexer.tokens[-1].line if lexer.tokens else 1
    return lexer.tokens, None
