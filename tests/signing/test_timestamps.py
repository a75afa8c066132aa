from __future__ import annotations

import importlib
import socket
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("rfc3161_client", reason="install the extra timestamp")
pytest.importorskip("asn1crypto", reason="install the extra hsm: the authority of these tests is made with its ASN.1")

import pki
import rfc3161_client.verify
from asn1crypto import tsp
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pki import ALWAYS, CODE, DAY, NOW, STAMPS, YEAR, Authority, Stamper, authority

from sbom.errors import MissingExtraError, SignatureError, UndecidedError, UsageError
from sbom.signing import timestamps

MESSAGE = b"the bytes of a signature"
STAMPER = Stamper(time=NOW)
ROOTS = (STAMPER.above.der,)
LATER = NOW + DAY


def refusal(response: bytes, message: bytes = MESSAGE, roots: tuple[bytes, ...] = ROOTS, now: datetime = LATER) -> str:
    with pytest.raises(SignatureError) as refused:
        timestamps.verify(response, message, roots, now)
    return refused.value.message


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_good_timestamp(algorithm):
    assert timestamps.verify(STAMPER.of(MESSAGE, algorithm), MESSAGE, ROOTS, LATER) == NOW
    assert timestamps.verify(Stamper().of(MESSAGE), MESSAGE, ROOTS).tzinfo is UTC


def test_below_an_intermediate_authority_in_any_order():
    middle = Authority("middle", authority("stamps"))
    stamper = Stamper(middle, time=NOW)
    for chain in ((stamper.der, middle.der), (middle.der, stamper.der), (stamper.der, middle.der, ROOTS[0])):
        assert timestamps.verify(stamper.of(MESSAGE, certificates=chain), MESSAGE, ROOTS, LATER) == NOW
    assert "does not verify with a given" in refusal(stamper.of(MESSAGE, certificates=(stamper.der,)))


# -- what is stamped ----------------------------------------------------------------------------------------------------


def test_a_timestamp_of_something_else():
    """Swapped from another signature: it is by the right authority, and about other bytes."""
    assert refusal(STAMPER.of(b"another signature")) == "is about something else"
    assert refusal(STAMPER.of(MESSAGE), b"another signature") == "is about something else"
    assert refusal(STAMPER.of(MESSAGE), b"") == "is about something else"


@pytest.mark.parametrize("algorithm", ["sha1", "md5", "sha224"])
def test_weak_hash_functions(algorithm):
    assert refusal(STAMPER.of(MESSAGE, algorithm)) == "uses a weak or unknown hash function"


@pytest.mark.parametrize("status", [2, 3, 4, 5])  # rejection, waiting, revocation
def test_what_was_not_granted(status):
    assert refusal(STAMPER.of(MESSAGE, status=status)) == "does not grant a timestamp"


def test_an_exchanged_content_does_not_verify():
    """The token's content is about our bytes, its signature about others."""
    assert "does not verify with a given" in refusal(STAMPER.of(MESSAGE, signed=b"something else"))


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"{}", b"\x00" * 100])
def test_what_is_no_response(data):
    assert refusal(data) in {"is no timestamp response (RFC 3161)", "does not grant a timestamp"}


def test_an_unknown_status_and_a_large_response():
    good = bytearray(STAMPER.of(MESSAGE))
    at = good.index(b"\x30\x03\x02\x01\x00")
    good[at + 4] = 77
    assert refusal(bytes(good)) == "does not grant a timestamp"
    assert "more than 262,144 bytes" in refusal(b"\x30" * (timestamps.MAX_SIZE + 1))


def test_a_flipped_bit_in_what_is_signed_is_refused():
    good = STAMPER.of(MESSAGE)
    start = good.index(tsp.TSTInfo.load(_content(good)).dump())
    for position in range(start, start + len(_content(good)), 3):
        broken = bytearray(good)
        broken[position] ^= 1
        assert refusal(bytes(broken))


