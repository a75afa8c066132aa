"""What names, times and texts of lineage may be, in a document and in a step record alike.

Refused is what can have no meaning. What contradicts something else is left to the rules of the chain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom import names
from sbom.cyclonedx import spec
from sbom.cyclonedx.write_provenance import is_date_time
from sbom.transformation import KINDS, METHODS, TABLE, is_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.transformation import Edge, Software, Word

#: Types of software that a step ran with; all of them are CycloneDX component types.
SOFTWARE_TYPES = frozenset({"platform", "library", "application"})
#: The workspace itself, read or written as a directory.
WORKSPACE = "./"

is_sha256 = re.compile(r"[0-9a-f]{64}").fullmatch
is_commit = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}").fullmatch
_IS_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+").fullmatch
_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}


def refusal(name: str) -> str | None:
    """Say why a step cannot read or write something of that name; ``None`` when it can."""
    if is_file(name):
        return names.refusal(name)
    if "://" in name:
        return names.text_refusal(name) if _IS_URL(name) else "the name is neither a path nor a URL"
    if name.startswith(TABLE):
        return names.text_refusal(name) if name != TABLE else "the table has no name"
    return None if name == WORKSPACE else names.refusal(name[:-1])


def script_refusal(name: str) -> str | None:
    """Say why a script cannot have that name; ``None`` when it can."""
    return names.refusal(name) if is_file(name) else "a script is a file of the workspace, and this is none"


def directory_refusal(directory: str) -> str | None:
    """Say why a step cannot run in a directory of that name; ``None`` when it can. ``""`` is the workspace."""
    return names.refusal(directory) if directory else None


def text_refusal(text: str) -> str | None:
    """Say why a text that people read on one line cannot be that; ``None`` when it can."""
    return "it is empty" if not text.strip() else names.text_refusal(text)


def words_refusal(words: Sequence[Word]) -> str | None:
    """Say why these cannot be the words for an edge; ``None`` when they can."""
    last = 0
    for kind, where in words:
        rank = _RANKS.get(kind, -1)
        if rank < 0:
            return f"{kind[:40]!r} is no kind of word"
        if rank < last:
            return "the most trusted word is not the first"
        if where and names.text_refusal(where) is not None:
            return "what a word names is not UTF-8 or holds a control character"
        last = rank
    return None if words else "nobody says so"


def order_refusal(edges: Sequence[Edge]) -> str | None:
    """Say which edge is there twice or not in its place; ``None`` when they are sorted."""
    last = ""
    for edge in edges:
        if edge.name <= last:
            return f"{names.display(edge.name, 200)} is there twice, or not in the order of the names"
        last = edge.name
    return None


def software_refusal(one: Software) -> str | None:
    """Say why that cannot be software that a step ran with; ``None`` when it can."""
    if one.type not in SOFTWARE_TYPES:
        return f"{one.type[:40]!r} is no type of software"
    if len(one.version or "") > spec.MAX_VERSION:
        return f"the version has more than {spec.MAX_VERSION} characters"
    texts = (one.name, *(text for text in (one.version, one.purl) if text is not None))
    return next(filter(None, map(text_refusal, texts)), None)


def is_size(value: object) -> bool:
    """Tell whether a JSON value is a number of bytes."""
    return type(value) is int and 0 <= value <= spec.MAX_SAFE_INTEGER


def is_time(text: str) -> bool:
    """Tell whether a text is a time in UTC (RFC 3339)."""
    return text.endswith("Z") and is_date_time(text)


def is_method(text: str) -> bool:
    """Tell whether a text names a way to observe a step."""
    return text in METHODS
