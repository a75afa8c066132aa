"""What the files below some roots hold: taken before a run, and after it.

What has not changed since somebody hashed it is not read again. What cannot be read or hashed is told, and never fails
a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import UndecidedError
from sbom.inventory import cache as hash_cache
from sbom.inventory import files, pool
from sbom.inventory.hashing import Failed, Task, hash_file
from sbom.model import SHA256
from sbom.recording.places import is_tool_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from sbom.inventory.files import State

_SHA256_ONLY = (SHA256,)


#: Returns the SHA-256 of a file by its name and its state, or ``None``.
Known = Callable[[str, "State"], "str | None"]


class Seen(NamedTuple):
    """A file as it was: its state, and SHA-256 (hex) where it could be read."""

    state: State
    sha256: str | None

    @property
    def size(self) -> int:
        """Bytes."""
        return self.state[3]


class Snapshot(NamedTuple):
    """Files by their name in the workspace, and ``(name, what)`` that could not be read."""

    files: dict[str, Seen]
    problems: tuple[tuple[str, str], ...]

    def sha256(self, name: str, state: State) -> str | None:
        """Return the SHA-256 (hex) of a file that is as it was; ``None`` where that is not known."""
        seen = self.files.get(name)
        return seen.sha256 if seen is not None and seen.state == state else None


def take(workspace: str, roots: Iterable[str], known: Known) -> Snapshot:
    """Hash every file below the roots, but what belongs to tools.

    :param workspace: real path.
    :param roots: directories or files, relative to it; ``""`` is the workspace itself.
    :param known: what needs no hashing: it returns the SHA-256 of a file by its name and its state.
    """
    found: dict[str, Seen] = {}
    problems: list[tuple[str, str]] = []
    for root in _outermost(roots):
        place = os.path.join(workspace, root) if root else workspace
        if os.path.isdir(place):
            _walk(place, root, found, problems, known)
        elif (seen := look(workspace, root)) is not None:
            found[root] = seen
    return Snapshot(found, tuple(problems))


def look(workspace: str, name: str) -> Seen | None:
    """Hash one file; ``None`` where there is no regular file."""
    try:
        root_fd = files.open_root(workspace)
    except OSError:
        return None
    opener = files.Opener(root_fd)
    try:
        fd = opener.open(name)
        try:
            state = files.state_of(os.fstat(fd))
        finally:
            os.close(fd)
        if not os.path.isfile(os.path.join(workspace, name)):
            return None
        result = hash_file(opener, Task(name, "", state), _SHA256_ONLY)
        return Seen(state, None if isinstance(result, Failed) else result.digests[0])
    except OSError:
        return None
    finally:
        opener.close()
        os.close(root_fd)


def _outermost(roots: Iterable[str]) -> Iterator[str]:
    """Yield the roots that do not lie in another one."""
    kept: list[str] = []
    for root in sorted(set(roots)):
        if not any(not other or root.startswith(f"{other}/") for other in kept):
            kept.append(root)
            yield root


def _walk(place: str, root: str, found: dict[str, Seen], problems: list[tuple[str, str]], known: Known) -> None:
    try:
        root_fd = files.open_root(place)
    except OSError as error:
        problems.append((root, f"cannot be read: {error.strerror}"))
        return
    taking = _Taking(place, f"{root}/" if root else "", found, problems, known)
    try:
        try:
            with _cache() as cache:
                taking.run(root_fd, cache)
        except hash_cache.CacheUnusableError:
            # A cache that cannot be used costs time and nothing else.
            taking.run(root_fd, None)
    except UndecidedError as error:
        problems.append((root, error.message))
    finally:
        os.close(root_fd)


def _cache() -> AbstractContextManager[hash_cache.HashCache | None]:
    try:
        return hash_cache.HashCache(hash_cache.directory())
    except hash_cache.CacheUnusableError:
        return nullcontext()


class _Taking:
    """One root that is being looked at."""

    def __init__(
        self, place: str, prefix: str, found: dict[str, Seen], problems: list[tuple[str, str]], known: Known
    ) -> None:
        self._place = place
        self._prefix = prefix
        self._found = found
        self._problems = problems
        self._known = known

    def run(self, root_fd: int, cache: hash_cache.HashCache | None) -> None:
        """Walk, and hash what is not known yet."""
        for job, result in pool.run(root_fd, self._jobs(root_fd, cache), processes=None, progress=lambda _: None):
            name = self._prefix + job.path
            if isinstance(result, Failed):
                self._found[name] = Seen(job.task.state, None)
                self._problems.append((name, result.reason))
                continue
            self._found[name] = Seen(job.task.state, result.digests[0])
            if cache is not None:
                digests = ((SHA256, result.digests[0]),)
                cache.put(os.path.join(self._place, job.path), job.task.state, digests, None, counted=False)

    def _jobs(self, root_fd: int, cache: hash_cache.HashCache | None) -> Iterator[pool.Job]:
        """Yield what has to be read; what has the state that it had, or that the cache knows, has not."""
        for path, state in self._scan(root_fd):
            sha256 = self._known(self._prefix + path, state)
            if sha256 is None and cache is not None:
                said = cache.get(os.path.join(self._place, path), state, _SHA256_ONLY, stats=False)
                sha256 = None if said is None else said[0][0]
            if sha256 is not None:
                self._found[self._prefix + path] = Seen(state, sha256)
            else:
                yield pool.Job(Task(path, "", state), _SHA256_ONLY, path)

    def _scan(self, root_fd: int) -> Iterator[tuple[str, State]]:
        """Yield the regular files and their states. Nothing behind a link is looked at."""
        waiting = [""]
        while waiting:
            directory = waiting.pop()
            prefix = f"{directory}/" if directory else ""
            try:
                fd = files.open_directory(root_fd, directory)
            except OSError as error:
                self._problems.append((self._prefix + directory, f"cannot be read: {error.strerror}"))
                continue
            try:
                with os.scandir(fd) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            if not is_tool_directory(self._prefix + prefix + entry.name):
                                waiting.append(prefix + entry.name)
                        elif entry.is_file(follow_symlinks=False):
                            yield prefix + entry.name, files.state_of(entry.stat(follow_symlinks=False))
            except OSError as error:
                self._problems.append((self._prefix + directory, f"cannot be read: {error.strerror}"))
            finally:
                os.close(fd)
