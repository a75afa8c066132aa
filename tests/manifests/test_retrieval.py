"""Our own retrieval record, as a reader meets it: good, odd and hostile."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sbom
from sbom.provenance import MATCH, MISMATCH
from sbom.sources import record
from sbom.sources.record import Retrieval

NAME = record.FILE_NAME
DATA = b"species,mass\nAdelie,3750\n"
DIGEST = hashlib.sha256(DATA).hexdigest()
ONE = Retrieval(
    "https://h/a.csv", "https://cdn.h/a.csv", "2026-01-02T03:04:05Z", "a.csv", len(DATA), DIGEST, 200, (), '"tag"'
)


def read(crawl, content, *, at="", **tree):
    files = {f"{at}a.csv": DATA, f"{at}{NAME}": content} | tree
    found = crawl(files)
    return [(manifest, reading) for manifest, reading in found.readings if manifest.reader == "retrieval"], found


def entry(**changes):
    return json.dumps({"format": record.FORMAT, "retrievals": [{**ONE._asdict(), **changes}]})


@pytest.mark.parametrize("at", ["", "sub/dir/"])
def test_what_fetch_wrote_is_read(crawl, at):
    ((manifest, reading),), _ = read(crawl, record.dump((ONE,)), at=at)
    assert (manifest.version, manifest.scope, reading.problems) == ("1", at.rstrip("/"), [])
    (declared,) = reading.declared
    assert declared == (f"{at}a.csv", "SHA-256", DIGEST, "/retrievals/0/sha256", len(DATA), None)
    (source,) = reading.sources
    assert source == (
        *("https://h/a.csv", "/retrievals/0/url", f"{at}a.csv", (("SHA-256", DIGEST),), len(DATA)),
        *("2026-01-02T03:04:05Z", '"tag"', "https://cdn.h/a.csv"),
    )


def test_it_declares_what_the_file_must_be(crawl):
    ((_, reading),), _ = read(crawl, entry(sha256="0" * 64))
    assert reading.declared[0].value == "0" * 64


@pytest.mark.parametrize("path", ["../a.csv", "/etc/passwd", "", ".", None, 5, ["a.csv"], "a\x00b", "x/../../a.csv"])
def test_no_path_leads_out_of_its_directory(crawl, path):
    ((_, reading),), _ = read(crawl, entry(path=path), at="sub/", **{"a.csv": b"outside"})
    assert reading.declared == []
    assert [source.path for source in reading.sources] == [None]
    assert any("path" in problem.message for problem in reading.problems)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": None},
        {"url": 5},
        {"url": "no url"},
        {"retrieved": []},
        {"etag": {}},
        {"size": "x"},
        {"sha256": "x"},
        {"sha256": None},
    ],
)
def test_wrong_types_are_no_crash(crawl, changes):
    ((_, reading),), _ = read(crawl, entry(**changes))
    assert len(reading.declared) == 1
    assert len(reading.sources) == ("url" not in changes)


@pytest.mark.parametrize("content", ["{}", "[]", "null", '{"format": 5}', '{"format": "other/1", "retrievals": []}'])
def test_other_files_of_that_name_are_left_alone(crawl, content):
    assert read(crawl, content)[0] == []


def test_a_later_form_is_read_as_far_as_it_is_known(crawl):
    later = entry().replace(record.FORMAT, "data-sbom-retrieval-record/2")
    ((manifest, reading),), _ = read(crawl, later)
    assert manifest.version == "2"
    assert len(reading.declared) == 1
    assert "version is unknown" in reading.problems[0].message


def test_what_is_no_json_is_reported(crawl):
    ((_, reading),), _ = read(crawl, "{")
    assert "not JSON" in reading.problems[0].message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(["a.csv", "../x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(Retrieval._fields), inner, max_size=9),
    max_leaves=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(json_values)
def test_nothing_in_it_crashes_the_crawl(crawl, value):
    ((_, reading),), _ = read(crawl, json.dumps({"format": record.FORMAT, "retrievals": value}))
    assert not any("the reader failed" in problem.message for problem in reading.problems)


def test_a_changed_file_is_a_mismatch(tmp_path, cli):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / NAME).write_bytes(record.dump((ONE,)))
    (tmp_path / "d" / "a.csv").write_bytes(DATA)
    out = tmp_path / "o.cdx.json"
    assert cli("generate", tmp_path / "d", "-o", out, "--no-cache").code == 0
    assert [one.state for one in sbom.Bom.read(out).dataset.files[0].declared] == [MATCH]
    (tmp_path / "d" / "a.csv").write_bytes(DATA + b"x")
    ran = cli("generate", tmp_path / "d", "-o", out, "--no-cache")
    assert ran.code == 1
    assert MISMATCH in ran.text.lower()
