"""What manifests say, and what callers say, on the way into a document."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

import sbom
from sbom import api
from sbom.errors import DataError, UnreadableError, UnstableError, UsageError
from sbom.inventory import take
from sbom.manifests import huggingface_card
from sbom.provenance import BY_CONFIGURATION, BY_OPTION

if TYPE_CHECKING:
    from pathlib import Path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def data(tmp_path):
    root = tmp_path / "birds"
    root.mkdir()
    (root / "a.csv").write_bytes(b"x,y\n1,2\n")
    (root / "b.bin").write_bytes(bytes(range(256)) * 400)
    return root


def card(root: Path, text: str) -> None:
    (root / "README.md").write_text(f"---\n{text}\n---\n# A card\n", encoding="utf-8")


def declared(bom) -> dict[str, list[str]]:
    return {entry.path: [one.state for one in entry.declared] for entry in bom.dataset.files if entry.declared}


def test_without_manifests_nothing_is_known(data):
    bom = sbom.generate(data, cache=False)
    assert bom.dataset.name == "birds"
    assert bom.dataset.provenance.manifests == ()
    assert bom.dataset.provenance.assertions == ()
    assert "data-sbom:provenance" in json.dumps(bom.document)


def test_a_manifest_names_the_dataset_unless_the_caller_does(data):
    card(data, "pretty_name: Birds of Paradise\nlicense: cc0-1.0")
    assert sbom.generate(data, cache=False).dataset.name == "Birds of Paradise"
    bom = sbom.generate(data, name="mine", version="2", cache=False)
    assert (bom.dataset.name, bom.dataset.version) == ("mine", "2")
    names = [(one.value, one.manifest) for one in bom.dataset.provenance.about("name")]
    assert names == [("mine", BY_OPTION), ("Birds of Paradise", "README.md")]


def test_no_crawl_reads_nothing(data):
    card(data, "pretty_name: Birds\nlicense: cc0-1.0")
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n", encoding="utf-8")
    bom = sbom.generate(data, crawl_manifests=False, cache=False)
    assert bom.dataset.provenance.manifests == ()
    assert declared(bom) == {}


def test_what_the_caller_says_counts_first_and_the_configuration_next(data):
    card(data, "license: mit")
    bom = sbom.generate(
        data,
        provenance={"license": "CC0-1.0", "creator": ["Ada", "Grace"]},
        configured={"license": "Apache-2.0", "geography": "Norway"},
        cache=False,
    )
    assert [(one.value, one.manifest) for one in bom.dataset.provenance.about("license")] == [
        ("CC0-1.0", BY_OPTION),
        ("Apache-2.0", BY_CONFIGURATION),
        ("mit", "README.md"),
    ]
    assert [one.value for one in bom.dataset.provenance.about("creator")] == ["Ada", "Grace"]
    licenses = bom.document["metadata"]["component"]["licenses"]
    assert [one["license"]["id"] for one in licenses] == ["CC0-1.0"]


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"licence": "MIT"}, "not a provenance field"),
        ({"license": ""}, "empty"),
        ({"license": "a\x1b[2Jb"}, "control"),
        ({"license": ["MIT", "CC0-1.0"]}, "one value only"),
        ({"creator": ["ok", "\ud800"]}, "UTF-8"),
    ],
)
def test_what_a_caller_must_not_say(data, said, match):
    with pytest.raises(UsageError, match=match):
        sbom.generate(data, provenance=said, cache=False)


def test_a_mismatch_stops_and_names_file_manifest_algorithm_and_both_digests(data):
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n{'1' * 64}  b.bin\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        sbom.generate(data, cache=False)
    error = caught.value
    assert error.exit_code == 1
    assert [path for path, _ in error.problems] == ["a.csv", "b.bin"]
    for part in ("SHA256SUMS", "SHA-256", "0" * 64, sha256(b"x,y\n1,2\n")):
        assert part in error.problems[0][1]
    assert error.hint is not None and "--on-mismatch" in error.hint


def test_a_mismatch_may_be_recorded_instead(data):
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n", encoding="utf-8")
    bom = sbom.generate(data, on_mismatch="warn", cache=False)
    assert declared(bom) == {"a.csv": ["mismatch"]}
    assert any("a.csv" in warning and "0" * 64 in warning for warning in bom.warnings)
    with pytest.raises(UsageError, match="on-mismatch"):
        sbom.generate(data, on_mismatch="maybe", cache=False)


def test_weak_digests_of_manifests_are_checked_in_the_same_read_and_not_written_as_hashes(data):
    md5 = hashlib.md5((data / "b.bin").read_bytes(), usedforsecurity=False).hexdigest()
    (data / "md5sums.txt").write_text(f"{md5}  b.bin\n", encoding="utf-8")
    for _ in range(2):  # the second time from the cache
        bom = sbom.generate(data)
        assert declared(bom) == {"b.bin": ["match"]}
        entry = next(entry for entry in bom.dataset.files if entry.path == "b.bin")
        assert [name for name, _ in entry.digests] == ["SHA-256"]


def test_files_found_before_any_manifest_are_judged_too(data):
    # "sub" is walked last; its manifest cannot speak of files above it, but one the caller names can.
    (data / "sub").mkdir()
    md5 = hashlib.md5(b"deep", usedforsecurity=False).hexdigest()
    (data / "sub" / "deep.txt").write_bytes(b"deep")
    (data / "sub" / "deep.txt.md5").write_text(md5, encoding="utf-8")
    assert declared(sbom.generate(data, cache=False)) == {"sub/deep.txt": ["match"]}


def test_a_pointer_of_git_lfs_is_never_taken_for_data(data):
    oid = sha256(b"the real table")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 14\n"
    (data / "c.csv").write_text(pointer, encoding="utf-8")
    (data / "SHA256SUMS").write_text(f"{oid}  c.csv\n", encoding="utf-8")
    bom = sbom.generate(data, cache=False)
    assert set(declared(bom)["c.csv"]) == {"data-absent"}
    entry = next(entry for entry in bom.dataset.files if entry.path == "c.csv")
    assert entry.stats is None
    assert entry.media_type == "text/plain"
    assert entry.sha256 == sha256(pointer.encode()), "the inventory is about the bytes that are there"


def test_absent_data_is_said_and_nothing_is_made_of_it(data):
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  gone.csv\n", encoding="utf-8")
    bom = sbom.generate(data, cache=False)
    assert [(path, one.state) for path, one in bom.dataset.provenance.elsewhere] == [("gone.csv", "data-absent")]


def test_files_that_rules_leave_out_count_as_absent(data):
    (data / "SHA256SUMS").write_text(
        f"{sha256(b'x,y' + bytes([10]) + b'1,2' + bytes([10]))}  a.csv\n", encoding="utf-8"
    )
    bom = sbom.generate(data, exclude=["a.csv"], cache=False)
    assert [(path, one.state) for path, one in bom.dataset.provenance.elsewhere] == [("a.csv", "data-absent")]


def test_a_named_manifest_needs_the_crawl(data):
    with pytest.raises(UsageError, match="manifest"):
        sbom.generate(data, crawl_manifests=False, manifests=["x"], cache=False)


def test_the_same_data_gives_the_same_document(data, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    card(data, "license: mit\npretty_name: Birds")
    (data / "SHA256SUMS").write_text(f"{sha256((data / 'a.csv').read_bytes())}  a.csv\n", encoding="utf-8")
    first, second = (sbom.generate(data, reproducible=True, cache=False).to_bytes() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("spec_version", ["1.7", "1.6"])
def test_a_card_a_croissant_and_a_lock_give_one_document(data, tmp_path, spec_version):
    card(data, "license: cc0-1.0\npretty_name: Birds\ntask_categories: [tabular-classification]\nlanguage: [en]")
    (data / "croissant.json").write_text(
        json.dumps(
            {
                "@context": {"sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
                "@type": "sc:Dataset",
                "conformsTo": "http://mlcommons.org/croissant/1.0",
                "name": "birds",
                "description": "Birds, counted.",
                "license": "https://creativecommons.org/publicdomain/zero/1.0/",
                "url": "https://example.org/birds",
                "creator": {"@type": "sc:Person", "name": "Ada Lovelace"},
                "datePublished": "2024-05-01",
                "distribution": [
                    {
                        "@type": "cr:FileObject",
                        "@id": "a.csv",
                        "name": "a.csv",
                        "contentUrl": "a.csv",
                        "encodingFormat": "text/csv",
                        "sha256": sha256(b"x,y\n1,2\n"),
                    }
                ],
            }
        ),
        encoding="utf-8",
    )
    md5 = hashlib.md5(b"x,y\n1,2\n", usedforsecurity=False).hexdigest()
    (data / "dvc.lock").write_text(
        f"schema: '2.0'\nstages:\n  clean:\n    cmd: python clean.py\n    outs:\n    - path: a.csv\n      hash: md5\n"
        f"      md5: {md5}\n      size: 8\n",
        encoding="utf-8",
    )
    bom = sbom.generate(data, spec_version=spec_version, cache=False)
    provenance = bom.dataset.provenance
    named = {manifest.reader: manifest.path for manifest in provenance.manifests}
    assert named == {"croissant": "croissant.json", "huggingface-card": "README.md", "dvc": "dvc.lock"}
    assert {one.manifest for one in provenance.assertions} == set(named.values())
    assert declared(bom)["a.csv"] == ["match", "match"]
    path = tmp_path / "birds.cdx.json"
    bom.write(path)
    read = sbom.Bom.read(path)
    assert read.dataset.provenance == provenance
    assert read.dataset.files == bom.dataset.files


def test_what_the_caller_says_twice_of_the_name_is_a_mistake(data):
    for field, option in (("name", {"name": "a"}), ("version", {"version": "1"})):
        with pytest.raises(UsageError, match=f"{field} is given twice"):
            sbom.generate(data, provenance={field: "b"}, cache=False, **option)
    bom = sbom.generate(data, name="a", configured={"name": "b"}, cache=False)
    assert bom.dataset.name == "a"


def test_a_root_that_cannot_be_opened(data, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sbom.generation.files.open_root", refuse)
    with pytest.raises(UnreadableError, match="Permission denied"):
        sbom.generate(data, cache=False)
    with pytest.raises(UnreadableError, match="Permission denied"):
        api.crawl(data)


MEANWHILE = {
    "the manifest changes": lambda root: (root / "README.md").write_text("---\nlicense: cc0-1.0\n---\n"),
    "the manifest is replaced": lambda root: os.replace(root / "a.csv", root / "README.md"),
    "the manifest is removed": lambda root: (root / "README.md").unlink(),
    "a declared file changes": lambda root: (root / "a.csv").write_bytes(b"x,y\n9,9\n"),
    "a declared file is removed": lambda root: (root / "a.csv").unlink(),
    "another file changes": lambda root: (root / "b.bin").write_bytes(b"short"),
    "a file appears": lambda root: (root / "new.csv").write_bytes(b""),
    "a file becomes a link": lambda root: [
        (root / "b.bin").unlink(),
        (root / "b.bin").symlink_to("a.csv"),
    ],
}


@pytest.mark.parametrize("case", MEANWHILE)
@pytest.mark.parametrize("command", [sbom.generate, api.crawl], ids=["generate", "crawl"])
def test_whatever_changes_between_crawl_and_end_is_undecided(data, monkeypatch, case, command):
    card(data, "license: mit")
    (data / "SHA256SUMS").write_text(
        f"{sha256(b'x,y' + bytes([10]) + b'1,2' + bytes([10]))}  a.csv\n", encoding="utf-8"
    )
    read = huggingface_card.READER.__class__.read

    def then_change(self, given, reading):
        read(self, given, reading)
        MEANWHILE[case](data)

    monkeypatch.setattr(huggingface_card.READER.__class__, "read", then_change)
    with pytest.raises((UnstableError, UnreadableError)) as caught:
        command(data)
    assert caught.value.exit_code == 3


@pytest.fixture
def jobs(monkeypatch):
    """Record which files are read, and with which algorithms."""
    seen: list[tuple[str, tuple[str, ...]]] = []
    run = take.pool.run

    def recorded(root_fd, source, **options):
        def passed():
            for job in source:
                seen.append((job.path, job.algorithms))
                yield job

        return run(root_fd, passed(), **options)

    monkeypatch.setattr(take.pool, "run", recorded)
    return seen


@pytest.fixture
def many(tmp_path):
    """More files than one process hashes alone, half of them walked before their manifest."""
    root = tmp_path / "many"
    root.mkdir()
    contents = {f"{'az'[number % 2]}{number:04}": b"%d\n" % number for number in range(500)}
    for name, content in contents.items():
        (root / name).write_bytes(content)
    md5 = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in contents.items()}
    md5["a0000"] = md5["z0001"] = "0" * 32
    (root / "md5sums.txt").write_text("".join(f"{digest}  {name}\n" for name, digest in md5.items()), encoding="utf-8")
    time.sleep(0.05)  # what was written just now would wait anyway
    return root


def test_files_that_were_hashed_before_their_manifest_was_found_are_read_for_it_again(many, jobs):
    (many / "a0000.sha256").write_text(f"{sha256(bytes([48, 10]))}  a0000\n", encoding="utf-8")
    time.sleep(0.05)
    bom = sbom.generate(many, jobs=2, on_mismatch="warn", cache=False)
    counted = Counter(state for states in declared(bom).values() for state in states)
    assert counted == {"match": 499, "mismatch": 2}
    assert declared(bom)["a0000"] == ["match", "mismatch"]
    assert declared(bom)["z0001"] == ["mismatch"]
    assert {len(entry.digests) for entry in bom.dataset.files} == {1}
    by_path: dict[str, list[tuple[str, ...]]] = {}
    for path, algorithms in jobs:
        by_path.setdefault(path, []).append(algorithms)
    assert by_path["a0002"] == [("SHA-256",), ("MD5",)], "walked before the manifest"
    assert by_path["z0003"] == [("SHA-256", "MD5")], "walked after it"
    assert by_path["md5sums.txt"] == [("SHA-256",)]


def test_files_wait_for_a_manifest_that_the_caller_names(many, jobs, tmp_path):
    os.replace(many / "md5sums.txt", tmp_path / "md5sums.txt")
    text = (tmp_path / "md5sums.txt").read_text(encoding="utf-8").replace("  ", "  many/")
    (tmp_path / "md5sums.txt").write_text(text, encoding="utf-8")
    bom = sbom.generate(many, jobs=2, on_mismatch="warn", cache=False, manifests=[tmp_path / "md5sums.txt"])
    assert Counter(state for states in declared(bom).values() for state in states) == {"match": 498, "mismatch": 2}
    assert {algorithms for _, algorithms in jobs} == {("SHA-256", "MD5")}
    assert len(jobs) == 500, "each file is read once"


def test_what_processes_find_is_what_one_finds(many):
    alone, together = (sbom.generate(many, jobs=number, on_mismatch="warn", cache=False) for number in (1, 2))
    assert alone.dataset.files == together.dataset.files
    assert alone.dataset.root == together.dataset.root


def test_a_crawl_reads_only_what_is_declared_and_what_may_be_a_pointer(many, jobs):
    (many / "large").write_bytes(b"\0" * 5000)
    (many / "wanted").write_bytes(b"\0" * 5000)
    (many / "wanted.md5").write_text("0" * 32, encoding="utf-8")
    found = api.crawl(many)
    read = {path for path, _ in jobs}
    assert "large" not in read
    assert "md5sums.txt" not in read
    assert dict(jobs)["wanted"] == ("SHA-256", "MD5")
    assert len(jobs) == len(read) == 502, "each once"
    assert [one.path for one in found.crawled.mismatches] == ["a0000", "z0001", "wanted"]


def test_digests_of_manifests_come_from_the_cache_only_where_they_were_computed(data, jobs):
    (data / "b.bin.md5").write_text("0" * 32, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(DataError, match="MD5 is"):
            sbom.generate(data)
    (data / "b.bin.md5").unlink()
    (data / "b.bin.sha1").write_text("0" * 40, encoding="utf-8")
    with pytest.raises(DataError, match="SHA-1 is"):
        sbom.generate(data)


def test_many_mismatches_are_all_in_the_error_and_some_in_its_message(data, cli):
    for number in range(30):
        (data / f"f{number:02}").write_bytes(b"x")
    (data / "SHA256SUMS").write_text("".join(f"{'0' * 64}  f{number:02}\n" for number in range(30)), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        sbom.generate(data, cache=False)
    assert len(caught.value.problems) == 30
    ran = cli("generate", data)
    assert ran.code == 1
    assert ran.out == ""
    assert "and 10 more" in ran.err
    assert len(ran.err.splitlines()) < 25


def test_a_name_that_no_dataset_can_have_is_the_manifest_s_word_and_not_the_title(data):
    card(data, 'pretty_name: "\\u2028 \\u2029"')
    assert sbom.generate(data, cache=False).dataset.name == "birds"
    card(data, 'pretty_name: "two\\nlines"')
    assert sbom.generate(data, cache=False).dataset.name == "two lines"


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors where the system lists them")
def test_no_descriptor_is_left(data):
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n", encoding="utf-8")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(DataError):
            sbom.generate(data, cache=False)
        api.crawl(data)
    assert len(os.listdir("/proc/self/fd")) == before
