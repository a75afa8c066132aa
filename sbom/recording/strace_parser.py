"""The log of strace → events. What is not understood is a gap."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.recording import strace_log as log
from sbom.recording.directories import Directories, UnknownError
from sbom.recording.events import NETWORK, Events
from sbom.recording.strace_log import decode

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

_DELETED = " (deleted)"
_UNREACHABLE = "(unreachable)"
#: Local services that give no data: names of users and hosts, and logs.
_HARMLESS: Final = (
    "/var/run/nscd/", "/run/nscd/", "/run/systemd/userdb/", "/run/systemd/journal/", "/run/systemd/resolve/",
    "/var/lib/sss/pipes/", "/dev/log",
)  # fmt: skip
_SHOWN: Final = 200
#: Lines that wait for another one; more is no log of strace.
_MAX_WAITING: Final = 100_000


class _Call(NamedTuple):
    """One system call of a log.

    :param returned: a number; ``stands_for`` is what a returned descriptor stands for, as it is logged.
    """

    pid: bytes
    name: bytes
    arguments: bytes
    returned: bytes
    stands_for: bytes | None


class Parser:
    """Collects events from a log.

    :param directory: the working directory that the command started in.
    """

    def __init__(self, directory: str) -> None:
        self.events = Events()
        self.directories = Directories(directory)
        self._waiting: dict[bytes, list[_Call]] = {}
        self._waits = 0
        # By process: what is logged of a call so far.
        self._halves: dict[bytes, bytes] = {}
        self._real: dict[str, str] = {}
        # Sockets of the internet: such as are bound to nothing, and such as only this machine can reach.
        self._internet: dict[bytes, None] = {}
        self._loopback: set[bytes] = set()
        self._own_sockets: set[str] = set()
        self._handlers: dict[bytes, Callable[[_Call], None]] = {
            **dict.fromkeys((b"open", b"openat", b"openat2", b"open_by_handle_at"), self._open),
            b"creat": self._create,
            **dict.fromkeys((b"rename", b"renameat", b"renameat2"), self._rename),
            **dict.fromkeys((b"link", b"linkat"), self._link),
            **dict.fromkeys((b"symlink", b"symlinkat"), self._symlink),
            **dict.fromkeys((b"truncate", b"truncate64"), self._truncate),
            **dict.fromkeys((b"execve", b"execveat"), self._execute),
            **dict.fromkeys((b"chdir", b"fchdir"), self._change),
            **dict.fromkeys((b"clone", b"clone3", b"fork", b"vfork"), self._fork),
            b"unshare": self._unshare,
            b"socket": self._socket,
            b"bind": self._bind,
            b"listen": self._listen,
            b"connect": self._connect,
            **dict.fromkeys((b"msgget", b"shmget"), self._share),
            b"seccomp": self._filter,
        }

    def parse(self, lines: Iterable[bytes]) -> None:
        """Read lines, without their ends, in their order."""
        for line in lines:
            try:
                self._read(line)
            except ValueError:
                self._misunderstood(line)

    def _read(self, line: bytes) -> None:
        found = log.OPENED.fullmatch(line)
        if found is None:
            self._line(line)
            return
        pid, directory, name, flags, path = found.groups()
        if pid not in self.directories.alive:
            self.directories.meet(pid)
        if self._halves:
            self._halves.pop(pid, None)
        alias = None
        # A name that is only another spelling of what the kernel answers is not worth decoding.
        if path not in (name, b"%b\\x2f%b" % (directory, name)):
            alias = os.path.normpath(os.path.join(decode(directory), decode(name)))
        self._opened(decode(path), flags, alias)

    def finish(self) -> Events:
        """Return the events, when the log has ended."""
        for pid in list(self._waiting):
            self.directories.settle(pid)
            self.events.gap("the directory of a process is not known")
            self._release(pid)
        if self.directories.alive or not self.events.programs:
            self.events.gap("a process was not watched to its end")
        if self._internet:
            self.events.gap(NETWORK)
        return self.events

    def _line(self, line: bytes) -> None:
        found = log.CALL.fullmatch(line)
        if found is None:
            self._other(line)
            return
        call = _Call(*found.groups())
        self._halves.pop(call.pid, None)
        if call.pid not in self.directories.alive:
            self.directories.meet(call.pid)
        self._take(call)

    def _take(self, call: _Call) -> None:
        handler = self._handlers.get(call.name)
        if handler is None:
            self.events.gap(f"it used {call.name.decode()}, behind which nothing is seen")
            return
        cut = any(cut for _, cut in log.TEXT.findall(call.arguments))
        if cut and not call.name.startswith(b"execve"):
            self.events.gap("a name was too long to be logged")
            return
        try:
            handler(call)
        except UnknownError:
            self._waits += 1
            if self._waits > _MAX_WAITING:
                self.events.gap("the directory of a process is not known")
            else:
                self._waiting.setdefault(call.pid, []).append(call)

    def _release(self, pid: bytes) -> None:
        """Take up what waited for the directory of a process, and of those that it started."""
        queue = deque(self._waiting.pop(pid, ()))
        while queue:
            call = queue.popleft()
            self._take(call)
            if call.name in {b"clone", b"clone3", b"fork", b"vfork"}:
                queue.extend(self._waiting.pop(call.returned, ()))

    def _other(self, line: bytes) -> None:
        ended = log.ENDED.fullmatch(line)
        superseded = log.SUPERSEDED.fullmatch(line)
        unfinished = log.UNFINISHED.fullmatch(line)
        if ended is not None:
            self._halves.pop(ended[1], None)
            self.directories.end(ended[1])
        elif superseded is not None:
            # A thread executes a program, and takes the number of its process: this is all that is logged of it.
            self.events.gap("a thread executed a program, and the log does not say which")
            self.directories.supersede(superseded[1], superseded[2])
        elif unfinished is not None:
            self._halves[unfinished[2]] = unfinished[1]
        elif len(self._halves) == 1 and not line[:1].isdigit():
            self._line(self._halves.popitem()[1] + line)
        elif log.SIGNAL.fullmatch(line) is None:
            self._misunderstood(line)

    def _misunderstood(self, line: bytes) -> None:
        self.events.gap(f"a line of the log was not understood: {line[:_SHOWN].decode(errors='backslashreplace')}")

    # Names.

    def _texts(self, call: _Call, arguments: bytes | None = None) -> list[str]:
        """Return the paths among arguments, each relative to the descriptor before it, else to the directory."""
        found: list[str] = []
        base: str | None = None
        for match in log.PLACE.finditer(call.arguments if arguments is None else arguments):
            if match[2] is None:
                base = decode(match[1])
                continue
            text = decode(match[2])
            if not text.startswith("/"):
                text = os.path.join(self.directories.of(call.pid) if base is None else base, text)
            found.append(text)
            base = None
        return found

    def _paths(self, call: _Call, arguments: bytes | None = None) -> list[str]:
        """Return the same as the kernel names them: directories that are links are followed, the last part is not."""
        return [self._path(text) for text in self._texts(call, arguments)]

    def _path(self, text: str) -> str:
        head, _, tail = text.rstrip("/").rpartition("/")
        if tail in {"", ".", ".."}:
            return os.path.realpath(text)
        real = self._real.get(head)
        if real is None:
            real = self._real[head] = os.path.realpath(head or "/")
        return f"{real.rstrip('/')}/{tail}"

    # Processes.

    def _fork(self, call: _Call) -> None:
        if b"CLONE_UNTRACED" in call.arguments:
            self.events.gap("a process was started that may not be watched")
        if b"CLONE_NEW" in call.arguments:
            self.events.gap("a process was started in a namespace of its own, where names mean something else")
        self.directories.fork(call.pid, call.returned, shared=b"CLONE_FS" in call.arguments)
        if call.returned in self._waiting:
            self._release(call.returned)

    def _unshare(self, call: _Call) -> None:
        if b"CLONE_NEW" in call.arguments:
            self.events.gap("it used unshare, behind which nothing is seen")
        if b"CLONE_FS" in call.arguments:
            self.directories.separate(call.pid)

    def _change(self, call: _Call) -> None:
        if call.pid in self._waiting:
            raise UnknownError
        descriptor = log.DESCRIPTOR.match(call.arguments)
        path = os.path.realpath(self._texts(call)[0]) if descriptor is None else decode(descriptor[1])
        self.directories.change(call.pid, path)

    def _execute(self, call: _Call) -> None:
        head, _, rest = call.arguments.partition(b"[")
        path = self._paths(call, head)[0]
        words = tuple(decode(text) for text, _ in log.TEXT.findall(rest.partition(b"]")[0]))
        self.events.runs(path, words, self.directories.of(call.pid))
        self.events.reads(os.path.realpath(path), path)

    # Files.

    def _open(self, call: _Call) -> None:
        if call.stands_for is None:
            self.events.gap("a file was opened, and the log does not say which")
            return
        flags = log.FLAGS.search(log.TEXT.sub(b"", call.arguments))
        texts = self._texts(call) if call.name != b"open_by_handle_at" else []
        alias = os.path.normpath(texts[0]) if texts else None
        self._opened(decode(call.stands_for), b"" if flags is None else flags[0], alias)

    def _opened(self, path: str, flags: bytes, alias: str | None) -> None:
        if b"O_PATH" in flags or b"O_TMPFILE" in flags or b"O_DIRECTORY" in flags:
            return
        if not path.startswith("/"):
            if path.startswith(_UNREACHABLE):
                self.events.gap("a file was opened that has no name here")
            return
        # Read-only opening empties or makes a file, too, when it is asked to.
        writes = b"O_WRONLY" in flags or b"O_RDWR" in flags or b"O_TRUNC" in flags or b"O_CREAT" in flags
        # Unless it is new or emptied, what was there before may be part of what is there afterwards.
        reads = not writes or not (b"O_TRUNC" in flags or b"O_EXCL" in flags)
        # Older versions say within the name that a file was deleted; a file may also be called that.
        for name in (path, path.removesuffix(_DELETED)) if path.endswith(_DELETED) else (path,):
            if reads:
                self.events.reads(name, alias)
            if writes:
                self.events.writes(name)

    def _create(self, call: _Call) -> None:
        self.events.writes(self._paths(call)[0] if call.stands_for is None else decode(call.stands_for))

    def _rename(self, call: _Call) -> None:
        old, new = self._paths(call)
        # Either may be a directory that other names were found to lie in.
        self._real.clear()
        if b"RENAME_EXCHANGE" in call.arguments:
            self.events.exchanges(old, new)
        else:
            self.events.renames(old, new)

    def _link(self, call: _Call) -> None:
        old, new = self._paths(call)
        self.events.links(old, new)

    def _symlink(self, call: _Call) -> None:
        # The first text is the link's own, and no path that was touched.
        self.events.writes(self._paths(call, call.arguments.partition(b",")[2])[0])
        self._real.clear()

    def _truncate(self, call: _Call) -> None:
        path = os.path.realpath(self._texts(call)[0])
        self.events.reads(path)
        self.events.writes(path)

    # What comes from elsewhere than files.

    def _socket(self, call: _Call) -> None:
        if call.arguments.startswith(b"AF_INET"):
            if b"SOCK_STREAM" in call.arguments and call.stands_for is not None:
                self._internet[call.stands_for] = None
            else:
                # Needs no connection to send and receive.
                self.events.gap(NETWORK)
        elif not call.arguments.startswith((b"AF_UNIX", b"AF_LOCAL", b"AF_NETLINK")):
            family = call.arguments.partition(b",")[0].decode(errors="backslashreplace")
            self.events.gap(f"it opened a socket: {family[:_SHOWN]}")

    def _bind(self, call: _Call) -> None:
        found = log.UNIX.search(call.arguments)
        if found is not None:
            self._own_sockets.add(self._unix(call, found))
            return
        # Libraries try out in this way whether the machine knows IPv6. A socket that is bound to nothing may be
        # connecting without waiting for it, which is logged as little as any other call that fails.
        socket = log.DESCRIPTOR.match(call.arguments)
        if socket is not None and log.LOOPBACK.search(call.arguments) is not None:
            self._internet.pop(socket[1], None)
            self._loopback.add(socket[1])

    def _listen(self, call: _Call) -> None:
        found = log.DESCRIPTOR.match(call.arguments)
        if found is None or found[1] in self._loopback:
            self.events.gap(NETWORK)

    def _connect(self, call: _Call) -> None:
        found = log.UNIX.search(call.arguments)
        if found is not None:
            name = self._unix(call, found)
            if not name.startswith(_HARMLESS) and name not in self._own_sockets:
                self.events.gap(f"it talked to another program: {name[:_SHOWN]}")
        elif b"sa_family=AF_INET" in call.arguments:
            self.events.gap(NETWORK)
        elif b"sa_family=AF_UNSPEC" not in call.arguments and b"sa_family=AF_NETLINK" not in call.arguments:
            self.events.gap("it connected to something that is neither a file nor the network")

    def _unix(self, call: _Call, found: re.Match[bytes]) -> str:
        name = decode(found[2]).rstrip("\0")
        if found[1]:
            return f"@{name}"
        return name if name.startswith(_HARMLESS) else self._path(os.path.join(self.directories.of(call.pid), name))

    def _share(self, call: _Call) -> None:
        if not call.arguments.startswith((b"IPC_PRIVATE", b"0x0,", b"0,")):
            self.events.gap("it shared memory or messages with other programs")

    def _filter(self, call: _Call) -> None:
        # What a filter hands to another process to decide is not handed to strace any more.
        if b"NEW_LISTENER" in call.arguments:
            self.events.gap("it lets another process decide on its calls, behind which nothing is seen")
