"""The commit that a step ran at, and whether anything differed from it.

git is never run in a repository: its configuration can run programs (monitors, hooks, filters). It is run in an empty
repository of our own, with a copy of the index, and takes from the other one nothing but objects, which are data.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from typing import Final

from sbom.inventory import files, git
from sbom.transformation import Revision

_SECONDS: Final = 60
_MAX_INDEX: Final = 1 << 30
_SHA256_DIGITS: Final = 64
_NOTHING: Final = "/dev/null"


def revision(workspace: str) -> Revision | None:
    """Return the commit that is checked out, and whether anything that is under version control differs from it.

    :return: ``None`` where there is no repository that can be read; its members are ``None`` where they are not known.
    """
    state = git.read(workspace, search_parents=True)
    top = git.top(workspace)
    if state is None or top is None:
        return None
    if state.commit is None:
        return Revision(None, None)
    program = shutil.which("git")
    return Revision(state.commit, None if program is None else _is_dirty(program, top, state.commit))


def _is_dirty(program: str, top: str, commit: str) -> bool | None:
    """Compare files, index and commit; ``None`` where git cannot: an index in parts, objects that are elsewhere."""
    with tempfile.TemporaryDirectory(prefix="data-sbom-") as own:
        try:
            _prepare(own, top, commit)
            ran = subprocess.run(
                [program, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"],
                cwd=top,
                env=_environment(own, top),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return None if ran.returncode else bool(ran.stdout.strip())


def _prepare(own: str, top: str, commit: str) -> None:
    """Make a repository whose ``HEAD`` is the commit, and whose index is that of another one."""
    os.mkdir(os.path.join(own, "refs"))
    is_sha256 = len(commit) == _SHA256_DIGITS
    config = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = " + (
        "sha256" if is_sha256 else "sha1"
    )
    for name, text in (("HEAD", commit), ("config", config)):
        with open(os.path.join(own, name), "w", encoding="ascii") as stream:
            stream.write(f"{text}\n")
    root_fd = files.open_root(top)
    opener = files.Opener(root_fd)
    try:
        with os.fdopen(opener.open(".git/index"), "rb") as source:
            seen = os.fstat(source.fileno())
            if not stat.S_ISREG(seen.st_mode) or seen.st_size > _MAX_INDEX:
                raise OSError("the index is no file, or too large")
            target = os.path.join(own, "index")
            with open(target, "wb") as copy:
                shutil.copyfileobj(source, copy)
            # What changed after the index was written is looked at more closely.
            os.utime(target, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    finally:
        opener.close()
        os.close(root_fd)


def _environment(own: str, top: str) -> dict[str, str]:
    """Return all that git is told: no configuration but our own, and not where it is."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": own,
        "LC_ALL": "C",
        "GIT_DIR": own,
        "GIT_WORK_TREE": top,
        "GIT_OBJECT_DIRECTORY": os.path.join(top, ".git", "objects"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": _NOTHING,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
