"""Threat "record and guard": a command never starts on data that did not verify, and its end is not embellished."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest


@pytest.fixture
def guard(attack):
    """Run ``guard`` with a report; ``guard("true")`` gives how it ended, and the report or ``None``."""
    path = attack.release.home / "report.json"

    def run(*command, more=(), dashes=("--",)):
        args = attack.release.verify_args()[1:]
        ran = attack.cli("guard", *args, "--report", path, *more, *dashes, *command)
        return ran, json.loads(path.read_bytes()) if path.exists() else None

    return run


@pytest.fixture
def flag(attack):
    """A file that a command creates when it runs."""
    return attack.release.home / "ran"


def spoil_data(attack):
    attack.file("README.md").write_bytes(b"# gulls!!!\n")
    return "README.md"


def spoil_extra(attack):
    attack.file("evil.py").write_bytes(b"")
    return "evil.py"


def spoil_signature(attack):
    tree = attack.tree()
    del tree["signature"]
    attack.put(tree)
    return "not signed"


def spoil_root(attack):
    tree = attack.tree()
    tree["metadata"]["component"]["properties"][1]["value"] = "0" * 64
    attack.put_signed(tree)
    return "inventory.root"


@pytest.mark.parametrize(
    "spoil", [spoil_data, spoil_extra, spoil_signature, spoil_root], ids=lambda spoil: spoil.__name__
)
@pytest.mark.parametrize("quiet", [(), ("-q",)], ids=["", "quiet"])
def test_never_starts_on_failure(attack, guard, flag, spoil, quiet):
    named = spoil(attack)
    ran, report = guard("touch", flag, more=quiet)
    assert ran.code == 1
    assert named in ran.err
    assert "GUARD     CMD was not started: the data did not verify" in ran.err
    assert not flag.exists()
    assert report["command"]["ran"] is False
    assert report["command"]["exit_code"] is None
    assert report["exit_code"] == 1
    assert report["verification"]["verdict"] == "failed"


def test_never_starts_when_undecided(attack, guard, flag):
    attack.bom.write_bytes(b"{")
    ran, report = guard("touch", flag)
    assert ran.code == 3
    assert not flag.exists()
    assert report["verification"]["verdict"] == "undecided"
    assert report["command"]["not_started"] == "the data did not verify"


@pytest.mark.parametrize(
    "more",
    [("--public-key", "nothing.pub"), ("--require-signatures", "2"), ("--jobs", "0"), ("--only", "["), ("-f", "xml")],
    ids=" ".join,
)
def test_never_starts_on_wrong_usage(guard, flag, more):
    ran, report = guard("touch", flag, more=more)
    assert ran.code == 2
    assert not flag.exists()
    assert report is None


def test_part_of_the_data_is_not_enough(guard, flag):
    ran, report = guard("touch", flag, more=("--only", "train/*"))
    assert ran.code == 2
    assert "only a part of the data would be verified" in ran.err
    assert "--allow-partial" in ran.err
    assert not flag.exists()
    assert report is None


def test_part_of_the_data_on_purpose(attack, guard, flag):
    attack.file("README.md").write_bytes(b"changed")
    ran, report = guard("touch", flag, more=("--only", "train/*", "--allow-partial"))
    assert ran.code == 0, ran.text
    assert flag.exists()
    assert report["verification"]["verdict"] == "verified-subset"
    assert "VERIFIED-SUBSET" in ran.err


@pytest.mark.parametrize("code", [0, 1, 2, 3, 7, 77, 126, 255])
def test_exit_code_is_passed_on(guard, code):
    ran, report = guard("sh", "-c", f"exit {code}")
    assert ran.code == code
    assert report["command"] == {
        "argv": ["sh", "-c", f"exit {code}"],
        "ran": True,
        "exit_code": code,
        "not_started": None,
    }
    assert report["exit_code"] == code


@pytest.mark.parametrize("name", ["TERM", "KILL", "INT", "SEGV", "HUP"])
def test_command_killed_by_a_signal(guard, name):
    ran, report = guard("sh", "-c", f"ulimit -c 0; kill -{name} $$")
    expected = 128 + signal.Signals[f"SIG{name}"]
    assert ran.code == expected
    assert report["command"]["exit_code"] == expected


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["no-such-command"], "No such file or directory"),
        ([""], ""),
        (["/"], "Permission denied"),
        (["/etc/passwd"], "Permission denied"),
        (["x\0y"], "null byte"),
    ],
    ids=["unknown", "empty", "a directory", "not executable", "NUL"],
)
def test_command_that_cannot_be_started(guard, command, reason):
    ran, report = guard(*command)
    assert ran.code == 2, ran.text
    assert "CMD was not started" in ran.err
    assert reason in ran.err
    assert report["command"]["ran"] is False
    assert report["verification"]["verdict"] == "verified"
    assert report["exit_code"] == 2


def test_command_fails_and_moves_the_data(attack, guard):
    """The command's own failure is what is passed on; the report says both."""
    ran, report = guard("sh", "-c", f"rm {attack.file('README.md')}; exit 9")
    assert ran.code == 9
    assert "the data moved while CMD ran" in ran.err
    assert report["moved_during_run"] == [{"path": "README.md", "what": "was removed"}]


def test_files_that_the_command_makes_where_it_may(attack, guard):
    ran, report = guard("touch", attack.file("cache.bin"), more=("--allow-extra=cache.bin",))
    assert ran.code == 0, ran.text
    assert report["moved_during_run"] == []
    ran, _ = guard("rm", attack.file("cache.bin"), more=("--allow-extra=cache.bin",))
    assert ran.code == 0, ran.text


