"""The commands of a shell text (POSIX.1-2017, 2.9): simple ones, and what is made of them.

What is deeper than :data:`MAX_DEPTH` is read as if its keywords were not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from sbom.lineage.shellwords import REDIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.lineage.shellwords import Token

#: Compound commands in each other.
MAX_DEPTH: Final = 30
_NONE: Final[frozenset[str]] = frozenset()
_ENDS: Final = frozenset({";;", ";&", ";;&"})
_SEPARATORS: Final = frozenset({";", "&", "|", "|&", "&&", "||", "\n"}) | _ENDS
_IGNORED: Final = frozenset({"!", "time", "then", "do", "else", "fi", "done", "esac", "}", "elif"})


class Simple(NamedTuple):
    """A simple command.

    :param tokens: words and redirections.
    :param piped: it reads what the command before it writes.
    :param negated: ``!`` stands in front of it.
    """

    tokens: tuple[Token, ...]
    piped: bool = False
    negated: bool = False


class If(NamedTuple):
    """Conditions, what is done when each of them is true, and what is done otherwise."""

    branches: tuple[tuple[Block, Block], ...]
    otherwise: Block


class While(NamedTuple):
    """A loop that goes on as long as, or until, a condition is true."""

    condition: Block
    body: Block


class For(NamedTuple):
    """A loop through words; ``words`` is ``None`` for the positional parameters."""

    variable: str | None
    words: tuple[Token, ...] | None
    body: Block


class Case(NamedTuple):
    """A choice: patterns, and what is done when one of them matches the subject."""

    subject: Token
    arms: tuple[tuple[tuple[Token, ...], Block], ...]


class Function(NamedTuple):
    """A function that is defined."""

    name: str
    body: Block


class Group(NamedTuple):
    """Commands in brackets.

    :param subshell: round ones: nothing that they change lasts.
    :param redirections: of all of them.
    """

    body: Block
    subshell: bool
    redirections: tuple[Token, ...]


Node = Simple | If | While | For | Case | Function | Group
Block = tuple["Node", ...]


class Tree(NamedTuple):
    """The commands of a text.

    :param too_deep: they are in each other more than :data:`MAX_DEPTH` deep.
    """

    block: Block
    too_deep: bool


def parse(tokens: Sequence[Token]) -> Tree:
    """Return the commands that tokens are made of."""
    parser = _Parser(tokens)
    found: list[Node] = []
    while not parser.ended:
        found += parser.block(_NONE)
        parser.skip()  # a bracket or keyword that closes nothing
    return Tree(tuple(found), parser.too_deep)


def assigned(block: Block) -> frozenset[str]:
    """Return the names of the variables that commands may change."""
    found: set[str] = set()
    waiting: list[Node] = list(block)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Simple):
            texts = (token.parts[0].text for token in node.tokens if token.parts and token.parts[0].kind == "text")
            found.update(name for text in texts if (name := text.partition("=")[0].rstrip("+")).isidentifier())
        elif isinstance(node, If):
            waiting += (one for branch in node.branches for part in branch for one in part)
            waiting += node.otherwise
        elif isinstance(node, Case):
            waiting += (one for _, body in node.arms for one in body)
        elif isinstance(node, While):
            waiting += (*node.condition, *node.body)
        else:
            waiting += node.body
    return frozenset(found)


class _Parser:
    """Goes through tokens once."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.too_deep = False

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._tokens)

    def skip(self) -> None:
        """Go one token further."""
        self._at += 1

    def _operator(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at].operator if at < len(self._tokens) else ""

    def _plain(self) -> str | None:
        return None if self.ended else self._tokens[self._at].plain

    def block(self, ends: frozenset[str]) -> Block:
        """Return the commands up to a keyword, ``)`` or the end of an arm; that one is left where it is."""
        found: list[Node] = []
        piped = negated = False
        while not self.ended:
            operator = self._operator()
            if operator == ")" or operator in _ENDS:
                break
            if operator in _SEPARATORS:
                piped = operator in {"|", "|&"} or (piped and operator == "\n")
                negated = False
                self.skip()
                continue
            plain = self._plain()
            if plain is not None and plain in ends:
                break
            if plain in _IGNORED:
                negated = negated or plain == "!"
                self.skip()
                continue
            node = self._command(plain, piped=piped, negated=negated)
            if node is not None:
                found.append(node)
            piped = negated = False
        return tuple(found)

    def _command(self, plain: str | None, *, piped: bool, negated: bool) -> Node | None:
        if self._operator() == "(" and self._operator(1) == "(" and self._tokens[self._at + 1].glued:
            self._arithmetic()
            return None
        if self._depth >= MAX_DEPTH:
            self.too_deep = True
            if self._operator() == "(" or plain in {"if", "while", "until", "for", "select", "case", "{", "function"}:
                self.skip()
                return None
            return self._simple(piped=piped, negated=negated)
        self._depth += 1
        try:
            return self._compound(plain) or self._simple(piped=piped, negated=negated)
        finally:
            self._depth -= 1

    def _compound(self, plain: str | None) -> Node | None:
        if self._operator() == "(":
            return self._group(")", subshell=True)
        if plain == "{":
            return self._group("}", subshell=False)
        if plain == "function" or (plain and self._operator(1) == "(" and self._operator(2) == ")"):
            return self._function()
        read = self._KEYWORDS.get(plain or "")
        return None if read is None else self._redirected(read(self))

    def _redirected(self, node: Node) -> Node:
        redirections = self._redirections()
        return Group((node,), subshell=False, redirections=redirections) if redirections else node

    def _redirections(self) -> tuple[Token, ...]:
        """Take the redirections behind a compound command."""
        start = self._at
        while not self.ended:
            plain = self._plain()
            if plain in {"0", "1", "2"} and self._operator(1) in REDIRECTIONS:
                self.skip()
            elif self._operator() in REDIRECTIONS:
                self._at += 2
            else:
                break
        return tuple(self._tokens[start : self._at])

    def _expect(self, keyword: str) -> None:
        if self._plain() == keyword:
            self.skip()

    def _group(self, end: str, *, subshell: bool) -> Group:
        self.skip()
        body = self.block(_NONE if subshell else frozenset({end}))
        while subshell and self._operator() in _ENDS:  # no arm is open here
            self.skip()
            body += self.block(_NONE)
        if not self.ended:
            self.skip()
        return Group(body, subshell, self._redirections())

    def _arithmetic(self) -> None:
        """Go behind ``(( … ))``."""
        depth = 0
        while not self.ended:
            depth += (self._operator() == "(") - (self._operator() == ")")
            self.skip()
            if depth <= 0:
                return

    def _if(self) -> If:
        branches: list[tuple[Block, Block]] = []
        otherwise: Block = ()
        while self._plain() in {"if", "elif"}:
            self.skip()
            condition = self.block(frozenset({"then"}))
            self._expect("then")
            branches.append((condition, self.block(frozenset({"elif", "else", "fi"}))))
        if self._plain() == "else":
            self.skip()
            otherwise = self.block(frozenset({"fi"}))
        self._expect("fi")
        return If(tuple(branches), otherwise)

    def _while(self) -> While:
        self.skip()
        condition = self.block(frozenset({"do"}))
        return While(condition, self._body())

    def _body(self) -> Block:
        self._expect("do")
        body = self.block(frozenset({"done"}))
        self._expect("done")
        return body

    def _for(self) -> For:
        self.skip()
        if self._operator() == "(":
            self._arithmetic()
            variable, words = None, None
        else:
            variable = self._plain()
            if not self.ended:
                self.skip()
            words = self._words()
        while self._operator() in {";", "\n"}:
            self.skip()
        return For(variable, words, self._body())

    def _words(self) -> tuple[Token, ...] | None:
        """Return the words behind ``in``."""
        while self._operator() == "\n":
            self.skip()
        if self._plain() != "in":
            return None
        self.skip()
        start = self._at
        while not self.ended and not self._operator():
            self.skip()
        return tuple(self._tokens[start : self._at])

    def _case(self) -> Node:
        self.skip()
        if self.ended:
            return Group((), subshell=False, redirections=())
        subject = self._tokens[self._at]
        self.skip()
        while self._operator() == "\n":
            self.skip()
        self._expect("in")
        arms: list[tuple[tuple[Token, ...], Block]] = []
        while not self.ended:
            if self._operator() in {"\n", "("} or self._operator() in _ENDS:
                self.skip()
                continue
            if self._plain() == "esac":
                self.skip()
                break
            patterns: list[Token] = []
            while not self.ended and self._operator() != ")":
                if not self._operator():
                    patterns.append(self._tokens[self._at])
                self.skip()
            self.skip()
            arms.append((tuple(patterns), self.block(frozenset({"esac"}))))
            if self._operator() == ")":
                self.skip()
        return Case(subject, tuple(arms))

    def _function(self) -> Node:
        self._expect("function")
        name = self._plain() or ""
        self.skip()
        while self._operator() in {"(", ")", "\n"} and not (self._operator() == "(" and self._operator(1) != ")"):
            self.skip()
        body = self._command(self._plain(), piped=False, negated=False) if not self.ended else None
        return Function(name, () if body is None else (body,))

    def _simple(self, *, piped: bool, negated: bool) -> Simple:
        start = self._at
        test = self._plain() == "[["
        while not self.ended:
            operator = self._operator()
            if test:
                if operator == "\n":
                    break
                if self._plain() == "]]":
                    self.skip()
                    break
            elif operator == "(" and self._is_array(start):
                self._array()
                continue
            elif operator and operator not in REDIRECTIONS:
                break
            self.skip()
        if self._at == start:
            self.skip()
        return Simple(tuple(self._tokens[start : self._at]), piped, negated)

    def _is_array(self, start: int) -> bool:
        """Tell whether a bracket opens the value of ``NAME=(…)``."""
        if self._at <= start or not self._tokens[self._at].glued:
            return False
        plain = self._tokens[self._at - 1].plain
        return plain is not None and plain.endswith("=")

    def _array(self) -> None:
        while not self.ended and self._operator() != ")":
            self.skip()
        self.skip()

    _KEYWORDS: ClassVar[dict[str, Callable[[_Parser], Node]]] = {
        "if": _if, "while": _while, "until": _while, "for": _for, "select": _for, "case": _case,
    }  # fmt: skip
