"""What DVC says of one file or directory: the items of ``outs`` and ``deps`` in ``*.dvc`` and ``dvc.lock``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import dvc_directory, values
from sbom.manifests.digests import DVC_DIRECTORY
from sbom.manifests.dvc_directory import SUFFIX
from sbom.manifests.errors import ManifestError
from sbom.manifests.reading import Declared

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

#: Files that the cached lists of all directories of one manifest may name.
MAX_LISTED = 1_000_000
#: Bytes of these lists that are read.
MAX_LISTS = 128 << 20
#: What ``hash:`` names. Without it DVC 2 wrote MD5 of text with line feeds only.
_HASHES = frozenset({"md5", "md5-dos2unix", "etag", "checksum"})
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SCP = re.compile(r"([A-Za-z0-9._-]{1,64}@[A-Za-z0-9.-]{1,255}):(?!/)([^\s]{1,1000})")
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_LOWER_MD5 = re.compile(r"[0-9a-f]{32}")


class Entries:
    """Collects the entries of one manifest."""

    def __init__(self, given: Given, reading: Reading) -> None:
        self._given = given
        self._reading = reading
        self._project: str | None = None
        self._searched = False
        self._listed = 0
        self._room = MAX_LISTS
        self._lists: dict[str, list[tuple[object, object]]] = {}
        self._expanded: set[tuple[str, str]] = set()

    def directory(self, wdir: object, pointer: str) -> str | None:
        """Return the directory that paths are relative to, or ``None`` when it is no such directory.

        It may lie above what the manifest speaks for (``wdir: ../..``, which DVC itself writes): what counts is where
        the paths end.

        :param wdir: working directory as written, relative to the manifest's; ``None`` is the manifest's own.
        """
        own = self._given.directory
        if wdir is None:
            return own
        if not isinstance(wdir, str) or not wdir or wdir.startswith("/") or "\\" in wdir or "\0" in wdir:
            self._reading.problem("wdir is not a relative path", pointer)
            return None
        return f"{own}/{wdir}" if own else wdir

    def add(self, item: object, base: str, pointer: str) -> str | None:
        """Read one entry: declare it, or name it as a source when it is a URL.

        :param base: directory that its path is relative to.
        :return: the path, where it is a file or directory of the dataset.
        """
        entry = values.mapping(item)
        written = entry.get("path")
        if not isinstance(written, str):
            self._reading.problem("an entry has no path", pointer)
            return None
        if _REMOTE.match(written):
            self.source(entry, written, None, pointer)
            return None
        path = self._given.resolve(written, base)
        if path is None or (not path and not str(entry.get("md5", "")).endswith(dvc_directory.SUFFIX)):
            self._reading.problem("path leads out of the directory that the manifest speaks for", f"{pointer}/path")
            return None
        self._declare(entry, path, pointer)
        return path

    def source(self, entry: dict[str, object], url: str, path: str | None, pointer: str) -> None:
        """Name where data was imported from (``dvc import-url``, external dependencies and outputs).

        :param path: what it became.
        """
        if url.startswith("ds://"):
            return  # an entry of `datasets`, which is read where it is defined
        md5 = entry.get("md5")
        whole = isinstance(md5, str) and not md5.endswith(SUFFIX)
        self._reading.source(
            url,
            f"{pointer}/path",
            path=path,
            hashes=(("MD5", md5),) if whole else (),
            size=entry.get("size"),
            etag=values.text(entry.get("etag")) or values.text(entry.get("checksum")),
        )

    def imported(self, item: object, path: str | None, base: str, pointer: str) -> None:
        """Read a dependency of an import: a URL, another repository, or a database; what else there is, is local.

        :param path: what it became.
        """
        entry = values.mapping(item)
        written = entry.get("path")
        if isinstance(entry.get("repo"), dict):
            self._repository(values.mapping(entry["repo"]), written, path, f"{pointer}/repo")
        elif isinstance(entry.get("db"), dict):
            query = values.text(values.mapping(entry["db"]).get("query"))
            if query is not None:
                self._reading.say("origin", f"database query: {query}", f"{pointer}/db/query")
        elif isinstance(written, str) and _REMOTE.match(written):
            self.source(entry, written, path, pointer)
        else:
            self.add(item, base, pointer)

    def _repository(self, repo: dict[str, object], inner: object, path: str | None, pointer: str) -> None:
        """Read what ``dvc import`` wrote: a Git repository, the file in it, and the commit."""
        url = values.text(repo.get("url"))
        if url is None:
            self._reading.problem("an import names no repository", pointer)
            return
        commit = values.text(repo.get("rev_lock")) or values.text(repo.get("rev"))
        what = f"{values.text(inner) or '.'} in {url}" + (f" at {commit}" if commit else "")
        self._reading.say("origin", what, pointer)
        scp = _SCP.fullmatch(url)
        address = f"ssh://{scp[1]}/{scp[2]}" if scp else url
        if _REMOTE.match(address):
            self._reading.source(address, f"{pointer}/url", path=path)

    def _declare(self, entry: dict[str, object], path: str, pointer: str) -> None:
        hashed = entry.get("hash")
        if hashed is not None and values.scalar(hashed) not in _HASHES:
            self._reading.problem(f"hash is {values.scalar(hashed) or values.kind(hashed)}, not md5", f"{pointer}/hash")
        files, md5 = entry.get("files"), entry.get("md5")
        if isinstance(files, list):
            self._versioned(files, path, f"{pointer}/files")
        elif files is not None:
            self._reading.problem(f"files is {values.kind(files)}, not a list", f"{pointer}/files")
        if md5 is None:
            if not isinstance(files, list):
                self._reading.mention(path, pointer, size=entry.get("size"))
        elif isinstance(md5, str) and md5.endswith(SUFFIX):
            value = md5.removesuffix(SUFFIX)
            self._reading.declare(path, DVC_DIRECTORY, value, f"{pointer}/md5", size=entry.get("size"))
            if _MD5.fullmatch(value):
                self._expand(path, value.lower(), f"{pointer}/md5")
        else:
            self._reading.declare(path, "MD5", md5, f"{pointer}/md5", size=entry.get("size"))

    def _versioned(self, files: list[object], directory: str, pointer: str) -> None:
        """Read the files of a directory of which a cloud keeps the versions."""
        for index, item in enumerate(files):
            entry = values.mapping(item)
            where = f"{pointer}/{index}"
            path = self._inside(entry.get("relpath"), directory, where)
            if path is None:
                continue
            if entry.get("md5") is None:
                self._reading.mention(path, where, size=entry.get("size"))
            else:
                self._reading.declare(path, "MD5", entry["md5"], f"{where}/md5", size=entry.get("size"))

    def _expand(self, directory: str, md5: str, pointer: str) -> None:
        """Declare the files of a directory, where the list of them is in the dataset's own cache."""
        project = self._root()
        if project is None or (directory, md5) in self._expanded or self._listed > MAX_LISTED:
            return
        self._expanded.add((directory, md5))
        kept = next((place for place in dvc_directory.places(project, md5) if self._given.exists(place)), None)
        prefix, exists, append = f"{directory}/" if directory else "", self._given.exists, self._reading.declared.append
        for relpath, value in self._list(kept, md5, pointer) if kept else ():
            self._listed += 1
            if self._listed > MAX_LISTED:
                self._reading.problem(
                    f"its directories list more than {MAX_LISTED:,} files; the rest is left out", pointer
                )
                return
            # Nearly all are of this kind, and there may be 100,000 of them: a file of the inventory needs no resolving.
            if isinstance(relpath, str) and isinstance(value, str) and _LOWER_MD5.fullmatch(value) is not None:
                whole = prefix + relpath
                if exists(whole):
                    append(Declared(whole, "MD5", value, pointer))
                    continue
            path = self._inside(relpath, directory, pointer)
            if path is not None:
                self._reading.declare(path, "MD5", value, pointer)

    def _list(self, kept: str, md5: str, pointer: str) -> list[tuple[object, object]]:
        """Return a list of files from the cache; each is read once, however often a manifest names it."""
        if md5 not in self._lists:
            self._lists[md5] = []
            self._room -= self._given.size(kept) or 0
            if self._room < 0:
                self._reading.problem(f"its lists have more than {MAX_LISTS:,} bytes; the rest is not read", pointer)
                return []
            try:
                self._lists[md5] = list(dvc_directory.read_list(self._given.other(kept, MAX_LISTS), md5))
            except ManifestError as error:
                self._reading.problem(str(error), pointer)
        return self._lists[md5]

    def _inside(self, relpath: object, directory: str, pointer: str) -> str | None:
        path = self._given.resolve(relpath, directory)
        if not path or (directory and not path.startswith(f"{directory}/")):
            self._reading.problem("a file of a directory is not in it", pointer)
            return None
        return path

    def _root(self) -> str | None:
        """Return the DVC project that the manifest is in: the nearest directory above it that has a ``.dvc``."""
        if not self._searched:
            self._searched = True
            above = self._given.directory
            while above != ".." and not above.startswith("../"):
                inner = f"{above}/.dvc" if above else ".dvc"
                if self._given.exists(f"{inner}/config") or next(iter(self._given.below(inner)), None) is not None:
                    self._project = above
                    break
                if not above:
                    break
                above = above.rpartition("/")[0]
        return self._project
