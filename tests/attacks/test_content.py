"""Threats "content", "completeness" and "file types": what is in the data is not what was released."""

from __future__ import annotations

import io
import os
import socket
import stat
from types import SimpleNamespace

import pytest

FILE = "train/0002.csv"


def keep_times(path, change):
    """Change a file and put its times back."""
    before = path.stat()
    change(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def flip(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def append(path, more):
    path.write_bytes(path.read_bytes() + more)


def swap(first, second):
    held = first.with_name("held")
    first.rename(held)
    second.rename(first)
    held.rename(second)


def replace(path, make):
    path.unlink()
    make(path)


def to_directory(path):
    path.unlink()
    path.mkdir()


def make_socket(path):
    # The path of a socket is short by law; this one is relative.
    old = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(path.name)
    os.chdir(old)


def make_device(path):
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


CONTENT = {
    "a flipped bit, times restored": (lambda d: keep_times(d / FILE, flip), [FILE, "MODIFIED", "sha256"]),
    "truncated by one byte": (lambda d: os.truncate(d / FILE, (d / FILE).stat().st_size - 1), [FILE, "MODIFIED"]),
    "truncated to nothing": (lambda d: os.truncate(d / FILE, 0), [FILE, "MODIFIED"]),
    "appended": (lambda d: append(d / FILE, b"\n"), [FILE, "MODIFIED"]),
    "appended zeros": (lambda d: os.truncate(d / "empty", 1), ["empty", "MODIFIED"]),
    "two files swapped": (
        lambda d: swap(d / "train/0001.csv", d / FILE),
        ["train/0001.csv", FILE, "MODIFIED", "train/link.csv"],
    ),
    "renamed": (lambda d: (d / FILE).rename(d / "train/0003.csv"), [FILE, "MISSING", "train/0003.csv", "EXTRA"]),
    "renamed in case": (lambda d: (d / "README.md").rename(d / "readme.md"), ["README.md", "readme.md"]),
    "moved to another directory": (lambda d: (d / FILE).rename(d / "test/0002.csv"), [FILE, "test/0002.csv"]),
    "directory renamed": (lambda d: (d / "test").rename(d / "tests"), ["test/0001.jsonl", "tests/0001.jsonl"]),
    "line endings": (lambda d: (d / FILE).write_bytes((d / FILE).read_bytes().replace(b"\n", b"\r\n")), [FILE]),
    "byte order mark": (lambda d: (d / FILE).write_bytes(b"\xef\xbb\xbf" + (d / FILE).read_bytes()), [FILE]),
    "deleted": (lambda d: (d / FILE).unlink(), [FILE, "MISSING"]),
    "everything deleted": (
        lambda d: [path.unlink() for path in d.rglob("*") if not path.is_dir()],
        [FILE, "README.md", "MISSING"],
    ),
    "link points to another file": (
        lambda d: replace(d / "train/link.csv", lambda p: p.symlink_to("0002.csv")),
        ["train/link.csv", "the link points elsewhere", "0001.csv", "0002.csv"],
    ),
    "link with another text, same target": (
        lambda d: replace(d / "train/link.csv", lambda p: p.symlink_to("../train/0001.csv")),
        ["train/link.csv", "the link points elsewhere"],
    ),
    "link replaced by a copy": (
        lambda d: replace(d / "train/link.csv", lambda p: p.write_bytes((d / "train/0001.csv").read_bytes())),
        ["train/link.csv", "is a file, not the listed link"],
    ),
    "file replaced by a link to the same content": (
        lambda d: replace(d / "README.md", lambda p: ((d / "x").write_bytes(b"# penguins\n"), p.symlink_to("x"))),
        ["README.md", "is a link, the document lists a file"],
    ),
    "file replaced by a directory": (lambda d: to_directory(d / FILE), [FILE, "is a directory"]),
    "file replaced by a pipe": (lambda d: replace(d / FILE, os.mkfifo), [FILE, "a named pipe"]),
    "file replaced by a socket": (lambda d: replace(d / FILE, make_socket), [FILE, "a socket"]),
    "file replaced by a device": (lambda d: replace(d / FILE, make_device), [FILE, "a character device"]),
    "file replaced by a link to itself": (
        lambda d: replace(d / FILE, lambda p: p.symlink_to(p.name)),
        [FILE, "a link in a loop"],
    ),
}


@pytest.mark.parametrize("case", CONTENT)
def test_changed_content(attack, case):
    change, named = CONTENT[case]
    change(attack.data)
    attack.refused(*named)


def test_file_replaced_by_a_link_to_the_original_outside(attack):
    moved = attack.release.home / "outside.csv"
    attack.file(FILE).rename(moved)
    attack.file(FILE).symlink_to(moved)
    attack.refused(FILE, "a link to a file outside the dataset")
    attack.refused(FILE, more=("--follow-symlinks",))
    attack.refused(FILE, more=("--allow-extra",))


@pytest.mark.parametrize("more", [(), ("--follow-symlinks",), ("--allow-extra",), ("--allow-extra=train",)])
def test_directory_replaced_by_a_link_to_the_same_files(attack, more):
    moved = attack.release.home / "train"
    attack.file("train").rename(moved)
    attack.file("train").symlink_to(moved)
    attack.refused("train/0001.csv", more=more)


def test_directory_replaced_by_a_link_to_a_twin_inside(attack):
    attack.file("train").rename(attack.file("train2"))
    attack.file("train").symlink_to("train2")
    attack.refused("train/0001.csv", "MISSING", more=("--allow-extra", "--follow-symlinks"))


EXTRAS = {
    "plain": "evil.py",
    "hidden": ".evil",
    "zero bytes": "zero",
    "in .git": ".git/hooks/pre-commit",
    "in __pycache__": "train/__pycache__/x.cpython-311.pyc",
    "in a new directory": "new/deep/er/evil",
    "name of a listed file with a space": "README.md ",
    "case twin": "readme.MD",
    "normalisation twin": "nai\u0308ve/日本.txt",
    "prefix of a listed file": "train/0001",
    "a dash": "-",
    "looks like an option": "--allow-extra",
    "looks like a document": "penguins.cdx.json",
    "emoji": "🐧",
}


@pytest.mark.parametrize("case", EXTRAS)
def test_extra_file(attack, case):
    path = attack.file(EXTRAS[case])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"" if case == "zero bytes" else b"import os\n")
    ran = attack.refused("EXTRA", EXTRAS[case])
    assert "1 problem in 9 files" in ran.out


def test_copy_of_the_document_under_another_name(attack):
    attack.file("bom.json").write_bytes(attack.bom.read_bytes())
    attack.refused("EXTRA", "bom.json")


def test_document_inside_the_data_does_not_hide_a_copy_beside_it(attack):
    inside = attack.file("penguins.cdx.json")
    attack.bom.rename(inside)
    attack.file("penguins.cdx.json.bak").write_bytes(inside.read_bytes())
    ran = attack.cli("verify", inside, attack.data, "--public-key", attack.release.pub)
    assert ran.code == 1
    assert "EXTRA     penguins.cdx.json.bak" in ran.out


def test_document_given_by_a_link_from_outside_is_still_an_extra(attack):
    inside = attack.file("penguins.cdx.json")
    attack.bom.rename(inside)
    attack.bom.symlink_to(inside)
    attack.refused("EXTRA", "penguins.cdx.json")


def test_a_file_called_dash_is_no_document_on_standard_input(attack, monkeypatch):
    attack.file("-").write_bytes(b"evil")
    monkeypatch.chdir(attack.data)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(attack.bom.read_bytes())))
    ran = attack.cli("verify", "-", ".", "--public-key", attack.release.pub)
    assert ran.code == 1
    assert "EXTRA     -" in ran.out


