"""The outcome of a guarded run, for a person and for a program."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource

from sbom import api
from sbom.report.guarding import as_json, lines
from sbom.verification.guard import Guarded, Moves
from sbom.verification.interface import Options, Trust

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


@pytest.fixture(scope="module")
def validator():
    schemas = [json.loads((SCHEMAS / f"{name}-report.schema.json").read_bytes()) for name in ("verification", "guard")]
    registry = Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in schemas])
    checker = jsonschema.Draft202012Validator(schemas[1], registry=registry)
    checker.check_schema(schemas[1])
    return checker


def guarded(release, command, **options):
    return api.guard_command(
        release.bom, release.data, command, trust=Trust([release.pub]), options=Options(**options), allow_partial=True
    )


def outcomes(release):
    """Every way that a guarded run can end, with the command."""
    script = release.data / "README.md"
    yield ["true"], guarded(release, ["true"])
    yield ["false"], guarded(release, ["false"], only=("*.md",))
    yield ["no-such-command"], guarded(release, ["no-such-command"])
    yield ["sh", "-c", "kill -9 $$"], guarded(release, ["sh", "-c", "kill -9 $$"])
    moving = ["sh", "-c", f"echo >> '{script}'"]
    yield moving, guarded(release, moving)
    yield ["true"], guarded(release, ["true"])
    release.bom.write_bytes(b"x")
    yield ["x\udcff"], guarded(release, ["x\udcff"])


def test_every_outcome_follows_the_schema(release, validator):
    codes = []
    for command, outcome in outcomes(release):
        report = json.loads(as_json(outcome, command))
        validator.validate(report)
        assert report["exit_code"] == outcome.exit_code
        codes.append(outcome.exit_code)
    assert codes == [0, 1, 2, 137, 1, 1, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"format": "data-sbom-guard-report/2"},
        {"exit_code": 256},
        {"moved_during_run": [{"path": "a", "what": "was changed"}]},
        {"moved_before_start": [{"path": "a", "what": "was changed"}]},
        {"hello": 1},
        {"command": {"argv": ["true"], "ran": True, "exit_code": None, "not_started": None}},
        {"command": {"argv": ["true"], "ran": False, "exit_code": None, "not_started": None}},
        {"command": {"argv": [], "ran": True, "exit_code": 0, "not_started": None}},
        {"verification": {}},
    ],
    ids=str,
)
def test_contradictions_do_not_follow_the_schema(release, validator, change):
    good = json.loads(as_json(guarded(release, ["true"]), ["true"]))
    validator.validate(good)
    assert not validator.is_valid({**good, **change})


def test_lines(release):
    report = guarded(release, ["true"]).report
    assert lines(Guarded(report, Moves(), ran=True, command_exit=0)) == []
    moves = Moves(before=(("\x1b[2J", "was added"), ("", "the path leads elsewhere")))
    assert lines(Guarded(report, moves, ran=False, command_exit=None)) == [
        r"MOVED     \x1b[2J   was added",
        "MOVED     DATA   the path leads elsewhere",
        "FAILED    the data moved before CMD started: what it was used for does not count as verified",
        "GUARD     CMD was not started: the data moved after it was verified",
    ]
    many = Moves(during=tuple((str(number), "was added") for number in range(25)))
    shown = lines(Guarded(report, many, ran=True, command_exit=0))
    assert len(shown) == 22
    assert shown[-2].strip() == "and 5 more (--report lists all)"
