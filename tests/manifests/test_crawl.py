"""The crawl itself: which files are looked into, what readers are given, and that nothing they do ends it."""

from __future__ import annotations

import hashlib
import os
import sys

import pytest

from sbom.errors import DataError, UnreadableError, UnstableError, UsageError
from sbom.inventory import files, take, walk
from sbom.manifests import crawl as crawling
from sbom.manifests import registry
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Listing(FileReader):
    """A made-up format: lines ``NAME HEX``."""

    name = "listing"
    patterns = ("listing.txt", "*.listing", "_lists/*")

    def read(self, given, reading):
        for number, line in enumerate(given.text().splitlines(), 1):
            name, _, value = line.partition(" ")
            path = given.resolve(name)
            if path is None:
                reading.problem(f"{name!r} leads outside", f"L{number}")
            elif value:
                reading.declare(path, "sha256", value, f"L{number}")
            else:
                reading.mention(path, f"L{number}")


class Broken(FileReader):
    name = "broken"
    patterns = ("*.listing", "other.bin")

    def accepts(self, path, head):
        return head.startswith((b"!", b"?"))

    def read(self, given, reading):
        reading.say("name", "half")
        if given.head(1) == b"?":
            raise OtherFormatError("not mine")
        raise ZeroDivisionError("oops")


@pytest.fixture
def only(monkeypatch):
    """Have these readers, and no others."""

    def use(*readers):
        lfs = [one for one in registry.readers()[0] if one.name == "lfs"]
        monkeypatch.setattr(registry, "readers", lambda: ([*readers, *lfs], []))

    return use


def states(found):
    declared = {entry.path: [one.state for one in entry.declared] for entry in found.crawled.entries if entry.declared}
    for path, one in found.crawled.provenance.elsewhere:
        declared.setdefault(path, []).append(one.state)
    return declared


def test_by_name_suffix_and_directory(crawl, only):
    only(Listing())
    tree = {"listing.txt": "", "sub/X.LISTING": "", "_lists/anything": "", "listing.txt.bak": "", "plain": ""}
    found = crawl(tree)
    assert sorted(manifest.path for manifest, _ in found.readings) == [
        "_lists/anything",
        "listing.txt",
        "sub/X.LISTING",
    ]


def test_each_state_of_a_plain_file(crawl, only):
    only(Listing())
    tree = {
        "good": b"good",
        "bad": b"bad",
        "text": b"a\r\nb\r\n",
        "said": b"",
        "listing.txt": "\n".join(
            [
                f"good {sha256(b'good')}",
                f"bad {sha256(b'other')}",
                f"text {sha256(b'a' + bytes([10]) + b'b' + bytes([10]))}",
                f"gone {sha256(b'gone')}",
                "good sha256",
                "said",
            ]
        ),
    }
    found = crawl(tree)
    assert states(found) == {
        "good": ["match", "malformed"],
        "bad": ["mismatch"],
        "text": ["match-after-line-endings"],
        "gone": ["data-absent"],
        "said": ["not-declared"],
    }
    (mismatch,) = found.crawled.mismatches
    assert mismatch == ("bad", "listing.txt", "SHA-256", sha256(b"other"), sha256(b"bad"))


def test_a_manifest_speaks_for_its_own_subtree(crawl, only):
    only(Listing())
    tree = {
        "top": b"top",
        "sub/inner": b"inner",
        "sub/listing.txt": f"../top {sha256(b'x')}\n./inner {sha256(b'inner')}\n/etc/passwd x\n../../out x\nx/../inner",
    }
    found = crawl(tree)
    assert states(found) == {"sub/inner": ["match", "not-declared"]}
    problems = [problem for _, reading in found.readings for problem in reading.problems]
    assert [problem.pointer for problem in problems] == ["L1", "L3", "L4"]


