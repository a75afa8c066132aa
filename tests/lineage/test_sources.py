from __future__ import annotations

import hashlib

import pytest

from sbom.errors import UsageError
from sbom.lineage.digesting import Digests
from sbom.lineage.sources import sources
from sbom.provenance import BY_OPTION, Source
from sbom.sources import record
from sbom.transformation import OBSERVED, Edge, Step, Word

URL = "https://example.org/a.csv"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def reads(name: str, digest: str | None) -> Step:
    return Step("clean", "x", inputs=(Edge(name, (Word(OBSERVED),), digest, 3),))


def retrieval(path: str, data: bytes) -> record.Retrieval:
    return record.Retrieval(URL, URL, "2026-11-01T00:00:00Z", path, len(data), sha256(data), 200, etag='"x"')


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "raw" / "deep").mkdir(parents=True)
    (tmp_path / "raw" / "deep" / "a.csv").write_bytes(b"raw")
    return tmp_path


def found(workspace, steps=(), said=()):
    with Digests(str(workspace), "", {}) as digests:
        return sources(steps, str(workspace), said, digests)


def test_the_callers_word_has_the_digest_of_the_file(workspace):
    assert found(workspace, said=[("raw/deep/a.csv", URL)]) == (
        Source(URL, BY_OPTION, path="raw/deep/a.csv", digests=(("SHA-256", sha256(b"raw")),), size=3),
    )


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("none.csv", URL),
        ("../a.csv", URL),
        ("/etc/passwd", URL),
        ("raw", URL),
        ("raw/deep/a.csv", "a.csv"),
        ("raw/deep/a.csv", "http://a b"),
    ],
)
def test_the_caller_is_wrong(workspace, name, url):
    with pytest.raises(UsageError):
        found(workspace, said=[(name, url)])


@pytest.mark.parametrize("place", ["raw/deep", "raw", ""])
def test_records_of_downloads_are_found_above_the_file(workspace, place):
    path = "raw/deep/a.csv"[len(place) + 1 if place else 0 :]
    (workspace / place / record.FILE_NAME).write_bytes(record.dump((retrieval(path, b"raw"),)))
    (one,) = found(workspace, [reads("raw/deep/a.csv", sha256(b"raw"))])
    assert (one.url, one.path, one.retrieved, one.etag) == (URL, "raw/deep/a.csv", "2026-11-01T00:00:00Z", '"x"')
    assert one.manifest == (f"{place}/{record.FILE_NAME}" if place else record.FILE_NAME)


def test_a_download_of_other_bytes_is_no_source(workspace):
    (workspace / "raw" / record.FILE_NAME).write_bytes(record.dump((retrieval("deep/a.csv", b"other"),)))
    assert found(workspace, [reads("raw/deep/a.csv", sha256(b"raw"))]) == ()
    assert found(workspace, [reads("raw/deep/a.csv", None)]) == ()


def test_what_a_step_wrote_needs_no_source(workspace):
    (workspace / record.FILE_NAME).write_bytes(record.dump((retrieval("raw/deep/a.csv", b"raw"),)))
    edge = Edge("raw/deep/a.csv", (Word(OBSERVED),), sha256(b"raw"), 3)
    assert found(workspace, [Step("get", "x", outputs=(edge,)), Step("clean", "x", inputs=(edge,))]) == ()


def test_what_is_no_record_is_left_alone(workspace):
    (workspace / record.FILE_NAME).write_text("[]")
    (workspace / "raw" / record.FILE_NAME).mkdir()
    assert found(workspace, [reads("raw/deep/a.csv", sha256(b"raw"))]) == ()
