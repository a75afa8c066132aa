"""DCAT, plain schema.org datasets, and Project Open Data."""

from __future__ import annotations

import hashlib
import json

import pytest

from sbom.provenance import ABSENT, MALFORMED, MATCH, MISMATCH, NOT_DECLARED

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def sha1(text="a"):
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def sha256(text="a"):
    return hashlib.sha256(text.encode()).hexdigest()


def dataset(*distribution, **more):
    return {"@id": "https://example.org/d", "@type": "dcat:Dataset", "dcat:distribution": list(distribution), **more}


def document(*nodes):
    return json.dumps({"@context": CONTEXT, "@graph": list(nodes)})


def schema(*distribution, **more):
    return json.dumps(
        {"@context": "https://schema.org/", "@type": "Dataset", "name": "n", "distribution": list(distribution), **more}
    )


def reading(found):
    (one,) = found.readings
    assert one.manifest.reader == "dcat"
    return one.reading


def said(found):
    return [(one.field, one.value) for one in reading(found).said]


def messages(found):
    found = [one.message for one in reading(found).problems]
    assert not any("failed" in message for message in found)
    return found


def declared(found):
    inside = [(entry.path, one) for entry in found.crawled.entries for one in entry.declared]
    return {(path, one.algorithm, one.state) for path, one in [*inside, *found.crawled.provenance.elsewhere]}


def test_the_fields_of_a_dataset(crawl):
    node = dataset(
        **{
            "dct:title": [{"@value": "Vögel", "@language": "de"}, {"@value": "Birds", "@language": "en"}],
            "dct:description": "D",
            "dct:identifier": "10.1/x",
            "dct:publisher": {"@type": "foaf:Agent", "foaf:name": "Agency"},
            "dct:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
            "dct:issued": {"@value": "2020-01-01", "@type": "xsd:date"},
            "dct:modified": {"@value": "2021-01-01T00:00:00Z", "@type": "xsd:dateTime"},
            "dct:spatial": {"@id": "http://sws.geonames.org/6695072"},
            "dct:temporal": {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": {"@value": "2010"},
                "dcat:endDate": {"@value": "2011"},
            },
            "dct:accrualPeriodicity": {"@id": "http://purl.org/cld/freq/daily"},
            "dct:accessRights": {"@type": "dct:RightsStatement", "rdfs:label": "public"},
            "dcat:contactPoint": {"@type": "vcard:Kind", "vcard:fn": "Jane"},
            "dcat:keyword": ["a", "b"],
            "dcat:landingPage": {"@id": "https://example.org/"},
            "dcat:version": "2",
            "prov:wasDerivedFrom": {"@id": "https://example.org/raw"},
        }
    )
    found = crawl({"m.jsonld": document(node), "a": "a"})
    assert said(found) == [
        ("name", "Birds"),
        ("description", "D"),
        ("identifier", "10.1/x"),
        ("supplier", "Agency"),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
        ("release-date", "2020-01-01"),
        ("modified-date", "2021-01-01T00:00:00Z"),
        ("geography", "http://sws.geonames.org/6695072"),
        ("collection-period", "2010/2011"),
        ("update-mechanism", "http://purl.org/cld/freq/daily"),
        ("restriction", "public"),
        ("maintainer", "Jane"),
        ("keyword", "a"),
        ("keyword", "b"),
        ("homepage", "https://example.org/"),
        ("version", "2"),
        ("origin", "https://example.org/raw"),
    ]
    assert not messages(found)


def checksum(algorithm, value):
    return {"@type": "spdx:Checksum", "spdx:algorithm": algorithm, "spdx:checksumValue": value}


@pytest.mark.parametrize(
    ("algorithm", "state"),
    [
        ({"@id": "spdx:checksumAlgorithm_sha1"}, MATCH),
        ({"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha1"}, MATCH),
        ("SHA-1", MATCH),
        ("SHA256", MALFORMED),
        ("rot13", MALFORMED),
        (None, MALFORMED),
        (7, MALFORMED),
    ],
)
def test_a_checksum_in_each_spelling(crawl, algorithm, state):
    one = {
        "@id": "https://example.org/d/1",
        "@type": "dcat:Distribution",
        "dcat:downloadURL": {"@id": "https://example.org/a.csv"},
        "dcat:byteSize": {"@value": "1", "@type": "xsd:decimal"},
        "spdx:checksum": checksum(algorithm, {"@value": sha1(), "@type": "xsd:hexBinary"}),
    }
    found = crawl({"m.jsonld": document(dataset({"@id": one["@id"]}), one), "a.csv": "a"})
    assert {(path, state) for path, _, state in declared(found)} == {("a.csv", state)}
    (source,) = found.crawled.provenance.sources
    assert (source.url, source.path, source.size) == ("https://example.org/a.csv", "a.csv", 1)
    assert reading(found).declared[0].pointer == "/@graph/1/spdx:checksum/spdx:checksumValue"


def test_a_page_is_a_source_without_a_file(crawl):
    page = {"@type": "dcat:Distribution", "dcat:accessURL": {"@id": "https://example.org/page.html"}}
    found = crawl({"m.jsonld": document(dataset(page)), "page.html": "a"})
    assert [(one.url, one.path) for one in found.crawled.provenance.sources] == [
        ("https://example.org/page.html", None)
    ]
    assert not declared(found)