@pytest.mark.parametrize("name", ["a\\b", "", "C:x", "x/../../y", "\0", "//x", "x\n"])
def test_what_never_resolves(crawl, only, name):
    class One(Listing):
        def read(self, given, reading):
            assert given.resolve(name) is None
            assert given.resolve(5) is None
            reading.say("name", "asked")

    only(One())
    found = crawl({"listing.txt": ""})
    assert [one.value for one in found.crawled.provenance.assertions] == ["asked"]


def test_a_link_out_of_the_root_is_not_followed(crawl, only, tmp_path):
    only(Listing())
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (tmp_path / "dataset").mkdir()
    os.symlink(tmp_path / "secret", tmp_path / "dataset" / "listing.txt")
    with pytest.raises(DataError, match="outside"):
        crawl({"x": "x"})


def test_a_link_inside_is_read_and_its_target_known(crawl, only, tmp_path):
    class Looking(Listing):
        def read(self, given, reading):
            reading.say("name", f"{given.link('listing.txt')} {given.link('real')} {given.link('gone')}")
            assert given.other("real") == given.data() == b"here"
            assert given.exists("real") and not given.exists("gone")
            assert given.size("real") == 4 and given.size("gone") is None
            assert list(given.below("")) == ["listing.txt", "real", "s/u/b"] and list(given.below("s")) == ["s/u/b"]
            assert given.root_name == "dataset"

    only(Looking())
    (tmp_path / "dataset").mkdir()
    os.symlink("real", tmp_path / "dataset" / "listing.txt")
    found = crawl({"real": "here", "s/u/b": ""})
    assert not found.crawled.warnings
    assert [one.value for one in found.crawled.provenance.assertions] == ["real None None"]


def test_sizes_are_bounded(crawl, only):
    class Large(Listing):
        def read(self, given, reading):
            for ask in (lambda: given.data(3), lambda: given.other("listing.txt", 3), lambda: given.other("gone")):
                with pytest.raises(ManifestError):
                    ask()
            assert given.head(3) == b"abc"
            assert given.head(100) == b"abcdef"
            given.data(5)

    only(Large())
    (_, reading), *_ = crawl({"listing.txt": "abcdef"}).readings
    assert [problem.message for problem in reading.problems] == ["has 6 bytes; at most 5 are read"]


def test_whatever_a_reader_raises_is_told_and_the_crawl_goes_on(crawl, only):
    only(Broken(), Listing())
    found = crawl({"a.listing": "!", "other.bin": "!", "b.listing": "", "listing.txt": b"\xff"})
    told = {manifest.path: [p.message for p in reading.problems] for manifest, reading in found.readings}
    assert told["a.listing"] == told["other.bin"] == ["the reader failed: ZeroDivisionError: oops"]
    assert told["listing.txt"] == ["is not UTF-8 (byte 0)"]
    assert [one.value for one in found.crawled.provenance.assertions] == ["half", "half"]


def test_a_reader_that_takes_it_back_leaves_the_file_to_the_next(crawl, only):
    only(Broken(), Listing())
    found = crawl({"a.listing": "?", "other.bin": "?"})
    assert [(manifest.reader, manifest.path) for manifest, _ in found.readings] == [("listing", "a.listing")]
    assert not found.crawled.provenance.assertions, "what it had said does not count"


def test_many_files_of_a_common_suffix_are_data(crawl, only, monkeypatch):
    class Json(Listing):
        patterns = ("*.json",)

    only(Json())
    monkeypatch.setattr(crawling, "MAX_SNIFFED_PER_DIRECTORY", 3)
    found = crawl({f"d/{number}.json": "" for number in range(10)} | {"one.json": ""})
    assert len(found.readings) == 4
    assert "7 files were not looked into" in found.crawled.warnings[0]


def test_a_manifest_that_the_caller_names(crawl, only, tmp_path):
    only(Listing())
    tree = {"in/a": b"a"}
    outside = tmp_path / "my.listing"
    outside.write_text(f"dataset/in/a {sha256(b'a')}\nelsewhere {sha256(b'a')}\n", encoding="utf-8")
    found = crawl(tree, manifests=(str(outside),))
    assert states(found) == {"in/a": ["match"]}
    (manifest,) = found.crawled.provenance.manifests
    assert not manifest.inside
    assert manifest.sha256 == sha256(outside.read_bytes())


