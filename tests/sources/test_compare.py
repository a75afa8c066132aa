"""Fetching again: what is compared with what, and how much is read at most."""

from __future__ import annotations

import hashlib

import pytest
from webserver import cut, reply, serve

from sbom.errors import LimitError
from sbom.provenance import Source
from sbom.sources import compare
from sbom.sources.errors import FetchError

DATA = b"penguins" * 1000
OTHER = b"puffins!" * 1000


def sha(data, name="sha256"):
    return hashlib.new(name, data).hexdigest()


def again(http, *sources, contents=None, **options):
    (one,) = compare.select(sources, contents or {}).recorded
    return compare.compare(one, http(), lambda done, total: None, **options)


def test_the_same_bytes_are_the_same(web, http):
    web.routes["a"] = serve(DATA, ETag='"1"')
    digests = (
        *(
            ("MD5", sha(DATA, "md5")),
            ("SHA-1", sha(DATA, "sha1")),
            ("SHA-256", sha(DATA)),
            ("SHA-512", sha(DATA, "sha512")),
        ),
        *(("SHA3-256", sha(DATA, "sha3_256")), ("BLAKE2b-256", hashlib.blake2b(DATA, digest_size=32).hexdigest())),
        ("XXH64", "0" * 16),
    )
    got = again(http, Source(web.url("a"), "m", digests=digests, size=len(DATA)))
    assert (got.differs, got.size, got.etag) == ((), len(DATA), '"1"')


def test_other_bytes_are_told_with_both_digests(web, http):
    web.routes["a"] = serve(OTHER)
    got = again(http, Source(web.url("a"), "m", digests=(("SHA-256", sha(DATA)),), size=len(DATA)))
    assert got.differs == (("SHA-256", sha(DATA), sha(OTHER)),)


@pytest.mark.parametrize("algorithm", sorted(compare._ALGORITHMS))
def test_every_algorithm_is_compared(web, http, algorithm):
    web.routes["a"] = serve(DATA)
    got = again(http, Source(web.url("a"), "m", digests=((algorithm, "0" * 32),)))
    assert [what for what, _, _ in got.differs] == [algorithm]


def test_all_that_manifests_say_of_one_url_must_hold(web, http):
    web.routes["a"] = serve(DATA)
    good = Source(web.url("a"), "m", digests=(("SHA-256", sha(DATA)),), size=8000)
    bad = Source(web.url("a#fragment"), "n", digests=(("MD5", "0" * 32),), size=9)
    assert [what for what, _, _ in again(http, good, bad).differs] == ["MD5", "size"]
    assert len(web.requests) == 1


def test_what_a_source_became_is_compared_where_it_has_no_digest(web, http):
    web.routes["a"] = serve(OTHER)
    source = Source(web.url("a"), "m", path="x")
    assert again(http, source, contents={"x": sha(DATA)}).differs == (("SHA-256", sha(DATA), sha(OTHER)),)
    own = source._replace(digests=(("SHA-256", sha(OTHER)),))
    assert again(http, own, contents={"x": sha(DATA)}).differs == ()


def test_what_cannot_be_compared_is_named():
    sources = [
        *(
            Source("s3://b/k", "m", digests=(("SHA-256", "0" * 64),)),
            Source("https://h/a", "m"),
            Source("http://[", "m"),
        ),
        *(Source("https://h/b", "m", digests=(("XXH64", "0" * 16),)), Source("https://h/c", "m", path="gone")),
        *(Source("HTTPS://h/d", "m", path="x"), Source("urn:x:y", "m")),
    ]
    got = compare.select(sources, {"x": "0" * 64})
    assert got.unrecorded == ("https://h/a", "https://h/b", "https://h/c")
    assert got.other == ("s3://b/k", "http://[", "urn:x:y")
    assert [one.source.url for one in got.recorded] == ["HTTPS://h/d"]


def test_a_cut_connection_is_no_split_view(web, http, waits):
    web.routes["a"] = [cut(DATA, 100), cut(DATA, 0), serve(DATA)]
    source = Source(web.url("a"), "m", digests=(("SHA-256", sha(DATA)),))
    assert again(http, source).differs == ()
    assert len(waits) == 2
    web.routes["a"] = lambda request: [reply(DATA[:100], length=False)]
    with pytest.raises(FetchError, match="ended before"):
        again(http, source._replace(size=len(DATA)))


@pytest.mark.parametrize("told", [True, False])
def test_no_more_is_read_than_tells_that_it_differs(web, http, monkeypatch, told):
    sent = []

    def endless(request):
        yield reply(b"", length=10**12 if told else False)
        while True:
            sent.append(1)
            yield b"x" * 65536

    monkeypatch.setattr(compare, "_SLACK", 1 << 20)
    web.routes["a"] = endless
    got = again(http, Source(web.url("a"), "m", digests=(("SHA-256", sha(DATA)),), size=len(DATA)))
    assert got.differs == (("size", str(len(DATA)), str(10**12) if told else f"more than {len(DATA) + (1 << 20)}"),)
    web.close()
    assert len(sent) < 1000


def test_without_a_size_it_is_undecided_at_the_limit(web, http):
    web.routes["a"] = serve(DATA)
    source = Source(web.url("a"), "m", digests=(("SHA-256", sha(DATA)),))
    with pytest.raises(LimitError):
        again(http, source, max_size=100)
    with pytest.raises(LimitError):
        again(http, source._replace(size=len(DATA)), max_size=100)
