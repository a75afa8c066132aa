"""What a step runs with: the interpreter and its packages. Never the environment's variables."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

from sbom.transformation import Software

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 60
_PYTHON = re.compile(r"python(?:3(?:\.\d+)?)?(?:\.exe)?|pypy3?")
#: Words that only start another program.
_PREFIXES = frozenset({"env", "nohup", "time", "nice", "stdbuf"})
_MAX_PACKAGES = 5_000
_ASK = """
import importlib.metadata as m, json, platform, site, sys, sysconfig
found = sorted({(d.metadata["Name"] or "", d.version or "") for d in m.distributions() if d.metadata["Name"]})
dirs = [sys.prefix, sys.base_prefix, sys.exec_prefix, site.getusersitepackages(), *sysconfig.get_paths().values()]
json.dump({"name": platform.python_implementation(), "version": platform.python_version(), "packages": found,
           "directories": sorted(set(dirs))}, sys.stdout)
"""


class Environment(NamedTuple):
    """What a command runs with.

    :param directories: that hold the interpreter and its packages: what is read there is software, and no material.
    """

    software: tuple[Software, ...]
    directories: tuple[str, ...]


def of(command: Sequence[str]) -> Environment:
    """Find out which interpreter a command runs, and what is installed for it."""
    program = _program(command)
    path = None if program is None else shutil.which(program)
    if path is None:
        return Environment((), ())
    python = path if _PYTHON.fullmatch(os.path.basename(path)) else _shebang(path)
    if python is None:
        return Environment((Software("application", os.path.basename(path)),), ())
    said = _ask(python)
    if said is None:
        return Environment((Software("platform", os.path.basename(python)),), ())
    packages = [Software("library", name, version or None, _purl(name, version)) for name, version in said["packages"]][
        :_MAX_PACKAGES
    ]
    interpreter = Software("platform", str(said["name"]), str(said["version"]))
    return Environment((interpreter, *dict.fromkeys(packages)), tuple(said["directories"]))


def _program(command: Sequence[str]) -> str | None:
    """Return the program that a command is about, behind words that only start it."""
    for word in command:
        if os.path.basename(word) not in _PREFIXES and "=" not in word and not word.startswith("-"):
            return word
    return None


def _shebang(path: str) -> str | None:
    """Return the Python that a script names in its first line."""
    try:
        with open(path, "rb") as stream:
            first = stream.readline(1024)
    except OSError:
        return None
    if not first.startswith(b"#!"):
        return None
    words = os.fsdecode(first[2:]).split()
    named = _program(words)
    if named is None or not _PYTHON.fullmatch(os.path.basename(named)):
        return None
    return shutil.which(named)


def _ask(python: str) -> dict[str, Any] | None:
    """Ask a Python what it is and what is installed for it; in isolation, so that nothing of the workspace is run."""
    try:
        ran = subprocess.run(
            [python, "-I", "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        said = json.loads(ran.stdout) if not ran.returncode else None
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return said if isinstance(said, dict) else None


def _purl(name: str, version: str) -> str:
    """Return a package URL (purl-spec, type pypi): lower case, with hyphens."""
    normal = re.sub(r"[-_.]+", "-", name).lower()
    return f"pkg:pypi/{normal}@{version}" if version else f"pkg:pypi/{normal}"