@pytest.mark.parametrize("name", ["gone.listing", "."])
def test_a_named_manifest_that_cannot_be_read_is_a_mistake_of_the_caller(crawl, only, tmp_path, name):
    only(Listing())
    with pytest.raises(UsageError):
        crawl({"a": "a"}, manifests=(str(tmp_path / name),))


def test_a_named_file_that_is_no_manifest_is_told(crawl, only, tmp_path):
    only(Listing())
    (tmp_path / "prose").write_text("x", encoding="utf-8")
    found = crawl({"a": "a"}, manifests=(str(tmp_path / "prose"),))
    assert "no reader takes it for a manifest" in found.crawled.warnings[0]


def test_a_named_manifest_inside_is_read_once(crawl, only, tmp_path):
    only(Listing())
    found = crawl({"listing.txt": "", "a": ""}, manifests=(str(tmp_path / "dataset/listing.txt"),))
    assert len(found.readings) == 1


def test_manifests_stand_in_order_of_precedence(crawl, only):
    class First(Listing):
        name = "first"
        patterns = ("first.txt",)

    only(First(), Listing())
    found = crawl({"a/first.txt": "", "listing.txt": "", "first.txt": "", "b/listing.txt": "", "a.listing": ""})
    order = [manifest.path for manifest, _ in found.readings]
    assert order == ["first.txt", "a.listing", "listing.txt", "a/first.txt", "b/listing.txt"]


def test_only_declared_files_are_read(crawl, only, monkeypatch):
    only(Listing())
    tree = {"declared": b"d" * 2000, "other": b"o" * 2000, "listing.txt": f"declared {sha256(b'd' * 2000)}"}
    found = crawl(tree)
    assert "other" not in {entry.path for entry in found.crawled.entries}
    assert states(found) == {"declared": ["match"]}


class _Point:
    def __init__(self, load):
        self.value = "their:reader"
        self.load = load


def test_readers_of_other_distributions(monkeypatch):
    class Theirs(Listing):
        name = "theirs"

    def broken():
        raise ImportError("no such module")

    class Taken(Listing):
        name = "lfs"

    class Incomplete:
        name = "incomplete"

    points = [_Point(Theirs), _Point(broken), _Point(Taken), _Point(Incomplete)]
    points[0].load = Theirs
    points[2].load = Taken
    points[3].load = Incomplete
    monkeypatch.setattr(registry, "points", lambda _group: points)
    readers, problems = registry.readers()
    names = [reader.name for reader in readers]
    assert "theirs" in names
    assert names.count("lfs") == 1
    assert "incomplete" not in names
    assert len(problems) == 3
    assert "ImportError: no such module" in problems[0]
    assert names[-1] == "theirs", "ours come first"


