"""What JSON-LD means, and that arbitrary trees and bytes end in a reading or a ManifestError."""

from __future__ import annotations

import copy
import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as prove
from hypothesis import strategies as st

from sbom.inventory.walk import Node, Place
from sbom.manifests import croissant, dcat, jsonld, resources, rocrate
from sbom.manifests.errors import ManifestError
from sbom.manifests.given import Opened
from sbom.manifests.jsonld import Document
from sbom.manifests.reading import MAX_PROBLEMS, Reading
from sbom.provenance import FIELD_BY_ID

FULL = "http://www.w3.org/ns/prov#wasDerivedFrom"


# Keys.


@pytest.mark.parametrize(
    ("context", "key", "meaning"),
    [
        (None, "name", "name"),
        ("https://schema.org/", "name", "name"),
        ({"@vocab": "http://schema.org/"}, "name", "sc:name"),
        ({"@vocab": "https://schema.org/"}, "name", "sc:name"),
        ({"@vocab": "https://elsewhere.example/"}, "name", "https://elsewhere.example/name"),
        ([{"@vocab": "https://elsewhere.example/"}, {"@vocab": None}], "name", "name"),
        ({"x": "sc:name"}, "x", "sc:name"),
        ({"x": {"@id": "sc:name", "@container": "@language"}}, "x", "sc:name"),
        ({"s": "https://schema.org/", "x": "s:name"}, "x", "sc:name"),
        ({"sc": "https://elsewhere.example/"}, "sc:name", "https://elsewhere.example/name"),
        (None, "schema:name", "sc:name"),
        (None, "ml:field", "cr:field"),
        (None, "http://mlcommons.org/croissant/RAI/dataBiases", "rai:dataBiases"),
        (None, "https://mlcommons.org/croissant/field", "cr:field"),
        (None, "dcterms:title", "dct:title"),
        (None, "http://purl.org/dc/elements/1.1/title", "dct:title"),
        (None, FULL, "prov:wasDerivedFrom"),
        (None, "unknown:x", "unknown:x"),
        (None, "id", "@id"),
        ({"id": "sc:identifier"}, "id", "sc:identifier"),
        ({"kind": "@type"}, "kind", "@type"),
        ({"name": {"@container": "@language"}, "@vocab": "https://schema.org/"}, "name", "sc:name"),
        ({"a": "b", "b": "c", "c": "d:", "d": "sc:na", "x": "a"}, "x", None),
        ({"a": "b", "b": "c", "c": "d", "d": "s:name", "s": "https://schema.org/"}, "a", "sc:name"),
        ({"@vocab": "https://schema.org/", "a": {"@id": "b"}}, "a", "sc:b"),
        ({"a": "b", "b": "a"}, "a", None),
        ({"a": "a:a"}, "a", None),
        ({"a": "a"}, "a", "a"),
        (["https://w3id.org/ro/crate/1.1/context", {"x": "https://schema.org/name"}], "x", "sc:name"),
        ({"x": 7, "@vocab": 7}, "x", "x"),
        (7, "x", "x"),
    ],
)
def test_what_a_key_means(context, key, meaning):
    found = Document({"@context": context}).key(key)
    assert isinstance(found, str)
    assert meaning is None or found == meaning


def test_a_term_that_grows_when_it_is_explained_ends():
    assert len(Document({"@context": {"a": "a:" + "a:" * 50}}).key("a:x")) < 10_000


def test_types_are_without_schema_org():
    doc = Document({"@context": {"@vocab": "https://schema.org/"}})
    assert doc.types({"@type": ["Dataset", "cr:FileObject", "sc:File", 7]}) == {"Dataset", "cr:FileObject", "File"}
    assert doc.types({"@type": {"x": 1}}) == frozenset()


def test_the_first_key_that_is_wanted_counts():
    doc = Document({})
    assert doc.get({"name": 1, "sc:name": 2}, "sc:name", "name") == (2, "sc:name")
    assert doc.get({"name": None}, "name") == (None, "")


