"""The application: which commands there are, and where they live."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from sbom import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = ("generate", "keygen", "sign", "verify", "guard", "inspect", "diff", "chain", "explain", "demo")


class _Commands(TyperGroup):
    """Commands that are imported when they are asked for: ``--version`` must not pay for ``verify``."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # the framework's interface
        """Name every command, in the order in which people meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002  # the framework's interface
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        from sbom.cli.errors import handled  # noqa: PLC0415  # only when a command runs

        module = import_module(f"sbom.cli.{cmd_name}")
        one = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        settings = {"help_option_names": ["-h", "--help"], **getattr(module, "CONTEXT", {})}
        one.command(cmd_name, cls=getattr(module, "COMMAND_CLASS", TyperCommand), context_settings=settings)(
            handled(module.command)
        )
        return typer.main.get_command(one)


def _version(value: bool) -> None:  # noqa: FBT001  # the framework calls it
    if value:
        typer.echo(f"data-sbom {__version__}")
        raise typer.Exit


_app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@_app.callback()
def _main(
    version: Annotated[  # noqa: ARG001  # its callback does it
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Describe, sign and verify training data."""


def app(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    _app(args=arguments, prog_name="data-sbom")