def _content(response: bytes) -> bytes:
    token = tsp.TimeStampResp.load(response)["time_stamp_token"]
    content: bytes = token["content"]["encap_content_info"]["content"].parsed.dump()
    return content


# -- who stamps ---------------------------------------------------------------------------------------------------------


def test_an_authority_that_is_not_given():
    other = Stamper(authority("other"), time=NOW)
    assert "does not verify with a given" in refusal(other.of(MESSAGE))
    assert "does not verify with a given" in refusal(other.of(MESSAGE, certificates=(other.der, other.above.der)))
    twin = Stamper(Authority("stamps"), time=NOW)
    assert "does not verify with a given" in refusal(twin.of(MESSAGE))


def test_an_authority_that_vouches_for_itself(monkeypatch):
    """A self-signed certificate in the response; nor is it one by the rules when the signature is believed."""
    alone = Stamper(time=NOW)
    own = Authority(
        "alone", key=alone.key, ca=False, usages=pki.SIGNS, more=((x509.ExtendedKeyUsage(list(STAMPS)), True),)
    )
    alone.der = own.der
    assert "does not verify with a given" in refusal(alone.of(MESSAGE))
    monkeypatch.setattr(rfc3161_client.verify._Verifier, "verify_message", lambda *_: True)
    assert refusal(alone.of(MESSAGE)) == "has a path that does not end in a given root"
    assert refusal(alone.of(MESSAGE), roots=(own.der,)).startswith("is its own root")


def test_a_signer_is_found_though_its_authority_is_of_another_kind(monkeypatch):
    """Each of the two checks refuses on its own."""
    other = Stamper(authority("other"), time=NOW)
    monkeypatch.setattr(rfc3161_client.verify._Verifier, "verify_message", lambda *_: True)
    assert refusal(other.of(MESSAGE)) == "has a path that does not end in a given root"
    late = Stamper(time=NOW, valid=(NOW - YEAR, NOW - DAY))
    assert "expired at" in refusal(late.of(MESSAGE), now=NOW + YEAR)


@pytest.mark.parametrize(
    ("eku", "critical"),
    [
        (STAMPS, False),
        (CODE, True),
        ((*STAMPS, *CODE), True),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), True),
        ((), False),
    ],
)
def test_a_certificate_that_is_not_for_timestamps_only(eku, critical):
    stamper = Stamper(time=NOW, eku=eku, critical=critical)
    assert refusal(stamper.of(MESSAGE)) in {
        "has a signature that does not verify with a given timestamp authority",
        "is not for this usage only (a critical extendedKeyUsage)",
        "is for another usage (extendedKeyUsage)",
    }


def test_a_certificate_that_may_not_sign():
    stamper = Stamper(time=NOW, usages=pki.usage("key_encipherment"))
    assert refusal(stamper.of(MESSAGE))


@pytest.mark.parametrize("valid", [(NOW - YEAR, NOW - DAY), (NOW + DAY, NOW + YEAR)])
def test_certificates_are_valid_at_the_time_that_is_stated(valid):
    stamper = Stamper(time=NOW, valid=valid)
    assert "does not verify with a given" in refusal(stamper.of(MESSAGE), now=NOW + 2 * YEAR)
    root = Authority("r", time=valid)
    assert "does not verify with a given" in refusal(
        Stamper(root, time=NOW).of(MESSAGE), roots=(root.der,), now=NOW + 2 * YEAR
    )


def test_certificates_may_have_expired_since():
    stamper = Stamper(time=NOW, valid=(NOW - YEAR, NOW + DAY))
    assert timestamps.verify(stamper.of(MESSAGE), MESSAGE, ROOTS, NOW + 10 * YEAR) == NOW


def test_which_certificate_signed_has_to_be_clear():
    for changes in ({"certificates": ()}, {"signers": 2}, {"signers": 0}, {"certificates": (ROOTS[0],)}):
        assert refusal(STAMPER.of(MESSAGE, **changes)) in {
            "has not exactly one signer with 1 to 10 certificates",
            "does not hold the certificate of its signer",
        }


