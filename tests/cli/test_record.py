"""``data-sbom record``: what it prints and writes, how it ends, and who signs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sbom.lineage import statement
from sbom.recording import run, strace
from sbom.signing import dsse, keys

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "step-record.schema.json").read_text(encoding="utf-8"))
REASON = strace.usable()
needs_strace = pytest.mark.skipif(REASON is not None, reason=f"{REASON}: apt install strace, and allow ptrace")
COPY = (sys.executable, "-c", "import shutil; shutil.copy('raw.csv', 'clean.csv')")


@pytest.fixture
def home(tmp_path, monkeypatch):
    place = tmp_path / "home"
    place.mkdir()
    (place / "raw.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(place)
    return place


def record(home, name: str = "clean"):
    return statement.read((home / f"{name}.step.json").read_bytes())


def test_a_record_is_written_beside_and_says_what_to_do_next(cli, home) -> None:
    ran = cli("record", "--step", "clean", "--by", "Jane", "--param", "seed=1", "--", *COPY)
    assert (ran.code, ran.out) == (0, "")
    assert "wrote     clean.step.json · step clean · " in ran.err and "1 output" in ran.err
    assert "written clean.csv" in ran.err and "use it with: data-sbom generate DATA --step clean.step.json" in ran.err
    step = record(home)
    assert (step.name, step.argv, step.actor, step.parameters) == ("clean", COPY, "Jane", (("seed", "1"),))
    assert [one.name for one in step.outputs] == ["clean.csv"]
    Draft202012Validator(SCHEMA).validate(json.loads((home / "clean.step.json").read_bytes()))


@needs_strace
def test_a_complete_run_warns_of_nothing(cli, home) -> None:
    ran = cli("record", "--step", "clean", "--input", "raw.csv", "--output", "clean.csv", "-q", "--", *COPY)
    assert (ran.code, ran.text) == (0, "")
    assert record(home).observation.complete


def test_what_the_command_prints_is_its_own(cli, home) -> None:
    ran = cli("record", "--step", "x", "-q", "--observe", "snapshot", "--", "echo", "printed")
    assert ran.out == "printed\n"


@pytest.mark.parametrize("observe", ["auto", "audit", "snapshot"])
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("raise SystemExit(7)", 7),
        ("import os; os.kill(os.getpid(), 15)", 143),
        ("import os; os.kill(os.getpid(), 9)", 137),
    ],
)
def test_it_ends_as_the_command_did(cli, home, observe: str, script: str, code: int) -> None:
    ran = cli("record", "--step", "x", "--observe", observe, "--", sys.executable, "-c", script)
    assert ran.code == code
    assert f"the command ended with exit code {code}" in ran.err
    assert record(home, "x").exit_code == code


def test_incomplete_records_say_why(cli, home) -> None:
    ran = cli("record", "--step", "x", "--observe", "snapshot", "--input", "raw.csv", "--", "true")
    assert ran.code == 0
    assert "raw.csv was declared with --input, and not touched" in ran.err
    assert "the record of step x is not complete:" in ran.err and "only snapshots were taken" in ran.err


@pytest.mark.parametrize(("words", "code"), [(("no-such-program",), 127), (("./raw.csv",), 126)])
def test_a_command_that_cannot_be_started(cli, home, words, code: int) -> None:
    ran = cli("record", "--step", "x", "--", *words)
    assert ran.code == code and ran.err.startswith("error: ")
    assert not (home / "x.step.json").exists()


def test_a_program_that_the_system_refuses(cli, home) -> None:
    (home / "broken").write_bytes(b"\x7fELF no")
    (home / "broken").chmod(0o755)
    ran = cli("record", "--step", "x", "--observe", "snapshot", "--", "./broken")
    assert ran.code == 126 and "cannot be started" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("--step", "x"),
        ("--step", "x", "--"),
        ("--step", "x", "echo", "hello"),
        ("--", "true"),
        ("--step", "", "--", "true"),
        ("--step", "a\nb", "--", "true"),
        ("--step", "x", "--param", "seed", "--", "true"),
        ("--step", "x", "--observe", "magic", "--", "true"),
        ("--step", "x", "--input", "missing.csv", "--", "touch", "ran"),
        ("--step", "x", "--root", "..", "--", "touch", "ran"),
        ("--step", "x", "--workspace", "raw.csv", "--", "touch", "ran"),
        ("--step", "x", "-o", "raw.csv", "--", "touch", "ran"),
        ("--step", "x", "-o", "none/x.json", "--", "touch", "ran"),
        ("--step", "x", "--sign-key", "none.key", "--", "touch", "ran"),
        # Names of steps that would lead elsewhere.
        ("--step", "a/b", "--", "touch", "ran"),
        ("--step", "../x", "--", "touch", "ran"),
        ("--step", "/tmp/x", "--", "touch", "ran"),  # noqa: S108  # refused
        ("--step", "a\\b", "--", "touch", "ran"),
    ],
)
def test_wrong_usage_runs_nothing(cli, home, words) -> None:
    ran = cli("record", *words)
    assert ran.code == 2
    assert sorted(os.listdir(home)) == ["raw.csv"] and sorted(os.listdir(home.parent)) == ["home"]


def test_a_step_may_have_any_name_when_its_record_has_another(cli, home) -> None:
    assert cli("record", "--step", "etl/clean", "-o", "x.json", "-q", "--observe", "snapshot", "--", "true").code == 0
    assert statement.read((home / "x.json").read_bytes()).name == "etl/clean"


def test_a_record_replaces_a_record_and_nothing_else(cli, home) -> None:
    for _ in range(2):
        assert cli("record", "--step", "clean", "--observe", "snapshot", "--", *COPY).code == 0
    (home / "clean.step.json").write_text("{}")
    assert cli("record", "--step", "clean", "--observe", "snapshot", "--", *COPY).code == 2
    assert (home / "clean.step.json").read_text() == "{}"
    (home / "clean.step.json").unlink()
    (home / "clean.step.json").symlink_to("raw.csv")
    assert cli("record", "--step", "clean", "--observe", "snapshot", "--", *COPY).code == 2


@pytest.mark.parametrize(("ending", "code"), [("", 3), ("; raise SystemExit(7)", 7)])
@pytest.mark.parametrize("obstacle", ["os.mkdir('x.step.json')", "os.symlink('raw.csv', 'x.step.json')"])
def test_a_record_that_cannot_be_written(cli, home, ending: str, code: int, obstacle: str) -> None:
    script = f"import os; {obstacle}{ending}"
    ran = cli("record", "--step", "x", "--observe", "snapshot", "--", sys.executable, "-c", script)
    assert ran.code == code
    assert "the step ran, but its record cannot be written" in ran.err
    assert (home / "raw.csv").read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize(("ending", "code"), [("", 3), ("; raise SystemExit(7)", 7)])
def test_files_that_cannot_be_looked_at_afterwards(cli, home, monkeypatch, ending: str, code: int) -> None:
    def failing(*_args: object, **_options: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(run.classify, "classify", failing)
    script = f"pass{ending}"
    ran = cli("record", "--step", "x", "--observe", "snapshot", "--", sys.executable, "-c", script)
    assert ran.code == code and "Input/output error" in ran.err
    assert not (home / "x.step.json").exists()


def test_whoever_runs_the_step_signs_it(cli, home) -> None:
    assert cli("keygen", "-o", "jane", "-q").code == 0
    ran = cli("record", "--step", "clean", "--sign-key", "jane.key", "--observe", "snapshot", "--", *COPY)
    assert ran.code == 0 and "          signed; use it with" in ran.err
    data = (home / "clean.step.json").read_bytes()
    Draft202012Validator(SCHEMA).validate(json.loads(data))
    envelope = dsse.parse(data)
    assert envelope.payload_type == "application/vnd.in-toto+json"
    body = json.loads(envelope.payload)
    assert body["_type"] == "https://in-toto.io/Statement/v1"
    assert body["predicateType"] == "urn:data-sbom:predicate:step:1"
    (outcome,) = dsse.evaluate(envelope, [keys.load_public("jane.pub")])
    assert outcome.outcome.name == "VALID", outcome
    forged = dsse.parse(data.replace(b'"payload":"', b'"payload":"AAAA'))
    assert dsse.evaluate(forged, [keys.load_public("jane.pub")])[0].outcome is not outcome.outcome


def test_a_wrong_passphrase_costs_no_run(cli, home, monkeypatch) -> None:
    monkeypatch.setenv("DATA_SBOM_KEY_PASSWORD", "right")
    assert cli("keygen", "-o", "jane", "--encrypt", "-q").code == 0
    monkeypatch.setenv("DATA_SBOM_KEY_PASSWORD", "wrong")
    ran = cli("record", "--step", "x", "--sign-key", "jane.key", "--", "touch", "ran")
    assert ran.code == 2 and not (home / "ran").exists()
    monkeypatch.setenv("DATA_SBOM_KEY_PASSWORD", "right")
    assert cli("record", "--step", "x", "--sign-key", "jane.key", "-q", "--observe", "snapshot", "--", "true").code == 0


def test_a_key_that_others_may_read_is_warned_about(cli, home) -> None:
    cli("keygen", "-o", "jane", "-q")
    (home / "jane.key").chmod(0o644)
    ran = cli("record", "--step", "x", "--sign-key", "jane.key", "--observe", "snapshot", "--", "true")
    assert ran.code == 0 and "others than its owner have access to this private key" in ran.err


def test_defaults_come_from_the_configuration(cli, home) -> None:
    (home / "data-sbom.toml").write_text('[record]\nby = "Jane"\nobserve = "snapshot"\n')
    assert cli("record", "--step", "x", "-q", "--", "true").code == 0
    assert record(home, "x").actor == "Jane" and record(home, "x").observation.method == "snapshot"


def test_help_needs_no_command(cli) -> None:
    assert "record what it read and wrote" in cli("record", "--help").out


@pytest.mark.parametrize("observe", ["snapshot", "auto"])
def test_terminated_from_outside(home, observe: str) -> None:
    """The command is told; the record says how it ended."""
    script = "import os, time; open('ready', 'w').close(); time.sleep(60)"
    words = ["record", "--step", "x", "--observe", observe, "--", sys.executable, "-c", script]
    process = subprocess.Popen([sys.executable, "-m", "sbom", *words], cwd=home, stderr=subprocess.PIPE)
    while not (home / "ready").exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said
    assert record(home, "x").exit_code == 143
