"""Readers of trees on hostile input: arbitrary values at arbitrary places, and arbitrary bytes; only ManifestError comes out."""

from __future__ import annotations

import copy
import json
import posixpath

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as prove
from hypothesis import strategies as st

from sbom import names
from sbom.manifests import cff, delta, frictionless, kaggle, mlflow, openlineage
from sbom.manifests.errors import ManifestError
from sbom.manifests.interface import Given
from sbom.manifests.reading import MAX_PROBLEMS, Reading
from sbom.provenance import FIELD_BY_ID


class Tree(Given):
    """A manifest among files, in memory; notes every path that it was asked for."""

    def __init__(self, path, files):
        self.path = path
        self.directory = path.rpartition("/")[0]
        self.root_name = "dataset"
        self.files = files
        self.scope = ""

    def data(self, limit=128 << 20):
        return self.other(self.path, limit)

    def head(self, limit):
        return self.files[self.path][:limit]

    def other(self, path, limit=128 << 20):
        if path not in self.files or len(self.files[path]) > limit:
            raise ManifestError("no such file, or too large")
        return self.files[path]

    def exists(self, path):
        return path in self.files

    def size(self, path):
        return len(self.files[path]) if path in self.files else None

    def below(self, directory):
        return (path for path in sorted(self.files) if not directory or path.startswith(f"{directory}/"))

    def link(self, path):
        return None

    def resolve(self, text, base=None):
        if not isinstance(text, str) or not text or text.startswith("/"):
            return None
        start = self.directory if base is None else base
        path = posixpath.normpath(f"{start}/{text}" if start else text)
        inside = not self.scope or path == self.scope or path.startswith(f"{self.scope}/")
        return path if inside and names.refusal(path) is None else None


EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-02T03:05:00Z",
    "producer": "https://example.org/p",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    "run": {"runId": "1", "facets": {"processing_engine": {"name": "spark", "version": "3"}}},
    "job": {
        "namespace": "n",
        "name": "j",
        "facets": {
            "sourceCodeLocation": {"url": "https://example.org/x.py", "version": "1"},
            "ownership": {"owners": [{"name": "Bo", "type": "T"}]},
        },
    },
    "inputs": [{"namespace": "a", "name": "b", "facets": {"dataSource": {"uri": "s3://a/b"}}}],
    "outputs": [
        {
            "namespace": "c",
            "name": "d",
            "facets": {
                "documentation": {"description": "D"},
                "schema": {"fields": [{"name": "x", "type": "y"}]},
                "version": {"datasetVersion": "1"},
                "lifecycleStateChange": {"lifecycleStateChange": "CREATE"},
                "ownership": {"owners": [{"name": "Ada"}]},
            },
            "outputFacets": {"outputStatistics": {"rowCount": 3}},
        }
    ],
}
#: Reader, path, and a valid manifest. A list is written as JSON Lines.
SAMPLES = {
    "frictionless": (
        frictionless.READER,
        "t/datapackage.json",
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": "n",
            "title": "T",
            "version": "1",
            "created": "2026-01-02",
            "last_updated": "2026-01-02",
            "keywords": ["k"],
            "licenses": [{"name": "MIT", "path": "p", "title": "t"}],
            "sources": [{"title": "s", "path": "https://example.org"}],
            "contributors": [{"title": "A", "role": "author", "roles": ["x"], "email": "e", "givenName": "g"}],
            "author": {"name": "x"},
            "resources": [
                {
                    "name": "r",
                    "path": ["a.csv", "https://example.org/a"],
                    "hash": "md5:" + "0" * 32,
                    "bytes": 3,
                    "stats": {"md5": "0" * 32, "rows": 3, "bytes": 3},
                    "schema": {"fields": [{"name": "c", "type": "t"}]},
                    "licenses": [{"name": "MIT"}],
                    "sources": [{"path": "x"}],
                },
                {"path": "b.csv", "stats": {"hash": "sha256:" + "0" * 64}},
            ],
        },
    ),
    "dataresource": (
        frictionless.READER,
        "t/dataresource.yaml",
        {"name": "r", "path": "a.csv", "hash": "0" * 32, "license": "MIT"},
    ),
    "kaggle": (
        kaggle.READER,
        "dataset-metadata.json",
        {
            "title": "T",
            "subtitleNullable": "S",
            "id": "a/b",
            "ownerUser": "a",
            "datasetSlug": "b",
            "licenses": [{"name": "MIT", "nameNullable": "MIT"}],
            "keywords": ["k"],
            "collaborators": [{"username": "u", "role": "r"}],
            "data": [{"name": "a.csv", "totalBytes": 3, "columns": [{"name": "c", "type": "t"}]}],
            "resources": [{"path": "a.csv", "schema": {"fields": [{"name": "c"}]}}],
            "userSpecifiedSources": "https://example.org",
            "expectedUpdateFrequency": "never",
            "lastUpdated": "2026-01-02",
            "info": {"isPrivate": True},
        },
    ),
    "cff": (
        cff.READER,
        "CITATION.cff",
        {
            "cff-version": "1.2.0",
            "type": "dataset",
            "title": "T",
            "version": "1",
            "date-released": "2026-01-02",
            "doi": "10.1234/x",
            "identifiers": [{"type": "doi", "value": "10.1234/y"}],
            "license": ["MIT"],
            "license-url": "https://example.org",
            "url": "https://example.org",
            "repository-artifact": "https://example.org",
            "keywords": ["k"],
            "authors": [
                {
                    "given-names": "A",
                    "family-names": "B",
                    "orcid": "https://orcid.org/0000-0002-1825-0097",
                    "affiliation": "C",
                }
            ],
            "contact": [{"name": "N", "email": "e"}],
            "references": [{"type": "dataset", "title": "R", "url": "https://example.org", "publisher": {"name": "P"}}],
            "preferred-citation": {"title": "P", "year": "2026", "authors": [{"name": "A"}], "journal": "J"},
        },
    ),
    "openlineage": (openlineage.READER, "events.json", EVENT),
    "openlineage lines": (openlineage.READER, "events.jsonl", [EVENT | {"eventType": "START"}, EVENT]),
    "delta": (
        delta.READER,
        "t/_delta_log/00000000000000000000.json",
        [
            {"protocol": {"minReaderVersion": 3, "readerFeatures": ["deletionVectors"]}},
            {
                "metaData": {
                    "id": "i",
                    "name": "n",
                    "schemaString": '{"fields": [{"name": "a", "type": "b"}]}',
                    "partitionColumns": ["p"],
                    "createdTime": 1_767_323_045_000,
                }
            },
            {
                "add": {
                    "path": "a.csv",
                    "size": 3,
                    "stats": '{"numRecords": 3}',
                    "deletionVector": {"storageType": "u", "offset": 1, "cardinality": 1},
                }
            },
            {"add": {"path": "s3://b/c", "size": 3}},
            {"remove": {"path": "b.csv", "deletionVector": {"storageType": "u"}}},
            {
                "commitInfo": {
                    "operation": "WRITE",
                    "timestamp": 1,
                    "operationParameters": {"mode": "Append"},
                    "engineInfo": "E",
                }
            },
        ],
    ),
    "delta checkpoint": (delta.READER, "u/_delta_log/_last_checkpoint", {"version": 3, "parts": 2}),
    "mlflow": (
        mlflow.READER,
        "d.json",
        {
            "name": "n",
            "digest": "0",
            "source_type": "http",
            "source": {"url": "https://example.org", "tags": {"mlflow.source.name": "x"}},
            "schema": {"mlflow_colspec": [{"name": "a", "type": "b"}]},
            "profile": {"num_rows": 3},
        },
    ),
    "mlflow text": (
        mlflow.READER,
        "datasets/x/meta.yaml",
        {
            "name": "n",
            "digest": "0",
            "source_type": "hugging_face",
            "source": '{"path": "a/b", "revision": "c"}',
            "schema": "{}",
        },
    ),
}

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        [
            "../../etc/passwd",
            "/etc/passwd",
            "https://example.org",
            "\x00",
            "\u202e",
            "9" * 400,
            "[",
            "{}",
            "%2e%2e/",
            "0" * 32,
        ]
    ),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(tree, above=()):
    """Every place of a tree, as the keys that lead to it."""
    found = [above]
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        found += places(value, (*above, key))
    return found


