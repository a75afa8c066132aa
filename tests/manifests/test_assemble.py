"""From what the crawl found to what is known: order, verdicts, and what a person is told."""

from __future__ import annotations

import hashlib

import pytest

import sbom
from sbom.errors import DataError
from sbom.manifests.assemble import Rejected
from sbom.provenance import Assertion, Source


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pointer(data: bytes) -> bytes:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(data)}\nsize {len(data)}\n".encode()


def test_without_a_manifest_there_is_nothing(scripted):
    crawled = scripted({"a": b"a"}).crawled
    assert crawled.provenance.manifests == crawled.provenance.assertions == ()
    assert [entry.path for entry in crawled.entries] == ["a"]


def test_everything_that_was_collected_arrives(scripted):
    inner = scripted.script(["say", "name", "part", "/name"])
    found = scripted(
        {"f": b"f", "sub/m.script": inner},
        ["say", "name", "whole", "/n", {"when": "2024-05-01"}],
        ["declare", "f", "sha256", sha256(b"f"), "/f"],
        [
            "source",
            "https://example.org/f",
            "/s",
            {
                "path": "f",
                "hashes": [["md5", "0" * 32]],
                "size": 1,
                "retrieved": "t",
                "etag": "e",
                "final_url": "urn:x",
            },
        ],
    )
    provenance = found.crawled.provenance
    assert provenance.assertions == (
        Assertion("name", "whole", "m.script", "/n", "2024-05-01"),
        Assertion("name", "part", "sub/m.script", "/name", None, "sub"),
    )
    assert provenance.sources == (
        Source("https://example.org/f", "m.script", "/s", "f", (("MD5", "0" * 32),), 1, "t", "e", "urn:x"),
    )
    assert [(one.path, one.scope) for one in provenance.manifests] == [("m.script", ""), ("sub/m.script", "sub")]
    (entry,) = [entry for entry in found.crawled.entries if entry.path == "f"]
    assert [(one.state, one.manifest, one.pointer) for one in entry.declared] == [("match", "m.script", "/f")]


def test_a_manifest_s_digest_is_that_of_its_bytes(tmp_path):
    (tmp_path / "README.md").write_bytes(b"---\nlicense: mit\n---\n")
    bom = sbom.generate(tmp_path, cache=False)
    assert [one.sha256 for one in bom.dataset.provenance.manifests] == [sha256(b"---\nlicense: mit\n---\n")]


def test_a_pointer_is_a_manifest_too(scripted, states):
    found = scripted({"p": pointer(b"data")})
    assert states(found) == {"p": ["data-absent"]}
    assert [(manifest.path, manifest.reader) for manifest, _ in found.readings] == [("p", "lfs")]
    assert [one.path for one in found.crawled.provenance.manifests] == ["p"]


