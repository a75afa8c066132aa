"""Redirects, statuses, lengths and pauses."""

from __future__ import annotations

import pytest
from webserver import cut, redirect, reply

from sbom.errors import LimitError, UsageError
from sbom.sources import addresses, client
from sbom.sources.client import Policy
from sbom.sources.errors import FetchError, RedirectRefusedError, TransientError


def read(http, url, limit=1 << 20, **headers):
    with http.get(addresses.parse(url), headers) as answer:
        return answer, b"".join(answer.chunks(limit))


def test_redirects_are_followed_and_remembered(http, web):
    web.routes |= {"a": redirect("/b?token=t", 301), "b?token=t": redirect("c#frag", 308)}
    web.routes["c"] = lambda request: [reply(b"x", ETag='"1"', Content_Type="text/csv")]
    answer, body = read(http(), web.url("a"))
    assert body == b"x"
    assert answer.redirects == (web.url("b?token=REDACTED"), web.url("c"))
    assert answer.final_url == web.url("c")
    assert (answer.header("ETag"), answer.header("Content-Type"), answer.header("Nope")) == ('"1"', "text/csv", None)


def test_ten_redirects_are_followed_and_no_more(http, web):
    for number in range(11):
        web.routes[str(number)] = redirect(f"/{number + 1}")
    web.routes["10"] = lambda request: [reply(b"x")]
    assert read(http(), web.url("0"))[1] == b"x"
    web.routes["10"] = redirect("/11")
    with pytest.raises(FetchError, match="more than 10 times"):
        read(http(), web.url("0"))


def test_a_loop_of_redirects_ends(http, web):
    web.routes["a"] = redirect("/a")
    with pytest.raises(FetchError, match="or in a loop"):
        read(http(), web.url("a"))
    assert len(web.requests) == 11


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://h/x", "http://:80", "http://[", "javascript:alert(1)", "data:,x", "http://a\\@b/"],
)
def test_redirects_to_other_things_are_refused(http, web, location):
    web.routes["a"] = redirect(location)
    with pytest.raises(RedirectRefusedError, match="no http or https URL"):
        read(http(), web.url("a"))


def test_a_redirect_without_a_place_is_refused(http, web):
    web.routes["a"] = lambda request: [reply(b"", 302)]
    with pytest.raises(RedirectRefusedError, match="to nowhere"):
        read(http(), web.url("a"))


def test_the_body_of_a_redirect_is_not_read(http, web):
    def endless(request):
        yield reply(b"", 302, length=10**12, Location="/b")
        while True:
            yield b"x" * 65536

    web.routes |= {"a": endless, "b": lambda request: [reply(b"there")]}
    assert read(http(), web.url("a"))[1] == b"there"


@pytest.mark.parametrize("status", [201, 204, 300, 304, 400, 401, 403, 404, 410, 416, 501])
def test_other_statuses_are_final(http, web, waits, status):
    web.routes["a"] = lambda request: [reply(b"", status)]
    one = http()
    with pytest.raises(FetchError, match=f"answers {status}"):
        one.persistently(lambda: read(one, web.url("a")))
    assert waits == []


def test_a_part_that_nobody_asked_for_is_refused(http, web):
    web.routes["a"] = lambda request: [reply(b"x", 206, Content_Range="bytes 0-0/9")]
    with pytest.raises(FetchError, match="answers 206"):
        read(http(), web.url("a"))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_it_is_tried_again_with_growing_pauses(http, web, waits, status):
    web.routes["a"] = [*[lambda request: [reply(b"", status)]] * 3, lambda request: [reply(b"x")]]
    one = http()
    assert one.persistently(lambda: read(one, web.url("a")))[1] == b"x"
    assert waits == [1.0, 2.0, 4.0]


def test_it_is_not_tried_for_ever(http, web, waits):
    web.routes["a"] = lambda request: [reply(b"", 500)]
    one = http(retries=9)
    with pytest.raises(FetchError, match=r"answers 500 \(tried 10 times\)"):
        one.persistently(lambda: read(one, web.url("a")))
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 120.0, 120.0]


def test_retry_after_is_obeyed(http, web, waits):
    web.routes["a"] = [
        lambda request: [reply(b"", 429, Retry_After="7")],
        lambda request: [reply(b"", 503, Retry_After="Thu, 01 Jan 1970 00:00:00 GMT")],
        lambda request: [reply(b"", 503, Retry_After="soon")],
        lambda request: [reply(b"x")],
    ]
    one = http()
    assert one.persistently(lambda: read(one, web.url("a")))[1] == b"x"
    assert waits == [7.0, 0.0, 4.0]


