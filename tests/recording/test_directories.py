"""Which directory each process is in, in whatever order the log tells it."""

from __future__ import annotations

import pytest

from sbom.recording.directories import Directories, UnknownError


@pytest.fixture
def places() -> Directories:
    found = Directories("/start")
    found.meet(b"1")
    return found


def test_everybody_is_where_the_first_one_started_until_somebody_moves(places: Directories) -> None:
    assert places.of(b"1") == places.of(b"9") == "/start"
    places.change(b"1", "/a")
    assert places.of(b"1") == "/a"
    with pytest.raises(UnknownError):
        places.of(b"9")
    places.settle(b"9")
    assert places.of(b"9") == "/start"


def test_processes_keep_their_own(places: Directories) -> None:
    places.fork(b"1", b"2", shared=False)
    places.change(b"1", "/a")
    assert (places.of(b"1"), places.of(b"2")) == ("/a", "/start")


def test_threads_share_until_they_separate(places: Directories) -> None:
    places.fork(b"1", b"2", shared=True)
    places.change(b"2", "/a")
    assert places.of(b"1") == "/a"
    places.separate(b"2")
    places.change(b"2", "/b")
    assert (places.of(b"1"), places.of(b"2")) == ("/a", "/b")


@pytest.mark.parametrize(("shared", "parent"), [(True, "/a"), (False, "/start")])
def test_a_child_that_moved_before_it_is_told_of(places: Directories, *, shared: bool, parent: str) -> None:
    places.meet(b"2")
    places.change(b"2", "/a")
    places.fork(b"1", b"2", shared=shared)
    assert (places.of(b"1"), places.of(b"2")) == (parent, "/a")


def test_a_child_that_ended_before_it_is_told_of(places: Directories) -> None:
    places.meet(b"2")
    places.end(b"2")
    places.fork(b"1", b"2", shared=False)
    places.change(b"1", "/a")
    assert list(places.alive) == [b"1"]
    with pytest.raises(UnknownError):
        places.of(b"2")


def test_ends(places: Directories) -> None:
    places.end(b"1")
    assert places.alive == {}


def test_a_thread_becomes_its_process(places: Directories) -> None:
    places.fork(b"1", b"2", shared=False)
    places.meet(b"2")
    places.change(b"2", "/a")
    places.supersede(b"1", b"2")
    assert places.of(b"1") == "/a" and list(places.alive) == [b"1"]
    places.supersede(b"1", b"7")
    assert places.of(b"1") == "/a"
