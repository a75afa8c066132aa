"""The ``files.*`` and ``inventory.root`` checks: whether the data is exactly what the document lists."""

from __future__ import annotations

import errno
import os
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

from sbom.cyclonedx.document import read_bytes
from sbom.errors import Error, MissingExtraError, UndecidedError, UsageError
from sbom.inventory import files, merkle, pool, selection
from sbom.inventory.hashing import Failed, Task
from sbom.inventory.take import Tree, changes, walk
from sbom.inventory.walk import Options as WalkOptions
from sbom.inventory.walk import Place, locate
from sbom.names import display
from sbom.verification.interface import errored, failed, passed
from sbom.verification.report import Counts, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sbom.inventory.walk import Node, Problem
    from sbom.model import Dataset, FileEntry
    from sbom.verification.interface import Options, Progress
    from sbom.verification.report import CheckResult

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
_CHECKS = ("files.modified", "files.missing", "files.extra", "files.type", "files.name", "files.unstable")
_GOOD = {
    "files.modified": "every file has the content that the document gives",
    "files.missing": "no file is missing",
    "files.extra": "there is no file that was not allowed",
    "files.type": "there are regular files and inner links only",
    "files.name": "every name means the same everywhere",
    "files.unstable": "nothing changed meanwhile",
}


class Watch(NamedTuple):
    """The state of data that has just been verified, to look again later whether anything moved.

    :param given: the path that the data was given by, made absolute; it has to lead to the same place still.
    """

    place: Place
    options: WalkOptions
    tree: Tree
    listed: frozenset[str]
    allow_extra: tuple[str, ...]
    only: tuple[str, ...]
    given: str

    def moved(self) -> list[tuple[str, str]]:
        """Walk again, without reading content: ``(path, what happened)`` for all that matters to the caller.

        :raises UndecidedError: when the data cannot be walked any more.
        """
        try:
            same = locate(self.given) == self.place
        except UsageError:
            same = False
        if not same:
            return [("", "the path of the data leads to another place than before")]
        root_fd = _open_root(self.place)
        try:
            found = changes(self.place, root_fd, self.options, self.tree)
        finally:
            os.close(root_fd)
        return [(path, what) for path, what in found if self._matters(path)]

    def _matters(self, path: str) -> bool:
        if path not in self.listed and selection.matches(path, self.allow_extra):
            return False
        return not self.only or selection.matches(path, self.only)


class Checked(NamedTuple):
    """The results; ``watch`` is ``None`` when the data could not be walked."""

    results: list[CheckResult]
    counts: Counts
    allowed_extra: tuple[str, ...]
    watch: Watch | None


def root(dataset: Dataset) -> CheckResult:
    """Make the check ``inventory.root``: the whole list, whatever was restricted, gives the stated root."""
    actual = merkle.root(dataset.files)
    if actual == dataset.root:
        return passed("inventory.root", "the file list gives the stated root", root=actual)
    sentence = "the file list does not give the stated root"
    return failed("inventory.root", sentence, expected=dataset.root, actual=actual)


def check(  # noqa: PLR0913  # the data, and how to look at it
    dataset: Dataset,
    place: Place,
    omit: Mapping[str, str],
    options: Options,
    progress: Progress,
    *,
    given: str | None = None,
) -> Checked:
    """Compare the data with the inventory: walk, hash what can still be right, compare, walk again.

    :param omit: paths that need not be listed, and the SHA-256 (hex) of the bytes that this run has judged there.
    :param given: the path that ``place`` was found by, where that is another one.
    """
    try:
        root_fd = _open_root(place)
        try:
            return _Comparison(dataset, place, omit, options, root_fd).run(given, progress)
        finally:
            os.close(root_fd)
    except (UndecidedError, MissingExtraError) as error:
        sentence = f"the data could not be checked: {display(error.path or place.root)}: {error.message}"
        return Checked([errored(name, sentence) for name in _CHECKS], Counts(files_listed=len(dataset.files)), (), None)


