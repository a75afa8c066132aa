"""A crawl of a small tree, as the command line would do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sbom import generation
from sbom.inventory.walk import Options

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
