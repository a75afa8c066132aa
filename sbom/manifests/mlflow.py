"""Datasets that MLflow recorded: ``datasets/ID/meta.yaml`` of its file store, and the JSON of ``Dataset.to_json()``.

Keys: ``name``, ``digest``, ``source_type``, ``source``, ``schema``, ``profile``; the last three are JSON texts. The
digest is eight characters over samples of rows, or over other metadata: not cryptographic, and never declared as one.

A store holds records of many datasets, so that each ``meta.yaml`` speaks for its own directory only; a JSON file speaks
for the directory that it lies in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.manifests import texts, values
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_KEYS = ("name", "digest", "source_type", "source")
_HUGGING_FACE = "https://huggingface.co/datasets/"
#: Keys of a source that hold where it is, and what else tells one from another.
_PLACES = ("url", "uri", "path", "table_name", "delta_table_name")
_DETAILS = ("config_name", "split", "revision", "delta_table_version", "sql")


class MLflow(FileReader):
    """Reads where a recorded dataset came from, and its shape."""

    name = "mlflow"
    patterns = ("meta.yaml", "*.json")

    def accepts(self, path: str, head: bytes) -> bool:
        """Take files whose beginning has the keys of a record; a ``meta.yaml`` only where MLflow puts it."""
        if path.lower().endswith(".json"):
            return all(b'"%s"' % key.encode() in head for key in _KEYS)
        parts = path.split("/")
        return len(parts) > 2 and parts[-3] == "datasets" and b"source_type" in head  # noqa: PLR2004  # datasets/ID/meta.yaml

    def read(self, given: Given, reading: Reading) -> None:
        """Read a record.

        :raises ManifestError: when it is neither JSON nor YAML.
        :raises OtherFormatError: when it lacks a key that every record has.
        """
        tree = given.json() if given.path.lower().endswith(".json") else given.yaml()
        record = values.mapping(tree)
        if any(key not in record for key in _KEYS):
            raise OtherFormatError("is not a dataset that MLflow recorded")
        reading.say("name", record["name"], "/name")
        digest = values.text(record["digest"])
        if digest is not None:
            reading.problem(
                f"MLflow's digest {digest[:80]} is not cryptographic; nothing is compared with it", "/digest"
            )
        _source(values.text(record["source_type"]) or "", _inner(record, "source", reading), given, reading)
        _shape(record, reading)


READER = MLflow()


def _inner(record: dict[str, object], key: str, reading: Reading) -> dict[str, object]:
    """Return what the JSON text under a key holds; an object is taken, too."""
    value = record.get(key)
    if isinstance(value, str) and value.strip():
        try:
            value = values.json(value.encode("utf-8", "replace"))
        except ManifestError as error:
            reading.problem(f"{key} {error}", f"/{key}")
            return {}
    if value is not None and value != "" and not isinstance(value, dict):
        reading.problem(f"{key} is {values.kind(value)}, not an object", f"/{key}")
    return values.mapping(value)


def _source(kind: str, source: dict[str, object], given: Given, reading: Reading) -> None:
    tags = values.mapping(source.get("tags"))
    reading.say("tool", tags.get("mlflow.source.name"), "/source")  # data that code made
    place = next((text for key in _PLACES if (text := values.text(source.get(key))) is not None), None)
    if place is None:
        return
    details = [f"{key} {text[:500]}" for key in _DETAILS if (text := values.text(source.get(key))) is not None]
    if kind == "hugging_face":
        reading.say("origin", ", ".join([f"Hugging Face dataset {place}", *details]), "/source")
        reading.source(_HUGGING_FACE + place, "/source")
    elif "://" in place and texts.secret(place):
        reading.problem("the address of the source holds a password or token; it is left out", "/source")
    elif "://" in place and not place.startswith("file://"):
        reading.source(place, "/source")
        if details:
            reading.say("origin", ", ".join([place, *details]), "/source")
    else:
        path = given.resolve(place)
        if path and given.exists(path):
            reading.mention(path, "/source")
        reading.say("origin", ", ".join([f"{kind} {place}" if kind else place, *details]), "/source")


def _shape(record: dict[str, object], reading: Reading) -> None:
    schema = _inner(record, "schema", reading)
    columns = texts.columns(schema.get("mlflow_colspec"))
    if columns is None and isinstance(record.get("schema"), str) and schema:
        columns = values.text(record["schema"])  # tensors: as MLflow writes them
    reading.say("schema", columns, "/schema")
    rows = values.integer(_inner(record, "profile", reading).get("num_rows"))
    if rows is not None:
        reading.say("record-count", rows, "/profile")
