"""The log of strace (5.3 or later, with ``-f -q -z -y -xx``) → events. What is not understood is a gap.

``-xx`` writes every text in hexadecimal, so that no file name can look like a part of the log; ``-y`` names what a
descriptor stands for, so that the kernel's own answer counts, and not a path that somebody changed meanwhile.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from sbom.recording.events import Events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: System calls that are traced. Reading, writing and mapping need an open file, so that opening tells.
CALLS: Final = (
    "open", "openat", "openat2", "creat", "open_by_handle_at",
    "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "truncate",
    "execve", "execveat", "chdir", "fchdir", "clone", "clone3", "fork", "vfork", "unshare",
    "socket", "connect", "bind", "listen",
    "io_uring_setup", "ptrace", "process_vm_readv", "pidfd_getfd", "setns", "mount", "move_mount", "pivot_root", "chroot",
    "mq_open", "msgget", "shmget",
)  # fmt: skip
#: The gap of a run that used the network; one that declares where it downloads from does not have it.
NETWORK: Final = "it used the network: what it got from there is no file"

_HEX = rb"(?:\\x[0-9a-f]{2})*"
# What nearly every line is: a file that is opened by name.
_OPENED = re.compile(
    rb'(\d+) +openat\(AT_FDCWD<(%b)>, "(%b)", (O_[A-Z_|]+)(?:, 0[0-7]*)?\) += \d+<(%b)>' % (_HEX, _HEX, _HEX)
)
_LINE = re.compile(rb"(\d+) +([a-z_0-9]+)\((.*)\) += (?:-?\d+|\?|0x[0-9a-f]+)(?:<(%b)>)?(.*)" % _HEX)
_RETURNED = re.compile(rb".*\) += (\d+)")
_ENDED = re.compile(rb"(\d+) +\+\+\+ (?:exited with \d+|killed by \w+(?: \(core dumped\))?) \+\+\+")
_SUPERSEDED = re.compile(rb"(\d+) +\+\+\+ superseded by execve in pid (\d+) \+\+\+")
_TEXT = re.compile(rb'"(%b)"(\.\.\.)?' % _HEX)
_PLACE = re.compile(rb'(?:AT_FDCWD|\d+)<(%b)>|"(%b)"' % (_HEX, _HEX))
_DESCRIPTOR = re.compile(rb"\d+<(%b)>" % _HEX)
_FLAGS = re.compile(rb"\bO_[A-Z]+(?:\|O_[A-Z]+)*")
_UNIX = re.compile(rb'sun_path=(@?)"(%b)"' % _HEX)
_DELETED = " (deleted)"
_UNREACHABLE = "(unreachable)"
#: Local services that give no data: names of users and hosts, and logs.
_HARMLESS: Final = (
    "/var/run/nscd/", "/run/nscd/", "/run/systemd/userdb/", "/run/systemd/journal/", "/run/systemd/resolve/", "/dev/log",
    "/var/lib/sss/pipes/",
)  # fmt: skip
_PRIVATE = (b"IPC_PRIVATE", b"0,", b"0x0,")
_SHOWN: Final = 200
#: Lines that wait for another one before them; more is no log of strace.
_MAX_WAITING: Final = 100_000


class _UnknownDirectoryError(Exception):
    """Nobody has said yet which directory a process is in."""


def _decode(text: bytes) -> str:
    return os.fsdecode(bytes.fromhex(text.replace(b"\\x", b"").decode("ascii")))


class Parser:
    """Collects events from a log.

    :param directory: the working directory that the command started in.
    """

    def __init__(self, directory: str) -> None:
        self.events = Events()
        #: Processes that have not ended.
        self.alive: dict[bytes, None] = {}
        self._start = directory
        # Threads share the list that holds the directory they are in; processes do not.
        self._directories: dict[bytes, list[str]] = {}
        self._changed = False
        self._waiting: dict[bytes, list[bytes]] = {}
        self._waits = 0
        self._internet: set[bytes] = set()
        self._own_sockets: set[str] = set()
        self._handlers: dict[bytes, Callable[[bytes, bytes, bytes, bytes | None], None]] = {
            **dict.fromkeys((b"open", b"openat", b"openat2", b"open_by_handle_at"), self._open),
            b"creat": self._create,
            **dict.fromkeys((b"rename", b"renameat", b"renameat2"), self._rename),
            **dict.fromkeys((b"link", b"linkat"), self._link),
            **dict.fromkeys((b"symlink", b"symlinkat"), self._symlink),
            b"truncate": self._truncate,
            **dict.fromkeys((b"execve", b"execveat"), self._execute),
            **dict.fromkeys((b"chdir", b"fchdir"), self._change),
            **dict.fromkeys((b"clone", b"clone3", b"fork", b"vfork"), self._fork),
            b"unshare": self._unshare,
            b"socket": self._socket,
            b"bind": self._bind,
            b"listen": self._listen,
            b"connect": self._connect,
            **dict.fromkeys((b"msgget", b"shmget"), self._share),
        }

    def parse(self, lines: Iterable[bytes]) -> None:
        """Read lines, in their order."""
        opened = _OPENED.fullmatch
        for line in lines:
            text = line.rstrip(b"\n")
            found = opened(text)
            if found is None:
                self._line(text)
                continue
            pid, directory, name, flags, path = found.groups()
            if pid not in self.alive:
                self._meet(pid)
            # A name that is only another spelling of what the kernel answers is not worth decoding.
            alias = None if name == path or b"%b\\x2f%b" % (directory, name) == path else (directory, name)
            self._opened(path, flags, alias)

    def finish(self) -> Events:
        """Return the events, when the log has ended."""
        for pid in list(self._waiting):
            self._directories.setdefault(pid, [])
            self._release(pid)
        if self.alive or not self.events.programs:
            self.events.gap("a process was not watched to its end")
        return self.events

    def _line(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None:
            self._other(line)
            return
        pid, call, arguments, path, _ = found.groups()
        if pid not in self.alive:
            self._meet(pid)
        handler = self._handlers.get(call)
        if handler is None:
            self.events.gap(f"it used {call.decode()}, behind which nothing is seen")
            return
        shortened = any(cut for _, cut in _TEXT.findall(arguments))
        if shortened and call not in {b"execve", b"execveat"}:
            self.events.gap("a name was too long to be logged")
            return
        try:
            handler(pid, arguments, line, path)
        except _UnknownDirectoryError:
            self._wait(pid, line)

    def _other(self, line: bytes) -> None:
        ended = _ENDED.fullmatch(line)
        if ended is not None:
            self.alive.pop(ended[1], None)
            self._directories.pop(ended[1], None)
            return
        superseded = _SUPERSEDED.fullmatch(line)
        if superseded is None:
            self.events.gap(f"a line of the log was not understood: {line[:_SHOWN].decode(errors='backslashreplace')}")
            return
        # A thread that executes a program takes the number of its process; strace does not say what it executes.
        self.events.gap("a thread executed a program, and the log does not say which")
        self.alive.pop(superseded[2], None)
        holder = self._directories.pop(superseded[2], None)
        if holder is not None:
            self._directories[superseded[1]] = list(holder)

    # Which directory a process is in. Names that are relative to it are rare: most calls name it themselves.

    def _meet(self, pid: bytes) -> None:
        self.alive[pid] = None
        if len(self.alive) == 1 and not self._directories:
            self._directories[pid] = [self._start]

    def _directory(self, pid: bytes) -> str:
        """Return the directory of a process.

        :raises _UnknownDirectoryError: where the line that says who started it is still to come.
        """
        holder = self._directories.get(pid)
        if holder:
            return holder[0]
        if not self._changed:
            return self._start
        if holder is None:
            raise _UnknownDirectoryError
        self.events.gap("the directory of a process is not known")
        return self._start

    def _wait(self, pid: bytes, line: bytes) -> None:
        self._waits += 1
        if self._waits > _MAX_WAITING:
            self._directories.setdefault(pid, [])
            self._line(line)
        else:
            self._waiting.setdefault(pid, []).append(line)

    def _release(self, pid: bytes) -> None:
        """Take up the lines that waited for the directory of a process."""
        queue = [pid]
        while queue:
            for line in self._waiting.pop(queue.pop(), ()):
                self._line(line)

    def _fork(self, pid: bytes, arguments: bytes, line: bytes, _path: bytes | None) -> None:
        if b"CLONE_UNTRACED" in arguments:
            self.events.gap("a process was started that may not be watched")
        if b"CLONE_NEW" in arguments:
            self.events.gap("a process was started in a namespace of its own, where names mean something else")
        returned = _RETURNED.fullmatch(line)
        if returned is None:
            self.events.gap("a process was started, and the log does not say which")
            return
        child = returned[1]
        directory = self._directory(pid)
        holder = self._directories.get(pid) or [directory]
        if b"CLONE_FS" in arguments:
            self._directories[pid] = self._directories[child] = holder
        else:
            self._directories[child] = list(holder)
        # Its own lines may have come first; when it has ended already, it is only remembered here.
        if child in self._waiting:
            self._release(child)

    def _unshare(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        if b"CLONE_NEW" in arguments:
            self.events.gap("it used unshare, behind which nothing is seen")
        if b"CLONE_FS" in arguments and pid in self._directories:
            self._directories[pid] = list(self._directories[pid])

    def _change(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        descriptor = _DESCRIPTOR.match(arguments)
        path = self._paths(pid, arguments)[0] if descriptor is None else _decode(descriptor[1])
        self._changed = True
        self._directories.setdefault(pid, [path])[:] = [path]

    def _paths(self, pid: bytes, arguments: bytes) -> list[str]:
        """Return the paths among arguments, each relative to the descriptor before it, else to the directory."""
        found: list[str] = []
        base: str | None = None
        for match in _PLACE.finditer(arguments):
            if match[2] is None:
                base = _decode(match[1])
                continue
            text = _decode(match[2])
            if not text.startswith("/"):
                text = f"{self._directory(pid) if base is None else base}/{text}"
            found.append(os.path.normpath(text))
            base = None
        return found

    # What was opened.

    def _open(self, pid: bytes, arguments: bytes, line: bytes, path: bytes | None) -> None:
        found = _FLAGS.search(_TEXT.sub(b"", arguments))
        flags = b"" if found is None else found[0]
        if path is None:
            self.events.gap("a file was opened, and the log does not say which")
            return
        name = _TEXT.search(arguments)
        alias = None
        if name is not None and name[1] != path and b"..." not in name[0]:
            base = _PLACE.match(arguments)
            if base is not None and base[1] is not None:
                alias = (base[1], name[1])
            elif pid in self._directories:
                alias = (os.fsencode(self._directory(pid)).hex("\0").join(("\0", "")).replace("\0", "\\x").encode(), name[1])
        del line
        self._opened(path, flags, alias)

    def _opened(self, path: bytes, flags: bytes, alias: tuple[bytes, bytes] | None) -> None:
        name = _decode(path)
        if b"O_PATH" in flags or b"O_TMPFILE" in flags or b"O_DIRECTORY" in flags:
            return
        if not name.startswith("/"):
            if name.startswith(_UNREACHABLE):
                self.events.gap("a file was opened that has no name here")
            return
        opened = None
        if alias is not None:
            opened = os.path.normpath(os.path.join(*map(_decode, alias)))
        self._take(name, flags, opened)
        if name.endswith(_DELETED):
            # Older versions of strace say so within the name; a file may also be called that.
            self._take(name.removesuffix(_DELETED), flags, opened)

    def _take(self, name: str, flags: bytes, opened: str | None) -> None:
        # Read-only opening empties or makes a file, too, when it is asked to.
        writes = b"O_WRONLY" in flags or b"O_RDWR" in flags or b"O_TRUNC" in flags or b"O_CREAT" in flags
        # Unless it is new or emptied, what was there before may be part of what is there afterwards.
        if not writes or not (b"O_TRUNC" in flags or b"O_EXCL" in flags):
            self.events.reads(name, opened)
        if writes:
            self.events.writes(name)

    def _create(self, pid: bytes, arguments: bytes, _line: bytes, path: bytes | None) -> None:
        self.events.writes(self._paths(pid, arguments)[0] if path is None else _decode(path))

    def _rename(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        old, new = self._paths(pid, arguments)
        if b"RENAME_EXCHANGE" in arguments:
            self.events.exchanges(old, new)
        else:
            self.events.renames(old, new)

    def _link(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        old, new = self._paths(pid, arguments)
        self.events.links(old, new)

    def _symlink(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        # The first text is the link's own, and no path that was touched.
        self.events.writes(self._paths(pid, arguments.partition(b",")[2])[0])

    def _truncate(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        path = self._paths(pid, arguments)[0]
        self.events.reads(path)
        self.events.writes(path)

    def _execute(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        head, _, rest = arguments.partition(b"[")
        path = self._paths(pid, head)[0]
        words = tuple(_decode(text) for text, _ in _TEXT.findall(rest.partition(b"]")[0]))
        self.events.runs(path, words, self._directory(pid))
        self.events.reads(path)

    # What comes from elsewhere than files.

    def _socket(self, _pid: bytes, arguments: bytes, line: bytes, path: bytes | None) -> None:
        del line
        if arguments.startswith(b"AF_INET"):
            if b"SOCK_STREAM" not in arguments:
                # Needs no connection to send and receive.
                self.events.gap(NETWORK)
            elif path is not None:
                self._internet.add(path)
        elif not arguments.startswith((b"AF_UNIX", b"AF_LOCAL", b"AF_NETLINK")):
            family = arguments.partition(b",")[0].decode(errors="backslashreplace")
            self.events.gap(f"it opened a socket: {family[:_SHOWN]}")

    def _bind(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        found = _UNIX.search(arguments)
        if found is not None:
            self._own_sockets.add(self._unix(pid, found))

    def _listen(self, _pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        found = _DESCRIPTOR.match(arguments)
        if found is None or found[1] in self._internet:
            self.events.gap(NETWORK)

    def _connect(self, pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        found = _UNIX.search(arguments)
        if found is not None:
            name = self._unix(pid, found)
            if not name.startswith(_HARMLESS) and name not in self._own_sockets:
                self.events.gap(f"it talked to another program: {name}"[:_SHOWN])
        elif b"sa_family=AF_INET" in arguments:
            self.events.gap(NETWORK)
        elif b"sa_family=AF_UNSPEC" not in arguments and b"sa_family=AF_NETLINK" not in arguments:
            self.events.gap("it connected to something that is neither a file nor the network")

    def _unix(self, pid: bytes, found: re.Match[bytes]) -> str:
        name = _decode(found[2]).rstrip("\0")
        if found[1]:
            return f"@{name}"
        return os.path.normpath(name if name.startswith("/") else f"{self._directory(pid)}/{name}")

    def _share(self, _pid: bytes, arguments: bytes, _line: bytes, _path: bytes | None) -> None:
        if not arguments.startswith(_PRIVATE):
            self.events.gap("it shared memory or messages with other programs")
