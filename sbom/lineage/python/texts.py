"""Texts with gaps: putting them together, taking them apart, and the paths that they are.

The workspace's own absolute path is not known and does not matter: :data:`ROOT` stands for it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sbom.lineage.python.values import MAX_TEXT, Text, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.lineage.python.values import Value

ROOT = "/<workspace>"
GAP = Text((None,))


def text(known: str, *, literal: bool = False, path: bool = False) -> Text:
    """Return a text that is known, unless it is too long to be a name."""
    return Text((known,) if known else (), literal, path) if len(known) <= MAX_TEXT else GAP


def long(known: str) -> Text:
    """Return a text that is no name, and may be longer than one: statements, say."""
    return Text((known,) if known else ())


def build(parts: Iterable[str | None], *, path: bool = False) -> Text:
    """Return a text of several parts; neighbours are merged."""
    merged: list[str | None] = []
    size = 0
    for part in parts:
        if part == "":
            continue
        size += len(part) if part else 0
        if size > MAX_TEXT:
            return Text((None,), path=path)
        last = merged[-1] if merged else None
        if part is None:
            if not merged or last is not None:
                merged.append(None)
        elif last is not None:
            merged[-1] = last + part
        else:
            merged.append(part)
    return Text(tuple(merged), path=path)


def concatenate(*several: Text) -> Text:
    """Return texts one after the other."""
    filled = [one for one in several if one.parts]
    if len(filled) == 1:
        return Text(filled[0].parts, literal=False)
    return build(part for one in several for part in one.parts)


def text_of(value: Value) -> Text:
    """Return what ``str`` makes of a value."""
    if isinstance(value, Text):
        return Text(value.parts, value.literal)
    if isinstance(value, (Thing, bytes)):
        return GAP
    return text(str(value))


def as_path(value: Text) -> Text:
    """Return a text as a ``pathlib`` path."""
    known = value.known
    if known is None:
        parts = list(value.parts)
        last = parts[-1]
        if last is not None and len(last) > 1:
            parts[-1] = last.rstrip("/")
        return build(parts, path=True)
    while known.startswith("./") and len(known) > 2:  # noqa: PLR2004  # its own length
        known = known[2:]
    stripped = known.rstrip("/") or known[:1]
    return Text((stripped,) if stripped else (".",), value.literal, path=True)


def join(first: Text, *further: Text) -> Text:
    """Return what ``os.path.join`` and the ``/`` of paths make of several texts; a path when the first is one."""
    result = first
    for one in further:
        head = one.parts[0] if one.parts else ""
        if not result.parts or result.known == "." or (head is not None and head.startswith("/")):
            result = Text(one.parts, literal=False)
        else:
            last = result.parts[-1]
            separator = "" if last is not None and last.endswith("/") else "/"
            if result.path and not one.parts:
                separator = ""
            result = concatenate(result, Text((separator,) if separator else ()), one)
        if first.path:
            result = as_path(result)
    return result


def split(value: Text) -> tuple[Text, Text]:
    """Return what ``os.path.split`` makes of a text: what is before its last slash, and what is after it."""
    parts = value.parts
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if part is not None and "/" in part:
            cut = part.rindex("/")
            head = part[:cut].rstrip("/") or ("/" if index == 0 else "")
            tail = [part[cut + 1 :], *parts[index + 1 :]]
            return build([*parts[:index], head]), build(tail)
        if part is None and index == 0:
            return GAP, build(parts)
    return Text(()), build(parts)


def parent(value: Text) -> Text:
    """Return the ``parent`` of a path."""
    head = split(as_path(value))[0]
    return Text(head.parts or (".",), path=True, above=True)


def directory_of(value: Text) -> Text:
    """Return what ``os.path.dirname`` makes of a text."""
    return Text(split(value)[0].parts, above=True)


def split_suffix(value: Text) -> tuple[Text, Text]:
    """Return what ``os.path.splitext`` makes of a text."""
    last = value.parts[-1] if value.parts else ""
    if last is None:
        return GAP, GAP
    stem, suffix = posixpath.splitext(last)
    if len(value.parts) > 1 and not suffix and last.startswith(".") and "/" not in last and last.count(".") == 1:
        stem, suffix = "", last
    return build([*value.parts[:-1], stem]), build([suffix])


def normal(value: Text) -> Text:
    """Return a text with ``.`` and ``..`` taken out, as far as it is known."""
    known = value.known
    if known is None:
        head = value.parts[0]
        if head is not None and "/" in head and ".." not in (part for part in value.parts[1:] if part):
            cut = head.rindex("/")
            cleaned = posixpath.normpath(head[:cut]) + head[cut:] if cut else head
            return build([cleaned, *value.parts[1:]], path=value.path)
        return value
    return Text((posixpath.normpath(known or "."),), path=value.path)


def absolute(value: Text, directory: str) -> Text:
    """Return a text as an absolute path.

    :param directory: the working directory, relative to the workspace.
    """
    here = text(f"{ROOT}/{directory}" if directory else ROOT, path=value.path)
    return normal(join(here, value))


def in_workspace(value: Text, directory: str) -> str | None:
    """Return the name in the workspace that a text stands for; ``None`` when it has gaps, or lies elsewhere."""
    known = absolute(Text(value.parts), directory).known
    if known is None or not (known == ROOT or known.startswith(f"{ROOT}/")):
        return None
    return known[len(ROOT) + 1 :]
