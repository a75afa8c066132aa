"""What README.md says is so: its session, its commands, its Python, its workflow, its help text."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Session

REPOSITORY = Path(__file__).resolve().parents[2]
README = REPOSITORY / "README.md"
TEXT = README.read_text(encoding="utf-8")


def test_its_commands_do_what_it_says(session: Session) -> None:
    assert session.play(README) >= 6


def test_its_workflow_uses_inputs_that_the_action_has() -> None:
    block = re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert block is not None
    workflow: dict[str, Any] = yaml.safe_load(block[1])
    action = yaml.safe_load((REPOSITORY / ".github/actions/verify/action.yml").read_text(encoding="utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"] if "/actions/verify@" in step["uses"]]
    assert steps
    for step in steps:
        assert set(step["with"]) <= set(action["inputs"])
        assert {name for name, told in action["inputs"].items() if told.get("required")} <= set(step["with"])


def test_its_help_text_is_the_command_s() -> None:
    block = re.search(r"<!-- begin data-sbom --help -->\n```text\n(.*?)```\n<!-- end", TEXT, re.DOTALL)
    assert block is not None
    ran = subprocess.run(
        [sys.executable, "-m", "sbom", "--help"],
        env={"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    stated, actual = ([line.rstrip() for line in text.splitlines() if line.strip()] for text in (block[1], ran.stdout))
    assert stated == actual


@pytest.mark.parametrize("target", ["demo", "test"])
def test_its_two_commands_are_targets(target: str) -> None:
    assert f"make {target} " in TEXT
    assert re.search(rf"^{target}:", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
