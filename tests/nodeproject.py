"""Programs of other implementations, from the npm registry as their lock file pins them. Kept in ``.cache``."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_PACKAGE = ("package.json", "package-lock.json")
_CACHE = Path(__file__).parents[1] / ".cache"


class NodeProject(NamedTuple):
    """A project that is installed: its scripts take JSON, and give JSON."""

    node: str
    directory: Path

    def run(self, script: str, request: object) -> Any:
        done = subprocess.run(
            [self.node, self.directory / script],
            input=json.dumps(request).encode(),
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)


def install(source: Path, name: str, what: str, oldest: tuple[int, int]) -> NodeProject:
    """Install what a lock file pins, unless that has been done; skip where that cannot be.

    :param source: directory with ``package.json``, its lock file, and scripts.
    :param name: of the directory in the cache.
    :param what: the package that the project is about, for people.
    :param oldest: version of Node.js that it needs.
    """
    how = f"install Node.js {oldest[0]}.{oldest[1]} or newer with npm to run the tests of interoperability"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip(f"there is no node or no npm: {how}")
    printed = subprocess.run([node, "--version"], capture_output=True, check=True, text=True, timeout=60).stdout
    if tuple(int(number) for number in re.findall(r"\d+", printed)[:2]) < oldest:
        pytest.skip(f"node {printed.strip()} is too old: {how}")
    directory = _CACHE / name
    directory.mkdir(parents=True, exist_ok=True)
    with (_CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install(source, directory, npm, what)
    return NodeProject(node, directory)


def _install(source: Path, directory: Path, npm: str, what: str) -> None:
    for script in source.glob("*.mjs"):
        shutil.copyfile(script, directory / script.name)
    wanted = hashlib.sha256(b"".join((source / name).read_bytes() for name in _PACKAGE)).hexdigest()
    stamp = directory / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    for name in _PACKAGE:
        shutil.copyfile(source / name, directory / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, check=False, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not finish installing {what}: run the tests again with a network")
    if done.returncode != 0:
        pytest.skip(f"npm cannot install {what}: {done.stderr.strip()[-400:]}")
    stamp.write_text(wanted)
