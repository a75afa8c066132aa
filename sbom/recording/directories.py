"""Which directory each process of a run is in, from what a log says of them.

The line that says who started a process may come after the first lines of that process.
"""

from __future__ import annotations


class UnknownError(Exception):
    """Nobody has said yet which directory a process is in."""


class Directories:
    """The working directories of processes.

    :param start: that of the first one.
    """

    def __init__(self, start: str) -> None:
        #: Processes that have not ended.
        self.alive: dict[bytes, None] = {}
        self._start = start
        # Threads share the list that holds the directory they are in; processes do not.
        self._holders: dict[bytes, list[str]] = {}
        self._early: dict[bytes, None] = {}
        self._met = False
        self._changed = False

    def meet(self, pid: bytes) -> None:
        """Take notice of a process that does something."""
        self.alive[pid] = None
        if not self._met:
            self._met = True
            self._holders[pid] = [self._start]

    def of(self, pid: bytes) -> str:
        """Return the directory of a process.

        :raises UnknownError: where the line that says who started it is still to come.
        """
        holder = self._holders.get(pid)
        if holder is not None:
            return holder[0]
        if self._changed:
            raise UnknownError
        return self._start

    def change(self, pid: bytes, path: str) -> None:
        """Let a process go to a directory."""
        self._changed = True
        self._holders.setdefault(pid, [path])[:] = [path]

    def fork(self, pid: bytes, child: bytes, *, shared: bool) -> None:
        """Let a process start another one.

        :param shared: they share their directory from now on.
        :raises UnknownError: see :meth:`of`.
        """
        holder = self._holders.setdefault(pid, [self.of(pid)])
        own = self._holders.get(child)
        if own is not None and shared:
            holder[:] = own
        if self._early.pop(child, child) is None:
            return  # it has ended already
        if shared:
            self._holders[child] = holder
        elif own is None:
            self._holders[child] = list(holder)

    def separate(self, pid: bytes) -> None:
        """Let a process share its directory with no other one any more."""
        self._holders[pid] = [self.of(pid)]

    def end(self, pid: bytes) -> None:
        """Let a process end."""
        self.alive.pop(pid, None)
        if self._holders.pop(pid, None) is None:
            self._early[pid] = None

    def supersede(self, pid: bytes, thread: bytes) -> None:
        """Let a thread take the number of its process, which it becomes."""
        self.alive.pop(thread, None)
        holder = self._holders.pop(thread, None)
        if holder is not None:
            self._holders[pid] = list(holder)

    def settle(self, pid: bytes) -> None:
        """Give up waiting: take the first directory for that of a process."""
        self._holders.setdefault(pid, [self._start])
