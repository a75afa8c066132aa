"""What became of each declared hash: exactly one of the seven states (docs/provenance.md)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sbom.inventory.take import MAX_LEFT_OUT
from sbom.manifests import lineendings
from sbom.manifests.digests import DVC_DIRECTORY
from sbom.manifests.dvc_directory import directory_md5
from sbom.model import SHA256
from sbom.names import display
from sbom.provenance import ABSENT, LINE_ENDINGS, MALFORMED, MATCH, MISMATCH, Declaration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sbom.manifests.crawl import Found
    from sbom.manifests.given import Inventory
    from sbom.manifests.reading import Declared
    from sbom.model import FileEntry

#: Declarations of one manifest about one file that are kept of each bad state.
MAX_BAD = 100
#: States of a bag, or whatever else has rules of its own, that is not what it should be.
_BAD = frozenset({MISMATCH, ABSENT, MALFORMED, LINE_ENDINGS})


class Mismatch(NamedTuple):
    """A file, or a directory, that is not what a manifest declares: both digests are hex."""

    path: str
    manifest: str
    algorithm: str
    declared: str
    found: str


class Judged(NamedTuple):
    """What became of every declaration.

    :param by_path: of files of the inventory.
    :param elsewhere: of everything else that was declared: absent files, directories.
    :param rejected: manifests whose own rules something breaks, and what.
    :param doubts: what a person should know.
    """

    by_path: dict[str, tuple[Declaration, ...]]
    elsewhere: tuple[tuple[str, Declaration], ...]
    mismatches: tuple[Mismatch, ...]
    bad: frozenset[str]
    doubts: tuple[str, ...]


class Judge:
    """Compares declarations with what was read.

    :param entries: by path.
    :param further: digests by path and algorithm, besides those of the entries.
    :param pointers: files that are pointers of Git LFS: their data is not here.
    :param left_out: what rules left out: the digest of a directory that lacks something of it proves nothing.
    """

    def __init__(
        self,
        *,
        entries: Mapping[str, FileEntry],
        further: Mapping[str, Mapping[str, str]],
        pointers: Iterable[str],
        inventory: Inventory,
        left_out: Iterable[str] = (),
    ) -> None:
        self._entries = entries
        self._further = further
        self._pointers = frozenset(pointers)
        self._inventory = inventory
        self._left_out = tuple(left_out)
        self._elsewhere: list[tuple[str, Declaration]] = []
        self._mismatches: list[Mismatch] = []
        self._doubts: list[str] = []
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._converted: dict[tuple[str, str], tuple[str, ...]] = {}
        # A manifest may declare one directory any number of times: its files are listed once.
        self._directories: dict[str, str | None] = {}
        self._converted_directories: dict[str, tuple[str, ...]] = {}

    def run(self, found: Iterable[Found]) -> Judged:
        """Judge the declarations of all manifests."""
        bad: set[str] = set()
        entries, nodes = self._entries, self._inventory.nodes
        by_path: defaultdict[str, list[Declaration]] = defaultdict(list)
        for manifest, reading in found:
            seen: set[tuple[str, str, str]] = set()
            speaker = manifest.path
            for item in reading.declared:
                path, algorithm, value, pointer, size, known = item
                key = path, algorithm, value
                if key in seen:
                    continue
                seen.add(key)
                entry = entries.get(path)
                # Nearly all are of this kind, and there may be 500,000 of them.
                if (
                    known is None
                    and algorithm == SHA256
                    and entry is not None
                    and entry.digests[0][1] == value
                    and (size is None or size == entry.size)
                ):
                    state = MATCH
                else:
                    state = self._state(item, speaker)
                    if state in _BAD:
                        bad.add(speaker)
                        if entry is not None and not self._counts(path, state, speaker):
                            continue
                declaration = Declaration(state, algorithm, value, speaker, pointer)
                if path in nodes and algorithm != DVC_DIRECTORY:
                    by_path[path].append(declaration)
                else:
                    self._elsewhere.append((path, declaration))
        return Judged(
            {path: tuple(declarations) for path, declarations in by_path.items()},
            tuple(self._elsewhere),
            tuple(self._mismatches),
            frozenset(bad),
            tuple(self._doubts),
        )

    def _counts(self, path: str, state: str, manifest: str) -> bool:
        """Tell whether one more bad declaration about a file adds anything: a hostile manifest makes a million."""
        key = path, state, manifest
        number = self._numbers[key] = self._numbers.get(key, 0) + 1
        if number == MAX_BAD + 1:
            self._doubts.append(f"{display(path)}: {display(manifest)} declares too many digests of it")
        return number <= MAX_BAD

    def _state(self, item: Declared, manifest: str) -> str:
        if item.state is not None:
            return item.state
        if item.algorithm == DVC_DIRECTORY:
            return self._directory(item, manifest)
        if item.path not in self._inventory.nodes:
            return ABSENT
        return self._file(item, manifest)

    def _file(self, item: Declared, manifest: str) -> str:
        path, algorithm, value, _, size, _ = item
        entry = self._entries[path]
        found = entry.digests[0][1] if algorithm == SHA256 else self._digest(entry, algorithm)
        if found == value:
            if size is not None and size != entry.size:
                sizes = f"{size:,} bytes, and the digest of the {entry.size:,} here"
                self._doubts.append(f"{display(path)}: {display(manifest)} declares {sizes}")
            return MATCH
        if path in self._pointers:
            return ABSENT
        if value in self._after_line_endings(path, algorithm):
            return LINE_ENDINGS
        if self._numbers.get((path, MISMATCH, manifest), 0) < MAX_BAD:
            self._mismatches.append(Mismatch(path, manifest, algorithm, value, found))
        return MISMATCH

    def _digest(self, entry: FileEntry, algorithm: str) -> str:
        for name, value in entry.digests:
            if name == algorithm:
                return value
        return self._further[entry.path][algorithm]

    def _after_line_endings(self, path: str, algorithm: str) -> tuple[str, ...]:
        """Return the digests that a text file would have with other line endings."""
        key = path, algorithm
        if key not in self._converted:
            self._converted[key] = lineendings.digests(self._inventory, path, algorithm)
        return self._converted[key]

    def _directory(self, item: Declared, manifest: str) -> str:
        """Judge a directory by the digest of the list of its files."""
        path = item.path
        if path not in self._directories:
            self._directories[path] = self._listed(path)
        found = self._directories[path]
        if found is None:
            return ABSENT
        if found == item.value:
            return MATCH
        if self._is_incomplete(path):
            return ABSENT
        if path not in self._converted_directories:
            self._converted_directories[path] = self._listed_after_line_endings(path)
        if item.value in self._converted_directories[path]:
            return LINE_ENDINGS
        self._mismatches.append(Mismatch(path or ".", manifest, DVC_DIRECTORY, item.value, found))
        return MISMATCH

    def _listed(self, directory: str) -> str | None:
        """Return the digest of a directory, or ``None`` where its data is not here."""
        inside = list(self._inventory.below(directory))
        if not inside or self._pointers.intersection(inside):
            return None
        return directory_md5(self._raw(directory, inside))

    def _raw(self, directory: str, inside: Iterable[str]) -> Iterator[tuple[str, str]]:
        prefix = len(directory) + 1 if directory else 0
        return ((path[prefix:], self._digest(self._entries[path], "MD5")) for path in inside)

    def _is_incomplete(self, directory: str) -> bool:
        """Tell whether rules left out something of a directory, or so much that nobody knows."""
        prefix = f"{directory}/" if directory else ""
        return len(self._left_out) >= MAX_LEFT_OUT or any(path.startswith(prefix) for path in self._left_out)

    def _listed_after_line_endings(self, directory: str) -> tuple[str, ...]:
        """Return the digests of a directory with LF, which DVC 2 hashed, and CRLF; a binary file is what it is."""
        inside = list(self._inventory.below(directory))
        raw = list(self._raw(directory, inside))
        others = [self._after_line_endings(path, "MD5") for path in inside]
        both = list(zip(raw, others, strict=True))
        return tuple(
            directory_md5((name, other[which] if other else md5) for (name, md5), other in both) for which in range(2)
        )
