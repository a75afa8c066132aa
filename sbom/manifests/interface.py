"""What a reader of a manifest format is, what it is given, and what it collects.

A reader is a module-level object or class instance that satisfies :class:`Reader`, registered in
:mod:`sbom.manifests.registry`, or by another distribution under the entry point group ``data_sbom.manifests``.

Input is hostile. A reader never opens a file by itself: it asks :class:`Given`, which reads bounded bytes of files of
the inventory only. It raises nothing but :class:`sbom.manifests.errors.ManifestError`; whatever it cannot use it
reports as a problem, and goes on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sbom import names
from sbom.manifests import digests, texts, values
from sbom.provenance import FIELD_BY_ID, LIVE, MALFORMED, NOT_DECLARED

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

#: Bytes of one manifest that are read at most.
MAX_SIZE = 128 << 20
#: Problems that are kept of one manifest; a hostile one has millions.
MAX_PROBLEMS = 100
#: Characters that are kept of one value.
MAX_TEXT = 20_000
#: Characters that are kept of one manifest: more would not fit into a document that anybody reads.
MAX_TEXTS = 2 << 20
#: Values that one manifest may give for one field.
MAX_VALUES = 1_000
#: Characters that all manifests together may add to a document by naming sources, and files that are not there.
MAX_NAMED = 128 << 20
#: What a document holds of each of these besides its texts, in characters.
_FRAME = 150
#: Characters that are kept of a time or an ETag.
_MAX_TAG = 1_000


class Problem(NamedTuple):
    """What is wrong with a manifest. ``severe``: its own specification says that it must be rejected."""

    message: str
    pointer: str = ""
    severe: bool = False


class Declared(NamedTuple):
    """What a manifest declares of one file, before anybody looked at the file.

    :param path: relative to the dataset's root, normal form.
    :param algorithm: a key of :data:`sbom.manifests.digests.LENGTHS`; for a malformed one as written.
    :param value: lower-case hex; as written for a malformed one; empty where there is none.
    :param size: bytes, where that is declared.
    :param state: ``MALFORMED``, ``NOT_DECLARED`` or ``LIVE`` where nothing is to be compared; else ``None``.
    """

    path: str
    algorithm: str
    value: str
    pointer: str
    size: int | None = None
    state: str | None = None


class Said(NamedTuple):
    """A value of a provenance field, as a manifest says it."""

    field: str
    value: str
    pointer: str
    when: str | None


class Linked(NamedTuple):
    """A source that a manifest names. See :class:`sbom.provenance.Source`."""

    url: str
    pointer: str
    path: str | None
    digests: tuple[tuple[str, str], ...]
    size: int | None
    retrieved: str | None
    etag: str | None
    final_url: str | None


class Room:
    """How much all manifests of a crawl may name together, so that the document can be read again.

    :param files: those of the inventory, which may be named without limit: there are only so many.
    """

    def __init__(self, files: Container[str] = ()) -> None:
        self.files = files
        self._left = MAX_NAMED

    def take(self, size: int) -> bool:
        """Take characters, while there are any."""
        self._left -= size
        return self._left >= 0


class Reading:
    """What one reader collects from one manifest.

    :param room: shared by all manifests of one crawl.
    :param frame: characters that a document holds of each thing that is named, besides its own texts.
    """

    def __init__(self, room: Room | None = None, frame: int = _FRAME) -> None:
        self._named = Room() if room is None else room
        self._frame = frame
        self._full = False
        #: Version of the format, as the manifest states it.
        self.version: str | None = None
        #: What the format's own rules say of manifest and data; ``None`` where it has none. Rejecting is final.
        self.valid: bool | None = None
        self.said: list[Said] = []
        self.declared: list[Declared] = []
        self.sources: list[Linked] = []
        self.problems: list[Problem] = []
        self._per_field: dict[str, int] = {}
        self._room = MAX_TEXTS
        self._unseen = 0

    def say(self, field: str, value: object, pointer: str = "", *, when: str | None = None) -> None:
        """Assert a field. Texts, numbers and booleans are taken, lists of them one by one; anything else is a problem.

        :param pointer: JSON Pointer of the value; items of a list get theirs appended.
        """
        if field not in FIELD_BY_ID:
            msg = f"{field} is not a provenance field"
            raise ValueError(msg)
        # Not by recursion: lists in lists are as deep as whoever wrote the manifest likes.
        stack = [values.pointed(value, pointer)]
        while stack:
            item, where = next(stack[-1], (None, None))
            if where is None:
                stack.pop()
            elif isinstance(item, list):
                stack.append(values.pointed(item, where))
            else:
                self._say(field, item, where, when)

    def _say(self, field: str, value: object, pointer: str, when: str | None) -> None:
        """Assert one value."""
        if value is None:
            return
        text = values.scalar(value)
        if text is None:
            self.problem(f"{field} is {values.kind(value)}, not a text", pointer)
            return
        number = self._per_field.get(field, 0) + 1
        if number > MAX_VALUES:
            if number == MAX_VALUES + 1:
                self._per_field[field] = number
                self.problem(f"more than {MAX_VALUES} values of {field}; the rest is left out", pointer)
            return
        size = len(text)
        text = values.clean(text[: 2 * MAX_TEXT])
        if not text:
            return
        self._per_field[field] = number
        if len(text) > MAX_TEXT:
            self.problem(f"{field} has {size:,} characters; {MAX_TEXT:,} of them are kept", pointer)
            text = text[:MAX_TEXT]
        if self._room >= 0 > self._room - len(text):
            self.problem(f"says more than {MAX_TEXTS:,} characters; the rest is left out", pointer)
        self._room -= len(text)
        if self._room < 0:
            return
        self.said.append(Said(field, text, pointer, when))

    def declare(self, path: str, algorithm: object, value: object, pointer: str = "", *, size: object = None) -> None:
        """Declare the digest of a file. What is not a digest of that algorithm becomes a malformed declaration.

        :param path: as :meth:`Given.resolve` returned it.
        :raises ValueError: when ``path`` is none that it could have returned.
        :param algorithm: any common spelling; an empty one is guessed from the length of the value where certain.
        :param value: hex of any case, or base64.
        """
        _insist(path)
        number = values.integer(size)
        known = digests.parse(algorithm, value)
        if known is None:
            shown = values.clean((values.scalar(value) or values.kind(value))[:400])[:200]
            name = values.clean((values.scalar(algorithm) or "")[:80])[:40]
            self._keep(Declared(path, name, shown, pointer, number, MALFORMED))
        else:
            self._keep(Declared(path, known[0], known[1], pointer, number))

    def mention(self, path: str, pointer: str = "", *, size: object = None, live: bool = False) -> None:
        """Name a file without declaring a digest of it.

        :param live: the dataset changes all the time, so that none is expected.
        """
        _insist(path)
        state = LIVE if live else NOT_DECLARED
        self._keep(Declared(path, "", "", pointer, values.integer(size), state))

    def _keep(self, declared: Declared) -> None:
        """Keep a declaration; one about what is not there only while there is room."""
        path, _, value, pointer, _, _ = declared
        if path in self._named.files or self._fits(len(path) + len(value) + len(pointer), pointer):
            self.declared.append(declared)

    def _fits(self, size: int, pointer: str) -> bool:
        if self._named.take(size + self._frame):
            return True
        if not self._full:
            self._full = True
            self.problem("names more than a document can hold; what is not here is left out from now on", pointer)
        return False

    def source(  # noqa: PLR0913  # all but the first two by name
        self,
        url: object,
        pointer: str = "",
        *,
        path: str | None = None,
        hashes: tuple[tuple[object, object], ...] = (),
        size: object = None,
        retrieved: object = None,
        etag: object = None,
        final_url: object = None,
    ) -> None:
        """Name a source. What is no URL with a scheme is a problem.

        :param path: the file that it became, as :meth:`Given.resolve` returned it.
        :param hashes: ``(algorithm, value)`` of the bytes behind the URL; malformed ones are problems.
        """
        if path is not None:
            _insist(path)
        text = values.url(url)
        if text is None:
            self.problem("a source is not a URL", pointer)
            return
        if texts.secret(text):
            self.problem("the URL of a source holds a password or a token; it is left out", pointer)
            return
        good: list[tuple[str, str]] = []
        for algorithm, value in hashes:
            known = digests.parse(algorithm, value)
            if known is None:
                self.problem(f"the digest of the source {text[:200]} is malformed", pointer)
            elif known not in good:
                good.append(known)
        final = values.url(final_url)
        linked = Linked(
            text,
            pointer,
            path,
            tuple(good),
            values.integer(size),
            (values.text(retrieved) or "")[:_MAX_TAG] or None,
            (values.text(etag) or "")[:_MAX_TAG] or None,
            None if final is None or texts.secret(final) else final,
        )
        long = sum(len(part) for part in (text, pointer, path, linked.retrieved, linked.etag, final) if part)
        if self._fits(2 * long + 100 * len(good), pointer):
            self.sources.append(linked)

    def problem(self, message: str, pointer: str = "") -> None:
        """Report what cannot be used; the reading goes on."""
        self._add(Problem(message, pointer))

    def reject(self, message: str, pointer: str = "") -> None:
        """Report what makes the whole manifest, with the data, invalid by its own specification."""
        self.valid = False
        self._add(Problem(message, pointer, severe=True))

    def _add(self, problem: Problem) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)
            return
        self._unseen += 1
        self.problems[-1] = Problem(f"and {self._unseen + 1} more problems", severe=self.valid is False)


def _insist(path: str) -> None:
    """Make sure that a path is one that an inventory may hold, or its root.

    :raises ValueError: otherwise: the reader has a fault, having taken a path that it had not resolved.
    """
    if not isinstance(path, str) or (path and names.refusal(path) is not None):
        msg = f"{path!r} is not a path of the dataset"
        raise ValueError(msg)


class Given(ABC):
    """A manifest as a reader sees it: its bytes, and the inventory around it. Implemented by the crawl."""

    #: Relative to the dataset's root.
    path: str
    #: The directory that it is in, relative to the root, without a trailing slash; ``""`` is the root.
    directory: str
    #: Name of the dataset's root directory, for formats that are recognised by it.
    root_name: str

    @abstractmethod
    def data(self, limit: int = MAX_SIZE) -> bytes:
        """Return the manifest's bytes.

        :param limit: bytes at most.
        :raises ManifestError: when it is larger, or cannot be read.
        """

    @abstractmethod
    def head(self, limit: int) -> bytes:
        """Return the first ``limit`` bytes.

        :raises ManifestError: when it cannot be read.
        """

    @abstractmethod
    def other(self, path: str, limit: int = MAX_SIZE) -> bytes:
        """Return the bytes of another file of the inventory, by its path relative to the root.

        :raises ManifestError: when there is no such file, it is larger, or cannot be read.
        """

    @abstractmethod
    def exists(self, path: str) -> bool:
        """Tell whether there is such a file in the inventory (path relative to the root)."""

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Return the bytes of a file of the inventory, or ``None`` where there is none."""

    @abstractmethod
    def below(self, directory: str) -> Iterator[str]:
        """Yield every file of the inventory below a directory, in order of their paths."""

    @abstractmethod
    def link(self, path: str) -> str | None:
        """Return the path, relative to the root, of the file that a symlink leads to, else ``None``."""

    @abstractmethod
    def resolve(self, text: object, base: str | None = None) -> str | None:
        """Return the path, relative to the dataset's root, that a manifest means.

        :param text: as written in the manifest, relative to ``base``.
        :param base: directory relative to the root; default: the manifest's own.
        :return: normal form; ``None`` when it is no path, absolute, or leaves what the manifest speaks for.
        """

    def json(self, limit: int = MAX_SIZE) -> object:
        """Parse the manifest as one JSON value.

        :raises ManifestError: when it is not JSON.
        """
        return values.json(self.data(limit))

    def yaml(self, limit: int = 16 << 20) -> object:
        """Parse the manifest as one YAML document: dicts, lists, texts and ``None`` only (every scalar stays a text).

        :raises ManifestError: when it is not YAML, or holds object tags.
        """
        from sbom.manifests import yamltext  # noqa: PLC0415  # only where there is YAML

        return yamltext.load(self.data(limit))

    def text(self, limit: int = MAX_SIZE) -> str:
        """Return the manifest as text.

        :raises ManifestError: when it is not UTF-8.
        """
        return values.decode(self.data(limit))


