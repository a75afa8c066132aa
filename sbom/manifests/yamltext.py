"""A bounded YAML reader: dicts, lists, texts and ``None``; every scalar stays the text that was written.

Events come from PyYAML's safe loader; values are built from them without recursion, so that neither depth, nor aliases
of aliases, nor object tags can do anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import yaml

from sbom.manifests import values
from sbom.manifests.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 100
#: Values in a document, those behind each alias counted again; a long text counts as several.
MAX_VALUES = 5_000_000
_TEXT = 64
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_STANDARD = "tag:yaml.org,2002:"
_TAGS = frozenset({"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "binary", "merge", "set", "omap"})
_MERGE = "<<"


class _Open:
    """A mapping or list that is being filled."""

    def __init__(self, value: dict[str, object] | list[object], anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: str | None = None
        self.weight = 1
        self._merged: list[object] = []

    def add(self, value: object, weight: int) -> None:
        """Take the next key, value or item."""
        self.weight += weight
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is None:
            if not isinstance(value, str) and value is not None:
                raise ManifestError("a key is not a text")
            self.key = value or ""
        else:
            if self.key == _MERGE:
                self._merged.append(value)
            elif self.key in self.value:
                raise ManifestError(f"has the key {self.key[:80]!r} twice")
            else:
                self.value[self.key] = value
            self.key = None

    def close(self) -> None:
        """Take the keys of merged mappings that are not there (YAML 1.1, merge key): earlier ones win."""
        for value in self._merged:
            for one in values.items(value):
                for key, inner in values.mapping(one).items():
                    cast("dict[str, object]", self.value).setdefault(key, inner)


def load(data: bytes) -> object:
    """Parse the first document.

    :raises ManifestError: when it is not YAML, too deep, too large behind its aliases, or holds object tags.
    """
    try:
        return _build(_events(data))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" (line {mark.line + 1})"
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "malformed"
        raise ManifestError(f"is not YAML: {what}{where}") from error
    except (UnicodeError, ValueError) as error:
        raise ManifestError("is not YAML: bytes that are no text") from error


def _events(data: bytes) -> Iterator[yaml.Event]:
    for event in yaml.parse(data, _LOADER):
        yield event
        if isinstance(event, yaml.DocumentEndEvent):
            return


def _build(events: Iterator[yaml.Event]) -> object:
    root = _Open([], None)
    stack = [root]
    anchors: dict[str, tuple[object, int]] = {}
    for event in events:
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            _check_tag(event.tag)
            if len(stack) > MAX_DEPTH:
                raise ManifestError(f"is nested more than {MAX_DEPTH} levels deep")
            stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))
            continue
        if isinstance(event, yaml.ScalarEvent):
            found: tuple[object, int] = _scalar(event), 1 + len(event.value) // _TEXT
            anchor = event.anchor
        elif isinstance(event, yaml.AliasEvent):
            found, anchor = _known(anchors, event.anchor), None
        elif isinstance(event, yaml.CollectionEndEvent):
            done = stack.pop()
            done.close()
            found, anchor = (done.value, done.weight), done.anchor
        else:
            continue
        if anchor:
            anchors[anchor] = found
        stack[-1].add(*found)
        if stack[-1].weight > MAX_VALUES:
            raise ManifestError(f"holds more than {MAX_VALUES:,} values")
    return cast("list[object]", root.value)[0] if root.value else None


def _known(anchors: dict[str, tuple[object, int]], name: str | None) -> tuple[object, int]:
    """Return what an alias stands for; what is still open has no anchor yet, so that nothing holds itself."""
    if name is None or name not in anchors:
        raise ManifestError(f"has an alias to nothing, or to what it stands in: {str(name)[:80]!r}")
    return anchors[name]


def _scalar(event: yaml.ScalarEvent) -> str | None:
    _check_tag(event.tag)
    return None if not event.style and event.value in _NULL else event.value


def _check_tag(tag: str | None) -> None:
    if tag is None or tag == "!":
        return
    if tag.startswith(_STANDARD) and tag.removeprefix(_STANDARD) in _TAGS:
        return
    raise ManifestError(f"has the object tag {tag[:80]!r}, which is not read")
