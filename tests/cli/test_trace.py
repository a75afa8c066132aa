"""``data-sbom trace``, over documents that ``record`` and ``generate`` made."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import sbom
from sbom import api
from sbom.recording import run as recordings
from sbom.signing import keys

SCHEMA = Path(__file__).parents[2] / "schemas" / "trace-report.schema.json"
EXPORT = "open('raw.csv', 'w').write('name,mass\\nAdelie,3700\\nGentoo,6000\\n')"
CLEAN = "open('data/t.csv', 'w').write(open('raw.csv').read(){})"


@pytest.fixture(scope="session")
def releases(tmp_path_factory, key_pair):
    """Two releases of a table; in the second one ``clean`` makes a Gentoo an Adelie."""
    home = tmp_path_factory.mktemp("releases")
    (home / "work" / "data").mkdir(parents=True)
    (home / "boms").mkdir()
    previous = None
    with contextlib.chdir(home / "work"):
        for version, change in (("1", ""), ("2", ".replace('Gentoo', 'Adelie')")):
            for name, code in (("export", EXPORT), ("clean", CLEAN.format(change))):
                command = (sys.executable, "-c", code)
                recorded = recordings.record(
                    recordings.Request(name, command, workspace=".", actor="Jane", observe="audit")
                )
                assert recorded.exit_code == 0
                api.write_record(recorded.step, home / f"{name}.json")
            bom = api.generate(
                "data", name="birds", version=version, workspace=".", cache=False, record_digests=["*.csv"],
                steps=[home / "export.json", home / "clean.json"], previous=previous, previous_keys=[key_pair[1]],
            )  # fmt: skip
            bom.sign(api.load_private_key(key_pair[0]))
            previous = home / "boms" / f"{version}.cdx.json"
            bom.write(previous)
    return home / "boms"


@pytest.fixture
def made(releases, tmp_path):
    return Path(shutil.copytree(releases, tmp_path / "boms"))


@pytest.fixture
def trace(cli, made, key_pair):
    def run(*more, bom="2.cdx.json", chain=True, trusted=True):
        given = ["--chain", str(made)] if chain else []
        given += ["--public-key", str(key_pair[1])] if trusted else []
        return cli("trace", made / bom, *more, *given)

    return run


def test_back_from_a_file(trace):
    ran = trace("t.csv")
    assert ran.code == 0, ran.text
    lines = ran.out.splitlines()
    assert lines[0].startswith("t.csv · sha256 ")
    assert [line.split(" · ")[0] for line in lines if line.startswith("←")] == [
        "← step clean",
        "← raw.csv",
        "← step export",
    ]
    assert any("by Jane, as the record says" in line for line in lines)
    assert any("the record is not signed" in line for line in lines)
    assert lines[-1] == "TRACED    t.csv back · 2 steps"


def test_a_row_that_somebody_changed(trace):
    ran = trace("t.csv", "--record", "2")
    assert ran.code == 0, ran.text
    assert ran.out.startswith("ROW       row 2 came with birds 2: birds 1 does not hold it\n")
    assert "step clean: the row was written by it: raw.csv, which it read, does not hold it" in ran.out
    assert "has been there since the first release, birds 1" in trace("t.csv", "--record", "1").out


def test_forward(trace):
    ran = trace("raw.csv", "--descendants")
    assert ran.code == 0
    assert "TAINTED   birds 2: 1 of 1 file: t.csv" in ran.out
    # The first release was made from the same bytes.
    assert "TAINTED   birds 1: 1 of 1 file: t.csv" in ran.out


@pytest.mark.parametrize("name", ["json", "mermaid", "dot", "svg"])
def test_other_formats_into_a_file(trace, tmp_path, name):
    target = tmp_path / "out"
    ran = trace("t.csv", "--record", "2", "-f", name, "-o", target)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    text = target.read_text(encoding="utf-8")
    if name == "json":
        Draft202012Validator(json.loads(SCHEMA.read_text())).validate(json.loads(text))
    elif name == "svg":
        assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314  # our own
    else:
        assert text.startswith({"mermaid": "flowchart LR\n", "dot": "digraph trace {\n"}[name])


def test_without_keys_it_says_so(trace):
    ran = trace("t.csv", trusted=False)
    assert ran.code == 0
    assert "signatures not checked: give --public-key PUB" in ran.out
    assert json.loads(trace("t.csv", "-f", "json", trusted=False).out)["signatures_checked"] is False


def test_a_document_that_is_not_signed_by_a_given_key(trace, made, cli, tmp_path):
    first = made / "1.cdx.json"
    tree = json.loads(first.read_bytes())
    del tree["signature"]
    (tmp_path / "bare.json").write_text(json.dumps(tree))
    keys.write_pair(tmp_path / "stranger", keys.generate(), None)
    for path in (tmp_path / "bare.json", first):
        ran = cli("trace", path, "t.csv", "--public-key", tmp_path / "stranger.pub")
        assert ran.code == 1
        assert ran.out == ""
    ran = trace("t.csv", bom="1.cdx.json")
    assert ran.code == 0


def test_an_unsigned_predecessor_is_an_error(made, cli, tmp_path, key_pair):
    keys.write_pair(tmp_path / "other", keys.generate(), None)
    bom = made / "2.cdx.json"
    tree = json.loads(bom.read_bytes())
    del tree["signature"]
    bom.write_text(json.dumps(tree))
    assert cli("sign", bom, "--key", tmp_path / "other.key").code == 0
    ran = cli("trace", bom, "t.csv", "--chain", made, "--public-key", tmp_path / "other.pub")
    assert ran.code == 1
    assert "1.cdx.json" in ran.err
    both = ["--public-key", tmp_path / "other.pub", "--public-key", key_pair[1]]
    assert cli("trace", bom, "t.csv", "--chain", made, *both).code == 0


def test_colors(trace):
    assert "\x1b[1;32mTRACED" in trace("t.csv", "--color", "always").out
    assert "\x1b" not in trace("t.csv").out


def test_colors_never_reach_a_file(trace, tmp_path):
    trace("t.csv", "--color", "always", "-o", tmp_path / "x.txt")
    assert "\x1b" not in (tmp_path / "x.txt").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nowhere.csv"], 2),
        (["t.csv", "-f", "xml"], 2),
        (["t.csv", "--record", "9"], 2),
        (["t.csv", "--record", "0"], 2),
        (["t.csv", "--record", "x"], 2),
        (["t.csv", "--record", "1", "--descendants"], 2),
        (["t.csv", "-o", "/"], 2),
        (["t.csv", "--config", "x"], 2),
        ([], 2),
        (["export.py"], 2),
    ],
)
def test_wrong_calls(trace, arguments, code):
    ran = trace(*arguments)
    assert ran.code == code, ran.text
    assert ran.out == ""


def test_keys_for_other_datasets_alone(trace, key_pair):
    ran = trace("t.csv", "--upstream-key", key_pair[1], trusted=False)
    assert ran.code == 2
    assert "--public-key" in ran.err


def test_what_is_no_document(cli, tmp_path):
    (tmp_path / "x.json").write_text("no JSON")
    assert cli("trace", tmp_path / "x.json", "t.csv").code == 3
    (tmp_path / "x.json").write_text("{}")
    assert cli("trace", tmp_path / "x.json", "t.csv").code == 1
    assert cli("trace", tmp_path / "nowhere.json", "t.csv").code == 2
    assert cli("trace", tmp_path, "t.csv").code == 3


def test_a_chain_that_cannot_be_listed(cli, made, tmp_path):
    assert cli("trace", made / "2.cdx.json", "t.csv", "--chain", tmp_path / "nowhere").code == 3


def test_rows_without_digests(cli, release):
    ran = cli("trace", release.bom, "train/0001.csv", "--record", "1")
    assert ran.code == 3
    assert "--record-digests" in ran.err
    assert ran.out == ""


def test_nothing_is_known_of_where_it_comes_from(cli, release):
    ran = cli("trace", release.bom, "README.md", "--public-key", release.pub)
    assert ran.code == 0
    assert "nobody says where it comes from" in ran.out
    assert ran.out.splitlines()[-1] == "IN PART   README.md back · 0 steps, 1 file of unknown origin"


def test_no_configuration_and_no_environment(cli, release, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data-sbom.toml").write_text(f'[trace]\npublic-key = ["{release.pub}"]\n')
    monkeypatch.setenv("DATA_SBOM_PUBLIC_KEY", str(release.pub))
    assert "signatures not checked" in cli("trace", release.bom, "README.md").out


def test_a_hostile_name_reaches_no_terminal(cli, release):
    ran = cli("trace", release.bom, "\x1b[31mx")
    assert ran.code == 2
    assert "\x1b" not in ran.text


def test_the_python_api(made, key_pair):
    found = sbom.trace(made / "2.cdx.json", "t.csv", keys=[key_pair[1]], chain=made, record=2)
    assert isinstance(found, sbom.Trace)
    assert found.documents.checked
    assert [(hop.step, hop.verdict) for hop in found.row.hops] == [("clean", "wrote")]
    assert found.exit_code == 0
