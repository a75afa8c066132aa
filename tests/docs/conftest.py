"""Runs what the documentation says: its commands, their output, and its Python.

Fenced blocks are taken by their language:

- ``console``: each ``$ command`` is run, and must print what follows it; ``…`` alone on a line stands for any lines,
  digests, key ids, times and random ids are not compared, ``$ echo $?`` shows the exit code of the command before;
- ``sh``: each line is run and must end with 0;
- ``python``: is executed.

All blocks of one document share a directory with ``penguins/`` (the demo's data), ``data/`` (a copy) and ``train.py``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sbom.demo import dataset

REPOSITORY = Path(__file__).resolve().parents[2]
BASH = shutil.which("bash") or "bash"

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOISE = [
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r"\b[0-9a-f]{4,}…"), "<hex>…"),
    (re.compile(r"\b[0-9a-f]{32,}\b"), "<hex>"),
    (re.compile(r"[A-Za-z0-9_-]{40,}"), "<base64url>"),
    (re.compile(r"(?<=in )/\S*data-sbom-demo-\w+"), "<directory>"),
    (re.compile(r"data-sbom \d+\.\d+\.\d+\b"), "data-sbom <version>"),
    (re.compile(r'("name": "data-sbom",\s+"version": )"\d+\.\d+\.\d+"'), r"\1<version>"),
]


@dataclass(frozen=True)
class Block:
    """A fenced block of a document: its language, its text, and the line that it starts at."""

    language: str
    text: str
    line: int


def blocks(path: Path, *languages: str) -> list[Block]:
    text = path.read_text(encoding="utf-8")
    found = [Block(match[1], match[2], text.count("\n", 0, match.start()) + 2) for match in _FENCE.finditer(text)]
    return [block for block in found if not languages or block.language in languages]


def plain(text: str) -> str:
    """Replace what differs from run to run."""
    for pattern, name in _NOISE:
        text = pattern.sub(name, text)
    return text


def same(stated: str, actual: str) -> bool:
    parts = re.split(r"^…\n", plain(stated), flags=re.MULTILINE)
    return re.fullmatch(r"(?:.*\n)*?".join(map(re.escape, parts)), plain(actual)) is not None


class Session:
    """Runs the blocks of one document, in order, in one directory."""

    def __init__(self, home: Path, directory: Path) -> None:
        self.directory = directory
        programs = home / "bin"
        programs.mkdir()
        for name, words in (("data-sbom", f"'{sys.executable}' -m sbom"), ("python", f"'{sys.executable}'")):
            (programs / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
            (programs / name).chmod(0o755)
        self._environment = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(home),
            "COLUMNS": "100",
            "TERM": "dumb",
            "NO_COLOR": "1",
        }
        self._last = 0

    def run(self, command: str) -> str:
        if command == "echo $?":
            return f"{self._last}\n"
        done = subprocess.run(
            [BASH, "-c", command],
            cwd=self.directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        self._last = done.returncode
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout

    def play(self, path: Path) -> int:
        """Run every block of a document; return how many commands and programs there were."""
        number = 0
        for block in blocks(path, "console", "sh", "python"):
            where = f"{path.name}:{block.line}"
            if block.language == "python":
                number += 1
                exec(compile(block.text, where, "exec"), {"train": lambda: None, "__name__": "__example__"})  # noqa: S102  # our own
                continue
            for command, output in _commands(block):
                number += 1
                actual = self.run(command)
                if block.language == "sh":
                    assert self._last == 0, f"{where}: {command}\n{actual}"
                else:
                    assert same(output, actual), f"{where}: $ {command}\n{actual}"
        return number


def _commands(block: Block) -> list[tuple[str, str]]:
    if block.text.startswith("$ data-sbom demo\n"):  # what it prints holds commands itself
        return [("data-sbom demo", block.text.partition("\n")[2])]
    text = block.text.replace("\\\n", "")
    if block.language == "sh":
        lines = [re.sub(r"\s+# .*", "", line).strip() for line in text.splitlines()]
        return [(line, "") for line in lines if line and not line.startswith("#")]
    found = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    assert found[0] == "", f"line {block.line}: output without a command"
    return list(zip(found[1::2], found[2::2], strict=True))


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    directory = tmp_path / "work"
    dataset.lay_out(directory)
    shutil.copytree(directory / "penguins", directory / "data")
    monkeypatch.chdir(directory)
    return Session(tmp_path, directory)
