"""Which readers there are: ours, and those that other distributions bring (entry points ``data_sbom.manifests``)."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

    from sbom.manifests.interface import Reader

GROUP = "data_sbom.manifests"
_PARTS = ("patterns", "accepts", "scope", "further", "read")

#: Modules of this package, each with a ``READER``, in order of precedence: where two manifests of one directory
#: differ, the earlier one counts. Adding a format means adding one file, its test, and its name here.
MODULES = (
    "retrieval",
    "croissant",
    "huggingface_card",
    "huggingface_cache",
    "dataset_infos",
    "frictionless",
    "rocrate",
    "cff",
    "kaggle",
    "bagit",
    "dvc",
    "checksums",
    "lfs",
    "dcat",
    "tfds",
    "mosaicml",
    "delta",
    "openlineage",
    "mlflow",
)


def readers() -> tuple[list[Reader], list[str]]:
    """Load every reader, in order of precedence: ours, then those of other distributions by name.

    :return: the readers, and what is wrong with readers of other distributions.
    """
    found = [cast("Reader", import_module(f"sbom.manifests.{module}").READER) for module in MODULES]
    names = {reader.name for reader in found}
    problems: list[str] = []
    others: list[Reader] = []
    for point in _points():
        try:
            reader = cast("Reader", point.load())
            name = reader.name
            usable = isinstance(name, str) and all(hasattr(reader, part) for part in _PARTS)
            usable = usable and all(isinstance(pattern, str) for pattern in reader.patterns)
        except Exception as error:  # noqa: BLE001  # somebody else's code: what is wrong is reported, not hidden
            problems.append(f"the reader {point.value!r} cannot be loaded: {type(error).__name__}: {error}")
            continue
        if not usable or name in names:
            problems.append(f"the reader {point.value!r} is not used: it is no reader, or its name is taken")
            continue
        names.add(name)
        others.append(reader)
    return found + sorted(others, key=lambda reader: reader.name), problems


def _points() -> Iterable[EntryPoint]:
    """Find entry points of our group. Loading the library for that takes longer than looking whether there is any."""
    if not any(_brings(entry) for directory in sys.path for entry in _distributions(directory)):
        return ()
    from importlib.metadata import entry_points  # noqa: PLC0415  # see above

    return entry_points(group=GROUP)


def _distributions(directory: str) -> list[str]:
    """Name what may hold the metadata of installed distributions in a directory of the import path."""
    try:
        with os.scandir(directory or ".") as entries:
            return [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return []  # a directory of the import path that is not there, or an archive


def _brings(path: str) -> bool:
    try:
        with open(os.path.join(path, "entry_points.txt"), "rb") as stream:
            return f"[{GROUP}]".encode() in stream.read()
    except OSError:
        return False  # most distributions have no entry points
