"""Which readers there are: ours, and those that other distributions bring (entry points ``data_sbom.manifests``)."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

    from sbom.manifests.interface import Given, Reader
    from sbom.manifests.reading import Reading

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

#: What the readers of these modules have as ``patterns``, so that only those are loaded whose files are there: loading
#: all takes longer than reading most manifests. Those of the others are computed.
PATTERNS: dict[str, tuple[str, ...]] = {
    "retrieval": ("data-sbom-retrieval.json",),
    "croissant": ("*.json", "*.jsonld"),
    "huggingface_card": ("readme.md",),
    "huggingface_cache": ("refs/*", "pr/*", "convert/*", "*.metadata"),
    "dataset_infos": ("dataset_infos.json", "dataset_info.json"),
    "frictionless": (
        "datapackage.json",
        "datapackage.yaml",
        "datapackage.yml",
        "dataresource.json",
        "dataresource.yaml",
        "dataresource.yml",
    ),
    "rocrate": ("ro-crate-metadata.json", "ro-crate-metadata.jsonld", "*.json"),
    "cff": ("citation.cff",),
    "kaggle": ("dataset-metadata.json",),
    "bagit": ("bagit.txt",),
    "dvc": ("*.dvc", "dvc.yaml", "dvc.lock", "dvcfile"),
    "lfs": (),
    "dcat": ("*.json", "*.jsonld"),
    "tfds": ("dataset_info.json", "features.json", "checksums.tsv", "url_checksums/*"),
    "mosaicml": ("index.json",),
    "delta": ("_delta_log/*",),
    "openlineage": ("*.json", "*.jsonl", "*.ndjson"),
    "mlflow": ("meta.yaml", "*.json"),
}


class _Lazy:
    """Stands for a reader of ours until one of its files is found."""

    def __init__(self, module: str) -> None:
        self.name = module.replace("_", "-")
        self.patterns = PATTERNS[module]
        self._module = module

    def _loaded(self) -> Reader:
        return _load(self._module)

    def accepts(self, path: str, head: bytes) -> bool:
        return self._loaded().accepts(path, head)

    def scope(self, path: str) -> str:
        return self._loaded().scope(path)

    def further(self, path: str) -> bool:
        return self._loaded().further(path)

    def read(self, given: Given, reading: Reading) -> None:
        self._loaded().read(given, reading)


def _load(module: str) -> Reader:
    return cast("Reader", import_module(f"sbom.manifests.{module}").READER)


def readers() -> tuple[list[Reader], list[str]]:
    """Load every reader, in order of precedence: ours, then those of other distributions by name.

    :return: the readers, and what is wrong with readers of other distributions.
    """
    found: list[Reader] = [_Lazy(module) if module in PATTERNS else _load(module) for module in MODULES]
    names = {reader.name for reader in found}
    problems: list[str] = []
    others: list[Reader] = []
    for point in points(GROUP):
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


def points(group: str) -> Iterable[EntryPoint]:
    """Find entry points of a group. Loading the library for that takes longer than looking whether there is any."""
    if not any(_brings(entry, group) for directory in sys.path for entry in _distributions(directory)):
        return ()
    from importlib.metadata import entry_points  # noqa: PLC0415  # see above

    return entry_points(group=group)


def _distributions(directory: str) -> list[str]:
    """Name what may hold the metadata of installed distributions in a directory of the import path."""
    try:
        with os.scandir(directory or ".") as entries:
            return [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return []  # a directory of the import path that is not there, or an archive


def _brings(path: str, group: str) -> bool:
    try:
        with open(os.path.join(path, "entry_points.txt"), "rb") as stream:
            return f"[{group}]".encode() in stream.read()
    except OSError:
        return False  # most distributions have no entry points
