"""Configuration files: defaults for options, by command.

Commands that *make* things find ``data-sbom.toml``, or ``[tool.data-sbom]`` in ``pyproject.toml``, in the nearest
parent of the working directory. Commands that *judge* read nothing but what ``--config`` names.
"""

from __future__ import annotations

import os
import stat
from typing import Annotated, Any

import typer

from sbom import tomltext
from sbom.cli.app import COMMANDS
from sbom.cli.errors import handled
from sbom.errors import UsageError

_MAX_SIZE = 1 << 20
_OWN = "data-sbom.toml"
_PROJECT = "pyproject.toml"
#: The table of what no manifest says; it belongs to no command.
_PROVENANCE = "provenance"
#: The command that uses that table.
_DESCRIBING = "generate"


def _parse(path: str) -> dict[str, Any]:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise UsageError("is not a regular file", path=path, hint="name a configuration file with --config")
        with os.fdopen(fd, "rb") as stream:
            text = stream.read(_MAX_SIZE + 1)
        if len(text) > _MAX_SIZE:
            raise UsageError("is too large for a configuration", path=path)
        return tomltext.loads(text.decode())
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", path=path, hint="check --config") from error
    except ValueError as error:
        raise UsageError(
            f"is not TOML: {error}", path=path, hint="correct it, or name another with --config"
        ) from error


def _load(path: str) -> object:
    """Read what a file says about data-sbom; ``None`` when it is a ``pyproject.toml`` that says nothing."""
    table = _parse(path)
    if os.path.basename(path) != _PROJECT:
        return table
    tools = table.get("tool", {})
    return tools.get("data-sbom") if isinstance(tools, dict) else None


def discover(start: str) -> tuple[str, object] | None:
    """Find the nearest configuration at or above ``start``."""
    current = os.path.abspath(start)
    while True:
        for name in (_OWN, _PROJECT):
            path = os.path.join(current, name)
            if os.path.isfile(path) and (found := _load(path)) is not None:
                return path, found
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent


def _apply(ctx: typer.Context, path: str, found: object, *, needed: bool) -> None:
    """Make a command's table the defaults of its options.

    :param needed: the caller named this file for this command: that it says nothing is a mistake.
    """
    command = str(ctx.info_name)
    if not isinstance(found, dict):
        raise UsageError("holds no table of data-sbom", path=path, hint=f"write [{command}] and options below it")
    for name in found:
        if name not in COMMANDS and name != _PROVENANCE:
            raise UsageError(f"has the unknown table [{name}]", path=path, hint="tables are named like commands")
    if needed and command not in found and not (command == _DESCRIBING and _PROVENANCE in found):
        raise UsageError(f"has no table [{command}]", path=path, hint=f"write [{command}] and options below it")
    ctx.meta[_PROVENANCE] = _provenance(found.get(_PROVENANCE, {}), path)
    table = found.get(command, {})
    if not isinstance(table, dict):
        raise UsageError(f"[{command}] is not a table", path=path)
    options = {
        name.removeprefix("--"): parameter
        for parameter in ctx.command.params
        if parameter.param_type_name == "option" and parameter.name != "config"
        for name in parameter.opts
        if name.startswith("--")
    }
    defaults: dict[str, Any] = {}
    for key, value in table.items():
        parameter = options.get(key)
        if parameter is None:
            raise UsageError(f"[{command}] has the unknown option {key!r}", path=path, hint="see its --help")
        defaults[str(parameter.name)] = _checked(value, parameter, f"[{command}] {key}", path)
    ctx.default_map = defaults


def _provenance(table: object, path: str) -> dict[str, list[str]]:
    """Check ``[provenance]``: each field is a text, or a list of texts."""
    if not isinstance(table, dict):
        raise UsageError(f"[{_PROVENANCE}] is not a table", path=path)
    found: dict[str, list[str]] = {}
    for field, value in table.items():
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            raise UsageError(f"[{_PROVENANCE}] {field} must be a text or a list of texts", path=path)
        found[field] = texts
    return found


def configured(ctx: typer.Context) -> dict[str, list[str]]:
    """Return what the configuration says of the dataset: field id → values."""
    known: dict[str, list[str]] = ctx.meta.get(_PROVENANCE, {})
    return known


def _checked(value: object, parameter: Any, what: str, path: str) -> object:  # noqa: ANN401  # the framework's
    """Refuse a value of another kind than the option takes: nothing is to be guessed from a configuration."""
    if parameter.multiple:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UsageError(f"{what} must be a list of texts", path=path)
    elif getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            raise UsageError(f"{what} must be true or false", path=path)
    elif isinstance(value, bool) or not isinstance(value, (str, int)):
        raise UsageError(f"{what} must be one text or number", path=path)
    return value


@handled
def _explicit(ctx: typer.Context, value: str | None) -> None:
    if value is not None:
        _apply(ctx, value, _load(value), needed=True)


@handled
def _discovered(ctx: typer.Context, value: str | None) -> None:
    if value is not None:
        _apply(ctx, value, _load(value), needed=True)
        return
    found = discover(".")
    if found is not None:
        _apply(ctx, *found, needed=False)


def _keep(callback: Any) -> Any:  # noqa: ANN401  # a callback of the framework
    """Let a callback pass on its value."""

    def kept(ctx: typer.Context, value: str | None) -> str | None:
        callback(ctx, value)
        return value

    return kept


_HELP = "Defaults for options, in TOML."
#: For commands that make things.
MakingConfig = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help=f"{_HELP} Default: the nearest data-sbom.toml.",
        callback=_keep(_discovered),
        is_eager=True,
    ),
]
#: For commands that judge.
JudgingConfig = Annotated[
    str | None,
    typer.Option(
        "--config", metavar="FILE", help=f"{_HELP} None is looked for.", callback=_keep(_explicit), is_eager=True
    ),
]
