"""What lines of the log look like: written by strace itself, where it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from sbom.recording import strace, strace_log

REASON = strace.usable()


@pytest.mark.parametrize("name", ["a", "ü", "\n", "\udcff", '"', "\\x41", "a b", "\x01"])
def test_decoding_gives_back_every_name(name: str) -> None:
    logged = b"".join(b"\\x%02x" % byte for byte in os.fsencode(name))
    assert strace_log.decode(logged) == name


def test_each_kind_of_line_is_only_one() -> None:
    lines = {
        "ENDED": b"7  +++ exited with 0 +++",
        "SUPERSEDED": b"7  +++ superseded by execve in pid 8 +++",
        "SIGNAL": b"7  --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=7, si_uid=0} ---",
        "UNFINISHED": b'7  openat(AT_FDCWD<\\x2f>, "\\x2f", O_RDONLY <unfinished ...>',
        "CALL": b'7  openat(AT_FDCWD<\\x2f>, "\\x2f", O_RDONLY) = 3<\\x2f>',
    }
    for kind, line in lines.items():
        assert [other for other in lines if getattr(strace_log, other).fullmatch(line)] == [kind]


@pytest.mark.skipif(REASON is not None, reason=f"{REASON}: apt install strace, and allow ptrace")
def test_strace_writes_what_is_understood(tmp_path) -> None:
    script = "import os, signal; open('new\\nline \\udcff', 'w').close(); os.kill(os.getpid(), signal.SIGTERM)"
    log = tmp_path / "log"
    command = [shutil.which("strace") or "strace", *strace._options(str(log)), sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, check=False)
    assert done.returncode == -15
    kinds = (strace_log.CALL, strace_log.ENDED, strace_log.SIGNAL)
    lines = log.read_bytes().split(b"\n")[:-1]
    assert [line for line in lines if not any(kind.fullmatch(line) for kind in kinds)] == []
    (made,) = [found for line in lines if (found := strace_log.OPENED.fullmatch(line)) and b"O_WRONLY" in found[4]]
    assert strace_log.decode(made[5]) == f"{tmp_path}/new\nline \udcff"
    assert lines[-1].endswith(b"+++ killed by SIGTERM +++")
