"""Shell texts that are read in a small workspace, and what they say, in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline_trees import opened

from sbom.lineage.interface import Call
from sbom.lineage.shell import ShellReader, read_command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sbom.lineage.interface import Found

#: Files that most of the texts need.
FILES = {
    "src/a.py": "", "src/b.py": "", "src/pkg/__main__.py": "", "run.sh": "", "nb/n.ipynb": "", "q.sql": "SELECT 1",
    "data/raw/1.csv": "", "data/raw/2.csv": "", "data/raw/.hidden.csv": "", "data/list.txt": "", "old/": "",
}  # fmt: skip


def command(root: Path, text: str, directory: str = "", files: Mapping[str, str] = FILES) -> Found:
    """Read a command line."""
    with opened(root, files) as workspace:
        return read_command(text, directory, workspace, {}, "dvc.yaml:4")


def script(root: Path, text: str, *arguments: str, files: Mapping[str, str] = FILES, directory: str = "") -> Found:
    """Read a script."""
    with opened(root, {**files, "run.sh": text}) as workspace:
        return ShellReader().read(Call("run.sh", arguments, directory), workspace)


def short(found: Found) -> list[str]:
    """Return accesses as ``<name`` and ``>name``, calls as ``!script arguments``."""
    accesses = [(">" if one.writes else "<") + one.name for one in found.accesses]
    calls = [f"!{' '.join((one.script if one.text is None else one.text, *one.arguments))}" for one in found.calls]
    return [*accesses, *calls]


def said(found: Found) -> str:
    """Return all problems as one text."""
    return "\n".join(f"{path}: {what}" for path, what in found.problems)