def test_rules_of_paths_hold_for_authorities_too():
    """OpenSSL alone would accept this one: what it is constrained to does not concern the authority's certificate."""
    constraints = x509.NameConstraints([x509.DNSName("acme.example")], None)
    root = Authority("r", more=((constraints, True),))
    assert "has name constraints" in refusal(Stamper(root, time=NOW).of(MESSAGE), roots=(root.der,))


def test_a_time_in_the_future():
    ahead = NOW - timedelta(minutes=5)
    assert timestamps.verify(STAMPER.of(MESSAGE), MESSAGE, ROOTS, ahead) == NOW
    message = refusal(STAMPER.of(MESSAGE), now=ahead - timedelta(seconds=1))
    assert message == "states a time in the future: 2026-06-01T12:00:00Z"


# -- asking -------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _direct(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_an_authority_is_asked():
    stamper = Stamper()
    with pki.served(pki.reply_of(stamper)) as url:
        response = timestamps.request(url, MESSAGE)
    stamped = timestamps.verify(response, MESSAGE, ROOTS)
    assert abs(stamped - datetime.now(UTC)) < timedelta(minutes=5)


def _constant(status: int, kind: str, body: bytes, **headers: str) -> Any:
    return lambda _: (status, {"Content-Type": kind, **headers}, body)


REPLY = "application/timestamp-reply"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (_constant(500, REPLY, b""), "answered with status 500"),
        (_constant(200, "text/html", b"<p>"), r"answered with status 200 \(text/html\)"),
        (_constant(302, REPLY, b"", Location="http://127.0.0.1:1/"), "answered with status 302"),
        (_constant(200, REPLY, b"x"), "the answer of the timestamp authority is no timestamp response"),
        (_constant(200, REPLY, b"x" * (timestamps.MAX_SIZE + 1)), "answered with more than 262,144 bytes"),
        (_constant(200, REPLY, STAMPER.of(MESSAGE, "sha512")), r"answered another request \(nonce\)"),
        (_constant(200, REPLY, STAMPER.of(b"x")), "is about something else"),
        (pki.reply_of(STAMPER, status=2), "does not grant a timestamp"),
    ],
)
def test_answers_that_are_none(answer, message):
    with pki.served(answer) as url, pytest.raises(UndecidedError, match=message) as undecided:
        timestamps.request(url, MESSAGE)
    assert undecided.value.path == url


def test_nobody_is_there():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(UndecidedError, match="cannot be reached"):
            timestamps.request(url, MESSAGE)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "is no address"),
        ("ftp://example.org/", "is no address"),
        ("file:///etc/passwd", "is no address"),
        ("http://", "is no address"),
        ("http://[::1", "is no address"),
        ("http://x:99999/", "is no address"),
        ("https://me:secret@example.org/", "holds a password"),
    ],
)
def test_addresses(url, message):
    with pytest.raises(UsageError, match=message) as wrong:
        timestamps.request(url, MESSAGE)
    assert "secret" not in str(wrong.value)


def test_passwords_of_other_places_are_not_sent(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen = []
    with pki.served(pki.reply_of(Stamper()), seen.append) as url:
        timestamps.request(url, MESSAGE)
    assert [headers.get("Authorization") for headers in seen] == [None]


def test_without_the_extra(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "rfc3161_client"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(MissingExtraError, match="timestamps need rfc3161-client") as missing:
        timestamps.verify(STAMPER.of(MESSAGE), MESSAGE, ROOTS)
    assert missing.value.hint == "install it: pip install 'data-sbom[timestamp]'"
    with pytest.raises(MissingExtraError):
        timestamps.request("http://127.0.0.1:1/", MESSAGE)


def test_importing_it_loads_no_extra():
    assert "rfc3161_client" not in vars(importlib.import_module("sbom.signing.timestamps"))
    assert ALWAYS[0] < NOW < ALWAYS[1]
