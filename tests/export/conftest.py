"""Datasets to export: on disk, so that the other format's own tool can check them, and as the model has them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from sbom.export import Facts
from sbom.inventory.mediatypes import media_type
from sbom.inventory.merkle import root
from sbom.model import Dataset, FileEntry, GitState, ReleaseLink
from sbom.provenance import LIVE, Assertion, Declaration, Manifest, Provenance, Source

if TYPE_CHECKING:
    from pathlib import Path

SERIAL = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
FACTS = Facts(SERIAL, "0.2.0", "2026-03-01T12:00:00Z", "ab" * 32)
CARD = "README.md"

SMALL = {
    "README.md": b"# penguins\n",
    "empty.txt": b"",
    "train/0001.csv": b"species,mass\nAdelie,3750\nGentoo,5000\n",
    "train/0002.jsonl": b'{"species": "Adelie"}\n',
}
#: Names that an inventory may hold, each of which has broken somebody's parser.
HOSTILE = (
    "-rf",
    "- .txt",
    " leading space",
    "#comment",
    "*star",
    "100%.txt",
    "%41.txt",
    "%0A.txt",
    "a b/c d.csv",
    "a#b?c=d&e.txt",
    "quote\"apostrophe'.txt",
    "na\u00efve/\u65e5\u672c\u8a9e.txt",
    "e\u0301.txt",
    "\U0001f427.bin",
    "rtl\u202egpj.exe",
    "zero\u200bwidth",
    "nbsp\u00a0inside",
    "mailto:x@example.org",
    "urn:uuid:x",
    "data:text,x",
    "file:x",
    "~user",
    "$HOME",
    "x$PATH",
    "%PATH%",
    "..hidden",
    "a../b",
    ".git/HEAD",
    "sub/.hidden/x",
    "sub/.gitkeep",
    "[x].csv",
    "@context",
    "cr_base_iri/x",
    "<script>.html",
    "{a}|^`b",
    "plain.txt",
    "PLAIN.txt",
    "plain.txt-2",
    "sha256  x",
    "*",
    "-",
)


def dataset(files: dict[str, bytes], **more) -> Dataset:
    """Describe files as ``generate`` does."""
    entries = tuple(
        FileEntry(path, len(content), (("SHA-256", hashlib.sha256(content).hexdigest()),), None, media_type(path))
        for path, content in sorted(files.items(), key=lambda item: item[0].encode())
    )
    entries = more.pop("entries", entries)
    return Dataset(**{"name": "penguins", "version": "1.2.0", "files": entries, "root": root(entries)} | more)


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def said(**fields: str | list[str]) -> tuple[Assertion, ...]:
    return tuple(
        Assertion(field.replace("_", "-"), value, CARD, f"/{field}")
        for field, values in fields.items()
        for value in ([values] if isinstance(values, str) else values)
    )


EVERYTHING = said(
    description="Measurements of penguins.\nThree species.",
    identifier=["10.5281/zenodo.3960218", "https://doi.org/10.5281/zenodo.3960218"],
    supplier="Palmer Station LTER",
    creator=["Allison Horst", "Alison Hill"],
    contributor="Kristen Gorman",
    license="CC0-1.0",
    copyright="\u00a9 2020 the authors",
    citation="@misc{penguins}",
    built_date="2020-01-31",
    release_date="2020-07-25T10:00:00+02:00",
    modified_date="2021",
    homepage=["https://example.org/penguins", "https://mirror.example.org/"],
    keyword=["penguins", "iris"],
    language=["en", "de"],
    origin=["https://example.org/raw", "the archive in the cellar"],
    origin_organization="LTER Network",
    geography="Antarctica",
    generation_method="measured by hand",
    collection_period="2007/2009",
    preprocessing=["dropped duplicates", "rounded"],
    annotation="species by sight",
    annotator="two biologists",
    tool="a calliper",
    modality=["tabular", "smell"],
    record_count="344",
    known_bias=["three islands only", "adults only"],
    noise="two missing masses",
    intended_use=["teaching", "testing"],
    restriction="not for hunting",
    classification="TLP:CLEAR",
    personal_data="none",
    anonymization=["no names"],
    availability="directDownload",
    update_mechanism="none planned",
    maintainer="Allison Horst",
    document_author="Release Team",
)
SOURCES = (
    Source(
        "https://example.org/raw.zip",
        CARD,
        digests=(("SHA-256", "cd" * 32),),
        size=9,
        retrieved="2026-02-01T00:00:00Z",
        etag='"x"',
        final_url="https://cdn.example.org/raw.zip",
    ),
    Source("https://example.org/raw.zip", CARD, "/again"),
    Source("s3://bucket/one.csv", CARD, path="train/0001.csv"),
    Source("not a url at all", CARD, path="train/0001.csv"),
    Source("javascript:alert(1) //", CARD),
)


def rich() -> Dataset:
    """Describe a dataset of which everything is known."""
    plain = dataset(SMALL)
    entries = list(plain.files)
    entries[0] = entries[0]._replace(declared=(Declaration(LIVE, "", "", CARD),))
    entries.append(entries[2]._replace(path="train/link.csv", link="0001.csv"))
    entries[2] = entries[2]._replace(digests=(*entries[2].digests, ("SHA-512", "ef" * 64), ("BLAKE3", "01" * 32)))
    provenance = Provenance(
        manifests=(Manifest(CARD, "huggingface-card"),),
        assertions=(
            *EVERYTHING,
            Assertion("license", "MIT", "datapackage.json", "/licenses/0"),
            Assertion("description", "about a part", "train/croissant.json", "", None, "train"),
        ),
        sources=SOURCES,
    )
    return dataset(
        SMALL,
        entries=tuple(entries),
        provenance=provenance,
        git=GitState("c0ffee" * 6 + "abcd", "main"),
        previous=ReleaseLink("urn:uuid:11111111-2222-4333-8444-555555555555", 1, "0f" * 32, "penguins", "1.1.0"),
    )


@pytest.fixture(scope="session")
def rich_dataset() -> Dataset:
    return rich()


@pytest.fixture(scope="session")
def small_dataset() -> Dataset:
    return dataset(SMALL)


@pytest.fixture(scope="session")
def hostile_files() -> dict[str, bytes]:
    return {name: name.encode() for name in HOSTILE}


@pytest.fixture(scope="session")
def hostile_dataset(hostile_files) -> Dataset:
    return dataset(hostile_files, name='pen "guins" </script>\u202e', version="not semver")


@pytest.fixture(scope="session")
def facts() -> Facts:
    return FACTS


@pytest.fixture(params=["small", "hostile", "rich"])
def any_dataset(request, small_dataset, hostile_dataset, rich_dataset) -> Dataset:
    return {"small": small_dataset, "hostile": hostile_dataset, "rich": rich_dataset}[request.param]


@pytest.fixture(scope="session")
def samples():
    """Makes datasets: ``samples.dataset(files)``, ``samples.said(field=value)``, ``samples.write(folder, files)``."""

    class Samples:
        pass

    Samples.dataset = staticmethod(dataset)
    Samples.said = staticmethod(said)
    Samples.write = staticmethod(write)
    Samples.small = SMALL
    return Samples
