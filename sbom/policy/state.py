"""The state file: what was seen under one policy. The only part of a policy that is written.

It is never taken for granted: a file that is missing is one that nobody has written yet, a file that cannot be read or
understood is one that nobody knows the content of (exit 3), and none is ever reset. It is replaced in one step, under a
lock, and only by what was decided anew under that lock. Revocations are remembered whatever became of the run: a
release that they refuse would never be a success.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
import re
import stat
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from sbom import output
from sbom.cyclonedx import strict_json
from sbom.errors import Error, RefusedError, UndecidedError, UsageError
from sbom.policy import history, revocation
from sbom.policy.decide import decide
from sbom.policy.facts import Answer, Release, Remembered, Seen, accepted
from sbom.policy.model import VALID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sbom.policy.facts import Facts
    from sbom.policy.model import Policy

#: Bytes of a state file.
MAX_SIZE: Final = 32 << 20
_FORMAT: Final = "data-sbom-state/1"
_MODE: Final = 0o600
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
#: Seconds to wait for another run that is about to write the same file, and between two looks.
_PATIENCE: Final = 30.0
_PAUSE: Final = 0.05

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_HINT: Final = "find out who changed it; restore it from a backup, or remove it on purpose: then all of it is forgotten"


def required(policy: Policy, chosen: str | None) -> str | None:
    """Return the path of the state file that a run uses; ``None`` when there is none.

    :param chosen: by the caller, else by the policy.
    :raises UsageError: when the policy needs one and there is none, or it is a link or no file.
    """
    if chosen is not None:
        output.check_target(chosen)
    elif policy.predecessor.never_older:
        hint = "name it in the policy with state, or give --state FILE"
        raise UsageError("the policy wants nothing older than was seen, and no state file is named", hint=hint)
    return chosen


def load(path: str, policy: Policy) -> Seen:
    """Read what was seen under a policy; nothing, where there is no file.

    :raises UsageError: when it is no regular file, or the state of another policy.
    :raises UndecidedError: when it cannot be read or understood, or others may change it.
    """
    found = output.check_target(path)
    if found is None:
        return Seen()
    if found.st_mode & _OTHERS_WRITE:
        raise UndecidedError("others may change this state file", path=path, hint="look at it, then chmod 600")
    data = _content(path)
    try:
        return _Reading(strict_json.loads(data, strict_json.Limits(size=MAX_SIZE), path=path)).seen(policy.id)
    except UsageError as error:
        raise UsageError(error.message, path=path, hint="give each policy a state file of its own") from error
    except (Error, _MalformedError) as error:
        reason = error.message if isinstance(error, Error) else str(error)
        raise UndecidedError(f"this state file cannot be understood: {reason}", path=path, hint=_HINT) from error


def record(path: str, policy: Policy, facts: Facts, *, success: bool) -> None:
    """Remember what a run has seen: revocations always, the release when everything held.

    :param success: every check of the run held, those of the policy among them.
    :raises RefusedError: when another run has seen meanwhile what makes this release unacceptable.
    :raises UndecidedError: when the file cannot be read, understood or locked.
    :raises OutputError: when it cannot be written; then the run has not succeeded.
    """
    with _locked(path):
        before = load(path, policy)
        fresh = dataclasses.replace(facts, seen=before)
        decisions = decide(policy, fresh)
        mine = decisions[0].check == VALID and decisions[0].answer is Answer.HOLDS
        passes = success and accepted(decisions)
        # Whoever can hand over an old policy, or an unsigned one, must not write the memory of the right one.
        after = revocation.remember(policy, fresh, before) if mine else before
        if passes:
            after = history.accept(after, fresh)
        if after != before:
            _write(path, dump(policy.id, after))
    if success and not passes:
        bad = next(one for one in decisions if one.answer in {Answer.FAILS, Answer.UNDECIDED})
        message = f"another run has changed what is known meanwhile: {bad.sentence}"
        raise RefusedError(message, path=path, hint="verify again")


def dump(policy_id: str, seen: Seen) -> bytes:
    """Return a state file."""
    tree = {
        "format": _FORMAT,
        "policy": policy_id,
        "policyVersion": seen.policy_version,
        "datasets": [
            {"name": name, "releases": [one._asdict() for one in releases], "older": sorted(seen.older.get(name, ()))}
            for name, releases in sorted(seen.releases.items())
        ],
        "revocations": [one._asdict() for one in seen.revocations],
        "listIssued": None if seen.list_issued is None else seen.list_issued.astimezone(UTC).strftime(_TIME),
    }
    return orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class _MalformedError(ValueError):
    """Something in a state file is not what it has to be."""


class _Reading:
    """Reads a state file; everything in it has to be there, of its type, and nothing else."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        names = ("format", "policy", "policyVersion", "datasets", "revocations", "listIssued")
        self._tree = self._table(tree, names)
        if tree["format"] != _FORMAT:
            raise _MalformedError("it is of another format")

    def seen(self, policy_id: str) -> Seen:
        if self._tree["policy"] != policy_id:
            raise UsageError("is the state of another policy")
        version, issued = self._tree["policyVersion"], self._tree["listIssued"]
        if isinstance(version, bool) or not isinstance(version, int) or version < 0:
            raise _MalformedError("policyVersion is no number")
        releases: dict[str, tuple[Release, ...]] = {}
        older: dict[str, frozenset[str]] = {}
        for item in self._items(self._tree["datasets"]):
            table = self._table(item, ("name", "releases", "older"))
            name = self._text(table["name"])
            if name in releases:
                raise _MalformedError("a dataset is there twice")
            releases[name] = tuple(map(self._release, self._items(table["releases"])))
            older[name] = frozenset(map(self._sha256, self._items(table["older"])))
            if not releases[name]:
                raise _MalformedError("a dataset has no release")
        revocations = tuple(map(self._revocation, self._items(self._tree["revocations"])))
        return Seen(version, releases, older, revocations, None if issued is None else self._time(issued))

    def _release(self, item: object) -> Release:
        table = self._table(item, Release._fields)
        version, previous = table["version"], table["previous"]
        return Release(
            self._sha256(table["sha256"]),
            self._sha256(table["content"]),
            None if version is None else self._text(version),
            self._sha256(table["root"]),
            None if previous is None else self._sha256(previous),
        )

    def _revocation(self, item: object) -> Remembered:
        table = self._table(item, Remembered._fields)
        root = self._text(table["root"])
        texts = (self._text(table[name]) for name in ("by", "reason", "time"))
        return Remembered(self._sha256(table["sha256"]), root and self._sha256(root), *texts)

    @staticmethod
    def _table(item: object, names: tuple[str, ...]) -> Mapping[str, Any]:
        if not isinstance(item, dict) or item.keys() != set(names):
            raise _MalformedError(f"it does not have exactly {', '.join(names)}")
        return item

    @staticmethod
    def _items(value: object) -> list[object]:
        if not isinstance(value, list):
            raise _MalformedError("something is no list")
        return value

    @staticmethod
    def _text(value: object) -> str:
        if not isinstance(value, str):
            raise _MalformedError("something is no text")
        return value

    @staticmethod
    def _sha256(value: object) -> str:
        if not isinstance(value, str) or _SHA256.fullmatch(value) is None:
            raise _MalformedError("something is no SHA-256")
        return value

    @staticmethod
    def _time(value: object) -> datetime:
        try:
            return datetime.strptime(str(value), _TIME).replace(tzinfo=UTC)
        except ValueError as error:
            raise _MalformedError("listIssued is no time") from error


def _content(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except OSError as error:
        raise UndecidedError(f"this state file cannot be read: {error.strerror}", path=path) from error
    if len(data) > MAX_SIZE:
        raise UndecidedError(f"this state file is larger than {MAX_SIZE >> 20} MiB", path=path, hint=_HINT)
    return data


def _write(path: str, data: bytes) -> None:
    if len(data) > MAX_SIZE:
        raise UndecidedError(f"the state would be larger than {MAX_SIZE >> 20} MiB", path=path)
    output.write(path, data, mode=_MODE)


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Hold the directory of a state file, so that no other run writes it meanwhile: the file itself is replaced."""
    directory = os.path.dirname(path) or "."
    try:
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        reason = f"the directory of the state file cannot be opened: {error.strerror}"
        raise UndecidedError(reason, path=path) from error
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _lock(fd, path):
            if time.monotonic() > deadline:
                raise UndecidedError("another run holds the state file", path=path, hint="verify again later")
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(fd)  # gives the lock back


def _lock(fd: int, path: str) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise UndecidedError(f"the state file cannot be locked: {error.strerror}", path=path) from error
    return True
