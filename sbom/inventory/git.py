"""The git state of a directory, read as bounded text. git is never run: a repository's configuration can run code."""

from __future__ import annotations

import os
import re

from sbom.model import GitState

_HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"refs/[A-Za-z0-9._/+@#=-]+")
_MAX_REF = 1 << 10
_MAX_PACKED = 16 << 20


def _text(path: str, limit: int) -> str | None:
    """Read a small regular file; ``None`` when it is anything else."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as stream:
        try:
            data = stream.read(limit + 1)
        except OSError:
            return None
    return data.decode("utf-8", "replace") if len(data) <= limit else None


def _packed(git: str, ref: str) -> str | None:
    for line in (_text(os.path.join(git, "packed-refs"), _MAX_PACKED) or "").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref and _HEX.fullmatch(commit):
            return commit
    return None


def read(directory: str, *, search_parents: bool) -> GitState | None:
    """Read the commit and branch that are checked out at ``directory``.

    :param search_parents: also look in the directories above it.
    :return: ``None`` where there is no repository that can be read as text.
    """
    current = os.path.realpath(directory)
    while not os.path.isdir(git := os.path.join(current, ".git")) or os.path.islink(git):
        parent = os.path.dirname(current)
        if parent == current or not search_parents:
            return None
        current = parent
    head = (_text(os.path.join(git, "HEAD"), _MAX_REF) or "").strip()
    if _HEX.fullmatch(head):
        return GitState(commit=head, branch=None)
    ref = head.removeprefix("ref: ").strip()
    if ref == head or not _REF.fullmatch(ref) or ".." in ref:
        return None
    commit = (_text(os.path.join(git, ref), _MAX_REF) or "").strip()
    known = commit if _HEX.fullmatch(commit) else _packed(git, ref)
    return GitState(commit=known, branch=ref.removeprefix("refs/heads/"))
