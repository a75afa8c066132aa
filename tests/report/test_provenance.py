from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.model import Dataset, FileEntry
from sbom.provenance import BY_OPTION, FIELDS, STATES, Assertion, Declaration, Manifest, Provenance, Source
from sbom.report import provenance
from sbom.report.jsontext import dumps

CROISSANT, CARD = "croissant.json", "README.md"
HOSTILE = "\x1b[31m\u202e\n::error::x ##[error] " + "y" * 5_000
DIGESTS = (("SHA-256", "a" * 64), ("MD5", "c" * 32))


FILES = (FileEntry("a.csv", 1, DIGESTS),)


def dataset(*assertions, files=FILES, **parts):
    said = tuple(Assertion(*one) for one in assertions)
    return Dataset("penguins", "1.0", tuple(files), "0" * 64, provenance=Provenance(assertions=said, **parts))


def shown(made):
    found = dict(provenance.blocks(made))
    for lines in found.values():
        assert all(line.isprintable() for line in lines)
    return found


def file(path, *declared):
    return FileEntry(path, 1, DIGESTS, declared=tuple(declared))


def test_nothing_is_known():
    assert provenance.blocks(dataset()) == []
    assert not provenance.known(dataset())


def test_manifests():
    found = shown(
        dataset(
            manifests=(
                Manifest(CROISSANT, "croissant", "1.0"),
                Manifest("raw/data.dvc", "dvc", scope="raw"),
                Manifest("bagit.txt", "bagit", "1.0", valid=False),
                Manifest("/other/SHA256SUMS", "checksums", inside=False, valid=True),
            )
        )
    )
    assert found["manifests"] == [
        "croissant 1.0  croissant.json",
        "dvc            raw/data.dvc, speaks for raw/ only",
        "bagit 1.0      bagit.txt, NOT VALID by its own rules",
        "checksums      /other/SHA256SUMS, lies outside the dataset, valid by its own rules",
    ]


def test_a_value_has_its_place():
    assert shown(dataset(("license", "MIT", CARD, "/license")))["known"] == ["licence  MIT (README.md /license)"]
    assert shown(dataset(("license", "MIT", BY_OPTION)))["known"] == [f"licence  MIT ({BY_OPTION})"]


def test_others_that_say_the_same():
    found = shown(
        dataset(("license", "MIT", CARD), ("license", "MIT", CROISSANT, "/license"), ("license", "MIT", CARD))
    )
    assert found["known"] == ["licence  MIT (README.md; also croissant.json)"]


def test_contradictions_are_spelt_out():
    found = shown(dataset(("license", "CC-BY-4.0", CARD), ("license", "MIT", CROISSANT, "/license")))
    assert found["known"] == ["licence  CC-BY-4.0 (README.md) – but croissant.json /license says MIT"]  # noqa: RUF001  # a dash
    many = [("license", f"L{number}", f"{number}.json") for number in range(6)]
    assert shown(dataset(*many))["known"][0].endswith("3.json says L3, and 2 more say something else")


def test_contradictions_are_never_among_the_rest():
    fields = [field.id for field in FIELDS]
    said = [(field, "x", CARD) for field in fields] + [("classification", "y", CROISSANT)]
    found = shown(dataset(*said))
    assert len(found["known"]) == 21
    assert any("but croissant.json says y" in line for line in found["known"])
    assert found["known"][-1] == f"and {len(fields) - 20} more (-f json lists all)"
    assert "unknown" not in found


def test_several_values():
    found = shown(dataset(*(("creator", name, CROISSANT, f"/creator/{name}") for name in "ABCDE")))
    assert found["known"] == ["creators  A, B, C and 2 more (croissant.json /creator/A)"]
    found = shown(dataset(("creator", "A", CROISSANT), ("creator", "B", CARD)))
    assert found["known"] == ["creators  A, B (croissant.json; also README.md)"]


def test_line_feeds_are_flattened_and_long_values_cut():
    (line,) = shown(dataset(("description", "one\n  two\r\nthree " + "x" * 5_000, CARD)))["known"]
    assert line.startswith("description  one two three xxx")
    assert len(line) < 250


def test_words_for_nothing_are_not_known():
    made = dataset(("license", "unknown", CARD), ("name", "penguins", CARD))
    found = shown(made)
    assert 'licence  unknown: it says only "unknown" (README.md)' in found["known"]
    assert "licence" in " ".join(found["unknown"])
    assert "1 field known, no conflict" in provenance.headline(made)


