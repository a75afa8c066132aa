"""What the last recording of a workspace saw, so that only what changed since is hashed again.

The hash cache of ``generate`` has no small files, which are read faster than they are looked up one by one; thousands
of them are not. This is one file for each workspace in the same directory, which only its owner can open. An entry
answers for the same name, mode, device, inode, size, mtime and ctime only, and what changed within two seconds of being
hashed is not kept.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from sbom.inventory import cache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.recording.snapshot import Seen

_RACY_NS: Final = 2_000_000_000
_MAX_BYTES: Final = 1 << 30
_STATE: Final = 6
_HEX: Final = re.compile(r"[0-9a-f]{64}")


class Memory:
    """The files of a workspace as they were. Without a cache directory it knows nothing, and keeps nothing.

    :param workspace: real path.
    """

    def __init__(self, workspace: str) -> None:
        self._files: dict[str, Any] = {}
        self._path: str | None = None
        with suppress(cache.CacheUnusableError):
            where = cache.directory()
            cache.prepare(where)
            name = hashlib.sha256(os.fsencode(workspace)).hexdigest()[:32]
            self._path = os.path.join(where, f"recorded-1-{name}.json")
            self._load(self._path)

    def _load(self, path: str) -> None:
        try:
            with open(path, "rb") as stream:
                data = stream.read(_MAX_BYTES + 1)
            said = orjson.loads(data if len(data) <= _MAX_BYTES else b"")
        except (OSError, ValueError):
            return  # none yet, or a broken one: everything is hashed
        if isinstance(said, dict):
            self._files = said

    def sha256(self, name: str, state: tuple[int, ...]) -> str | None:
        """Return the SHA-256 (hex) of a file that is as it was; ``None`` where that is not known."""
        said = self._files.get(name)
        if not isinstance(said, list) or len(said) != _STATE + 1 or tuple(said[:_STATE]) != state:
            return None
        digest = said[_STATE]
        return digest if isinstance(digest, str) and _HEX.fullmatch(digest) else None

    def keep(self, found: Iterable[tuple[str, Seen]], began: int) -> None:
        """Keep what was seen for the next time.

        :param began: when hashing began, in nanoseconds since 1970.
        """
        if self._path is None:
            return
        old = began - _RACY_NS
        kept = {
            name: [*seen.state, seen.sha256]
            for name, seen in found
            if seen.sha256 is not None and max(seen.state[4:6]) <= old and name.isprintable()
        }
        temporary = f"{self._path}.{os.urandom(8).hex()}"
        try:
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
                stream.write(orjson.dumps(kept))
            os.replace(temporary, self._path)
        except OSError:
            # It costs time, and nothing else.
            with suppress(FileNotFoundError):
                os.unlink(temporary)