# Values.


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a", ["a"]),
        (7, ["7"]),
        ({"@value": "a", "@type": "xsd:string"}, ["a"]),
        (["a", ["b", {"@value": "c"}]], ["a", "b", "c"]),
        ({"@list": ["a", "b"]}, ["a", "b"]),
        ({"@set": ["a"]}, ["a"]),
        ({"@id": "https://example.org/x"}, ["https://example.org/x"]),
        ({"@id": "#named"}, ["Named"]),
        ({"@type": "Thing", "name": "N"}, ["N"]),
        ({"@type": "Thing", "url": "https://example.org/"}, ["https://example.org/"]),
        ({"@type": "prov:Activity", "rdfs:label": [{"@value": "L"}]}, ["L"]),
        ({"de": "x", "en": "y"}, ["y"]),
        ({"de": "x", "fr-CA": "y"}, ["x"]),
        ({"en": ["a", "b"]}, ["a", "b"]),
        (
            [
                {"@value": "x", "@language": "de"},
                {"@value": "y", "@language": "en"},
                {"@value": "z", "@language": "en"},
            ],
            ["y", "z"],
        ),
        ([{"@value": "x", "@language": "de"}, "plain"], ["plain"]),
        ({"fn": "Jane"}, ["Jane"]),
        ({"url": "https://example.org/"}, ["https://example.org/"]),
        (None, []),
        ([], []),
        ([None, ""], [None]),
        ({"x": {"y": 1}}, [None]),
        ([[[[[["too deep"]]]]]], []),
    ],
)
def test_values_in_words(value, words):
    doc = Document({"node": {"@id": "#named", "name": "Named"}, "value": value})
    assert [doc.text(one) for one, _ in doc.items(value, "/value")] == words


def test_the_document_s_own_language_comes_first():
    doc = Document({"@context": {"@language": "de"}})
    assert [one for one, _ in doc.items({"en": "x", "de": "y"}, "")] == ["y"]


def test_pointers_of_values():
    doc = Document({})
    value = [{"@list": ["a", ["b"]]}, {"en": "c"}, "d"]
    assert [where for _, where in doc.items(value, "/x")] == ["/x/0/@list/0", "/x/0/@list/1/0", "/x/1/en", "/x/2"]


# References.


def test_references_are_followed_once():
    tree = {"a": {"@id": "#a", "name": {"@id": "#b"}}, "b": [{"@id": "#b"}, {"@id": "#b", "name": {"@id": "#a"}}]}
    doc = Document(tree)
    assert doc.node({"@id": "#a"}) is tree["a"]
    assert doc.locate({"@id": "#b"}, "/x") == (tree["b"][1], "/b/1")
    assert doc.locate({"@id": "#lost"}, "/x") == ({"@id": "#lost"}, "/x")
    assert doc.text({"@id": "#a"}) == "#a"


def test_a_deep_tree_is_walked_without_recursion():
    tree: dict[str, object] = {"@id": "#deep", "name": "found"}
    for _ in range(50_000):
        tree = {"x": tree}
    try:
        assert Document(tree).text({"@id": "#deep"}) == "found"
    finally:
        while "x" in tree:  # taken apart from outside, or freeing it would recurse
            tree = tree.pop("x")


def test_nodes_of_each_form():
    node = {"@type": "Dataset"}
    for tree, pointer in (
        (node, ""),
        ([node], "/0"),
        ({"@graph": [node]}, "/@graph/0"),
        ({"@graph": node}, "/@graph"),
        ({"@context": {"g": "@graph"}, "g": [7, node]}, "/g/1"),
    ):
        assert list(Document(tree).nodes()) == [(node, pointer)]
    assert list(Document("x").nodes()) == []


@pytest.mark.parametrize(("meaning", "name"), [("sc:name", "name"), ("http://x/y#z", "z"), ("name", "name"), ("", "")])
def test_local_names(meaning, name):
    assert jsonld.local(meaning) == name


@pytest.mark.parametrize(
    ("text", "remote"),
    [("https://x/y", True), ("urn:x", True), ("a/b:c", False), ("a", False), ("C:\\x", False), ("", False)],
)
def test_addresses_and_paths(text, remote):
    assert resources.remote(text) is remote


# Anything at all.

