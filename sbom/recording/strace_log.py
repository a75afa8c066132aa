"""What lines of strace's log look like (5.3 or later, with ``-f -q -z -y -xx``).

``-xx`` writes every text in hexadecimal, so that no file name can look like a part of the log; ``-y`` names what a
descriptor stands for, so that the kernel's own answer counts, and not a path that somebody changed meanwhile.
"""

from __future__ import annotations

import os
import re
from typing import Final

#: System calls that are traced. Reading, writing and mapping need an open file, so that opening tells.
CALLS: Final = (
    "open", "openat", "openat2", "creat", "open_by_handle_at",
    "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "truncate", "truncate64",
    "execve", "execveat", "chdir", "fchdir", "clone", "clone3", "fork", "vfork", "unshare",
    "socket", "connect", "bind", "listen", "socketcall", "mq_open", "msgget", "shmget", "ipc",
    "io_uring_setup", "ptrace", "process_vm_readv", "pidfd_getfd", "setns", "mount", "move_mount", "pivot_root",
    "chroot", "seccomp",
)  # fmt: skip
#: Signals whose arrival is not logged: such as kill no process. Of the others strace says when they did.
UNLOGGED_SIGNALS: Final = ("SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT")
#: Bytes of one text that are logged: PATH_MAX of Linux.
TEXT_LIMIT: Final = 4096

# Looser than what strace writes, and three times as fast; :func:`decode` is strict.
_HEX = rb"[\\x0-9a-f]*"
#: What nearly every line is, a file that is opened by name: process, directory, name, flags, path.
OPENED: Final = re.compile(
    rb'(\d+) +openat\(AT_FDCWD<(%b)>, "(%b)", (O_[A-Z_|]+)(?:, 0[0-7]*)?\) += \d+<(%b)>' % (_HEX, _HEX, _HEX)
)
#: Any call: process, name, arguments, what was returned, what that stands for.
CALL: Final = re.compile(rb"(\d+) +([a-z_0-9]+)\((.*)\) += (-?\d+|\?|0x[0-9a-f]+)(?:<(%b)>)?(?:\(deleted\))?" % _HEX)
#: What is logged of a call before a process ends whose end is logged in between; the rest comes later, and does not say
#: of which process it is. Nothing comes when the call fails.
UNFINISHED: Final = re.compile(rb"((\d+) .*) <unfinished \.\.\.>")
ENDED: Final = re.compile(rb"(\d+) +\+\+\+ (?:exited with \d+|killed by \w+(?: \(core dumped\))?) \+\+\+")
SIGNAL: Final = re.compile(rb"\d+ +--- (?:SIG\w+ \{.*\}|stopped by SIG\w+) ---")
SUPERSEDED: Final = re.compile(rb"(\d+) +\+\+\+ superseded by execve in pid (\d+) \+\+\+")
TEXT: Final = re.compile(rb'"(%b)"(\.\.\.)?' % _HEX)
DESCRIPTOR: Final = re.compile(rb"\d+<(%b)>" % _HEX)
#: A directory that names are relative to, or a name.
PLACE: Final = re.compile(rb'(?:AT_FDCWD|\d+)<(%b)>|"(%b)"' % (_HEX, _HEX))
FLAGS: Final = re.compile(rb"\bO_[A-Z_]+(?:\|O_[A-Z_]+)*")
LOOPBACK: Final = re.compile(
    # 127.0.0.1, in either family of addresses, and ::1
    rb'htons\(0\), (?:sin_addr=inet_addr\("\\x31\\x32\\x37\\x2e|.*inet_pton\(AF_INET6, "\\x3a\\x3a\\x31")'
)
UNIX: Final = re.compile(rb'sun_path=(@?)"(%b)"' % _HEX)


def decode(text: bytes) -> str:
    """Return a text of the log.

    :raises ValueError: when it is none.
    """
    return os.fsdecode(bytes.fromhex(text.replace(b"\\x", b"").decode("ascii")))
