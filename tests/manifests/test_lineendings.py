from __future__ import annotations

import hashlib
import os

import pytest

from sbom.errors import UnstableError
from sbom.inventory import files, take, walk
from sbom.manifests import lineendings
from sbom.manifests.given import Inventory


@pytest.fixture
def converted(tmp_path):
    def run(content: bytes, algorithm: str = "SHA-256", meanwhile=lambda path: None):
        path = tmp_path / "data" / "f.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        place = walk.locate(str(path.parent))
        root_fd = files.open_root(place.root)
        try:
            inventory = Inventory(root_fd, take.walk(place, root_fd, walk.Options()).files)
            meanwhile(path)
            try:
                return lineendings.digests(inventory, "f.txt", algorithm)
            finally:
                inventory.close()
        finally:
            os.close(root_fd)

    return run


@pytest.mark.parametrize("content", [b"a\nb\n", b"a\r\nb\r\n", b"a\nb\r\nc\r", b"", b"\n" * 3, b"x" * 9 + b"\r"])
def test_both_ways(converted, content):
    unix = content.replace(b"\r\n", b"\n")
    expected = {hashlib.sha256(unix).hexdigest(), hashlib.sha256(unix.replace(b"\n", b"\r\n")).hexdigest()}
    assert set(converted(content)) == expected


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_a_line_end_across_two_reads(converted, monkeypatch, chunk):
    monkeypatch.setattr(lineendings, "_CHUNK", chunk)
    content = b"a\r\nb\rc\n\r\n"
    unix = content.replace(b"\r\n", b"\n")
    assert hashlib.sha256(unix).hexdigest() in converted(content)


def test_git_hashes_the_converted_size(converted):
    unix = b"one\ntwo\n"
    assert hashlib.sha1(b"blob 8\0" + unix, usedforsecurity=False).hexdigest() in converted(
        b"one\r\ntwo\r\n", "git-blob-SHA-1"
    )


def test_a_binary_file_has_no_lines(converted):
    assert converted(b"a\n\0b\n") == ()


def test_a_file_that_changed_is_not_compared(converted):
    with pytest.raises(UnstableError, match="changed before"):
        converted(b"a\n", meanwhile=lambda path: path.write_bytes(b"another\n"))