def test_the_headline_counts():
    made = dataset(
        ("license", "MIT", CARD), ("license", "X", CROISSANT), ("name", "a", CARD), manifests=(Manifest(CARD, "card"),)
    )
    assert provenance.headline(made) == f"1 manifest, 2 fields known, 1 conflict, {len(FIELDS) - 3} fields unknown"


def test_what_is_about_parts():
    parts = [("license", "MIT", "x.dvc", "", None, scope) for scope in ("raw", "raw", "a", "b", "c")]
    found = shown(dataset(*parts))
    assert found["of parts"] == ["5 statements about raw/ (2), a/ (1), b/ (1) and 1 more (-f json lists all)"]
    assert "known" not in found


def test_declared_hashes():
    found = shown(
        dataset(
            files=(
                file("a", Declaration("match", "MD5", "c" * 32, "md5sums")),
                file("b", Declaration("mismatch", "MD5", "d" * 32, "md5sums", "L2")),
                file("c", Declaration("mismatch", "SHA-512", "e" * 128, CROISSANT, "/d/0")),
                file("d", Declaration("malformed", "sha256", "sha256", CROISSANT)),
                file("e", Declaration("match-after-line-endings", "MD5", "f" * 32, "x.dvc")),
                file("f", Declaration("not-declared", "", "", CROISSANT)),
                file("g", Declaration("live", "", "", CROISSANT)),
                file("h"),
            ),
            elsewhere=(("gone", Declaration("data-absent", "MD5", "1" * 32, "x.dvc", "/outs/0")),),
        )
    )
    assert found["declared"] == [
        (
            "1 match, 2 mismatch, 1 matches only after line-ending change, 1 declared, data absent, 1 declaration malformed,"
            " 1 no hash declared, 1 live dataset, none expected; no manifest mentions 1 of 8 files"
        ),
        "mismatch: b, md5 dddddddddddd…, the data has cccccccccccc… (md5sums L2)",
        "mismatch: c, sha512 eeeeeeeeeeee…, the data has another (croissant.json /d/0)",
        "declaration malformed: d, sha256 sha256 (croissant.json)",
        "matches only after line-ending change: e, md5 ffffffffffff… (x.dvc)",
        "declared, data absent: gone, md5 111111111111… (x.dvc /outs/0)",
    ]


def test_mismatches_come_before_what_is_only_absent():
    absent = tuple((f"{n}", Declaration("data-absent", "MD5", "1" * 32, "x.dvc")) for n in range(50))
    found = shown(dataset(files=(file("z", Declaration("mismatch", "MD5", "d" * 32, "md5sums")),), elsewhere=absent))
    assert found["declared"][1].startswith("mismatch: z,")
    assert found["declared"][-1] == "and 31 more (-f json lists all)"
    assert len(found["declared"]) == 22


def test_everything_matches():
    found = shown(dataset(files=(file("a", Declaration("match", "MD5", "c" * 32, "md5sums")),)))
    assert found["declared"] == ["1 match"]


def test_sources():
    full = Source(
        "https://example.org/a", CROISSANT, "/d/0", "a.csv", (("SHA-256", "a" * 64),), 2_000,
        "2026-01-01T00:00:00Z", '"etag"', "https://example.org/b",
    )  # fmt: skip
    found = shown(dataset(sources=(full, Source("https://example.org/c", "x.dvc"))))
    assert found["sources"] == [
        (
            "https://example.org/a, became a.csv, retrieved 2026-01-01T00:00:00Z, sha256 aaaaaaaaaaaa…, 2.0 kB,"
            " led to https://example.org/b (croissant.json /d/0)"
        ),
        "https://example.org/c, time of retrieval not said, no digest (x.dvc)",
    ]


def test_unknown_fields_are_named_for_people():
    text = " ".join(shown(dataset(("name", "x", CARD)))["unknown"])
    assert "licence, " in text
    assert "personal and sensitive data" in text
    assert text.startswith("description, ")


def test_the_name_of_the_document_is_known():
    made = dataset(("license", "MIT", CARD))
    assert {"name", "version", "license"} & set(provenance.unknown(made)) == set()
    assert "version" in provenance.unknown(replace(made, version=None))


