"""Data packages: what they say, what they declare, and packages that lie."""

from __future__ import annotations

import hashlib
import json

import pytest

from sbom.provenance import ABSENT, MALFORMED, MATCH, MISMATCH, NOT_DECLARED

CSV = b"id,label\n1,a\n2,b\n"
MD5 = hashlib.md5(CSV, usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(CSV).hexdigest()

PACKAGE = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "labels",
    "title": "Labels of things",
    "id": "https://doi.org/10.1234/labels",
    "version": "1.2.0",
    "description": "Things, and what they are.",
    "homepage": "https://example.org/labels",
    "created": "2026-01-02T03:04:05Z",
    "keywords": ["things", "labels"],
    "licenses": [{"name": "ODC-PDDL-1.0", "path": "http://opendatacommons.org/licenses/pddl/", "title": "PDDL"}],
    "sources": [
        {"title": "World Bank", "path": "https://data.example.org/gdp"},
        {"title": "An archive", "path": "old/box"},
    ],
    "contributors": [
        {"title": "Ada", "role": "author", "email": "ada@example.org"},
        {"title": "The Press", "roles": ["publisher"]},
        {"givenName": "Bo", "familyName": "Li", "roles": ["steward", "Photographer"]},
        {"title": "Helper"},
    ],
    "resources": [
        {
            "name": "labels",
            "path": "data/labels.csv",
            "hash": MD5,
            "bytes": len(CSV),
            "schema": {
                "fields": [{"name": "id", "type": "integer"}, {"name": "label", "type": "string"}, {"name": "x"}]
            },
        }
    ],
}


def one(crawl, package=PACKAGE, name="datapackage.json", **more):
    text = package if isinstance(package, (str, bytes)) else json.dumps(package)
    found = crawl({"data/labels.csv": CSV, name: text, **more})
    ours = [reading for manifest, reading in found.readings if manifest.reader == "frictionless"]
    assert len(ours) == 1
    return ours[0], found


def said(reading, field):
    return [one.value for one in reading.said if one.field == field]


def states(found):
    return {
        entry.path: [(one.state, one.algorithm) for one in entry.declared]
        for entry in found.crawled.entries
        if entry.declared
    }


def with_resource(**resource):
    return PACKAGE | {"resources": [{"name": "labels", **resource}]}


def test_a_whole_package(crawl):
    reading, found = one(crawl)
    assert reading.version == "2.0"
    assert {field: said(reading, field) for field in {one.field for one in reading.said}} == {
        "name": ["Labels of things"],
        "identifier": ["https://doi.org/10.1234/labels"],
        "version": ["1.2.0"],
        "description": ["Things, and what they are."],
        "homepage": ["https://example.org/labels"],
        "built-date": ["2026-01-02T03:04:05Z"],
        "keyword": ["things", "labels"],
        "license": ["ODC-PDDL-1.0"],
        "origin": ["World Bank", "An archive", "old/box"],
        "creator": ["Ada <ada@example.org>"],
        "supplier": ["The Press"],
        "maintainer": ["Bo Li"],
        "contributor": ["Bo Li (Photographer)", "Helper"],
        "schema": ["labels: id (integer), label (string), x"],
    }
    assert [(one.url, one.pointer) for one in reading.sources] == [("https://data.example.org/gdp", "/sources/0/path")]
    assert [one.pointer for one in reading.said if one.field == "license"] == ["/licenses/0/name"]
    assert reading.problems == []
    assert states(found) == {"data/labels.csv": [(MATCH, "MD5")]}


def test_what_is_usual_besides_the_specification(crawl):
    package = PACKAGE | {
        "languages": ["en", "fr"],
        "spatialCoverage": "Global",
        "temporalCoverage": {"start": 1},
        "contributors": [{"title": "Ada", "path": "https://orcid.org/0000-0002-1825-0097", "role": "DataCurator"}],
    }
    reading, _ = one(crawl, package)
    assert said(reading, "language") == ["en", "fr"]
    assert said(reading, "geography") == ["Global"]
    assert said(reading, "collection-period") == []
    assert said(reading, "contributor") == ["Ada (https://orcid.org/0000-0002-1825-0097) (DataCurator)"]
    assert reading.problems == []


