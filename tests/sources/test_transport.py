"""Which socket is opened: attacks by names, by redirects, by certificates, and by servers that never end."""

from __future__ import annotations

import socket

import pytest
from webserver import Web, certificate, drip, redirect, reply

from sbom.errors import UsageError
from sbom.sources import addresses, transport
from sbom.sources.errors import FetchError, RedirectRefusedError


def read(http, url):
    with http.get(addresses.parse(url)) as answer:
        return b"".join(answer.chunks(1 << 20))


@pytest.fixture
def dialed(monkeypatch):
    """Where connections would have gone to; none is made."""
    seen = []

    def dial(self, family, kind, protocol, address):
        seen.append(address[0])
        raise ConnectionRefusedError(111, "not in a test")

    monkeypatch.setattr(transport.Guard, "_dial", dial)
    return seen


def resolve(monkeypatch, *answers):
    """Let the resolver give one list of addresses after the other; return how often it was asked."""
    asked = []

    def getaddrinfo(host, port, *args, **kwargs):
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answers[min(len(asked), len(answers)) - 1]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "localhost",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "0",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ),
        *("169.254.169.254", "2852039166", "10.0.0.1", "[fe80::1]", "[64:ff9b::7f00:1]", "[::ffff:169.254.169.254]"),
    ],
)
def test_no_private_address_is_connected_to_whatever_it_is_called(http, dialed, host):
    with pytest.raises(UsageError, match="will not be connected to") as caught:
        read(http(allow_private=False), f"http://{host}/x")
    assert "--allow-private" in caught.value.hint
    assert dialed == []


