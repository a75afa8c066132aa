"""Open and stat files below a root without ever following a link on the way (openat, ``O_NOFOLLOW``)."""

from __future__ import annotations

import os
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_BENEATH = _DIRECTORY | os.O_NOFOLLOW
# O_NONBLOCK: a FIFO that took the place of a file must not hang us; regular files ignore it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOCTTY", 0)

#: What identifies a file's state, to be compared and nothing else: (mode, dev, ino, size, mtime_ns, ctime_ns).
#: Any change of a file's content or identity changes one of these. A plain tuple: there are millions of them.
State = tuple[int, int, int, int, int, int]
#: Nanoseconds: longer than the tick of the clock by which most file systems stamp changes. Two changes within one tick
#: leave the same times, so what changed just now is read only when its tick is over.
TICK_NS = 20_000_000
#: Takes the parts of a stat result that identify a file's state.
state_of: Callable[[os.stat_result], State] = attrgetter(
    "st_mode", "st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns"
)


def open_root(path: str) -> int:
    """Open a dataset's root; the root itself may be given through a symlink."""
    return os.open(path, _DIRECTORY)


def open_directory(root_fd: int, path: str) -> int:
    """Open the directory ``path`` below ``root_fd``; ``""`` is the root, a leading ``/`` starts at the file system's.

    :raises OSError: also when a component is a link.
    """
    if path.startswith("/"):
        current = os.open("/", _DIRECTORY)
        path = path[1:]
    else:
        current = os.dup(root_fd)
    try:
        for part in path.split("/") if path else ():
            following = os.open(part, _BENEATH, dir_fd=current)
            os.close(current)
            current = following
    except BaseException:
        os.close(current)
        raise
    return current


class Opener:
    """Open files below a root, keeping the last directory open: files of one directory come in a row."""

    def __init__(self, root_fd: int) -> None:
        self._root_fd = root_fd
        self._name: str | None = None
        self._fd = -1

    def open(self, path: str) -> int:
        """Return a descriptor for ``path`` (as in :func:`open_directory`), for the caller to close.

        :raises OSError: also when any component, the last included, is a link.
        """
        directory, _, name = path.rpartition("/")
        if not directory and path.startswith("/"):
            directory = "/"
        if directory != self._name:
            self.close()
            self._fd = open_directory(self._root_fd, directory)
            self._name = directory
        return os.open(name, _FILE, dir_fd=self._fd)

    def close(self) -> None:
        """Close the directory that is kept open."""
        if self._name is not None:
            os.close(self._fd)
            self._name = None
