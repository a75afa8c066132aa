"""BagIt (RFC 8493, and its drafts 0.93 to 0.97): what a bag declares, and whether it is complete (section 3).

Whether the checksums hold is judged later, from the declarations: a bag is valid when it is complete and all match.
Pointers name the tag file and the line: ``manifest-sha512.txt L3``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sbom.manifests import bagit_info, bagit_tags, digests
from sbom.manifests.bagit_paths import Paths
from sbom.manifests.bagit_tags import RFC
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader
from sbom.manifests.reading import Declared
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

#: Bytes of ``bagit.txt`` that are read; it has two lines.
_MAX_DECLARATION = 1 << 16
#: Characters of the paths of files that are not there, in all manifests together.
_MAX_ABSENT = 64 << 20
#: Files that a message names.
_SHOWN = 3
_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9_-]+)\.txt", re.IGNORECASE)
#: Digests that are none of a file's plain bytes.
_FOREIGN = frozenset({digests.GIT_BLOB, digests.DVC_DIRECTORY})
_HEX = re.compile(r"[0-9a-f]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ORDINARY = re.compile(r"[^\s*~/\\%.][^\\%]*")


class _Manifest(NamedTuple):
    """A payload or tag manifest that was read: path of a file → checksum as written."""

    name: str
    algorithm: str
    entries: dict[str, str]


class BagitReader(FileReader):
    """Reads a bag by its declaration ``bagit.txt``."""

    name = "bagit"
    patterns = ("bagit.txt",)

    def read(self, given: Given, reading: Reading) -> None:
        """Read all tag files, declare every checksum, and say whether the bag is complete."""
        if given.path.rpartition("/")[2] != "bagit.txt":
            raise OtherFormatError("is not called bagit.txt")
        try:
            data = given.data(_MAX_DECLARATION)
        except ManifestError as error:
            reading.reject(str(error))
            return
        bag = _Bag(given, reading)
        if b"bagit-version" not in data.lower() and not bag.looks_like_one():
            raise OtherFormatError("is no bag declaration")
        declared = bagit_tags.declaration(data)
        for fault in declared.faults:
            reading.reject(fault)
        for oddity in declared.oddities:
            reading.problem(oddity)
        if declared.version is not None:
            reading.version = f"{declared.version[0]}.{declared.version[1]}"
        bag.run(declared.version or RFC, declared.encoding)
        if reading.valid is None:
            reading.valid = True


class _Bag:
    """One bag that is being read."""

    def __init__(self, given: Given, reading: Reading) -> None:
        self._given = given
        self._reading = reading
        self._prefix = f"{given.directory}/" if given.directory else ""
        self._data = f"{self._prefix}data/"
        self._payload: dict[str, None] = {}
        self._base: list[str] = []
        self._room = _MAX_ABSENT
        self._version = RFC
        self._encoding = "utf-8"
        self._paths = Paths(given, reading, RFC)
        start = len(self._prefix)
        for path in given.below(given.directory):
            if path.startswith(self._data):
                self._payload[path] = None
            elif "/" not in path[start:]:
                self._base.append(path[start:])

    def looks_like_one(self) -> bool:
        """Tell whether there is a payload manifest beside it."""
        return any(_MANIFEST.fullmatch(name) and name[0] in "mM" for name in self._base)

    def run(self, version: tuple[int, int], encoding: str) -> None:
        """Read the tag files in their order of the specification."""
        self._version, self._encoding = version, encoding
        self._paths = Paths(self._given, self._reading, version)
        payload, tags = self._manifests()
        self._complete(payload)
        self._tag_manifests(tags, payload)
        self._info()
        self._fetch(payload)

    def _strict(self, message: str, pointer: str) -> None:
        """Reject what 1.0 forbids, and report it of what is older."""
        (self._reading.reject if self._version >= RFC else self._reading.problem)(message, pointer)

    def _text(self, name: str) -> str | None:
        """Return the text of a tag file in the base directory; one that cannot be read makes the bag invalid."""
        try:
            text, marked = bagit_tags.decode(self._given.other(self._prefix + name), self._encoding)
        except ManifestError as error:
            self._reading.reject(str(error), name)
            return None
        if marked and self._encoding == "utf-8":
            self._strict("starts with a byte order mark", name)
        return text

    def _lines(self, name: str) -> Iterator[tuple[int, str]]:
        text = self._text(name)
        if text is None:
            return
        try:
            yield from bagit_tags.split(text)
        except ManifestError as error:
            self._reading.reject(str(error), name)

    def _manifests(self) -> tuple[list[_Manifest], list[_Manifest]]:
        """Read the payload manifests and the tag manifests (sections 2.1.3 and 2.2.1)."""
        payload: list[_Manifest] = []
        tags: list[_Manifest] = []
        number = 0
        for name in self._base:
            match = _MANIFEST.fullmatch(name)
            if match is None:
                continue
            if name != name.lower():
                self._reading.problem("is not taken for a manifest: its name has to be in lower case", name)
                continue
            algorithm = digests.name(match[2])
            known = algorithm is not None and algorithm not in _FOREIGN
            if not match[2].isalnum():
                # A word with a hyphen is some other tag file; `sha3_256` is what a library writes against the rules.
                if not known:
                    continue
                self._strict("an algorithm's name has letters and digits only", name)
            number += match[1] is None
            if algorithm is None or not known:
                self._reading.reject(f"the algorithm {match[2]} is not known here: nothing can be checked", name)
                continue
            target = payload if match[1] is None else tags
            target.append(self._manifest(name, algorithm, payload=match[1] is None))
        if not number:
            self._reading.reject("has no payload manifest (manifest-ALGORITHM.txt)")
        if not self._payload:
            self._reading.reject("has no file in its payload directory data/")
        return payload, tags

    def _manifest(self, name: str, algorithm: str, *, payload: bool) -> _Manifest:
        """Read one manifest, and declare the checksums in it."""
        digits = digests.LENGTHS[algorithm]
        entries: dict[str, str] = {}
        append, inside = self._reading.declared.append, self._payload
        for number, line in self._lines(name):
            pointer = f"{name} L{number}"
            found = bagit_tags.entry(line)
            if found is None or line[0] == "#":
                self._odd_line(line, pointer)
                continue
            value, written = found
            value = value.lower()
            path = self._prefix + written
            # Most lines are of this kind: a payload file, under its plain name.
            if not payload or path not in inside or not _ORDINARY.fullmatch(written):
                located = self._paths.locate(written, pointer)
                if located is None or not self._belongs(located, pointer, payload=payload):
                    continue
                path = located
            if path in entries:
                self._twice(path, entries[path] == value, pointer)
                continue
            if path not in inside:
                self._room -= len(path)
                if self._room < 0:
                    self._reading.reject("lists too much that is not there", pointer)
                    break
            entries[path] = value
            good = len(value) == digits and _HEX.fullmatch(value) is not None
            if good and path in inside:
                append(Declared(path, algorithm, value, pointer))
                continue
            self._reading.declare(path, algorithm, value, pointer)
            if not good:
                self._reading.reject(f"the checksum of {display(written, 200)} is not one of {algorithm}", pointer)
        return _Manifest(name, algorithm, entries)

    def _odd_line(self, line: str, pointer: str) -> None:
        """Deal with a line that is no entry: bags from checksum tools have empty lines and comments."""
        if line.strip() and not line.lstrip().startswith("#"):
            self._reading.reject("is no line of a manifest, which has a checksum and a path", pointer)

    def _twice(self, path: str, same: bool, pointer: str) -> None:  # noqa: FBT001  # two calls
        shown = display(path[len(self._prefix) :], 200)
        if same:
            self._strict(f"lists {shown} twice", pointer)
        else:
            self._reading.reject(f"lists {shown} twice, with different checksums", pointer)

    def _belongs(self, path: str, pointer: str, *, payload: bool) -> bool:
        """Tell whether a manifest may list a path: payload manifests the payload, tag manifests tag files."""
        if payload:
            if path.startswith(self._data):
                return True
            self._reading.reject(f"{display(path, 200)} is not in the payload directory data/", pointer)
            return False
        if path.startswith(self._data):
            self._strict(f"the tag manifest lists {display(path, 200)}, which is payload", pointer)
        elif path.startswith("tagmanifest-", len(self._prefix)):
            self._strict(f"the tag manifest lists the tag manifest {display(path, 200)}", pointer)
        return True

    def _complete(self, manifests: list[_Manifest]) -> None:
        """Check that manifests and payload list the same files (section 3)."""
        every: set[str] = set().union(*(manifest.entries for manifest in manifests))
        self._few(sorted(every - self._payload.keys()), "listed, but not there", "")
        if not manifests:
            return
        self._few(sorted(self._payload.keys() - every), "in the payload, but in no manifest", "")
        for manifest in manifests:
            missing = every - manifest.entries.keys()
            if self._version >= RFC:
                self._few(sorted(missing & self._payload.keys()), "in another manifest only", manifest.name)

    def _few(self, paths: list[str], what: str, pointer: str) -> None:
        """Reject the bag for some files."""
        if paths:
            start = len(self._prefix)
            shown = ", ".join(display(path[start:], 200) for path in paths[:_SHOWN])
            more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
            self._reading.reject(f"{what}: {shown}{more}", pointer)

    def _tag_manifests(self, tags: list[_Manifest], payload: list[_Manifest]) -> None:
        """Check that what tag manifests list is there, payload manifests included (section 2.2.1)."""
        for manifest in tags:
            absent = [path for path in manifest.entries if not self._given.exists(path)]
            self._few(absent, "listed, but not there", manifest.name)
            for one in payload:
                if self._version >= RFC and self._prefix + one.name not in manifest.entries:
                    self._reading.reject(f"the tag manifest does not list {one.name}", manifest.name)

    def _info(self) -> None:
        """Read the metadata, and check the payload's size against it (section 2.2.2)."""
        name = "bag-info.txt" if self._version >= (0, 96) else "package-info.txt"
        if name not in self._base or (text := self._text(name)) is None:
            return
        try:
            info = bagit_info.read(text, name, self._version, self._reading)
        except ManifestError as error:
            self._reading.reject(str(error), name)
            return
        if info is not None:
            octets, streams = info
            found = sum(self._given.size(path) or 0 for path in self._payload)
            if (octets, streams) != (found, len(self._payload)):
                there = f"{found:,} in {len(self._payload):,}"
                self._reading.reject(f"Payload-Oxum is {octets:,} bytes in {streams:,} files; there are {there}", name)

    def _fetch(self, manifests: Iterable[_Manifest]) -> None:
        """Read where payload files can be fetched from (section 2.2.3)."""
        name = "fetch.txt"
        if name not in self._base:
            return
        listed = list(manifests)
        waiting: list[str] = []
        for number, line in self._lines(name):
            if not line.strip():
                continue
            pointer = f"{name} L{number}"
            found = bagit_tags.fetched(line)
            if found is None or not (found[1] == "-" or (found[1].isascii() and found[1].isdigit())):
                self._reading.reject("is no line of a fetch file, which has a URL, a length and a path", pointer)
                continue
            url, length, written = found
            path = self._paths.locate(written, pointer)
            if path is None or not self._belongs(path, pointer, payload=True):
                continue
            hashes = [(one.algorithm, one.entries[path]) for one in listed if path in one.entries]
            if len(hashes) < len(listed):
                self._strict(f"{display(written, 200)} is not in every payload manifest", pointer)
            self._reading.source(url, pointer, path=path, hashes=tuple(hashes), size=None if length == "-" else length)
            if _SCHEME.match(url) is None:
                self._reading.reject("the URL is not absolute", pointer)
            if path not in self._payload:
                waiting.extend([path] if hashes else [])
            elif length != "-" and int(length[:20]) != self._given.size(path):
                self._reading.problem(f"{display(written, 200)} has another length than it says", pointer)
        self._few(waiting, "not there yet, but can be fetched", name)


READER = BagitReader()
