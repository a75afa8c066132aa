"""Checksum files: what ``sha256sum``, ``shasum``, ``md5``, ``openssl dgst`` and people write.

Lines of GNU coreutils (manual, "md5 invocation"): the digest in hex, a space, a space or ``*``, the name; with a
backslash in front where backslash, line feed and carriage return are escaped in the name. Lines of BSD:
``SHA256 (name) = digest``. And what people make of them: one space or a tab, the name first, a digest alone in
``name.sha256``.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from sbom.manifests import digests
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader
from sbom.manifests.reading import Declared
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

#: Lines that are read at most.
MAX_LINES = 1_000_000
#: Hexadecimal digits → algorithm, where neither line nor name tell: what the common tools of that length write.
BY_LENGTH: Mapping[int, str] = {32: "MD5", 40: "SHA-1", 56: "SHA-224", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}
_SHA3: Mapping[int, str] = {56: "SHA3-224", 64: "SHA3-256", 96: "SHA3-384", 128: "SHA3-512"}
_BLAKE2B: Mapping[int, str] = {64: "BLAKE2b-256", 96: "BLAKE2b-384", 128: "BLAKE2b-512"}
#: Names that stand for more than one algorithm, and two that only files are called.
_FAMILIES: Mapping[str, Mapping[int, str]] = {
    "sha": BY_LENGTH,
    "sha2": BY_LENGTH,
    "sha3": _SHA3,
    "b2": _BLAKE2B,
    "blake2": _BLAKE2B,
    "blake2b": _BLAKE2B,
    "b3": {64: "BLAKE3"},
    "xxh": {16: "XXH64"},
}
_NAMES = (
    "b2", "b3", "blake2b", "blake3", "md5", "sha", "sha1", "sha2", "sha224", "sha256", "sha3", "sha384", "sha512",
    "sha3-224", "sha3-256", "sha3-384", "sha3-512", "xxh64",
)  # fmt: skip
_FORMS = ("{}", "{}sum", "{}sums", "{}-sum", "{}-sums", "{}_sum", "{}_sums", "{}-checksums", "{}_checksums")
_PLAIN = ("checksum", "checksums", "hashes", "digests", "shasums256")
_SUFFIXES = tuple(f"*.{name}{end}" for name in _NAMES if name != "sha" for end in ("", "sum", "sums"))
_EXACT = frozenset(
    name + end
    for name in (*_PLAIN, *(form.format(name) for name in _NAMES for form in _FORMS))
    for end in ("", ".txt", ".asc")
)
_IN_NAME = re.compile(
    r"(?:^|[._-])(sha-?3-(?:224|256|384|512)|sha-?2-(?:224|256|384|512)|sha-?(?:512|384|256|224|1|2|3)|sha|md5|blake2b?"
    r"|b2|blake3|b3|xxh64)(?:[._-]?(?:check)?sums?)?(?=[._-]|$)"
)
_FAST = re.compile(r"([0-9a-f]{32,128}) [ *]([^\\\s][^\r\n]*)\r?\n?")
_GNU = re.compile(r"(\\?)(?:([A-Za-z][A-Za-z0-9-]{0,30}):)?([0-9A-Fa-f]{16,128})(?: [ *]|[ \t]+\*?)(.+)", re.DOTALL)
_BSD = re.compile(r"(\\?)([A-Za-z][A-Za-z0-9/_-]{0,30}) ?\((.+)\) ?= ?([^\s=]+=*)\s*", re.DOTALL)
_BARE = re.compile(r"(?:([A-Za-z][A-Za-z0-9_-]{0,30})[:=] ?)?([0-9A-Fa-f]{16,128})(?:[ \t]+[*]?-)?")
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "\\": "\\"}
_LENGTHS = frozenset(digests.LENGTHS.values())
_SEPARATOR = re.compile(r"[/\\]")
_SIGNED, _SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"


class Line(NamedTuple):
    """What one line says: a digest of a file.

    :param tag: the algorithm as it is written there, or empty.
    :param name: as it is written there; ``None`` for a digest alone.
    :param sure: it has a form that nothing but a checksum has.
    """

    number: int
    tag: str
    value: str
    name: str | None
    sure: bool = True


def by_name(base: str) -> Mapping[int, str]:
    """Return what a manifest's own name says of the algorithm by hexadecimal digits, else :data:`BY_LENGTH`."""
    lower = base.lower()
    found = [match[1].replace("-", "") for match in _IN_NAME.finditer(lower)]
    if not found:
        return BY_LENGTH
    # The last one: `model-sha1.bin.md5` is a list of MD5.
    last = re.sub(r"\Asha2(?=\d{3}\Z)", "sha", found[-1])
    if last in _FAMILIES:
        return _FAMILIES[last]
    known = digests.name(last)
    return BY_LENGTH if known is None else {digests.LENGTHS[known]: known}


