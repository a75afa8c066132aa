"""A crawl of a small tree, as the command line would do it; and a made-up format that can say anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sbom import generation
from sbom.inventory.walk import Options
from sbom.manifests import registry
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sbom.generation import Found
    from sbom.manifests.interface import Given, Reader
    from sbom.manifests.reading import Reading


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


class Script(FileReader):
    """A made-up format: a JSON list of what to collect, ``[[method, argument, …, {name: argument}], …]``.

    The first argument of what takes a path is resolved, so that a manifest says it as manifests do.
    """

    name = "script"
    patterns = ("*.script",)
    PATHS = ("declare", "mention")

    def read(self, given: Given, reading: Reading) -> None:
        for method, *arguments in json.loads(given.data()):
            named = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
            if method == "valid":
                reading.valid = True
                continue
            if method in self.PATHS:
                arguments[0] = given.resolve(arguments[0])
                if arguments[0] is None:
                    reading.problem("leads outside")
                    continue
            getattr(reading, method)(*arguments, **named)


def script(*calls: list[object]) -> bytes:
    """Write a manifest of the made-up format."""
    return json.dumps(calls).encode()


@pytest.fixture
def only(monkeypatch) -> Callable[..., None]:
    """Have these readers, and the one of Git LFS, and no others."""

    def use(*readers: Reader) -> None:
        lfs = [one for one in registry.readers()[0] if one.name == "lfs"]
        monkeypatch.setattr(registry, "readers", lambda: ([*readers, *lfs], []))

    return use


@pytest.fixture
def scripted(crawl, only) -> Callable[..., Found]:
    """Crawl a tree where manifests are of the made-up format; ``m.script`` holds the calls."""

    def run(tree: Mapping[str, bytes | str], *calls: list[object], **options: object) -> Found:
        only(Script())
        return crawl({**tree, "m.script": script(*calls)} if calls else tree, **options)

    run.script = script
    return run


@pytest.fixture
def states() -> Callable[[Found], dict[str, list[str]]]:
    """Return the states of what is declared, by path."""

    def by_path(found: Found) -> dict[str, list[str]]:
        declared = {one.path: [each.state for each in one.declared] for one in found.crawled.entries if one.declared}
        for path, one in found.crawled.provenance.elsewhere:
            declared.setdefault(path, []).append(one.state)
        return declared

    return by_path
