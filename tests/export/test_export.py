"""What holds for every format."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote

import orjson
import pytest

from sbom import names
from sbom.errors import DocumentError, RefusedError, UsageError
from sbom.export import FORMATS, Facts, export, exporter, render
from sbom.provenance import Assertion, Provenance

if TYPE_CHECKING:
    from sbom.model import Dataset


def spdx_files(value):
    for one in value["@graph"]:
        if one["type"] == "software_File":
            properties = {
                entry["extension_cdxPropName"]: entry["extension_cdxPropValue"]
                for entry in one["extension"][0]["extension_cdxProperty"]
            }
            digests = {found["algorithm"]: found["hashValue"] for found in one["verifiedUsing"]}
            yield one["name"], digests["sha256"], int(properties["data-sbom:size"])


def files_of(data: bytes, format_name: str) -> list[tuple[str, str, int | None]]:
    """Read ``(path, SHA-256, size)`` back, independently of the code that wrote them."""
    if format_name == "sha256sums":
        found = []
        for line in data.decode().split("\n")[:-1]:
            digest, name = line.split("  ", 1)
            if digest.startswith("\\"):
                name = name.replace("\\n", "\n").replace("\\r", "\r").replace("\\\\", "\\")
            found.append(("-" if name == "./-" else name, digest.removeprefix("\\"), None))
        return found
    if format_name == "bagit-manifest":
        lines = [line.split("  ", 1) for line in data.decode().split("\n")[:-1]]
        assert all(name.startswith("data/") for _, name in lines)
        return [
            (
                name[5:].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%"),
                digest,
                None,
            )
            for digest, name in lines
        ]
    value = json.loads(data)
    if format_name == "croissant":
        return [
            (unquote(one["contentUrl"], errors="strict"), one["sha256"], int(one["contentSize"].removesuffix(" B")))
            for one in value["distribution"]
        ]
    if format_name == "datapackage":
        listed = [*value["resources"], *value["data-sbom"].get("unlisted", [])]
        return sorted(
            ((one["path"], one["hash"].removeprefix("sha256:"), one["bytes"]) for one in listed),
            key=lambda one: one[0].encode(),
        )
    return list(spdx_files(value))


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_digest_and_size_is_the_inventory_s(any_dataset, facts, format_name):
    sized = format_name not in {"sha256sums", "bagit-manifest"}
    expected = [(entry.path, entry.sha256, entry.size if sized else None) for entry in any_dataset.files]
    found = files_of(render(any_dataset, facts, format_name), format_name)
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_same_document_gives_the_same_bytes(any_dataset, facts, format_name):
    data = render(any_dataset, facts, format_name)
    assert data == render(any_dataset, facts, format_name)
    assert data.endswith(b"\n")
    assert b"\r" not in data


@pytest.mark.parametrize("format_name", ["croissant", "spdx3", "datapackage"])
def test_it_says_where_it_comes_from(any_dataset, facts, format_name):
    data = render(any_dataset, facts, format_name).decode()
    assert facts.serial_number in data
    assert facts.sha256 in data
    assert "data-sbom 0.2.0" in data
    assert any_dataset.root in data
    other = render(any_dataset, facts._replace(sha256=None), format_name).decode()
    assert facts.sha256 not in other


#: Given by the document itself, or with a better place: two spellings of a time, a value that becomes a word.
_TRANSLATED = {
    "CC0-1.0",
    "2020-01-31",
    "2020-07-25T10:00:00+02:00",
    "tabular",
    "TLP:CLEAR",
    "none",
    "directDownload",
}


@pytest.mark.parametrize("format_name", ["croissant", "spdx3", "datapackage"])
def test_nothing_that_is_known_gets_lost(rich_dataset, facts, format_name):
    data = orjson.dumps(orjson.loads(render(rich_dataset, facts, format_name))).decode()
    lost = {
        one.value
        for one in rich_dataset.provenance.assertions
        if not one.scope and one.manifest == "README.md" and json.dumps(one.value, ensure_ascii=False)[1:-1] not in data
    }
    assert lost - _TRANSLATED == set()
    for source in rich_dataset.provenance.sources:
        assert source.url in data
    assert rich_dataset.previous.sha256 in data


@pytest.mark.parametrize("format_name", ["croissant", "spdx3", "datapackage"])
def test_what_does_not_count_is_left_out_and_said(rich_dataset, facts, format_name):
    done = export(rich_dataset, facts, format_name)
    assert b"about a part" not in done.data
    assert b'"MIT"' not in done.data
    text = "\n".join(done.notes)
    assert "contradict each other about 'license'" in text
    assert "1 statements about directories" in text


def test_an_unknown_format():
    with pytest.raises(UsageError, match="no export format") as caught:
        exporter("cyclonedx\x1b")
    assert caught.value.exit_code == 2
    assert "\x1b" not in str(caught.value)
    assert all(name in str(caught.value) for name in FORMATS)


@pytest.mark.parametrize("format_name", FORMATS)
def test_texts_of_any_kind(samples, facts, format_name):
    strange = ["\ud800", "\u202e", "</script>", "@id", "_:b0", "{}", "x" * 100_000, "urn:", "data:x", "cr:Dataset", ":"]
    fields = ["license", "homepage", "origin", "previous-release", "citation", "personal-data", "keyword", "built-date"]
    said = tuple(Assertion(field, value, "m", "/x") for value in strange for field in fields)
    dataset = samples.dataset(samples.small, provenance=Provenance(assertions=said))
    data = render(dataset, facts, format_name)
    assert len(files_of(data, format_name)) == len(samples.small)


def test_facts_of_a_document():
    document = {"serialNumber": "urn:uuid:1", "version": 3, "metadata": {"timestamp": "2026-01-01T00:00:00Z"}}
    facts = Facts.of(document, "ab", "1.0")
    assert facts == Facts("urn:uuid:1", "1.0", "2026-01-01T00:00:00Z", "ab", 3)
    assert facts.bom_link == "urn:cdx:1/3"
    assert Facts.of({"serialNumber": "urn:uuid:1"}, None, "1.0") == Facts("urn:uuid:1", "1.0")


def test_a_document_without_a_time(small_dataset, facts):
    timeless = facts._replace(timestamp=None)
    with pytest.raises(DocumentError, match="when it was made"):
        render(small_dataset, timeless, "spdx3")
    assert b"created" not in render(small_dataset, timeless, "datapackage")
    assert b"sdDatePublished" not in render(small_dataset, timeless, "croissant")


def test_a_package_that_would_be_empty(samples, facts):
    with pytest.raises(RefusedError, match="no file has a name"):
        render(samples.dataset({".hidden": b""}), facts, "datapackage")


def many(samples, count: int) -> Dataset:
    """Make names that become the same slug, and names that take the numbers which would tell these apart."""
    half = count // 2
    paths = sorted([f"d{n % 7}/\u4e00{n:06}?"[:9] + chr(0x4E00 + n) for n in range(half)])
    paths += sorted(f"plain-{n:06}" for n in range(count - half))
    template = samples.dataset({"a": b""}).files[0]
    assert not any(names.refusal(path) for path in paths)
    return samples.dataset({}, entries=tuple(template._replace(path=path) for path in paths))


def calls(dataset: Dataset, facts: Facts, format_name: str) -> int:
    """Count the calls that an export makes, of Python functions and built-in ones."""
    counted = 0

    def count(frame, event, argument):
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        render(dataset, facts, format_name)
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_work_grows_with_the_number_of_files(samples, facts, format_name):
    render(many(samples, 10), facts, format_name)
    once, twice = (calls(many(samples, count), facts, format_name) for count in (2_000, 4_000))
    assert twice < 2.1 * once


@pytest.mark.parametrize("format_name", FORMATS)
def test_twenty_thousand_files(samples, facts, format_name):
    dataset = many(samples, 20_000)
    found = files_of(render(dataset, facts, format_name), format_name)
    assert {path for path, _, _ in found} == {entry.path for entry in dataset.files}
