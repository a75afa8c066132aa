"""Walk a dataset: every regular file and every inner link, and everything that no inventory may hold.

Nothing outside the root is opened, no link is followed on the way (unless the caller asks for it), nothing is read.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sbom import names
from sbom.errors import LimitError, UndecidedError, UnreadableError, UsageError
from sbom.inventory import files, selection

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Files that one inventory may hold, unless the caller raises it.
MAX_FILES = 500_000
#: Directories below each other; more is an attack or an accident.
MAX_DEPTH = 256
#: Characters of all paths together: more does not fit into a document that anybody loads.
MAX_PATHS = 256 << 20

_SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
}


class Node(NamedTuple):
    """One file that was found.

    :param size: bytes of the content.
    :param state: of the file that holds the content (for a link: of its target).
    :param link: text of the link, for a link.
    :param target: where the content is: below the root, or absolute where a link that leaves it was followed.
    """

    path: str
    size: int
    state: files.State
    link: str | None
    target: str


class Problem(NamedTuple):
    """Something that no inventory may hold. ``check`` is ``type``, ``name`` or ``unreadable``."""

    check: str
    path: str
    reason: str


class Place(NamedTuple):
    """Where a dataset is.

    :param root: real path of its root directory.
    :param only: for a dataset of one file, its name in ``root``; else ``None``.
    """

    root: str
    only: str | None


class Options(NamedTuple):
    """How to walk. ``omit`` holds paths that are left out without being a rule: the document itself."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    omit: frozenset[str] = frozenset()
    follow_symlinks: bool = False
    max_files: int = MAX_FILES


class LeftOut(NamedTuple):
    """A path that a rule left out: a file, or a directory with all that is in it."""

    path: str


def locate(data: str) -> Place:
    """Find the root of DATA, which may be a directory or one file, given through a symlink or not.

    :raises UsageError: when there is no such file or directory.
    """
    if sys.getfilesystemencoding().lower().replace("-", "") != "utf8":
        msg = "file names cannot be read as UTF-8 in this locale"
        raise UsageError(msg, hint="set PYTHONUTF8=1, or LC_ALL=C.UTF-8")
    try:
        os.stat(data)  # fails where there are too many links in a row, of which realpath would follow any number
        real = os.path.realpath(data, strict=True)
        mode = os.stat(real).st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise UsageError(
            f"cannot be opened as a dataset: {reason}", path=data, hint="give a directory or a file"
        ) from error
    if stat.S_ISDIR(mode):
        return Place(real, None)
    if stat.S_ISREG(mode):
        root, name = os.path.split(real)
        return Place(root, name)
    kind = _SPECIAL.get(stat.S_IFMT(mode), "a special file")
    raise UsageError(f"is {kind}, not a dataset", path=data, hint="give a directory or a regular file")


def relative(place: Place, path: str) -> str | None:
    """Name a file relative to the root, ``None`` when it lies elsewhere. The last component is not followed."""
    parent, name = os.path.split(path)
    try:
        if name in {"", ".", ".."}:
            full = os.path.realpath(path)
        else:
            # Not normalised as text: link/../x is above what the link leads to.
            full = os.path.join(os.path.realpath(parent or "."), name)
    except ValueError:
        return None  # not a path: it holds a NUL
    prefix = place.root.rstrip("/") + "/"
    if not full.startswith(prefix):
        return None
    inner = full[len(prefix) :]
    return inner if place.only is None or inner == place.only else None


class _Directory(NamedTuple):
    """A directory to walk.

    :param path: in the inventory.
    :param where: to open, as in :func:`sbom.inventory.files.open_directory`; another one below a link that is followed.
    :param above: identities of the directories above it, where links are followed.
    """

    path: str
    where: str
    above: frozenset[tuple[int, int]]


class _Room:
    """What an inventory may still hold: files, and characters of their paths."""

    def __init__(self, place: Place, options: Options) -> None:
        self._place = place
        self._options = options
        self.files = options.max_files
        self._text = MAX_PATHS

    def take(self, path: str, entries: list[str]) -> None:
        self.files -= len(entries)
        self._text -= len(path) * len(entries) + sum(map(len, entries))
        if self.files < 0:
            what = f"more than {self._options.max_files:,} files and directories"
        elif self._text < 0:
            what = f"the paths of its files are more than {MAX_PATHS:,} characters together"
        else:
            return
        hint = "describe parts of it one by one, or raise the limit through the Python API"
        raise LimitError(what, path=self._place.root, hint=hint)


def scan(place: Place, root_fd: int, options: Options) -> Iterator[Node | Problem | LeftOut]:
    """Yield everything below the root, directories sorted by name, each file once.

    :raises LimitError: when there are more files, deeper directories or longer paths than allowed.
    :raises UnreadableError: when the root itself cannot be read.
    """
    if place.only is not None:
        yield _single(place.only, root_fd, options)
        return
    room = _Room(place, options)
    stack = [_Directory("", "", frozenset())]
    while stack:
        directory = stack.pop()
        try:
            identity, entries, states = _look(root_fd, directory, room.files + 1)
        except OSError as error:
            reason = error.strerror or "unreadable"
            if not directory.path:
                raise UnreadableError(f"cannot be read: {reason}", path=place.root) from error
            yield Problem("unreadable", directory.path, f"the directory cannot be read: {reason}")
            continue
        if identity in directory.above:
            yield Problem("type", directory.path, "a link that leads back to a directory above it")
            continue
        room.take(directory.path, entries)
        below: list[_Directory] = []
        above = directory.above | {identity} if options.follow_symlinks else directory.above
        for item in _contents(place, options, directory, entries, states):
            if isinstance(item, tuple):
                yield item
            else:
                below.append(_Directory(item.path, item.where, above))
        stack.extend(reversed(below))


