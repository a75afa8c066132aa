"""The command line: one file per command, imported when it is used. Nothing else in the package prints."""

from __future__ import annotations


def main() -> None:
    """Run ``data-sbom``; ends with the exit codes of ``docs/cli.md``."""
    from sbom.cli.app import app  # noqa: PLC0415  # importing sbom.cli must cost nothing

    app()
