"""``dataset_infos.json``, and the ``dataset_info.json`` of Hugging Face's ``datasets``: ``DatasetInfo`` as JSON.

The first holds one object for each configuration, the second is such an object. Digests are those of the files that
were downloaded: they belong to source URLs, not to files of the dataset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.manifests import huggingface_features, values
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

#: Keys of ``DatasetInfo`` that TFDS has not; one of them must be there, or ``splits`` as an object.
_KEYS = frozenset(
    [
        "features",
        "download_checksums",
        "download_size",
        "dataset_size",
        "size_in_bytes",
        "builder_name",
        "config_name",
        "dataset_name",
        "post_processed",
        "supervised_keys",
        "task_templates",
    ]
)
#: Characters that are kept of the name of a configuration, which stands before each of its columns.
_MAX_NAME = 200
#: Keys that only TFDS writes.
_TFDS = frozenset({"fileFormat", "moduleName", "redistributionInfo"})


class DatasetInfosReader(FileReader):
    """Reads both names of the format; a file of TFDS is left to its own reader."""

    name = "dataset-infos"
    patterns = ("dataset_infos.json", "dataset_info.json")

    def read(self, given: Given, reading: Reading) -> None:
        """Read every configuration."""
        tree = given.json()
        if not isinstance(tree, dict):
            raise ManifestError(f"is {values.kind(tree)}, not an object")
        if _is_info(tree):
            _read({"": tree}, reading)
            return
        known = {name: info for name, info in tree.items() if isinstance(info, dict) and _is_info(info)}
        if not known:
            raise OtherFormatError("is not of Hugging Face's datasets")
        for name, info in tree.items():
            if name not in known:
                reading.problem(f"a configuration is not one ({values.kind(info)})", f"/{values.token(name)}")
        _read(known, reading)


def _is_info(tree: dict[str, object]) -> bool:
    """Tell a ``DatasetInfo`` from a mapping of them, and from TFDS, whose splits are a list."""
    return bool(tree.keys() & _KEYS) or (isinstance(tree.get("splits"), dict) and not tree.keys() & _TFDS)


def _read(infos: dict[str, dict[str, object]], reading: Reading) -> None:
    said: set[tuple[str, str]] = set()
    splits: list[tuple[str, object, str]] = []
    for name, info in infos.items():
        base = f"/{values.token(name)}" if name else ""
        prefix = f"{name[:_MAX_NAME]}/" if len(infos) > 1 else ""
        for key, field in (
            ("dataset_name", "name"),
            ("description", "description"),
            ("citation", "citation"),
            ("homepage", "homepage"),
            ("license", "license"),
        ):
            _say(reading, said, field, info.get(key), f"{base}/{key}")
        _version(info.get("version"), f"{base}/version", reading, said)
        for template, pointer in values.pointed(info.get("task_templates"), f"{base}/task_templates"):
            _say(reading, said, "task", values.mapping(template).get("task"), f"{pointer}/task")
        huggingface_features.say_columns(reading, info.get("features"), f"{base}/features", prefix)
        splits.append((name[:_MAX_NAME], info.get("splits"), f"{base}/splits"))
        _sources(info.get("download_checksums"), f"{base}/download_checksums", reading)
    huggingface_features.say_splits(reading, splits)


def _say(reading: Reading, said: set[tuple[str, str]], field: str, value: object, pointer: str) -> None:
    """Assert what configurations have in common once."""
    key = field, values.scalar(value) or pointer
    if key not in said:
        said.add(key)
        reading.say(field, value, pointer)


def _version(version: object, pointer: str, reading: Reading, said: set[tuple[str, str]]) -> None:
    if not isinstance(version, dict):
        _say(reading, said, "version", version, pointer)
        return
    text = values.text(version.get("version_str"))
    if text is None:
        parts = [values.integer(version.get(key)) for key in ("major", "minor", "patch")]
        text = None if None in parts else ".".join(map(str, parts))
    _say(reading, said, "version", text, pointer)


def _sources(checksums: object, pointer: str, reading: Reading) -> None:
    if checksums is not None and not isinstance(checksums, dict):
        reading.problem(f"download_checksums is {values.kind(checksums)}, not an object", pointer)
    for url, recorded in values.mapping(checksums).items():
        entry = values.mapping(recorded)
        checksum = entry.get("checksum")
        reading.source(
            url,
            f"{pointer}/{values.token(url)}",
            hashes=() if checksum is None else (("SHA-256", checksum),),
            size=entry.get("num_bytes"),
        )


READER = DatasetInfosReader()
