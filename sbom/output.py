"""Write files atomically: a failed or interrupted run leaves the old file intact and no temporary file behind."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from sbom.errors import OutputError, UsageError

#: How a directory says that it cannot be synced at all: it may not be read, or its file system does not offer it.
_NO_SYNC = frozenset({errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP})


def check_target(path: str) -> os.stat_result | None:
    """Make sure that ``path`` may be written: it does not exist, or is a regular file and no link.

    :return: its stat when it exists.
    :raises UsageError: otherwise.
    """
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        parent = os.path.dirname(path) or "."
        if not os.path.isdir(parent):
            raise UsageError("the directory of the output does not exist", path=path, hint="create it first") from None
        if not os.path.basename(path):
            raise UsageError("is not the name of a file", path=path) from None
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise UsageError(f"cannot be written: {reason}", path=path) from error
    if stat.S_ISLNK(found.st_mode):
        raise UsageError("is a symlink; it will not be written through", path=path, hint="name the file itself")
    if not stat.S_ISREG(found.st_mode):
        kind = "a directory" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise UsageError(f"is {kind}", path=path, hint="name a file, or use - for standard output")
    return found


def write(path: str, data: bytes, *, mode: int = 0o666) -> None:
    """Replace ``path`` by ``data`` in one step (temporary file beside it, fsync, rename).

    :param mode: of a file that was not there before, less the umask; one that was keeps its own.
    :raises UsageError: when the target is a link, a directory or a special file.
    :raises OutputError: when it cannot be written.
    """
    old = check_target(path)
    directory = os.path.dirname(path) or "."
    temporary = os.path.join(directory, f".data-sbom.{os.urandom(8).hex()}.tmp")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(fd, "wb", buffering=0) as stream:
                if old is not None:
                    os.fchmod(fd, stat.S_IMODE(old.st_mode))
                rest = memoryview(data)
                while rest:
                    rest = rest[stream.write(rest) :]
                os.fsync(fd)
            os.replace(temporary, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}", path=path, hint="nothing was changed; free space or choose another"
        ) from error
    try:
        _sync_directory(directory)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            reason = f"was written, but may not be there after a power failure: {error.strerror}"
            raise OutputError(reason, path=path, hint="check the disk, and write it again") from error


def _sync_directory(directory: str) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
