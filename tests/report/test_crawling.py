"""What a crawl found, for a person and for a program; whatever names and values are in it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sbom import api
from sbom.generation import Found
from sbom.manifests.assemble import Crawled, Rejected
from sbom.manifests.crawl import Found as Read
from sbom.manifests.judge import Mismatch
from sbom.manifests.reading import Reading
from sbom.model import SHA256, FileEntry
from sbom.provenance import FIELDS, STATES, Assertion, Declaration, Manifest, Provenance, Source
from sbom.report.crawling import FORMAT, as_dict, render

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "crawl-report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
HEX = "0123456789abcdef"
ZERO = "0" * 64
PIECES = (
    "\x1b[2J",
    "\x1b]8;;http://evil\x07",
    "\x9b31m",
    "\u202egnp.exe",
    "\u200b\ufeff",
    "\ud800",
    "::set-output name=a::b",
    "x ::stop-commands::y",
    "##[add-path]/evil",
    "##vso[task.setvariable variable=a]b",
    "\n::error::x",
    "\r\n",
    "\u2028\u0085",
    "x" * 2000,
    "数据",
    "",
)
NAMES = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=1, max_size=5).map("".join)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def crawled(root: Path, tree: dict[str, bytes | str], **options):
    for path, content in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return api.crawl(root, **options)


def reading(*problems: str, said: int = 0, declared: int = 0, mentioned: int = 0) -> Reading:
    one = Reading()
    for problem in problems:
        one.problem(problem, problem)
    one.say("keyword", ["k"] * said)
    for _ in range(declared):
        one.declare("f", "md5", HEX * 2)
    for _ in range(mentioned):
        one.mention("f")
    return one


def hostile(name: str) -> Found:
    """Put a text wherever a text of others can stand."""
    manifest = Manifest(name, "checksums", name, name, None, inside=True, valid=False)
    declaration = Declaration("mismatch", name or "x", ZERO, name, name)
    malformed = Declaration("malformed", name, name, name, name)
    provenance = Provenance(
        manifests=(manifest,),
        assertions=(
            Assertion("license", name or "x", name, name, name),
            Assertion("license", f"{name}!", f"{name}?", name, name),
            Assertion("name", name or "x", name, name, name, "part"),
        ),
        sources=(Source(f"https://{name}", name, name, name, (("MD5", HEX * 2),), 1, name, name, name),),
        elsewhere=((name, malformed),),
    )
    return Found(
        (Read(manifest, reading(name)),),
        Crawled(
            provenance,
            (FileEntry(name, 1, ((SHA256, ZERO),), None, "text/plain", None, (declaration,)),),
            (Mismatch(name, name, name or "x", ZERO, ZERO),),
            (Rejected(name, name),),
            (name, f"a.csv: {name}"),
        ),
    )


@pytest.fixture
def everything(tmp_path) -> Found:
    """A crawl that finds something of every kind."""
    outside = tmp_path / "outside.md5"
    outside.write_text(f"{HEX * 2}  root/a.csv\n", encoding="utf-8")
    card = "---\nlicense: mit\nlanguage: [en, de]\npretty_name: Birds\nfoo: 1\n---\n"
    croissant = {
        "@context": {"sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "birds",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "distribution": [
            {"@type": "cr:FileObject", "@id": "f", "contentUrl": "https://h/f", "sha256": "https://issue", "name": "f"}
        ],
    }
    tree = {
        "a.csv": "x\n",
        "b.csv": "x\r\n",
        "README.md": card,
        "croissant.json": json.dumps(croissant),
        "SHA256SUMS": f"{ZERO}  a.csv\n{sha256(b'x' + bytes([10]))}  b.csv\n{ZERO}  gone\n",
        "sub/CITATION.cff": "cff-version: 1.2.0\ntitle: Part\nmessage: m\nauthors: []\n",
        "bag/bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag/manifest-sha256.txt": f"{ZERO}  data/x\n",
        "bag/data/x": "x",
        "p": f"version https://git-lfs.github.com/spec/v1\noid sha256:{ZERO}\nsize 1\n",
    }
    return crawled(tmp_path / "root", tree, manifests=[str(outside)])


class TestJson:
    def test_the_schema_is_one_and_knows_every_field_and_state(self):
        Draft202012Validator.check_schema(SCHEMA)
        assert SCHEMA["$defs"]["field"]["enum"] == [field.id for field in FIELDS]
        assert SCHEMA["$defs"]["state"]["enum"] == list(STATES)
        assert SCHEMA["properties"]["format"]["const"] == FORMAT

    def test_it_follows_the_schema(self, everything):
        value = json.loads(render(everything, "root", "json"))
        VALIDATOR.validate(value)
        readers = {one["reader"] for one in value["manifests"]}
        assert readers == {"huggingface-card", "croissant", "checksums", "cff", "bagit", "lfs"}
        assert value["data"] == "root"
        assert value["fields"]["license"]["conflicting"]
        assert {one["scope"] for one in value["parts"]} == {"sub"}
        assert {"mismatch", "match-after-line-endings", "data-absent"} <= value["states"].keys()
        assert sum(value["states"].values()) == len(value["declared"])
        assert [one["manifest"] for one in value["rejected"]] == ["bag/bagit.txt"]
        verdicts = {one["path"]: one["valid"] for one in value["manifests"]}
        assert (verdicts["bag/bagit.txt"], verdicts["SHA256SUMS"]) == (False, None)
        assert {one["inside"] for one in value["manifests"]} == {True, False}
        assert set(value["unknown"]) == {field.id for field in FIELDS} - value["fields"].keys()

    def test_without_a_manifest(self, tmp_path):
        value = json.loads(render(crawled(tmp_path, {"a": ""}), ".", "json"))
        VALIDATOR.validate(value)
        assert (value["manifests"], value["fields"], value["states"]) == ([], {}, {})
        assert len(value["unknown"]) == len(FIELDS)

    def test_two_digests_of_one_source_are_both_there(self):
        both = (("MD5", HEX * 2), ("MD5", HEX[::-1] * 2))
        crawl = Crawled(Provenance(sources=(Source("https://h/x", "m", digests=both),)), (), (), (), ())
        (source,) = as_dict(Found((), crawl), "d")["sources"]
        assert [(one["algorithm"], one["value"]) for one in source["digests"]] == list(both)

    @pytest.mark.parametrize("name", PIECES)
    def test_each_hostile_text(self, name):
        VALIDATOR.validate(json.loads(render(hostile(name), name, "json").encode("utf-8")))

    @settings(deadline=None)
    @given(name=NAMES)
    def test_it_always_parses_and_steers_nothing(self, name):
        text = render(hostile(name), name, "json")
        value = json.loads(text.encode("utf-8"))
        VALIDATOR.validate(value)
        assert all(line.isprintable() for line in text.split("\n"))
        written_out = re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", name)
        assert value["manifests"][0]["path"] == value["rejected"][0]["reason"] == value["data"] == written_out

    @pytest.mark.parametrize(
        "change",
        [
            {"format": "data-sbom-crawl/2"},
            {"hello": 1},
            {"states": {"good": 1}},
            {"states": {"match": 0}},
            {"states": {}},
            {"mismatches": []},
            {"unknown": ["licence"]},
            {"unknown": ["name", "name"]},
            {"fields": {"licence": {}}},
            {"fields": {"license": {"value": [], "agreeing": [], "conflicting": []}}},
            {
                "declared": [
                    {"path": "a", "state": "match", "algorithm": "", "value": "", "manifest": "m", "pointer": ""}
                ]
            },
            {
                "declared": [
                    {"path": "a", "state": "live", "algorithm": "x", "value": "", "manifest": "m", "pointer": ""}
                ]
            },
            {"manifests": [{}]},
            {"rejected": [{"manifest": "m"}]},
            {"warnings": [1]},
            {"data": None},
        ],
        ids=str,
    )
    def test_contradictions_do_not_follow_the_schema(self, everything, change):
        assert not VALIDATOR.is_valid({**json.loads(render(everything, "root", "json")), **change})


class TestTable:
    def test_everything_that_a_person_wants_to_know(self, everything):
        text = render(everything, "root", "table")
        for line in (
            "huggingface-card",
            "croissant 1.0",
            "licence: https://creativecommons.org/publicdomain/zero/1.0/  (croissant.json)",
            "  CONFLICT: mit  (README.md)",
            "languages: de  (README.md)",
            "sources: https://h/f",
            "  MISMATCH  a.csv  SHA-256 000000…  (SHA256SUMS)",
            "  DECLARED, DATA ABSENT  gone  SHA-256 000000…  (SHA256SUMS)",
            "  MATCHES ONLY AFTER LINE-ENDING CHANGE  b.csv",
            "REJECTED  bag/bagit.txt  files that it lists are absent or differ",
            "between manifests and data: data-sbom generate would stop here",
        ):
            assert line in text
        assert "lfs " in text
        assert "Part" not in text, "a part's name is not the dataset's"

    def test_without_a_manifest(self, tmp_path):
        text = render(crawled(tmp_path, {"a": ""}), "x", "table")
        assert text == "no manifest was found: nothing here says where the data comes from\n"

    def test_pointers_alone_are_something(self, tmp_path):
        text = render(
            crawled(tmp_path, {"p": f"version https://git-lfs.github.com/spec/v1\noid sha256:{ZERO}\nsize 1\n"}),
            "x",
            "table",
        )
        assert text.startswith("lfs https://git-lfs.github.com/spec/v1  p  1 hash\n")

    def test_without_a_manifest_warnings_are_told(self):
        found = Found((), Crawled(Provenance(), (), (), (), ("beware",)))
        assert render(found, "x", "table").endswith("\nwarning: beware\n")

    @pytest.mark.parametrize(
        ("one", "text"),
        [
            (reading(), "nothing that could be used"),
            (reading(mentioned=2), "nothing that could be used"),
            (reading(said=1), "1 field"),
            (reading("x", said=2, declared=1), "2 fields, 1 hash, 1 problem"),
            (reading("x", "y", declared=2000), "2,000 hashes, 2 problems"),
        ],
    )
    def test_what_a_manifest_brought(self, one, text):
        manifest = Manifest("m", "r")
        found = Found((Read(manifest, one),), Crawled(Provenance((manifest,)), (), (), (), ()))
        assert render(found, "x", "table") == f"r  m  {text}\n"

    def test_long_lists_are_capped_and_values_cut(self):
        manifests = tuple(Manifest(f"m{number}", "r") for number in range(30))
        declarations = tuple(Declaration("mismatch", "MD5", HEX * 2, f"m{number}") for number in range(30))
        provenance = Provenance(
            manifests,
            tuple(Assertion("keyword", f"{number}" + "v" * 100, "m0") for number in range(30)),
            tuple(Source(f"https://h/{number}", "m0") for number in range(30)),
        )
        rejected = tuple(Rejected(f"m{number}", "no") for number in range(30))
        entries = (FileEntry("f", 1, ((SHA256, ZERO),), None, "text/plain", None, declarations),)
        crawl = Crawled(provenance, entries, (), rejected, ())
        text = render(Found(tuple(Read(one, Reading()) for one in manifests), crawl), "x", "table")
        assert text.count("and 10 more (-f json lists all)") == 3
        assert text.count("and 11 more (-f json lists all)") == 1  # the line of counts is one of twenty
        assert "https://h/4 and 25 more" in text
        assert "v" * 61 not in text
        assert "30 contradictions" in text
        assert len(text.splitlines()) < 100

    @pytest.mark.parametrize("name", PIECES)
    def test_each_hostile_text(self, name):
        self.harmless(name)

    @settings(deadline=None)
    @given(name=NAMES)
    def test_nothing_steers_a_terminal_or_commands_a_log(self, name):
        self.harmless(name)

    @staticmethod
    def harmless(name):
        text = render(hostile(name), name, "table")
        text.encode()
        lines = text.split("\n")
        assert all(line.isprintable() for line in lines)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]", text)
        assert not any(line.lstrip().startswith("::") for line in lines)
        assert not re.search(r"(?<!\S)::|##\w*\[", text)
        assert len(lines) == len(render(hostile("x"), "x", "table").split("\n")), "no row becomes two"
        assert all(len(line) < 3000 for line in lines)
