"""The application: which commands there are, and where they live."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from sbom import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Every command, in the order in which people meet them.
COMMANDS = (
    "generate",
    "keygen",
    "sign",
    "verify",
    "guard",
    "approve",
    "revoke",
    "policy",
    "inspect",
    "crawl",
    "fetch",
    "record",
    "export",
    "diff",
    "chain",
    "trace",
    "explain",
    "demo",
)


class _Commands(TyperGroup):
    """Commands that are imported when they are asked for: ``--version`` must not pay for ``verify``."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # the framework's interface
        """Name every command, in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002  # the framework's interface
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        from sbom.cli.errors import handled  # noqa: PLC0415  # only when a command runs

        module = import_module(f"sbom.cli.{cmd_name}")
        one = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        settings = {"help_option_names": ["-h", "--help"], **getattr(module, "CONTEXT", {})}
        for name, command in getattr(module, "SUBCOMMANDS", {}).items():
            one.command(name, context_settings=settings)(handled(command))
        if one.registered_commands:
            about = str(module.__doc__).partition(": ")[2].strip().capitalize()
            one.callback(no_args_is_help=True, help=about, context_settings=settings)(_group)
            return typer.main.get_command(one)
        one.command(cmd_name, cls=getattr(module, "COMMAND_CLASS", TyperCommand), context_settings=settings)(
            handled(module.command)
        )
        return typer.main.get_command(one)


def _group() -> None:
    """Stand for a command that has commands of its own."""


def _version(value: bool) -> None:  # the framework calls it
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
    version: Annotated[  # its callback does it
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Describe, sign and verify training data."""


def app(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    _complete_descriptors()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    # No variable that asks for shell completion: one in the environment would replace the command by something else.
    _app(args=arguments, prog_name="data-sbom", complete_var="")


def _complete_descriptors() -> None:
    """Open what the caller closed (``>&-``), or a file of the dataset would be opened under a standard number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115  # for as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for as long as the process lives