def test_an_allowed_extra_may_not_replace_a_listed_file(attack, guard):
    ran, _ = guard("sh", "-c", f"echo x > {attack.file('README.md')}", more=("--allow-extra",))
    assert ran.code == 1


# -- what belongs to whom ---------------------------------------------------------------------------------------------


def test_options_of_the_command_are_its_own(attack, guard, flag):
    spoil_extra(attack)
    ran, _ = guard("touch", flag, "--allow-extra", "--allow-extra=evil.py")
    assert ran.code == 1
    assert not flag.exists()


def test_options_reach_the_command_unchanged(guard, capfd):
    words = ["--allow-extra", "--", "-q", "--only", "*", "", "a b"]
    ran, report = guard(sys.executable, "-c", "import sys, json; print(json.dumps(sys.argv[1:]))", *words)
    assert ran.code == 0
    assert json.loads(ran.out) == words
    assert report["command"]["argv"][3:] == words


def test_command_without_dashes_is_refused(guard, flag):
    ran, _ = guard("touch", flag, dashes=())
    assert ran.code == 2
    assert "The command comes after --" in ran.err
    assert not flag.exists()


def test_third_word_before_the_dashes_is_not_run(attack, flag):
    """``data/*`` without quotes: the second file of the data would be the command."""
    script = attack.file("evil.sh")
    script.write_text(f"#!/bin/sh\ntouch {flag}\n")
    script.chmod(0o755)
    args = ("--public-key", attack.release.pub, "--allow-extra")
    ran = attack.cli("guard", attack.bom, attack.data, script, *args, "--", "true")
    assert ran.code == 2
    assert not flag.exists()


@pytest.mark.parametrize("args", [(), ("--",)], ids=["nothing", "dashes only"])
def test_no_command(attack, args):
    ran = attack.cli("guard", *attack.release.verify_args()[1:], *args)
    assert ran.code == 2


def test_no_shell_is_involved(attack, guard, flag):
    ran, _ = guard(f"touch {flag}; true")
    assert ran.code == 2
    assert not flag.exists()
    ran, _ = guard("echo", f"$(touch {flag})", "`id`", ";", "&&")
    assert ran.code == 0
    assert not flag.exists()


def test_report_of_an_earlier_run_is_replaced(attack, guard):
    guard("true")
    spoil_data(attack)
    _, report = guard("true")
    assert report["command"]["ran"] is False


def test_hostile_words_of_the_command_are_shown_escaped(guard):
    ran, _ = guard("no\x1b[2Jsuch\ncommand")
    assert ran.code == 2
    assert "\x1b" not in ran.text


def test_data_and_document_descriptors_are_not_inherited(guard):
    code = "import os; print(sorted(int(fd) for fd in os.listdir('/dev/fd')))"
    ran, _ = guard(sys.executable, "-c", code)
    assert ran.code == 0
    # The listing itself opens one.
    assert len(json.loads(ran.out)) <= 4


# -- signals ----------------------------------------------------------------------------------------------------------


def start(release, *command, before=()):
    words = [*before, sys.executable, "-m", "sbom", "guard", *release.verify_args()[1:], "--", *command]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    word, _, process.child = process.stdout.readline().partition(" ")
    assert word.strip() == "up"
    return process


def finish(process):
    """Wait for a process, and return what it printed: little enough to fit into the pipes."""
    process.wait(timeout=10)
    with process:
        return process.stdout.read(), process.stderr.read()


CATCH = "trap 'echo got; exit 5' {name}; echo up; while :; do sleep 0.05; done"


@pytest.mark.parametrize("name", ["TERM", "HUP"])
def test_signal_is_forwarded_and_the_command_decides(release, name):
    process = start(release, "sh", "-c", CATCH.format(name=name))
    process.send_signal(signal.Signals[f"SIG{name}"])
    out, _ = finish(process)
    assert process.returncode == 5
    assert "got" in out


def test_signal_that_kills_the_command(release):
    process = start(release, "sh", "-c", "echo up $$; exec sleep 20")
    process.terminate()
    finish(process)
    assert process.returncode == 143


def test_interrupt_of_the_keyboard_waits_for_the_command(release):
    """The terminal sends it to both; who guards must still be there when the command has cleaned up."""
    process = start(release, "sh", "-c", "trap 'sleep 0.3; exit 6' INT; echo up $$; while :; do sleep 0.05; done")
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    assert process.poll() is None
    os.kill(int(process.child), signal.SIGINT)
    finish(process)
    assert process.returncode == 6


def test_interrupted_command_is_no_success(release):
    process = start(release, "sh", "-c", "echo up $$; exec sleep 20")
    os.kill(int(process.child), signal.SIGINT)
    finish(process)
    assert process.returncode == 130


def test_ignored_signals_stay_ignored_for_the_command(release):
    shell = ("sh", "-c", "trap '' HUP; exec \"$@\"", "sh")
    process = start(release, sys.executable, "-c", IGNORES, before=shell)
    out, err = finish(process)
    assert process.returncode == 0, err
    assert out.strip() == "True"


IGNORES = "import signal; print('up', flush=True); print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"


def test_signals_have_their_defaults_in_the_command(release):
    """What guard does with signals is not inherited."""
    code = (
        "import signal as s; print('up', flush=True)\n"
        "print(*(s.getsignal(n) is s.SIG_DFL for n in (s.SIGTERM, s.SIGHUP)), s.getsignal(s.SIGINT).__name__)"
    )
    process = start(release, sys.executable, "-c", code)
    out, _ = finish(process)
    assert out.split() == ["True", "True", "default_int_handler"]
