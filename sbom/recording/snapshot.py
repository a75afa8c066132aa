"""What the files below some roots hold: taken before a run, and after it.

Unchanged large files come from the hash cache. What cannot be read or hashed is told, and never fails a run.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import UndecidedError
from sbom.inventory import cache as hash_cache
from sbom.inventory import files, pool, walk
from sbom.inventory.hashing import Failed, Task, hash_file
from sbom.model import SHA256
from sbom.recording.places import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from sbom.inventory.files import State

_SHA256_ONLY = (SHA256,)


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


def take(workspace: str, roots: Iterable[str], known: Snapshot | None = None) -> Snapshot:
    """Hash every file below the roots.

    :param workspace: real path.
    :param roots: directories or files, relative to it; ``""`` is the workspace itself.
    :param known: an earlier snapshot: what has the same state since is not read again.
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


def _walk(
    place: str, root: str, found: dict[str, Seen], problems: list[tuple[str, str]], known: Snapshot | None
) -> None:
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
        self,
        place: str,
        prefix: str,
        found: dict[str, Seen],
        problems: list[tuple[str, str]],
        known: Snapshot | None,
    ) -> None:
        self._place = place
        self._prefix = prefix
        self._found = found
        self._problems = problems
        self._known = {} if known is None else known.files

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
        for item in walk.scan(walk.Place(self._place, None), root_fd, walk.Options(exclude=TOOLS)):
            if isinstance(item, walk.Problem) and item.check == "unreadable":
                self._problems.append((self._prefix + item.path, item.reason))
            if not isinstance(item, walk.Node) or item.link is not None:
                continue
            name = self._prefix + item.path
            seen = self._known.get(name)
            if seen is None or seen.state != item.state or seen.sha256 is None:
                seen = self._remembered(item, cache)
            if seen is not None:
                self._found[name] = seen
            else:
                yield pool.Job(Task(item.target, "", item.state), _SHA256_ONLY, item.path)

    def _remembered(self, item: walk.Node, cache: hash_cache.HashCache | None) -> Seen | None:
        if cache is None:
            return None
        known = cache.get(os.path.join(self._place, item.path), item.state, _SHA256_ONLY, stats=False)
        return None if known is None else Seen(item.state, known[0][0])
