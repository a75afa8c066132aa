"""Which names an inventory may hold, and how a hostile one is shown.

Names are POSIX paths relative to the dataset's root. A refused name could mean different files to different programs;
a doubtful one could deceive a person.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_REFUSED = re.compile(
    r"(?P<encoding>[\ud800-\udfff])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
    r"|(?P<backslash>\\)"
    r"|(?P<absolute>\A/)"
    r"|(?P<drive>\A[A-Za-z]:)"
    r"|(?P<empty>\A\Z|//|/\Z)"
    r"|(?P<dots>(?:\A|/)\.{1,2}(?:/|\Z))"
)
_UNPRINTABLE = re.compile("[\ud800-\udfff\x00-\x1f\x7f-\x9f]")
_REASONS = {
    "encoding": "the name is not UTF-8",
    "control": "the name holds a control character",
    "backslash": "the name holds a backslash",
    "absolute": "the name is absolute",
    "drive": "the name starts with a drive letter",
    "empty": "the name has an empty segment",
    "dots": "the name has a '.' or '..' segment",
}
_DOUBTFUL = re.compile(
    "(?P<invisible>[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f])"
    r"|(?P<trailing>[ .](?:/|\Z))"
)
_DOUBTS = {
    "invisible": "the name holds a bidirectional or invisible character",
    "trailing": "a part of the name ends in a space or a dot",
}
_SHOWN = 400


def refusal(path: str) -> str | None:
    """Say why ``path`` may not be in any inventory; ``None`` when it may."""
    match = _REFUSED.search(path)
    return None if match is None else _REASONS[str(match.lastgroup)]


def text_refusal(text: str) -> str | None:
    """Say why a text that is not a path of ours (a link's target) may not be recorded; ``None`` when it may."""
    match = _UNPRINTABLE.search(text)
    return None if match is None else "not UTF-8, or holds a control character"


def doubt(path: str) -> str | None:
    """Say why ``path`` could deceive a person; ``None`` when it does not."""
    match = _DOUBTFUL.search(path)
    return None if match is None else _DOUBTS[str(match.lastgroup)]


def twins(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs that become one file where case or Unicode normalisation is not kept apart.

    Directories count too: ``A/x`` and ``a/y`` share a directory on such a system.
    """
    seen: dict[str, str] = {}
    checked: set[str] = set()
    for path in paths:
        end = path.find("/")
        while True:
            part = path if end < 0 else path[:end]
            if part not in checked:
                checked.add(part)
                key = part.lower() if part.isascii() else unicodedata.normalize("NFC", part).casefold()
                other = seen.setdefault(key, part)
                if other != part:
                    yield other, part
            if end < 0:
                break
            end = path.find("/", end + 1)


def doubts(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield ``(path, reason)`` for every name that a careful publisher would not use."""
    listed = list(paths)
    for path in listed:
        reason = doubt(path)
        if reason is not None:
            yield path, reason
    for first, second in twins(listed):
        yield second, f"the name differs from {display(first)} in case or Unicode normalisation only"


def display(text: str, limit: int = _SHOWN) -> str:
    """Return ``text`` so that no control, escape, bidirectional or invisible character reaches a terminal.

    :param limit: characters shown before an ellipsis.
    """
    if len(text) > limit:
        text = text[:limit] + "…"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
