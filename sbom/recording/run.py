"""Record a run, in this order: look at the files, run the command, look again, sort out what it did."""

from __future__ import annotations

import gc
import os
import shlex
import shutil
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom import execution, names
from sbom.errors import UndecidedError, UsageError
from sbom.inventory import files, git
from sbom.lineage.paths import is_url, resolve
from sbom.recording import audit, classify, environment, snapshot, strace
from sbom.recording.events import Events
from sbom.recording.memory import Memory
from sbom.recording.revision import revision
from sbom.transformation import AUDIT_HOOK, SNAPSHOT, STRACE, Observation, Software, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Path = str | os.PathLike[str]

AUTO: Final = "auto"
#: What ``--observe`` takes.
OBSERVERS: Final = (AUTO, "strace", "audit", "snapshot")
_METHODS: Final = {"strace": STRACE, "audit": AUDIT_HOOK, "snapshot": SNAPSHOT}
_UNSEEN: Final = "only snapshots were taken: what was read and not changed was not seen"
_MAX_GAPS: Final = 50


class Request(NamedTuple):
    """What to record; ``data-sbom record --help`` explains each.

    :param own: path of the record that will be written, which is no output of the step.
    """

    name: str
    command: tuple[str, ...]
    workspace: Path | None = None
    roots: tuple[Path, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    actor: str | None = None
    observe: str = AUTO
    own: Path | None = None


class Recorded(NamedTuple):
    """A run that was recorded.

    :param exit_code: of the command; 128 and the number of the signal when one killed it.
    :param untouched: declared, and not touched: ``(name, --input or --output)``.
    :param undeclared: touched, and not declared, where anything was declared.
    """

    step: Step
    exit_code: int
    untouched: tuple[tuple[str, str], ...]
    undeclared: tuple[tuple[str, str], ...]


class NotStartedError(UsageError):
    """The command cannot be started; :attr:`exit_status` is what a shell would end with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, hint="check the words after --")
        self.exit_status = status


class UnrecordedError(UndecidedError):
    """The command ran, and what it did cannot be found out; :attr:`exit_status` is what to end with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, hint="run the step again")
        self.exit_status = status or 3


def default_path(step: str) -> str:
    """Return the name of the record of a step, in the working directory.

    :raises UsageError: when the step has a name that no file can have.
    """
    path = f"{step}.step.json"
    if "/" in path or names.refusal(path) is not None:
        raise UsageError("the name of the step is no name for a file", hint="say with -o where the record goes")
    return path


def record(request: Request) -> Recorded:
    """Run a command and record what it did.

    :raises UsageError: when the call is wrong: no such input, a root outside of the workspace, no command.
    :raises NotStartedError: when the command cannot be started.
    :raises UnrecordedError: when it ran, and what it did cannot be found out.
    """
    _check(request)
    # What is made of thousands of files stays to the end, and holds no cycles that would be worth looking for.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _record(request, _workspace(request))
    finally:
        if collects:
            gc.enable()


def _record(request: Request, workspace: str) -> Recorded:
    inputs = tuple(_name(path, workspace, "--input") for path in request.inputs)
    for name in inputs:
        if "://" not in name and not os.path.exists(os.path.join(workspace, name)):
            raise UsageError(
                "is a declared input, and is not there", path=name, hint="make it first, or correct --input"
            )
    outputs = tuple(_name(path, workspace, "--output") for path in request.outputs)
    scripts = tuple(_name(path, workspace, "--script") for path in request.scripts)
    roots = [_root(os.fspath(path), workspace) for path in request.roots] or [""]
    method, observe = _observer(request.observe)
    wanted = (*roots, *(name.rstrip("/") for name in (*inputs, *scripts) if "://" not in name))
    began_hashing = time.time_ns()
    known = Memory(workspace)
    with ThreadPoolExecutor(2) as threads:
        # Both ask other programs, and wait for them; meanwhile the files are looked at. The interpreter may still be
        # telling of its packages when the command starts: it takes a while to import what it asks.
        surroundings_asked = threads.submit(environment.of, request.command)
        commit_asked = threads.submit(revision, workspace)
        before = snapshot.take(workspace, wanted, known.sha256)
        commit = commit_asked.result()
        # The clock ticks: what changes from now on has a later time than what was seen.
        time.sleep(files.TICK_NS / 1e9)
        began, started = time.time_ns(), _now()
        try:
            code, events = observe(request.command)
        except OSError as error:
            raise NotStartedError(
                f"{names.display(request.command[0])} cannot be started: {error.strerror}", 126
            ) from error
        finished = _now()
        surroundings = surroundings_asked.result()
    own = None if request.own is None else _inside(os.path.abspath(os.fspath(request.own)), workspace)
    try:
        _streams(events, workspace)
        after = snapshot.take(workspace, wanted, before.sha256)
        known.keep(after.files.items(), began_hashing)
        inquiry = classify.Inquiry(
            workspace, inputs, outputs, scripts, tuple(wanted), surroundings.directories, began, own
        )
        touched = classify.classify(events, before, after, inquiry, watched=method == STRACE)
    except OSError as error:
        raise UnrecordedError(f"the step ran, and its files cannot be looked at: {error.strerror}", code) from error
    gaps = _gaps(touched.gaps)
    step = Step(
        name=request.name,
        origin="" if request.own is None else os.path.basename(os.fspath(request.own)),
        commands=(shlex.join(map(_shown, request.command)),),
        argv=tuple(map(_shown, request.command)),
        directory=_inside(os.getcwd(), workspace) or "",
        scripts=touched.scripts,
        inputs=touched.inputs,
        outputs=touched.outputs,
        parameters=tuple(sorted(request.parameters)),
        software=_software(surroundings.software),
        revision=commit,
        actor=request.actor,
        started=started,
        finished=finished,
        exit_code=code,
        observation=Observation(method, complete=method == STRACE and not gaps, gaps=gaps),
    )
    return Recorded(step, code, touched.untouched, touched.undeclared)


