"""YAML with the lines that its values start at, read by the events of PyYAML's safe loader, without recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from sbom.lineage.interface import ScriptError
from sbom.manifests import yamltext
from sbom.manifests.errors import ManifestError

if TYPE_CHECKING:
    from sbom.lineage.interface import Workspace

#: Keys and numbers that lead to a value.
Path = tuple[str | int, ...]
#: How deep values have lines of their own, and how many.
_MAX_DEPTH = 6
_MAX_LINES = 200_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """A YAML document: its value (see :mod:`sbom.manifests.yamltext`), and lines by path."""

    def __init__(self, value: object, lines: dict[Path, int]) -> None:
        self.value = value
        self._lines = lines

    def line(self, *path: str | int) -> int:
        """Return the line of a value, or of the nearest one around it that has one."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return self._lines.get((), 1)


def load(path: str, workspace: Workspace) -> Document:
    """Read the first document of a file.

    :raises ScriptError: when it cannot be read, or is no YAML that is read (object tags, endless aliases).
    """
    text = workspace.text(path)
    try:
        value = yamltext.load(text.encode())
    except ManifestError as error:
        raise ScriptError(str(error)) from error
    return Document(value, _lines(text))


def _lines(text: str) -> dict[Path, int]:
    """Return the lines of values; the text has been parsed before. What is very deep, or very late, has none."""
    found: dict[Path, int] = {}
    # Open collections: their path, whether they are mappings, and the next key or number.
    stack: list[tuple[Path, bool, str | int | None]] = []

    def place(event: yaml.Event) -> Path:
        """Note where a value starts, and get ready for the one after it; return its path."""
        path: Path = ()
        if stack:
            above, is_mapping, key = stack[-1]
            stack[-1] = (above, is_mapping, None if is_mapping else (key if isinstance(key, int) else 0) + 1)
            path = (*above, "" if key is None else key) if len(stack) <= _MAX_DEPTH else above
        if len(found) < _MAX_LINES:
            found.setdefault(path, 1 if event.start_mark is None else event.start_mark.line + 1)
        return path

    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.DocumentEndEvent):
            break
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            stack.append((place(event), is_mapping, None if is_mapping else 0))
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
            if stack and stack[-1][1] and stack[-1][2] is None:
                key = event.value if isinstance(event, yaml.ScalarEvent) else ""
                stack[-1] = (stack[-1][0], True, key)
            else:
                place(event)
    return found
