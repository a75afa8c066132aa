"""Take a dataset's inventory: walk, hash, walk again, and refuse what no inventory may hold."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sbom import names
from sbom.errors import DataError, EmptyDatasetError, UnreadableError, UnstableError
from sbom.inventory import cache as hash_cache
from sbom.inventory import files, mediatypes, pool, selection, stats
from sbom.inventory.hashing import POINTER_SIZE, STATS_LIMIT, Failed, Task
from sbom.inventory.walk import LeftOut, Node, Options, Place, Problem, relative, scan
from sbom.model import SHA256, FileEntry, TableStats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from sbom.inventory.hashing import Hashed

_SHOWN = 20
#: Paths that rules leave out and that are remembered.
MAX_LEFT_OUT = 10_000


class Tree(NamedTuple):
    """What one walk found: files by path, problems, and the first paths that a rule left out."""

    files: dict[str, Node]
    problems: list[Problem]
    left_out: list[str]

    def add(self, item: Node | Problem | LeftOut) -> None:
        """Keep what a walk found."""
        if isinstance(item, Node):
            self.files[item.path] = item
        elif isinstance(item, Problem):
            self.problems.append(item)
        elif len(self.left_out) < MAX_LEFT_OUT:
            self.left_out.append(item.path)


class Request(NamedTuple):
    """How to take an inventory.

    :param algorithms: CycloneDX names, SHA-256 first.
    :param stats: ``auto`` (tables up to 16 MiB), ``full`` or ``none``.
    :param stats_extras: also count formats that need an optional extra.
    :param use_cache: use and fill the hash cache.
    :param only_wanted: read only files of which further algorithms are wanted, and those that may be pointers.
    """

    options: Options
    algorithms: tuple[str, ...]
    processes: int | None = None
    stats: str = "auto"
    stats_extras: bool = True
    strict_names: bool = False
    use_cache: bool = True
    only_wanted: bool = False


class Declarations(Protocol):
    """Who says with which algorithms files were declared elsewhere, so that one read is enough."""

    def waits(self) -> bool:
        """Tell whether files are to wait from the start until :meth:`wants` has answered."""

    def sees(self, path: str) -> bool:
        """Take notice of a file that the walk found; tell whether files are to wait from now on."""

    def wants(self, root_fd: int, tree: Tree) -> Mapping[str, frozenset[str]]:
        """Return, when the walk has ended, the algorithms that are wanted of files besides the request's."""


class Inventory(NamedTuple):
    """An inventory as taken.

    :param entries: sorted by path.
    :param left_out: a rule left something out.
    :param warnings: what a person should know.
    :param further: digests (hex) by algorithm, of the files and algorithms that were wanted.
    :param pointers: files that start like pointers of Git LFS.
    :param tree: what the walk found, where somebody wanted more of it.
    """

    entries: tuple[FileEntry, ...]
    left_out: bool
    warnings: tuple[str, ...]
    further: dict[str, dict[str, str]]
    pointers: tuple[str, ...]
    tree: Tree


def walk(place: Place, root_fd: int, options: Options) -> Tree:
    """Walk once and keep what was found."""
    found = Tree({}, [], [])
    for item in scan(place, root_fd, options):
        found.add(item)
    return found


def changes(place: Place, root_fd: int, options: Options, before: Tree) -> list[tuple[str, str]]:
    """Walk again and name every file that is not exactly what it was: ``(path, what happened)``.

    Compares path set, type, device, inode, size, mtime and ctime (ns) and link text; reads no content.
    """
    changed: list[tuple[str, str]] = []
    known_problems = set(before.problems)
    missing = before.files.copy()
    for item in scan(place, root_fd, options):
        if isinstance(item, Node):
            old = missing.pop(item.path, None)
            if old is None:
                changed.append((item.path, "was added"))
            elif old != item:
                changed.append((item.path, "was changed"))
        elif isinstance(item, Problem) and item not in known_problems:
            missing.pop(item.path, None)
            changed.append((item.path, f"became {item.reason}" if item.check == "type" else item.reason))
    changed.extend((path, "was removed") for path in missing)
    return changed


