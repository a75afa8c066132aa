"""Running a command under strace: where it may, signals, and attacks on its log."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from sbom.recording import strace
from sbom.recording.strace import observe, usable
from sbom.recording.strace_parser import Parser

REASON = usable()
needs_strace = pytest.mark.skipif(REASON is not None, reason=f"{REASON}: apt install strace, and allow ptrace")


def fake(directory, text: str) -> None:
    directory.mkdir()
    (directory / "strace").write_text(f"#!/bin/sh\n{text}\n")
    (directory / "strace").chmod(0o755)


def test_it_must_be_there(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert usable() == "strace is not installed"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exit 1", "strace does not work here"),
        ('while test "$1" != -o; do shift; done; : > "$2"', "strace may not trace here, or is older than 5.3"),
        (
            'while test "$1" != -o; do shift; done; echo "execve(" > "$2"; exit 1',
            "strace may not trace here, or is older than 5.3",
        ),
    ],
)
def test_it_must_be_allowed_to_trace(tmp_path, monkeypatch, text: str, reason: str) -> None:
    fake(tmp_path / "bin", text)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert usable() == reason


def test_it_must_not_hang(tmp_path, monkeypatch) -> None:
    fake(tmp_path / "bin", "exec sleep 30")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(strace, "_PROBE_SECONDS", 0.2)
    assert usable() == "strace does not work here"


@needs_strace
def test_a_run_is_watched_to_its_end(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, found = observe([sys.executable, "-c", "open('x', 'w'); raise SystemExit(3)"])
    assert code == 3 and f"{tmp_path}/x" in found.written and not found.gaps


@needs_strace
def test_children_that_are_killed_are_watched_to_their_ends() -> None:
    script = "import os, signal\nfor n in (9, 15, 11):\n    p = os.fork()\n    p or os.kill(os.getpid(), n)\n    os.waitpid(p, 0)"
    code, found = observe([sys.executable, "-c", script])
    assert code == 0 and not found.gaps


@needs_strace
@pytest.mark.parametrize(
    "attack",
    [
        "log = glob.glob(f'/proc/{os.getppid()}/fd/*'); [open(one, 'w').close() for one in log if 'data-sbom' in real(one) or '#' in real(one)]",
        "log = glob.glob(f'/proc/{os.getppid()}/fd/*'); [open(one).close() for one in log if 'data-sbom' in real(one) or '#' in real(one)]",
        "os.kill(os.getppid(), 9)",
    ],
)
def test_attacks_on_the_log_and_on_strace_are_gaps(attack: str) -> None:
    real = "def real(one):\n    try:\n        return os.readlink(one)\n    except OSError:\n        return ''\n"
    _, found = observe([sys.executable, "-c", f"import glob, os\n{real}{attack}"])
    assert found.gaps


@needs_strace
def test_the_log_has_no_name(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(strace.tempfile, "tempdir", str(tmp_path))
    code, found = observe([sys.executable, "-c", f"import os; os._exit(len(os.listdir({str(tmp_path)!r})))"])
    assert code == 0 and not found.gaps


@needs_strace
def test_signals_reach_the_command(tmp_path) -> None:
    ready = tmp_path / "ready"
    step = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(5));"
        f"open({str(ready)!r}, 'w').close(); time.sleep(60)"
    )
    main = (
        f"import sys; from sbom.recording.strace import observe; sys.exit(observe([sys.executable, '-c', {step!r}])[0])"
    )
    process = subprocess.Popen([sys.executable, "-c", main])
    wait_for(ready)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 5


@needs_strace
def test_what_a_command_leaves_behind_can_be_given_up(tmp_path) -> None:
    ready = tmp_path / "ready"
    step = (
        "import os, sys, time\nif os.fork(): os._exit(0)\nos.setsid()\nwhile os.getppid() == int(sys.argv[1]): time.sleep(.01)\n"
        f"open({str(ready)!r}, 'w').write(str(os.getpid())); time.sleep(120)"
    )
    step = step.replace("int(sys.argv[1])", "parent").replace("if os.fork()", "parent = os.getpid()\nif os.fork()")
    main = (
        "import sys; from sbom.recording.strace import observe;"
        f"code, found = observe([sys.executable, '-c', {step!r}]);"
        "sys.exit(0 if 'a process was not watched to its end' in found.gaps else 1)"
    )
    process = subprocess.Popen([sys.executable, "-c", main])
    wait_for(ready)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    os.kill(int(ready.read_text()), signal.SIGKILL)


def wait_for(path) -> None:
    deadline = time.monotonic() + 60
    while not (path.exists() and (path.read_text() or path.stat().st_size == 0)) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)


def test_a_log_that_ends_in_the_middle_of_a_line(tmp_path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"1  +++ exited with 0 +++\n1  open")
    ended, parser = Event(), Parser("/w")
    ended.set()
    with open(path, "rb", buffering=0) as stream:
        strace._follow(stream, parser, ended)
    assert "a line of the log was not understood: 1  open" in parser.events.gaps


def test_signals_go_to_the_children_of_strace() -> None:
    shell = shutil.which("sh") or "sh"
    script = "trap 'exit 9' TERM; sleep 60 & wait $!; exit $?"
    with subprocess.Popen([shell, "-c", script], stdout=subprocess.PIPE) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 30
        while not children.read_text() and time.monotonic() < deadline:
            time.sleep(0.01)
        strace._send(process, signal.SIGTERM)
        assert process.wait(30) == 128 + signal.SIGTERM
    # It has ended, and nothing is left to tell.
    strace._send(process, signal.SIGTERM)


def test_without_children_nobody_waits_any_longer() -> None:
    with subprocess.Popen([shutil.which("sleep") or "sleep", "60"]) as process:
        strace._send(process, signal.SIGTERM)
        assert process.wait(30) == -signal.SIGKILL
