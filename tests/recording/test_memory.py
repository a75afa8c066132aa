"""What the last recording saw answers for unchanged files only, and never stands in the way."""

from __future__ import annotations

import json
import os
import time

import pytest

from sbom.inventory import cache
from sbom.recording.memory import Memory
from sbom.recording.snapshot import Seen

STATE = (33188, 1, 2, 3, 1_000, 1_000)
DIGEST = "ab" * 32


@pytest.fixture
def stored():
    Memory("/w").keep([("a", Seen(STATE, DIGEST))], time.time_ns())
    (path,) = [os.path.join(cache.directory(), name) for name in os.listdir(cache.directory())]
    return path


def test_it_remembers_what_is_as_it_was(stored) -> None:
    assert Memory("/w").sha256("a", STATE) == DIGEST
    assert Memory("/other").sha256("a", STATE) is None
    assert Memory("/w").sha256("b", STATE) is None
    assert os.stat(stored).st_mode & 0o077 == 0


@pytest.mark.parametrize("place", range(6))
def test_any_other_state_is_another_file(stored, place: int) -> None:
    changed = tuple(part + (index == place) for index, part in enumerate(STATE))
    assert Memory("/w").sha256("a", changed) is None


def test_what_changed_just_now_and_what_could_not_be_hashed_is_not_kept() -> None:
    now = time.time_ns()
    fresh = (*STATE[:4], 1_000, now - 1_000_000_000)
    memory = Memory("/w")
    memory.keep([("a", Seen(fresh, DIGEST)), ("b", Seen(STATE, None)), ("\udcff", Seen(STATE, DIGEST))], now)
    again = Memory("/w")
    assert again.sha256("a", fresh) is None and again.sha256("b", STATE) is None
    assert again.sha256("\udcff", STATE) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": 1}',
        '{"a": [1, 2]}',
        json.dumps({"a": [*STATE, "AB" * 32]}),
        json.dumps({"a": [*STATE, 7]}),
    ],
)
def test_a_broken_memory_is_none(stored, text: str) -> None:
    with open(stored, "w", encoding="utf-8") as stream:
        stream.write(text)
    assert Memory("/w").sha256("a", STATE) is None


def test_a_cache_that_others_may_write_to_is_not_used(stored, monkeypatch) -> None:
    os.chmod(cache.directory(), 0o777)  # noqa: S103  # what must not be
    memory = Memory("/w")
    assert memory.sha256("a", STATE) is None
    before = os.stat(stored)
    memory.keep([], time.time_ns())
    assert os.stat(stored).st_mtime_ns == before.st_mtime_ns


def test_what_cannot_be_kept_costs_nothing_else(stored, monkeypatch) -> None:
    memory = Memory("/w")
    os.unlink(stored)
    os.mkdir(stored)
    memory.keep([("a", Seen(STATE, DIGEST))], time.time_ns())
    assert os.listdir(cache.directory()) == [os.path.basename(stored)]
