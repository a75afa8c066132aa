"""Threat "parse failure = success": a crash, a signal, a full disk or a dead worker is never taken for success."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from sbom.inventory import pool
from sbom.verification import run as verification


def command(*args):
    return [sys.executable, "-m", "sbom", *map(str, args)]


def start(*args, **more):
    return subprocess.Popen(command(*args), text=True, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})


def shell(line, *args):
    """Run the command line behind a shell's redirections: ``"$@" >&-``."""
    ran = subprocess.run(
        ["/bin/sh", "-c", line, "sh", *command(*args)], capture_output=True, text=True, timeout=30, check=False
    )
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
    return ran


FAILURES = {
    "a bug": (RuntimeError("oops"), 3, "error: unexpected RuntimeError: oops"),
    "a bug with control characters": (RuntimeError("\x1b[2J"), 3, r"\x1b[2J"),
    "a library's error": (KeyError("x"), 3, "error: unexpected KeyError"),
    "recursion": (RecursionError("maximum recursion depth exceeded"), 3, "error: unexpected RecursionError"),
    "no memory": (MemoryError(), 3, "not enough memory"),
    "input/output": (OSError(5, "Input/output error"), 3, "Input/output error"),
    "interrupted": (KeyboardInterrupt(), 130, "interrupted: nothing was decided"),
    "end of input": (EOFError(), 3, "error: unexpected EOFError"),
}


@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("place", ["signatures", "files", "report"])
def test_whatever_goes_wrong(attack, monkeypatch, case, place):
    error, code, sentence = FAILURES[case]

    def fail(*args, **kwargs):
        raise error

    target = {
        "signatures": "sbom.verification.run.signatures.check",
        "files": "sbom.verification.run.files.check",
        "report": "sbom.report.render",
    }[place]
    monkeypatch.setattr(target, fail)
    ran = attack.cli(*attack.release.verify_args())
    assert ran.code == code
    assert sentence in ran.err
    assert ran.out == ""


def test_traceback_only_when_asked_for(attack, monkeypatch):
    def fail(*args, **kwargs):
        msg = "oops"
        raise RuntimeError(msg)

    monkeypatch.setattr(verification.files, "check", fail)
    with pytest.raises(AssertionError, match="Traceback"):
        attack.cli(*attack.release.verify_args("-v"))


def test_check_that_nobody_made_is_no_success(attack, monkeypatch):
    """A family of checks that returns nothing leaves required checks unmade, and the verdict open."""
    from sbom.verification import signatures  # noqa: PLC0415  # patched here

    monkeypatch.setattr(signatures, "check", lambda *_args: signatures.Signatures([], ()))
    attack.refused("an earlier check failed", code=3)


def test_truthy_answer_is_no_success(attack, monkeypatch):
    """A signature check passes by an explicit True, not by something that looks like one."""
    from sbom.signing import answers  # noqa: PLC0415  # patched here

    monkeypatch.setattr(answers, "valid", lambda *_args: answers.Answer(holds="False", sentence="maybe"))
    attack.refused("maybe")


# -- standard streams -------------------------------------------------------------------------------------------------


needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")


@needs_full
@pytest.mark.parametrize("form", ["table", "json"])
def test_full_disk_on_standard_output(release, form):
    ran = shell('"$@" > /dev/full', *release.verify_args("-f", form))
    assert ran.returncode == 3
    assert "standard output cannot be written: No space left on device" in ran.stderr


def test_closed_standard_output(release):
    ran = shell('"$@" >&-', *release.verify_args())
    assert ran.returncode == 3
    assert "standard output is closed" in ran.stderr


def test_closed_pipe(release):
    ran = shell('{ "$@"; echo "code $?" >&2; } | true', *release.verify_args())
    # Who reads nothing may be gone before or after the report was written.
    assert "code 3" in ran.stderr or "code 0" in ran.stderr


def test_broken_pipe_for_certain(release):
    reader, writer = os.pipe()
    os.close(reader)
    process = start(*release.verify_args(), stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "standard output cannot be written: Broken pipe" in err


def test_every_stream_closed(release):
    ran = shell('"$@" <&- >&- 2>&-', *release.verify_args())
    assert ran.returncode == 3
    report = release.home / "report.json"
    ran = shell('"$@" <&- >&- 2>&-', *release.verify_args("-f", "json", "-o", report))
    assert ran.returncode == 0
    assert report.read_bytes().startswith(b"{")


def test_every_stream_closed_and_the_data_wrong(release):
    (release.data / "README.md").write_bytes(b"# gulls!!!!\n")
    ran = shell('"$@" <&- >&- 2>&-', *release.verify_args("-o", release.home / "report"))
    assert ran.returncode == 1


def test_document_from_a_closed_standard_input(release):
    ran = shell('"$@" <&-', "verify", "-", release.data, "--public-key", release.pub)
    assert ran.returncode == 3
    assert "is not JSON" in ran.stdout


@needs_full
@pytest.mark.parametrize(("spoil", "code"), [(False, 0), (True, 1)], ids=["good", "bad"])
def test_full_disk_on_standard_error_changes_no_verdict(release, spoil, code):
    if spoil:
        (release.data / "evil").write_bytes(b"")
    ran = shell('"$@" 2> /dev/full', *release.verify_args())
    assert ran.returncode == code


@needs_full
def test_full_disk_on_both_streams(release):
    assert shell('"$@" > /dev/full 2> /dev/full', *release.verify_args()).returncode == 3
    assert shell('"$@" > /dev/full 2> /dev/full', "verify", release.bom, release.data).returncode == 2
    assert (
        shell('"$@" > /dev/full 2> /dev/full', "verify", release.bom, "nothing", "--public-key", release.pub).returncode
        == 2
    )


@needs_full
def test_full_disk_on_standard_output_of_generate(release):
    ran = shell('"$@" > /dev/full', "generate", release.data)
    assert ran.returncode == 3
    assert "No space left on device" in ran.stderr


# -- workers ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(attack, tmp_path):
    """A release of so many files that worker processes hash them."""
    data = tmp_path / "large"
    data.mkdir()
    for number in range(600):
        (data / f"{number:04}").write_bytes(b"%d" % number)
    bom = tmp_path / "large.json"
    made = attack.cli("generate", data, "-o", bom, "--sign-key", attack.release.key, "--no-cache", "--jobs", "2")
    assert made.code == 0, made.text
    return ["verify", str(bom), str(data), "--public-key", str(attack.release.pub), "--jobs", "2"]


def test_workers_find_what_one_process_finds(attack, large):
    assert attack.cli(*large).code == 0
    with open(os.path.join(large[2], "0300"), "r+b") as stream:
        stream.write(b"X")
    ran = attack.cli(*large)
    assert ran.code == 1
    assert "MODIFIED  0300" in ran.out


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV], ids=str)
def test_killed_worker(attack, large, monkeypatch, number):
    real = pool._Worker.give

    def killed(self, batch):
        self.process.send_signal(number)
        self.process.wait()
        real(self, batch)

    monkeypatch.setattr(pool._Worker, "give", killed)
    ran = attack.cli(*large)
    assert ran.code == 3
    assert "a hashing process ended unexpectedly" in ran.out


