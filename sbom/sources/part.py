"""A download that is not complete yet: its bytes, and what must be known to go on with it.

It lies beside its target as ``.data-sbom.NAME.part``, with ``.data-sbom.NAME.part.json``. It stays there only when the
server gave it a strong validator, so that a later run can ask for the rest of the very same bytes.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from sbom import output
from sbom.errors import OutputError, UndecidedError, UsageError
from sbom.sources import smallfile
from sbom.sources.plan import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMAT = "data-sbom-part/1"
_MAX_STATE = 64 << 10
_CHUNK = 1 << 20
#: How a file system says that it has no hard links.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EACCES})


class State(NamedTuple):
    """What the first answer said about the bytes.

    :param place: URL that they came from, without its query.
    :param validator: strong ETag, or a Last-Modified that is strong enough (RFC 9110, section 8.8); without one,
        nothing is resumed.
    :param total: bytes altogether, where that is known.
    """

    place: str
    validator: str | None
    total: int | None
    etag: str | None
    last_modified: str | None
    content_type: str | None
    content_encoding: str | None


class Part:
    """The file that a download is collected in, locked against other processes.

    :param identity: of the URL; a part of another URL is thrown away.
    """

    def __init__(self, directory: str, name: str, identity: str, fd: int) -> None:
        self.path = _path(directory, name)
        self._target = os.path.join(directory, name)
        self._identity = identity
        self._fd = fd
        self.state: State | None = None
        self.received = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The digest of what is there."""
        return self._hash.hexdigest()

    def restart(self, state: State | None = None) -> None:
        """Throw away what is there, and begin with the bytes that ``state`` describes."""
        os.ftruncate(self._fd, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        self.received = 0
        self._hash = hashlib.sha256()
        self.state = state
        if state is not None and state.validator is not None:
            tree = {"format": _FORMAT, "identity": self._identity, **state._asdict()}
            output.write(f"{self.path}.json", orjson.dumps(tree))
        else:
            _remove(f"{self.path}.json")

    def take_up(self) -> None:
        """Go on with what an earlier run left, if that is of the same URL."""
        state = _load(f"{self.path}.json", self._identity)
        if state is None:
            self.restart()
            return
        os.lseek(self._fd, 0, os.SEEK_SET)
        while chunk := os.read(self._fd, _CHUNK):
            self._hash.update(chunk)
            self.received += len(chunk)
        if self.received and (state.total is None or self.received < state.total):
            self.state = state
        else:
            self.restart()

    def write(self, chunk: bytes) -> None:
        """Append bytes.

        :raises OSError: when they cannot be written.
        """
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._fd, rest) :]
        self._hash.update(chunk)
        self.received += len(chunk)

    def finish(self, *, replace: bool) -> None:
        """Give the file its name.

        :param replace: also when there is a file of that name.
        :raises UsageError: when there is one, and it is not to be replaced.
        """
        os.fsync(self._fd)
        if replace:
            output.check_target(self._target)
            os.replace(self.path, self._target)
        else:
            self._place()
        _remove(f"{self.path}.json")

    def _place(self) -> None:
        """Name the file unless that name is taken, in one step where hard links are possible."""
        try:
            os.link(self.path, self._target, follow_symlinks=False)
        except FileExistsError:
            raise UsageError("appeared meanwhile", path=self._target, hint="--force replaces it") from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(self._target):
                raise UsageError("appeared meanwhile", path=self._target, hint="--force replaces it") from None
            os.rename(self.path, self._target)
        else:
            os.unlink(self.path)

    def discard(self) -> None:
        """Leave nothing behind."""
        self.state = None
        _remove(self.path)
        _remove(f"{self.path}.json")

    @property
    def resumable(self) -> bool:
        """Whether a later run can go on with it."""
        return self.received > 0 and self.state is not None and self.state.validator is not None


@contextmanager
def opened(directory: str, name: str, identity: str) -> Iterator[Part]:
    """Open the partial download of a file. When the block fails, what can be resumed stays, and nothing else.

    :raises UndecidedError: when another process is at it.
    :raises OutputError: when it cannot be written.
    """
    path = _path(directory, name)
    try:
        fd = _open(path)
        try:
            part = Part(directory, name, identity, fd)
            try:
                part.take_up()
                yield part
            except BaseException:
                if not part.resumable:
                    part.discard()
                raise
        finally:
            os.close(fd)
    except OSError as error:
        target = os.path.join(directory, name)
        raise OutputError(
            f"cannot be written: {error.strerror}", path=target, hint="free space, or choose another"
        ) from error


def _path(directory: str, name: str) -> str:
    return os.path.join(directory, f"{PREFIX}{name}.part")


def _open(path: str) -> int:
    """Open and lock a file that no other name leads to."""
    for _ in range(2):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
        try:
            found = os.fstat(fd)
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and os.path.samestat(os.lstat(path), found):
                return fd
            # An earlier run was killed right after it had named the file: writing would change that file.
            os.unlink(path)
        except BlockingIOError:
            os.close(fd)
            raise UndecidedError("is being downloaded by another process", path=path, hint="wait for it") from None
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
    raise UndecidedError("is being changed by somebody else", path=path, hint="try again")


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _load(path: str, identity: str) -> State | None:
    """Read what an earlier run knew; ``None`` when that is of no use."""
    try:
        data = smallfile.read(path, _MAX_STATE)
        tree: Any = orjson.loads(data or b"null")
    except (OSError, orjson.JSONDecodeError):
        return None  # nothing is taken up without it
    if not isinstance(tree, dict) or tree.get("format") != _FORMAT or tree.get("identity") != identity:
        return None
    stated: list[Any] = [tree.get(name) for name in State._fields]
    state = State(*stated)
    texts = (state.etag, state.last_modified, state.content_type, state.content_encoding)
    good = (
        isinstance(state.place, str)
        and isinstance(state.validator, str)
        and state.validator.isascii()
        and state.validator.isprintable()
        and (state.total is None or type(state.total) is int)
        and all(text is None or isinstance(text, str) for text in texts)
    )
    return state if good else None
