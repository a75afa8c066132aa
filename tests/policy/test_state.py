"""The state file: never taken for granted, never reset, replaced in one step, remembering what was seen."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from policies import NOW, dataset, digest, facts, policy, revocation, revocations

from sbom import output
from sbom.errors import OutputError, RefusedError, UndecidedError, UsageError
from sbom.policy import state
from sbom.policy.facts import Release, Seen

OF = policy('[predecessor]\nnever-older = true\n[revocation]\nrevokers = ["security"]')
FIRST = facts("ada", document="d1")
SECOND = facts("ada", document="d2", dataset=dataset("2.0", "d1"))


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "state.json")


def release(about):
    return about.dataset.name, about.release


def test_nothing_is_seen_before_the_first_run(path):
    assert state.load(path, OF) == Seen()
    assert not os.path.exists(path)


def test_a_release_is_remembered_after_success(path):
    state.record(path, OF, FIRST, success=True)
    seen = state.load(path, OF)
    assert seen.releases == {"penguins": (FIRST.release,)}
    assert seen.policy_version == OF.version
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.listdir(os.path.dirname(path)) == ["state.json"]


def test_a_release_is_not_remembered_after_failure(path):
    state.record(path, OF, FIRST, success=False)
    assert state.load(path, OF).releases == {}
    state.record(path, OF, facts("mallory", document="d1"), success=False)
    assert state.load(path, OF).releases == {}


def test_a_revocation_is_remembered_after_failure(path):
    state.record(path, OF, replace(FIRST, revocations=(revocation("grace", "d1"),)), success=False)
    (one,) = state.load(path, OF).revocations
    assert (one.sha256, one.by, one.reason) == (digest("d1"), "grace", "it is poisoned")
    with pytest.raises(RefusedError, match="as was seen before"):
        state.record(path, OF, FIRST, success=True)


def test_all_that_is_seen_comes_back(path):
    everything = policy('[predecessor]\nnever-older = true\n[revocation]\nrevokers = ["legal"]\nlist-max-age-days = 9')
    joan = revocations("joan", "other", "third")
    about = replace(FIRST, lists=(joan._replace(entries=(*joan.entries, joan.entries[0]._replace(root=digest("r")))),))
    state.record(path, everything, about, success=True)
    state.record(path, everything, replace(SECOND, lists=(joan,)), success=True)
    gulls = facts("ada", document="g", dataset=dataset(None, name="gülls\u202e"), lists=(joan,))
    state.record(path, everything, gulls, success=True)
    seen = state.load(path, everything)
    assert seen.releases["penguins"] == (FIRST.release, SECOND.release)
    assert seen.releases["gülls\u202e"] == (
        Release(digest("g"), digest("content of g"), None, gulls.dataset.root, None),
    )
    assert seen.older == {"penguins": {digest("d1")}, "gülls\u202e": frozenset()}
    assert len(seen.revocations) == 3
    assert seen.list_issued == NOW - timedelta(days=1)


def test_nothing_new_writes_nothing(path):
    state.record(path, OF, FIRST, success=True)
    before = os.stat(path)
    state.record(path, OF, FIRST, success=True)
    assert os.stat(path).st_ino == before.st_ino


def test_an_older_release_after_a_newer_one(path):
    state.record(path, OF, SECOND, success=True)
    content = Path(path).read_bytes()
    with pytest.raises(RefusedError, match="it is older than version 2"):
        state.record(path, OF, FIRST, success=True)
    assert Path(path).read_bytes() == content


def test_what_another_run_has_seen_meanwhile_counts(path):
    began = replace(FIRST, seen=state.load(path, OF))
    state.record(path, OF, SECOND, success=True)
    with pytest.raises(RefusedError, match="another run has changed what is known meanwhile"):
        state.record(path, OF, began, success=True)


def test_a_policy_that_is_not_the_right_one_writes_nothing(path):
    state.record(path, OF, FIRST, success=True)
    old = replace(OF, version=1)
    bad = replace(SECOND, revocations=(revocation("grace", "d1"),))
    with pytest.raises(RefusedError, match="the policy has version 1"):
        state.record(path, old, bad, success=True)
    with pytest.raises(RefusedError, match="not signed"):
        state.record(path, OF, replace(bad, policy_signed=False), success=True)
    state.record(path, old, bad, success=False)
    assert state.load(path, OF) == replace(
        Seen(), policy_version=2, releases={"penguins": (FIRST.release,)}, older={"penguins": frozenset()}
    )


def test_a_state_belongs_to_one_policy(path):
    state.record(path, OF, FIRST, success=True)
    with pytest.raises(UsageError, match="state of another policy"):
        state.load(path, replace(OF, id="other"))


GOOD = {
    "format": "data-sbom-state/1",
    "policy": "acme",
    "policyVersion": 2,
    "datasets": [
        {
            "name": "penguins",
            "releases": [{"sha256": "0" * 64, "content": "1" * 64, "version": "1", "root": "2" * 64, "previous": None}],
            "older": ["3" * 64],
        }
    ],
    "revocations": [{"sha256": "0" * 64, "root": "", "by": "grace", "reason": "", "time": ""}],
    "listIssued": "2026-05-01T00:00:00Z",
}


def changed(where, value):
    tree = json.loads(json.dumps(GOOD))
    place = tree
    for name in where[:-1]:
        place = place[name]
    place[where[-1]] = value
    return json.dumps(tree)


def write(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)


def test_the_good_one_is_read(path):
    write(path, json.dumps(GOOD))
    seen = state.load(path, OF)
    assert state.dump("acme", seen).startswith(b'{\n  "format"')
    write(path, state.dump("acme", seen))
    assert state.load(path, OF) == seen


RELEASE = ("datasets", 0, "releases", 0)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", json.dumps(GOOD)[:-1], json.dumps(GOOD) + "{}", "\xff", "{}",
        '{"policy": "acme", ' + json.dumps(GOOD)[1:],
        changed(("format",), "data-sbom-state/2"),
        changed(("policyVersion",), value=True), changed(("policyVersion",), -1), changed(("policyVersion",), "2"),
        changed(("extra",), 1),
        changed(("datasets",), {}), changed(("datasets",), [1]), changed(("datasets",), GOOD["datasets"] * 2),
        changed(("datasets", 0, "name"), 1), changed(("datasets", 0, "releases"), []), changed(("datasets", 0, "older"), [""]),
        changed((*RELEASE, "sha256"), "x"), changed((*RELEASE, "content"), None), changed((*RELEASE, "root"), "0" * 63),
        changed((*RELEASE, "version"), 1), changed((*RELEASE, "previous"), "A" * 64), changed((*RELEASE, "more"), 1),
        changed(("revocations",), None), changed(("revocations", 0, "root"), "x"), changed(("revocations", 0, "by"), None),
        changed(("listIssued",), "yesterday"), changed(("listIssued",), 1), changed(("listIssued",), "2026-05-01"),
    ],
)  # fmt: skip
def test_a_state_that_cannot_be_understood_is_never_reset(path, text):
    write(path, text.encode("latin-1"))
    with pytest.raises(UndecidedError, match="cannot be understood"):
        state.load(path, OF)
    with pytest.raises(UndecidedError, match="cannot be understood"):
        state.record(path, OF, FIRST, success=True)
    assert Path(path).read_bytes() == text.encode("latin-1")


def test_a_state_that_is_too_large(path, monkeypatch):
    monkeypatch.setattr(state, "MAX_SIZE", 100)
    write(path, b" " * 101)
    with pytest.raises(UndecidedError, match="larger than"):
        state.load(path, OF)
    os.unlink(path)
    with pytest.raises(UndecidedError, match="would be larger"):
        state.record(path, OF, FIRST, success=True)
    assert not os.path.exists(path)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_state_that_others_may_change(path, mode):
    write(path, json.dumps(GOOD), mode)
    with pytest.raises(UndecidedError, match="others may change"):
        state.load(path, OF)


def test_links_and_other_things_are_refused(path, tmp_path):
    write(str(tmp_path / "real"), json.dumps(GOOD))
    os.symlink(tmp_path / "real", path)
    os.mkdir(tmp_path / "directory")
    for name in (path, str(tmp_path / "directory")):
        for call in (lambda name=name: state.load(name, OF), lambda name=name: state.required(OF, name)):
            with pytest.raises(UsageError):
                call()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_state_that_cannot_be_read(path):
    write(path, json.dumps(GOOD), 0o200)
    with pytest.raises(UndecidedError, match="cannot be read"):
        state.load(path, OF)


def test_a_state_that_becomes_a_link_while_it_is_read(path, monkeypatch):
    write(path, json.dumps(GOOD))
    found = os.stat(path)
    os.symlink(path, path + "2")
    monkeypatch.setattr(output, "check_target", lambda name: found)
    with pytest.raises(UndecidedError, match="cannot be read"):
        state.load(path + "2", OF)


def test_a_state_file_is_required_where_age_is_asked_for(path):
    with pytest.raises(UsageError, match="no state file is named"):
        state.required(OF, None)
    assert state.required(OF, path) == path
    assert state.required(policy(), None) is None


def test_a_missing_directory(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        state.required(OF, str(tmp_path / "none" / "state.json"))
    with pytest.raises(UndecidedError, match="directory of the state file"):
        state.record(str(tmp_path / "none" / "state.json"), OF, FIRST, success=True)


def test_a_name_without_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state.record("state.json", OF, FIRST, success=True)
    assert state.load("state.json", OF).releases


def test_a_full_disk_is_no_success(path, monkeypatch):
    state.record(path, OF, FIRST, success=True)
    content = Path(path).read_bytes()

    def full(fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError):
        state.record(path, OF, SECOND, success=True)
    monkeypatch.undo()
    assert Path(path).read_bytes() == content
    assert os.listdir(os.path.dirname(path)) == ["state.json"]


def test_another_run_holds_it(path, tmp_path, monkeypatch):
    monkeypatch.setattr(state, "_PATIENCE", 0.0)
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        with pytest.raises(UndecidedError, match="another run holds"):
            state.record(path, OF, FIRST, success=True)
    finally:
        os.close(fd)
    state.record(path, OF, FIRST, success=True)


def test_a_run_waits_for_another(path, monkeypatch):
    monkeypatch.setattr(state, "_PAUSE", 0.0)
    answers = [False, False, True]
    monkeypatch.setattr(state, "_lock", lambda fd, name: answers.pop(0))
    state.record(path, OF, FIRST, success=True)
    assert not answers
    assert state.load(path, OF).releases


def test_a_file_system_without_locks(path, monkeypatch):
    def none(fd, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(UndecidedError, match="cannot be locked"):
        state.record(path, OF, FIRST, success=True)
    assert not os.path.exists(path)


def test_runs_at_the_same_time_lose_nothing(path, tmp_path):
    program = """
import sys
sys.path.append(sys.argv[1])
from policies import *
from sbom.policy import state
of = policy('[revocation]\\nrevokers = ["security"]')
for number in range(8):
    state.record(sys.argv[2], of, facts("ada", revocations=(revocation("grace", sys.argv[3] + str(number)),)), success=False)
"""
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    command = [sys.executable, "-c", program, here, path]
    runs = [subprocess.Popen([*command, name], env={**os.environ, "PYTHONPATH": root}) for name in "ab"]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert len(state.load(path, OF).revocations) == 16