def test_yaml_is_read_the_same(crawl):
    yaml = pytest.importorskip("yaml")
    expected, _ = one(crawl)
    found = crawl({"data/labels.csv": CSV, "datapackage.yaml": yaml.safe_dump(PACKAGE)}, name="yaml")
    reading = found.readings[0].reading
    assert [(item.field, item.value) for item in reading.said] == [(item.field, item.value) for item in expected.said]
    assert states(found) == {"data/labels.csv": [(MATCH, "MD5")]}


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (MD5, (MATCH, "MD5")),
        (MD5.upper(), (MATCH, "MD5")),
        (f"md5:{MD5}", (MATCH, "MD5")),
        (f"sha256:{SHA256}", (MATCH, "SHA-256")),
        ("sha1:" + "0" * 40, (MISMATCH, "SHA-1")),
        ("0" * 32, (MISMATCH, "MD5")),
        (SHA256, (MALFORMED, "MD5")),  # a bare value is an MD5, whatever its length
        (f"md5:{SHA256}", (MALFORMED, "md5")),
        ("crc32:abcdef01", (MALFORMED, "crc32")),
        ("", (MALFORMED, "MD5")),
        (17, (MALFORMED, "MD5")),
        ([MD5], (MALFORMED, "MD5")),
        (None, (NOT_DECLARED, "")),
    ],
)
def test_hashes(crawl, value, state):
    _, found = one(crawl, with_resource(path="data/labels.csv", hash=value))
    assert states(found) == {"data/labels.csv": [state]}


def test_what_frictionless_py_writes_into_stats(crawl):
    stats = {"md5": "0" * 32, "sha256": SHA256, "bytes": len(CSV), "rows": 2}
    reading, found = one(crawl, with_resource(path="data/labels.csv", stats=stats))
    assert states(found) == {"data/labels.csv": [(MATCH, "SHA-256")]}
    assert said(reading, "record-count") == ["2"]


def test_records_are_counted_only_when_every_resource_says_them(crawl):
    package = PACKAGE | {"resources": [{"name": "a", "data": [], "stats": {"rows": 2}}, {"name": "b", "data": []}]}
    reading, _ = one(crawl, package)
    assert said(reading, "record-count") == []


@pytest.mark.parametrize(
    "path",
    [
        "../outside.csv",
        "data/../../outside.csv",
        "data/../data/labels.csv",
        "/etc/passwd",
        "data\\labels.csv",
        "C:/labels.csv",
        "a\nb",
        "..",
        ".",
        17,
        {"a": 1},
        ["../x", "/y"],
    ],
)
def test_paths_that_are_not_allowed_are_problems_and_nothing_else(crawl, path):
    reading, found = one(crawl, with_resource(path=path, hash="0" * 32))
    assert reading.problems
    assert reading.declared == []
    assert [one.url for one in reading.sources] == ["https://data.example.org/gdp"]
    assert states(found) == {}


def test_a_package_in_a_subdirectory_does_not_speak_for_its_parent(crawl):
    inner = json.dumps(with_resource(path="../labels.csv", hash="0" * 32))
    found = crawl({"labels.csv": CSV, "sub/datapackage.json": inner})
    assert states(found) == {}
    assert found.readings[0].manifest.scope == "sub"
    assert "leads out" in found.readings[0].reading.problems[0].message


def test_absent_files_and_remote_ones(crawl):
    resources = [
        {"name": "gone", "path": "gone.csv", "hash": MD5},
        {"name": "far", "path": "https://example.org/far.csv", "hash": f"sha256:{SHA256}", "bytes": 17},
        {"name": "broken", "path": "https://example.org/broken.csv", "hash": "nonsense"},
    ]
    reading, found = one(crawl, PACKAGE | {"resources": resources, "sources": []})
    assert [(path, one.state) for path, one in found.crawled.provenance.elsewhere] == [("gone.csv", ABSENT)]
    assert [(one.url, one.digests, one.size) for one in reading.sources] == [
        ("https://example.org/far.csv", (("SHA-256", SHA256),), 17),
        ("https://example.org/broken.csv", (), None),
    ]
    assert [one.pointer for one in reading.problems] == ["/resources/2/path"]


def test_several_files_have_no_common_hash(crawl):
    reading, found = one(crawl, with_resource(path=["data/labels.csv", "more.csv"], hash="0" * 32))
    assert states(found) == {"data/labels.csv": [(NOT_DECLARED, "")]}
    assert [one.pointer for one in reading.problems] == ["/resources/0/hash"]


def test_nothing_elsewhere_is_fetched(crawl):
    package = PACKAGE | {
        "$schema": "https://example.org/own/profile.json",
        "profile": "https://example.org/own.json",
        "resources": [
            "https://example.org/resource.json",
            {"name": "r", "data": [1], "schema": "https://example.org/s.json"},
        ],
    }
    reading, _ = one(crawl, package)
    assert reading.version is None
    assert [one.pointer for one in reading.problems] == ["/resources/0"]
    assert said(reading, "schema") == ["r: https://example.org/s.json"]