class TestVerdict:
    def verdict(self, scripted, tree, *calls):
        found = scripted(tree, *calls)
        (manifest,) = found.crawled.provenance.manifests
        return manifest.valid, found.crawled.rejected

    @pytest.mark.parametrize("value", [sha256(b"g"), "0" * 64, "x"])
    def test_a_format_without_rules_of_its_own_has_none(self, scripted, value):
        assert self.verdict(scripted, {"f": b"g"}, ["declare", "f", "sha256", value]) == (None, ())

    def test_valid(self, scripted):
        assert self.verdict(scripted, {"f": b"f"}, ["valid"], ["declare", "f", "sha256", sha256(b"f")]) == (True, ())

    @pytest.mark.parametrize(
        ("path", "value"),
        [("f", "0" * 64), ("gone", "0" * 64), ("f", "none"), ("f", sha256(b"f\r\n"))],
        ids=["mismatch", "absent", "malformed", "line endings"],
    )
    def test_whatever_is_not_as_listed_makes_it_invalid(self, scripted, path, value):
        valid, rejected = self.verdict(scripted, {"f": b"f\n"}, ["valid"], ["declare", path, "sha256", value])
        assert valid is False
        assert rejected == (Rejected("m.script", "files that it lists are absent or differ"),)

    def test_a_file_without_a_digest_is_no_fault(self, scripted):
        assert self.verdict(scripted, {"f": b"f"}, ["valid"], ["mention", "f"]) == (True, ())

    def test_rejections_are_told_one_by_one(self, scripted):
        valid, rejected = self.verdict(
            scripted, {}, ["valid"], ["reject", "no"], ["problem", "odd"], ["reject", "never"]
        )
        assert valid is False
        assert [one.reason for one in rejected] == ["no", "never"]

    def test_a_rejection_is_final_and_is_not_told_twice(self, scripted):
        calls = ["reject", "no"], ["valid"], ["declare", "f", "sha256", "0" * 64]
        assert self.verdict(scripted, {"f": b"f"}, *calls) == (False, (Rejected("m.script", "no"),))

    def test_a_reader_that_says_no_more_than_no(self, only, crawl):
        class No:
            name = "no"
            patterns = ("no",)

            def accepts(self, path, head):
                return True

            scope = further = lambda self, path: ""

            def read(self, given, reading):
                reading.valid = False

        only(No())
        assert crawl({"no": b""}).crawled.rejected == (Rejected("no", "its reader rejects it"),)

    def test_rejection_stops_generate_and_may_be_recorded(self, only, tmp_path):
        class No:
            name = "no"
            patterns = ("no",)

            def accepts(self, path, head):
                return True

            scope = further = lambda self, path: ""

            def read(self, given, reading):
                reading.reject("it is not \u202e right")

        only(No())
        (tmp_path / "no").write_bytes(b"")
        with pytest.raises(DataError, match="is not valid: it is not") as caught:
            sbom.generate(tmp_path, cache=False)
        assert (caught.value.exit_code, caught.value.path) == (1, "no")
        bom = sbom.generate(tmp_path, on_mismatch="warn", cache=False)
        assert "no: is not valid: it is not \\u202e right" in bom.warnings
        assert [one.valid for one in bom.dataset.provenance.manifests] == [False]

    def test_one_outside_is_not_judged_by_one_of_the_same_name_inside(self, scripted, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "m.script").write_bytes(scripted.script(["valid"], ["say", "name", "outside"]))
        found = scripted(
            {"f": b"f"},
            ["valid"],
            ["say", "name", "inside"],
            ["declare", "f", "sha256", "0" * 64],
            manifests=("m.script", "./m.script", "m.script"),
        )
        told = {one.path: (one.inside, one.valid) for one in found.crawled.provenance.manifests}
        assert told == {"m.script": (True, False), "../m.script": (False, True)}
        assert len(found.readings) == 2


class TestProblems:
    def test_they_name_file_and_place_and_steer_nothing(self, scripted):
        found = scripted({}, ["problem", "bad \x1b[2J\u202e", "/a\x1b"], ["problem", "worse"])
        assert found.crawled.warnings == ("m.script: bad \\x1b[2J\\u202e (/a\\x1b)", "m.script: worse")

    def test_only_the_first_are_told_and_the_others_counted(self, scripted):
        tree = {f"{number}/m.script": scripted.script(*[["problem", "x"]] * 5) for number in range(10)}
        warnings = scripted(tree).crawled.warnings
        assert len(warnings) == 21
        assert warnings[-1] == "and 30 more of the kind; data-sbom crawl lists all"

    def test_doubts_are_capped_apart_from_them(self, scripted):
        tree = {f"f{number:02}": b"f" for number in range(25)}
        calls = [["declare", path, "sha256", sha256(b"f"), {"size": 2}] for path in tree]
        warnings = scripted(tree, ["problem", "x"], *calls).crawled.warnings
        assert len(warnings) == 22
        assert warnings[0] == "m.script: x"
        assert warnings[-1].startswith("and 5 more")

    def test_exactly_as_many_as_are_shown_are_not_counted(self, scripted):
        assert len(scripted({}, *[["problem", "x"]] * 20).crawled.warnings) == 20


def test_files_that_nothing_is_declared_of_stay_what_they_are(scripted):
    tree = {"a": b"a", "b": b"b"}
    with_one = scripted(tree, ["mention", "a"]).crawled.entries
    assert [(entry.path, len(entry.declared)) for entry in with_one] == [("a", 1), ("b", 0), ("m.script", 0)]
    assert [entry.size for entry in with_one[:2]] == [1, 1]
    assert [entry.sha256 for entry in with_one[:2]] == [sha256(b"a"), sha256(b"b")]
