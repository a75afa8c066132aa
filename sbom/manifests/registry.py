"""Which readers there are: ours, and those that other distributions bring (entry points ``data_sbom.manifests``)."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from sbom.manifests.interface import Reader

GROUP = "data_sbom.manifests"

#: Modules of this package, each with a ``READER``. Adding a format means adding one file, its test, and its name here.
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
    """Load every reader, in order of precedence.

    :return: the readers, and what is wrong with readers of other distributions.
    """
    found = [cast("Reader", import_module(f"sbom.manifests.{module}").READER) for module in MODULES]
    names = {reader.name for reader in found}
    problems: list[str] = []
    for point in entry_points(group=GROUP):
        try:
            reader = cast("Reader", point.load())
            name = reader.name
            usable = all(hasattr(reader, part) for part in ("precedence", "patterns", "accepts", "scope", "read"))
        except Exception as error:  # noqa: BLE001  # somebody else's code: what is wrong with it is reported, not hidden
            problems.append(f"the reader {point.value!r} cannot be loaded: {type(error).__name__}: {error}")
            continue
        if not usable or name in names:
            problems.append(f"the reader {point.value!r} is not used: it is no reader, or its name is taken")
            continue
        names.add(name)
        found.append(reader)
    found.sort(key=lambda reader: reader.precedence)
    return found, problems