HEX = "0123456789abcdef" * 4
SEEDS = {
    "croissant.json": {
        "@context": {
            "@vocab": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "conformsTo": "dct:conformsTo",
        },
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1"],
        "name": "n",
        "description": {"en": "x", "de": "y"},
        "license": {"@type": "CreativeWork", "name": "MIT", "url": "https://opensource.org/licenses/MIT"},
        "creator": [
            {"@id": "#jane"},
            {"@type": "Person", "@id": "#jane", "name": "Jane", "affiliation": {"name": "A"}},
        ],
        "datePublished": "2024-01-01",
        "keywords": "a, b",
        "usageInfo": {"name": "u", "odrl:permission": [{"odrl:action": {"name": "a"}}]},
        "variableMeasured": [{"name": "v"}],
        "temporalCoverage": {"startDate": "2020"},
        "isAccessibleForFree": True,
        "cr:isLiveDataset": False,
        "rai:dataBiases": ["b"],
        "prov:wasGeneratedBy": {"prov:label": "l", "prov:wasAssociatedWith": {"prov:label": "a"}},
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "a.zip",
                "contentUrl": "a.zip",
                "contentSize": "1 B",
                "sha256": HEX,
                "cr:md5": HEX[:32],
            },
            {
                "@type": "cr:FileObject",
                "@id": "m",
                "contentUrl": "x.csv",
                "containedIn": {"@id": "a.zip"},
                "sha256": HEX,
            },
            {
                "@type": "cr:FileObject",
                "@id": "r",
                "name": "a.csv",
                "contentUrl": "https://example.org/a.csv",
                "encodingFormat": "text/csv",
                "sha256": HEX,
            },
            {
                "@type": "cr:FileSet",
                "@id": "s",
                "containedIn": [{"@id": "a.zip"}],
                "includes": "*",
                "prov:wasDerivedFrom": {"@id": "x"},
            },
        ],
        "cr:recordSet": [
            {"@type": "cr:RecordSet", "name": "t", "cr:field": [{"name": "f", "cr:dataType": "sc:ImageObject"}]},
            {"@type": "cr:RecordSet", "name": "splits", "cr:dataType": "cr:Split", "cr:data": [{"name": "train"}]},
        ],
    },
    "ro-crate-metadata.json": {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": "n",
                "author": {"@id": "#j"},
                "license": {"@id": "#l"},
                "distribution": {"@id": "https://example.org/z"},
            },
            {"@id": "#j", "@type": "Person", "givenName": "J", "familyName": "D"},
            {
                "@id": "a.csv",
                "@type": ["File"],
                "sha256": HEX,
                "contentSize": "1",
                "contentUrl": "https://example.org/a.csv",
            },
            {"@id": "https://example.org/b.csv", "@type": "File", "md5": HEX[:32]},
            {
                "@id": "#c",
                "@type": "CreateAction",
                "name": "c",
                "instrument": {"@id": "#i"},
                "object": [{"@id": "a.csv"}],
                "result": "r",
                "agent": {"@id": "#j"},
            },
        ],
    },
    "data.json": {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "spdx": "http://spdx.org/rdf/terms#"},
        "@graph": [
            {"@type": "dcat:Catalog", "dcat:dataset": [{"@id": "d"}]},
            {
                "@id": "d",
                "@type": "dcat:Dataset",
                "dct:title": [{"@value": "t", "@language": "en"}],
                "dct:temporal": {"dcat:startDate": {"@value": "2020"}},
                "dct:identifier": {"skos:notation": "i"},
                "dcat:distribution": [
                    {
                        "dcat:downloadURL": {"@id": "https://example.org/a.csv"},
                        "dcat:byteSize": {"@value": 1},
                        "spdx:checksum": {
                            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                            "spdx:checksumValue": HEX,
                        },
                    },
                    {"dcat:accessURL": "https://example.org/", "dct:license": {"@id": "x"}, "dct:title": "t"},
                ],
            },
        ],
    },
}
READERS = {"croissant.json": croissant.READER, "ro-crate-metadata.json": rocrate.READER, "data.json": dcat.READER}
FILES = ("a.zip", "a.csv", "x.csv", "dir/b")


class Memory:
    """An inventory that was never on a disk."""

    def __init__(self, paths):
        self.nodes = {path: Node(path, 1, (0,) * 6, None, path) for path in paths}

    def read(self, path, limit):
        raise AssertionError(path)  # these readers read nothing but the manifest