def substitute(tree, place, value):
    if not place:
        return value
    changed = copy.deepcopy(tree)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


def written(path, tree):
    lines = isinstance(tree, list) and path.endswith(("jsonl", "0.json"))
    return ("\n".join(map(json.dumps, tree)) if lines else json.dumps(tree)).encode()


def read(reader, path, content):
    files = {"a.csv": b"1\n", "t/a.csv": b"1\n", "t/b.csv": b"1\n", "x.parquet": b"", "t/x.parquet": b"", path: content}
    given = Tree(path, files)
    given.scope = reader.scope(path)
    reading = Reading()
    try:
        if reader.accepts(path, content[: 64 << 10]):
            reader.read(given, reading)
    except ManifestError as error:
        assert str(error)  # noqa: PT017  # whatever comes out has something to say
    check(reading, given.scope)
    return reading


def check(reading, scope):
    """What a reader collected can be put into a document, and speaks of nothing outside of what it may speak for."""
    assert len(reading.problems) <= MAX_PROBLEMS
    for one in reading.said:
        assert one.field in FIELD_BY_ID
        assert one.value
        assert isinstance(one.pointer, str)
    for one in reading.declared:
        assert names.refusal(one.path) is None
        assert not scope or one.path.startswith(f"{scope}/")
    for problem in reading.problems:
        assert isinstance(problem.message, str)
    text = (one.value for one in reading.said)
    urls = (one.url for one in reading.sources)
    "\n".join((*text, *urls, *(one.value for one in reading.declared))).encode()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_read_to_the_end(name):
    reader, path, tree = SAMPLES[name]
    reading = read(reader, path, written(path, tree))
    assert reading.said or name == "delta checkpoint"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_value_at_every_place(name):
    reader, path, tree = SAMPLES[name]
    for place in places(tree):
        for value in (
            None,
            True,
            0,
            -1,
            1e300,
            "",
            "x",
            "\ud800",
            "\x00",
            [],
            {},
            [[]],
            [{}],
            [None],
            {"a": {}},
            {"name": {}},
            [0, "x", {}],
        ):
            read(reader, path, written(path, substitute(tree, place, value)))


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@prove(data=st.data())
def test_arbitrary_values_at_arbitrary_places(name, data):
    reader, path, tree = SAMPLES[name]
    for _ in range(data.draw(st.integers(1, 3))):
        tree = substitute(tree, data.draw(st.sampled_from(places(tree))), data.draw(ANYTHING))
    read(reader, path, written(path, tree))


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=60, deadline=None)
@prove(data=st.data())
def test_arbitrary_bytes(name, data):
    reader, path, tree = SAMPLES[name]
    good = written(path, tree)
    at = data.draw(st.integers(0, len(good)))
    noise = data.draw(st.binary(max_size=20))
    read(reader, path, good[:at] + noise + good[at + data.draw(st.integers(0, 20)) :])
    read(reader, path, noise)


@pytest.mark.parametrize("name", SAMPLES)
def test_depth_ends_in_an_error_or_a_problem(name):
    reader, path, _ = SAMPLES[name]
    for deep in (b"[" * 200_000, b'{"a":' * 200_000, b'{"name":' + b"[" * 1_500 + b"]" * 1_500 + b"}"):
        read(reader, path, deep)
