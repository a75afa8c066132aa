"""The action for other people's CI: what it hands to data-sbom, how it ends, and how it is pinned."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
ACTION = REPOSITORY / ".github" / "actions" / "verify"
DOCUMENTS = sorted([*REPOSITORY.glob(".github/workflows/*.yml"), *REPOSITORY.glob(".github/actions/*/action.yml")])
BASH = shutil.which("bash") or "bash"

# Stands in for data-sbom: notes its arguments, writes what -o names, and ends as it is told, run by run.
FAKE = """
import json, os, sys
from pathlib import Path

calls = Path(os.environ["FAKE_CALLS"])
seen = json.loads(calls.read_text()) if calls.exists() else []
calls.write_text(json.dumps([*seen, sys.argv[1:]]))
if "-o" in sys.argv[:5] and os.environ.get("FAKE_WRITES", "yes") == "yes":
    Path(sys.argv[sys.argv.index("-o") + 1]).write_text("{}")
codes = os.environ.get("FAKE_CODES", "0").split(",")
sys.exit(int(codes[min(len(seen), len(codes) - 1)]))
"""

HOSTILE = [
    "with  two spaces",
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "'\"; touch pwned; \"'",
    "--public-key=evil.pub",
    "-o",
    "--",
    "*",
    "${IFS}$HOME",
    "a\\nb\\",
    "\u00fcn\u00ef\u202ecode",
]


class Outcome(NamedTuple):
    """How a run of the script ended."""

    code: int
    calls: list[list[str]]
    outputs: dict[str, str]
    text: str


class Runner:
    """Runs verify.sh in an empty directory, with a data-sbom that only notes what it is asked."""

    def __init__(self, directory: Path) -> None:
        self.work = directory / "work"
        self.bin = directory / "bin"
        self.work.mkdir()
        self.bin.mkdir()
        self.calls = directory / "calls.json"
        self.output = directory / "output"
        program = self.bin / "fake.py"
        program.write_text(FAKE)
        fake = self.bin / "data-sbom"
        fake.write_text(f'#!{BASH}\nexec {shlex.quote(sys.executable)} {shlex.quote(str(program))} "$@"\n')
        fake.chmod(0o755)

    def __call__(self, inputs: dict[str, str] | None = None, **fake: str) -> Outcome:
        given = {"bom": "d.cdx.json", "data": "d", "public-key": "release.pub"} | (inputs or {})
        env = {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.work.parent),
            "GITHUB_OUTPUT": str(self.output),
            "FAKE_CALLS": str(self.calls),
            **{f"FAKE_{name.upper()}": value for name, value in fake.items()},
            **{f"INPUT_{name.upper().replace('-', '_')}": value for name, value in given.items()},
        }
        done = subprocess.run(
            [BASH, str(ACTION / "verify.sh")],
            cwd=self.work,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        assert list(self.work.iterdir()) == [], "the script ran something that it was given as a value"
        lines = self.output.read_text().splitlines() if self.output.exists() else []
        calls = json.loads(self.calls.read_text()) if self.calls.exists() else []
        return Outcome(done.returncode, calls, dict(line.split("=", 1) for line in lines), done.stdout + done.stderr)


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())


def steps(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in document.get("jobs", {}).values():
        yield from job["steps"]
    yield from document.get("runs", {}).get("steps", [])


def test_smallest_call(run: Runner) -> None:
    assert run().calls == [["verify", "-f", "github", "--public-key=release.pub", "--", "d.cdx.json", "d"]]


def test_every_input_reaches_the_command(run: Runner) -> None:
    outcome = run(
        {
            "public-key": "one.pub\ntwo.pub\r\n\n",
            "require-signatures": "2",
            "expect-name": "penguins",
            "expect-version": "1.2.0",
            "expect-root": "ab" * 32,
            "allow-extra": "*.log\nnotes/**\n",
            "allow-all-extra": "true",
            "only": "train/**",
            "follow-symlinks": "true",
            "chain": "releases",
        }
    )
    assert outcome.calls == [
        [
            *("verify", "-f", "github", "--public-key=one.pub", "--public-key=two.pub", "--require-signatures=2"),
            *("--expect-name=penguins", "--expect-version=1.2.0", f"--expect-root={'ab' * 32}"),
            *("--allow-extra=*.log", "--allow-extra=notes/**", "--allow-extra", "--only=train/**"),
            *("--follow-symlinks", "--chain=releases", "--", "d.cdx.json", "d"),
        ]
    ]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["bom", "data", "public-key", "expect-name", "allow-extra", "only", "chain"])
def test_a_value_stays_one_argument(run: Runner, name: str, value: str) -> None:
    (call,) = run({name: value}).calls
    assert call[-3] == "--"
    expected = {"bom": call[-2], "data": call[-1]}.get(name)
    if expected is not None:
        assert expected == value
        assert call[:-3] == ["verify", "-f", "github", "--public-key=release.pub"]
    else:
        assert call.count(f"--{name}={value}") == 1
        assert len(call) == (7 if name == "public-key" else 8)


@pytest.mark.parametrize("name", ["bom", "data", "expect-name", "expect-version", "chain"])
def test_a_newline_in_a_single_value_makes_no_second_argument(run: Runner, name: str) -> None:
    (call,) = run({name: "a\n--public-key=evil.pub"}).calls
    assert "--public-key=evil.pub" not in call


@pytest.mark.parametrize("code", [0, 1, 2, 3, 137])
def test_exit_code_of_verify_is_the_step_s(run: Runner, code: int) -> None:
    outcome = run(codes=str(code))
    assert outcome.code == code
    assert outcome.outputs == {"exit-code": str(code)}


def test_sarif_is_written_also_when_verification_fails(run: Runner) -> None:
    outcome = run({"upload-sarif": "true"}, codes="1,1")
    assert outcome.code == 1
    first, second = outcome.calls
    assert first[:3] == ["verify", "-f", "github"]
    assert second[:4] == ["verify", "-f", "sarif", "-o"]
    assert first[3:] == second[5:]
    assert outcome.outputs == {"exit-code": "1", "sarif-file": second[4]}
    assert Path(second[4]).read_text() == "{}"


@pytest.mark.parametrize(("codes", "expected"), [("0,0", 0), ("0,1", 1), ("0,3", 3), ("1,0", 1), ("3,0", 3)])
def test_both_runs_have_to_pass(run: Runner, codes: str, expected: int) -> None:
    assert run({"upload-sarif": "true"}, codes=codes).code == expected


def test_no_sarif_output_when_none_was_written(run: Runner) -> None:
    outcome = run({"upload-sarif": "true"}, codes="3", writes="no")
    assert outcome.code == 3
    assert outcome.outputs == {"exit-code": "3"}


@pytest.mark.parametrize(
    "inputs",
    [
        {"bom": ""},
        {"data": ""},
        {"public-key": ""},
        {"public-key": "\n\r\n"},
        {"allow-all-extra": "yes"},
        {"follow-symlinks": "True"},
        {"upload-sarif": "1"},
    ],
)
def test_unusable_inputs_end_with_2_and_run_nothing(run: Runner, inputs: dict[str, str]) -> None:
    outcome = run(inputs)
    assert outcome.code == 2
    assert outcome.calls == []
    assert "::error::" in outcome.text
    assert outcome.outputs == {"exit-code": "2"}


def test_a_missing_command_is_a_failure(run: Runner) -> None:
    (run.bin / "data-sbom").unlink()
    run.bin.joinpath("data-sbom").write_text("")  # there, but nothing that can be run
    outcome = run()
    assert outcome.code not in {0, 1}


def test_the_version_to_install_is_only_ever_a_version(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text(f'#!{BASH}\nmkdir -p "$4/bin" && cp "$0" "$4/bin/python"\n')
    fake.chmod(0o755)
    env = os.environ | {
        "PYTHON_PATH": str(fake),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "INPUT_VERSION": "1.0 --index-url=x",
    }
    done = subprocess.run([BASH, str(ACTION / "install.sh")], env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert not (tmp_path / "output").exists()


def test_every_input_of_the_action_is_used() -> None:
    document = load(ACTION / "action.yml")
    text = json.dumps(document["runs"])
    unused = [name for name in document["inputs"] if f"${{{{ inputs.{name} }}}}" not in text]
    assert unused == []
    script = (ACTION / "verify.sh").read_text() + (ACTION / "install.sh").read_text()
    passed = [name for step in steps(document) for name in step.get("env", {}) if name.startswith("INPUT_")]
    assert passed
    assert [name for name in passed if name not in script] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_expression_inside_a_script(path: Path) -> None:
    found = list(steps(load(path)))
    assert found
    assert [step["run"] for step in found if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_actions_are_pinned_by_commit(path: Path) -> None:
    pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
    uses = [step["uses"] for step in steps(load(path)) if "uses" in step]
    assert [use for use in uses if not use.startswith("./") and not pinned.fullmatch(use)] == []
    lines = [line for line in path.read_text().splitlines() if re.search(r"\buses: (?!\./)", line)]
    assert [line for line in lines if not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


@pytest.mark.parametrize(
    "path", sorted(REPOSITORY.glob(".github/workflows/*.yml")), ids=lambda path: str(path.relative_to(REPOSITORY))
)
def test_workflows_hold_no_rights_that_they_do_not_need(path: Path) -> None:
    document = load(path)
    assert document["permissions"] == {"contents": "read"}
    for job in document["jobs"].values():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 60
    for step in steps(document):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