def take(
    place: Place,
    request: Request,
    progress: Callable[[int, int], None],
    declarations: Callable[[], Declarations] | None = None,
) -> Inventory:
    """Take the inventory of a dataset: files are hashed while the walk that finds them goes on.

    :param declarations: makes what knows of further algorithms; called once for each attempt.
    :param progress: called with bytes done since the last call, and the total in bytes as far as it is known.
    :raises DataError: when something is there that no inventory may hold.
    :raises UnreadableError: when something cannot be read.
    :raises UnstableError: when something changes meanwhile.
    """
    selection.check((*request.options.include, *request.options.exclude))
    try:
        root_fd = files.open_root(place.root)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", path=place.root, hint="make it readable") from error
    try:
        taken: Inventory | None = None
        unused: tuple[str, ...] = ()
        try:
            with _cache(place, request) as cache:
                taken = _Taking(place, root_fd, request, cache, progress, declarations).run()
        except hash_cache.CacheUnusableError as error:
            unused = (f"the hash cache is not used: {error}",)
        if taken is None:
            taken = _Taking(place, root_fd, request, None, progress, declarations).run()
        return taken._replace(warnings=taken.warnings + unused)
    finally:
        os.close(root_fd)


def _cache(place: Place, request: Request) -> AbstractContextManager[hash_cache.HashCache | None]:
    if not request.use_cache:
        return nullcontext()
    where = hash_cache.directory()
    if relative(place, os.path.join(where, "x")) is not None:
        raise hash_cache.CacheUnusableError(f"{where} lies inside the data")
    return hash_cache.HashCache(where)


class _Taking:
    """One inventory on its way."""

    def __init__(  # noqa: PLR0913, PLR0917  # what take() was called with, and the cache
        self,
        place: Place,
        root_fd: int,
        request: Request,
        cache: hash_cache.HashCache | None,
        progress: Callable[[int, int], None],
        declarations: Callable[[], Declarations] | None,
    ) -> None:
        self._place = place
        self._root_fd = root_fd
        self._request = request
        self._cache = cache
        self._progress = progress
        self._declarations = None if declarations is None else declarations()
        self._tree = Tree({}, [], [])
        self._total = 0
        self._walked = False
        self._types: dict[str, str] = {}
        self._entries: list[FileEntry] = []
        self._warnings: list[str] = []
        self._sets: dict[frozenset[str], tuple[str, ...]] = {}
        self._further: dict[str, dict[str, str]] = {}
        self._pointers: list[str] = []
        self._spared = 0

    def run(self) -> Inventory:
        self._hash()
        if len(self._entries) + self._spared != len(self._tree.files):
            known = {entry.path for entry in self._entries}
            path = next(path for path in self._tree.files if path not in known)
            raise UnreadableError("was found, but never read", path=path, hint="try again with --jobs 1")
        for path, what in changes(self._place, self._root_fd, self._request.options, self._tree):
            raise UnstableError(f"{what} while the inventory was taken", path=path, hint="let writers finish first")
        self._entries.sort(key=itemgetter(0))
        return Inventory(
            tuple(self._entries),
            bool(self._tree.left_out),
            tuple(self._warnings),
            self._further,
            tuple(self._pointers),
            self._tree,
        )

    def _hash(self) -> None:
        """Hash what the walk finds. What the walk refuses is said first, and what could not be hashed right after."""
        failed: list[tuple[str, Failed]] = []
        for job, result in pool.run(
            self._root_fd, self._jobs(), processes=self._request.processes, progress=self._advance
        ):
            if isinstance(result, Failed):
                failed.append((job.path, result))
            else:
                self._learn(job, result)
            if failed and self._walked:
                break
        for path, failure in failed:
            if failure.unstable:
                raise UnstableError(failure.reason, path=path, hint="let writers finish first")
            raise UnreadableError(f"cannot be read: {failure.reason}", path=path, hint="make it readable")

    def _jobs(self) -> Iterator[pool.Job]:
        """Walk, and make a job of every file that the cache does not know.

        From the first file on that may be a manifest, files wait until the walk has ended and the manifests have said
        with which algorithms files are declared: each file is read once.
        """
        # A clock ticks, and two changes within one tick leave the same times: what changed just now is read later.
        settled = time.time_ns() - files.TICK_NS
        declarations = self._declarations
        waiting: list[Node] = []
        fresh = False
        hold = self._request.only_wanted or (declarations is not None and declarations.waits())
        for item in scan(self._place, self._root_fd, self._request.options):
            self._tree.add(item)
            if not isinstance(item, Node):
                continue
            self._total += item.size
            if declarations is not None and declarations.sees(item.path):
                hold = True
            if hold or item.state[5] >= settled:
                fresh = fresh or item.state[5] >= settled
                waiting.append(item)
            elif (job := self._job(item, self._request.algorithms)) is not None:
                yield job
        self._walked = True
        _refuse(self._tree, self._place)
        self._warnings = _doubts(self._tree, strict=self._request.strict_names)
        if fresh:
            time.sleep(files.TICK_NS / 1e9)
        yield from self._wait(waiting)

    def _wait(self, waiting: list[Node]) -> Iterator[pool.Job]:
        """Make jobs of what had to wait, and of files that need more than they had been read for."""
        if self._declarations is None:
            wanted: Mapping[str, frozenset[str]] = {}
        else:
            wanted = self._declarations.wants(self._root_fd, self._tree)
        plain = self._request.algorithms
        late = set(wanted)
        for node in waiting:
            late.discard(node.path)
            if self._request.only_wanted and node.path not in wanted and node.size >= POINTER_SIZE:
                self._spared += 1
                continue
            job = self._job(node, self._with(wanted[node.path]) if node.path in wanted else plain)
            if job is not None:
                yield job
        for path in sorted(late):
            further = tuple(name for name in self._with(wanted[path]) if name not in plain)
            if further:
                job = self._job(self._tree.files[path], further)
                if job is not None:
                    yield job

    def _with(self, wanted: frozenset[str]) -> tuple[str, ...]:
        """Return the request's algorithms and further ones, those always in the same order."""
        known = self._sets.get(wanted)
        if known is None:
            plain = self._request.algorithms
            known = self._sets[wanted] = (*plain, *sorted(wanted.difference(plain)))
        return known

    def _job(self, node: Node, algorithms: tuple[str, ...]) -> pool.Job | None:
        path, size, state, _, target = node
        media_type = mediatypes.media_type(path)
        if media_type != mediatypes.DEFAULT:
            self._types[path] = media_type
        kind = _kind(media_type, size, self._request)
        if self._cache is not None and size >= hash_cache.MIN_SIZE:
            full = os.path.join(self._place.root, target)
            known = self._cache.get(full, state, algorithms, stats=bool(kind))
            if known is not None:
                self._add(node, algorithms, *known)
                self._advance(size)
                return None
        return pool.Job(Task(target, kind, state), algorithms, path)

    def _learn(self, job: pool.Job, result: Hashed) -> None:
        node = self._tree.files[job.path]
        if result.pointer:
            # What is here is a few lines about the data, whatever its name promises.
            self._types[job.path] = "text/plain"
            if job.algorithms[0] == SHA256:
                self._pointers.append(job.path)
        self._add(node, job.algorithms, result.digests, result.stats)
        if self._cache is not None and node.size >= hash_cache.MIN_SIZE:
            full = os.path.join(self._place.root, node.target)
            digests = zip(job.algorithms, result.digests, strict=True)
            self._cache.put(full, node.state, digests, result.stats, counted=bool(job.task.kind))

    def _add(self, node: Node, algorithms: tuple[str, ...], digests: tuple[str, ...], shape: TableStats | None) -> None:
        path, size, _, link, _ = node
        plain = self._request.algorithms
        pairs = tuple(zip(algorithms, digests, strict=True))
        if algorithms[: len(plain)] == plain:
            self._entries.append(
                FileEntry(path, size, pairs[: len(plain)], link, self._types.get(path, mediatypes.DEFAULT), shape)
            )
            pairs = pairs[len(plain) :]
        if pairs:
            self._further[path] = dict(pairs)

    def _advance(self, done: int) -> None:
        self._progress(done, self._total)