@pytest.mark.parametrize(
    "boot",
    [
        "raise SystemExit(0)",
        "import os; os.write(1, b'x' * 100)",
        "import os; os.write(1, bytes([5, 0, 0, 0]) + b'12345')",
    ],
    ids=["ends at once", "talks nonsense", "sends a message of nonsense"],
)
def test_worker_that_does_not_work(attack, large, monkeypatch, boot):
    monkeypatch.setattr(pool, "_BOOT", boot)
    ran = attack.cli(*large)
    assert ran.code == 3, ran.text
    assert "a hashing process ended unexpectedly" in ran.out


def test_module_of_the_working_directory_is_not_imported_by_workers(attack, large, monkeypatch, tmp_path):
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    for name in ("hashlib", "marshal", "queue", "threading", "sbom", "sitecustomize"):
        (hostile / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(hostile)
    assert attack.cli(*large).code == 0
    assert not (tmp_path / "ran").exists()


def test_module_of_the_data_is_not_imported_by_python_m(release, tmp_path):
    """``cd data && python -m sbom`` puts the data in front of every import, unless that is undone."""
    for name in ("orjson", "typer", "cryptography", "rfc8785", "blake3"):
        (release.data / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    ran = subprocess.run(
        command(*release.verify_args()), cwd=release.data, capture_output=True, text=True, check=False, timeout=30
    )
    assert ran.returncode == 1, ran.stderr
    assert "EXTRA     orjson.py" in ran.stdout
    assert not (tmp_path / "ran").exists()


# -- signals ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def slow(attack):
    """A release whose verification takes long enough to be stopped: it lists a sparse file of some gigabytes."""
    size = 8 << 30
    with attack.file("sparse").open("wb") as stream:
        stream.truncate(size)
    tree = attack.tree()
    entry = json.loads(json.dumps(attack.component(tree, "README.md")))
    entry["name"], entry["bom-ref"] = "sparse", "file:sparse"
    entry["properties"][0]["value"] = str(size)
    tree["components"].append(entry)
    for item in tree["metadata"]["component"]["properties"]:
        more = {"data-sbom:file-count": 1, "data-sbom:total-size": size}.get(item["name"], 0)
        if more:
            item["value"] = str(int(item["value"]) + more)
    attack.put_signed(tree)
    return attack.release


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs to see what other processes have open")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
@pytest.mark.parametrize("what", ["verify", "generate", "guard"])
def test_stopped_by_a_signal(slow, number, code, what):
    target, ran = slow.home / "out.json", slow.home / "ran"
    target.write_bytes(slow.bom.read_bytes())
    process = start(
        *{
            "verify": slow.verify_args("-o", target),
            "generate": ["generate", slow.data, "-o", target, "--no-cache"],
            "guard": ["guard", *slow.verify_args("--report", target)[1:], "--", "touch", ran],
        }[what]
    )
    wait_until_it_hashes(process)
    workers = family(process.pid)[1:]
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == code
    assert out == ""
    assert "nothing was decided and nothing was written" in err
    assert "Traceback" not in err
    assert target.read_bytes() == slow.bom.read_bytes()
    assert not list(slow.home.glob(".*.tmp"))
    assert not ran.exists()
    assert not [pid for pid in workers if reads(pid)]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs to see what other processes have open")
def test_ignored_hangup_stays_ignored(slow):
    """``nohup data-sbom verify …`` outlives the terminal."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *command(*slow.verify_args())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until_it_hashes(process)
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 143


def wait_until_it_hashes(process):
    """Wait until a process is so far that it reads the sparse file, and then a little."""
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        assert process.poll() is None, process.communicate()
        if any(reads(pid) for pid in family(process.pid)):
            time.sleep(0.05)
            return
        time.sleep(0.01)
    pytest.fail("it never started to hash")


def family(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as stream:
            return [pid, *map(int, stream.read().split())]
    except OSError:
        return [pid]


def reads(pid):
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}").endswith("/sparse") for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False
