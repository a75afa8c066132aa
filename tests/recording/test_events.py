"""What is kept of a run: read before written, by the name that a file had when the run began."""

from __future__ import annotations

import pytest

from sbom.recording import events as module
from sbom.recording.events import Events


@pytest.fixture
def events() -> Events:
    return Events()


def test_what_the_run_wrote_itself_is_not_read(events: Events) -> None:
    events.reads("/a")
    events.writes("/a")
    events.writes("/b")
    events.reads("/b")
    assert list(events.read) == ["/a"] and list(events.written) == ["/a", "/b"]


def test_renamed_files_are_read_by_their_first_name(events: Events) -> None:
    events.renames("/a", "/b")
    events.renames("/b", "/c")
    assert events.read == {"/a": "/a"} and events.moved == {"/c": "/a"}
    assert list(events.written) == ["/a", "/b", "/c"]
    events.reads("/c")
    assert list(events.read) == ["/a"]


def test_files_of_renamed_directories(events: Events) -> None:
    events.writes("/d/own")
    events.renames("/d", "/e")
    events.reads("/e/own")
    events.reads("/e/other", "/link/other")
    assert events.read == {"/d": "/d", "/d/other": "/link/other"}
    assert events.explains("/e/own") and not events.explains("/e/other") and not events.explains("/f")


def test_exchanges(events: Events) -> None:
    events.exchanges("/a", "/b")
    assert set(events.read) == set(events.written) == {"/a", "/b"}
    assert events.origin("/a/x") == "/b/x" and events.origin("/b/x") == "/a/x"


def test_links(events: Events) -> None:
    events.links("/a", "/b")
    assert list(events.read) == ["/a"] and list(events.linked) == ["/a"] and list(events.written) == ["/b"]


def test_floods_are_a_gap(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_NAMES", "MAX_PROGRAMS"):
        monkeypatch.setattr(module, name, 1)
    for path in ("/a", "/b"):
        events.reads(path)
        events.runs(path, (), None)
    for path in ("/c", "/d"):
        events.writes(path)
    assert len(events.read) == len(events.written) == len(events.programs) == 1
    assert sorted(gap.rpartition(" were ")[2] for gap in events.gaps) == ["executed", "read", "written"]
    monkeypatch.setattr(module, "MAX_GAPS", 3)
    events.gap("one more")
    assert len(events.gaps) == 3
