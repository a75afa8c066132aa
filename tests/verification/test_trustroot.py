"""Which files the data decides about; the ways that lead through it are in tests/attacks/test_trust_root.py."""

from __future__ import annotations

import os

import pytest

from sbom.inventory.files import open_root
from sbom.inventory.take import walk
from sbom.inventory.walk import Options, Place, locate
from sbom.verification.trustroot import is_among, leads_through


@pytest.fixture
def place(tmp_path):
    for name in ("data/inner", "data2", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    return Place(str(tmp_path.resolve() / "data"), None)


OUTSIDE = [
    "key",
    "data2/key",
    "elsewhere/key",
    "elsewhere/../key",
    "data/../key",
    "./data/.././key",
    "data",
    "/",
    "gone/x",
]
INSIDE = ["data/key", "data/inner/key", "data/inner/../../key", "elsewhere/../data/key", "data//inner", "data/./x"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_outside(place, tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    assert not leads_through(place, path)
    assert not leads_through(place, str(tmp_path / path))


@pytest.mark.parametrize("path", INSIDE)
def test_inside(place, tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    assert leads_through(place, path)
    assert leads_through(place, str(tmp_path / path))


def test_links_are_followed_step_by_step(place, tmp_path):
    (tmp_path / "out").symlink_to("data/inner")
    (tmp_path / "data" / "back").symlink_to("../elsewhere")
    (tmp_path / "through").symlink_to("data/back")
    (tmp_path / "beside").symlink_to(tmp_path / "elsewhere")
    assert leads_through(place, str(tmp_path / "out" / "key"))
    assert leads_through(place, str(tmp_path / "through" / "key"))
    assert leads_through(place, str(tmp_path / "out" / ".." / ".." / "key"))
    assert not leads_through(place, str(tmp_path / "beside" / "key"))


def test_links_in_a_loop_end(place, tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert not leads_through(place, str(tmp_path / "a" / "key"))


def test_root_of_the_file_system_holds_everything():
    assert leads_through(Place("/", None), "/etc/key")


def test_dataset_of_one_file(place, tmp_path):
    single = Place(place.root, "rows.csv")
    assert leads_through(single, str(tmp_path / "data" / "rows.csv"))
    assert not leads_through(single, str(tmp_path / "data" / "key"))
    (tmp_path / "link").symlink_to("data/rows.csv")
    assert leads_through(single, str(tmp_path / "link"))


def test_the_same_file_under_another_name(place, tmp_path):
    (tmp_path / "data" / "key").write_bytes(b"key")
    os.link(tmp_path / "data" / "key", tmp_path / "hard")
    (tmp_path / "copy").write_bytes(b"key")
    root_fd = open_root(place.root)
    try:
        nodes = walk(locate(place.root), root_fd, Options()).files.values()
    finally:
        os.close(root_fd)
    assert is_among(nodes, str(tmp_path / "hard"))
    assert not is_among(nodes, str(tmp_path / "copy"))
    assert not is_among(nodes, str(tmp_path / "gone"))
