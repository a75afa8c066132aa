"""Take a dataset's inventory: walk, hash, walk again, and refuse what no inventory may hold."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from sbom import names
from sbom.errors import DataError, EmptyDatasetError, UnreadableError, UnstableError
from sbom.inventory import cache as hash_cache
from sbom.inventory import files, mediatypes, pool, selection, stats
from sbom.inventory.hashing import STATS_LIMIT, Failed, Task
from sbom.inventory.walk import Node, Options, Place, Problem, relative, scan
from sbom.model import FileEntry, TableStats

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

_SHOWN = 20
#: Nanoseconds: longer than the tick of the clock by which most file systems stamp changes.
_TICK = 20_000_000


class Tree(NamedTuple):
    """What one walk found: files by path, problems, and the paths that a rule left out (first few only)."""

    files: dict[str, Node]
    problems: list[Problem]
    left_out: list[str]


class Request(NamedTuple):
    """How to take an inventory.

    :param algorithms: CycloneDX names, SHA-256 first.
    :param stats: ``auto`` (tables up to 16 MiB), ``full`` or ``none``.
    :param stats_extras: also count formats that need an optional extra.
    :param use_cache: use and fill the hash cache.
    """

    options: Options
    algorithms: tuple[str, ...]
    processes: int | None = None
    stats: str = "auto"
    stats_extras: bool = True
    strict_names: bool = False
    use_cache: bool = True


class Inventory(NamedTuple):
    """An inventory as taken: entries sorted by path, what the rules left out, and what a person should know."""

    entries: tuple[FileEntry, ...]
    left_out: bool
    warnings: tuple[str, ...]


def walk(place: Place, root_fd: int, options: Options) -> Tree:
    """Walk once and keep what was found."""
    found = Tree({}, [], [])
    nodes = found.files
    for item in scan(place, root_fd, options):
        if isinstance(item, Node):
            nodes[item.path] = item
        elif isinstance(item, Problem):
            found.problems.append(item)
        elif len(found.left_out) < _SHOWN:
            found.left_out.append(item.path)
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


def take(place: Place, request: Request, progress: Callable[[int, int], None]) -> Inventory:
    """Take the inventory of a dataset.

    :param progress: called with bytes done since the last call, and the total in bytes.
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
        tree = walk(place, root_fd, request.options)
        _refuse(tree, place)
        warnings = _doubts(tree, strict=request.strict_names)
        _let_the_clock_tick(tree)
        entries = _cached_hash(place, root_fd, tree, request, warnings, progress)
    finally:
        os.close(root_fd)
    return Inventory(entries, bool(tree.left_out), tuple(warnings))


def _let_the_clock_tick(tree: Tree) -> None:
    """Wait until every later change shows in a file's times; two within one tick of the clock leave the same."""
    newest = max(node.state[5] for node in tree.files.values())
    if abs(time.time_ns() - newest) < _TICK:
        time.sleep(_TICK / 1e9)


def _cached_hash(  # noqa: PLR0913, PLR0917  # what take() has at hand
    place: Place,
    root_fd: int,
    tree: Tree,
    request: Request,
    warnings: list[str],
    progress: Callable[[int, int], None],
) -> tuple[FileEntry, ...]:
    """Hash with the help of the cache, which learns only when nothing has changed until the end."""
    entries: tuple[FileEntry, ...] | None = None
    try:
        with _cache(place, request) as cache:
            entries = _hash(place, root_fd, tree, request, cache, progress)
            _refuse_changes(changes(place, root_fd, request.options, tree))
    except hash_cache.CacheUnusableError as error:
        warnings.append(f"the hash cache is not used: {error}")
    if entries is None:
        entries = _hash(place, root_fd, tree, request, None, progress)
        _refuse_changes(changes(place, root_fd, request.options, tree))
    return entries


def _cache(place: Place, request: Request) -> AbstractContextManager[hash_cache.HashCache | None]:
    if not request.use_cache:
        return nullcontext()
    where = hash_cache.directory()
    if relative(place, os.path.join(where, "x")) is not None:
        raise hash_cache.CacheUnusableError(f"{where} lies inside the data")
    return hash_cache.HashCache(where)


def _refuse_changes(moved: list[tuple[str, str]]) -> None:
    for path, what in moved:
        raise UnstableError(f"{what} while the inventory was taken", path=path, hint="let writers finish first")


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


def _kind(node: Node, request: Request) -> str:
    """Name the table format to count in this file, empty for none."""
    if request.stats == "none" or (request.stats == "auto" and node.size > STATS_LIMIT):
        return ""
    kind = stats.kind_of(mediatypes.media_type(node.path))
    return "" if kind == "parquet" and not request.stats_extras else kind


def _hash(  # noqa: PLR0913, PLR0917  # what take() has at hand
    place: Place,
    root_fd: int,
    tree: Tree,
    request: Request,
    cache: hash_cache.HashCache | None,
    progress: Callable[[int, int], None],
) -> tuple[FileEntry, ...]:
    nodes = tree.files
    total = sum(node.size for node in nodes.values())
    algorithms = request.algorithms
    entries: list[FileEntry] = []
    jobs: list[pool.Job] = []

    def add(node: Node, digests: tuple[str, ...], shape: TableStats | None) -> None:
        path, size, _, link, _ = node
        pairs = tuple(zip(algorithms, digests, strict=True))
        entries.append(FileEntry(path, size, pairs, link, mediatypes.media_type(path), shape))

    for path, node in nodes.items():
        kind = _kind(node, request)
        known = None
        if cache is not None and node.size >= hash_cache.MIN_SIZE:
            full = os.path.join(place.root, node.target)
            known = cache.get(full, node.state, algorithms, stats=bool(kind))
        if known is None:
            jobs.append(pool.Job(Task(node.target, kind, node.state), algorithms, path))
        else:
            add(node, *known)
            progress(node.size, total)
    for job, result in pool.run(
        root_fd, jobs, processes=request.processes, progress=lambda done: progress(done, total)
    ):
        node = nodes[job.path]
        if isinstance(result, Failed):
            if result.unstable:
                raise UnstableError(result.reason, path=node.path, hint="let writers finish first")
            raise UnreadableError(f"cannot be read: {result.reason}", path=node.path, hint="make it readable")
        add(node, result.digests, result.stats)
        if cache is not None and node.size >= hash_cache.MIN_SIZE:
            full = os.path.join(place.root, node.target)
            digests = zip(algorithms, result.digests, strict=True)
            cache.put(full, node.state, digests, result.stats, counted=bool(job.task.kind))
    entries.sort(key=itemgetter(0))
    return tuple(entries)
