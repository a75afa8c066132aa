"""Observe a command by an audit hook in every Python that it starts (PEP 578). Never complete: only Python is seen."""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING, Final

from sbom import execution
from sbom.recording.events import Events

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Why it is never complete.
GAP = "observed from within Python only: libraries in C, databases and other programs were not seen"
#: How many paths belong to each kind of line.
_PATHS: Final = {"read": 1, "write": 1, "update": 1, "rename": 2, "link": 2}
# What every child Python runs when it starts. It must not fail, and must not import more than is loaded anyway.
_HOOK = '''"""Tells data-sbom record which files this process opens; another sitecustomize is then run as ever."""
import os, sys
def _start():
    log = os.environ.get("DATA_SBOM_RECORD_LOG")
    if not log:
        return
    here = os.path.dirname(os.path.abspath(__file__))
    busy = []
    def tell(kind, *paths):
        import json
        names = [os.path.abspath(os.fsdecode(path)) for path in paths]
        line = json.dumps([kind, *names]).encode() + b"\\n"
        fd = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            os.write(fd, line)
        finally:
            os.close(fd)
    def hook(event, args):
        if busy:
            return
        busy.append(1)
        try:
            if event == "open" and isinstance(args[0], (str, bytes)):
                flags = args[2] if isinstance(args[2], int) else 0
                mode = args[1] or ""
                writes = flags & (os.O_WRONLY | os.O_RDWR) or any(letter in mode for letter in "wax+")
                fresh = flags & os.O_TRUNC or "w" in mode or "x" in mode
                tell("write" if writes and fresh else "update" if writes else "read", args[0])
            elif event == "os.rename":
                tell("rename", args[0], args[1])
            elif event in ("os.link", "os.symlink"):
                tell("link" if event == "os.link" else "write", *(args[:2] if event == "os.link" else (args[1],)))
        except Exception:
            pass  # the program that is observed must not fail because it is observed; the record says incomplete
        finally:
            busy.pop()
    sys.addaudithook(hook)
    path = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    import importlib.machinery
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        import importlib.util
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
_start()
'''


def observe(command: Sequence[str]) -> tuple[int, Events]:
    """Run a command; return its exit code and what its Pythons opened.

    :raises OSError: when it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="data-sbom-") as directory:
        with open(os.path.join(directory, "sitecustomize.py"), "w", encoding="utf-8") as stream:
            stream.write(_HOOK)
        log = os.path.join(directory, "log")
        with open(log, "wb"):
            pass
        before = os.environ.get("PYTHONPATH")
        environment = {
            **os.environ,
            "DATA_SBOM_RECORD_LOG": log,
            "PYTHONPATH": directory if not before else f"{directory}{os.pathsep}{before}",
        }
        code = execution.run(command, environment=environment)
        events = Events(gaps={GAP: None})
        try:
            with open(log, "rb") as stream_:
                for line in stream_:
                    _take(line, events)
        except OSError as error:
            events.gap(f"the log of what was observed cannot be read: {error.strerror}")
    return code, events


def _take(line: bytes, events: Events) -> None:
    kind, paths = "", []
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, list) and all(isinstance(word, str) for word in said):
        kind, *paths = said or [""]
    if len(paths) != _PATHS.get(kind) or not all(path.startswith("/") for path in paths):
        events.gap("a line of the log was not understood")
    elif kind == "read":
        events.reads(paths[0])
    elif kind == "write":
        events.writes(paths[0])
    elif kind == "update":
        events.reads(paths[0])
        events.writes(paths[0])
    elif kind == "rename":
        events.renames(*paths)
    else:
        events.links(*paths)
