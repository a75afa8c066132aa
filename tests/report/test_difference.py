from __future__ import annotations

import json
import re

import pytest

from sbom import api
from sbom.cyclonedx import write
from sbom.diff import compare
from sbom.model import Dataset, FileEntry, ReleaseLink, Selection, TableStats
from sbom.report.difference import FORMAT, Relation, Side, relation, render

ORIGIN = write.Origin("1.7", "2026-01-01T00:00:00Z", "0.1.0", reproducible=False)
HOSTILE = "\x1b[31m|`<b>\u202e\n::error::x @me"


def file(path, content="x", **changes):
    return FileEntry(path, len(content), (("SHA-256", content.encode().hex().rjust(64, "a")),))._replace(**changes)


def side(path, *files, sha256=None, **changes):
    given = {"name": "penguins", "version": "1", "root": "0" * 64} | changes
    dataset = Dataset(files=tuple(files), **given)
    return Side(path, api.Bom(write.build(dataset, ORIGIN), dataset, sha256=sha256 or path[0].encode().hex() * 32))


def text(old, new, format_name="table"):
    return render(compare(old.bom.dataset, new.bom.dataset), old, new, format_name)


OLD = side(
    "old.json",
    file("gone.csv", "gone"),
    file("link", link="here"),
    file("moved/a", "moved"),
    file("same", "same"),
    file("told", "told", media_type="text/csv"),
    file("train.csv", "12", stats=TableStats(2, 1)),
)
NEW = side(
    "new.json",
    file("come.csv", "come", stats=TableStats(None, 1), link="x"),
    file("elsewhere/a", "moved"),
    file("link", link="there"),
    file("same", "same"),
    file("told", "told", media_type=None, digests=(*file("told", "told").digests, ("SHA-512", "b" * 128))),
    file("train.csv", "12345", stats=TableStats(5, 2)),
    version="2",
    selection=Selection((), ("*.tmp",), left_out=True),
    root="f" * 64,
    previous=ReleaseLink("urn:uuid:x", 1, OLD.bom.sha256, "penguins", "1"),
)


def test_table():
    lines = text(OLD, NEW).splitlines()
    assert lines[0] == "OLD         penguins 1 · root 000000… · old.json"
    assert lines[1] == "NEW         penguins 2 · root ffffff… · new.json"
    assert "CHANGED     version: 1 → 2" in lines
    assert "CHANGED     root: 000000000000… → ffffffffffff…" in lines
    assert "CHANGED     exclude: none → *.tmp" in lines
    shown = {line.split()[0]: re.sub(" +", " ", line) for line in lines if not line.startswith((" ", "CHANGED"))}
    modified = "MODIFIED train.csv sha256 aaaaaa… → aaaaaa…, 2 B → 5 B (+3 B), rows 2 → 5 (+3), columns 1 → 2"
    assert shown["MODIFIED"] == modified
    assert shown["RELINKED"] == "RELINKED link link here → there"
    assert shown["REMOVED"] == "REMOVED gone.csv 4 B"
    assert shown["ADDED"] == "ADDED come.csv 4 B, unknown rows, link to x"
    assert shown["RENAMED"] == "RENAMED moved/a → elsewhere/a"
    assert shown["REDESCRIBED"].endswith("told media type text/csv → none, digests SHA-256 → SHA-256+SHA-512")
    assert shown["DIFFERENT"].startswith("DIFFERENT 1 added, 1 removed, 1 modified, 1 renamed, 1 relinked, 1 redes")
    assert shown["DIFFERENT"].endswith("1 unchanged · 6 files · 20 B → 23 B (+3 B) · rows 2 → unknown")
    assert "NEW names OLD as its predecessor" in lines[-2]
    assert lines[-1].strip().startswith("not verified:")


def test_the_same():
    lines = text(OLD, OLD).splitlines()
    assert lines[2] == "SAME        6 unchanged · 6 files · 20 B · rows 2"
    assert "byte for byte" in lines[3]


def test_a_digest_that_is_not_sha256():
    old, new = (file("a", digests=(*file("a").digests, ("BLAKE3", digit * 64))) for digit in "12")
    assert "blake3 111111… → 222222…" in text(side("a", old), side("b", new))


