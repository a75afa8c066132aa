"""A dataset on disk, and short ways to walk it and to take its inventory."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sbom.inventory import files, take, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small dataset, for tests to change."""
    root = tmp_path / "data"
    (root / "train").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"a")
    (root / "train" / "b.csv").write_bytes(b"x,y\n1,2\n")
    (root / "train" / ".hidden").write_bytes(b"")
    return root


@pytest.fixture
def scan() -> Callable[..., list[Any]]:
    """Walk ``path`` with the given options and return everything that was found."""

    def run(path: os.PathLike[str], **options: Any) -> list[Any]:
        place = walk.locate(os.fspath(path))
        root_fd = files.open_root(place.root)
        try:
            return list(walk.scan(place, root_fd, walk.Options(**options)))
        finally:
            os.close(root_fd)

    return run


@pytest.fixture
def taken() -> Callable[..., take.Inventory]:
    """Take the inventory of ``path``; keywords are those of ``Request`` and ``Options``."""

    def run(path: os.PathLike[str], **settings: Any) -> take.Inventory:
        options = {name: settings.pop(name) for name in walk.Options._fields if name in settings}
        settings = {"algorithms": ("SHA-256",), "use_cache": False, "processes": 1, **settings}
        request = take.Request(walk.Options(**options), **settings)
        return take.take(walk.locate(os.fspath(path)), request, lambda _done, _total: None)

    return run


@contextmanager
def _unprivileged() -> Iterator[None]:
    """Do without root's power to read everything for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def unprivileged() -> Callable[[], AbstractContextManager[None]]:
    return _unprivileged


@pytest.fixture
def open_data() -> Iterator[Path]:
    """A dataset in a directory that every user may enter."""
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)  # noqa: S103  # so that another user may enter it
        root = Path(os.path.realpath(home)) / "data"
        root.mkdir(mode=0o755)
        (root / "a.txt").write_bytes(b"a")
        yield root
        for directory, names, _ in os.walk(home):
            for name in names:
                os.chmod(os.path.join(directory, name), 0o700)
