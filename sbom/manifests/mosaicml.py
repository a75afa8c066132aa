"""MosaicML Streaming: the ``index.json`` of a directory of shards (``streaming.base.format``, version 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.manifests import digests, values
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_VERSIONS = frozenset({"2"})
#: Files of a shard, uncompressed and compressed; formats of text have an index of offsets besides the data.
_PARTS = ("raw_data", "raw_meta", "zip_data", "zip_meta")


class MosaicmlReader(FileReader):
    """Declares the shards; many an ``index.json`` is something else."""

    name = "mosaicml"
    patterns = ("index.json",)

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # the name was looked at before
        """Look for the two words that every index with shards has."""
        return b'"shards"' in head and b'"raw_data"' in head

    def read(self, given: Given, reading: Reading) -> None:
        """Read every shard."""
        tree = given.json()
        if not isinstance(tree, dict) or "shards" not in tree:
            raise OtherFormatError("is not of MosaicML Streaming")
        reading.version = values.text(tree.get("version"))
        if reading.version not in _VERSIONS:
            reading.problem(f"version {(reading.version or 'none')[:40]!r} is unknown; it is read like 2", "/version")
        shards = tree["shards"]
        if not isinstance(shards, list):
            raise ManifestError(f"shards is {values.kind(shards)}, not a list")
        numbers: list[int | None] = []
        columns: dict[str, str] = {}
        for index, shard in enumerate(shards):
            pointer = f"/shards/{index}"
            if not isinstance(shard, dict):
                reading.problem(f"a shard is {values.kind(shard)}, not an object", pointer)
                numbers.append(None)
                continue
            numbers.append(values.integer(shard.get("samples")))
            _columns(shard, pointer, columns)
            _parts(shard, pointer, given, reading)
        for text, pointer in columns.items():
            reading.say("schema", text, pointer)
        if numbers and None not in numbers:
            reading.say("record-count", sum(number for number in numbers if number is not None), "/shards")
        elif numbers:
            reading.problem("some shards do not say how many samples they have")


def _columns(shard: dict[str, object], pointer: str, columns: dict[str, str]) -> None:
    """Collect the columns; every shard repeats them."""
    kinds = values.items(shard.get("column_encodings", shard.get("column_types")))
    for index, column in enumerate(values.items(shard.get("column_names", shard.get("columns")))):
        name = values.text(column)
        kind = values.text(kinds[index]) if index < len(kinds) else None
        if name is not None:
            columns.setdefault(f"{name}: {kind or 'unknown'}", f"{pointer}/column_names/{index}")


def _parts(shard: dict[str, object], pointer: str, given: Given, reading: Reading) -> None:
    """Declare the files of one shard. Of one without a digest, only what is here is named, or nothing else could be."""
    compressed = isinstance(shard.get("zip_data"), dict)
    for key in _PARTS:
        part = shard.get(key)
        where = f"{pointer}/{key}"
        if part is None:
            continue
        entry = values.mapping(part)
        path = given.resolve(entry.get("basename"))
        if not path:
            reading.problem("a shard has no usable basename", where)
            continue
        hashes = entry.get("hashes")
        if hashes is not None and not isinstance(hashes, dict):
            reading.problem(f"hashes is {values.kind(hashes)}, not an object", f"{where}/hashes")
        declared = False
        for algorithm, value in values.mapping(hashes).items():
            inner = f"{where}/hashes/{values.token(algorithm)}"
            if digests.name(algorithm) is None:
                reading.problem(f"the algorithm {algorithm[:40]!r} is not one that is compared", inner)
            else:
                declared = True
                reading.declare(path, algorithm, value, inner, size=entry.get("bytes"))
        if not declared and (given.exists(path) or not (compressed and key.startswith("raw"))):
            reading.mention(path, where, size=entry.get("bytes"))


READER = MosaicmlReader()