class Manifest(Opened):
    inside = True

    def __init__(self, path, content):
        directory = path.rpartition("/")[0]
        super().__init__(
            Place("/nowhere/dataset", None), Memory({path, *FILES, *(f"in/{one}" for one in FILES)}), path, directory
        )
        self.speaks_for(directory)
        self.content = content

    def data(self, limit=1 << 30):
        return self.content

    def head(self, limit):
        return self.content[:limit]


def read(reader, path, content):
    reading = Reading()
    with suppress(ManifestError):
        if reader.accepts(path, content[:65536]):
            reader.read(Manifest(path, content), reading)
    return reading


def resolves(tree, pointer):
    """Follow a JSON Pointer (RFC 6901)."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        tree = tree[int(key)] if isinstance(tree, list) else tree[key]
    return True


def places(tree):
    found = []
    waiting = [(tree, ())]
    while waiting:
        node, path = waiting.pop()
        found.append(path)
        pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        waiting.extend((inner, (*path, key)) for key, inner in pairs)
    return sorted(found, key=repr)


def replaced(tree, path, value):
    if not path:
        return value
    tree = copy.deepcopy(tree)
    node = tree
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return tree


_keys = st.sampled_from(
    [
        "@id",
        "@type",
        "@value",
        "@list",
        "@set",
        "@language",
        "@context",
        "@graph",
        "name",
        "en",
        "url",
        "sha256",
        "contentUrl",
        "containedIn",
        "",
    ]
) | st.text(max_size=4)
_leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "../x",
            "/etc/passwd",
            "a.zip",
            "a.csv",
            "https://example.org/a.csv",
            "m",
            "./",
            "#j",
            "sc:Dataset",
            "cr:FileObject",
            "File",
            "\x00",
            "%2e%2e%2f",
            "http://[",
            "http://mlcommons.org/croissant/9",
        ]
    )
)
_values = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3), max_leaves=6
)


def check(reading, tree, directory):
    assert len(reading.problems) <= MAX_PROBLEMS
    prefix = f"{directory}/" if directory else ""
    for one in reading.said:
        assert one.field in FIELD_BY_ID
        assert one.value
        assert resolves(tree, one.pointer)
    for one in reading.declared:
        assert one.path.startswith(prefix)
        assert not one.path.startswith("/") and ".." not in one.path.split("/")
        assert resolves(tree, one.pointer)
    for one in reading.sources:
        assert ":" in one.url
        assert resolves(tree, one.pointer)
    for one in reading.problems:
        assert resolves(tree, one.pointer)


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@prove(data=st.data())
def test_anything_anywhere_is_read_or_reported(name, data):
    tree = SEEDS[name]
    for _ in range(data.draw(st.integers(1, 3))):
        tree = replaced(tree, data.draw(st.sampled_from(places(tree))), data.draw(_values))
    directory = data.draw(st.sampled_from(["", "in"]))
    path = f"{directory}/{name}" if directory else name
    content = json.dumps(tree).encode("utf-8", "surrogatepass")
    for reader in READERS.values():
        check(read(reader, path, content), tree, directory)


@settings(max_examples=100, deadline=None)
@prove(
    content=st.binary(max_size=60),
    start=st.sampled_from([b"", b'{"@context": "https://schema.org/", "@type": "cr:FileObject", ', b'{"@graph": [']),
)
def test_arbitrary_bytes_are_read_or_reported(content, start):
    for name, reader in READERS.items():
        read(reader, name, start + content)


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed_says_something(name):
    """Else the tests above prove nothing."""
    reading = read(READERS[name], name, json.dumps(SEEDS[name]).encode())
    assert reading.said and reading.declared and reading.sources
    assert not reading.problems
    check(reading, SEEDS[name], "")
    assert all(read(READERS[name], name, json.dumps(SEEDS[name])[:cut].encode()).said == [] for cut in range(0, 400, 7))


@pytest.mark.parametrize("key", ["a", "distribution", "creator", "@graph", "cr:recordSet"])
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_deep_nesting_ends(reader, key):
    for opening, closing in (("[", "]"), ('{"@list":', "}"), ('{"@id":"x","name":', "}")):
        content = f'{{"@context": "https://schema.org/", "@type": ["sc:Dataset"], "conformsTo": "http://mlcommons.org/croissant/1.0", "{key}": {opening * 900}1{closing * 900}}}'
        read(reader, "ro-crate-metadata.json" if reader is rocrate.READER else "m.json", content.encode())
