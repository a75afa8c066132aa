"""Threat "time of check": data that changes while it is verified, between verification and use, and during use."""

from __future__ import annotations

import json
import os
import time

import pytest

import sbom
from sbom.inventory import hashing, pool
from sbom.verification import files as checks

FILE = "train/0002.csv"


def rewrite(path):
    """Change one byte in place, and put the times back."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def swap(path):
    """Put another file of the same size in its place, with the same times."""
    before = path.stat()
    other = path.with_name("new")
    other.write_bytes(b"x" * before.st_size)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(other, path)


MOVES = {
    "rewritten": lambda data: rewrite(data / FILE),
    "swapped": lambda data: swap(data / FILE),
    "removed": lambda data: (data / FILE).unlink(),
    "removed and put back": lambda data: (
        (data / FILE).rename(data / "x"),
        rewrite(data / "x"),
        (data / "x").rename(data / FILE),
    ),
    "truncated": lambda data: os.truncate(data / FILE, 1),
    "grown": lambda data: os.truncate(data / FILE, 1_000_000),
    "made a link": lambda data: ((data / FILE).rename(data / "../kept"), (data / FILE).symlink_to("../../kept")),
    "made a pipe": lambda data: ((data / FILE).unlink(), os.mkfifo(data / FILE)),
    "mode changed": lambda data: (data / FILE).chmod(0o600),
    "directory made a link": lambda data: (
        (data / "train").rename(data / "../train2"),
        (data / "train").symlink_to("../train2"),
    ),
    "link turned": lambda data: (
        (data / "train/link.csv").unlink(),
        (data / "train/link.csv").symlink_to("0002.csv"),
    ),
    "target of a link rewritten": lambda data: rewrite(data / "train/0001.csv"),
    "added": lambda data: (data / "evil.py").write_bytes(b"x"),
    "added in a new directory": lambda data: ((data / "new").mkdir(), (data / "new/evil").write_bytes(b"")),
}


def during_hashing(attack, monkeypatch, move):
    """Make a change when the first file has been hashed."""
    real = hashing.hash_file
    done = []

    def hooked(opener, task, algorithms, progress=None):
        result = real(opener, task, algorithms, progress)
        if not done:
            done.append(move(attack.data))
        return result

    monkeypatch.setattr(pool, "hash_file", hooked)


@pytest.mark.parametrize("case", MOVES)
def test_change_while_it_is_hashed(attack, monkeypatch, case):
    during_hashing(attack, monkeypatch, MOVES[case])
    ran = attack.cli(*attack.release.verify_args())
    assert ran.code in {1, 3}, ran.text
    assert "VERIFIED" not in ran.out
    report = [word for word in ("UNSTABLE", "UNREADABLE", "TYPE", "MODIFIED") if word in ran.out]
    assert report, ran.out


@pytest.mark.parametrize("case", MOVES)
def test_change_after_everything_was_hashed(attack, monkeypatch, case):
    real = checks._Comparison._hash

    def hooked(self, jobs, progress):
        real(self, jobs, progress)
        MOVES[case](attack.data)

    monkeypatch.setattr(checks._Comparison, "_hash", hooked)
    attack.refused("UNSTABLE", "while it was being checked", code=3)


def test_file_swapped_between_stat_and_open(attack, monkeypatch):
    """What is opened must be what the walk saw, not what has its name now."""
    real = checks._let_the_clock_tick

    def hooked(jobs):
        real(jobs)
        swap(attack.file(FILE))

    monkeypatch.setattr(checks, "_let_the_clock_tick", hooked)
    attack.refused("UNSTABLE", FILE, code=3)


def test_file_that_grows_while_it_is_read(attack, monkeypatch):
    real = os.read
    path = attack.file("blob.bin")

    def hooked(fd, size):
        data = real(fd, size)
        if data.startswith(bytes(range(256))):
            with path.open("ab") as stream:
                stream.write(b"more")
        return data

    monkeypatch.setattr(os, "read", hooked)
    attack.refused("UNSTABLE", "blob.bin", code=3)


def test_nothing_is_hashed_within_the_tick_of_its_last_change(attack, monkeypatch):
    """Two changes within one tick of a coarse clock leave equal times: reading has to wait until the tick is over."""
    read_at = []
    real = pool.run

    def hooked(*args, **kwargs):
        read_at.append(time.time_ns())
        return real(*args, **kwargs)

    monkeypatch.setattr(pool, "run", hooked)
    for path in attack.data.rglob("*.csv"):
        os.utime(path)
    newest = max(path.stat().st_ctime_ns for path in attack.data.rglob("*") if path.is_file())
    attack.accepted()
    assert read_at[0] - newest >= 15_000_000


def test_results_that_never_come_are_not_taken_for_good(attack, monkeypatch):
    monkeypatch.setattr(pool, "run", lambda *_args, **_kwargs: iter(()))
    attack.refused("was never read", FILE, code=3)


def test_data_that_leads_elsewhere_at_the_end(attack, monkeypatch, tmp_path):
    """DATA was given through a link, and the link was turned meanwhile: what was verified is not what will be used."""
    evil = tmp_path / "evil"
    evil.mkdir()
    current = tmp_path / "current"
    current.symlink_to(attack.data)
    real = checks._Comparison._hash

    def hooked(self, jobs, progress):
        real(self, jobs, progress)
        current.unlink()
        current.symlink_to(evil)

    monkeypatch.setattr(checks._Comparison, "_hash", hooked)
    ran = attack.cli("verify", attack.bom, current, "--public-key", attack.release.pub)
    assert ran.code == 3
    assert "leads to another place" in ran.out


def test_data_that_disappears(attack, monkeypatch):
    real = checks._Comparison._hash

    def hooked(self, jobs, progress):
        real(self, jobs, progress)
        attack.data.rename(attack.release.home / "gone")

    monkeypatch.setattr(checks._Comparison, "_hash", hooked)
    attack.refused(code=3)


# -- guard ------------------------------------------------------------------------------------------------------------


def guard(attack, *command, more=()):
    args = ["guard", attack.bom, attack.data, "--public-key", attack.release.pub, *more]
    return attack.cli(*args, "--report", attack.release.home / "report.json", "--", *command)


def report_of(attack):
    return json.loads((attack.release.home / "report.json").read_bytes())


@pytest.mark.parametrize("case", MOVES)
def test_change_between_verification_and_start(attack, monkeypatch, case):
    from sbom.verification import guard as guarding  # noqa: PLC0415  # patched here

    real = guarding.may_start

    def hooked(report, *, allow_partial):
        MOVES[case](attack.data)
        return real(report, allow_partial=allow_partial)

    monkeypatch.setattr(guarding, "may_start", hooked)
    ran = guard(attack, "touch", str(attack.release.home / "ran"))
    assert ran.code == 3
    assert "MOVED" in ran.err
    assert "CMD was not started: the data moved after it was verified" in ran.err
    assert not (attack.release.home / "ran").exists()
    report = report_of(attack)
    assert report["command"]["ran"] is False
    assert report["moved_before_start"]


COMMANDS = {
    "rewritten": f"printf X | dd of={FILE} conv=notrunc 2>/dev/null",
    "times restored": f"cp -p {FILE} ../x; printf X | dd of={FILE} conv=notrunc 2>/dev/null; touch -r ../x {FILE}",
    "removed": f"rm {FILE}",
    "added": "echo x > evil.py",
    "copied over itself": f"cp {FILE} ../x && mv ../x {FILE}",
    "mode changed": f"chmod 600 {FILE}",
    "link turned": "ln -sfn 0002.csv train/link.csv",
    "directory replaced": "mv train ../t && mkdir train && cp -a ../t/. train/",
}


@pytest.mark.parametrize("case", COMMANDS)
def test_change_by_the_command_itself(attack, monkeypatch, case):
    monkeypatch.chdir(attack.data)
    ran = guard(attack, "sh", "-c", COMMANDS[case])
    assert ran.code == 1, ran.text
    assert "the data moved while CMD ran" in ran.err
    report = report_of(attack)
    assert report["command"] == {
        "argv": ["sh", "-c", COMMANDS[case]],
        "ran": True,
        "exit_code": 0,
        "not_started": None,
    }
    assert report["moved_during_run"]
    assert report["exit_code"] == 1


def test_data_removed_by_the_command(attack):
    ran = guard(attack, "mv", str(attack.data), str(attack.release.home / "gone"))
    assert ran.code == 1
    assert "MOVED     DATA" in ran.err


def test_link_to_the_data_turned_by_the_command(attack, tmp_path):
    current = tmp_path / "current"
    current.symlink_to("data")
    (tmp_path / "evil").mkdir()
    args = ("guard", attack.bom, current, "--public-key", attack.release.pub, "--")
    ran = attack.cli(*args, "ln", "-sfn", "evil", str(current))
    assert ran.code == 1
    assert "leads to another place" in ran.err


def test_many_moves_are_counted_not_listed(attack):
    ran = guard(attack, "sh", "-c", f"cd {attack.data} && for i in $(seq 1000 1099); do : > x$i; done")
    assert ran.code == 1
    assert "and 80 more (--report lists all)" in ran.err
    assert len(report_of(attack)["moved_during_run"]) == 100


@pytest.mark.parametrize("case", ["before", "during"])
def test_guard_of_the_python_interface_sees_moves(attack, monkeypatch, case):
    from sbom.verification import guard as guarding  # noqa: PLC0415  # patched here

    entered = []
    if case == "before":
        real = guarding.moved

        def hooked(verified):
            if not entered:
                rewrite(attack.file(FILE))
            return real(verified)

        monkeypatch.setattr(guarding, "moved", hooked)

    def use():
        with sbom.guard(attack.bom, attack.data, trust=sbom.Trust(keys=[attack.release.pub])):
            entered.append(True)
            if case == "during":
                rewrite(attack.file(FILE))

    with pytest.raises(sbom.Error, match=FILE) as raised:
        use()
    assert raised.value.exit_code == 3
    assert bool(entered) == (case == "during")
