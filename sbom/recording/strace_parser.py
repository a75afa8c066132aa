"""The log of strace (6.x, with ``-f -y -xx -z``) → events. Read line by line; what is not understood is a gap.

``-xx`` writes every text in hexadecimal, so that no file name can look like a part of the log; ``-y`` names what a
descriptor stands for, so that the kernel's own answer counts, and not a path that somebody changed meanwhile.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sbom.recording.events import Events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: System calls that are traced. Reading and mapping need an open file, so that opening tells.
CALLS = (
    "open", "openat", "openat2", "creat", "open_by_handle_at",
    "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "truncate",
    "execve", "execveat", "chdir", "fchdir", "clone", "clone3", "fork", "vfork",
    "socket", "connect", "io_uring_setup", "ptrace", "unshare", "setns", "mount", "pivot_root", "chroot",
)  # fmt: skip
_LINE = re.compile(rb"(\d+) +([a-z_0-9]+)\((.*)\) += (-?\d+|\?|0x[0-9a-f]+)(?:<((?:\\x[0-9a-f]{2})*)>)?(.*)")
_END = re.compile(rb"\d+ +(?:\+\+\+|---) ")
_TEXT = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_DESCRIPTOR = re.compile(rb"(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>")
_FLAGS = re.compile(rb"\bO_[A-Z]+(?:\|O_[A-Z]+)*")
_UNIX = re.compile(rb'sun_path=(@?)"((?:\\x[0-9a-f]{2})*)"')
_DELETED = " (deleted)"
#: Local services that give no data: names of users and hosts, and logs.
_HARMLESS = (
    "/var/run/nscd/", "/run/nscd/", "/run/systemd/userdb/", "/run/systemd/journal/", "/dev/log", "/run/dbus/",
    "/var/run/dbus/", "/run/systemd/resolve/",
)  # fmt: skip
_SHOWN = 200


def _decode(text: bytes) -> str:
    return os.fsdecode(bytes.fromhex(text.replace(b"\\x", b"").decode("ascii")))


class Parser:
    """Collects events from a log.

    :param directory: the working directory that the command started in.
    """

    def __init__(self, directory: str) -> None:
        self.events = Events()
        self._start = directory
        self._directories: dict[bytes, str] = {}
        self._handlers: dict[bytes, Callable[[bytes, bytes, bytes, bytes], None]] = {
            **dict.fromkeys((b"open", b"openat", b"openat2", b"open_by_handle_at"), self._open),
            b"creat": self._create,
            **dict.fromkeys((b"rename", b"renameat", b"renameat2"), self._rename),
            **dict.fromkeys((b"link", b"linkat"), self._link),
            **dict.fromkeys((b"symlink", b"symlinkat"), self._symlink),
            b"truncate": self._truncate,
            **dict.fromkeys((b"execve", b"execveat"), self._execute),
            b"chdir": self._change,
            b"fchdir": self._change_to,
            **dict.fromkeys((b"clone", b"clone3", b"fork", b"vfork"), self._fork),
            b"socket": self._socket,
            b"connect": self._connect,
        }

    def parse(self, lines: Iterable[bytes]) -> Events:
        """Read a log to its end."""
        for line in lines:
            found = _LINE.fullmatch(line.rstrip(b"\n"))
            if found is None:
                if _END.match(line) is None:
                    self._gap(f"a line of the log was not understood: {line[:_SHOWN]!a}")
                continue
            pid, call, arguments, returned, path, _ = found.groups()
            handler = self._handlers.get(call)
            if handler is None:
                self._gap(f"it used {call.decode()}, behind which nothing is seen")
            elif b"..." in _TEXT.sub(b"", arguments) or any(cut for _, cut in _TEXT.findall(arguments)):
                if call not in {b"execve", b"execveat"}:
                    self._gap("a name was too long to be logged")
                else:
                    handler(pid, arguments, returned, path or b"")
            else:
                handler(pid, arguments, returned, path or b"")
        return self.events

    def _gap(self, text: str) -> None:
        self.events.gaps[text] = None

    def _open(self, _pid: bytes, arguments: bytes, _returned: bytes, path: bytes) -> None:
        flags = _FLAGS.search(_TEXT.sub(b"", arguments))
        names = set() if flags is None else set(flags[0].split(b"|"))
        if not path:
            self._gap("a file was opened, and the log does not say which")
            return
        name = _decode(path)
        if name.endswith(_DELETED) or b"O_PATH" in names or b"O_DIRECTORY" in names or not name.startswith("/"):
            return
        writes = bool(names & {b"O_WRONLY", b"O_RDWR", b"O_CREAT", b"O_TRUNC"} and names & {b"O_WRONLY", b"O_RDWR"})
        if not writes:
            self.events.reads(name)
            return
        if not names & {b"O_TRUNC", b"O_EXCL"}:
            # What was there before may be part of what is there afterwards.
            self.events.reads(name)
        self.events.writes(name)

    def _create(self, _pid: bytes, _arguments: bytes, _returned: bytes, path: bytes) -> None:
        self.events.writes(_decode(path))

    def _paths(self, pid: bytes, arguments: bytes) -> list[str]:
        """Return the paths among arguments, each relative to the descriptor before it, else to the directory."""
        found: list[str] = []
        base: str | None = None
        for match in re.finditer(rb"%s|%s" % (_DESCRIPTOR.pattern, _TEXT.pattern), arguments):
            if match[2] is None:
                base = _decode(match[1])
            else:
                found.append(os.path.normpath(os.path.join(base or self._directory(pid), _decode(match[2]))))
                base = None
        return found

    def _directory(self, pid: bytes) -> str:
        return self._directories.get(pid, self._start)

    def _rename(self, pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        paths = self._paths(pid, arguments)
        if b"RENAME_EXCHANGE" in arguments:
            self.events.reads(paths[0])
            self.events.reads(paths[1])
            self.events.writes(paths[0])
            self.events.writes(paths[1])
            return
        self.events.renames(paths[0], paths[1])

    def _link(self, pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        paths = self._paths(pid, arguments)
        self.events.links(paths[0], paths[1])

    def _symlink(self, pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        # The first text is the link's own, and no path that was touched.
        self.events.writes(self._paths(pid, arguments)[1])

    def _truncate(self, pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        for path in self._paths(pid, arguments):
            self.events.reads(path)
            self.events.writes(path)

    def _execute(self, pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        head, bracket, rest = arguments.partition(b"[")
        paths = self._paths(pid, head)
        if paths and bracket:
            words = tuple(_decode(text) for text, _ in _TEXT.findall(rest.partition(b"]")[0]))
            self.events.programs.append((paths[0], words))
            self.events.reads(paths[0])

    def _change(self, pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        for path in self._paths(pid, arguments):
            self._directories[pid] = path

    def _change_to(self, pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        found = _DESCRIPTOR.search(arguments)
        if found is not None:
            self._directories[pid] = _decode(found[1])

    def _fork(self, pid: bytes, _arguments: bytes, returned: bytes, _path: bytes) -> None:
        if pid in self._directories:
            self._directories.setdefault(returned, self._directories[pid])

    def _socket(self, _pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        if arguments.startswith((b"AF_INET", b"PF_INET")):
            self._gap(NETWORK)
        elif not arguments.startswith((b"AF_UNIX", b"AF_LOCAL", b"AF_NETLINK", b"PF_")):
            self._gap(f"it opened a socket: {arguments.partition(b',')[0].decode(errors='replace')[:_SHOWN]}")

    def _connect(self, _pid: bytes, arguments: bytes, _returned: bytes, _path: bytes) -> None:
        found = _UNIX.search(arguments)
        if found is not None:
            name = _decode(found[2]).rstrip("\0")
            if found[1] or not name.startswith(_HARMLESS):
                self._gap(f"it talked to another program: {found[1].decode()}{name}"[:_SHOWN])


#: The gap of a run that used the network; one that declares where it downloads from does not have it.
NETWORK = "it used the network: what it got from there is no file"