def algorithm(tag: str) -> str:
    """Return the algorithm that a tag names, or the tag itself where it is none that we know."""
    plain = re.sub(r"\Asha2-(?=\d{3}\Z)", "sha", tag.lower())
    return digests.name(plain) or tag


def parse(number: int, line: str) -> Line | None:
    """Parse one line without its end; ``None`` when it is no checksum line.

    :raises ManifestError: when the name in it is not escaped as it says.
    """
    match = _BSD.fullmatch(line)
    if match is not None:
        escaped, tag, name, value = match.groups()
        return Line(number, tag, value, _unescaped(name) if escaped else name)
    match = _GNU.fullmatch(line)
    if match is not None and len(match[3]) in _LENGTHS:
        escaped, tag, value, name = match.groups()
        if name.strip() != "-":
            return Line(number, tag or "", value, _unescaped(name) if escaped else name)
    match = _BARE.fullmatch(line.strip())
    if match is not None and len(match[2]) in _LENGTHS:
        return Line(number, match[1] or "", match[2], None)
    return _reversed(number, line)


def _reversed(number: int, line: str) -> Line | None:
    """Parse a line that has the name first."""
    parts = line.rsplit(None, 1)
    if len(parts) < 2 or len(parts[1]) not in BY_LENGTH or not _BARE.fullmatch(parts[1]):  # noqa: PLR2004  # both
        return None
    name = parts[0].rstrip(" \t:,=|")
    return Line(number, "", parts[1], name, sure=False) if name else None


