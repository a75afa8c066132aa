"""What a run touched → materials, products, scripts; and why it may not be all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from sbom import names
from sbom.recording import snapshot
from sbom.recording.events import NETWORK
from sbom.recording.snapshot import is_tool
from sbom.transformation import DECLARED, OBSERVED, Edge, Script, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sbom.recording.events import Events
    from sbom.recording.snapshot import Seen, Snapshot

_SEEN = Word(OBSERVED)
_INPUT = Word(DECLARED, "--input")
_OUTPUT = Word(DECLARED, "--output")
#: What belongs to the system: read by every program, and no material of any step.
_SYSTEM = (
    "/usr/", "/lib/", "/lib32/", "/lib64/", "/bin/", "/sbin/", "/etc/", "/proc/", "/sys/", "/dev/", "/run/",
    "/var/lib/", "/var/cache/", "/opt/", "/nix/", "/snap/", "/System/", "/Library/",
)  # fmt: skip
_CODE = (".py", ".pyi", ".sh", ".bash", ".r", ".R", ".jl", ".pl", ".rb", ".lua", ".js")
_LISTED = 5


class Inquiry(NamedTuple):
    """What is asked of a run.

    :param inputs: declared, by name in the workspace; a directory ends in ``/``. URLs, too.
    :param scripts: named by the caller as scripts.
    :param roots: what was hashed before, by name in the workspace; ``""`` is the workspace.
    :param software: directories of the interpreter and its packages.
    :param started: nanoseconds since 1970: what changed later than that changed during the run.
    :param own: the record itself.
    """

    workspace: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    scripts: tuple[str, ...]
    roots: tuple[str, ...]
    software: tuple[str, ...]
    started: int
    own: str | None


class Touched(NamedTuple):
    """What became of a run.

    :param untouched: declared, and not touched: ``(name, --input or --output)``.
    :param undeclared: touched, and not declared, where anything was declared.
    """

    inputs: tuple[Edge, ...]
    outputs: tuple[Edge, ...]
    scripts: tuple[Script, ...]
    gaps: tuple[str, ...]
    untouched: tuple[tuple[str, str], ...]
    undeclared: tuple[tuple[str, str], ...]


def classify(events: Events, before: Snapshot, after: Snapshot, inquiry: Inquiry, *, watched: bool) -> Touched:
    """Sort out what a run touched.

    :param watched: every process was watched: what changed without being seen was changed by somebody else.
    """
    return _Sorting(events, before, after, inquiry, watched=watched).done()


class _Sorting:
    """One run that is being sorted out."""

    def __init__(self, events: Events, before: Snapshot, after: Snapshot, inquiry: Inquiry, *, watched: bool) -> None:
        self._events = events
        self._before = before
        self._after = after
        self._inquiry = inquiry
        self._watched = watched
        self._gaps = dict(events.gaps)
        self._late: dict[str, Seen | None] = {}

    def done(self) -> Touched:
        """Return what came of it."""
        read, read_outside = self._names(self._events.read)
        written, written_outside = self._names(self._events.written)
        scripts = self._scripts(read)
        inputs = self._inputs(read, set(scripts))
        outputs = self._outputs(written)
        self._outside(read_outside, written_outside)
        self._problems()
        if any("://" in name for name in self._inquiry.inputs):
            self._gaps.pop(NETWORK, None)
        untouched, undeclared = self._declared(inputs, outputs)
        return Touched(
            tuple(inputs[name] for name in sorted(inputs)),
            tuple(outputs[name] for name in sorted(outputs)),
            tuple(self._script(name) for name in sorted(scripts)),
            tuple(self._gaps),
            untouched,
            undeclared,
        )

    def _names(self, paths: Iterable[str]) -> tuple[list[str], list[str]]:
        """Split absolute paths into names in the workspace, and what lies outside of it and of all software."""
        base = self._inquiry.workspace.rstrip("/") + "/"
        # A directory above the workspace (a prefix such as /usr) is not the interpreter's alone.
        software = tuple(
            f"{directory.rstrip('/')}/"
            for directory in self._inquiry.software
            if not base.startswith(f"{directory.rstrip('/')}/")
        )
        inside: list[str] = []
        outside: list[str] = []
        for path in paths:
            if path.startswith(software):
                continue
            if path.startswith(base):
                name = path[len(base) :]
                if is_tool(name) and not name.endswith(".pyc"):
                    continue
                if names.refusal(name) is None:
                    inside.append(name)
                else:
                    self._gaps[f"it touched {names.display(name)}, a name that no record can hold"] = None
            elif not path.startswith(_SYSTEM):
                outside.append(path)
        return inside, outside

    def _scripts(self, read: Sequence[str]) -> dict[str, None]:
        """Name what was run or imported: programs of the workspace, what interpreters were given, modules."""
        found: dict[str, None] = dict.fromkeys(self._inquiry.scripts)
        available = set(read)
        base = self._inquiry.workspace.rstrip("/") + "/"
        for path, argv, _ in self._events.programs:
            if path.startswith(base) and not is_tool(path[len(base) :]):
                found[path[len(base) :]] = None
            for word in argv[1:]:
                name = os.path.relpath(os.path.join(os.getcwd(), word), self._inquiry.workspace)
                if name in available and name.endswith((*_CODE, ".sql", ".ipynb")):
                    found[name] = None
        for name in read:
            if name.endswith(".pyc") and "/__pycache__/" in f"/{name}":
                directory, _, base_name = name.rpartition("__pycache__/")
                source = f"{directory}{base_name.partition('.')[0]}.py"
                if snapshot.look(self._inquiry.workspace, source) is not None:
                    found[source] = None
            elif name.endswith(_CODE) and not self._is_declared(name, self._inquiry.inputs):
                found[name] = None
        return {name: None for name in found if not name.startswith("..")}

    def _script(self, name: str) -> Script:
        seen = self._before.files.get(name) or self._hashed_after(name, "script")
        after = self._after.files.get(name)
        if seen is not None and after is not None and after.sha256 != seen.sha256:
            self._gaps[f"the script {name} changed during the run"] = None
        if seen is None or seen.sha256 is None:
            self._gaps[f"the script {name} is not there any more"] = None
            return Script(name)
        return Script(name, seen.sha256, seen.size)

    def _hashed_after(self, name: str, what: str) -> Seen | None:
        """Hash what nobody knew of before the run; what changed since then is a gap."""
        if name not in self._late:
            self._late[name] = seen = snapshot.look(self._inquiry.workspace, name)
            if seen is not None and max(seen.state[4:6]) >= self._inquiry.started:
                self._gaps[f"the {what} {name} changed during the run, and was not hashed before it"] = None
        return self._late[name]

    def _inputs(self, read: Iterable[str], scripts: set[str]) -> dict[str, Edge]:
        found: dict[str, Edge] = {}
        base = self._inquiry.workspace.rstrip("/") + "/"
        made = {path[len(base) :] for path in self._events.written if path.startswith(base)}
        for name in read:
            if name in scripts or name == self._inquiry.own or name.endswith(".pyc"):
                continue
            edge = self._input(name, made)
            if edge is not None:
                found[name] = edge
        for name in self._inquiry.inputs:
            if name not in found and name not in scripts and not self._covers(name, found):
                seen = self._before.files.get(name)
                sha256, size = (None, None) if seen is None else (seen.sha256, seen.size)
                found[name] = Edge(name, (_INPUT,), sha256, size)
        return found

    def _input(self, name: str, made: set[str]) -> Edge | None:
        """Return what was read; ``None`` for what the run had made itself, and for directories.

        :param made: what the run wrote.
        """
        seen = self._before.files.get(name)
        late = seen is None
        if late:
            if name in made and self._is_below_roots(name):
                return None  # it was not there before
            if os.path.isdir(os.path.join(self._inquiry.workspace, name)):
                return None
            seen = self._hashed_after(name, "input")
        if seen is None or seen.sha256 is None:
            if seen is not None:
                self._gaps[f"the input {name} could not be hashed"] = None
            elif name not in made:
                self._gaps[f"the input {name} is not there any more"] = None
            return None
        words = (_SEEN, _INPUT) if self._is_declared(name, self._inquiry.inputs) else (_SEEN,)
        return Edge(name, words, seen.sha256, seen.size, hashed_after=late)

    def _outputs(self, written: Iterable[str]) -> dict[str, Edge]:
        changed = {
            name
            for name, seen in self._after.files.items()
            if (old := self._before.files.get(name)) is None or old.sha256 != seen.sha256
        }
        wrote = {name for name in written if not name.endswith(".pyc")}
        found: dict[str, Edge] = {}
        for name in sorted(changed | wrote):
            if name == self._inquiry.own or is_tool(name):
                continue
            seen = self._after.files.get(name) or snapshot.look(self._inquiry.workspace, name)
            old = self._before.files.get(name)
            if seen is None or (old is not None and old.state == seen.state):
                continue  # made and deleted again; or opened for writing, as databases are, and not written
            if seen.sha256 is None:
                self._gaps[f"the output {name} could not be hashed"] = None
                continue
            if self._watched and not self._events.explains(self._inquiry.workspace.rstrip("/") + "/" + name):
                self._gaps[f"{name} was changed by something that was not observed"] = None
            words = (_SEEN, _OUTPUT) if self._is_declared(name, self._inquiry.outputs) else (_SEEN,)
            found[name] = Edge(name, words, seen.sha256, seen.size)
        for name in self._inquiry.outputs:
            if name not in found and not self._covers(name, found):
                found[name] = Edge(name, (_OUTPUT,))
                self._gaps[f"the declared output {name} was not written"] = None
        return found

    def _outside(self, read: Sequence[str], written: Sequence[str]) -> None:
        """Name what was touched outside of the workspace. Temporary files that are gone again are nobody's."""
        made = set(written)
        kept = [path for path in written if os.path.lexists(path)]
        foreign = [path for path in read if path not in made and os.path.isfile(path)]
        for what, paths in (("read", foreign), ("wrote", kept)):
            if paths:
                more = f" and {len(paths) - _LISTED:,} more" if len(paths) > _LISTED else ""
                self._gaps[f"it {what} outside of the workspace: {', '.join(paths[:_LISTED])}{more}"] = None

    def _problems(self) -> None:
        for name, what in (*self._before.problems, *self._after.problems):
            self._gaps[f"{name} could not be hashed: {what}"] = None

    def _declared(
        self, inputs: Mapping[str, Edge], outputs: Mapping[str, Edge]
    ) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
        untouched: list[tuple[str, str]] = []
        undeclared: list[tuple[str, str]] = []
        for edges, said, word in ((inputs, self._inquiry.inputs, _INPUT), (outputs, self._inquiry.outputs, _OUTPUT)):
            untouched += [
                (edge.name, word.where) for edge in edges.values() if _SEEN not in edge.words and "://" not in edge.name
            ]
            if said:
                undeclared += [(edge.name, word.where) for edge in edges.values() if word not in edge.words]
        return tuple(untouched), tuple(undeclared)

    def _is_below_roots(self, name: str) -> bool:
        return any(not root or name == root or name.startswith(f"{root}/") for root in self._inquiry.roots)

    @staticmethod
    def _is_declared(name: str, said: Sequence[str]) -> bool:
        return name in said or any(one.endswith("/") and name.startswith(one) for one in said)

    @staticmethod
    def _covers(directory: str, found: Mapping[str, Edge]) -> bool:
        return directory.endswith("/") and any(name.startswith(directory) for name in found)