def _refuse(tree: Tree, place: Place) -> None:
    for problem in tree.problems:
        if problem.check == "unreadable":
            raise UnreadableError(problem.reason, path=problem.path, hint="make it readable, or leave it out")
    if tree.problems:
        first = tree.problems[0]
        raise DataError(
            first.reason,
            path=first.path,
            hint=_advice(first),
            problems=tuple((problem.path, problem.reason) for problem in tree.problems),
        )
    if not tree.files:
        raise EmptyDatasetError("holds no file to describe", path=place.root, hint="check the path and the rules")


def _advice(problem: Problem) -> str:
    if problem.check == "name":
        return "rename it, or leave it out with --exclude"
    if "link" in problem.reason:
        return "replace it by the file, leave it out with --exclude, or give --follow-symlinks here and to verify"
    return "remove it, or leave it out with --exclude"


def _doubts(tree: Tree, *, strict: bool) -> list[str]:
    found = list(names.doubts(tree.files))
    if found and strict:
        path, reason = found[0]
        raise DataError(reason, path=path, hint="rename it, or do without --strict-names", problems=tuple(found))
    warnings = [f"{names.display(path)}: {reason}" for path, reason in found[:_SHOWN]]
    if len(found) > _SHOWN:
        warnings.append(f"and {len(found) - _SHOWN} more doubtful names")
    return warnings


def _kind(media_type: str, size: int, request: Request) -> str:
    """Name the table format to count in a file, empty for none."""
    if request.stats == "none" or (request.stats == "auto" and size > STATS_LIMIT):
        return ""
    kind = stats.kind_of(media_type)
    return "" if kind == "parquet" and not request.stats_extras else kind
