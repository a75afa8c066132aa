"""Readers of other distributions: whatever they are and do, the crawl goes on and says so."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sbom
from sbom.inventory.walk import Place
from sbom.manifests import registry
from sbom.manifests.crawl import Crawler
from sbom.manifests.interface import FileReader


class Point:
    """An entry point that brings an object."""

    value = "their:reader"

    def __init__(self, brought):
        self.brought = brought

    def load(self):
        return self.brought


class Theirs(FileReader):
    name = "theirs"
    patterns = ("*.theirs",)

    def read(self, given, reading):
        reading.say("name", "theirs")


@pytest.fixture
def bring(monkeypatch):
    def points(*brought):
        monkeypatch.setattr(registry, "points", lambda _group: [Point(one) for one in brought])

    return points


def variant(**attributes):
    return type("Variant", (Theirs,), attributes)()


NONSENSE = {
    "None": None,
    "a class": Theirs.__mro__[1],
    "a number": 5,
    "no name": variant(name=None),
    "a list for a name": variant(name=[]),
    "no patterns": variant(patterns=None),
    "patterns of numbers": variant(patterns=(5,)),
    "our name": variant(name="dvc"),
    "a name that raises": variant(name=property(lambda self: 1 / 0)),
    "patterns that raise": variant(patterns=property(lambda self: 1 / 0)),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_what_is_no_reader_is_told_and_left_out(bring, crawl, case):
    bring(NONSENSE[case], Theirs())
    found = crawl({"a.theirs": b"", "dvc.yaml": b"{}"})
    assert [manifest.reader for manifest, _ in found.readings] == ["dvc", "theirs"]
    assert len([w for w in found.crawled.warnings if "their:reader" in w]) == 1


def test_one_that_steers_terminals_is_shown_escaped(bring, crawl):
    def refuse(self):
        raise RuntimeError("\x1b[2J\u202e")

    bring(variant(name=property(refuse)))
    warnings = crawl({"a": b""}).crawled.warnings
    assert all(warning.isprintable() for warning in warnings)
    assert len(warnings) == 1


def test_two_of_one_name(bring, crawl):
    bring(Theirs(), Theirs())
    found = crawl({"a.theirs": b""})
    assert len(found.readings) == 1
    assert "its name is taken" in found.crawled.warnings[0]


def raising(*_):
    raise ZeroDivisionError("oops")


@pytest.mark.parametrize("method", ["accepts", "scope", "read"])
def test_one_that_raises(bring, crawl, method):
    bring(variant(**{method: raising}))
    found = crawl({"a.theirs": b"", "README.md": b"---\nlicense: mit\n---\n"})
    assert [one.field for one in found.crawled.provenance.assertions] == ["license"]
    assert found.crawled.warnings == ("a.theirs: the reader failed: ZeroDivisionError: oops",)


def test_one_that_raises_while_the_walk_goes_on(bring, crawl):
    bring(variant(further=raising))
    assert Crawler(Place("/", None)).sees("a.theirs"), "files wait, to be on the safe side"
    found = crawl({"a.theirs": b"", "b.theirs": b""})
    assert [one.value for one in found.crawled.provenance.assertions] == ["theirs", "theirs"]
    assert found.crawled.warnings == ("the reader theirs failed: ZeroDivisionError: oops",), "once"


@pytest.mark.parametrize("scope", ["/", "..", "b", "a", 5, "su", "sub/", "sub/a.theirs", "\x1b"])
def test_a_scope_that_is_none(bring, crawl, scope):
    bring(variant(scope=lambda self, path: scope))
    found = crawl({"sub/a.theirs": b""})
    assert "is no directory above the manifest" in found.crawled.warnings[0]
    assert not found.crawled.provenance.assertions


@pytest.mark.parametrize(("scope", "kept"), [("", ""), (None, ""), ("a", "a"), ("a/b", "a/b")])
def test_a_scope_that_is_one(bring, crawl, scope, kept):
    bring(variant(scope=lambda self, path: scope))
    found = crawl({"a/b/c.theirs": b""})
    assert [one.scope for one in found.crawled.provenance.manifests] == [kept]


@pytest.mark.parametrize(
    ("version", "kept"), [(5, "5"), (1.5, "1.5"), (b"x", None), ("", None), ("\x1b1", "1"), ("v" * 999, "v" * 200)]
)
def test_versions_are_texts(bring, crawl, version, kept):
    bring(variant(read=lambda self, given, reading: setattr(reading, "version", version)))
    assert [one.version for one in crawl({"a.theirs": b""}).crawled.provenance.manifests] == [kept]


@pytest.mark.parametrize("path", [None, "/etc/passwd", "../x", 5])
def test_one_that_declares_what_it_has_not_resolved(bring, crawl, path):
    bring(variant(read=lambda self, given, reading: reading.declare(path, "md5", "0" * 32)))
    found = crawl({"a.theirs": b""})
    assert found.crawled.provenance.elsewhere == ()
    assert "ValueError" in found.crawled.warnings[0]


def test_one_that_claims_everything_takes_nothing_from_ours(bring, crawl):
    suffixes = ("*.md", "*.json", "*.csv", "*", "readme.md", "sub/*")
    bring(variant(patterns=suffixes))
    found = crawl({"README.md": b"---\nlicense: mit\n---\n", "x.csv": b"", "y": b"", "sub/z": b""})
    assert [(manifest.path, manifest.reader) for manifest, _ in found.readings] == [
        ("README.md", "huggingface-card"),
        ("x.csv", "theirs"),
        ("sub/z", "theirs"),
    ]


def test_what_one_says_reaches_the_document(bring, tmp_path):
    bring(Theirs())
    (tmp_path / "a.theirs").write_bytes(b"")
    bom = sbom.generate(tmp_path, cache=False)
    assert bom.dataset.name == "theirs"
    assert [one.reader for one in bom.dataset.provenance.manifests] == ["theirs"]


def test_what_is_known_of_a_reader_before_it_is_loaded_is_what_it_has():
    assert {
        module: registry._load(module).patterns for module in registry.MODULES if module != "checksums"
    } == registry.PATTERNS
    assert [reader.name for reader in registry.readers()[0]] == [registry._load(name).name for name in registry.MODULES]


def test_readers_are_loaded_when_one_of_their_files_is_found():
    program = (
        "import sys; from sbom.manifests import registry; registry.readers();"
        "print([name for name in registry.MODULES if f'sbom.manifests.{name}' in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "['checksums']\n"
