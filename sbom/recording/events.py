"""What an observer saw of a run, whatever observed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

#: Names and reasons that are kept of one run. More are an accident or an attack; the record then says so.
MAX_NAMES: Final = 4_000_000
MAX_PROGRAMS: Final = 100_000
MAX_GAPS: Final = 1_000
#: The gap of a run that used the network; one that declares where it downloads from does not have it.
NETWORK: Final = "it used the network: what it got from there is no file"


class Program(NamedTuple):
    """A program that was executed.

    :param path: absolute.
    :param words: that it was given, its own name first.
    :param directory: that it started in; ``None`` where nobody knows.
    """

    path: str
    words: tuple[str, ...]
    directory: str | None


@dataclass(slots=True)
class Events:
    """Files that a run touched, as absolute paths, in the order in which they were told.

    :ivar read: read before the run itself had written them, by the name that they had when the run began; and the name
        by which they were opened, which is another one behind a link or in a directory that was moved.
    :ivar written: opened for writing, made, linked or renamed to; still there or not.
    :ivar moved: what was renamed, by the name that it has now: the name that it had when the run began.
    :ivar linked: files that got another name: their state changed, their content did not.
    :ivar gaps: why something may have escaped.
    """

    read: dict[str, str] = field(default_factory=dict)
    written: dict[str, None] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    linked: dict[str, None] = field(default_factory=dict)
    programs: dict[Program, None] = field(default_factory=dict)
    gaps: dict[str, None] = field(default_factory=dict)

    def gap(self, text: str) -> None:
        """Take notice of a reason why something may have escaped."""
        if len(self.gaps) < MAX_GAPS:
            self.gaps[text] = None

    def reads(self, path: str, opened: str | None = None) -> None:
        """Take notice of a file that was opened for reading.

        :param opened: the name by which it was opened, where that is another one.
        """
        if path in self.written:
            return
        first = self.origin(path)
        if first in self.written and first != path:
            return
        if len(self.read) < MAX_NAMES:
            self.read.setdefault(first, path if opened is None else opened)
        else:
            self.gap(f"more than {MAX_NAMES:,} files were read")

    def writes(self, path: str) -> None:
        """Take notice of a file that was opened for writing."""
        if len(self.written) < MAX_NAMES:
            self.written[path] = None
        else:
            self.gap(f"more than {MAX_NAMES:,} files were written")

    def renames(self, old: str, new: str) -> None:
        """Take notice of a file or directory that got another name: it is read, unless the run had made it."""
        self.reads(old)
        first = self.origin(old)
        self.moved.pop(old, None)
        self.moved[new] = first
        self.writes(old)
        self.writes(new)

    def exchanges(self, one: str, other: str) -> None:
        """Take notice of two files or directories that got each other's name."""
        self.reads(one)
        self.reads(other)
        self.moved[one], self.moved[other] = self.origin(other), self.origin(one)
        self.writes(one)
        self.writes(other)

    def links(self, old: str, new: str) -> None:
        """Take notice of another name for a file."""
        self.reads(old)
        self.linked[old] = None
        self.writes(new)

    def runs(self, path: str, words: tuple[str, ...], directory: str | None) -> None:
        """Take notice of a program that was executed."""
        if len(self.programs) < MAX_PROGRAMS:
            self.programs[Program(path, words, directory)] = None
        else:
            self.gap(f"more than {MAX_PROGRAMS:,} programs were executed")

    def origin(self, path: str) -> str:
        """Return the name that a file had before it, or a directory above it, was renamed."""
        if self.moved:
            head = path
            while head:
                first = self.moved.get(head)
                if first is not None:
                    return first + path[len(head) :]
                head = head.rpartition("/")[0]
        return path

    def explains(self, path: str) -> bool:
        """Tell whether the run was seen to write a file, maybe under another name."""
        return path in self.written or (bool(self.moved) and self.origin(path) in self.written)
