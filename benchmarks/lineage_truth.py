"""What people declared in a ``dvc.yaml``: the ground truth that static reading is measured against.

Read here once more, with nothing of :mod:`sbom`: a mistake of ours in reading ``dvc.yaml`` must not change the truth.
Templates (``${a.b}``), ``foreach``, ``matrix``, ``vars`` and ``wdir`` are understood, as DVC's documentation of
``dvc.yaml`` describes them.
"""

from __future__ import annotations

import itertools
import posixpath
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TEMPLATE = re.compile(r"\$\{\s*([^}]+?)\s*\}")
_CODE = frozenset((".py", ".ipynb", ".sh", ".bash", ".r", ".rmd", ".qmd", ".sql", ".jl", ".js", ".ts", ".pl", ".awk"))
_CONFIGURATION = frozenset((".yaml", ".yml", ".toml", ".ini", ".cfg", ".env"))
_CODE_NAMES = frozenset(("Makefile", "Dockerfile", "requirements.txt", "params.json", "package.json", "uv.lock"))
_SCRIPTS = _CODE - {".awk"}
_READABLE = frozenset((".py", ".ipynb", ".sh", ".bash", ".sql"))
_TEMPLATED = frozenset(("matrix", "foreach", "do"))
_SEPARATORS = frozenset(("&&", "||", ";", "|", "&"))


@dataclass(slots=True)
class Declared:
    """A stage as it is declared; paths are relative to the repository, without a ``/`` at the end."""

    name: str
    commands: list[str]
    directory: str = ""
    parameters: dict[str, object] = field(default_factory=dict)
    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    readable: bool = True


def declared(repository: Path) -> list[Declared]:
    """Return the stages of a repository's ``dvc.yaml``."""
    document = yaml.safe_load((repository / "dvc.yaml").read_text(encoding="utf-8")) or {}
    values = _values(repository, document.get("vars") or [])
    bodies = [
        (f"{name}{suffix}", _filled({key: value for key, value in one.items() if key not in _TEMPLATED}, scope), scope)
        for name, body in (document.get("stages") or {}).items()
        for suffix, one, scope in _expanded(body, values)
    ]
    products = frozenset().union(*(_outputs(body, _directory(body)) for _, body, _ in bodies))
    return [_stage(name, body, scope, repository, products) for name, body, scope in bodies]


def normalised(text: str, directory: str) -> str | None:
    """Return a path of the repository; ``None`` for what lies elsewhere, and for URLs and tables."""
    if "://" in text or text.startswith(("/", "~", "table:")):
        return None
    path = posixpath.normpath(posixpath.join(directory, text.replace("\\", "/").strip()))
    return None if path.startswith("..") else path


