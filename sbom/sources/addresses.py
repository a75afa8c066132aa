"""Which URLs are fetched, which addresses may be connected to, and what of a URL may be shown and recorded.

Documents name URLs, and servers redirect. Whoever fetches must not thereby be made to talk to machines that others
cannot reach: the own one, those of the own network, and the metadata services of a cloud.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit, urlunsplit

from sbom.errors import UsageError

_SCHEMES = {"http": 80, "https": 443}
_MAX_URL = 8_000
_MAX_PORT = 65_535
_BAD = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff\\<>\"{}|^`]")

_V4_REFUSED = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        # IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast (RFC 5771), reserved (RFC 1112).
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        # A public address that is the host's own agent on the machines of one cloud.
        "168.63.129.16/32",
    )
)
#: Global unicast (RFC 4291, section 2.4; IANA assigns from it only); all other addresses are refused.
_V6_GLOBAL = ipaddress.IPv6Network("2000::/3")
#: Special-purpose parts of it: protocol assignments with Teredo, documentation, documentation.
_V6_REFUSED = tuple(ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
#: The well-known prefix of NAT64 (RFC 6052): machines without IPv4 reach every IPv4 host by it.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_6TO4 = ipaddress.IPv6Network("2002::/16")

#: Query parameters whose values open doors: access tokens, and the signatures of pre-signed URLs.
_SECRETS = frozenset(
    {
        *(
            "x-amz-signature",
            "x-amz-credential",
            "x-amz-security-token",
            "awsaccesskeyid",
            "signature",
            "sig",
            "policy",
        ),
        *(
            "x-goog-signature",
            "x-goog-credential",
            "googleaccessid",
            "token",
            "access_token",
            "auth_token",
            "jwt",
            "sas",
        ),
        *("api_key", "apikey", "api-key", "key", "password", "passwd", "secret", "client_secret", "authorization"),
    }
)
_HIDDEN = "REDACTED"


class Target(NamedTuple):
    """A URL that may be asked for.

    :param url: without user, password and fragment.
    :param login: user and password that the caller wrote into it.
    :param fragment: what followed ``#``.
    """

    url: str
    scheme: str
    host: str
    login: tuple[str, str] | None = None
    fragment: str = ""

    @property
    def shown(self) -> str:
        """The URL as it may be shown and recorded."""
        return public(self.url)


def parse(url: str) -> Target:
    """Take a URL apart.

    :raises UsageError: when it is not an absolute http or https URL with a host.
    """
    if not url or len(url) > _MAX_URL or _BAD.search(url):
        raise _unusable(url, "it is empty, too long, or holds characters that no URL has")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _unusable(url, "its host or port is malformed") from None
    if parts.scheme not in _SCHEMES:
        raise _unusable(url, "only http and https URLs can be fetched")
    if not host or port == 0 or "%" in host:
        raise _unusable(url, "its host or port is malformed")
    login = None
    if parts.username is not None or parts.password is not None:
        login = unquote(parts.username or ""), unquote(parts.password or "")
    clean = urlunsplit((parts.scheme, _location(parts), parts.path, parts.query, ""))
    return Target(clean, parts.scheme, host, login, parts.fragment)


def _location(parts: SplitResult) -> str:
    """Return host and port, without user and password."""
    return parts.netloc.rpartition("@")[2]


def _unusable(url: str, why: str) -> UsageError:
    return UsageError(f"cannot be fetched: {why}", path=public(url) or "the URL", hint="correct the URL")


def refusal(address: str) -> str | None:
    """Say why an address is not to be connected to; ``None`` when it may be.

    :param address: IPv4 or IPv6, as the resolver or a socket says it.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "is no IP address"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed in _MAPPED or parsed in _NAT64:
            parsed = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        elif parsed in _6TO4:
            parsed = ipaddress.IPv4Address((int(parsed) >> 80) & 0xFFFFFFFF)
    if isinstance(parsed, ipaddress.IPv4Address):
        if not any(parsed in network for network in _V4_REFUSED):
            return None
    elif parsed in _V6_GLOBAL and not any(parsed in network for network in _V6_REFUSED):
        return None
    return f"is {_kind(parsed)} address"


def _kind(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    for holds, words in (
        (address.is_loopback, "a loopback"),
        (address.is_unspecified, "an unspecified"),
        (address.is_link_local, "a link-local"),
        (address.is_multicast, "a multicast"),
        (address.is_private, "a private"),
    ):
        if holds:
            return words
    return "a special-purpose"


def public(url: str) -> str:
    """Return a URL as it may be shown and recorded: without user and password, and with secret parameters hidden."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    query = "&".join(_hidden(part) for part in parts.query.split("&"))
    return urlunsplit((parts.scheme, _location(parts), parts.path, query, ""))


def _hidden(part: str) -> str:
    name, mark, _ = part.partition("=")
    return f"{name}={_HIDDEN}" if mark and unquote_plus(name).lower() in _SECRETS else part


def same_place(first: str, second: str) -> bool:
    """Tell whether two URLs differ in their query at most: servers that redirect often sign each answer anew."""
    one, other = urlsplit(first), urlsplit(second)
    return (one.scheme, one.netloc, one.path) == (other.scheme, other.netloc, other.path)


def last_segment(url: str) -> str:
    """Return the last segment of a URL's path, decoded; what is not UTF-8 stays encoded."""
    segment = urlsplit(url).path.rpartition("/")[2]
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        return segment