def test_parent_of_a_link_does_not_hide_a_file_of_the_document_s_name(attack):
    """``data/sub/../x.json`` is what lies above the link's target; the file of that name in the data is an extra."""
    elsewhere = attack.release.home / "elsewhere" / "sub"
    elsewhere.mkdir(parents=True)
    attack.file("sub").symlink_to(elsewhere)
    attack.bom.rename(elsewhere.parent / "x.json")
    attack.file("x.json").write_bytes(b"evil")
    ran = attack.cli("verify", attack.data / "sub" / ".." / "x.json", attack.data, "--public-key", attack.release.pub)
    assert ran.code == 1
    assert "EXTRA     x.json" in ran.out


def test_document_that_is_a_listed_file(attack):
    """A document cannot list itself: whoever names a listed file as the document leaves that file unchecked."""
    listed = attack.file("README.md")
    listed.write_bytes(attack.bom.read_bytes())
    ran = attack.cli("verify", listed, attack.data, "--public-key", attack.release.pub)
    assert ran.code == 1
    assert "README.md" in ran.out


def test_rules_of_the_document_allow_nothing(attack):
    """``--exclude`` of the publisher is not ``--allow-extra`` of the caller."""
    bom = attack.release.home / "excluding.json"
    made = attack.cli(
        "generate",
        attack.data,
        "-o",
        bom,
        "--exclude",
        "*.log",
        "--exclude",
        "README.md",
        "--sign-key",
        attack.release.key,
    )
    assert made.code == 0, made.text
    attack.file("evil.log").write_bytes(b"x")
    ran = attack.cli("verify", bom, attack.data, "--public-key", attack.release.pub)
    assert ran.code == 1
    assert "evil.log" in ran.out
    assert "README.md" in ran.out


