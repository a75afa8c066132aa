"""Whatever the names in a report are, every format stays what it is."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sbom.report import FORMATS, render
from sbom.report.github import step_summary

SCHEMA = Path(__file__).parents[2] / "schemas" / "verification-report.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
PIECES = (
    "\x00",
    "\x1b[2J",
    "\x1b]8;;http://evil\x07",
    "\x9b31m",
    "\x7f",
    "\u202egnp.exe",
    "\u2066\u200b\ufeff",
    "\ud800",
    "\udcff",
    "\ufffe\uffff",
    "-->",
    "<!--",
    "]]>",
    "<![CDATA[",
    "&amp;&#0;",
    "<script>alert(1)</script>",
    "<img src=x>",
    "::set-output name=a::b",
    "::stop-commands::x",
    "##[add-path]/evil",
    "##vso[task.setvariable variable=a]b",
    "\n::error::x",
    "\r\n",
    "\u2028\u0085",
    "|",
    "\\|",
    "`",
    "```",
    "[x](http://evil)",
    "![x](http://evil)",
    "@octocat",
    "#1",
    "www.evil.example",
    "https://evil.example",
    "\n- item\n# heading\n",
    "{0}",
    "%0A",
    "a,b:c",
    " ",
    "x" * 500,
    "数据",
    "",
)
NAMES = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(alphabet=st.characters(), max_size=8)), min_size=1, max_size=5
).map("".join)
BAD_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@pytest.mark.parametrize("format_name", [*FORMATS, "step-summary"])
@pytest.mark.parametrize("name", PIECES)
def test_each_piece_in_each_format(samples, format_name, name):
    report = samples.hostile(name)
    text = step_summary(report) if format_name == "step-summary" else render(report, format_name)
    text.encode("utf-8")
    assert all(line.isprintable() for line in text.split("\n"))


@given(name=NAMES)
def test_the_table_has_one_line_per_row_and_no_log_command(samples, name):
    text = render(samples.hostile(name), "table")
    lines = text.split("\n")
    assert all(line.isprintable() for line in lines)
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert not re.search(r"##\w*\[", text)
    assert sum(line.startswith("FAILED ") for line in lines) >= 1
    colored = render(samples.hostile(name), "table", color=True)
    assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == text


@given(name=NAMES)
@example(name="\udc80")
def test_json_is_valid_and_says_the_same(samples, name):
    text = render(samples.hostile(name), "json")
    value = json.loads(text.encode("utf-8"))
    VALIDATOR.validate(value)
    written_out = re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", name)
    by_id = {check["id"]: check for check in value["checks"]}
    assert by_id["files.extra"]["findings"][0]["path"] == written_out
    assert by_id["files.extra"]["evidence"] == {written_out: [written_out, {written_out: [written_out]}]}
    assert all(line.isprintable() for line in text.split("\n"))


@given(name=NAMES)
def test_sarif_is_valid(samples, name):
    text = render(samples.hostile(name), "sarif")
    (run,) = json.loads(text.encode("utf-8"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert "](" not in result["message"]["text"].replace("\\](", "")
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?:file://)?(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)


@given(name=NAMES)
def test_junit_is_valid_xml(samples, name):
    text = render(samples.hostile(name), "junit")
    assert not BAD_XML.search(text)
    suites = ET.fromstring(text.encode("utf-8"))  # noqa: S314  # our own text
    assert len(suites.findall("testsuite/testcase")) == len(samples.hostile(name).checks)
    assert len(suites.findall("testsuite/testcase/failure")) == 2


@given(name=NAMES)
def test_markdown_holds_no_markup_of_others(samples, name):
    plain = render(samples.hostile("x"), "markdown").split("\n")
    lines = render(samples.hostile(name), "markdown").split("\n")
    assert len(lines) == len(plain)
    for ours, line in zip(plain, lines, strict=True):
        assert line.isprintable()
        bare = re.sub(r"`[^`|\\]*`", "", line)  # code spans
        bare = re.sub(r"</?code>|<br>|<!-- -->", "", bare)
        assert bare.count("|") == re.sub(r"`[^`]*`", "", ours).count("|")
        assert not re.search(r"[`<>\\\[\]@_~$]|https?:|www\.", bare, re.IGNORECASE)
        assert re.fullmatch(r"(?:## |### |- )?[^#*]*", re.sub(r"\*\*\w+\*\*|&#\d+;", "", bare))


@given(name=NAMES)
def test_github_holds_no_commands_but_ours(samples, name):
    lines = render(samples.hostile(name), "github").split("\n")
    assert lines.pop() == ""
    last = lines.pop()
    assert last.startswith("FAILED  ")
    assert not re.search(r"##\w*\[", last)
    for line in lines:
        assert line.isprintable()
        command, _, properties = line.removeprefix("::").partition("::")[0].partition(" ")
        assert command in {"error", "warning"}
        pairs = [pair.partition("=") for pair in properties.split(",")]
        assert [key for key, _, _ in pairs] == ["file", "title"]
        assert ":" not in properties
        assert not re.search(r"##\w*\[", line)
    assert len(lines) == 3
