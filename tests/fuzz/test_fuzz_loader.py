"""The fuzz target itself: it runs, reaches every stage, and would notice."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("fuzz_loader", Path(__file__).with_name("fuzz_loader.py"))
fuzz_loader = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(fuzz_loader)


def test_two_seconds_find_nothing_and_reach_every_stage():
    reached = fuzz_loader.run(2, seed=1)
    assert {"parse", "schema", "profile", "signature"} <= set(reached)


def test_an_exception_that_is_not_ours_is_noticed(monkeypatch, tmp_path):
    monkeypatch.setattr(fuzz_loader.tempfile, "tempdir", str(tmp_path))  # what was found is kept there
    calls = []

    def broken(data, limits):
        calls.append(data)
        if len(calls) > 10:
            raise KeyError("oops")
        return examine(data, limits)

    examine = fuzz_loader.checks.examine
    monkeypatch.setattr(fuzz_loader.checks, "examine", broken)
    with pytest.raises(AssertionError, match="KeyError"):
        fuzz_loader.run(5, seed=1)
    assert len(list(tmp_path.glob("data-sbom-fuzz-*.json"))) == 1
