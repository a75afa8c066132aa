"""What is tainted within one document: contents, names where nobody knows the content, and directories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.lineage.origins import Above
from sbom.tracing.graph import NAME, SHA256

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.transformation import Edge, Step

#: SHA-256 of nothing: two empty files have nothing in common.
EMPTY: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#: What does not tell one content from another.
VAGUE: Final = frozenset({None, EMPTY})


class Taint:
    """Grows with each step that is tainted.

    :param others: contents that are tainted in other documents.
    """

    def __init__(self, steps: Sequence[Step], others: set[str | None]) -> None:
        self.contents: set[str | None] = set()
        self._others = others
        #: Something is tainted of which the content does not tell.
        self.doubtful = False
        #: Directories with something tainted in them that steps read as a whole.
        self.partly: set[str] = set()
        self._wholly: set[str] = set()
        self._written = Above(name for step in steps for name in _directories(step.outputs))
        self._read = Above(name for step in steps for name in _directories(step.inputs))
        self._any_directory = self._read.any or self._written.any
        # Names are looked at only where a digest is missing: until then they are not indexed.
        self._pending: list[Sequence[Edge]] = []
        self._names: dict[str, str | None] = {}

    def add(self, items: Sequence[Edge]) -> None:
        """Taint items."""
        self._pending.append(items)
        new = set(map(SHA256, items))
        if not new.isdisjoint(VAGUE):
            self.doubtful = True
            new -= VAGUE
        self.contents |= new
        if self._any_directory:
            for name in map(NAME, items):
                if name.endswith("/"):
                    self._wholly.add(name)
                self.partly.update(self._read.of(name))

    def among(self, items: Sequence[Edge]) -> Sequence[Edge]:
        """Return those that are tainted."""
        here, there = self.contents, self._others
        exact = [one for one in items if one[2] in here or one[2] in there]
        if len(exact) == len(items):
            return exact
        if not (self.doubtful or self.partly or self._wholly) and VAGUE.isdisjoint(map(SHA256, items)):
            return exact
        return [one for one in items if self.has(one)]

    def has(self, one: Edge) -> bool:
        """Tell whether something is tainted."""
        name, sha256 = one.name, one.sha256
        if sha256 in self.contents or sha256 in self._others:
            return True
        known = self._known()
        if name in known and (sha256 is None or known[name] in {None, sha256}):
            return True
        return name in self.partly or any(self.covering(name))

    def _known(self) -> dict[str, str | None]:
        for items in self._pending:
            self._names.update(zip(map(NAME, items), map(SHA256, items), strict=True))
        self._pending.clear()
        return self._names

    def covering(self, name: str) -> Iterator[str]:
        """Yield the directories that were written as a whole, are tainted, and hold a name, the nearest first."""
        return (directory for directory in self._written.of(name) if directory in self._wholly)

    def read_above(self, name: str) -> Sequence[str]:
        """Return the directories that steps read as a whole, and that hold a name."""
        return self._read.of(name)


def _directories(edges: Sequence[Edge]) -> Iterator[str]:
    """Yield the directories among edges: nearly always there is none, which one look at all names tells."""
    # No name holds a line break.
    if "/\n" in "\n".join([*map(NAME, edges), ""]):
        yield from (name for name in map(NAME, edges) if name.endswith("/"))