TYPES = {
    "pipe": (os.mkfifo, "a named pipe"),
    "socket": (make_socket, "a socket"),
    "device": (make_device, "a character device"),
    "link to nowhere": (lambda p: p.symlink_to("nowhere"), "a link that leads nowhere"),
    "link in a loop": (lambda p: p.symlink_to(p.name), "a link in a loop"),
    "link to outside": (lambda p: p.symlink_to("/etc/hostname"), "outside the dataset"),
    "link to a device outside": (lambda p: p.symlink_to("/dev/zero"), "a link to a character device"),
    "link to a directory inside": (lambda p: p.symlink_to("train"), "a link to a directory"),
    "link to a directory outside": (lambda p: p.symlink_to("/"), "a link to a directory"),
    "link to the data itself": (lambda p: p.symlink_to("."), "a link to a directory"),
}


@pytest.mark.parametrize("case", TYPES)
def test_what_no_inventory_may_hold(attack, case):
    make, reason = TYPES[case]
    if case == "link to outside" and not os.path.exists("/etc/hostname"):
        pytest.skip("there is no file that every system has")
    make(attack.file("thing"))
    ran = attack.refused("TYPE", "thing", reason)
    assert "explain files.type" in ran.out


@pytest.mark.parametrize("case", TYPES)
def test_generate_refuses_what_no_inventory_may_hold(attack, case):
    make, reason = TYPES[case]
    if case == "link to outside" and not os.path.exists("/etc/hostname"):
        pytest.skip("there is no file that every system has")
    make(attack.file("thing"))
    target = attack.release.home / "new.json"
    ran = attack.cli("generate", attack.data, "-o", target)
    assert ran.code == 1
    assert f"error: thing: {reason}" in ran.err or reason in ran.err
    assert not target.exists()


def test_only_does_not_hide_a_problem_of_type_or_name(attack):
    os.mkfifo(attack.file("pipe"))
    attack.refused("pipe", more=("--only", "train/*"))