def _open_root(place: Place) -> int:
    try:
        return files.open_root(place.root)
    except OSError as error:
        raise UndecidedError(f"cannot be read: {error.strerror}", path=place.root) from error


def _let_the_clock_tick(jobs: Iterable[pool.Job]) -> None:
    """Wait until every later change shows in a file's times. Nothing to wait for where no change is new."""
    newest = max((job.task.state[5] for job in jobs), default=0)
    if time.time_ns() - newest < files.TICK_NS:
        time.sleep(files.TICK_NS / 1e9)


class _Comparison:
    """One comparison; collects findings by check id, failures and errors apart."""

    def __init__(  # what check() was given
        self, dataset: Dataset, place: Place, omit: Mapping[str, str], options: Options, root_fd: int
    ) -> None:
        selection.check((*options.only, *options.allow_extra))
        self._entries = {entry.path: entry for entry in dataset.files}
        self._omit = omit
        self._place = place
        self._root_fd = root_fd
        self._options = options
        # On both sides: links that leave the dataset are followed where the publisher described what they lead to.
        follow = options.follow_symlinks and dataset.symlinks_followed
        most = options.limits.components + len(omit)
        self._walk = WalkOptions(follow_symlinks=follow, max_files=most)
        self._bad: dict[str, list[Finding]] = {name: [] for name in _CHECKS}
        self._unsure: dict[str, list[Finding]] = {name: [] for name in _CHECKS}
        self._allowed: list[str] = []
        self._hashed_files = 0
        self._hashed_bytes = 0

    def run(self, given: str | None, progress: Progress) -> Checked:
        tree = walk(self._place, self._root_fd, self._walk)
        self._problems(tree.problems)
        selected = [entry for entry in self._entries.values() if self._selected(entry.path)]
        if not selected:
            self._fail("files.missing", "MISSING", None, "--only matches no file that the document lists")
        refused = {problem.path for problem in tree.problems}
        jobs = [
            job
            for entry in selected
            if (job := self._job(entry, tree.files.get(entry.path), refused=entry.path in refused)) is not None
        ]
        self._extras(tree.files)
        self._omitted()
        _let_the_clock_tick(jobs)
        self._hash(jobs, progress)
        watch = Watch(
            self._place,
            self._walk,
            tree,
            frozenset(self._entries),
            self._options.allow_extra,
            self._options.only,
            os.path.join(os.getcwd(), given or os.path.join(self._place.root, self._place.only or "")),
        )
        for path, what in watch.moved():
            self._doubt("files.unstable", "UNSTABLE", path or None, f"{what} while it was being checked")
        counts = Counts(self._hashed_files, self._hashed_bytes, len(self._entries), len(self._allowed))
        return Checked([self._result(name) for name in _CHECKS], counts, tuple(sorted(self._allowed)), watch)

    def _selected(self, path: str) -> bool:
        return not self._options.only or selection.matches(path, self._options.only)

    def _is_allowed(self, path: str) -> bool:
        """Tell whether something unlisted was allowed by the caller, and note it."""
        if path in self._entries or not selection.matches(path, self._options.allow_extra):
            return False
        self._allowed.append(path)
        return True

    def _problems(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if problem.check == "unreadable":
                name = "files.modified" if problem.path in self._entries else "files.extra"
                self._doubt(name, "UNREADABLE", problem.path, problem.reason)
            elif problem.path not in self._omit and not self._is_allowed(problem.path):
                self._fail(f"files.{problem.check}", problem.check.upper(), problem.path, problem.reason)

    def _extras(self, found: dict[str, Node]) -> None:
        for path in found:
            known = path in self._entries or path in self._omit
            if not known and self._selected(path) and not self._is_allowed(path):
                self._fail("files.extra", "EXTRA", path, "is not listed")

    def _omitted(self) -> None:
        """Make sure that what need not be listed still is what was judged: it may have been replaced meanwhile."""
        for path, sha256 in self._omit.items():
            try:
                raw = read_bytes(os.path.join(self._place.root, path), self._options.limits)
                same = raw.sha256 == sha256
            except Error:
                same = False
            if not same:
                self._doubt("files.unstable", "UNSTABLE", path, "changed after it was read")

    def _job(self, entry: FileEntry, node: Node | None, *, refused: bool) -> pool.Job | None:
        """Compare what needs no reading; return what has to be hashed when all of that is right."""
        path = entry.path
        if node is None:
            if not refused:
                self._absent(path)
            return None
        if (node.link is None) != (entry.link is None):
            reason = "is a link, the document lists a file" if entry.link is None else "is a file, not the listed link"
            self._fail("files.type", "TYPE", path, reason)
        elif node.link != entry.link:
            self._fail("files.modified", "MODIFIED", path, "the link points elsewhere", entry.link, node.link)
        elif node.size != entry.size:
            sizes = f"{entry.size:,} bytes", f"{node.size:,} bytes"
            self._fail("files.modified", "MODIFIED", path, "the size differs", *sizes)
        else:
            algorithms = tuple(name for name, _ in entry.digests)
            return pool.Job(Task(node.target, "", node.state), algorithms, path)
        return None

    def _absent(self, path: str) -> None:
        """Say that a listed file is not there, or what is there in its place."""
        parent, _, name = path.rpartition("/")
        directory = False
        try:
            parent_fd = files.open_directory(self._root_fd, parent)
            try:
                directory = stat.S_ISDIR(os.stat(name, dir_fd=parent_fd, follow_symlinks=False).st_mode)
            finally:
                os.close(parent_fd)
        except OSError as error:
            if error.errno not in _ABSENT:
                self._doubt("files.missing", "UNREADABLE", path, f"cannot be examined: {error.strerror}")
                return
        if directory:
            self._fail("files.type", "TYPE", path, "is a directory, the document lists a file")
        else:
            self._fail("files.missing", "MISSING", path, "is listed, but not there")

    def _hash(self, jobs: list[pool.Job], progress: Progress) -> None:
        total = sum(job.size for job in jobs)
        waiting = {job.path for job in jobs}
        for job, result in pool.run(
            self._root_fd, jobs, processes=self._options.processes, progress=lambda done: progress(done, total)
        ):
            waiting.remove(job.path)
            if isinstance(result, Failed):
                if result.unstable:
                    self._doubt("files.unstable", "UNSTABLE", job.path, result.reason)
                else:
                    self._doubt("files.modified", "UNREADABLE", job.path, f"cannot be read: {result.reason}")
                continue
            self._hashed_files += 1
            self._hashed_bytes += job.size
            stated = self._entries[job.path].digests
            for (name, expected), actual in zip(stated, result.digests, strict=True):
                if expected != actual:
                    finding = Finding(
                        "files.modified", "MODIFIED", job.path, "the content differs", expected, actual, name
                    )
                    self._bad["files.modified"].append(finding)
                    break
        for path in waiting:
            self._doubt("files.modified", "UNREADABLE", path, "was never read")

    def _fail(  # noqa: PLR0913, PLR0917  # the parts of a finding
        self,
        check_id: str,
        kind: str,
        path: str | None,
        message: str,
        expected: str | None = None,
        actual: str | None = None,
    ) -> None:
        self._bad[check_id].append(Finding(check_id, kind, path, message, expected, actual))

    def _doubt(self, check_id: str, kind: str, path: str | None, message: str) -> None:
        self._unsure[check_id].append(Finding(check_id, kind, path, message))

    def _result(self, check_id: str) -> CheckResult:
        bad, unsure = self._bad[check_id], self._unsure[check_id]
        findings = sorted((*bad, *unsure), key=lambda finding: finding.path or "")
        if not findings:
            return passed(check_id, _GOOD[check_id])
        first = findings[0]
        more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
        what = first.message if first.path is None else f"{display(first.path)}: {first.message}"
        make = failed if bad else errored
        return make(check_id, f"{what}{more}", findings)
