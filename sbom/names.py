"""Which names an inventory may hold, and how a hostile one is shown.

Names are POSIX paths relative to the dataset's root. A refused name could mean different files to different programs;
a doubtful one could deceive a person.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
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
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_TRAILING = re.compile(r"[ .](?:/|\Z)")
_DOUBTFUL = re.compile(rf"(?P<invisible>{_INVISIBLE.pattern})|(?P<trailing>{_TRAILING.pattern})")
_DOUBTS = {
    "invisible": "the name holds a bidirectional or invisible character",
    "trailing": "a part of the name ends in a space or a dot",
}
_STARTS = "/."
_CLOSER = re.compile(r"\\|/(?:[/.]|\Z)")
_SHOWN = 400


def refusal(path: str) -> str | None:
    """Say why ``path`` may not be in any inventory; ``None`` when it may."""
    # A cheap look that accepts most names: printable text holds no control character and no surrogate.
    if path.isprintable() and path[:1] not in _STARTS and path[1:2] != ":" and not _CLOSER.search(path):
        return None
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
    parts = _with_directories(paths)
    keys = [part.lower() if part.isascii() else _folded(part) for part in parts]
    if len(set(keys)) == len(keys):
        return
    seen: dict[str, str] = {}
    for part, key in zip(parts, keys, strict=True):
        other = seen.setdefault(key, part)
        if other is not part:
            yield other, part


def _with_directories(paths: Iterable[str]) -> list[str]:
    """Return every path and every directory on the way to it, each once, directories first."""
    parts: dict[str, None] = {}
    directory: str | None = None
    for path in paths:
        end = path.rfind("/")
        if end >= 0 and path[:end] != directory:
            directory = path[:end]
            if directory not in parts:
                above = accumulate(directory.split("/"), "{}/{}".format)
                parts.update(dict.fromkeys(above))
        parts[path] = None
    return list(parts)


def _folded(text: str) -> str:
    """Return what canonical caseless matching compares (Unicode, section 3.13, D145)."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())


def doubts(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield ``(path, reason)`` for every name that a careful publisher would not use."""
    listed = list(paths)
    # One look at all names together is most often enough; two patterns in a row are faster than both at once.
    text = "/".join(listed)
    if _TRAILING.search(text) or (not text.isascii() and _INVISIBLE.search(text)):
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
    if text.isprintable() and _INVISIBLE.search(text) is None:
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii") if not char.isprintable() or _INVISIBLE.match(char) else char
        for char in text
    )
