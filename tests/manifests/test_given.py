"""What readers are given: bounded bytes, and paths that never leave what the manifest speaks for."""

from __future__ import annotations

import hashlib
import os
import socket

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sbom import names
from sbom.errors import UnstableError, UsageError
from sbom.inventory import files, take, walk
from sbom.inventory.walk import Node, Place
from sbom.manifests.errors import ManifestError
from sbom.manifests.given import Inside, Inventory, Opened, Outside, named

TREE = {"a": b"aaaa", "d/a": b"1", "d/b/c": b"22", "d.x": b"", "d0": b"", "e": b""}


@pytest.fixture
def place(tmp_path):
    root = tmp_path / "root"
    for path, content in TREE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return walk.locate(str(root))


@pytest.fixture
def inventory(place):
    root_fd = files.open_root(place.root)
    found = Inventory(root_fd, take.walk(place, root_fd, walk.Options(follow_symlinks=True)).files)
    yield found
    found.close()
    os.close(root_fd)


class TestInventory:
    def test_below(self, inventory):
        assert list(inventory.below("d")) == ["d/a", "d/b/c"]
        assert list(inventory.below("d/b")) == ["d/b/c"]
        assert list(inventory.below("")) == sorted(TREE)
        assert list(inventory.below("a")) == list(inventory.below("z")) == []

    def test_reading_is_bounded(self, inventory):
        assert inventory.read("a", 4) == b"aaaa"
        assert inventory.read("a", 3, whole=False) == b"aaa"
        assert inventory.read("a", 0, whole=False) == b""
        with pytest.raises(ManifestError, match="has 4 bytes; at most 3 are read"):
            inventory.read("a", 3)

    @pytest.mark.parametrize("path", ["gone", "d", "", "../root/a", "/etc/passwd", "./a", "\0"])
    def test_only_files_of_the_inventory_are_read(self, inventory, path):
        with pytest.raises(ManifestError, match="is not a file of the dataset"):
            inventory.read(path, 10)

    def test_a_file_that_was_removed(self, inventory, place):
        os.remove(f"{place.root}/a")
        with pytest.raises(ManifestError, match="cannot be read: No such file"):
            inventory.read("a", 10)

    @pytest.mark.parametrize("where", ["a", "d/a"])
    def test_a_link_that_took_a_place_is_not_followed(self, inventory, place, tmp_path, where):
        (tmp_path / "secret").write_bytes(b"aaaa")
        if where == "a":
            os.remove(f"{place.root}/a")
            os.symlink(tmp_path / "secret", f"{place.root}/a")
        else:
            os.rename(f"{place.root}/d", tmp_path / "moved")
            os.symlink(tmp_path / "moved", f"{place.root}/d")
        with pytest.raises(ManifestError, match="cannot be read"):
            inventory.read(where, 10)

    def test_another_file_in_its_place(self, inventory, place):
        os.rename(f"{place.root}/d/a", f"{place.root}/a")
        with pytest.raises(UnstableError, match="changed before"):
            inventory.read("a", 10)

    def test_a_file_that_changes_while_it_is_read(self, inventory, place):
        with pytest.raises(UnstableError, match="changed while"), inventory.opened("a") as fd:
            assert os.read(fd, 9) == b"aaaa"
            with open(f"{place.root}/a", "ab") as stream:
                stream.write(b"more")

    def test_a_file_that_ends_early(self, inventory, monkeypatch):
        monkeypatch.setattr("sbom.manifests.given._read", lambda fd, limit: b"a")
        with pytest.raises(UnstableError, match="changed while it was read"):
            inventory.read("a", 10)

    def test_no_descriptor_is_left(self, inventory, place):
        before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
        for _ in range(5):
            inventory.read("a", 10)
        os.utime(f"{place.root}/a", ns=(1, 1))
        for _ in range(5):
            with pytest.raises(UnstableError):
                inventory.read("a", 10)
        inventory.close()
        after = len(os.listdir("/proc/self/fd")) if before else 0
        assert after <= before


