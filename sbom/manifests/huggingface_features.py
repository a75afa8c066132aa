"""Columns and splits as Hugging Face's ``datasets`` writes them, in cards (YAML) and in ``dataset_infos.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.manifests import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sbom.manifests.reading import Reading

#: Characters that are kept of the name of a column or split.
_MAX_NAME = 500
#: Keys of a card's feature that say its type, when it is not ``dtype``.
_NESTED = ("sequence", "list", "large_list", "struct", "class_label", "translation", "image", "audio", "video")


def say_columns(reading: Reading, features: object, pointer: str, prefix: str = "") -> None:
    """Assert the schema: one value ``NAME: TYPE`` for each column.

    :param features: a mapping of columns (JSON), or a list of them with their names (YAML).
    :param prefix: put before the names, where there are several configurations.
    """
    for name, kind, where in _columns(features, pointer):
        reading.say("schema", f"{prefix}{name}: {kind}", where)


def say_splits(reading: Reading, configurations: Iterable[tuple[str, object, str]]) -> None:
    """Assert splits and numbers of records.

    :param configurations: name, its splits (mapping or list), and their JSON Pointer.
    """
    known = list(configurations)
    for name, splits, pointer in known:
        prefix = f"{name}/" if len(known) > 1 else ""
        numbers: list[int | None] = []
        for split, entry, where in _splits(splits, pointer):
            number = values.integer(entry.get("num_examples"))
            numbers.append(number)
            reading.say("split", f"{prefix}{split}" + ("" if number is None else f": {number} records"), where)
        if numbers and None not in numbers:
            total = sum(number for number in numbers if number is not None)
            reading.say("record-count", f"{name}: {total}" if prefix else total, pointer)


def _columns(features: object, pointer: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(features, dict):
        for name, feature in features.items():
            yield name[:_MAX_NAME], _json_type(feature), f"{pointer}/{values.token(name)}"
    elif isinstance(features, list):
        for index, feature in enumerate(features):
            entry = values.mapping(feature)
            name = values.text(entry.get("name"))
            if name is not None:
                yield name[:_MAX_NAME], _yaml_type(entry)[:_MAX_NAME], f"{pointer}/{index}"


def _json_type(feature: object) -> str:
    """Name a type of ``dataset_infos.json``; of a nested one only the outermost."""
    if isinstance(feature, list):
        return "list"
    entry = values.mapping(feature)
    kind = values.text(entry.get("_type"))
    if kind is None:
        return "struct" if entry else "unknown"
    if kind == "ClassLabel":
        return _classes(entry.get("names"))
    if kind == "Value":
        return values.text(entry.get("dtype")) or "unknown"
    return kind


def _yaml_type(entry: dict[str, object]) -> str:
    """Name a type of a card; of a nested one only the outermost."""
    dtype = entry.get("dtype")
    inner = values.mapping(dtype) if isinstance(dtype, dict) else entry
    if not isinstance(dtype, dict) and (text := values.text(dtype)) is not None:
        return text
    for key in _NESTED:
        if key in inner:
            return _classes(values.mapping(inner[key]).get("names")) if key == "class_label" else key
    return next(iter(inner), "unknown") if inner is not entry else "unknown"


def _classes(names: object) -> str:
    number = len(names) if isinstance(names, (list, dict)) else 0
    return f"class label ({number} classes)" if number else "class label"


def _splits(splits: object, pointer: str) -> Iterator[tuple[str, dict[str, object], str]]:
    if isinstance(splits, dict):
        for name, split in splits.items():
            yield name[:_MAX_NAME], values.mapping(split), f"{pointer}/{values.token(name)}"
    elif isinstance(splits, list):
        for index, split in enumerate(splits):
            entry = values.mapping(split)
            name = values.text(entry.get("name"))
            if name is not None:
                yield name[:_MAX_NAME], entry, f"{pointer}/{index}"