def test_a_name_is_resolved_once_and_its_checked_address_is_dialed(http, dialed, monkeypatch):
    asked = resolve(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(FetchError):
        read(http(allow_private=False, retries=0), "http://rebind.example/x")
    assert (asked, dialed) == (["rebind.example"], ["93.184.216.34"])


def test_a_second_attempt_checks_anew(http, dialed, monkeypatch):
    resolve(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    client = http(allow_private=False)
    with pytest.raises(UsageError, match=r"rebind\.example leads to 127\.0\.0\.1, which is a loopback"):
        client.persistently(lambda: read(client, "http://rebind.example/x"))
    assert dialed == ["93.184.216.34"]


def test_one_private_address_among_public_ones_is_enough(http, dialed, monkeypatch):
    resolve(monkeypatch, ["93.184.216.34", "::ffff:10.0.0.1"])
    with pytest.raises(UsageError, match=r"::ffff:10\.0\.0\.1"):
        read(http(allow_private=False), "http://mixed.example/x")
    assert dialed == []


def test_the_peer_of_the_open_socket_is_checked_too(http, web, monkeypatch):
    web.routes["x"] = lambda request: [reply(b"secret")]
    resolve(monkeypatch, ["93.184.216.34"])

    def astray(self, family, kind, protocol, address):
        sock = socket.socket()
        sock.connect(("127.0.0.1", web.port))
        return sock

    monkeypatch.setattr(transport.Guard, "_dial", astray)
    with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
        read(http(allow_private=False), f"http://public.example:{web.port}/x")
    assert web.requests == []


@pytest.mark.parametrize(
    "location",
    [
        *("http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://[::1]/", "http://0/"),
        *("//10.0.0.1/x", "http://[::ffff:10.0.0.1]/", "http://localhost6.localdomain6.invalid@127.0.0.2/"),
    ],
)
@pytest.mark.usefixtures("only_here")
def test_no_redirect_to_a_private_address_is_followed(http, web, location):
    web.routes["x"] = redirect(location)
    with pytest.raises(RedirectRefusedError, match="redirects to a host that will not be connected to") as caught:
        read(http(allow_private=False), web.url("x"))
    assert caught.value.exit_code == 1


def test_neither_proxy_nor_netrc_nor_cookies_take_part(http, web, monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    web.routes["x"] = lambda request: [reply(b"", 302, Location="/y", Set_Cookie="a=b")]
    web.routes["y"] = lambda request: [reply(b"there")]
    assert read(http(), web.url("x")) == b"there"
    assert [request.headers.keys() & {"authorization", "cookie"} for request in web.requests] == [set(), set()]
    assert {request.headers["accept-encoding"] for request in web.requests} == {"identity"}


def test_a_login_is_for_the_first_hop_only(http, web):
    web.routes |= {"x": redirect("/y"), "y": redirect(f"http://other:login@127.0.0.1:{web.port}/z")}
    web.routes["z"] = lambda request: [reply(b"there")]
    assert read(http(), f"http://me:secret@127.0.0.1:{web.port}/x") == b"there"
    assert [request.headers.get("authorization") for request in web.requests] == ["Basic bWU6c2VjcmV0", None, None]


@pytest.fixture
def secure(tmp_path, monkeypatch):
    """A server with a certificate for good.test, which leads to it as bad.test does."""
    context, trusted = certificate(tmp_path, "good.test")
    server = Web(context)
    server.routes["x"] = lambda request: [reply(b"there")]
    resolve(monkeypatch, ["127.0.0.1"])
    yield server, trusted
    server.close()


def test_tls_names_and_verifies_the_host_although_the_address_is_pinned(http, secure):
    server, trusted = secure
    assert read(http(ca_file=trusted), server.url("x", "good.test")) == b"there"
    assert server.names == ["good.test"]
    assert server.requests[0].headers["host"] == f"good.test:{server.port}"


@pytest.mark.parametrize("host", ["bad.test", "127.0.0.1"])
def test_a_certificate_of_another_host_is_not_accepted_and_not_tried_again(http, secure, waits, host):
    server, trusted = secure
    client = http(ca_file=trusted)
    with pytest.raises(FetchError, match="certificate is not accepted"):
        client.persistently(lambda: read(client, server.url("x", host)))
    assert (server.requests, waits) == ([], [])


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(http, secure, monkeypatch):
    server, trusted = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", trusted)
    monkeypatch.setenv("CURL_CA_BUNDLE", trusted)
    with pytest.raises(FetchError, match="certificate is not accepted"):
        read(http(), server.url("x", "good.test"))


@pytest.mark.parametrize("allow", [False, True])
def test_a_downgrade_is_followed_only_where_permitted(http, secure, web, allow):
    server, trusted = secure
    web.routes["y"] = lambda request: [reply(b"plain")]
    server.routes["x"] = redirect(web.url("y"))
    client = http(ca_file=trusted, allow_downgrade=allow)
    if allow:
        assert read(client, server.url("x", "good.test")) == b"plain"
    else:
        with pytest.raises(RedirectRefusedError, match="from https to http"):
            read(client, server.url("x", "good.test"))
        assert web.requests == []


@pytest.mark.parametrize(
    "start",
    [
        pytest.param([b"HTTP/1.1 200 OK\r\nX-Endless: "], id="header"),
        pytest.param([reply(b"", length=10**6)], id="body"),
        pytest.param([reply(b"", length=False, Transfer_Encoding="chunked"), b"0\r\nT: "], id="trailer"),
        pytest.param([b""], id="status"),
    ],
)
def test_a_server_that_sends_next_to_nothing_is_given_up(http, web, start):
    web.routes["x"] = lambda request: drip(*start)
    with pytest.raises(FetchError, match=r"too slow|did not answer|cannot be fetched"):
        read(http(timeout=0.4), web.url("x"))


def test_endless_interim_answers_are_given_up(http, web):
    def forever(request):
        while True:
            yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100

    web.routes["x"] = forever
    with pytest.raises(FetchError):
        read(http(timeout=0.4), web.url("x"))


def test_silence_is_given_up(http, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(FetchError, match=r"too slow|did not answer"):
        read(http(timeout=0.3), f"http://127.0.0.1:{silent.getsockname()[1]}/x")


def test_a_host_that_cannot_be_resolved(http, monkeypatch, waits):
    def fail(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    client = http()
    with pytest.raises(FetchError, match="name of the host cannot be resolved"):
        client.persistently(lambda: read(client, "http://nowhere.example/x"))
    assert waits == []


def test_a_label_that_is_too_long_is_no_crash(http):
    with pytest.raises(FetchError):
        read(http(), f"http://{'a' * 70}.example/x")


def test_the_words_of_a_failure_hold_no_secret(http, web):
    url = f"http://me:secret@127.0.0.1:{web.port}/x?token=secret"
    web.close()
    with pytest.raises(FetchError) as caught:
        read(http(), url)
    assert "secret" not in str(caught.value)