def test_no_part_grows_beyond_a_screen():
    number = 3_000
    made = dataset(
        *(("keyword", f"k{one}", CARD) for one in range(number)),
        *(("license", "MIT", CARD, "", None, f"s{one}") for one in range(number)),
        *(("name", f"n{one}", f"{one}.json") for one in range(number)),
        files=[file(f"f{one:05}", Declaration("mismatch", "MD5", "d" * 32, "md5sums")) for one in range(number)],
        manifests=tuple(Manifest(f"{one}.json", "croissant") for one in range(number)),
        sources=tuple(Source(f"https://example.org/{one}", CARD) for one in range(number)),
    )
    for lines in shown(made).values():
        assert len(lines) <= 22
        assert all(len(line) < 1_000 for line in lines)
    assert shown(made)["sources"][-1] == "and 2,980 more (-f json lists all)"
    assert shown(made)["manifests"][-1] == "and 2,980 more (-f json lists all)"


def test_json_has_all_of_it():
    declaration = Declaration("mismatch", "MD5", "d" * 32, "md5sums", "L2")
    source = Source("https://example.org/a", CROISSANT, "/d/0", digests=(("MD5", "a" * 32),))
    made = dataset(
        ("license", "CC-BY-4.0", CARD, "/license", "2026-01-01T00:00:00Z"),
        ("license", "MIT", CROISSANT),
        ("license", "CC-BY-4.0", "LICENSE"),
        ("license", "GPL-3.0-only", "raw/x.dvc", "", None, "raw"),
        files=(file("b", declaration), file("c")),
        manifests=(Manifest(CARD, "huggingface-card", None, "", "e" * 64),),
        sources=(source,),
        elsewhere=(("gone", declaration._replace(state="data-absent")),),
    )
    value = json.loads(dumps(provenance.as_dict(made)))
    assert value["manifests"] == [
        {"path": CARD, "reader": "huggingface-card", "version": None, "scope": "", "sha256": "e" * 64, "inside": True, "valid": None}
    ]  # fmt: skip
    (field,) = value["fields"]
    assert (field["field"], field["title"]) == ("license", "licence")
    assert field["values"] == [
        {"value": "CC-BY-4.0", "by": CARD, "pointer": "/license", "when": "2026-01-01T00:00:00Z"}
    ]
    assert [one["by"] for one in field["agreeing"]] == ["LICENSE"]
    assert [one["value"] for one in field["conflicting"]] == ["MIT"]
    assert [(one["field"], one["scope"], one["by"]) for one in value["of_parts"]] == [("license", "raw", "raw/x.dvc")]
    declared = value["declared"]
    assert declared["counts"] == dict.fromkeys(STATES, 0) | {"mismatch": 1, "data-absent": 1}
    assert declared["files_not_mentioned"] == 1
    assert [(one["path"], one["state"], one["found"]) for one in declared["hashes"]] == [
        ("b", "mismatch", "c" * 32),
        ("gone", "data-absent", None),
    ]
    assert value["sources"][0]["digests"] == {"MD5": "a" * 32}
    assert len(value["unknown"]) == len(FIELDS) - 3


def hostile(text):
    return dataset(
        ("license", text, text, text),
        ("license", text + "2", text + "2", text),
        ("creator", text, text, text),
        ("creator", text + "2", text + "2", text, None, text),
        files=(file(text, *(Declaration(state, text, text, text, text) for state in STATES)),),
        manifests=(Manifest(text, text, text, text, text, inside=False, valid=False),),
        sources=(Source(text, text, text, text, ((text, text),), 1, text, text, text + "2"),),
        elsewhere=((text, Declaration("data-absent", text, text, text, text)),),
    )


@pytest.mark.parametrize("text", [HOSTILE, "", " ", "\n", "\ud800", "a\u200bb", "=cmd()", "\x00"])
def test_hostile_texts(text):
    for lines in shown(hostile(text)).values():
        for line in lines:
            assert " ::error" not in line
            assert not line.startswith("::")
            assert "##[" not in line
            assert len(line) < 2_500
    assert json.loads(dumps(provenance.as_dict(hostile(text))))
    assert provenance.headline(hostile(text)).isprintable()


@given(st.text())
def test_any_text_is_one_printable_line(text):
    shown(hostile(text))
    flat = provenance.flat(text, 50)
    assert flat.isprintable()
    assert len(provenance.flat("x" * 100 + text, 50)) == 51


def test_the_dataset_is_left_as_it_was():
    made = hostile(HOSTILE)
    copy = replace(made)
    provenance.blocks(made)
    assert made == copy
