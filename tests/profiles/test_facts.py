from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.model import FileEntry, ReleaseLink, TableStats
from sbom.profiles import BY_DOCUMENT, facts, meaningful
from sbom.profiles.facts import DERIVED
from sbom.provenance import BY_CONFIGURATION, BY_OPTION, FIELD_BY_ID, Declaration, Source

CROISSANT = "croissant.json"


def test_what_a_bare_dataset_tells(known, make):
    found = known(make())
    assert found["name"] == [("penguins", BY_DOCUMENT)]
    assert found["version"] == [("1.0", BY_DOCUMENT)]
    assert found["dataset-root"][0][0].endswith("0" * 64)
    assert found["file-digests"] == [("SHA-256 of 2 of 2 files", BY_DOCUMENT)]
    assert found["file-count"] == [("2", BY_DOCUMENT)]
    assert found["size"] == [("5,000 bytes", BY_DOCUMENT)]
    assert found["media-types"] == [("text/csv", BY_DOCUMENT)]
    assert found["row-counts"] == [("1,500 rows in 1 of 1 tables", BY_DOCUMENT)]
    assert found["document-tool"] == [("data-sbom", BY_DOCUMENT)]
    assert found["document-time"] == [("2026-01-01T00:00:00Z", BY_DOCUMENT)]
    assert found["lifecycle"] == [("post-build", BY_DOCUMENT)]
    assert found["completeness"] == [("complete", BY_DOCUMENT)]
    assert ("provenance", BY_DOCUMENT) in found["known-unknowns"]
    nothing = {"license", "description", "supplier", "signature", "dependency", "source-url", "declared-hashes"}
    assert nothing & set(found) == set()
    assert set(found) <= set(DERIVED) | set(FIELD_BY_ID)


def test_an_assertion_is_a_fact_with_its_place(make, document):
    dataset = make(("license", "CC0-1.0", CROISSANT, "/license"))
    stated = facts(dataset, document(dataset))["license"].values
    assert stated == (("CC0-1.0", CROISSANT, "/license"),)


def test_assertions_come_before_the_fields_that_repeat_them(known, make, document):
    dataset = make(("description", "birds", CROISSANT), ("version", "9", CROISSANT))
    tree = document(dataset)
    tree["metadata"]["component"]["description"] = "birds, again"
    found = known(dataset, tree)
    assert found["description"] == [("birds", CROISSANT)]
    assert found["version"] == [("1.0", BY_DOCUMENT)]


def test_a_version_of_a_manifest_counts_where_the_document_has_none(known, make):
    assert known(make(("version", "9", CROISSANT), version=None))["version"] == [("9", CROISSANT)]


def test_only_what_counts_is_a_fact(known, make):
    dataset = make(("license", "MIT", "README.md"), ("license", "CC0-1.0", CROISSANT))
    assert known(dataset)["license"] == [("MIT", "README.md")]


def test_what_is_about_a_part_is_no_fact_of_the_whole(known, make):
    assert "license" not in known(make(("license", "MIT", "raw/x.dvc", "", None, "raw")))


NOTHING = [
    "unknown", "Unknown.", " UNKNOWN ", "n/a", "N/A", "(n/a)", "[N/A]", "NA", "unspecified", "not specified", "Not_Available",
    "NOASSERTION", "[More Information Needed]", "TODO", "tbd", "null", "-", "?", "…", "", "  \n", "***", "<unknown>", '"unknown"',
    "unknown: nobody wrote it down", "TODO: ask Bella", "unknown:" + "x" * 500,
    "un\u200bknown", "\u202eunknown", "\uff55nknown", "\ufeffn/a", "\u3164", "un\ufe0fknown", "\uffa0n/a", "\x00", " " * 30_000 + "unknown", "." * 30_000,
    "\u200b" * 5_000 + "unknown", "unknown" + "\u200b" * 5_000, "not\u00a0specified", "not \n specified",
]  # fmt: skip


@pytest.mark.parametrize("value", NOTHING, ids=range(len(NOTHING)))
def test_what_says_nothing_is_no_fact(known, make, value):
    assert not meaningful("description", value)
    assert "description" not in known(make(("description", value, CROISSANT)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("personal-data", "none"),
        ("personal-data", "no"),
        ("origin", "none"),
        ("description", "Unknown pleasures: a dataset about albums"),
        ("name", "unknown-words-v2"),
        ("availability", "not available"),
        ("record-count", "0"),
        ("version", "0"),
        ("geography", "NA, EU"),
        ("description", "x" * 10_000),
        ("description", "ü" * 10_000),
        ("license", "other-open"),
        ("modality", "other"),
    ],
)
def test_what_says_something_is_one(known, make, field, value):
    assert meaningful(field, value)
    assert field in known(make((field, value, CROISSANT), version=None))


@pytest.mark.parametrize("value", ["other", "none", "NONE"])
def test_a_licence_that_is_none(value):
    assert not meaningful("license", value)


