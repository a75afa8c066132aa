"""What a run touched → materials, products, scripts; and why it may not be all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from sbom import names
from sbom.recording import snapshot
from sbom.recording.events import NETWORK
from sbom.recording.places import Kind, Places, is_compiled, is_tool
from sbom.transformation import DECLARED, OBSERVED, Edge, Script, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sbom.recording.events import Events
    from sbom.recording.snapshot import Seen, Snapshot

_SEEN = Word(OBSERVED)
_INPUT = Word(DECLARED, "--input")
_OUTPUT = Word(DECLARED, "--output")
#: What is a script when it is read, and what is one only when a program is given it.
_CODE = (".py", ".pyi", ".sh", ".bash", ".r", ".R", ".jl", ".pl", ".rb", ".lua", ".js")
_GIVEN = (".sql", ".ipynb")
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
        self._places = Places(inquiry.workspace, inquiry.software)
        self._gaps = dict(events.gaps)
        self._late: dict[str, Seen | None] = {}

    def done(self) -> Touched:
        """Return what came of it."""
        self._follow()
        read = self._read()
        written = self._written()
        scripts = self._scripts(read)
        inputs = self._inputs(read, scripts)
        outputs = self._outputs(written)
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

    # What the run touched, by name in the workspace.

    def _follow(self) -> None:
        """Take what lies in directories that were renamed for read by its old name, and for written by its new one."""
        events = self._events
        for new, first in list(events.moved.items()):
            for path in _below(new):
                old = first + path[len(new) :]
                if path not in events.written and old not in events.written:
                    events.reads(path)
                events.writes(path)

    def _read(self) -> list[str]:
        """Return what was read. What lies elsewhere, and belongs to no software, is a gap."""
        found: list[str] = []
        outside: list[str] = []
        tools: list[str] = []
        for path, opened in self._events.read.items():
            kind = self._places.of_read(path, opened)
            if kind is Kind.FILE:
                found.append(path)
            elif kind is not Kind.SILENT and not os.path.isdir(path):
                (tools if kind is Kind.TOOL else outside).append(path)
        self._report("read outside of the workspace", outside)
        self._report("read what belongs to a tool, and is in no record", tools)
        return self._names(found)

    def _written(self) -> list[str]:
        """Return what was written. Temporary files elsewhere that are gone again are nobody's."""
        found: list[str] = []
        outside: list[str] = []
        tools: list[str] = []
        for path in self._events.written:
            kind = self._places.of_write(path)
            if kind is Kind.FILE:
                found.append(path)
            elif kind is not Kind.SILENT and os.path.lexists(path) and not os.path.isdir(path):
                (tools if kind is Kind.TOOL else outside).append(path)
        self._report("wrote outside of the workspace", outside)
        self._report("wrote what belongs to a tool, and is in no record", tools)
        return self._names(found)

    def _names(self, paths: Iterable[str]) -> list[str]:
        return self._nameable(self._places.name(path) or "" for path in paths)

    def _nameable(self, found: Iterable[str]) -> list[str]:
        """Return the names that a record can hold."""
        kept: list[str] = []
        for name in found:
            if names.refusal(name) is None:
                kept.append(name)
            else:
                self._gaps[f"it touched {names.display(name)}, a name that no record can hold"] = None
        return kept

    def _report(self, what: str, paths: Sequence[str]) -> None:
        if paths:
            more = f" and {len(paths) - _LISTED:,} more" if len(paths) > _LISTED else ""
            self._gaps[f"it {what}: {', '.join(paths[:_LISTED])}{more}"] = None

    # Scripts.

    def _scripts(self, read: Sequence[str]) -> set[str]:
        """Name what was run or imported: programs of the workspace, what interpreters were given, modules."""
        found = set(self._inquiry.scripts)
        available = set(read)
        for path, words, directory in self._events.programs:
            name = self._places.name(os.path.realpath(path))
            if name is not None and not is_tool(name):
                found.add(name)
            for word in words[1:]:
                if word.endswith((*_CODE, *_GIVEN)):
                    given = os.path.realpath(os.path.join(directory or os.getcwd(), word))
                    found.update(available & {self._places.name(given) or ""})
        for name in read:
            if is_compiled(name):
                directory, _, base = name.rpartition("__pycache__/")
                source = f"{directory}{base.partition('.')[0]}.py"
                # Without its source it is all that there is.
                found.add(name if snapshot.look(self._inquiry.workspace, source) is None else source)
            elif name.endswith((*_CODE, ".pyc")) and not self._is_declared(name, self._inquiry.inputs):
                found.add(name)
        return found

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

    # Materials.

    def _inputs(self, read: Iterable[str], scripts: set[str]) -> dict[str, Edge]:
        found: dict[str, Edge] = {}
        for name in read:
            if name in scripts or name == self._inquiry.own or is_compiled(name):
                continue
            edge = self._input(name)
            if edge is not None:
                found[name] = edge
        for name in self._inquiry.inputs:
            if name not in found and name not in scripts and not self._covers(name, found):
                seen = self._before.files.get(name)
                sha256, size = (None, None) if seen is None else (seen.sha256, seen.size)
                found[name] = Edge(name, (_INPUT,), sha256, size)
        return found

    def _input(self, name: str) -> Edge | None:
        """Return what was read; ``None`` for what the run had made itself, and for directories."""
        path = self._places.path(name)
        made = path in self._events.written
        seen = self._before.files.get(name)
        late = seen is None
        if late:
            if (made and self._is_below_roots(name)) or os.path.isdir(path):
                return None
            seen = self._hashed_after(name, "input")
        elif not made and self._is_disturbed(name):
            self._gaps[f"the input {name} was changed by something that was not observed"] = None
        if seen is None or seen.sha256 is None:
            if seen is not None:
                self._gaps[f"the input {name} could not be hashed"] = None
            elif os.path.lexists(path):
                self._gaps[f"the input {name} is no regular file: what it gave is not known"] = None
            else:
                self._gaps[f"the input {name} is not there any more"] = None
            return None
        words = (_SEEN, _INPUT) if self._is_declared(name, self._inquiry.inputs) else (_SEEN,)
        return Edge(name, words, seen.sha256, seen.size, hashed_after=late)

    def _is_disturbed(self, name: str) -> bool:
        """Tell whether a file was changed and nobody saw it, maybe to what it was before."""
        old, new = self._before.files[name], self._after.files.get(name)
        if not self._watched or new is None or new.state == old.state:
            return False
        path = self._places.path(name)
        return path not in self._events.linked and not self._events.explains(path)

    # Products.

    def _outputs(self, written: Iterable[str]) -> dict[str, Edge]:
        changed = self._nameable(
            name
            for name, seen in self._after.files.items()
            if (old := self._before.files.get(name)) is None or old.sha256 != seen.sha256
        )
        found: dict[str, Edge] = {}
        for name in sorted({*changed, *written}):
            if name == self._inquiry.own:
                continue
            seen = self._after.files.get(name) or self._found(name)
            old = self._before.files.get(name)
            if seen is None or (old is not None and old.state == seen.state):
                continue  # made and deleted again; or opened for writing, as databases are, and not written
            if seen.sha256 is None:
                self._gaps[f"the output {name} could not be hashed"] = None
                continue
            if self._watched and not self._events.explains(self._places.path(name)):
                self._gaps[f"{name} was changed by something that was not observed"] = None
            words = (_SEEN, _OUTPUT) if self._is_declared(name, self._inquiry.outputs) else (_SEEN,)
            found[name] = Edge(name, words, seen.sha256, seen.size)
        for name in self._inquiry.outputs:
            if name not in found and not self._covers(name, found):
                found[name] = Edge(name, (_OUTPUT,))
                self._gaps[f"the declared output {name} was not written"] = None
        return found

    def _found(self, name: str) -> Seen | None:
        """Look at what no snapshot holds: what lies below no root, or is a link to a file of the workspace."""
        path = self._places.path(name)
        if not os.path.islink(path):
            return snapshot.look(self._inquiry.workspace, name)
        target = self._places.name(os.path.realpath(path))
        seen = None
        if target is not None:
            seen = self._after.files.get(target) or snapshot.look(self._inquiry.workspace, target)
        if seen is None:
            self._gaps[f"it made the link {name}, which leads to no file of the workspace"] = None
        return seen

    # What the caller said, and what was done.

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


def _below(path: str) -> Iterator[str]:
    """Yield the files of a directory; nothing for what is none."""
    if not os.path.islink(path):
        for directory, _, found in os.walk(path):
            yield from (os.path.join(directory, one) for one in found)
