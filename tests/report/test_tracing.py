"""Traces in every format; and whatever the names in one are, every format stays what it is."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sbom.report import tracing_dot, tracing_mermaid
from sbom.report.tracing import FORMATS, render
from sbom.tracing.interface import FILES, READ, STEP, Documents, Link, Node, Row

sys.path.append(str(Path(__file__).resolve().parent))  # traces.py
from traces import ROW, back, document, edge, forward, hostile, made, seen

SCHEMA = Path(__file__).parents[2] / "schemas" / "trace-report.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
PIECES = (
    "\x00", "\x1b[2J", "\x9b31m", "\u202egnp.exe", "\ud800", "\udcff", "\ufffe\uffff", "\u2028\u0085", "\r\n",
    "-->", "<!--", "]]>", "<![CDATA[", "&amp;&#0;", "</text></svg><script>alert(1)</script>", "<img src=x onerror=a()>",
    '"', '"]; click n0 "javascript:alert(1)"', '"];\n    click n0 call alert()', "%%{init: {}}%%", "#quot;", "#34;", "`md`",
    "end", "n0 --> n1", "|x|", '\\"', "\\", '\\"]; evil [URL="javascript:x"', "\\N\\G\\l", "<b>x</b>", "&lt;",
    "::error::x", "##[add-path]/evil", "@octocat", "https://evil.example", "{0}", "x" * 500, "数据", "",
)  # fmt: skip
NAMES = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(alphabet=st.characters(), max_size=8)), min_size=1, max_size=4
).map("".join)
EVERY = (back(), forward(), back(row=ROW, problems=("p",), notes=("n",)), back(documents=Documents((document(),) * 2, checked=False)))  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_in_one_newline(name):
    for one in EVERY:
        text = render(one, name)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("name", PIECES)
def test_each_piece_in_each_format(format_name, name):
    text = render(hostile(name), format_name)
    text.encode("utf-8")
    assert all(line.isprintable() for line in text.split("\n"))


def check_svg(text: str) -> ET.Element:
    root = ET.fromstring(text)  # noqa: S314  # our own; that it is well-formed is what is tested
    assert {one.tag for one in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "defs", "marker", "path", "rect", "text", "g")
    }
    for one in root.iter():
        assert not [name for name in one.attrib if name.lower().startswith("on") or "href" in name]
    return root


def check_dot(text: str) -> None:
    """Every line is one of ours: foreign text stands within quotes only, and the quotes are closed."""
    quoted = r'"(?:[^"\\]|\\[\\"n])*"'
    line = re.compile(
        rf"digraph trace {{|  rankdir=LR;|  label={quoted};|  (?:node|edge) \[fontname=\"monospace\", fontsize=\d+\];"
        rf"|  n\d+ \[shape=\w+, label={quoted}(?:, penwidth=3|, style=\"\w+\")*\];|  n\d+ -> n\d+(?: \[label={quoted}\])?;|}}"
    )
    assert [one for one in text.splitlines() if not line.fullmatch(one)] == []
    assert not re.search(r"&(?!amp;)", text)


def check_mermaid(text: str) -> None:
    label = r'"(?:[\w .,()…·–-]|#\d+;|<br/>)*"'  # noqa: RUF001  # a dash is meant
    line = re.compile(
        rf"flowchart LR|    %% [\w .,()…·–-]*|    n\d+(?:\[|\(\[|\[\(){label}(?:\]|\]\)|\)\])(?::::\w+)?"  # noqa: RUF001
        rf"|    n\d+ -->(?:\|{label}\|)? n\d+|    classDef \w+ stroke-\w+:[\w ]+"
    )
    assert [one for one in text.splitlines() if not line.fullmatch(one)] == []


@settings(deadline=None, max_examples=50)
@given(name=NAMES)
def test_pictures_stay_pictures(name):
    found = hostile(name)
    check_svg(render(found, "svg"))
    check_dot(render(found, "dot"))
    check_mermaid(render(found, "mermaid"))


@pytest.mark.parametrize("name", PIECES)
def test_each_piece_in_each_picture(name):
    found = hostile(name)
    check_svg(render(found, "svg"))
    check_dot(render(found, "dot"))
    check_mermaid(render(found, "mermaid"))


@settings(deadline=None, max_examples=50)
@given(name=NAMES)
def test_json_is_always_valid(name):
    VALIDATOR.validate(json.loads(render(replace(hostile(name)), "json")))


def test_json_says_everything():
    for one in EVERY:
        value = json.loads(render(one, "json"))
        VALIDATOR.validate(value)
        assert len(value["nodes"]) == len(one.nodes)
        assert len(value["links"]) == len(one.links)
    value = json.loads(render(EVERY[2], "json"))
    assert value["exit_code"] == 1
    assert value["row"]["hops"][1]["verdict"] == "wrote"
    assert value["nodes"][0]["files"][0]["path"] == "train.csv"
    assert value["nodes"][2]["files"][0]["path"] is None
    assert value["nodes"][1]["step"]["scripts"][0] == {"name": "clean.py", "sha256": "2" * 64, "size": 3}
    assert value["nodes"][3]["sources"][0]["url"] == "https://e.org/raw.csv"


def test_escaping_of_single_texts():
    assert tracing_mermaid.escape('a "b" <c>#;`') == "a #34;b#34; #60;c#62;#35;#59;#96;"
    assert tracing_dot.quoted(('a "b"\\N', "c&d")) == r'"a \"b\"\\N\nc&amp;d"'


# The tree.


def table(trace, **more):
    return render(trace, "table", **more).splitlines()


def test_the_tree_goes_back():
    lines = table(back())
    assert lines[0] == "train.csv · sha256 111111111111… · of the dataset"
    assert lines[1].startswith(
        "← step clean · recorded 2026-01-01T10:00:00Z to 2026-01-01T10:00:05Z by Jane, as the rec"
    )
    assert lines[2:5] == [
        "    runs python clean.py",
        "    by clean.py (sha256 222222222222…), lib.py at commit abababababab…, with changes that are not committed",
        '    the record is signed by key 9f2c… "jane"',
    ]
    assert lines[5] == "├─ raw.csv · sha256 222222222222…"
    assert lines[6].startswith("│  ← https://e.org/raw.csv, retrieved 2026-01-01T00:00:00Z (downloaded, nobody says")
    assert lines[7] == "├─ 5 files: odd/0, odd/1, odd/2 and 2 more (declared, by name only)"
    assert lines[8] == "│      nobody says where it comes from"
    assert lines[9] == "└─ old.csv · sha256 333333333333… · of the dataset · in penguins 1.0.0 (the same bytes)"
    assert lines[-1] == "IN PART   train.csv back · 1 step, 1 source, 5 files of unknown origin"
    assert 'penguins 1.1.0 · p.cdx.json · signature good (key 9f2c… "release") · asked about' in lines[11]


def test_the_tree_goes_forward():
    lines = table(forward())
    assert lines[1].startswith("→ step clean")
    assert "TAINTED   penguins 1.1.0: 1 of 2 files: train.csv" in lines
    assert "TAINTED   penguins 1.0.0: 1 of 2 files: old.csv" in lines
    nothing = forward(asked="raw.csv", nodes=(Node(FILES, 0, (edge("raw.csv"),)),), links=())
    assert "TAINTED   no file of a dataset" in table(nothing)
    assert table(nothing)[-1] == "TRACED    raw.csv forward · 0 steps"


def test_a_row_is_told_first():
    lines = table(back(row=ROW))
    assert lines[0] == "ROW       row 7 came with penguins 1.0.0: penguins does not hold it"
    assert lines[1:7] == [
        "          penguins 1.1.0: row 7",
        "          penguins 1.0.0: row 2 of test.csv",
        "          penguins: not there",
        "          row 7 of data/train.csv: step clean: the row was passed on from raw.csv",
        "          row 9 of raw.csv: step export: the row was written by it: it read no table",
        "          row 1 of up.csv of penguins: the row came with the dataset up",
    ]


@pytest.mark.parametrize(
    ("releases", "certain", "said"),
    [
        ((seen(0, 1, 2, 3, 4),), True, "row 7 has been there since the first release, penguins 1.1.0"),
        ((seen(0, 1),), False, "row 7 is in penguins 1.1.0; whether an earlier release holds it, nobody can tell"),
        ((seen(0, 1), seen(1, known=False)), False, "whether an earlier release holds it, nobody can tell"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_row(releases, certain, said):
    lines = table(back(row=Row("t.csv", 7, "ab" * 16, releases, 0, certain, ())))
    assert said in lines[0]
    assert any("and more" in line or "unknown, there are no digests" in line or len(releases) == 1 for line in lines)


def test_problems_and_trust_are_said():
    lines = table(back(problems=("step x lies",), notes=("n",)))
    assert "note      n" in lines
    assert "WRONG     step x lies" in lines
    assert lines[-1].startswith("WRONG     train.csv back")
    unchecked = table(back(documents=Documents((document(),) * 2, checked=False)))
    assert "signatures not checked: give --public-key PUB" in unchecked[-1]
    assert all("signature good" not in line for line in unchecked)


def test_colors():
    for one, code in ((back(), "33"), (back(problems=("x",)), "31"), (back(nodes=back().nodes[:4], links=()), "32")):
        colored = render(one, "table", color=True)
        assert f"\x1b[1;{code}m" in colored
        assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == render(one, "table")
    assert "\x1b" in render(back(row=ROW), "table", color=True)


def many(count, links):
    nodes = tuple(Node(FILES, 0, (edge(f"f{n}"),)) for n in range(count))
    return back(nodes=nodes, links=tuple(Link(before, after, READ) for before, after in links))


def test_a_long_pipeline_stays_narrow_and_ends():
    lines = table(many(1000, [(n + 1, n) for n in range(999)]))
    assert lines[199].startswith("← f199 ")
    assert lines[200] == "and 800 more places (-f json lists all)"


def test_many_branches_are_cut_and_counted():
    lines = table(many(100, [(n, 0) for n in range(1, 100)]))
    assert "69 of 99 branches are not here (-f json lists all)" in lines


def test_a_deep_tree_is_cut():
    links = []
    for n in range(0, 180, 2):
        links += [(n + 1, n), (n + 2, n)]
    lines = table(many(181, links))
    assert any(line.endswith("… (-f json lists all)") for line in lines)
    assert max(map(len, lines)) < 250


def test_what_was_told_is_not_told_again():
    lines = table(many(5, [(1, 0), (2, 0), (3, 1), (3, 2), (4, 3)]))
    assert sum("f3" in line for line in lines) == 2
    assert any(line.endswith("see above") for line in lines)
    assert sum("f4" in line for line in lines) == 1


def test_a_loop_of_links_ends():
    lines = table(many(2, [(1, 0), (0, 1)]))
    assert len(lines) < 10
    for name in ("svg", "dot", "mermaid", "json"):
        assert render(many(2, [(1, 0), (0, 1)]), name)


# Pictures.


def test_a_picture_shows_what_is_nearest_and_counts_the_rest():
    found = many(400, [(n + 1, n) for n in range(399)])
    for name in ("svg", "dot", "mermaid"):
        text = render(found, name)
        assert "and 250 more" in text
        assert "f149" in text
        assert "f150" not in text
    turned = replace(found, direction="descendants", links=tuple(Link(b, a, READ) for a, b, *_ in found.links))
    assert "n149 --> n150" in render(turned, "mermaid")
    assert "n150 --> n149" in render(found, "mermaid")


def test_too_many_arrows_are_left_out_and_counted():
    text = render(many(50, [(b, a) for a in range(50) for b in range(a + 1, 50)]), "mermaid")
    assert "625 arrows are left out" in text
    assert text.count("-->") == 600


def test_boxes_do_not_overlap_and_stand_right_of_what_they_come_from():
    links = [(1, 0), (2, 0), (3, 1), (4, 1), (4, 2), (5, 4), (6, 5), (6, 0), (7, 2), (7, 3)]
    root = check_svg(render(many(8, links), "svg"))
    group = root.find(f"{SVG}g")
    assert group is not None
    boxes = {}
    shapes = list(group)
    for at, rect in enumerate(shapes):
        if rect.tag == f"{SVG}rect":
            boxes[shapes[at + 1].text] = tuple(float(rect.get(part)) for part in ("x", "y", "width", "height"))
    assert len(boxes) == 8
    for at, (x, y, w, h) in enumerate(boxes.values()):
        for u, v, o, p in list(boxes.values())[at + 1 :]:
            assert x + w <= u or u + o <= x or y + h <= v or v + p <= y
    for before, after in links:
        assert boxes[f"f{before}"][0] < boxes[f"f{after}"][0]


def test_a_picture_says_what_was_checked():
    for name in ("svg", "dot"):
        assert "signatures of all documents checked" in render(back(), name)
        unchecked = render(back(documents=Documents((document(),) * 2, checked=False)), name)
        assert "signatures not checked" in unchecked
        assert "row 7 came with" in render(back(row=ROW), name)


def test_steps_without_records_and_long_texts():
    step = made(argv=(), commands=("awk x", "b"), observation=None, actor=None, started=None, revision=None, scripts=())
    found = back(
        nodes=(Node(FILES, 0, (edge("y" * 100),)), Node(STEP, 0, step=step)),
        links=(Link(1, 0, READ, "static-literal"),),
    )
    assert "← step clean · not recorded: from clean.step.json (static-literal)" in table(found)
    assert "    runs awk x" in table(found)
    assert f">{'y' * 48}<" in render(found, "svg")
    assert "not recorded" in render(found, "dot")