def test_an_allowed_extra_never_stands_in_for_a_listed_file(attack):
    attack.file(FILE).unlink()
    os.mkfifo(attack.file(FILE))
    attack.refused(FILE, more=("--allow-extra", f"--allow-extra={FILE}"))


def test_links_are_followed_only_where_both_sides_follow_them(attack):
    """A document that was made without following links lists no file behind one, whatever the verifier allows."""
    outside = attack.release.home / "shared"
    outside.mkdir()
    attack.file("test/0001.jsonl").rename(outside / "0001.jsonl")
    attack.file("test").rmdir()
    attack.file("test").symlink_to(outside)
    attack.refused("test", "a link to a directory", more=("--follow-symlinks",))


def test_unreadable_directory_is_undecided(attack, monkeypatch):
    from sbom.inventory import files  # noqa: PLC0415  # patched here: root reads everything

    real = files.open_directory

    def closed(root_fd, path):
        if path == "train":
            raise PermissionError(13, "Permission denied")
        return real(root_fd, path)

    monkeypatch.setattr(files, "open_directory", closed)
    attack.refused("train", "Permission denied", code=3)


def test_unreadable_file_is_undecided(attack, monkeypatch):
    from sbom.inventory import files  # noqa: PLC0415  # patched here: root reads everything

    real = files.Opener.open

    def closed(self, path):
        if path == FILE:
            raise PermissionError(13, "Permission denied")
        return real(self, path)

    monkeypatch.setattr(files.Opener, "open", closed)
    attack.refused("UNREADABLE", FILE, "Permission denied", code=3)


def test_empty_dataset_is_a_failure(attack, tmp_path):
    empty = tmp_path / "nothing"
    empty.mkdir()
    ran = attack.cli("verify", attack.bom, empty, "--public-key", attack.release.pub)
    assert ran.code == 1
    assert "MISSING" in ran.out
    ran = attack.cli("generate", empty, "-o", tmp_path / "x.json")
    assert ran.code == 1
    assert "holds no file to describe" in ran.err


def test_data_of_another_single_file(attack, tmp_path):
    single = tmp_path / "one.csv"
    single.write_bytes(b"1\n")
    bom = tmp_path / "one.json"
    made = attack.cli("generate", single, "-o", bom, "--sign-key", attack.release.key)
    assert made.code == 0
    other = tmp_path / "two.csv"
    other.write_bytes(b"1\n")
    ran = attack.cli("verify", bom, other, "--public-key", attack.release.pub)
    assert ran.code == 1
    assert "one.csv" in ran.out
    assert "two.csv" in ran.out


def test_nothing_is_opened_outside_the_data(attack, monkeypatch):
    """Not even to say what a link leads to: every open() of the walk and the hashing is below the root's descriptor."""
    secret = attack.release.home / "secret"
    secret.mkdir()
    (secret / "0001.csv").write_bytes(attack.file("train/0001.csv").read_bytes())
    attack.file("train/0001.csv").unlink()
    attack.file("train/0001.csv").symlink_to(secret / "0001.csv")
    attack.file("peek").symlink_to(secret)
    identity = {(secret.stat().st_dev, secret.stat().st_ino)}
    identity.add(((secret / "0001.csv").stat().st_dev, (secret / "0001.csv").stat().st_ino))
    opened = []
    real = os.open

    def watched(path, flags, mode=0o777, *, dir_fd=None):
        fd = real(path, flags, mode, dir_fd=dir_fd)
        found = os.fstat(fd)
        opened.append((found.st_dev, found.st_ino))
        return fd

    monkeypatch.setattr(os, "open", watched)
    attack.refused("train/0001.csv", "peek", more=("--jobs", "1"))
    assert opened
    assert not identity & set(opened)


@pytest.mark.parametrize("form", ["table", "json", "sarif", "markdown", "junit", "github"])
def test_every_format_names_the_file_and_fails(attack, form):
    flip(attack.file(FILE))
    ran = attack.verify("-f", form, code=1)
    assert FILE in ran.out
