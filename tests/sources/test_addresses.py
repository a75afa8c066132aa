from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.errors import UsageError
from sbom.sources import addresses

REFUSED = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
    *("240.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "168.63.129.16", "192.88.99.1"),
    *(
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
    ),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a9fe:a9fe::1"),
    *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1", "4000::1", "5f00::1"),
    *("", "localhost", "0x7f000001", "2130706433", "0177.0.0.1", "127.1"),
]
PERMITTED = [
    *(
        "1.1.1.1",
        "93.184.216.34",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "192.0.1.1",
        "223.255.255.255",
    ),
    *(
        "2606:2800:220:1:248:1893:25c8:1946",
        "2a00:1450:4001::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "2002:101:101::1",
    ),
]


@pytest.mark.parametrize("address", REFUSED)
def test_special_addresses_are_refused(address):
    assert addresses.refusal(address)


@pytest.mark.parametrize("address", PERMITTED)
def test_public_addresses_are_permitted(address):
    assert addresses.refusal(address) is None


@given(st.ip_addresses())
def test_what_python_calls_not_global_is_refused(address):
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is None and not address.is_global and address not in ipaddress.ip_network("64:ff9b::/96"):
        assert addresses.refusal(str(address)) is not None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_disguise(address):
    number = int(address)
    alone = addresses.refusal(str(address)) is None
    for disguise in ((0xFFFF << 32) | number, (0x64FF9B << 96) | number, (0x2002 << 112) | (number << 80) | 1):
        assert (addresses.refusal(str(ipaddress.IPv6Address(disguise))) is None) is alone


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "x",
            "//host/x",
            "file:///etc/passwd",
            "ftp://host/x",
            "javascript:1",
            "http://",
            "http:///x",
            "https://:80/",
        ),
        *("http://host:0/", "http://host:99999/", "http://host:x/", "http://[::1/", "http://[fe80::1%25eth0]/x"),
        *("http://a b/", "http://a\\@b/", "http://a/\n", "http://a/\x00", "http://a/\ud800", "http://a/" + "x" * 9000),
    ],
)
def test_what_is_no_url_to_fetch_is_refused(url):
    with pytest.raises(UsageError, match="cannot be fetched"):
        addresses.parse(url)


def test_a_url_is_taken_apart():
    target = addresses.parse("HTTPS://us%40er:p%3Aw@Host.example:8443/a%20b?x=1#sha256=ab")
    assert target == ("https://Host.example:8443/a%20b?x=1", "https", "host.example", ("us@er", "p:w"), "sha256=ab")
    assert addresses.parse("http://host").login is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@host/x", "https://host/x"),
        ("https://u@host/x#f", "https://host/x"),
        ("https://a@b@host/x", "https://host/x"),
        ("https://host/x?a=1&X-Amz-Signature=s&b", "https://host/x?a=1&X-Amz-Signature=REDACTED&b"),
        ("https://host/x?%74oken=s", "https://host/x?%74oken=REDACTED"),
        ("https://host/x?download=true&v=%26", "https://host/x?download=true&v=%26"),
        ("https://[::1", ""),
    ],
)
def test_nothing_secret_is_shown(url, shown):
    assert addresses.public(url) == shown


@given(st.text(st.characters(codec="ascii", exclude_characters="@/?#[]\\:"), min_size=8))
def test_no_password_survives(password):
    assert f"{password}@" not in addresses.public(f"https://user:{password}@host/x")


def test_places_are_compared_without_their_query():
    assert addresses.same_place("https://h/a?sig=1", "https://h/a?sig=2")
    assert not addresses.same_place("https://h/a", "https://h/b")
    assert not addresses.same_place("https://h/a", "http://h/a")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/a/b.csv?x=/y", "b.csv"),
        ("http://h/%C3%A4", "ä"),
        ("http://h/%FF", "%FF"),
        ("http://h/a%2Fb", "a/b"),
        ("http://h", ""),
    ],
)
def test_last_segment(url, name):
    assert addresses.last_segment(url) == name