def _unescaped(name: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPED:
            raise ManifestError("the name has a backslash that escapes nothing")
        return _ESCAPED[match[1]]

    return _ESCAPE.sub(one, name)


class ChecksumsReader(FileReader):
    """Reads a checksum file: each line is a declaration. It says nothing of provenance."""

    name = "checksums"
    patterns = (*_SUFFIXES, *sorted(_EXACT))

    def further(self, path: str) -> bool:
        """Expect what the name says: ``SHA256SUMS`` holds SHA-256."""
        return set(by_name(path.rpartition("/")[2]).values()) != {"SHA-256"}

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # the name says it
        """Take what is text; whether it holds checksums shows when it is read."""
        return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" not in head

    def read(self, given: Given, reading: Reading) -> None:
        """Declare the digest of each line."""
        _File(given, reading).run(_text(given.data()))
        if not reading.declared:
            if given.path.rpartition("/")[2].lower() in _EXACT:
                raise ManifestError("holds no checksum of a file")
            raise OtherFormatError("holds no checksum of a file")


class _File:
    """One checksum file that is being read."""

    def __init__(self, given: Given, reading: Reading) -> None:
        base = given.path.rpartition("/")[2]
        self._given = given
        self._reading = reading
        self._lengths = by_name(base)
        self._unknown: set[str] = set()
        #: Among the headers of a signed message (RFC 9580, section 7).
        self._header = False
        #: Digests without a name, and names of files that are not there.
        self._stray: list[Line] = []
        #: The file that this one stands beside: ``x.csv`` for ``x.csv.sha256``.
        self._beside = None if base.lower() in _EXACT else given.resolve(base.rpartition(".")[0])

    def run(self, text: str) -> None:
        """Read all lines."""
        given, lengths, fast = self._given, self._lengths, _FAST.fullmatch
        prefix = f"{given.directory}/" if given.directory else ""
        exists, own, append = given.exists, given.path, self._reading.declared.append
        paths: dict[str, str] = {}  # however often a path is listed, it is kept once
        for number, line in enumerate(io.StringIO(text, newline="\n"), 1):
            # Most lines are of this kind, and there may be 500,000 of them: a file of the inventory needs no resolving.
            match = fast(line)
            if match is not None:
                value, name = match.groups()
                path, known = prefix + name, lengths.get(len(value))
                if known is not None and path != own and exists(path):
                    append(Declared(paths.setdefault(path, path), known, value, f"L{number}"))
                    continue
            if number > MAX_LINES:
                self._reading.problem(f"has more than {MAX_LINES:,} lines; the rest was not read")
                break
            if line.startswith(_SIGNATURE):
                break
            self._slow(number, line.rstrip("\r\n"))
        self._strays()

    def _slow(self, number: int, line: str) -> None:
        blank = not line or line.isspace()
        if self._header or line == _SIGNED:
            self._header = not blank
            return
        if blank or line[0] in "#;":
            return
        try:
            parsed = parse(number, line)
        except ManifestError as error:
            self._reading.problem(str(error), f"L{number}")
            return
        if parsed is None:
            self._reading.problem("is neither a checksum nor a comment", f"L{number}")
            return
        if parsed.name is None:
            self._stray.append(parsed)
            return
        path = self._path(parsed.name)
        if path is not None and self._given.exists(path):
            self._declare(parsed, path)
        else:
            self._stray.append(parsed)

    def _path(self, name: str) -> str | None:
        """Return the path that a name means: with the blanks in front of it, or without them."""
        path = self._given.resolve(name)
        if name[0].isspace() and (path is None or not self._given.exists(path)):
            return self._given.resolve(name.lstrip())
        return path

    def _strays(self) -> None:
        """Deal with digests without a name, and with names of files that are not there.

        ``sha256sum /where/it/was/made/x.csv > x.csv.sha256`` is what many people run: the one line of such a file is
        about the file beside it, when it has that file's name or none.
        """
        single = len(self._stray) == 1 and not self._reading.declared
        for line in self._stray:
            if self._reading.full:
                break
            name = line.name
            beside = self._beside if single else None
            if beside and (name is None or _SEPARATOR.split(name)[-1] == beside.rpartition("/")[2]):
                self._declare(line, beside)
            elif name is None:
                self._reading.problem("a digest without a name", f"L{line.number}")
            elif not line.sure:
                self._reading.problem("is neither a checksum nor a comment", f"L{line.number}")
            elif not (path := self._path(name)):
                self._reading.problem(f"{display(name, 200)} is not a path of a file below it", f"L{line.number}")
            else:
                self._declare(line, path)

    def _declare(self, line: Line, path: str) -> None:
        pointer = f"L{line.number}"
        if path == self._given.path:
            self._reading.problem("lists itself, which no file can do rightly; left out", pointer)
            return
        if line.tag.lower() in _FAMILIES:
            known = _FAMILIES[line.tag.lower()].get(len(line.value), line.tag)
        else:
            known = algorithm(line.tag) if line.tag else self._lengths.get(len(line.value), "")
        if known == "SIZE":
            return
        if known not in digests.LENGTHS and known not in self._unknown:
            self._unknown.add(known)
            what = f"{known} is not an algorithm that is known here" if known else "a digest of an unknown length"
            self._reading.problem(what, pointer)
        self._reading.declare(path, known, line.value, pointer)


def _text(data: bytes) -> str:
    """Decode the file; bytes that are not UTF-8 are kept as what no name may hold.

    :raises ManifestError: when it starts like UTF-16 (which PowerShell writes), but is not.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise ManifestError("is neither UTF-8 nor UTF-16") from error
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


READER = ChecksumsReader()
