"""A web server on loopback that can be told to misbehave: it sends exactly the bytes that a route yields."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

DATE = "Mon, 05 Jan 2026 10:00:00 GMT"


@dataclass
class Request:
    """What was asked: path with query, and headers by lower-case name."""

    path: str
    headers: dict[str, str]


def reply(body=b"", status=200, *, length=True, **headers):
    """Return an answer as bytes; ``_`` in the name of a header is ``-``."""
    lines = [f"HTTP/1.1 {status} X", f"Date: {DATE}"]
    if length:
        lines.append(f"Content-Length: {len(body) if length is True else length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirect(location, status=302):
    return lambda request: [reply(b"elsewhere", status, Location=location)]


def serve(data, **headers):
    """Return a route that knows ranges, as RFC 9110 has it: If-Range must fit, or the whole comes."""

    def route(request):
        start = request.headers.get("range", "").removeprefix("bytes=").rstrip("-")
        wanted = request.headers.get("if-range")
        if start and wanted in {None, headers.get("ETag"), headers.get("Last_Modified")}:
            told = f"bytes {start}-{len(data) - 1}/{len(data)}"
            return [reply(data[int(start) :], 206, Content_Range=told, **headers)]
        return [reply(data, **headers)]

    return route


def cut(data, after, **headers):
    """Return a route that promises all and sends a part."""
    return lambda request: [reply(data[:after], length=len(data), **headers)]


def drip(*first):
    """Yield some bytes, and then one after the other for as long as somebody listens."""
    yield from first
    while True:
        time.sleep(0.02)
        yield b"x"


@dataclass
class Web:
    """The server. A route is a function of the request, or a list of them for one request after the other."""

    tls: ssl.SSLContext | None = None
    routes: dict[str, Callable[[Request], Iterable[bytes]] | list] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def __post_init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        if self.tls is not None:
            self.tls.sni_callback = lambda sock, name, context: self.names.append(name)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path="", host="127.0.0.1"):
        return f"{'http' if self.tls is None else 'https'}://{host}:{self.port}/{path}"

    def close(self):
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self):
        with suppress(OSError):
            while True:
                sock, _ = self._socket.accept()
                thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock):
        with suppress(OSError), sock:
            sock.settimeout(10)
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
            with sock:
                self._answer(sock)

    def _answer(self, sock):
        head = b""
        while b"\r\n\r\n" not in head:
            part = sock.recv(65536)
            if not part:
                return
            head += part
        first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        request = Request(first.split(" ")[1], headers)
        self.requests.append(request)
        route = self.routes.get(request.path.lstrip("/"), lambda request: [reply(b"no", 404)])
        if isinstance(route, list):
            route = route.pop(0) if len(route) > 1 else route[0]
        for part in route(request):
            sock.sendall(part)


def certificate(directory: Path, host: str) -> tuple[ssl.SSLContext, str]:
    """Make a certificate for a host; return the server's context, and a file for clients that trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = directory / "server.pem", directory / "server.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, str(public)
