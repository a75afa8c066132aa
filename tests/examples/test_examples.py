"""Every example runs to its end, writes where it says, and notices when something is not as it says."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = REPOSITORY / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*/run.sh"))
NEEDS = {"02-digits": "sklearn"}
BASH = shutil.which("bash") or "bash"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Make a directory with the programs of the environment that the tests run in."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for name, words in (("data-sbom", f"'{sys.executable}' -m sbom"), ("python", f"'{sys.executable}'")):
        path = directory / name
        path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        path.chmod(0o755)
    return directory


def run(programs: Path, *command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "EXAMPLES_BIN": str(programs),
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [BASH, *map(str, command)],
        cwd=cwd or programs.parent,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=300,
    )


def tree(directory: Path) -> list[str]:
    return sorted(str(path) for path in directory.rglob("*") if "out" not in path.parts)


def test_there_are_examples() -> None:
    assert [path.parent.name for path in SCRIPTS] == ["01-first-release", "02-digits", "03-lineage"]
    text = (EXAMPLES / "README.md").read_text()
    for path in SCRIPTS:
        assert f"`{path.relative_to(REPOSITORY)}`" in text
        assert os.access(path, os.X_OK)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.parent.name)
def test_it_runs_to_its_end(programs: Path, tmp_path: Path, script: Path) -> None:
    needed = NEEDS.get(script.parent.name)
    if needed is not None and importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    before = tree(EXAMPLES)
    ran = run(programs, script, tmp_path / "out")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("# All of it ended as this script says.\n")
    assert "Traceback" not in ran.stdout + ran.stderr
    assert tree(EXAMPLES) == before
    again = run(programs, script, tmp_path / "out")
    assert again.returncode == 2
    assert "exists" in again.stderr


def test_without_a_directory_it_writes_beside_itself_every_time_anew(programs: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(EXAMPLES, clone / "examples", ignore=shutil.ignore_patterns("out", "__pycache__"))
    shutil.copytree(REPOSITORY / "sbom/demo/data", clone / "sbom/demo/data")
    script = clone / "examples/01-first-release/run.sh"
    for _ in range(2):
        ran = run(programs, script)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (script.parent / "out/releases/penguins-1.1.0.cdx.json").is_file()
    assert (clone / "examples/.gitignore").read_text() == "/*/out/\n"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("expect 0 '' false", "ended with exit code 1, not 0"),
        ("expect 1 '' true", "ended with exit code 0, not 1"),
        ("expect 0 this echo that", "did not say: this"),
        ("absent /", "exists"),
    ],
)
def test_what_is_not_as_it_says_ends_the_script(programs: Path, line: str, complaint: str) -> None:
    ran = run(programs, "-c", f". '{EXAMPLES}/common.sh'; {line}; echo went on")
    assert ran.returncode == 1
    assert complaint in ran.stderr
    assert "went on" not in ran.stdout


def test_it_says_what_to_do_without_an_environment(programs: Path, tmp_path: Path) -> None:
    (programs / "data-sbom").unlink()
    ran = run(programs, SCRIPTS[0], tmp_path / "out")
    assert ran.returncode == 2
    assert "make dev" in ran.stderr
