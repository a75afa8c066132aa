"""What an observer saw of a run, whatever observed it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Events:
    """Files that a run touched, as absolute paths.

    :ivar read: opened for reading before the run itself had written them, in that order.
    :ivar written: opened for writing, made, or renamed to; still there or not.
    :ivar programs: executed, with the words they were given.
    :ivar gaps: why something may have escaped.
    """

    read: dict[str, None] = field(default_factory=dict)
    written: dict[str, None] = field(default_factory=dict)
    programs: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    gaps: dict[str, None] = field(default_factory=dict)

    def reads(self, path: str) -> None:
        """Take notice of a file that was opened for reading."""
        if path not in self.written:
            self.read[path] = None

    def writes(self, path: str) -> None:
        """Take notice of a file that was opened for writing."""
        self.written[path] = None

    def renames(self, old: str, new: str) -> None:
        """Take notice of a file that got another name: what it was made of is read, unless the run had made it."""
        self.reads(old)
        self.written[old] = None
        self.written[new] = None
        # A directory that moves takes along what was written in it.
        inner = f"{old}/"
        for path in [path for path in self.written if path.startswith(inner)]:
            self.written[f"{new}/{path[len(inner) :]}"] = None

    def links(self, old: str, new: str) -> None:
        """Take notice of another name for a file."""
        self.reads(old)
        self.written[new] = None
