"""The git state of a directory, read as bounded text. git is never run: a repository's configuration can run code."""

from __future__ import annotations

import os
import re
import stat

from sbom import names
from sbom.inventory import files
from sbom.model import GitState

_HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_REF = 1 << 10
_MAX_PACKED = 16 << 20
#: What HEAD says where the references are kept in a form of their own (reftable), which is not text.
_NOT_TEXT = "refs/heads/.invalid"


class _Repository:
    """A ``.git`` directory, of which nothing behind a link is read."""

    def __init__(self, fd: int) -> None:
        self._opener = files.Opener(fd)

    def text(self, path: str, limit: int) -> str:
        """Read a small regular file; empty when it is anything else."""
        try:
            fd = self._opener.open(path)
            try:
                data = os.read(fd, limit + 1) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
            finally:
                os.close(fd)
            return data.decode() if len(data) <= limit else ""
        except (OSError, UnicodeDecodeError):
            return ""

    def commit(self, ref: str) -> str | None:
        """Return the commit that a reference names, from its own file or from the packed ones."""
        loose = self.text(ref, _MAX_REF).strip()
        if _HEX.fullmatch(loose):
            return loose
        for line in self.text("packed-refs", _MAX_PACKED).splitlines():
            commit, _, name = line.partition(" ")
            if name == ref and _HEX.fullmatch(commit):
                return commit
        return None

    def close(self) -> None:
        self._opener.close()


def read(directory: str, *, search_parents: bool) -> GitState | None:
    """Read the commit and branch that are checked out at ``directory``.

    :param search_parents: also look in the directories above it.
    :return: ``None`` where there is no repository that can be read as text.
    """
    found = _find(directory, search_parents=search_parents)
    if found is None:
        return None
    fd = found[1]
    repository = _Repository(fd)
    try:
        return _state(repository)
    finally:
        repository.close()
        os.close(fd)


def top(directory: str) -> str | None:
    """Return the real path of the repository that a directory is part of; ``None`` where there is none."""
    found = _find(directory, search_parents=True)
    if found is None:
        return None
    os.close(found[1])
    return found[0]


def _find(directory: str, *, search_parents: bool) -> tuple[str, int] | None:
    """Find ``.git``; return the directory that it is in, and a descriptor of it."""
    current = os.path.realpath(directory)
    while True:
        try:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            return current, os.open(os.path.join(current, ".git"), flags)
        except FileNotFoundError:
            parent = os.path.dirname(current)
            if parent == current or not search_parents:
                return None
            current = parent
        except OSError:
            # A file or a link (a worktree, a submodule): whatever is checked out here, it is not what the parents say.
            return None


def _state(repository: _Repository) -> GitState | None:
    head = repository.text("HEAD", _MAX_REF).strip()
    if _HEX.fullmatch(head):
        return GitState(commit=head, branch=None)
    kind, _, ref = head.partition(":")
    ref = ref.strip()
    if kind != "ref" or not ref.startswith("refs/") or ref == _NOT_TEXT or names.refusal(ref) is not None:
        return None
    return GitState(commit=repository.commit(ref), branch=ref.removeprefix("refs/heads/"))
