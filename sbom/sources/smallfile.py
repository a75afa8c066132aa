"""Read a small file of ours that somebody else may have put something in place of."""

from __future__ import annotations

import os
import stat


def read(path: str, limit: int) -> bytes | None:
    """Return a regular file's bytes; ``None`` when it is none, or larger than ``limit`` bytes.

    :raises OSError: when it cannot be opened: it is not there, is a link, or is closed to us.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        parts: list[bytes] = []
        room = limit + 1
        while room > 0 and (part := os.read(fd, room)):
            parts.append(part)
            room -= len(part)
        return b"".join(parts) if room > 0 else None
    finally:
        os.close(fd)