class Reader(Protocol):
    """Reads one format.

    :param name: lower case, without spaces: how the format is called in documents and reports.
    :param patterns: names of files that may be manifests of this format, in lower case, each of one of these forms:
        ``dvc.lock`` (exactly this name), ``*.dvc`` (this last suffix), ``_delta_log/*`` (any file in a directory of
        this name).
    """

    name: str
    patterns: tuple[str, ...]

    def accepts(self, path: str, head: bytes) -> bool:
        """Tell whether a file with a fitting name is of this format.

        The first reader in order of precedence that accepts a file reads it.

        :param path: relative to the root.
        :param head: its first 64 KiB.
        """

    def scope(self, path: str) -> str:
        """Return the directory that a manifest at ``path`` speaks for."""

    def further(self, path: str) -> bool:
        """Tell whether a manifest at ``path`` is likely to declare other digests than SHA-256.

        Files then wait until it has been read. Where it does so unexpectedly, they are read a second time.
        """

    def read(self, given: Given, reading: Reading) -> None:
        """Read a manifest.

        :raises ManifestError: when nothing more can be read; what was collected before counts.
        :raises OtherFormatError: when it turns out to be of another format.
        """


class FileReader:
    """What most readers have in common: they trust the name, and speak for the directory that they lie in."""

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # meant to be overridden
        """Take every file with a fitting name."""
        return True

    def scope(self, path: str) -> str:
        """Return the manifest's own directory."""
        return path.rpartition("/")[0]

    def further(self, path: str) -> bool:  # noqa: ARG002  # meant to be overridden
        """Expect any digest."""
        return True