def test_an_installed_distribution_brings_a_reader(crawl, tmp_path, monkeypatch):
    site = tmp_path / "site"
    (site / "their-1.0.dist-info").mkdir(parents=True)
    (site / "their-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: their\nVersion: 1.0\n", "utf-8"
    )
    (site / "their-1.0.dist-info" / "entry_points.txt").write_text(
        "[data_sbom.manifests]\nlisting = their_reader:READER\n", encoding="utf-8"
    )
    (site / "their_reader.py").write_text(
        "from sbom.manifests.interface import FileReader\n\n"
        "class R(FileReader):\n    name = 'their'\n    patterns = ('their.txt',)\n\n"
        "    def read(self, given, reading):\n        reading.say('name', given.text())\n\nREADER = R()\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(site)
    found = crawl({"their.txt": "Theirs"})
    assert [(one.value, one.manifest) for one in found.crawled.provenance.assertions] == [("Theirs", "their.txt")]
    sys.modules.pop("their_reader")


def test_every_reader_of_ours_says_what_it_is():
    readers, problems = registry.readers()
    assert not problems
    assert len({reader.name for reader in readers}) == len(readers) == len(registry.MODULES)
    for reader in readers:
        assert reader.name == reader.name.lower() and " " not in reader.name
        for pattern in reader.patterns:
            assert pattern == pattern.lower()
            assert pattern.count("*") == (1 if pattern.startswith("*.") or pattern.endswith("/*") else 0)


def test_manifests_are_counted(crawl, only, monkeypatch):
    only(Listing())
    monkeypatch.setattr(crawling, "MAX_MANIFESTS", 2)
    found = crawl({f"{number}.listing": "" for number in range(5)})
    assert len(found.readings) == 2
    assert "more than 2 manifests" in found.crawled.warnings[0]


def test_files_that_are_looked_into_are_counted_altogether(crawl, only, monkeypatch):
    class Json(Listing):
        patterns = ("*.json",)

    only(Json())
    monkeypatch.setattr(crawling, "MAX_SNIFFED", 3)
    found = crawl({f"{number}/x.json": "" for number in range(5)})
    assert len(found.readings) == 3
    assert "2 files were not looked into" in found.crawled.warnings[0]


def test_a_manifest_that_vanished_is_told_before_the_end_says_so(crawl, only, monkeypatch):
    only(Listing())
    settle = crawling.Crawler._settle
    crawlers = []

    def vanish(self, tree):
        settle(self, tree)
        os.remove(os.path.join(self._place.root, "listing.txt"))
        crawlers.append(self)

    monkeypatch.setattr(crawling.Crawler, "_settle", vanish)
    with pytest.raises((UnstableError, UnreadableError)) as caught:
        crawl({"listing.txt": "", "a": ""})
    assert caught.value.path == "listing.txt"
    assert crawlers[0].warnings == ["listing.txt: cannot be read: No such file or directory"]


def test_a_file_that_changes_under_a_reader_ends_the_crawl(crawl, only, tmp_path):
    class Changing(Listing):
        def read(self, given, reading):
            (tmp_path / "dataset" / "other").write_bytes(b"more than before")
            given.other("other")

    only(Changing())
    with pytest.raises(UnstableError, match="changed before"):
        crawl({"listing.txt": "", "other": "x"})


def test_what_was_written_just_now_is_read_a_tick_later(tmp_path, only, monkeypatch):
    only(Listing())
    (tmp_path / "listing.txt").write_bytes(b"")
    place = walk.locate(str(tmp_path))
    root_fd = os.open(tmp_path, os.O_RDONLY)
    tree = take.walk(place, root_fd, walk.Options())
    written = tree.files["listing.txt"].state[5]
    slept = []
    monkeypatch.setattr(crawling.time, "sleep", slept.append)
    try:
        for since in (0, files.TICK_NS - 1, files.TICK_NS, 10**12):
            monkeypatch.setattr(crawling.time, "time_ns", lambda since=since: written + since)
            crawler = crawling.Crawler(place)
            crawler.sees("listing.txt")
            crawler.wants(root_fd, tree)
            slept.append(since)
    finally:
        os.close(root_fd)
    tick = files.TICK_NS / 1e9
    assert slept == [tick, 0, tick, files.TICK_NS - 1, files.TICK_NS, 10**12]


@pytest.mark.parametrize("spelling", ["{0}/x.listing", "{0}/../{1}/x.listing", "./x.listing"])
def test_a_manifest_elsewhere_is_read_once_however_it_is_spelt(crawl, only, tmp_path, monkeypatch, spelling):
    only(Listing())
    (tmp_path / "x.listing").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    second = spelling.format(tmp_path, tmp_path.name)
    found = crawl({"a": ""}, manifests=(str(tmp_path / "x.listing"), second))
    assert [manifest.path for manifest, _ in found.readings] == ["../x.listing"]
