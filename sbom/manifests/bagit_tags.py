"""The texts of a bag (RFC 8493, sections 2.1 to 2.3, and the drafts 0.93 to 0.97), one function for each; no files."""

from __future__ import annotations

import codecs
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from sbom.manifests.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Versions that are known: five drafts and the RFC.
VERSIONS = frozenset({(0, 93), (0, 94), (0, 95), (0, 96), (0, 97), (1, 0)})
RFC = (1, 0)
#: Lines of one text that are read at most.
MAX_LINES = 1_000_000
#: What Python calls the character sets of the IANA registry that tag files are read in.
_CHARSETS = frozenset(
    {
        *("ascii", "utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"),
        *("big5", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "iso2022_jp", "iso2022_kr", "shift_jis"),
        *("cp437", "cp850", "cp852", "cp855", "cp858", "cp866", "koi8-r", "koi8-u", "mac-roman", "tis-620"),
        *(f"iso8859-{part}" for part in range(1, 17)),
        *(f"cp125{part}" for part in range(9)),
    }
)
_CHARSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_-]{0,40}")
_VERSION_LINE = re.compile(r"BagIt-Version: ([0-9]{1,3})\.([0-9]{1,3})")
_ENCODING_LINE = re.compile(r"Tag-File-Character-Encoding: (\S+)")
_DECLARATION_LINES = 2
_ENTRY = re.compile(r"([^ \t]+)[ \t]+(.+)", re.DOTALL)
_FETCH = re.compile(r"([^ \t]+)[ \t]+([^ \t]+)[ \t]+(.+)", re.DOTALL)
_NEWLINES = re.compile(r"%0[ADad]")
_RESERVED = re.compile(r"%(?:0[ADad]|25)")
_DECODED = {"%0a": "\n", "%0d": "\r", "%25": "%"}
_BOM = "\ufeff"


class BagDeclaration(NamedTuple):
    """What ``bagit.txt`` says (section 2.1.1).

    :param version: ``(0, 97)``; ``None`` when it cannot be told.
    :param encoding: Python's name of the character set of the other tag files; UTF-8 when it cannot be told.
    :param faults: why it is not a bag declaration.
    :param oddities: what its version, or what is usual, lets pass.
    """

    version: tuple[int, int] | None
    encoding: str
    faults: tuple[str, ...]
    oddities: tuple[str, ...]


class Element(NamedTuple):
    """A metadata element of ``bag-info.txt``, and the line that it starts in."""

    label: str
    value: str
    line: int


def declaration(data: bytes) -> BagDeclaration:
    """Read ``bagit.txt``: exactly two lines, of UTF-8 without a byte order mark."""
    faults: list[str] = []
    oddities: list[str] = []
    if data.startswith(codecs.BOM_UTF8):
        faults.append("starts with a byte order mark")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return BagDeclaration(None, "utf-8", (*faults, f"is not UTF-8 (byte {error.start})"), ())
    lines = [line for _, line in split(text[: 1 << 16])]
    padded = [line.strip(" \t") for line in lines if line.strip()]
    first, second = [*padded, "", ""][:_DECLARATION_LINES]
    match = _VERSION_LINE.fullmatch(first)
    version = None if match is None else (int(match[1]), int(match[2]))
    if version is None:
        faults.append("its first line is not 'BagIt-Version: M.N'")
    elif version not in VERSIONS:
        faults.append(f"declares version {first[15:]} of BagIt, which is not known here")
    encoding = "utf-8"
    if (named := _ENCODING_LINE.fullmatch(second)) is None:
        faults.append("its second line is not 'Tag-File-Character-Encoding: ENCODING'")
    elif (found := charset(named[1])) is None:
        faults.append(f"declares the encoding {named[1][:60]!a}, which is not known here")
    else:
        encoding = found
    if len(padded) > _DECLARATION_LINES:
        faults.append("has more than two lines")
    elif lines != padded:
        strict = version is None or version >= RFC
        (faults if strict else oddities).append("has blanks around its lines, or empty lines")
    return BagDeclaration(version, encoding, tuple(faults), tuple(oddities))


def charset(name: str) -> str | None:
    """Return Python's name of a character set, or ``None`` where it is not one for tag files."""
    if _CHARSET.fullmatch(name) is None:
        return None
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    return found if found in _CHARSETS else None


def decode(data: bytes, encoding: str) -> tuple[str, bool]:
    """Decode a tag file; tell whether it starts with a byte order mark that its encoding does not need (section 2.3).

    :raises ManifestError: when it is not in that encoding.
    """
    if encoding in {"utf-16", "utf-32"}:
        encoding = _byte_order(data, encoding)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ManifestError(f"is not in the encoding {encoding} (byte {error.start})") from error
    marked = text.startswith(_BOM)
    return text.removeprefix(_BOM), marked


def _byte_order(data: bytes, encoding: str) -> str:
    """Choose the byte order of UTF-16 and UTF-32.

    Without a mark that is big-endian (RFC 2781, section 4.3), unless the first character shows that it cannot be.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return encoding
    return f"{encoding}-le" if data[:1] not in {b"", b"\0"} and data[1:2] == b"\0" else f"{encoding}-be"


def split(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines, ended by LF, CR or CRLF and nothing else (section 2.3), with their numbers.

    :raises ManifestError: when there are more than :data:`MAX_LINES`.
    """
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if number > MAX_LINES:
            raise ManifestError(f"has more than {MAX_LINES:,} lines")
        yield number, line.removesuffix("\n")


def entry(line: str) -> tuple[str, str] | None:
    """Return the checksum and the path, as written, of a line of a manifest (section 2.1.3)."""
    match = _ENTRY.fullmatch(line)
    return None if match is None else (match[1], match[2])


def fetched(line: str) -> tuple[str, str, str] | None:
    """Return the URL, the length and the path, as written, of a line of ``fetch.txt`` (section 2.2.3)."""
    match = _FETCH.fullmatch(line)
    return None if match is None else (match[1], match[2], match[3])


def spellings(path: str, version: tuple[int, int]) -> tuple[str, ...]:
    """Return what a path with percent signs may mean, the most likely first.

    RFC 8493 has LF, CR and the percent sign itself encoded, the drafts before it the first two, and writers differ.
    """
    rfc = _RESERVED.sub(_percent, path)
    draft = _NEWLINES.sub(_percent, path)
    both = (rfc, draft) if version >= RFC else (draft, rfc)
    return tuple(dict.fromkeys((*both, path)))


def _percent(match: re.Match[str]) -> str:
    return _DECODED[match[0].lower()]


def elements(text: str, version: tuple[int, int]) -> Iterator[Element | tuple[int, str]]:
    """Yield the metadata elements of ``bag-info.txt`` (section 2.2.2), and what is wrong: line and message.

    Before 1.0, blanks may stand around the colon.
    """
    label: str | None = None
    value: list[str] = []
    start = 0
    for number, line in split(text):
        if not line.strip():
            continue
        if line[0] in " \t" and label is not None:
            value.append(line.strip())
            continue
        if label is not None:
            yield Element(label, "\n".join(value), start)
        name, colon, rest = line.partition(":")
        label, value, start = name.strip(), [rest.strip()], number
        if not colon or not label:
            yield number, "is no metadata element, which has a label and a colon"
            label = None
        elif version >= RFC and name != label:
            yield number, "has blanks around its label"
    if label is not None:
        yield Element(label, "\n".join(value), start)
