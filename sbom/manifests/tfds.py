"""TensorFlow Datasets: ``dataset_info.json``, ``features.json``, and the recorded checksums of downloads.

``dataset_info.json`` is the protocol buffer ``DatasetInfo`` as JSON (``dataset_info.proto``): camel case, and 64-bit
integers as text. ``checksums.tsv`` has URL, bytes and SHA-256 (and a file name) between tabs; the older
``url_checksums/NAME.txt`` has the first three between spaces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import values
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_KEYS = frozenset(
    [
        "fileFormat",
        "moduleName",
        "redistributionInfo",
        "releaseNotes",
        "location",
        "sizeInBytes",
        "downloadSize",
        "configName",
        "configDescription",
        "downloadChecksums",
        "supervisedKeys",
    ]
)
_LINE = re.compile(rb"\s*(?:\S+[\t ]+|[^\t\r\n]{1,4096}\t)[0-9]{1,19}[\t ]+[0-9a-fA-F]{64}(?:[\t\r\n ]|\Z)")
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:")
#: What lies beside ``checksums.tsv`` in the source of a dataset; downloads may have the same names.
_BUILDER = frozenset({"README.md", "LICENSE", "TAGS.txt", "CITATIONS.bib"})
_TEMPLATE = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
_FEATURES = (b"pythonClassName", b"tensorflow_datasets")


class TfdsReader(FileReader):
    """Reads the four kinds of files."""

    name = "tfds"
    patterns = ("dataset_info.json", "features.json", "checksums.tsv", "url_checksums/*")

    def accepts(self, path: str, head: bytes) -> bool:
        """Look for what the format has and others of these names have not."""
        base = path.rpartition("/")[2].lower()
        if base == "dataset_info.json":
            return True  # read() parses it, and knows
        if base == "features.json":
            return any(word in head for word in _FEATURES)
        return _LINE.match(head) is not None

    def read(self, given: Given, reading: Reading) -> None:
        """Read one of them."""
        base = given.path.rpartition("/")[2].lower()
        if base == "dataset_info.json":
            _info(given, reading)
        elif base == "features.json":
            _features(given, reading)
        else:
            _checksums(given, reading)


def _info(given: Given, reading: Reading) -> None:
    tree = given.json()
    if not isinstance(tree, dict) or not (tree.keys() & _KEYS or isinstance(tree.get("splits"), list)):
        raise OtherFormatError("is not of TFDS")
    for key in ("name", "version", "description", "citation"):
        reading.say(key, tree.get(key), f"/{key}")
    reading.say("homepage", values.mapping(tree.get("location")).get("urls"), "/location/urls")
    reading.say("license", values.mapping(tree.get("redistributionInfo")).get("license"), "/redistributionInfo/license")
    module = values.text(tree.get("moduleName"))
    if module is not None:
        reading.say("tool", f"TensorFlow Datasets ({module})", "/moduleName")
    for index, feature in enumerate(values.items(values.mapping(tree.get("schema")).get("feature"))):
        entry = values.mapping(feature)
        name, kind = values.text(entry.get("name")), values.text(entry.get("type"))
        if name is not None:
            reading.say("schema", f"{name}: {kind or 'unknown'}", f"/schema/feature/{index}")
    _splits(tree, given, reading)
    for url, recorded in values.mapping(tree.get("downloadChecksums")).items():
        entry = values.mapping(recorded)
        checksum = entry.get("checksum", entry.get("sha256"))
        reading.source(
            url,
            f"/downloadChecksums/{values.token(url)}",
            hashes=() if checksum is None else (("SHA-256", checksum),),
            size=entry.get("size", entry.get("sizeInBytes")),
        )


def _splits(tree: dict[str, object], given: Given, reading: Reading) -> None:
    """Assert splits and their records, and name the shards that are here."""
    splits = tree.get("splits")
    if splits is not None and not isinstance(splits, list):
        reading.problem(f"splits is {values.kind(splits)}, not a list", "/splits")
        return
    numbers: list[int | None] = []
    for index, split in enumerate(splits or []):
        entry = values.mapping(split)
        pointer = f"/splits/{index}"
        name = values.text(entry.get("name"))
        if name is None:
            reading.problem("a split has no name", pointer)
            continue
        number = _records(entry)
        numbers.append(number)
        reading.say("split", name + ("" if number is None else f": {number} records"), pointer)
        _shards(tree, entry, name, pointer, given, reading)
    if numbers and None not in numbers:
        reading.say("record-count", sum(number for number in numbers if number is not None), "/splits")


def _records(split: dict[str, object]) -> int | None:
    """Return how many records a split has; older files have it in the statistics."""
    lengths = split.get("shardLengths")
    if isinstance(lengths, list) and lengths:
        numbers = [values.integer(length) for length in lengths]
        return None if None in numbers else sum(number for number in numbers if number is not None)
    return values.integer(values.mapping(split.get("statistics")).get("numExamples"))


def _shards(  # noqa: PLR0913, PLR0917  # one place that calls it
    tree: dict[str, object], split: dict[str, object], name: str, pointer: str, given: Given, reading: Reading
) -> None:
    lengths = split.get("shardLengths")
    template = values.text(split.get("filepathTemplate")) or _TEMPLATE
    dataset = values.text(tree.get("name"))
    if not isinstance(lengths, list) or dataset is None or len(template) + len(dataset) + len(name) > 1_000:  # noqa: PLR2004  # no path is that long
        return
    filled = template.replace("{SPLIT}", name).replace(
        "{FILEFORMAT}", values.text(tree.get("fileFormat")) or "tfrecord"
    )
    for index in range(len(lengths)):
        shard = f"{index:05d}-of-{len(lengths):05d}"
        written = filled.replace("{SHARD_X_OF_Y}", shard).replace("{DATASET}", dataset)
        path = given.resolve(written)
        if path and given.exists(path):
            reading.mention(path, pointer)


def _features(given: Given, reading: Reading) -> None:
    """Read ``features.json``: the columns, and what class of TFDS decodes each."""
    tree = given.json()
    if not isinstance(tree, dict):
        raise ManifestError(f"is {values.kind(tree)}, not an object")
    for outer, inner in (("featuresDict", "features"), ("content", None)):
        columns = tree.get(outer)
        pointer = f"/{outer}"
        if inner is not None:
            columns, pointer = values.mapping(columns).get(inner), f"{pointer}/{inner}"
        for name, feature in values.mapping(columns).items():
            entry = values.mapping(feature)
            kind = values.text(entry.get("pythonClassName")) or values.text(entry.get("type")) or "unknown"
            reading.say("schema", f"{name}: {kind.rpartition('.')[2]}", f"{pointer}/{values.token(name)}")


def _checksums(given: Given, reading: Reading) -> None:
    """Read the recorded downloads, and declare those that lie beside the record."""
    for number, line in enumerate(given.text().split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.rstrip("\r").split("\t")
        if len(parts) == 1:
            parts = line.split()
        pointer = f"L{number}"
        if len(parts) < 3:  # noqa: PLR2004  # URL, size, SHA-256
            reading.problem("a line is not URL, size and SHA-256", pointer)
            continue
        url, size, sha256 = parts[:3]
        if _SCHEME.match(url) is None and given.resolve(url):
            # What a person has to fetch is recorded by its name alone.
            reading.declare(str(given.resolve(url)), "SHA-256", sha256, pointer, size=size)
            continue
        path = _beside(parts[3], given) if len(parts) > 3 else None  # noqa: PLR2004  # the name of the download
        if path is not None:
            reading.declare(path, "SHA-256", sha256, pointer, size=size)
        reading.source(url.strip().replace(" ", "%20"), pointer, path=path, hashes=(("SHA-256", sha256),), size=size)


def _beside(name: str, given: Given) -> str | None:
    """Return the file beside the record that a download became: not a part of the dataset's builder of that name."""
    path = given.resolve(name) if name else None
    if path is None or path == given.path or not given.exists(path):
        return None
    base = path.rpartition("/")[2]
    return None if base in _BUILDER or base.endswith(".py") else path


READER = TfdsReader()
