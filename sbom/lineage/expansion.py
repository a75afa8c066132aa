"""The values of shell words: variables that are known, braces, and patterns against what is in the workspace."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sbom.lineage.interface import Workspace
    from sbom.lineage.shellwords import Token

#: Words that one word can become.
MAX_WORDS: Final = 1_000
_VARIABLE: Final = re.compile(r"(\w+|[@*#?$!-])(?:(:?[-=+?])(.*))?", re.DOTALL)
_REMOVAL: Final = re.compile(r"(\w+)(##?|%%?)(.*)", re.DOTALL)
_BRACE: Final = re.compile(r"\{([^{}]*,[^{}]*|\d+\.\.\d+)\}")
_WILD: Final = re.compile(r"[*?\[]")


class Word(NamedTuple):
    """A word as a program gets it.

    :param text: with what is unknown left out.
    :param known: nothing of it is unknown.
    :param pattern: it holds wildcards, and nothing in the workspace matches them.
    :param start: what stands before the first unknown part.
    """

    text: str
    known: bool
    pattern: bool = False
    start: str = ""

    @property
    def directory(self) -> str | None:
        """The directory that a word lies in whose end is unknown; ``None`` where that is not known either."""
        head = self.start if not self.known else _WILD.split(self.text)[0]
        directory = head.rpartition("/")[0]
        return directory or None


def expand(token: Token, variables: Mapping[str, str | None], workspace: Workspace, directory: str) -> list[Word]:
    """Return the words that a token becomes.

    :param variables: values by name; ``None`` for one that is set to something unknown.
    """
    pieces: list[tuple[str, bool]] = []
    known = True
    start: str | None = None
    for part in token.parts:
        value = part.text if part.kind == "text" else None
        if part.kind == "variable":
            value = variable(part.text, variables)
        if value is None:
            known = False
            start = "".join(text for text, _ in pieces) if start is None else start
            continue
        pieces.append((value, part.quoted))
    if not known:
        return [Word("".join(text for text, _ in pieces), known=False, start=start or "")]
    if any(not part.quoted and part.kind == "variable" for part in token.parts) and len(token.parts) == 1:
        words = pieces[0][0].split()
        return [word for text in words[:MAX_WORDS] for word in _globbed(text, workspace, directory)]
    text = "".join(text for text, _ in pieces)
    if any(not quoted for _, quoted in pieces) and not any(quoted and _special(one) for one, quoted in pieces):
        return [word for one in braces(text) for word in _globbed(one, workspace, directory)]
    return [Word(text, known=True)]


def _special(text: str) -> bool:
    return bool(_WILD.search(text) or "{" in text)


def variable(text: str, variables: Mapping[str, str | None]) -> str | None:
    """Return the value of ``${text}``; ``None`` where it is unknown."""
    found = _VARIABLE.fullmatch(text)
    if found is None:
        return _removed(text, variables)
    name, operator, default = found.groups()
    value = variables.get(name)
    if operator is None:
        # What nobody set comes from the environment: it is unknown, not empty.
        return value
    kind = operator[-1]
    if kind in "-=?":
        plain = default if "$" not in default and "`" not in default else variable(default.strip("${}"), variables)
        return value if value or (value is not None and ":" not in operator) else plain
    return (default if value else "") if name in variables else ""


def _removed(text: str, variables: Mapping[str, str | None]) -> str | None:
    """Return the value of ``${name%pattern}`` and its like."""
    found = _REMOVAL.fullmatch(text)
    value = None if found is None else variables.get(found[1])
    if found is None or value is None:
        return None
    operator, pattern = found[2], found[3]
    ends = range(len(value) + 1)
    if operator[0] == "%":
        cuts = [end for end in ends if fnmatch.fnmatchcase(value[end:], pattern)]
        return value[: (max(cuts) if operator == "%" else min(cuts))] if cuts else value
    cuts = [end for end in ends if fnmatch.fnmatchcase(value[:end], pattern)]
    return value[(min(cuts) if operator == "#" else max(cuts)) :] if cuts else value


def braces(text: str) -> list[str]:
    """Return the words that ``{a,b}`` and ``{1..3}`` make of one."""
    words = [text]
    done: list[str] = []
    while words and len(words) + len(done) < MAX_WORDS:
        word = words.pop(0)
        found = _BRACE.search(word)
        if found is None:
            done.append(word)
            continue
        before, inner, after = word[: found.start()], found[1], word[found.end() :]
        if ".." in inner and "," not in inner:
            first, _, last = inner.partition("..")
            low, high = int(first[:9]), int(last[:9])
            numbers = range(low, high + 1) if low <= high else range(low, high - 1, -1)
            choices: Sequence[str] = [str(number) for number in numbers[:MAX_WORDS]]
        else:
            choices = inner.split(",")
        words[:0] = [f"{before}{choice}{after}" for choice in choices]
    return done + words[:MAX_WORDS]


def _globbed(text: str, workspace: Workspace, directory: str) -> Iterator[Word]:
    """Yield what a pattern matches in the workspace; the pattern itself where it matches nothing."""
    if _WILD.search(text) is None or text.startswith(("/", "-")) or "://" in text:
        yield Word(text, known=True)
        return
    found = [""]
    for part in text.split("/"):
        if _WILD.search(part) is None:
            found = [posixpath.join(base, part) for base in found]
            continue
        found = [
            posixpath.join(base, name)
            for base in found
            for name in workspace.listing(posixpath.normpath(posixpath.join(directory, base)).removeprefix("."))
            if fnmatch.fnmatchcase(name, part) and (part.startswith(".") or not name.startswith("."))
        ][:MAX_WORDS]
    if found and all(found):
        for name in found:
            yield Word(name, known=True)
    else:
        yield Word(text, known=True, pattern=True)
