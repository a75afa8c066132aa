from __future__ import annotations

import os

import pytest

from sbom.lineage import workspace
from sbom.lineage.interface import MAX_SIZE, ScriptError
from sbom.lineage.workspace import Directory, decode, find


@pytest.fixture
def home(tmp_path):
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    (tmp_path / "outside").symlink_to("/etc")
    (tmp_path / "link.py").symlink_to(tmp_path / "src" / "a.py")
    os.mkfifo(tmp_path / "pipe.py")
    return tmp_path


def test_a_text_is_read(home):
    with Directory(str(home)) as directory:
        assert directory.text("src/a.py") == "x = 1\n"
        (home / "src" / "a.py").write_text("changed")
        assert directory.text("src/a.py") == "x = 1\n"


@pytest.mark.parametrize(
    "path",
    [
        "none.py",
        "src",
        "link.py",
        "pipe.py",
        "outside/hostname",
        "../x",
        "/etc/hostname",
        "a/../src/a.py",
        "",
        "src/a.py\0",
    ],
)
def test_what_is_no_file_of_the_workspace_is_not_read(home, path):
    with Directory(str(home)) as directory:
        with pytest.raises(ScriptError):
            directory.text(path)
        assert not directory.is_file(path)


def test_a_large_file_is_not_read(home):
    (home / "large.py").write_bytes(b"#" * (MAX_SIZE + 1))
    (home / "fits.py").write_bytes(b"#" * MAX_SIZE)
    with Directory(str(home)) as directory:
        with pytest.raises(ScriptError, match="at most"):
            directory.text("large.py")
        assert len(directory.text("fits.py")) == MAX_SIZE


def test_kinds(home):
    with Directory(str(home)) as directory:
        assert directory.is_file("src/a.py") and not directory.is_directory("src/a.py")
        assert directory.is_directory("src") and directory.is_directory("src/") and directory.is_directory("")
        assert not directory.is_directory("outside") and not directory.is_directory("none")


def test_listings(home, monkeypatch):
    with Directory(str(home)) as directory:
        assert directory.listing("src") == ["a.py", "deep"]
        assert directory.listing("src/") == ["a.py", "deep"]
        assert "src" in directory.listing("") and "src" in directory.listing(".")
        for path in ("none", "outside", "../", "src/a.py", "/etc"):
            assert directory.listing(path) == ()
        monkeypatch.setattr(workspace, "MAX_LISTED", 1)
        assert directory.listing("src") == ["a.py"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("é".encode(), "é"),
        (b"# -*- coding: latin-1 -*-\n\xe9", "# -*- coding: latin-1 -*-\né"),
        (
            b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n\x80",
            "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n€",
        ),
        (b"\xef\xbb\xbfx", "x"),
        ("x".encode("utf-16"), "x"),
        (b"a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_encodings(data, text):
    assert decode(data) == text


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\xff", b"\x80", b"# coding: none-such\n", b"# coding: hex\n", b"# coding: utf-7\n\x80"]
)
def test_what_is_no_text(data):
    with pytest.raises(ScriptError):
        decode(data)


def test_finding_leaves_out_caches_and_environments(home):
    for path in (
        ".git/x.py",
        "venv/x.py",
        "env/pyvenv.cfg",
        "env/x.py",
        "node_modules/x.py",
        ".dvc/cache/x.py",
        "src/deep/b.py",
        "conf/base/c.yml",
    ):
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("")
    assert sorted(find(str(home))) == ["conf/base/c.yml", "src/a.py", "src/deep/b.py"]
    assert sorted(find(str(home), skip=str(home / "src"))) == ["conf/base/c.yml"]


def test_finding_is_bounded(home, monkeypatch):
    monkeypatch.setattr(workspace, "MAX_DIRECTORIES", 1)
    assert list(find(str(home))) == []


def test_finding_ends_in_a_loop_of_links(home):
    (home / "src" / "loop").symlink_to(home)
    assert sorted(find(str(home))) == ["src/a.py"]


def test_few_texts_are_kept(home, monkeypatch):
    monkeypatch.setattr(workspace, "_KEPT", 1)
    with Directory(str(home)) as directory:
        directory.text("src/a.py")
        (home / "src" / "a.py").write_text("changed")
        assert directory.text("src/a.py") == "changed"


def test_a_file_that_grows_while_it_is_read(home, monkeypatch):
    (home / "grows.py").write_bytes(b"#" * 10)
    monkeypatch.setattr(workspace, "MAX_SIZE", 10)
    real = os.read
    monkeypatch.setattr(workspace.os, "read", lambda fd, room: real(fd, room) or b"#")
    with Directory(str(home)) as directory, pytest.raises(ScriptError, match="more than 10 bytes"):
        directory.text("grows.py")


def test_what_fails_while_it_is_read(home, monkeypatch):
    def fails(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(workspace.os, "read", fails)
    monkeypatch.setattr(workspace.os, "listdir", fails)
    with Directory(str(home)) as directory:
        with pytest.raises(ScriptError, match="Input/output error"):
            directory.text("src/a.py")
        assert directory.listing("src") == ()


def test_directories_that_cannot_be_read_or_named_hold_no_scripts(home, monkeypatch):
    (home / "odd\n").mkdir()
    (home / "odd\n" / "b.py").touch()
    real = os.scandir

    def scandir(path):
        if path.endswith("deep"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(workspace.os, "scandir", scandir)
    assert sorted(find(str(home))) == ["src/a.py"]
