"""Workspaces of a few files, and pipelines that are read from them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sbom.lineage.workspace import Directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sbom.lineage.interface import Pipeline, PipelineReader, Stage


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write texts below a directory; a name that ends in ``/`` is an empty directory."""
    for name, text in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@contextmanager
def opened(root: Path, files: Mapping[str, str]) -> Iterator[Directory]:
    with Directory(str(write(root, files))) as directory:
        yield directory


def read(root: Path, reader: PipelineReader, files: Mapping[str, str], path: str) -> Pipeline:
    """Write files, and read one of them as a pipeline."""
    with opened(root, files) as directory:
        assert reader.accepts(path, directory)
        return reader.read(path, directory)


def reads(stage: Stage) -> list[str]:
    return [one.name for one in stage.accesses if not one.writes]


def writes(stage: Stage) -> list[str]:
    return [one.name for one in stage.accesses if one.writes]


def stages(pipeline: Pipeline) -> dict[str, tuple[list[str], list[str]]]:
    """Return what each stage declares to read and to write."""
    return {stage.name: (reads(stage), writes(stage)) for stage in pipeline.stages}


def said(pipeline: Pipeline) -> str:
    """Return all problems as one text."""
    return "\n".join(f"{path}: {what}" for path, what in pipeline.problems)
