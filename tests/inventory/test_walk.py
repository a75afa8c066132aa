"""Walking: what is an entry, what is refused by name, and that nothing outside the root is touched."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from sbom.errors import LimitError, UndecidedError, UnreadableError, UsageError
from sbom.inventory import files, walk
from sbom.inventory.walk import LeftOut, Node, Place, Problem

LONG_CHAIN = 60
DEEPER_THAN_RECURSION = 3000


def nodes(found):
    return {item.path: item for item in found if isinstance(item, Node)}


def problems(found):
    return {item.path: item for item in found if isinstance(item, Problem)}


# -- what is found ----------------------------------------------------------------------------------------------------


def test_finds_every_file_sorted_by_directory_with_its_state(data, scan):
    found = scan(data)
    assert [item.path for item in found] == ["a.txt", "train/.hidden", "train/b.csv"]
    raw = os.lstat(data / "train" / "b.csv")
    assert found[2] == Node("train/b.csv", 8, files.state_of(raw), None, "train/b.csv")


def test_empty_directories_are_nothing(tmp_path, scan):
    (tmp_path / "empty" / "emptier").mkdir(parents=True)
    assert scan(tmp_path) == []


def test_root_of_the_file_system_is_a_prefix_too():
    place = Place("/", None)
    assert walk.relative(place, "/etc/passwd") == "etc/passwd"


def test_deep_trees_are_walked_and_too_deep_ones_are_refused(tmp_path, scan, monkeypatch):
    monkeypatch.setattr(walk, "MAX_DEPTH", 30)
    deep = tmp_path.joinpath(*["d"] * 30)
    deep.mkdir(parents=True)
    (deep / "f").write_bytes(b"x")
    assert [item.path for item in scan(tmp_path)] == ["d/" * 30 + "f"]
    (deep / "d").mkdir()
    with pytest.raises(LimitError, match="more than 30 deep"):
        scan(tmp_path)


def test_paths_longer_than_the_system_takes_are_walked(tmp_path, scan):
    at = os.open(tmp_path, os.O_RDONLY)
    name = "n" * 200
    for _ in range(30):
        os.mkdir(name, dir_fd=at)
        below = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)
    (found,) = scan(tmp_path)
    assert found.path == f"{name}/" * 30 + "f"


@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_more_files_than_allowed(data, scan, allowed):
    with pytest.raises(LimitError, match=f"more than {allowed} files"):
        scan(data, max_files=allowed)


def test_as_many_files_as_allowed(data, scan):
    assert len(scan(data, max_files=4)) == 3  # and a directory


def test_a_huge_directory_is_not_listed_beyond_the_limit(tmp_path, scan, monkeypatch):
    for number in range(50):
        (tmp_path / str(number)).touch()
    seen = []
    real = walk._states
    monkeypatch.setattr(walk, "_states", lambda names, fd: seen.append(len(names)) or real(names, fd))
    with pytest.raises(LimitError):
        scan(tmp_path, max_files=7)
    assert seen == [8]


def test_paths_longer_than_any_document_holds(data, scan, monkeypatch):
    monkeypatch.setattr(walk, "MAX_PATHS", 20)
    with pytest.raises(LimitError, match="20 characters together"):
        scan(data)


def test_the_document_itself_is_no_entry_and_no_rule(data, scan):
    found = scan(data, omit=frozenset({"train/b.csv", "a.txt"}))
    assert [item.path for item in found] == ["train/.hidden"]


# -- rules ------------------------------------------------------------------------------------------------------------


def test_exclude_leaves_out_files_and_whole_directories(data, scan):
    assert scan(data, exclude=("train",))[1:] == [LeftOut("train")]
    assert [type(item) for item in scan(data, exclude=("*.csv",))] == [Node, Node, LeftOut]


def test_include_keeps_matches_only(data, scan):
    found = scan(data, include=("train/*.csv",))
    assert list(nodes(found)) == ["train/b.csv"]
    assert {item.path for item in found if isinstance(item, LeftOut)} == {"a.txt", "train/.hidden"}


def test_what_a_rule_leaves_out_is_not_looked_at(data, scan):
    os.mkfifo(data / "pipe")
    (data / "bad\nname").touch()
    (data / "nowhere").symlink_to("missing")
    found = scan(data, exclude=("pipe", "bad*", "nowhere"))
    assert problems(found) == {}


def test_rules_take_a_followed_directory_for_a_directory(data, tmp_path, scan):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c.csv").write_bytes(b"c")
    (data / "more").symlink_to(outside)
    assert "more/c.csv" in nodes(scan(data, follow_symlinks=True, include=("*.csv",)))
    # A wildcard covers files only, as for a real directory.
    assert "more/c.csv" in nodes(scan(data, follow_symlinks=True, exclude=("mor*",)))
    assert "more/c.csv" not in nodes(scan(data, follow_symlinks=True, exclude=("more",)))


def test_rules_hold_for_a_single_file_too(data, scan):
    assert scan(data / "a.txt", exclude=("*.txt",)) == [LeftOut("a.txt")]
    assert scan(data / "a.txt", include=("*.csv",)) == [LeftOut("a.txt")]


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (b"c:", "drive letter"),
        (b"C:x", "drive letter"),
        (b"a\\b", "backslash"),
        (b"new\nline", "control"),
        (b"\x7f", "control"),
        (b"\xc2\x85", "control"),
        (b"latin-\xe4", "not UTF-8"),
    ],
)
@pytest.mark.parametrize("also", ["", "a", "zz"])
def test_refused_names_at_the_root(tmp_path, scan, name, reason, also):
    if sys.platform == "darwin" and name.startswith(b"latin"):
        pytest.skip("this file system refuses such a name itself")
    Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")
    if also:
        (tmp_path / also).write_bytes(b"x")
    found = scan(tmp_path)
    assert set(nodes(found)) == ({also} if also else set())
    (problem,) = problems(found).values()
    assert problem.check == "name"
    assert reason in problem.reason


def test_refused_names_deeper_down(data, scan):
    (data / "train" / "a\\b").touch()
    (data / "train" / "c:").touch()  # no drive letter there
    found = scan(data)
    assert list(problems(found)) == ["train/a\\b"]
    assert "train/c:" in nodes(found)


def test_a_directory_with_a_refused_name_is_refused_and_not_entered(data, scan):
    (data / "bad\x1b").mkdir()
    (data / "bad\x1b" / "inner").touch()
    assert list(problems(scan(data))) == ["bad\x1b"]


# -- file types -------------------------------------------------------------------------------------------------------


def test_pipe_and_socket_are_refused_without_being_opened(data, scan):
    os.mkfifo(data / "pipe")
    short = os.open(data, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as server:
        old = os.getcwd()
        os.fchdir(short)  # the path of a socket may have 107 bytes only
        try:
            server.bind("socket")
        finally:
            os.chdir(old)
            os.close(short)
        found = problems(scan(data))
    assert "named pipe" in found["pipe"].reason
    assert "socket" in found["socket"].reason
    assert {problem.check for problem in found.values()} == {"type"}


def test_devices_are_refused(data, scan):
    try:
        os.mknod(data / "null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        (data / "null").symlink_to(os.devnull)
    assert "a character device" in problems(scan(data))["null"].reason


def test_a_link_to_a_device_or_pipe_is_refused(data, scan, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (data / "null").symlink_to(os.devnull)
    (data / "pipe").symlink_to(tmp_path / "pipe")
    for follow in (False, True):
        found = problems(scan(data, follow_symlinks=follow))
        assert found["null"].reason == "a link to a character device"
        assert found["pipe"].reason == "a link to a named pipe"


# -- links ------------------------------------------------------------------------------------------------------------


def test_inner_link_is_an_entry_with_its_text(data, scan):
    (data / "train" / "link").symlink_to("../a.txt")
    (data / "absolute").symlink_to(data / "train" / "b.csv")
    (data / "twice").symlink_to("train/link")
    found = nodes(scan(data))
    state = files.state_of(os.lstat(data / "a.txt"))
    assert found["train/link"] == Node("train/link", 1, state, "../a.txt", "a.txt")
    assert found["twice"] == Node("twice", 1, state, "train/link", "a.txt")
    assert found["absolute"].link == str(data / "train" / "b.csv")
    assert found["absolute"].target == "train/b.csv"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("train", "a link to a directory"),
        (".", "a link to a directory"),
        ("..", "a link to a directory"),
        ("../secret", "a link to a file outside the dataset"),
        ("missing", "a link that leads nowhere"),
        ("a.txt/x", "a link that leads nowhere"),
        ("link", "a link in a loop, or through too many others"),
    ],
)
def test_other_links_are_refused_by_name(data, tmp_path, scan, text, reason):
    (tmp_path / "secret").write_bytes(b"secret")
    (data / "link").symlink_to(text)
    found = scan(data)
    assert problems(found) == {"link": Problem("type", "link", reason)}
    assert "link" not in nodes(found)


def test_a_neighbour_whose_name_starts_alike_is_outside(data, tmp_path, scan):
    (tmp_path / "data-evil").mkdir()
    (tmp_path / "data-evil" / "x").touch()
    (data / "link").symlink_to("../data-evil/x")
    assert "outside" in problems(scan(data))["link"].reason


def test_text_of_a_link_is_checked(data, scan):
    (data / "a\x1b").write_bytes(b"x")
    (data / "link").symlink_to("a\x1b")
    assert problems(scan(data))["link"].check == "name"


@pytest.mark.parametrize("length", [LONG_CHAIN, DEEPER_THAN_RECURSION])
def test_chains_of_links_are_bounded_as_the_system_bounds_them(data, scan, length):
    (data / "l0").symlink_to("a.txt")
    for number in range(1, length):
        (data / f"l{number}").symlink_to(f"l{number - 1}")
    found = scan(data)
    assert nodes(found)["l5"].target == "a.txt"
    assert "too many" in problems(found)[f"l{length - 1}"].reason


def test_dataset_through_too_long_a_chain(data, tmp_path):
    (tmp_path / "l0").symlink_to(data)
    for number in range(1, DEEPER_THAN_RECURSION):
        (tmp_path / f"l{number}").symlink_to(f"l{number - 1}")
    assert walk.locate(str(tmp_path / "l9")) == Place(str(data), None)
    with pytest.raises(UsageError, match="cannot be opened as a dataset"):
        walk.locate(str(tmp_path / f"l{DEEPER_THAN_RECURSION - 1}"))


def test_link_that_may_not_be_followed_is_undecided(open_data, unprivileged, scan):
    (open_data / "closed").mkdir(mode=0)
    (open_data / "link").symlink_to("closed/x")
    with unprivileged():
        found = problems(scan(open_data))
    assert found["link"].check == "unreadable"
    assert "cannot be followed: Permission denied" in found["link"].reason
    assert found["closed"].check == "unreadable"


# -- links that are followed ------------------------------------------------------------------------------------------


def test_followed_links_lead_outside_and_into_directories(data, tmp_path, scan):
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "f").write_bytes(b"12")
    (outside / "deep" / "g").write_bytes(b"123")
    (outside / "back").symlink_to("../data/a.txt")
    (data / "file").symlink_to("../outside/f")
    (data / "dir").symlink_to("../outside")
    found = nodes(scan(data, follow_symlinks=True))
    assert found["file"].link == "../outside/f"
    assert found["file"].target == str(outside / "f")
    assert found["dir/deep/g"] == Node(
        "dir/deep/g", 3, files.state_of(os.lstat(outside / "deep" / "g")), None, str(outside / "deep" / "g")
    )
    assert found["dir/back"].target == "a.txt"


def test_layout_of_the_hugging_face_cache(tmp_path, scan):
    root = tmp_path / "datasets--acme--penguins"
    (root / "blobs").mkdir(parents=True)
    (root / "blobs" / "0123abcd").write_bytes(b"content")
    snapshot = root / "snapshots" / "main"
    snapshot.mkdir(parents=True)
    (snapshot / "train.csv").symlink_to("../../blobs/0123abcd")
    (found,) = scan(snapshot, follow_symlinks=True)
    assert (found.path, found.size, found.link) == ("train.csv", 7, "../../blobs/0123abcd")
    (refused,) = scan(snapshot)
    assert isinstance(refused, Problem)
    assert "snapshots/main/train.csv" in nodes(scan(root))  # the link is an inner one there


@pytest.mark.parametrize("text", [".", "..", "../data/train", "sub/up"])
def test_loops_through_directories_end(data, scan, text):
    (data / "train" / "sub").mkdir()
    (data / "train" / "sub" / "up").symlink_to("../../train")
    (data / "train" / "loop").symlink_to(text)
    found = scan(data, follow_symlinks=True)
    assert "a link that leads back to a directory above it" in {p.reason for p in problems(found).values()}
    assert "train/b.csv" in nodes(found)


def test_link_to_the_root_of_the_file_system_opens_what_it_says(tmp_path, scan, monkeypatch):
    (tmp_path / "all").symlink_to("/")
    opened = []
    real = files.open_directory
    monkeypatch.setattr(files, "open_directory", lambda fd, path: opened.append(path) or real(fd, path))
    monkeypatch.setattr(walk, "MAX_DEPTH", 3)
    with pytest.raises(LimitError):
        scan(tmp_path, follow_symlinks=True, max_files=100_000)
    assert opened[:2] == ["", "/"]
    assert all(path.startswith("/") and not path.startswith("//") for path in opened[1:])


def test_bomb_of_links_is_bounded(data, scan):
    for level in range(40):
        (data / f"d{level}").mkdir()
        for name in ("x", "y"):
            (data / f"d{level}" / name).symlink_to(f"../d{level + 1}")
    (data / "d40").mkdir()
    with pytest.raises(LimitError):
        scan(data, follow_symlinks=True, max_files=5_000)


# -- races ------------------------------------------------------------------------------------------------------------


def swap_after_listing(monkeypatch, change):
    """Make the change right after the first directory was listed and its entries were looked at."""
    real, todo = walk._states, [change]

    def states(found, fd):
        result = real(found, fd)
        while todo:
            todo.pop()()
        return result

    monkeypatch.setattr(walk, "_states", states)


def test_directory_replaced_by_a_link_during_the_walk_is_not_entered(data, tmp_path, scan, monkeypatch):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.csv").write_bytes(b"secret")

    def swap():
        (data / "train").rename(tmp_path / "moved")
        (data / "train").symlink_to(outside)

    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *more, **kw: opened.append(path) or real(path, *more, **kw))
    swap_after_listing(monkeypatch, swap)
    found = scan(data)
    assert list(nodes(found)) == ["a.txt"]
    assert problems(found)["train"].check == "unreadable"
    assert not [path for path in opened if "outside" in str(path)]


def test_link_swapped_in_on_the_way_to_a_deeper_directory(data, tmp_path, scan, monkeypatch):
    (data / "train" / "deep").mkdir()
    (data / "train" / "deep" / "x").write_bytes(b"x")
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    (tmp_path / "outside" / "deep" / "secret").write_bytes(b"x")
    real = files.open_directory

    def opening(root_fd, path):
        if path == "train/deep":
            (data / "train").rename(tmp_path / "moved")
            (data / "train").symlink_to(tmp_path / "outside")
        return real(root_fd, path)

    monkeypatch.setattr(files, "open_directory", opening)
    found = scan(data)
    assert "train/deep" in problems(found)
    assert "train/deep/secret" not in nodes(found)


def test_file_that_goes_away_between_listing_and_looking(data, scan, monkeypatch):
    real = os.lstat

    def lstat(path, *, dir_fd=None):
        if path == "b.csv":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return real(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "lstat", lstat)
    found = scan(data)
    assert list(nodes(found)) == ["a.txt", "train/.hidden"]
    assert problems(found)["train/b.csv"].check == "unreadable"


def test_unreadable_directory_is_named_and_an_unreadable_root_is_an_error(data, scan, monkeypatch):
    real = files.open_directory

    def opening(root_fd, path):
        if path == closed:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(root_fd, path)

    monkeypatch.setattr(files, "open_directory", opening)
    closed = "train"
    assert problems(scan(data))["train"].check == "unreadable"
    closed = ""
    with pytest.raises(UnreadableError, match="Permission denied"):
        scan(data)


# -- where the dataset is ---------------------------------------------------------------------------------------------


def test_single_file_is_a_dataset_of_itself(data, scan):
    assert walk.locate(str(data / "a.txt")) == Place(str(data), "a.txt")
    assert [item.path for item in scan(data / "a.txt")] == ["a.txt"]


def test_dataset_through_a_link(data, tmp_path, scan):
    (tmp_path / "dir").symlink_to("data")
    (tmp_path / "file").symlink_to("data/a.txt")
    assert len(scan(tmp_path / "dir")) == 3
    assert [item.path for item in scan(tmp_path / "file")] == ["a.txt"]


@pytest.mark.parametrize("bad", ["missing", "a\0b", "a.txt/x"])
def test_no_such_dataset(data, bad):
    with pytest.raises(UsageError, match="cannot be opened as a dataset"):
        walk.locate(str(data / bad))


def test_special_files_are_no_dataset(data):
    os.mkfifo(data / "pipe")
    with pytest.raises(UsageError, match="a named pipe"):
        walk.locate(str(data / "pipe"))


def test_file_names_that_are_not_utf8_here(data, monkeypatch):
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")
    with pytest.raises(UsageError, match="UTF-8 in this locale"):
        walk.locate(str(data))


@pytest.mark.parametrize("name", ["c:", "a\\b", "new\nline"])
def test_single_file_with_a_refused_name(tmp_path, scan, name):
    (tmp_path / name).touch()
    (problem,) = scan(tmp_path / name)
    assert problem.check == "name"


def test_single_file_that_becomes_something_else(data):
    place = walk.locate(str(data / "a.txt"))
    root_fd = files.open_root(place.root)
    try:
        (data / "a.txt").unlink()
        with pytest.raises(UndecidedError, match="cannot be examined"):
            list(walk.scan(place, root_fd, walk.Options()))
        (data / "a.txt").symlink_to("train/b.csv")
        (problem,) = walk.scan(place, root_fd, walk.Options())
        assert problem == Problem("type", "a.txt", "not a regular file any more")
    finally:
        os.close(root_fd)


def test_relative_names_files_inside(data, tmp_path, monkeypatch):
    place = walk.locate(str(data))
    (tmp_path / "via").symlink_to("data")
    monkeypatch.chdir(data)
    for inside in (data / "x", tmp_path / "via" / "x", "x", "./x", "train/../x"):
        assert walk.relative(place, os.fspath(inside)) == "x"
    for outside in (tmp_path / "x", tmp_path / "data-x", data, "..", ".", "../x", tmp_path / "data2" / "x", "a\0/b"):
        assert walk.relative(place, os.fspath(outside)) is None
    assert walk.relative(walk.locate("a.txt"), "a.txt") == "a.txt"
    assert walk.relative(walk.locate("a.txt"), "other") is None


def test_relative_follows_links_on_the_way_and_not_the_text(data, tmp_path):
    (tmp_path / "elsewhere" / "sub").mkdir(parents=True)
    (data / "link").symlink_to(tmp_path / "elsewhere" / "sub")
    place = walk.locate(str(data))
    assert walk.relative(place, str(data / "link") + "/../x") is None
    assert walk.relative(place, str(data / "link")) == "link"
    assert walk.relative(place, str(data) + "/train/..") is None
    assert walk.relative(place, str(data) + "/train/.") == "train"
