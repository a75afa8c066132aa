"""The dataset that ships with the package: the Palmer penguins (CC0-1.0), and what is done to a copy of it."""

from __future__ import annotations

import hashlib
import json
import os
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sbom.errors import Error, OutputError, UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

#: Every third label of this file is changed: all species' names that are swapped have six letters.
POISONED = "penguins/train/adelie.csv"
EXTRA = "penguins/train/.cache.csv"
REMOVED = "penguins/test/chinstrap.csv"
_LABEL, _FALSE_LABEL, _EVERY = b"Adelie", b"Gentoo", 3


class DamagedPackageError(Error):
    """The data that ships with the package is not what it should be (exit 3)."""


def _source() -> Traversable:
    return files("sbom.demo") / "data"


def attribution() -> dict[str, Any]:
    """Return where the dataset is from: authors, licence, citations, and the SHA-256 of every file."""
    table: dict[str, Any] = json.loads((_source() / "ATTRIBUTION.json").read_bytes())
    return table


def lay_out(directory: Path) -> None:
    """Write the dataset and the training script into an empty directory, which is made if it does not exist.

    :raises UsageError: when the directory holds something, or is none.
    :raises DamagedPackageError: when a file does not have the digest of ``ATTRIBUTION.json``.
    :raises OutputError: when something cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise UsageError("is not empty", path=str(directory), hint="name a new directory for the demo")
        for name, digest in attribution()["files"].items():
            content = _source().joinpath(*name.split("/")).read_bytes()
            if hashlib.sha256(content).hexdigest() != digest:
                raise DamagedPackageError(
                    "is not the file that data-sbom shipped", path=name, hint="install data-sbom again"
                )
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (directory / "train.py").write_bytes((_source() / "train.py").read_bytes())
        # The nearest configuration is this one, whatever lies above the directory.
        (directory / "data-sbom.toml").write_text("# Defaults for data-sbom commands that run here: none.\n")
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError("is not a directory", path=str(directory), hint="name a new directory") from error
    except OSError as error:
        reason = f"the demo's files cannot be written: {error.strerror}"
        raise OutputError(reason, path=str(directory), hint="name another directory") from error


def poison(directory: Path) -> None:
    """Change every third label of the training data; size and modification time stay as they were."""
    path = directory / POISONED
    before = path.stat()
    header, *rows = path.read_bytes().splitlines(keepends=True)
    for number in range(0, len(rows), _EVERY):
        rows[number] = rows[number].replace(_LABEL, _FALSE_LABEL, 1)
    path.write_bytes(header + b"".join(rows))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def restore(directory: Path) -> None:
    """Put every file of the dataset back, and take away what does not belong to it."""
    for name in (POISONED, REMOVED):
        (directory / name).write_bytes(_source().joinpath(*name.split("/")).read_bytes())
    (directory / EXTRA).unlink(missing_ok=True)


def add_extra(directory: Path) -> None:
    """Put the dataset back, then add a hidden file that a program reading ``*.csv`` takes for data."""
    restore(directory)
    (directory / EXTRA).write_bytes((directory / POISONED).read_bytes().replace(_LABEL, _FALSE_LABEL))


def remove(directory: Path) -> None:
    """Put the dataset back, then remove the test data of one species."""
    restore(directory)
    (directory / REMOVED).unlink()
