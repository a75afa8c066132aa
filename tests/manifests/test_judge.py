"""What became of each declared hash: the seven states, of files and of directories."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

import sbom
from sbom.errors import DataError, UnreadableError
from sbom.manifests import judge as judging
from sbom.manifests.digests import DVC_DIRECTORY
from sbom.manifests.given import Inventory
from sbom.manifests.interface import FileReader
from sbom.manifests.reading import Declared
from sbom.provenance import STATES


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def directory(files: dict[str, bytes]) -> str:
    """What DVC calls the hash of a directory, written down once more."""
    listed = ", ".join(f'{{"md5": "{md5(files[path])}", "relpath": {json.dumps(path)}}}' for path in sorted(files))
    return md5(f"[{listed}]".encode())


def pointer(data: bytes) -> bytes:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(data)}\nsize {len(data)}\n".encode()


class TestFiles:
    def test_each_of_the_seven_states(self, scripted, states):
        found = scripted(
            {"good": b"good", "bad": b"bad", "text": b"a\r\nb\r\n", "said": b"", "live": b""},
            ["declare", "good", "sha256", sha256(b"good")],
            ["declare", "bad", "sha256", sha256(b"other")],
            ["declare", "text", "sha256", sha256(b"a\nb\n")],
            ["declare", "gone", "sha256", sha256(b"gone")],
            ["declare", "good", "sha256", "https://example.org/issue"],
            ["mention", "said"],
            ["mention", "live", {"live": True}],
        )
        assert states(found) == {
            "good": ["match", "malformed"],
            "bad": ["mismatch"],
            "text": ["match-after-line-endings"],
            "gone": ["data-absent"],
            "said": ["not-declared"],
            "live": ["live"],
        }
        assert {state for all_of in states(found).values() for state in all_of} == set(STATES)
        assert found.crawled.mismatches == (("bad", "m.script", "SHA-256", sha256(b"other"), sha256(b"bad")),)

    @pytest.mark.parametrize(
        ("algorithm", "value"),
        [
            ("md5", hashlib.md5(b"x\n", usedforsecurity=False).hexdigest()),
            ("sha1", hashlib.sha1(b"x\n", usedforsecurity=False).hexdigest()),
            ("sha512", hashlib.sha512(b"x\n").hexdigest()),
            ("sha3-256", hashlib.sha3_256(b"x\n").hexdigest()),
            ("blake2b", hashlib.blake2b(b"x\n").hexdigest()),
            ("git-blob-SHA-1", hashlib.sha1(b"blob 2\0x\n", usedforsecurity=False).hexdigest()),
        ],
    )
    def test_every_algorithm_is_computed_of_the_file_itself(self, scripted, states, algorithm, value):
        wrong = value[:-1] + ("0" if value[-1] != "0" else "1")
        found = scripted({"f": b"x\n"}, ["declare", "f", algorithm, value], ["declare", "f", algorithm, wrong])
        assert states(found) == {"f": ["match", "mismatch"]}
        assert found.crawled.mismatches[0].found == value

    def test_an_algorithm_that_the_caller_asks_for_too_is_read_once(self, tmp_path):
        (tmp_path / "f").write_bytes(b"x")
        (tmp_path / "SHA512SUMS").write_text(f"{hashlib.sha512(b'x').hexdigest()}  f\n", encoding="utf-8")
        bom = sbom.generate(tmp_path, hashes=["sha512", "sha384", "SHA512"], cache=False)
        entry = next(entry for entry in bom.dataset.files if entry.path == "f")
        assert [one.state for one in entry.declared] == ["match"]
        assert [name for name, _ in entry.digests] == ["SHA-256", "SHA-512", "SHA-384"]
        (tmp_path / "SHA512SUMS").write_text(f"{'0' * 128}  f\n", encoding="utf-8")
        with pytest.raises(DataError, match="SHA-512 is"):
            sbom.generate(tmp_path, hashes=["sha512"], cache=False)

    def test_the_right_value_under_the_wrong_name_is_none(self, scripted, states):
        found = scripted({"f": b"f"}, ["declare", "f", "sha3-256", sha256(b"f")])
        assert states(found) == {"f": ["mismatch"]}

    @pytest.mark.parametrize("state", ["malformed", "not-declared", "live"])
    def test_what_a_reader_decided_stays(self, crawl, only, states, state):
        class Deciding(FileReader):
            name = "deciding"
            patterns = ("m",)

            def read(self, given, reading):
                reading.declared.append(Declared("f", "SHA-256", sha256(b"f"), "", None, state))

        only(Deciding())
        assert states(crawl({"f": b"f", "m": b""})) == {"f": [state]}

    def test_what_is_absent_is_absent_whatever_the_algorithm(self, scripted, states):
        found = scripted({"f": b"f"}, *[["declare", "gone/x", name, "0" * 40] for name in ("sha1", "git-blob-SHA-1")])
        assert states(found) == {"gone/x": ["data-absent"] * 2}

    def test_two_manifests_with_different_algorithms(self, scripted, states):
        first = scripted.script(["declare", "f", "md5", md5(b"f")])
        second = scripted.script(["declare", "f", "sha1", "0" * 40])
        found = scripted({"f": b"f", "a.script": first, "b.script": second})
        assert states(found) == {"f": ["match", "mismatch"]}
        assert [one.manifest for one in found.crawled.mismatches] == ["b.script"]
        (entry,) = [entry for entry in found.crawled.entries if entry.path == "f"]
        assert [(one.algorithm, one.manifest) for one in entry.declared] == [("MD5", "a.script"), ("SHA-1", "b.script")]

    def test_the_same_declaration_twice_counts_once_in_one_manifest_and_twice_in_two(self, scripted, states):
        one = ["declare", "f", "sha256", sha256(b"f")]
        tree = {"f": b"f", "a.script": scripted.script(one, one), "b.script": scripted.script(one)}
        assert states(scripted(tree)) == {"f": ["match", "match"]}

    def test_a_digest_that_matches_although_the_size_does_not(self, scripted, states):
        found = scripted(
            {"f\u202e": b"f"},
            ["declare", "f\u202e", "sha256", sha256(b"f"), {"size": 99}],
            ["declare", "f\u202e", "md5", md5(b"f"), {"size": 1}],
        )
        assert states(found) == {"f\u202e": ["match", "match"]}
        assert [w for w in found.crawled.warnings if "99" in w] == [
            "f\\u202e: m.script declares 99 bytes, and the digest of the 1 here"
        ]

    def test_what_a_pointer_stands_for_is_absent_and_the_pointer_itself_may_match(self, scripted, states):
        text = pointer(b"the data")
        found = scripted(
            {"f": text},
            ["declare", "f", "sha256", sha256(b"the data")],
            ["declare", "f", "md5", "0" * 32],
            ["declare", "f", "sha1", hashlib.sha1(text, usedforsecurity=False).hexdigest()],
        )
        assert sorted(states(found)["f"]) == ["data-absent", "data-absent", "data-absent", "match"]
        assert not found.crawled.mismatches

    def test_a_file_that_was_not_what_was_declared_is_read_again_once_for_each_algorithm(self, scripted, monkeypatch):
        asked = []
        real = judging.lineendings.digests
        monkeypatch.setattr(judging.lineendings, "digests", lambda *args: (asked.append(args[1:]), real(*args))[1])
        wrong = [["declare", "f", "sha256", f"{number:064x}"] for number in range(20)]
        found = scripted({"f": b"f\n", "g": b"g"}, *wrong, ["declare", "f", "md5", "0" * 32])
        assert len(found.crawled.mismatches) == 21
        assert sorted(asked) == [("f", "MD5"), ("f", "SHA-256")]

    def test_a_binary_file_has_no_line_endings(self, scripted, states):
        found = scripted({"f": b"\0a\r\n"}, ["declare", "f", "sha256", sha256(b"\0a\n")])
        assert states(found) == {"f": ["mismatch"]}

    def test_crlf_that_became_lf(self, scripted, states):
        found = scripted({"f": b"a\nb\n"}, ["declare", "f", "md5", md5(b"a\r\nb\r\n")])
        assert states(found) == {"f": ["match-after-line-endings"]}

    def test_a_file_that_cannot_be_read_again(self, scripted, monkeypatch):
        opened = Inventory.opened

        def refuse(self, path):
            if path == "f":
                raise PermissionError(13, "Permission denied")
            return opened(self, path)

        monkeypatch.setattr(Inventory, "opened", refuse)
        with pytest.raises(UnreadableError, match="Permission denied"):
            scripted({"f": b"f"}, ["declare", "f", "sha256", "0" * 64])

    def test_a_link_is_judged_by_what_it_leads_to(self, scripted, states, tmp_path):
        (tmp_path / "dataset").mkdir()
        os.symlink("real", tmp_path / "dataset" / "link")
        found = scripted(
            {"real": b"r"}, ["declare", "link", "sha256", sha256(b"r")], ["declare", "link", "md5", "0" * 32]
        )
        assert states(found) == {"link": ["match", "mismatch"]}


FILES = {"d/a": b"a\n", "d/sub/b": b"b\n", "d/\u00fc": b"\0"}
INSIDE = {path[2:]: content for path, content in FILES.items()}


class TestDirectories:
    def judged(self, scripted, states, tree, value, path="d", **options):
        found = scripted(tree, ["declare", path, DVC_DIRECTORY, value], **options)
        (state,) = states(found)[path]
        assert [(one, declared.state) for one, declared in found.crawled.provenance.elsewhere] == [(path, state)]
        assert bool(found.crawled.mismatches) == (state == "mismatch")
        return state, found

    def test_match(self, scripted, states):
        assert self.judged(scripted, states, FILES, directory(INSIDE))[0] == "match"

    @pytest.mark.parametrize("change", ["content", "added", "removed", "renamed"])
    def test_mismatch(self, scripted, states, change):
        tree = dict(FILES)
        if change == "content":
            tree["d/a"] = b"b\n"
        elif change == "added":
            tree["d/.x"] = b""
        else:
            content = tree.pop("d/a")
            if change == "renamed":
                tree["d/c"] = content
        state, found = self.judged(scripted, states, tree, directory(INSIDE))
        assert state == "mismatch"
        now = directory({path[2:]: content for path, content in tree.items()})
        assert found.crawled.mismatches == (("d", "m.script", DVC_DIRECTORY, directory(INSIDE), now),)

    def test_the_neighbour_with_the_same_beginning_is_not_in_it(self, scripted, states):
        tree = {**FILES, "d-2/x": b"", "d.x": b"", "d0": b""}
        assert self.judged(scripted, states, tree, directory(INSIDE))[0] == "match"

    def test_absent(self, scripted, states):
        assert self.judged(scripted, states, {"other": b""}, "0" * 32)[0] == "data-absent"

    def test_a_file_in_the_place_of_a_directory(self, scripted, states):
        assert self.judged(scripted, states, {"d": b""}, "0" * 32)[0] == "data-absent"

    @pytest.mark.parametrize("value", ["match", "mismatch"])
    def test_a_pointer_inside(self, scripted, states, value):
        tree = {**FILES, "d/p": pointer(b"p")}
        digest = directory({**INSIDE, "p": tree["d/p"]}) if value == "match" else "0" * 32
        found = scripted(tree, ["declare", "d", DVC_DIRECTORY, digest])
        assert states(found)["d"] == ["data-absent"]

    def test_rules_that_left_files_out(self, scripted, states):
        tree = {**FILES, "d/left": b"x"}
        state, _ = self.judged(scripted, states, tree, directory({**INSIDE, "left": b"x"}), exclude=("d/left",))
        assert state == "data-absent"

    def test_rules_that_left_files_out_elsewhere_leave_a_match(self, scripted, states):
        tree = {**FILES, "left": b"x"}
        assert self.judged(scripted, states, tree, directory(INSIDE), exclude=("left",))[0] == "match"

    @pytest.mark.parametrize("ends", ["lf", "crlf"])
    def test_line_endings(self, scripted, states, ends):
        here, there = (b"\r\n", b"\n") if ends == "lf" else (b"\n", b"\r\n")
        tree = {"d/a": b"1" + here + b"2" + here, "d/bin": b"\0" + here}
        declared = directory({"a": b"1" + there + b"2" + there, "bin": b"\0" + here})
        assert self.judged(scripted, states, tree, declared)[0] == "match-after-line-endings"

    def test_the_root_itself(self, scripted, states, tmp_path):
        outside = tmp_path / "data.script"
        outside.write_bytes(scripted.script(["declare", "dataset", DVC_DIRECTORY, directory(FILES)]))
        assert states(scripted(FILES, manifests=(str(outside),))) == {"": ["match"]}
        outside.write_bytes(scripted.script(["declare", "dataset", DVC_DIRECTORY, "0" * 32]))
        found = scripted(FILES, manifests=(str(outside),))
        assert states(found) == {"": ["mismatch"]}
        assert found.crawled.mismatches[0].path == "."

    def test_a_directory_is_listed_once_however_often_it_is_declared(self, scripted, monkeypatch):
        listed = []
        below = Inventory.below
        monkeypatch.setattr(Inventory, "below", lambda self, path: (listed.append(path), below(self, path))[1])
        calls = [["declare", "d", DVC_DIRECTORY, f"{number:032x}"] for number in range(50)]
        found = scripted(FILES, *calls)
        assert len(found.crawled.mismatches) == 50
        assert len(listed) <= 3  # for what is to be hashed, for the digest, and for its line endings

    def test_a_malformed_one(self, scripted, states):
        assert states(scripted(FILES, ["declare", "d", DVC_DIRECTORY, "x"])) == {"d": ["malformed"]}
