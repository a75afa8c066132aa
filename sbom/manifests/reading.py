"""What a reader collects from one manifest: fields that it says, digests that it declares, sources, and problems.

Whatever is given to it comes from hostile input: it takes anything, keeps what has a meaning within bounds, and reports
the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom import names
from sbom.manifests import digests, texts, values
from sbom.provenance import FIELD_BY_ID, LIVE, MALFORMED, NOT_DECLARED

if TYPE_CHECKING:
    from collections.abc import Container

#: Problems that are kept of one manifest; a hostile one has millions.
MAX_PROBLEMS = 100
#: Characters that are kept of one value.
MAX_TEXT = 20_000
#: Characters that are kept of one manifest: more would not fit into a document that anybody reads.
MAX_TEXTS = 2 << 20
#: Values that one manifest may give for one field.
MAX_VALUES = 1_000
#: Characters that all manifests together may add to a document by what they say, sources, and files that are absent.
MAX_NAMED = 128 << 20
#: What a document holds of each of these besides its texts, in characters.
_FRAME = 150
#: Characters that are kept of a time, an ETag, and what is wrong.
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
        #: There is no room for what is not here any more.
        self.full = False
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
        if self._room < 0 or not self._fits(3 * len(text) + len(pointer), pointer):
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
        if not self.full:
            self.full = True
            self.problem(
                "says and names more than a document can hold; what is not here is left out from now on", pointer
            )
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
        if self._fits(2 * long + 200 * (1 + len(good)), pointer):  # it is written twice
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
            self.problems.append(
                problem._replace(message=problem.message[:_MAX_TAG], pointer=problem.pointer[:_MAX_TAG])
            )
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