def test_unknown_versions_are_read_as_far_as_possible(crawl):
    reading, found = one(crawl, PACKAGE | {"$schema": "https://datapackage.org/profiles/7.1/datapackage.json"})
    assert reading.version == "7.1"
    assert [one.pointer for one in reading.problems] == ["/$schema"]
    assert said(reading, "name") == ["Labels of things"]
    assert states(found) == {"data/labels.csv": [(MATCH, "MD5")]}


def test_what_was_usual_before_version_1(crawl):
    package = {
        "name": "old",
        "license": {"type": "PDDL", "url": "http://opendatacommons.org/licenses/pddl/"},
        "author": "Ada <ada@example.org>",
        "maintainers": [{"name": "Bo"}],
        "sources": [{"name": "Web", "web": "http://example.org/"}],
        "last_updated": "2024-24-10",
        "resources": [{"name": "far", "url": "http://example.org/x.csv"}],
    }
    reading, _ = one(crawl, package)
    assert reading.version == "1.0"
    assert said(reading, "name") == ["old"]
    assert said(reading, "license") == ["PDDL"]
    assert said(reading, "creator") == ["Ada <ada@example.org>"]
    assert said(reading, "maintainer") == ["Bo"]
    assert [one.url for one in reading.sources] == ["http://example.org/", "http://example.org/x.csv"]
    assert [one.pointer for one in reading.problems] == ["/last_updated"]


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        ([{"name": "CC-BY-4.0"}], ["CC-BY-4.0"]),
        (
            [{"title": "Free", "path": "https://creativecommons.org/licenses/by/4.0/"}],
            ["https://creativecommons.org/licenses/by/4.0/"],
        ),
        ([{"name": "own", "path": "LICENSE.md"}], ["own"]),
        ([{"name": "MIT"}, {"name": "CC-BY-4.0"}], ["MIT", "CC-BY-4.0"]),
        (["MIT"], ["MIT"]),
        ("MIT", ["MIT"]),
        ([{}], []),
        ([{"name": 3}], []),
        (17, []),
    ],
)
def test_licences(crawl, licenses, expected):
    reading, _ = one(crawl, PACKAGE | {"licenses": licenses})
    assert said(reading, "license") == expected
    assert bool(reading.problems) is not bool(expected)


def test_a_resource_under_another_licence_is_a_restriction(crawl):
    resource = {"path": "data/labels.csv", "licenses": [{"name": "CC-BY-NC-4.0"}]}
    reading, _ = one(crawl, with_resource(**resource))
    assert said(reading, "license") == ["ODC-PDDL-1.0"]
    assert said(reading, "restriction") == ["labels: licence CC-BY-NC-4.0"]
    del (package := with_resource(**resource))["licenses"]
    reading, _ = one(crawl, package)
    assert said(reading, "license") == ["CC-BY-NC-4.0"]


def test_a_resource_that_stands_alone(crawl):
    resource = {
        "name": "labels",
        "title": "L",
        "path": "data/labels.csv",
        "hash": f"sha256:{SHA256}",
        "licenses": [{"name": "MIT"}],
    }
    reading, found = one(crawl, resource, "dataresource.json")
    assert said(reading, "name") == ["L"]
    assert said(reading, "license") == ["MIT"]
    assert said(reading, "restriction") == []
    assert states(found) == {"data/labels.csv": [(MATCH, "SHA-256")]}


@pytest.mark.parametrize("content", [b"", b"[]", b"17", b"{", b"\xff\xfe{}", b'"x"', b"null", b"[" * 100_000])
def test_what_is_no_package(crawl, content):
    reading, found = one(crawl, content)
    assert len(reading.problems) == 1
    assert reading.said == []
    assert found.crawled.warnings


def test_a_package_without_resources_says_so(crawl):
    for resources in (None, [], "data.csv", {"a": 1}):
        reading, _ = one(crawl, PACKAGE | {"resources": resources})
        assert [one.pointer for one in reading.problems] == ["/resources"]


def test_many_columns_are_cut(crawl):
    fields = [{"name": f"c{number}", "type": "any"} for number in range(5_000)]
    reading, _ = one(crawl, with_resource(path="data/labels.csv", schema={"fields": fields}))
    (text,) = said(reading, "schema")
    assert text.endswith("c499 (any) and 4500 more")


def test_frictionless_itself_takes_our_sample_and_finds_the_same_hash(crawl, tmp_path, monkeypatch):
    frictionless = pytest.importorskip("frictionless", reason="an oracle")
    one(crawl)
    monkeypatch.chdir(tmp_path / "dataset")
    package = frictionless.Package.from_descriptor(json.loads((tmp_path / "dataset" / "datapackage.json").read_text()))
    resource = package.get_resource("labels")
    resource.infer(stats=True)
    assert resource.stats.md5 == MD5
    assert resource.stats.sha256 == SHA256
