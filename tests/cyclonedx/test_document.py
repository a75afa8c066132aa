"""Reading a document's bytes: bounded, regular files only, and exactly what is there."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import sys

import pytest

from sbom.cyclonedx import document as documents
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import LimitError, NotADocumentError, UnreadableError, UsageError


def test_exact_bytes_and_their_digest(tmp_path):
    path = tmp_path / "d.json"
    path.write_bytes(b'{ "a" : 1 }')
    raw = documents.read_bytes(str(path), Limits())
    assert raw == (str(path), b'{ "a" : 1 }')
    document = documents.parse(raw, Limits())
    assert document == documents.load(str(path))
    assert document.sha256 == hashlib.sha256(b'{ "a" : 1 }').hexdigest() == raw.sha256
    assert document.tree == {"a": 1}


def test_text():
    document = documents.Document("p", "s", {"name": "x", "version": 1})
    assert [document.text(key) for key in ("name", "version", "missing")] == ["x", "", ""]


def test_through_a_link(tmp_path):
    (tmp_path / "d.json").write_bytes(b"{}")
    (tmp_path / "link").symlink_to("d.json")
    assert documents.load(str(tmp_path / "link")).tree == {}


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_up_to_the_limit(tmp_path, size):
    (tmp_path / "d").write_bytes(b"x" * size)
    assert len(documents.read_bytes(str(tmp_path / "d"), Limits(size=100)).data) == size


def test_above_the_limit_is_not_read_whole(tmp_path, monkeypatch):
    with (tmp_path / "d").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(LimitError, match="larger than 1,000 bytes"):
        documents.read_bytes(str(tmp_path / "d"), Limits(size=1000))


@pytest.mark.parametrize("size", [5, 1000])
def test_standard_input(monkeypatch, size):
    class Stdin:
        buffer = io.BytesIO(b"x" * size)

    monkeypatch.setattr(sys, "stdin", Stdin)
    if size == 5:
        assert documents.read_bytes("-", Limits(size=10)) == ("-", b"x" * 5)
    else:
        with pytest.raises(LimitError):
            documents.read_bytes("-", Limits(size=10))
        assert Stdin.buffer.tell() == 11


@pytest.mark.parametrize("path", ["missing", "file/x", "nul\0", ""])
def test_no_such_document(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="no such document"):
        documents.load(path)


def test_not_a_regular_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", os.devnull):
        with pytest.raises(NotADocumentError, match="not a regular file"):
            documents.load(str(path))


def test_a_directory(tmp_path):
    with pytest.raises((NotADocumentError, UnreadableError)):
        documents.load(str(tmp_path))


def test_unreadable(tmp_path, monkeypatch):
    def refused(*args):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(UnreadableError, match="Permission denied"):
        documents.load(str(tmp_path / "d"))


def test_error_while_reading(tmp_path, monkeypatch):
    (tmp_path / "d").write_bytes(b"{}")
    real = os.fdopen

    class Broken:
        def __init__(self, stream):
            self.stream = stream

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.stream.close()

        def read(self, _size):
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdopen", lambda *args, **kw: Broken(real(*args, **kw)))
    with pytest.raises(UnreadableError, match="Input/output error"):
        documents.load(str(tmp_path / "d"))
