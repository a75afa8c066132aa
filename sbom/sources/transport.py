"""One HTTP request to a checked address. Imports ``requests``: load it only when something is fetched.

The host name is resolved once, every address that it has is checked, the connection goes to one that was checked, and
the socket's peer is checked again: a name that resolves differently a moment later (DNS rebinding) gains nothing.
TLS still names and verifies the host. No proxy, no ``.netrc``, no cookie and no environment variable takes part.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from http.client import IncompleteRead as HTTPIncomplete
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from sbom.sources import addresses
from sbom.sources.errors import AddressRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sbom.sources.addresses import Target

#: What the libraries raise when a transfer does not work out.
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)
#: Addresses of one name that are tried.
_MAX_ADDRESSES = 8
#: Exceptions that are looked through for a reason; they may name each other in a circle.
_MAX_CHAIN = 32


class Watchdog:
    """Ends a transfer that does not move: socket timeouts alone allow one byte at a time, for ever.

    :param seconds: within which ``least`` bytes of the body must arrive, whatever else does.
    """

    def __init__(self, seconds: float, least: int) -> None:
        self._seconds = seconds
        self._least = least
        self._moved = 0
        self._socket: socket.socket | None = None
        self._done = threading.Event()
        #: It ended the transfer.
        self.barked = False

    def start(self) -> None:
        """Begin to watch, until :meth:`stop`."""
        threading.Thread(target=self._watch, daemon=True, name="data-sbom watchdog").start()

    def stop(self) -> None:
        """End watching."""
        self._done.set()

    def attach(self, sock: socket.socket) -> None:
        """Say which socket to shut down. An extra descriptor: TLS takes the first one over.

        :raises TimeoutError: when all the time is gone.
        """
        if self.barked:
            raise TimeoutError
        self._socket = sock.dup()

    def moved(self, size: int) -> None:
        """Count bytes of the body."""
        self._moved += size

    def _watch(self) -> None:
        seen = 0
        while not self._done.wait(self._seconds):
            if self._moved - seen < self._least:
                self.barked = True
                self._shut()
                break
            seen = self._moved
        self._done.wait()
        if self._socket is not None:
            self._socket.close()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # the other side was faster
                self._socket.shutdown(socket.SHUT_RDWR)


class Guard:
    """Opens connections to permitted addresses only.

    :param timeout: seconds for each address.
    """

    def __init__(self, *, allow_private: bool, timeout: float, watchdog: Watchdog) -> None:
        self._allow_private = allow_private
        self._timeout = timeout
        self._watchdog = watchdog

    def connect(self, host: str, port: int) -> socket.socket:
        """Resolve a name once, and connect to one of its addresses.

        :raises AddressRefusedError: when any of them is refused: an honest public name has none of those.
        :raises OSError: when none can be reached, or the name cannot be resolved.
        """
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        for *_, address in found:
            self._check(host, str(address[0]))
        last: OSError = socket.gaierror(socket.EAI_NONAME, "it has no address")
        for family, kind, protocol, _, address in found[:_MAX_ADDRESSES]:
            try:
                sock = self._dial(family, kind, protocol, address)
            except OSError as error:
                last = error
                continue
            try:
                self._check(host, str(sock.getpeername()[0]))
                self._watchdog.attach(sock)
            except BaseException:
                sock.close()
                raise
            return sock
        raise last

    def _dial(self, family: int, kind: int, protocol: int, address: Any) -> socket.socket:  # noqa: ANN401  # as the resolver gave it
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(self._timeout)
            sock.connect(address)
        except BaseException:
            sock.close()
            raise
        return sock

    def _check(self, host: str, address: str) -> None:
        reason = None if self._allow_private else addresses.refusal(address)
        if reason is not None:
            what = (
                f"{address} {reason}" if address == host.strip("[]") else f"{host} leads to {address}, which {reason}"
            )
            raise AddressRefusedError(f"will not be connected to: {what}", hint="--allow-private permits it")


class Transport:
    """Sends one request, without following redirects.

    :param ca_file: certificates to trust instead of the usual ones.
    """

    def __init__(self, guard: Guard, timeout: float, ca_file: str | None = None) -> None:
        self._adapter = _Adapter(guard)
        self._timeout = timeout
        self._verify: bool | str = True if ca_file is None else ca_file

    def send(self, target: Target, headers: Mapping[str, str], login: tuple[str, str] | None) -> requests.Response:
        """Return the response with its body unread.

        :raises AddressRefusedError: when the host's address is refused.
        :raises requests.RequestException: and the rest of :data:`FAILURES`, when it does not work out.
        """
        request = requests.Request("GET", target.url, headers=dict(headers), auth=login).prepare()
        # Straight to the adapter: a session would read the body of a redirect, environment, cookies and .netrc.
        return self._adapter.send(request, stream=True, timeout=self._timeout, verify=self._verify)

    def close(self) -> None:
        """Let go of what is open."""
        self._adapter.close()


class _Adapter(HTTPAdapter):
    """Takes its connections from a guard."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # passed on
        """Make every connection of every pool a guarded one."""
        super().init_poolmanager(*args, **kwargs)
        guard = self._guard

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return guard.connect(self._dns_host, self.port or 80)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return guard.connect(self._dns_host, self.port or 443)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def why(error: BaseException) -> str:
    """Say what went wrong in own words: the libraries' messages hold URLs, with all that is secret in them."""
    for one in _chain(error):
        for kinds, words in _WORDS:
            if isinstance(one, kinds):
                return words
        if isinstance(one, OSError) and one.strerror and not isinstance(one, requests.RequestException):
            return one.strerror
    return f"the transfer failed ({type(error).__name__})"


_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((ssl.SSLCertVerificationError,), "its certificate is not accepted"),
    ((socket.gaierror, UnicodeError), "the name of the host cannot be resolved"),
    ((TimeoutError, urllib3.exceptions.TimeoutError, requests.Timeout), "it did not answer in time"),
    ((ssl.SSLError,), "TLS could not be spoken with it"),
    ((urllib3.exceptions.IncompleteRead, HTTPIncomplete), "the connection ended before the data did"),
)


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception and all that led to it, the innermost first."""
    chain: list[BaseException] = []
    queue: list[BaseException] = [error]
    while queue and len(chain) < _MAX_CHAIN:
        one = queue.pop(0)
        chain.append(one)
        reasons = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        queue.extend(inner for inner in reasons if isinstance(inner, BaseException) and inner not in chain)
    return chain[::-1]


def is_lasting(error: BaseException) -> bool:
    """Tell whether the same is certain to happen again: no such host, a malformed URL, a bad certificate."""
    return any(
        isinstance(one, _LASTING) or (isinstance(one, socket.gaierror) and one.errno == socket.EAI_NONAME)
        for one in _chain(error)
    )


_LASTING = (
    ssl.SSLCertVerificationError,
    requests.exceptions.InvalidURL,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)
