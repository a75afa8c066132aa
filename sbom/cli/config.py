"""Configuration files: defaults for options, by command.

Commands that *make* things find ``data-sbom.toml``, or ``[tool.data-sbom]`` in ``pyproject.toml``, in the nearest
parent of the working directory. Commands that *judge* read nothing but what ``--config`` names.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sbom.cli.errors import handled
from sbom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_SIZE = 1 << 20


def _parse(path: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415  # only when there is a configuration

    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
            text = stream.read(_MAX_SIZE + 1)
        if len(text) > _MAX_SIZE:
            raise UsageError("is too large for a configuration", path=path)
        return tomllib.loads(text.decode())
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", path=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise UsageError(
            f"is not TOML: {error}", path=path, hint="correct it, or name another with --config"
        ) from error


def discover(start: str) -> tuple[str, dict[str, Any]] | None:
    """Find the nearest configuration at or above ``start``."""
    current = os.path.abspath(start)
    while True:
        own = os.path.join(current, "data-sbom.toml")
        if os.path.isfile(own):
            return own, _parse(own)
        project = os.path.join(current, "pyproject.toml")
        if os.path.isfile(project):
            table = _parse(project).get("tool", {}).get("data-sbom")
            if table is not None:
                return project, table
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent


def _apply(ctx: typer.Context, path: str | None, found: Mapping[str, Any]) -> None:
    """Make a command's table the defaults of its options."""
    command = str(ctx.info_name)
    table = found.get(command, {})
    if not isinstance(table, dict):
        raise UsageError(f"[{command}] is not a table", path=path)
    options = {parameter.name: parameter for parameter in ctx.command.params}
    defaults: dict[str, Any] = {}
    for key, value in table.items():
        parameter = options.get(key.replace("-", "_"))
        if parameter is None or parameter.param_type_name != "option":
            raise UsageError(f"[{command}] has the unknown option {key!r}", path=path, hint="see its --help")
        if isinstance(value, list) != parameter.multiple:
            kind = "a list" if parameter.multiple else "one value"
            raise UsageError(f"[{command}] {key} must be {kind}", path=path)
        defaults[str(parameter.name)] = value
    ctx.default_map = defaults


@handled
def _explicit(ctx: typer.Context, value: str | None) -> None:
    if value is not None:
        _apply(ctx, value, _parse(value))


@handled
def _discovered(ctx: typer.Context, value: str | None) -> None:
    if value is not None:
        _apply(ctx, value, _parse(value))
        return
    found = discover(".")
    if found is not None:
        _apply(ctx, *found)


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
