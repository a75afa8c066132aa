"""The walk through the commands of a shell text, with the state that a shell would have. Nothing is run.

Variables are followed as far as their values are known. Of a condition whose outcome is not known, both branches are
read, one after the other; loops over words that are known are unrolled. All of it within bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sbom.lineage import conditions, programs, shelltree, shellwords, substitution
from sbom.lineage.expansion import MAX_VALUE, ROOT, UNKNOWN, Word, expand, joined, placed, together
from sbom.lineage.interface import ScriptError
from sbom.lineage.shellbuiltins import BUILTINS
from sbom.lineage.shellsays import Origin, Says
from sbom.lineage.shelltree import Case, For, Group, If, Simple, While
from sbom.lineage.shellwords import REDIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sbom.lineage.interface import Found, Workspace
    from sbom.lineage.shelltree import Block, Node
    from sbom.lineage.shellwords import Token

#: Simple commands that are read of one text, repetitions in loops included.
MAX_COMMANDS: Final = 5_000
#: Characters of texts and values, and names in directories, that are looked at.
MAX_SPENT: Final = 2 << 20
_MAX_DEPTH: Final = 30
#: What a command or a turn of a loop costs at least.
_STEP: Final = 100


class _EnoughError(Exception):
    """A bound is reached; the message says which one."""


@dataclass(slots=True)
class _State:
    """What a subshell gets a copy of."""

    directory: str | None
    variables: dict[str, Sequence[Word]]
    functions: dict[str, Block]
    stack: list[str | None]


class Walk(Says):
    """One text that is being read (:class:`sbom.lineage.commandline.Given`, :class:`sbom.lineage.expansion.Shell`).

    :ivar variables: values by name.
    :ivar stack: directories to go back to.
    """

    def __init__(self, workspace: Workspace, parameters: Mapping[str, object], directory: str, origin: Origin) -> None:
        super().__init__(workspace, parameters, directory, origin)
        self.variables: dict[str, Sequence[Word]] = {"PWD": (Word(f"{ROOT}{directory}", known=True),)}
        self._functions: dict[str, Block] = {}
        self.stack: list[str | None] = []
        self._commands = 0
        self._spent = 0
        self._depth = 0
        #: The words of the last command.
        self._last: Sequence[Word] = ()

    def whole(self, text: str) -> Found:
        """Read a text to its end, or to a bound."""
        try:
            self._text(text)
        except _EnoughError as error:
            self.problem(f"{error}; the rest was not read")
        return self.found

    def spend(self, number: int) -> None:
        """Count what is looked at."""
        self._spent += number
        if self._spent > MAX_SPENT:
            raise _EnoughError("takes too long to follow")

    # -- texts and blocks ----------------------------------------------------------------------------------------------

    def _text(self, text: str) -> Block:
        """Read a text in this shell, and return its commands."""
        self.spend(len(text))
        tokens, unclosed = shellwords.split(text)
        if unclosed is not None and not tokens:
            raise ScriptError("has a quote or a bracket that is never closed")
        tree = shelltree.parse(tokens)
        if tree.too_deep:
            self.problem(f"has commands in each other more than {shelltree.MAX_DEPTH} deep, whose order is not known")
        self._block(tree.block)
        if unclosed is not None:
            self.line = unclosed
            self.problem("has a quote or a bracket that is never closed; the rest was not read")
        return tree.block

    def _block(self, block: Block) -> None:
        if self._depth >= _MAX_DEPTH:
            raise _EnoughError("is nested too deep")
        self._depth += 1
        for node in block:
            self.spend(_STEP)
            self._node(node)
        self._depth -= 1

    def _node(self, node: Node) -> None:
        match node:
            case Simple():
                self._simple(node)
            case If():
                self._if(node)
            case For():
                self._for(node)
            case While():
                self._while(node)
            case Case():
                self._case(node)
            case Group():
                self._group(node)
            case _:
                self._functions[node.name] = node.body

    def _inside(self, block: Block) -> None:
        """Read commands that change nothing here."""
        saved = self._save()
        self._block(block)
        self._restore(saved)

    def _save(self) -> _State:
        self.spend(len(self.variables))
        return _State(self.directory, dict(self.variables), dict(self._functions), list(self.stack))

    def _restore(self, state: _State) -> None:
        self.directory, self.variables = state.directory, state.variables
        self._functions, self.stack = state.functions, state.stack

    def nested(self, text: str, origin: Origin) -> Block:
        """Read a text that stands elsewhere, or in a word; return its commands."""
        kept = self.origin, self.line, self.stdin, self.input
        self.origin, self.line, self.stdin, self.input = origin, 1, None, None
        self._depth += 1
        try:
            return self._text(text)
        except ScriptError as error:
            self.problem(str(error))
            return ()
        finally:
            self._depth -= 1
            self.origin, self.line, self.stdin, self.input = kept

    def here(self) -> Origin:
        """Return where a text stands that is a word of the command."""
        return Origin(self.origin.path, self.origin.line(self.line), self.origin.fixed)

    def _group(self, node: Group) -> None:
        _, outs = self._redirected(node.redirections)
        self._consume()
        if node.subshell:
            self._inside(node.body)
        else:
            self._block(node.body)
        self._written(outs)

    def _if(self, node: If) -> None:
        for condition, body in node.branches:
            self._block(condition)
            known = self._outcome(condition)
            if known is not False:
                self._block(body)
            if known:
                return
        self._block(node.otherwise)

    def _outcome(self, condition: Block) -> bool | None:
        """Tell what the one command of a condition, just read, found out."""
        only = condition[0] if len(condition) == 1 else None
        if not isinstance(only, Simple):
            return None
        found = conditions.outcome(self._last)
        return found if found is None else found is not only.negated

    def _while(self, node: While) -> None:
        for name in shelltree.assigned((*node.condition, *node.body)):
            if name in self.variables:
                self.variables[name] = (UNKNOWN,)
        self._block(node.condition)
        self._block(node.body)

    def _for(self, node: For) -> None:
        if node.words is None:
            words = self.variables.get("@", (UNKNOWN,))
        else:
            words = [word for token in node.words for word in expand(token, self)]
        for word in words if node.variable is not None else (UNKNOWN,):
            self.spend(_STEP)
            if node.variable is not None:
                self.variables[node.variable] = (word._replace(inferred=True),)
            self._block(node.body)

    def _case(self, node: Case) -> None:
        subject = together(node.subject.parts, self)
        for tokens, body in node.arms:
            patterns = [together(token.parts, self) for token in tokens]
            known = subject.known and not subject.pattern and all(pattern.known for pattern in patterns)
            fits = any(conditions.matches(subject.text, pattern.text) for pattern in patterns)
            if fits or not known:
                self._block(body)
            if fits and known:
                return

    # -- simple commands -----------------------------------------------------------------------------------------------

    def _simple(self, node: Simple) -> None:
        """Read one simple command: assignments, redirections, and a program."""
        self._commands += 1
        if self._commands > MAX_COMMANDS:
            raise _EnoughError(f"has more than {MAX_COMMANDS:,} commands")
        self.line = node.tokens[0].line if node.tokens else self.line
        if node.tokens and node.tokens[0].plain == "[[":
            self._last = [together(token.parts, self) if token.parts else Word(token.operator, known=True)
                          for token in node.tokens]  # fmt: skip
            return
        plain, outs = self._redirected(node.tokens)
        at, assigned = 0, []
        while at < len(plain) and (pair := self._assignment(plain, at)) is not None:
            assigned.append(pair[:2])
            at = pair[2]
        words = [word for token in plain[at:] if not token.operator for word in expand(token, self)]
        self._last = words
        if words:
            self.run(words)
        else:
            for name, value in assigned:
                self.assign(name, value)
        self._consume()
        self._written(outs)
        self.stdin = None

    def _written(self, outs: Sequence[tuple[Word, int]]) -> None:
        """Say what redirections write: after what the command itself reads."""
        for word, line in outs:
            self.line = line
            self.write(word)

    def _consume(self) -> None:
        """Say that the file that is standard input is read, where no program took it as a script."""
        file = self.input_file()
        if file is not None:
            self.read(file)

    def _redirected(self, tokens: Sequence[Token]) -> tuple[list[Token], list[tuple[Word, int]]]:
        """Take the redirections out of a command; return the rest of it, and what they write, with the lines."""
        plain: list[Token] = []
        outs: list[tuple[Word, int]] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.operator not in REDIRECTIONS:
                plain.append(token)
                at += 1
                continue
            number = plain[-1].plain if plain and token.glued else None
            if number in {"0", "1", "2"}:
                plain.pop()
            written = self._redirect(token.operator, tokens[at + 1]) if at + 1 < len(tokens) else None
            if written is not None and number != "2":
                outs.append((written, token.line))
            at += 2
        return plain, outs

    def _redirect(self, operator: str, target: Token) -> Word | None:
        """Note what standard input is; return what is written."""
        if operator in {"<<", "<<-"}:
            self.stdin = together(target.document or (), self)
            return None
        words = [placed(word, self.directory) for word in expand(target, self)]
        if operator == "<<<":
            self.stdin = joined(words)
        elif len(words) == 1 and operator in {"<", "<>"}:
            self._consume()
            self.input = words[0]
        elif len(words) == 1 and operator != "<&" and not (operator == ">&" and _is_descriptor(words[0])):
            return words[0]
        return None

    def _assignment(self, tokens: Sequence[Token], at: int) -> tuple[str, Sequence[Word], int] | None:
        """Return name and value of ``NAME=value`` or ``NAME=(…)``, and where it ends; ``None`` for any other word."""
        token = tokens[at]
        if token.operator or not token.parts or token.parts[0].kind != "text" or token.parts[0].quoted:
            return None
        name, sign, rest = token.parts[0].text.partition("=")
        adds = name.endswith("+")
        name = name.removesuffix("+")
        if not sign or not name.isidentifier():
            return None
        before = self.variables.get(name, (UNKNOWN,)) if adds else ()
        if at + 1 < len(tokens) and tokens[at + 1].operator == "(":
            end = next((i for i in range(at, len(tokens)) if tokens[i].operator == ")"), len(tokens))
            values = [word for one in tokens[at + 2 : end] if one.parts for word in expand(one, self)]
            return name, (*before, *values), end + 1
        value = together([token.parts[0]._replace(text=rest), *token.parts[1:]], self)
        if adds:
            whole = (joined(before), value)
            text, known = "".join(word.text for word in whole), all(word.known for word in whole)
            value = Word(text[:MAX_VALUE], known and len(text) <= MAX_VALUE, inferred=True)
        return name, (value,), at + 1

    def assign(self, name: str, words: Sequence[Word]) -> None:
        """Set a variable."""
        self.variables[name] = tuple(words)

    def substitute(self, text: str) -> Word:
        """Read the commands of ``$(…)``; return what they print, as far as it is known."""
        line, stdin, saved = self.line, self.stdin, self._save()
        self._last = ()
        block = self.nested(text, self.here())
        simple = all(isinstance(node, Simple) and not node.piped for node in block)
        found = substitution.printed(self._last, self.directory) if simple and block else UNKNOWN
        self._restore(saved)
        self.line, self.stdin = line, stdin
        return found

    def positional(self, words: Sequence[Word]) -> None:
        """Set the positional parameters."""
        for name in [name for name in self.variables if name.isdecimal() and name != "0"]:
            del self.variables[name]
        self.spend(len(words))
        self.variables.update((str(number), (word,)) for number, word in enumerate(words, 1))
        self.variables["@"] = self.variables["*"] = tuple(words)
        self.variables["#"] = (Word(str(len(words)), known=True),)

    # -- programs ------------------------------------------------------------------------------------------------------

    def run(self, words: Sequence[Word]) -> None:
        """Run a program, a function or a builtin."""
        if not words:
            return
        if self._depth >= _MAX_DEPTH:
            raise _EnoughError("is nested too deep")
        self.spend(len(words))
        self._depth += 1
        name = words[0].text if words[0].known else ""
        builtin = BUILTINS.get(name)
        if name in self._functions:
            self._call_function(name, words[1:])
        elif builtin is not None:
            builtin(self, words)
        else:
            programs.run([placed(word, self.directory) for word in words], self)
        self._depth -= 1

    def _call_function(self, name: str, arguments: Sequence[Word]) -> None:
        kept = {one: words for one, words in self.variables.items() if one.isdecimal() or one in {"@", "*", "#"}}
        line = self.line
        self.positional(arguments)
        self._block(self._functions[name])
        self.positional(())
        self.variables.update(kept)
        self.line = line

    def inline(self, language: str, word: Word, arguments: Sequence[Word]) -> None:
        """Say that a text is run."""
        if language == "python":
            self.python(word, arguments)
            return
        if not word.known:
            self.problem("runs a text that is not known")
            return
        saved = self._save()
        self.variables["0"] = arguments[:1] or (UNKNOWN,)
        self.positional(arguments[1:])
        self.nested(word.text, self.here())
        self._restore(saved)


def _is_descriptor(word: Word) -> bool:
    """Tell whether a word behind ``>&`` is the number of a descriptor, or closes one."""
    return word.text.removesuffix("-").isdecimal() or word.text == "-"
