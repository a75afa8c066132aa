"""Walk a dataset: every regular file and every inner link, and everything that no inventory may hold.

Nothing outside the root is opened, no link is followed on the way (unless the caller asks for it), nothing is read.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

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


def scan(place: Place, root_fd: int, options: Options) -> Iterator[Node | Problem | LeftOut]:
    """Yield everything below the root, directories sorted by name, each file once.

    :raises LimitError: when there are more files, deeper directories or longer paths than allowed.
    :raises UnreadableError: when the root itself cannot be read.
    """
    return _Scan(place, root_fd, options).run()


class _Directory(NamedTuple):
    """A directory to walk.

    :param path: in the inventory.
    :param where: to open, as in :func:`sbom.inventory.files.open_directory`; another one below a link that is followed.
    :param above: identities of the directories above it, where links are followed.
    """

    path: str
    where: str
    above: frozenset[tuple[int, int]]


class _Listed(NamedTuple):
    """What is in a directory: its own identity, and the sorted names with their states."""

    identity: tuple[int, int]
    names: list[str]
    states: list[files.State | OSError]


class _Link(NamedTuple):
    """Where a symlink leads to: its text, the real path behind it, and the state of what is there."""

    text: str
    real: str
    state: files.State


class _Scan:
    """One walk, and what it may still find: files, and characters of their paths."""

    def __init__(self, place: Place, root_fd: int, options: Options) -> None:
        self._place = place
        self._root_fd = root_fd
        self._options = options
        self._prefix = place.root.rstrip("/") + "/"
        self._files = options.max_files
        self._text = MAX_PATHS

    def run(self) -> Iterator[Node | Problem | LeftOut]:
        if self._place.only is not None:
            yield self._single(self._place.only)
            return
        stack = [_Directory("", "", frozenset())]
        while stack:
            directory = stack.pop()
            try:
                listed = self._look(directory)
            except OSError as error:
                reason = error.strerror or "unreadable"
                if not directory.path:
                    raise UnreadableError(f"cannot be read: {reason}", path=self._place.root) from error
                yield Problem("unreadable", directory.path, f"the directory cannot be read: {reason}")
                continue
            if listed.identity in directory.above:
                yield Problem("type", directory.path, "a link that leads back to a directory above it")
                continue
            self._account(directory.path, listed.names)
            below: list[_Directory] = []
            for item in self._contents(directory, listed):
                if isinstance(item, _Directory):
                    below.append(item)
                else:
                    yield item
            stack.extend(reversed(below))

    def _look(self, directory: _Directory) -> _Listed:
        if directory.path.count("/") >= MAX_DEPTH:
            raise LimitError(f"directories are more than {MAX_DEPTH} deep", path=directory.path)
        fd = files.open_directory(self._root_fd, directory.where)
        try:
            own = os.fstat(fd)
            with os.scandir(fd) as iterator:
                # However many there are: one more than allowed is enough to know.
                found = [entry.name for entry in islice(iterator, self._files + 1)]
            found.sort()
            return _Listed((own.st_dev, own.st_ino), found, _states(found, fd))
        finally:
            os.close(fd)

    def _account(self, path: str, found: list[str]) -> None:
        self._files -= len(found)
        self._text -= len(path) * len(found) + sum(map(len, found))
        if self._files < 0:
            what = f"more than {self._options.max_files:,} files and directories"
        elif self._text < 0:
            what = f"the paths of its files are more than {MAX_PATHS:,} characters together"
        else:
            return
        hint = "describe parts of it one by one, or raise the limit through the Python API"
        raise LimitError(what, path=self._place.root, hint=hint)

    def _contents(self, directory: _Directory, listed: _Listed) -> Iterator[Node | Problem | LeftOut | _Directory]:
        options = self._options
        plain = _plain(directory.path, listed.names, options)
        omit, is_regular = options.omit, stat.S_ISREG
        beneath = f"{directory.path}/" if directory.path else ""
        inside = f"{directory.where.rstrip('/')}/" if directory.where else ""
        same = beneath == inside
        above = directory.above | {listed.identity} if options.follow_symlinks else directory.above
        for name, state in zip(listed.names, listed.states, strict=True):
            path = beneath + name
            where = path if same else inside + name
            if path in omit:
                continue
            if plain and not isinstance(state, OSError) and is_regular(state[0]):
                yield Node(path, state[3], state, None, where)
            else:
                yield self._classify(_Directory(path, where, above), state)

    def _classify(self, item: _Directory, state: files.State | OSError) -> Node | Problem | LeftOut | _Directory:
        """Say what one entry of a directory is, which ``item`` describes as if it were a directory itself."""
        path, where, _ = item
        mode = 0 if isinstance(state, OSError) else state[0]
        link = self._follow(where) if stat.S_ISLNK(mode) else None
        is_directory = stat.S_ISDIR(mode)
        if self._options.follow_symlinks and isinstance(link, _Link) and stat.S_ISDIR(link.state[0]):
            item = item._replace(where=link.real)
            is_directory = True
        if not _selected(path, self._options, is_directory=is_directory):
            return LeftOut(path)
        problem = _problem(path, state, link)
        if problem is not None:
            return problem
        if is_directory:
            return item
        if isinstance(link, _Link):
            return self._link(path, link)
        if stat.S_ISREG(mode):
            known = cast("files.State", state)
            return Node(path, known[3], known, None, where)
        return Problem("type", path, f"{_SPECIAL.get(stat.S_IFMT(mode), 'a special file')}, not a regular file")

    def _follow(self, where: str) -> _Link | OSError:
        full = where if where.startswith("/") else self._prefix + where
        try:
            text = os.readlink(full)
            # The system's own limit on links in a row comes first: realpath has none.
            os.stat(full)
            real = os.path.realpath(full, strict=True)
            return _Link(text, real, files.state_of(os.stat(real, follow_symlinks=False)))
        except OSError as error:
            return error

    def _link(self, path: str, link: _Link) -> Node | Problem:
        """Say whether a symlink that leads to something is an entry."""
        mode = link.state[0]
        inside = link.real.startswith(self._prefix)
        if stat.S_ISDIR(mode):
            return Problem("type", path, "a link to a directory")
        if not stat.S_ISREG(mode):
            return Problem("type", path, f"a link to {_SPECIAL.get(stat.S_IFMT(mode), 'a special file')}")
        if not inside and not self._options.follow_symlinks:
            return Problem("type", path, "a link to a file outside the dataset")
        target = link.real[len(self._prefix) :] if inside else link.real
        return Node(path, link.state[3], link.state, link.text, target)

    def _single(self, name: str) -> Node | Problem | LeftOut:
        """Look at a dataset of one file."""
        state = _state(name, self._root_fd)
        if isinstance(state, OSError):
            raise UndecidedError(f"cannot be examined: {state.strerror}", path=name) from state
        if not stat.S_ISREG(state[0]):
            return Problem("type", name, "not a regular file any more")
        return cast("Node | Problem | LeftOut", self._classify(_Directory(name, name, frozenset()), state))


def _states(found: list[str], fd: int) -> list[files.State | OSError]:
    state_of, lstat = files.state_of, os.lstat
    try:
        return [state_of(lstat(name, dir_fd=fd)) for name in found]
    except OSError:
        # Rare: something has gone, or may not be examined. Now say which.
        return [_state(name, fd) for name in found]


def _state(name: str, fd: int) -> files.State | OSError:
    try:
        return files.state_of(os.lstat(name, dir_fd=fd))
    except OSError as error:
        return error


def _plain(path: str, found: list[str], options: Options) -> bool:
    """Tell by one look at all names of a directory whether its regular files need no closer one."""
    if options.include or options.exclude or not found:
        return False
    together = "+".join(found)
    if path:
        return names.refusal(f"{path}/{together}") is None
    # A drive letter is refused at the start of a path only, which is not the start of all but the first name.
    return ":" not in together and names.refusal(together) is None


def _selected(path: str, options: Options, *, is_directory: bool) -> bool:
    """Tell whether the rules keep a file, or any file below a directory."""
    if is_directory:
        return not (options.exclude and selection.covers(path, options.exclude))
    if options.exclude and selection.matches(path, options.exclude):
        return False
    return not options.include or selection.matches(path, options.include)


def _problem(path: str, state: files.State | OSError, link: _Link | OSError | None) -> Problem | None:
    """Say why a name, or a link that leads to nothing that could be examined, is refused whatever its type is."""
    reason = names.refusal(path)
    if reason is not None:
        return Problem("name", path, reason)
    if isinstance(state, OSError):
        return Problem("unreadable", path, f"it cannot be examined: {state.strerror or 'unknown error'}")
    if isinstance(link, _Link):
        reason = names.text_refusal(link.text)
        return None if reason is None else Problem("name", path, f"the text of the link is {reason}")
    return None if link is None else _broken(path, link)


def _broken(path: str, error: OSError) -> Problem:
    if error.errno == errno.ELOOP:
        return Problem("type", path, "a link in a loop, or through too many others")
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return Problem("type", path, "a link that leads nowhere")
    return Problem("unreadable", path, f"the link cannot be followed: {error.strerror or 'unknown error'}")