def test_shapes_that_appear_or_vanish():
    one, two = side("a", file("a")), side("b", file("a", stats=TableStats(3, None)))
    assert "rows unknown → 3" in text(one, two)
    assert "rows 3 → unknown" in text(two, one)
    assert "   columns unknown → 4\n" in text(two, side("c", file("a", stats=TableStats(3, 4))))


@pytest.mark.parametrize(("format_name", "cap"), [("table", 20), ("markdown", 100)])
def test_long_lists_are_cut_and_counted(format_name, cap):
    kinds = {
        "added": ([], [file(f"{n:03}", str(n)) for n in range(150)]),
        "modified": ([file(f"{n:03}", "x") for n in range(150)], [file(f"{n:03}", "yy") for n in range(150)]),
        "renamed": ([file(f"a{n:03}", str(n)) for n in range(150)], [file(f"b{n:03}", str(n)) for n in range(150)]),
    }
    kinds["mixed"] = tuple([*one, *two] for one, two in zip(kinds["modified"], kinds["renamed"], strict=True))
    for name, (old, new) in kinds.items():
        out = text(side("a", *old), side("b", *new), format_name)
        total = 300 if name == "mixed" else 150
        assert len(re.findall("ADDED|MODIFIED|RENAMED", out)) == cap
        assert f"and {total - cap} more (-f json lists all)" in out
        assert len(json.loads(text(side("a", *old), side("b", *new), "json"))["modified"]) in {0, 150}


def test_json():
    value = json.loads(text(OLD, NEW, "json"))
    assert value["format"] == FORMAT
    assert (value["verified"], value["different"]) == (False, True)
    assert value["relation"] == "new-follows-old"
    assert value["counts"] == {
        "added": 1,
        "removed": 1,
        "modified": 1,
        "renamed": 1,
        "relinked": 1,
        "redescribed": 1,
        "unchanged": 1,
    }
    assert value["old"]["sha256"] == OLD.bom.sha256
    assert value["new"]["rows"] is None
    assert value["modified"][0]["new"]["rows"] == 5
    assert value["renamed"][0]["old"]["path"] == "moved/a"
    assert {change["what"] for change in value["changes"]} >= {"version", "root", "exclude"}
    assert json.loads(text(OLD, OLD, "json"))["different"] is False


def test_markdown():
    out = text(OLD, NEW, "markdown")
    assert out.startswith("## data-sbom diff: DIFFERENT\n")
    assert "| MODIFIED | `train.csv` |" in out
    assert "| exclude | – | `*.tmp` |" in out  # noqa: RUF001  # a dash is meant
    assert "not verified" in out
    same = text(OLD, OLD, "markdown")
    assert "###" not in same


@pytest.mark.parametrize("format_name", ["table", "markdown", "json"])
def test_hostile_names(format_name):
    plain = [side(name, file("a", link="n"), name="n", version="n") for name in ("old", "new")]
    old, new = (
        side(
            HOSTILE,
            file(HOSTILE + other, other, link=HOSTILE, media_type=HOSTILE),
            file(f"moved {other} {HOSTILE}", "moved"),
            name=HOSTILE + other,
            version=HOSTILE,
            selection=Selection((HOSTILE + other,)),
        )
        for other in "12"
    )
    out = text(old, new, format_name)
    assert all(line.isprintable() for line in out.split("\n"))
    assert not re.search(r"(?:^|\s)::error", out) or format_name == "json"
    if format_name == "markdown":
        bare = re.sub(r"`[^`|\\]*`", "", out)
        assert "<b>" not in bare
        assert "@me" not in bare
    assert text(*plain, format_name)


def test_relations():
    link = NEW.bom.dataset.previous
    assert relation(OLD.bom, OLD.bom) is Relation.SAME
    assert relation(OLD.bom, NEW.bom) is Relation.FOLLOWS
    assert relation(NEW.bom, OLD.bom) is Relation.PRECEDES
    assert relation(OLD.bom, side("x").bom) is Relation.NONE
    unread = api.Bom(OLD.bom.document, OLD.bom.dataset)
    assert relation(unread, unread) is Relation.NONE
    replaced = side("x", previous=link._replace(serial_number=OLD.bom.document["serialNumber"], sha256="1" * 64))
    assert relation(OLD.bom, replaced.bom) is Relation.REPLACED
    assert "signed again" in text(OLD, replaced)