def _look(
    root_fd: int, directory: _Directory, limit: int
) -> tuple[tuple[int, int], list[str], list[files.State | OSError]]:
    """Return a directory's identity, its names and their states."""


def _list(fd: int, limit: int) -> list[str]:
    """List the names in a directory, sorted; not many more than ``limit``, however many there are."""
    with os.scandir(fd) as iterator:
        return sorted(entry.name for entry in islice(iterator, limit))


def _states(entries: list[str], fd: int) -> list[files.State | OSError]:
    state_of, lstat = files.state_of, os.lstat
    try:
        return [state_of(lstat(name, dir_fd=fd)) for name in entries]
    except OSError:
        # Rare: something has gone, or may not be examined. Now say which.
        return [_state(name, fd) for name in entries]


def _state(name: str, fd: int) -> files.State | OSError:
    try:
        return files.state_of(os.stat(name, dir_fd=fd, follow_symlinks=False))
    except OSError as error:
        return error


def _plain(path: str, entries: list[str], options: Options) -> bool:
    """Tell by one look at all names of a directory whether its regular files need no closer one."""
    if options.include or options.exclude or not entries:
        return False
    together = "+".join(entries)
    if path:
        return names.refusal(f"{path}/{together}") is None
    # A drive letter is refused at the start of a path only, which is not the start of all but the first name.
    return ":" not in together and names.refusal(together) is None


def _classify(
    place: Place, options: Options, path: str, where: str, state: files.State | OSError
) -> Iterator[Node | Problem | LeftOut | str]:
    """Say what one directory entry is; a string is the directory to descend into."""
    if path in options.omit:
        return
    mode = 0 if isinstance(state, OSError) else state[0]
    link = _follow(place, where) if stat.S_ISLNK(mode) else None
    is_directory = stat.S_ISDIR(mode) or (
        options.follow_symlinks and isinstance(link, _Link) and stat.S_ISDIR(link.state[0])
    )
    if not _selected(path, options, is_directory=is_directory):
        yield LeftOut(path)
        return
    reason = names.refusal(path)
    if reason is not None:
        yield Problem("name", path, reason)
    elif isinstance(state, OSError):
        yield Problem("unreadable", path, f"it cannot be examined: {state.strerror or 'unknown error'}")
    elif link is not None:
        yield _link(place, options, path, link)
    elif is_directory:
        yield where
    elif stat.S_ISREG(mode):
        yield Node(path, state[3], state, None, where)
    else:
        yield Problem("type", path, f"{_SPECIAL.get(stat.S_IFMT(mode), 'a special file')}, not a regular file")


def _selected(path: str, options: Options, *, is_directory: bool) -> bool:
    """Tell whether the rules keep a file, or any file below a directory."""
    if is_directory:
        return not (options.exclude and selection.covers(path, options.exclude))
    if options.exclude and selection.matches(path, options.exclude):
        return False
    return not options.include or selection.matches(path, options.include)


class _Link(NamedTuple):
    """Where a symlink leads to: its text, the real path behind it, and the state of what is there."""

    text: str
    real: str
    state: files.State


def _follow(place: Place, where: str) -> _Link | OSError:
    full = where if where.startswith("/") else os.path.join(place.root, where)
    try:
        text = os.readlink(full)
        # The system's own limit on links in a row comes first: realpath has none.
        os.stat(full)
        real = os.path.realpath(full, strict=True)
        return _Link(text, real, files.state_of(os.stat(real, follow_symlinks=False)))
    except OSError as error:
        return error


def _link(place: Place, options: Options, path: str, link: _Link | OSError) -> Node | Problem | str:
    """Say what a symlink is: an entry, a refusal, or (when links are followed) a directory."""
    if isinstance(link, OSError):
        if link.errno == errno.ELOOP:
            return Problem("type", path, "a link in a loop, or through too many others")
        if link.errno in {errno.ENOENT, errno.ENOTDIR}:
            return Problem("type", path, "a link that leads nowhere")
        return Problem("unreadable", path, f"the link cannot be followed: {link.strerror or 'unknown error'}")
    bad_text = names.text_refusal(link.text)
    if bad_text is not None:
        return Problem("name", path, f"the text of the link is {bad_text}")
    prefix = place.root.rstrip("/") + "/"
    inside = link.real.startswith(prefix)
    mode = link.state[0]
    if stat.S_ISDIR(mode):
        return link.real if options.follow_symlinks else Problem("type", path, "a link to a directory")
    if not stat.S_ISREG(mode):
        return Problem("type", path, f"a link to {_SPECIAL.get(stat.S_IFMT(mode), 'a special file')}")
    if not inside and not options.follow_symlinks:
        return Problem("type", path, "a link to a file outside the dataset")
    return Node(path, link.state[3], link.state, link.text, link.real[len(prefix) :] if inside else link.real)


def _single(name: str, root_fd: int, options: Options) -> Node | Problem | LeftOut:
    """Look at a dataset of one file."""
    if not _selected(name, options, is_directory=False):
        return LeftOut(name)
    reason = names.refusal(name)
    if reason is not None:
        return Problem("name", name, reason)
    state = _state(name, root_fd)
    if isinstance(state, OSError):
        raise UndecidedError(f"cannot be examined: {state.strerror}", path=name) from state
    if not stat.S_ISREG(state[0]):
        return Problem("type", name, "not a regular file any more")
    return Node(name, state[3], state, None, name)
