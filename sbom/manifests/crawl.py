"""Find manifests among the files that a walk found, and let their readers read them.

Finding is by name first (cheap, for every file), then by the first bytes of the few that are left. Nothing outside of
the inventory is opened, but what the caller names; nothing that a reader does ends the crawl.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import Error
from sbom.inventory import files
from sbom.manifests import given, registry, values
from sbom.manifests.digests import DVC_DIRECTORY
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.reading import Reading, Room
from sbom.names import display
from sbom.provenance import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sbom.inventory.take import Tree
    from sbom.inventory.walk import Place
    from sbom.manifests.interface import Reader

#: Files of one suffix (``*.json``) in one directory that are looked into: with more they are data, not manifests.
MAX_SNIFFED_PER_DIRECTORY = 32
#: Files that are looked into because of a common suffix, altogether.
MAX_SNIFFED = 2_000
#: Manifests that are read.
MAX_MANIFESTS = 100_000
#: Bytes that a reader sees of a file before it says whether it is of its format.
HEAD = 64 << 10
#: Characters that are kept of what a manifest calls its version.
_MAX_VERSION = 200
#: Characters that a document holds of each declaration and source, besides its texts.
_FRAME = 150
#: Suffixes so common that files with them are looked into only where there are few.
_COMMON = frozenset({"json", "jsonl", "ndjson", "jsonld", "yaml", "yml", "txt", "md", "csv", "tsv"})

_NOBODY: tuple[list[Reader], bool] = ([], False)


class Found(NamedTuple):
    """A manifest, and what its reader collected."""

    manifest: Manifest
    reading: Reading


class Names:
    """Which readers a file's name suggests."""

    def __init__(self, readers: Iterable[Reader]) -> None:
        self._exact: dict[str, list[Reader]] = {}
        self._suffix: dict[str, list[Reader]] = {}
        self._parent: dict[str, list[Reader]] = {}
        self._order: dict[str, int] = {}
        for number, reader in enumerate(readers):
            self._order[reader.name] = number
            for pattern in reader.patterns:
                if pattern.startswith("*."):
                    self._suffix.setdefault(pattern[2:], []).append(reader)
                elif pattern.endswith("/*"):
                    self._parent.setdefault(pattern[:-2], []).append(reader)
                else:
                    self._exact.setdefault(pattern, []).append(reader)
        self._directory: str | None = None
        self._above: list[Reader] | None = None

    def suggest(self, path: str) -> tuple[list[Reader], bool]:
        """Return readers in order of precedence; and whether it is only a common suffix that suggests them."""
        end = path.rfind("/")
        lower = path[end + 1 :].lower()
        suffix = lower[lower.rfind(".") + 1 :]
        exact, general = self._exact.get(lower), self._suffix.get(suffix)
        if self._directory is None or len(self._directory) != max(end, 0) or not path.startswith(self._directory):
            self._directory = path[: max(end, 0)]
            self._above = self._parent.get(self._directory[self._directory.rfind("/") + 1 :])
        if exact is None and general is None and self._above is None:
            return _NOBODY
        together = {reader.name: reader for part in (exact, general, self._above) for reader in part or ()}
        vague = exact is None and self._above is None and suffix in _COMMON
        return sorted(together.values(), key=lambda reader: self._order[reader.name]), vague