def _values(repository: Path, sources: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (repository / "params.yaml").is_file():
        found.update(_loaded(repository / "params.yaml"))
    for source in sources:
        if isinstance(source, dict):
            found.update(source)
        elif (repository / source).is_file():
            found.update(_loaded(repository / source))
    return found


def _loaded(path: Path) -> dict[str, Any]:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    return value if isinstance(value, dict) else {}


def _expanded(body: dict[str, Any], values: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield name suffix, stage and scope of each stage that a template stands for."""
    if "foreach" in body:
        items = _filled(body["foreach"], values)
        if isinstance(items, dict):
            for key, item in items.items():
                yield f"@{key}", body["do"], {**values, "key": key, "item": item}
            return
        for index, item in enumerate(items):
            yield f"@{index if isinstance(item, (dict, list)) else item}", body["do"], {**values, "item": item}
    elif "matrix" in body:
        axes = _filled(body["matrix"], values)
        for chosen in itertools.product(*axes.values()):
            item = dict(zip(axes, chosen, strict=True))
            yield "@" + "-".join(map(str, chosen)), body, {**values, "item": item}
    else:
        yield "", body, values


def _directory(body: dict[str, Any]) -> str:
    return posixpath.normpath(body.get("wdir") or "").removeprefix(".")


def _outputs(body: dict[str, Any], directory: str) -> frozenset[str]:
    return _paths([*(body.get("outs") or []), *_listed(body.get("metrics")), *_listed(body.get("plots"))], directory)


def _stage(
    name: str, body: dict[str, Any], scope: dict[str, Any], repository: Path, products: frozenset[str]
) -> Declared:
    directory = _directory(body)
    commands = body.get("cmd") or []
    commands = [commands] if isinstance(commands, str) else [str(command) for command in commands]
    inputs = _paths(body.get("deps") or [], directory)
    return Declared(
        name,
        commands,
        directory,
        _parameters(body.get("params") or [], scope, repository, directory),
        frozenset(path for path in inputs if path in products or not _is_code(path, repository)),
        _outputs(body, directory),
        bool(commands) and all(_is_readable(command, repository / directory) for command in commands),
    )


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _paths(entries: list[Any], directory: str) -> frozenset[str]:
    texts = [text for entry in entries for text in (entry if isinstance(entry, dict) else [entry])]
    return frozenset(path for text in texts if (path := normalised(str(text), directory)) is not None)


def _is_code(path: str, repository: Path) -> bool:
    """Tell whether a dependency says what is done, instead of being what it is done to."""
    name = posixpath.basename(path)
    suffix = posixpath.splitext(name)[1].lower()
    if suffix in _CODE | _CONFIGURATION or name in _CODE_NAMES:
        return True
    if not (repository / path).is_dir():
        return False
    files = [found for found in (repository / path).rglob("*") if found.is_file()]
    return bool(files) and all(found.suffix.lower() in _CODE | _CONFIGURATION for found in files)


def _parameters(entries: list[Any], scope: dict[str, Any], repository: Path, directory: str) -> dict[str, object]:
    """Return the values that a stage names: of ``params.yaml``, or of a file ``{file: [names]}``."""
    found: dict[str, object] = {}
    for entry in entries:
        sources = entry.items() if isinstance(entry, dict) else [("params.yaml", [entry])]
        for source, names in sources:
            path = repository / directory / source
            values = scope if source == "params.yaml" else _loaded(path) if path.is_file() else {}
            for name in names or list(values):
                value = _looked_up(str(name), values)
                if value is not None:
                    found[str(name)] = value
    return found


def _is_readable(command: str, directory: Path) -> bool:
    """Tell whether the scripts that a command runs are there, in a language that is read."""
    words = split(command, directory)
    ran = False
    for position, word in enumerate(words):
        suffix = posixpath.splitext(word)[1].lower()
        if word in _SEPARATORS:
            ran = False
        elif word == "-m" and position and posixpath.basename(words[position - 1]).startswith("python"):
            module = words[position + 1].replace(".", "/")
            places = [f"{root}{module}{end}" for root in ("", "src/") for end in (".py", "/__main__.py")]
            if not any((directory / place).is_file() for place in places):
                return False
            ran = True
        elif suffix in _SCRIPTS and not ran:
            if suffix not in _READABLE or not (directory / word).is_file():
                return False
            ran = True
    return True


def split(command: str, directory: Path) -> list[str]:
    """Return the words of a command; one that names a file as Windows does is read with ``/`` for each backslash."""
    slashed = command.replace("\\", "/")
    if any((directory / word).is_file() for word in slashed.split() if word not in command):
        command = slashed
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _filled(value: Any, scope: dict[str, Any]) -> Any:  # noqa: ANN401  # any YAML
    """Fill in the templates of a value; what has no value stays as it stands."""
    if isinstance(value, dict):
        return {_filled(key, scope): _filled(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, scope) for item in value]
    if not isinstance(value, str):
        return value
    whole = _TEMPLATE.fullmatch(value)
    if whole is not None:
        found = _looked_up(whole[1], scope)
        return value if found is None else _filled(found, scope)

    def text(match: re.Match[str]) -> str:
        found = _looked_up(match[1], scope)
        return match[0] if found is None else str(_filled(found, scope))

    return _TEMPLATE.sub(text, value)


def _looked_up(dotted: str, scope: Any) -> Any:  # noqa: ANN401  # any YAML
    for part in re.split(r"\.|\[|\]\.?", dotted):
        if isinstance(scope, dict) and part in scope:
            scope = scope[part]
        elif isinstance(scope, list) and part.isdigit() and int(part) < len(scope):
            scope = scope[int(part)]
        elif part:
            return None
    return scope
