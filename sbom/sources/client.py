"""The bounded HTTP client: redirects by hand, hops checked, retries, timeouts, raw bytes and not too many."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin

from sbom import __version__
from sbom.errors import LimitError, UsageError
from sbom.sources import addresses
from sbom.sources.errors import AddressRefusedError, FetchError, RedirectRefusedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from sbom.sources.addresses import Target
    from sbom.sources.transport import Watchdog

_T = TypeVar("_T")

#: Bytes that are downloaded from one URL at most, unless the caller says otherwise: 100 GiB.
MAX_SIZE = 100 << 30
#: Seconds between two attempts at most, also when the server asks for more.
MAX_WAIT = 120.0
#: Bytes of the body that must arrive within the time limit.
_LEAST = 1 << 10
_CHUNK = 1 << 20
_MAX_HEADER = 1_000
_OK, _PARTIAL = 200, 206
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Policy:
    """How to fetch.

    :param allow_private: connect to loopback, private and link-local addresses too.
    :param allow_downgrade: follow redirects from https to http.
    :param max_redirects: that are followed.
    :param retries: attempts after the first one.
    :param timeout: seconds in which something must move.
    :param ca_file: certificates (PEM) to trust instead of the usual ones.
    :param sleep: how to wait.
    """

    allow_private: bool = False
    allow_downgrade: bool = False
    max_redirects: int = 10
    retries: int = 4
    timeout: float = 60.0
    ca_file: str | None = None
    sleep: Callable[[float], None] = time.sleep


class Answer:
    """A response whose body has not been read.

    :param final_url: where redirects led, as it may be shown and recorded.
    :param address: the same, in full.
    :param redirects: the URLs that were redirected to, in order, as they may be recorded.
    """

    def __init__(
        self, response: requests.Response, watchdog: Watchdog, shown: str, address: str, redirects: tuple[str, ...]
    ) -> None:
        self._response = response
        self._watchdog = watchdog
        self._shown = shown
        self.status = response.status_code
        self.address = address
        self.final_url = addresses.public(address)
        self.redirects = redirects
        encodings = response.headers.get("Transfer-Encoding", "").strip().lower()
        if encodings not in {"", "identity", "chunked"}:
            raise FetchError("answers in a transfer coding that was not asked for", path=shown)
        self._chunked = encodings == "chunked"
        #: Bytes of the body, where the server says it.
        self.length = None if self._chunked else _length(response.headers.get("Content-Length"), shown)

    @property
    def delimited(self) -> bool:
        """Whether the end of the body can be told from a lost connection."""
        return self._chunked or self.length is not None

    def header(self, name: str) -> str | None:
        """Return a header's value; ``None`` when there is none that could be recorded."""
        value = self._response.headers.get(name)
        if not value or len(value) > _MAX_HEADER or not value.isascii() or not value.isprintable():
            return None
        return value.strip() or None

    def chunks(self, limit: int) -> Iterator[bytes]:
        """Yield the body's bytes as they are sent, without decoding any content coding.

        :param limit: bytes at most.
        :raises LimitError: when there are more.
        :raises TransientError: when the body ends before it is complete.
        """
        from sbom.sources import transport  # noqa: PLC0415  # loaded already

        if self.length is not None and self.length > limit:
            raise LimitError(f"has {self.length:,} bytes; at most {limit:,} are downloaded", path=self._shown)
        received = 0
        while True:
            try:
                chunk = self._response.raw.read1(_CHUNK, decode_content=False)
            except (*transport.FAILURES, HTTPException, ValueError) as error:
                raise _failure(error, self._watchdog, self._shown) from None
            if not chunk:
                break
            received += len(chunk)
            self._watchdog.moved(len(chunk))
            if received > limit:
                raise LimitError(f"has more than {limit:,} bytes; no more are downloaded", path=self._shown)
            yield chunk
        if self._watchdog.barked or (self.length is not None and received != self.length):
            raise TransientError(f"cannot be fetched: {_ended(self._watchdog)}", path=self._shown)


