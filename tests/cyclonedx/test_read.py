"""Reading: what a schema-valid document still has to be, refusal by refusal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import REFUSALS, dataset_of, prop, replace

from sbom.cyclonedx import read, spec, write
from sbom.errors import DocumentError
from sbom.model import Dataset, FileEntry, GitState, Selection


def test_what_is_written_is_what_is_read(dataset, origin, document):
    written = dataset()
    again = read.read(document)
    assert again == Dataset(
        name="penguins",
        version="1.0",
        files=written.files,
        root=written.root,
        selection=Selection((), ("*.log", "tmp/"), left_out=True),
        previous=written.previous,
        git=written.git,
    )
    plain = dataset(version=None, selection=Selection(("*.csv",)), previous=None, git=None, symlinks_followed=True)
    again = read.read(write.build(plain, origin))
    assert (again.version, again.previous, again.selection) == (None, None, Selection(("*.csv",)))
    assert again.symlinks_followed


@pytest.mark.parametrize(
    "git",
    [None, GitState(None, None), GitState("ab" * 20, None), GitState(None, "unknown"), GitState("cd" * 32, "a/b")],
)
def test_the_state_of_the_repository_is_read(dataset, origin, git):
    assert read.read(write.build(dataset(git=git), origin)).git == git


def test_order_of_the_components_does_not_matter(document):
    before = read.read(document)
    document["components"].reverse()
    assert read.read(document) == before


def test_properties_of_others_do_not_matter(document):
    before = read.read(document)
    for component in (dataset_of(document), document["components"][0]):
        component["properties"] += [prop("acme:size", "7"), prop("acme:size", "8"), {"name": "data-sbomb"}]
    dataset_of(document)["properties"].append(prop("data-sbom:of-a-later-version", "x"))
    document["components"].append({"type": "data", "name": "other dataset"})
    document["components"].append({"type": "data", "name": "b", "properties": [prop(spec.RELATION, "source")]})
    document["compositions"].append({"aggregate": "unknown", "assemblies": ["file:a/b.csv"]})
    document["compositions"].append({"aggregate": "incomplete"})
    assert read.read(document) == before


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(document, case):
    change, reason = REFUSALS[case]
    change(document)
    with pytest.raises(DocumentError, match=reason) as caught:
        read.read(document)
    assert caught.value.exit_code == 1
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "size", ["-1", "1.0", "1e3", "01", "", " 1", "1\n", "٣", "9007199254740992", "1" * 17, "unknown"]
)
def test_sizes_that_are_none(document, size):
    replace(document["components"][0], spec.SIZE, size)
    with pytest.raises(DocumentError, match="size is missing"):
        read.read(document)


def test_the_largest_size(document):
    replace(document["components"][0], spec.SIZE, str(2**53 - 1))
    replace(dataset_of(document), spec.TOTAL_SIZE, str(2**53 - 1 + 10))
    assert read.read(document).files[0].size == 2**53 - 1


@pytest.mark.parametrize("algorithm", spec.DIGEST_LENGTHS)
@pytest.mark.parametrize("bad", ["short", "long", "upper", "empty", "space", "newline"])
def test_digests_of_another_form(document, algorithm, bad):
    length = spec.DIGEST_LENGTHS[algorithm]
    content = {
        "short": "a" * (length - 1),
        "long": "a" * (length + 1),
        "upper": "A" * length,
        "empty": "",
        "space": " " + "a" * (length - 1),
        "newline": "a" * length + "\n",
    }[bad]
    hashes = [] if algorithm == "SHA-256" else [{"alg": "SHA-256", "content": "ab" * 32}]
    document["components"][0]["hashes"] = [*hashes, {"alg": algorithm, "content": content}]
    with pytest.raises(DocumentError, match=f"the {algorithm} digest is not {length} lower-case"):
        read.read(document)


def test_every_known_digest_is_read(document):
    hashes = [{"alg": name, "content": "a" * length} for name, length in spec.DIGEST_LENGTHS.items()]
    document["components"][0]["hashes"] = hashes
    assert dict(read.read(document).files[0].digests) == {item["alg"]: item["content"] for item in hashes}


@pytest.mark.parametrize(("rows", "expected"), [("unknown", None), ("7", 7), ("-7", None), ("x", None), ("", None)])
def test_statistics_are_hints_only(document, rows, expected):
    replace(document["components"][0], spec.ROWS, rows)
    stats = read.read(document).files[0].stats
    assert stats is not None
    assert stats.rows == expected


NAMES = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)
PATHS = NAMES.filter(lambda path: read.names.refusal(path) is None)
SHA512 = st.binary(min_size=64, max_size=64).map(lambda data: ("SHA-512", data.hex()))
ENTRIES = st.builds(
    lambda path, size, digest, more, link: FileEntry(path, size, (("SHA-256", digest.hex()), *more), link),
    PATHS,
    st.integers(0, 2**53 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(SHA512, max_size=1),
    st.none() | NAMES,
)


@settings(deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=6, unique_by=lambda entry: entry.path), NAMES.filter(str.strip))
def test_any_inventory_survives(entries, name):
    files = tuple(sorted(entries, key=lambda entry: entry.path))
    written = Dataset(name, None, files, "ab" * 32)
    origin = write.Origin("1.6", "2026-01-02T03:04:05Z", "0.1.0", reproducible=True)
    assert read.read(write.build(written, origin)) == written