@pytest.mark.parametrize("after", ["121", "99999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_waits_for_hours(http, web, waits, after):
    web.routes["a"] = lambda request: [reply(b"", 429, Retry_After=after)]
    one = http()
    with pytest.raises(FetchError) as caught:
        one.persistently(lambda: read(one, web.url("a")))
    assert "asks to wait" in caught.value.hint
    assert waits == []


def test_bytes_come_as_they_were_sent(http, web):
    packed = b"\x1f\x8b not really gzip"
    web.routes["a"] = lambda request: [reply(packed, Content_Encoding="gzip")]
    assert read(http(), web.url("a"))[1] == packed


def test_chunks_are_put_together(http, web):
    head = reply(b"", length=False, Transfer_Encoding="chunked")
    web.routes["a"] = lambda request: [head, b"3\r\nabc\r\n", b"2;x=y\r\nde\r\n", b"0\r\n\r\n"]
    answer, body = read(http(), web.url("a"))
    assert (body, answer.length, answer.delimited) == (b"abcde", None, True)


@pytest.mark.parametrize("rest", [b"", b"2\r\nd", b"zz\r\n", b"-5\r\nhello\r\n"])
def test_chunks_that_end_too_early_are_no_success(http, web, rest):
    head = reply(b"", length=False, Transfer_Encoding="chunked")
    web.routes["a"] = lambda request: [head, b"3\r\nabc\r\n", rest]
    with pytest.raises(TransientError):
        read(http(), web.url("a"))


def test_a_body_that_ends_too_early_is_no_success(http, web):
    web.routes["a"] = cut(b"abcdef", 3)
    with pytest.raises(TransientError, match="ended before the data did"):
        read(http(), web.url("a"))


def test_what_comes_after_the_end_is_no_part_of_it(http, web):
    web.routes["a"] = lambda request: [reply(b"abcdef", length=3)]
    assert read(http(), web.url("a"))[1] == b"abc"


def test_a_body_of_unknown_length_is_said_to_be_one(http, web):
    web.routes["a"] = lambda request: [reply(b"abc", length=False)]
    answer, body = read(http(), web.url("a"))
    assert (body, answer.delimited) == (b"abc", False)


@pytest.mark.parametrize("length", ["3, 5", "-3", "+3", "x", "9" * 30, "3.0"])
def test_lengths_that_make_no_sense(http, web, length):
    web.routes["a"] = lambda request: [reply(b"abc", length=length)]
    with pytest.raises(FetchError):
        read(http(), web.url("a"))


def test_an_unknown_transfer_coding_is_refused(http, web):
    web.routes["a"] = lambda request: [reply(b"abc", length=False, Transfer_Encoding="gzip, chunked")]
    with pytest.raises(FetchError, match="transfer coding"):
        read(http(), web.url("a"))


def test_the_limit_is_kept_by_what_is_said(http, web):
    web.routes["a"] = lambda request: [reply(b"", length=10**12)]
    with pytest.raises(LimitError, match="has 1,000,000,000,000 bytes; at most 100"):
        read(http(), web.url("a"), 100)
    web.routes["a"] = lambda request: [reply(b"x" * 100)]
    assert len(read(http(), web.url("a"), 100)[1]) == 100


@pytest.mark.parametrize("chunked", [False, True])
def test_the_limit_is_kept_by_what_comes(http, web, chunked):
    def endless(request):
        yield reply(b"", length=False, **({"Transfer_Encoding": "chunked"} if chunked else {}))
        for _ in range(800):  # 50 MiB: enough to tell
            yield (b"10000\r\n" if chunked else b"") + b"x" * 65536 + (b"\r\n" if chunked else b"")

    web.routes["a"] = endless
    with pytest.raises(LimitError, match="has more than 1,000,000 bytes"):
        read(http(), web.url("a"), 1_000_000)


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"\r\n\r\n", b"HELLO\r\n\r\n", b"HTTP/9.9 abc\r\n\r\n", b"\x00" * 100, b"HTTP/1.1 99999 X\r\n\r\n"),
        *(
            b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
            b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
        ),
    ],
)
def test_what_is_no_http_is_no_crash(http, web, raw):
    web.routes["a"] = lambda request: [raw]
    with pytest.raises(FetchError):
        read(http(), web.url("a"))


@pytest.mark.parametrize("value", ["a\x07b", "ä", "x" * 2000])
def test_headers_that_cannot_be_recorded_are_left_out(http, web, value):
    web.routes["a"] = lambda request: [reply(b"x", ETag=value)]
    assert read(http(), web.url("a"))[0].header("ETag") is None


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.1"])
def test_written_addresses_are_refused_before_anything_is_done(host):
    target = addresses.parse(f"http://{host}/x")
    with pytest.raises(UsageError, match="will not be connected to"):
        client.refuse_written(target, Policy())
    client.refuse_written(target, Policy(allow_private=True))


@pytest.mark.parametrize("host", ["1.1.1.1", "example.org", "[2606:4700::1111]", "1.2.3"])
def test_others_are_left_to_the_connection(host):
    client.refuse_written(addresses.parse(f"http://{host}/x"), Policy())
