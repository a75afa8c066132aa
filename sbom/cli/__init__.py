"""The command line: one file per command, imported when it is used. Nothing else in the package prints."""

from __future__ import annotations


def main() -> None:
    """Run ``data-sbom``; ends with the exit codes of ``docs/cli.md``."""
    # Importing sbom.cli itself must cost nothing, so everything is imported here.
    import gc  # noqa: PLC0415
    import sys  # noqa: PLC0415

    # Commands are short and their data is a tree: collecting cycles in it costs a third of the time for nothing.
    gc.disable()
    try:
        from sbom.cli.app import app  # noqa: PLC0415
    except ImportError as error:
        from sbom.ownership import explain  # noqa: PLC0415

        sys.stderr.write(explain(error) + "\n")
        raise SystemExit(2) from None
    app()
