"""Git LFS pointers: found by content, strictly read, and never taken for the data."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given as having
from hypothesis import strategies as st

from sbom.manifests import lfs, registry
from sbom.manifests.interface import Given
from sbom.manifests.reading import Reading
from sbom.provenance import ABSENT, MALFORMED

OID = hashlib.sha256(b"the data").hexdigest()
GOOD = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 8\n".encode()


class One(Given):
    """A file alone."""

    def __init__(self, data):
        self.path, self.directory, self.root_name, self._data = "a/model.bin", "a", "r", data

    def data(self, limit=1 << 20):
        return self._data[:limit]

    def head(self, limit):
        return self._data[:limit]

    other = exists = size = below = link = resolve = None


def read(data):
    reading = Reading()
    lfs.READER.read(One(data), reading)
    return reading


@pytest.fixture
def lone(monkeypatch):
    monkeypatch.setattr(registry, "MODULES", ("lfs", "checksums"))


@pytest.mark.parametrize("url", lfs.URLS)
def test_a_pointer_of_each_name_of_the_specification(url):
    data = GOOD.replace(b"https://git-lfs.github.com/spec/v1", url.encode())
    assert lfs.is_pointer(data)
    assert lfs.parse(data) == (OID, 8)
    assert read(data).version == url


def test_what_is_declared():
    reading = read(GOOD)
    assert reading.declared == [("a/model.bin", "SHA-256", OID, "L2", 8, None)]
    assert reading.problems == []


def test_extensions_come_before_the_oid_and_move_it():
    data = GOOD.replace(b"oid ", b"ext-0-foo sha256:" + b"0" * 64 + b"\noid ")
    assert lfs.parse(data) == (OID, 8)
    assert read(data).declared[0].pointer == "L3"


@pytest.mark.parametrize("data", [GOOD.replace(b"\n", b"\r\n"), GOOD.removesuffix(b"\n")])
def test_line_ends_of_a_careless_checkout_are_told_and_taken(data):
    reading = read(data)
    assert reading.declared == [("a/model.bin", "SHA-256", OID, "L2", 8, None)]
    assert "line feed" in reading.problems[0].message


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b"size 8", b"size 08"),
        GOOD.replace(b"size 8", b"size -8"),
        GOOD.replace(b"size 8", b"size 8.0"),
        GOOD.replace(b"size 8", b"size  8"),
        GOOD.replace(b"size 8", b"size \xd9\xa8"),
        GOOD.replace(b"size 8\n", b""),
        GOOD.replace(b"sha256:", b"sha512:"),
        GOOD.replace(b"sha256:", b""),
        GOOD.replace(OID.encode(), OID.upper().encode()),
        GOOD.replace(OID.encode(), OID[1:].encode()),
        GOOD.replace(b"spec/v1", b"spec/v2"),
        GOOD.replace(b"spec/v1", b"spec/v1 "),
        GOOD + b"\n",
        GOOD + b"zzz\n",
        GOOD + b"extra 1\n",
        GOOD + b"size 9\n",
        GOOD + b"version https://git-lfs.github.com/spec/v1\n",
        GOOD + b"Zed 1\n",
        GOOD.replace(b"size 8", b"size 8\rsize 9"),
        b"version https://git-lfs.github.com/spec/v1\nsize 8\noid sha256:" + OID.encode() + b"\n",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"version https://git-lfs.github.com/spec/",
        GOOD.replace(b"oid", b"oid\x00"),
        GOOD.replace(b"size 8", b"size 8\xff"),
    ],
)
def test_a_malformed_pointer_declares_nothing_good(data):
    assert lfs.is_pointer(data)
    assert lfs.parse(data) is None
    reading = read(data)
    assert [one.state for one in reading.declared] == [MALFORMED]
    assert "malformed" in reading.problems[0].message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n" + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        b"Version https://git-lfs.github.com/spec/v1\n",
        b"version https://git-lfs.github.com.evil.example/spec/v1\n",
        GOOD + b"#" * (lfs.MAX_SIZE - len(GOOD)),
    ],
)
def test_what_is_no_pointer(data):
    assert not lfs.is_pointer(data)
    assert lfs.parse(data) is None


def test_the_largest_pointer_has_1023_bytes():
    ends = b"\nx-pad "
    data = GOOD.removesuffix(b"\n") + ends + b"y" * (1023 - len(GOOD) - len(ends)) + b"\n"
    assert len(data) == 1023
    assert lfs.parse(data) == (OID, 8)
    assert lfs.parse(data.replace(b"x-pad ", b"x-pad y")) is None


def test_data_behind_a_pointer_is_absent_even_under_a_name_that_other_readers_know(crawl, lone):
    found = crawl({"model.bin": GOOD, "copy.sha256": f"{OID}  model.bin\n"})
    entry = next(one for one in found.crawled.entries if one.path == "model.bin")
    assert {(one.state, one.manifest) for one in entry.declared} == {(ABSENT, "copy.sha256"), (ABSENT, "model.bin")}
    assert found.crawled.mismatches == ()


def test_a_pointer_to_itself_is_not_a_match(crawl, lone):
    """The digest of the pointer's own bytes, declared elsewhere, says nothing of the data."""
    found = crawl({"model.bin": GOOD})
    (declaration,) = found.crawled.entries[0].declared
    assert declaration.state == ABSENT
    assert declaration.value == OID != hashlib.sha256(GOOD).hexdigest()


@having(st.binary(max_size=1100))
def test_no_bytes_raise(data):
    lfs.parse(data)
    read(b"version https://git-lfs.github.com/spec/v1\n" + data)


@having(st.integers(0, len(GOOD) - 1), st.binary(max_size=3))
def test_changed_pointers_are_read_or_reported(index, change):
    data = GOOD[:index] + change + GOOD[index + 1 :]
    reading = read(data)
    known = lfs.parse(data)
    assert len(reading.declared) == 1
    assert (reading.declared[0].state is None) == (known is not None)
    if known is not None:
        assert len(known[0]) == 64
        assert f"size {known[1]}".encode() in data


@having(st.binary(min_size=32, max_size=32), st.integers(0, 10**15))
def test_what_is_written_is_read(digest, size):
    data = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest.hex()}\nsize {size}\n".encode()
    assert lfs.parse(data) == (digest.hex(), size)
