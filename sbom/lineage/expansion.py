"""The values of shell words: variables that are known, braces, and patterns against what is in the workspace.

A variable holds words: one, or several for an array. What is unknown is a word too, of which the start may be known.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sbom.lineage.shellwords import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sbom.lineage.interface import Workspace
    from sbom.lineage.shellwords import Part, Token

#: Words that one word can become.
MAX_WORDS: Final = 1_000
#: Characters of a value.
MAX_VALUE: Final = 1 << 16
#: Characters of a word in braces, and of a value that something is cut from.
_MAX_CUT: Final = 2_000
#: Defaults in defaults.
_MAX_DEPTH: Final = 8
#: What a directory, and a name in it, cost to look at, in characters.
_LISTING_COST: Final = 100
_NAME_COST: Final = 8
#: Stands for the workspace where a value is an absolute path (``pwd``): it holds after a change of the directory too.
ROOT: Final = "\0/"
_VARIABLE: Final = re.compile(r"(\w+|[@*#?$!-])(?:\[([@*]|\d{1,4})\])?(?:(:?[-=+?])(.*))?", re.DOTALL)
_REMOVAL: Final = re.compile(r"(\w+)(##?|%%?|//?)(.*)", re.DOTALL)
_BRACE: Final = re.compile(r"\{([^{},]*+(?:,[^{},]*+)++|-?\d+\.\.-?\d+)\}")
_WILD: Final = re.compile(r"[*?\[]")
_MAX_DIGITS = 9


class Word(NamedTuple):
    """A word as a program gets it.

    :param text: with what is unknown left out.
    :param known: nothing of it is unknown.
    :param pattern: it holds wildcards, and nothing in the workspace matches them.
    :param start: what stands before the first unknown part.
    :param inferred: it does not stand in the text as it is: it was put together.
    """

    text: str
    known: bool
    pattern: bool = False
    start: str = ""
    inferred: bool = False

    @property
    def directory(self) -> str | None:
        """The directory that a word lies in whose end is unknown; ``None`` where that is not known either."""
        head = self.start if not self.known else _WILD.split(self.text)[0]
        directory = head.rpartition("/")[0]
        return directory or None


#: Something unknown.
UNKNOWN: Final = Word("", known=False)


class Shell(Protocol):
    """What the values of words depend on."""

    @property
    def workspace(self) -> Workspace:
        """Where patterns are looked for."""

    @property
    def directory(self) -> str | None:
        """Working directory; ``None`` where it is unknown or lies outside of the workspace."""

    @property
    def variables(self) -> Mapping[str, Sequence[Word]]:
        """Values by name."""

    def assign(self, name: str, words: Sequence[Word]) -> None:
        """Set a variable."""

    def substitute(self, text: str) -> Word:
        """Return what commands print."""

    def spend(self, number: int) -> None:
        """Count characters and names that are looked at, which are bounded."""


def expand(token: Token, shell: Shell) -> list[Word]:
    """Return the words that a token becomes (POSIX.1-2017, 2.6)."""
    some = [part for part in token.parts if part.text or part.kind != "text"]
    if len(some) == 1 and some[0].kind in {"variable", "command"}:
        found = [word._replace(inferred=True) for word in _value(some[0], shell)]
        return found if some[0].quoted else [one for word in found for one in _split(word, shell)][:MAX_WORDS]
    word = together(token.parts, shell)
    if not word.known or word.pattern:
        return [word]
    unquoted = [part for part in token.parts if not part.quoted]
    if not unquoted or any(part.quoted and _special(part.text) for part in token.parts):
        return [word]
    texts = braces(word.text) if any(part.kind == "text" and "{" in part.text for part in unquoted) else [word.text]
    if texts is None:
        return [Word("", known=False, start=word.text.partition("{")[0])]
    inferred = word.inferred or len(texts) > 1
    return [one._replace(inferred=one.inferred or inferred) for text in texts for one in _globbed(text, shell)]


def together(some: Sequence[Part], shell: Shell) -> Word:
    """Return the one word that parts make, as if all of them were quoted."""
    texts: list[str] = []
    start: str | None = None
    pattern = inferred = False
    room = MAX_VALUE if len(some) > 1 else 1 << 20
    for part in some:
        word = Word(part.text, known=True)
        if part.kind != "text":
            word = joined(_value(part, shell))
            inferred = True
        shell.spend(len(word.text))
        room -= len(word.text)
        if start is None and (not word.known or room < 0):
            start = "".join(texts) + word.start
        if room >= 0:
            texts.append(word.text)
        pattern = pattern or word.pattern
    return Word("".join(texts), start is None, pattern, start or "", inferred)


def joined(words: Sequence[Word]) -> Word:
    """Return one word made of several, separated by spaces."""
    if len(words) == 1:
        return words[0]
    known = all(word.known for word in words)
    text = " ".join(word.text for word in words)
    return Word(text, known and len(text) <= MAX_VALUE, any(word.pattern for word in words), inferred=True)


def _special(text: str) -> bool:
    return bool(_WILD.search(text) or "{" in text)


def _value(part: Part, shell: Shell, depth: int = 0) -> Sequence[Word]:
    if part.kind == "text":
        return (Word(part.text, known=True),)
    if part.kind == "variable":
        return variable(part.text, shell, depth)
    if part.kind in {"command", "file"}:
        printed = shell.substitute(part.text)
        return (printed if part.kind == "command" else UNKNOWN,)
    return (UNKNOWN,)


def variable(text: str, shell: Shell, depth: int = 0) -> Sequence[Word]:
    """Return the value of ``${text}``."""
    found = _VARIABLE.fullmatch(text)
    if found is None:
        return (_cut(text, shell),)
    name, index, operator, default = found.groups()
    # What nobody set comes from the environment: it is unknown, not empty.
    value = shell.variables.get(name)
    if value is not None and index is not None and index.isdecimal():
        value = value[int(index) : int(index) + 1] or None
    if operator is None:
        return (UNKNOWN,) if value is None else value
    is_set = value is not None and (":" not in operator or any(word.text or not word.known for word in value))
    if operator[-1] == "+":
        return _default(default, shell, depth) if is_set else (Word("", known=True),)
    if is_set and value is not None:
        return value
    chosen = (UNKNOWN,) if operator[-1] == "?" else _default(default, shell, depth)
    if operator[-1] == "=":
        shell.assign(name, chosen)
    return chosen


def _default(text: str, shell: Shell, depth: int) -> Sequence[Word]:
    """Return the value of the word in ``${name:-word}``."""
    some = parts(text.strip("'\"")) if depth < _MAX_DEPTH else None
    if some is None:
        return (UNKNOWN,)
    shell.spend(len(text))
    words = [joined(_value(part, shell, depth + 1)) for part in some]
    if all(word.known for word in words):
        return (Word("".join(word.text for word in words)[:MAX_VALUE], known=True, inferred=True),)
    return (UNKNOWN,)


def _cut(text: str, shell: Shell) -> Word:
    """Return the value of ``${name%pattern}``, ``${name#pattern}`` and ``${name/text/other}``."""
    found = _REMOVAL.fullmatch(text)
    words = () if found is None else shell.variables.get(found[1], ())
    if found is None or len(words) != 1 or not words[0].known or words[0].pattern or len(text) > _MAX_CUT:
        return UNKNOWN
    value, operator, pattern = words[0].text, found[2], found[3].strip("'\"")
    if len(value) > _MAX_CUT or "$" in pattern or "`" in pattern:
        return UNKNOWN
    shell.spend(len(value) * len(pattern))
    if operator[0] == "/":
        old, _, new = pattern.partition("/")
        known = bool(old) and not _WILD.search(old) and old[0] not in "#%"
        return Word(value.replace(old, new, 1 if operator == "/" else -1), known=True) if known else UNKNOWN
    ends = range(len(value) + 1)
    if operator[0] == "%":
        cuts = [end for end in ends if fnmatch.fnmatchcase(value[end:], pattern)]
        kept = value[: (max(cuts) if operator == "%" else min(cuts))] if cuts else value
    else:
        cuts = [end for end in ends if fnmatch.fnmatchcase(value[:end], pattern)]
        kept = value[(min(cuts) if operator == "#" else max(cuts)) :] if cuts else value
    return Word(kept, known=True)


def braces(text: str) -> list[str] | None:
    """Return the words that ``{a,b}`` and ``{1..3}`` make of one; ``None`` where they are too many."""
    if len(text) > _MAX_CUT:
        return None if _BRACE.search(text) else [text]
    words = [text]
    done: list[str] = []
    while words:
        word = words.pop()
        found = _BRACE.search(word)
        if found is None:
            done.append(word)
        else:
            choices = _choices(found[1])
            if choices is None or len(choices) + len(words) + len(done) > MAX_WORDS:
                return None
            before, after = word[: found.start()], word[found.end() :]
            words += [f"{before}{choice}{after}" for choice in reversed(choices)]
    return done


def _choices(inner: str) -> Sequence[str] | None:
    if "," in inner:
        return inner.split(",")
    first, _, last = inner.partition("..")
    if max(len(first), len(last)) > _MAX_DIGITS:
        return None
    low, high = int(first), int(last)
    numbers = range(low, high + 1) if low <= high else range(low, high - 1, -1)
    width = max(len(first), len(last)) if first.startswith("0") or last.startswith("0") else 0
    return [str(number).zfill(width) for number in numbers] if len(numbers) <= MAX_WORDS else None


def _split(word: Word, shell: Shell) -> Iterator[Word]:
    """Yield the words that the value of a variable becomes where it is not quoted."""
    if not word.known:
        yield word
        return
    shell.spend(len(word.text))
    for text in word.text.split()[:MAX_WORDS]:
        yield from (one._replace(inferred=True) for one in _globbed(text, shell))


def _globbed(text: str, shell: Shell) -> list[Word]:
    """Return what a pattern matches in the workspace; the pattern itself where it matches nothing, or too much."""
    if _WILD.search(text) is None or text.startswith("-") or "://" in text:
        return [Word(text, known=True)]
    if text.startswith(("/", "~", ROOT)) or shell.directory is None or len(text) > _MAX_CUT:
        return [Word(text, known=True, pattern=True)]
    found = [""]
    for part in text.split("/"):
        if _WILD.search(part) is None:
            found = [posixpath.join(base, part) for base in found]
        else:
            found = [posixpath.join(base, name) for base in found for name in _matching(base, part, shell)]
        if len(found) > MAX_WORDS:
            return [Word(text, known=True, pattern=True)]
    found = [name for name in found if _exists(name, shell)]
    return [Word(name, known=True, inferred=True) for name in found] or [Word(text, known=True, pattern=True)]


def _matching(base: str, pattern: str, shell: Shell) -> Iterator[str]:
    """Yield the names in a directory that a part of a pattern matches."""
    path = posixpath.normpath(posixpath.join(shell.directory or "", base))
    if path.startswith(".."):
        return
    names = shell.workspace.listing("" if path == "." else path)
    shell.spend(_NAME_COST * len(names) + _LISTING_COST)
    for name in names:
        if fnmatch.fnmatchcase(name, pattern) and (pattern.startswith(".") or not name.startswith(".")):
            yield name


def _exists(name: str, shell: Shell) -> bool:
    path = posixpath.normpath(posixpath.join(shell.directory or "", name))
    return shell.workspace.is_file(path) or shell.workspace.is_directory(path)


def placed(word: Word, directory: str | None) -> Word:
    """Return a word with :data:`ROOT` in it as a program sees it that runs in a directory: as a relative path."""
    if ROOT not in word.text and ROOT not in word.start:
        return word
    if directory is None:
        return UNKNOWN
    return word._replace(text=_relative(word.text, directory), start=_relative(word.start, directory))


def _relative(text: str, directory: str) -> str:
    before, mark, after = text.partition(ROOT)
    if not mark:
        return text
    up = "../" * len(directory.split("/")) if directory else ""
    path = posixpath.normpath(after.lstrip("/") or ".")
    if not path.startswith(".."):
        path = posixpath.relpath(f"/{path}", f"/{directory}")
        up = ""
    return f"{before}{up}{path}{'/' if after.endswith('/') else ''}"
