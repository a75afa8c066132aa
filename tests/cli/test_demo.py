"""``data-sbom demo``: what a person sees, what is left behind, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from sbom.demo import session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ran

FAST = session.Scene("title", (session.Command(("python", "-c", "print('x')")),))
WRONG = session.Scene("title", (session.Command(("python", "-c", "raise SystemExit(5)"), 1),))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make temporary directories where the test can see what is left of them."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def test_whole(cli: Callable[..., Ran], temporary: Path) -> None:
    ran = cli("demo")
    assert ran.code == 0, ran.text
    lines = ran.out.splitlines()
    assert len(ran.text.splitlines()) < 60
    assert max(map(len, lines)) <= 110
    assert max(len(line) for line in lines if line.startswith(("$", "    --"))) <= 100
    assert lines[-1] == "Everything ended as it should."
    assert lines.count("exit code 1") == 3
    for words in ("VERIFIED", "MODIFIED  train/adelie.csv", "EXTRA     train/.cache.csv", "MISSING   test/chinstrap"):
        assert words in ran.out
    assert "with your own data" in ran.err
    assert list(temporary.iterdir()) == []


def test_directory_is_kept(cli: Callable[..., Ran], tmp_path: Path, temporary: Path) -> None:
    ran = cli("demo", tmp_path / "here")
    assert ran.code == 0
    assert str(tmp_path / "here") in ran.out
    kept = {path.name for path in (tmp_path / "here").iterdir()}
    assert {"penguins", "penguins.cdx.json", "release.key", "release.pub", "train.py"} <= kept
    again = cli("verify", tmp_path / "here/penguins.cdx.json", tmp_path / "here/penguins")
    assert again.code == 2
    key = tmp_path / "here/release.pub"
    assert cli("verify", tmp_path / "here/penguins.cdx.json", tmp_path / "here/penguins", "--public-key", key).code == 0
    second = cli("demo", tmp_path / "here")
    assert (second.code, second.out) == (2, "")
    assert "is not empty" in second.err


def test_a_step_that_ends_otherwise_is_a_failure(
    cli: Callable[..., Ran], temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SCENES", (FAST, WRONG, FAST))
    ran = cli("demo")
    assert ran.code == 1
    assert ran.out.splitlines()[-2:] == [
        "exit code 5",
        "FAILED    exit code 1 was expected",
    ]
    assert "Everything" not in ran.text
    assert list(temporary.iterdir()) == []


def test_right_code_but_wrong_words_are_a_failure(
    cli: Callable[..., Ran], temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = session.Command(("python", "-c", "print('x')"), shows=("VERIFIED",), hides=("y", "z"))
    monkeypatch.setattr(session, "SCENES", (session.Scene("title", (command,)),))
    ran = cli("demo")
    assert ran.code == 1
    assert ran.out.splitlines()[-1] == "FAILED    exit code 0 with VERIFIED without y or z was expected"


@pytest.mark.parametrize(("flag", "colored"), [("always", True), ("never", False), ("auto", False)])
def test_color(
    cli: Callable[..., Ran], temporary: Path, monkeypatch: pytest.MonkeyPatch, flag: str, *, colored: bool
) -> None:
    shows = session.Command(
        ("python", "-c", "import os; print(chr(27) + '[1mx' if 'FORCE_COLOR' in os.environ else 'x')")
    )
    monkeypatch.setattr(session, "SCENES", (session.Scene("title", (shows,)),))
    out = cli("demo", "--color", flag).out
    assert out.count("\x1b[1m") == (2 if colored else 0)


def test_quiet_leaves_out_what_to_do_next(
    cli: Callable[..., Ran], temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SCENES", (FAST,))
    ran = cli("demo", "-q")
    assert ran.err == ""
    assert ran.out.endswith("Everything ended as it should.\n")


def test_no_place_for_temporary_files(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**options: str) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    ran = cli("demo")
    assert (ran.code, ran.out) == (3, "")
    assert "no place for temporary files: No space left" in ran.err


def test_an_output_that_is_closed_is_no_success(temporary: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "sbom", "demo"],
            stdout=write,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            check=False,
            timeout=60,
        )
    finally:
        os.close(write)
    assert ran.returncode == 3
    assert b"standard output cannot be written" in ran.stderr
    assert list(temporary.iterdir()) == []