class TestInside:
    def test_its_own_bytes_and_those_of_others(self, inventory, place):
        one = Inside(place, inventory, "d/a")
        assert (one.path, one.directory, one.root_name, one.inside) == ("d/a", "d", "root", True)
        assert one.data() == one.head(9) == b"1"
        assert one.other("a") == b"aaaa"
        assert one.sha256() is None, "hashing meets it"
        with pytest.raises(ManifestError, match=r"^gone: is not a file"):
            one.other("gone")
        with pytest.raises(ManifestError, match=r"^a: has 4 bytes"):
            one.other("a", 3)
        with pytest.raises(ManifestError):
            one.data(0)

    def test_links(self, place, tmp_path):
        (tmp_path / "out").write_bytes(b"o")
        os.symlink("d/a", f"{place.root}/in")
        os.symlink(tmp_path / "out", f"{place.root}/out")
        root_fd = files.open_root(place.root)
        nodes = take.walk(place, root_fd, walk.Options(follow_symlinks=True)).files
        one = Inside(place, Inventory(root_fd, nodes), "a")
        try:
            assert one.link("in") == "d/a"
            assert one.link("out") is one.link("a") is one.link("gone") is None
            assert one.size("in") == 1
            assert one.exists("out")
        finally:
            os.close(root_fd)


class TestOutside:
    def test_it_speaks_for_the_dataset_from_where_it_lies(self, inventory, place, tmp_path):
        path = tmp_path / "data.dvc"
        path.write_bytes(b"text")
        one = named(place, inventory, str(path))
        assert isinstance(one, Outside)
        assert (one.directory, one.root_name, one.inside) == ("..", "root", False)
        assert one.data() == one.head(9) == b"text"
        assert one.head(2) == b"te"
        assert one.sha256() == hashlib.sha256(b"text").hexdigest()
        with pytest.raises(ManifestError, match="larger than 3 bytes"):
            one.data(3)

    @pytest.mark.parametrize(
        ("text", "path"),
        [
            ("root", ""),
            ("root/", ""),
            ("./root/.", ""),
            ("root/a", "a"),
            ("root/../root/a", "a"),
            ("root/d//b/", "d/b"),
            ("a", None),
            ("", None),
            (".", None),
            ("..", None),
            ("rootless/a", None),
            ("root/..", None),
            ("root/../../root/a", None),
            ("root\\a", None),
        ],
    )
    def test_paths_out_of_a_directory_above(self, inventory, place, tmp_path, text, path):
        (tmp_path / "m").write_bytes(b"")
        assert named(place, inventory, str(tmp_path / "m")).resolve(text) == path

    def test_an_absolute_path_is_refused_even_where_it_leads_inside(self, inventory, place, tmp_path):
        (tmp_path / "m").write_bytes(b"")
        one = named(place, inventory, str(tmp_path / "m"))
        assert one.resolve(f"{place.root}/a") is None
        assert one.resolve("/") is None

    def test_one_far_away_resolves_by_the_way_back(self, inventory, place, tmp_path):
        far = tmp_path / "x" / "y"
        far.mkdir(parents=True)
        (far / "m").write_bytes(b"")
        one = named(place, inventory, str(far / "m"))
        assert one.directory == "../x/y"
        assert one.resolve("../../root/a") == "a"
        assert one.resolve("../root/a") is None

    def test_one_that_is_given_through_a_link_lies_where_it_is(self, inventory, place, tmp_path):
        (tmp_path / "x").mkdir()
        (tmp_path / "m").write_bytes(b"")
        os.symlink(tmp_path / "m", tmp_path / "x" / "m")
        assert named(place, inventory, str(tmp_path / "x" / "m")).directory == ".."

    def test_one_beside_the_only_file_of_a_dataset(self, place):
        # A dataset of one file: what lies beside it is outside, and yet in the same directory.
        only = walk.locate(f"{place.root}/a")
        root_fd = files.open_root(only.root)
        try:
            inventory = Inventory(root_fd, take.walk(only, root_fd, walk.Options()).files)
            one = named(only, inventory, f"{place.root}/e")
            assert isinstance(one, Outside)
            assert (one.directory, one.resolve("a")) == ("", "a")
        finally:
            os.close(root_fd)

    def test_a_file_of_the_inventory_is_one_however_it_is_given(self, inventory, place, monkeypatch):
        monkeypatch.chdir(place.root)
        for path in (f"{place.root}/d/a", "d/a", "./d/../d/a"):
            one = named(place, inventory, path)
            assert isinstance(one, Inside)
            assert one.path == "d/a"

    def test_one_of_the_same_path_as_a_file_of_the_dataset(self, inventory, place, tmp_path, monkeypatch):
        (tmp_path / "a").write_bytes(b"mine")
        monkeypatch.chdir(tmp_path)
        one = named(place, inventory, "a")
        assert (one.path, one.data(), one.inside) == ("../a", b"mine", False)

    @pytest.mark.parametrize("kind", ["gone", "directory", "pipe", "socket", "nul"])
    def test_what_cannot_be_read_is_a_mistake_of_the_caller(self, inventory, place, tmp_path, monkeypatch, kind):
        monkeypatch.chdir(tmp_path)
        path = str(tmp_path / kind)
        if kind == "directory":
            os.mkdir(path)
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "nul":
            path = "\0"
        listener = socket.socket(socket.AF_UNIX)
        before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
        try:
            if kind == "socket":
                listener.bind(kind)
            with pytest.raises(UsageError, match=r"is not a path|cannot be read|not a regular file"):
                Outside(place, inventory, path).head(1)
            assert not before or len(os.listdir("/proc/self/fd")) == before
        finally:
            listener.close()

    def test_what_is_hashed_is_what_was_read(self, inventory, place, tmp_path):
        path = tmp_path / "m"
        path.write_bytes(b"first")
        one = named(place, inventory, str(path))
        one.data()
        os.utime(path, ns=(1, 1))
        with pytest.raises(UnstableError, match="changed while"):
            one.sha256()

    def test_it_does_not_change_under_the_reader(self, inventory, place, tmp_path):
        path = tmp_path / "m"
        path.write_bytes(b"first")
        one = named(place, inventory, str(path))
        with pytest.raises(UnstableError, match="changed while"), one._opened():
            os.utime(path, ns=(1, 1))


