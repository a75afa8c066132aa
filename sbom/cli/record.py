"""``data-sbom record``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from sbom import api
from sbom.cli.common import Color, Console, Quiet, Verbose, pairs, password
from sbom.cli.config import MakingConfig
from sbom.cli.errors import say
from sbom.errors import Error
from sbom.names import display
from sbom.recording import run
from sbom.report.recording import warnings, written
from sbom.signing.keyfiles import permissions_warning


class RecordCommand(TyperCommand):
    """Takes a command after ``--``, and nothing but its own options before it."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  # the framework's interface
        """Refuse words that are neither ours nor clearly the command's."""
        own = args[: args.index("--")] if "--" in args else args
        if not {"-h", "--help"} & {*own}:
            before, _, _ = self.make_parser(ctx).parse_args(own)
            if "--" not in args or before.get("cmd"):
                ctx.fail("The command comes after --, as in: data-sbom record --step clean -- python clean.py")
        return super().parse_args(ctx, args)


COMMAND_CLASS = RecordCommand


def command(
    cmd: Annotated[list[str], typer.Argument(metavar="-- CMD...", help="What to run.")],
    step: Annotated[str, typer.Option("--step", metavar="NAME", help="Name of the step.")],
    target: Annotated[str | None, typer.Option("--record", "-o", metavar="FILE", help="Where the record goes.")] = None,
    root: Annotated[
        list[str] | None,
        typer.Option("--root", metavar="DIR", help="Look at the files below it. Default: the workspace. Repeatable."),
    ] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--input", metavar="P", help="File, directory or URL that it reads. Repeatable.")
    ] = None,
    outputs: Annotated[
        list[str] | None, typer.Option("--output", metavar="P", help="File or directory that it writes. Repeatable.")
    ] = None,
    script: Annotated[
        list[str] | None, typer.Option("--script", metavar="P", help="File that says what it does. Repeatable.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", metavar="K=V", help="Parameter that it runs with. Repeatable.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who runs it.")] = None,
    workspace: Annotated[
        str | None,
        typer.Option("--workspace", metavar="DIR", help="What names are relative to. Default: the git repository."),
    ] = None,
    observe: Annotated[
        str, typer.Option("--observe", metavar="auto|strace|audit|snapshot", help="How to watch it.")
    ] = run.AUTO,
    sign_key: Annotated[
        str | None, typer.Option("--sign-key", metavar="KEY", help="Sign the record with this private key.")
    ] = None,
    key_password_file: Annotated[
        str | None, typer.Option("--key-password-file", metavar="F", help="Its passphrase.")
    ] = None,
    config: MakingConfig = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Run a transformation step, and record what it read and wrote."""
    console = Console(quiet, color)
    path = target or run.default_path(step)
    api.check_record_replaceable(path)
    key = None
    if sign_key is not None:
        # Asked for before the command runs: a passphrase that is wrong must not cost a day of work.
        key = api.load_private_key(sign_key, password(key_password_file, f"Passphrase of {display(sign_key)}"))
        if (warning := permissions_warning(sign_key)) is not None:
            console.warn(warning)
    request = run.Request(
        name=step,
        command=tuple(cmd),
        workspace=workspace,
        roots=tuple(root or ()),
        inputs=tuple(inputs or ()),
        outputs=tuple(outputs or ()),
        scripts=tuple(script or ()),
        parameters=tuple(pairs(param or (), "--param", "K=V", "--param seed=1")),
        actor=by,
        observe=observe,
        own=path,
    )
    try:
        recorded = run.record(request)
    except (run.NotStartedError, run.UnrecordedError) as error:
        say(f"error: {error.message}")
        raise typer.Exit(error.exit_status) from None
    try:
        api.write_record(recorded.step, path, key)
    except Error as error:
        say(f"error: the step ran, but its record cannot be written: {error.message}")
        raise typer.Exit(recorded.exit_code or 3) from None
    for line in warnings(recorded):
        console.warn(line)
    for line in written(recorded, path, signed=key is not None):
        console.say(line)
    raise typer.Exit(recorded.exit_code)