class Client:
    """Fetches URLs as a policy allows."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()

    @contextmanager
    def get(self, first: Target, headers: Mapping[str, str] | None = None) -> Iterator[Answer]:
        """Ask once for a URL, following redirects. The caller's login is for the first hop only.

        :return: an answer of status 200; 206 or 416 only when a range was asked for.
        :raises UsageError: when its host's address is refused.
        :raises RedirectRefusedError: when a server redirects to where nobody should follow.
        :raises TransientError: when it may work later; other :class:`FetchError` when it will not.
        """
        target, login = first, first.login
        visited: list[str] = []
        while True:
            with self._ask(first, target, headers or {}, login) as (response, watchdog):
                if response.status_code not in _REDIRECTS:
                    self._check_status(response, first, ranged="Range" in (headers or {}))
                    yield Answer(response, watchdog, first.shown, target.url, tuple(visited))
                    return
                if len(visited) >= self.policy.max_redirects:
                    raise FetchError(
                        f"redirects more than {self.policy.max_redirects} times, or in a loop", path=first.shown
                    )
                target = self._next(first, target, response)
            visited.append(target.shown)
            login = None  # never for another host, and not for another page of the same one

    @contextmanager
    def _ask(
        self, first: Target, target: Target, headers: Mapping[str, str], login: tuple[str, str] | None
    ) -> Iterator[tuple[requests.Response, Watchdog]]:
        """Send one request, and close what belongs to it at the end."""
        from sbom.sources import transport  # noqa: PLC0415  # heavy: only when something is fetched

        watchdog = transport.Watchdog(self.policy.timeout, _LEAST)
        guard = transport.Guard(allow_private=self.policy.allow_private, timeout=self.policy.timeout, watchdog=watchdog)
        sender = transport.Transport(guard, self.policy.timeout, self.policy.ca_file)
        sent = {
            "User-Agent": f"data-sbom/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        watchdog.start()
        try:
            try:
                response = sender.send(target, sent, login)
            except AddressRefusedError as error:
                raise _refused(error, first, redirected=target is not first) from error
            except (*transport.FAILURES, HTTPException, ValueError) as error:
                raise _failure(error, watchdog, first.shown) from None  # its message holds secrets
            try:
                yield response, watchdog
            finally:
                response.close()
        finally:
            watchdog.stop()
            sender.close()

    def _next(self, first: Target, current: Target, response: requests.Response) -> Target:
        """Return where a response redirects to."""
        # Header bytes come as Latin-1; servers that write others mean UTF-8.
        location = response.headers.get("Location", "").encode("latin-1", "replace").decode("utf-8", "replace")
        try:
            if not location:
                raise RedirectRefusedError("redirects to nowhere", path=first.shown)
            target = addresses.parse(urljoin(current.url, location.strip().replace(" ", "%20")))
        except (UsageError, ValueError) as error:
            raise RedirectRefusedError("redirects to what is no http or https URL", path=first.shown) from error
        if current.scheme == "https" and target.scheme == "http" and not self.policy.allow_downgrade:
            raise RedirectRefusedError(
                f"redirects from https to {target.shown}, which anybody on the way could change",
                path=first.shown,
                hint="--allow-downgrade permits it",
            )
        return target

    @staticmethod
    def _check_status(response: requests.Response, first: Target, *, ranged: bool) -> None:
        status = response.status_code
        if status == _OK or (ranged and status in {_PARTIAL, 416}):
            return
        message = f"cannot be fetched: the server answers {status}"
        if status in _TRANSIENT:
            wait = _seconds(response.headers.get("Retry-After", ""))
            raise TransientError(message, path=first.shown, hint="try again later", retry_after=wait)
        raise FetchError(message, path=first.shown, hint="check the URL, and whether it needs a login")

    def persistently(self, attempt: Callable[[], _T]) -> _T:
        """Call ``attempt`` again, with growing pauses, while it fails in a way that may pass.

        :raises FetchError: when it never succeeds.
        """
        number = 0
        while True:
            try:
                return attempt()
            except TransientError as error:
                wait = min(float(2**number), MAX_WAIT) if error.retry_after is None else error.retry_after
                if number >= self.policy.retries:
                    tries = f" (tried {number + 1} times)" if number else ""
                    raise FetchError(f"{error.message}{tries}", path=error.path, hint=error.hint) from error
                if wait > MAX_WAIT:
                    hint = f"the server asks to wait {wait:,.0f} seconds; try again then"
                    raise FetchError(error.message, path=error.path, hint=hint) from error
            number += 1
            self.policy.sleep(wait)


def refuse_written(target: Target, policy: Policy) -> None:
    """Refuse a URL whose host is written as an address that is not to be connected to, before anything is done.

    :raises UsageError: when it is.
    """
    host = target.host.strip("[]")
    if policy.allow_private or not (":" in host or host.replace(".", "").isdigit()):
        return
    reason = addresses.refusal(host)
    if reason is not None and not reason.startswith("is no "):
        error = AddressRefusedError(f"will not be connected to: {host} {reason}", hint="--allow-private permits it")
        raise _refused(error, target, redirected=False)


def _refused(error: AddressRefusedError, first: Target, *, redirected: bool) -> Exception:
    """Say whose fault a refused address is: the caller's who named it, or that of a server which redirected to it."""
    if redirected:
        return RedirectRefusedError(f"redirects to a host that {error.message}", path=first.shown, hint=error.hint)
    return UsageError(error.message, path=first.shown, hint=error.hint)


def _failure(error: BaseException, watchdog: Watchdog, shown: str) -> FetchError:
    from sbom.sources import transport  # noqa: PLC0415  # loaded already

    words = _ended(watchdog) if watchdog.barked else transport.why(error)
    kind = FetchError if transport.is_lasting(error) and not watchdog.barked else TransientError
    return kind(f"cannot be fetched: {words}", path=shown, hint="check the URL and the network")


def _ended(watchdog: Watchdog) -> str:
    return "it was too slow" if watchdog.barked else "the connection ended before the data did"


def _length(value: str | None, shown: str) -> int | None:
    if value is None:
        return None
    lengths = {part.strip() for part in value.split(",")}
    text = lengths.pop()
    if lengths or not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004  # beyond any disk
        raise FetchError("does not say consistently how long it is", path=shown)
    return int(text)


def _seconds(value: str) -> float | None:
    """Return what ``Retry-After`` asks for: seconds, or an HTTP date (RFC 9110, section 10.2.3)."""
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:  # noqa: PLR2004  # centuries
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)