def _check(request: Request) -> None:
    if not request.command:
        raise UsageError("no command was given", hint="write it after --, as in: data-sbom record --step clean -- CMD")
    if not request.name.strip() or names.text_refusal(request.name) is not None:
        raise UsageError("the name of the step is empty, not UTF-8 or holds control characters", hint="correct --step")
    if request.observe not in OBSERVERS:
        raise UsageError(f"--observe cannot be {request.observe!r}", hint=f"use {', '.join(OBSERVERS)}")
    if len({name for name, _ in request.parameters}) < len(request.parameters):
        raise UsageError("a parameter is given twice", hint="correct --param")
    program = request.command[0]
    if shutil.which(program) is None:
        found = os.path.exists(program)
        what = "is not a program that may be run" if found else "is not found"
        raise NotStartedError(f"{names.display(program)} {what}", 126 if found else 127)


def _workspace(request: Request) -> str:
    if request.workspace is not None:
        path = os.fspath(request.workspace)
        if not os.path.isdir(path):
            raise UsageError("is no directory", path=path, hint="correct --workspace")
        found = os.path.realpath(path)
    else:
        found = git.top(os.getcwd()) or os.path.realpath(os.getcwd())
    if _inside(os.path.realpath(os.getcwd()), found) is None:
        raise UsageError("does not hold the working directory", path=found, hint="run the step inside of its workspace")
    return found


def _inside(path: str, workspace: str) -> str | None:
    """Return the name in the workspace of an absolute path; ``None`` when it lies elsewhere."""
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)) if path != workspace else path
    if real == workspace:
        return ""
    base = workspace.rstrip("/") + "/"
    return real[len(base) :] if real.startswith(base) else None


def _name(path: str, workspace: str, option: str) -> str:
    """Return the name in the workspace of what the caller declares; a directory ends in ``/``."""
    found: str | None
    if is_url(path):
        found = resolve(path, "")
    else:
        inner = _inside(os.path.abspath(path), workspace)
        is_directory = path.endswith("/") or os.path.isdir(path)
        found = None if inner is None else resolve(inner or ".", "", is_directory=is_directory)
    if found is None:
        raise UsageError(f"{option} names nothing in the workspace", path=path, hint=f"the workspace is {workspace}")
    return found


def _root(path: str, workspace: str) -> str:
    found = _inside(os.path.realpath(path), workspace)
    if found is None or not os.path.exists(path):
        raise UsageError("is no directory in the workspace", path=path, hint=f"the workspace is {workspace}")
    return found


def _observer(wanted: str) -> tuple[str, Callable[[Sequence[str]], tuple[int, Events]]]:
    """Choose how to observe: the best that works here, or what the caller wants.

    :raises UsageError: when the caller insists on what does not work here.
    """
    observers = {"strace": strace.observe, "audit": audit.observe, "snapshot": _only_snapshots}
    if wanted == AUTO:
        wanted = "audit" if strace.usable() is not None else "strace"
    elif wanted == "strace" and (reason := strace.usable()) is not None:
        raise UsageError(f"cannot observe with strace: {reason}", hint="install it, or use --observe auto")
    return _METHODS[wanted], observers[wanted]


def _only_snapshots(command: Sequence[str]) -> tuple[int, Events]:
    return execution.run(command), Events(gaps={_UNSEEN: None})


def _streams(events: Events, workspace: str) -> None:
    """Take notice of the files that the caller's shell opened for the command: its input, and its output.

    What it prints is data where it goes into the workspace; elsewhere it is a log, as its errors always are.
    """
    for number, seen in ((0, events.reads), (1, events.writes)):
        try:
            mode = os.fstat(number).st_mode
            path = os.readlink(f"/proc/self/fd/{number}") if stat.S_ISREG(mode) else ""
        except OSError:
            continue  # closed, or a system that does not tell
        if path.startswith("/") and (not number or _inside(path, workspace) is not None):
            seen(path)
        elif not number and not stat.S_ISCHR(mode):
            events.gap("its standard input came from another program: give it a file instead, as in < FILE")


def _gaps(found: Sequence[str]) -> tuple[str, ...]:
    shown = [_shown(gap) for gap in found[:_MAX_GAPS]]
    rest = len(found) - _MAX_GAPS
    return (*shown, *([f"and {rest:,} more"] if rest > 0 else []))


def _shown(text: str) -> str:
    """Return a text that a record can hold: what is no UTF-8 or steers a terminal is escaped."""
    return text if names.text_refusal(text) is None else names.display(text, len(text) * 8)


def _software(found: Sequence[Software]) -> tuple[Software, ...]:
    return tuple(one for one in found if all(names.text_refusal(text) is None for text in one if text))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