class Bare(Opened):
    """Just what resolving needs."""

    inside = True

    def __init__(self, directory, scope):
        super().__init__(Place("/data/root", None), Inventory(-1, {}), f"{directory}/m", directory)
        self.speaks_for(scope)

    data = head = None


Bare.__abstractmethods__ = frozenset()

SEGMENTS = st.sampled_from(
    ["a", "b", "..", ".", "", "/", "\\", "C:", "\x00", "\n", "\ud800", "\u202e", "root", "~", "a b"]
)
TEXTS = st.one_of(st.text(max_size=12), st.lists(SEGMENTS, max_size=8).map("/".join), st.lists(SEGMENTS).map("".join))


@settings(deadline=None)
@given(
    text=TEXTS,
    directory=st.sampled_from(["", "a", "a/b", "..", "../..", "../x"]),
    base=st.none() | st.sampled_from(["", "a", "a/b/c", "b", ".."]),
    inside=st.booleans(),
)
@example(text="..", directory="a", base=None, inside=True)
@example(text="../ab", directory="a", base=None, inside=True)
def test_what_resolves_never_leaves_the_scope_and_is_a_name_of_an_inventory(text, directory, base, inside):
    scope = directory if inside and not directory.startswith("..") else ""
    path = Bare(directory, scope).resolve(text, base)
    if path is None:
        return
    assert path == "" or names.refusal(path) is None
    assert not scope or path == scope or path.startswith(f"{scope}/")
    joined = os.path.join("/data/root", directory if base is None else base, text)
    assert os.path.normpath(joined) == os.path.normpath(os.path.join("/data/root", path))


@settings(deadline=None)
@given(
    value=st.one_of(st.none(), st.integers(), st.binary(), st.lists(st.text()), st.dictionaries(st.text(), st.text()))
)
def test_only_a_text_resolves(value):
    assert Bare("a", "a").resolve(value) is None


@pytest.mark.parametrize(
    ("text", "path"), [("x", "a/b/x"), ("../x", None), (".", "a/b"), ("./x/../y", "a/b/y"), ("C:x", "a/b/C:x")]
)
def test_in_a_subdirectory(text, path):
    assert Bare("a/b", "a/b").resolve(text) == path


def test_a_link_s_target_beyond_the_root_is_not_named():
    nodes = {"in": Node("in", 1, (0,) * 6, "x", "x"), "out": Node("out", 1, (0,) * 6, "/x", "/x")}
    one = Inside(Place("/r", None), Inventory(-1, nodes), "m")
    assert (one.link("in"), one.link("out")) == ("x", None)
