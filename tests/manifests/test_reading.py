"""How much all manifests of a crawl may name together: what they add to a document is bounded."""

from __future__ import annotations

import pytest

from sbom.manifests import reading as readings
from sbom.manifests.reading import Problem, Reading, Room

FULL = "says and names more than a document can hold; what is not here is left out from now on"


@pytest.fixture
def room(monkeypatch):
    monkeypatch.setattr(readings, "MAX_NAMED", 100)
    return Room({"here"})


def test_absent_files_take_room_and_those_that_are_here_do_not(room):
    one = Reading(room, frame=10)
    for number in range(5):
        one.mention("here", f"/{number}")
        one.mention(f"gone{number:015}", "/0123456789")
    assert [item.path for item in one.declared].count("here") == 5
    assert len(one.declared) == 5 + 2
    assert one.problems == [Problem(FULL, "/0123456789")]


def test_all_manifests_share_it(room):
    first, second = Reading(room, frame=40), Reading(room, frame=40)
    first.mention("gone")
    first.mention("lost")
    second.declare("away", "md5", "0" * 32)
    second.declare("here", "md5", "0" * 32)
    assert (len(first.declared), first.problems) == (2, [])
    assert [item.path for item in second.declared] == ["here"]
    assert [problem.message for problem in second.problems] == [FULL]


def test_values_and_sources_take_it_too(room):
    one = Reading(room, frame=30)
    one.say("name", "x" * 10)
    one.source("https://h/xxxxxxxxxxxx")
    one.say("version", "1")
    assert [item.field for item in one.said] == ["name"]
    assert not one.sources
    assert [problem.message for problem in one.problems] == [FULL]


@pytest.mark.parametrize("what", ["retrieved", "etag"])
def test_what_is_said_of_a_download_is_cut(what):
    one = Reading()
    one.source("https://h/x", **{what: "x" * 5000})
    assert len(getattr(one.sources[0], what)) == 1000


def test_problems_are_cut():
    one = Reading()
    one.problem("x" * 5000, "/" * 5000)
    assert [len(part) for part in one.problems[0][:2]] == [1000, 1000]


def test_without_a_crawl_there_is_room():
    one = Reading()
    one.mention("gone")
    assert len(one.declared) == 1
    assert not one.problems
