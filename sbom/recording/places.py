"""Where something that a run touched lies, and whether a record has to tell of it.

Whatever is left out of a record without a word could carry data past it. So only what can hold none is left out: the
interpreter and its packages, which the record names, what the system's own packages installed, and the kernel's files.
"""

from __future__ import annotations

import os
import re
import stat
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What belongs to tools, and is neither material nor product: what lies in these directories.
_TOOLS: Final = re.compile(
    r"(?:.*/)?(?:\.git|\.hg|\.svn|\.venv|venv|node_modules|__pycache__|\.ipynb_checkpoints|\.pytest_cache|\.mypy_cache"
    r"|\.ruff_cache|\.tox|\.nox|\.cache|[^/]*\.egg-info)/|\.dvc/cache/",
    re.DOTALL,
)
#: What the system's packages install and its administrator sets up: read by every program, and material of no step.
_SYSTEM: Final = (
    "/usr/", "/lib/", "/lib32/", "/lib64/", "/libx32/", "/bin/", "/sbin/", "/etc/", "/nix/store/", "/snap/",
    "/run/systemd/", "/run/resolvconf/", "/var/cache/fontconfig/", "/System/", "/Library/",
)  # fmt: skip
_KERNEL: Final = ("/proc/", "/sys/", "/dev/")
#: Files in memory, and messages, that programs share.
_SHARED: Final = ("/dev/shm/", "/dev/mqueue/")  # noqa: S108  # named, not used
_MEMORY: Final = re.compile(r"/proc/\d+/(?:task/\d+/)?mem")
#: Of a version manager (pyenv and its kin, ``…/versions/3.13.1/bin/python``): programs that lead to an interpreter.
_MANAGER: Final = ("shims/", "bin/", "libexec/", "plugins/", "pyenv.d/")
_COMPILED: Final = re.compile(r"(?:.*/)?__pycache__/[^/]+\.pyc(?:\.\d+)?", re.DOTALL)
#: What git reads of a repository: its state, and objects that are named by their digests.
_GIT: Final = re.compile(
    r"(?:.*/)?\.git/(?:HEAD|config|index|packed-refs|shallow|commondir|info/(?:exclude|attributes)|refs/.*|logs/.*"
    r"|objects/(?:[0-9a-f]{2}/[0-9a-f]{38,62}|pack/pack-[0-9a-f]+\.[a-z]+|info/[a-z-]+))",
    re.DOTALL,
)


class Kind(Enum):
    """What a record has to say of a path."""

    #: A file of the workspace.
    FILE = auto()
    #: A file of the workspace that belongs to a tool: in no record.
    TOOL = auto()
    #: In no workspace, and nobody's own.
    OUTSIDE = auto()
    #: Nothing.
    SILENT = auto()


def _manager(prefix: str) -> Iterator[str]:
    """Yield what a version manager keeps beside its interpreters, which are found through it."""
    root, found, _ = prefix.partition("/versions/")
    if found:
        for name in _MANAGER:
            yield f"{root}/{name}"


def is_tool(name: str) -> bool:
    """Tell whether something lies in a directory that belongs to a tool."""
    return _TOOLS.match(name) is not None


def is_tool_directory(path: str) -> bool:
    """Tell whether a directory belongs to a tool."""
    return is_tool(f"{path}/")


def is_compiled(path: str) -> bool:
    """Tell whether a file is a module of Python that Python itself has compiled."""
    return ".pyc" in path and _COMPILED.fullmatch(path) is not None


class Places:
    """The file system, as one step sees it.

    :param workspace: real path.
    :param software: directories of the interpreter and its packages.
    """

    def __init__(self, workspace: str, software: Iterable[str]) -> None:
        self._base = workspace.rstrip("/") + "/"
        known = {f"{path.rstrip('/')}/" for one in software for path in (one, os.path.realpath(one))}
        known |= {part for one in known for part in _manager(one)}
        # Which interpreter is the default.
        self._defaults = frozenset(one.partition("/versions/")[0] + "/version" for one in known if "/versions/" in one)
        # A directory above the workspace (a prefix such as /usr) is not the interpreter's alone.
        self._software = tuple(one for one in sorted(known) if not self._base.startswith(one))

    def name(self, path: str) -> str | None:
        """Return the name in the workspace of an absolute path; ``None`` when it lies elsewhere."""
        return path[len(self._base) :] if path.startswith(self._base) else None

    def path(self, name: str) -> str:
        """Return the absolute path of something in the workspace."""
        return self._base + name

    def of_read(self, path: str, opened: str) -> Kind:
        """Tell what a file is that was read.

        :param path: as the kernel names it.
        :param opened: as the program named it: what a link in a directory of packages leads to is a package, too.
        """
        name = self.name(path)
        if path.startswith(self._software) or opened.startswith(self._software) or path in self._defaults:
            return Kind.SILENT
        if name is not None:
            if not is_tool(name) or is_compiled(name):
                return Kind.FILE
            return Kind.SILENT if _GIT.fullmatch(name) else Kind.TOOL
        if path.startswith(_KERNEL):
            return Kind.OUTSIDE if _holds_data(path) else Kind.SILENT
        # A link in the workspace makes data of whatever it leads to.
        is_system = path.startswith(_SYSTEM) and self.name(opened) is None
        return Kind.SILENT if is_system else Kind.OUTSIDE

    def of_write(self, path: str) -> Kind:
        """Tell what a file is that was written. Software is no place to write to: nobody would find it there."""
        name = self.name(path)
        if is_compiled(path):
            return Kind.SILENT
        if name is not None:
            return Kind.TOOL if is_tool(name) else Kind.FILE
        if path.startswith(_KERNEL) and not _holds_data(path):
            return Kind.SILENT
        return Kind.OUTSIDE


def _holds_data(path: str) -> bool:
    """Tell which of the kernel's files hold data of somebody: shared memory, memory of processes, disks."""
    if path.startswith(_SHARED) or _MEMORY.fullmatch(path):
        return True
    try:
        return path.startswith("/dev/") and stat.S_ISBLK(os.stat(path).st_mode)
    except OSError:
        return False
