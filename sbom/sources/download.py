"""Download files: resumed where that is safe, checked against a pin, placed atomically, and recorded."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from sbom import output
from sbom.errors import LimitError, OutputError, UnreadableError, UsageError
from sbom.sources import addresses, client, part, record
from sbom.sources.errors import PinError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sbom.sources.client import Answer, Client
    from sbom.sources.part import Part
    from sbom.sources.plan import Wanted
    from sbom.sources.record import Retrieval

    #: Called with the bytes since the last call (fewer than none when a download starts again), and the total.
    Progress = Callable[[int, int], None]

_PARTIAL, _UNSATISFIABLE = 206, 416
_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19})")
_STRONG = re.compile(r'"[\x21\x23-\x7e]*"')
#: Seconds that an answer must be younger than the change, for the change's time to tell two contents apart.
_STRONG_AFTER = 60
_CHUNK = 1 << 20


class Fetched(NamedTuple):
    """A file that is there now.

    :param retrieval: ``None`` for one that has the pinned digest, and that nobody recorded.
    :param already: it was there before, and nothing was downloaded.
    :param warnings: what a person should know.
    """

    path: str
    size: int
    sha256: str
    retrieval: Retrieval | None
    already: bool = False
    warnings: tuple[str, ...] = ()


def fetch(  # noqa: PLR0913  # all but the first three by name
    wanted: Sequence[Wanted],
    directory: str,
    http: Client,
    *,
    max_size: int = client.MAX_SIZE,
    force: bool = False,
    progress: Progress,
) -> Iterator[Fetched]:
    """Download files into a directory, one after the other, and record each when it is there.

    :param directory: made where it does not exist.
    :param max_size: bytes of each file.
    :param force: replace files that are there.
    :raises UsageError: when a file is there already, and is another one; before anything is downloaded.
    :raises PinError: when a file is not what was pinned.
    :raises FetchError: when one cannot be fetched.
    :raises LimitError: when one is too large.
    """
    made = _directory(directory)
    try:
        recorded = {one.path: one for one in record.load(directory)}
        output.check_target(os.path.join(directory, record.FILE_NAME))
        there = {one.name: _existing(one, directory, recorded.get(one.name), force=force) for one in wanted}
        for one in wanted:
            found = there[one.name]
            yield found if found is not None else _download(one, directory, http, max_size, progress, force=force)
    finally:
        if made:
            with suppress(OSError):  # something is in it
                os.rmdir(directory)


def _directory(path: str) -> bool:
    """Make sure that there is a directory; tell whether it was made."""
    if os.path.isdir(path):
        return False
    try:
        os.makedirs(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise UsageError(f"cannot be made a directory: {reason}", path=path, hint="name a directory with -o") from error
    return True


def _existing(one: Wanted, directory: str, recorded: Retrieval | None, *, force: bool) -> Fetched | None:
    """Return a file that is there already, when it is the wanted one and not to be fetched anyway."""
    path = os.path.join(directory, one.name)
    if output.check_target(path) is None or force:
        return None
    size, digest = _digest(path)
    same = recorded is not None and (recorded.sha256, recorded.url) == (digest, one.target.shown)
    if one.sha256 is not None:
        if one.sha256 == digest:
            return Fetched(path, size, digest, recorded if same else None, already=True)
        raise UsageError("is there already, and is not what is pinned", path=path, hint="--force replaces it")
    if same:
        return Fetched(path, size, digest, recorded, already=True)
    raise UsageError(
        "is there already, and no record says that it came from there", path=path, hint="--force replaces it"
    )


def _digest(path: str) -> tuple[int, str]:
    made, size = hashlib.sha256(), 0
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                made.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", path=path, hint="check its permissions") from error
    return size, made.hexdigest()


def _download(  # noqa: PLR0913  # what fetch was given
    one: Wanted, directory: str, http: Client, max_size: int, progress: Progress, *, force: bool
) -> Fetched:
    path = os.path.join(directory, one.name)
    with part.opened(directory, one.name, hashlib.sha256(one.target.url.encode()).hexdigest()) as held:
        transfer = Transfer(one, held, http, max_size, progress)
        try:
            retrieval = transfer.run()
        except LimitError:
            held.discard()
            raise
        if one.sha256 not in {None, retrieval.sha256}:
            resumed = "; a part of it came in an earlier run: try again" if transfer.taken_up else ""
            held.discard()
            raise PinError(
                f"is not what was pinned: its SHA-256 is {retrieval.sha256}, not {one.sha256}",
                path=one.target.shown,
                hint=f"nothing was kept{resumed}; ask the publisher which one is right",
            )
        held.finish(replace=force)
    try:
        record.add(directory, retrieval)
    except OutputError as error:
        raise OutputError(
            f"the retrieval record {error.message}", path=error.path, hint="the file is there; --force fetches it again"
        ) from error
    return Fetched(path, retrieval.size, retrieval.sha256, retrieval, warnings=tuple(transfer.warnings))


class Transfer:
    """One download, over as many attempts as it takes."""

    def __init__(self, one: Wanted, held: Part, http: Client, max_size: int, progress: Progress) -> None:
        self._one = one
        self._part = held
        self._http = http
        self._max_size = max_size
        self._progress = progress
        self._shown = one.target.shown
        #: An earlier run had downloaded a part.
        self.taken_up = held.received > 0
        self.warnings: list[str] = []

    def run(self) -> Retrieval:
        """Return the record of the complete download."""
        if self._part.received:
            self._report(self._part.received)
        return self._http.persistently(self._attempt)

    def _attempt(self) -> Retrieval:
        held = self._part
        headers = {}
        if held.received and (held.state is None or held.state.validator is None):
            self._restart(None)
        elif held.received and held.state is not None and held.state.validator is not None:
            headers = {"Range": f"bytes={held.received}-", "If-Range": held.state.validator}
        with self._http.get(self._one.target, headers) as answer:
            if answer.status in {_PARTIAL, _UNSATISFIABLE}:
                if not self._continues(answer):
                    self._restart(None)
                    raise TransientError("answers with a part of something else", path=self._shown)
            else:
                self._restart(_state(answer))
            for chunk in answer.chunks(self._max_size - held.received):
                held.write(chunk)
                self._report(len(chunk))
            return self._complete(answer)

    def _continues(self, answer: Answer) -> bool:
        """Tell whether an answer is the rest of what is there, by everything that it says; silence is a no."""
        held, state = self._part, self._part.state
        match = _RANGE.fullmatch(answer.header("Content-Range") or "")
        if answer.status != _PARTIAL or match is None or state is None:
            return False
        start, end, total = (int(text) for text in match.groups())
        if total > self._max_size:
            raise LimitError(f"has {total:,} bytes; at most {self._max_size:,} are downloaded", path=self._shown)
        restated = answer.header("ETag") if state.etag == state.validator else answer.header("Last-Modified")
        return (
            (start, total) == (held.received, state.total if state.total is not None else total)
            and start <= end < total
            and answer.length in {None, end - start + 1}
            and restated == state.validator
            and answer.header("Content-Encoding") == state.content_encoding
            and addresses.same_place(answer.address, state.place)
        )

    def _restart(self, state: part.State | None) -> None:
        if self._part.received:
            self._report(-self._part.received)
        self._part.restart(state)

    def _report(self, size: int) -> None:
        state = self._part.state
        total = None if state is None else state.total
        self._progress(size, self._part.received if total is None else total)

    def _complete(self, answer: Answer) -> Retrieval:
        held = self._part
        state = held.state or _state(answer)
        if state.total is not None and held.received != state.total:
            raise TransientError("cannot be fetched: the connection ended before the data did", path=self._shown)
        if not answer.delimited:
            self.warnings.append(
                f"{self._shown}: the server did not say how long it is; only a digest tells if it is whole"
            )
        if state.content_encoding is not None:
            self.warnings.append(
                f"{self._shown}: stored as the server sent it, which is in the coding {state.content_encoding}"
            )
        return record.Retrieval(
            url=self._shown,
            final_url=answer.final_url,
            retrieved=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            path=self._one.name,
            size=held.received,
            sha256=held.sha256,
            status=answer.status,
            redirects=answer.redirects,
            etag=state.etag,
            last_modified=state.last_modified,
            content_type=state.content_type,
            content_encoding=state.content_encoding,
        )


def _state(answer: Answer) -> part.State:
    """Collect what an answer with the whole says about its bytes."""
    etag, modified = answer.header("ETag"), answer.header("Last-Modified")
    encoding = answer.header("Content-Encoding")
    validator = None
    if (answer.header("Accept-Ranges") or "").lower() != "none":
        if etag is not None and _STRONG.fullmatch(etag):
            validator = etag
        elif etag is None and modified is not None and _is_strong(modified, answer.header("Date")):
            validator = modified
    return part.State(
        place=urlunsplit(urlsplit(answer.final_url)._replace(query="")),
        validator=validator,
        total=answer.length,
        etag=etag,
        last_modified=modified,
        content_type=answer.header("Content-Type"),
        content_encoding=None if (encoding or "").lower() in {"", "identity"} else encoding,
    )


def _is_strong(modified: str, date: str | None) -> bool:
    """Tell whether a time of change is a strong validator (RFC 9110, section 8.8.2.2)."""
    try:
        age = parsedate_to_datetime(date or "") - parsedate_to_datetime(modified)
    except (ValueError, TypeError, IndexError, OverflowError):
        return False
    return age.total_seconds() >= _STRONG_AFTER