@given(st.text(max_size=200), st.sampled_from(sorted(FIELD_BY_ID)))
def test_padding_changes_nothing(value, field):
    padded = f" \u200b{value}\u200d\n"
    assert meaningful(field, padded) == meaningful(field, value)


def test_a_placeholder_does_not_hide_what_another_manifest_says(known, make):
    dataset = make(("license", "unknown", "README.md"), ("license", "MIT", CROISSANT))
    assert known(dataset)["license"] == [("MIT", CROISSANT)]


@pytest.mark.parametrize("caller", [BY_OPTION, BY_CONFIGURATION])
def test_the_caller_may_say_that_something_is_unknown(known, make, document, caller):
    dataset = make(("license", "unknown", caller), ("license", "MIT", CROISSANT))
    tree = document(dataset)
    tree["metadata"]["component"]["licenses"] = [{"license": {"name": "unknown"}}]
    assert "license" not in known(dataset, tree)


def test_a_caller_who_is_not_named_is_no_author(known, make):
    found = known(make(("license", "MIT", BY_OPTION)))
    assert "document-author" not in found


def test_sources(known, make):
    full = Source(
        "https://example.org/a", CROISSANT, "/d/0", digests=(("MD5", "a" * 32),), retrieved="2026-01-01T00:00:00Z"
    )
    found = known(make(sources=(full, Source("https://example.org/b", "x.dvc"))))
    assert found["source-url"] == [("https://example.org/a", CROISSANT), ("https://example.org/b", "x.dvc")]
    assert found["source-digest"] == [("MD5 " + "a" * 32, CROISSANT)]
    assert found["source-retrieval-time"] == [("2026-01-01T00:00:00Z", CROISSANT)]
    assert ("https://example.org/a", CROISSANT) in found["dependency"]


def test_what_a_dataset_depends_on(known, make, document):
    assert known(make(("origin", "none", BY_OPTION)))["dependency"] == [("none", BY_OPTION)]
    link = ReleaseLink("urn:uuid:00000000-0000-4000-8000-000000000000", 1, "d" * 64, "penguins", "0.9")
    found = known(make(previous=link))
    assert found["previous-release"] == [(f"penguins 0.9, sha256 {'d' * 64}", BY_DOCUMENT)]
    assert found["dependency"] == found["previous-release"]
    dataset = make()
    tree = document(dataset)
    assert "dependency" not in known(dataset, tree)
    assert known(dataset, tree | {"dependencies": [{"ref": "dataset", "dependsOn": []}]})["dependency"] == [
        ("none", BY_DOCUMENT)
    ]
    assert "dependency" not in known(dataset, tree | {"dependencies": [{"ref": "other", "dependsOn": ["x"]}]})
    assert "dependency" not in known(dataset, tree | {"dependencies": [{"ref": "dataset"}]})


def entry(path, *declared, **parts):
    return FileEntry(path, 1, parts.pop("digests", (("SHA-256", "a" * 64),)), declared=tuple(declared), **parts)


def test_declared_hashes_count_when_one_matches(known, make):
    good, bad = (Declaration(state, "MD5", "a" * 32, "md5sums") for state in ("match", "mismatch"))
    assert known(make(files=(entry("a", good), entry("b", bad))))["declared-hashes"][0][0] == "1 match, 1 mismatch"
    assert "declared-hashes" not in known(make(files=(entry("a", bad),)))
    assert "declared-hashes" in known(make(files=(entry("a"),), elsewhere=(("d", good),)))


def test_digests_of_some_files_are_not_digests_of_all(known, make):
    both = (("SHA-256", "a" * 64), ("SHA-512", "b" * 128))
    found = known(make(files=(entry("a", digests=both), entry("b"))))
    assert found["file-digests"][0][0] == "SHA-256 of 2 of 2 files"
    tree = {"metadata": {}}
    assert "file-digests" not in known(make(files=(entry("a", digests=(("MD5", "a" * 32),)),)), tree)


def test_tables_and_types_that_nobody_knows(known, make):
    nothing = entry("a", media_type="application/octet-stream", stats=TableStats(None, None))
    found = known(make(files=(nothing,)))
    assert "media-types" not in found
    assert "row-counts" not in found
    some = entry("b", stats=TableStats(5, 1))
    assert known(make(files=(nothing, some)))["row-counts"][0][0] == "5 rows in 1 of 2 tables"


def test_a_dataset_without_files(known, make):
    found = known(make(files=()), {})
    assert {"dataset-root", "file-digests", "size"} & set(found) == set()


def test_the_documentation_names_every_fact():
    page = (Path(__file__).resolve().parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- begin facts -->\n(.*?)\n<!-- end facts -->", page, re.DOTALL)
    assert block is not None
    rows = [f"| `{name}` | {title} |" for name, title in DERIVED.items()]
    assert block[1].splitlines() == ["| fact | what it is |", "|---|---|", *rows]