class Crawler:
    """One crawl: sees the files as the walk finds them, and reads the manifests when it has found all.

    :param extra: manifests that the caller names, inside the dataset or outside.
    :param reading: the algorithms that every file is read with anyway.
    """

    def __init__(self, place: Place, extra: Sequence[str] = (), reading: Sequence[str] = ()) -> None:
        self._place = place
        self._reading = frozenset(reading)
        self._extra = tuple(extra)
        readers, problems = registry.readers()
        self._readers = readers
        self._names = Names(readers)
        self._candidates: dict[str, list[Reader]] = {}
        self._vague: dict[str, int] = {}
        self._sniffed = 0
        self._skipped = 0
        self._faulty: set[str] = set()
        self._room = Room()
        #: The manifests, most trusted first.
        self.found: list[Found] = []
        #: What a person should know.
        self.warnings: list[str] = [display(problem) for problem in problems]

    def sees(self, path: str) -> bool:
        """Take notice of a file; tell whether others should wait until it has been read as a manifest."""
        readers, vague = self._names.suggest(path)
        if not readers:
            return False
        if vague:
            directory = path.rpartition("/")[0]
            number = self._vague[directory] = self._vague.get(directory, 0) + 1
            self._sniffed += 1
            if number > MAX_SNIFFED_PER_DIRECTORY or self._sniffed > MAX_SNIFFED:
                self._skipped += 1
                return False
        self._candidates[path] = readers
        return not vague and any(self._further(reader, path) for reader in readers)

    def _further(self, reader: Reader, path: str) -> bool:
        """Ask a reader; where it fails, files wait."""
        try:
            return bool(reader.further(path))
        except Exception as error:  # noqa: BLE001  # a reader's fault is told with its name, once; the crawl goes on
            if reader.name not in self._faulty:
                self._faulty.add(reader.name)
                self.warnings.append(display(f"the reader {reader.name} failed: {type(error).__name__}: {error}"))
            return True

    def waits(self) -> bool:
        """Tell whether there are manifests before anything was seen."""
        return bool(self._extra)

    def wants(self, root_fd: int, tree: Tree) -> Mapping[str, frozenset[str]]:
        """Read the manifests; return which further algorithms each file is declared with."""
        inventory = given.Inventory(root_fd, tree.files)
        self._room.files = tree.files
        try:
            self._settle(tree)
            for path, readers in self._candidates.items():
                if len(self.found) >= MAX_MANIFESTS:
                    self.warnings.append(f"more than {MAX_MANIFESTS:,} manifests; the rest was not read")
                    break
                self._read(given.Inside(self._place, inventory, path), readers)
            for path in self._extra:
                self._read_named(given.named(self._place, inventory, path))
        finally:
            inventory.close()
        if self._skipped:
            self.warnings.append(
                f"{self._skipped:,} files were not looked into, being too many of a kind in one directory; name a"
                " manifest among them with --manifest"
            )
        self._sort()
        return _algorithms(self.found, inventory, self._reading)

    def point(self, root_fd: int, tree: Tree, pointers: Iterable[str]) -> None:
        """Read Git LFS pointers, which hashing found by their content."""
        reader = next(reader for reader in self._readers if reader.name == "lfs")
        inventory = given.Inventory(root_fd, tree.files)
        try:
            for path in pointers:
                self._read(given.Inside(self._place, inventory, path), [reader])
        finally:
            inventory.close()
        self._sort()

    def _settle(self, tree: Tree) -> None:
        """Wait until every later change of a manifest shows in its times."""
        newest = max((tree.files[path].state[5] for path in self._candidates if path in tree.files), default=0)
        if time.time_ns() - newest < files.TICK_NS:
            time.sleep(files.TICK_NS / 1e9)

    def _read_named(self, one: given.Opened) -> None:
        """Read a manifest that the caller names, unless it has been read."""
        if any(found.manifest.path == one.path for found in self.found):
            return
        if not self._read(one, self._names.suggest(one.path)[0]):
            self.warnings.append(f"{display(one.path)}: no reader takes it for a manifest")

    def _read(self, one: given.Opened, readers: Iterable[Reader]) -> bool:
        """Let the first reader that accepts a file read it; tell whether one did."""
        try:
            head = one.head(HEAD)
        except ManifestError as error:
            self.warnings.append(f"{display(one.path)}: {display(str(error))}")
            return True
        for reader in readers:
            reading = Reading(self._room, _FRAME + len(one.path))
            scope = ""
            try:
                if not reader.accepts(one.path, head):
                    continue
                scope = _scope(reader, one)
                one.speaks_for(scope)
                reader.read(one, reading)
            except OtherFormatError:
                continue
            except ManifestError as error:
                reading.problem(str(error))
            except Error:
                raise
            except Exception as error:  # noqa: BLE001  # a reader's fault is told with its name; the crawl goes on
                reading.problem(f"the reader failed: {type(error).__name__}: {error}")
            version = values.text(reading.version)
            version = None if version is None else version[:_MAX_VERSION]
            manifest = Manifest(one.path, reader.name, version, scope, one.sha256(), one.inside, reading.valid)
            self.found.append(Found(manifest, reading))
            return True
        return False

    def _sort(self) -> None:
        order = {reader.name: number for number, reader in enumerate(self._readers)}
        self.found.sort(
            key=lambda one: (
                one.manifest.scope.count("/") + bool(one.manifest.scope),
                order[one.manifest.reader],
                one.manifest.path,
            )
        )


def _scope(reader: Reader, one: given.Opened) -> str:
    """Return the directory that a manifest speaks for: one that it lies in."""
    if not one.inside:
        return ""
    scope = reader.scope(one.path)
    if scope and not one.path.startswith(f"{scope}/"):
        msg = f"{scope!r} is no directory above the manifest"
        raise ValueError(msg)
    return scope or ""


def _algorithms(found: Iterable[Found], inventory: given.Inventory, known: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return the algorithms by path; a directory's digest takes one of every file in it."""
    wanted: dict[str, frozenset[str]] = {}
    none: frozenset[str] = frozenset()
    single: dict[str, frozenset[str]] = {}
    directories: set[str] = set()
    nodes = inventory.nodes
    for _, reading in found:
        for path, algorithm, _, _, _, state in reading.declared:
            if state is not None or algorithm in known:
                continue
            if algorithm == DVC_DIRECTORY:
                for inner in () if path in directories else inventory.below(path):
                    wanted[inner] = wanted.get(inner, none) | {"MD5"}
                directories.add(path)
            elif path in nodes:
                alone = single.setdefault(algorithm, frozenset({algorithm}))
                before = wanted.get(path)
                wanted[path] = alone if before is None else before | alone
    return wanted
