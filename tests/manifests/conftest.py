"""A crawl of a small tree, as the command line would do it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sbom import generation
from sbom.inventory.walk import Options
from sbom.manifests import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sbom.generation import Found


@pytest.fixture
def crawl(tmp_path) -> Callable[..., Found]:
    """Write files, and crawl the directory that they are in (``tmp_path / name``)."""

    def run(
        tree: Mapping[str, bytes | str], *, name: str = "dataset", manifests: tuple[str, ...] = (), **options: object
    ) -> Found:
        root = tmp_path / name
        for path, content in tree.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return generation.crawl(root, manifests, Options(**options), lambda done, total: None)

    return run


@pytest.fixture(autouse=True)
def _those_that_are_there(monkeypatch):
    # TEMPORARY: until every reader has been written.
    specs = {name: find_spec(f"sbom.manifests.{name}") for name in registry.MODULES}
    there = tuple(
        n for n, spec in specs.items() if spec and "\nREADER" in Path(spec.origin).read_text(encoding="utf-8")
    )
    monkeypatch.setattr(registry, "MODULES", there)
