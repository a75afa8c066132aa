"""What differs between two descriptions of a dataset, in time linear in the number of files.

Nothing here is verified: it compares what two documents say.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sbom.lineage import compare as lineages

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from sbom.lineage.compare import LineageChange
    from sbom.model import Dataset, FileEntry, ReleaseLink

#: What a property of a dataset may be: a text, several, or nothing.
Value: TypeAlias = "str | tuple[str, ...] | None"


class Total(NamedTuple):
    """How much a dataset holds.

    :param tables: files whose shape is stated.
    :param rows: of all tables; ``None`` where that of one is unknown, or where there is no table.
    """

    files: int
    bytes: int
    tables: int
    rows: int | None


class Change(NamedTuple):
    """A property of the dataset itself that is not what it was."""

    what: str
    old: Value
    new: Value


class Pair(NamedTuple):
    """A file as the old and as the new document describe it."""

    old: FileEntry
    new: FileEntry


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two datasets. Every file of either is in exactly one place.

    :param changes: properties of the dataset itself.
    :param added: only the new one has them; ``removed``: only the old one.
    :param modified: same path, other content.
    :param renamed: other path, same content (size and SHA-256).
    :param relinked: same path and content, but another text of the link, or a link on one side only.
    :param redescribed: same path, content and link, but another media type, shape or choice of digests.
    :param unchanged: how many files are the same in every respect.
    :param lineage: how they came about: what differs of the steps, and where.
    """

    old: Dataset
    new: Dataset
    changes: tuple[Change, ...]
    added: tuple[FileEntry, ...]
    removed: tuple[FileEntry, ...]
    modified: tuple[Pair, ...]
    renamed: tuple[Pair, ...]
    relinked: tuple[Pair, ...]
    redescribed: tuple[Pair, ...]
    unchanged: int
    lineage: LineageChange

    @property
    def different(self) -> bool:
        """Whether there is any difference at all."""
        files = (self.added, self.removed, self.modified, self.renamed, self.relinked, self.redescribed)
        return bool(self.changes or self.lineage) or any(files)


def compare(old: Dataset, new: Dataset) -> Difference:
    """Compare two datasets."""
    before = {entry.path: entry for entry in old.files}
    after = {entry.path: entry for entry in new.files}
    modified: list[Pair] = []
    relinked: list[Pair] = []
    redescribed: list[Pair] = []
    gone: list[FileEntry] = []
    unchanged = 0
    for entry in before.values():
        other = after.get(entry.path)
        if other is None:
            gone.append(entry)
        elif entry == other:
            unchanged += 1
        elif not same_content(entry, other):
            modified.append(Pair(entry, other))
        elif entry.link != other.link:
            relinked.append(Pair(entry, other))
        else:
            redescribed.append(Pair(entry, other))
    come = [entry for entry in after.values() if entry.path not in before]
    # Of several files with one content, those that kept their last name belong together before any others do.
    kept, gone, come = _moves(gone, come, lambda entry: (*_content(entry), entry.path.rpartition("/")[2]))
    others, gone, come = _moves(gone, come, _content)
    renamed = tuple(sorted((*kept, *others), key=lambda pair: pair.old.path))
    pairs = (*modified, *relinked, *renamed)
    differing = [entry.path for entry in (*gone, *come)] + [entry.path for pair in pairs for entry in pair]
    return Difference(
        old=old,
        new=new,
        changes=tuple(_changes(old, new)),
        added=tuple(come),
        removed=tuple(gone),
        modified=tuple(modified),
        renamed=renamed,
        relinked=tuple(relinked),
        redescribed=tuple(redescribed),
        unchanged=unchanged,
        lineage=lineages.compare(old, new, differing),
    )


def total(dataset: Dataset) -> Total:
    """Count what a dataset holds."""
    shapes = [entry.stats for entry in dataset.files if entry.stats is not None]
    rows = [shape.rows for shape in shapes if shape.rows is not None]
    known = bool(shapes) and len(rows) == len(shapes)
    return Total(len(dataset.files), dataset.total_size, len(shapes), sum(rows) if known else None)


def same_content(one: FileEntry, other: FileEntry) -> bool:
    """Tell whether two entries have the same content: the size, and every digest that both give."""
    given = dict(other.digests)
    return one.size == other.size and all(given.get(name, value) == value for name, value in one.digests)


def _content(entry: FileEntry) -> tuple[Hashable, ...]:
    """Return what a moved file keeps; a link is not a moved file, whatever it leads to."""
    return entry.sha256, entry.size, entry.link is None


def _moves(
    gone: Sequence[FileEntry], come: Sequence[FileEntry], key: Callable[[FileEntry], Hashable]
) -> tuple[list[Pair], list[FileEntry], list[FileEntry]]:
    """Pair files that are gone with those that have come, first with first; return the pairs, and what is left."""
    waiting: defaultdict[Hashable, deque[FileEntry]] = defaultdict(deque)
    for entry in come:
        waiting[key(entry)].append(entry)
    pairs: list[Pair] = []
    left: list[FileEntry] = []
    for entry in gone:
        queue = waiting.get(key(entry))
        if queue and same_content(entry, queue[0]):
            pairs.append(Pair(entry, queue.popleft()))
        else:
            left.append(entry)
    taken = {pair.new.path for pair in pairs}
    return pairs, left, [entry for entry in come if entry.path not in taken]


def _changes(old: Dataset, new: Dataset) -> Iterable[Change]:
    before, after = _properties(old), _properties(new)
    return (Change(what, value, after[what]) for what, value in before.items() if value != after[what])


def _properties(dataset: Dataset) -> dict[str, Value]:
    return {
        "name": dataset.name,
        "version": dataset.version,
        "root": dataset.root,
        "completeness": "incomplete" if dataset.selection.left_out else "complete",
        "include": dataset.selection.include,
        "exclude": dataset.selection.exclude,
        "symlinks": "followed" if dataset.symlinks_followed else "recorded",
        "predecessor": _release(dataset.previous),
    }


def _release(link: ReleaseLink | None) -> Value:
    if link is None:
        return None
    title = link.name if link.release is None else f"{link.name} {link.release}"
    return f"{title} (sha256 {link.sha256}, {link.serial_number}/{link.version})"
