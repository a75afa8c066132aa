"""Jupyter notebooks (nbformat 3 and 4): their code cells, one after the other, read as a script and never run.

What IPython adds becomes calls that the interpreter knows (:mod:`sbom.lineage.python.library.notebooks`), as IPython
itself does it: ``!command``, ``%cd``, ``%run``, ``%%bash``, …
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sbom import names
from sbom.lineage.interface import Found, ScriptError
from sbom.lineage.python import modules
from sbom.lineage.python.reader import read_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.interface import Call, Workspace

MAX_CELLS = 5_000
#: Lines of cells that are not found in the file before no more are looked for.
_MAX_LOST = 20
_ASSIGNED = re.compile(r"([A-Za-z_][\w.]*\s*=\s*)([!%])(.*)\Z", re.DOTALL)
_TIMED = re.compile(r"%(?:time|timeit|prun|memit)\b(?:\s+-\w+(?:\s+\d+)?)*\s+(?=[A-Za-z_(])")
_PYTHON_CELLS = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "memit", "px", "py"})
_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_BY_NBCONVERT = "--execute"
_VALUE_FLAGS = frozenset({"-p", "--parameters", "-r", "--parameters_raw"})


class NotebookReader:
    """Reads notebooks (:class:`sbom.lineage.interface.ScriptReader`).

    Arguments of a call are those of ``papermill`` (``-p NAME VALUE``, ``-r NAME VALUE``), or ``--execute`` for
    ``jupyter nbconvert`` and ``jupyter execute``, which run a notebook in the directory that it lies in.
    """

    name = "notebook"
    suffixes = (".ipynb",)

    def read(self, call: Call, workspace: Workspace) -> Found:
        """Read one notebook with the modules of the workspace that it imports."""
        raw = workspace.text(call.script) if call.text is None else call.text
        text = _Text(raw)
        problems: list[tuple[str, str]] = []
        given = _given(call)
        waiting = dict(given)
        for number, (source, is_parameters) in enumerate(_cells(raw), 1):
            translated = "\n".join(_translated(source))
            try:
                modules.parse(translated)
            except ScriptError as error:
                problems.append((call.script, f"cell {number} {error}"))
                continue
            text.add(source, translated)
            if is_parameters and waiting:
                text.add_values(waiting)
                waiting = {}
        if waiting:
            text.prepend_values({name: waiting[name] for name in waiting if name in _arguments(call)})
        if _BY_NBCONVERT in call.arguments:
            call = call._replace(directory=call.script.rpartition("/")[0])
        found = read_source(call._replace(arguments=()), workspace, "\n".join(text.lines), text.numbers)
        found.problems[:0] = problems
        return found


class _Text:
    """The script that a notebook is, and the lines of the file that its lines stand at."""

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self._at = 0
        self._line = 1
        self._lost = 0
        self.lines: list[str] = []
        self.numbers: list[int] = []

    def add(self, source: str, translated: str) -> None:
        """Add a cell; its lines are looked for in the file, where each is a text of its own."""
        numbers = [self._find(line) for line in source.split("\n")]
        lines = translated.split("\n")
        self.lines += lines
        self.numbers += (numbers + [numbers[-1]] * len(lines))[: len(lines)]

    def _find(self, line: str) -> int:
        if not line.strip() or self._lost > _MAX_LOST:
            return self._line
        places = [
            self._raw.find(json.dumps(line, ensure_ascii=ascii_only)[1:-1], self._at) for ascii_only in (False, True)
        ]
        place = min((one for one in places if one >= 0), default=-1)
        if place < 0:
            self._lost += 1
            return self._line
        self._line += self._raw.count("\n", self._at, place)
        self._at = place
        return self._line

    def add_values(self, values: dict[str, object]) -> None:
        """Add the values of parameters, which come behind their defaults."""
        for name, value in values.items():
            self.lines.append(f"{name} = {value!r}")
            self.numbers.append(self._line)

    def prepend_values(self, values: dict[str, object]) -> None:
        """Put the values of parameters before all cells: no cell holds their defaults."""
        self.lines[:0] = [f"{name} = {value!r}" for name, value in values.items()]
        self.numbers[:0] = [1] * len(values)


def _cells(raw: str) -> list[tuple[str, bool]]:
    """Return the source of each code cell, and whether it is tagged as the one with the parameters.

    :raises ScriptError: when it is no notebook, or one in another language.
    """
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ScriptError("is no notebook: its JSON cannot be read") from error
    if not isinstance(document, dict):
        raise ScriptError("is no notebook: its JSON is no object")
    language = _language(document.get("metadata"))
    if language not in {"python", "python3", "ipython", ""}:
        raise ScriptError(f"is a notebook in {names.display(language[:40])}, which is not read")
    sheets = document.get("worksheets")
    cells = document.get("cells")
    if not isinstance(cells, list) and isinstance(sheets, list):
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    if not isinstance(cells, list):
        raise ScriptError("is no notebook: it has no cells")
    return [_cell(cell) for cell in cells[:MAX_CELLS] if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _language(metadata: object) -> str:
    if not isinstance(metadata, dict):
        return ""
    for key, inner in (("language_info", "name"), ("kernelspec", "language")):
        value = metadata.get(key)
        if isinstance(value, dict) and isinstance(value.get(inner), str):
            return str(value[inner]).lower()
    return ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _cell(cell: dict[str, Any]) -> tuple[str, bool]:
    source = cell.get("source", cell.get("input"))
    text = source if isinstance(source, str) else "".join(part for part in _list(source) if isinstance(part, str))
    metadata = cell.get("metadata")
    tags = _list(metadata.get("tags")) if isinstance(metadata, dict) else []
    return text, "parameters" in tags


def _translated(source: str) -> list[str]:
    """Return the lines of a cell as Python; there are as many as before."""
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        name, _, rest = lines[first][2:].strip().partition(" ")
        if name in _PYTHON_CELLS:
            return (
                [*[""] * (first + 1), *_translated("\n".join(lines[first + 1 :]))] if first + 1 < len(lines) else [""]
            )
        body = "\n".join(lines[first + 1 :])
        called = f"get_ipython().run_cell_magic({name!r}, {rest!r}, {body!r})"
        return [*[""] * first, called, *[""] * (len(lines) - first - 1)]
    return _translated_lines(lines)


def _translated_lines(lines: Sequence[str]) -> list[str]:
    result: list[str] = []
    at = 0
    while at < len(lines):
        whole, count = lines[at], 1
        if whole.lstrip()[:1] in {"!", "%"}:
            while whole.endswith("\\") and at + count < len(lines):
                whole = f"{whole[:-1]} {lines[at + count].strip()}"
                count += 1
        result.append(_translated_line(whole))
        result.extend([""] * (count - 1))
        at += count
    return result


def _translated_line(line: str) -> str:
    stripped = line.lstrip()
    indent = line[: len(line) - len(stripped)]
    timed = _TIMED.match(stripped)
    if timed is not None:
        return indent + stripped[timed.end() :]
    if stripped.startswith("!"):
        return f"{indent}get_ipython().system({stripped.lstrip('!')!r})"
    if stripped.startswith("%"):
        name, _, rest = stripped.lstrip("%").partition(" ")
        return f"{indent}get_ipython().run_line_magic({name!r}, {rest.strip()!r})"
    assigned = _ASSIGNED.match(stripped)
    if assigned is not None:
        call = "getoutput" if assigned[2] == "!" else "magic"
        return f"{indent}{assigned[1]}get_ipython().{call}({assigned[3]!r})"
    if stripped.startswith("?") or (stripped.endswith("?") and "#" not in stripped and "'" not in stripped):
        return f"{indent}pass"
    return line


def _arguments(call: Call) -> dict[str, object]:
    """Return the values that ``papermill`` is given on its command line."""
    found: dict[str, object] = {}
    words = call.arguments
    for at, word in enumerate(words[:-2]):
        name, value = words[at + 1], words[at + 2]
        if word in _VALUE_FLAGS and _NAME.match(name):
            found[name] = value if word in {"-r", "--parameters_raw"} else _typed(value)
    return found


def _given(call: Call) -> dict[str, object]:
    """Return the values of parameters: those of the pipeline's stage that could be one, those of the command line."""
    plain = {name: value for name, value in call.parameters.items() if _NAME.match(name)}
    return {**plain, **_arguments(call)}


def _typed(text: str) -> object:
    if text in {"True", "False"}:
        return text == "True"
    if text == "None":
        return None
    try:
        return int(text[:18]) if text.lstrip("-").isdecimal() else float(text[:40])
    except ValueError:
        return text
