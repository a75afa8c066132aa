"""What becomes of the files that a JSON-LD description lists: sources, and declarations about files of the inventory.

What is certain, and what is not:

- a relative path means the file with that path, as written or percent-decoded, and nothing else;
- a URL is a source. A file of the inventory is taken for it only when it has exactly the name that the description
  gives to what is behind the URL: the URL's last part, or the resource's own name or identifier when its suffix is that
  of the URL; and only when no other resource with other digests has that name too;
- a member of an archive is not the file of that name beside the archive. It is declared under the archive's own name
  (``data.zip/a.csv``), where no file can be as long as the archive is a file.

So every digest gets its state, and none is compared with what it may not be about.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from sbom.manifests import digests, values
from sbom.manifests.jsonld import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.jsonld import Document
    from sbom.manifests.reading import Reading

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_BYTES = re.compile(r"([0-9]{1,16})\s*(?:[Bb]|[Bb]ytes?)?")
#: Names of properties that hold digests, without their vocabulary, in lower case.
ALGORITHMS = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}

#: Algorithm, value as written, and its pointer.
Digest = tuple[object, object, str]


class Resource(NamedTuple):
    """One file that a description lists.

    :param url: absolute, or relative to the description; as written.
    :param pointer: of the URL.
    :param names: what the description calls it, besides.
    :param size: bytes.
    :param inside: the name of the archive that it is a member of; the URL is then relative to that.
    :param file: the URL leads to bytes, not to a repository or a page.
    """

    url: str
    pointer: str
    names: tuple[str, ...] = ()
    digests: tuple[Digest, ...] = ()
    size: int | None = None
    inside: str | None = None
    file: bool = True


def size(value: object) -> int | None:
    """Return a number of bytes: ``11`` or ``11 B``. What is rounded to larger units (``1.5 MB``) is not one."""
    if not isinstance(value, str):
        return values.integer(value)
    found = _BYTES.fullmatch(value.strip())
    return None if found is None else int(found[1])


def remote(text: str) -> bool:
    """Tell whether it is an address with a scheme, and no path."""
    return _REMOTE.match(text) is not None


class Resources:
    """Takes the resources of one description, and settles what each is when all are known.

    :param live: the data changes all the time: no digest is expected.
    """

    def __init__(self, given: Given, reading: Reading, *, live: bool = False) -> None:
        self._given = given
        self._reading = reading
        self._live = live
        #: File of the inventory → the resource that has its name; ``None``: several with digests that differ.
        self._claims: dict[str, Resource | None] = {}
        self._waiting: list[tuple[Resource, tuple[str, ...]]] = []

    def add(self, one: Resource) -> None:
        """Take a resource; what is relative is settled at once."""
        if one.inside is not None:
            self._member(one)
        elif remote(one.url):
            self._remote(one)
        else:
            self._local(one)

    def settle(self) -> None:
        """Name the sources, and declare what is known of the files that they became."""
        for one, candidates in self._waiting:
            self._source(one, candidates)
        self._waiting.clear()

    def _local(self, one: Resource) -> None:
        path = self.path(one.url)
        if not path:
            self._reading.problem(
                "is absolute, leads out of the dataset or is no path; it is not looked at", one.pointer
            )
        elif not one.url.endswith("/"):
            self.here(path, one)

    def here(self, path: str, one: Resource) -> None:
        """Take a resource that is a path: a file of the inventory, or one that is absent."""
        self._claim(path, one)
        self._declare(path, one)

    def path(self, text: str) -> str | None:
        """Return the path that a relative URL means: as written where there is such a file, else percent-decoded."""
        written = self._given.resolve(text)
        if "%" not in text or (written and self._given.exists(written)):
            return written
        return self._given.resolve(unquote(text))

    def _member(self, one: Resource) -> None:
        """Declare the digest of a member of an archive under the archive's name."""
        if one.digests and not one.url.endswith("/"):
            within = self._given.resolve(f"{one.inside}/{one.url}")
            outer = self._given.resolve(one.inside)
            if remote(one.url) or not within or not outer or not within.startswith(f"{outer}/"):
                self._reading.problem("leads out of what contains it, or is no path; it is not looked at", one.pointer)
            else:
                self._declare(within, one)

    def _remote(self, one: Resource) -> None:
        if one.url[:5].lower() == "file:":
            self._reading.problem("is a path on somebody's computer; it is not looked at", one.pointer)
            return
        candidates = tuple(self._candidates(one)) if one.file else ()
        for path in candidates:
            if self._given.exists(path):
                self._claim(path, one)
        self._waiting.append((one, candidates))

    def _candidates(self, one: Resource) -> Iterable[str]:
        """Yield the paths of files that the resource may have become, the most certain first."""
        base = one.url.partition("#")[0].partition("?")[0].rpartition("/")[2]
        if "%" in base:
            base = unquote(base)
        suffix = base.rpartition(".")[2] if "." in base else ""
        seen = set()
        for name in (base if suffix else "", *one.names):
            if not name or name in seen or (suffix and name.rpartition(".")[2] != suffix) or remote(name):
                continue
            seen.add(name)
            path = self._given.resolve(name)
            if path and path != self._given.path:
                yield path

    def _source(self, one: Resource, candidates: tuple[str, ...]) -> None:
        here = [path for path in candidates if self._given.exists(path)]
        certain = [path for path in here if self._claims.get(path) is not None]
        path = certain[0] if certain else None
        good = tuple((kind, value) for kind, value, _ in one.digests if digests.parse(kind, value) is not None)
        self._reading.source(one.url, one.pointer, path=path, hashes=good if one.file else (), size=one.size)
        if here and path is None:
            self._reading.problem(
                f"several resources are called {here[0][:200]}; the file is compared with none of them", one.pointer
            )
        elif path is not None:
            self._declare(path, one)
        elif one.digests or one.file:
            absent = candidates[0] if candidates else self._unlike(one)
            if absent is not None:
                self._declare(absent, one)

    def _unlike(self, one: Resource) -> str | None:
        """Find a name for what is no file here, so that its digest has its state: one that no file has."""
        for name in one.names:
            path = None if remote(name) else self._given.resolve(name)
            if path and not self._given.exists(path):
                return path
        return None

    def _claim(self, path: str, one: Resource) -> None:
        other = self._claims.setdefault(path, one)
        if other is not one and (other is None or _values(other) != _values(one)):
            self._claims[path] = None

    def _declare(self, path: str, one: Resource) -> None:
        """Declare every digest; mention what has none."""
        if not one.digests:
            self._reading.mention(path, one.pointer, size=one.size, live=self._live)
        for algorithm, value, pointer in one.digests:
            self._reading.declare(path, algorithm, value, pointer, size=one.size)


def _values(one: Resource) -> frozenset[tuple[str, str]]:
    """Return the digests of a resource so that they can be compared with another's."""
    return frozenset((str(algorithm), str(value)[:200].lower()) for algorithm, value, _ in one.digests)


def digests_of(doc: Document, node: dict[str, object], pointer: str) -> Iterator[Digest]:
    """Yield the digests of a file: properties that are called like an algorithm, whatever vocabulary they are of."""
    for meaning, value, raw in doc.fields(node):
        algorithm = ALGORITHMS.get(local(meaning).lower())
        if algorithm is None:
            continue
        for one, where in doc.items(value, f"{pointer}/{values.token(raw)}"):
            found = doc.scalar(one) if isinstance(one, dict) and "@value" in one else one
            if found != "":
                yield algorithm, found, where