def test_the_licence_of_a_distribution_counts_where_the_dataset_has_none(crawl):
    one = {"dcat:downloadURL": "a.csv", "dct:license": {"@id": "https://opensource.org/licenses/MIT"}}
    found = crawl({"m.jsonld": document(dataset(one)), "a.csv": "a"})
    assert said(found) == [("license", "https://opensource.org/licenses/MIT")]
    found = crawl({"m.jsonld": document(dataset(one, **{"dct:license": "CC0-1.0"})), "a.csv": "a"})
    assert said(found) == [("license", "CC0-1.0")]


def test_schema_org(crawl):
    files = [
        {"@type": "DataDownload", "contentUrl": "https://example.org/z.zip", "sha256": sha256("b")},
        {"@type": "DataDownload", "contentUrl": "data/a.csv", "sha256": sha256(), "contentSize": "1 B"},
        {"@type": "DataDownload", "contentUrl": "data/b.csv"},
        {"@type": "DataDownload", "contentUrl": "https://example.org/c.csv", "sha256": sha256("b")},
    ]
    tree = {"data/a.csv": "a", "data/b.csv": "b", "c.csv": "a"}
    found = crawl({"dataset.jsonld": schema(*files, license="https://creativecommons.org/licenses/by/4.0/"), **tree})
    assert said(found) == [("name", "n"), ("license", "https://creativecommons.org/licenses/by/4.0/")]
    assert declared(found) == {
        ("z.zip", "SHA-256", ABSENT),
        ("data/a.csv", "SHA-256", MATCH),
        ("data/b.csv", "", NOT_DECLARED),
        ("c.csv", "SHA-256", MISMATCH),
    }


def open_data(*datasets, version="1.1"):
    return json.dumps(
        {
            "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
            "@type": "dcat:Catalog",
            "conformsTo": f"https://project-open-data.cio.gov/v{version}/schema",
            "dataset": list(datasets),
        }
    )


RECORD = {
    "@type": "dcat:Dataset",
    "title": "POD",
    "keyword": ["k"],
    "modified": "2011-11-19",
    "publisher": {"@type": "org:Organization", "name": "Department"},
    "contactPoint": {"@type": "vcard:Contact", "fn": "Jane", "hasEmail": "mailto:jane@example.org"},
    "accessLevel": "public",
    "accrualPeriodicity": "R/P1Y",
    "distribution": [
        {"@type": "dcat:Distribution", "downloadURL": "https://example.org/a.csv", "mediaType": "text/csv"}
    ],
}


def test_project_open_data(crawl):
    found = crawl({"data.json": open_data(RECORD), "a.csv": "a"})
    assert said(found) == [
        ("name", "POD"),
        ("keyword", "k"),
        ("modified-date", "2011-11-19"),
        ("supplier", "Department"),
        ("maintainer", "Jane"),
        ("classification", "public"),
        ("update-mechanism", "R/P1Y"),
    ]
    assert reading(found).version == "1.1"
    assert declared(found) == {("a.csv", "", NOT_DECLARED)}
    assert not messages(found)
    assert "not known" in messages(crawl({"data.json": open_data(RECORD, version="9"), "a.csv": "a"}))[0]


def test_a_catalogue_of_several_says_nothing_about_this_dataset(crawl):
    found = crawl({"data.json": open_data(RECORD, RECORD | {"title": "other"}), "a.csv": "a"})
    assert said(found) == []
    assert "several datasets" in messages(found)[0]
    assert {one.url for one in found.crawled.provenance.sources} == {"https://example.org/a.csv"}


def test_the_parts_of_a_dataset_are_not_datasets_beside_it(crawl):
    parts = [
        dataset(**{"@id": "p", "dct:title": "part"}),
        dataset(**{"dct:title": "whole", "dct:hasPart": {"@id": "p"}}),
    ]
    assert said(crawl({"m.jsonld": document(*parts), "a": "a"})) == [("name", "whole")]


@pytest.mark.parametrize(
    "content",
    [
        b'{"@context": "https://schema.org/", "@type": "Person", "name": "x"}',
        b'{"text": "http://www.w3.org/ns/dcat#"}',
        b'{"@context": {"dcat": "http://www.w3.org/ns/dcat#"}, "@graph": []}',
        b'{"Dataset": "https://schema.org/"}',
    ],
)
def test_what_describes_no_dataset_is_no_manifest(crawl, content):
    assert crawl({"m.json": content, "a": "a"}).readings == ()


@pytest.mark.parametrize("url", ["../a", "/a", "%2e%2e/a", "file:///a", ""])
def test_nothing_outside_of_the_dataset_is_looked_at(crawl, url):
    found = crawl({"d/m.json": schema({"contentUrl": url, "sha256": sha256()}), "a": "a", "d/b": "b"})
    assert not declared(found)
    assert messages(found)


@pytest.mark.parametrize("value", [None, 1, "x", ["x"], {}, {"@id": "lost"}, [[[]]], {"@list": [1]}])
def test_a_distribution_of_any_kind(crawl, value):
    found = crawl({"m.json": json.dumps({"@context": CONTEXT, **dataset(), "dcat:distribution": value}), "a": "a"})
    assert not any("failed" in message for message in messages(found))
