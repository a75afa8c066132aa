"""Walk a dataset: every regular file and every inner link, and everything that no inventory may hold.

Nothing outside the root is opened, no link is followed on the way (unless the caller asks for it), nothing is read.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
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
    parent = os.path.realpath(os.path.dirname(os.path.abspath(path)))
    full = os.path.join(parent, os.path.basename(os.path.abspath(path)))
    prefix = place.root.rstrip("/") + "/"
    if not full.startswith(prefix):
        return None
    inner = full[len(prefix) :]
    return inner if place.only is None or inner == place.only else None


def scan(place: Place, root_fd: int, options: Options) -> Iterator[Node | Problem | LeftOut]:
    """Yield everything below the root, directories sorted by name, each file once.

    :raises LimitError: when there are more files or deeper directories than allowed.
    :raises UnreadableError: when the root itself cannot be read.
    """
    if place.only is not None:
        yield _single(place.only, root_fd)
        return
    found = 0
    # (path, directory to open, its ancestors' identities where links are followed)
    stack: list[tuple[str, str, frozenset[tuple[int, int]]]] = [("", "", frozenset())]
    while stack:
        path, where, above = stack.pop()
        if path.count("/") >= MAX_DEPTH:
            raise LimitError(f"directories are more than {MAX_DEPTH} deep", path=path)
        try:
            entries, identity = _list(root_fd, where)
        except OSError as error:
            reason = error.strerror or "unreadable"
            if not path:
                raise UnreadableError(f"cannot be read: {reason}", path=place.root) from error
            yield Problem("unreadable", path, f"the directory cannot be read: {reason}")
            continue
        if identity in above:
            yield Problem("type", path, "a link that leads back to a directory above it")
            continue
        found += len(entries)
        if found > options.max_files:
            raise LimitError(
                f"more than {options.max_files:,} files and directories",
                path=place.root,
                hint="describe parts of it one by one, or raise the limit through the Python API",
            )
        # One look at all names of a directory tells that each may go the short way.
        plain = (
            not options.include
            and not options.exclude
            and names.refusal(f"{path}/{'+'.join(n for n, _ in entries)}"[not path :]) is None
        )
        below: list[tuple[str, str, frozenset[tuple[int, int]]]] = []
        for name, raw in entries:
            child = f"{path}/{name}" if path else name
            inner = f"{where}/{name}" if where else name
            if plain and not isinstance(raw, OSError) and stat.S_ISREG(raw.st_mode) and child not in options.omit:
                yield Node(child, raw.st_size, files.state_of(raw), None, inner)
                continue
            for item in _classify(place, options, child, inner, raw):
                if isinstance(item, str):
                    below.append((child, item, above | {identity} if options.follow_symlinks else above))
                else:
                    yield item
        stack.extend(reversed(below))


def _list(root_fd: int, where: str) -> tuple[list[tuple[str, os.stat_result | OSError]], tuple[int, int]]:
    """List a directory with the ``lstat`` of each entry, sorted by name."""
    fd = files.open_directory(root_fd, where)
    try:
        own = os.fstat(fd)
        entries: list[tuple[str, os.stat_result | OSError]] = []
        with os.scandir(fd) as iterator:
            for entry in iterator:
                try:
                    entries.append((entry.name, entry.stat(follow_symlinks=False)))
                except OSError as error:
                    entries.append((entry.name, error))
    finally:
        os.close(fd)
    entries.sort(key=lambda item: item[0])
    return entries, (own.st_dev, own.st_ino)


def _classify(
    place: Place, options: Options, path: str, where: str, raw: os.stat_result | OSError
) -> Iterator[Node | Problem | LeftOut | str]:
    """Say what one directory entry is; a string is the directory to descend into."""
    if path in options.omit:
        return
    is_directory = not isinstance(raw, OSError) and stat.S_ISDIR(raw.st_mode)
    if options.exclude and (
        selection.covers(path, options.exclude) if is_directory else selection.matches(path, options.exclude)
    ):
        yield LeftOut(path)
        return
    if not is_directory and options.include and not selection.matches(path, options.include):
        yield LeftOut(path)
        return
    reason = names.refusal(path)
    if reason is not None:
        yield Problem("name", path, reason)
    elif isinstance(raw, OSError):
        yield Problem("unreadable", path, f"it cannot be examined: {raw.strerror or 'unknown error'}")
    elif is_directory:
        yield where
    elif stat.S_ISREG(raw.st_mode):
        yield Node(path, raw.st_size, files.state_of(raw), None, where)
    elif stat.S_ISLNK(raw.st_mode):
        yield from _link(place, options, path, where)
    else:
        yield Problem("type", path, f"{_SPECIAL.get(stat.S_IFMT(raw.st_mode), 'a special file')}, not a regular file")


def _link(place: Place, options: Options, path: str, where: str) -> Iterator[Node | Problem | str]:
    """Say what a symlink is: an entry, a refusal, or (when links are followed) a directory."""
    full = where if where.startswith("/") else os.path.join(place.root, where)
    try:
        text = os.readlink(full)
        real = os.path.realpath(full, strict=True)
        raw = os.stat(real, follow_symlinks=False)
    except OSError as error:
        reason = "a link in a loop" if error.errno == errno.ELOOP else "a link that leads nowhere"
        yield Problem("type", path, reason)
        return
    bad_text = names.text_refusal(text)
    if bad_text is not None:
        yield Problem("name", path, f"the text of the link is {bad_text}")
        return
    prefix = place.root.rstrip("/") + "/"
    inside = real.startswith(prefix)
    if stat.S_ISDIR(raw.st_mode):
        if options.follow_symlinks:
            yield real
        else:
            yield Problem("type", path, "a link to a directory")
    elif not stat.S_ISREG(raw.st_mode):
        yield Problem("type", path, f"a link to {_SPECIAL.get(stat.S_IFMT(raw.st_mode), 'a special file')}")
    elif not inside and not options.follow_symlinks:
        yield Problem("type", path, "a link to a file outside the dataset")
    else:
        yield Node(path, raw.st_size, files.state_of(raw), text, real[len(prefix) :] if inside else real)


def _single(name: str, root_fd: int) -> Node | Problem:
    """Look at a dataset of one file."""
    reason = names.refusal(name)
    if reason is not None:
        return Problem("name", name, reason)
    try:
        raw = os.stat(name, dir_fd=root_fd, follow_symlinks=False)
    except OSError as error:
        raise UndecidedError(f"cannot be examined: {error.strerror}", path=name) from error
    if not stat.S_ISREG(raw.st_mode):
        return Problem("type", name, "not a regular file any more")
    return Node(name, raw.st_size, files.state_of(raw), None, name)
