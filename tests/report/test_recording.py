"""What ``record`` tells a person, whatever names there are."""

from __future__ import annotations

import pytest

from sbom.recording.run import Recorded
from sbom.report.recording import warnings, written
from sbom.transformation import OBSERVED, Edge, Observation, Script, Step, Word

SEEN = (Word(OBSERVED),)
EVIL = "a\x1b[2J\u202eb"


def edges(number: int) -> tuple[Edge, ...]:
    return tuple(Edge(f"f{index}", SEEN) for index in range(number))


def recorded(step: Step, code: int = 0, untouched=(), undeclared=()) -> Recorded:
    return Recorded(step, code, untouched, undeclared)


def test_a_complete_step() -> None:
    step = Step("clean", "", inputs=edges(1), outputs=edges(2), observation=Observation("strace", complete=True))
    assert warnings(recorded(step)) == []
    assert written(recorded(step), "x.json", signed=True) == [
        "wrote     x.json · step clean · 1 input, 2 outputs · observed by strace",
        "          read f0",
        "          written f0, f1",
        "          signed; use it with: data-sbom generate DATA --step x.json",
    ]


def test_long_lists_are_counted() -> None:
    step = Step("clean", "", inputs=edges(1_204), scripts=(Script("s.py"),))
    lines = written(recorded(step), "x.json", signed=False)
    assert "          read f0, f1, f2, f3 and 1,200 more" in lines and "          by s.py" in lines
    assert lines[0].endswith("1,204 inputs, 0 outputs") and "not signed: --sign-key KEY" in lines[-1]


def test_what_should_not_be_overlooked() -> None:
    gaps = tuple(f"gap {index}" for index in range(12))
    step = Step("clean", "", observation=Observation("audit-hook", complete=False, gaps=gaps))
    untouched = tuple((f"u{index}", "--input") for index in range(11))
    lines = warnings(recorded(step, 7, untouched, (("d", "--output"),)))
    assert lines[0] == "u0 was declared with --input, and not touched" and lines[10] == "and 1 more"
    assert lines[11] == "d was touched, and not declared with --output"
    assert lines[12] == "the record of step clean is not complete:" and lines[13] == "  gap 0"
    assert lines[-2:] == ["  and 2 more reasons", "the command ended with exit code 7; the record says so"]


@pytest.mark.parametrize("evil", [EVIL, "new\nline"])
def test_hostile_names_are_shown_escaped(evil: str) -> None:
    step = Step(evil, "", inputs=(Edge(evil, SEEN),), observation=Observation("strace", complete=False, gaps=(evil,)))
    one = recorded(step, 0, ((evil, "--input"),), ((evil, "--output"),))
    for line in (*warnings(one), *written(one, evil, signed=False)):
        assert line.isprintable() and evil not in line
