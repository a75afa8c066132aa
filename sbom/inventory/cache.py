"""The hash cache of ``generate``: digests of files that have not changed, in SQLite. ``verify`` never uses it.

A row answers only for the same path, device, inode, size, mtime and ctime (nanoseconds). What was modified within two
seconds of being hashed is not stored: a later change could carry the same times.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from typing import TYPE_CHECKING, Self

from sbom.model import TableStats

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from sbom.inventory.files import State

#: Smaller files (bytes) are hashed faster than they are looked up.
MIN_SIZE = 64 << 10
_RACY_NS = 2_000_000_000
_STATS = "stats"
_HEX = re.compile(r"(?:[0-9a-f]{2}){16,64}")
_SHAPE = re.compile(r"(?:([0-9]{0,18}),([0-9]{0,18}))?")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS digests (
    path BLOB NOT NULL, algorithm TEXT NOT NULL,
    dev INTEGER NOT NULL, ino INTEGER NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (path, algorithm)
) WITHOUT ROWID
"""


class CacheUnusableError(Exception):
    """The cache cannot be used; the reason is for a warning, and the run goes on without it."""


def directory() -> str:
    """Return the directory of the cache: ``DATA_SBOM_CACHE_DIR``, or the user's cache directory.

    :raises CacheUnusableError: when the user has none.
    """
    own = os.environ.get("DATA_SBOM_CACHE_DIR")
    if own:
        return os.path.abspath(own)
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    if not os.path.isabs(base):
        raise CacheUnusableError("there is no home directory to keep it in")
    return os.path.join(base, "data-sbom")


def prepare(where: str) -> None:
    """Create the directory, or insist that it is the user's own and closed to others."""
    try:
        os.makedirs(where, mode=0o700, exist_ok=True)
        found = os.stat(where, follow_symlinks=False)
    except OSError as error:
        raise CacheUnusableError(f"{where}: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode):
        raise CacheUnusableError(f"{where} is not a directory")
    if found.st_uid != os.getuid():
        raise CacheUnusableError(f"{where} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise CacheUnusableError(f"{where} is open to other users (chmod 700 {where})")


class HashCache:
    """Digests of files seen before. A context manager: what was learnt is stored on a clean exit.

    :raises CacheUnusableError: on entering, when the directory is not the user's own or the database is broken; on
        leaving, when nothing can be stored.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._new: list[tuple[object, ...]] = []
        import sqlite3  # noqa: PLC0415  # verification must not pay for what only generate uses

        self._sqlite3 = sqlite3
        self._db: sqlite3.Connection | None = None
        self._started = time.time_ns()

    def __enter__(self) -> Self:
        """Open the database."""
        prepare(self._where)
        path = os.path.join(self._where, "hashes-1.sqlite")
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            self._db = self._sqlite3.connect(path, timeout=5)
            self._db.execute(_SCHEMA)
        except (self._sqlite3.Error, OSError) as error:
            self._close()
            raise CacheUnusableError(f"{path}: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Store what was learnt, unless the run failed."""
        db = self._db
        try:
            if kind is None and db is not None and self._new:
                with db:
                    db.executemany("INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._new)
        except self._sqlite3.Error as problem:
            raise CacheUnusableError(f"{self._where}: {problem}") from problem
        finally:
            self._close()

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def get(
        self, path: str, state: State, algorithms: Iterable[str], *, stats: bool
    ) -> tuple[tuple[str, ...], TableStats | None] | None:
        """Return the digests (hex, in the order asked for) and the table's shape, or ``None`` unless all are known."""
        if self._db is None or not self._may_be_known(state):
            return None
        try:
            rows = self._db.execute(
                "SELECT algorithm, digest FROM digests"
                " WHERE path = ? AND dev = ? AND ino = ? AND size = ? AND mtime = ? AND ctime = ?",
                (os.fsencode(path), *_key(state)),
            ).fetchall()
        except self._sqlite3.Error:
            # A database that breaks while it is read is a cache miss; storing will say so.
            return None
        known = {name: value for name, value in rows if isinstance(value, str)}
        digests = tuple(known.get(name, "") for name in algorithms)
        if not all(map(_HEX.fullmatch, digests)):
            return None
        if not stats:
            return digests, None
        shape = _SHAPE.fullmatch(known.get(_STATS, "unknown"))
        return None if shape is None else (digests, _table(shape))

    def _may_be_known(self, state: State) -> bool:
        """Tell whether the file is worth looking up, and old enough to be sure of."""
        return state[3] >= MIN_SIZE and max(state[4:]) <= self._started - _RACY_NS

    def put(
        self, path: str, state: State, digests: Iterable[tuple[str, str]], stats: TableStats | None, *, counted: bool
    ) -> None:
        """Remember what was learnt about a file, unless it is too fresh to be sure of."""
        if not self._may_be_known(state):
            return
        key = _key(state)
        name = os.fsencode(path)
        self._new.extend((name, algorithm, *key, digest) for algorithm, digest in digests)
        if counted:
            shape = "" if stats is None else ",".join("" if part is None else str(part) for part in stats)
            self._new.append((name, _STATS, *key, shape))


def _key(state: State) -> tuple[int, ...]:
    _, *identity = state
    # Two's complement: SQLite knows signed 64-bit integers only; inodes are unsigned, and times may lie centuries away.
    return tuple((number + (1 << 63)) % (1 << 64) - (1 << 63) for number in identity)


def _table(shape: re.Match[str]) -> TableStats | None:
    rows, columns = shape.groups()
    return None if rows is None else TableStats(int(rows) if rows else None, int(columns) if columns else None)
